#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random rule sets of nftables: what the kernel lets through is what we say it lets through.

Usage: kernel_nft.py FILTER_VERDICT [RULESETS [PACKETS]]
KERNEL_SEED=N or =random chooses another one; the seed is printed. Each rule set is loaded in a network namespace,
packets with many sources are put in, and the last chain of the input hook notes which arrive. Both
the kernel's JSON and the text of the rule set itself are read. Then a port that is open is closed
by the commands of filter_repair(), and the same packets are sent again.
"""
import os
import random
import subprocess
import sys
import tempfile

import kernel_packets as kernel
from kernel_rulesets import ruleset
from tap import ok, plan, skip

VERDICT = os.path.abspath(sys.argv[1])
# Rule sets that once fared otherwise: a rejection whose dependency nft does not list.
FOUND = [3300666654]
RULESETS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
PACKETS = int(sys.argv[3]) if len(sys.argv) > 3 else 300


def verdicts(kind, text, packets):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
        f.write(text)
        f.flush()
        out = subprocess.run([VERDICT, kind, f.name] + kernel.DEVICES, capture_output=True,
                             text=True, input="".join(p.line() + "\n" for p in packets),
                             check=False)
    return out.stdout.split() if not out.returncode and not out.stderr else out.stderr


def repaired(fds, listed, packets, came):
    """Closes a port that is open by the commands that we say: who came through before and is to
    be kept still does, the others do not, and other packets fare as before."""
    for port in 22, 80, 443:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write(listed)
            f.flush()
            out = subprocess.run([VERDICT, "nft", f.name] + kernel.DEVICES, capture_output=True,
                                 text=True, env={**os.environ, "REPAIR": str(port)}, check=False)
        if out.stdout:
            break
    else:
        return 0, []
    for command in out.stdout.splitlines():
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        if done.returncode:
            return 1, ["kernel refuses: %s: %s" % (command, done.stderr)]
    kernel.forget()
    now = kernel.survivors(fds, packets)
    wrong = []
    for packet, before, after in zip(packets, came, now or []):
        closed = packet.proto == 6 and packet.dport == port and not (
            str(packet.src).startswith("10."))
        if after != (before and not closed):
            wrong.append("kernel %s after the repair of %d: %s" % (
                "accepts" if after else "drops", port, packet.line()))
    return 1, wrong[:3] + out.stdout.splitlines() if wrong or not now else []


def compare(fds, seed, totals):
    """One rule set; lines that say what is wrong."""
    rng = random.Random(seed)
    text, unsure = ruleset(seed)
    error = kernel.load(text)
    if error:
        totals["refused"] += 1
        return []
    packets = [kernel.random_packet(rng) for _ in range(PACKETS)]
    came = kernel.survivors(fds, packets)
    listed = kernel.rules_json()
    if came is None:
        return ["packets did not arrive"]
    wrong = []
    for kind, rules in ("nft", listed), ("nft-text", text):
        said = verdicts(kind, rules, packets)
        if isinstance(said, str) or len(said) != len(packets):
            wrong.append("no verdicts: %s: %s" % (kind, said))
            continue
        for packet, through, word in zip(packets, came, said):
            totals["through" if through else "stopped"] += 1
            totals["unknown"] += word == "unknown"
            if word != ("accept" if through else "drop") and (word != "unknown" or not unsure):
                wrong.append("kernel %s, we %s (%s): %s" % ("accepts" if through else "drops",
                                                            word, kind, packet.line()))
    count, unrepaired = repaired(fds, listed, packets, came)
    totals["repaired"] += count
    wrong += unrepaired
    if wrong:
        wrong = wrong[:5] + ["KERNEL_SEED of the rule set: %d" % seed] + text.split("\n")
    return wrong


def main():
    why = kernel.missing()
    fds = None if why else kernel.enter()
    if not fds:
        skip("kernel", why or "no network namespace")
        return plan()
    seed = kernel.seed()
    print("# KERNEL_SEED=%d" % seed)
    totals = dict.fromkeys(("refused", "through", "stopped", "unknown", "repaired"), 0)
    bad = 0
    for number in FOUND + [seed + i for i in range(RULESETS)]:
        for line in compare(fds, number, totals):
            print("# " + line)
            bad += line.startswith(("kernel", "no verdicts", "packets"))
    print("# %s" % ", ".join("%s %d" % kv for kv in totals.items()))
    results = [(not bad, "no packet fares otherwise than we say"),
               (totals["refused"] <= RULESETS // 4, "nft takes most rule sets"),
               (min(totals["through"], totals["stopped"]) > RULESETS, "packets fare both ways"),
               (totals["repaired"] > RULESETS // 4, "ports are closed by our commands")]
    for good, name in results:
        ok(good, name)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
