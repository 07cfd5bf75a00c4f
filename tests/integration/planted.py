#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clean machine and the same one with faults: every fault is named with its file, the scores
fall, no program of the tree is run, and missing data never raises a score.

usage: planted.py HOLDFAST FIXTURES
With PLANTED=all in the environment every file is spoilt in every way, not in one each.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from planted_faults import FAULTS, SOME
from tap import ok, plan, skip

HOLDFAST, FIXTURES = (os.path.abspath(p) for p in sys.argv[1:3])


def build(folder, script, base=None):
    os.makedirs(folder)
    env = {**os.environ, "FIXTURES": FIXTURES}
    if base:
        env["FIXTURE_BASE"] = base
    run = subprocess.run(["sh", "-c", '. "$FIXTURES/lib.sh"\n. "$FIXTURES/base.sh"\n' + script],
                         cwd=folder, env=env, text=True, capture_output=True, timeout=120)
    if run.returncode:
        raise RuntimeError(run.stderr)
    return os.path.join(folder, "root")


def script_of(faults):
    """Fixtures that are sourced begin with the clean machine: not a second time."""
    return "mkdir none\nFIXTURE_BASE=$PWD/none\n" + "".join(f[1] for f in faults)


def assess(*source):
    run = subprocess.run([HOLDFAST, "assess", "--format", "json", *source], text=True,
                         capture_output=True, timeout=120)
    if run.returncode:
        raise RuntimeError("exit code %d: %s" % (run.returncode, run.stderr))
    return json.loads(run.stdout)


def scores(report):
    return (report["secure_score"]["percent"], report["risk_score"]["percent"])


def states(report):
    return {(f["check"], f["resource"]): f["status"] for f in report["findings"]}


def missed(report, checks, evidence):
    """None, or what the report says of the checks instead."""
    said = [f for f in report["findings"] if f["check"] in checks]
    for f in said:
        if f["status"] == "unhealthy" and evidence in f["evidence"] + " " + f["resource"]:
            return None
    return [(f["check"], f["status"], f["resource"], f["evidence"]) for f in said]


def test_faults(clean, planted):
    for name, _, checks, evidence in FAULTS:
        # On the clean machine the checks must hold their peace, or finding the fault says nothing.
        noise = [(f["check"], f["resource"], f["evidence"]) for f in clean["findings"]
                 if f["check"] in checks and f["status"] not in ("healthy", "not_applicable")]
        found = missed(planted, checks, evidence)
        ok(found is None and not noise, "found: " + name, "wanted %s in %s" % (evidence, checks),
           *(found or noise))


def test_scores(clean, planted):
    (secure, risk), (secure_bad, risk_bad) = scores(clean), scores(planted)
    said = "clean %.1f %% and %.1f, planted %.1f %% and %.1f" % (secure, risk, secure_bad, risk_bad)
    print("# " + said)
    ok(risk - risk_bad >= 40, "the risk score falls by 40 points at least", said)
    ok(secure - secure_bad >= 20, "the Secure Score falls", said)
    ok(not clean["errors"] and not planted["errors"], "all checks run",
       *clean["errors"], *planted["errors"])


def test_facts(planted, root, folder):
    facts = os.path.join(folder, "facts.db")
    subprocess.run([HOLDFAST, "collect", "-o", facts, "--root", root], check=True, timeout=120)
    again = assess("--facts", facts)
    a, b = states(planted), states(again)
    ok(a == b and scores(again) == scores(planted), "the same from collected facts",
       *[(k, a.get(k), b.get(k)) for k in sorted(a.keys() | b.keys()) if a.get(k) != b.get(k)][:20])


def test_quick(report, root, name):
    quick = assess("--root", root, "--quick")
    whole, less = scores(report), scores(quick)
    ok(less[0] <= whole[0] and less[1] <= whole[1], "--quick raises no score: " + name, whole, less)


def test_programs(root, folder):
    name = "no program is run"
    if not shutil.which("strace"):
        skip(name, "no strace")
        return
    trace = os.path.join(folder, "trace")
    run = subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve,execveat", "-o", trace,
                          HOLDFAST, "assess", "--format", "json", "--root", root],
                         capture_output=True, timeout=300)
    with open(trace, encoding="utf-8", errors="replace") as f:
        calls = [line for line in f if "execve" in line]
    if not calls:
        skip(name, "strace may not trace here")
        return
    ok(run.returncode == 0 and len(calls) == 1, name, run.stderr.decode(), *calls)


