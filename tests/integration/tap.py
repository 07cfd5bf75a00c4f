# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test says (TAP), waits for, and runs in namespaces of its own."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 120
MOST = 6000  # characters of a note that are said
number = bad = 0


def ok(good, name, *notes):
    """Says notes where it is not good; returns good."""
    global number, bad
    number += 1
    bad += not good
    print("%sok %d - %s" % ("" if good else "not ", number, name))
    for note in () if good else map(str, notes):
        if len(note) > MOST:
            note = note[:MOST // 2] + "\n[...]\n" + note[-MOST // 2:]
        for line in note.splitlines():
            print("# " + line)
    sys.stdout.flush()
    return good


def skip(name, why):
    global number
    number += 1
    print("ok %d - %s # SKIP %s" % (number, name, why))
    sys.stdout.flush()


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def plan():
    """The last line; returns the exit code."""
    print("1..%d" % number)
    sys.stdout.flush()
    return 1 if bad else 0


def wait_for(what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def alone(script, play, timeout, programs, arguments=None, network=True):
    """Runs play(*words, top) in namespaces of its own, top being a folder that goes with it. The words are
    those of the program as absolute paths, or what arguments(top) returns, outside of them."""
    if sys.argv[1] == "--inside":
        play(*sys.argv[2:])
        return plan()
    unshare = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    unshare += ["--net"] if network else []
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for program in ["unshare", *programs]:
        if not shutil.which(program):
            print("1..0 # SKIP needs " + program)
            return 0
    if os.geteuid() or subprocess.run(unshare + ["true"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP needs root for namespaces of its own")
        return 0
    with tempfile.TemporaryDirectory(prefix="holdfast-alone-") as top:
        os.chmod(top, 0o755)
        words = arguments(top) if arguments else map(os.path.abspath, sys.argv[1:])
        return subprocess.run(unshare + [sys.executable, os.path.abspath(script), "--inside", *words, top],
                              check=False, timeout=timeout).returncode
