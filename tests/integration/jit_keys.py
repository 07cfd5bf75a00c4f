#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose keys count for just-in-time access, beside what the real sshd says of the same keys: the program of
AuthorizedKeysCommand, and lists of revoked keys in ssh-keygen's form.

usage: jit_keys.py HOLDFAST KNOCK_MAKE
"""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jit_server as j  # noqa: E402
from guard_world import Guard, namespaced, until  # noqa: E402
from tap import ok  # noqa: E402

PROGRAM, WORD = "/etc/ssh/keys of", "/etc/ssh/keys\\ of"
SAID = "/mnt/said/log"
# Writes down how it was run, and answers with the lines of a file.
SCRIPT = """#!/bin/sh
{ for word; do printf '%s\\n' "$word"; done; id -u; id -g; id -G; printf '%s\\n' "$HOME" "$USER" "$LOGNAME"
  pwd; ls /proc/self/fd | wc -l; } >>/mnt/said/log
"""


class World(j.World):
    """A configuration that sshd and the daemon both have."""

    def build(self):
        super().build()
        os.mkdir(j.TOP + "/said", 0o755)
        os.chown(j.TOP + "/said", self.USERS["bob"], self.USERS["bob"])
        with open("/etc/ssh/sshd_config", encoding="utf-8") as f:
            self.base = f.read()
        with open(self.home + "/config", encoding="utf-8") as f:
            config = f.read()
        j.write(self.home + "/config", config.replace("ConnectTimeout 3", "ConnectTimeout 30"))
        self.authorize("ann")

    def settings(self, text):
        """Another sshd: one that is told to read its file anew may not have done so yet."""
        j.write("/etc/ssh/sshd_config", self.base + text)
        self.stop()
        if os.path.exists("/run/sshd.pid"):
            os.unlink("/run/sshd.pid")
        self.sshd = j.subprocess.Popen(["/usr/sbin/sshd", "-D"], stdin=j.subprocess.DEVNULL,
                                       stdout=j.subprocess.DEVNULL, stderr=j.subprocess.PIPE)
        if not until(lambda: os.path.exists("/run/sshd.pid") or self.sshd.poll() is not None, 20) or \
                self.sshd.poll() is not None:
            raise RuntimeError("sshd: " + self.sshd.stderr.read().decode())

    def certify(self, *words, ca="ca"):
        j.run("ssh-keygen", "-q", "-s", "%s/%s" % (self.home, ca), *words, self.home + "/worker.pub")

    def program(self, answer, mode=0o755, script=SCRIPT):
        j.write(PROGRAM, script + answer, mode)

    def sshd_says(self, key, user="ann"):
        """Whether sshd lets the key in, from an address that has a grant of its own."""
        return self.ssh("true", user=user, key=key, source=j.OTHER).returncode == 0

    def we_say(self, key, user="ann"):
        """True, or why not."""
        before = len(self.log())
        data = self.datagram("--for", "1m", user=user, key=key)
        for _ in range(3):
            self.send(data)
            got = until(lambda: [r for r in self.log()[before:] if r["event"] in ("granted", "refused")],
                        8)
            if got:
                break
        self.jit("close", j.CLIENT)
        if not got:
            return "no line"
        return got[0]["event"] == "granted" or got[0]["why"]


def shut(w):
    """One address may always come in, so that sshd can be asked."""
    ok(w.jit("enable", "ssh", "--within", "1h").returncode == 0 and
       until(lambda: w.status().get("taking"), 20), "the port is shut", w.status(), w.guard.said())
    text = w.datagram("--for", "2h", "--from", j.OTHER, user="bob")
    done = w.jit("approve", j.base64.b64encode(text).decode())
    ok(done.returncode == 0 and w.reachable(j.OTHER) and not w.reachable(), "but for one address",
       done.stderr)


def same(w, name, key, wanted, why="", user="ann"):
    theirs, ours = w.sshd_says(key, user), w.we_say(key, user)
    ok(theirs == wanted and ((ours is True) if wanted else (ours is not True and why in ours)),
       name, "sshd: %s, we: %s" % (theirs, ours), w.log()[-2:])


def said():
    try:
        with open(SAID, encoding="utf-8") as f:
            return f.read()
    finally:
        os.unlink(SAID)


def programs(w):
    w.program("cat /mnt/client/ann.pub\n")
    words = "%s %%u:%%U a\\ b \"c '%%h'\" %%t %%f %%k 100%%%%" % WORD
    w.settings("AuthorizedKeysCommand %s\nAuthorizedKeysCommandUser bob\n" % words)
    ok(w.sshd_says("ann"), "sshd takes a key that the program names")
    theirs = said()
    ok(w.we_say("ann") is True, "so do we", w.log()[-2:], w.guard.said())
    ours = said()
    # sshd asks twice: whether it would take the key, and when it gets the signature.
    ok(2 * ours == theirs and ours.count("\n") == 15 and "100%" in ours and
       "2002\n2002\n2002\n/mnt/home/bob\nbob\nbob\n" in ours,
       "with the same words, user, groups, environment, folder and descriptors", theirs, ours)
    same(w, "a key that it does not name", "stranger", False, "no line")
    said()
    same(w, "a key that the files have is not asked for", "bob", True, user="bob")
    ok(not os.path.exists(SAID), "indeed")
    same(w, "an account that may not log in", "ann", False, "may not log in", user="eve")
    w.program("echo from=\\\"10.99.0.3\\\" $(cat /mnt/client/ann.pub)\n")
    theirs, ours = w.sshd_says("ann"), w.we_say("ann")
    ok(theirs and ours is not True and "from this address" in ours,
       "from= in its answer: the address that asks", theirs, ours)
    w.program("cat /mnt/client/revoked.pub\n")
    same(w, "a key that was revoked is not asked for", "revoked", False, "revoked")
    w.program("printf 'cert-authority,principals=\"web\" %s' \"$(cat /mnt/client/ca.pub)\"\n")
    w.keygen(w.home + "/worker")
    j.run("ssh-keygen", "-q", "-s", w.home + "/ca", "-I", "worker", "-n", "web", "-z", "7",
          w.home + "/worker.pub")
    theirs, ours = w.ssh("true", key="worker", source=j.OTHER).returncode, w.we_say("worker-cert.pub")
    ok(theirs == 0 and ours is True, "a certificate by an authority that it names", theirs, ours)
    said()


def principals(w):
    """The program of AuthorizedPrincipalsCommand."""
    w.authorize("ann")
    w.program("echo nobody; echo web; echo\n")
    w.settings("AuthorizedPrincipalsCommand %s %%u:%%U %%h %%t %%f %%k %%T %%F %%K '%%i' %%s\n"
               "AuthorizedPrincipalsCommandUser bob\n" % WORD)
    w.certify("-I", "a key's id", "-n", "ops,web", "-z", "18446744073709551615")
    good = w.ssh("true", key="worker", source=j.OTHER).returncode == 0
    theirs = said()
    ok(good, "sshd takes a certificate whose principal the program names")
    ok(w.we_say("worker-cert.pub") is True, "so do we", w.log()[-2:], w.guard.said())
    ours = said()
    ok(2 * ours == theirs and ours.count("\n") == 18 and "18446744073709551615" in ours and
       "a key's id\n" in ours, "with the same words", theirs, ours)
    certified(w, "one for other names", False, "not for this account", "-n", "ann", asked=True)
    certified(w, "one without names", False, "not for this account")
    certified(w, "one that has expired", False, "", "-n", "web", "-V", "20200101:20210101")
    certified(w, "one of a host", False, "", "-n", "web", "-h")
    w.keygen(w.home + "/ca2")
    certified(w, "one by another authority", False, "no line", "-n", "web", ca="ca2")
    same(w, "a key without a certificate", "stranger", False, "no line")
    w.program("echo web; exit 1\n")
    certified(w, "a program that fails", False, "does not say", "-n", "web", asked=True)
    w.program("echo '# web'; echo 'we'; echo ' web '\n")
    certified(w, "blanks around a name", True, "", "-n", "web", asked=True)
    w.settings("AuthorizedPrincipalsFile /etc/ssh/names\nAuthorizedPrincipalsCommand %s\n"
               "AuthorizedPrincipalsCommandUser bob\n" % WORD)
    j.write("/etc/ssh/names", "ops\n")
    certified(w, "a name of AuthorizedPrincipalsFile", True, "", "-n", "ops")
    certified(w, "one of the program beside it", True, "", "-n", "web", asked=True)
    said()


def certified(w, name, wanted, why, *words, ca="ca", asked=False):
    """sshd and we, of a certificate; asked: we ran the program."""
    w.certify("-I", "worker", *words, ca=ca)
    theirs = w.ssh("true", key="worker", source=j.OTHER).returncode == 0
    if os.path.exists(SAID):
        os.unlink(SAID)
    ours = w.we_say("worker-cert.pub")
    ok(theirs == wanted and ((ours is True) if wanted else (ours is not True and why in ours)) and
       os.path.exists(SAID) == asked,
       name, "sshd: %s, we: %s" % (theirs, ours), w.log()[-1:])


def one_word(w):
    w.program("[ $# = 1 ] && [ \"$1\" = ann ] && cat /mnt/client/ann.pub\n")
    w.settings('AuthorizedKeysCommand %s\nAuthorizedKeysCommandUser bob\n' % WORD)
    same(w, "without words it gets the account", "ann", True)
    w.settings("AuthorizedKeysCommand none\n")
    same(w, "none", "ann", False, "no line")
    w.settings('Match User bob\nAuthorizedKeysCommand %s\nAuthorizedKeysCommandUser bob\n' % WORD)
    same(w, "that of another account", "ann", False, "no line")


def bad_programs(w):
    settings = 'AuthorizedKeysCommand %s %%%%u\nAuthorizedKeysCommandUser %%s\n' % WORD
    answer = "cat /mnt/client/ann.pub\n"
    w.settings(settings % "bob")
    w.program(answer + "exit 1\n")
    same(w, "one that fails behind its answer", "ann", False, "does not say")
    w.program(answer + "kill -9 $$\n")
    same(w, "one that is killed", "ann", False, "does not say")
    for mode, name in ((0o775, "one that its group may write"), (0o757, "one that all may write"),
                       (0o644, "one that cannot be run")):
        w.program(answer, mode)
        os.chown(PROGRAM, 0, 2002)  # Debian's sshd lets the owner's own group write
        same(w, name, "ann", False, "does not say")
    w.program(answer)
    os.chown(PROGRAM, 2001, 0)
    same(w, "one that an account owns", "ann", False, "does not say")
    w.program(answer)
    os.chmod("/etc/ssh", 0o777)
    same(w, "one in a folder that all may write", "ann", False, "does not say")
    os.chmod("/etc/ssh", 0o755)
    os.unlink(PROGRAM)
    same(w, "one that is not there", "ann", False, "does not say")
    w.program("", script=answer)
    same(w, "one that is no program", "ann", False, "does not say")
    w.program(answer)
    same(w, "after all that", "ann", True)
    w.settings(settings % "nemo")
    same(w, "a user who is not there", "ann", False, "does not say")


def bounds(w):
    """What sshd would wait for."""
    w.settings('AuthorizedKeysCommand %s %%u\nAuthorizedKeysCommandUser bob\n' % WORD)
    w.program("cat /mnt/client/ann.pub; echo $$ >/mnt/said/pid; sleep 300\n")
    ours = w.we_say("ann")
    with open("/mnt/said/pid", encoding="ascii") as f:
        pid = int(f.read())
    gone = until(lambda: not os.path.exists("/proc/%d" % pid), 10)
    ok(ours is not True and "does not say" in ours and gone,
       "one that does not end is ended, and nobody is let in", ours, gone)
    w.program("cat /mnt/client/ann.pub; yes '# more'\n")
    ours = w.we_say("ann")
    ok(ours is not True and "does not say" in ours, "one that writes without end", ours)
    w.program("cat /mnt/client/ann.pub; head -c 800000 /dev/urandom\n")
    ok(w.we_say("ann") is True, "one that writes what nobody understands", w.log()[-1:])
    w.program("cat /mnt/client/ann.pub\n")
    pid = until(lambda: w.guard.pid("command"), 5)
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        rights = [int(line.split()[1], 16) for line in f if line.startswith(("CapPrm", "CapEff"))]
    ok(rights and all(not r & ~0xe4 for r in rights),
       "who runs it may read, change its user, and no more", [hex(r) for r in rights])
    os.kill(pid, signal.SIGKILL)
    until(lambda: w.guard.pid("command") not in (pid, None), 20)
    # On a busy machine it may not answer in time at first.
    ok(until(lambda: w.we_say("ann") is True, 30), "it is started again", w.guard.said(), w.log()[-3:])


# Sends datagrams one after the other: pairs of address and hexadecimal digits.
SENDS = """
import socket, sys, time
for source, data in zip(sys.argv[2::2], sys.argv[3::2]):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((source, 0))
    s.sendto(bytes.fromhex(data), (sys.argv[1], 62201))
    time.sleep(0.1)
