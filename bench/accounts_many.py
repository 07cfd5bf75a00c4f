#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: bench/accounts_many.py [BUILD]

`holdfast accounts` on trees of 25,000 to 100,000 accounts with Match blocks, allow lists, PAM and
sudo: CPU time an account, which must not grow with their number, beside what `sshd -T -C user=…`
of the same configuration takes for one account (and it says nothing of keys, PAM and sudo).
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from measure import table  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build")
HASH = "$y$j9T$OIPlW5yDzL8Ibj7Oe/teS0$OPotKZxuyXPoOahwEqbI.zCiA8A89J85dexJAtDk0.5"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3sOTqM3kzSSTiFehLJXTHSerR8qQrEBZ5IJuBa7Wab bench\n"
CONFIG = """UsePAM yes
KbdInteractiveAuthentication no
AllowUsers u* root
Match Address 10.0.0.0/8
	PasswordAuthentication no
Match Group staff
	AllowTcpForwarding no
%s"""
BLOCKS = "".join("Match User u%d\n\tPasswordAuthentication no\n" % (i * 7) for i in range(200))
PEER = 20


def measure(argv):
    """CPU seconds of a command with its children, memory of the largest of them in KiB, exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen(argv, stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, usage.ru_maxrss, process.returncode


def write(root, path, text, mode=0o644):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chmod(path, mode)


def build(root, n):
    uids = range(2000, 2000 + n)
    write(root, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n" + "".join(
        "u%d:x:%d:%d::/home/u%d:/bin/sh\n" % (u - 2000, u, u, u - 2000) for u in uids))
    write(root, "etc/shadow", "root:*:19000:0:99999:7:::\n" + "".join(
        "u%d:%s:20000:0:99999:7:::\n" % (u - 2000, HASH) for u in uids), 0o600)
    write(root, "etc/group", "root:x:0:\nsudo:x:27:%s\nstaff:x:50:%s\n" % (
        ",".join("u%d" % i for i in range(0, n, 100)), ",".join("u%d" % i for i in range(0, n, 10)))
          + "".join("u%d:x:%d:\n" % (u - 2000, u) for u in uids))
    write(root, "etc/ssh/sshd_config", CONFIG % BLOCKS)
    write(root, "etc/sudoers", "%sudo ALL=(ALL) ALL\nu5 ALL=(ALL) NOPASSWD: /usr/bin/vim\n", 0o440)
    for service in ("sshd", "login"):
        write(root, "etc/pam.d/" + service, "auth required pam_unix.so\n"
              "account required pam_nologin.so\naccount required pam_unix.so\n")
    write(root, "usr/sbin/sshd", "OpenSSH_9.2p1 Debian-2 libpam.so.0 debianbanner\n", 0o755)
    write(root, "bin/sh", "", 0o755)
    os.makedirs(os.path.join(root, "home"))
    for i in range(0, n, 500):
        write(root, "home/u%d/.ssh/authorized_keys" % i, KEY)


def peer(folder):
    """CPU seconds of `sshd -T -C` for one account; None without sshd."""
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
    if not sshd:
        return None
    config, key = os.path.join(folder, "sshd_config"), os.path.join(folder, "key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with open(config, "w", encoding="ascii") as f:
        f.write("HostKey %s\n" % key + CONFIG % BLOCKS)
    runs = [measure([sshd, "-T", "-f", config, "-C", "user=root,host=h,addr=203.0.113.%d" % (i + 1)])
            for i in range(PEER)]
    return None if any(code for _, _, code in runs) else min(cpu for cpu, _, _ in runs)


def main():
    rows, first = [("accounts", "cpu s", "us an account", "times the smallest", "MB of the largest process")], None
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        os.chmod(folder, 0o755)
        for n in (25000, 100000):
            root = os.path.join(folder, "root%d" % n)
            build(root, n)
            cpu, peak, code = measure([os.path.join(BUILD, "holdfast"), "accounts", "--no-state",
                                       "-f", "json", "--root", root])
            if code:
                print("holdfast accounts: exit %d" % code, file=sys.stderr)
                return 3
            micros = cpu / n * 1e6
            first = first or micros
            rows.append((n, "%.2f" % cpu, "%.1f" % micros, "%.2f" % (micros / first),
                         "%.0f" % (peak / 1024)))
        one = peer(folder)
        if one:
            rows.append(("sshd -T -C, 1", "%.4f" % one, "%.0f" % (one * 1e6),
                         "%.0f" % (one * 1e6 / micros) + " (of 100000)", ""))
    table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
