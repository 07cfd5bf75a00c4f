#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: labels.py HOLDFAST: recall and precision over the lines of lines.py and sets.py, which are made now."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "integration")]
import lines  # noqa: E402
import sets  # noqa: E402
from tap import ok, plan  # noqa: E402

LEAST = 0.95
SEEDS = (1, 20261122)


def mask(secret):
    return secret[:2] + "****" + secret[-2:] if len(secret) >= 8 else "****"


def found(program, folder, name, texts):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(texts) + "\n")
    run = subprocess.run([program, "secrets", "--format", "json", path], capture_output=True,
                         text=True, check=False, timeout=300)
    if run.returncode not in (0, 1):
        raise RuntimeError("exit code %d: %s" % (run.returncode, run.stderr))
    out = {}
    for s in json.loads(run.stdout)["secrets"]:
        out.setdefault(s["line"], []).append(s)
    return out, run.stdout + run.stderr


def measure(program, folder, seed):
    good, quiet = lines.positives(seed), lines.negatives(seed)
    kinds = {k for k, _, _ in good}
    ok(len(good) >= 150 and len(quiet) >= 2000, "%d lines with a secret, %d without" % (len(good), len(quiet)))
    hits, text = found(program, folder, "lines.txt", [x[1] for x in good])
    false, _ = found(program, folder, "quiet.txt", quiet)
    recall = len(hits) / len(good)
    precision = len(hits) / (len(hits) + len(false))
    ok(recall >= LEAST, "recall %.3f, seed %d" % (recall, seed),
       *[x[1] for i, x in enumerate(good, 1) if i not in hits][:20])
    ok(precision >= LEAST, "precision %.3f" % precision, *sorted({quiet[i - 1] for i in false})[:20])
    for kind in sorted(kinds):
        of = [i for i, x in enumerate(good, 1) if x[0] == kind]
        ok(sum(i in hits for i in of) >= LEAST * len(of), "  recall of each kind: " + kind)
    exact = sum(any(s["masked"] == mask(x) for s in hits.get(i, ()) for x in secrets)
                for i, (_, _, secrets) in enumerate(good, 1) if secrets)
    ok(exact >= LEAST * sum(bool(x[2]) for x in good), "the secret itself, and not what stands beside it")
    leaks = [s for _, _, secrets in good for s in secrets if len(s) > 7 and s in text]
    ok(not leaks, "no secret is ever shown", "%d are" % len(leaks))


def of_set(program, folder, name):
    hits, all_good, false, missed, wrong = 0, 0, 0, [], []
    for i, (good, file, texts) in enumerate(sets.parts(name)):
        at, _ = found(program, os.path.join(folder, name + str(i)), file, texts)
        if good:
            hits += len(at)
            all_good += len(texts)
            missed += [x for n, x in enumerate(texts, 1) if n not in at]
        else:
            false += len(at)
            wrong += [texts[n - 1] for n in at]
    ok(hits >= LEAST * all_good, "%s: recall %.3f" % (name, hits / all_good), *missed[:20])
    ok(hits >= LEAST * (hits + false), "%s: precision %.3f" % (name, hits / (hits + false)), *wrong[:20])


def history(program, folder):
    """In a shell's own history, where nothing but commands stands."""
    commands = [x[1] for x in lines.positives(3) if x[0] == "command"]
    hits, _ = found(program, folder, ".bash_history", commands)
    ok(len(hits) >= LEAST * len(commands), "recall in .bash_history %.3f" % (len(hits) / len(commands)),
       *[c for i, c in enumerate(commands, 1) if i not in hits][:20])


def main():
    with tempfile.TemporaryDirectory(prefix="holdfast-labels-") as folder:
        for seed in SEEDS:
            measure(sys.argv[1], folder, seed)
        history(sys.argv[1], folder)
        for name in sets.names():
            of_set(sys.argv[1], folder, name)
    return plan()


sys.exit(main())
