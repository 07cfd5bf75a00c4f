#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fix between its plan and its change, and with a clock that is wrong.

usage: fix_between.py HOLDFAST CC

Somebody changes a file while the question stands at the terminal; the clock of the machine is decades
off when a change is made, and right when it is looked at."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap  # noqa: E402
from tap import ok, wait_for  # noqa: E402

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long shift(void)
{
	const char *s = getenv("TEST_CLOCK_SHIFT");

	return s ? atol(s) : 0;
}

int clock_gettime(clockid_t c, struct timespec *t)
{
	int (*real)(clockid_t, struct timespec *) =
		(int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int r = real(c, t);

	if (r == 0 && (c == CLOCK_REALTIME || c == CLOCK_REALTIME_COARSE))
		t->tv_sec += shift();
	return r;
}

time_t time(time_t *ret)
{
	struct timespec t;
	time_t now = clock_gettime(CLOCK_REALTIME, &t) ? -1 : t.tv_sec;

	if (ret)
		*ret = now;
	return now;
}
"""
CHECK = """-- id: few-tries
-- title: Few tries
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- fix: Put it right.
-- why: It is a test.
-- action: sshd MaxAuthTries 3
SELECT 'sshd' AS resource, value = '3' AS healthy, '' AS evidence
  FROM sshd_config WHERE keyword = 'maxauthtries' AND match_block = ''
"""


class World:
    def __init__(self, holdfast, top):
        self.holdfast, self.top, self.tree = holdfast, top, os.path.join(top, "tree")
        self.write("checks/few-tries.sql", CHECK)

    def write(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def fresh(self):
        shutil.rmtree(self.tree, ignore_errors=True)
        self.write("tree/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.write("tree/etc/group", "root:x:0:\n")
        self.write("tree/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nMaxAuthTries 8\n"
                   "Match User bob\n\tMaxAuthTries 9\n")
        os.makedirs(self.tree + "/etc/ssh/sshd_config.d")
        os.makedirs(self.tree + "/usr/sbin")
        os.makedirs(self.tree + "/var/lib")
        self.write("tree/usr/sbin/sshd", "")

    def words(self, *more):
        return [self.holdfast, "fix", "few-tries", "--quick", "--root", self.tree, "--checks",
                os.path.join(self.top, "checks"), *more]

    def run(self, words, **env):
        return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                              timeout=120, env={**os.environ, **env})

    def changes(self):
        return json.loads(self.run([self.holdfast, "changes", "--root", self.tree, "-f", "json"]).stdout or "[]")

    def config(self):
        with open(self.tree + "/etc/ssh/sshd_config", encoding="utf-8") as f:
            return f.read()

    def done(self):
        return os.path.exists(self.tree + "/etc/ssh/sshd_config.d/00-holdfast.conf")


def at_terminal(w, meanwhile, answer):
    """Answers the question of fix after `meanwhile`. Exit code and what stood on the terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(w.holdfast, w.words())
    said = b""
    asked = False
    end = time.monotonic() + tap.PATIENCE
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
        if not asked and b"[y/N]" in said:
            asked = True
            meanwhile()
            os.write(fd, answer)
    _, status = os.waitpid(pid, 0)
    os.close(fd)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


def between(w):
    def by_hand():
        w.write("tree/etc/ssh/sshd_config", w.config() + "# by hand\n")

    def replaced():
        os.rename(w.tree + "/etc/ssh/sshd_config", w.tree + "/etc/ssh/real")
        os.symlink("real", w.tree + "/etc/ssh/sshd_config")

    def came():
        w.write("tree/etc/ssh/sshd_config.d/00-holdfast.conf", "# somebody else's\n")

    w.fresh()
    code, said = at_terminal(w, lambda: None, b"n\n")
    ok(code == 1 and "Nothing was changed" in said and not w.done() and not w.changes(), "no: nothing is changed",
       code, said)
    w.fresh()
    code, said = at_terminal(w, lambda: None, b"y\n")
    ok(code == 0 and "few-tries: fixed" in said and w.done(), "yes: it is", code, said)
    for name, meanwhile in (("a file is edited", by_hand), ("a file becomes a link", replaced),
                            ("a file comes to be", came)):
        w.fresh()
        code, said = at_terminal(w, meanwhile, b"y\n")
        ok(code == 3 and re.search("has changed since|is a link", said), name + " meanwhile: refused, with its name",
           code, said)
        ok("# holdfast:" not in w.config(), name + " meanwhile: nothing is half done", w.config())
        ok(meanwhile is came or not w.done(), name + " meanwhile: no other file of it is made", w.changes())
        ok(all(c["state"] == "failed" for c in w.changes()), name + " meanwhile: the journal says so", w.changes())


def clock(w, library):
    decades = 30 * 365 * 86400
    for name, shift in ("the clock is decades ahead", decades), ("the clock is decades behind", -decades):
        env = {"LD_PRELOAD": library, "TEST_CLOCK_SHIFT": str(shift)}
        w.fresh()
        done = w.run(w.words("--yes", "--confirm-within", "600s"), **env)
        ok(done.returncode == 0 and w.done(), name + ": a change", done.stdout, done.stderr)
        made = (w.changes() or [{}])[-1]
        ok(abs(made.get("made", 0) - time.time() - shift) < 600, name + ": that was so", made)
        ok(made.get("state") == "awaiting" and w.done(), name + ", then right: it is not taken back before its time",
           made)
        left = re.search(r"taken back in (\d+) s", w.run([w.holdfast, "changes", "--root", w.tree]).stdout)
        ok(left and 300 < int(left[1]) <= 600, name + ": what is left of its time is told", left and left[1])
        done = w.run([w.holdfast, "undo", "--all", "--root", w.tree])
        ok(done.returncode == 0 and not w.done(), name + ": and it can be taken back", done.stderr)
        w.fresh()
        w.run(w.words("--yes", "--confirm-within", "5s"), **env)
        ok(wait_for(lambda: not w.done()) and wait_for(lambda: w.changes()[-1]["why"] == "timeout"),
           name + ": after its time it is", w.changes())


def main():
    holdfast, cc = os.path.abspath(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="holdfast-fix-between-") as top:
        os.chmod(top, 0o755)
        w = World(holdfast, top)
        between(w)
        source, library = w.write("clock.c", CLOCK), os.path.join(top, "clock.so")
        made = cc and shutil.which(cc[0]) and subprocess.run([*cc, "-shared", "-fPIC", "-o", library, source, "-ldl"], capture_output=True,
                                     check=False).returncode == 0
        probe = made and w.run([holdfast, "changes", "--root", top], LD_PRELOAD=library)
        # A program with sanitizers wants its own library first.
        if probe and probe.returncode == 0:
            clock(w, library)
        else:
            tap.skip("the clock", "no library can be put in front of the program")
    return tap.plan()


sys.exit(main())
