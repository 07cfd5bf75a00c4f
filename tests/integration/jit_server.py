#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Just-in-time access with the real sshd, the real ssh and the daemon: two machines, each a network
namespace, with a wire between them.

usage: jit_server.py HOLDFAST KNOCK_MAKE SK_TOKEN
"""
import base64
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, namespaced, until  # noqa: E402
from tap import ok  # noqa: E402

TOP = "/mnt"  # a file system of its own: sshd wants nobody else to write above its keys
SERVER, CLIENT, OTHER = "10.99.0.1", "10.99.0.2", "10.99.0.3"
SERVER6, CLIENT6 = "fd99::1", "fd99::2"
KNOCKS = 62201
CONFIG = """mode observe
state {top}/state
socket {top}/guard.sock
group {group}
[sources]
sensors no
integrity no
syslog /dev/log
[bans]
backend none
[alerts]
fold never
file {top}/alerts.json
"""


def run(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs)


def write(path, text, mode=0o644, owner=0):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    os.chown(path, owner, owner)


class World:
    USERS = {"ann": 2001, "bob": 2002, "eve": 2003}

    def __init__(self, holdfast):
        self.holdfast = holdfast
        self.maker = os.environ["KNOCK_MAKE"]
        self.sshd = None
        self.home = TOP + "/client"  # of whoever asks
        self.guard = None

    # ---- building ----------------------------------------------------------------------------

    def build(self):
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", TOP)
        self.devices()
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        # The journal of changes is not this machine's.
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/var/lib")
        os.mkdir("/run/sshd", 0o755)
        self.network()
        self.accounts()
        self.keys()
        self.configure()

    @staticmethod
    def devices():
        """Another /dev/log."""
        dev = TOP + "/dev"
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

    @staticmethod
    def network():
        run("ip", "link", "set", "lo", "up")
        run("ip", "netns", "add", "client")
        run("ip", "link", "add", "s0", "type", "veth", "peer", "name", "c0", "netns", "client")
        for words in (("address", "add", SERVER + "/24", "dev", "s0"),
                      ("-6", "address", "add", SERVER6 + "/64", "dev", "s0", "nodad"),
                      ("link", "set", "s0", "up")):
            run("ip", *words)
        for words in (("link", "set", "lo", "up"),
                      ("address", "add", CLIENT + "/24", "dev", "c0"),
                      ("address", "add", OTHER + "/24", "dev", "c0"),
                      ("-6", "address", "add", CLIENT6 + "/64", "dev", "c0", "nodad"),
                      ("link", "set", "c0", "up")):
            run("ip", "-n", "client", *words)

    def accounts(self):
        passwd = ["root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin",
                  "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin"]
        shadow = ["root:*:19000:0:99999:7:::", "sshd:!:19000::::::"]
        group = ["root:x:0:", "nogroup:x:65534:"]
        os.mkdir(TOP + "/home", 0o755)
        for user, uid in self.USERS.items():
            home = TOP + "/home/" + user
            os.makedirs(home + "/.ssh", 0o700)
            for path in (home, home + "/.ssh"):
                os.chown(path, uid, uid)
            passwd.append("%s:x:%d:%d::%s:/bin/sh" % (user, uid, uid, home))
            shadow.append("%s:*:19000:0:99999:7:::" % user)
            group.append("%s:x:%d:" % (user, uid))
        for name, lines, mode in (("passwd", passwd, 0o644), ("shadow", shadow, 0o600),
                                  ("group", group, 0o644)):
            write(TOP + "/" + name, "\n".join(lines) + "\n", mode)
            run("mount", "--bind", TOP + "/" + name, "/etc/" + name)
        if os.path.exists("/etc/nsswitch.conf"):
            write(TOP + "/nsswitch", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n")
            run("mount", "--bind", TOP + "/nsswitch", "/etc/nsswitch.conf")

    def keygen(self, path, kind="ed25519", *more):
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", os.path.basename(path), "-f", path, *more)

    def authorize(self, user, *lines):
        write("%s/home/%s/.ssh/authorized_keys" % (TOP, user), "".join(lines), 0o600,
              self.USERS[user])

    def public(self, name):
        with open("%s/%s.pub" % (self.home, name), encoding="ascii") as f:
            return f.read()

    def keys(self):
        os.mkdir(TOP + "/ssh", 0o755)
        os.mkdir(self.home, 0o755)
        self.keygen(TOP + "/ssh/ssh_host_ed25519_key")
        for name in ("ann", "bob", "stranger", "revoked", "ca"):
            self.keygen("%s/%s" % (self.home, name))
        write(TOP + "/ssh/revoked_keys", self.public("revoked"))
        write(TOP + "/ssh/user_ca.pub", self.public("ca"))
        self.authorize("ann", self.public("ann"), self.public("revoked"))
        self.authorize("bob", self.public("bob"))
        self.authorize("eve", self.public("ann"))

    def configure(self):
        write(TOP + "/ssh/sshd_config", """Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
