#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `holdfast accounts` says of MariaDB's and MySQL's accounts is what their servers do with
real clients.

usage: accounts_mysql.py HOLDFAST [mysql8]

A server of the installed MariaDB in a tree of its own, in namespaces without a way out; mysql8: of
the MySQL 8 that is unpacked in MYSQL8 (default /var/tmp/holdfast-bench/mysql8: no suite of Debian
has it). Its files are read after the server has stopped; then it runs again, and a client tries
every account from every address.
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from accounts_database import (PASSWORD, addresses, as_user, ask, folders, main,  # noqa: E402
                               report, wait_for)
from tap import ok, plan  # noqa: E402

MYSQL8 = os.environ.get("MYSQL8", "/var/tmp/holdfast-bench/mysql8")
CREATE = """CREATE USER app@'%%' IDENTIFIED BY '%(p)s';
CREATE USER ten@'10.%%' IDENTIFIED BY '%(p)s';
CREATE USER net@'203.0.113.0/255.255.255.0' IDENTIFIED BY '%(p)s';
CREATE USER here@'localhost' IDENTIFIED BY '%(p)s';
CREATE USER boss@'%%' IDENTIFIED BY '%(p)s';
GRANT ALL ON *.* TO boss@'%%' WITH GRANT OPTION;
CREATE USER keeper@'%%' IDENTIFIED BY '%(p)s';
GRANT SELECT, FILE ON *.* TO keeper@'%%';
CREATE USER locked@'%%' IDENTIFIED BY '%(p)s' ACCOUNT LOCK;
CREATE USER open@'%%';
CREATE USER socket@'%%' IDENTIFIED VIA unix_socket;
CREATE USER either@'%%' IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('%(p)s');
CREATE USER never@'%%' IDENTIFIED VIA mysql_native_password USING 'invalid';
CREATE USER cert@'%%' IDENTIFIED BY '%(p)s' REQUIRE X509;
CREATE USER gone@'%%' IDENTIFIED BY '%(p)s';
DROP USER gone@'%%';
CREATE ROLE staff;
CREATE USER moved@'10.%%' IDENTIFIED BY '%(p)s';
RENAME USER moved@'10.%%' TO moved@'203.0.113.%%';
CREATE USER opened@'%%' IDENTIFIED BY '%(p)s' ACCOUNT LOCK;
ALTER USER opened@'%%' ACCOUNT UNLOCK;
""" % {"p": PASSWORD}
NAMES = ("app", "ten", "net", "here", "boss", "keeper", "locked", "open", "socket", "either", "never",
         "gone", "staff", "moved", "opened", "root")
# Which patterns hold an address, beside that for everybody.
ADDRESSES = {"203.0.113.1": ("203.0.113.0/255.255.255.0", "203.0.113.%"), "10.0.0.1": ("10.%",),
             "198.51.100.9": ()}
CREATE8 = """CREATE USER app@'%%' IDENTIFIED BY '%(p)s';
CREATE USER ten@'10.%%' IDENTIFIED WITH mysql_native_password BY '%(p)s';
CREATE USER net@'203.0.113.0/255.255.255.0' IDENTIFIED WITH sha256_password BY '%(p)s';
CREATE USER here@'localhost' IDENTIFIED BY '%(p)s';
CREATE USER boss@'%%' IDENTIFIED BY '%(p)s';
GRANT ALL ON *.* TO boss@'%%' WITH GRANT OPTION;
CREATE USER keeper@'%%' IDENTIFIED BY '%(p)s' ATTRIBUTE '{"of": "files"}';
GRANT SELECT, FILE ON *.* TO keeper@'%%';
CREATE USER locked@'%%' IDENTIFIED BY '%(p)s' ACCOUNT LOCK;
CREATE USER open@'%%' IDENTIFIED BY '';
CREATE USER cert@'%%' IDENTIFIED BY '%(p)s' REQUIRE X509;
CREATE USER gone@'%%' IDENTIFIED BY '%(p)s';
DROP USER gone@'%%';
CREATE ROLE staff;
CREATE USER moved@'10.%%' IDENTIFIED BY '%(p)s';
RENAME USER moved@'10.%%' TO moved@'203.0.113.%%';
CREATE USER opened@'%%' IDENTIFIED BY '%(p)s' ACCOUNT LOCK;
ALTER USER opened@'%%' ACCOUNT UNLOCK;
""" % {"p": PASSWORD}


