#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs what checks find: on the fixture on which a check fails its action is carried out, after
which the check passes; a second time changes nothing; undo brings back every byte, mode and owner.

usage: fix.py HOLDFAST CHECKS FIXTURES [ID...]
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import run
from picture import different, picture

# What cannot be done on these trees, and words of the reason: packages change on a running machine
# only, and nobody is left without a way in. None: their fixtures are facts of a running machine, of
# which a tree has nothing (a story in demo/ patches one for real).
CANNOT = {
    "mac-enforcing": "running machine only",
    "svc-desktop": "running machine only",
    "svc-inetd": "running machine only",
    "svc-legacy-remote": "running machine only",
    "acct-empty-password": "the only account that gets in and becomes root",
    "acct-inactive": "the only account that gets in and becomes root",
    "acct-weak-internet": "the only account that gets in and becomes root",
    "acct-weak-password": "the only account that gets in and becomes root",
    "pw-max-age": "change it first",
    "os-security-updates": None,
    "os-check-age": "the machine has to run for it",
    "os-stale-libs": None,
    "os-upgrade-age": "running machine only",
    "edr": "running machine only",
}
JOURNAL = ("/var/lib/holdfast/changes",)


def changes(before, root):
    return ", ".join(different(before, picture(root, JOURNAL)))[:2000]


def holdfast_run(holdfast, args):
    return subprocess.run([holdfast] + args, capture_output=True, text=True, timeout=300,
                          stdin=subprocess.DEVNULL)


def judge_azure(holdfast, check, folder):
    """Calls of az change what others own: here they are planned only, each with what undoes it."""
    plan = holdfast_run(holdfast, ["fix", check, "--azure", os.path.join(folder, "azure"),
                                   "--dry-run"])
    words = plan.stdout
    if plan.returncode != 1 or "     runs   az " not in words:
        return "exit code %d: %s" % (plan.returncode, words + plan.stderr)
    if words.count("     undo:  az ") != (check != "az-updates") * words.count("     runs   az "):
        return "a call without one that takes it back: " + words
    return "a place that was not filled in: " + words if "{" in words else None


def judge(holdfast, check, folder):
    """What is wrong with the repair of a check on the tree of a fixture; None: nothing."""
    if check.startswith("az-"):
        return judge_azure(holdfast, check, folder)
    root = os.path.join(folder, "root")
    fix = ["fix", check, "--root", root, "--yes"]
    before = picture(root, JOURNAL)
    first = holdfast_run(holdfast, fix)
    said = first.stdout + first.stderr
    if check in CANNOT:
        if CANNOT[check] and (CANNOT[check] not in said or first.returncode != 1):
            return "expected %r: %d %s" % (CANNOT[check], first.returncode, said)
        changed = changes(before, root)
        return "it was changed nevertheless: " + changed if changed else None
    if first.returncode:
        return "exit code %d: %s" % (first.returncode, said)
    wrong = run.judge(run.assess(holdfast, [check], folder), check, "pass")
    if wrong:
        return wrong + " after: " + said
    after = picture(root, JOURNAL)
    second = holdfast_run(holdfast, fix)
    changed = changes(after, root)
    if second.returncode or changed:
        return "a second time, exit code %d: %s %s" % (
            second.returncode, changed, second.stdout + second.stderr)
    undo = holdfast_run(holdfast, ["undo", "--all", "--root", root])
    changed = changes(before, root)
    if undo.returncode or changed:
        return "undo, exit code %d: %s %s" % (undo.returncode, changed, undo.stdout + undo.stderr)
    return None


def one(holdfast, fixtures, job, base):
    check, fixture = job
    folder = tempfile.mkdtemp(prefix="holdfast-fix-")
    try:
        problem = run.build(fixture, fixtures, folder, base)
        return problem or judge(holdfast, check, folder)
    except (RuntimeError, OSError, subprocess.SubprocessError, ValueError) as e:
        return "%s: %s" % (type(e).__name__, e)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_jobs(checks, only):
    jobs = []
    for folder, _, files in sorted(os.walk(checks)):
        for name in sorted(files):
            keys = run.front_matter(os.path.join(folder, name))
            if "action" in keys and (not only or keys["id"] in only):
                jobs.append((keys["id"], keys["fail"]))
    return jobs


def main():
    holdfast, checks, fixtures = (os.path.abspath(p) for p in sys.argv[1:4])
    if os.geteuid() != 0:
        print("1..0 # SKIP fixtures need root: they hold files of several owners")
        return 0
    jobs = find_jobs(checks, set(sys.argv[4:]))
    print("1..%d" % len(jobs), flush=True)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="holdfast-base-") as base:
        problem = run.build("base", fixtures, base, "")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda job: problem or one(holdfast, fixtures, job, base), jobs)
            for i, ((check, fixture), wrong) in enumerate(zip(jobs, results), 1):
                print("%s %d - %s is repaired and undone (%s)"
                      % ("not ok" if wrong else "ok", i, check, fixture), flush=True)
                if wrong:
                    bad += 1
                    print("# " + wrong.replace("\n", "\n# ")[:4000])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