DenyUsers eve
RevokedKeys /etc/ssh/revoked_keys
TrustedUserCAKeys /etc/ssh/user_ca.pub
PidFile /run/sshd.pid
UseDNS no
PrintMotd no
LogLevel VERBOSE
""")
        run("mount", "--bind", TOP + "/ssh", "/etc/ssh")
        with open("/etc/ssh/ssh_host_ed25519_key.pub", encoding="ascii") as f:
            key = " ".join(f.read().split()[:2])
        write(self.home + "/known_hosts", "%s,%s %s\n" % (SERVER, SERVER6, key))
        self.host_key = key
        write(self.home + "/config", """Host *
  UserKnownHostsFile %s/known_hosts
  GlobalKnownHostsFile /dev/null
  IdentityAgent none
  IdentitiesOnly yes
  BatchMode yes
  ConnectTimeout 3
  ServerAliveInterval 1
  ServerAliveCountMax 60
  LogLevel ERROR
  SecurityKeyProvider %s
""" % (self.home, os.environ.get("SSH_SK_PROVIDER", "internal")))

    def start_sshd(self):
        self.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D"], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if not until(lambda: self.reachable(), 10):
            raise RuntimeError("sshd: " + (self.sshd.stderr.read().decode()
                                           if self.sshd.poll() is not None else "does not listen"))

    def stop(self):
        if self.sshd:
            self.sshd.kill()
            self.sshd.wait()

    # ---- the other machine --------------------------------------------------------------------

    def away(self, *argv, **kwargs):
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C.UTF-8",
               "SSH_SK_PROVIDER": os.environ.get("SSH_SK_PROVIDER", "internal")}
        return subprocess.run(["ip", "netns", "exec", "client"] + list(argv), env=env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
                              **kwargs)

    def reachable(self, source=CLIENT, server=SERVER, seconds=0.4):
        """Whether a connection to port 22 comes about."""
        code = ("import socket,sys; s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else "
                "socket.AF_INET); s.bind((sys.argv[2],0)); s.settimeout(%f); "
                "sys.exit(s.connect_ex((sys.argv[1],22)) != 0)" % seconds)
        return self.away(sys.executable, "-c", code, server, source).returncode == 0

    def ssh(self, *command, user="ann", key=None, server=SERVER, source=CLIENT):
        return self.away("ssh", "-F", self.home + "/config", "-b", source, "-i",
                         "%s/%s" % (self.home, key or user), user + "@" + server, *command)

    def session(self, user="ann", source=CLIENT, server=SERVER):
        """A login that stays: what is written to its standard input is run there."""
        env = {"PATH": os.environ["PATH"], "HOME": self.home}
        p = subprocess.Popen(["ip", "netns", "exec", "client", "ssh", "-F", self.home + "/config",
                              "-b", source, "-i", "%s/%s" % (self.home, user), user + "@" + server,
                              "sh"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        os.set_blocking(p.stdout.fileno(), False)
        return p

    @staticmethod
    def alive(p, seconds=3.0):
        """The shell at the other end answers."""
        word = b"%d" % time.monotonic_ns()
        try:
            p.stdin.write(b"echo %s\n" % word)
            p.stdin.flush()
        except OSError:
            return False
        got = []

        def answered():
            got.append(p.stdout.read() or b"")
            return word in b"".join(got) or p.poll() is not None
        return bool(until(answered, seconds)) and p.poll() is None

    def request(self, *words, user="ann", key=None, server=SERVER):
        return self.away(self.holdfast, "jit", "request", "-F", self.home + "/config", "-i",
                         "%s/%s" % (self.home, key or user), user + "@" + server, *words)

    def datagram(self, *words, **kwargs):
        out = self.request("--stdin", *words, **kwargs)
        return base64.b64decode(out.stdout) if out.returncode == 0 else b""

    def made(self, *words):
        """A request that no honest client makes."""
        out = run(self.maker, "/etc/ssh/ssh_host_ed25519_key.pub", *words).stdout
        return base64.b64decode(out)

    def send(self, data, source=CLIENT, server=SERVER):
        """One datagram of the other machine; what came back."""
        code = ("import socket,sys; s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else "
                "socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[2],0)); "
                "s.connect((sys.argv[1],int(sys.argv[3]))); s.settimeout(0.15); "
                "s.send(bytes.fromhex(sys.argv[4]))\n"
                "try: print('answer', s.recv(10))\n"
                "except TimeoutError: print('nothing')\n"
                "except OSError as e: print('error', e)")
        return self.away(sys.executable, "-c", code, server, source, str(KNOCKS),
                         data.hex()).stdout.strip()

    # ---- this machine -------------------------------------------------------------------------

    def jit(self, *words, env=None):
        return subprocess.run([self.holdfast, "jit", "--socket", self.guard.socket] + list(words),
                              capture_output=True, text=True, check=False, timeout=120,
                              stdin=subprocess.DEVNULL,
                              env={"PATH": os.environ["PATH"], **(env or {})})

    def changes(self, *words):
        """The last change of the journal: number, state, why."""
        done = subprocess.run([self.holdfast, *(words or ("changes", "-f", "json"))], capture_output=True,
                              text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
        if words:
            return done
        last = (json.loads(done.stdout or "[]") or [{}])[-1]
        return last.get("change"), last.get("state"), last.get("why")

    def grants(self, state="open"):
        out = self.jit("list", "--format", "json").stdout
        return [g for g in map(json.loads, out.splitlines()) if g["state"] == state]

    def status(self):
        return json.loads(self.jit("status", "--format", "json").stdout or "{}")

    def log(self):
        path = self.guard.top + "/state/jit-audit.jsonl"
        if not os.path.exists(path):
            return []
        with open(path, encoding="ascii") as f:
            return [json.loads(line) for line in f]

    def whole(self):
        return subprocess.run([self.holdfast, "jit", "audit", "--verify", "--folder",
                               self.guard.top + "/state"], capture_output=True, text=True,
                              check=False)


def connection(world, session):
    """SSH_CONNECTION of a session, as the program in it has it."""
    session.stdin.write(b"echo C $SSH_CONNECTION C\n")
    session.stdin.flush()
    got = []

    def told():
        got.append(session.stdout.read() or b"")
        text = b"".join(got).decode()
        return text.split("C ")[1].split(" C")[0] if text.count("C") >= 2 else None
    return until(told, 10) or ""


def azure(port, source, public=()):
    """A machine behind a network security group that lets source in to one port."""
    of = "/subscriptions/s/resourceGroups/g/providers/Microsoft."
    rule = {"name": "office", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": source, "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": port}
    pip = of + "Network/publicIPAddresses/pip"
    ip = {"name": "a", "privateIPAddress": SERVER, **({"publicIPAddress": {"id": pip}} if public else {})}
    export = [{"name": "nsg", "id": of + "Network/networkSecurityGroups/nsg", "securityRules": [rule],
               "type": "Microsoft.Network/networkSecurityGroups",
               "networkInterfaces": [{"id": of + "Network/networkInterfaces/nic"}]},
              {"name": "nic", "id": of + "Network/networkInterfaces/nic",
               "type": "Microsoft.Network/networkInterfaces",
               "networkSecurityGroup": {"id": of + "Network/networkSecurityGroups/nsg"},
               "ipConfigurations": [ip], "virtualMachine": {"id": of + "Compute/virtualMachines/vm"}}]
    export += [{"name": "pip", "id": pip, "type": "Microsoft.Network/publicIPAddresses", "ipAddress": a,
                "sku": {"name": "Standard"}} for a in public]
    write(TOP + "/nsg.json", json.dumps(export))


def behind_azure(w):
    """What a network security group lets through is all that counts; one that is not understood counts as open."""
    azure("22", "203.0.113.0/24")
    done = w.jit("enable", "ssh", "--dry-run", "--azure", TOP + "/nsg.json")
    ok(done.returncode == 0 and "reached by" in done.stdout and "reached by 0.0.0.0/0" not in done.stdout,
       "the plan behind Azure's rules", done.stdout, done.stderr)
    write(TOP + "/nsg.json", "{")
    done = w.jit("enable", "ssh", "--azure", TOP + "/nsg.json")
    ok(done.returncode == 3 and "nothing is changed" in done.stderr and w.reachable(),
       "rules that are not understood: nothing is shut", done.stdout, done.stderr)


def enabling(w):
    old = w.session()
    ok(w.alive(old, 10), "before: the port is open, somebody is logged in", w.guard.said())
    done = w.jit("enable", "ssh", "--dry-run")
    ok(done.returncode == 0 and "Plan: shut 22/tcp" in done.stdout and w.reachable(),
       "a plan changes nothing", done.stdout, done.stderr)
    behind_azure(w)
    done = w.jit("enable", "ssh", "--within", "60s")
    ok(done.returncode == 0 and "Shut." in done.stdout, "jit enable ssh", done.stdout,
       done.stderr, w.guard.said())
    ok(w.changes() == (1, "awaiting", "") and "Change 1 of holdfast changes." in done.stdout,
       "it stands in the journal of changes, and waits", w.changes(), done.stdout)
    ok("taken back in" in w.changes("changes").stdout and "holdfast jit confirm" in w.changes("changes").stdout,
       "which says how it is confirmed", w.changes("changes").stdout)
    done = w.changes("confirm")
    ok(done.returncode == 3 and "holdfast jit confirm" in done.stderr, "and so does holdfast confirm", done.stderr)
    ok(not w.reachable() and not w.reachable(OTHER) and
       not w.reachable(CLIENT6, SERVER6), "the port is shut, for IPv4 and IPv6")
    ok(w.alive(old), "who is logged in stays so")
    local = subprocess.run([sys.executable, "-c", "import socket; socket.create_connection"
                            "(('127.0.0.1', 22), 1).recv(4)"], check=False)
    ok(local.returncode == 0, "the machine itself still reaches it")
    until(lambda: w.status().get("taking"))
    done = w.jit("confirm", env={"SSH_CONNECTION": connection(w, old)})
    ok(done.returncode == 3 and "older than the change" in done.stderr,
       "an old connection cannot confirm", done.stderr)
    done = w.jit("confirm")
    ok(done.returncode == 3 and "no SSH session" in done.stderr,
       "nor can who is not logged in by ssh", done.stderr)
    return old


def first_grant(w):
    done = w.request("--for", "1h", "--reason", "disk full")
    ok(done.returncode == 0, "jit request", done.stderr)
    ok(until(lambda: w.reachable(), 10), "the port is open for who asked", w.log(), w.guard.said())
    ok(not w.reachable(OTHER), "and for nobody else")
    grants = w.grants()
    ok(len(grants) == 1 and grants[0]["account"] == "ann" and grants[0]["source"] == CLIENT and
       grants[0]["reason"] == "disk full" and grants[0]["ports"] == "22/tcp" and
       3500 < grants[0]["seconds_left"] <= 3600, "jit list has it", grants)
    new = w.session()
    ok(w.alive(new, 10), "ssh logs in")
    done = w.jit("confirm", env={"SSH_CONNECTION": connection(w, new)})
    ok(done.returncode == 0 and "Confirmed" in done.stdout, "the new connection confirms",
       done.stdout, done.stderr)
    ok("confirm_within" not in w.status() and not w.reachable(OTHER), "it stays shut",
       w.status())
    ok(w.changes() == (1, "confirmed", ""), "the journal of changes knows it", w.changes())
    return new


def expiry(w):
    w.jit("close", "all")
    ok(not w.grants() and not w.reachable(), "jit close", w.grants())
    w.request("--for", "12s")
    ok(until(lambda: w.grants(), 10), "a short grant")
    s = w.session()
    alive = w.alive(s, 10)
    until(lambda: not w.grants(), 20)
    until(lambda: s.poll() is not None, 10)
    ok(alive and s.poll() is not None, "its end ends the session", alive, s.poll())
    ok(not w.reachable(), "and shuts the port")
    return s


def trail(w):
    """grant, connection, login, end: one id."""
    def events():
        log = w.log()
        ids = [r["id"] for r in log if r["event"] == "login" and "id" in r]
        return [r["event"] for r in log if ids and r.get("id") == ids[-1]]
    wanted = {"granted", "opened", "connected", "login", "expired", "disconnected"}
    got = until(lambda: wanted <= set(events()) and events(), 10)
    ok(bool(got), "the log ties grant, connection, login and end together", events(), w.log())
    done = w.whole()
    ok(done.returncode == 0, "and is whole", done.stdout, done.stderr)


def refused(w, name, why, data=None, source=CLIENT, event="refused"):
    """Nothing is opened, nothing is answered, one line is written."""
    before = len(w.log())
    answer = w.send(data, source)
    got = until(lambda: w.log()[before:], 10)
    time.sleep(0.05)
    got = w.log()[before:]
    ok(answer == "nothing" and len(got) == 1 and not w.grants() and
       got[0]["event"] == event and why in got[0]["why"] and got[0]["from"] == source and
       got[0].get("count", 1) == 1,
       name, answer, got, w.grants())


def dropped(w, name, why, data):
    """The same before anything is opened."""
    refused(w, name, why, data, event="dropped")


def negatives(w):
    good = w.datagram("--for", "1h")
    w.send(good)
    until(lambda: w.grants(), 10)
    w.jit("close", "all")
    refused(w, "a replay", "taken before", good)
    for at, name in ((5, "in the mark"), (40, "in the box"), (len(good) - 1, "at the end")):
        bad = bytearray(good)
        bad[at] ^= 4
        dropped(w, "a bit altered " + name, "not marked", bytes(bad))
    refused(w, "a key that is not authorised", "no line",
            w.datagram(key="stranger"))
    refused(w, "a key that was revoked", "revoked", w.datagram(key="revoked"))
    refused(w, "an account that may not log in", "may not log in",
            w.datagram(user="eve", key="ann"))
    refused(w, "an account that is not there", "may not log in",
            w.datagram(user="mallory", key="ann"))
    w.authorize("bob", 'from="10.99.0.3" ' + w.public("bob"))
    refused(w, "from= of another address", "from this address", w.datagram(user="bob"))
    w.authorize("bob", 'expiry-time="20200101" ' + w.public("bob"))
    refused(w, "a key that has expired", "expir", w.datagram(user="bob"))
    w.authorize("bob", w.public("bob"))
    refused(w, "longer than the policy gives", "longer", w.datagram("--for", "9h"))
    refused(w, "a port that is not shut", "not one that is shut", w.datagram("--port", "443"))
    refused(w, "for a network that is not the sender's", "outside the network",
            w.datagram("--from", "192.0.2.0/24"))
    os.chmod(TOP + "/home/bob/.ssh/authorized_keys", 0o666)
    refused(w, "keys that anybody may write (StrictModes)", "no line", w.datagram(user="bob"))
    os.chmod(TOP + "/home/bob/.ssh/authorized_keys", 0o600)
    dropped(w, "cut short", "size", good[:100])
    dropped(w, "cut less short", "not marked", good[:-20])
    dropped(w, "too long", "size", good + bytes(5000))
    dropped(w, "empty", "size", b"")
    dropped(w, "random bytes", "not marked", b"\1" + os.urandom(400))
    dropped(w, "another version", "not marked", b"\2" + good[1:])
    wrong_host(w)
    made(w)


def wrong_host(w):
    """Sealed for another host's key: the mark is another one."""
    w.keygen(w.home + "/elsewhere")
    write(w.home + "/known_hosts", "%s %s\n" % (SERVER, " ".join(w.public("elsewhere").split()[:2])))
    data = w.datagram()
    write(w.home + "/known_hosts", "%s,%s %s\n" % (SERVER, SERVER6, w.host_key))
    dropped(w, "for another host", "not marked", data)


