#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `holdfast accounts --root` says is what happens when a real ssh client tries.

usage: accounts_ssh.py HOLDFAST [CASE...]

For every case of login_cases.py a real sshd with the real PAM runs in a tree of its own, in
namespaces without a way out, and clients try every account from every place by password,
keyboard-interactive, key and certificate; what a login is good for (a shell, a command, files,
tunnels) is tried as well. CASE: parts of names, to run some.
"""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from login_cases import CASES, INTERNET  # noqa: E402
from login_world import World  # noqa: E402
from tap import ok, plan, skip_all  # noqa: E402

ENOUGH = 1700  # seconds that all of it may take


def ask(holdfast, world):
    run = subprocess.run([holdfast, "accounts", "--no-state", "-f", "json", "--all", "--root",
                          world.root], capture_output=True, check=False)
    if run.returncode:
        raise RuntimeError("holdfast: exit %d: %s" % (run.returncode, run.stderr.decode()))
    return json.loads(run.stdout)


def prepare(world, case):
    world.reset()
    world.write("etc/ssh/sshd_config", case["config"])
    world.accounts(case["accounts"], case.get("groups", {}))
    for name, text in case.get("files", {}).items():
        if text is None:
            os.remove(world.path(name))
        else:
            world.write(name, text.format(**world.public))


def login_of(report, account, place):
    """The ways through sshd that the report has for this account from this place."""
    for a in report["accounts"]:
        if a["name"] == account:
            for login in a["logins"]:
                if login["door"] == "sshd" and place(login):
                    return login
    return None


def keys_of(account):
    names = [k for line in account.get("keys", ["{key}"])
             for k in ("rsa", "short", "ecdsa", "ca", "key2", "key") if "{%s}" % k in line]
    return names or ["key"]


def place_of(case, source):
    """Finds the entry of a report for clients from there to the case's port or address."""
    suffix = (">198.51.100.1" if case.get("local") else
              ">:%d" % case["port"] if case.get("port") else "")
    first = "internet" if source == INTERNET else None

    def fits(login):
        for label, address in zip(login["places"], login["addresses"] * len(login["places"])):
            if suffix and label.endswith(suffix):
                return True
            if not suffix and (label == first or (address == source and len(login["addresses"]) == 1)):
                return True
        return not suffix and source in login["addresses"] and source != INTERNET
    return fits


def probes(world, case, name, account):
    """(how, arguments) of every way to try the account."""
    password = account.get("password", "never this" if case.get("wrong") else "correct horse")
    keys = keys_of(account)
    yield "password", {"password": password}
    yield "kbdint", {"password": password}
    yield "key", {"keys": keys[:1] if "probe" in case else keys}
    if "certificate" in case:
        yield "cert", {"cert": case["signed"]}
    if "all" in case.get("probe", []):
        yield "all", {"keys": keys, "password": password}


def expected(login, how, empty):
    """Whether the report says that this way opens the account; empty: it has an empty password."""
    if not login:
        return False
    means = login["means"]
    # With an empty password whoever comes is in before a method is tried.
    if how == "all" or (empty and "nothing" in means and not login["second_factor"]):
        return True
    if login["second_factor"]:
        return False
    return {"password": "password", "kbdint": "kbdint", "key": "key",
            "cert": "certificate"}[how] in means


def judge(case, name, source, login, got):
    """What differs between the report and what happened: got is how -> (session, tunnel)."""
    bad = []
    empty = case["accounts"][name].get("shadow") == ""
    for how, outcome in got.items():
        said = expected(login, how, empty)
        if said != (outcome is not None):
            bad.append("%s from %s by %s: said %s, was %s" % (name, source, how, said,
                                                            outcome is not None))
    good = [o for o in got.values() if o]
    if not login or not good or bad:
        return bad
    order = ["none", "sftp", "command", "shell"]
    session = max((o[0] for o in good), key=order.index)
    said = login["session"].replace("change-password", "none")
    if session != said:
        bad.append("%s from %s: session said %s, was %s" % (name, source, login["session"], session))
    if any(o[1] for o in good) != login["tunnel"]:
        bad.append("%s from %s: tunnel said %s, was %s" % (name, source, login["tunnel"],
                                                         any(o[1] for o in good)))
    return bad


def run_case(world, holdfast, pool, case):
    prepare(world, case)
    report = ask(holdfast, world)
    if "certificate" in case:
        case["signed"] = world.sign(case["certificate"])
    started = world.start()
    if "refused" in case:
        good = not started and report["sshd_error"] and case["refused"] in report["sshd_error"]
        ok(good, case["name"] + ": refused", "holdfast: " + report["sshd_error"], world.errors)
        return 0
    if not started or report["sshd_error"]:
        ok(False, case["name"], "sshd: " + world.errors, "holdfast: " + report["sshd_error"])
        return 0
    jobs = {}
    for name, account in case["accounts"].items():
        for source in case.get("from", [INTERNET]):
            for how, more in probes(world, case, name, account):
                jobs[name, source, how] = pool.submit(world.attempt, name, source, how,
                                                      case.get("port", 22), **more)
    done = {key: job.result() for key, job in jobs.items()}
    bad = []
    for name in case["accounts"]:
        for source in case.get("from", [INTERNET]):
            got = {how: o for (n, s, how), o in done.items() if (n, s) == (name, source)}
            bad += judge(case, name, source, login_of(report, name, place_of(case, source)), got)
    if bad:
        bad += [json.dumps(login) for a in report["accounts"] for login in a["logins"]
                if any(b.startswith(a["name"] + " ") for b in bad) and login["door"] == "sshd"]
        bad += world.log().splitlines()[-30:]
    ok(not bad, "%s: %d attempts" % (case["name"], len(done)), *bad)
    return len(done)


def inside(holdfast, top, wanted):
    world = World(top)
    attempts = 0
    try:
        world.build()
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            for case in CASES:
                if wanted and not any(w in case["name"] for w in wanted):
                    continue
                try:
                    attempts += run_case(world, holdfast, pool, case)
                finally:
                    world.stop()
    finally:
        world.stop()
    print("# %d attempts to log in" % attempts)
    return plan()


def main():
    if len(sys.argv) > 3 and sys.argv[1] == "--inside":
        return inside(sys.argv[2], sys.argv[3], sys.argv[4:])
    holdfast = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        skip_all("needs root for namespaces of its own")
    path = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
    for program in ("/usr/sbin/sshd", "ssh", "ssh-keygen", "openssl", "unshare", "ip", "chroot"):
        if not shutil.which(program, path=path):
            skip_all("needs " + program)
    if not os.path.exists("/etc/pam.d/sshd"):
        skip_all("this sshd comes without PAM")
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run(unshare + ["true"], capture_output=True, check=False).returncode:
        skip_all("this kernel allows no namespaces")
    # What is mounted there goes with the namespace.
    with tempfile.TemporaryDirectory(prefix="holdfast-login-") as top:
        os.chmod(top, 0o755)
        argv = unshare + [sys.executable, os.path.abspath(__file__), "--inside", holdfast, top]
        return subprocess.run(argv + sys.argv[2:], timeout=ENOUGH, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
