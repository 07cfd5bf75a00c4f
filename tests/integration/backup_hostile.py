#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`holdfast backup` where things go wrong: each time a clear message, and nothing half done.

usage: backup_hostile.py HOLDFAST
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from backup_world import World, ended, program
import backup_world
from tap import ok, plan, skip, skip_all


def refused(world, name, words, says, code=3):
    got, out, err = world.run(*words)
    text = out + err
    ok(got == code and says in text, name, "exit code %d, not %d" % (got, code), text)
    ok(world.scratch() == [], "  and leaves nothing", world.scratch())


def configuration(world):
    good = list(world.general)
    for line, says in (
            ("sav /etc", "backup.conf:3:1: expected save, exclude"),
            ("save etc", "backup.conf:3:6: expected a path"),
            ("check-parts 0", "backup.conf:3:13: expected a number"),
            ("drill-bytes much", "backup.conf:3:13: expected a size"),
            ("append-only yes", "backup.conf:3:1: expected a repository line"),
            ("repository A x", "backup.conf:3:12: expected a name"),
            ("repository x rest:https://u:p@h/", "the URL holds a password"),
            ('save "/etc', "backup.conf:3:10: expected a closing quote"),
            ("postgresql all other", "backup.conf:3:16: expected an option"),
            ("owner-key short", "backup.conf:3:11: expected the 44 characters")):
        world.general = good + [line]
        world.configure()
        code, _, err = world.run("--check-config")
        ok(code == 2 and says in err, "configuration: " + line, err)
    world.general = good
    world.configure()
    code, out, _ = world.run("--check-config")
    ok(code == 0 and "1 repositories" in out, "a good configuration", out)
    code, _, err = world.run("run", "other")
    ok(code == 2 and "no repository 'other'" in err, "a repository that is not there", err)
    world.general = good + ['sqlite "/a folder/x.db"']
    world.configure()
    code, out, err = world.run("schedule", "--dir", world.path("data"))
    ok(code == 3 and "a unit cannot name" in err and not glob.glob(world.path("data/*.timer")),
       "a path that no unit can name", code, out, err)
    world.general = good
    world.write("backup.conf", os.urandom(4000))
    code, _, err = world.run("--check-config")
    ok(code == 2 and "\x1b" not in err, "noise as a configuration", err)
    world.configure()


def secrets(world):
    key = world.path("keys/disk.pass")
    os.chmod(key, 0o644)
    refused(world, "others may read the pass phrase", ["run"], "others may read it (mode 0644)")
    os.chmod(key, 0o600)
    os.rename(key, key + ".real")
    os.symlink(key + ".real", key)
    refused(world, "the pass phrase is a link", ["run"], "no regular file")
    os.unlink(key)
    world.write("keys/disk.pass", "wrong\n")
    refused(world, "a wrong pass phrase", ["run"], "pass phrase does not open")
    ok(world.state()["runs"][-1]["result"] == "wrong-password", "  and the state says so")
    os.rename(key + ".real", key)
    world.write("cred", "LD_PRELOAD=/tmp/x\n")
    world.repositories.append("credentials " + world.path("cred"))
    world.configure()
    refused(world, "a variable that is none of restic's", ["run"], "cred:1: expected a variable")
    world.write("cred", "export AWS_ACCESS_KEY_ID=x\nRESTIC_REPOSITORY=%s\n" % world.path("repo"))
    code, out, err = world.run("run")
    ok(code == 0, "credentials of a file", out, err)
    world.repositories.pop()
    world.configure()


