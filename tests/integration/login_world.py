# SPDX-License-Identifier: GPL-3.0-or-later
"""A root tree with a real sshd, PAM and accounts in it, in namespaces of its own, and real clients.

Everything that a case describes is written below the root; sshd runs there by chroot(2), so that
holdfast --root looks at the very same files.
"""
import glob
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

PASSWORD = "correct horse"
SERVER, SERVER6 = "198.51.100.1", "2001:db8:ffff::1"
TUNNEL_PORT = 7777
PROGRAMS = ["/usr/sbin/sshd", "/bin/sh", "/bin/false", "/bin/true", "/usr/sbin/nologin", "/bin/echo",
            "/bin/cat", "/usr/sbin/unix_chkpwd", "/usr/lib/openssh/sftp-server", "/usr/bin/passwd",
            "/usr/bin/sudo"]
KEYS = {"key": ["ed25519"], "key2": ["ed25519"], "rsa": ["rsa", "-b", "2048"],
        "short": ["rsa", "-b", "1024"], "ecdsa": ["ecdsa"], "ca": ["ed25519"], "signed": ["ed25519"],
        "stray": ["ed25519"]}
ROUTES = ["203.0.113.0/24", "198.51.100.0/24", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]


def run(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs)


class World:
    def __init__(self, top):
        self.top = top
        self.root = os.path.join(top, "root")
        self.sshd = None
        self.errors = ""
        self.hash = None

    # The tree

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def write(self, name, text, mode=0o644, owner=(0, 0)):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            os.remove(path)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        os.chown(path, *owner)

    def copy(self, path):
        real = os.path.realpath(path)
        for name in {path, real}:
            to = self.path(name)
            if os.path.lexists(to):
                continue
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copy2(real, to)
        return real

    def build(self):
        run("mount", "--make-rprivate", "/")
        os.mkdir(self.root)
        for name in ("bin", "sbin", "lib", "lib64"):
            if os.path.islink("/" + name):
                os.makedirs(self.path("usr/" + name), exist_ok=True)
                os.symlink("usr/" + name, self.path(name))
        modules = glob.glob("/lib/*/security/*.so") + glob.glob("/usr/lib/*/security/*.so")
        programs = [p for p in PROGRAMS if os.path.exists(p)] + modules
        for program in programs:
            self.copy(program)
        libraries = subprocess.run(["ldd"] + programs, capture_output=True, text=True,
                                   check=False).stdout
        for library in set(re.findall(r"(/\S+\.so\S*)", libraries)):
            if os.path.exists(library) and not library.endswith(":"):
                self.copy(library)
        self.devices()
        for name in ("run/sshd", "var/run", "root", "tmp", "var/log", "etc/ssh", "proc", "home"):
            os.makedirs(self.path(name), exist_ok=True)
        os.chmod(self.path("tmp"), 0o1777)
        os.chmod(self.path("root"), 0o700)
        run("mount", "-t", "proc", "proc", self.path("proc"))
        shutil.copytree("/etc/pam.d", self.path("etc/pam.d"))
        if os.path.isdir("/etc/security"):
            shutil.copytree("/etc/security", self.path("etc/security"))
        for name in ("etc/login.defs", "etc/os-release"):
            if os.path.exists("/" + name):
                shutil.copy("/" + name, self.path(name))
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n")
        self.write("etc/shells", "/bin/sh\n/bin/bash\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n10.9.9.9 build.example.org build\n")
        self.hash = run("openssl", "passwd", "-6", PASSWORD).stdout.strip()
        self.pam = {f: open(self.path("etc/pam.d/" + f), encoding="utf-8").read()
                    for f in os.listdir(self.path("etc/pam.d"))}
        self.network()
        self.keys()
        threading.Thread(target=self.serve, daemon=True).start()

    def devices(self):
        for name in ("null", "zero", "random", "urandom", "tty", "full"):
            self.write("dev/" + name, "")
            run("mount", "--bind", "/dev/" + name, self.path("dev/" + name))
        os.makedirs(self.path("dev/pts"))
        run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts",
            self.path("dev/pts"))
        os.symlink("pts/ptmx", self.path("dev/ptmx"))

    @staticmethod
    def network():
        run("ip", "link", "set", "lo", "up")
        for route in ROUTES:
            run("ip", "route", "add", "local", route, "dev", "lo")
        for address in (SERVER6, "2001:db8::1"):
            run("ip", "-6", "address", "add", address + "/128", "dev", "lo", "nodad")

    def keys(self):
        keys = os.path.join(self.top, "keys")
        os.mkdir(keys)
        self.public = {}
        for name, kind in KEYS.items():
            path = os.path.join(keys, name)
            run("ssh-keygen", "-q", "-t", *kind, "-N", "", "-C", name, "-f", path)
            with open(path + ".pub", encoding="ascii") as f:
                self.public[name] = f.read().strip()
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
            self.path("etc/ssh/ssh_host_ed25519_key"))
        with open(os.path.join(self.top, "askpass"), "w", encoding="ascii") as f:
            f.write('#!/bin/sh\nprintf "%s\\n" "$RIGHT"\n')
        os.chmod(os.path.join(self.top, "askpass"), 0o755)

    def sign(self, principals, *options):
        """A certificate by "ca" for the key "signed"; returns the option for the client."""
        fd, name = tempfile.mkstemp(dir=self.top)
        os.close(fd)
        shutil.copy(os.path.join(self.top, "keys/signed.pub"), name + ".pub")
        run("ssh-keygen", "-q", "-s", os.path.join(self.top, "keys/ca"), "-I", "test", "-n",
            principals, *options, name + ".pub")
        return name + "-cert.pub"

    @staticmethod
    def serve():
        """What tunnels are to reach."""
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", TUNNEL_PORT))
        server.listen(64)
        while True:
            peer, _ = server.accept()
            peer.sendall(b"TUNNEL\n")
            peer.close()

    # A case

    def accounts(self, accounts, groups):
        """accounts: name -> settings: uid, shell, shadow, home, keys, groups, mode …"""
        passwd, shadow = [], []
        group = {"root": (0, []), "nogroup": (65534, []), "shadow": (42, [])}
        for i, (name, a) in enumerate(accounts.items()):
            uid = a.get("uid", 0 if name == "root" else 2000 + i)
            home = a.get("home", "/root" if name == "root" else "/home/" + name)
            if uid:
                group.setdefault(name, (a.get("gid", uid), []))
            passwd.append("%s:%s:%d:%d::%s:%s" % (name, a.get("passwd", "x"), uid,
                                                  a.get("gid", uid), home, a.get("shell", "/bin/sh")))
            field = a.get("shadow", "HASH")
            if field is not None:
                field = field.replace("HASH", self.hash)
                shadow.append("%s:%s:%s" % (name, field, a.get("ages", "19000:0:99999:7:::")))
            self.home(name, a, home, uid, a.get("gid", uid))
        for name, members in groups.items():
            number, before = group.get(name, (5000 + len(group), []))
            group[name] = (number, before + members)
        passwd += ["sshd:x:100:65534::/run/sshd:/usr/sbin/nologin",
                   "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin"]
        shadow += ["sshd:!:19000::::::", "nobody:*:19000:0:99999:7:::"]
        self.write("etc/passwd", "\n".join(passwd) + "\n")
        self.write("etc/shadow", "\n".join(shadow) + "\n", 0o640, (0, 42))
        self.write("etc/group", "".join("%s:x:%d:%s\n" % (n, g, ",".join(m))
                                        for n, (g, m) in group.items()))

    def home(self, name, a, home, uid, gid):
        path = self.path(home)
        if home != "/root":
            shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(os.path.join(path, ".ssh"), ignore_errors=True)
        ssh = os.path.join(path, ".ssh")
        os.makedirs(ssh)
        lines = [line.format(**self.public) for line in a.get("keys", ["{key}"])]
        file = os.path.join(ssh, a.get("file", "authorized_keys"))
        if lines:
            with open(file, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            os.chmod(file, a.get("file_mode", 0o600))
            os.chown(file, *a.get("file_owner", (uid, gid)))
        os.chmod(ssh, a.get("ssh_mode", 0o700))
        os.chown(ssh, uid, gid)
        os.chmod(path, a.get("home_mode", 0o755 if uid else 0o700))
        os.chown(path, uid, gid)

    def reset(self):
        for name in ("etc/ssh/sshd_config.d", "etc/ssh/extra", "etc/pam.d", "etc/principals",
                     "home", "jail"):
            shutil.rmtree(self.path(name), ignore_errors=True)
        os.makedirs(self.path("home"))
        for name in ("etc/nologin", "etc/security/access.conf", "etc/ssh/ca.pub",
                     "etc/ssh/revoked", "etc/ssh/extra", "etc/ssh/sshd_config"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        for name, text in self.pam.items():
            self.write("etc/pam.d/" + name, text)

    def start(self, options=()):
        """sshd in the tree; False when it refuses its configuration (why: self.errors)."""
        log = os.path.join(self.top, "sshd.log")
        with open(log, "wb") as f:
            self.sshd = subprocess.Popen(
                ["chroot", self.root, "/usr/sbin/sshd", "-D", "-e", "-o", "MaxStartups=200",
                 "-o", "PidFile=none"] + list(options),
                stdin=subprocess.DEVNULL, stdout=f, stderr=f)
        for _ in range(200):
            with open(log, encoding="utf-8", errors="replace") as f:
                self.errors = f.read()
            if "Server listening" in self.errors:
                return True
            if self.sshd.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def stop(self):
        if self.sshd and self.sshd.poll() is None:
            self.sshd.terminate()
        if self.sshd:
            self.sshd.wait()
        self.sshd = None

    def log(self):
        with open(os.path.join(self.top, "sshd.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    # Clients

    def options(self, source, port):
        return ["-F", "none", "-p", str(port), "-b", source, "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null",
                "-o", "NumberOfPasswordPrompts=1", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=30",
                "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                "-o", "PubkeyAcceptedAlgorithms=+ssh-rsa", "-o", "RequiredRSASize=1024"]

    @staticmethod
    def server(source):
        if ":" in source:
            return SERVER6
        return "127.0.0.1" if source.startswith("127.") else SERVER

    def attempt(self, user, source, how, port=22, password=PASSWORD, keys=("key",), cert=None):
        """Logs in by "password", "kbdint", "key", "cert" or "all". None: no. Else what it is good
        for: (session, tunnel)."""
        methods = {"password": "password", "kbdint": "keyboard-interactive", "key": "publickey",
                   "cert": "publickey", "all": "publickey,keyboard-interactive,password"}[how]
        control = tempfile.mktemp(dir=self.top)
        argv = self.options(source, port) + ["-o", "PreferredAuthentications=" + methods]
        if how in ("key", "all"):
            for key in keys:
                argv += ["-i", os.path.join(self.top, "keys", key)]
        elif how == "cert":
            argv += ["-i", os.path.join(self.top, "keys/signed"), "-o", "CertificateFile=" + cert]
        else:
            argv += ["-o", "PubkeyAuthentication=no"]
        env = {"PATH": os.environ["PATH"], "HOME": self.top, "RIGHT": password, "DISPLAY": "none",
               "SSH_ASKPASS_REQUIRE": "force", "SSH_ASKPASS": os.path.join(self.top, "askpass")}
        target = ["--", "%s@%s" % (user, self.server(source))]
        quiet = {"env": env, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                 "stderr": subprocess.DEVNULL, "check": False, "start_new_session": True}
        master = subprocess.run(["ssh"] + argv + ["-M", "-N", "-f", "-S", control,
                                                 "-o", "ControlPersist=60"] + target,
                                timeout=120, **quiet)
        if master.returncode:
            return None
        quiet.update(stdout=subprocess.PIPE, timeout=30)
        over = ["ssh", "-F", "none", "-S", control, "-o", "LogLevel=QUIET",
                "-o", "ProxyCommand=/bin/false"]
        try:
            good = self.session(over, target, quiet)
            # sshd's monitor may end what its child has let in.
            alive = subprocess.run(over + ["-O", "check"] + target, **quiet).returncode == 0
            return good if alive else None
        finally:
            subprocess.run(over + ["-O", "exit"] + target, **quiet)

    @staticmethod
    def sftp(over, target, env):
        """A server of files answers SSH_FXP_INIT with its version."""
        # Not buffered: what was not sent to a client that has ended must not be sent at its close.
        with subprocess.Popen(over + ["-s"] + target + ["sftp"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env,
                              start_new_session=True, bufsize=0) as client:
            try:
                client.stdin.write(b"\0\0\0\5\1\0\0\0\3")
                ready, _, _ = select.select([client.stdout], [], [], 20)
                answer = os.read(client.stdout.fileno(), 64) if ready else b""
            except BrokenPipeError:
                answer = b""
            client.kill()
        return answer[4:9] == b"\2\0\0\0\3"

    @staticmethod
    def session(over, target, quiet):
        try:
            shell = subprocess.run(over + target + ["echo HF-$((40 + 2))"], **quiet).stdout
        except subprocess.TimeoutExpired:
            shell = b""
        kind = "shell" if b"HF-42" in shell else "command" if b"FORCED" in shell else "none"
        if kind == "none" and World.sftp(over, target, quiet["env"]):
            kind = "sftp"
        try:
            tunnel = subprocess.run(over + ["-W", "127.0.0.1:%d" % TUNNEL_PORT] + target, **quiet)
        except subprocess.TimeoutExpired:
            return kind, False
        return kind, b"TUNNEL" in tunnel.stdout
