# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Debian for the stories, made of packages that are installed on this machine: their files,
dpkg's database of them, and accounts, settings and logs of its own. Nothing is fetched."""
import glob
import os
import re
import shutil
import stat
import subprocess

DPKG = "/var/lib/dpkg"
LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/",
            "/usr/share/lintian/", "/usr/share/bug/", "/usr/lib/modules/")


def paragraphs():
    """Name (with :ARCH, where dpkg writes it so) -> fields and text, of what is installed."""
    out = {}
    with open(DPKG + "/status", encoding="utf-8", errors="replace") as f:
        for text in f.read().split("\n\n"):
            fields = dict(re.findall(r"^([\w-]+): (.*)$", text, re.M))
            # What is unpacked has its files here; scripts of packages are not run there anyway.
            if re.search(r" ok (installed|unpacked|triggers-\w+)$", fields.get("Status", "")):
                native = fields.get("Architecture") in (native_architecture(), "all")
                if native:
                    out[fields["Package"]] = (fields, text)
    return out


def native_architecture(known=[]):
    if not known:
        known.append(subprocess.run(["dpkg", "--print-architecture"], capture_output=True,
                                    text=True, check=True).stdout.strip())
    return known[0]


def names(text):
    """Each group of alternatives of a relation, versions and architectures left out."""
    for group in re.sub(r"\([^)]*\)", "", text).split(","):
        found = [re.sub(r":.*", "", part.strip()) for part in group.split("|")]
        if found != [""]:
            yield found


class Packages:
    def __init__(self):
        self.all = paragraphs()
        self.provided = {}
        for name, (fields, _) in self.all.items():
            for group in names(fields.get("Provides", "")):
                self.provided.setdefault(group[0], name)

    def with_dependencies(self, wanted):
        """None and the name of a package that is not installed, or the closure."""
        wanted = list(wanted) + [n for n, (f, _) in self.all.items() if f.get("Essential") == "yes"]
        found = {}
        while wanted:
            name = wanted.pop()
            name = name if name in self.all else self.provided.get(name)
            if not name or name in found:
                continue
            fields = self.all[name][0]
            found[name] = fields
            for kind in ("Pre-Depends", "Depends"):
                for group in names(fields.get(kind, "")):
                    wanted += [n for n in group if n in self.all or n in self.provided][:1]
        return found

    def missing(self, wanted):
        return [n for n in wanted if n not in self.all and n not in self.provided]


def info(name):
    """What dpkg keeps of a package: lists, sums, scripts."""
    out = []
    for prefix in (name, "%s:%s" % (name, native_architecture())):
        out += glob.glob("%s/info/%s.*" % (DPKG, glob.escape(prefix)))
    return [p for p in out if os.path.basename(p).rsplit(".", 1)[0] in (
        name, "%s:%s" % (name, native_architecture()))]


def copy_one(path, root):
    """A file, link or folder at the same place below the root."""
    to = root + path
    if os.path.lexists(to):
        return
    st = os.lstat(path)
    if stat.S_ISLNK(st.st_mode):
        os.symlink(os.readlink(path), to)
    elif stat.S_ISDIR(st.st_mode):
        os.mkdir(to)
        os.chmod(to, stat.S_IMODE(st.st_mode))
    elif stat.S_ISREG(st.st_mode):
        shutil.copyfile(path, to)
        os.chown(to, st.st_uid, st.st_gid)
        os.chmod(to, stat.S_IMODE(st.st_mode))
        os.utime(to, ns=(st.st_atime_ns, st.st_mtime_ns))


def real_folder(path):
    """Of "/lib/x" where /lib is a link to usr/lib: "/usr/lib/x"."""
    head, tail = os.path.split(path)
    return os.path.join(os.path.realpath(head), tail)


def copy_package(name, root):
    kept = info(name)
    with open(next(p for p in kept if p.endswith(".list")), encoding="utf-8") as f:
        paths = [line.rstrip("\n") for line in f]
    for path in paths:
        if path in ("/.", "") or path.startswith(LEFT_OUT) or not os.path.lexists(path):
            continue
        if os.path.islink(path) and os.path.isdir(path):
            if path.count("/") == 1:
                copy_one(path, root)
            continue
        path = real_folder(path)
        parent = os.path.dirname(path)
        if parent != "/" and not os.path.isdir(root + parent):
            os.makedirs(root + parent, exist_ok=True)
        copy_one(path, root)
    for path in kept:
        shutil.copy(path, root + DPKG + "/info/")


