#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill compares while restic is still at work: what restic does to a file after that counts.

usage: backup_early.py HOLDFAST
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from backup_world import PATH, World, ended, program
from tap import ok, plan, skip

FILES = 12
SIZE = 300_000
# Stands before restic; `target`: the folder that is restored to, `live`: the files.
BEGIN = """#!{python}
import os, shutil, subprocess, sys, time
argv = [{restic!r}] + sys.argv[1:]
if "restore" not in argv:
    os.execv(argv[0], argv)
live = {live!r}
at = argv.index("--target") + 1
target = argv[at]
def restored(path):
    return target + path
def flip(path):
    stat = os.stat(restored(path))
    with open(restored(path), "r+b") as f:
        f.seek(stat.st_size // 2)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 4]))
    os.utime(restored(path), ns=(stat.st_atime_ns, stat.st_mtime_ns))
"""
# The time of access tells that the live file was read: it is older than that of the contents before.
AWAIT = """
begun = {path: os.stat(path).st_atime_ns for path in live}
sys.exit(1) if subprocess.call(argv) else None
def compared():
    return [path for path in live if os.stat(path).st_atime_ns != begun[path]]
until = time.monotonic() + 20
while len(compared()) < len(live) and time.monotonic() < until:
    time.sleep(0.05)
time.sleep(0.5)
with open({seen!r}, "w") as f:
    f.write("\\n".join(compared()))
"""
FLIP = "flip(live[3])\n"
RENAME = """
flip(live[4])
os.link(restored(live[4]), target + "/kept")
shutil.copy2(restored(live[4]), restored(live[4]) + ".new")
os.rename(restored(live[4]) + ".new", restored(live[4]))
"""
# All at once, so that each is looked at in each state.
SLOWLY = """
argv[at] = target + ".whole"
sys.exit(1) if subprocess.call(argv) else None
texts = {path: open(argv[at] + path, "rb").read() for path in live}
for path in live:
    os.makedirs(os.path.dirname(restored(path)), exist_ok=True)
    open(restored(path), "wb").close()
def piece(path, begin, end):
    with open(restored(path), "r+b") as f:
        f.seek(begin)
        f.write(texts[path][begin:end])
for begin, end in ((0, 1000), (200000, 300000), (1000, 100000)):
    time.sleep(0.3)
    for path in live:
        piece(path, begin, end)
time.sleep(0.3)
for path in live:
    os.truncate(restored(path), len(texts[path]))
time.sleep(0.3)
for path in live:
    piece(path, 100000, 200000)
    shutil.copystat(argv[at] + path, restored(path))
time.sleep(float(os.path.exists({wait!r})))
shutil.rmtree(argv[at])
"""


def live(world):
    return [world.path("data/f%02d" % i) for i in range(FILES)]


def stand_before(world, *parts):
    """A program in place of restic."""
    begin = BEGIN.format(python=sys.executable, restic=world.restic, live=live(world))
    text = "".join(parts).replace("{seen!r}", repr(world.path("seen"))).replace(
        "{wait!r}", repr(world.path("wait")))
    world.program = world.write("restic", begin + text, 0o755)
    world.configure()


def make_old(world):
    """Whoever reads them sets the time of access, also where it is kept roughly."""
    for path in live(world):
        stat = os.stat(path)
        os.utime(path, ns=(stat.st_mtime_ns - 10 ** 9, stat.st_mtime_ns))


def written_later(world):
    for what, name in ((FLIP, "a byte that restic turns after its file was compared"),
                       (RENAME, "a file that restic puts in the place of one that was compared")):
        stand_before(world, AWAIT, what)
        make_old(world)
        code, record, err = world.json("drill")
        with open(world.path("seen"), encoding="utf-8") as f:
            seen = f.read().splitlines()
        bad = live(world)[3 if what == FLIP else 4]
        ok(code == 3 and record["differ"] == 1 and record["same"] == FILES - 1 and
           record["not_restored"] == 0 and bad in record["message"], name, code, record, err)
        if not seen:
            skip("  it was compared by then", "times of access are not kept here")
            continue
        ok(seen == live(world), "  it was compared by then", seen)


