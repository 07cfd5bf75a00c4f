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
from guard_world import Guard, namespaced, until  # noqa: E402
from sensor_kit import alone  # noqa: E402
from tap import ok, skip  # noqa: E402

CONFIG = Guard.CONFIG.replace("sensors no\nintegrity no\n", "").replace(
    "mode enforce", "mode observe")


def told(guard, condition):
    return until(lambda: [a for a in guard.alerts() if condition(a)], 20)


def sensors(guard):
    running = [s for s in guard.status().get("sensors", []) if s["running"]]
    if not running:
        skip("sensors", "this kernel takes none of them")
        return
    ok(any(s["name"] == "process" for s in running), "the sensor of programs runs",
       guard.status().get("sensors"))
    program = "/dev/shm/holdfast-%d" % os.getpid()
    shutil.copy("/bin/true", program)
    try:
        subprocess.run([program], check=True)
    finally:
        os.unlink(program)
    found = told(guard, lambda a: a["source"] == "sensor" and "shared memory" in a["title"])
    ok(found, "a program in shared memory is told", guard.alerts()[-3:], guard.said())


FLOOD = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sent, end, n = 0, time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < end and n < int(sys.argv[2]):
    for _ in range(50):
        n += 1
        try:
            s.sendto(b"flood", ("10.213.0.77", 4000))
            sent += 1
        except OSError:
            pass
    time.sleep(0.005)
print(n, sent)
"""


def cgroup():
    """A cgroup of its own, or None."""
    with open("/proc/self/mounts", encoding="utf-8") as f:
        for line in f:
            if line.split()[2] == "cgroup2":
                path = os.path.join(line.split()[1], "holdfast-guard-%s" % os.urandom(6).hex())
                try:
                    os.mkdir(path)
                    return path
                except OSError:
                    return None
    return None


def flood(group, seconds, most=1000000):
    """Packets that were tried and that the kernel took, from that cgroup."""
    def enter():
        with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as f:
            f.write("0")
    run = subprocess.run([sys.executable, "-c", FLOOD, str(seconds), str(most)], capture_output=True, text=True,
                         preexec_fn=enter if group else None, check=True)
    return [int(word) for word in run.stdout.split()]


def floods(guard, group):
    """A cgroup that floods is limited for a while; others are not, nor is the daemon's own."""
    number = os.stat(group).st_ino
    tried, sent = flood(group, 2)
    found = told(guard, lambda a: a["rule"] == "outbound_flood")
    ok(found and "limited: 200 packets a second for 4 s" in found[0]["done"],
       "a flood is limited, and the alert says so", found[:1], guard.said())
    ok(tried > 5000 and sent < tried / 2, "packets are kept back", tried, sent)
    limited = guard.status().get("limited", [])
    ok([(x["cgroup"], x["pps"]) for x in limited] == [(number, 200)] and
       limited[0]["path"].endswith(os.path.basename(group)) and
       0 < limited[0]["seconds_left"] <= 4, "guard status shows it", limited)
    text = subprocess.run([guard.holdfast, "guard", "--socket", guard.socket, "status"],
                          capture_output=True, text=True, check=False).stdout
    ok("Flood " in text and "200 packets/s" in text, "also as text", text)
    os.kill(guard.pid("decoder"), signal.SIGKILL)
    until(lambda: not guard.status().get("limited", [1]))
    tried, sent = flood(group, 1, 450)
    ok(tried == sent, "it ends by itself", tried, sent, guard.status().get("limited"))
    with open(guard.config, encoding="utf-8") as f:
        text = f.read()
    guard.configure(text.replace("flood limit 200\ntime 4s", "flood cut\ntime 1h"))
    guard.process.send_signal(signal.SIGHUP)
    ok(until(lambda: guard.status().get("flood") == "cut"), "SIGHUP: floods are to be cut off")
    guard.wait()
    before = len(guard.alerts())
    flood(group, 1)
    found = until(lambda: [a for a in guard.alerts()[before:] if a["rule"] == "outbound_flood"])
    ok(found and "nothing new for 3600 s" in found[0]["done"], "and are", found, guard.said())
    tried, sent = flood(group, 0.2)
    ok(tried and not sent, "nothing goes out", tried, sent)
    before = len(guard.alerts())
    tried, sent = flood(None, 1)
    found = until(lambda: [a for a in guard.alerts()[before:] if a["rule"] == "outbound_flood"])
    ok(found and found[0]["done"].startswith("not limited") and tried == sent,
       "the daemon's own cgroup is spared", found, tried, sent)
    guard.configure(text.replace("flood limit 200", "flood report"))
    guard.process.send_signal(signal.SIGHUP)
    ok(until(lambda: guard.status().get("flood") == "report" and
             not guard.status().get("limited")), "the owner takes it back by a reload")
    guard.wait()
    tried, sent = flood(group, 0.2)
    ok(tried == sent, "and everything goes out", tried, sent)