class Server:
    create, password, file = CREATE, "mysql_native_password", "mysql/global_priv.MAD"
    listed = {"app", "ten", "net", "boss", "keeper", "open", "either", "moved", "opened"}
    client, options = "bin/mariadb", ["--skip-ssl"]

    def __init__(self, base, top):
        self.base, self.root = base, os.path.join(top, "root")
        self.data = os.path.join(self.root, "var/lib/mysql")
        self.socket = os.path.join(top, "run", "s")
        self.process = None

    def build(self, top):
        addresses()
        folders(self.data, os.path.join(top, "run"))
        made = self.install()
        if made.returncode:
            raise RuntimeError("the files of the server cannot be made: " + made.stdout + made.stderr)
        os.makedirs(os.path.join(self.root, "etc/mysql"))
        with open(os.path.join(self.root, "etc/mysql/my.cnf"), "w", encoding="ascii") as f:
            f.write("[mysqld]\nbind-address = 0.0.0.0\n")

    def install(self):
        return subprocess.run(
            [os.path.join(self.base, "bin/mariadb-install-db"), "--no-defaults", "--user=nobody",
             "--basedir=" + self.base, "--datadir=" + self.data, "--skip-test-db",
             "--auth-root-authentication-method=socket"], capture_output=True, text=True, check=False)

    def program(self):
        return [os.path.join(self.base, "sbin/mariadbd"), "--no-defaults",
                "--lc-messages-dir=" + os.path.join(self.base, "share/mysql")]

    def start(self):
        self.process = subprocess.Popen(
            [*self.program(), "--basedir=" + self.base, "--datadir=" + self.data,
             "--socket=" + self.socket, "--skip-name-resolve", "--innodb-buffer-pool-size=16M",
             "--innodb-flush-log-at-trx-commit=0"], preexec_fn=as_user,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        wait_for(lambda: self.sql("root", ["-S", self.socket], "SELECT 1").returncode, self.process)

    def sql(self, user, where, text, password=""):
        return subprocess.run(
            [os.path.join(self.base, self.client), "--no-defaults", "-u", user, "-N", "-e", text,
             *self.options] + where, env={**os.environ, "MYSQL_PWD": password, "HOME": "/"},
            capture_output=True, text=True, check=False)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.process = None


class MySQL8(Server):
    create, password, file = CREATE8, "caching_sha2_password", "mysql.ibd"
    listed = {"app", "ten", "net", "boss", "keeper", "open", "moved", "opened"}
    client, options = "bin/mysql", []

    def install(self):
        return subprocess.run([*self.program(), "--initialize-insecure", "--basedir=" + self.base,
                               "--datadir=" + self.data], preexec_fn=as_user, capture_output=True,
                              text=True, check=False, cwd="/")

    def program(self):
        return [os.path.join(self.base, "bin/mysqld"), "--no-defaults", "--mysqlx=OFF",
                "--pid-file=" + self.socket + ".pid"]


def expected(account, patterns):
    """The means that the report has for an address."""
    means = set()
    for login in account["logins"] if account else []:
        if "internet" in login["places"] or any(p in patterns for p in login["places"]):
            means.update(login["means"])
    return means


def told(server, said):
    ok(said.get("boss", {}).get("superuser") and not said.get("keeper", {}).get("superuser"),
       "who has SUPER is a superuser", said)
    ok(said.get("app", {}).get("password") == server.password, "the kind of a password",
       said.get("app"))
    ok(said.get("open", {}).get("password") == "empty", "an empty password", said.get("open"))
    ok(said.get("cert", {}).get("logins", [{}])[0].get("means") == ["certificate"],
       "an account that asks for a certificate", said.get("cert"))
    listed = set(NAMES) & set(said)
    ok(listed == server.listed, "locked, local, dropped accounts and roles are not listed",
       sorted(listed ^ server.listed))


def damaged(holdfast, server):
    path = os.path.join(server.data, server.file)
    with open(path, "r+b") as f:
        if server.file.endswith(".ibd"):
            f.truncate(5 * 16384)
        else:
            f.seek(8192 + 8192 - 8)
            f.write(b"\xff\xff\xff\xff")
    said = report(holdfast, server.root)
    ok(any("database_logins" in m and os.path.basename(path) in m for m in said["missing"]),
       "a damaged file is told", said["missing"])


def inside(holdfast, top, base):
    server = (MySQL8 if os.path.exists(base + "/bin/mysqld") else Server)(base, top)
    try:
        server.build(top)
        server.start()
        for line in server.create.splitlines():
            made = server.sql("root", ["-S", server.socket], line)
            if made.returncode:
                raise RuntimeError(line + ": " + made.stderr)
        server.stop()
        said = ask(holdfast, server.root)
        told(server, said)
        server.start()
        for address, patterns in ADDRESSES.items():
            for name in NAMES:
                means = expected(said.get(name), patterns)
                where = ["-h", address, "-P", "3306", "--protocol=tcp"]
                for mean, password in (("password", PASSWORD), ("nothing", "")):
                    got = server.sql(name, where, "SELECT 1", password)
                    ok((got.returncode == 0) == (mean in means),
                       "%s from %s with %s" % (name, address, mean), sorted(means), got.stderr)
        server.stop()
        damaged(holdfast, server)
    finally:
        server.stop()
    return plan()


def find_mysql8():
    return MYSQL8 if os.path.exists(MYSQL8 + "/bin/mysqld") else None


def find_mariadb():
    install = shutil.which("mariadb-install-db")
    base = os.path.dirname(os.path.dirname(install)) if install else ""
    return base if install and os.path.exists(os.path.join(base, "sbin/mariadbd")) else None


if __name__ == "__main__":
    if sys.argv[2:] == ["mysql8"]:
        sys.exit(main(__file__, inside, "a server of MySQL 8 in " + MYSQL8, find_mysql8))
    sys.exit(main(__file__, inside, "MariaDB's server", find_mariadb))
