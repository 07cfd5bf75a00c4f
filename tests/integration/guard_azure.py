#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bans of the daemon in a network security group: a server that answers as Azure's documentation says.

usage: guard_azure.py HOLDFAST
"""
import json
import os
import signal
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import Guard, banned, namespaced, until  # noqa: E402
from tap import ok  # noqa: E402

SERVER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "unit",
                      "azure_server.py")
KEYS = """[bans]
backend azure
azure-subscription 00000000-1111
azure-resource-group web
azure-nsg front
azure-interval 1s
azure-endpoint http://127.0.0.1:%d
azure-metadata http://127.0.0.1:%d
"""


class Azure:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), data, 10) as f:
            return json.load(f)

    def prefixes(self):
        out = set()
        for rule in self.ask("/log")["rules"].values():
            out |= set(rule["properties"]["sourceAddressPrefixes"])
        return {p.split("/")[0] for p in out}

    def has(self, address, wanted=True):
        return until(lambda: (address in self.prefixes()) == wanted, 20)


def bans(guard, azure):
    guard.attack("203.0.113.7")
    guard.attack("2001:db8:7::1")
    ok(until(lambda: "203.0.113.7" in banned()), "banned in the kernel at once", guard.said())
    ok(azure.has("203.0.113.7") and azure.has("2001:db8:7::"), "and in the group",
       azure.prefixes(), guard.said())
    guard.ask("unban", "203.0.113.7")
    ok(azure.has("203.0.113.7", False), "taken back in both", azure.prefixes())
    guard.ask("allow", "2001:db8:7::/48")
    ok(azure.has("2001:db8:7::", False), "the allow list wins there, too", azure.prefixes())


def rights(guard):
    pid = guard.pid("azure")
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        status = dict(line.split(":", 1) for line in f)
    ok("0" not in status["Uid"].split() and int(status["CapEff"], 16) == 0 and
       status["Seccomp"].strip() == "2" and status["NoNewPrivs"].strip() == "1",
       "its process has no privileges", {k: status[k] for k in ("Uid", "CapEff", "Seccomp")})


def faults(guard, azure):
    azure.ask("/script", [500, 503, 429])
    guard.attack("203.0.113.8")
    ok(azure.has("203.0.113.8"), "Azure's faults are waited for", azure.prefixes(), guard.said())
    azure.ask("/script", "change")
    guard.attack("203.0.113.9")
    ok(azure.has("203.0.113.9") and azure.has("203.0.113.8"),
       "what somebody else changed is put right", azure.prefixes(), guard.said())
    pid = guard.pid("azure")
    os.kill(pid, signal.SIGKILL)
    ok(until(lambda: guard.pid("azure") not in (0, pid)), "kill -9: it comes back")
    guard.attack("203.0.113.10")
    ok(azure.has("203.0.113.10") and {"203.0.113.8", "203.0.113.9"} <= azure.prefixes(),
       "and knows all bans", azure.prefixes(), guard.said())
    azure.process.kill()
    azure.process.wait()
    guard.attack("203.0.113.11")
    ok(until(lambda: "203.0.113.11" in banned()), "without Azure the kernel bans")
    ok(until(lambda: [a for a in guard.alerts() if a["rule"] == "guard_problem" and
                      a["title"].startswith("azure")]), "and it is told", guard.alerts()[-2:])
    ok(guard.stop() == 0, "it ends well")


def inside(holdfast, top):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    azure = Azure()
    keys = KEYS % (azure.port, azure.port)
    config = Guard.CONFIG.replace("[bans]\n", keys)
    guard = Guard(holdfast, top, config).start()
    try:
        until(lambda: guard.pid("azure"))
        bans(guard, azure)
        rights(guard)
        faults(guard, azure)
    finally:
        guard.stop()
        azure.process.kill()
    guard.configure(config.replace("azure-nsg front\n", "").format(top=top, group="holdfast"))
    run = subprocess.run([holdfast, "guard", "-c", guard.config, "--check-config"],
                         capture_output=True, text=True, check=False)
    ok(run.returncode and "azure-nsg is not set" in run.stderr, "a group must be named", run)


if __name__ == "__main__":
    sys.exit(namespaced(os.path.abspath(__file__), [], inside))
