#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of a real MariaDB: dumped into restic, loaded again by a drill.

usage: backup_mysql.py HOLDFAST
"""
import os
import pwd
import subprocess
import sys

from backup_world import Database, database_test, program, servers
from tap import ok, skip, skip_all

ODD = "o'dd `na me"
FILL = """CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE orders(i INT PRIMARY KEY, b BLOB, t VARCHAR(90));
INSERT INTO orders SELECT seq, UNHEX(SHA2(seq, 256)), CONCAT('ü ', seq) FROM seq_1_to_2000;
CREATE TABLE log(n INT);
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.i);
CREATE VIEW few AS SELECT i FROM orders WHERE i < 10;
CREATE PROCEDURE p() SELECT COUNT(*) FROM orders;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM log;
CREATE USER blind@localhost IDENTIFIED BY 'pass word';
CREATE USER saver@localhost IDENTIFIED BY 'pass word';
GRANT SELECT, SHOW VIEW, EVENT, TRIGGER, LOCK TABLES ON *.* TO saver@localhost;
"""


class Server(Database):
    def __init__(self, world, user):
        super().__init__(world, user, "my", 0o711)
        made = self.call("mariadb-install-db", "--no-defaults", "--skip-test-db",
                         "--auth-root-authentication-method=normal", "--datadir=" + self.dir + "/data")
        if made.returncode:
            raise RuntimeError(made.stdout + made.stderr)
        self.socket = self.dir + "/s"
        self.start([program("mariadbd"), "--no-defaults", "--datadir=" + self.dir + "/data",
                    "--socket=" + self.socket, "--skip-networking",
                    "--innodb-flush-log-at-trx-commit=0"],
                   lambda: self.sql("SELECT 1").returncode == 0)

    def sql(self, text):
        return self.call("mariadb", "--no-defaults", "-u", "root", "-N", "--socket=" + self.socket,
                         input=text)


def exercise(world, server):
    filled = server.sql(FILL)
    ok(filled.returncode == 0, "a database", filled.stderr)
    for name in (ODD, "--version"):
        server.sql("CREATE DATABASE `%s`; CREATE TABLE `%s`.t AS SELECT 1 AS a" % (
            (name.replace("`", "``"),) * 2))
    world.write("my.cnf", '[client]\nuser = saver\npassword = "pass word"\n')
    world.general.append("mysql all socket %s defaults %s" % (server.socket, world.path("my.cnf")))
    code, out, err = world.make()
    ok(code == 0, "init", out, err)
    code, record, err = world.json("run")
    names = [d["name"] for d in record.get("dumps", [])]
    ok(code == 0 and sorted(names) == sorted(["mysql", "shop", ODD, "--version"]),
       "every database is dumped", code, record, err)
    ok(world.scratch() == [], "nothing of them lay on the disk")
    shop = [d for d in record["dumps"] if d["name"] == "shop"][0]
    text = world.by_hand("dump", shop["snapshot"], shop["path"]).stdout
    ok(all(x in text for x in (b"TRIGGER", b"PROCEDURE", b"EVENT", b"VIEW")) and
       len(text) == shop["bytes"], "with triggers, procedures, events and views")
    code, record, err = world.json("drill")
    ok(code == 0 and sorted((x["name"], x["result"], x["message"]) for x in record["loads"]
                            if x["kind"] == "mysql") ==
       sorted((n, "ok", "") for n in names), "a drill loads them all", code, record, err)
    ok(world.scratch() == [] and not servers(world), "the server of the drill is gone",
       world.scratch(), servers(world))
    script = ("mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp && mount --bind \"$1\" \"$1\" && "
              "mount -o remount,rw,bind \"$1\" && shift && ! touch /tmp/x 2>/dev/null && exec \"$@\"")
    words = ["unshare", "-m", "sh", "-c", script, "sh", world.top]
    if subprocess.run(words + ["true"], capture_output=True, check=False).returncode:
        skip("with a /tmp that is read-only", "no mount namespace here")
    else:
        done = subprocess.run(words + world.argv("drill"), capture_output=True, text=True, check=False)
        ok(done.returncode == 0, "with a /tmp that is read-only, as the timer has it", done.stdout,
           done.stderr)
    # What can be dumped but not loaded: rows that were there before they were forbidden.
    server.sql("CREATE TABLE shop.one(a INT CHECK (a < 5)); SET check_constraint_checks = 0;"
               "INSERT INTO shop.one VALUES (9)")
    world.json("run")
    code, record, err = world.json("drill")
    bad = [x for x in record["loads"] if x["result"] != "ok"]
    ok(code == 3 and [x["name"] for x in bad] == ["shop"] and "CONSTRAINT" in bad[0]["message"],
       "a dump that cannot be loaded is found", code, record, err)
    server.sql("DROP TABLE shop.one; CREATE VIEW shop.broken AS SELECT * FROM shop.log;"
               "DROP TABLE shop.log")
    code, record, err = world.json("run")
    bad = [x for x in record["dumps"] if x["result"] != "ok"]
    ok(code == 1 and [x["name"] for x in bad] == ["shop"] and bad[0]["snapshot"] == "" and
       "broken" in bad[0]["message"] and record.get("snapshot"),
       "half a dump is none, the rest is saved", code, record, err)
    world.write("my.cnf", '[client]\nuser = blind\npassword = "pass word"\n')
    code, record, err = world.json("run")
    ok(code == 1 and "sees no database" in record["dumps"][0]["message"],
       "an account that sees nothing is told", code, record, err)
    world.write("my.cnf", "[client]\nuser = saver\npassword = wrong\n")
    code, record, err = world.json("run")
    ok(code == 1 and "Access denied" in record["dumps"][0]["message"] and record.get("snapshot"),
       "a wrong password is told, the files are saved", code, record, err)


def account():
    try:
        return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    except KeyError:
        return None


def main():
    tools = ("restic", "mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump")
    missing = [t for t in tools if not program(t)]
    user = account()
    if missing or not user:
        skip_all("needs " + ", ".join(missing or ["an account for the server"]))
    return database_test(exercise, lambda world: Server(world, user))


sys.exit(main())