def made(w):
    mine, other = w.home + "/ann", w.home + "/bob"
    refused(w, "a clock ten minutes behind", "clock", w.made("ann", "-600", mine))
    refused(w, "and ten minutes ahead", "clock", w.made("ann", "600", mine))
    told = [line for line in w.jit("status").stdout.splitlines() if line.startswith("Refused")]
    ok(len(told) == 1 and " from 10.99.0.2 for ann: its clock is too far off (its clock is 9 m " in
       told[0] and told[0].endswith("s ahead)"), "the owner finds why with jit status", told)
    refused(w, "an altered box with the right mark", "not sealed", w.made("ann", "0", "spoil", mine))
    refused(w, "a second signature of a key that may not", "no line", w.made("ann", "0", mine, other))


def others(w):
    done = w.request("--for", "1h", server=SERVER6)
    ok(done.returncode == 0 and until(lambda: w.reachable(CLIENT6, SERVER6), 10) and
       not w.reachable(), "IPv6: the address that asked, and no other", done.stderr, w.log()[-3:])
    w.jit("close", "all")
    w.keygen(w.home + "/certified")
    run("ssh-keygen", "-q", "-s", w.home + "/ca", "-I", "ann-now", "-n", "ann", "-V", "+1h",
        w.home + "/certified.pub")
    w.authorize("ann")
    w.authorize("ann", "")
    done = w.request(key="certified-cert.pub")
    got = until(lambda: w.grants(), 10)
    ok(got, "a certificate of a trusted authority", done.stderr, w.log()[-2:])
    w.jit("close", "all")
    run("ssh-keygen", "-q", "-s", w.home + "/ca", "-I", "root-now", "-n", "root", "-V", "+1h",
        w.home + "/certified.pub")
    refused(w, "one for other principals", "not for this account", w.datagram(key="certified-cert.pub"))
    w.keygen(w.home + "/rsa", "rsa", "-b", "4096")
    w.authorize("ann", w.public("ann"), w.public("rsa"), w.public("revoked"))
    done = w.request(key="rsa")
    ok(until(lambda: w.grants(), 10), "a long RSA key, in fragments", done.stderr, w.log()[-2:])
    w.jit("close", "all")
    w.request("--for", "1h")
    until(lambda: w.grants(), 10)
    w.request("--close")
    ok(until(lambda: not w.grants(), 10), "jit request --close", w.grants())
    w.request("--for", "1m")
    until(lambda: w.grants(), 10)
    w.request("--extend", "--for", "2h")
    ok(until(lambda: w.grants() and w.grants()[0]["seconds_left"] > 3700, 10) and
       len(w.grants()) == 1, "jit request --extend", w.grants())
    done = w.jit("extend", w.grants()[0]["grant"][:8], "--for", "3h")
    ok(done.returncode == 0 and w.grants()[0]["seconds_left"] > 7300, "jit extend", done.stderr)
    done = w.jit("extend", "ann", "--for", "10d")
    ok(done.returncode == 3 and "policy" in done.stderr, "not beyond the policy", done.stderr)
    w.jit("close", "ann")
    text = base64.b64encode(w.datagram("--for", "1h")).decode()
    done = w.jit("approve", text)
    ok(done.returncode == 3 and "--from" in done.stderr, "approve wants a source", done.stderr)
    done = w.jit("approve", text, "--from", OTHER)
    ok(done.returncode == 0 and "granted" in done.stdout and w.reachable(OTHER) and
       not w.reachable(), "jit approve", done.stdout, done.stderr)
    done = w.jit("approve", text, "--from", OTHER)
    ok(done.returncode == 3 and "taken before" in done.stderr, "not twice", done.stderr)
    w.jit("close", "all")