def write(root, name, text, mode=0o644, owner=(0, 0)):
    path = root + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    os.chown(path, *owner)


def libraries(program):
    """Packages of what the program is linked with."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    paths = {os.path.realpath(p) for p in re.findall(r"(/\S+\.so\S*)", out)}
    found = set()
    if paths:
        run = subprocess.run(["dpkg", "-S"] + sorted(paths), capture_output=True, text=True,
                             check=False)
        # Where /lib is a link the database may have either name.
        more = [p[4:] for p in paths if p.startswith("/usr/lib")]
        run2 = subprocess.run(["dpkg", "-S"] + sorted(more), capture_output=True, text=True,
                              check=False)
        for line in (run.stdout + run2.stdout).splitlines():
            if not line.startswith("diversion"):
                found.add(re.split(r"[:,]", line)[0])
    return found


PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
"""
SHADOW = "root:*:20700:0:99999:7:::\n" + "".join(
    "%s:*:20700:0:99999:7:::\n" % n for n in ("daemon", "www-data", "_apt", "nobody", "sshd"))
GROUP = """root:x:0:
daemon:x:1:
adm:x:4:
tty:x:5:
www-data:x:33:
shadow:x:42:
utmp:x:43:
users:x:100:
nogroup:x:65534:
"""


def settings(root):
    """What the packages' own scripts would have made."""
    write(root, "/etc/passwd", PASSWD)
    write(root, "/etc/group", GROUP)
    write(root, "/etc/shadow", SHADOW, 0o640, (0, 42))
    write(root, "/etc/gshadow", "".join(l.split(":")[0] + ":*::\n" for l in GROUP.splitlines()), 0o640,
          (0, 42))
    write(root, "/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
    write(root, "/etc/hosts", "127.0.0.1 localhost\n")
    write(root, "/etc/shells", "/bin/sh\n/bin/bash\n")
    write(root, "/etc/fstab", "")
    write(root, "/etc/machine-id", "5eed5eed5eed5eed5eed5eed5eed5eed\n", 0o444)
    for name in ("common-account", "common-auth", "common-password", "common-session",
                 "common-session-noninteractive"):
        copy_one("/etc/pam.d/" + name, root)
    for name, mode in (("/run/sshd", 0o755), ("/var/log", 0o755), ("/var/lib/apt/lists", 0o755),
                       ("/tmp", 0o1777), ("/var/tmp", 0o1777), ("/root", 0o700), ("/home", 0o755),
                       ("/proc", 0o555), ("/sys", 0o555), ("/dev", 0o755), ("/etc/ssh", 0o755),
                       ("/run/lock", 0o755), ("/var/spool/rsyslog", 0o700), ("/var/cache", 0o755)):
        os.makedirs(root + name, exist_ok=True)
        os.chmod(root + name, mode)
    for name, to in (("/var/run", "/run"), ("/var/lock", "/run/lock"),
                     ("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC")):
        if not os.path.lexists(root + name):
            os.symlink(to, root + name)
    for name in ("/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/run/utmp"):
        write(root, name, "", 0o664 if "b" not in name else 0o660, (0, 43))
    sshd = "/usr/share/openssh/sshd_config"
    if os.path.exists(root + sshd):
        shutil.copy(root + sshd, root + "/etc/ssh/sshd_config")
    subprocess.run(["ldconfig", "-r", root], check=False, capture_output=True)


def build(root, holdfast, wanted):
    """Makes the tree; the folder must be there. Returns the number of its packages."""
    if not os.path.isabs(root) or len(os.path.normpath(root)) < 2:
        raise ValueError("not a folder of its own: " + root)
    packages = Packages()
    chosen = packages.with_dependencies(list(wanted) + sorted(libraries(holdfast)))
    os.makedirs(root + DPKG + "/info")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink("/" + name):
            os.makedirs(root + "/usr/" + name, exist_ok=True)
            os.symlink("usr/" + name, root + "/" + name)
    for name in sorted(chosen):
        copy_package(name, root)
    with open(root + DPKG + "/status", "w", encoding="utf-8") as f:
        for name in sorted(chosen):
            f.write(re.sub("(?m)^Status:.*", "Status: install ok installed",
                           packages.all[name][1]) + "\n\n")
    settings(root)
    os.makedirs(root + "/usr/local/bin", exist_ok=True)
    shutil.copy(holdfast, root + "/usr/local/bin/holdfast")
    os.chmod(root + "/usr/local/bin/holdfast", 0o755)
    return len(chosen)
