#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""holdfast jit request with real keys, agents, known_hosts and configurations of OpenSSH: what it sends
is opened with the host's key. Usage: jit_request.py HOLDFAST KNOCK_PRINT SK_TOKEN"""
import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from tap import ok, plan

HOLDFAST, PRINT, TOKEN = map(os.path.abspath, sys.argv[1:4])


class World:
    def __init__(self, folder):
        self.folder = folder
        self.env = {"HOME": folder, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SSH_SK_PROVIDER": TOKEN}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.agent = None
        os.mkdir(self.path(".ssh"), 0o700)
        self.keygen("host", "ed25519")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()

    def keygen(self, name, kind, *more, phrase=""):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", phrase, "-C", name, "-f",
                        self.path(name), *more], check=True, stdin=subprocess.DEVNULL, env=self.env)

    def fingerprint(self, name):
        return subprocess.run(["ssh-keygen", "-l", "-f", self.path(name)], check=True,
                              capture_output=True, text=True).stdout.split()[1]

    def host_line(self, names):
        return "%s %s\n" % (names, " ".join(self.read("host.pub").split()[:2]))

    def start_agent(self):
        path = self.path("agent")
        self.agent = subprocess.Popen(["ssh-agent", "-D", "-P", TOKEN, "-a", path], stdout=subprocess.DEVNULL)
        for _ in range(200):
            if os.path.exists(path):
                return
            time.sleep(0.02)

    def add(self, name, *more):
        subprocess.run(["ssh-add", "-q", *more, self.path(name)], check=True, stdin=subprocess.DEVNULL,
                       env={**self.env, "SSH_AUTH_SOCK": self.path("agent")})

    def run(self, *words, agent=False):
        env = {**self.env, "SSH_AUTH_SOCK": self.path("agent")} if agent else self.env
        return subprocess.run([HOLDFAST, "jit", "request", "-F", self.path("config"), *words],
                              env=env, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)

    def opened(self, text):
        done = subprocess.run([PRINT, self.path("host")], input=text, capture_output=True, text=True)
        return done.stdout.strip("\n").split("|")

    def asked(self, name, *words, agent=False):
        """What --stdin prints, opened."""
        done = self.run("--stdin", *words, agent=agent)
        fields = self.opened(done.stdout)
        ok(done.returncode == 0 and fields[0] == "good", name, done.stderr + str(fields))
        return (fields + [""] * 9)[:9], done.stderr

    def refused(self, name, code, says, *words):
        done = self.run(*words)
        ok(done.returncode == code and says in done.stderr and done.stderr.count("\n") == 1 and
           not done.stdout, name, "%d %s" % (done.returncode, done.stderr))


def tokens(w):
    """FIDO2 keys, by OpenSSH's own way to a token."""
    for kind in ("ed25519-sk", "ecdsa-sk"):
        try:
            w.keygen(kind, kind)
        except subprocess.CalledProcessError:
            ok(True, "a file: %s # SKIP this ssh-keygen does not take the token" % kind)
            continue
        fields, said = w.asked("a file: " + kind, "-i", w.path(kind), "ann@vm")
        ok(fields[7] == w.fingerprint(kind) and "Confirm user presence" in said and "blinks" not in said,
           "  signed by it, touched", said)
        del w.env["SSH_SK_PROVIDER"]
        config = w.read("config")
        w.write("config", config + "  SecurityKeyProvider %s\n" % TOKEN)
        fields, said = w.asked("  by the library of ssh's configuration", "-i", w.path(kind), "ann@vm")
        ok(fields[7] == w.fingerprint(kind), "  signed by it", said)
        w.write("config", config)
        done = w.run("-i", w.path(kind), "ann@vm", "--stdin")
        ok(done.returncode == 3 and not done.stdout and "does not sign with it" in done.stderr, "  not without it",
           done.stderr)
        w.env["SSH_SK_PROVIDER"] = TOKEN
        w.add(kind, "-S", TOKEN)
        os.rename(w.path(kind), w.path(kind + ".away"))
        fields, said = w.asked("the agent: " + kind, "-i", w.path(kind), "ann@vm", agent=True)
        ok(fields[7] == w.fingerprint(kind + ".pub") and "(agent)" in said and
           "touch the token of " + kind in said, "  signed by it, and whoever sits there is told", said)
        subprocess.run(["ssh-add", "-q", "-d", w.path(kind + ".pub")], check=True, capture_output=True,
                       env={**w.env, "SSH_AUTH_SOCK": w.path("agent")})