"""


def at_once(w):
    """Five strangers, one of them twice, then ann, whose key the program names, and bob with his in a file:
    what the log has of each, in its order."""
    strangers = [("10.98.%d.1" % i, w.datagram(user="ann", key="stranger")) for i in range(5)]
    packets = strangers + [strangers[4], (j.CLIENT, w.datagram("--for", "1m", user="ann")),
                           (j.CLIENT, w.datagram("--for", "1m", user="bob"))]
    before = len(w.log())
    w.away(sys.executable, "-c", SENDS, j.SERVER,
           *(word for source, data in packets for word in (source, data.hex())))

    def told():
        return [r.get("why") or r["event"] + " " + r["account"] for r in w.log()[before:]
                if r["event"] in ("granted", "refused", "dropped")]
    until(lambda: len(told()) == len(packets), 30)
    w.jit("close", j.CLIENT)
    return told()


def slow(w):
    """Nobody waits for another one's program."""
    w.settings('AuthorizedKeysCommand %s %%u %%f\nAuthorizedKeysCommandUser bob\n' % WORD)
    w.program('sleep 1.5\nread -r kind key comment </mnt/client/ann.pub; echo "$kind $key"\n')
    j.run("ip", "-n", "client", "route", "add", "local", "10.98.0.0/16", "dev", "lo")
    j.run("ip", "route", "add", "10.98.0.0/16", "via", j.CLIENT)
    for _ in range(5):
        got = at_once(w)
        theirs = [i for i, what in enumerate(got) if "no line" in what]
        # A busy machine lets fewer strangers in.
        if len(got) == 8 and not any("budget" in what for what in got):
            break
    ok(len(theirs) == 5 and "granted bob" in got and got.index("granted bob") < theirs[2],
       "whoever has his key in a file is let in while the programs run", got)
    ok("granted ann" in got and got.index("granted ann") < theirs[3],
       "who knocked well is asked about before strangers", got)
    ok("the request was taken before" in got and
       got.index("the request was taken before") < theirs[2], "the same request is not asked about twice", got)
    said()


