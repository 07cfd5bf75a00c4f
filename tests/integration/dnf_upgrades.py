#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The updates that we find missing against what dnf lists: packages made with rpmbuild, installed with
rpm, offered by repositories of createrepo_c, with priorities, exclusions, epochs, advisories and
modules. Nothing is fetched but from a temporary folder, outside of which nothing is written.

Usage: dnf_upgrades.py HOLDFAST
"""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import tap
from tap import ok, plan

HOLDFAST = os.path.abspath(sys.argv[1])
NAMES = ["alpha", "beta", "libgamma", "delta-tools", "epsilon"]
VERSIONS = [("0", "1.0~rc1", "1.el9"), ("0", "1.0", "1.el9"), ("0", "1.0", "1.el9_2.1"),
            ("0", "1.1", "1.el9"), ("0", "1.10", "1.el9"), ("1", "0.9", "2.el9")]  # the newest last
RANK = {(f"{e}:" if e != "0" else "") + f"{v}-{r}": i for i, (e, v, r) in enumerate(VERSIONS)}
WORLDS = 10
UPDATES = "SELECT name, arch, candidate, suite FROM package_updates WHERE state = 'missing'"


def run(argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, **more)
    if done.returncode not in (0, 100):
        raise RuntimeError(f"{argv[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def query(root, sql):
    return {tuple(line.split("|")) for line in
            run([HOLDFAST, "query", "--format", "list", "--root", root, sql]).splitlines()}


def build(top, env):
    """Every package in every version: {(name, version index): file}."""
    found = {}
    for number, (epoch, version, release) in enumerate(VERSIONS):
        spec = f"Name: srcof\nVersion: {version}\nRelease: {release}\nEpoch: {epoch}\n" \
               "Summary: test\nLicense: MIT\n%description\ntest\n"
        for name in NAMES:
            arch = "BuildArch: noarch\n" if name == "epsilon" and number % 2 else ""
            spec += f"%package -n {name}\nSummary: test\n{arch}%description -n {name}\n" \
                    f"a <text> & \"more\"\n%files -n {name}\n"
        path = f"{top}/{number}.spec"
        with open(path, "w", encoding="ascii") as f:
            f.write(spec)
        run(["rpmbuild", "--define", f"_topdir {top}/{number}", "--target", "x86_64", "-bb", path],
            env=env)
        for folder, _, files in os.walk(f"{top}/{number}/RPMS"):
            for file in files:
                name = next(n for n in NAMES if file.startswith(n + "-"))
                found[name, number] = os.path.join(folder, file)
    return found


def nevra(name, number, arch="x86_64"):
    epoch, version, release = VERSIONS[number]
    return f"{name}-{epoch}:{version}-{release}.{arch}"


class World:
    def __init__(self, rng, root, pool, env):
        self.rng, self.root, self.pool, self.env = rng, root, pool, env
        for folder in ("etc/dnf/modules.d", "etc/yum.repos.d", "var/lib/rpm", "repos"):
            os.makedirs(f"{root}/{folder}")
        self.write("etc/os-release", 'ID="rocky"\nVERSION_ID="9.4"\n')
        excludes = rng.choice(["", "", "exclude=beta,delta-*\n", "excludepkgs=alpha.x86_64\n"])
        self.write("etc/dnf/dnf.conf", "[main]\ngpgcheck=0\nplugins=0\n" + excludes)
        install = [pool[n, rng.randrange(len(VERSIONS))] for n in NAMES if rng.random() < 0.9]
        run(["rpm", "--root", root, "--dbpath", "/var/lib/rpm", "-i", "--justdb", "--nodeps",
             "--noscripts", "--ignorearch"] + install, env=env)
        for number in range(rng.randint(1, 3)):
            self.repository(f"repo-{number}")

    def write(self, path, text):
        with open(f"{self.root}/{path}", "w", encoding="utf-8") as f:
            f.write(text)

    def repository(self, name):
        rng, folder = self.rng, f"{self.root}/repos/{name}"
        os.makedirs(folder)
        offered = [(n, v) for n in NAMES for v in rng.sample(range(len(VERSIONS)), rng.randint(0, 3))]
        for key in offered:
            shutil.copy(self.pool[key], folder)
        run(["createrepo_c", "-q", f"--{rng.choice(['', 'no-'])}database", "--compress-type=gz",
             f"--general-compress-type={rng.choice(['gz', 'xz'])}", folder], env=self.env)
        if rng.random() < 0.6:
            self.advisories(folder, offered)
        if rng.random() < 0.5:
            self.modules(folder, offered)
        priority = rng.choice(["", "", "priority=10\n", "priority=120\n"])
        hotfixes = rng.choice(["", "", "module_hotfixes=1\n"])
        self.write(f"etc/yum.repos.d/{name}.repo",
                   f"[{name}]\nname=x\nbaseurl=file://{folder}\ngpgcheck=0\n{priority}{hotfixes}"
                   + rng.choice(["", "", "exclude=lib*\n", "includepkgs=alpha beta epsilon\n"]))
        if rng.random() < 0.15:
            self.write(f"etc/yum.repos.d/{name}-off.repo",
                       f"[{name}-off]\nname=x\nbaseurl=file://{folder}\nenabled=0\n")

    def add(self, folder, kind, text):
        path = f"{self.root}/{kind}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        run(["modifyrepo_c", f"--mdtype={kind.split('.')[0]}", path, f"{folder}/repodata"],
            env=self.env)
        os.unlink(path)

    def advisories(self, folder, offered):
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n'
        for number, (name, version) in enumerate(offered):
            kind = self.rng.choice(["security", "bugfix"])
            epoch, v, r = VERSIONS[version]
            arch = self.pool[name, version].split(".")[-2]
            text += (f'<update from="x" status="final" type="{kind}" version="1"><id>XSA-{number}</id>'
                     '<title>a &amp; b</title><issued date="2024-05-01 12:00:00"/><severity>Important'
                     f'</severity><references><reference href="https://x/" id="CVE-2024-{1000 + number}"'
                     f' type="cve" title="CVE-2024-{1000 + number}"/></references><pkglist><collection '
                     f'short="x"><name>x</name><package name="{name}" version="{v}" release="{r}" '
                     f'epoch="{epoch}" arch="{arch}"><filename>{name}.rpm</filename></package>'
                     '</collection></pkglist></update>\n')
        self.add(folder, "updateinfo.xml", text + "</updates>\n")

    def modules(self, folder, offered):
        text = ""
        for stream in ("1", "2"):
            some = [k for k in offered if k[0] in ("alpha", "delta-tools") and
                    k[1] % 2 == int(stream) - 1]
            rpms = "".join(f"    - {nevra(*k)}\n" for k in some)
            text += ("---\ndocument: modulemd\nversion: 2\ndata:\n  name: mod\n"
                     f"  stream: \"{stream}\"\n  version: 1\n  context: abcd\n  arch: x86_64\n"
                     "  summary: x\n  description: >-\n    x\n  license:\n    module: [MIT]\n"
                     f"  artifacts:\n    rpms:\n{rpms}" if rpms else "")
            text += "...\n" if rpms else ""
        if not text:
            return
        if self.rng.random() < 0.4:
            text += ("---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: mod\n"
                     "  stream: \"1\"\n...\n")
        if self.rng.random() < 0.4:
            state = self.rng.choice(["enabled", "disabled"])
            self.write("etc/dnf/modules.d/mod.module",
                       f"[mod]\nname=mod\nstream=2\nprofiles=\nstate={state}\n")
        self.add(folder, "modules.yaml", text)

    def dnf(self, *args):
        return run(["dnf", "--installroot", self.root, "--releasever=9", "--forcearch=x86_64",
                    "-q"] + list(args), env=self.env)

    def compare(self, name):
        self.dnf("makecache")
        theirs = self.parse(self.dnf("-C", "check-update"))
        ours = {(n, a, re.sub("^0:", "", c), s) for n, a, c, s in query(self.root, UPDATES)}
        # dnf lists both architectures of a package that changed it, and any of several repositories.
        short = {(n, c) for n, _, c, _ in ours}
        newest = {n: max((c for m, _, c, _ in theirs if m == n), key=RANK.get) for n, _, _, _ in theirs}
        want = set(newest.items())
        ok(short == want, f"{name}: {len(want)} updates",
           f"ours alone: {sorted(short - want)}\ndnf's alone: {sorted(want - short)}\n"
           f"{theirs}")
        theirs = {(n,) for n, _, _, _ in self.parse(self.dnf("-C", "check-update", "--security"))}
        ours = query(self.root, "SELECT name FROM package_updates WHERE security = 1 "
                                "AND state = 'missing'")
        ok(ours == theirs, f"{name}: {len(theirs)} with security fixes",
           f"ours alone: {sorted(ours - theirs)}\ndnf's alone: {sorted(theirs - ours)}")
        wrong = query(self.root, "SELECT path, reason FROM collector_problems WHERE name IN "
                                 "('package_updates', 'package_indexes')")
        ok(not wrong, f"{name}: all of it was read", wrong)

    @staticmethod
    def parse(text):
        found = set()
        for line in text.splitlines():
            m = re.match(r"(\S+)\.(x86_64|noarch)\s+(\S+)\s+(\S+)$", line)
            if m:
                found.add(m.groups())
        return found


def main():
    need = ["rpmbuild", "rpm", "createrepo_c", "modifyrepo_c", "dnf"]
    missing = [p for p in need if not shutil.which(p)]
    if missing or os.getuid() != 0:
        print("1..0 # SKIP", "no " + " ".join(missing) if missing else "needs root")
        return 0
    keep = os.environ.get("HOLDFAST_TEST_KEEP")
    with tempfile.TemporaryDirectory(prefix="holdfast-dnf-") as tmp:
        env = dict(os.environ, HOME=tmp, LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="1700000000")
        with open(f"{tmp}/.rpmmacros", "w", encoding="ascii") as f:
            f.write("%_dbpath /var/lib/rpm\n%_db_backend sqlite\n")
        try:
            os.makedirs(f"{tmp}/build")
            pool = build(f"{tmp}/build", env)
        except RuntimeError as e:
            print("1..0 # SKIP rpmbuild does not work here:", str(e).splitlines()[0])
            return 0
        rng = random.Random(20261122)
        for number in range(WORLDS):
            root = f"{tmp}/{number}"
            World(rng, root, pool, env).compare(f"made-up machine {number}")
            if keep and tap.bad and not os.path.exists(keep):
                shutil.copytree(root, keep, dirs_exist_ok=True)
                continue
            shutil.rmtree(root)
    return plan()


sys.exit(main())
