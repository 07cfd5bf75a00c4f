# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stories share: hosts in network namespaces, machines with a root of their own, and the
transcript, which is Markdown.

    internet 203.0.113.0/24      a namespace an address
    cloud    10.0.1.0/24         the owner's machines: own root, processes, mounts, network;
                                 from outside 198.51.100.0/24, as clouds translate it
    office   192.0.2.0/24        the owner's laptop

The networks are joined by a router, which is the namespace that the story itself runs in. All of it
goes when the story ends, however it ends.
"""
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import machine  # noqa: E402

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BASE = ["mount", "login", "passwd", "procps", "iproute2", "nftables"]  # of every machine
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--mount-proc",
           "--kill-child"]
NETWORKS = {"internet": "203.0.113", "cloud": "10.0.1", "office": "192.0.2"}
PUBLIC = "198.51.100"
ROUTER = """table ip router {
	chain way { type nat hook prerouting priority dstnat; dnat to ip daddr map { %s }; }
}
""" % ", ".join("%s.%d : 10.0.1.%d" % (PUBLIC, n, n) for n in range(10, 20))
SKIPPED = 77
INIT = """set -eu
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tracefs tracefs sys/kernel/tracing 2>/dev/null || true
[ -z "$2" ] || mount --bind "$2" sys/fs/cgroup 2>/dev/null || true
mount -t tmpfs -o mode=755,nosuid tmpfs dev
for name in null zero full random urandom tty; do
	: >"dev/$name"
	mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/pts dev/shm .old
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
hostname "$3"
pivot_root . .old
umount -l .old
rmdir .old
cd /
ip link set lo up
: >/run/ready
trap '' HUP
while :; do sleep 1000; done
"""


class Failed(Exception):
    """Holdfast did not do what the story needs."""


def until(condition, seconds=60.0):
    """The first true value of the condition, or its last one."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def call(*argv, **kwargs):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kwargs)


