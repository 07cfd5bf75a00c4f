# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up answers of `az network nsg list`, as long as a benchmark wants them."""
import json
import random

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/"
KIND = "Microsoft.Network/networkSecurityGroups"


def rule(nsg, i, rng):
    name = "rule-%d" % i
    prefixes = ["%d.%d.%d.0/24" % (rng.randrange(1, 224), rng.randrange(256), rng.randrange(256))
                for _ in range(rng.choice((1, 1, 1, 2, 4)))]
    ports = [str(rng.choice((22, 80, 443, 3389, 8080, rng.randrange(1, 65536))))]
    one = len(prefixes) == 1
    return {
        "access": rng.choice(("Allow", "Allow", "Deny")), "description": None,
        "destinationAddressPrefix": "*", "destinationAddressPrefixes": [],
        "destinationPortRange": ports[0], "destinationPortRanges": [],
        "direction": rng.choice(("Inbound", "Inbound", "Outbound")),
        "etag": 'W/"00000000-0000-0000-0000-000000000000"',
        "id": "%s/securityRules/%s" % (nsg, name), "name": name, "priority": 100 + i,
        "protocol": rng.choice(("Tcp", "Udp", "*")), "provisioningState": "Succeeded",
        "resourceGroup": "group", "sourceAddressPrefix": prefixes[0] if one else None,
        "sourceAddressPrefixes": [] if one else prefixes, "sourcePortRange": "*",
        "sourcePortRanges": [], "type": KIND + "/securityRules"}


def write(path, nsgs, rules, indent=None):
    rng = random.Random(1)
    with open(path, "w", encoding="ascii") as f:
        f.write("[")
        for n in range(nsgs):
            nsg = "%sgroup/providers/%s/nsg-%d" % (SUBSCRIPTION, KIND, n)
            f.write("%s\n" % ("," if n else ""))
            json.dump({"id": nsg, "name": "nsg-%d" % n, "location": "westeurope",
                       "resourceGroup": "group", "type": KIND, "defaultSecurityRules": [],
                       "securityRules": [rule(nsg, i, rng) for i in range(rules)]},
                      f, indent=indent)
        f.write("]\n")