def kinds(w):
    for kind, more in (("ed25519", ()), ("ecdsa", ("-b", "256")), ("ecdsa", ("-b", "384")),
                       ("ecdsa", ("-b", "521")), ("rsa", ("-b", "2048"))):
        name = kind + "".join(more).replace("-b", "")
        w.keygen(name, kind, *more)
        fields, _ = w.asked("a file: " + name, "-i", w.path(name), "ann@vm")
        ok(fields[7] == w.fingerprint(name), "  signed by it", fields)
        w.add(name)
        os.rename(w.path(name), w.path(name + ".away"))
        fields, said = w.asked("the agent: " + name, "-i", w.path(name), "ann@vm", agent=True)
        ok(fields[7] == w.fingerprint(name + ".pub") and "(agent)" in said, "  signed by it", said)
    fields, said = w.asked("the agent's first", "ann@vm", agent=True)
    ok(fields[7] == w.fingerprint("ed25519.pub") and "4 more keys" in said, "  and it says so", said)
    w.write("config", w.read("config") + "  IdentityFile %s\n" % w.path("rsa2048"))
    fields, said = w.asked("the one of IdentityFile", "ann@vm", agent=True)
    ok(fields[7] == w.fingerprint("rsa2048.pub") and "more keys" not in said, "  of several", said)
    w.refused("no key at all", 3, "no key", "ann@vm")
    w.keygen("locked", "ed25519", phrase="secret")
    done = w.run("-i", w.path("locked"), "ann@vm", "--stdin")
    ok(done.returncode == 3 and "ssh-keygen does not sign with it" in done.stderr,
       "a pass phrase and nobody to ask", done.stderr)


def contents(w):
    key = ["-i", w.path("mine")]
    w.keygen("mine", "ed25519")
    before = time.time() * 1000
    fields, said = w.asked("everything", *key, "bob@vm", "-p", "ssh", "--port", "51820/udp", "--for",
                           "2h", "--reason", "größe 'x'", "--from", "203.0.113.7/24")
    ok(fields[1:7] == ["bob", "1", "22/tcp 51820/udp", "7200", "203.0.113.7/24", "größe 'x'"],
       "  as asked for", fields)
    ok(before - 1000 <= int(fields[8] or 0) <= time.time() * 1000 + 1000, "  of now", fields)
    ok("open 22/tcp 51820/udp for bob at " in said and "7200 s" in said and "id " in said,
       "  and it says so", said)
    done = w.run(*key, "bob@vm", "--stdin", "--format", "json", "--for", "5m")
    told = json.loads(done.stdout or "{}")
    fields = w.opened(told.get("datagram", ""))
    ok(told.get("account") == fields[1] == "bob" and told["seconds"] == 300 and not done.stderr and
       told["ports"] == ["22/tcp"] and told["key"].endswith("mine") and told["agent"] is False and
       told["action"] == "open" and len(told["id"]) == 32, "as JSON", done.stdout + done.stderr)
    fields, _ = w.asked("as little as possible", *key, "vm")
    ok(fields[1:7] == ["ann", "1", "22/tcp", "0", "-/0", ""], "  account of the configuration", fields)
    for option, number in (("--close", "2"), ("--extend", "3")):
        ok(w.asked(option, *key, option, "vm")[0][2] == number, "  action")
    ok(w.asked("--approve", *key, "--approve", "ab" * 16, "vm")[0][2] == "4", "  action")
    ok(w.asked("IPv6", *key, "--from", "2001:db8::/64", "vm")[0][5] == "2001:db8::/64", "  source")
    for words, says in ((["--for", "31d"], "--for"), (["--for", "0"], "--for"),
                        (["--reason", "a\nb"], "--reason"), (["--reason", "x" * 201], "--reason"),
                        (["--from", "10.0.0.0/33"], "--from"), (["--from", "here"], "--from"),
                        (["--from", "10.0.0.0/15"], "/16 to /32"),
                        (["--from", "2001:db8::/55"], "/56 to /64"),
                        (["--from", "2001:db8::/65"], "/120 to /128"), (["--format", "xml"], "xml"),
                        (["--port", "0"], "--port"), (["--approve", "zz"], "--approve"),
                        (["--port", "22"] * 9, "at most 8"), (["--close", "--extend"], "exclude"),
                        (["--knock-port", "65536"], "--knock-port")):
        w.refused(" ".join(words)[:40].replace("\n", "?"), 2, says, *key, *words, "vm")
    w.refused("an option as host", 2, "a host is", *key, "--", "x@-oProxyCommand=touch")
    w.refused("no account", 2, "a host is", *key, "@vm")
    w.refused("a long account", 2, "a host is", *key, "x" * 65 + "@vm")


