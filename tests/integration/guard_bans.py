#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon bans who it must, keeps what it knows over every kind of end, and opens no door.

usage: guard_bans.py HOLDFAST
"""
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, banned, failed, namespaced, until  # noqa: E402
from tap import ok  # noqa: E402


class Door:
    """Looks at the kernel's set without a pause: whether an address was ever not in it."""

    def __init__(self, address):
        self.address, self.gaps, self.looks, self.end = address, 0, 0, False
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.end:
            self.gaps += self.address not in banned()
            self.looks += 1

    def stop(self):
        self.end = True
        self.thread.join()
        return self.gaps == 0 and self.looks > 3


def thresholds(guard):
    guard.attack("203.0.113.1", 4)
    guard.attack("203.0.113.2", 5)
    guard.attack("192.0.2.9", 20)
    guard.attack("2001:db8::1", 5)
    ok(until(lambda: "203.0.113.2" in banned()), "five failures: banned", banned(), guard.said())
    ok(until(lambda: banned(6)), "IPv6: its /64 is banned", banned(6))
    time.sleep(0.3)
    ok("203.0.113.1" not in banned(), "four failures: not banned")
    ok("192.0.2.9" not in banned(), "on the allow list: never banned")
    told = [a for a in guard.alerts() if a["from"] == "192.0.2.9"]
    ok(told and "allow list" in told[0]["done"], "and it is told why", told)
    why = guard.ask("why", "203.0.113.2")
    ok('"banned":true' in why.stdout and "after_5_ssh_login_failed" in why.stdout,
       "why says which rule", why.stdout)


def restarts(guard):
    """203.0.113.1 has four failures: whatever ends, one more bans, and none is counted twice."""
    door = Door("203.0.113.2")
    code = guard.stop()
    ok(code == 0, "SIGTERM: it ends with 0", code, guard.said())
    ok("203.0.113.2" in banned(), "bans stay when it stops")
    guard.attack("203.0.113.3", 5)
    guard.start()
    ok(until(lambda: "203.0.113.3" in banned()), "what was written meanwhile is read")
    time.sleep(0.3)
    ok("203.0.113.1" not in banned(), "restart: nothing is counted twice", banned())
    guard.kill()
    ok("203.0.113.2" in banned(), "kill -9 of the parent: bans stay")
    guard.start()
    time.sleep(0.5)
    ok("203.0.113.1" not in banned(), "after it, too, nothing is counted twice", guard.said())
    os.kill(guard.pid("decoder"), signal.SIGKILL)
    until(lambda: any(p["name"] == "decoder" and p["crashes"] for p in guard.status()["processes"]))
    guard.wait()
    ok("203.0.113.1" not in banned(), "kill -9 of the decoder: nor then")
    guard.attack("203.0.113.1", 1)
    ok(until(lambda: "203.0.113.1" in banned()), "the fifth failure: what came before counts",
       guard.status(), guard.said())
    ok(door.stop(), "the ban never left the kernel in between", door.gaps, door.looks)


