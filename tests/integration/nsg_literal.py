#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""NSGs of public templates that hold no expressions, and random ones: what the internet reaches is
what a look at one address and one rule after the other says.

Usage: nsg_literal.py HOLDFAST
"""
import glob
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

HOLDFAST = os.path.abspath(sys.argv[1])
CORPUS = "../shared/corpora/nsg/quickstart"
SYMBOLS = ("*", "any", "internet", "virtualnetwork", "azureloadbalancer")
KIND = "Microsoft.Network/networkSecurityGroups"
ID = "/subscriptions/s/resourceGroups/g/providers/%s/%s"


def without_comments(text):
    string = r'"(?:\\.|[^"\\])*"'
    return re.sub(string + r"|//[^\n]*|/\*.*?\*/",
                  lambda m: m.group() if m.group().startswith('"') else " ", text, flags=re.S)


def values(rule, one, many):
    listed = rule.get(many) or []
    return listed if listed else [rule[one]] if rule.get(one) is not None else []


def prefix(text):
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_plain(rule):
    """No expressions, groups, service tags; any source port; destinations that are every machine."""
    texts = [t for v in rule.values() for t in (v if isinstance(v, list) else [v])]
    if any(isinstance(t, str) and t.startswith("[") for t in texts):
        return False
    if any("ApplicationSecurityGroups" in k and v for k, v in rule.items()):
        return False
    to = values(rule, "destinationAddressPrefix", "destinationAddressPrefixes")
    ports = values(rule, "destinationPortRange", "destinationPortRanges")
    sources = values(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    return (bool(to) and all(t.lower() in ("*", "any", "virtualnetwork") for t in to) and
            values(rule, "sourcePortRange", "sourcePortRanges") == ["*"] and bool(sources) and
            all(s.lower() in SYMBOLS or prefix(s) for s in sources) and
            bool(ports) and all(re.fullmatch(r"\*|\d+(-\d+)?", str(p)) for p in ports) and
            rule["protocol"].lower() in ("*", "tcp", "udp", "icmp"))


def templates():
    found = []
    for path in sorted(glob.glob(CORPUS + "/*.json")):
        with open(path, encoding="utf-8-sig", errors="replace") as f:
            try:
                resources = json.loads(without_comments(f.read())).get("resources", [])
            except ValueError:
                continue
        for r in resources:
            if not isinstance(r, dict) or str(r.get("type")).lower() != KIND.lower():
                continue
            rules = r.get("properties")
            rules = rules.get("securityRules") if isinstance(rules, dict) else None
            if not isinstance(rules, list):
                continue
            rules = [x.get("properties") for x in rules]
            if not all(isinstance(x, dict) for x in rules):
                continue
            inbound = [x for x in rules if x.get("direction", "").lower() == "inbound"]
            priorities = [x.get("priority") for x in inbound]
            if len(set(priorities)) == len(priorities) and all(map(is_plain, rules)):
                found.append(rules)
    return found


def random_nsg(rng):
    sources = ["*", "Internet", "VirtualNetwork", "AzureLoadBalancer", "0.0.0.0/0", "0.0.0.0/1",
               "128.0.0.0/1", "8.8.8.0/24", "10.0.0.0/8", "16.0.0.0/4", "::/0", "2000::/3",
               "2001:db8::/32", "168.63.129.16/32"]
    ports = ["*", "22", "3389", "80", "20-25", "0-1023", "443", "1024-65535", "3388-3390"]
    rules = []
    for priority in rng.sample(range(100, 4097), rng.randrange(1, 12)):
        many = rng.random() < .3
        rule = {"priority": priority, "direction": "Inbound", "sourcePortRange": "*",
                "access": rng.choice(("Allow", "Deny")), "destinationAddressPrefix": "*",
                "protocol": rng.choice(("Tcp", "TCP", "Udp", "*", "*", "Icmp"))}
        if many:
            rule["sourceAddressPrefixes"] = rng.sample(sources[4:], 2)
            rule["destinationPortRanges"] = rng.sample(ports[1:], 3)
        else:
            rule["sourceAddressPrefix"] = rng.choice(sources)
            rule["destinationPortRange"] = rng.choice(ports)
        rules.append(rule)
    return rules


def port_range(text):
    first, _, last = str(text).partition("-")
    return (0, 65535) if text == "*" else (int(first), int(last or first))


def matches(rule, protocol, port, address):
    if rule["protocol"].lower() not in ("*", protocol):
        return False
    if not any(a <= port <= b for a, b in map(port_range, values(
            rule, "destinationPortRange", "destinationPortRanges"))):
        return False
    for s in values(rule, "sourceAddressPrefix", "sourceAddressPrefixes"):
        if s.lower() in ("*", "any", "internet"):
            return True
        network = prefix(s)
        if network and network.version == address.version and address in network:
            return True
    return False


def is_open(rules, protocol, port, addresses):
    inbound = sorted((r for r in rules if r["direction"].lower() == "inbound"),
                     key=lambda r: r["priority"])
    for address in addresses:
        for rule in inbound:
            if matches(rule, protocol, port, address):
                if rule["access"].lower() == "allow":
                    return True
                break
    return False


def addresses_of(rules):
    found = {ipaddress.ip_address(a) for a in ("8.8.8.8", "1.1.1.1", "200.1.1.1", "2a00::1")}
    for r in rules:
        for s in values(r, "sourceAddressPrefix", "sourceAddressPrefixes"):
            network = prefix(s)
            if network:
                for n in (int(network[0]) - 1, int(network[0]), int(network[-1]),
                          int(network[-1]) + 1):
                    if 0 <= n < 1 << network.max_prefixlen:
                        found.add(type(network[0])(n))
    own = ipaddress.ip_address("168.63.129.16")
    return [a for a in found if a.is_global and not a.is_multicast and a != own]


def ports_of(rules):
    found = {0, 22, 80, 3389, 65535}
    for r in rules:
        for first, last in map(port_range, values(r, "destinationPortRange",
                                                  "destinationPortRanges")):
            found |= {max(0, first - 1), first, last, min(65535, last + 1)}
    return sorted(found)


def answers(nsgs):
    resources = []
    for i, rules in enumerate(nsgs):
        name = "nsg-%d" % i
        resources.append({"id": ID % (KIND, name), "name": name, "type": KIND, "properties": {
            "securityRules": [{"name": "rule-%d" % k, "properties": r}
                              for k, r in enumerate(rules)]}})
    with tempfile.TemporaryDirectory(prefix="holdfast-nsg-") as folder:
        path = folder + "/nsgs.json"
        with open(path, "w", encoding="ascii") as f:
            json.dump(resources, f)
        out = subprocess.run(
            [HOLDFAST, "query", "--azure", path, "--format", "json", "SELECT name, protocol, "
             "port_from, port_to, internet FROM azure_exposure"], capture_output=True, check=True)
    table = {}
    for row in json.loads(out.stdout):
        table.setdefault((row["name"], row["protocol"]), []).append(row)
    return table


def compare(nsgs, name):
    table, asked, opened, wrong = answers(nsgs), 0, 0, []
    for i, rules in enumerate(nsgs):
        addresses = addresses_of(rules)
        for protocol in ("tcp", "udp"):
            for port in ports_of(rules):
                row = [r for r in table["nsg-%d" % i, protocol]
                       if r["port_from"] <= port <= r["port_to"]]
                want = int(is_open(rules, protocol, port, addresses))
                asked += 1
                opened += want
                if len(row) != 1 or row[0]["internet"] != want:
                    wrong.append((i, protocol, port, want))
    ok(not wrong and opened and opened < asked, name, "%d NSGs, %d ports, %d open; wrong: %s" % (
        len(nsgs), asked, opened, wrong[:5] or "none"))


def main():
    rng = random.Random(20)
    compare([random_nsg(rng) for _ in range(400)], "random NSGs")
    public = templates()
    if public:
        compare(public, "NSGs of public templates")
        ok(len(public) >= 150, "many of them are literal", "%d" % len(public))
    else:
        skip("NSGs of public templates", "the corpus is not there")
    return plan()


sys.exit(main())