def two_people(w):
    """The policy asks for a second person."""
    policy = w.guard.top + "/jit.conf"
    write(policy, "[rule two]\nsecond yes\n")
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads"), 10)
    until(lambda: w.status().get("taking"), 10)
    before = len(w.log())
    w.request("--for", "1h", "--reason", "alone")
    waits = until(lambda: w.grants("waits"), 10)
    ok(waits and not w.grants() and not w.reachable() and
       [r["event"] for r in w.log()[before:]] == ["waits"],
       "the second signature is missing: it waits", waits, w.log()[before:])
    w.authorize("ann", w.public("ann"), w.public("bob"))
    w.request("--approve", waits[0]["grant"], key="ann")
    time.sleep(0.3)
    ok(not w.grants() and not w.reachable(), "the key that asked cannot approve", w.log()[-1])
    w.request("--approve", waits[0]["grant"], key="bob")
    got = until(lambda: w.grants(), 10)
    ok(got and got[0]["grant"] == waits[0]["grant"] and got[0].get("second_key") and
       got[0]["reason"] == "alone" and w.reachable(), "another one can", got, w.log()[-2:])
    w.jit("close", "all")
    w.send(w.made("ann", "0", w.home + "/ann", w.home + "/bob"))
    ok(until(lambda: w.grants(), 10), "two signatures in one request", w.log()[-2:])
    w.jit("close", "all")
    write(policy, "[rule two]\nnonsense\n")
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == 2, 10)
    ok(until(lambda: "jit.conf" in w.status().get("policy_problem", ""), 10) and
       not w.reachable(), "a policy that is wrong is told, the old one holds", w.status())
    os.unlink(policy)
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == 3, 10)
    until(lambda: w.status().get("taking"), 10)
    w.authorize("ann", w.public("ann"))


