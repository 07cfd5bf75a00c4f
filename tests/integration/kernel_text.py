#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of nft(8): what we read in them is what nft makes of them.

Usage: kernel_text.py NFT_SAME [RULESETS]
Each file is loaded in a network namespace; nft_same compares our reading of the file, and of what
`nft list ruleset` prints, with `nft -j list ruleset`. KERNEL_SEED=N or =random chooses other ones;
TEXT_ONLY=NAME runs one of nft_texts.py.
"""
import os
import re
import subprocess
import sys
import tempfile

import kernel_packets as kernel
from kernel_rulesets import ruleset
from nft_texts import LOOSE, TEXTS
from tap import ok, plan, skip

SAME = os.path.abspath(sys.argv[1])
RULESETS = int(sys.argv[2]) if len(sys.argv) > 2 else 60


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def same(folder, path, loose=False):
    """None, or what differs; less may be known of texts that LOOSE names."""
    listed = write(folder, "listed.json", kernel.rules_json())
    out = subprocess.run([SAME, listed, path], capture_output=True, text=True, check=False)
    if (out.returncode == 0 or (loose and out.returncode in (3, 4))) and not out.stderr:
        return None
    return ["code %d" % out.returncode] + (out.stdout + out.stderr).splitlines()[:40]


def load(folder, files):
    """The first of the files includes the others. What this nft or kernel refuses of the lines
    with eight blanks in front, which are rules, is left out; the error that is left, the path."""
    lines = files[0][1].replace("@DIR@", folder).split("\n")
    for name, text in files[1:]:
        write(folder, name, text)
    while True:
        path = write(folder, files[0][0], "\n".join(lines))
        kernel.run(kernel.NFT, "flush", "ruleset")
        out = kernel.run(kernel.NFT, "-f", path)
        if not out.returncode:
            return None, path
        bad = {int(n) - 1 for n in re.findall(r"rules\.nft:(\d+):", out.stderr)}
        bad = {n for n in bad if lines[n].startswith(8 * " ")}
        if not bad:
            return out.stderr, path
        for n in bad:
            print("# refused: " + lines[n].strip())
            lines[n] = ""


def listing(folder):
    return write(folder, "listed.nft", kernel.run(kernel.NFT, "list", "ruleset").stdout)


def complaints(what, lines):
    for line in [what] + (lines or []):
        print("# " + line)


def run_text(name, files):
    """Of one file: (good, skipped)"""
    with tempfile.TemporaryDirectory() as folder:
        error, path = load(folder, files)
        if error:
            complaints(name, error.splitlines()[:4])
            return False, True
        bad = same(folder, path, name in LOOSE)
        again = same(folder, listing(folder), name in LOOSE)
    if bad:
        complaints(name, bad)
    if again:
        complaints(name + ", as listed", again)
    return not bad and not again, False


def run_random(seed):
    text, _ = ruleset(seed)
    with tempfile.TemporaryDirectory() as folder:
        error, path = load(folder, [("rules.nft", text)])
        if error:
            return None
        bad = same(folder, path) or same(folder, listing(folder))
    if bad:
        complaints("KERNEL_SEED of the rule set: %d" % seed, bad)
    return not bad


def main():
    why = kernel.missing()
    if why or not kernel.enter():
        skip("kernel", why or "no network namespace")
        return plan()
    for name, files in TEXTS.items():
        if os.environ.get("TEXT_ONLY") not in (None, name):
            continue
        good, skipped = run_text(name, files)
        if skipped:
            skip(name, "this nft refuses it")
        else:
            ok(good, name)
    seed = kernel.seed()
    print("# KERNEL_SEED=%d" % seed)
    done = [run_random(seed + i) for i in range(RULESETS)]
    for good, text in ((False not in done, "random rule sets"),
                       (done.count(True) >= RULESETS // 2, "nft takes most of them")):
        ok(good, text)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
