#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random rule sets of iptables: what the kernel lets through is what we say it lets through.

Usage: kernel_iptables.py FILTER_VERDICT [RULESETS [PACKETS]]
KERNEL_SEED=N or =random chooses another one. Rule sets are loaded by every variant of iptables-restore that is
installed; where nftables holds them, what `nft -j list ruleset` says of them must not be wrong
either, although it names many matches without their arguments.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

import kernel_packets as kernel
from tap import ok, plan, skip

VERDICT = os.path.abspath(sys.argv[1])
RULESETS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
PACKETS = int(sys.argv[3]) if len(sys.argv) > 3 else 300
HOOKS = {"raw": ["PREROUTING"], "mangle": ["PREROUTING", "INPUT"], "filter": ["INPUT"]}


class Rules:
    def __init__(self, seed, v6):
        self.rng = random.Random(seed)
        self.v6 = v6
        self.unsure = False

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, p):
        return self.rng.random() < p

    def bang(self):
        return self.pick("", "", "! ")

    def network(self, local):
        if self.v6:
            address = self.rng.choice(kernel.LOCALS6 if local else kernel.SOURCES6)
            return address + self.pick("", "/128", "/64", "/32", "/ffff:ffff::ff")
        address = self.rng.choice(kernel.LOCALS4 if local else kernel.SOURCES4)
        return address + self.pick("", "/32", "/24", "/8", "/31", "/255.0.0.1", "/0.0.0.7")

    def port(self):
        return str(self.rng.choice(kernel.PORTS))

    def ports(self):
        low, high = sorted(self.rng.sample(kernel.PORTS, 2))
        return self.pick(self.port(), "%d:%d" % (low, high), ":%d" % low, "%d:" % high)

    def many_ports(self):
        return ",".join(self.pick(self.port(), "23:443", "1024:1025")
                        for _ in range(self.rng.randrange(1, 4)))

    def transport(self):
        proto = self.pick("tcp", "tcp", "udp", "icmp", "sctp", "udplite", "gre", "253", "! tcp", "")
        if not proto:
            return ""
        if proto == "icmp":
            types = kernel.ICMP6_TYPES if self.v6 else kernel.ICMP_TYPES
            kind = self.pick("echo-request", "port-unreachable", "%d" % self.rng.choice(types),
                             "%d/0" % self.rng.choice(types))
            if self.v6:
                return "-p ipv6-icmp -m icmp6 %s--icmpv6-type %s" % (self.bang(), kind)
            return "-p icmp -m icmp %s--icmp-type %s" % (self.bang(), kind)
        if proto.startswith("!") or proto in ("gre", "253"):
            return "! -p tcp" if proto.startswith("!") else "-p " + proto
        text = "-p " + proto
        kind = self.rng.randrange(4)
        if kind == 0 and proto not in ("udplite",):
            text += " -m %s %s--dport %s" % (proto, self.bang(), self.ports())
        elif kind == 1:
            text += " -m multiport %s--%s %s" % (self.bang(), self.pick("dports", "sports", "ports"),
                                                 self.many_ports())
        elif kind == 2 and proto == "tcp":
            text += " -m tcp " + self.pick("--syn", "! --syn", "--tcp-flags SYN,ACK SYN",
                                           "--tcp-flags ALL ACK", "--sport %s" % self.ports())
        return text

    def other(self):
        first, last = sorted(self.rng.sample(kernel.SOURCES4, 2),
                             key=lambda a: [int(x) for x in a.split(".")])
        choices = ["-m conntrack %s--ctstate %s" % (
            self.bang(), self.pick("NEW", "INVALID", "RELATED,ESTABLISHED", "NEW,UNTRACKED",
                                   "UNTRACKED", "DNAT,INVALID")),
                   "-m state --state NEW", "-i tun0", "! -i wan1", "-i tun+", "-i w+",
                   "-m mark %s--mark 0x1/0xff" % self.bang(), "-m addrtype --dst-type LOCAL",
                   "-m addrtype --src-type MULTICAST", "-m pkttype --pkt-type unicast",
                   "-m limit --limit 10000/sec --limit-burst 10000",
                   '-m comment --comment "two words"',
                   "-m conntrack --ctproto tcp", "-m conntrack %s--ctdir ORIGINAL" % self.bang(),
                   "-m conntrack --ctstatus ASSURED",
                   "-m connmark --mark 0x0", "-m connlimit --connlimit-above 50000",
                   "-m hashlimit --hashlimit-upto 10000/sec --hashlimit-burst 10000 "
                   "--hashlimit-name x"]
        if not self.v6:
            choices += ["-m iprange %s--src-range %s-%s" % (self.bang(), first, last), "-f",
                        "! -f"]
        else:
            choices += ["-m rt --rt-type 0"]
        return self.rng.choice(choices)

    def rule(self, chain, table, targets):
        words = []
        if self.chance(0.4):
            local = self.chance(0.3)
            words.append("%s%s %s" % (self.bang(), "-d" if local else "-s", self.network(local)))
        if self.chance(0.6):
            words.append(self.transport())
        if self.chance(0.35):
            words.append(self.other())
        target = self.pick("ACCEPT", "DROP", "ACCEPT", "DROP", "RETURN", "LOG", "")
        if targets and self.chance(0.4):
            target = self.rng.choice(targets)
            words.append(self.pick("-j ", "-j ", "-g ") + target)
        elif table == "raw" and self.chance(0.15):
            self.unsure = True
            words.append("-j CT --notrack")
        elif table == "mangle" and self.chance(0.2):
            self.unsure = True
            words.append("-j MARK --set-xmark 0x1/0xffffffff")
        elif table == "filter" and target == "DROP" and self.chance(0.3):
            words.append("-j REJECT")
        elif target == "LOG":
            words.append("-j NFLOG --nflog-group 9")
        elif target:
            words.append("-j " + target)
        return "-A %s %s\n" % (chain, " ".join(w for w in words if w))

    def table(self, name):
        heads, rules, targets = "", "", []
        for i in range(self.rng.randrange(0, 3)):
            chain = "u%d" % i
            heads += ":%s - [0:0]\n" % chain
            for _ in range(self.rng.randrange(1, 6)):
                rules += self.rule(chain, name, list(targets))
            targets.append(chain)
        for chain in HOOKS[name]:
            policy = self.pick("ACCEPT", "ACCEPT", "DROP") if name == "filter" else "ACCEPT"
            heads += ":%s %s [0:0]\n" % (chain, policy)
            for _ in range(self.rng.randrange(1, 9)):
                rules += self.rule(chain, name, targets)
        return "*%s\n%s%sCOMMIT\n" % (name, heads, rules)

    def nat(self):
        self.unsure = True  # which address of this machine REDIRECT puts in
        rules = ""
        for _ in range(self.rng.randrange(1, 4)):
            target = self.pick("REDIRECT --to-ports %s" % self.port(), "ACCEPT",
                               "DNAT --to-destination %s" % (
                                   "[fd09::2]:8080" if self.v6 else "10.9.0.2:8080"))
            rules += "-A PREROUTING -p tcp -m tcp --dport %s -j %s\n" % (self.ports(), target)
        return "*nat\n:PREROUTING ACCEPT [0:0]\n%sCOMMIT\n" % rules

    def text(self):
        tables = [t for t in HOOKS if t == "filter" or self.chance(0.4)]
        text = "".join(self.table(t) for t in tables)
        return text + (self.nat() if self.chance(0.3) else "")


