#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods that this machine would send are told of, with who sends them; honest traffic is not.

Usage: sensor_floods.py SENSOR_WATCH SENSOR_SEND
Two network namespaces of its own, joined by a veth pair; a cgroup of its own for limits.
"""
import os
import signal
import subprocess
import sys
import threading
import time

from sensor_kit import FLOOD, Watch, alone, needs, run
import tap
from tap import ok, plan, skip_all

HERE = "10.213.0.1"
THERE = "10.213.0.2"
NOBODY = "10.213.0.77"
MANY = "198.18.0.0"
MAC = "02:00:00:00:02:02"


# Another run of this test at the same time is seen, too.
TAG = "run-%d" % os.getpid()


def fire(send, mode, to, port, rate, count, interface="here", mac=MAC):
    return run(send, mode, to, port, rate, count, interface, mac, TAG)


def ours(watch, *words):
    """Floods of this run whose command line has these words one after the other."""
    return [e for e in watch.floods(" ".join(words)) if TAG in e["CommandLine"]]


class Net:
    """The other namespace, where a program answers UDP and TCP."""

    def __init__(self):
        self.peer = subprocess.Popen(
            ["unshare", "--net", "--kill-child", sys.executable, os.path.abspath(__file__),
             "--sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.peer.stdout.readline()
        pid = str(self.peer.pid)
        for argv in (
                "ip link set lo up",
                "ip link add here type veth peer name there address %s netns %s" % (MAC, pid),
                "ip addr add %s/16 dev here" % HERE, "ip link set here up",
                "ip neigh add %s lladdr %s dev here" % (NOBODY, MAC),
                "ip addr add fd00:213::1/64 dev here nodad",
                "ip neigh add fd00:213::77 lladdr %s dev here" % MAC,
                "ip route add %s/16 via %s" % (MANY, NOBODY)):
            done = run(*argv.split())
            if done.returncode:
                skip_all("no veth pair: " + done.stderr.strip())
        self.peer.stdin.write("go\n")
        self.peer.stdin.flush()
        self.peer.stdout.readline()

    def end(self):
        self.peer.stdin.close()
        self.peer.wait(10)


def sink():
    """Of the peer: echoes UDP on port 7, discards TCP on port 9, accepts and closes on 11."""
    import socket
    import socketserver

    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            self.request[1].sendto(self.request[0], self.client_address)

    class Discard(socketserver.BaseRequestHandler):
        def handle(self):
            while self.request.recv(1 << 20):
                pass

    def accept():
        listener = socket.create_server((THERE, 11), backlog=4096)
        while True:
            listener.accept()[0].close()

    print("ready", flush=True)
    sys.stdin.readline()
    for argv in ("ip link set lo up", "ip addr add %s/16 dev there" % THERE,
                 "ip link set there up"):
        run(*argv.split())
    for s in (socketserver.UDPServer((THERE, 7), Echo),
              socketserver.ThreadingTCPServer((THERE, 9), Discard)):
        threading.Thread(target=s.serve_forever, daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    print("serving", flush=True)
    sys.stdin.read()
    os._exit(0)


def flood_tests(watch, send):
    for mode, kind, protocol in (("udp", "udp", "udp"), ("udp-new", "udp", "udp"),
                                 ("udp-many", "udp", "udp"), ("udp-32", "udp", "udp"), ("syn", "syn", "tcp"),
                                 ("connect", "syn", "tcp"), ("icmp", "icmp", "icmp"),
                                 ("packet", "packet", "udp")):
        to = {"connect": NOBODY, "udp-many": MANY}.get(mode, THERE)
        if mode == "packet" and not watch.state["packet"]["running"]:
            print("# packet: " + watch.state["packet"]["reason"])
            continue
        port = str(4000 + tap.number)
        for _ in range(4):  # a machine that is too busy to flood anybody
            done = fire(send, mode, to, port, "10000", "5000", "here", MAC)
            time.sleep(0.3)
            told = ours(watch, "sensor_send %s %s %s " % (mode, to, port))
            if told:
                break
        start = int(done.stdout.split()[0]) if done.stdout else 0
        sent = int(done.stdout.split()[2]) if done.stdout else 0
        after = told[0]["time"] - start if told else None
        ok(sent > 4000 and told and told[0]["FloodKind"] == kind and
           told[0]["Protocol"] == protocol and told[0]["Image"] == os.path.realpath(send) and
           told[0]["User"] == "root" and "Cgroup" in told[0],
           "a flood of %s is told of, with who sends it" % mode, (done, told))
        print("# %s: %s ms after its first packet, read %s us later, %s destinations, %s/s" % (
            mode, after / 1000 if told else "-", told[0]["late"] if told else "-",
            told[0]["Destinations"] if told else "-", told[0]["PacketRate"] if told else "-"))
        if mode == "udp-many" and told:
            ok(200 <= int(told[0]["Destinations"]) <= 320, "destinations are counted",
               told[0]["Destinations"])


SIX = """
import socket, time
for i in range(3000):
    if i == 0 or '%s' == 'tcp':
        s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM if '%s' == 'tcp' else socket.SOCK_DGRAM)
        s.setblocking(False)
    try:
        s.connect_ex(('fd00:213::77', %d)) if '%s' == 'tcp' else s.sendto(b'x', ('fd00:213::77', %d))
    except OSError:
        pass
