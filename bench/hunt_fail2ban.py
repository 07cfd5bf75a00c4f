#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: hunt_fail2ban.py ROOT LOG

Fail2ban's server as it is installed, with its jail for sshd: the lines of LOG are appended to the
file that it watches. Nothing is banned (its action is none), no name is resolved. ROOT is where its
package was unpacked. Prints failures, bans, CPU seconds (of the lines alone) and peak MiB.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT, LOG = sys.argv[1:3]
PACKAGE = os.path.join(ROOT, "usr/lib/python3/dist-packages")
LIMIT = 120

JAIL = """[DEFAULT]
usedns = no
findtime = 10y
bantime = 10y
backend = polling
[sshd]
enabled = true
logpath = %s
action =
"""
SERVER = """[Definition]
loglevel = INFO
logtarget = %(dir)s/log
syslogsocket = auto
socket = %(dir)s/socket
pidfile = %(dir)s/pid
dbfile = %(dir)s/bans.sqlite3
dbpurgeage = 10y
"""


def cpu(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settled(pid, enough):
    """CPU seconds when enough() says that all was read and nothing is used any more."""
    end = time.monotonic() + LIMIT
    last = cpu(pid)
    while time.monotonic() < end:
        time.sleep(1.5)
        now = cpu(pid)
        if now - last < 0.05 and enough():
            return now
        last = now
    sys.exit("fail2ban did not come to an end in %d s" % LIMIT)


def main():
    folder = tempfile.mkdtemp(prefix="fail2ban-")
    config = os.path.join(folder, "config")
    shutil.copytree(os.path.join(ROOT, "etc/fail2ban"), config)
    for name in os.listdir(config + "/jail.d"):
        os.unlink(os.path.join(config, "jail.d", name))
    watched = os.path.join(folder, "auth.log")
    open(watched, "w", encoding="ascii").close()
    with open(config + "/jail.local", "w", encoding="ascii") as out:
        out.write(JAIL % watched)
    with open(config + "/fail2ban.local", "w", encoding="ascii") as out:
        out.write(SERVER % {"dir": folder})
    program = os.path.join(ROOT, "usr/bin/fail2ban-server")
    with open(program, encoding="utf-8") as script:
        interpreter = script.readline()[2:].split()
    server = subprocess.Popen(
        [*interpreter, program, "-f", "-x", "-c", config,
         "-s", folder + "/socket", "-p", folder + "/pid", "start"],
        env=dict(os.environ, PYTHONPATH=PACKAGE), stdout=sys.stderr, stderr=sys.stderr)
    try:
        def told():
            with open(folder + "/log", encoding="utf-8", errors="replace") as log:
                return log.read()

        def started():
            return os.path.exists(folder + "/log") and "Jail 'sshd' started" in told()

        idle = settled(server.pid, started)
        with open(LOG, "rb") as source, open(watched, "ab") as out:
            shutil.copyfileobj(source, out)
        used = settled(server.pid, lambda: "Found" in told()) - idle
        with open("/proc/%d/status" % server.pid, encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024
        text = told()
        print(text.count("] Found "), text.count("] Ban "), "%.2f" % used, "%.0f" % peak)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


main()
