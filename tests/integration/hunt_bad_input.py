#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holdfast hunt makes of logs and rules that are broken, hostile or in motion.

usage: hunt_bad_input.py HOLDFAST

Every case asks for the same: it ends in time and in bounded memory, what can be read is judged, what
cannot is named, and nobody is blamed for what somebody else wrote.
"""
import bz2
import gzip
import json
import lzma
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import ok, plan

GUESSING = "Password guessing by SSH"
EVIL, VICTIM = "203.0.113.66", "192.0.2.99"


def failed(i, user=b"root", source=EVIL, day=b"Nov 20", hour=10):
    return b"%s %02d:%02d:%02d web1 sshd[%d]: Failed password for %s from %s port %d ssh2" % (
        day, hour, i // 60, i % 60, 100 + i, user, source.encode(), 4000 + i)


def guesses(n=6, **kwargs):
    return [failed(i, **kwargs) for i in range(n)]


class Suite:
    def __init__(self, holdfast, top):
        self.holdfast, self.top = holdfast, top

    def path(self, name, data=None):
        path = os.path.join(self.top, name)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        return path

    @staticmethod
    def peak(pid):
        try:
            with open("/proc/%d/status" % pid, encoding="ascii") as f:
                return max((int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM")),
                           default=0)
        except OSError:
            return 0

    def run(self, *args, stdin=None, limit=120):
        """Exit code, standard output, errors, megabytes at peak."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen([self.holdfast] + list(args), stdin=stdin or subprocess.DEVNULL,
                                     stdout=out, stderr=err, env=dict(os.environ, TZ="UTC"))
            deadline, peak = time.monotonic() + limit, 0
            while True:
                peak = max(peak, self.peak(child.pid))
                pid, status, _ = os.wait4(child.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > deadline:
                    child.kill()
                    os.wait4(child.pid, 0)
                    return -1, b"", b"took too long", 0
                time.sleep(0.01)
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return child.returncode, out.read(), err.read(), peak

    def alerts(self, *args, **kwargs):
        code, out, err, peak = self.run("hunt", "-f", "jsonl", *args, **kwargs)
        return code, [json.loads(line) for line in out.splitlines()], err.decode(), peak

    def guessed(self, name, data, source=EVIL, options=()):
        """These bytes tell of guessing by that address, and of nobody else."""
        code, alerts, err, _ = self.alerts(*options, self.path("log", data))
        told = [a for a in alerts if a["title"] == GUESSING]
        ok(not code and told and all(a["group"]["src_ip"] == source for a in told), name, code,
           err, alerts)
        return alerts

    # Bytes

    def bytes(self):
        lines = guesses()
        self.guessed("CRLF", b"\r\n".join(lines) + b"\r\n")
        self.guessed("no newline at the end", b"\n".join(lines))
        self.guessed("a byte order mark", b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n")
        self.guessed("NUL between the lines", b"\n\0\0\0\n".join(lines) + b"\n")
        self.guessed("a block of NUL, as after a crash",
                     b"\n".join(lines[:3]) + b"\n" + b"\0" * 100000 + b"\n" +
                     b"\n".join(lines[3:]) + b"\n")
        self.guessed("NUL in a name", b"\n".join(guesses(user=b"ro\0ot")) + b"\n")
        alerts = self.guessed("invalid UTF-8 in a name", b"\n".join(guesses(user=b"r\xff\xc0\xafx")) + b"\n")
        ok(alerts and alerts[0]["group"]["user"].startswith("r\\xFF"), "which JSON can say", alerts)
        self.guessed("binary lines between", b"\n".join(
            lines[:3] + [bytes(range(256)).replace(b"\n", b"") * 50] * 20 + lines[3:]) + b"\n")
        self.guessed("empty lines", b"\n\n\n".join(lines) + b"\n")
        for text, what in ((b"", "an empty file"), (b"\n" * 1000, "newlines alone"),
                           (b"\0" * 100000, "NUL alone"), (b"\xff" * 100000, "0xFF alone")):
            code, alerts, err, _ = self.alerts(self.path("log", text))
            ok(code == 0 and not alerts and not err, what + ": nothing", code, err, alerts)

    def long_line(self):
        path = self.path("log")
        with open(path, "wb") as f:
            f.write(b"\n".join(guesses(3)) + b"\n")
            f.write(b"Nov 20 10:01:00 web1 sshd[1]: Failed password for ")
            for _ in range(100):
                f.write(b"x" * 1000000)
            f.write(b" from %s port 1 ssh2\n" % VICTIM.encode())
            f.write(b"\n".join(failed(3600 // 60 + i) for i in range(3, 6)) + b"\n")
        code, alerts, err, peak = self.alerts("--threads", "1", path)
        ok(code == 0 and any(a["title"] == GUESSING and a["record"] == 7 for a in alerts),
           "a line of 100 MB: the others count, with their numbers", code, err, alerts)
        ok(peak < 200, "in bounded memory", "%d MB" % peak)
        code, out, err, _ = self.run("hunt", path)
        ok(b"1 lines of" in out and b"too long" in out, "and it is said", out.decode()[-600:])
        with open(path, "rb") as f:
            _, again, _, peak = self.alerts("-", stdin=f)
        ok([a["record"] for a in again] == [a["record"] for a in alerts] and peak < 200,
           "the same by standard input", peak, again)
        packed = self.path("log.gz")
        with open(path, "rb") as f, gzip.open(packed, "wb", 1) as g:
            shutil.copyfileobj(f, g)
        _, again, _, peak = self.alerts(packed)
        ok([a["record"] for a in again] == [a["record"] for a in alerts] and peak < 250,
           "the same packed", peak, again)
        os.unlink(path)
        os.unlink(packed)

    def packed(self):
        text = b"\n".join(guesses(6) + [failed(i, source="10.0.%d.%d" % (i // 250, i % 250), user=b"u")
                                        for i in range(7, 3000)]) + b"\n"
        packers = [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)]
        if shutil.which("zstd"):
            packers.append(("zst", lambda data: subprocess.run(
                ["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout))
        for name, pack in packers:
            data = pack(text)
            self.guessed(name, data)
            self.guessed(name + ", twice", pack(text[:300]) + pack(text[300:]))
            path = self.path("cut." + name, data[:len(data) * 2 // 3])
            code, out, err, _ = self.run("hunt", path)
            ok(code == 3 and b"Not read wholly: " in out, name + ", cut off: said",
               code, out, err)
            if name == "gz":
                ok(GUESSING.encode() in out, "and what is there is judged", out)
            path = self.path("bad." + name, data[:200] + bytes(200) + data[400:])
            code, out, err, _ = self.run("hunt", path)
            ok(code == 3 and b"Not read" in out, name + ", damaged: said", code, out, err)
        bomb = self.path("bomb.gz", gzip.compress(bytes(1 << 20), 9) * 4096)
        code, out, err, peak = self.run("hunt", bomb)
        ok(code == 0 and peak < 300, "4 GiB of NUL, packed: bounded memory", code, peak, err)
        os.unlink(bomb)

    # Times

    def times(self):
        old = [failed(i, day=b"Nov 21") for i in range(3)]
        back = [failed(i, day=b"Nov 20") for i in range(6)]
        self.guessed("the clock goes back a day", b"\n".join(old + back) + b"\n")
        lines = guesses(6, day=b"Dec 31", hour=23) + guesses(6, day=b"Jan  1", hour=0, source="203.0.113.67")
        path = self.path("log", b"\n".join(lines) + b"\n")
        os.utime(path, (1767312000, 1767312000))  # 2026-01-02
        code, alerts, _, _ = self.alerts(path)
        years = {a["group"]["src_ip"][-2:]: a["time"][:4] for a in alerts if a["title"] == GUESSING}
        ok(years == {"66": "2025", "67": "2026"}, "the year rolls over", code, years)
        across = guesses(3, day=b"Dec 31", hour=23) + [failed(i, day=b"Jan  1", hour=0) for i in (3, 4, 5)]
        path = self.path("log", b"\n".join(across) + b"\n")
        os.utime(path, (1767312000, 1767312000))
        _, alerts, _, _ = self.alerts(path)
        ok([a["title"] for a in alerts] == [GUESSING], "guessing across the year is one", alerts)
        path = self.path("log", b"\n".join(guesses(3, day=b"Nov 20") + guesses(3, day=b"Nov 25")) + b"\n")
        for when, year in ((1763942400, "2024"), (1764201600, "2025"), (1764892800, "2025")):
            os.utime(path, (when, when))  # 2025-11-24, 11-27, 12-05
            _, out, _, _ = self.run("hunt", path)
            ok(b"%s-11-20 10:00:00 to %s-11-25" % (year.encode(), year.encode()) in out,
               "a copy from among its own days: one year (%s)" % year, out.decode())
        # Berlin, 2025-10-26: 02:00 to 03:00 comes twice; 2025-03-30: not at all.
        twice = [b"Oct 26 %s web1 sshd[%d]: Failed password for root from %s port 4 ssh2" % (
            t, 100 + i, EVIL.encode()) for i, t in enumerate(
                (b"01:30:00", b"02:10:00", b"02:50:00", b"02:10:00", b"02:50:00", b"03:30:00"))]
        path = self.path("log", b"\n".join(twice) + b"\n")
        os.utime(path, (1764892800, 1764892800))
        _, alerts, _, _ = self.alerts("--time-zone", "Europe/Berlin", path)
        told = [a for a in alerts if a["title"] == GUESSING]
        ok(told and told[0]["first"] == "2025-10-25T23:30:00Z" and
           told[0]["last"] == "2025-10-26T02:30:00Z", "an hour that comes twice", alerts)
        gap = [b"Mar 30 %s web1 sshd[%d]: Failed password for root from %s port 4 ssh2" % (
            t, 100 + i, EVIL.encode()) for i, t in enumerate(
                (b"01:30:00", b"01:59:00", b"02:30:00", b"03:01:00", b"03:10:00", b"03:30:00"))]
        path = self.path("log", b"\n".join(gap) + b"\n")
        os.utime(path, (1764892800, 1764892800))
        _, alerts, _, _ = self.alerts("--time-zone", "Europe/Berlin", path)
        told = [a for a in alerts if a["title"] == GUESSING]
        ok(told and told[0]["first"] == "2025-03-30T00:30:00Z" and
           told[0]["last"] == "2025-03-30T01:30:00Z", "an hour that is not there", alerts)
        odd = [line.replace(b"Nov 20", day) for line, day in zip(guesses(6), (
            b"Feb 30", b"Nov 99", b"Foo 11", b"Nov  0", b"", b"Feb 29"))]
        code, alerts, err, _ = self.alerts(self.path("log", b"\n".join(guesses(3) + odd) + b"\n"))
        ok(code == 0 and not err, "days that there are not", code, err, alerts)
        far = [b"%d-11-20T10:00:%02dZ web1 sshd[1]: Failed password for root from %s port 4 ssh2" % (
            year, i, EVIL.encode()) for year in (1, 1970, 2025, 9999) for i in range(6)]
        code, alerts, err, _ = self.alerts(self.path("log", b"\n".join(far) + b"\n"))
        ok(code == 0 and any(a["time"].startswith("2025") for a in alerts), "years 1 to 9999", code,
           err, alerts)

    # Files in motion

    def moving(self):
        path = self.path("log")

        def fill():
            with open(path, "wb") as f:
                block = b"".join(failed(i % 3600, source="10.0.%d.%d" % (i // 250 % 250, i % 250)) + b"\n"
                                 for i in range(20000))
                for _ in range(60):
                    f.write(block)
                f.write(b"\n".join(guesses(6, hour=12)) + b"\n")
        for what, change in (
                ("truncated", lambda: os.truncate(path, 0)),
                ("cut in the middle", lambda: os.truncate(path, os.path.getsize(path) // 2)),
                ("removed", lambda: os.unlink(path)),
                ("replaced", lambda: os.replace(self.path("new", b"x\n"), path)),
                ("written on", lambda: open(path, "ab").write(b"Nov 20 13:00:00 web1 half a li"))):
            fill()
            child = subprocess.Popen([self.holdfast, "hunt", "-f", "json", "--level", "high", path], stderr=subprocess.PIPE,
                                     stdout=subprocess.PIPE, env=dict(os.environ, TZ="UTC"))
            time.sleep(0.05)
            child.send_signal(signal.SIGSTOP)
            change()
            child.send_signal(signal.SIGCONT)
            out, err = child.communicate(timeout=120)
            # Cut before it was opened or after it was read: then it was read to its end.
            codes = (0, 3) if what in ("truncated", "cut in the middle") else (0,)
            good = child.returncode in codes and not err and json.loads(out)["files"]
            ok(good, "%s while it is read" % what, child.returncode, err, out[-500:])
        if os.path.exists(path):
            os.unlink(path)

    # Rules

    def rules(self):
        log = self.path("log", b"\n".join(guesses(6, user=b"a" * 5000)) + b"\n")
        head = "title: %s\nlogsource: {product: linux, service: sshd}\nlevel: high\n"
        folder = os.path.join(self.top, "rules")
        os.mkdir(folder)

        def rule(name, text):
            with open(os.path.join(folder, name + ".yml"), "w", encoding="utf-8") as f:
                f.write(head % name + text)
        for i, pattern in enumerate(("(a+)+$", "(a|a)*b", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$",
                                     "(.*a){12}x", "(x+x+)+y")):
            rule("slow%d" % i, "detection: {s: {user|re: '%s'}, condition: s}\n" % pattern)
        rule("good", "detection: {s: {user|re: '^a+$', attempt: failed}, condition: s}\n")
        code, alerts, err, _ = self.alerts("--no-builtin", "--rules", folder, log)
        ok(code == 0 and sum(a["title"] == "good" for a in alerts) == 6,
           "regular expressions that would be slow elsewhere", code, err, alerts)
        rule("huge", "detection: {s: {user|re: '(a{1000}){1000}'}, condition: s}\n")
        rule("huger", "detection: {s: {user|re: '((a{0,500}b){0,500}c){0,500}'}, condition: s}\n")
        rule("back", "detection: {s: {user|re: '(a)\\1'}, condition: s}\n")
        code, alerts, err, _ = self.alerts("--no-builtin", "--rules", folder, log)
        ok(code == 0 and any(a["title"] == "good" for a in alerts) and
           all("rule left out: %s/%s.yml:4:" % (folder, n) in err for n in ("huge", "huger", "back")),
           "one that is too large is left out and named", code, err)
        code, out, _, _ = self.run("rules", "check", folder)
        ok(code == 1 and all(b"/%s.yml:4:" % n in out for n in (b"huge", b"huger", b"back")) and
           b"3 not compiled" in out, "rules check says where and why", code, out)
        ok(out.count(b"\n") == 4, "in a line each", out)
        shutil.rmtree(folder)
        os.mkdir(folder)
        bombs = {
            "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
                "%s: &%s [%s]\n" % (c, c, ",".join("*" + p for _ in range(9)))
                for p, c in zip("abcdefghi", "bcdefghij")),
            "deep": "a: " + "[" * 100000 + "]" * 100000 + "\n",
            "self": "a: &a [*a]\n", "wide": "a: [" + "x," * 3000000 + "]\n",
            "document": "---\n" * 500000, "binary": "\x00\x01\x02", "tabs": "a:\n\t- b\n",
            "key": "?" * 100000, "long": "title: " + "x" * 5000000 + "\n",
        }
        for name, text in bombs.items():
            with open(os.path.join(folder, name + ".yml"), "w", encoding="utf-8") as f:
                f.write(text)
            code, out, err, peak = self.run("rules", "check", os.path.join(folder, name + ".yml"))
            ok(code in (1, 3) and peak < 400 and name.encode() in out + err,
               "YAML: %s: refused and named" % name, code, peak, out[-300:], err[-300:])
            os.unlink(os.path.join(folder, name + ".yml"))

    # Names

    def names(self):
        evil = EVIL.encode()
        victim = VICTIM.encode()
        for name in (b"root from " + victim, b"root from " + victim + b" port 22 ssh2",
                     b"invalid user root from " + victim + b" port 22 ssh2: RSA SHA256:x",
                     b"Failed password for root from " + victim + b" port 22 ssh2",
                     b"x' from " + victim + b" port 1", b"::ffff:" + victim, b"a from [" + victim + b"]:22",
                     b"x [preauth]", b"Accepted password for root from " + victim + b" port 1 ssh2",
                     b"message repeated 5 times: [ Failed password for root from " + victim + b" port 1 ssh2]",
                     b"x#012Nov 20 10:00:00 web1 sshd[1]: Failed password for root from " + victim +
                     b" port 1 ssh2", b"", b" ", b"%s%n", b"${jndi:ldap://x}"):
            lines = [b"Nov 20 10:00:%02d web1 sshd[%d]: Failed password for invalid user %s from %s port %d ssh2"
                     % (i, 100 + i, name, evil, 4000 + i) for i in range(7)]
            code, alerts, err, _ = self.alerts("--level", "informational",
                                               self.path("log", b"\n".join(lines) + b"\n"))
            text = json.dumps([(a.get("group"), a["fields"].get("src_ip")) for a in alerts])
            told = any(a["title"] == GUESSING and a["group"]["src_ip"] == EVIL for a in alerts)
            blamed = [a for a in alerts if VICTIM in (a.get("group", {}).get("src_ip"),
                                                      a["fields"].get("src_ip"))]
            ok(code == 0 and not blamed and told and "Login" not in {a["title"][:5] for a in alerts},
               "the name %r: its owner is told of" % name.decode(), err, text)
        for form in (b"Invalid user %s from %s port 4000",
                     b"Connection closed by invalid user %s %s port 4000 [preauth]",
                     b"Disconnected from invalid user %s %s port 4000 [preauth]",
                     b"Connection reset by authenticating user %s %s port 4000 [preauth]",
                     b"User %s from %s not allowed because not listed in AllowUsers",
                     b"error: maximum authentication attempts exceeded for %s from %s port 4000 ssh2 [preauth]",
                     b"Postponed keyboard-interactive for invalid user %s from %s port 4000 ssh2 [preauth]",
                     b"error: PAM: Authentication failure for %s from %s",
                     b"Accepted password for %s from %s port 4000 ssh2"):
            for name in (b"root from " + victim + b" port 22", b"root " + victim + b" port 22 [preauth]",
                         b"x from " + victim + b" port 1 ssh2 from " + victim):
                lines = [b"Nov 20 10:00:%02d web1 sshd[%d]: " % (i, 100 + i) + form % (name, evil)
                         for i in range(12)]
                code, alerts, err, _ = self.alerts("--level", "informational",
                                                   self.path("log", b"\n".join(lines) + b"\n"))
                blamed = [a for a in alerts if VICTIM in (a.get("group", {}).get("src_ip"),
                                                          a["fields"].get("src_ip"))]
                ok(code == 0 and not blamed, "%s: nobody else is blamed for %r" % (
                    form.decode().split(" %s")[0], name.decode()), err, blamed[:2])
        self.guessed("mapped addresses", b"\n".join(guesses(source="::ffff:" + EVIL)) + b"\n")
        self.guessed("as hexadecimal ones", b"\n".join(guesses(source="::ffff:cb00:7142")) + b"\n")
        self.guessed("both are one", b"\n".join(guesses(3) + [
            failed(i, source="::FFFF:" + EVIL) for i in range(3, 6)]) + b"\n")
        other = [b"Nov 20 10:00:%02d web1 evil[%d]: sshd[1]: Failed password for root from %s port 4 ssh2"
                 % (i, 100 + i, victim) for i in range(20)] + [
            b"Nov 20 10:00:%02d web1 logger: Failed password for root from %s port 4 ssh2" % (i, victim)
            for i in range(20)]
        code, alerts, err, _ = self.alerts("--level", "informational",
                                           self.path("log", b"\n".join(other) + b"\n"))
        ok(code == 0 and not any(VICTIM in json.dumps(a.get("group", {})) for a in alerts),
           "lines of other programs that speak of sshd", err, alerts[:3])

    def all(self):
        for step in (self.bytes, self.long_line, self.packed, self.times, self.moving, self.rules,
                     self.names):
            step()


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as top:
        Suite(os.path.abspath(sys.argv[1]), top).all()
    return plan()


sys.exit(main())