def lists(w):
    w.authorize("ann", *(w.public(name) for name in ("ann", "bob", "revoked")))
    w.program("")
    w.settings("")
    revoked = "/etc/ssh/revoked_keys"
    j.run("ssh-keygen", "-q", "-k", "-f", revoked, w.home + "/revoked.pub")
    same(w, "a list in ssh-keygen's form: a key that it has", "revoked", False, "revoked")
    same(w, "one that it has not", "ann", True)
    with open(w.home + "/spec", "w", encoding="ascii") as f:
        f.write("sha256: %ssha1: %s" % (w.public("bob"), w.public("revoked")))
    j.run("ssh-keygen", "-q", "-k", "-f", revoked, w.home + "/spec")
    same(w, "by SHA-256", "bob", False, "revoked")
    same(w, "by SHA-1", "revoked", False, "revoked")
    same(w, "neither", "ann", True)
    w.authorize("ann")
    for name, spec, good in (("by serial number", "serial: 7\n", False),
                             ("another serial number", "serial: 6\nserial: 8-100\n", True),
                             ("by a range", "serial: 3-7\n", False),
                             ("by a bitmap", "serial: 1\nserial: 3\nserial: 5\nserial: 7\nserial: 9\n", False),
                             ("a bitmap without it", "serial: 1\nserial: 3\nserial: 6\nserial: 9\n", True),
                             ("by key id", "id: worker\n", False), ("another key id", "id: work\n", True)):
        j.write(w.home + "/spec", spec)
        j.run("ssh-keygen", "-q", "-k", "-f", revoked, "-s", w.home + "/ca.pub", w.home + "/spec")
        j.run("ssh-keygen", "-q", "-s", w.home + "/ca", "-I", "worker", "-n", "ann", "-z", "7",
              w.home + "/worker.pub")
        theirs = w.ssh("true", key="worker", source=j.OTHER).returncode == 0
        ours = w.we_say("worker-cert.pub")
        ok(theirs == good and (ours is True if good else ours is not True and "revoked" in ours),
           "a certificate, " + name, theirs, ours)
    j.write(w.home + "/spec", "key: " + w.public("ca"))
    j.run("ssh-keygen", "-q", "-k", "-f", revoked, w.home + "/spec")
    theirs, ours = w.ssh("true", key="worker", source=j.OTHER).returncode, w.we_say("worker-cert.pub")
    ok(theirs and ours is not True and "revoked" in ours, "its authority", theirs, ours)
    w.authorize("ann", w.public("ann"))
    with open(revoked, "rb") as f:
        data = f.read()
    with open(revoked, "wb") as f:
        f.write(data[:-3])
    same(w, "a list that is damaged lets nobody in", "ann", False, "not understood")


def inside(holdfast, top):
    w = World(holdfast)
    w.build()
    os.makedirs(j.TOP + "/guard")
    w.guard = Guard(holdfast, j.TOP + "/guard", j.CONFIG)
    w.guard.start()
    w.start_sshd()
    try:
        shut(w)
        programs(w)
        principals(w)
        one_word(w)
        bad_programs(w)
        bounds(w)
        slow(w)
        lists(w)
    finally:
        w.guard.stop()
        w.stop()


if __name__ == "__main__":
    if sys.argv[1] != "--inside":
        os.environ["KNOCK_MAKE"] = os.path.abspath(sys.argv.pop(2))
    sys.exit(namespaced(os.path.abspath(__file__), ["sshd", "ssh", "ssh-keygen"], inside))