def tokens(w):
    """A FIDO2 key opens the port and logs in; the policy wants that it was touched."""
    policy, reloads = w.guard.top + "/jit.conf", w.guard.status().get("reloads")
    try:
        w.keygen(w.home + "/touched", "ed25519-sk")
        w.keygen(w.home + "/untouched", "ecdsa-sk", "-O", "no-touch-required")
    except subprocess.CalledProcessError:
        ok(True, "FIDO2 keys # SKIP this ssh-keygen does not take the token")
        return
    write(policy, "[rule touch]\ntouch yes\n")
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == reloads + 1, 10)
    until(lambda: w.status().get("taking"), 10)
    w.authorize("ann", w.public("ann"), w.public("touched"), "no-touch-required " + w.public("untouched"))
    refused(w, "a key in a file, where the policy wants a touch", "touched", w.datagram())
    refused(w, "a token that was not touched", "touched", w.datagram(key="untouched"))
    done = w.request(key="touched")
    ok(done.returncode == 0 and until(lambda: w.grants(), 10), "a token that was touched opens", done.stderr,
       w.log()[-2:])
    done = w.ssh("echo", "in", key="touched")
    ok(done.stdout == "in\n", "and logs in", done.stderr)
    w.jit("close", "all")
    w.authorize("ann", "verify-required " + w.public("touched"))
    refused(w, "without the PIN that authorized_keys wants", "its PIN entered", w.datagram(key="touched"))
    os.unlink(policy)
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == reloads + 2, 10)
    until(lambda: w.status().get("taking"), 10)
    w.authorize("ann", w.public("ann"))