IMPORTANT = """
etc/passwd etc/shadow etc/shadow- etc/group etc/gshadow etc/sudoers etc/sudoers.d/nagios
etc/login.defs etc/pam.d/common-auth etc/pam.d/common-password etc/pam.d/sshd
etc/ssh/sshd_config etc/ssh/sshd_config.d/10-hardening.conf etc/ssh/ssh_host_ed25519_key
usr/sbin/sshd home/ben/.ssh/authorized_keys home/ben/.ssh/id_ed25519 home/ben/.bash_history
home/ben/.rhosts root/.ssh/authorized_keys etc/nftables.conf
etc/sysctl.d/60-hardening.conf etc/sysctl.d/61-network.conf etc/sysctl.d/99-x.conf
etc/fstab etc/crypttab etc/modprobe.d/rare-protocols.conf etc/profile etc/profile.d/p.sh
usr/lib/os-release var/lib/dpkg/status etc/apt/sources.list.d/debian.sources
etc/apt/apt.conf.d/20auto-upgrades etc/apt/apt.conf.d/50unattended-upgrades
etc/systemd/system/elasticsearch.service etc/systemd/system/dbus-helper.service
usr/lib/systemd/system/ssh.service usr/lib/systemd/system/nftables.service etc/default/ssh
etc/cron.d/update etc/cron.daily/report etc/crontab etc/ld.so.preload etc/chrony/chrony.conf
etc/fail2ban/jail.conf etc/fail2ban/jail.d/sshd.local etc/redis/redis.conf etc/mongod.conf
etc/mysql/my.cnf etc/postgresql/15/main/pg_hba.conf etc/vsftpd.conf etc/docker/daemon.json
etc/nginx/nginx.conf etc/nginx/sites-enabled/shop etc/ssl/shop.pem etc/inetd.conf
etc/snmp/snmpd.conf etc/exports opt/elasticsearch-1.4.2/config/elasticsearch.yml
etc/systemd/journald.conf.d/10-persistent.conf etc/systemd/journald.conf.d/99-x.conf
etc/rsyslog.conf etc/rsyslog.d/90-remote.conf etc/audit/auditd.conf
etc/audit/rules.d/50-holdfast.rules etc/logrotate.conf etc/systemd/system/backup.timer
etc/systemd/system/backup.service etc/restic/env var/lib/holdfast/backup/system.json
boot/grub/grub.cfg srv/shop/wp-includes/version.php
""".split()


# Ten bytes or a pipe in their place are no keys and no .rhosts: that fault is gone.
FAULTY_BY_KIND = {"etc/ssh/ssh_host_ed25519_key", "home/ben/.ssh/id_ed25519", "home/ben/.rhosts"}


def spoil(report, root, relative, how):
    """None, or what got better when the file became a pipe, a directory, …"""
    path, aside = os.path.join(root, relative), root + ".aside"
    was = os.stat(path)
    os.rename(path, aside)
    try:
        replace(path, how, was)
        now = assess("--root", root)
    finally:
        remove(path)
        os.rename(aside, path)
    if all(b <= a + 1e-9 for a, b in zip(scores(report), scores(now))):
        return None
    after = states(now)
    return ["%s as %s: %s -> %s" % (relative, how, scores(report), scores(now))] + [
        "  %s %s: %s -> %s" % (*k, v, after.get(k, "gone"))
        for k, v in sorted(states(report).items()) if v != "healthy" and after.get(k) != v]


def test_missing(report, root, name, ways):
    """Whatever becomes of one file, no score is better than with it."""
    files = [f for f in IMPORTANT if os.path.isfile(os.path.join(root, f))
             and not os.path.islink(os.path.join(root, f))
             and not (name != "clean" and f in FAULTY_BY_KIND)]
    better = []
    for i, relative in enumerate(files):
        for how in ways if os.environ.get("PLANTED") == "all" else (ways[i % len(ways)],):
            better += spoil(report, root, relative, how) or []
    ok(not better, "%s: no score rises without one of %d files" % (name, len(files)), *better)


def replace(path, how, was):
    if how == "a pipe":
        os.mkfifo(path)
    elif how == "a directory":
        os.mkdir(path)
    elif how == "ten bytes":
        with open(path, "wb") as f:
            f.write(b"\x7fELF\x00\x01\xff\xfe\x00\x00")
    if how != "nothing":
        os.chown(path, was.st_uid, was.st_gid)
        os.chmod(path, was.st_mode & 0o7777)


def remove(path):
    if os.path.isdir(path):
        os.rmdir(path)
    elif os.path.lexists(path):
        os.unlink(path)


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP the trees hold files of several owners")
        return 0
    folder = tempfile.mkdtemp(prefix="holdfast-planted-")
    try:
        clean_root = build(os.path.join(folder, "clean"), "")
        planted_root = build(os.path.join(folder, "planted"), script_of(FAULTS),
                             os.path.join(folder, "clean"))
        some_root = build(os.path.join(folder, "some"), script_of(SOME),
                          os.path.join(folder, "clean"))
        clean, planted = assess("--root", clean_root), assess("--root", planted_root)
        test_faults(clean, planted)
        test_scores(clean, planted)
        test_facts(planted, planted_root, folder)
        test_quick(clean, clean_root, "clean")
        test_quick(planted, planted_root, "planted")
        test_programs(planted_root, folder)
        test_missing(clean, clean_root, "clean", ("nothing", "ten bytes", "a pipe"))
        # Programs pass over a directory: what was wrong with the file is gone then, not unknown.
        test_missing(assess("--root", some_root), some_root, "some", ("ten bytes", "a pipe"))
        test_missing(planted, planted_root, "planted", ("ten bytes", "a pipe"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return plan()


sys.exit(main())
