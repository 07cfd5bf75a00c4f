#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon and just-in-time access under the real systemd, with the units of packaging/: systemd is the first
process of namespaces with a tree, cgroups and a network of their own, beside a second network in which
people ask.

usage: jit_systemd.py HOLDFAST SOURCE
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guard_world import PATH, until  # noqa: E402
from tap import ok, plan, skip_all  # noqa: E402

SYSTEMD = "/lib/systemd/systemd"
SERVER, CLIENT = "10.98.0.1", "10.98.0.2"
UNITS = """basic sysinit local-fs local-fs-pre sockets timers paths slices shutdown umount final
    multi-user network nss-user-lookup""".split()
JOURNAL = ["systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket"]
CGROUPS = "/sys/fs/cgroup"

FILES = {
    "etc/passwd": """root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534::/:/usr/sbin/nologin
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
ann:x:2001:2001::/home/ann:/bin/sh
holdfast:x:990:990::/:/usr/sbin/nologin
""",
    "etc/group": "root:x:0:\nadm:x:4:\nnogroup:x:65534:\nann:x:2001:\nholdfast:x:990:\nsystemd-journal:x:101:\n",
    "etc/shadow": "root:*:19000::::::\nann:*:19000::::::\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/ssh/sshd_config": """UsePAM no
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysCommand /etc/ssh/keys
AuthorizedKeysCommandUser nobody
UseDNS no
PidFile /run/sshd.pid
""",
    "etc/ssh/keys": "#!/bin/sh\nexec cat /etc/ssh/other.pub\n",
    "etc/systemd/system/ssh.service": """[Service]
Type=notify
RuntimeDirectory=sshd
ExecStart=/usr/sbin/sshd -D
""",
    "etc/systemd/system/default.target": """[Unit]
Requires=basic.target
After=basic.target
Wants=holdfast-guard.service ssh.service
""",
    "root/config": """Host *
  UserKnownHostsFile /root/known
  GlobalKnownHostsFile /dev/null
  IdentityAgent none
  IdentitiesOnly yes
  BatchMode yes
  LogLevel ERROR
""",
}


def run(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs)


def mount(kind, to, *options):
    os.makedirs(to, exist_ok=True)
    run("mount", "-t", kind, *(["-o", ",".join(options)] if options else []), kind, to)


def bind(what, to):
    if not os.path.exists(to):
        (os.makedirs if os.path.isdir(what) else lambda p: open(p, "w").close())(to)
    run("mount", "--bind", what, to)


# ---- the tree ------------------------------------------------------------------------------------


def system(root, holdfast, source):
    """/usr of this machine under one of its own, with few units beside those of packaging/."""
    os.makedirs(root)
    run("mount", "--bind", root, root)
    for name in ("up", "work", "units"):
        os.mkdir(os.path.dirname(root) + "/" + name)
    top = os.path.dirname(root)
    mount("overlay", root + "/usr", "lowerdir=/usr", "upperdir=%s/up" % top, "workdir=%s/work" % top)
    for link in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.exists(root + "/usr/" + link):
            os.symlink("usr/" + link, root + "/" + link)
    shutil.copy(holdfast, root + "/usr/bin/holdfast")
    units = root + "/usr/lib/systemd/system"
    for name in [u + ".target" for u in UNITS] + JOURNAL:
        if os.path.exists(units + "/" + name):
            shutil.copy(units + "/" + name, top + "/units")
    shutil.copy(source + "/packaging/holdfast-guard.service", top + "/units")
    os.mkdir(top + "/units/holdfast-guard.service.d")
    shutil.copy(source + "/packaging/holdfast-guard-jit.conf", top + "/units/holdfast-guard.service.d")
    bind(top + "/units", units)


