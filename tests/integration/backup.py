#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`holdfast backup` with the real restic, sqlite3, rclone and borg: made, checked, restored, proved.

usage: backup.py HOLDFAST
"""
import hashlib
import json
import os
import pty
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from backup_world import World, ended, program
import backup_world
from tap import ok, plan, skip, skip_all


def fill(world, files=60, size=20000):
    generator = random.Random(7)
    for i in range(files):
        world.write("data/f%02d" % i, generator.randbytes(size), 0o644)
    world.write("data/odd *?[x]\\ name", b"odd", 0o644)
    world.write("data/empty", b"", 0o644)
    db = sqlite3.connect(world.path("app.db"))
    db.execute("CREATE TABLE t(a)")
    db.executemany("INSERT INTO t VALUES(?)", [(i,) for i in range(500)])
    db.commit()
    db.close()
    world.general += ["sqlite " + world.path("app.db"), "critical " + world.path("data/odd *?[x]\\ name")
                      .join('""')]


def made(world):
    world.configure()
    code, _, err = world.run("init", "--phrase-file", world.phrase)
    ok(code == 3 and "same disk" in err and not os.path.exists(world.path("keys/disk.pass")),
       "init refuses a pass phrase on the disk of the repository", code, err)
    world.repositories.remove("escrow " + world.path("sealed"))
    world.configure()
    code, _, err = world.run("init", "--same-disk")
    ok(code == 3 and "known to this machine alone" in err,
       "init refuses a pass phrase that nobody would know", code, err)
    world.repositories.append("escrow " + world.path("sealed"))
    code, out, err = world.make()
    ok(code == 0, "init", out, err)
    with open(world.path("keys/disk.pass"), encoding="utf-8") as f:
        phrase = f.read().strip()
    ok(os.stat(world.path("keys/disk.pass")).st_mode & 0o777 == 0o600,
       "the pass phrase is its owner's alone")
    ok(len(phrase) == 39 and phrase not in out + err, "it is not shown where nobody looks")
    with open(world.path("sealed"), encoding="utf-8") as f:
        ok(phrase not in f.read(), "the sealed copy does not hold it in clear")
    code, out, err = world.run("unseal", world.path("sealed"), "--phrase-file", world.phrase)
    ok(code == 0 and out.strip() == phrase, "the owner's phrase opens it", out, err)
    other = world.write("other", "another phrase of somebody\n")
    code, out, err = world.run("unseal", world.path("sealed"), "--phrase-file", other)
    ok(code == 3 and phrase not in out and "not the one" in err, "another does not", err)
    code, _, err = world.run("init", "--same-disk", "--phrase-file", world.phrase)
    ok(code == 3 and "sealed" in err and os.path.exists(world.path("keys/disk.pass")),
       "a second init leaves all as it is", code, err)


def on_a_terminal(argv):
    """(status of wait, what it showed)"""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    text = b""
    while True:
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            break
        if not chunk:
            break
        text += chunk
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return status, text


def shown(base, holdfast):
    """On a terminal the pass phrase is shown, once; a key of the owner seals it."""
    world = World(holdfast, base)
    key = world.path("owner.key")
    world.configure()
    code, out, err = world.run("keygen", key)
    ok(code == 0 and out.startswith("owner-key ") and os.stat(key).st_mode & 0o777 == 0o600,
       "keygen", out, err)
    world.general.append(out.strip())
    world.configure()
    status, text = on_a_terminal(world.argv("init", "--same-disk"))
    with open(world.path("keys/disk.pass"), "rb") as f:
        phrase = f.read().strip()
    ok(status == 0 and text.count(phrase) == 1, "a terminal shows the pass phrase once",
       status, text.decode(errors="replace"))
    code, out, err = world.run("unseal", world.path("sealed"), "--key", key)
    ok(code == 0 and out.strip().encode() == phrase, "the owner's key opens the copy", err)
    ok(world.state()["escrow"]["shown"] is True, "the state says that it was shown")
    for i in range(8):
        world.write("data/%d" % i, os.urandom(250000), 0o644)
    world.general.append("limit-upload 500")
    world.configure()
    status, text = on_a_terminal(world.argv("run"))
    ok(status == 0 and b"files [" in text and b"% " in text and b"MB" in text,
       "a terminal shows how far a run is", status, text.decode(errors="replace")[-2000:])
    code, out, err = world.run("run")
    ok(code == 0 and "\r" not in out + err and "[" not in err, "others do not", out, err)


def saved(world):
    code, record, err = world.json("run")
    ok(code == 0 and record.get("result") == "ok" and record.get("files") == 62,
       "run", code, record, err)
    ok([d["result"] for d in record["dumps"]] == ["ok"], "the database was dumped", record)
    target = world.path("restored")
    world.by_hand("restore", record["snapshot"], "--target", target)
    same = all(open(world.path("data/" + n), "rb").read() ==
               open(target + world.path("data/") + n, "rb").read()
               for n in os.listdir(world.path("data")))
    ok(same, "restic restores what was saved")
    dump = record["dumps"][0]
    copy = world.write("copy.db", world.by_hand("dump", dump["snapshot"], dump["path"]).stdout)
    db = sqlite3.connect(copy)
    ok(db.execute("SELECT count(*), sum(a) FROM t").fetchone() == (500, 124750),
       "the dump has all rows")
    db.close()
    ok(world.state()["last_success"] > time.time() - 600, "the state knows when")
    world.general.append("save " + world.path("nothing"))
    world.configure()
    before = world.state()["last_success"]
    code, record, _ = world.json("run")
    ok(code == 1 and record["result"] == "incomplete" and
       record["missing"] == [world.path("nothing")] and
       world.state()["last_success"] == before,
       "a path that is missing is told: exit code 1, no success", code, record)
    world.general.pop()
    world.write("broken.db", b"SQLite format 3\0" + os.urandom(5000))
    world.general.append("sqlite " + world.path("broken.db"))
    world.configure()
    code, record, _ = world.json("run")
    ok(code == 1 and [d["result"] for d in record["dumps"]] == ["ok", "failed"] and
       record["dumps"][1]["snapshot"] == "", "a dump that fails is told, and is no snapshot",
       code, record)
    world.general.pop()
    world.configure()
    ok(world.scratch() == [], "nothing stays in the scratch folder", world.scratch())
    code, record, _ = world.json("list")
    listed = json.loads(world.by_hand("snapshots", "--json").stdout)
    ok(code == 0 and [s["id"] for s in record["snapshots"]] ==
       [s["short_id"] for s in listed], "list has restic's snapshots", record)
    code, record, _ = world.json("status")
    ok(code == 0 and record["name"] == "disk", "status", record)


def checked(world):
    world.json("run")
    parts = [world.json("check")[1].get("part") for _ in range(3)]
    ok(parts == [1, 2, 3], "checks read the parts in turn", parts)
    put_right = world.flip()
    found = [world.json("check") for _ in range(3)]
    bad = [r for c, r, _ in found if c == 3 and r["result"] == "damaged"]
    ok(len(bad) == 1, "a flipped bit is found by one of them", found)
    state = world.state()
    part = "%d/3" % bad[0]["part"]
    ok(list(state["damaged"]) == [part] and state["last_check"] <= state["damaged"][part],
       "a part that was damaged outlasts the good ones behind it", state)
    code, record, _ = world.json("check", "--all")
    ok(code == 3 and record["result"] == "damaged", "and by one of everything", record)
    put_right()
    code, record, _ = world.json("check", "--all")
    ok(code == 0 and world.state()["damaged"] == {}, "put right, all is well", record)


def practised(world):
    world.general.append("drill-files 30")
    world.configure()
    code, one, err = world.json("drill", "--seed", "5")
    ok(code == 0 and one["result"] == "ok" and one["files"] in (29, 30) and
       one["critical"] == 1 and one["same"] == one["files"] + 1 and one["changed"] == 0,
       "drill", code, one, err)
    ok([(x["kind"], x["result"]) for x in one["loads"] if x["kind"] == "sqlite"] ==
       [("sqlite", "ok")], "the database was opened", one)
    two, three = world.json("drill", "--seed", "5")[1], world.json("drill")[1]
    ok(two["bytes"] == one["bytes"] and three["seed"] != 5, "the seed chooses the sample")
    ok(len(one["tree"]) == 64 and one["tree"] == three["tree"], "the record names the tree")
    world.write("data/f00", b"changed since", 0o644)
    stat = os.stat(world.path("data/f01"))
    with open(world.path("data/f01"), "r+b") as f:
        f.write(b"no more the same")
    os.utime(world.path("data/f01"), ns=(stat.st_atime_ns, stat.st_mtime_ns))
    world.general[-1] = "drill-files 2000"
    world.configure()
    code, record, _ = world.json("drill")
    ok(code == 3 and record["changed"] == 1 and record["differ"] == 1 and
       world.path("data/f01") in record["message"],
       "what changed since is told from what is wrong", record)
    world.json("run")
    put_right = world.flip()
    code, record, _ = world.json("drill")
    ok(code == 3 and record["result"] == "damaged" and record["not_restored"] >= 1,
       "a flipped bit is found", code, record)
    put_right()
    ok(world.json("drill")[0] == 0, "put right, all is well")
    ok(world.scratch() == [], "nothing stays in the scratch folder", world.scratch())


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(world, *options):
    """The command of `backup server`, on this machine."""
    number = port()
    unit = world.run("server", world.path("served"), "--listen", "127.0.0.1:%d" % number)[1]
    line = [x for x in unit.splitlines() if x.startswith("ExecStart=")][0]
    argv = [program("rclone")] + line.split()[1:]
    if "--may-delete" in options:
        argv.remove("--append-only")
    os.makedirs(world.path("served"), exist_ok=True)
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env={"HOME": world.top, "PATH": backup_world.PATH})
    for _ in range(300):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", number)) == 0:
                return process, number
        time.sleep(0.1)
    return process, number


def proved(base, holdfast):
    if not program("rclone"):
        skip("append-only", "rclone is not installed")
        return
    world = World(holdfast, base)
    fill(world, 5)
    for options, want, says in (((), True, "cannot"), (("--may-delete",), False, "can")):
        process, number = serve(world, *options)
        try:
            world.repositories = ["repository far rest:http://127.0.0.1:%d/%s/" % (number, says),
                                  "password-file " + world.path("keys/far.pass"),
                                  "escrow " + world.path("sealed-" + says), "append-only yes"]
            world.configure()
            if want is False:
                os.unlink(world.path("state/far.json"))
                os.unlink(world.path("keys/far.pass"))
            code, out, err = world.run("init", "--same-disk", "--phrase-file", world.phrase,
                                       "--format", "json")
            proof = json.loads(out)[-1] if out else {}
            ok(code == (0 if want else 1) and proof.get("append_only") is want,
               "a client of that server %s delete" % says, code, out, err)
            code, record, err = world.json("run")
            ok(code == 0, "  and save", record, err)
            code, record, err = world.json("drill")
            ok(code == 0, "  and restore", record, err)
        finally:
            ended(process)
    code, record, err = world.json("run")
    ok(code == 3 and record["result"] in ("network", "failed", "absent") and record["message"],
       "a server that is gone is told", code, record, err)


def scheduled(world):
    folder = world.path("units")
    os.makedirs(folder)
    code, out, err = world.run("schedule", "--dir", folder)
    names = sorted(os.listdir(folder))
    ok(code == 0 and len(names) == 6 and all(n in out for n in names), "schedule", out, err)
    if not program("systemd-analyze"):
        skip("units are right", "systemd-analyze is not installed")
        return
    for name in names:
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as f:
            text = f.read().replace("/usr/bin/holdfast", world.holdfast)
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(x for x in text.split("\n") if "Documentation" not in x))
    check = subprocess.run(["systemd-analyze", "verify"] + [os.path.join(folder, n) for n in names],
                           capture_output=True, text=True, timeout=120, check=False)
    ok(check.returncode == 0 and folder not in check.stderr, "units are right", check.stderr)


def facts(world):
    root = world.path("root")
    state = os.path.join(root, "var/lib/holdfast/backup")
    os.makedirs(os.path.dirname(state))
    shutil.copytree(world.path("state"), state)

    def query(sql):
        done = subprocess.run([world.holdfast, "query", "--root", root, "--format", "json", sql],
                              capture_output=True, text=True, timeout=120, check=False)
        return json.loads(done.stdout) if done.stdout else done.stderr
    saved_state = world.state()
    got = query("SELECT name, last_success, last_check, last_drill, dumps, sealed FROM backup_repositories")
    ok(got == [{"name": "disk", "last_success": saved_state["last_success"],
                "last_check": saved_state["last_check"],
                "last_drill": saved_state["last_drill"], "dumps": "sqlite", "sealed": 1}],
       "facts of the repository", got)
    for table, key in (("snapshots", "snapshots"), ("checks", "checks"), ("drills", "drills")):
        got = query("SELECT count(*) AS n FROM backup_" + table)
        ok(got == [{"n": len(saved_state[key])}], "facts of " + table, got)


def scored(world):
    """The timers of check and drill are no backup; without one a machine is not at 100 %."""
    root = world.path("root")
    units, wanted = root + "/etc/systemd/system", root + "/etc/systemd/system/timers.target.wants"
    os.makedirs(wanted)
    os.makedirs(root + "/usr/lib/systemd")
    with open(root + "/usr/lib/systemd/systemd", "w", encoding="ascii") as f:
        os.chmod(f.name, 0o755)
    code, out, err = world.run("schedule", "--dir", units)
    ok(code == 0, "schedule into a tree", out, err)

    def percent(*names):
        for name in names:
            os.symlink("/etc/systemd/system/" + name, wanted + "/" + name)
        done = subprocess.run([world.holdfast, "assess", "--root", root, "--no-state", "--format",
                               "json", "--check", "backup-configured"], capture_output=True,
                              text=True, timeout=120, check=False)
        return json.loads(done.stdout)["secure_score"]["percent"]
    got = (percent(), percent("holdfast-backup-check.timer", "holdfast-backup-drill.timer"),
           percent("holdfast-backup.timer"))
    ok(got[0] < 100 and got[1] == got[0] and got[2] == 100,
       "without a backup that runs by itself there are no 100 %", got)


def borg(base, holdfast):
    tool = program("borg")
    if not tool:
        skip("borg", "borg is not installed")
        return
    world = World(holdfast, base)
    world.write("data/x", b"x")
    env = {"PATH": backup_world.PATH, "HOME": world.top, "BORG_PASSPHRASE": "secret",
           "BORG_REPO": world.path("borg"), "BORG_BASE_DIR": world.top}
    world.write("keys/borg.pass", "secret\n")
    for words in (["init", "--encryption=repokey-blake2", "--append-only"],
                  ["create", "::one", world.path("data")], ["create", "::two", world.path("data")]):
        subprocess.run([tool] + words, env=env, check=True, capture_output=True, timeout=120)
    forget = subprocess.run([tool, "delete", "::one"], env=env, capture_output=True, timeout=120,
                            check=False)
    world.repositories = ["repository old " + world.path("borg"), "tool borg",
                          "password-file " + world.path("keys/borg.pass")]
    world.general.append("borg " + tool)
    world.configure()
    code, record, err = world.json("list")
    ok(code == 0 and [s["paths"] for s in record["snapshots"]] == [["two"]] and
       forget.returncode == 0 and world.state("old")["last_success"] > time.time() - 600,
       "archives of borg are listed", code, record, err)
    code, _, err = world.run("run", "old")
    ok(code == 3 and "only looked at" in err, "and never written", err)


def digest(path):
    h = hashlib.sha256()
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            with open(os.path.join(folder, name), "rb") as f:
                h.update(name.encode() + f.read())
    return h.hexdigest()


def main():
    if not program("restic") or not program("sqlite3"):
        skip_all("restic or sqlite3 is not installed")
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    holdfast = os.path.abspath(sys.argv[1])
    try:
        world = World(holdfast, base)
        fill(world)
        before = digest(world.path("data"))
        made(world)
        saved(world)
        ok(digest(world.path("data")) == before, "the data are as they were")
        checked(world)
        practised(world)
        scheduled(world)
        facts(world)
        scored(world)
        shown(base, holdfast)
        proved(base, holdfast)
        borg(base, holdfast)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return plan()


sys.exit(main())
