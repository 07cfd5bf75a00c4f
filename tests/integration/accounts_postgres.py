#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `holdfast accounts` says of PostgreSQL's roles is what its server does with real clients.

usage: accounts_postgres.py HOLDFAST

A cluster of the installed PostgreSQL in a tree of its own, in namespaces without a way out. Its
files are read after the server has stopped; then it runs again, and psql tries every role from
every address.
"""
import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from accounts_database import (PASSWORD, addresses, as_user, ask, folders, main,  # noqa: E402
                               wait_for)
from tap import ok, plan  # noqa: E402

HBA = """local all all trust
host all locked 0.0.0.0/0 reject
host all open 10.0.0.0/8 trust
host all app,report 203.0.113.0/24 scram-sha-256
hostssl all reader 0.0.0.0/0 scram-sha-256
host all boss 0.0.0.0/0 scram-sha-256
host all nopass 0.0.0.0/0 scram-sha-256
host all all 127.0.0.1/32 trust
"""
ROLES = """CREATE ROLE app LOGIN PASSWORD '%(p)s';
CREATE ROLE report LOGIN;
CREATE ROLE reader LOGIN PASSWORD '%(p)s';
CREATE ROLE boss LOGIN SUPERUSER PASSWORD '%(p)s';
CREATE ROLE nopass LOGIN;
CREATE ROLE locked LOGIN PASSWORD '%(p)s';
CREATE ROLE open LOGIN;
CREATE ROLE staff PASSWORD '%(p)s';
CREATE ROLE gone LOGIN;
DROP ROLE gone;
ALTER ROLE app CONNECTION LIMIT 5;
VACUUM FULL pg_authid;
""" % {"p": PASSWORD}
ADDRESSES = {"203.0.113.1": "203.0.113.0/24", "10.0.0.1": "10.0.0.0/8", "198.51.100.9": "internet"}
NAMES = ("app", "report", "reader", "boss", "nopass", "locked", "open", "staff")


class Cluster:
    def __init__(self, programs, top):
        self.programs, self.root = programs, os.path.join(top, "root")
        self.data = os.path.join(self.root, "var/lib/postgresql/15/main")
        self.sockets = os.path.join(top, "sockets")
        self.server = None

    def run(self, *argv, **kwargs):
        return subprocess.run([os.path.join(self.programs, argv[0])] + list(argv[1:]), text=True,
                              capture_output=True, preexec_fn=as_user, check=False, cwd="/", **kwargs)

    def build(self):
        addresses()
        folders(self.data, self.sockets)
        made = self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync",
                        "--no-locale", "-E", "UTF8")
        if made.returncode:
            raise RuntimeError("initdb: " + made.stderr)
        etc = os.path.join(self.root, "etc/postgresql/15/main")
        os.makedirs(etc)
        shutil.copy(os.path.join(self.data, "postgresql.conf"), etc)
        for folder in (etc, self.data):
            with open(os.path.join(folder, "pg_hba.conf"), "w", encoding="ascii") as f:
                f.write(HBA)

    def start(self):
        self.server = subprocess.Popen(
            [os.path.join(self.programs, "postgres"), "-D", self.data, "-k", self.sockets, "-h", "*",
             "-c", "fsync=off"], preexec_fn=as_user, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/")
        wait_for(lambda: self.psql("postgres", self.sockets, "SELECT 1").returncode, self.server)

    def psql(self, role, host, sql):
        return self.run("psql", "-X", "-w", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", role, "-d",
                        "postgres", "-At", "-c", sql,
                        env={"PGPASSWORD": PASSWORD, "PGCONNECT_TIMEOUT": "20", "HOME": "/"})

    def stop(self):
        if self.server:
            self.server.send_signal(2)
            self.server.wait()
        self.server = None


def expected(account, place):
    """Whether the report lets the role in from there: by the rule that is for it, else for all."""
    if not account:
        return False
    means = [l["means"] for l in account["logins"] if place in l["places"]]
    means = means or [l["means"] for l in account["logins"] if l["places"] == ["internet"]]
    return any(m in (["password"], ["nothing"]) for m in means)


def inside(holdfast, top, programs):
    cluster = Cluster(programs, top)
    try:
        cluster.build()
        cluster.start()
        for line in ROLES.splitlines():
            made = cluster.psql("postgres", cluster.sockets, line)
            if made.returncode:
                raise RuntimeError(made.stderr)
        cluster.stop()
        said = ask(holdfast, cluster.root)
        ok("boss" in said and said["boss"]["superuser"],
           "a superuser is told", said)
        ok(said.get("app", {}).get("password") == "scram-sha-256",
           "the kind of a password", said)
        ok(not any(n in ("gone", "staff", "report", "nopass") for n in said),
           "dropped roles, those without LOGIN or without a password are not listed", list(said))
        cluster.start()
        for address, place in ADDRESSES.items():
            for role in NAMES:
                if role == "reader":  # asks for TLS, which this server does not offer
                    continue
                got = cluster.psql(role, address, "SELECT 1")
                want = expected(said.get(role), place)
                ok((got.returncode == 0) == want, "%s from %s" % (role, address),
                   "said %s, was %s" % (want, got.returncode == 0), got.stderr)
    finally:
        cluster.stop()
    return plan()


def find():
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return programs[-1] if programs and os.path.exists(programs[-1] + "/initdb") else None


if __name__ == "__main__":
    sys.exit(main(__file__, inside, "PostgreSQL", find))