def files(root):
    for name in ("var/log", "var/lib", "var/tmp", "root", "home/ann/.ssh", "tmp", "old"):
        os.makedirs(root + "/" + name)
    for name, text in FILES.items():
        path = root + "/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o600 if name == "etc/shadow" else 0o755 if name.endswith("keys") else 0o644)
    if os.path.exists("/etc/ld.so.cache"):
        shutil.copy("/etc/ld.so.cache", root + "/etc")
    for path in ("etc/ssh/ssh_host_ed25519_key", "root/id", "root/other", "root/stranger"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", root + "/" + path)
    shutil.copy(root + "/root/other.pub", root + "/etc/ssh")
    shutil.copy(root + "/root/id.pub", root + "/home/ann/.ssh/authorized_keys")
    for path, mode in (("", 0o755), ("/.ssh", 0o700), ("/.ssh/authorized_keys", 0o600)):
        os.chown(root + "/home/ann" + path, 2001, 2001)
        os.chmod(root + "/home/ann" + path, mode)
    with open(root + "/etc/ssh/ssh_host_ed25519_key.pub", encoding="ascii") as f:
        key = " ".join(f.read().split()[:2])
    with open(root + "/root/known", "w", encoding="ascii") as f:
        f.write("%s %s\n" % (SERVER, key))


def devices(root):
    mount("tmpfs", root + "/run", "mode=755")
    mount("tmpfs", root + "/dev", "mode=755")
    for name in ("null", "zero", "random", "urandom", "tty", "full"):
        bind("/dev/" + name, root + "/dev/" + name)
    mount("tmpfs", root + "/dev/shm", "mode=1777")
    mount("devpts", root + "/dev/pts", "newinstance", "ptmxmode=0666")
    os.symlink("pts/ptmx", root + "/dev/ptmx")
    os.symlink("/proc/self/fd", root + "/dev/fd")
    mount("proc", root + "/proc")
    run("mount", "--bind", root + "/proc/sys", root + "/proc/sys")
    run("mount", "-o", "remount,ro,bind", root + "/proc/sys")
    mount("sysfs", root + "/sys", "ro")
    if os.path.exists(CGROUPS + "/cgroup.controllers"):
        mount("cgroup2", root + CGROUPS)
        return
    mount("tmpfs", root + CGROUPS, "mode=755")
    mount("cgroup", root + CGROUPS + "/systemd", "none", "name=systemd")
    if os.path.exists(CGROUPS + "/unified"):
        mount("cgroup2", root + CGROUPS + "/unified")


def network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "s0", "type", "veth", "peer", "name", "c0", "netns", "client")
    run("ip", "address", "add", SERVER + "/24", "dev", "s0")
    run("ip", "link", "set", "s0", "up")
    run("ip", "-n", "client", "address", "add", CLIENT + "/24", "dev", "c0")
    run("ip", "-n", "client", "link", "set", "c0", "up")
    run("ip", "-n", "client", "link", "set", "lo", "up")


