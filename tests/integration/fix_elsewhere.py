#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fix --script and --ansible make the same of a tree as fix itself: the script under dash and under
busybox alone, the playbook by a real ansible-playbook in a chroot of the tree.

usage: fix_elsewhere.py HOLDFAST FIXTURES

In a mount namespace of its own; the programs of the chroot are those of this machine, read only."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "checks")]
import run  # noqa: E402
from picture import different, picture  # noqa: E402
from tap import alone, ok, skip  # noqa: E402

FIXES = ("ssh-max-auth-tries", "ssh-banner", "sysctl-kptr", "umask", "file-passwd-perm", "file-shadow-perm",
         "rhosts", "shell-timeout", "cron-allow", "time-sync", "log-logins")


def write(root, path, data, mode=0o644):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as f:
        f.write(data)
    os.chmod(full, mode)


def change(root, path, old, new):
    with open(os.path.join(root, path), "rb") as f:
        data = f.read()
    with open(os.path.join(root, path), "wb") as f:
        f.write(data.replace(old, new))


def weaken(root):
    """The clean machine with one thing wrong of each kind of change: a file that is made, one that is
    changed, one whose bytes are no text, one that goes, modes, a unit."""
    change(root, "etc/ssh/sshd_config.d/10-hardening.conf", b"MaxAuthTries 3", b"MaxAuthTries 8")
    change(root, "etc/ssh/sshd_config.d/10-hardening.conf", b"Banner /etc/issue.net\n", b"")
    change(root, "etc/sysctl.d/60-hardening.conf", b"kernel.kptr_restrict = 2",
           b"# f\xfcr alle\nkernel.kptr_restrict = 0")
    change(root, "etc/profile", b"umask", b"umask 000 # don't \"ask\" $HOME `x` \\\n# umask")
    os.chmod(os.path.join(root, "etc/passwd"), 0o666)
    os.chmod(os.path.join(root, "etc/shadow"), 0o644)
    write(root, "home/ben/.rhosts", b"+ +\n", 0o600)
    os.chown(os.path.join(root, "home/ben/.rhosts"), 1000, 1000)
    for path in ("etc/profile.d/tmout.sh", "etc/cron.allow", "var/log/btmp",
                 "etc/systemd/system/multi-user.target.wants/chrony.service"):
        if os.path.lexists(os.path.join(root, path)):
            os.unlink(os.path.join(root, path))
    # Where the chroot sees it, too.
    shutil.move(os.path.join(root, "usr/lib/systemd/system/chrony.service"),
                os.path.join(root, "etc/systemd/system/chrony.service"))
    for name in os.listdir(os.path.join(root, "etc/ssh")):
        if name.startswith("ssh_host_"):
            os.unlink(os.path.join(root, "etc/ssh", name))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                    os.path.join(root, "etc/ssh/ssh_host_ed25519_key")], check=True)


class World:
    def __init__(self, holdfast, fixtures, top):
        self.holdfast, self.top = holdfast, top
        folder = os.path.join(top, "m")
        os.mkdir(folder)
        problem = run.build("base", fixtures, folder, "")
        if problem:
            raise RuntimeError(problem)
        self.weak = os.path.join(folder, "root")
        weaken(self.weak)
        self.before = picture(self.weak)

    def copy(self, name):
        path = os.path.join(self.top, name)
        subprocess.run(["cp", "-a", self.weak, path], check=True)
        return path

    def run(self, root, *words):
        return subprocess.run([self.holdfast, "fix", *FIXES, "--root", root, *words], capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL, timeout=300)


def shell(w, name, words, env, want):
    """The script in one shell: the same files, a second time, its way back."""
    root = w.copy(name)
    env = dict(env, ROOT=root, TMPDIR=w.top)
    done = [subprocess.run(words + [os.path.join(w.top, "fix.sh")], capture_output=True, text=True, check=False,
                           env=env, stdin=subprocess.DEVNULL, timeout=300) for _ in range(2)]
    ok(done[0].returncode == 0 and not different(want, picture(root)), "%s makes what fix makes" % name,
       done[0].stdout, done[0].stderr, different(want, picture(root)))
    ok(done[1].returncode == 0 and ": written" not in done[1].stdout, "%s: a second time nothing" % name,
       done[1].stdout, done[1].stderr)
    back = done[0].stdout.strip().rpartition("The way back: sh ")[2]
    done = subprocess.run(words + [back], capture_output=True, text=True, check=False, env=env, timeout=300)
    # Folders that were made stay; a unit that was disabled is.
    left = [d for d in different(w.before, picture(root)) if "'0o40" not in d]
    ok(done.returncode == 0 and not left, "%s: and its way back" % name, done.stderr, left)


