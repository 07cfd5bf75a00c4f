#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel's sensors and the watched files tell through the daemon.

usage: guard_sensors.py HOLDFAST
"""
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, namespaced, result, skip, until  # noqa: E402

CONFIG = Guard.CONFIG.replace("sensors no\nintegrity no\n", "").replace(
    "mode enforce", "mode observe")


def told(guard, condition):
    return until(lambda: [a for a in guard.alerts() if condition(a)], 20)


def sensors(guard):
    running = [s for s in guard.status().get("sensors", []) if s["running"]]
    if not running:
        skip("sensors", "this kernel takes none of them")
        return
    result(any(s["name"] == "process" for s in running), "the sensor of programs runs",
           guard.status().get("sensors"))
    program = "/dev/shm/holdfast-%d" % os.getpid()
    shutil.copy("/bin/true", program)
    try:
        subprocess.run([program], check=True)
    finally:
        os.unlink(program)
    found = told(guard, lambda a: a["source"] == "sensor" and "shared memory" in a["title"])
    result(found, "a program in shared memory is told", guard.alerts()[-3:], guard.said())


def integrity(guard, home):
    until(lambda: any(p["name"] == "integrity" and p["pid"] for p in guard.status()["processes"]))
    path = os.path.join(home, ".ssh", "authorized_keys")
    # It is watched once everything was read for the first time.
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s attacker"

    def add(n=[0]):
        n[0] += 1
        with open(path, "a", encoding="ascii") as f:
            f.write(key % (("%02d" % n[0]) * 21 + "A") + "\n")
        return until(lambda: [a for a in guard.alerts() if a["source"] == "integrity"], 2)
    found = until(add, 30)
    result(found, "a new key in authorized_keys is told", guard.said(), guard.status())
    if found:
        text = str(found[0])
        result("authorized_keys" in text and "integrity_keys" in text, "with the file", found[0])
        result("python" in text or "by " in text, "and the program that wrote it", found[0])
    pid = guard.pid("integrity")
    os.kill(pid, signal.SIGKILL)
    result(until(lambda: guard.pid("integrity") not in (0, pid), 10), "kill -9: it comes back")


def inside(holdfast, top):
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/home"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    passwd = os.path.join(top, "passwd")
    shutil.copy("/etc/passwd", passwd)
    with open(passwd, "a", encoding="ascii") as f:
        f.write("alice:x:4321:4321::/home/alice:/bin/sh\n")
    subprocess.run(["mount", "--bind", passwd, "/etc/passwd"], check=True)
    os.makedirs("/home/alice/.ssh", 0o700)
    open("/home/alice/.ssh/authorized_keys", "w").close()
    guard = Guard(holdfast, top, CONFIG).start()
    try:
        sensors(guard)
        integrity(guard, "/home/alice")
    finally:
        guard.stop()


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), [], inside))
