#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `holdfast accounts` says of MariaDB's accounts is what its server does with real clients.

usage: accounts_mysql.py HOLDFAST

A server of the installed MariaDB in a tree of its own, in namespaces without a way out. Its files
are read after the server has stopped; then it runs again, and a client tries every account from
every address.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

PASSWORD = "correct horse"
USER = 65534
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
results = 0


def result(good, name, *details):
    global results
    results += 1
    print("%sok %d - %s" % ("" if good else "not ", results, name))
    for line in [] if good else details:
        print("# " + str(line).replace("\n", "\n# "))
    sys.stdout.flush()


def as_user():
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


class Server:
    def __init__(self, base, top):
        self.base, self.root = base, os.path.join(top, "root")
        self.data = os.path.join(self.root, "var/lib/mysql")
        self.socket = os.path.join(top, "run", "s")
        self.process = None

    def build(self, top):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for net in ("203.0.113.0/24", "10.0.0.0/8", "198.51.100.0/24"):
            subprocess.run(["ip", "route", "add", "local", net, "dev", "lo"], check=True)
        for folder in (self.data, os.path.join(top, "run")):
            os.makedirs(folder)
            os.chown(folder, USER, USER)
        made = subprocess.run(
            [os.path.join(self.base, "bin/mariadb-install-db"), "--no-defaults", "--user=nobody",
             "--basedir=" + self.base, "--datadir=" + self.data, "--skip-test-db",
             "--auth-root-authentication-method=socket"], capture_output=True, text=True, check=False)
        if made.returncode:
            raise RuntimeError("mariadb-install-db: " + made.stdout + made.stderr)
        os.makedirs(os.path.join(self.root, "etc/mysql"))
        with open(os.path.join(self.root, "etc/mysql/my.cnf"), "w", encoding="ascii") as f:
            f.write("[mysqld]\nbind-address = 0.0.0.0\n")

    def start(self):
        self.process = subprocess.Popen(
            [os.path.join(self.base, "sbin/mariadbd"), "--no-defaults", "--basedir=" + self.base,
             "--lc-messages-dir=" + os.path.join(self.base, "share/mysql"), "--datadir=" + self.data,
             "--socket=" + self.socket, "--skip-name-resolve", "--innodb-buffer-pool-size=16M",
             "--innodb-flush-log-at-trx-commit=0"], preexec_fn=as_user,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(600):
            if self.sql("root", ["-S", self.socket], "SELECT 1").returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("the server does not start")

    def sql(self, user, where, text, password=""):
        return subprocess.run(
            [os.path.join(self.base, "bin/mariadb"), "--no-defaults", "-u", user, "-N", "-e", text,
             "--skip-ssl"] + where, env={**os.environ, "MYSQL_PWD": password, "HOME": "/"},
            capture_output=True, text=True, check=False)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.process = None


def ask(holdfast, root):
    run = subprocess.run([holdfast, "accounts", "--no-state", "-f", "json", "--root", root],
                         capture_output=True, text=True, check=True)
    return {a["name"].replace(" (mysql)", ""): a for a in json.loads(run.stdout)["accounts"]
            if a["kind"] == "database"}


def expected(account, patterns):
    """The means that the report has for an address."""
    means = set()
    for login in account["logins"] if account else []:
        if "internet" in login["places"] or any(p in patterns for p in login["places"]):
            means.update(login["means"])
    return means


def told(said):
    result(said.get("boss", {}).get("superuser") and not said.get("keeper", {}).get("superuser"),
           "who has SUPER is a superuser", said)
    result(said.get("app", {}).get("password") == "mysql_native_password", "the kind of a password",
           said.get("app"))
    result(said.get("open", {}).get("password") == "empty", "an empty password", said.get("open"))
    result(said.get("cert", {}).get("logins", [{}])[0].get("means") == ["certificate"],
           "an account that asks for a certificate", said.get("cert"))
    listed = set(NAMES) & set(said)
    want = {"app", "ten", "net", "boss", "keeper", "open", "either", "moved", "opened"}
    result(listed == want, "locked, local, dropped accounts and roles are not listed",
           sorted(listed ^ want))


def damaged(holdfast, server):
    path = os.path.join(server.data, "mysql/global_priv.MAD")
    with open(path, "r+b") as f:
        f.seek(8192 + 8192 - 8)
        f.write(b"\xff\xff\xff\xff")
    run = subprocess.run([holdfast, "accounts", "--no-state", "-f", "json", "--root", server.root],
                         capture_output=True, text=True, check=False)
    missing = json.loads(run.stdout)["missing"]
    result(any("database_logins" in m and "global_priv" in m for m in missing),
           "a damaged file is told", missing)


def inside(holdfast, top, base):
    server = Server(base, top)
    try:
        server.build(top)
        server.start()
        for line in CREATE.splitlines():
            made = server.sql("root", ["-S", server.socket], line)
            if made.returncode:
                raise RuntimeError(line + ": " + made.stderr)
        server.stop()
        said = ask(holdfast, server.root)
        told(said)
        server.start()
        for address, patterns in ADDRESSES.items():
            for name in NAMES:
                means = expected(said.get(name), patterns)
                where = ["-h", address, "-P", "3306", "--protocol=tcp"]
                for mean, password in (("password", PASSWORD), ("nothing", "")):
                    got = server.sql(name, where, "SELECT 1", password)
                    result((got.returncode == 0) == (mean in means),
                           "%s from %s with %s" % (name, address, mean), sorted(means), got.stderr)
        server.stop()
        damaged(holdfast, server)
    finally:
        server.stop()
    print("1..%d" % results)
    return 0


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        return inside(*sys.argv[2:5])
    install = shutil.which("mariadb-install-db")
    base = os.path.dirname(os.path.dirname(install)) if install else ""
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root for namespaces of its own")
    elif not install or not os.path.exists(os.path.join(base, "sbin/mariadbd")):
        print("1..0 # SKIP needs MariaDB's server")
    elif subprocess.run(unshare + ["true"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP this kernel allows no namespaces")
    else:
        with tempfile.TemporaryDirectory(prefix="holdfast-mysql-") as top:
            os.chmod(top, 0o755)
            argv = unshare + [sys.executable, os.path.abspath(__file__), "--inside",
                              os.path.abspath(sys.argv[1]), top, base]
            return subprocess.run(argv, timeout=500, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
