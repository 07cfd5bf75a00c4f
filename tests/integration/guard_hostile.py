#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon where the world is not kind: logs, disks, clients, clocks.

usage: guard_hostile.py HOLDFAST
"""
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, banned, failed, namespaced, until  # noqa: E402
from tap import ok, skip  # noqa: E402


def is_banned(address, seconds=10):
    return until(lambda: address in banned(), seconds)


def files(guard):
    """What becomes of a log."""
    log = guard.log
    os.rename(log, log + ".1")
    with open(log + ".1", "a", encoding="ascii") as f:
        f.write(failed("203.0.113.1") * 3)
    guard.attack("203.0.113.1", 2)
    ok(is_banned("203.0.113.1"), "rotated by rename: both parts are read", guard.said())
    with open(log, "r+", encoding="ascii") as f:
        text = f.read()
        with open(log + ".2", "w", encoding="ascii") as copy:
            copy.write(text)
        f.truncate(0)
    guard.attack("203.0.113.2", 5)
    ok(is_banned("203.0.113.2"), "copied and truncated: what follows is read")
    os.unlink(log)
    os.mkfifo(log)
    time.sleep(0.5)
    ok(guard.status().get("mode") == "enforce", "a FIFO in its place: the daemon goes on")
    ok(until(lambda: guard.status()["sources"][0]["problem"]), "and says what is wrong",
       guard.status()["sources"])
    os.unlink(log)
    os.mkdir(log)
    time.sleep(0.3)
    os.rmdir(log)
    guard.attack("203.0.113.3", 5)
    ok(is_banned("203.0.113.3"), "a log again: it is read")
    os.unlink(log)
    os.symlink("/etc/shadow", log)
    os.lchown(log, 65000, 65000)
    ok(until(lambda: "link of another user" in guard.status()["sources"][0]["problem"]),
       "another user's link to /etc/shadow is not followed", guard.status()["sources"])
    os.unlink(log)
    with open(log, "wb") as f:
        for _ in range(16):
            f.write(b"x" * (4 << 20))
        f.truncate(1 << 30)
        f.seek(0, os.SEEK_END)
        f.write(b"\n")
    guard.attack("203.0.113.4", 5)
    ok(is_banned("203.0.113.4", 60), "behind a line of 1 GB it goes on", guard.status())
    ok(until(lambda: guard.status()["sources"][0]["cut"]), "which was counted as cut",
       guard.status()["sources"])
    memory = sum(pss(p["pid"]) for p in guard.status()["processes"]) + pss(guard.process.pid)
    ok(memory < 64 << 10, "and cost no memory", "%d KiB" % memory)
    os.unlink(log)
    guard.write(failed("203.0.113.5"))
    with open(log, "ab") as f:
        f.write(os.urandom(200000) + b"\n" + b"\0" * 5000 + b"\n" + b"\xff\xfe" * 100 + b"\n")
    guard.attack("203.0.113.5", 4)
    ok(is_banned("203.0.113.5"), "noise between the lines changes nothing", guard.said())


def pss(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def disk_full(guard):
    """The state's folder is a small file system here."""
    filler = os.path.join(guard.top, "state", "filler")
    fd = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    for size in (65536, 1):
        try:
            while True:
                os.write(fd, b"x" * size)
        except OSError:
            pass
    os.close(fd)
    for i in range(40):
        guard.attack("198.51.100.%d" % (i + 1), 5)
    ok(until(lambda: len([a for a in banned() if a.startswith("198.51.100.")]) == 40),
       "disk full: bans go on", guard.said())
    told = until(lambda: guard.status()["state_errors"])
    ok(told, "and it is counted")
    ok(any(a["rule"] == "guard_state" for a in guard.alerts()), "and told")
    os.unlink(filler)
    guard.stop()
    ok("198.51.100.40" in banned(), "bans stay over the stop")
    guard.start()
    status = guard.status()
    ok(status["bans"] >= 40, "and are known after the start", status["bans"])


def control(guard):
    nobody = pwd.getpwnam("nobody")
    run = guard.ask("status", user=(nobody.pw_uid, nobody.pw_gid))
    ok(run.returncode == 3 and "permission denied" in run.stderr,
       "an unprivileged user is refused", run.stdout, run.stderr)
    os.chmod(guard.socket, 0o666)
    run = guard.ask("status", user=(nobody.pw_uid, nobody.pw_gid))
    ok(run.returncode == 3 and "permission denied" in run.stderr,
       "also where the socket's mode lets him in: the peer counts", run.stdout, run.stderr)
    idle = []
    for i in range(40):
        s = socket.socket(socket.AF_UNIX)
        s.connect(guard.socket)
        idle.append(s)
        try:
            s.send(os.urandom(100) if i % 2 else b"")
        except BrokenPipeError:
            pass
    pid = guard.pid("control") if guard.status() else 0
    for s in idle:
        s.close()
    ok(until(lambda: guard.status().get("mode") == "enforce", 15), "40 clients that say nothing "
       "or nonsense: it answers afterwards", pid)
    answers = []
    for line in (b"\n", b"status extra\n", b"why\n", b"why 1.2.3\n", b"unban ::/0\n", b"\0\0\0\n",
                 b"bans -1\n", b"ban 203.0.113.9 99999999999999999999\n", b"x" * 5000 + b"\n",
                 b"why " + b"9" * 100 + b"\n"):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        s.connect(guard.socket)
        try:
            s.send(line)
            data = b""
            while True:
                part = s.recv(65536)
                if not part:
                    break
                data += part
        except ConnectionError:
            pass
        answers.append((line[:30], data))
        s.close()
    bad = [a for a in answers if b'"error"' not in a[1]]
    ok(not bad, "requests that are none get an error", bad)
    ok(not [p for p in guard.status()["processes"] if p["crashes"]], "nothing ended of it",
       guard.status()["processes"])