"""


def other_floods(watch, send):
    for kind, protocol, port in (("syn", "tcp", 4050), ("udp", "udp", 4051)):
        for _ in range(4):
            run(sys.executable, "-c", SIX % (protocol, protocol, port, protocol, port), TAG)
            time.sleep(0.3)
            told = [e for e in ours(watch, "-c") if e.get("DestinationPort") == str(port)]
            if told:
                break
        ok(told and told[0]["DestinationIp"] == "fd00:213::77" and
           told[0]["FloodKind"] == kind and told[0]["FloodScope"] == "process", "a flood by IPv6: " + kind, told)
    run("sh", "-c", "for i in $(seq 60); do %s udp %s 4052 0 400 here %s %s & done; wait" % (
        send, THERE, MAC, TAG))
    time.sleep(0.3)
    told = ours(watch, "sensor_send udp %s 4052 " % THERE)
    ok(told and told[0]["FloodScope"] == "cgroup",
       "a flood by many programs of one cgroup that each send 400 packets")


def honest_tests(watch, send):
    quiet = [("echo", THERE, "7", "0", "20000"), ("dns", THERE, "7", "0", "4000"),
             ("open", THERE, "11", "0", "3000"), ("open", THERE, "10", "0", "5000"),
             ("udp", THERE, "4100", "1500", "3000"), ("udp", "127.0.0.1", "4101", "0", "30000"),
             ("udp", HERE, "4102", "0", "30000"), ("open", HERE, "4103", "0", "5000")]
    for mode, to, port, rate, count in quiet:
        done = fire(send, mode, to, port, rate, count)
        time.sleep(0.1)
        told = ours(watch, "sensor_send %s %s %s " % (mode, to, port))
        ok(done.returncode == 0 and int(done.stdout.split()[2]) > 0.9 * int(count) and
           not told, "%s to %s port %s, %s a second, is no flood" % (
               mode, "the peer" if to == THERE else "itself", port, rate), (done, told))
    code = """
import socket, time
s = socket.create_connection(("%s", 9))
end, sent = time.time() + 1.5, 0
while time.time() < end:
    sent += s.send(b"x" * (1 << 20))
