#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts of the daemon say that an account can log in from the internet, as `holdfast accounts` found it.

usage: guard_accounts.py HOLDFAST

A real sshd, accounts and a public address of their own, in namespaces. `accounts` looks at them and
keeps what it found; the daemon tells it with the alerts of passwords that were tried. Then sshd takes
keys alone: the next look takes the sentence back, while the daemon runs.
"""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, namespaced, until  # noqa: E402
from tap import ok, skip_all  # noqa: E402

HASH = "$y$j9T$OIPlW5yDzL8Ibj7Oe/teS0$OPotKZxuyXPoOahwEqbI.zCiA8A89J85dexJAtDk0.5"
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
                  "nobody:x:65534:65534::/:/usr/sbin/nologin\nweb:x:1000:1000::/tmp:/bin/sh\n",
    "etc/shadow": "root:*:19000::::::\nweb:%s:19000:0:99999:7:::\n" % HASH,
    "etc/ssh/sshd_config": "HostKey /etc/ssh/key\nUsePAM no\nPasswordAuthentication yes\nPidFile none\n",
}
SENTENCE = "This account can log in from the internet (password)."


def sh(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def machine(top):
    """Accounts, an address and sshd of this namespace; False where that cannot be had."""
    for name, text in FILES.items():
        path = os.path.join(top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
    os.chmod(os.path.join(top, "etc/shadow"), 0o600)
    os.makedirs(os.path.join(top, "state"), 0o700)
    key = sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(top, "etc/ssh/key"))
    for name in ("etc/passwd", "etc/shadow", "etc/ssh"):
        if key.returncode or sh("mount", "--bind", os.path.join(top, name), "/" + name).returncode:
            return False
    os.makedirs("/run/sshd", exist_ok=True)
    steps = (["mount", "-t", "tmpfs", "tmpfs", "/run/sshd", "-o", "mode=755"],
             ["ip", "link", "set", "lo", "up"],
             ["ip", "link", "add", "out0", "type", "veth", "peer", "name", "out1"],
             ["ip", "address", "add", "203.0.113.7/24", "dev", "out0"],
             ["ip", "link", "set", "out1", "up"], ["ip", "link", "set", "out0", "up"],
             ["ip", "route", "add", "default", "via", "203.0.113.1"], ["/usr/sbin/sshd"])
    return all(sh(*step).returncode == 0 for step in steps)


def look(holdfast, top):
    """What `accounts` noted for the daemon."""
    run = sh(holdfast, "accounts", "--quick", "--state", os.path.join(top, "state/state.db"))
    with open(os.path.join(top, "state/logins"), encoding="utf-8") as f:
        return f.read(), run.stdout + run.stderr


def told(guard, address, user):
    """The texts of the alert that five wrong passwords give."""
    guard.attack(address, 5, user=user)
    alerts = until(lambda: [a for a in guard.alerts() if a["from"] == address])
    return str(alerts)


def inside(holdfast, top):
    if not machine(top):
        skip_all("no accounts, address or sshd in a namespace")
    said, text = look(holdfast, top)
    ok(said == "web\t" + SENTENCE + "\n", "accounts notes who can log in from the internet", said, text)
    guard = Guard(holdfast, top).start()
    try:
        alert = told(guard, "198.51.100.1", "web")
        ok(SENTENCE in alert, "an alert of this account says it", alert, guard.said())
        alert = told(guard, "198.51.100.2", "nobody")
        ok(alert != "[]" and SENTENCE not in alert, "one of another account does not", alert)
        with open(os.path.join(top, "etc/ssh/sshd_config"), "a", encoding="ascii") as f:
            f.write("AuthenticationMethods publickey\n")
        time.sleep(0.01)
        said, text = look(holdfast, top)
        ok(said == "", "when sshd takes keys alone, nobody is noted", said, text)
        alert = told(guard, "198.51.100.3", "web")
        ok(alert != "[]" and SENTENCE not in alert, "and the running daemon says it no more", alert)
    finally:
        guard.stop()


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), ["ssh-keygen", "sshd", "mount"], inside))
