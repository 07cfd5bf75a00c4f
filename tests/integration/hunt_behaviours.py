#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who attacks and who does not, by SSH: every behaviour in every form that sshd's lines have.

usage: hunt_behaviours.py HOLDFAST [docs/hunt.md | --table]

The lines have the forms that a real sshd writes (hunt_ssh.py runs one); here their times, counts
and the logs around them vary. Attacks must be told by the rule that says what they are, honest
users must not be told of (nothing of level medium or above). --table prints how soon each attack
is told, for docs/hunt.md.
"""
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

from tap import ok, plan

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sshd_lines  # pylint: disable=wrong-import-position

LEVELS = ["informational", "low", "medium", "high", "critical"]
MINUTE, HOUR, DAY = 60, 3600, 86400
KNOWN = {"root", "alice", "bob", "carol", "backup", "deploy"} | {"staff%02d" % i for i in range(50)}
NAMES = ["admin", "test", "oracle", "ubuntu", "user", "postgres", "pi", "ftp", "git", "guest", "mysql",
         "nagios", "support", "www", "tomcat", "jenkins", "hadoop", "dev", "minecraft", "es"]
EVIL, OFFICE, HOME = "203.0.113.66", "198.51.100.22", "192.0.2.77"


def tries(n, every, source=EVIL, user="root", start=0, what="fail"):
    """source and user may be functions of the number of the try."""
    def of(x, i):
        return x(i) if callable(x) else x
    return [(start + i * every, of(source, i), of(user, i), what) for i in range(n)]


def together(steps, what):
    """The same in one connection, with what follows in it."""
    token = object()
    return [s[:4] + (token,) for s in steps] + [
        (steps[-1][0] + 3, steps[-1][1], steps[-1][2], what, token)]


def name60(i):
    return "%s%d" % (NAMES[i % len(NAMES)], i) if i % 4 else "staff%02d" % (i // 4)


def network(i):
    return "%d.%d.%d.%d" % (11 + i % 90, i * 7 % 250, i * 13 % 250, i % 250 + 1)


def rotating(i):
    return "2001:db8:77:1:%x:%x::%x" % (i * 977 % 65536, i * 31 % 65536, i + 1)


def session(when, source, user, wrong, how="ok", pause=4):
    """Somebody logs in: typos in one connection, three at most, then the right password."""
    out = []
    while wrong > 3:
        out += together(tries(3, pause, source, user, when), "end")
        wrong -= 3
        when += 3 * pause + 10
    if wrong:
        out += together(tries(wrong, pause, source, user, when), how)
    else:
        out.append((when, source, user, how))
    return out


def office(people, most, seed, spread=HOUR, fails=None):
    rng = random.Random(seed)
    out = []
    for i in range(people):
        out += session(rng.randrange(spread), OFFICE, "staff%02d" % i,
                       rng.randrange(most + 1) if fails is None else fails(i))
    return out


class Attack:
    def __init__(self, name, steps, rules, level, row=None):
        self.name, self.steps, self.rules, self.level, self.row = name, steps, rules, level, row


GUESSING, BRUTE = "Password guessing by SSH", "Brute force by SSH"
SPRAYING, SPREAD = "Password spraying by SSH", "Distributed password guessing by SSH"
ENTERED = "Login by SSH after several failures"
ATTACKS = [
    Attack("fast: 30 tries in a minute", tries(30, 2), [GUESSING, "Fast password guessing by SSH"], "high",
           "fast guessing, a try every 2 s"),
    Attack("fast: 100 tries in 10 s", tries(100, 0.1), [GUESSING, BRUTE], "high"),
    Attack("six tries a connection", sum((together(tries(6, 3, start=i * 60), "end")
                                          for i in range(5)), []), [GUESSING], "medium"),
    Attack("a try every 3 minutes for 2 hours", tries(40, 3 * MINUTE), [GUESSING], "medium",
           "one try every 3 minutes"),
    Attack("5 tries every 3 minutes", sum((tries(5, 1, start=i * 180) for i in range(20)), []),
           [GUESSING, BRUTE], "high"),
    Attack("a try every 3 minutes, names that do not exist",
           tries(40, 3 * MINUTE, user=lambda i: NAMES[i % len(NAMES)]), [SPRAYING], "high"),
    Attack("a try every 12 minutes for a day", tries(120, 12 * MINUTE), [GUESSING, BRUTE], "high",
           "one try every 12 minutes"),
    Attack("a job whose password has changed, every minute of a day",
           tries(1440, MINUTE, "10.0.0.5", "backup"), [GUESSING], "medium"),
    Attack("a try every 12 minutes for two hours", tries(10, 12 * MINUTE, user="alice"),
           [GUESSING], "medium"),
    Attack("a try every 2 hours", tries(24, 2 * HOUR), [GUESSING], "medium",
           "one try every 2 hours"),
    Attack("IPv6 rotation inside one /64", tries(50, 30, rotating), [GUESSING, BRUTE], "high",
           "IPv6 rotation inside one /64"),
    Attack("IPv6 rotation, a try every 12 minutes", tries(50, 12 * MINUTE, rotating), [GUESSING],
           "medium",
           "IPv6 rotation, one try every 12 minutes"),
    Attack("IPv6 rotation, many names", tries(60, 10, rotating, name60), [SPRAYING], "high"),
    Attack("60 user names", tries(60, 5, user=name60), [SPRAYING], "high",
           "one address, 60 user names"),
    Attack("60 user names in a day", tries(60, 20 * MINUTE, user=name60), [SPRAYING], "high",
           "one address, 60 user names in 20 hours"),
    Attack("60 names that do not exist", tries(60, 5, user=lambda i: "zz%d" % i), [SPRAYING], "high"),
    Attack("five names in turn, 30 tries in a minute",
           tries(30, 2, user=lambda i: NAMES[i % 5]), ["Password guessing at several accounts by SSH"], "medium",
           "five names in turn, a try every 2 s"),
    Attack("ten names in turn, 24 tries", tries(24, 2, user=lambda i: NAMES[i % 10]),
           ["Password guessing at several accounts by SSH"], "medium",
           "ten names in turn, a try every 2 s"),
    Attack("five names in turn, 12 tries, 3 minutes between", tries(12, 180, user=lambda i: NAMES[i % 5]),
           ["Slow password guessing by SSH"], "medium", "five names in turn, a try every 3 minutes"),
    Attack("12 names, 12 minutes between", tries(12, 720, user=lambda i: NAMES[i]),
           ["Slow password guessing by SSH"], "medium", "twelve names, a try every 12 minutes"),
    Attack("IPv6 rotation, four names, 12 tries", tries(12, 20, rotating, lambda i: NAMES[i % 4]),
           ["Slow password guessing by SSH"], "medium"),
    Attack("12 names, 3 minutes between, then success of another account",
           tries(12, 180, user=lambda i: NAMES[i]) + [(3000, EVIL, "bob", "ok")],
           ["Login by SSH from an address that guessed slowly"], "critical"),
    Attack("4 failures, then success, one connection each",
           tries(4, 5) + [(30, EVIL, "root", "ok")], [ENTERED], "critical",
           "four failures, then success"),
    Attack("4 failures, then success, three and one a connection",
           session(0, EVIL, "alice", 4), [ENTERED], "critical"),
    Attack("4 failures, then success, 3 minutes between",
           tries(4, 180, user="bob") + [(730, EVIL, "bob", "ok")], [ENTERED], "critical"),
    Attack("4 failures, then success, 12 minutes between",
           tries(4, 720, user="bob") + [(2900, EVIL, "bob", "ok")], [ENTERED], "critical"),
    Attack("4 failures, then success, an hour between",
           tries(4, HOUR, user="bob") + [(4 * HOUR, EVIL, "bob", "ok")], [ENTERED], "critical",
           "four failures an hour apart, then success"),
    Attack("8 failures, then success after hours",
           tries(8, 3 * HOUR // 2, user="bob") + [(13 * HOUR, EVIL, "bob", "ok")], [ENTERED], "critical"),
    Attack("35 failures, then success of another account",
           tries(35, 5) + [(200, EVIL, "bob", "ok")], ["Login by SSH from an address that guessed passwords"],
           "critical",
           "35 failures, then success of another account"),
    Attack("20 names, then success",
           tries(20, 5, user=name60) + [(200, EVIL, "bob", "ok")],
           ["Login by SSH from an address that tried many accounts"], "critical"),
    Attack("4 failures, then success, IPv6 rotation",
           tries(4, 5, rotating) + [(30, rotating(9), "root", "ok")], [ENTERED], "critical"),
    Attack("no password asked for: 50 accounts",
           tries(50, 5, user=lambda i: "staff%02d" % i, what="abandoned"),
           ["Many users named by SSH without a login"], "medium",
           "50 accounts that exist, no password asked for"),
    Attack("no password asked for: root, 200 in 10 minutes", tries(200, 3, what="abandoned"),
           ["Many connections to SSH without a login"], "medium",
           "one account, 200 connections, no password asked for"),
    Attack("no password asked for: 200 addresses, one account", tries(200, 60, network, what="abandoned"),
           ["One account named by SSH from many networks"], "medium",
           "200 addresses, one account, no password asked for"),
]
ATTACKS += [
    Attack("fast, and sshd refuses it (penalties)",
           tries(4, 1) + tries(60, 10, start=6, what="refused"),
           ["Connections that sshd refused after failures"], "medium",
           "sshd refuses (penalties) after 4 failures"),
    Attack("a flood of connections", tries(200, 0.5, what="startups"),
           ["More connections to SSH than sshd takes"], "medium"),
    Attack("a flood of connections from everywhere", tries(200, 0.5, network, what="startups"),
           ["No room for connections to SSH"], "medium"),
    Attack("guessing from an office's address at one account",
           office(12, 1, 21) + tries(30, 10, OFFICE, "root", 2 * HOUR), [GUESSING], "medium"),
    Attack("many guesses from an office's address, then success",
           office(12, 1, 22) + tries(12, 10, OFFICE, "bob", 2 * HOUR) + [(3 * HOUR, OFFICE, "bob", "ok")],
           [GUESSING, "Login by SSH after many failures from a familiar address"], "critical"),
    Attack("spraying from an office's address",
           office(12, 1, 23) + tries(60, 10, OFFICE, lambda i: "zz%d" % i, 2 * HOUR),
           ["Password spraying by SSH from among users"], "high"),
]
for count in (40, 100, 200, 500):
    for span in (HOUR, DAY):
        ATTACKS.append(Attack("%d addresses, one try each, %d h" % (count, span // HOUR),
                              tries(count, span / count, network), [SPREAD], "high",
                              "200 addresses, one try each, in %d h" % (span // HOUR)
                              if count == 200 else None))
ATTACKS.append(Attack("200 addresses at a name that does not exist",
                      tries(200, 60, network, "admin"), [SPREAD], "high"))

HONEST = [
    ("three typos, then a login", session(0, HOME, "alice", 3)),
    ("three typos, then a login, ten times a day",
     sum((session(i * HOUR, HOME, "alice", 3) for i in range(10)), [])),
    ("three typos in as many connections", tries(3, 30, HOME, "alice") + [(100, HOME, "alice", "ok")]),
    ("three typos, then a login with the key", session(0, HOME, "alice", 3, "key")),
    ("three typos of root", session(0, HOME, "root", 3)),
    ("six keys before the right one", together(tries(6, 0.1, HOME, "bob", what="offer"), "key")),
    ("six keys before the right one, 50 times",
     sum((together(tries(6, 0.1, HOME, "bob", i * 600, "offer"), "key") for i in range(50)), [])),
    ("an office of 12, some typos each", office(12, 3, 1)),
    ("an office of 50, some typos each, in an hour", office(50, 3, 2)),
    ("an office of 50, all with three typos, in ten minutes", office(50, 3, 3, 600, lambda i: 3)),
    ("an office of 50, in five days",
     sum(([(s[0] + d * DAY,) + s[1:] for s in office(50, 3, 4 + d)] for d in range(5)), [])),
    ("an office of 50, one forgot the password, five failures",
     office(49, 2, 9) + session(2 * HOUR, OFFICE, "staff49", 5)),
    ("an office of 20, one failed four times and gave up",
     office(19, 2, 10) + tries(4, 10, OFFICE, "staff19", 2 * HOUR) + office(10, 1, 11, 3 * HOUR)),
    ("an office of 50, eight gave up after four failures, then others log in",
     office(40, 2, 12) + sum((tries(3, 10, OFFICE, "staff%02d" % (40 + i), 2 * HOUR + i * 300)
                              for i in range(8)), []) +
     [(s[0] + 4 * HOUR,) + s[1:] for s in office(30, 1, 13)]),
    ("an office of 50, ten mistyped names",
     office(50, 2, 14) + tries(10, 300, OFFICE, lambda i: "stafff%02d" % i, HOUR) +
     [(s[0] + 2 * HOUR,) + s[1:] for s in office(30, 1, 15)]),
    ("an office of 20, all fail twice before anybody is in",
     [(i, OFFICE, "staff%02d" % (i % 19), "fail") for i in range(34)] +
     [(60 + i, OFFICE, "staff%02d" % i, "ok") for i in range(19)]),
    ("an office of 12, one account for all of them",
     sum((session(i * 60, OFFICE, "deploy", i % 3) for i in range(12)), [])),
    ("an office of 30 with penalties, 15 refusals",
     office(30, 3, 24) + tries(15, 2, OFFICE, what="refused", start=HOUR)),
    ("an office of 40 on its first day, half of them mistype", office(40, 3, 31, 1800)),
    ("a household: three people, each with typos, all day",
     sum((session(i * 1700, HOME, ("alice", "bob", "carol")[i % 3], i % 4) for i in range(30)), [])),
    ("four failures and given up", tries(4, 10, HOME, "alice")),
    ("an agent with more keys than sshd looks at, six times, then the right one",
     sum((together(tries(4, 0.1, HOME, "bob", i * 60, "offer"), "toomany") for i in range(6)), []) +
     [(600, HOME, "bob", "key")]),
    ("a user who is known here, five failures today",
     [(i * DAY, HOME, "alice", "ok") for i in range(3)] + session(3 * DAY, HOME, "alice", 5)),
    ("a service whose key has expired, every minute of a day",
     tries(1440, MINUTE, "10.0.0.5", "backup", what="abandoned")),
    ("a job whose password has changed, every ten minutes, until somebody sees it",
     tries(5, 600, "10.0.0.5", "backup")),
    ("backups, a thousand logins a day",
     sum(([(i * 86, "10.0.0.5", "backup", "key", i), (i * 86 + 5, "10.0.0.5", "backup", "bye", i)]
          for i in range(1000)), [])),
    ("monitoring that connects every minute", tries(1440, MINUTE, "10.0.0.6", what="noid")),
    ("scanners that only connect, 300 addresses", tries(300, 60, network, what="noid") +
     tries(300, 60, lambda i: network(i + 400), what="badproto") +
     tries(300, 60, lambda i: network(i + 900), what="closed")),
    ("a traveller: six networks in a week",
     [(i * DAY, network(i), "carol", "key") for i in range(6)]),
    ("a phone: one typo from each of eight networks, then in",
     sum((session(i * HOUR, network(i), "carol", 1) for i in range(8)), [])),
]


class Suite:
    def __init__(self, holdfast, top):
        self.holdfast, self.top, self.table = holdfast, top, []

    def hunt(self, log):
        path = os.path.join(self.top, "auth.log")
        with open(path, "wb") as f:
            f.write(log)
        run = subprocess.run([self.holdfast, "hunt", "-f", "jsonl", "--time-zone", "UTC", path],
                             capture_output=True, check=False)
        if run.returncode or run.stderr:
            return [{"title": "exit %d: %s" % (run.returncode, run.stderr.decode()),
                     "level": "critical", "record": 1, "line": ""}]
        return [json.loads(line) for line in run.stdout.splitlines()]

    @staticmethod
    def show(alerts):
        return ["%s %s %s (line %d)" % (a["level"], a["title"], a.get("group", ""), a["record"])
                for a in alerts[:40]]

    def attack(self, attack, form):
        log = form.write(attack.steps, KNOWN)
        alerts = self.hunt(log)
        told = [a for a in alerts if a["title"] in attack.rules]
        good = {a["title"] for a in told} == set(attack.rules) and max(
            (LEVELS.index(a["level"]) for a in told), default=0) >= LEVELS.index(attack.level)
        ok(good, "%s (%s): %s" % (attack.name, form.name, ", ".join(attack.rules)),
           *self.show(alerts))
        if good and attack.row and form is sshd_lines.FORMS[0]:
            self.note(attack, told[0])

    def note(self, attack, alert):
        """The try at whose line it was told."""
        at = datetime.datetime.strptime(alert["time"][:19], "%Y-%m-%dT%H:%M:%S")
        took = (at.replace(year=sshd_lines.START.year) - sshd_lines.START).total_seconds()
        tried = [s[0] for s in attack.steps if s[3] not in ("ok", "key")]
        n = sum(int(s) <= took for s in tried)
        self.table.append("| %s | %s | %s | %d | %s |" % (
            attack.row, alert["title"], alert["level"], n, span(took - min(tried))))

    def honest(self, name, steps, form):
        alerts = self.hunt(form.write(steps, KNOWN))
        bad = [a for a in alerts if LEVELS.index(a["level"]) >= LEVELS.index("medium")]
        ok(not bad, "%s (%s): nothing to worry about" % (name, form.name), *self.show(alerts))

    def all(self):
        for form in sshd_lines.FORMS:
            for attack in ATTACKS:
                self.attack(attack, form)
            for name, steps in HONEST:
                self.honest(name, steps, form)


def span(seconds):
    if seconds < 120:
        return "%g s" % seconds
    return "%d min" % (seconds // 60) if seconds < 7200 else "%d h %02d min" % (
        seconds // 3600, seconds // 60 % 60)


def main():
    with tempfile.TemporaryDirectory() as top:
        suite = Suite(os.path.abspath(sys.argv[1]), top)
        suite.all()
    for row in suite.table:
        print(row if "--table" in sys.argv else "# " + row)
    if len(sys.argv) > 2 and sys.argv[2].endswith(".md"):
        with open(sys.argv[2], encoding="utf-8") as f:
            text = f.read()
        for row in suite.table:
            ok(row + "\n" in text, "docs/hunt.md says so: " + row)
    return plan()


sys.exit(main())
