#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `holdfast accounts` says of sudo is what the real sudo does.

usage: accounts_sudo.py HOLDFAST [CASE...]

For every policy of sudo_cases.py every account asks the installed sudo, in a tree and in namespaces
of its own, to run an editor and a program that no rule names: without a password, and with its own
one. CASE: parts of names, to run some.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sudo_cases import CASES  # noqa: E402
from tap import ok, plan  # noqa: E402

PASSWORD = "correct horse"
USERS = {"alice": (2000, ["staff"]), "bob": (2001, ["ops"]), "carol": (2002, ["ops"]),
         "dave": (2003, ["sudo"]), "erin": (2004, ["sudo", "ops"])}
GROUPS = {"root": 0, "sudo": 27, "www": 33, "shadow": 42, "staff": 50, "ops": 3000}
# Says as whom it runs, without another program.
SCRIPT = ('#!/bin/sh\nwhile read -r k v rest; do [ "$k" = Uid: ] && echo "uid $v"; done'
          ' </proc/self/status\nexit 0 # %s\n')
COMMANDS = {"vim": ["/usr/bin/vim", "-u"], "other": ["/usr/bin/other"]}


def run(*argv, **kwargs):
    return subprocess.run(argv, capture_output=True, text=True, check=True, **kwargs)


class Tree:
    def __init__(self, top):
        self.root = os.path.join(top, "root")

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def copy(self, path):
        for name in {path, os.path.realpath(path)}:
            to = self.path(name)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if not os.path.lexists(to):
                shutil.copy2(os.path.realpath(path), to)

    def programs(self):
        for name in ("bin", "sbin", "lib", "lib64"):
            if os.path.islink("/" + name):
                os.makedirs(self.path("usr/" + name), exist_ok=True)
                os.symlink("usr/" + name, self.path(name))
        needed = ["/bin/sh", "/usr/bin/sudo"]
        for folder in ("/usr/libexec/sudo", "/usr/lib/sudo"):
            needed += [os.path.join(folder, f) for f in (os.listdir(folder) if os.path.isdir(folder)
                                                         else []) if f.endswith((".so", ".so.0"))]
        for module in ("pam_unix.so", "pam_permit.so"):
            needed += [p for p in (os.path.join(d, "security", module) for d in
                                   ["/lib/" + m for m in os.listdir("/lib")] + ["/lib", "/lib64"])
                       if os.path.exists(p)]
        for path in needed:
            self.copy(path)
        said = subprocess.run(["ldd"] + needed, capture_output=True, text=True, check=False).stdout
        for library in set(re.findall(r"(/\S+\.so\S*)", said)):
            if os.path.exists(library) and not library.endswith(":"):
                self.copy(library)
        os.chmod(self.path("usr/bin/sudo"), 0o4755)

    def build(self):
        os.mkdir(self.root)
        os.chmod(self.root, 0o755)
        self.programs()
        for name in ("vim", "other", "ls"):
            self.write("usr/bin/" + name, SCRIPT % name, 0o755)
        for name in ("proc", "dev", "run/sudo", "var/lib/sudo", "tmp", "etc/sudoers.d"):
            os.makedirs(self.path(name))
        for name in ("null", "urandom"):
            self.write("dev/" + name, "")
            run("mount", "--bind", "/dev/" + name, self.path("dev/" + name))
        run("mount", "-t", "proc", "proc", self.path("proc"))
        self.write("etc/pam.d/sudo", "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"
                   "session required pam_permit.so\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n")
        self.write("etc/hostname", "web1.example.org\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n10.9.9.9 web1.example.org web1\n")
        # A door, so that everybody is listed.
        self.write("usr/sbin/sshd", "OpenSSH_9.2p1 Debian-2 libpam.so.0 debianbanner\n", 0o755)
        self.write("etc/ssh/sshd_config", "UsePAM no\n")
        self.write(".ssh/authorized_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3sOTqM3kzSSTiFehLJXTHS"
                   "erR8qQrEBZ5IJuBa7Wab me\n")
        self.write("etc/login.defs", "ENCRYPT_METHOD SHA512\n")
        self.accounts()

    def accounts(self):
        secret = run("openssl", "passwd", "-6", PASSWORD).stdout.strip()
        passwd = ["root:x:0:0::/root:/bin/sh", "www:x:33:33::/:/bin/sh"]
        shadow = ["root:*:19000:0:99999:7:::", "www:*:19000:0:99999:7:::"]
        members = {name: [] for name in GROUPS}
        for name, (uid, groups) in USERS.items():
            passwd.append("%s:x:%d:%d::/:/bin/sh" % (name, uid, uid))
            shadow.append("%s:%s:19000:0:99999:7:::" % (name, "*" if name == "carol" else secret))
            for group in groups:
                members[group].append(name)
        self.write("etc/passwd", "\n".join(passwd) + "\n")
        self.write("etc/shadow", "\n".join(shadow) + "\n", 0o640)
        self.write("etc/group", "".join("%s:x:%d:%s\n" % (n, GROUPS[n], ",".join(m))
                                        for n, m in members.items()) +
                   "".join("%s:x:%d:\n" % (n, u) for n, (u, _) in USERS.items()))

    def policy(self, text, files):
        shutil.rmtree(self.path("etc/sudoers.d"))
        os.makedirs(self.path("etc/sudoers.d"))
        for name in os.listdir(self.path("etc")):
            if name.startswith("sudoers."):
                path = self.path("etc/" + name)
                if os.path.isfile(path):
                    os.remove(path)
        digest = hashlib.sha256((SCRIPT % "vim").encode()).digest()
        text = text.replace("{vim}", "sha256:" + base64.b64encode(digest).decode())
        text = text.replace("{wrong}", "sha256:" + base64.b64encode(bytes(32)).decode())
        self.write("etc/sudoers", text, 0o440)
        for name, more in files.items():
            self.write(name, more, 0o440)

    def sudo(self, user, options, command, secret):
        uid, groups = USERS[user]
        gids = ",".join(str(g) for g in [uid] + [GROUPS[g] for g in groups])
        tried = subprocess.run(
            ["/usr/sbin/chroot", "--userspec=%d:%d" % (uid, uid), "--groups=" + gids, self.root,
             "/usr/bin/sudo", "-k", "-u", "root"] + options + command,
            input=secret, capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": "/usr/bin:/bin"})
        return tried.returncode == 0 and "uid 0" in tried.stdout, "%d %s%s" % (tried.returncode, tried.stdout, tried.stderr)

    def tries(self, user, command):
        """none, password or free; and what sudo said."""
        free, why = self.sudo(user, ["-n"], command, "")
        if free:
            return "free", why
        mine, more = self.sudo(user, ["-S", "-p", ""], command, PASSWORD + "\n")
        return "password" if mine else "none", why + more


def ask(holdfast, root):
    got = subprocess.run([holdfast, "accounts", "--no-state", "-f", "json", "--all", "--root", root],
                         capture_output=True, text=True, check=True)
    return {a["name"]: a for a in json.loads(got.stdout)["accounts"]}


def said(account, command):
    """The same three words, from the report."""
    rows = [r for r in account["root"] if r["how"] == "sudo"]
    path = COMMANDS[command][0]
    own = [r for r in rows if r["detail"] != "ALL" and path.startswith(r["detail"].split()[0].rstrip("*"))]
    rows = own if command == "vim" and own else [r for r in rows if r["detail"] == "ALL"]
    if any(r["nopasswd"] for r in rows):
        return "free"
    return "password" if any(r["usable"] for r in rows) else "none"


def do_case(tree, holdfast, case):
    name, text, files = case[:3]
    arguments = case[3] if len(case) > 3 else {}
    tree.policy(text, files)
    report = ask(holdfast, tree.root)
    wrong = []
    for user in USERS:
        account = report.get(user)
        if not account:
            wrong.append(user + " is not in the report")
            continue
        root = False
        for word, command in COMMANDS.items():
            if word == "vim" and user in arguments:
                command = command[:1] + arguments[user]
            was, why = tree.tries(user, command)
            root |= was != "none"
            if said(account, word) != was:
                wrong.append("%s, %s: said %s, was %s; %s %s"
                             % (user, word, said(account, word), was, why, account["root"]))
        if account["becomes_root"] != root:
            wrong.append("%s: said to become root: %s" % (user, account["becomes_root"]))
    ok(not wrong, name, text, *wrong)


def inside(holdfast, top, some):
    run("mount", "--make-rprivate", "/")
    run("hostname", "web1.example.org")
    tree = Tree(top)
    tree.build()
    tree.policy("alice ALL = NOPASSWD: ALL\n", {})
    works, why = tree.sudo("alice", ["-n"], COMMANDS["other"], "")
    if not works:
        print("1..0 # SKIP sudo does not run in a tree of its own: " + why.replace("\n", " "))
        return 0
    for case in CASES:
        if not some or any(part in case[0] for part in some):
            do_case(tree, holdfast, case)
    return plan()


def main():
    if len(sys.argv) > 3 and sys.argv[1] == "--inside":
        return inside(sys.argv[2], sys.argv[3], sys.argv[4:])
    unshare = ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--mount-proc",
               "--kill-child"]
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root for namespaces of its own")
    elif not os.path.exists("/usr/bin/sudo") or not shutil.which("openssl"):
        print("1..0 # SKIP needs sudo and openssl")
    elif subprocess.run(unshare + ["true"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP this kernel allows no namespaces")
    else:
        with tempfile.TemporaryDirectory(prefix="holdfast-sudo-") as top:
            os.chmod(top, 0o755)
            argv = unshare + [sys.executable, os.path.abspath(__file__), "--inside",
                              os.path.abspath(sys.argv[1]), top]
            return subprocess.run(argv + sys.argv[2:], timeout=900, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
