# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of `holdfast backup` share: a folder with data, a configuration, real programs."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import plan

PATH = os.environ.get("PATH", "") + ":/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def program(name):
    return shutil.which(name, path=PATH)


class World:
    """One folder: data, state, cache, scratch, a repository on the disk."""

    def __init__(self, holdfast, base):
        self.holdfast = holdfast
        self.restic = program("restic")
        self.top = tempfile.mkdtemp(prefix="w-", dir=base)
        os.chmod(self.top, 0o755)
        for name in ("data", "scratch"):
            os.mkdir(self.path(name))
        self.config = self.path("backup.conf")
        self.general = ["save " + self.path("data"), "check-parts 3"]
        self.repositories = ["repository disk " + self.path("repo"),
                             "password-file " + self.path("keys/disk.pass"),
                             "escrow " + self.path("sealed"), "media disk"]
        self.program = self.restic
        self.phrase = self.write("phrase", "a phrase of the owner\n")

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text.encode() if isinstance(text, str) else text)
        os.chmod(path, mode)
        return path

    def configure(self):
        self.write("backup.conf", "\n".join(self.general + [
            "state " + self.path("state"), "cache " + self.path("cache"),
            "scratch " + self.path("scratch"), "restic " + self.program] +
            self.repositories) + "\n")

    def argv(self, *words):
        return [self.holdfast, "backup", "--config", self.config, *words]

    def run(self, *words, **kwargs):
        """(exit code, standard output, errors)"""
        done = subprocess.run(self.argv(*words), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300, **kwargs)
        return done.returncode, done.stdout, done.stderr

    def json(self, *words):
        """(exit code, record of the first repository, errors)"""
        code, out, err = self.run(*words, "--format", "json")
        try:
            return code, json.loads(out)[0], err
        except (ValueError, IndexError):
            return code, {}, err

    def make(self):
        self.configure()
        return self.run("init", "--same-disk", "--phrase-file", self.phrase)

    def state(self, name="disk"):
        with open(self.path("state/%s.json" % name), encoding="utf-8") as f:
            return json.load(f)

    def by_hand(self, *words, **kwargs):
        env = {"PATH": PATH, "HOME": self.top, "RESTIC_REPOSITORY": self.path("repo"),
               "RESTIC_PASSWORD_FILE": self.path("keys/disk.pass")}
        return subprocess.run([self.restic, *words], env=env, capture_output=True, timeout=300,
                              check=False, **kwargs)

    def packs(self):
        """Files of data, the biggest first."""
        found = []
        for folder, _, files in os.walk(self.path("repo/data")):
            found += [os.path.join(folder, f) for f in files]
        return sorted(found, key=os.path.getsize, reverse=True)

    def flip(self):
        """One bit of the biggest file of data; returns what puts it right."""
        path = self.packs()[0]
        at = os.path.getsize(path) // 3
        os.chmod(path, 0o600)

        def change():
            with open(path, "r+b") as f:
                f.seek(at)
                byte = f.read(1)
                f.seek(at)
                f.write(bytes([byte[0] ^ 4]))
        change()
        return change

    def scratch(self):
        return os.listdir(self.path("scratch"))


class Database:
    """A server of an account of its own, in a folder of its own; whoever derives it starts it."""

    def __init__(self, world, user, name, mode):
        self.user, self.dir, self.process = user, world.path(name), None
        os.mkdir(self.dir, mode)
        if os.geteuid() == 0:
            os.chown(self.dir, user.pw_uid, user.pw_gid)

    def become(self):
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(*[self.user.pw_gid] * 3)
            os.setresuid(*[self.user.pw_uid] * 3)

    def call(self, name, *words, **kwargs):
        return subprocess.run([program(name), *words], preexec_fn=self.become, capture_output=True,
                              text=True, cwd="/", check=False, timeout=300, **kwargs)

    def start(self, argv, answers):
        """Until it answers, or has ended."""
        self.process = subprocess.Popen(argv, preexec_fn=self.become, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(600):
            if answers() or self.process.poll() is not None:
                break
            time.sleep(0.1)

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def servers(world):
    """Those that run in the scratch folder."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                if world.path("scratch").encode() in f.read():
                    found.append(path)
        except OSError:
            pass
    return found


def database_test(exercise, start):
    """start(world): a Database, that exercise(world, database) tests."""
    base = tempfile.mkdtemp(prefix="holdfast-backup-test-")
    os.chmod(base, 0o755)
    database = None
    try:
        world = World(os.path.abspath(sys.argv[1]), base)
        world.write("data/x", b"x", 0o644)
        database = start(world)
        exercise(world, database)
    finally:
        if database:
            database.stop()
        shutil.rmtree(base, ignore_errors=True)
    return plan()


def ended(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()
