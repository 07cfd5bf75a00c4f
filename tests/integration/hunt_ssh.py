#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holdfast hunt says of logs that a real sshd wrote, and of slow attacks made of its lines.

usage: hunt_ssh.py HOLDFAST

sshd and its clients run in namespaces of their own: a network without ways out, other accounts,
another /dev/log. Every behaviour has a log of its own. Seven are attacks, and must be told by the
right rule; three are honest, and nothing may be said of them.
"""
import datetime
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from tap import ok, plan, skip_all

PASSWORD = "correct horse"
USERS = ["alice", "bob"] + ["staff%02d" % i for i in range(12)]
PORT = "2222"
SERVER = "198.51.100.1"
SERVER6 = "2001:db8:1::1"
ROTATING = ["2001:db8:2:3::%x" % (i * 4096 + 1) for i in range(12)]
FAILED = re.compile(rb"\]: (Failed password|error: PAM)")
ENOUGH = 600  # seconds that all of it may take


def run(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs)


class Log:
    """The other end of /dev/log: keeps what sshd says as a system log writes it to a file."""

    def __init__(self, path):
        self.lines, self.lock = [], threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            data = self.socket.recv(65536).rstrip(b"\0\n")
            match = re.match(rb"<\d+>(\w{3} [ \d]\d [\d:]{8}) (.*)", data, re.S)
            if match:
                with self.lock:
                    self.lines.append(match.group(1) + b" web1 " +
                                      match.group(2).replace(b"\n", b"#012"))

    def take(self):
        """What came since the last time, once nothing more comes."""
        before = -1
        while before != len(self.lines):
            before = len(self.lines)
            time.sleep(0.3)
        with self.lock:
            lines, self.lines = self.lines, []
        return lines


class World:
    """An sshd with accounts of its own, and clients at any address."""

    def __init__(self, top):
        self.top = top
        self.log = None
        self.sshd = None
        self.kind = None

    def build(self):
        top = self.top
        run("mount", "--make-rprivate", "/")
        dev = os.path.join(top, "dev")
        os.mkdir(dev)
        for name in ("null", "zero", "random", "urandom", "tty", "full"):
            open(os.path.join(dev, name), "w").close()
            run("mount", "--bind", "/dev/" + name, os.path.join(dev, name))
        for name in ("pts", "shm"):
            os.mkdir(os.path.join(dev, name))
            run("mount", "--bind", "/dev/" + name, os.path.join(dev, name))
        os.symlink("pts/ptmx", os.path.join(dev, "ptmx"))
        os.symlink("/proc/self/fd", os.path.join(dev, "fd"))
        run("mount", "--rbind", dev, "/dev")
        self.log = Log("/dev/log")
        run("mount", "-t", "tmpfs", "tmpfs", "/run")
        os.mkdir("/run/sshd", 0o755)
        self.accounts()
        self.network()
        self.keys()
        if os.path.exists("/etc/pam.d/sshd"):
            self.pam()
        self.start()

    def accounts(self):
        crypt = run("openssl", "passwd", "-6", PASSWORD).stdout.strip()
        passwd = ["root:x:0:0:root:/root:/bin/sh", "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin",
                  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin"]
        shadow = ["root:*:19000:0:99999:7:::", "sshd:!:19000::::::", "nobody:*:19000:0:99999:7:::"]
        for i, user in enumerate(USERS):
            home = os.path.join(self.top, "home", user)
            os.makedirs(os.path.join(home, ".ssh"), 0o700)
            passwd.append("%s:x:%d:%d::%s:/bin/sh" % (user, 2000 + i, 2000 + i, home))
            shadow.append("%s:%s:19000:0:99999:7:::" % (user, crypt))
        group = ["root:x:0:", "nogroup:x:65534:"] + [
            "%s:x:%d:" % (user, 2000 + i) for i, user in enumerate(USERS)]
        for name, lines, mode in (("passwd", passwd, 0o644), ("shadow", shadow, 0o600),
                                  ("group", group, 0o644)):
            path = os.path.join(self.top, name)
            with open(path, "w", encoding="ascii") as f:
                f.write("\n".join(lines) + "\n")
            os.chmod(path, mode)
            run("mount", "--bind", path, "/etc/" + name)
        for name in ("nsswitch.conf", "hosts.allow", "hosts.deny"):
            if os.path.exists("/etc/" + name):
                path = os.path.join(self.top, name)
                with open(path, "w", encoding="ascii") as f:
                    f.write("passwd: files\ngroup: files\nshadow: files\nhosts: files\n"
                            if name == "nsswitch.conf" else "")
                run("mount", "--bind", path, "/etc/" + name)

    @staticmethod
    def network():
        run("ip", "link", "set", "lo", "up")
        # Every address of this network is one of this machine: clients may be any of them.
        run("ip", "route", "add", "local", "198.51.100.0/22", "dev", "lo")
        for address in [SERVER6] + ROTATING:
            run("ip", "-6", "address", "add", address + "/128", "dev", "lo", "nodad")

    def keys(self):
        for name in ["host"] + ["key%d" % i for i in range(7)]:
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(self.top, name))
        for i, user in enumerate(USERS):
            ssh = os.path.join(self.top, "home", user, ".ssh")
            shutil.copy(os.path.join(self.top, "key6.pub"), os.path.join(ssh, "authorized_keys"))
            for root, _, files in os.walk(os.path.dirname(ssh)):
                for path in [root] + [os.path.join(root, f) for f in files]:
                    os.chown(path, 2000 + i, 2000 + i)
        with open(os.path.join(self.top, "askpass"), "w", encoding="ascii") as f:
            f.write("""#!/bin/sh
