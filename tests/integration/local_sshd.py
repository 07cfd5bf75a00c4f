# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests with a login share: namespaces of their own, in them an sshd on 127.0.0.1:2222 that lets root in
with the key "mine"."""
import os
import shutil
import socket
import subprocess
import time

PROGRAMS = ["ssh", "sshd", "ssh-keygen", "ip"]


class LocalSshd:
    """A folder with the keys and the configuration of the server."""

    def __init__(self, top, *keys):
        self.top = top
        for name in ("mine",) + keys:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(name)],
                           check=True, stdin=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.top, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def unlock(self):
        """root may log in, by a copy of the file that says so."""
        with open("/etc/shadow", encoding="utf-8") as f:
            lines = [("root:*:19000:0:99999:7:::" if line.startswith("root:") else line.rstrip("\n"))
                     for line in f]
        self.write("shadow", "\n".join(lines) + "\n")
        for command in (["mount", "--bind", self.path("shadow"), "/etc/shadow"],
                        ["mount", "-t", "tmpfs", "none", "/run"], ["ip", "link", "set", "lo", "up"]):
            subprocess.run(command, check=True)
        os.mkdir("/run/sshd", 0o755)

    def serve(self, host):
        """host: the name of the server's key."""
        self.unlock()
        shutil.copy(self.path("mine.pub"), self.path("allowed"))
        self.write("sshd_config", "ListenAddress 127.0.0.1:2222\nHostKey %s\nUsePAM no\nStrictModes no\n"
                   "PermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n"
                   "AuthorizedKeysFile %s\n" % (self.path(host), self.path("allowed")))
        with open(self.path("sshd.log"), "w", encoding="utf-8") as log:
            sshd = subprocess.Popen([shutil.which("sshd"), "-D", "-e", "-f", self.path("sshd_config")],
                                    stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", 2222), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        return sshd
