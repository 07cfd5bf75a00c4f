#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""holdfast jit request --via: a jump host with a real sshd sends the request on.

usage: jit_via.py HOLDFAST KNOCK_PRINT

In namespaces of its own: sshd listens on 127.0.0.1 there, the files of accounts are copies."""
import base64
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from local_sshd import PROGRAMS, LocalSshd  # noqa: E402
from tap import alone, ok  # noqa: E402


class World(LocalSshd):
    def __init__(self, holdfast, knock_print, top):
        super().__init__(top, "host", "jump")
        self.holdfast, self.print = holdfast, knock_print
        self.env = {"HOME": top, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self.write("known", "127.0.0.1 %s[127.0.0.1]:2222 %s" % (self.read("host.pub"),
                                                                self.read("jump.pub")))
        self.config()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = str(self.socket.getsockname()[1])

    def config(self, vm=""):
        self.write("config", "Host vm\n  HostName 127.0.0.1\n  User ann\n  %s\n"
                   "Host bastion\n  HostName 127.0.0.1\n  Port 2222\n  User root\n"
                   "Host *\n  IdentityFile %s\n  UserKnownHostsFile %s\n"
                   "  GlobalKnownHostsFile none\n  BatchMode yes\n"
                   % (vm, self.path("mine"), self.path("known")))

    def run(self, *words):
        return subprocess.run([self.holdfast, "jit", "request", "-F", self.path("config"), "--knock-port",
                               self.port, "-i", self.path("mine"), *words], env=self.env,
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              check=False)

    def received(self):
        """The datagrams that came, opened."""
        out = []
        while True:
            self.socket.settimeout(3 if not out else 0.3)
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                return out
            done = subprocess.run([self.print, self.path("host")], input=base64.b64encode(data).decode() +
                                  "\n", capture_output=True, text=True, check=False)
            out.append(done.stdout.strip())

    def sent(self, name, *words):
        done = self.run(*words)
        got = self.received()
        ok(done.returncode == 0 and len(got) == 1 and got[0].startswith("good|ann|1|22/tcp"), name,
           done.stderr, got, self.read("sshd.log"))
        return done

    def refused(self, name, code, says, *words):
        done = self.run(*words)
        ok(done.returncode == code and says in done.stderr, name, done.returncode, done.stderr)


def play(w):
    done = w.sent("a jump host of ssh's configuration", "vm", "--via", "bastion")
    ok("sent by bastion, and for its address" in done.stderr and not done.stdout, "  and it says so",
       done.stderr)
    w.sent("with account and port", "vm", "--via", "root@127.0.0.1:2222")
    w.sent("as an address", "vm", "--via", "ssh://root@127.0.0.1:2222")
    w.sent("behind another", "vm", "--via", "bastion,root@127.0.0.1:2222")
    w.refused("ssh-jump without ProxyJump", 2, "has no ProxyJump", "vm", "--via", "ssh-jump")
    w.config("ProxyJump bastion")
    w.sent("ssh-jump: the ProxyJump of the host", "vm", "--via", "ssh-jump")
    done = w.run("vm")
    ok(done.returncode == 0 and "ssh goes through bastion, whose address is another" in done.stderr and
       len(w.received()) == 1, "without it, that ssh would come from elsewhere is said", done.stderr)
    w.config("Hostname 127.0.0.1\n  RequiredRSASize 2048")
    done = w.run("vm", "--via", "bastion", "-p", "443", "--reason", "x" * 200, "--from", "127.0.0.1")
    got = w.received()
    ok(len(got) == 1 and "|443/tcp|" in got[0] and "x" * 200 in got[0], "one packet each", got)
    for jump in ("-oProxyCommand=id", "a@-oProxyCommand=id", "a b", "a;id", "$(id)", "a'b", "ssh://-x", "",
                 "a,,b", "a/b"):
        w.refused("no jump host: '%s'" % jump, 2, "[USER@]HOST[:PORT]", "vm", "--via=" + jump)
    w.refused("--stdin as well", 2, "exclude", "vm", "--via", "bastion", "--stdin")
    w.refused("nobody there", 3, "could not be reached", "vm", "--via", "root@127.0.0.1:2223")
    w.write("known", w.read("known").replace("[127.0.0.1]:2222", "[127.0.0.1]:2224"))
    w.refused("a jump host that ssh does not know", 3, "could not be reached", "vm", "--via", "bastion")


def inside(holdfast, knock_print, top):
    w = World(holdfast, knock_print, top)
    sshd = w.serve("jump")
    try:
        play(w)
    finally:
        sshd.terminate()
        sshd.wait()


sys.exit(alone(__file__, inside, 110, PROGRAMS + ["bash"]))