n=$(cat "$COUNT" 2>/dev/null || echo 0)
echo $((n + 1)) >"$COUNT"
[ "$n" -lt "$WRONG" ] && echo "wrong $n" || echo "$RIGHT"
""")
        os.chmod(os.path.join(self.top, "askpass"), 0o755)

    def pam(self):
        path = os.path.join(self.top, "pam")
        with open(path, "w", encoding="ascii") as f:
            f.write("auth required pam_unix.so nodelay\naccount required pam_unix.so\n"
                    "session required pam_permit.so\n")
        run("mount", "--bind", path, "/etc/pam.d/sshd")

    def start(self, kind="password"):
        """kind: password (without PAM), pam-password, pam (keyboard-interactive) or keys (nothing
        else)."""
        config = os.path.join(self.top, "sshd_config")
        self.kind = kind
        with open(config, "w", encoding="ascii") as f:
            f.write("""Port %s
AddressFamily any
HostKey %s/host
UsePAM %s
PasswordAuthentication %s
KbdInteractiveAuthentication %s
PermitRootLogin yes
MaxAuthTries 10
MaxStartups 100:30:200
MaxSessions 50
PidFile none
StrictModes no
UseDNS no
PrintMotd no
LogLevel %s
""" % (PORT, self.top, "yes" if "pam" in kind else "no", "yes" if "password" in kind else "no",
       "yes" if kind == "pam" else "no", "VERBOSE" if kind == "password" else "INFO"))
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin")
        self.sshd = subprocess.Popen([sshd, "-D", "-f", config], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(100):
            if any(b"Server listening" in line for line in self.log.lines):
                break
            if self.sshd.poll() is not None:
                raise RuntimeError("sshd: " + self.sshd.stderr.read().decode())
            time.sleep(0.1)
        self.log.take()

    def client(self, user, source, wrong=0, right=True, prompts=None, keys=()):
        """Starts a login: so many wrong passwords, then the right one or none."""
        if prompts is None:
            prompts = wrong + (1 if right else 0)
        env = {"PATH": os.environ["PATH"], "HOME": self.top, "WRONG": str(wrong),
               "RIGHT": PASSWORD, "DISPLAY": "none", "SSH_ASKPASS_REQUIRE": "force",
               "SSH_ASKPASS": os.path.join(self.top, "askpass"),
               "COUNT": tempfile.mktemp(dir=self.top)}
        options = ["-F", "none", "-p", PORT, "-b", source, "-o", "StrictHostKeyChecking=no",
                   "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null",
                   "-o", "NumberOfPasswordPrompts=%d" % max(prompts, 1), "-o", "LogLevel=ERROR",
                   "-o", "ConnectTimeout=30", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                   "-o", "KexAlgorithms=curve25519-sha256"]
        if keys:
            options += ["-o", "PreferredAuthentications=publickey"]
            for key in keys:
                options += ["-i", os.path.join(self.top, key)]
        else:
            options += ["-o", "PreferredAuthentications=password,keyboard-interactive",
                        "-o", "PubkeyAuthentication=no"]
        server = SERVER6 if ":" in source else SERVER
        return subprocess.Popen(["ssh"] + options + ["--", "%s@%s" % (user, server), "true"],
                                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)

    @staticmethod
    def wait(clients):
        return [c.wait(timeout=120) for c in clients]

    def many(self, arguments, at_a_time=8):
        """Clients one after the other, a few at a time."""
        codes = []
        for i in range(0, len(arguments), at_a_time):
            codes += self.wait([self.client(*a[0], **a[1]) for a in arguments[i:i + at_a_time]])
        return codes

    def stop(self):
        if self.sshd:
            self.sshd.terminate()
            self.sshd.wait()
        self.sshd = None

    def restart(self, kind):
        self.stop()
        self.log.take()
        self.start(kind)


def hunt(holdfast, top, lines, *options):
    path = os.path.join(top, "auth.log")
    with open(path, "wb") as f:
        f.write(b"".join(line + b"\n" for line in lines))
    run_ = subprocess.run([holdfast, "hunt", "-f", "jsonl", "--time-zone", "UTC"] + list(options) +
                          [path], capture_output=True, check=False)
    if run_.returncode or run_.stderr:
        return [{"title": "exit %d: %s" % (run_.returncode, run_.stderr.decode()), "rule_id": "",
                 "level": "", "record": 0}]
    return [json.loads(line) for line in run_.stdout.splitlines()]


def again(lines, times):
    """The lines of one attempt once for each time, with process ids and ports of their own."""
    out = []
    for n, when in enumerate(times):
        stamp = when.strftime("%b %e %H:%M:%S").encode()
        for line in lines:
            line = stamp + line[15:]
            line = re.sub(rb"\[(\d+)\]:", lambda m: b"[%d]:" % (int(m.group(1)) % 20000 + n * 7),
                          line, count=1)
            out.append(re.sub(rb" port (\d+)", b" port %d" % (30000 + n), line))
    return out


class Suite:
    def __init__(self, holdfast, world):
        self.holdfast, self.world, self.detected = holdfast, world, []

    def show(self, alerts, lines):
        return ["%s %s (line %s)" % (a["level"], a["title"], a["record"]) for a in alerts] + [
            line.decode(errors="replace") for line in lines[:60]]

    @staticmethod
    def moment(line):
        return datetime.datetime.strptime("2024 " + line[:15].decode(), "%Y %b %d %H:%M:%S")

    def attack(self, name, lines, title, level, attempts=None):
        alerts = hunt(self.holdfast, self.world.top, lines)
        found = [a for a in alerts if a["title"] == title]
        ok(found and found[0]["level"] == level, "%s: told (%s, %s)" % (name, title, level),
           *self.show(alerts, lines))
        if found:
            tries = sum(1 for line in lines[:found[0]["record"]] if FAILED.search(line))
            first = self.moment(next((a for a in lines if FAILED.search(a)), lines[0]))
            took = self.moment(lines[found[0]["record"] - 1]) - first
            self.detected.append("%s: after %d attempts, %s" % (name, tries, took))
            if attempts is not None:
                ok(tries <= attempts, "%s: after %d attempts at most" % (name, attempts), tries)

    def honest(self, name, lines):
        alerts = hunt(self.holdfast, self.world.top, lines)
        ok(lines and not alerts, "%s: nothing is said" % name, *self.show(alerts, lines))

    def expect(self, good, name, *details):
        ok(good, name, *details)

    def fast(self):
        codes = self.world.many([(("root", "198.51.100.7"), {"wrong": 3, "right": False})] * 8, 2)
        self.expect(all(codes), "fast guessing: nobody got in", codes)
        lines = self.world.log.take()
        self.attack("fast guessing", lines, "Password guessing by SSH", "medium", 6)
        self.attack("fast guessing", lines, "Fast password guessing by SSH", "high", 16)

    def slow(self):
        self.world.many([(("root", "198.51.100.8"), {"wrong": 1, "right": False})])
        one = self.world.log.take()
        start = datetime.datetime(2025, 11, 20, 8, 0, 0)
        for minutes in (3, 12):
            lines = again(one, [start + datetime.timedelta(minutes=minutes * i) for i in range(30)])
            self.attack("one try every %d minutes" % minutes, lines, "Password guessing by SSH",
                        "medium", 6)

    def distributed(self):
        self.world.many([(("alice", "198.51.101.%d" % (i + 1)), {"wrong": 1, "right": False})
                         for i in range(12)])
        lines = self.world.log.take()
        self.attack("many addresses, one account", lines, "Distributed password guessing by SSH",
                    "high", 12)
        one = [line for line in lines if b"198.51.101.1 " in line]
        start = datetime.datetime(2025, 11, 20, 8, 0, 0)
        spread = []
        for i in range(200):
            when = [start + datetime.timedelta(minutes=5 * i)]
            spread += [line.replace(b"198.51.101.1 ", b"203.0.%d.%d " % (i // 100, i % 100 + 1))
                       for line in again(one, when)]
        self.attack("200 addresses with one try each at one account", spread,
                    "Distributed password guessing by SSH", "high", 10)

    def rotation(self):
        self.world.many([(("root", address), {"wrong": 1, "right": False})
                         for address in ROTATING])
        lines = self.world.log.take()
        self.attack("IPv6 rotation inside a /64", lines, "Password guessing by SSH", "medium", 6)

    def spraying(self):
        names = ["admin%d" % i if i % 3 else USERS[i % len(USERS)] for i in range(60)]
        self.world.many([((name, "198.51.100.9"), {"wrong": 1, "right": False}) for name in names])
        lines = self.world.log.take()
        self.attack("60 user names", lines, "Password spraying by SSH", "high", 22)

    def success(self):
        codes = self.world.many([(("alice", "198.51.100.10"), {"wrong": 2, "right": False}),
                                 (("alice", "198.51.100.10"), {"wrong": 2, "right": True})], 1)
        self.expect(codes == [255, 0], "four failures, then success: got in", codes)
        lines = self.world.log.take()
        self.attack("four failures, then success", lines, "Login by SSH after several failures",
                    "critical", 4)

    def typos(self):
        codes = self.world.many([(("alice", "198.51.100.20"), {"wrong": 3, "right": True})])
        self.expect(codes == [0], "three typos, then a login: got in", codes)
        self.honest("three typos, then a login", self.world.log.take())

    def offers(self):
        codes = self.world.many([(("bob", "198.51.100.21"),
                                  {"keys": ["key%d" % i for i in range(7)]})] * 2, 1)
        lines = self.world.log.take()
        failed = sum(b"Failed publickey for bob" in line for line in lines)
        self.expect(codes == [0, 0] and failed == 12, "six public keys before the right one: got in",
                    codes, *lines)
        self.honest("six public keys before the right one", lines)
        self.honest("the same at the default log level",
                    [line for line in lines if b"Failed publickey" not in line])

    def office(self):
        staff = [u for u in USERS if u.startswith("staff")]
        codes = self.world.many([((user, "198.51.100.22"), {"wrong": i % 3 + 1, "right": True})
                                 for i, user in enumerate(staff)], 6)
        self.expect(not any(codes), "an office behind one address: everybody got in", codes)
        lines = self.world.log.take()
        failed = sum(b"Failed password" in line for line in lines)
        self.expect(failed >= 20, "with many typos", failed)
        self.honest("an office behind one address", lines)

    def pam(self):
        """The same with PAM, by passwords and by keyboard-interactive, at the default log level."""
        if not os.path.exists("/etc/pam.d/sshd"):
            return
        for kind in ("pam-password", "pam"):
            self.world.restart(kind)
            self.with_pam(kind, "Failed password" if kind == "pam-password" else "error: PAM")

    def with_pam(self, kind, line_of):
        world = self.world
        world.many([(("root", "198.51.100.40"), {"wrong": 3, "right": False})] * 3, 1)
        lines = world.log.take()
        self.expect(sum(line_of.encode() in line for line in lines) == 9 and
                    any(b"pam_unix(sshd:auth)" in line for line in lines), kind + ": its lines", *lines)
        self.attack(kind + ", fast guessing", lines, "Password guessing by SSH", "medium", 6)
        names = ["admin%d" % i if i % 3 else USERS[i % len(USERS)] for i in range(30)]
        world.many([((name, "198.51.100.41"), {"wrong": 1, "right": False}) for name in names])
        self.attack(kind + ", 30 user names", world.log.take(), "Password spraying by SSH", "high", 22)
        codes = world.many([(("alice", "198.51.100.42"), {"wrong": 2, "right": False}),
                            (("alice", "198.51.100.42"), {"wrong": 2, "right": True})], 1)
        lines = world.log.take()
        self.expect(codes == [255, 0], kind + ", four failures, then success: got in", codes, *lines)
        self.attack(kind + ", four failures, then success", lines,
                    "Login by SSH after several failures", "critical", 4)
        # pam_unix has enough after three: clients ask three times, and people come again.
        codes = world.many([(("alice", "198.51.100.43"), {"wrong": 3, "right": False}),
                            (("alice", "198.51.100.43"), {"wrong": 0, "right": True})], 1)
        self.expect(codes == [255, 0], kind + ", three typos, then a login: got in", codes)
        self.honest(kind + ", three typos, then a login", world.log.take())
        staff = [u for u in USERS if u.startswith("staff")]
        codes = world.many([((user, "198.51.100.44"), {"wrong": i % 3, "right": True})
                            for i, user in enumerate(staff)], 12)
        self.expect(not any(codes), kind + ", an office behind one address: everybody got in", codes)
        self.honest(kind + ", an office behind one address, all at once", world.log.take())

    def key_only(self):
        """Nobody may try a password: who guesses leaves at once."""
        world = self.world
        world.restart("keys")
        world.many([(("root", "198.51.100.50"), {"wrong": 1, "right": False})] * 45)
        lines = world.log.take()
        self.expect(sum(b"Connection closed by authenticating user root" in line
                        for line in lines) == 45, "keys only: how guesses end", *lines)
        self.told("keys only, fast guessing", lines, "Many connections to SSH without a login")
        world.many([(("u%d" % i, "198.51.100.51"), {"wrong": 1, "right": False})
                    for i in range(30)])
        self.attack("keys only, 30 user names that do not exist", world.log.take(),
                    "Password spraying by SSH", "high")
        world.many([(("alice", "198.51.101.%d" % (i + 1)), {"wrong": 1, "right": False})
                    for i in range(24)])
        self.told("keys only, 24 addresses", world.log.take(),
                  "One account named by SSH from many networks")
        codes = world.many([(("bob", "198.51.100.52"),
                             {"keys": ["key%d" % i for i in range(7)]})] * 3, 1)
        self.expect(codes == [0] * 3, "keys only, six keys before the right one: got in", codes)
        self.honest("keys only, six keys before the right one", world.log.take())
        world.many([(("bob", "198.51.100.53"), {"keys": ["key0"]})] * 12, 2)
        alerts = hunt(self.holdfast, world.top, world.log.take())
        self.expect([a["level"] for a in alerts] == ["low"],
                    "keys only, a job with an old key: a hint", *self.show(alerts, []))

    def told(self, name, lines, title):
        alerts = hunt(self.holdfast, self.world.top, lines)
        self.expect(any(a["title"] == title and a["level"] == "medium" for a in alerts),
                    "%s: told (%s)" % (name, title), *self.show(alerts, lines))

    def injection(self):
        names = ["root from 203.0.113.66 port 22 ssh2",
                 "x\nNov 20 10:00:00 web1 sshd[1]: Failed password for root from 203.0.113.66 "
                 "port 22 ssh2",
                 "a from 203.0.113.66", "Failed password for root from 203.0.113.66 port 1 ssh2",
                 "invalid user root from 203.0.113.66 port 1 ssh2: RSA SHA256:abc"]
        self.world.many([((name, "198.51.100.30"), {"wrong": 7, "right": False})
                         for name in names], 1)
        lines = self.world.log.take()
        alerts = hunt(self.holdfast, self.world.top, lines, "--level", "informational")
        told = [a for a in alerts if a["title"] == "Password guessing by SSH" and
                a["group"]["src_ip"] == "198.51.100.30"]
        self.expect(len({a["group"]["user"] for a in told}) == 4,
                    "hostile names: told of who sent them", *self.show(alerts, lines))
        wrong = [a for a in alerts if "203.0.113.66" in
                 (a.get("group", {}).get("src_ip"), a.get("fields", {}).get("src_ip"))]
        self.expect(not wrong, "and of nobody else", *self.show(wrong, lines))

    def all(self):
        for step in (self.fast, self.slow, self.distributed, self.rotation, self.spraying,
                     self.success, self.typos, self.offers, self.office, self.injection,
                     self.pam, self.key_only):
            step()
        for line in self.detected:
            print("# " + line)


def inside(holdfast, top):
    world = World(top)
    try:
        world.build()
        Suite(holdfast, world).all()
    finally:
        world.stop()
    return plan()


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        return inside(*sys.argv[2:4])
    holdfast = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        skip_all("needs root for namespaces of its own")
    path = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
    for program in ("sshd", "ssh", "ssh-keygen", "openssl", "unshare", "ip"):
        if not shutil.which(program, path=path):
            skip_all("needs " + program)
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run(unshare + ["true"], capture_output=True, check=False).returncode:
        skip_all("this kernel allows no namespaces")
    # What is mounted there goes with the namespace.
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        argv = unshare + [sys.executable, os.path.abspath(__file__), "--inside", holdfast, top]
        return subprocess.run(argv, timeout=ENOUGH, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