def keeping(w):
    """sessions keep: what has begun goes on behind the end of its grant."""
    policy = w.guard.top + "/jit.conf"
    reloads = w.guard.status().get("reloads")
    write(policy, "sessions keep\n[rule all]\n")
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == reloads + 1, 10)
    until(lambda: w.status().get("taking") and w.status()["sessions"] == "keep", 10)
    w.request("--for", "12s")
    until(lambda: w.grants(), 10)
    s = w.session()
    alive = w.alive(s, 10)
    until(lambda: not w.grants(), 20)
    time.sleep(4)  # behind the kernel's own timer, which is later then
    ok(alive and w.alive(s) and not w.reachable(),
       "sessions keep: the session goes on, the port is shut", alive, s.poll(), w.log()[-2:])
    s.kill()
    ok(until(lambda: CLIENT not in w.status()["kept"] or len(w.status()["kept"]) == 1, 10),
       "and is forgotten when it ends", w.status()["kept"])
    os.unlink(policy)
    w.guard.process.send_signal(signal.SIGHUP)
    until(lambda: w.guard.status().get("reloads") == reloads + 2, 10)
    until(lambda: w.status().get("taking") and w.status()["sessions"] == "end", 10)


def many(w):
    """One key cannot fill the list."""
    for _ in range(17):
        w.send(w.made("ann", "0", w.home + "/ann"))
    until(lambda: len(w.grants()) >= 16, 10)
    until(lambda: w.log()[-1]["event"] == "not-opened", 10)
    last = w.log()[-1]
    ok(len(w.grants()) == 16 and last["event"] == "not-opened" and "of this key" in last["why"],
       "sixteen grants of one key and no more", len(w.grants()), last)
    w.jit("close", "all")


