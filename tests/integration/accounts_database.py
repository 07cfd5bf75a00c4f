# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of database accounts share: a user for the server, addresses, namespaces."""
import json
import os
import subprocess
import sys
import tempfile
import time

PASSWORD = "correct horse"
USER = 65534
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]


def as_user():
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


def addresses():
    """Clients come from these, and all of them are this machine."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for net in ("203.0.113.0/24", "10.0.0.0/8", "198.51.100.0/24"):
        subprocess.run(["ip", "route", "add", "local", net, "dev", "lo"], check=True)


def folders(*paths):
    for path in paths:
        os.makedirs(path)
        os.chown(path, USER, USER)


def wait_for(answers, process, seconds=60):
    """Until answers() is 0."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if answers() == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("the server does not start")


def report(holdfast, root):
    run = subprocess.run([holdfast, "accounts", "--no-state", "-f", "json", "--root", root],
                         capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


def ask(holdfast, root):
    """Database accounts by their names."""
    return {a["name"].split(" (")[0]: a for a in report(holdfast, root)["accounts"]
            if a["kind"] == "database"}


def main(script, inside, wants, find):
    """inside(holdfast, top, what) in namespaces of its own; what: what find() gives, None: skip."""
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        return inside(*sys.argv[2:5])
    what = find()
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root for namespaces of its own")
    elif not what:
        print("1..0 # SKIP needs " + wants)
    elif subprocess.run(UNSHARE + ["true"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP this kernel allows no namespaces")
    else:
        with tempfile.TemporaryDirectory(prefix="holdfast-database-") as top:
            os.chmod(top, 0o755)
            argv = UNSHARE + [sys.executable, os.path.abspath(script), "--inside",
                              os.path.abspath(sys.argv[1]), top, what]
            return subprocess.run(argv, timeout=500, check=False).returncode
    return 0