def locks(world):
    holder = subprocess.Popen([world.restic, "backup", "--stdin"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={"PATH": backup_world.PATH, "HOME": world.top,
                                   "RESTIC_REPOSITORY": world.path("repo"),
                                   "RESTIC_PASSWORD_FILE": world.path("keys/disk.pass")})
    try:
        for _ in range(300):
            # A lock is written under another name first.
            if [n for n in os.listdir(world.path("repo/locks")) if "-tmp-" not in n]:
                break
            time.sleep(0.1)
        held = os.listdir(world.path("repo/locks"))
        refused(world, "a repository that is locked", ["check"],
                "locked by PID %d" % holder.pid)
        ok(os.listdir(world.path("repo/locks")) == held, "  the lock stays")
        part = world.state().get("next_part", 1)
        ok(part == 1, "  and the part is still to be read", part)
    finally:
        ended(holder, signal.SIGKILL)
    code, out, err = world.run("run")
    ok(code == 0, "a lock of others does not keep from saving", out, err)
    ok(os.listdir(world.path("repo/locks")) == held, "a stale lock is not removed silently")
    world.by_hand("unlock", "--remove-all")


def wrapper(world, text):
    """A program that stands before restic, for what happens at a certain moment."""
    world.program = world.write("restic", "#!/bin/sh\n" + text, 0o755)
    world.configure()


def programs(world):
    world.program = world.path("absent")
    world.configure()
    refused(world, "no restic", ["run"], "restic is not installed")
    wrapper(world, "echo 'restic 0.9.6 compiled with go1.13 on linux/amd64'\n")
    refused(world, "an old restic", ["run"], "is too old; 0.12.0 or newer")
    wrapper(world, "printf 'x\\033[2J\\n'\n")
    refused(world, "something else called restic", ["run"], "does not say which version")
    wrapper(world, "[ \"$1\" = version ] && exec %s version\nhead -c 30000000 /dev/zero\n"
                   "head -c 3000000 /dev/zero >&2\nexit 1\n" % world.restic)
    code, out, err = world.run("run")
    ok(code == 3 and len(out + err) < 5000, "a restic that never ends its lines", out[:500])
    world.program = world.restic
    world.configure()


def damage(world):
    wrapper(world, "for a; do [ \"$a\" = restore ] && mv %s %s; done\nexec %s \"$@\"\n" % (
        world.path("repo"), world.path("gone"), world.restic))
    refused(world, "the repository goes in the middle of a drill", ["drill"], "disk drill: absent")
    ok(world.state()["drills"][-1]["result"] == "absent", "  and the state says so")
    os.rename(world.path("gone"), world.path("repo"))
    world.program = world.restic
    world.configure()
    pack = world.packs()[0]
    with open(pack, "rb") as f:
        whole = f.read()
    wrapper(world, "for a; do [ \"$a\" = restore ] && printf '\\101\\102' | "
                   "dd of=%s bs=1 seek=%d conv=notrunc 2>/dev/null; done\nexec %s \"$@\"\n" % (
                       pack, len(whole) // 3, world.restic))
    os.chmod(pack, 0o600)
    refused(world, "bytes that turn in the middle of a drill", ["drill"], "disk drill: damaged")
    ok(world.state()["drills"][-1]["not_restored"] >= 1, "  and it says how many files went")
    with open(pack, "wb") as f:
        f.write(whole)
    world.program = world.restic
    world.configure()
    code, out, err = world.run("drill")
    ok(code == 0, "  put right, all is well", code, out, err)
    index = glob.glob(world.path("repo/index/*"))
    for path in index:
        os.rename(path, world.path("kept-" + os.path.basename(path)))
    code, out, err = world.run("check", "--all")
    ok(code == 3, "a repository without its index", code, out, err)
    for path in index:
        os.rename(world.path("kept-" + os.path.basename(path)), path)
    state = world.path("state/disk.json")
    with open(state, encoding="utf-8") as f:
        text = f.read()
    world.write("state/disk.json", text[:len(text) // 2])
    refused(world, "a record that is cut off", ["run"], "the record is damaged: move it away")
    os.unlink(state)
    target = world.write("target", "{}")
    os.symlink(target, state)
    refused(world, "a record that is a link", ["run"], "the record is a symbolic link")
    with open(target, encoding="utf-8") as f:
        ok(f.read() == "{}", "  whose target stays")
    os.unlink(state)
    world.write("state/disk.json", text)
    os.rename(world.path("state"), world.path("elsewhere"))
    os.symlink(world.path("elsewhere"), world.path("state"))
    refused(world, "a folder of records that is a link", ["run"], "no folder, or a symbolic link")
    os.unlink(world.path("state"))
    os.rename(world.path("elsewhere"), world.path("state"))
    os.chmod(world.path("state"), 0o777)
    refused(world, "a folder of records that others may write to", ["run"], "others may write")
    os.chmod(world.path("state"), 0o700)


def clock(world):
    with open(world.path("state/disk.json"), encoding="utf-8") as f:
        state = json.load(f)
    right = state["last_success"]
    state["last_success"] = int(time.time()) + 86400
    world.write("state/disk.json", json.dumps(state))
    refused(world, "a clock that stands before the last backup", ["run"], "the clock of this machine")
    code, out, err = world.run("run", "--ignore-clock")
    ok(code == 0, "where that one was wrong it goes on", out, err)
    ok(right < world.state()["last_success"] <= time.time(), "and the record is right again")


def full(world):
    """A scratch folder of 1 MB, in a mount namespace of its own."""
    script = ("mount -t tmpfs -o size=1m none \"$1\" && shift && shift && \"$@\"; code=$?; "
              "ls \"$SCRATCH\" >&2; exit $code")
    argv = ["unshare", "-m", "sh", "-c", script, "sh", world.path("scratch"), "--"]
    trial = subprocess.run(argv + ["true"], capture_output=True, check=False,
                           env={"SCRATCH": world.path("scratch"), "PATH": backup_world.PATH})
    if trial.returncode:
        skip("a full scratch folder", "no mount namespace here")
        return
    done = subprocess.run(argv + world.argv("drill"), capture_output=True, text=True, check=False,
                          env={"SCRATCH": world.path("scratch"), "PATH": backup_world.PATH})
    ok(done.returncode == 3 and "MB are needed" in done.stdout and not done.stderr.strip(),
       "a full scratch folder", done.stdout, done.stderr)
    world.general.append("sqlite " + world.write("big.db", b""))
    subprocess.run(["sqlite3", world.path("big.db"), "CREATE TABLE t AS SELECT randomblob(4000000)"],
                   check=True)
    world.configure()
    done = subprocess.run(argv + world.argv("run"), capture_output=True, text=True, check=False,
                          env={"SCRATCH": world.path("scratch"), "PATH": backup_world.PATH})
    ok(done.returncode == 1 and "could not copy" in done.stdout and not done.stderr.strip(),
       "a database that is bigger than the scratch folder", done.stdout, done.stderr)
    world.general.pop()
    world.configure()


def inside(world, script, *words):
    """A shell script in a mount namespace of its own; None where there is none."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        return None
    return subprocess.run(["unshare", "-m", "sh", "-c", "set -e\n" + script, "sh", *words],
                          capture_output=True, text=True, check=False, timeout=600,
                          env={"PATH": backup_world.PATH, "HOLDFAST": world.holdfast,
                               "CONFIG": world.config})


def full_later(world):
    """Disks that are full in the middle of the work: the repository's, the scratch folder's."""
    small = world.path("small")
    os.mkdir(small)
    before = list(world.repositories)
    world.repositories += ["repository small " + small + "/repo",
                           "password-file " + world.path("keys/small.pass"),
                           "escrow " + world.path("sealed-small")]
    world.write("data/big", os.urandom(9_000_000), 0o644)
    world.configure()
    done = inside(world, """
mount -t tmpfs -o size=5m none "$1"
h() { "$HOLDFAST" backup --config "$CONFIG" "$@" || echo "exit code $?"; }
h init small --same-disk --phrase-file "$2"
h run small
ls "$1/repo/snapshots" | sed 's/^/snapshot /'
mount -o remount,size=60m "$1"
echo more room
h run small
""", small, world.phrase)
    if done is None:
        skip("a full repository", "no mount namespace here")
    else:
        first, _, then = done.stdout.partition("more room")
        ok("exit code 3" in first and "small run: full" in first and "no space left" in first and
           "snapshot" not in first.partition("run: full")[2], "a repository whose disk is full",
           done.stdout, done.stderr)
        ok("small run: ok" in then and "exit code" not in then, "  with more room it goes on",
           done.stdout, done.stderr)
    world.repositories = before
    os.unlink(world.path("data/big"))
    wrapper(world, "for a; do [ \"$a\" = restore ] && head -c 90000000 /dev/zero >%s 2>/dev/null; done\n"
                   "exec %s \"$@\"\n" % (world.path("scratch/other"), world.restic))
    done = inside(world, """
mount -t tmpfs -o size=80m none "$1"
"$HOLDFAST" backup --config "$CONFIG" drill || echo "exit code $?"
ls "$1"
""", world.path("scratch"))
    if done is None:
        skip("a scratch folder that fills", "no mount namespace here")
    else:
        ok("exit code 3" in done.stdout and "no space left" in done.stdout and
           done.stdout.endswith("\nother\n"), "a scratch folder that fills while it is restored to",
           done.stdout, done.stderr)
    world.program = world.restic
    world.configure()


def read_only(world):
    done = inside(world, """
mount --bind "$1" "$1"
mount -o remount,ro,bind "$1"
"$HOLDFAST" backup --config "$CONFIG" run || echo "exit code $?"
""", world.path("state"))
    if done is None:
        skip("a folder of records that is read-only", "no mount namespace here")
        return
    ok("exit code 3" in done.stdout and "ead-only file system" in done.stderr,
       "a folder of records that is read-only", done.stdout, done.stderr)


def interrupted(world):
    world.write("data/big", os.urandom(8_000_000), 0o644)
    world.general += ["limit-upload 50", "sqlite " + world.path("app.db")]
    subprocess.run(["sqlite3", world.path("app.db"), "CREATE TABLE t(a)"], check=True)
    world.configure()
    for number, name in ((signal.SIGINT, "SIGINT"), (signal.SIGKILL, "SIGKILL")):
        process = subprocess.Popen(world.argv("run"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        # restic knows how to give back its lock once it sends data, not in the moment before.
        seen = []
        for _ in range(1200):
            now = glob.glob(world.path("repo/data/*/*-tmp-*"))
            if now and now == seen:
                break
            seen = now
            time.sleep(0.5)
        before = len(glob.glob(world.path("repo/snapshots/*")))
        out, err = ended(process, number)
        for _ in range(300):
            if not os.listdir(world.path("repo/locks")):
                break
            time.sleep(0.1)
        ok(process.returncode == (3 if number == signal.SIGINT else -signal.SIGKILL) and
           not os.listdir(world.path("repo/locks")), name + " in a run: the lock is given back",
           process.returncode, out, err, os.listdir(world.path("repo/locks")))
        ok(len(glob.glob(world.path("repo/snapshots/*"))) == before and
           (number == signal.SIGKILL or world.scratch() == []),
           "  no snapshot, no scratch folder", world.scratch())
        for path in glob.glob(world.path("repo/data/*/*-tmp-*")):
            os.unlink(path)
    del world.general[-2:]
    os.unlink(world.path("data/big"))
    world.configure()
    left = os.path.join(world.path("scratch"), "holdfast-backup-abcdef")
    os.makedirs(left + "/files/x")
    code, out, err = world.run("drill")
    ok(code == 0 and world.scratch() == [], "what a killed drill left goes with the next one",
       world.scratch(), out, err)


def twice(world):
    wrapper(world, "[ \"$1\" = backup ] && sleep 3\nexec %s \"$@\"\n" % world.restic)
    first = subprocess.Popen(world.argv("run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(300):
        done = world.run("run")
        if done[0] == 3 or first.poll() is not None:
            break
    # Either may have been the first to lock.
    out, err = first.communicate(timeout=120)
    both = [(done[0], done[2]), (first.returncode, err.decode("utf-8", "replace"))]
    ok(sorted(code for code, _ in both) == [0, 3] and
       all("another holdfast backup is at work" in text for code, text in both if code), "two at once", both, out)
    world.program = world.restic
    world.configure()


def main():
    if not program("restic") or not program("sqlite3"):
        skip_all("restic or sqlite3 is not installed")
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    world = World(os.path.abspath(sys.argv[1]), base)
    try:
        for i in range(40):
            world.write("data/f%02d" % i, os.urandom(60000), 0o644)
        configuration(world)
        code, out, err = world.make()
        ok(code == 0, "init", out, err)
        code, out, err = world.run("run")
        ok(code == 0, "run", out, err)
        for part in (secrets, locks, programs, damage, clock, full, full_later, read_only, interrupted,
                     twice):
            part(world)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return plan()


sys.exit(main())
