#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fix changed comes back unless a new login confirms it: real logins by a real sshd.

usage: fix_confirm.py HOLDFAST

In namespaces of its own: sshd listens on 127.0.0.1 there. What is changed is a small tree."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "checks")]
from local_sshd import PROGRAMS, LocalSshd  # noqa: E402
from picture import picture  # noqa: E402
from tap import alone, ok, wait_for  # noqa: E402

WITHIN = 5

CHECK = """-- id: keys-only
-- title: Keys only
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- fix: Put it right.
-- why: It is a test.
-- action: sshd PasswordAuthentication no
SELECT 'sshd' AS resource, value = 'no' AS healthy, '' AS evidence
  FROM sshd_config WHERE keyword = 'passwordauthentication' AND match_block = ''
"""


class World(LocalSshd):
    def __init__(self, holdfast, top):
        super().__init__(top, "host")
        self.holdfast, self.tree = holdfast, os.path.join(top, "tree")
        self.changes = os.path.join(self.tree, "var/lib/holdfast/changes")
        self.write("checks/keys-only.sql", CHECK)
        self.write("known", "[127.0.0.1]:2222 " + self.read("host.pub"))

    def ssh(self, *options):
        return ["ssh", "-F", "none", "-p", "2222", "-i", self.path("mine"), "-o", "BatchMode=yes",
                "-o", "UserKnownHostsFile=" + self.path("known"), *options, "root@127.0.0.1"]

    def login(self, command):
        return subprocess.run(self.ssh() + [command], capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)

    def fix(self, within=WITHIN):
        return "%s fix keys-only --yes --quick --root %s --checks %s --confirm-within %ds" % (
            self.holdfast, self.tree, self.path("checks"), within)

    def confirm(self):
        return "%s confirm --root %s" % (self.holdfast, self.tree)

    def fresh(self, folder=True):
        wait_for(lambda: not self.watchdogs())
        shutil.rmtree(self.tree, ignore_errors=True)
        self.write("tree/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.write("tree/etc/group", "root:x:0:\n")
        self.write("tree/etc/ssh/sshd_config",
                   "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n")
        os.makedirs(os.path.join(self.tree, "usr/sbin"))
        shutil.copy(shutil.which("sshd"), os.path.join(self.tree, "usr/sbin/sshd"))
        if folder:
            os.mkdir(os.path.join(self.tree, "etc/ssh/sshd_config.d"))
            os.makedirs(os.path.join(self.tree, "var/lib"))
        self.before = self.picture()

    def picture(self):
        return picture(self.tree + "/etc")

    def changed(self):
        return os.path.exists(self.tree + "/etc/ssh/sshd_config.d/00-holdfast.conf")

    def states(self):
        done = subprocess.run([self.holdfast, "changes", "--root", self.tree, "-f", "json"],
                              capture_output=True, text=True, check=False)
        return [(c["state"], c.get("why")) for c in json.loads(done.stdout or "[]")]

    def watchdogs(self):
        out = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                words = open(path, "rb").read().split(b"\0")
            except OSError:
                continue
            if b"--overdue" in words and self.tree.encode() in words:
                out.append(int(path.split("/")[2]))
        return out


def came_back(w, name):
    ok(wait_for(lambda: w.picture() == w.before), name + ": everything is as it was", w.states())


def timeout(w):
    w.fresh()
    done = w.login(w.fix())
    ok(done.returncode in (0, 1) and w.changed(), "a change by a login", done.stdout, done.stderr)
    ok("holdfast confirm" in done.stdout, "says how it is confirmed", done.stdout)
    came_back(w, "nobody confirms")
    ok(("undone", "timeout") in w.states(), "and that is told", w.states())
    ok(wait_for(lambda: not w.watchdogs()), "nobody watches any more")


def hangup(w):
    w.fresh()
    client = subprocess.Popen(w.ssh("-tt") + [w.fix() + "; sleep 100"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ok(wait_for(w.changed), "a change by a login with a terminal")
    client.kill()
    client.wait()
    came_back(w, "its connection is lost (SIGHUP)")


def killed(w):
    w.fresh()
    caller = subprocess.Popen(w.fix().split(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    ok(wait_for(lambda: w.changed() or caller.poll() is not None) and w.changed(), "a change")
    os.kill(caller.pid, signal.SIGKILL)
    caller.wait()
    came_back(w, "its maker is killed (SIGKILL)")


def watchdog_killed(w):
    w.fresh()
    done = w.login(w.fix())
    dogs = w.watchdogs()
    ok(w.changed() and len(dogs) == 1, "a change, and who watches", done.stdout, done.stderr, dogs)
    for pid in dogs:
        os.kill(pid, signal.SIGKILL)
    entry = json.loads(subprocess.run([w.holdfast, "changes", "--root", w.tree, "-f", "json"],
                                      capture_output=True, text=True, check=False).stdout)[-1]
    time.sleep(max(0, entry["until"] - time.time()) + 1.5)
    ok(w.changed(), "who watches is killed, too (SIGKILL): the time passes")
    done = subprocess.run([w.holdfast, "changes", "--root", w.tree], capture_output=True, text=True,
                          check=False)
    ok("was not confirmed in time: it is taken back" in done.stderr, "the next start says so",
       done.stdout, done.stderr)
    came_back(w, "the next start takes it back")


def empty(w):
    w.fresh(folder=False)
    done = w.login(w.fix())
    ok(w.changed(), "a change where there was nothing", done.stdout, done.stderr)
    came_back(w, "an empty state to begin with")
    ok(not os.path.exists(w.tree + "/etc/ssh/sshd_config.d"), "the folder is gone, too")


def confirmed(w):
    w.fresh()
    old = subprocess.Popen(w.ssh() + ["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    old.stdin.write("echo ready\n")
    old.stdin.flush()
    old.stdout.readline()
    done = w.login("%s; %s" % (w.fix(120), w.confirm()))
    ok(done.returncode == 3 and "the login that made the change" in done.stderr,
       "the login that made it cannot confirm", done.stdout, done.stderr)
    again = w.login(w.fix())
    ok(again.returncode == 3 and "waits to be confirmed" in again.stderr,
       "no further change before it is", again.stdout, again.stderr)
    done = w.login("true")
    old.stdin.write(w.confirm() + " 2>&1; echo $?\n")
    old.stdin.flush()
    said = old.stdout.readline(), old.stdout.readline()
    ok("began before the change" in said[0] and said[1].strip() == "3",
       "nor can one that was open before", said)
    old.stdin.close()
    old.wait()
    local = subprocess.run(w.confirm().split(), capture_output=True, text=True, check=False)
    ok(local.returncode == 3, "nor what is no new login", local.stdout, local.stderr)
    done = w.login(w.confirm())
    ok(done.returncode == 0 and "Confirmed: 1 change stays" in done.stdout, "a new login can",
       done.stdout, done.stderr)
    ok(w.states() == [("confirmed", "")], "it is kept", w.states())
    ok(wait_for(lambda: not w.watchdogs()), "nobody watches any more")
    ok(w.changed(), "and it stays")
    done = subprocess.run([w.holdfast, "undo", "--root", w.tree], capture_output=True, text=True,
                          check=False)
    ok(done.returncode == 0 and w.picture() == w.before, "until it is undone", done.stderr)


def inside(holdfast, top):
    w = World(holdfast, top)
    sshd = w.serve("host")
    try:
        for part in timeout, hangup, killed, watchdog_killed, empty, confirmed:
            part(w)
    finally:
        for pid in w.watchdogs():
            os.kill(pid, signal.SIGKILL)
        sshd.terminate()
        sshd.wait()


sys.exit(alone(__file__, inside, 900, PROGRAMS))
