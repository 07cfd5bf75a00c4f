#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks all checks: each must pass on the fixture that it names and fail on the other one.

usage: run.py HOLDFAST CHECKS FIXTURES [ID...]
"""
import concurrent.futures
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile


def front_matter(path):
    keys = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("--"):
                break
            key, sep, value = line[2:].strip().partition(":")
            if sep and not line.startswith("--   "):
                keys[key] = value.strip()
    return keys


def build(fixture, fixtures, folder, base):
    script = os.path.join(fixtures, fixture + ".sh")
    if not os.path.exists(script):
        return "there is no fixture " + fixture
    run = subprocess.run(
        ["sh", "-c", '. "$FIXTURES/lib.sh"; . "$1"', "sh", script], cwd=folder, text=True,
        env={**os.environ, "FIXTURES": fixtures, "FIXTURE_BASE": base}, capture_output=True,
        timeout=300)
    return run.stderr.strip() if run.returncode else None


def assess(holdfast, checks, folder):
    root = os.path.join(folder, "root")
    source = ["--root", root]
    sql = os.path.join(folder, "facts.sql")
    if os.path.exists(os.path.join(folder, "azure")):
        source = ["--azure", os.path.join(folder, "azure")]
    if os.path.exists(os.path.join(folder, "proc")):
        source += ["--proc", os.path.join(folder, "proc")]
    if os.path.exists(sql):
        facts = os.path.join(folder, "facts.db")
        subprocess.run([holdfast, "collect", "-o", facts] + source, check=True)
        with sqlite3.connect(facts) as db:
            db.executescript(
                "UPDATE holdfast_meta SET value='1' WHERE key='live';"
                "UPDATE collector_status SET status='ok' WHERE status='not_applicable';")
            with open(sql, encoding="utf-8") as f:
                db.executescript(f.read())
        db.close()
        source = ["--facts", facts]
    run = subprocess.run(
        [holdfast, "assess", "--format", "json", "--check", ",".join(checks)]
        + source, capture_output=True, text=True, timeout=300)
    if run.returncode:
        raise RuntimeError("exit code %d: %s" % (run.returncode, run.stderr))
    return json.loads(run.stdout)


def judge(report, check, want):
    findings = [f for f in report["findings"] if f["check"] == check]
    errors = [e for e in report["errors"] if os.path.basename(e["file"]) == check + ".sql"]
    if errors:
        return json.dumps(errors)
    states = {f["status"] for f in findings}
    if "unknown" in states:
        return "unknown: " + json.dumps(
            [f["evidence"] for f in findings] + report["problems"]
            + [c for c in report["collectors"] if c["status"] not in ("ok", "not_applicable")])
    if want == "pass" and ("unhealthy" in states or "healthy" not in states):
        return "expected only healthy: " + json.dumps(
            [[f["status"], f["resource"], f["evidence"]] for f in findings])
    if want == "fail" and "unhealthy" not in states:
        return "expected unhealthy: " + json.dumps(
            [[f["status"], f["resource"], f["evidence"]] for f in findings])
    for f in findings:
        if f["status"] == "unhealthy" and not (f["evidence"] and f["fix"]):
            return "a finding without evidence or fix"
    return None


def one_fixture(holdfast, fixtures, fixture, wanted, base):
    """What is wrong, by (check, want); one tree and one run serve all checks of a fixture."""
    folder = tempfile.mkdtemp(prefix="holdfast-check-")
    try:
        problem = build(fixture, fixtures, folder, base)
        if problem:
            return {w: problem for w in wanted}
        report = assess(holdfast, sorted({check for check, _ in wanted}), folder)
        return {(check, want): judge(report, check, want) for check, want in wanted}
    except (RuntimeError, OSError, subprocess.SubprocessError, sqlite3.Error, ValueError) as e:
        return {w: "%s: %s" % (type(e).__name__, e) for w in wanted}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_jobs(checks, only):
    """(check, "pass", "fail" or "file name", fixture or name)"""
    jobs = []
    for base, _, files in sorted(os.walk(checks)):
        for name in sorted(files):
            keys = front_matter(os.path.join(base, name))
            if not name.endswith(".sql") or (only and keys.get("id") not in only):
                continue
            for want in ("pass", "fail"):
                jobs.append((keys.get("id", name), want, keys.get(want, "")))
            jobs.append((keys.get("id", name), "file name", name))
    return jobs


def run_fixtures(holdfast, fixtures, jobs, base):
    by_fixture = {}
    for check, want, fixture in jobs:
        if want != "file name":
            by_fixture.setdefault(fixture, []).append((check, want))
    results = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda item: one_fixture(holdfast, fixtures, *item, base),
                               by_fixture.items()):
            results.update(result)
    return results


def main():
    holdfast, checks, fixtures = (os.path.abspath(p) for p in sys.argv[1:4])
    jobs = find_jobs(checks, set(sys.argv[4:]))
    if os.geteuid() != 0:
        print("1..0 # SKIP fixtures need root: they hold files of several owners")
        return 0
    print("1..%d" % len(jobs), flush=True)
    with tempfile.TemporaryDirectory(prefix="holdfast-base-") as base:
        problem = build("base", fixtures, base, "")
        results = {} if problem else run_fixtures(holdfast, fixtures, jobs, base)
    bad = 0
    for i, (check, want, fixture) in enumerate(jobs, 1):
        if want == "file name":
            wrong = None if fixture == check + ".sql" else "the file must be named after the id"
        else:
            wrong = problem or results[check, want]
        print("%s %d - %s %s (%s)" % ("not ok" if wrong else "ok", i, check, want, fixture))
        if wrong:
            bad += 1
            print("# " + wrong.replace("\n", "\n# ")[:4000])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
