#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the password audit tries hashes of each method, beside libcrypt alone and `john --format=crypt`
(which calls the same function), and how well it estimates the default list on 20 yescrypt accounts.

All in CPU seconds a try, the best of three, because the machine may be busy; the estimate also by the clock.

usage: bench/accounts_passwords.py [BUILD]
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
RUN = BUILD + "/bench/accounts_audit"
# prefix of crypt_gensalt(3), cost, tries, mkpasswd's name and options
METHODS = [("$y$", 5, 150, "yescrypt", []), ("$gy$", 5, 150, "gost-yescrypt", []),
           ("$7$", 7, 20, "scrypt", []), ("$2b$", 8, 200, "bcrypt", ["-R", "8"]),
           ("$6$", 5000, 1000, "sha512crypt", []), ("$5$", 5000, 1000, "sha256crypt", []),
           ("$1$", 0, 10000, "md5crypt", []), ("", 0, 100000, "descrypt", [])]


def audit(prefix, cost, tries, accounts):
    run = subprocess.run([RUN, prefix, str(cost), str(tries), str(accounts)], check=True,
                         capture_output=True, text=True)
    return json.loads(run.stdout)


def cpu(argv, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                   env={**os.environ, "HOME": folder})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def john(method, options, tries, folder):
    """CPU seconds a try, without what john takes to start; None where it cannot."""
    program = shutil.which("john") or shutil.which("john", path="/usr/sbin")
    if not program or not shutil.which("mkpasswd"):
        return None
    word = subprocess.run(["mkpasswd", "-m", method, *options, "-s"], input="Xk9!vvQ2mm#w4pLz", text=True,
                          capture_output=True, check=False).stdout.strip()
    if not word:
        return None
    with open(folder + "/hash", "w", encoding="ascii") as f:
        f.write("user:" + word + "\n")
    times = []
    for n in (1, tries):
        with open(folder + "/words", "w", encoding="ascii") as f:
            f.writelines(f"password{i}\n" for i in range(n))
        times.append(cpu([program, "--format=crypt", "--wordlist=words", "--session=s", "hash"],
                         folder))
    return (times[1] - times[0]) / (tries - 1)


def rates():
    least = 1.0
    print(f"{'method':14} {'audit':>12} {'libcrypt':>12} {'share':>7} {'john':>12} {'audit/john':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for prefix, cost, tries, name, options in METHODS:
            runs = [audit(prefix, cost, tries, 1) for _ in range(3)]
            own = min(r["audit_cpu"] / r["tries"] for r in runs) * 1e6
            plain = min(r["libcrypt_cpu"] / r["tries"] for r in runs) * 1e6
            peer = john(name, options, tries, folder)
            share = plain / own
            least = min(least, share)
            print(f"{name:14} {own:9.1f} us {plain:9.1f} us {share:6.1%}"
                  + (f" {peer * 1e6:9.1f} us {peer * 1e6 / own:9.2f}x" if peer is not None else "   (no john)"))
    print(f"asked: 90 % of libcrypt's own rate; measured at least: {least:.1%}")


def estimate():
    r = audit("$y$", 5, 300, 20)
    for what, said, was in (("processor time", r["estimate_cpu"], r["audit_cpu"]),
                            ("the clock", r["estimate"], r["took"])):
        print(f"asked: 20 yescrypt accounts estimated within 25 %; measured by {what}, {r['tries']} tries: "
              f"estimated {said:.1f} s, took {was:.1f} s ({was / said - 1:+.1%})")


rates()
estimate()