def busybox_path(w):
    folder = os.path.join(w.top, "busybox-programs")
    os.mkdir(folder)
    subprocess.run(["busybox", "--install", "-s", folder], check=True)
    # What it has not; as on Alpine without OpenRC there is nobody to enable a unit.
    if shutil.which("systemctl"):
        os.symlink(shutil.which("systemctl"), os.path.join(folder, "systemctl"))
    return folder


def play(w, want):
    """In a chroot: /etc, /var and /home are the tree's, programs are the machine's."""
    root = w.copy("ansible")
    shutil.copy(os.path.join(w.top, "fix.yml"), os.path.join(root, "root/fix.yml"))
    for folder in "usr", "bin", "sbin", "lib", "lib64":
        there = os.path.join(root, folder)
        if os.path.islink("/" + folder):
            if not os.path.lexists(there):
                os.symlink(os.readlink("/" + folder), there)
            continue
        if os.path.isdir("/" + folder):
            os.makedirs(there, exist_ok=True)
            subprocess.run(["mount", "--rbind", "-o", "ro", "/" + folder, there], check=True)
    for folder, kind in ("proc", "proc"), ("tmp", "tmpfs"), ("run", "tmpfs"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
        subprocess.run(["mount", "-t", kind, "none", os.path.join(root, folder)], check=True)
    os.makedirs(os.path.join(root, "dev"), exist_ok=True)
    subprocess.run(["mount", "--rbind", "/dev", os.path.join(root, "dev")], check=True)
    os.mkdir(os.path.join(root, "run/sshd"), 0o755)
    command = ["chroot", root, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
               "LC_ALL=C.UTF-8", "ANSIBLE_LOCAL_TEMP=/tmp/l", "ANSIBLE_REMOTE_TEMP=/tmp/r", "ANSIBLE_NOCOLOR=1",
               "ansible-playbook", "-c", "local", "-i", "localhost,",
               "-e", "ansible_python_interpreter=/usr/bin/python3", "/root/fix.yml"]
    done = [subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                           timeout=1200) for _ in range(2)]
    for folder in "dev", "run", "tmp", "proc", "lib64", "lib", "sbin", "bin", "usr":
        subprocess.run(["umount", "-R", "-l", os.path.join(root, folder)], capture_output=True, check=False)
    os.unlink(os.path.join(root, "root/fix.yml"))
    if os.listdir(os.path.join(root, "usr")) == os.listdir("/usr"):
        ok(False, "the machine's programs are let go of")
        return
    # Mount points, and what ansible keeps of the files that it changed.
    usual = [d for d in different(want, picture(root))
             if d.split()[0] not in ("/proc", "/dev", "/lib64") and not d.split()[0].endswith("~")]
    ok(done[0].returncode == 0 and not usual, "ansible-playbook makes what fix makes", done[0].stdout,
       done[0].stderr, usual)
    ok(done[1].returncode == 0 and "changed=0 " in done[1].stdout, "a second time it changes nothing",
       done[1].stdout, done[1].stderr)


def inside(holdfast, fixtures, top):
    w = World(holdfast, fixtures, top)
    for kind in "script", "ansible":
        done = w.run(w.weak, "--" + kind)
        ok(done.returncode == 0 and done.stdout, "--" + kind, done.stderr)
        write(top, "fix.sh" if kind == "script" else "fix.yml", done.stdout.encode())
    ok(not different(w.before, picture(w.weak)), "both change nothing")
    direct = w.copy("direct")
    done = w.run(direct, "--yes")
    want = picture(direct)
    ok(done.returncode == 0 and done.stdout.count(": fixed") == len(FIXES), "fix itself", done.stdout, done.stderr)
    usual = dict(os.environ)
    shell(w, "dash" if shutil.which("dash") else "sh", [shutil.which("dash") or "sh"], usual, want)
    if shutil.which("busybox"):
        shell(w, "busybox", [shutil.which("busybox"), "sh"], dict(usual, PATH=busybox_path(w)), want)
    else:
        skip("busybox", "there is no busybox")
    if shutil.which("ansible-playbook"):
        play(w, want)
    else:
        skip("ansible", "there is no ansible-playbook")


sys.exit(alone(__file__, inside, 3000, ["ssh-keygen", "systemctl"], network=False))
