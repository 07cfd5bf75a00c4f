#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event logs that are cut, damaged, shifted or far too large: `hunt` reads the same records as `events`,
with one thread and with several, says what it could not read, and ends with 3 then.

usage: evtx_damage.py HOLDFAST SOURCE
"""
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

HOLDFAST, SOURCE = map(os.path.abspath, sys.argv[1:3])
sys.path.insert(0, os.path.join(SOURCE, "bench"))
import evtx_make  # noqa: E402
from evtx_make import CHUNK, HEADER  # noqa: E402


def run(*argv, **kwargs):
    return subprocess.run([HOLDFAST, *argv], capture_output=True, check=False, timeout=300, **kwargs)


def hunt(path, threads=2, **kwargs):
    r = run("hunt", "-f", "json", "--threads", str(threads), path, **kwargs)
    files = json.loads(r.stdout)["files"] if r.returncode in (0, 3) else []
    return r.returncode, files, r.stdout


def shown(path):
    r = run("events", "-f", "jsonl", path)
    return r.returncode, r.stdout.count(b"\n"), r.stderr.decode()


def write(path, *parts):
    with open(path, "wb") as f:
        for part in parts:
            f.write(part)
    return path


def originals():
    """Logs of several chunks, each different: recorded ones, and one that is made here."""
    chunks, after = evtx_make.made_chunks(20)
    logs = [evtx_make.file_header(20, after) + b"".join(chunks)]
    folder = os.path.join(SOURCE, "../shared/corpora/evtx")
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(where, name)
            if name.endswith(".evtx") and os.path.getsize(path) >= 2 * CHUNK:
                with open(path, "rb") as f:
                    logs.append(f.read())
    return logs


def damaged(log, r):
    """Ways in which a log may be broken."""
    bits = bytearray(log)
    for _ in range(r.randrange(1, 60)):
        bits[r.randrange(len(bits))] ^= 1 << r.randrange(8)
    yield "flipped", bytes(bits)
    yield "cut", log[:r.randrange(1, len(log))]
    at = r.randrange(HEADER, len(log))
    yield "shifted", log[:at] + r.randbytes(r.randrange(1, 3000)) + log[at:]
    yield "missing", log[:at] + log[at + r.randrange(1, CHUNK):]
    yield "headless", log[HEADER:]
    zero = bytearray(log)
    at = HEADER + CHUNK * r.randrange((len(log) - HEADER) // CHUNK)
    zero[at:at + CHUNK] = bytes(CHUNK)
    yield "zeros", bytes(zero)
    yield "counted", log[:42] + struct.pack("<H", r.choice([0, 1, 65535])) + log[44:]
    mixed = [log[i:i + CHUNK] for i in range(HEADER, len(log), CHUNK)]
    r.shuffle(mixed)
    yield "mixed", log[:HEADER] + b"".join(mixed)


def test_same(folder):
    r, logs, n = random.Random(5), originals(), 0
    kinds = {}
    for log in logs[:1] + r.sample(logs[1:], min(24, len(logs) - 1)):
        for kind, data in damaged(log, r):
            kinds[write(os.path.join(folder, "%03d-%s.evtx" % (n, kind)), data)] = kind
            n += 1
    code, files, two = hunt(folder)
    _, one_files, one = hunt(folder, 1)
    ok(code in (0, 3) and len(files) == n, "%d broken logs are read" % n, code, len(files))
    ok(one == two and files == one_files, "with one thread and with two alike")
    wrong, told, quiet = [], 0, []
    for f in files:
        status, events, errors = shown(f["path"])
        if f["events"] != events:
            wrong.append((f["path"], f["events"], events, errors[:300]))
        told += "problem" in f
        if status == 3 and "problem" not in f:
            quiet.append((f["path"], errors[:300]))
    ok(not wrong, "and have the records that `events` shows", *wrong)
    ok(not quiet, "what is missing is said where `events` says it", *quiet)
    ok(told and code == 3, "and the exit code is 3")


def test_large(folder):
    chunks, after = evtx_make.made_chunks(2)
    path = os.path.join(folder, "large.evtx")
    want = shown(write(path, evtx_make.file_header(2, after), *chunks))[1]
    os.truncate(path, HEADER + 65536 * CHUNK)  # 4 GiB, of which the middle is not there
    with open(path, "r+b") as f:
        f.write(evtx_make.file_header(65535, after))
        f.seek(HEADER + CHUNK)
        f.write(bytes(CHUNK))
        f.seek(HEADER + 65535 * CHUNK)
        f.write(chunks[1])
    code, files, _ = hunt(path)
    ok(code == 0 and files[0]["events"] == want, "a log of 4 GiB that is mostly empty", code,
       files, want)
    status, events, errors = shown(path)
    ok((status, events) == (0, want), "the same as text", status, events, errors)
    os.unlink(path)


def test_folder(folder):
    chunks, after = evtx_make.made_chunks(1)
    log = evtx_make.file_header(1, after) + chunks[0]
    logs = os.path.join(folder, "WINDOWS/system32/WinEvt/Logs")
    os.makedirs(logs)
    write(os.path.join(logs, "Security.evtx"), log)
    r = run("hunt", "-f", "json", "--root", folder)
    files = json.loads(r.stdout)["files"] if r.returncode == 0 else []
    ok([f["path"] for f in files] == ["/WINDOWS/system32/WinEvt/Logs/Security.evtx"],
       "a disk of Windows, whatever the case of its folders", r.returncode, r.stderr, files)
    r = run("hunt", "--root", logs)
    ok(r.returncode == 3 and b"neither var/log nor Windows/System32/winevt/Logs" in r.stderr,
       "a disk without logs", r.returncode, r.stderr)
    shut = write(os.path.join(logs, "System.evtx"), log)
    os.chmod(shut, 0)
    os.chmod(folder, 0o755)
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            skip("a file that may not be read", "there is no setpriv")
            return
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", HOLDFAST]
    else:
        argv = [HOLDFAST]
    r = subprocess.run(argv + ["hunt", logs], capture_output=True, check=False, cwd="/")
    ok(r.returncode == 3 and b"System.evtx" in r.stdout and b" records of 1 file" in r.stdout,
       "a file that may not be read", r.returncode, r.stdout, r.stderr)


def test_carved(folder):
    chunks, _ = evtx_make.made_chunks(2)
    image = write(os.path.join(folder, "memory.raw"), os.urandom(100000), chunks[1],
                  os.urandom(77777), chunks[0], b"ElfChnk\0" * 100)
    carved = run("events", "--carve", image)
    r = subprocess.run([HOLDFAST, "hunt", "-f", "json", "-"], input=carved.stdout,
                       capture_output=True, check=False)
    files = json.loads(r.stdout)["files"]
    want = run("events", "--carve", "-f", "jsonl", image).stdout.count(b"\n")
    ok(want > 100 and files[0]["events"] == want and files[0]["format"] == "windows-xml",
       "what was carved out of an image can be hunted through", want, files)


def main():
    for test in (test_same, test_large, test_folder, test_carved):
        with tempfile.TemporaryDirectory(prefix="holdfast-evtx-") as folder:
            test(folder)
    return plan()


sys.exit(main())
