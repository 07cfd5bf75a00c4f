#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each built-in rule finds, and the honest lines beside it: tests/rules/*.txt.

usage: rule_examples.py HOLDFAST DIR

  # comment
  == Title                 the rule that the examples below are about
  + what it is             an example that it finds
  - what it is             an example in which nothing of level medium or above is found, nor this one
  ! what it is             an example in which this one is not found
  %N@S LINE                the line N times, S seconds between (default 1)
  LINE

In a line {t} is a time of the day, {i} the number of the repetition (three digits), {S} the head of
a line of syslog, {A} the time of an access log. Every rule that alerts needs one that it finds and one
that it does not.
"""
import datetime
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from tap import ok, plan

START = datetime.datetime(2025, 11, 20, 10, 0, 0)
BAD = ("medium", "high", "critical")


class Example:
    def __init__(self, title, kind, name):
        self.title, self.kind, self.name, self.lines, self.at = title, kind, name, [], START

    def add(self, text):
        n, step = 1, 1.0
        match = re.match(r"%(\d+)(?:@([\d.]+))? (.*)", text)
        if match:
            n, step, text = int(match[1]), float(match[2] or 1), match[3]
        for i in range(n):
            when = self.at
            line = text.replace("{S}", when.strftime("%b %d %H:%M:%S") + " web1")
            line = line.replace("{A}", when.strftime("[%d/%b/%Y:%H:%M:%S +0000]"))
            line = line.replace("{t}", when.strftime("%H:%M:%S")).replace("{i}", "%03d" % i)
            self.lines.append(line)
            self.at += datetime.timedelta(seconds=step)


def read(path):
    examples, title = [], None
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if not line or line.startswith("# "):
                continue
            if line.startswith("== "):
                title = line[3:]
            elif line[:2] in ("+ ", "- ", "! "):
                examples.append(Example(title, line[0], line[2:]))
            else:
                examples[-1].add(line)
    return examples


def hunt(holdfast, path, lines):
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    run = subprocess.run([holdfast, "hunt", "-f", "jsonl", "--time-zone", "UTC", "--level",
                          "informational", path], capture_output=True, check=False)
    notes = [line for line in run.stderr.decode().splitlines() if ": note: " not in line]
    return run.returncode, notes, [json.loads(line) for line in run.stdout.splitlines()]


def check(holdfast, top, example):
    code, errors, alerts = hunt(holdfast, os.path.join(top, "log"), example.lines)
    titles = {a["title"] for a in alerts}
    worse = {a["title"] for a in alerts if a["level"] in BAD}
    good = not code and not errors and {
        "+": example.title in titles,
        "-": example.title not in titles and not worse,
        "!": example.title not in titles}[example.kind]
    name = "%s: %s (%s)" % (
        example.title, {"+": "found", "-": "nothing", "!": "not found"}[example.kind], example.name)
    ok(good, name.replace("#", ""), *errors, *sorted(titles), *example.lines[:8])


def main():
    holdfast, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    examples = [e for path in sorted(glob.glob(folder + "/*.txt")) for e in read(path)]
    with tempfile.TemporaryDirectory() as top:
        for example in examples:
            check(holdfast, top, example)
    rules = json.loads(subprocess.run([holdfast, "rules", "check", "-f", "json"], check=True,
                                      stdout=subprocess.PIPE).stdout)["rules"]
    wanted = {r["title"] for r in rules
              if r["level"] != "informational" and not r["file"].startswith(("windows/", "live/"))}
    for kinds, what in (("+", "an example that it finds"), ("-!", "one that it does not")):
        missing = wanted - {e.title for e in examples if e.kind in kinds}
        ok(not missing, "every rule that alerts has " + what, *sorted(missing))
    unknown = {e.title for e in examples} - {r["title"] for r in rules}
    ok(not unknown, "the examples are about rules that there are", *sorted(unknown))
    return plan()


sys.exit(main())
