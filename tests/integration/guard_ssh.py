#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon beside a real sshd that real clients attack.

usage: guard_ssh.py HOLDFAST

Everything runs in namespaces of its own (see hunt_ssh.py). Attackers try passwords from several
addresses with ssh(1), and with hydra where it is installed; in between the owner logs in with a key
and stays logged in.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, banned, namespaced, until  # noqa: E402
from hunt_ssh import SERVER, World  # noqa: E402
from tap import ok, skip  # noqa: E402

OWNER = "198.51.100.50"
ATTEMPTS = 5


class Writer(threading.Thread):
    """What the log daemon does: lines of /dev/log into a file, each at once."""

    def __init__(self, world, path):
        super().__init__(daemon=True)
        self.world, self.path, self.done, self.lines = world, path, 0, []

    def run(self):
        with open(self.path, "ab", buffering=0) as f:
            while True:
                with self.world.log.lock:
                    new = self.world.log.lines[self.done:]
                    self.done += len(new)
                for line in new:
                    f.write(line + b"\n")
                    self.lines.append(line)
                if not new:
                    time.sleep(0.001)

    def failures(self, address):
        return sum(b"Failed password" in line and b" from " + address.encode() + b" " in line
                   for line in self.lines)


def attack(world, address, user="root"):
    """Until the server no longer answers; the number of connections."""
    tried = 0
    while tried < 12:
        client = world.client(user, address, wrong=1, right=False)
        try:
            client.wait(timeout=4)
        except subprocess.TimeoutExpired:
            client.kill()
            client.wait()
            return tried
        tried += 1
    return tried


def inside(holdfast, top):
    os.makedirs(os.path.join(top, "world"))
    world = World(os.path.join(top, "world"))
    world.build()
    guard = Guard(holdfast, top)
    writer = Writer(world, guard.log)
    writer.start()
    guard.start()
    try:
        play(world, guard, writer)
    finally:
        guard.stop()
        world.stop()


def play(world, guard, writer):
    stay = subprocess.Popen(  # an owner who is logged in
        ["ssh", "-F", "none", "-p", "2222", "-b", OWNER, "-i", os.path.join(world.top, "key6"),
         "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
         "IdentitiesOnly=yes", "-o", "LogLevel=ERROR", "alice@" + SERVER, "sleep 600"],
        stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "HOME": world.top})
    ok(until(lambda: OWNER in guard.ask("allowed").stdout, 15),
       "the session of the owner is noticed", guard.ask("allowed").stdout, guard.said())
    addresses = ["198.51.101.%d" % (i + 1) for i in range(4)]
    tried = {}
    threads = [threading.Thread(target=lambda a=a: tried.__setitem__(a, attack(world, a)))
               for a in addresses]
    for t in threads:
        t.start()
    logins = []
    while any(t.is_alive() for t in threads):
        client = world.client("bob", "198.51.100.60", keys=["key6"])
        logins.append(client.wait(timeout=30))
        time.sleep(0.2)
    for t in threads:
        t.join()
    ok(set(addresses) <= set(banned()), "attackers from four addresses are banned", banned(),
       guard.said())
    ok(all(writer.failures(a) == ATTEMPTS for a in addresses),
       "after the configured attempts, not one more",
       {a: writer.failures(a) for a in addresses})
    ok(logins and not any(logins), "logins with a key in between: all of them got in", logins)
    ok("198.51.100.60" not in banned() and OWNER not in banned(), "nobody of them is banned")

    # The owner's own address fails: typos, or somebody else behind the same NAT.
    attack(world, OWNER)
    ok(writer.failures(OWNER) > ATTEMPTS, "failures from the owner's address", writer.lines[-5:])
    ok(OWNER not in banned(), "where somebody is logged in from is not banned", guard.said())
    told = [a for a in guard.alerts() if a.get("from") == OWNER]
    ok(told and "logged in" in told[0]["done"], "and it is told why", told)
    ok(stay.poll() is None, "the session lives")

    # An attacker who holds a connection open while another one gets the address banned.
    s = socket.socket()
    s.bind(("198.51.101.77", 0))
    s.connect((SERVER, 2222))
    s.settimeout(10)
    s.recv(100)
    attack(world, "198.51.101.77")
    until(lambda: "198.51.101.77" in banned())
    try:
        end = s.recv(100)
    except ConnectionError:
        end = b""
    except TimeoutError:
        end = None
    ok(end == b"", "a connection that a banned address holds is cut", end, guard.status())

    hydra = shutil.which("hydra")
    if not hydra:
        skip("hydra", "not installed")
    else:
        words = os.path.join(world.top, "words")
        with open(words, "w", encoding="ascii") as f:
            f.write("".join("wrong%d\n" % i for i in range(200)))
        address = "198.51.101.200"
        subprocess.run(["ip", "route", "replace", "local", SERVER, "dev", "lo", "src", address, "table",
                        "local"], check=True)
        said = open(os.path.join(world.top, "hydra"), "w+", encoding="utf-8")
        run = subprocess.Popen([hydra, "-I", "-t", "4", "-l", "root", "-P", words, "-s", "2222",
                                SERVER, "ssh"], stdout=said,
                               stderr=said, cwd=world.top, start_new_session=True)
        good = until(lambda: len(set(banned()) - set(addresses) - {"198.51.101.77"}) > 0, 30)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        said.seek(0)
        ok(good, "hydra is banned", banned(), said.read(), writer.lines[-5:])
        ok(writer.failures(address) < 40 or not good, "long before it is through its list",
           writer.failures(address))
    stay.kill()
    stay.wait()


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), ["ssh", "sshd", "ssh-keygen", "openssl"], inside))