print(sent)
""" % THERE
    done = run(sys.executable, "-c", code, TAG)
    told = ours(watch, "-c")
    told = [e for e in told if e.get("DestinationPort") == "9"]
    ok(done.returncode == 0 and not told and int(done.stdout) > 1 << 26,
       "a bulk copy by TCP is no flood", (done, told))
    print("# bulk copy: %d MB/s" % (int(done.stdout or 0) / 1.5e6))


def limit_tests(watch, send):
    group = watch.group
    number = str(os.stat(group).st_ino)
    done = fire(send, "udp", THERE, "4200", "0", "5000")
    ok(int(done.stdout.split()[2]) == 5000, "without a limit everything is sent", done)
    time.sleep(0.3)
    told = ours(watch, "sensor_send udp %s 4200 " % THERE)
    ok(told and told[0]["CgroupId"] == number and
       told[0]["Cgroup"].endswith(os.path.basename(group)), "the cgroup is named",
       (number, told, [e for e in watch.events if e["category"] == FLOOD][-2:]))
    watch.command("limit %s 1000 60" % number)
    sent = [int(fire(send, mode, THERE, port, "5000", "2500").stdout.split()[2])
            for mode, port in (("udp", "4201"), ("syn", "4202"))]
    ok(all(200 <= n <= 1200 for n in sent), "a limit of 1,000 packets a second holds", sent)
    watch.command("limit %s 0 60" % number)
    sent = [int(fire(send, mode, THERE, port, "0", "1000").stdout.split()[2])
            for mode, port in (("udp", "4203"), ("syn", "4204"), ("icmp", "0"))]
    ok(sent == [0, 0, 0], "a limit of 0 lets nothing go", sent)
    here = fire(send, "udp", "127.0.0.1", "4205", "0", "1000")
    ok(int(here.stdout.split()[2]) == 1000, "loopback is not limited", here)
    watch.command("limit %s 0 0" % number)
    done = fire(send, "udp", THERE, "4206", "0", "1000")
    ok(int(done.stdout.split()[2]) == 1000, "a limit is taken back", done)
    watch.command("limit %s 0 1" % number)
    time.sleep(1.2)
    done = fire(send, "udp", THERE, "4207", "0", "1000")
    ok(int(done.stdout.split()[2]) == 1000, "a limit ends by itself", done)
    watch.command("limit 1 0 60")


def reader_tests(watch, send):
    """Another reader knows what this process is, which was told to the one before; interfaces
    that come later are watched, too."""
    watch.command("restart")
    fire(send, "udp", THERE, "4300", "0", "3000")
    time.sleep(0.3)
    told = ours(watch, "sensor_send udp %s 4300 " % THERE)
    ok(told, "a new reader is told of floods")
    asked = [e for e in watch.events if
             {"4300", TAG} <= set(e.get("CommandLine", "").split())]
    ok(asked and asked[0].get("ParentCommandLine", "").endswith(" ".join(sys.argv)),
       "and of processes that were there before it", asked)
    run("ip", "link", "add", "late", "type", "veth", "peer", "name", "later")
    for argv in ("ip addr add 10.217.0.1/24 dev late", "ip link set late up", "ip link set later up"):
        run(*argv.split())
    watch.command("interfaces")
    fire(send, "packet", "10.217.0.2", "4301", "0", "3000", "late", MAC)
    time.sleep(0.3)
    ok(ours(watch, "sensor_send packet 10.217.0.2 4301 ") or
       not watch.state["packet"]["running"], "an interface that came later is watched")


def off_tests(program):
    """Sensors that were switched off do not run, and say so; the others do."""
    watch = Watch(program, "--off", "0", "--off", "4")
    off = {n for n, s in watch.state.items() if not s["running"] and not s["reason"]}
    ok(off == {"process", "flood"} and watch.state["connect"]["running"],
       "sensors can be switched off", watch.state)
    watch.command("limit 77 1 1")
    watch.end()


def cgroup():
    with open("/proc/self/mounts", encoding="utf-8") as f:
        for line in f:
            if line.split()[2] == "cgroup2":
                path = os.path.join(line.split()[1], "holdfast-test-%d" % os.getpid())
                os.mkdir(path)
                return path
    return None


def leave(group):
    for _ in range(50):
        try:
            os.rmdir(group)
            return
        except OSError:
            time.sleep(0.1)


def inside(watch_program, send, group):
    net = Net()
    with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as f:
        f.write(str(os.getpid()))
    try:
        watch = Watch(watch_program)
        needs(watch, "process", "connect", "flood")
        watch.group = group
        flood_tests(watch, send)
        other_floods(watch, send)
        honest_tests(watch, send)
        limit_tests(watch, send)
        reader_tests(watch, send)
        watch.end()
        off_tests(watch_program)
        ok(all(s["lost"] == 0 and s["bad"] == 0 for s in watch.state.values()),
           "nothing was lost or misunderstood", watch.state)
        ok(watch.process.returncode == 0, "sensors end well", watch.process.returncode)
    finally:
        net.end()
    sys.exit(plan())


def main():
    if sys.argv[1] == "--sink":
        sink()
    if sys.argv[1] == "--inside":
        inside(*sys.argv[2:5])
    if os.geteuid():
        skip_all("not root")
    if run("unshare", "--net", "true").returncode:
        skip_all("no network namespace")
    done = run(sys.argv[1], stdin=subprocess.DEVNULL)
    if done.returncode == 77:
        skip_all("no eBPF: " + done.stderr.strip())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    alone()
    group = cgroup()
    try:
        sys.exit(subprocess.call(
            ["unshare", "--net", "--fork", "--kill-child", sys.executable,
             os.path.abspath(__file__), "--inside", *map(os.path.abspath, sys.argv[1:3]), group]))
    finally:
        leave(group)


main()
