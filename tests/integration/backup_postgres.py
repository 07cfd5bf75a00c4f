#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of a real PostgreSQL: dumped into restic, loaded again by a drill.

usage: backup_postgres.py HOLDFAST
"""
import glob
import os
import pwd
import sys

from backup_world import Database, database_test, program, servers
from tap import ok, skip_all

ODD = "o'dd \\na\"me"


def account():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


class Server(Database):
    def __init__(self, world, tools, user):
        super().__init__(world, user, "pg", 0o700)
        self.tools = tools
        self.call("initdb", "-D", self.dir + "/data", "-A", "trust", "-U", "postgres", "--no-sync")
        self.start([tools + "/postgres", "-D", self.dir + "/data", "-k", self.dir, "-c",
                    "listen_addresses=", "-c", "fsync=off", "-p", "5999"],
                   lambda: self.call("pg_isready", "-q", "-h", self.dir, "-p",
                                     "5999").returncode == 0)
        world.general.append("postgresql all socket %s port 5999 user %s" % (self.dir, user.pw_name))

    def call(self, name, *words, **kwargs):
        return super().call(os.path.join(self.tools, name), *words, **kwargs)

    def sql(self, database, text):
        return self.call("psql", "-XAtqw", "-h", self.dir, "-p", "5999", "-U", "postgres", "-d",
                         database, "-v", "ON_ERROR_STOP=1", input=text)


def exercise(world, server):
    server.sql("postgres", "CREATE ROLE web; CREATE DATABASE app OWNER web;")
    server.sql("postgres", 'CREATE DATABASE "%s"' % ODD.replace('"', '""'))
    made = server.sql("app", "CREATE TABLE orders AS SELECT i, md5(i::text) t FROM "
                             "generate_series(1, 2000) i; ALTER TABLE orders OWNER TO web;"
                             "CREATE VIEW v AS SELECT count(*) FROM orders;")
    ok(made.returncode == 0, "a database", made.stderr)
    code, out, err = world.make()
    ok(code == 0, "init", out, err)
    code, record, err = world.json("run")
    names = [d["name"] for d in record.get("dumps", [])]
    ok(code == 0 and names == ["globals", "app", ODD, "postgres"], "every database is dumped",
       code, record, err)
    ok(world.scratch() == [], "nothing of them lay on the disk")
    code, record, err = world.json("drill")
    ok(code == 0 and [(x["name"], x["result"]) for x in record["loads"]
                      if x["kind"] == "postgresql"] ==
       [(n, "ok") for n in ("globals", "app", ODD, "postgres")], "a drill loads them all",
       code, record, err)
    ok(world.scratch() == [] and not servers(world),
       "the server of the drill is gone", world.scratch(), servers(world))
    # What can be dumped but not loaded: the view needs a function that fails on an empty table.
    server.sql("app", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
                      "CREATE TABLE one(a int CHECK (a = f())); INSERT INTO one VALUES (1);"
                      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';")
    world.json("run")
    code, record, err = world.json("drill")
    bad = [x for x in record["loads"] if x["result"] != "ok"]
    ok(code == 3 and [x["name"] for x in bad] == ["app"] and "one" in bad[0]["message"],
       "a dump that cannot be loaded is found", code, record, err)
    server.sql("postgres", 'DROP DATABASE app; DROP DATABASE "%s"' % ODD.replace('"', '""'))
    world.general = [x for x in world.general if not x.startswith("postgresql")]
    world.general.append("postgresql app socket %s port 5999 user %s" % (server.dir,
                                                                       server.user.pw_name))
    world.configure()
    code, record, err = world.json("run")
    ok(code == 1 and "does not exist" in record["dumps"][0]["message"] and
       record["dumps"][0]["snapshot"] == "" and record.get("snapshot"),
       "a database that is gone is told, the files are saved", code, record, err)


def main():
    tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    user = account()
    if not program("restic") or not tools or not user or os.geteuid() != 0:
        skip_all("needs restic, PostgreSQL and root")
    return database_test(exercise, lambda world: Server(world, tools[-1], user))


sys.exit(main())
