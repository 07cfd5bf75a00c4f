#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of a real PostgreSQL: dumped into restic, loaded again by a drill.

usage: backup_postgres.py HOLDFAST
"""
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

from backup_world import World, program, result
import backup_world

ODD = "o'dd \\na\"me"


def account():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


class Server:
    def __init__(self, world, tools, user):
        self.tools, self.user = tools, user
        self.dir = world.path("pg")
        os.mkdir(self.dir, 0o700)
        if os.geteuid() == 0:
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        self.call("initdb", "-D", self.dir + "/data", "-A", "trust", "-U", "postgres", "--no-sync")
        self.process = subprocess.Popen(
            [tools + "/postgres", "-D", self.dir + "/data", "-k", self.dir, "-c",
             "listen_addresses=", "-c", "fsync=off", "-p", "5999"], preexec_fn=self.become,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(600):
            if self.call("pg_isready", "-q", "-h", self.dir, "-p", "5999").returncode == 0:
                break
            time.sleep(0.1)

    def become(self):
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(*[self.user.pw_gid] * 3)
            os.setresuid(*[self.user.pw_uid] * 3)

    def call(self, name, *words, **kwargs):
        return subprocess.run([os.path.join(self.tools, name), *words], preexec_fn=self.become,
                              capture_output=True, text=True, cwd="/", check=False, timeout=300,
                              **kwargs)

    def sql(self, database, text):
        return self.call("psql", "-XAtqw", "-h", self.dir, "-p", "5999", "-U", "postgres", "-d",
                         database, "-v", "ON_ERROR_STOP=1", input=text)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def postgres_processes(world):
    """Servers that run in the scratch folder."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                if world.path("scratch").encode() in f.read():
                    found.append(path)
        except OSError:
            pass
    return found


def exercise(world, server):
    server.sql("postgres", "CREATE ROLE web; CREATE DATABASE app OWNER web;")
    server.sql("postgres", 'CREATE DATABASE "%s"' % ODD.replace('"', '""'))
    made = server.sql("app", "CREATE TABLE orders AS SELECT i, md5(i::text) t FROM "
                             "generate_series(1, 2000) i; ALTER TABLE orders OWNER TO web;"
                             "CREATE VIEW v AS SELECT count(*) FROM orders;")
    result(made.returncode == 0, "a database", made.stderr)
    code, out, err = world.make()
    result(code == 0, "init", out, err)
    code, record, err = world.json("run")
    names = [d["name"] for d in record.get("dumps", [])]
    result(code == 0 and names == ["globals", "app", ODD, "postgres"], "every database is dumped",
           code, record, err)
    result(world.scratch() == [], "nothing of them lay on the disk")
    code, record, err = world.json("drill")
    result(code == 0 and [(x["name"], x["result"]) for x in record["loads"]
                          if x["kind"] == "postgresql"] ==
           [(n, "ok") for n in ("globals", "app", ODD, "postgres")], "a drill loads them all",
           code, record, err)
    result(world.scratch() == [] and not postgres_processes(world),
           "the server of the drill is gone", world.scratch(), postgres_processes(world))
    # What can be dumped but not loaded: the view needs a function that fails on an empty table.
    server.sql("app", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
                      "CREATE TABLE one(a int CHECK (a = f())); INSERT INTO one VALUES (1);"
                      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';")
    world.json("run")
    code, record, err = world.json("drill")
    bad = [x for x in record["loads"] if x["result"] != "ok"]
    result(code == 3 and [x["name"] for x in bad] == ["app"] and "one" in bad[0]["message"],
           "a dump that cannot be loaded is found", code, record, err)
    server.sql("postgres", 'DROP DATABASE app; DROP DATABASE "%s"' % ODD.replace('"', '""'))
    world.general = [x for x in world.general if not x.startswith("postgresql")]
    world.general.append("postgresql app socket %s port 5999 user %s" % (server.dir,
                                                                       server.user.pw_name))
    world.configure()
    code, record, err = world.json("run")
    result(code == 1 and "does not exist" in record["dumps"][0]["message"] and
           record["dumps"][0]["snapshot"] == "" and record.get("snapshot"),
           "a database that is gone is told, the files are saved", code, record, err)


def main():
    tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    user = account()
    if not program("restic") or not tools or not user or os.geteuid() != 0:
        print("1..0 # SKIP needs restic, PostgreSQL and root")
        return
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    server = None
    try:
        world = World(os.path.abspath(sys.argv[1]), base)
        world.write("data/x", b"x", 0o644)
        server = Server(world, tools[-1], user)
        world.general.append("postgresql all socket %s port 5999 user %s" % (server.dir,
                                                                           user.pw_name))
        exercise(world, server)
    finally:
        if server:
            server.stop()
        shutil.rmtree(base, ignore_errors=True)
    print("1..%d" % backup_world.results)


main()
