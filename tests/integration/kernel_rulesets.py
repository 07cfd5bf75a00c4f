# SPDX-License-Identifier: GPL-3.0-or-later
"""Random rule sets in the syntax of nft(8)."""
import random

from kernel_packets import ICMP6_TYPES, ICMP_TYPES, LOCALS4, LOCALS6, PORTS, SOURCES4, SOURCES6

PORTED = {"tcp": 6, "udp": 17, "sctp": 132, "udplite": 136}


class Ruleset:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.unsure = False  # something in it is not known of every packet

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, p):
        return self.rng.random() < p

    def address(self, v6, local):
        pool = (LOCALS6 if v6 else LOCALS4) if local else (SOURCES6 if v6 else SOURCES4)
        return self.rng.choice(pool)

    def network(self, v6, local):
        address = self.address(v6, local)
        kind = self.rng.random()
        if kind < 0.4:
            return address
        length = self.rng.choice([8, 16, 24, 30, 31] if not v6 else [3, 16, 32, 48, 64, 127])
        return "%s/%d" % (address, length)

    def span(self, v6, local):
        pool = sorted({self.address(v6, local) for _ in range(4)},
                      key=lambda a: [int(x, 16) if x else 0 for x in a.split(":")] if v6
                      else [int(x) for x in a.split(".")])
        if v6 or len(pool) < 2:
            return pool[0]
        return "%s-%s" % (pool[0], pool[-1])

    def port(self):
        return self.rng.choice(PORTS)

    def port_range(self):
        low, high = sorted((self.port(), self.port()))
        return "%d-%d" % (low, high) if low < high else str(low)

    def listed(self, make, most=5):
        """Elements of an anonymous set; nft refuses intervals that overlap."""
        found = []
        for _ in range(self.rng.randrange(1, most)):
            item = str(make())
            if item not in found:
                found.append(item)
        return "{ %s }" % ", ".join(found)

    def negation(self):
        return self.pick("", "", "!= ")

    def match_address(self, v6):
        local = self.chance(0.3)
        field = "%s %s " % ("ip6" if v6 else "ip", "daddr" if local else "saddr")
        kind = self.rng.randrange(7)
        if kind == 0:
            return field + self.negation() + self.network(v6, local)
        if kind == 1:
            return field + self.negation() + self.span(v6, local)
        if kind == 2:
            return field + self.negation() + self.listed(lambda: self.address(v6, local))
        if kind == 3:
            return field + self.pick("<", ">", "<=", ">=") + " " + self.address(v6, local)
        if kind == 4 and not v6:
            return field + "& 0.0.0.%d == 0.0.0.%d" % self.pick((1, 1), (1, 0), (7, 1), (254, 0))
        if kind == 4:
            return field + "& ::%s == ::%s" % self.pick(("1", "1"), ("ffff", "2"), ("2", "0"))
        if kind == 5 and not local:
            return field + self.negation() + "@" + self.named("n6" if v6 else "n4")
        return field + self.network(v6, local)

    def named(self, kind):
        self.sets.add(kind)
        return kind

    def match_port(self, proto):
        field = "%s %s " % (proto, self.pick("dport", "dport", "dport", "sport"))
        kind = self.rng.randrange(6)
        if kind == 0:
            return field + self.negation() + str(self.port())
        if kind == 1:
            return field + self.negation() + self.port_range()
        if kind == 2:
            return field + self.negation() + self.listed(self.port)
        if kind == 3:
            return field + self.pick("<", ">", "<=", ">=") + " %d" % self.rng.choice(PORTS[1:-1])
        if kind == 4:
            return field + self.negation() + "@" + self.named("ports")
        return field + str(self.port())

    def match_state(self):
        return self.pick("ct state new", "ct state invalid", "ct state untracked",
                         "ct state established,related", "ct state != new",
                         "ct state { new, untracked }", "ct state != { invalid, established }",
                         "ct state ! new,related", "ct state & (new|invalid) == invalid",
                         "ct direction original", "ct mark 0", "ct status dnat",
                         "ct status & (snat|dnat) == 0")

    def match_other(self):
        return self.pick('iifname "tun0"', 'iifname != "wan1"', 'iifname "tun*"', 'iif "wan1"',
                         'iifname { "lo", "wan1" }', 'iifname != "w*"', 'oifname != "tun0"',
                         "meta mark 0", "meta mark & 0xff == 0", "fib daddr type local",
                         "fib daddr type != local", "meta pkttype host", "meta pkttype broadcast",
                         "limit rate 1000000/second burst 60000 packets",
                         "limit rate over 1000000/second burst 60000 packets",
                         'iifname . meta l4proto { "tun0" . tcp, "wan1" . udp }')

    def match_protocol(self, v6):
        listed = self.listed(lambda: self.pick("tcp", "udp", "sctp", "gre", "esp", "253"))
        field = self.pick("meta l4proto ", "ip6 nexthdr " if v6 else "ip protocol ")
        return field + self.pick("tcp", "!= udp", listed, "!= " + listed)

    def match_icmp(self, v6):
        types = ICMP6_TYPES if v6 else ICMP_TYPES
        name = "icmpv6" if v6 else "icmp"
        return self.pick("%s type %d" % (name, self.rng.choice(types)),
                         "%s type != %d" % (name, self.rng.choice(types)),
                         "%s type %s" % (name, self.listed(lambda: self.rng.choice(types))),
                         "%s code %d" % (name, self.pick(0, 3)),
                         "%s type %d %s code 0" % (name, self.rng.choice(types), name))

    def match_concat(self, v6, proto):
        ranges = self.rng.sample(["1-22", "23-79", "80", "81-443", "1023-1024", "8080-65535"], 3)

        def element():
            # intervals must not overlap: other ports in each
            return "%s . %s" % (self.network(v6, False), ranges.pop())
        word = "ip6" if v6 else "ip"
        return "%s saddr . %s dport %s%s" % (word, proto, self.negation(),
                                             self.listed(element, 3))

    def matches(self, family):
        """Of one rule: one network and one transport protocol, so that nft takes it."""
        v6 = family == "ip6" or (family == "inet" and self.chance(0.4))
        proto = self.pick("tcp", "tcp", "udp", "sctp", "udplite", "icmp", None, None)
        found = []
        if proto == "icmp":
            found.append(self.match_icmp(v6))
        elif proto and self.chance(0.2):
            found.append(self.match_concat(v6, proto))
        elif proto:
            found.append(self.match_port(proto))
            if self.chance(0.15) and proto == "tcp":
                found.append(self.pick("tcp flags syn", "tcp flags & (syn|ack) == syn",
                                       "tcp flags != syn", "tcp flags ! ack"))
        elif self.chance(0.3):
            found.append(self.match_protocol(v6))
        if self.chance(0.4):
            found.append(self.match_address(v6))
        if self.chance(0.2):
            found.append(self.match_state())
        if self.chance(0.2):
            found.append(self.match_other())
        if proto is None and family == "inet" and self.chance(0.1):
            found.insert(0, "meta nfproto ipv6" if v6 else "meta protocol ip")
        return found

    def vmap(self, family, targets):
        v6 = family == "ip6" or (family == "inet" and self.chance(0.4))
        kind = self.rng.randrange(4)
        if kind == 0:
            keys, field = [str(p) for p in PORTS], "tcp dport"
        elif kind == 1:
            keys, field = ["new", "invalid", "untracked", "established"], "ct state"
        elif kind == 2:
            keys, field = SOURCES6 if v6 else SOURCES4, "ip6 saddr" if v6 else "ip saddr"
        else:
            keys, field = ['"tun0"', '"wan1"', '"lo"'], "iifname"
        chosen = self.rng.sample(list(keys), min(len(keys), self.rng.randrange(1, 5)))
        pairs = ["%s : %s" % (k, self.verdict(targets)) for k in chosen]
        if kind != 3 and self.chance(0.2):
            pairs.append("* : %s" % self.verdict(targets))
        return "%s vmap { %s }" % (field, ", ".join(pairs))

    def verdict(self, targets):
        choices = ["accept", "drop", "accept", "drop", "return", "continue"]
        choices += ["jump " + t for t in targets] + ["goto " + t for t in targets]
        return self.rng.choice(choices)

    def rule(self, family, targets, prerouting):
        if self.chance(0.12):
            return self.vmap(family, targets)
        found = self.matches(family)
        if self.chance(0.15):
            found.append(self.pick("counter", 'log group 7', 'comment "x"'))
            if found[-1].startswith("comment"):
                found.pop()
        if prerouting == "raw" and self.chance(0.1):
            self.unsure = True
            return " ".join(found + ["notrack"])
        if self.chance(0.06):
            self.unsure = True
            return " ".join(found + ["meta mark set %d" % self.pick(1, 2)])
        verdict = self.verdict(targets)
        if verdict == "drop" and not prerouting and self.chance(0.2):
            verdict = "reject"
        return " ".join(found + [verdict])

    def chain(self, name, family, head, targets, kind, most):
        rules = [self.rule(family, targets, kind) for _ in range(self.rng.randrange(1, most))]
        return "    chain %s {\n%s        %s\n    }\n" % (
            name, "        " + head + "\n" if head else "", "\n        ".join(rules))

    def nat(self, family):
        rules = []
        self.unsure = True  # which address of this machine "redirect" puts in
        for _ in range(self.rng.randrange(1, 4)):
            match = self.match_port("tcp")
            if self.chance(0.5):
                match = self.match_address(family == "ip6") + " " + match
            rules.append(match + " " + self.pick("redirect to :%d" % self.port(), "accept",
                                                 "redirect"))
        return ("    chain nat {\n        type nat hook prerouting priority dstnat;\n        %s\n"
                "    }\n" % "\n        ".join(rules))

    def sets_text(self):
        text = ""
        if "n4" in self.sets:
            text += ("    set n4 { type ipv4_addr; flags interval; auto-merge; elements = %s }\n" %
                     self.listed(lambda: self.network(False, False), 8))
        if "n6" in self.sets:
            text += ("    set n6 { type ipv6_addr; flags interval; auto-merge; elements = %s }\n" %
                     self.listed(lambda: self.network(True, False), 8))
        if "ports" in self.sets:
            text += ("    set ports { type inet_service; flags interval; auto-merge; "
                     "elements = %s }\n" % self.listed(self.port_range, 6))
        return text

    def table(self, number):
        family = self.pick("inet", "inet", "ip", "ip6")
        self.sets = set()
        chains, targets = "", []
        for i in range(self.rng.randrange(0, 4)):
            chains += self.chain("c%d" % i, family, "", list(targets), "", 6)
            targets.append("c%d" % i)
        for i in range(self.rng.randrange(1, 3)):
            hook, priority = self.pick(("input", 0), ("input", -10), ("input", 10), ("input", 50),
                                       ("prerouting", -300), ("prerouting", -150),
                                       ("prerouting", 10))
            kind = "raw" if priority == -300 else hook if hook == "prerouting" else ""
            head = "type filter hook %s priority %d; policy %s;" % (
                hook, priority + number, self.pick("accept", "accept", "drop"))
            chains += self.chain("b%d" % i, family, head, targets, kind, 9)
        if family != "inet" and self.chance(0.3):
            chains += self.nat(family)
        return "table %s t%d {\n%s%s}\n" % (family, number, self.sets_text(), chains)

    def text(self):
        return "".join(self.table(i) for i in range(self.rng.randrange(1, 4)))


def ruleset(seed):
    made = Ruleset(seed)
    text = made.text()
    return text, made.unsure