def misbehaviour(guard):
    """The decoder ends by its own doing at one place of the log again and again."""
    for _ in range(4):
        pid = until(lambda: guard.pid("decoder"), 40)
        if not pid:
            break
        os.kill(pid, signal.SIGSEGV)
        until(lambda: guard.pid("decoder") not in (0, pid), 40)
    told = until(lambda: [a for a in guard.alerts() if "passed over" in a["title"]], 20)
    ok(told, "it is told that something was passed over", guard.said())
    guard.wait(40)
    guard.attack("203.0.113.90", 5)
    ok(is_banned("203.0.113.90", 40), "and what follows is read", guard.said())


def clock(holdfast, top):
    """Lines whose clock jumps: the same as hunt says."""
    now = time.time()
    path = os.path.join(top, "jumps.log")
    with open(path, "w", encoding="ascii") as f:
        for i in range(400):
            when = now - 20 * 3600 + i * 60 + (-7200 if i % 50 > 40 else 0)
            f.write(failed("203.0.113.%d" % (100 + i % 7), when=when))
    replay = subprocess.run([holdfast, "guard", "--replay", path, "--dry-run", "-f", "json"],
                            capture_output=True, text=True, check=False)
    hunt = subprocess.run([holdfast, "hunt", "-f", "jsonl", path], capture_output=True, text=True,
                          check=False)
    would = {json.loads(line)["ban"] for line in replay.stdout.splitlines()}
    said = {json.loads(line).get("group", {}).get("src_ip") for line in hunt.stdout.splitlines()}
    ok(would and would == {a for a in said if a}, "a clock that jumps: the bans are hunt's",
       would, said, replay.stderr)


def network(holdfast, top):
    """Syslog by UDP and TCP: bans; whoever holds connections or sends noise keeps nobody out."""
    os.mkdir(top)
    config = Guard.CONFIG.replace("[bans]", "syslog {top}/syslog.sock\nsyslog udp 5514\nsyslog tcp [::1]:5515\n[bans]")
    guard = Guard(holdfast, top, config).start()
    try:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line = "<38>%s host sshd[4000]: Failed password for root from %%s port 1 ssh2" % (
            time.strftime("%b %e %H:%M:%S"))
        for noise in (b"", b"\0" * 100, b"<999999>", os.urandom(1400), b"<38>" * 10000):
            udp.sendto(noise, ("127.0.0.1", 5514))
        for _ in range(5):
            udp.sendto((line % "203.0.113.81").encode(), ("127.0.0.1", 5514))
        ok(is_banned("203.0.113.81"), "syslog by UDP bans", guard.said(), guard.status())
        local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        local.connect(os.path.join(top, "syslog.sock"))
        for _ in range(5):
            local.send((line % "203.0.113.84").encode())
        local.close()
        ok(is_banned("203.0.113.84"), "syslog by a UNIX socket bans", guard.said())
        held = [socket.create_connection(("::1", 5515), 5) for _ in range(300)]
        for s in held[-20:]:
            s.send(b"999999999 ")
        tcp = socket.create_connection(("::1", 5515))
        text = line % "203.0.113.82"
        tcp.sendall((text + "\n").encode() * 3)
        framed = socket.create_connection(("::1", 5515))
        framed.sendall(("%d %s" % (len(text), text)).encode() * 2)
        ok(is_banned("203.0.113.82"), "syslog by TCP bans beside 300 held connections",
           guard.said(), guard.status().get("sources"))
        kinds = {s["name"]: s["kind"] for s in guard.status().get("sources", [])}
        ok(kinds.get("udp:127.0.0.1:5514") == "datagram" and
           kinds.get("tcp:[::1]:5515") == "stream", "status names both", kinds)
        for s in held + [tcp, framed, udp]:
            s.close()
        guard.process.send_signal(signal.SIGHUP)
        until(lambda: guard.status().get("reloads") == 1)
        guard.wait()
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(5):
            udp.sendto((line % "203.0.113.83").encode(), ("127.0.0.1", 5514))
        udp.close()
        ok(is_banned("203.0.113.83"), "also after a reload", guard.said())
    finally:
        guard.stop()


def inside(holdfast, top):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    os.makedirs(os.path.join(top, "state"), 0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs",
                    os.path.join(top, "state")], check=True)
    guard = Guard(holdfast, top).start()
    try:
        for part in (files, disk_full, control, misbehaviour):
            part(guard)
    finally:
        guard.stop()
    clock(holdfast, top)
    network(holdfast, os.path.join(top, "network"))
    run = subprocess.run([holdfast, "guard"], capture_output=True, text=True, check=False,
                         preexec_fn=lambda: os.setuid(65533))
    ok(run.returncode == 3 and "root" in run.stderr and "--dry-run" in run.stderr,
       "without root it says what it needs", run.stderr)
    _ = skip


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), [], inside))
