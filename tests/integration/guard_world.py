# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the daemon share: a namespace of its own, the daemon, logs to write."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import plan, skip_all

PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


def until(condition, seconds=10.0):
    """The first true value of the condition, or its last one."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.02)


def banned(family=4):
    """Addresses that the kernel keeps out, with the seconds that are left."""
    out = {}
    names = ("banned4", "banned4_24") if family == 4 else ("banned6", "banned6_64", "banned6_48")
    for name in names:
        run = subprocess.run(["nft", "-j", "list", "set", "inet", "holdfast", name],
                             capture_output=True, check=False)
        if run.returncode:
            continue
        for item in json.loads(run.stdout)["nftables"]:
            for element in item.get("set", {}).get("elem", []):
                element = element.get("elem", element) if isinstance(element, dict) else element
                if isinstance(element, dict):
                    out[element["val"]] = element.get("expires", 0)
                else:
                    out[element] = 0
    return out


def failed(address, user="admin", pid=4000, when=None):
    """A line of sshd: a wrong password."""
    stamp = time.strftime("%b %e %H:%M:%S", time.localtime(when))
    return "%s host sshd[%d]: Failed password for %s from %s port 40000 ssh2\n" % (
        stamp, pid, user, address)


class Guard:
    """A daemon with folders of its own."""

    CONFIG = """mode enforce
state {top}/state
socket {top}/guard.sock
group {group}
[sources]
sensors no
integrity no
file {top}/auth.log syslog
[bans]
after 5 of ssh_login_failed in 10m
networks never
[alerts]
fold never
file {top}/alerts.json
[allow]
192.0.2.0/24
"""

    def __init__(self, holdfast, top, config=None, group="holdfast"):
        self.holdfast, self.top = holdfast, top
        self.config = os.path.join(top, "guard.conf")
        self.log = os.path.join(top, "auth.log")
        self.socket = os.path.join(top, "guard.sock")
        self.process = None
        os.makedirs(os.path.join(top, "state"), 0o700, exist_ok=True)
        self.configure((config or self.CONFIG).format(top=top, group=group))
        open(self.log, "a").close()

    def configure(self, text):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.config, 0o644)

    def start(self, wait=True):
        self.errors = open(os.path.join(self.top, "stderr"), "ab")
        self.process = subprocess.Popen(
            [self.holdfast, "guard", "-c", self.config, "--foreground"], stdin=subprocess.DEVNULL,
            stdout=self.errors, stderr=self.errors)
        self.errors.close()
        if wait:
            self.wait()
        return self

    def wait(self, seconds=20):
        """Until all processes run and the sources are open."""
        def ready():
            status = self.status()
            sources = status.get("sources", [])
            return sources and len(status.get("processes", [])) >= 3
        return until(ready, seconds)

    def ask(self, *words, user=None):
        def become():
            if user is not None:
                os.setgroups(user[2] if len(user) > 2 else [])
                os.setgid(user[1])
                os.setuid(user[0])
        return subprocess.run([self.holdfast, "guard", "--socket", self.socket, "-f", "json"] +
                              list(words), capture_output=True, text=True, check=False,
                              preexec_fn=become)

    def status(self):
        """Both objects of guard status as one."""
        out = {}
        run = self.ask("status")
        for line in run.stdout.splitlines():
            out.update(json.loads(line))
        return out

    def pid(self, name):
        for process in self.status().get("processes", []):
            if process["name"] == name:
                return process["pid"]
        return 0

    def write(self, *lines):
        with open(self.log, "a", encoding="utf-8") as f:
            f.write("".join(lines))

    def attack(self, address, times=5, **kwargs):
        self.write(*[failed(address, **kwargs)] * times)

    def alerts(self):
        path = os.path.join(self.top, "alerts.json")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def said(self):
        with open(os.path.join(self.top, "stderr"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def kill(self, sig=signal.SIGKILL):
        self.process.send_signal(sig)
        self.process.wait(timeout=30)
        self.process = None

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return -1
            code = self.process.returncode
            self.process = None
            return code
        return 0


def namespaced(script, programs, inside):
    """Runs inside(holdfast, top) in a namespace with its own network, mounts and processes."""
    if len(sys.argv) > 2 and sys.argv[1] == "--inside":
        inside(*sys.argv[2:4])
        return plan()
    holdfast = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        skip_all("needs root for namespaces of its own")
    os.environ["PATH"] = PATH
    for program in ["unshare", "ip", "nft"] + programs:
        if not shutil.which(program):
            skip_all("needs " + program)
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run(unshare + ["nft", "list", "ruleset"], capture_output=True,
                      check=False).returncode:
        skip_all("this kernel gives no namespaces or no nftables")
    top = tempfile.mkdtemp(prefix="holdfast-guard-")
    os.chmod(top, 0o755)
    try:
        return subprocess.run(unshare + [sys.executable, script, "--inside", holdfast, top],
                              check=False, timeout=900).returncode
    finally:
        shutil.rmtree(top, ignore_errors=True)