def known_hosts(w):
    key = ["-i", w.path("mine"), "ann@vm"]
    good = w.read(".ssh/known")
    w.asked("plain", *key)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", w.path(".ssh/known")], check=True,
                   capture_output=True)
    ok(w.read(".ssh/known").startswith("|1|"), "hashed by ssh-keygen")
    w.asked("hashed", *key)
    w.write(".ssh/known", w.host_line("[127.0.0.1]:2222"))
    w.refused("the key of another port", 3, "no ed25519 key of 127.0.0.1", *key)
    config = w.read("config")
    w.write("config", config.replace("Host vm\n", "Host vm\n  Port 2222\n"))
    w.asked("of that port", *key)
    w.write("config", config.replace("Host vm\n", "Host vm\n  HostKeyAlias Other\n"))
    w.write(".ssh/known", w.host_line("other"))
    w.asked("HostKeyAlias", *key)
    w.write("config", config)
    w.write(".ssh/known", "@revoked " + good)
    w.refused("revoked", 3, "is revoked", *key)
    w.write("system", "@revoked * %s\n" % " ".join(w.read("host.pub").split()[:2]))
    w.write(".ssh/known", good)
    w.write("config", config.replace("GlobalKnownHostsFile none",
                                     "GlobalKnownHostsFile " + w.path("system")))
    w.refused("revoked in another file", 3, "is revoked", *key)
    w.write("config", config)
    w.write(".ssh/known", good.replace("127.0.0.1", "127.0.0.*,!10.*") * 100 + "@revoked " + good)
    w.refused("revoked behind a hundred lines", 3, "is revoked", *key)
    with open(w.path(".ssh/known"), "wb") as f:
        f.truncate(33 << 20)
    w.refused("a file of 33 MB", 3, "larger than any such file", *key)
    w.write(".ssh/known", "x" * (20 << 20) + " ssh-ed25519 AAAA\n" + "*" * 100000 + " y z\n" + "\0\xff\n|1|=|=\n" +
            "|1|" + "A" * 5000 + "|" + "A" * 5000 + " ssh-ed25519 A\n" + good)
    w.asked("behind long lines", *key)
    os.unlink(w.path(".ssh/known"))
    os.mkfifo(w.path(".ssh/known"))
    w.refused("a FIFO is not waited for", 3, "no ed25519 key", *key)
    os.unlink(w.path(".ssh/known"))
    w.write(".ssh/known", "")
    w.refused("not known", 3, "known_hosts has no ed25519 key", *key)
    w.write("config", config.replace("GlobalKnownHostsFile none",
                                     "GlobalKnownHostsFile " + w.path("system")))
    w.write("system", good)
    w.asked("the system's file", *key)
    w.write("config", config)
    w.write(".ssh/known", good)


class Liar(threading.Thread):
    """An agent that answers as it is told."""

    def __init__(self, path, answers):
        super().__init__(daemon=True)
        self.answers, self.server = answers, socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        self.server.bind(path)
        self.server.listen(5)
        self.start()

    def run(self):
        connection, _ = self.server.accept()
        for answer in self.answers:
            if not connection.recv(65536):
                return
            if answer is None:
                time.sleep(8)
                return
            try:
                for part in answer if isinstance(answer, list) else [answer]:
                    connection.sendall(part)
                    time.sleep(0.3 if isinstance(answer, list) else 0)
            except OSError:
                return
        connection.close()