def limits(holdfast, top):
    group = cgroup()
    if not group:
        skip("floods", "no cgroup of its own")
        return
    for argv in ("ip link add d0 type veth peer name d1", "ip addr add 10.213.0.1/24 dev d0",
                 "ip link set d0 up", "ip link set d1 up",
                 "ip neigh add 10.213.0.77 lladdr 02:00:00:00:02:02 dev d0"):
        subprocess.run(argv.split(), check=True)
    top = os.path.join(top, "floods")
    os.mkdir(top)
    config = Guard.CONFIG.replace("sensors no\n", "").replace(
        "[alerts]", "[floods]\nflood limit 200\ntime 4s\n[alerts]")
    guard = Guard(holdfast, top, config).start()
    try:
        running = [s["name"] for s in guard.status().get("sensors", []) if s["running"]]
        if "flood" in running:
            floods(guard, group)
        else:
            skip("floods", "this kernel does not take the sensor")
    finally:
        guard.stop()
        until(lambda: not subprocess.run(["rmdir", group], capture_output=True,
                                         check=False).returncode, 5)


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
    found = until(add, 360)
    ok(found, "a new key in authorized_keys is told", guard.said(), guard.status())
    if found:
        text = str(found[0])
        ok("authorized_keys" in text and "integrity_keys" in text, "with the file", found[0])
        ok("python" in text or "by " in text, "and the program that wrote it", found[0])
    if os.path.exists("/etc/holdfast/integrity.conf"):
        own_paths(guard)
    pid = guard.pid("integrity")
    os.kill(pid, signal.SIGKILL)
    ok(until(lambda: guard.pid("integrity") not in (0, pid), 10), "kill -9: it comes back")


def own_paths(guard):
    """/etc/holdfast/integrity.conf counts for the daemon, too; accept makes it begin anew."""
    with open("/home/watched", "a", encoding="ascii") as f:
        f.write("more\n")
    ok(told(guard, lambda a: a["rule"] == "integrity_custom" and "watched" in str(a)),
       "a path of the owner's own is watched", guard.said())
    pid = guard.pid("integrity")
    run = subprocess.run([guard.holdfast, "integrity", "accept", "--all-paths", "--database",
                          os.path.join(guard.top, "state", "integrity.db")], capture_output=True,
                         text=True, check=False)
    ok(run.returncode == 0, "changes are accepted", run.stdout, run.stderr)
    ok(until(lambda: guard.pid("integrity") not in (0, pid), 20),
       "the process begins anew with the new baseline", guard.status().get("processes"))
    crashes = [p["crashes"] for p in guard.status()["processes"] if p["name"] == "integrity"]
    ok(crashes == [0] and not [a for a in guard.alerts() if a["rule"] == "guard_process_ended"],
       "which is no crash", crashes)


def own_etc():
    """/etc with a configuration of its own; False where it cannot be laid over the machine's."""
    os.makedirs("/home/.etc/new")
    os.makedirs("/home/.etc/work")
    if subprocess.run(["mount", "-t", "overlay", "overlay", "-o", "lowerdir=/etc,"
                       "upperdir=/home/.etc/new,workdir=/home/.etc/work", "/etc"],
                      capture_output=True, check=False).returncode:
        return False
    os.makedirs("/etc/holdfast", exist_ok=True)
    open("/home/watched", "w").close()
    with open("/etc/holdfast/integrity.conf", "w", encoding="ascii") as f:
        f.write("watch custom /home/watched 3\n")
    return True


def inside(holdfast, top):
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/home"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if not own_etc():
        skip("integrity.conf", "no overlay")
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
    limits(holdfast, top)


if __name__ == "__main__":
    if "--inside" not in sys.argv and os.geteuid() == 0:
        alone()
    sys.exit(namespaced(os.path.abspath(__file__), [], inside))
