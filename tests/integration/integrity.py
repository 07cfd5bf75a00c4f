#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Integrity against what really changes files: useradd, dpkg, editors, links, mounts, 50,000
deletions. In a mount namespace and on a tmpfs of its own.

usage: integrity.py WATCH HOLDFAST SOURCE
"""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

WATCH, HOLDFAST, SOURCE = (os.path.abspath(p) for p in sys.argv[1:4])
SIGMA = os.path.join(SOURCE, "..", "shared", "corpora", "sigma", "rules", "linux", "file_event")


def write(path, text, mode="w"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode, encoding="utf-8") as f:
        f.write(text)


class Watch:
    """The sensor over a tree; did() is what it tells of what was done since."""

    def __init__(self, root, database, rules=(), unconfined=False):
        env = dict(os.environ, UNCONFINED="1") if unconfined else None
        self.run = subprocess.Popen([WATCH, root, database, *rules], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True, env=env)
        self.start = self.lines()

    def lines(self):
        found = []
        for line in self.run.stdout:
            one = json.loads(line)
            if "synced" in one or "error" in one:
                self.last = one
                return found
            found.append(one)
        raise EOFError("the sensor ended")

    def did(self):
        self.run.stdin.write("\n")
        self.run.stdin.flush()
        return self.lines()

    def close(self):
        self.run.stdin.close()
        return self.run.wait()


def tree(root):
    write(root + "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/sh\n")
    write(root + "/etc/group", "root:x:0:\nsudo:x:27:\nbob:x:1000:\n")
    write(root + "/etc/shadow", "root:*:19000:0:99999:7:::\nbob:!:19000:0:99999:7:::\n")
    write(root + "/etc/gshadow", "root:*::\nsudo:*::\nbob:!::\n")
    write(root + "/etc/login.defs", "UID_MIN 1000\nGID_MIN 1000\n")
    write(root + "/etc/sudoers", "root ALL=(ALL:ALL) ALL\n")
    for folder in ("root/.ssh", "home/bob/.ssh", "var/www/html", "etc/cron.d", "etc/sudoers.d",
                   "usr/bin", "usr/local/lib", "tmp", "opt", "var/lib/dpkg/info",
                   "var/lib/dpkg/updates", "etc/systemd/system", "etc/profile.d"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    shutil.copy("/bin/true", root + "/usr/bin/tool")
    os.symlink("usr/bin", root + "/bin")
    write(root + "/var/lib/dpkg/status", "")
    write(root + "/var/lib/dpkg/available", "")


def one(found, **want):
    return [c for c in found if all(c.get(k) == v for k, v in want.items())]


def titles(found):
    return {t for c in found for t in c["rules"]}


def test_accounts(w, root):
    if shutil.which("useradd"):
        subprocess.run(["useradd", "--prefix", root, "-o", "-u", "0", "-s", "/bin/bash", "mallory"],
                       capture_output=True, check=False)
        found = w.did()
        hits = one(found, action="account-added")
        ok(hits and hits[0]["text"].startswith('account "mallory" (uid 0'), "a real useradd", found)
        ok("Account with user id 0 in passwd" in titles(found), "  is an alert", found)
        subprocess.run(["usermod", "--prefix", root, "-aG", "sudo", "bob"], capture_output=True,
                       check=False)
        ok(one(w.did(), action="member-added"), "a real usermod -aG sudo")
    else:
        skip("a real useradd", "useradd is not installed")
    write(root + "/root/.ssh/authorized_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnGC9QKx5nSPGKp"
          "O3ayzhPDkMVMkmHRfXJ9H4kl0pEP evil@host\n")
    found = w.did()
    key = one(found, action="key-added")
    ok(key and "//X7OMvcolJQoQv3ZfM1M/EqiIOuteNbrPVNEwAObbg" in key[0]["text"], "a new key", found)
    ok(key and key[0]["pid"] == os.getpid() and key[0]["user"] == "root" and
       "integrity.py" in key[0]["command"] and "python" in key[0]["image"],
       "  with the process that wrote it", key)
    ok("New key opens an account" in titles(found), "  is an alert", found)


def test_files(w, root):
    write(root + "/etc/ld.so.preload", "/tmp/evil.so\n")
    ok("Library put into every program" in titles(w.did()), "ld.so.preload")
    write(root + "/etc/sudoers.d/x", "bob ALL=(ALL) NOPASSWD: ALL\n")
    found = w.did()
    ok("Who may become root was changed" in titles(found), "sudoers.d", found)
    ok(one(found, action="line-added"), "  with its line")
    if os.path.isdir(SIGMA):
        ok("Persistence Via Sudoers.d Files" in titles(found), "  SigmaHQ's rule for it", found)
    else:
        skip("  SigmaHQ's rule for it", "no corpus")
    os.makedirs(root + "/opt/deep/er")
    shutil.copy("/bin/true", root + "/opt/deep/er/sh")
    ok(not w.did(), "a program outside of what is watched is nothing")
    os.chmod(root + "/opt/deep/er/sh", 0o4755)
    found = w.did()
    ok(one(found, path="/opt/deep/er/sh", **{"class": "suid"}), "until it is SUID", found)
    ok("File runs as its owner from now on" in titles(found), "  which is an alert", found)
    os.chmod(root + "/usr/bin/tool", 0o2755)
    ok("File runs as its owner from now on" in titles(w.did()), "SGID of a known program")
    os.link(root + "/opt/deep/er/sh", root + "/opt/deep/link")
    found = w.did()
    ok(one(found, path="/opt/deep/link", **{"class": "suid"}), "a hard link to a SUID file", found)
    os.chown(root + "/etc/sudoers", 1000, 1000)
    ok(one(w.did(), what="rights", path="/etc/sudoers"), "another owner")


def test_names(w, root):
    os.makedirs(root + "/opt/staging/cron.d")
    write(root + "/opt/staging/cron.d/job", "* * * * * root /tmp/x\n")
    w.did()
    os.rename(root + "/opt/staging/cron.d", root + "/etc/cron.d/sub")
    found = w.did()
    ok(one(found, path="/etc/cron.d/sub/job"), "a folder that moves in brings its files", found)
    os.rename(root + "/etc/cron.d/sub", root + "/opt/gone")
    found = w.did()
    ok(one(found, path="/etc/cron.d/sub/job", what="deleted"), "and takes them away", found)
    write(root + "/opt/gone/job", "again\n", "a")
    ok(not one(w.did(), path="/etc/cron.d/sub/job"), "nothing is told under the old name")
    write(root + "/etc/profile.d/a.sh", "one\n")
    w.did()
    os.rename(root + "/etc/profile.d/a.sh", root + "/etc/profile.d/b.sh")
    found = w.did()
    ok(one(found, path="/etc/profile.d/b.sh", what="moved", old="/etc/profile.d/a.sh"),
       "a rename names both", found)
    os.symlink("/opt/gone/job", root + "/etc/profile.d/c.sh")
    os.rename(root + "/etc/profile.d/c.sh", root + "/etc/profile.d/b.sh")
    ok(one(w.did(), path="/etc/profile.d/b.sh", what="changed"), "a link in the place of a file")
    shutil.rmtree(root + "/home/bob/.ssh")
    os.makedirs(root + "/opt/keys")
    os.symlink("/opt/keys", root + "/home/bob/.ssh")
    found = w.did()
    ok(one(found, path="/home/bob/.ssh"), "a link in the place of ~/.ssh", found)
    fd = os.open(root + "/etc/sudoers", os.O_RDWR)
    os.ftruncate(fd, 4096)
    import mmap
    with mmap.mmap(fd, 4096) as m:
        m[0:5] = b"mmap!"
    os.close(fd)
    ok(one(w.did(), path="/etc/sudoers", what="changed"), "a write through mmap, when it is closed")
    os.makedirs(root + "/opt/bound", exist_ok=True)
    if subprocess.run(["mount", "--bind", root + "/etc", root + "/opt/bound"], check=False).returncode:
        skip("a write through a bind mount", "mount(8) failed")
        return
    write(root + "/opt/bound/sudoers.d/bound", "x\n")
    ok(one(w.did(), path="/etc/sudoers.d/bound"), "a write through a bind mount has the real name")
    subprocess.run(["umount", root + "/opt/bound"], check=False)


def test_web(w, root):
    shell = root + "/var/www/html/up.php"
    run = "import os; os.setgid(33); os.setuid(33); open(%r, 'w').write('<?php'); input()" % shell
    os.chmod(root + "/var/www/html", 0o777)
    write(root + "/etc/passwd", "www-data:x:33:33::/var/www:/usr/sbin/nologin\n", "a")
    w.did()
    p = subprocess.Popen([sys.executable, "-c", run], stdin=subprocess.PIPE)
    while not os.path.exists(shell) or not os.path.getsize(shell):
        if p.poll() is not None:
            break
    found = w.did()
    p.communicate(b"\n")
    ok("Web server wrote a script into a web root" in titles(found), "a web shell", found)
    write(root + "/var/www/html/mine.php", "<?php")
    ok("Web server wrote a script into a web root" not in titles(w.did()), "but not the owner's own")


def package(folder, version, files, conffiles=()):
    top = os.path.join(folder, "build-" + version)
    for name, text in files.items():
        write(top + name, text)
        os.chmod(top + name, 0o755)
    write(top + "/DEBIAN/control", f"Package: gadget\nVersion: {version}\nArchitecture: all\n"
          "Maintainer: Nobody <nobody@example.org>\nDescription: test\n")
    if conffiles:
        write(top + "/DEBIAN/conffiles", "".join(c + "\n" for c in conffiles))
    import hashlib
    write(top + "/DEBIAN/md5sums", "".join(
        f"{hashlib.md5(t.encode()).hexdigest()}  {n[1:]}\n" for n, t in files.items()
        if n not in conffiles))
    deb = os.path.join(folder, version + ".deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", top, deb], check=True,
                   capture_output=True)
    return deb


def dpkg(root, *arguments):
    return subprocess.run(["dpkg", "--root=" + root, "--force-not-root", "--log=/dev/null",
                           *arguments], capture_output=True, text=True, check=False)


def test_packages(w, root, folder):
    if not shutil.which("dpkg-deb"):
        skip("packages", "dpkg is not installed")
        return
    one_, two = (package(folder, v, {"/usr/bin/gadget": "#!/bin/sh\n#" + v + "\n",
                                     "/etc/cron.d/gadget": "# " + v + "\n0 1 * * * root x\n"},
                         ["/etc/cron.d/gadget"]) for v in ("1", "2"))
    r = dpkg(root, "-i", one_)
    found = w.did()
    new = one(found, path="/usr/bin/gadget")
    ok(r.returncode == 0 and new, "a real dpkg -i", r.stderr + str(found))
    ok(all(c["origin"] == "package" and c["package"] == "gadget" and c["severity"] == 0
           for c in new), "  what it brought is marked", new)
    ok(all(c["manager"] for c in new), "  and dpkg is named", new)
    ok(titles(found) <= {"New Cron File Created"}, "  no alert of ours", titles(found))
    dpkg(root, "-i", two)
    found = w.did()
    ok(one(found, path="/usr/bin/gadget", origin="package") and not titles(found), "an upgrade", found)
    write(root + "/usr/bin/gadget", "#!/bin/sh\nevil\n")
    found = w.did()
    ok(one(found, path="/usr/bin/gadget", origin="differs", package="gadget"), "other bytes", found)
    ok("Program is not what its package brought" in titles(found), "  are an alert", found)
    write(root + "/etc/cron.d/gadget", "0 2 * * * root y\n")
    ok(one(w.did(), path="/etc/cron.d/gadget", origin="conffile"), "a conffile of the owner")
    # A maintainer script is dpkg's child: what it leaves behind is not the package's bytes.
    top = folder + "/build-3"
    three = package(folder, "3", {"/usr/bin/gadget": "#!/bin/sh\n#3\n"})
    write(top + "/DEBIAN/postinst", '#!/bin/sh\necho evil >>"$DPKG_ROOT/usr/bin/gadget"\n')
    os.chmod(top + "/DEBIAN/postinst", 0o755)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", top, three], check=True,
                   capture_output=True)
    r = dpkg(root, "--force-script-chrootless", "-i", three)
    found = w.did()
    ok(one(found, path="/usr/bin/gadget", origin="differs"), "a change by dpkg hides nothing",
       r.stderr + str(found))


def test_many(w, root):
    folder = root + "/var/www/many"
    os.makedirs(folder)
    for i in range(50000):
        os.close(os.open(f"{folder}/f{i}", os.O_CREAT | os.O_WRONLY, 0o644))
    found = w.did()
    ok(len({c["path"] for c in found if c["what"] in ("created", "written")}) >= 50000,
       "50,000 new files", len(found))
    subprocess.run(["rm", "-r", folder], check=True)
    found = one(w.did(), what="deleted")
    ok(len({c["path"] for c in found}) == 50001, "50,000 deletions, none lost", len(found))
    ok(w.last["overflows"] == 0, "the queue did not overflow", w.last)


def test_restart(w, root, database, rules):
    ok(w.last["journal_errors"] == 0, "the journal was written", w.last)
    ok(w.close() == 0, "the sensor ends")
    w = Watch(root, database, rules)
    ok(not w.start, "nothing is told twice after a restart", w.start)
    w.close()
    write(root + "/etc/cron.d/while-down", "0 3 * * * root z\n")
    w = Watch(root, database, rules)
    ok(one(w.start, path="/etc/cron.d/while-down", offline=True), "what changed while it was down",
       w.start)
    w.run.kill()
    w.run.wait()
    w = Watch(root, database, rules)
    ok(not w.start, "kill -9 loses nothing and tells nothing twice", w.start)
    w.close()
    r = subprocess.run([HOLDFAST, "integrity", "check", "--root", root, "--database", database,
                        "--format", "json"], capture_output=True, text=True, check=False)
    paths = {c["path"] for c in json.loads(r.stdout)["changes"]} if r.stdout else {}
    ok(r.returncode == 1 and "/etc/cron.d/while-down" in paths and "/etc/ld.so.preload" in paths,
       "the owner's check tells all that was never accepted", r.stderr + str(paths))


def test_inotify(root, folder, rules):
    """Without CAP_SYS_ADMIN fanotify is refused."""
    if not shutil.which("capsh"):
        skip("without fanotify", "capsh is not installed")
        return
    script = folder + "/limited"
    write(script, f'#!/bin/sh\nexec capsh --drop=cap_sys_admin -- -c \'exec "$@"\' x "{WATCH}" "$@"\n')
    os.chmod(script, 0o755)
    w = Watch.__new__(Watch)
    w.run = subprocess.Popen([script, root, folder + "/inotify.db", *rules], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    w.start = w.lines()
    ok(w.last.get("how") == "inotify", "without CAP_SYS_ADMIN: inotify", w.last)
    write(root + "/etc/cron.d/in", "0 4 * * * root i\n")
    ok("Job of cron or at was changed" in titles(w.did()), "  a new job is an alert")
    os.makedirs(root + "/etc/systemd/system/a.service.d")
    write(root + "/etc/systemd/system/a.service.d/x.conf", "[Service]\nExecStartPre=/tmp/x\n")
    found = w.did()
    ok(one(found, path="/etc/systemd/system/a.service.d/x.conf"), "  a file in a new folder", found)
    os.unlink(root + "/etc/cron.d/in")
    ok(one(w.did(), path="/etc/cron.d/in", what="deleted"), "  a deletion")
    w.close()


def main():
    if os.geteuid() != 0:
        skip("integrity", "needs root")
        return
    # CLONE_NEWNS; MS_REC | MS_PRIVATE: nothing of this is seen outside, and all ends with it.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x20000) != 0 or libc.mount(b"none", b"/", None, 0x44000, None) != 0:
        skip("integrity", "no mount namespace: " + os.strerror(ctypes.get_errno()))
        return
    folder = tempfile.mkdtemp(prefix="holdfast-integrity-")
    os.chmod(folder, 0o711)
    try:
        root, state = folder + "/root", folder + "/state"
        os.mkdir(root)
        os.mkdir(state, 0o700)
        if subprocess.run(["mount", "-t", "tmpfs", "holdfast", root], check=False).returncode:
            skip("integrity", "no tmpfs can be mounted")
            return
        tree(root)
        rules = [SOURCE + "/rules/live"] + ([SIGMA] if os.path.isdir(SIGMA) else [])
        w = Watch(root, state + "/db", rules)
        if w.last.get("how") != "fanotify":
            skip("integrity", "no fanotify here: " + str(w.last))
            return
        ok(not w.start, "the first look tells nothing", w.start)
        test_accounts(w, root)
        test_files(w, root)
        test_names(w, root)
        test_web(w, root)
        test_packages(w, root, folder)
        test_many(w, root)
        test_restart(w, root, state + "/db", rules)
        test_inotify(root, state, rules)
    finally:
        subprocess.run(["umount", "-l", folder + "/root"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


main()
sys.exit(plan())
