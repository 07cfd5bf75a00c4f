#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fix on a running machine without systemd: the sshd that runs is told, or it is said that it was
not; calls of Azure come back unless they are confirmed; secrets and JIT stand in the same journal.

usage: fix_live.py HOLDFAST [AZURE-FIXTURES]

In namespaces of its own, with a copy of /etc and an empty /var/lib: sshd listens there on 127.0.0.1."""
import json
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import alone, ok, wait_for  # noqa: E402

ENGINE = """#!/bin/sh
echo "$*" >>{log}
"""


CHECK = """-- id: %(id)s
-- title: %(id)s
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- fix: Put it right.
-- why: It is a test.
-- action: sshd %(keyword)s %(value)s
SELECT 'sshd' AS resource, value = '%(value)s' AS healthy, '' AS evidence
  FROM sshd_config WHERE keyword = lower('%(keyword)s') AND match_block = ''
"""


class World:
    def __init__(self, holdfast, fixtures, top):
        self.holdfast, self.fixtures, self.top = holdfast, fixtures, top
        self.own = subprocess.Popen(["sleep", "1000"])  # keeps a process that is no sshd about
        os.mkdir(self.path("checks"))
        for words in (("keys-only", "PasswordAuthentication", "no"), ("few-tries", "MaxAuthTries", "3")):
            self.write("checks/%s.sql" % words[0], CHECK % dict(zip(("id", "keyword", "value"), words)))
        self.mounts()

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def mounts(self):
        subprocess.run(["cp", "-a", "/etc", self.path("etc")], check=True)
        for folder in "dpkg", "usr-local-bin":
            os.mkdir(self.path(folder))
        commands = [["mount", "--bind", self.path("etc"), "/etc"],
                    ["mount", "-t", "tmpfs", "none", "/run"],
                    ["mount", "--bind", "/var/lib/dpkg", self.path("dpkg")],
                    ["mount", "-t", "tmpfs", "none", "/var/lib"],
                    ["mount", "--bind", self.path("usr-local-bin"), "/usr/local/bin"],
                    ["ip", "link", "set", "lo", "up"]]
        for command in commands:
            subprocess.run(command, check=True)
        os.mkdir("/var/lib/dpkg", 0o755)
        subprocess.run(["mount", "--bind", "-o", "ro", self.path("dpkg"), "/var/lib/dpkg"], check=True)
        os.mkdir("/run/sshd", 0o755)
        subprocess.run(["ssh-keygen", "-A"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("mine")], check=True)
        with open("/etc/shadow", encoding="utf-8") as f:
            lines = ["root:*:19000:0:99999:7:::" if line.startswith("root:") else line.rstrip("\n")
                     for line in f]
        self.write("etc/shadow", "\n".join(lines) + "\n", 0o640)

    def configure(self, name="/etc/ssh/sshd_config"):
        for left in os.listdir("/etc/ssh/sshd_config.d") if os.path.isdir("/etc/ssh/sshd_config.d") else []:
            os.unlink("/etc/ssh/sshd_config.d/" + left)
        os.makedirs("/etc/ssh/sshd_config.d", exist_ok=True)
        with open(self.path("mine.pub"), encoding="utf-8") as f:
            self.write("allowed", f.read())
        with open(name, "w", encoding="utf-8") as f:
            f.write("Include /etc/ssh/sshd_config.d/*.conf\nListenAddress 127.0.0.1\nUsePAM no\n"
                    "StrictModes no\nPermitRootLogin yes\nPasswordAuthentication yes\n"
                    "KbdInteractiveAuthentication no\nPidFile none\nAuthorizedKeysFile %s\n"
                    % self.path("allowed"))

    def sshd(self, *options):
        server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-E", self.path("sshd.log"), *options])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", 22), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        return server

    def ssh(self, *words):
        return ["ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                "-i", self.path("mine"), *words]

    def methods(self):
        """What sshd offers: of the process that listens, not of files."""
        for _ in range(100):
            done = subprocess.run(self.ssh("-v", "-o", "PreferredAuthentications=none", "-o", "BatchMode=yes",
                                           "root@127.0.0.1", "true"), capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=False, timeout=60)
            for line in done.stderr.splitlines():
                if "Authentications that can continue: " in line:
                    return line.split(": ")[-1].strip().split(",")
            time.sleep(0.1)
        return done.stderr

    def run(self, *words, **more):
        return subprocess.run([self.holdfast, *words], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=600, **more)

    def fix(self, *words):
        return self.run("fix", *words, "--yes", "--quick", "--checks", self.path("checks"))

    def changes(self):
        return json.loads(self.run("changes", "-f", "json").stdout or "[]")


def said(done):
    return done.stdout + done.stderr


def told(w):
    """The sshd that runs reads what was written; who is logged in stays."""
    w.configure()
    server = w.sshd()
    session = subprocess.Popen(w.ssh("root@127.0.0.1", "cat"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    session.stdin.write("one\n")
    session.stdin.flush()
    ok(session.stdout.readline() == "one\n", "somebody is logged in")
    ok("password" in w.methods(), "sshd takes passwords", w.methods())
    done = w.fix("keys-only", "--confirm-within", "never")
    ok(done.returncode == 0 and "keys-only: fixed" in done.stdout, "fix says fixed", said(done))
    ok(w.methods() == ["publickey"], "and the sshd that runs takes keys alone", w.methods())
    session.stdin.write("two\n")
    session.stdin.flush()
    ok(session.stdout.readline() == "two\n", "who was logged in still is")
    done = w.run("undo")
    ok(done.returncode == 0 and "password" in w.methods(), "undo tells it, too", said(done), w.methods())
    session.stdin.close()
    session.wait()
    server.terminate()
    server.wait()
    done = w.fix("few-tries", "--confirm-within", "never")
    ok(done.returncode == 0 and "few-tries: fixed" in done.stdout, "where no sshd runs there is none to tell",
       said(done))
    w.run("undo", "--all")


def not_told(w):
    """One that reads another file goes on as it was, and nobody calls that fixed."""
    w.configure()
    w.configure(w.path("other_config"))
    server = w.sshd("-f", w.path("other_config"))
    done = w.fix("keys-only", "--confirm-within", "never")
    ok(done.returncode == 1 and "keys-only: written, but what runs has not read it" in done.stdout and
       "(-f)" in done.stdout, "an sshd with a file of its own is not called fixed", said(done))
    ok("fixed" not in done.stdout.replace("can be fixed", ""), "in no word", said(done))
    done = w.run("undo")
    ok("what runs has not read them" in done.stderr, "nor undone in what runs", said(done))
    server.terminate()
    server.wait()


def broken(w):
    """A configuration that sshd would not start with is not given to the one that runs."""
    w.configure()
    server = w.sshd()
    w.write("etc/ssh/sshd_config.d/50-late.conf", "Nonsense yes\n")
    done = w.fix("keys-only", "--confirm-within", "never")
    ok(done.returncode == 3 and "keys-only: failed" in done.stdout and "50-late.conf" in done.stderr,
       "somebody has broken the configuration: that is no success", said(done))
    ok(not os.path.exists("/etc/ssh/sshd_config.d/00-holdfast.conf"), "the change is taken back", w.changes())
    ok(server.poll() is None and "password" in w.methods(), "and sshd goes on with what it had", w.methods())
    server.terminate()
    server.wait()


def calls(w):
    try:
        with open(w.path("az.log"), encoding="utf-8") as f:
            return f.read().splitlines()
    except OSError:
        return []


def azure(w):
    """A rule of a network security group is changed, and comes back when nobody confirms it."""
    w.write("usr-local-bin/az", ENGINE.format(log=w.path("az.log")), 0o755)
    done = w.run("fix", "az-mgmt-ports", "--azure", w.fixtures, "--quick", "--yes", "--confirm-within", "5s")
    first = calls(w)
    ok(done.returncode == 1 and len(first) >= 1 and first[0].startswith("network nsg rule "),
       "a rule that lets everybody in is changed", said(done), first)
    ok("holdfast confirm" in done.stdout and w.changes()[-1]["risky"], "what it says of confirming", said(done))
    ok(wait_for(lambda: len(calls(w)) == 2 * len(first)), "nobody confirms: az is called again", calls(w))
    ok(wait_for(lambda: w.changes()[-1]["state"] == "undone") and w.changes()[-1]["why"] == "timeout",
       "and the journal says so", w.changes())
    ok(all(c.startswith("network nsg rule ") for c in calls(w)[len(first):]), "by calls of its own", calls(w))


def inside(holdfast, fixtures, top):
    w = World(holdfast, fixtures, top)
    try:
        for part in told, not_told, broken:
            part(w)
        if fixtures:
            azure(w)
    finally:
        w.own.terminate()
        w.own.wait()


def build_fixture(name, fixtures, top):
    """The exports of a fixture of the checks."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "checks")
    sys.path.insert(0, here)
    import run  # pylint: disable=import-outside-toplevel
    folder = os.path.join(top, "fixture")
    os.mkdir(folder)
    problem = run.build(name, fixtures, folder, "")
    if problem:
        raise RuntimeError(problem)
    return os.path.join(folder, "azure")


def arguments(top):
    holdfast, *fixtures = map(os.path.abspath, sys.argv[1:])
    return holdfast, build_fixture("az-mgmt-ports", fixtures[0], top) if fixtures else ""


sys.exit(alone(__file__, inside, 1500, ["ssh", "sshd", "ssh-keygen", "ip"], arguments))