def verdicts(kind, text, packets):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write(text)
        f.flush()
        out = subprocess.run([VERDICT, kind, f.name] + kernel.DEVICES, capture_output=True,
                             text=True, input="".join(p.line() + "\n" for p in packets),
                             check=False)
    return out.stdout.split() if not out.returncode and not out.stderr else out.stderr


def differ(packets, came, said, unsure):
    if isinstance(said, str) or len(said) != len(packets):
        return ["no verdicts: %s" % said]
    return ["kernel %s, we %s: %s" % ("accepts" if c else "drops", s, p.line())
            for p, c, s in zip(packets, came, said)
            if s != ("accept" if c else "drop") and (s != "unknown" or not unsure)]


def compare(fds, variant, seed, totals):
    v6 = bool(seed & 1)
    kind = "ip6tables" if v6 else "iptables"
    made = Rules(seed, v6)
    text = made.text()
    kernel.load("")
    loaded = kernel.run("%s-%s-restore" % (kind, variant), stdin=text)
    if loaded.returncode:
        totals["refused"] += 1
        return []
    rng = random.Random(seed)
    packets = [kernel.random_packet(rng, (6,) if v6 else (4,)) for _ in range(PACKETS)]
    came = kernel.survivors(fds, packets)
    if came is None:
        return ["packets did not arrive"]
    saved = kernel.run("%s-%s-save" % (kind, variant), "-c").stdout
    wrong = differ(packets, came, verdicts(kind, saved, packets), made.unsure)
    if variant == "nft":
        listed = kernel.rules_json()
        wrong += differ(packets, came, verdicts("nft", listed, packets), True)
    totals["through"] += sum(came)
    totals["stopped"] += len(came) - sum(came)
    for table in "filter", "mangle", "raw", "nat":
        for what in "-F", "-X":
            kernel.run("%s-%s" % (kind, variant), "-t", table, what)
    for chain in "INPUT", "FORWARD":
        kernel.run("%s-%s" % (kind, variant), "-P", chain, "ACCEPT")
    if wrong:
        wrong = wrong[:5] + ["KERNEL_SEED of the rule set: %d (%s)" % (seed, variant)]
        wrong += saved.split("\n")
    return wrong


def test(fds, variant, seed):
    totals = dict.fromkeys(("refused", "through", "stopped"), 0)
    bad = 0
    for i in range(RULESETS):
        for line in compare(fds, variant, seed + i, totals):
            print("# " + line)
            bad += line.startswith(("kernel", "no verdicts", "packets"))
    print("# %s: %s" % (variant, ", ".join("%s %d" % kv for kv in totals.items())))
    return [(not bad, "iptables-%s: no packet fares otherwise than we say" % variant),
            (totals["refused"] <= RULESETS // 4, "it takes most rule sets"),
            (min(totals["through"], totals["stopped"]) > RULESETS, "packets fare both ways")]


def main():
    variants = [v for v in ("nft", "legacy")
                if shutil.which("iptables-%s-restore" % v) and
                shutil.which("ip6tables-%s-restore" % v)]
    why = kernel.missing() or (None if variants else "needs iptables")
    fds = None if why else kernel.enter()
    if not fds:
        skip("kernel", why or "no network namespace")
        return plan()
    seed = kernel.seed()
    print("# KERNEL_SEED=%d" % seed)
    results = []
    for variant in variants:
        if variant == "legacy" and kernel.run("iptables-legacy", "-S").returncode:
            print("# the kernel has no iptables-legacy")
            continue
        results += test(fds, variant, seed)
    for good, name in results:
        ok(good, name)
    return plan()


if __name__ == "__main__":
    sys.exit(main())
