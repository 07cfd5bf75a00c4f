#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`holdfast backup` with repositories on other machines, by the real servers: OpenSSH's for sftp, MinIO for
S3, Azurite for Azure Blob (rest is in backup.py); and what a drill says of sshd's configuration. What is not
installed is left out.

usage: backup_remote.py HOLDFAST

In namespaces of its own, with nothing but a loopback; root has another home there."""
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from backup_world import World, ended, program
import backup_world
from tap import ok, plan, skip, skip_all

# The account that the emulator has, and that its documentation names.
AZURITE = ("devstoreaccount1", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr"
                               "/KBHBeksoGMGw==")


def namespaced():
    if os.environ.get("BACKUP_REMOTE_INSIDE"):
        return True
    if subprocess.run(["unshare", "-m", "-n", "mount", "--make-rprivate", "/"], capture_output=True,
                      check=False).returncode:
        return False
    os.environ["BACKUP_REMOTE_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "-m", "-n", sys.executable, "-B"] + sys.argv)
    return False


def other_home(base):
    """ssh takes keys and known hosts from the home that passwd names."""
    home = os.path.join(base, "home")
    os.makedirs(home + "/.ssh", 0o700)
    with open("/etc/passwd", encoding="utf-8") as f:
        lines = [line.split(":") for line in f]
    for line in lines:
        if line[0] == "root":
            line[5] = home
    path = os.path.join(base, "passwd")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(":".join(line) for line in lines))
    shutil.copy("/etc/shadow", base + "/shadow")
    with open("/etc/shadow", encoding="utf-8") as f:
        lines = ["root:*:19000:0:99999:7:::\n" if x.startswith("root:") else x for x in f]
    with open(base + "/shadow", "w", encoding="utf-8") as f:
        f.write("".join(lines))
    for command in (["mount", "--make-rprivate", "/"], ["mount", "--bind", path, "/etc/passwd"],
                    ["mount", "--bind", base + "/shadow", "/etc/shadow"],
                    ["mount", "-t", "tmpfs", "none", "/run"], ["ip", "link", "set", "lo", "up"]):
        subprocess.run(command, check=True)
    os.mkdir("/run/sshd", 0o755)
    return home


def listens(port, process):
    for _ in range(600):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return True
        if process.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def started(world, argv, port, **env):
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                               stdout=open(world.path("server.log"), "w", encoding="utf-8"),
                               stderr=subprocess.STDOUT, cwd=world.top,
                               env={"HOME": world.top, "PATH": backup_world.PATH, **env})
    if not listens(port, process):
        with open(world.path("server.log"), encoding="utf-8") as f:
            ok(False, "the server starts", f.read())
    return process


class Sftp:
    name = "sftp"
    programs = ("ssh", "sshd", "ssh-keygen")
    port = 2222

    def __init__(self, world):
        self.world, self.home = world, pwd.getpwuid(0).pw_dir
        for path in (world.path("host"), self.home + "/.ssh/id_ed25519"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True,
                           stdin=subprocess.DEVNULL)
        shutil.copy(self.home + "/.ssh/id_ed25519.pub", world.path("allowed"))
        world.write("sshd_config", "ListenAddress 127.0.0.1:2222\nHostKey %s\nUsePAM no\nStrictModes no\n"
                    "PermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n"
                    "AuthorizedKeysFile %s\nSubsystem sftp internal-sftp\n" % (
                        world.path("host"), world.path("allowed")))

    def start(self):
        return started(self.world, [program("sshd"), "-D", "-e", "-f", self.world.path("sshd_config")], 2222)

    def known(self):
        with open(self.world.path("host.pub"), encoding="utf-8") as f:
            line = "[127.0.0.1]:2222 " + f.read()
        with open(self.home + "/.ssh/known_hosts", "w", encoding="utf-8") as f:
            f.write(line)

    def url(self):
        return "sftp://root@127.0.0.1:2222/" + self.world.path("kept")


class S3:
    name = "s3"
    programs = ("minio",)
    port = 9000

    def __init__(self, world):
        self.world = world
        world.write("s3.env", "AWS_ACCESS_KEY_ID=owner\nAWS_SECRET_ACCESS_KEY=of the bucket\n")

    def start(self):
        os.makedirs(self.world.path("kept"), exist_ok=True)
        return started(self.world, [program("minio"), "server", self.world.path("kept"), "--address",
                                    "127.0.0.1:9000", "--console-address", "127.0.0.1:9001"], 9000,
                       MINIO_ROOT_USER="owner", MINIO_ROOT_PASSWORD="of the bucket")

    def url(self):
        return "s3:http://127.0.0.1:9000/bucket"


class Azure:
    name = "azure"
    programs = ("azurite-blob",)
    port = 10000

    def __init__(self, world):
        self.world = world
        world.write("azure.env", "AZURE_ACCOUNT_NAME=%s\nAZURE_ACCOUNT_KEY=%s\n" % AZURITE)

    def start(self):
        return started(self.world, [program("azurite-blob"), "--location", self.world.path("kept"),
                                    "--blobHost", "127.0.0.1", "--blobPort", "10000", "--silent",
                                    "--skipApiVersionCheck", "--disableTelemetry"], 10000)

    def url(self):
        return "azure:container:/"


def prepare(holdfast, base, kind):
    world = World(holdfast, base)
    for i in range(20):
        world.write("data/f%02d" % i, os.urandom(50000), 0o644)
    server = kind(world)
    world.repositories = ["repository far " + server.url(), "password-file " + world.path("keys/far.pass"),
                          "escrow " + world.path("sealed")]
    if os.path.exists(world.path(kind.name + ".env")):
        world.repositories.append("credentials " + world.path(kind.name + ".env"))
    return world, server


def works(world, kind):
    code, record, err = world.json("run")
    ok(code == 0 and record.get("files") == 20, kind.name + ": run", code, record, err)
    code, record, err = world.json("check", "--all")
    ok(code == 0, "  check", code, record, err)
    code, record, err = world.json("drill")
    ok(code == 0 and record["same"] == 20, "  drill", code, record, err)
    code, record, err = world.json("list")
    ok(code == 0 and len(record["snapshots"]) == 1, "  list", code, record, err)
    code, record, err = world.json("prove")
    ok(code == 1 and record["append_only"] is False,
       "  prove: whoever has these credentials deletes it all", code, record, err)
    if kind is not Azure:
        ok(world.state("far")["offsite"] == 0, "  what listens on 127.0.0.1 is not elsewhere")


def goes_away(world, kind, process):
    """In the middle of a drill: when the files are to be restored."""
    world.program = world.write(
        "restic", "#!/bin/sh\nfor a; do [ \"$a\" = restore ] && kill -9 %d; done\n"
                  "exec %s \"$@\"\n" % (process.pid, world.restic), 0o755)
    world.configure()
    code, record, err = world.json("drill")
    ok(code == 3 and record.get("result") in ("network", "absent", "failed", "damaged") and
       record.get("message"), "  the server goes in the middle of a drill: " +
       str(record.get("message"))[:90], code, record, err)
    ok(world.scratch() == [], "  and nothing stays", world.scratch())
    world.program = world.restic
    world.configure()


def refused(world, name, says):
    code, out, err = world.make()
    # What ssh says is sometimes lost with its end; then there is advice.
    says = says in out + err or "ssh could not begin a session" in out
    ok(code == 3 and says and not os.path.exists(world.path("keys/far.pass")) and
       not os.path.exists(world.path("sealed")), "sftp: " + name, code, out, err)


def one(holdfast, base, kind):
    missing = [p for p in kind.programs if not program(p)]
    if missing:
        skip(kind.name, ", ".join(missing) + " is not installed")
        return
    world, server = prepare(holdfast, base, kind)
    process = server.start()
    try:
        if kind is Sftp:
            refused(world, "a host that is not known", "host key")
            server.known()
            os.rename(world.path("allowed"), world.path("allowed.real"))
            refused(world, "a key that the server does not know", "Permission denied")
            os.rename(world.path("allowed.real"), world.path("allowed"))
        code, out, err = world.make()
        ok(code == 0, kind.name + ": init", code, out, err)
        works(world, kind)
        if kind is Sftp:
            goes_away(world, kind, process)
    finally:
        ended(process)


def configuration_of_sshd(holdfast, base):
    """What sshd says of the one that was restored, which is not the one that is there now."""
    if not program("sshd") or not program("ssh-keygen") or not os.path.isdir("/etc/ssh"):
        skip("sshd's configuration", "sshd is not installed")
        return
    world = World(holdfast, base)
    world.write("ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPort 2022\n", 0o644)
    world.write("ssh/sshd_config.d/a.conf", "HostKey /etc/ssh/ssh_host_ed25519_key\n", 0o644)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                    world.path("ssh/ssh_host_ed25519_key")], check=True, stdin=subprocess.DEVNULL)
    subprocess.run(["mount", "--bind", world.path("ssh"), "/etc/ssh"], check=True)
    try:
        world.general = ["save /etc/ssh"]
        code, out, err = world.make()
        ok(code == 0, "init", out, err)
        world.json("run")
        world.write("ssh/sshd_config.d/a.conf", "HostKy x\n", 0o644)
        code, record, err = world.json("drill")
        ok(code == 0 and [(x["kind"], x["result"]) for x in record["loads"]] == [("sshd", "ok")],
           "sshd takes the configuration that was restored", code, record, err)
        world.json("run")
        world.write("ssh/sshd_config.d/a.conf", "", 0o644)
        code, record, err = world.json("drill")
        ok(code == 3 and "HostKy" in record["loads"][0]["message"],
           "one that it does not take is found", code, record, err)
    finally:
        subprocess.run(["umount", "/etc/ssh"], check=False)


def main():
    if not program("restic") or os.geteuid() != 0 or not program("unshare") or not namespaced():
        skip_all("needs restic, root and namespaces")
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    try:
        other_home(base)
        for kind in (Sftp, S3, Azure):
            one(os.path.abspath(sys.argv[1]), base, kind)
        configuration_of_sshd(os.path.abspath(sys.argv[1]), base)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return plan()


sys.exit(main())
