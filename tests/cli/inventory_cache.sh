# SPDX-License-Identifier: GPL-3.0-or-later
# What the inventory of a running machine keeps for the next look at it: in a mount namespace of its
# own, of which everything but the system itself is hidden.
. ./lib.sh

[ "$(id -u)" = 0 ] || skip "needs root"
command -v unshare >/dev/null && command -v python3 >/dev/null || skip "no unshare or python3"
unshare -m true 2>/dev/null || skip "no mount namespaces here"
mountpoint -q /proc 2>/dev/null || skip "no /proc"

mkdir -p "$TMP/stage"
cp "$HOLDFAST" "$TMP/stage/holdfast"
cat >"$TMP/inside.py" <<'E'
"""Runs in the namespace: /srv is a file system of its own, with the program and a tree to look at."""
import json
import os
import shutil
import subprocess
import sys
import time

KEEP = {"usr", "bin", "sbin", "etc", "var", "proc", "sys", "dev", "run", "srv",
        sys.base_prefix.split("/")[1]}
stage, results = sys.argv[1:3]
count = 0
out = open(results, "w", encoding="utf-8")


def mount(*args):
    subprocess.run(["mount", *args], check=True)


mount("--make-rprivate", "/")
mount("-t", "tmpfs", "-o", "size=400m", "none", "/srv")
shutil.copy(stage + "/holdfast", "/srv/holdfast")
for name in os.listdir("/"):
    if os.path.isdir("/" + name) and not os.path.islink("/" + name) and name not in KEEP \
            and not name.startswith("lib"):
        mount("-t", "tmpfs", "none", "/" + name)
# Of the system what makes looking at it long; what is needed of it is taken along.
os.makedirs("/srv/bin")
for name in ("mount", "umount", "strace"):
    if shutil.which(name):
        shutil.copy(shutil.which(name), "/srv/bin/" + name)
os.environ["PATH"] = "/srv/bin"
for name in ["/usr/share", "/usr/src", "/usr/include", "/usr/bin", "/usr/sbin", "/usr/local", "/usr/libexec"] + [
        "/usr/lib/" + n for n in os.listdir("/usr/lib")
        if not n.endswith("-linux-gnu") and not n.startswith("python3")] + [
        "/var/" + n for n in os.listdir("/var")]:
    if os.path.isdir(name) and not os.path.islink(name):
        mount("-t", "tmpfs", "none", name)
CACHE = "/srv/cache"
ENV = dict(os.environ, HOLDFAST_CACHE=CACHE, HOLDFAST_FEEDS="/srv/none", LC_ALL="C.UTF-8", HOME="/srv")
SQL = "SELECT ecosystem, name, version, path FROM components WHERE path LIKE '/srv/tree/%' ORDER BY path, name"


def result(good, name, detail=""):
    global count
    count += 1
    print("ok" if good else "not ok", name, file=out, flush=True)
    for line in str(detail).splitlines()[:10] if not good else []:
        print("#", line, file=out, flush=True)


def look(cache=CACHE, sql=SQL):
    run = subprocess.run(["/srv/holdfast", "query", "-f", "json", sql], capture_output=True, text=True,
                         env=dict(ENV, HOLDFAST_CACHE=cache), check=False)
    return json.loads(run.stdout) if run.returncode == 0 else run.stderr


def same(name):
    """With the cache and without it."""
    kept, read = look(), look("off")
    result(kept == read and isinstance(kept, list), name, "%r\n%r" % (kept, read))
    return kept


def names(found):
    return [(x["name"], x["version"]) for x in found]


def npm(name, version):
    os.makedirs("/srv/tree/app/node_modules/" + name, exist_ok=True)
    with open("/srv/tree/app/node_modules/%s/package.json" % name, "w", encoding="ascii") as f:
        json.dump({"name": name, "version": version}, f)


def settle():
    time.sleep(3)


def opened(path):
    """Does a run open that file?"""
    run = subprocess.run(["strace", "-f", "-qq", "-e", "trace=openat,openat2", "-o", "/srv/trace",
                          "/srv/holdfast", "query", SQL], env=ENV, stdout=subprocess.DEVNULL, check=False)
    with open("/srv/trace", encoding="utf-8", errors="replace") as f:
        return run.returncode == 0 and path in f.read()


def cache_bytes():
    with open(CACHE + "/inventory", "rb") as f:
        return f.read()


