#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The updates that we find missing against `apt-get -s dist-upgrade` of the installed APT: of this
machine, of a real Debian 12, and of made-up machines with pins, holds, suites, foreign
architectures and phased updates. Nothing is fetched, nothing outside a temporary folder is written.

Usage: apt_upgrades.py HOLDFAST CORPORA
"""
import bz2
import gzip
import lzma
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import ok, plan, skip

HOLDFAST = os.path.abspath(sys.argv[1])
FIXTURE = os.path.join(sys.argv[2], "debian-fixture")
APT = shutil.which("apt-get")
QUERY = ("SELECT name, arch, installed, candidate FROM package_updates WHERE state = 'missing'")
WORLDS = 60


def ours(root=None):
    run = subprocess.run([HOLDFAST, "query", "--format", "list", QUERY]
                         + (["--root", root] if root else []),
                         capture_output=True, text=True, timeout=120)
    if run.returncode:
        return run.stderr
    return {tuple(line.split("|")) for line in run.stdout.splitlines()}


def newer(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "gt", b]).returncode == 0


def parse(text, native):
    found = set()
    for line in text.splitlines():
        m = re.match(r"Inst (\S+) \[(\S+)\] \((\S+) ", line)
        if m:
            name, _, arch = m[1].partition(":")
            found.add((name, arch or native, m[2], m[3]))
    return found


def compare(got, text, native, name):
    want = parse(text, native)
    if isinstance(got, str):
        return ok(False, name, got)
    # APT says nothing of "all": it is one of the machine's own.
    got = {(n, native if a == "all" else a, i, c) for n, a, i, c in got}
    # Only priorities above 1000 go back; that is no update.
    want = {w for w in want if w in got or newer(w[3], w[2])}
    ok(got == want, f"{name}: {len(want)} updates",
       f"ours alone: {sorted(got - want)}\nAPT's alone: {sorted(want - got)}")


def test_live():
    if not os.path.exists("/var/lib/dpkg/status") or not os.listdir("/var/lib/apt/lists"):
        return skip("this machine", "it has no package indexes of APT")
    env = dict(os.environ, LC_ALL="C")
    run = subprocess.run([APT, "-s", "dist-upgrade"], capture_output=True, text=True, env=env)
    if run.returncode:
        return skip("this machine", "APT cannot plan an upgrade here")
    native = subprocess.run(["dpkg", "--print-architecture"], capture_output=True,
                            text=True).stdout.strip()
    compare(ours(), run.stdout, native, "this machine")


def unpack_fixture(root):
    lists = os.path.join(root, "var/lib/apt/lists")
    os.makedirs(lists)
    os.makedirs(os.path.join(root, "etc/apt"))
    os.makedirs(os.path.join(root, "var/lib/dpkg"))
    shutil.copy(os.path.join(FIXTURE, "status"), os.path.join(root, "var/lib/dpkg/status"))
    with open(os.path.join(root, "etc/apt/sources.list"), "w") as f:
        for suite in ("bookworm", "bookworm-updates", "bookworm-security"):
            archive = "debian-security" if suite.endswith("security") else "debian"
            f.write(f"deb http://deb.debian.org/{archive} {suite} main\n")
            name = f"{lists}/deb.debian.org_{archive}_dists_{suite}_"
            shutil.copy(f"{FIXTURE}/{suite}_InRelease", name + "InRelease")
            shutil.copy(f"{FIXTURE}/{suite}_Packages.zst", name + "main_binary-amd64_Packages.zst")
    return lists


def test_fixture():
    if not os.path.isdir(FIXTURE):
        return skip("a real Debian 12", "the corpus is not here")
    with open(f"{FIXTURE}/oracle-apt-s-dist-upgrade.txt") as f:
        oracle = f.read()
    with tempfile.TemporaryDirectory(prefix="holdfast-apt-") as root:
        lists = unpack_fixture(root)
        got = ours(root)
        compare(got, oracle, "amd64", "a real Debian 12")
        ok(len(got) == 106, "exactly 106 of them", len(got))
        # The other forms in which APT keeps its indexes.
        zstd = shutil.which("zstd")
        lz4 = shutil.which("lz4")
        if not zstd:
            return skip("packed otherwise", "no zstd to unpack the corpus with")
        for name in [n for n in os.listdir(lists) if n.endswith(".zst")]:
            path = os.path.join(lists, name)
            subprocess.run([zstd, "-q", "-d", "--rm", "-f", path], check=True)
        compare(ours(root), oracle, "amd64", "plain indexes")
        for suffix, pack in ((".gz", lambda b: gzip.compress(b, 1)),
                             (".xz", lambda b: lzma.compress(b, preset=0)),
                             (".bz2", lambda b: bz2.compress(b, 1)), (".lz4", None)):
            if not pack and not lz4:
                skip(suffix, "no lz4")
                continue
            name = next(n for n in os.listdir(lists) if "security_main" in n)
            path = os.path.join(lists, name)
            with open(path, "rb") as f:
                plain = f.read()
            if pack:
                with open(path + suffix, "wb") as f:
                    f.write(pack(plain))
            else:
                subprocess.run([lz4, "-q", path, path + suffix], check=True)
            os.unlink(path)
            compare(ours(root), oracle, "amd64", suffix)
            os.unlink(path + suffix)
            with open(path, "wb") as f:
                f.write(plain)
        return None


VERSIONS = ["1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2", "1.0-1~bpo12+1", "1.1-1", "1.1~rc1-1",
            "2:0.9-1", "1.2-3", "1.2-3+b1"]
NAMES = ["alpha", "beta", "libgamma1", "g++-delta", "epsilon", "zeta", "eta", "theta"]
SUITES = [  # suite, Origin, Label, Suite, Codename, further lines
    ("stable", "Debian", "Debian", "stable", "book", ""),
    ("book-security", "Debian", "Debian-Security", "stable-security", "book-security", ""),
    ("book-backports", "Debian Backports", "Debian Backports", "stable-backports",
     "book-backports", "NotAutomatic: yes\nButAutomaticUpgrades: yes\n"),
    ("experimental", "Debian", "Debian", "experimental", "rc-buggy", "NotAutomatic: yes\n"),
    ("jammy-updates", "Ubuntu", "Ubuntu", "jammy-updates", "jammy", ""),
]
HOSTS = ["http://deb.example.org/debian", "https://user:secret@mirror.example.net:8080/a~b/",
         "http://[2001:db8::1]/d"]


class World:
    def __init__(self, rng, root):
        self.rng, self.root, self.seed = rng, root, rng.random()
        self.installed = {}
        for d in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "var/lib/apt/lists/partial",
                  "var/cache/apt/archives/partial", "var/lib/dpkg", "var/log/apt", "tmp"):
            os.makedirs(os.path.join(root, d))
        self.archs = ["amd64"] + (["i386"] if rng.random() < 0.4 else [])
        self.write("var/lib/dpkg/arch", "\n".join(self.archs) + "\n")
        self.conf()
        self.status()
        self.sources()
        if rng.random() < 0.7:
            self.preferences()

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w") as f:
            f.write(text)

    def conf(self):
        rng = self.rng
        # In a chroot APT hands out phased updates to all.
        text = 'APT::Architecture "amd64";\n'
        text += 'APT::Machine-ID "%032x";\n' % rng.getrandbits(128)
        if rng.random() < 0.3:
            release = rng.choice(["a=stable", "n=book", "a=experimental", "n=book-backports",
                                  "v=12*"])
            text += f'APT::Default-Release "{release}";\n'
        self.write("etc/apt/apt.conf", text)

    def stanza(self, name, version, arch):
        """A version is the same everywhere: its source, its share of machines, its architecture."""
        fixed = random.Random(f"{self.seed} {name} {version}")
        own = fixed.choice([arch, "all"]) if arch == "amd64" else arch
        text = f"Package: {name}\nArchitecture: {own}\nVersion: {version}\n"
        text += "Maintainer: nobody <n@example.org>\nDescription: text\n"
        text += f"Filename: pool/{name}.deb\nSize: 1\nSHA256: {'0' * 64}\n"
        source = fixed.choice(["", f"src{name}", f"src{name} (7.0)"])
        text += f"Source: {source}\n" if source else ""
        # APT 2.6 looks at the share of the installed version, too, which says nothing of the next.
        if fixed.random() < 0.3 and self.installed.get(name) != version:
            text += f"Phased-Update-Percentage: {fixed.choice([0, 10, 30, 50, 70, 90])}\n"
        return text

    def status(self):
        rng, text = self.rng, ""
        for name in NAMES:
            # Two architectures of one package would have to have one version.
            for arch in [rng.choice(self.archs)]:
                if rng.random() < 0.1:
                    continue
                state = rng.choices(["install ok installed", "hold ok installed",
                                     "deinstall ok config-files", "install ok triggers-pending"],
                                    [8, 1, 1, 1])[0]
                version = self.installed[name] = rng.choice(VERSIONS)
                text += self.stanza(name, version, arch).replace(
                    "\n", f"\nStatus: {state}\n", 1) + "\n"
        self.write("var/lib/dpkg/status", text)

    def index(self, uri, suite, component, arch):
        rng, text = self.rng, ""
        for name in NAMES + ["other"]:
            for version in rng.sample(VERSIONS, rng.choice([0, 0, 1, 1, 2])):
                text += self.stanza(name, version, arch) + "\n"
        return text

    def list_name(self, uri):
        name = re.sub(r"^\w+://", "", uri)
        name = re.sub(r"^[^/]*@", "", name)
        name = re.sub(r"^\[(.*?)\]", r"\1", name)
        for c in "%~":
            name = name.replace(c, "%%%02x" % ord(c))
        return name.replace("/", "_")

    def sources(self):
        rng = self.rng
        for number, (suite, origin, label, archive, codename, more) in enumerate(
                rng.sample(SUITES, rng.randint(1, len(SUITES)))):
            uri = rng.choice(HOSTS)
            base = uri.rstrip("/") + f"/dists/{suite}/"
            components = rng.sample(["main", "contrib"], rng.randint(1, 2))
            only = rng.random() < 0.2
            release = (f"Origin: {origin}\nLabel: {label}\nSuite: {archive}\nVersion: 12.5\n"
                       f"Codename: {codename}\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n{more}"
                       "Architectures: amd64 i386\nComponents: main contrib\n")
            lists = "var/lib/apt/lists/"
            self.write(lists + self.list_name(base) + "Release", release)
            for component in components:
                for arch in self.archs:
                    if only and arch != "amd64":
                        continue
                    self.write(lists + self.list_name(
                        f"{base}{component}/binary-{arch}/Packages"),
                        self.index(uri, suite, component, arch))
            # A list that no source names must not count.
            self.write(lists + self.list_name(
                f"http://gone.example.org/dists/{suite}/main/binary-amd64/Packages"),
                self.index(uri, suite, "main", "amd64"))
            if rng.random() < 0.5:
                option = "[arch=amd64] " if only else ""
                self.write(f"etc/apt/sources.list.d/s{number}.list",
                           f"deb {option}{uri} {suite} {' '.join(components)}\n")
            else:
                option = "Architectures: amd64\n" if only else ""
                self.write(f"etc/apt/sources.list.d/s{number}.sources",
                           f"Types: deb\nURIs: {uri}\nSuites: {suite}\n"
                           f"Components: {' '.join(components)}\n{option}")

    def preferences(self):
        rng, text = self.rng, ""
        pins = ["release a=stable", "release n=book-security", "release o=Debian, l=Debian",
                "release l=Debian*", "release *", "release c=contrib", "release v=12*",
                "release v=12.5", "origin deb.example.org", 'origin "mirror.example.net"',
                "release a=now", "origin \"\"", "release stable-security", "release b=i386",
                "version 1.0-1*", "version 1.2-3", "version 2:*", "origin *.example.org",
                "release o=/^deb/"]
        names = ["*", "*", "alpha", "beta libgamma1", "lib*", "/^e/", "src:srceta", "zeta:amd64",
                 "g++-delta", "src:src*", "theta:i386", "g++*"]
        for _ in range(rng.randint(1, 5)):
            text += f"# a comment\nPackage: {rng.choice(names)}\nPin: {rng.choice(pins)}\n"
            text += "Explanation: because\n"
            text += f"Pin-Priority: {rng.choice([-1, 1, 50, 100, 400, 500, 600, 990, 1001])}\n\n"
        self.write(rng.choice(["etc/apt/preferences", "etc/apt/preferences.d/p.pref"]), text)

    def apt(self):
        conf = os.path.join(self.root, "tmp/conf")
        archs = "".join(f'"{a}";' for a in self.archs)
        with open(conf, "w") as f:
            f.write(f'Dir "{self.root}";\nDir::State::status "{self.root}/var/lib/dpkg/status";\n'
                    f'APT::Architectures {{ {archs} }};\nDebug::NoLocking "true";\n'
                    'APT::Get::AllowUnauthenticated "true";\n')
        env = dict(os.environ, LC_ALL="C", APT_CONFIG=conf)
        env.pop("SOURCE_DATE_EPOCH", None)
        return subprocess.run([APT, "-s", "dist-upgrade"], capture_output=True, text=True, env=env)


def test_worlds():
    rng = random.Random(20261122)
    chroot = subprocess.run(["ischroot"]).returncode == 0 if shutil.which("ischroot") else True
    compared = 0
    for number in range(WORLDS):
        with tempfile.TemporaryDirectory(prefix="holdfast-apt-") as root:
            world = World(rng, root)
            if chroot:
                with open(os.path.join(root, "etc/apt/apt.conf"), "a") as f:
                    f.write('APT::Get::Always-Include-Phased-Updates "true";\n')
            run = world.apt()
            if run.returncode:
                if os.environ.get("HOLDFAST_TEST_KEEP"):
                    print("#", number, run.stderr)
                # Two architectures of one package may be at odds, which has no solution.
                continue
            compared += 1
            compare(ours(root), run.stdout, "amd64", f"made-up machine {number}")
            keep = os.environ.get("HOLDFAST_TEST_KEEP")
            if keep and tap.bad:
                shutil.copytree(root, keep, dirs_exist_ok=True)
                print("#", run.stdout)
                break
    ok(compared > WORLDS / 2, f"{compared} machines were compared")


def main():
    if not APT or not shutil.which("dpkg"):
        print("1..0 # SKIP no apt-get")
        return 0
    test_live()
    test_fixture()
    test_worlds()
    return plan()


sys.exit(main())