def children_killed(w):
    """kill -9 of each process while somebody is in, and somebody asks."""
    w.request("--for", "1h")
    until(lambda: w.grants(), 10)
    for name in ("knock", "keys"):
        pid = w.guard.pid(name)
        os.kill(pid, signal.SIGKILL)
        still = w.reachable()
        back = until(lambda: w.guard.pid(name) not in (0, None, pid), 20)
        w.jit("close", "all")
        until(lambda: w.status().get("taking"), 10)
        got = False
        for _ in range(5):
            w.request("--for", "1h")
            got = got or until(lambda: w.grants(), 3)
        ok(still and back and got, "kill -9 of guard-%s: who is in stays in, and it comes back" % name,
           still, back, w.log()[-2:], w.guard.said())
    w.jit("close", "all")


def restart(w):
    w.request("--for", "1h")
    until(lambda: w.grants(), 10)
    s = w.session()
    w.alive(s, 10)
    # A request of before may have been heard late.
    let_in = {g["grant"] for g in w.grants()}
    w.guard.kill(signal.SIGKILL)
    ok(w.reachable() and not w.reachable(OTHER) and w.alive(s),
       "the daemon is killed: the kernel goes on")
    w.guard.start()
    ok(until(lambda: w.status().get("taking"), 10), "it starts again", w.guard.said())
    ok(let_in and let_in <= {g["grant"] for g in w.grants()} and w.alive(s) and not w.reachable(OTHER),
       "and knows whom it let in", let_in, w.grants())
    run("nft", "flush", "ruleset")
    ok(until(lambda: not w.reachable(OTHER), 10), "who deletes the rules finds them again")
    ok(w.reachable() and w.alive(s), "with what was granted")
    w.jit("close", "all")
    ok(until(lambda: s.poll() is not None, 2), "jit close ends its session")


def reboot(w, name):
    """The daemon comes up in another boot: no rules are left."""
    write(TOP + "/boot", name + "\n")
    run("mount", "--bind", TOP + "/boot", "/proc/sys/kernel/random/boot_id")
    run("nft", "flush", "ruleset")
    w.guard.start()
    until(lambda: w.status().get("taking"), 10)


def rebooted(w):
    """Ids of requests outlive the machine; where they may be lost, nobody comes in for a while."""
    good = w.datagram("--for", "1h")
    w.send(good)
    until(lambda: w.grants(), 10)
    w.guard.stop()
    reboot(w, "00000000-0000-4000-8000-000000000001")
    ok(not w.reachable() and not w.grants(), "after a boot: it is shut, and no grant is left", w.grants())
    refused(w, "a replay after a boot", "taken before", good)
    w.send(w.datagram("--for", "1h"))
    ok(until(lambda: w.grants(), 10), "a new request opens", w.log()[-1])
    knock = w.guard.pid("knock")
    w.guard.process.send_signal(signal.SIGSTOP)
    os.kill(knock, signal.SIGKILL)  # else it closes its file
    w.guard.kill(signal.SIGKILL)
    reboot(w, "00000000-0000-4000-8000-000000000002")
    refused(w, "the machine stopped unawares: a replay", "request", good)
    refused(w, "and whatever comes in the first minute", "older than the requests", w.datagram("--for", "1h"))
    w.guard.stop()
    os.unlink(w.guard.top + "/state/knock/jit-replay")
    w.guard.start()
    until(lambda: w.status().get("taking"), 10)


def disabling(w):
    done = w.jit("disable")
    tables = run("nft", "list", "tables").stdout
    ok(done.returncode == 0 and w.reachable() and w.reachable(OTHER) and
       "holdfast_jit" not in tables, "jit disable: everything is as it was", done.stderr, tables)
    ok(w.changes()[1:] == ("undone", "jit-disable"), "the journal of changes knows it", w.changes())
    w.jit("enable", "ssh")
    shut, change = not w.reachable(), w.changes()
    done = w.changes("undo", str(change[0]))
    ok(shut and change[1] == "awaiting" and done.returncode == 0 and w.reachable() and
       w.changes() == (change[0], "undone", "undo") and
       "holdfast_jit" not in run("nft", "list", "tables").stdout, "holdfast undo leads to jit disable",
       shut, change, done.stdout, done.stderr, w.changes())
    ok(until(lambda: not w.guard.pid("knock") and not w.guard.pid("keys"), 10),
       "and the processes have ended")