def whole(code, record):
    return (code == 0 and record["same"] == FILES and record["differ"] == 0 and
            record["changed"] == 0 and record["not_restored"] == 0)


def slowly(world):
    stand_before(world, SLOWLY)
    code, record, err = world.json("drill")
    ok(whole(code, record), "files that grow slowly", code, record, err)
    world.write("wait", "")
    code, record, err = world.json("drill")
    ok(whole(code, record), "  and are there for a while", code, record, err)
    os.unlink(world.path("wait"))


def inside(world, name, options, script):
    """Both a good drill and one with a byte that turns, where files cannot be watched."""
    argv = ["unshare", *options, "sh", "-c", "set -e\n" + script + "\nexec \"$@\"", "sh"]
    if subprocess.run(argv + ["true"], capture_output=True, check=False,
                      env={"PATH": PATH}).returncode:
        skip(name, "no such namespace here")
        return
    for part, code, says in (("", 0, "disk drill: ok"), (FLIP, 3, live(world)[3])):
        stand_before(world, "sys.exit(1) if subprocess.call(argv) else time.sleep(0.5)\n", part)
        done = subprocess.run(argv + world.argv("drill"), capture_output=True, text=True,
                              check=False, timeout=300, env={"PATH": PATH})
        ok(done.returncode == code and says in done.stdout,
           name + (": a byte that turns is found" if part else ""), done.returncode, done.stdout,
           done.stderr)


def interrupted(world):
    stand_before(world, "if subprocess.call(argv) == 0:\n    open({seen!r}, 'w').close()\n"
                        "time.sleep(200)\n")
    os.unlink(world.path("seen"))
    process = subprocess.Popen(world.argv("drill"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    for _ in range(600):
        if os.path.exists(world.path("seen")) or process.poll() is not None:
            break
        time.sleep(0.1)
    begun = time.monotonic()
    out, err = ended(process, signal.SIGINT)
    ok(process.returncode == 3 and "interrupted" in out + err and time.monotonic() - begun < 30 and
       world.scratch() == [], "SIGINT while files are compared", process.returncode, out, err,
       world.scratch())


def never(world):
    """restic that restores nothing, and one that is gone when it should restore."""
    stand_before(world, "sys.exit('Fatal: enough of it')\n")
    for name, says in (("restic that fails", "enough of it"),
                       ("restic that cannot be started", "not installed")):
        code, record, err = world.json("drill")
        ok(code == 3 and record["not_restored"] == FILES and record["same"] == 0 and
           says in record["message"] and world.scratch() == [], name, code, record, err)
        world.program = world.write("restic", "#!/bin/sh\nfor a; do [ \"$a\" = ls ] && rm \"$0\"; "
                                    "done\nexec %s \"$@\"\n" % world.restic, 0o755)


def main():
    if not program("restic"):
        print("1..0 # SKIP restic is not installed")
        return
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    world = World(os.path.abspath(sys.argv[1]), base)
    try:
        for path in live(world):
            world.write(path, os.urandom(SIZE), 0o644)
        code, out, err = world.make()
        ok(code == 0, "init", out, err)
        code, out, err = world.run("run")
        ok(code == 0, "run", out, err)
        written_later(world)
        slowly(world)
        inside(world, "no watch is left", ["-U", "-r"], "echo 0 >/proc/sys/user/max_inotify_watches")
        inside(world, "no inotify is left", ["-U", "-r"],
               "echo 0 >/proc/sys/user/max_inotify_instances")
        inside(world, "without /proc", ["-m"], "mount -t tmpfs none /proc")
        interrupted(world)
        never(world)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return plan()


sys.exit(main())