def packed(*parts):
    return b"".join(struct.pack(">I", len(p)) + p for p in parts)


def liars(w):
    """Agents that say what no agent says: a clear answer, within seconds, and nothing raw."""
    blob = base64.b64decode(w.read("mine.pub").split()[1])
    good = packed(b"\x0c" + struct.pack(">I", 1) + packed(blob, b"mine\x1b[2J\n\xff"))
    sign = packed(b"\x0e" + packed(packed(b"ssh-ed25519", b"\0" * 64)))
    none, kind = "no key", "no host takes"
    for name, answers, says in (
            ("nothing", [], none), ("a length of 4 GB", [b"\xff" * 9], none), ("no length", [b"\0" * 4], none),
            ("failure", [packed(b"\x05")], none), ("a million keys", [packed(b"\x0c\0\x0f\0\0")], none),
            ("half a list", [packed(b"\x0c" + struct.pack(">I", 2) + packed(blob, b""))], none),
            ("more than a list", [packed(good[4:] + b"x")], none), ("a list cut off", [good[:30]], none),
            ("drop by drop", [[good[i:i + 1] for i in range(len(good))]], none),
            ("no answer", [None], none),
            ("a key of a kind that is not known", [packed(b"\x0c" + struct.pack(">I", 1) +
                                                          packed(packed(b"ssh-x", b"y"), b""))], none),
            ("a signature that is refused", [good, packed(b"\x05")], "does not sign with mine\\x1B[2J"),
            ("a signature of zeros", [good, sign], kind),
            ("a signature of nothing", [good, packed(b"\x0e" + packed(b""))], kind),
            ("a signature of 200 KB", [good, packed(b"\x0e" + packed(b"x" * 200000))], "too long"),
            ("a signature cut off", [good, sign[:20]], "does not sign"),
            ("a list instead of a signature", [good, good], "does not sign")):
        Liar(w.path("liar"), answers)
        done = subprocess.run([HOLDFAST, "jit", "request", "--stdin", "-F", w.path("config"), "ann@vm"],
                              env={**w.env, "SSH_AUTH_SOCK": w.path("liar")}, capture_output=True,
                              text=True, timeout=30, stdin=subprocess.DEVNULL)
        ok(done.returncode == 3 and says in done.stderr and not done.stdout and
           not any(c in done.stderr for c in "\x1b\x07"), "an agent that gives " + name,
           "%d %s" % (done.returncode, done.stderr))


def sent(w):
    port = str(w.socket.getsockname()[1])
    done = w.run("-i", w.path("mine"), "--knock-port", port, "ann@vm")
    data = w.socket.recv(65536)
    ok(done.returncode == 0 and not done.stdout and "(127.0.0.1)" in done.stderr, "sent", done.stderr)
    fields = w.opened(base64.b64encode(data).decode() + "\n")
    ok(fields[0] == "good" and fields[1] == "ann", "  and received", fields)
    w.socket.settimeout(0.2)
    try:
        w.socket.recv(65536)
        ok(False, "  once")
    except socket.timeout:
        ok(True, "  once")


def main():
    for program in ("ssh", "ssh-keygen", "ssh-agent", "ssh-add"):
        if not shutil.which(program):
            print("1..0 # SKIP no " + program)
            return
    with tempfile.TemporaryDirectory(prefix="holdfast-jit-") as folder:
        w = World(folder)
        try:
            w.write(".ssh/known", w.host_line("127.0.0.1"))
            w.write("config", "Host vm\n  HostName 127.0.0.1\n  User ann\n"
                    "  UserKnownHostsFile %s\n  GlobalKnownHostsFile none\n" % w.path(".ssh/known"))
            w.start_agent()
            kinds(w)
            tokens(w)
            contents(w)
            known_hosts(w)
            liars(w)
            sent(w)
        finally:
            if w.agent:
                w.agent.terminate()
                w.agent.wait()
            w.socket.close()
    sys.exit(plan())


main()