def rolling_back(w):
    before = run("nft", "list", "ruleset").stdout
    w.jit("enable", "ssh", "--within", "30s")
    shut = not w.reachable()
    w.guard.kill(signal.SIGKILL)
    ok(shut and not w.reachable(), "shut, not confirmed; the daemon is killed")
    ok(until(lambda: w.reachable(), 35), "the kernel opens it again in time")
    w.guard.start()
    ok(until(lambda: w.status().get("jit") == "off", 10) and
       run("nft", "list", "ruleset").stdout == before, "and the daemon takes the rest away",
       w.status(), run("nft", "list", "ruleset").stdout)
    ok(until(lambda: w.changes()[1:] == ("undone", "timeout"), 20), "the journal of changes knows it", w.changes())


def damage(w):
    """Another boot, a log that another process holds, a file that is lost: nobody is locked out."""
    state = w.guard.top + "/state/jit-doors"
    w.jit("enable", "ssh")
    until(lambda: w.status().get("taking"))
    w.request()
    until(lambda: w.grants(), 10)
    s = w.session()
    w.alive(s, 10)
    w.jit("confirm", env={"SSH_CONNECTION": connection(w, s)})
    w.guard.stop()
    with open(state, encoding="ascii") as f:
        text = f.read()
    boot = json.loads(text.splitlines()[0])["boot"]
    write(state, text.replace(boot, "another"), 0o600)
    run("nft", "flush", "ruleset")
    w.guard.start()
    until(lambda: w.status().get("taking"), 10)
    ok(not w.reachable() and not w.grants() and w.alive(s) and w.status()["shut"][0]["confirmed"],
       "after a boot: shut, grants are over, who came before goes on", w.status(), w.grants())
    w.guard.stop()
    held = open(w.guard.top + "/state/jit-audit.jsonl", "r+b")
    fcntl.flock(held, fcntl.LOCK_EX)
    w.guard.start()
    shut = not w.reachable()
    done = w.jit("disable")
    held.close()
    ok(shut and done.returncode == 0 and w.reachable(),
       "jit disable works though the audit log cannot be had", done.stderr, w.status())
    w.jit("enable", "ssh")
    w.guard.kill(signal.SIGKILL)
    write(state, "damaged\n", 0o600)
    w.guard.start()
    told = until(lambda: w.status().get("left_behind"), 10)
    ok(told and not w.reachable(), "a table that no file names is told", w.status())
    done = w.jit("disable")
    ok(done.returncode == 0 and w.reachable() and
       "holdfast_jit" not in run("nft", "list", "tables").stdout, "and goes", done.stderr)
    s.kill()


def older_rules(w):
    """A translation that comes first would still lead to the port."""
    run("nft", "-f", "-", input="""table ip old {
  chain pre { type nat hook prerouting priority -100; tcp dport 2222 redirect to :22; }
}
""")
    done = w.jit("enable", "ssh")
    ok(done.returncode == 1 and "can still be reached" in done.stderr and
       "old" in done.stderr and w.reachable() and
       "holdfast_jit" not in run("nft", "list", "tables").stdout,
       "an older rule that would lead in is named, and nothing is shut", done.stdout,
       done.stderr)
    # Azure lets nobody in to port 22, but everybody to one from which the translation leads there.
    azure("2222", "*", ["20.1.2.3"])
    done = w.jit("enable", "ssh", "--azure", TOP + "/nsg.json")
    ok(done.returncode == 1 and "can still be reached by" in done.stderr and
       "/office; " in done.stderr and "ip old pre handle" in done.stderr and "Deny" not in done.stderr and
       w.reachable(), "so it is behind Azure, with the rule of Azure that lets it through", done.stdout,
       done.stderr)
    azure("443", "*", ["20.1.2.3"])
    done = w.jit("enable", "ssh", "--dry-run", "--azure", TOP + "/nsg.json")
    ok(done.returncode == 0 and "reached by" in done.stdout and "by 0.0.0.0/0" not in done.stdout,
       "but not where Azure lets through another port", done.stdout, done.stderr)
    run("nft", "delete", "table", "ip", "old")


def inside(holdfast, top):
    w = World(holdfast)
    w.build()
    os.makedirs(TOP + "/guard")
    w.guard = Guard(holdfast, TOP + "/guard", CONFIG)
    w.guard.start()
    w.start_sshd()
    try:
        old = enabling(w)
        new = first_grant(w)
        expiry(w)
        trail(w)
        negatives(w)
        others(w)
        two_people(w)
        tokens(w)
        keeping(w)
        many(w)
        children_killed(w)
        restart(w)
        rebooted(w)
        ok(w.alive(old), "who was there before all that still is")
        disabling(w)
        damage(w)
        older_rules(w)
        rolling_back(w)
        old.kill()
        new.kill()
    finally:
        w.guard.stop()
        w.stop()


if __name__ == "__main__":
    if sys.argv[1] != "--inside":
        os.environ["KNOCK_MAKE"] = os.path.abspath(sys.argv.pop(2))
        os.environ["SSH_SK_PROVIDER"] = os.path.abspath(sys.argv.pop(2))
    sys.exit(namespaced(os.path.abspath(__file__), ["sshd", "ssh", "ssh-keygen"], inside))
