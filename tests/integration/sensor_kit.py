# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the sensors share: sensor_watch as a process."""
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from tap import ok, plan, skip_all

FLOOD = "outbound_flood"


def alone():
    """Sensors see, and limits hold back, what other tests send: one of them at a time. To be kept."""
    lock = os.open(os.path.join(tempfile.gettempdir(), "holdfast-floods.lock"),
                   os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def needs(watch, *sensors):
    """Skips where this kernel lacks one. One that it has and whose program it refuses is a fault."""
    for name in sensors:
        state = watch.state.get(name, {"running": False, "reason": "did not start"})
        if not state["running"]:
            watch.end()
            if any(w in state["reason"] for w in ("no such event", "not permit", "no cgroup2")):
                skip_all("%s: %s" % (name, state["reason"]))
            ok(False, "%s: %s" % (name, state["reason"]))
            sys.exit(plan())


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, check=False, **options)


class Watch:
    """sensor_watch, read by a thread."""

    def __init__(self, program, *args):
        self.process = subprocess.Popen([program, *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.events, self.state = [], {}
        for _ in range(6):
            self.take(json.loads(self.process.stdout.readline() or '{"sensor":"ended"}'))
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def take(self, o):
        if "sensor" in o:
            self.state[o["sensor"]] = o
        else:
            self.events.append(o)

    def read(self):
        for line in self.process.stdout:
            self.take(json.loads(line))

    def floods(self, marker):
        return [e for e in self.events
                if e["category"] == FLOOD and marker in e.get("CommandLine", "")]

    def command(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        time.sleep(0.3)

    def end(self):
        self.process.stdin.close()
        self.thread.join(10)
        self.process.wait(10)