class Host:
    """A network namespace with an address; programs and files are those of this machine."""

    def __init__(self, stage, name, network, number):
        self.stage, self.name = stage, name
        self.address = "%s.%d" % (NETWORKS[network], number)
        self.public = "%s.%d" % (PUBLIC, number) if network == "cloud" else self.address
        self.network, self.user, self.home = network, "root", os.path.join(stage.top, name)
        os.makedirs(self.home, 0o700, exist_ok=True)
        self.start()

    def start(self):
        call("ip", "netns", "add", self.name)
        self.wire(self.name)

    def wire(self, namespace):
        port = "p-" + self.name[:12]
        call("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        call("ip", "link", "set", port, "master", self.network, "up")
        for words in ("link set lo up", "address add %s/24 dev eth0" % self.address,
                      "link set eth0 up", "route add default via %s.1" % NETWORKS[self.network]):
            subprocess.run(self.enter() + ["ip"] + words.split(), check=words != "link set lo up",
                           capture_output=True)

    def enter(self):
        return ["ip", "netns", "exec", self.name]

    def environment(self):
        return {"PATH": PATH, "HOME": self.home, "LC_ALL": "C.UTF-8", "COLUMNS": "100"}

    def spawn(self, command, **kwargs):
        """In the background, by the shell; what it prints is the caller's."""
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        kwargs.setdefault("stdout", subprocess.DEVNULL)
        kwargs.setdefault("stderr", subprocess.STDOUT)
        env = self.environment()
        env.update(kwargs.pop("more", {}))
        process = subprocess.Popen(self.enter() + ["bash", "-c", "cd; " + command], env=env,
                                   start_new_session=True, **kwargs)
        self.stage.running.append(process)
        return process

    def sh(self, command, seconds=400, more=None):
        """What it printed, and its exit code."""
        env = self.environment()
        env.update(more or {})
        run = subprocess.run(self.enter() + ["bash", "-o", "pipefail", "-c", "cd; " + command], env=env,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=seconds, cwd=self.cwd(), check=False)
        return run.stdout.decode("utf-8", "replace"), run.returncode

    def listens(self, port, protocol="tcp"):
        state = "0A" if protocol == "tcp" else "07"

        def there():
            found = self.sh("cat /proc/net/%s /proc/net/%s6" % (protocol, protocol))[0]
            return re.search(r":%04X [0-9A-F]+:0000 %s" % (port, state), found)
        return until(there, 100)

    def cwd(self):
        return self.home

    def prompt(self):
        return self.name + "$"


class Machine(Host):
    """A virtual machine of the owner: its own root, on top of the tree that all share."""

    def __init__(self, stage, name, number, network="cloud"):
        self.root = os.path.join(stage.top, "machines", name)
        self.pid = 0
        super().__init__(stage, name, network, number)

    def start(self):
        upper = os.path.join(self.stage.top, "upper", self.name)
        for path in (upper + "/new", upper + "/work", self.root):
            os.makedirs(path)
        call("mount", "-t", "overlay", "overlay", "-o", "lowerdir=%s,upperdir=%s/new,workdir=%s/work"
             % (self.stage.tree, upper, upper), self.root)
        group = self.stage.cgroup(self.name)
        self.init = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
             "sh", "-c", INIT, "init", self.root, group or "", self.name],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": PATH}, start_new_session=True)
        self.stage.running.append(self.init)
        if not until(lambda: os.path.exists(self.root + "/run/ready") or self.init.poll() is not None):
            raise RuntimeError("the machine %s does not start" % self.name)
        if self.init.poll() is not None:
            raise RuntimeError(self.init.stderr.read().decode())
        with open("/proc/%d/task/%d/children" % (self.init.pid, self.init.pid),
                  encoding="ascii") as f:
            self.pid = int(f.read().split()[0])
        self.wire(str(self.pid))

    def enter(self):
        become = ["runuser", "-u", self.user, "--"] if self.user != "root" else []
        return ["nsenter", "-t", str(self.pid), "--mount", "--net", "--pid", "--ipc", "--uts",
                "--root", "--wd"] + become

    def environment(self):
        return {"PATH": PATH, "HOME": "/root" if self.user == "root" else "/home/" + self.user,
                "LC_ALL": "C.UTF-8", "COLUMNS": "100", "USER": self.user, "TERM": "dumb"}

    def cwd(self):
        return "/"

    def prompt(self):
        return "%s@%s%s" % (self.user, self.name, "#" if self.user == "root" else "$")

    def file(self, path):
        return self.root + path

    def read(self, path):
        try:
            with open(self.file(path), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def write(self, path, text, mode=0o644, owner=(0, 0)):
        machine.write(self.root, path, text, mode, owner)

    def service(self, name, command):
        """A daemon, in a control group of its own as systemd would have it."""
        path = self.stage.cgroup(self.name + "/" + name)
        if path:
            command = "echo 0 >/sys/fs/cgroup/%s/cgroup.procs; exec %s" % (name, command)
        else:
            command = "exec " + command
        return self.spawn(command)


class Stage:
    def __init__(self, top, holdfast, tap):
        self.top, self.holdfast, self.tap = top, holdfast, tap
        self.running, self.groups, self.points = [], [], 0
        self.tree = os.path.join(top, "tree")
        self.open = False  # a block of commands

    # ---- the networks and what holds them -----------------------------------------------------

    def build(self, packages):
        call("mount", "--make-rprivate", "/")
        call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.top)
        call("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        os.mkdir(self.tree)
        machine.build(self.tree, self.holdfast, BASE + packages)
        call("ip", "link", "set", "lo", "up")
        for name, prefix in NETWORKS.items():
            call("ip", "link", "add", name, "type", "bridge")
            call("ip", "address", "add", prefix + ".1/24", "dev", name)
            call("ip", "link", "set", name, "up")
        with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as f:
            f.write("1")
        call("nft", "-f", "-", input=ROUTER)

    def cgroup(self, name):
        """Below one of this story; None where there is no cgroup2 to write to."""
        top = os.environ.get("DEMO_CGROUP")
        if not top:
            return None
        path = os.path.join(top, name)
        os.makedirs(path, exist_ok=True)
        return path

    def end(self):
        for process in reversed(self.running):
            if process.poll() is None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    # ---- the transcript -----------------------------------------------------------------------

    def print(self, text=""):
        for line in text.split("\n"):
            print(("# " + line).rstrip() if self.tap else line)
        sys.stdout.flush()

    def close(self):
        if self.open:
            self.print("```")
            self.print()
        self.open = False

    def title(self, text):
        self.close()
        self.print("## " + text)
        self.print()

    def chapter(self, text):
        self.close()
        self.print("### " + text)
        self.print()

    def tell(self, text):
        self.close()
        self.print(" ".join(text.split()))
        self.print()

    def shown(self, prompt, command, output):
        if not self.open:
            self.print("```console")
            self.open = True
        self.print("%s %s" % (prompt, command))
        text = output.rstrip("\n")
        if text:
            self.print(text)

    def run(self, host, command, expect=0, seconds=400, more=None, shown=None):
        """A command as somebody would type it; what it printed."""
        output, code = host.sh(command, seconds, more)
        self.shown(host.prompt(), shown or command, output)
        if expect is not None and code != expect:
            self.close()
            raise Failed("%s: exit code %d, not %d: %s" % (command, code, expect, output[-500:]))
        return output

    def need(self, good, what, *details):
        """What the story needs. It ends where that is not so."""
        self.points += 1
        if self.tap:
            print("%sok %d - %s" % ("" if good else "not ", self.points, what), flush=True)
        if not good:
            self.close()
            for detail in details:
                self.print(str(detail))
            raise Failed(what)

    def left_out(self, what, why):
        self.points += 1
        if self.tap:
            print("ok %d - %s # SKIP %s" % (self.points, what, why), flush=True)
        else:
            self.tell("(%s is left out: %s.)" % (what, why))


# ---- starting and ending ----------------------------------------------------------------------

def cgroup2():
    with open("/proc/self/mounts", encoding="utf-8") as f:
        for line in f:
            if line.split()[2] == "cgroup2":
                path = os.path.join(line.split()[1], "holdfast-demo-" + os.urandom(6).hex())
                try:
                    os.mkdir(path)
                    return path
                except OSError:
                    return None
    return None


def remove_groups(top):
    """Deepest first; what is in them has ended or is ending."""
    def gone():
        for path, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(path)
            except OSError:
                pass
        return not os.path.exists(top)
    return until(gone, 10)


def skip(why, tap):
    print("1..0 # SKIP " + why if tap else "This story cannot be told here: %s." % why)
    return 0 if tap else SKIPPED


def can(programs, packages):
    """None, or why not."""
    if os.geteuid() != 0:
        return "it needs root for namespaces of its own"
    os.environ["PATH"] = PATH
    for program in ["unshare", "nsenter", "ip", "nft", "mount", "dpkg", "ldconfig"] + programs:
        if not shutil.which(program):
            return "it needs " + program
    try:
        missing = machine.Packages().missing(BASE + packages)
    except (OSError, subprocess.CalledProcessError):
        return "it needs a Debian"
    if missing:
        return "it needs the package " + missing[0]
    probe = ("mount -t tmpfs t /mnt && mkdir /mnt/a /mnt/b /mnt/c /mnt/d && mount -t overlay o -o "
             "lowerdir=/mnt/a,upperdir=/mnt/b,workdir=/mnt/c /mnt/d && ip link add x type bridge "
             "&& nft list ruleset")
    if subprocess.run(UNSHARE + ["sh", "-c", probe], capture_output=True, check=False).returncode:
        return "this kernel gives no namespaces, no overlays or no nftables"
    return None


def inside(top, holdfast, tap, packages, tell):
    stage = Stage(top, holdfast, tap)
    code = 1
    try:
        stage.build(packages)
        tell(stage)
        stage.close()
        code = 0
    except Failed as e:
        stage.close()
        print("%s" % e, file=sys.stderr)
    finally:
        stage.end()
    if tap and code == 0:
        print("1..%d" % stage.points)
    return code


def story(script, programs, packages, tell):
    """usage: SCRIPT [--tap] [HOLDFAST]"""
    words = sys.argv[1:]
    if words[:1] == ["--inside"]:
        return inside(words[1], words[2], words[3] == "tap", packages, tell)
    tap = words[:1] == ["--tap"]
    words = words[1:] if tap else words
    holdfast = os.path.abspath(words[0] if words else shutil.which("holdfast") or "build/holdfast")
    if not os.access(holdfast, os.X_OK):
        print("usage: %s [--tap] [HOLDFAST]" % os.path.basename(script), file=sys.stderr)
        return 2
    why = can(programs, packages)
    if why:
        return skip(why, tap)
    # Sensors see, and cut, what anybody on this machine sends: one story or such a test at a time.
    lock = os.open(os.path.join(tempfile.gettempdir(), "holdfast-floods.lock"),
                   os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    top = tempfile.mkdtemp(prefix="holdfast-demo-")
    os.chmod(top, 0o755)
    group = cgroup2()
    env = dict(os.environ, DEMO_CGROUP=group or "", PYTHONDONTWRITEBYTECODE="1")
    child = subprocess.Popen(UNSHARE + [sys.executable, os.path.abspath(script), "--inside", top,
                                        holdfast, "tap" if tap else "plain"] + words[1:], env=env)
    def end(number, _):
        child.kill()
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    try:
        return child.wait(timeout=2400)
    finally:
        child.kill()
        child.wait()
        if group:
            remove_groups(group)
        shutil.rmtree(top, ignore_errors=True)