def become_systemd(holdfast, source):
    """In namespaces of its own; never comes back."""
    run("mount", "--make-rprivate", "/")
    mount("tmpfs", "/mnt", "mode=755")
    system("/mnt/root", holdfast, source)
    files("/mnt/root")
    devices("/mnt/root")
    os.makedirs("/run/netns", exist_ok=True)
    mount("tmpfs", "/run/netns")
    run("ip", "netns", "add", "client")
    network()
    bind("/run/netns/client", "/mnt/root/run/client")
    os.chdir("/mnt/root")
    run("pivot_root", ".", "old")
    os.chdir("/")
    run("umount", "-l", "/old")
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    os.execve(SYSTEMD, [SYSTEMD, "--log-target=journal"],
              {"container": "other", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


# ---- from outside --------------------------------------------------------------------------------


class Machine:
    def __init__(self, holdfast, source):
        self.cgroups = []
        for tree in ([CGROUPS] if os.path.exists(CGROUPS + "/cgroup.controllers") else
                     [CGROUPS + "/systemd", CGROUPS + "/unified"]):
            if os.path.exists(tree + "/cgroup.procs"):
                self.cgroups.append("%s/holdfast-test-%d" % (tree, os.getpid()))
        for path in self.cgroups:
            os.mkdir(path)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--fork",
             "--kill-child", sys.executable, os.path.abspath(__file__), "--inside", holdfast, source],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=self.enter)
        self.first = until(self.find_first, 60)

    def enter(self):
        for path in self.cgroups:
            with open(path + "/cgroup.procs", "w", encoding="ascii") as f:
                f.write("0")

    def find_first(self):
        """The process that is systemd."""
        try:
            with open("/proc/%d/task/%d/children" % ((self.process.pid,) * 2), encoding="ascii") as f:
                pid = int(f.read().split()[0])
            with open("/proc/%d/comm" % pid, encoding="ascii") as f:
                return pid if f.read().strip() == "systemd" else 0
        except (OSError, IndexError, ValueError):
            return -1 if self.process.poll() is not None else 0

    def run(self, *argv, away=False):
        inside = ["nsenter", "-t", str(self.first), "-m", "-n", "-p", "-u", "-i", "--"]
        if away:
            inside += ["nsenter", "--net=/run/client", "--"]
        return subprocess.run(inside + list(argv), capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=120, cwd="/",
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C"})

    def show(self, what):
        return self.run("systemctl", "show", "-p", what, "--value", "holdfast-guard").stdout.strip()

    def journal(self):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", "holdfast-guard").stdout

    def ssh(self, key, seconds=30):
        return self.run("ssh", "-o", "ConnectTimeout=%d" % seconds, "-F", "/root/config", "-i", "/root/" + key, "ann@" + SERVER, "echo", "in",
                        away=True)

    def request(self, key):
        self.run("holdfast", "jit", "request", "-F", "/root/config", "-i", "/root/" + key,
                 "--for", "10m", "ann@" + SERVER, away=True)

    def log(self):
        return self.run("tail", "-n", "4", "/var/lib/holdfast/jit-audit.jsonl").stdout

    def stop(self):
        self.process.kill()
        self.process.wait()
        for path in self.cgroups:
            until(lambda: not self.left(path), 10)

    @staticmethod
    def left(path):
        """Folders of cgroups that cannot be removed yet."""
        for folder in sorted(glob.glob(path + "/**/", recursive=True), key=len, reverse=True):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        return os.path.exists(path)


def tests(m):
    up = until(lambda: m.show("ActiveState") == "active", 60)
    ok(up, "the unit starts: the daemon says that it is ready", m.journal())
    time.sleep(1)
    told = m.journal()
    ok(m.show("NRestarts") == "0" and "ended" not in told and "cannot" not in told,
       "and its processes stay", told)
    shut = m.run("holdfast", "jit", "enable", "ssh", "--within", "10m")
    ok(shut.returncode == 0 and "Shut." in shut.stdout, "jit enable", shut.stdout, shut.stderr,
       m.journal())
    until(lambda: "taken" in m.run("holdfast", "jit", "status").stdout, 20)
    ok(m.ssh("id", 2).returncode != 0, "the port is shut")
    m.request("stranger")
    until(lambda: "refused" in m.log(), 30)
    ok("no line of authorized_keys" in m.log() and m.ssh("id", 2).returncode != 0,
       "a stranger is refused", m.log(), m.journal())
    m.request("id")
    until(lambda: "opened" in m.log(), 30)
    got = m.ssh("id")
    ok(got.stdout.strip() == "in", "who asks with his key logs in", got.stderr, m.log(), m.journal())
    m.run("holdfast", "jit", "close", "all")
    ok(m.ssh("id", 2).returncode != 0, "jit close")
    m.request("other")
    until(lambda: '"opened"' in m.log(), 30)
    got = m.ssh("other")
    ok(got.stdout.strip() == "in", "so does one whose key AuthorizedKeysCommand names", got.stderr,
       m.log(), m.journal())
    done = m.run("holdfast", "jit", "audit", "--verify")
    ok(done.returncode == 0, "the log is whole", done.stdout, done.stderr)
    m.run("systemctl", "kill", "-s", "KILL", "holdfast-guard")
    again = until(lambda: m.show("NRestarts") == "1" and m.show("ActiveState") == "active", 60)
    ok(again and m.ssh("other").stdout.strip() == "in" and
       "taken" in (until(lambda: m.run("holdfast", "jit", "status").stdout, 20) or ""),
       "killed, it is started again, and knows whom it let in", m.journal())
    done = m.run("holdfast", "jit", "disable")
    ok(done.returncode == 0 and m.ssh("id").returncode == 0, "jit disable", done.stderr)
    m.run("systemctl", "stop", "holdfast-guard")
    ok(m.show("Result") == "success", "it stops in order", m.show("Result"), m.journal())


def main():
    if sys.argv[1] == "--inside":
        return become_systemd(*sys.argv[2:4])
    holdfast, source = map(os.path.abspath, sys.argv[1:3])
    os.environ["PATH"] = PATH
    if os.geteuid():
        skip_all("needs root for namespaces of its own")
    for program in ("unshare", "nsenter", "ip", "nft", "sshd", "ssh", "ssh-keygen", "pivot_root"):
        if not shutil.which(program):
            skip_all("needs " + program)
    if not os.path.exists(SYSTEMD):
        skip_all("systemd is not installed")
    if not os.path.isdir("/usr/lib/systemd/system") or not os.path.islink("/bin"):
        skip_all("needs a merged /usr")
    try:
        m = Machine(holdfast, source)
    except OSError as e:
        skip_all("needs cgroups of its own: %s" % e)
    try:
        if m.first <= 0 or not until(lambda: m.run("systemctl", "is-system-running").stdout.strip() in
                                     ("running", "degraded", "starting"), 30):
            why = m.process.stderr.read() if m.first < 0 else "it does not answer"
            skip_all("systemd does not run in namespaces here: %s" %
                     re.sub(r"\s+", " ", why).strip()[-200:])
        tests(m)
    finally:
        m.stop()
    return plan()


sys.exit(main())