def killed_under_load(guard):
    addresses = ["198.51.%d.%d" % (98 + i // 200, i % 200 + 1) for i in range(300)]

    def attacks():
        for address in addresses:
            guard.attack(address, 5)
            time.sleep(0.01)
    thread = threading.Thread(target=attacks)
    thread.start()
    time.sleep(0.5)
    guard.kill(signal.SIGKILL)
    guard.start()
    thread.join()
    ok(until(lambda: set(addresses) <= set(banned()), 30),
       "kill -9 of the parent under load: everybody is banned",
       sorted(set(addresses) - set(banned()))[:5], guard.said())
    children_killed(guard)


def children_killed(guard):
    before = {p["name"]: p["crashes"] for p in guard.status()["processes"]}
    addresses = ["198.51.%d.%d" % (100 + i // 200, i % 200 + 1) for i in range(400)]
    end = threading.Event()

    def load():
        for address in addresses:
            guard.attack(address, 5)
            time.sleep(0.01)
        end.set()
    thread = threading.Thread(target=load)
    thread.start()
    for name in ("decoder", "control", "net", "decoder"):
        pid = until(lambda: guard.pid(name))
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.8)
    thread.join()
    ok(until(lambda: set(addresses) <= set(banned()), 30),
       "kill -9 of each process under load: everybody is banned",
       sorted(set(addresses) - set(banned()))[:5], guard.said())
    until(lambda: len(guard.status().get("processes", [])) >= 3)
    after = {p["name"]: p["crashes"] for p in guard.status()["processes"]}
    good = after["decoder"] == before["decoder"] + 2 and after["control"] == before["control"] + 1
    ok(good and after["net"] == before["net"] + 1, "each end is counted", before, after)
    told = [a for a in guard.alerts() if a["rule"] == "guard_process_ended"]
    ok(len(told) >= 3, "and told", told)


def table(guard):
    many = set(banned())
    subprocess.run(["nft", "delete", "table", "inet", "holdfast"], check=True)
    ok(until(lambda: many <= set(banned()), 10), "the table is removed: it comes back, with all",
       len(many), len(banned()), guard.said())
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    guard.attack("203.0.113.44", 5)
    ok(until(lambda: "203.0.113.44" in banned() and many <= set(banned()), 10),
       "flushed while somebody attacks: the same")
    ok(any(a["rule"] == "guard_table" for a in guard.alerts()), "it is told")


def by_hand(guard):
    guard.ask("unban", "203.0.113.44")
    ok("203.0.113.44" not in banned(), "unban")
    guard.ask("ban", "203.0.113.45", "600")
    ok("203.0.113.45" in banned(), "ban by hand", banned())
    guard.ask("allow", "203.0.113.45")
    ok("203.0.113.45" not in banned(), "allow takes the ban back")
    guard.attack("203.0.113.45", 9)
    time.sleep(0.5)
    ok("203.0.113.45" not in banned(), "and keeps it away")
    run = guard.ask("unban", "203.0.113.99")
    ok(run.returncode == 3 and "not banned" in run.stderr, "unban of nobody: an error",
       run.stderr)
    run = guard.ask("ban", "127.0.0.1", "60")
    ok(run.returncode == 3 and "own" in run.stderr, "loopback is refused", run.stderr)
    guard.stop()
    guard.start()
    run = guard.ask("allowed")
    ok("203.0.113.45" in run.stdout, "allow survives a restart", run.stdout)
    guard.ask("disallow", "203.0.113.45")
    ok("203.0.113.45" not in guard.ask("allowed").stdout, "disallow")
    listed = guard.ask("bans").stdout.count('"ban"')
    ok(listed >= 400, "bans: over several pages", listed)


def comes_back(guard):
    """Who was banned has no more attempts the second time."""
    guard.attack("203.0.113.60", 5)
    until(lambda: "203.0.113.60" in banned())
    guard.ask("unban", "203.0.113.60")
    for _ in range(6):
        guard.attack("203.0.113.60", 1)
        time.sleep(0.05)
    ok(until(lambda: "203.0.113.60" in banned(), 3),
       "banned again after as many attempts as the first time", guard.ask("why", "203.0.113.60").stdout)


def reload(guard):
    guard.attack("203.0.113.70", 4)
    time.sleep(0.3)
    text = open(guard.config, encoding="utf-8").read()
    guard.configure(text.replace("[bans]", "[bans]\ntime 2h") + "203.0.113.71\n")
    guard.process.send_signal(signal.SIGHUP)
    until(lambda: guard.status().get("reloads") == 1)
    guard.wait()
    guard.attack("203.0.113.71", 9)
    guard.attack("203.0.113.70", 1)
    ok(until(lambda: "203.0.113.70" in banned()), "SIGHUP: what came before counts", guard.said())
    ok("203.0.113.71" not in banned(), "and the new allow list holds")
    ok(banned().get("203.0.113.70", 0) > 3600, "and the new time of a ban", banned())
    guard.configure(text + "203.0.113.300\n")
    guard.process.send_signal(signal.SIGHUP)
    until(lambda: guard.status().get("reloads") == 2)
    guard.wait()
    until(lambda: any(a["rule"] == "guard_configuration" for a in guard.alerts()))
    told = [a for a in guard.alerts() if a["rule"] == "guard_configuration"]
    line = text.count("\n") + 1
    ok(told and ":%d:1:" % line in told[0]["title"], "a wrong one is not taken, and told",
       told, guard.said())
    guard.attack("203.0.113.72", 5)
    ok(until(lambda: "203.0.113.72" in banned()), "and it goes on with the old one")
    guard.configure(text)


def observe(holdfast, top):
    os.makedirs(top)
    guard = Guard(holdfast, top, Guard.CONFIG.replace("mode enforce\n", ""))
    subprocess.run(["nft", "flush", "ruleset"], check=True)
    guard.start()
    guard.attack("203.0.113.80", 5)
    told = until(lambda: [a for a in guard.alerts() if a.get("from") == "203.0.113.80"])
    ok(told and "would be banned" in told[0]["done"], "without `mode enforce` it only tells", told)
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
    ok(tables.stdout == "", "and the packet filter is as it was", tables.stdout)
    ok(guard.status()["mode"] == "observe", "status says so")
    second = subprocess.run([holdfast, "guard", "-c", guard.config], capture_output=True, text=True,
                            check=False, timeout=20)
    ok(second.returncode == 3 and "another guard" in second.stderr, "a second one refuses",
       second.stderr)
    guard.configure(open(guard.config, encoding="utf-8").read().replace("state", "mode enforce\nstate", 1))
    guard.process.send_signal(signal.SIGHUP)
    ok(until(lambda: "203.0.113.80" in banned()),
       "with `mode enforce` and SIGHUP those that it would have banned are", guard.said())
    guard.stop()


def many_sources(holdfast, top):
    os.makedirs(top)
    names = "".join("file %s/%s-%d.log\n" % (top, "n" * 180, i) for i in range(239))
    guard = Guard(holdfast, top, Guard.CONFIG.replace("[bans]", names.replace("{", "") + "[bans]"))
    guard.start()
    guard.attack("203.0.113.95", 4)
    time.sleep(0.5)
    guard.stop()
    guard.start()
    guard.attack("203.0.113.95", 1)
    ok(until(lambda: "203.0.113.95" in banned()), "240 sources: the cursor holds them all",
       guard.said())
    guard.stop()


def command(holdfast, top):
    """A program of the owner's carries bans out."""
    os.makedirs(top)
    program, said = os.path.join(top, "program"), os.path.join(top, "said")
    with open(program, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\necho \"$@\" >>%s\n" % said)
    os.chmod(program, 0o755)
    guard = Guard(holdfast, top, Guard.CONFIG.replace(
        "[bans]", "[bans]\ncommand %s \"a b\" ; x" % program)).start()
    guard.attack("203.0.113.90", 5)

    def lines():
        return open(said, encoding="ascii").read().splitlines() if os.path.exists(said) else []
    ok(until(lambda: lines() == ["a b ; x add 203.0.113.90 600"]), "a command: without a shell",
       lines(), guard.said())
    guard.ask("unban", "203.0.113.90")
    ok(lines()[-1:] == ["a b ; x remove 203.0.113.90"], "and takes bans back", lines())
    ok(guard.status()["backend"] == "command", "status says so", guard.status()["backend"])
    guard.stop()


def evidence(guard):
    """An alert has the lines before the deciding one, each once, in JSON, CEF and OCSF."""
    address = "203.0.113.150"
    for i in range(5):
        guard.write(failed(address, user="admin%d" % i, pid=5000 + i))
    alerts = until(lambda: [a for a in guard.alerts() if a.get("from") == address])
    lines = alerts[0]["evidence"] if alerts else []
    ok(["admin%d" % (4 - i) in lines[i] for i in range(len(lines))] == [True] * 5,
       "evidence: the five lines, the deciding one first", lines)
    for name in ("cef", "ocsf"):
        def read():
            with open(os.path.join(guard.top, name), encoding="utf-8") as f:
                return [line for line in f if address in line and "admin0" in line]
        found = until(read)
        ok(found and all("sshd[500%d]" % i in found[0] for i in range(5)),
           "evidence in " + name, found[:1])


def own_addresses(guard):
    """Others can make a log name this machine: it is never banned, nor is its network's /64."""
    subprocess.run("ip address add 203.0.113.160/24 dev lo".split(), check=True)
    subprocess.run("ip address add 2001:db8:160::5/128 dev lo nodad".split(), check=True)
    allowed = until(lambda: "203.0.113.160" in guard.ask("allowed").stdout)
    ok(allowed and "2001:db8:160::/64" in guard.ask("allowed").stdout,
       "own addresses are on the allow list a second after they came",
       guard.ask("allowed").stdout)
    for address in ("203.0.113.160", "2001:db8:160::9", "203.0.113.161"):
        guard.attack(address)
    alerts = until(lambda: {a["from"]: a["done"] for a in guard.alerts()
                            if a.get("from", "").startswith(("203.0.113.161",))})
    done = {a["from"]: a["done"] for a in guard.alerts() if a.get("from")}
    ok("allow" in done.get("203.0.113.160", "") and "203.0.113.160" not in banned() and
       "203.0.113.161" in banned() and not [a for a in banned(6) if a.startswith("2001:db8:160:")],
       "and never banned; a neighbour is", done, banned(), banned(6), alerts)
    subprocess.run("ip address del 203.0.113.160/24 dev lo".split(), check=True)
    ok(until(lambda: "203.0.113.160" not in guard.ask("allowed").stdout),
       "an address that goes leaves the list")


def inside(holdfast, top):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    config = Guard.CONFIG.replace("[allow]", "file {top}/cef cef\nfile {top}/ocsf ocsf\n[allow]")
    guard = Guard(holdfast, os.path.join(top), config).start()
    try:
        for part in (evidence, own_addresses, thresholds, restarts, killed_under_load, table, by_hand, comes_back, reload):
            part(guard)
    finally:
        guard.stop()
    observe(holdfast, os.path.join(top, "observe"))
    command(holdfast, os.path.join(top, "command"))
    many_sources(holdfast, os.path.join(top, "many"))
    _ = failed


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), [], inside))