npm("one", "1.0.0")
npm("two", "2.0.0")
os.makedirs("/srv/tree/go/bin")
settle()
result(names(same("the first look")) == [("one", "1.0.0"), ("two", "2.0.0")], "has both")
st = os.stat(CACHE + "/inventory")
result(st.st_mode & 0o7777 == 0o600 and st.st_uid == 0, "what is kept is root's alone", oct(st.st_mode))
result(names(same("the second look")) == [("one", "1.0.0"), ("two", "2.0.0")], "has them, too")
if shutil.which("strace"):
    result(not opened("node_modules/one"), "what has not changed is not read again")

npm("one", "1.0.1")
result(("one", "1.0.1") in names(same("a file that was written over")), "has its new version")
npm("three", "3.0.0")
result(("three", "3.0.0") in names(same("a new folder")), "is found")
shutil.rmtree("/srv/tree/app/node_modules/two")
result(("two", "2.0.0") not in names(same("a folder that was removed")), "is gone")
os.rename("/srv/tree/app", "/srv/tree/moved")
result(all("/moved/" in x["path"] for x in same("a folder that was moved")), "is where it is now")
os.rename("/srv/tree/moved", "/srv/tree/app")
settle()
same("and back")

# A program that gets executable, which changes nothing in its folder.
shutil.copy("/srv/holdfast", "/srv/tree/go/bin/nginx")
with open("/srv/tree/go/bin/nginx", "r+b") as f:
    f.write(b"\x7fELF")
    f.seek(0, 2)
    f.write(b"\0nginx version: nginx/1.25.1\0" * 2)
os.chmod("/srv/tree/go/bin/nginx", 0o644)
os.rename("/srv/tree/go/bin/nginx", "/srv/tree/go/bin/tool")
settle()
before = names(same("a program that is not executable"))
os.chmod("/srv/tree/go/bin/tool", 0o755)
after = names(same("and is then"))
os.chmod("/srv/tree/go/bin/tool", 0o644)
result(names(same("and no longer")) == before, "is as before", (before, after))

# A file system that is mounted over an unchanged folder, and taken away.
os.makedirs("/srv/tree/mnt")
settle()
same("an empty folder")
mount("-t", "tmpfs", "none", "/srv/tree/mnt")
os.makedirs("/srv/tree/mnt/node_modules/mounted")
with open("/srv/tree/mnt/node_modules/mounted/package.json", "w", encoding="ascii") as f:
    f.write('{"name":"mounted","version":"9.0.0"}')
settle()
result(("mounted", "9.0.0") in names(same("a file system mounted there")), "is looked at")
same("twice")
subprocess.run(["umount", "/srv/tree/mnt"], check=True)
result(("mounted", "9.0.0") not in names(same("and taken away")), "is gone")

# What is wrong with the file makes the look long, and nothing else.
good = cache_bytes()
for what, bad in (("half of it", good[:len(good) // 2]), ("none of it", b""), ("zeros", bytes(len(good))),
                  ("one bit", good[:5000] + bytes([good[5000] ^ 1]) + good[5001:]),
                  ("more behind it", good + b"x")):
    with open(CACHE + "/inventory", "wb") as f:
        f.write(bad)
    same("damaged: " + what)
    result(len(cache_bytes()) > len(good) // 2 and cache_bytes() != bad, "  and it is whole again")
os.chmod(CACHE + "/inventory", 0o666)
with open(CACHE + "/inventory", "r+b") as f:
    f.write(b"lies")
same("one that others can write to")
os.unlink(CACHE + "/inventory")
os.symlink("/srv/elsewhere", CACHE + "/inventory")
same("one that is a link")
result(not os.path.exists("/srv/elsewhere"), "  which is not followed")
# Another program does not believe it.
npm("one", "1.0.2")
settle()
same("before the program changes")
shutil.copy("/srv/holdfast", "/srv/other")
os.rename("/srv/other", "/srv/holdfast")
same("after it")
# No room for it.
mount("-t", "tmpfs", "-o", "size=64k", "none", CACHE)
same("no room to keep it")
result(same("and again") != [], "  is no error")
subprocess.run(["umount", CACHE], check=True)
result(look("off") == look("/proc/nothing"), "no place for it at all is no error")
print("done", file=out, flush=True)
E
PYTHON=/usr/bin/python3
[ -x $PYTHON ] || PYTHON=python3
unshare -m $PYTHON "$TMP/inside.py" "$TMP/stage" "$TMP/results" >"$TMP/out" 2>"$TMP/err"
while read -r state rest; do
	case $state in
	ok) result 0 "$rest" ;;
	not) result 1 "${rest#ok }" ;;
	'#') printf '# %s\n' "$rest" ;;
	done) finished=1 ;;
	esac
done <"$TMP/results"
[ -n "${finished:-}" ] || sed 's/^/# /' "$TMP/err" | tail -n 20
expect "it ran to its end" test -n "${finished:-}"
finish
