# SPDX-License-Identifier: GPL-3.0-or-later
"""What `az` would print of the stories' machines: exports for --azure."""
import json
import os
import shlex

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/contoso/providers"
NETWORK = GROUP + "/Microsoft.Network"
SUBNET = NETWORK + "/virtualNetworks/net/subnets/front"


def rule(nsg, name, priority, source, ports):
    path = NETWORK + "/networkSecurityGroups/" + nsg
    return {"name": name, "id": path + "/securityRules/" + name, "priority": priority,
            "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": source, "sourcePortRange": "*", "destinationAddressPrefix": "*",
            "destinationPortRanges": ports}


def kind(name):
    return {"type": "Microsoft." + name, "resourceGroup": "contoso", "location": "westeurope"}


def machine(name, private, public, rules):
    """Of one machine: its own network security group; a public address, or none."""
    vm = GROUP + "/Microsoft.Compute/virtualMachines/" + name
    nic, nsg = name + "-nic", name + "-nsg"
    address = NETWORK + "/publicIPAddresses/" + name + "-ip"
    path = NETWORK + "/networkInterfaces/" + nic
    configuration = {"name": "ipconfig1", "id": path + "/ipConfigurations/ipconfig1", "primary": True,
                     "privateIPAddress": private, "privateIPAddressVersion": "IPv4",
                     "subnet": {"id": SUBNET}}
    if public:
        configuration["publicIPAddress"] = {"id": address}
    return {
        "vms": [dict(kind("Compute/virtualMachines"), id=vm, name=name, powerState="VM running",
                     publicIps=public or "", privateIps=private,
                     networkProfile={"networkInterfaces": [{"id": path, "primary": True}]},
                     osProfile={"computerName": name, "adminUsername": "ben"},
                     storageProfile={"osDisk": {"osType": "Linux"}})],
        "nics": [dict(kind("Network/networkInterfaces"), id=path, name=nic, primary=True,
                      enableIPForwarding=False, virtualMachine={"id": vm},
                      networkSecurityGroup={"id": NETWORK + "/networkSecurityGroups/" + nsg},
                      ipConfigurations=[configuration])],
        "nsgs": [dict(kind("Network/networkSecurityGroups"), name=nsg,
                      id=NETWORK + "/networkSecurityGroups/" + nsg,
                      securityRules=[rule(nsg, *r) for r in rules])],
        "ips": [dict(kind("Network/publicIPAddresses"), id=address, name=name + "-ip",
                     ipAddress=public, publicIPAddressVersion="IPv4",
                     sku={"name": "Standard", "tier": "Regional"},
                     ipConfiguration={"id": path + "/ipConfigurations/ipconfig1"})] if public else [],
    }


def export(folder, machines):
    """Writes vms.json, nics.json …: what machine() said of each."""
    os.makedirs(folder, exist_ok=True)
    together = {"vnets": [dict(kind("Network/virtualNetworks"), id=NETWORK + "/virtualNetworks/net",
                               name="net", addressSpace={"addressPrefixes": ["10.0.0.0/16"]},
                               subnets=[{"id": SUBNET, "name": "front",
                                         "addressPrefix": "10.0.1.0/24"}])]}
    for one in machines:
        for name, list_ in one.items():
            together.setdefault(name, []).extend(list_)
    for name, list_ in together.items():
        with open(os.path.join(folder, name + ".json"), "w", encoding="ascii") as f:
            json.dump(list_, f, indent=1)


def apply(folder, text):
    """`az network nsg rule create|update|delete` commands, done to the export."""
    path = os.path.join(folder, "nsgs.json")
    with open(path, encoding="ascii") as f:
        groups = json.load(f)
    for command in text.split("&&"):
        words = shlex.split(command)
        if words[:4] != ["az", "network", "nsg", "rule"]:
            raise ValueError("not understood: " + command)
        options, name = {}, ""
        for word in words[5:]:
            if word.startswith("--"):
                name = word[2:]
            options.setdefault(name, []).extend([] if word.startswith("--") else [word])
        rules = next(g for g in groups if g["name"] == options["nsg-name"][0])["securityRules"]
        old = [r for r in rules if r["name"] == options["name"][0]]
        new = old[0] if old else rule(options["nsg-name"][0], options["name"][0], 0, "*", [])
        if old:
            rules.remove(new)
        if words[4] == "delete":
            continue
        for option, key in (("direction", "direction"), ("access", "access"), ("protocol", "protocol")):
            if option in options:
                new[key] = options[option][0]
        if "priority" in options:
            new["priority"] = int(options["priority"][0])
        if "destination-port-ranges" in options:
            new["destinationPortRanges"] = options["destination-port-ranges"]
        if "source-address-prefixes" in options:
            new.pop("sourceAddressPrefix", None)
            new["sourceAddressPrefixes"] = options["source-address-prefixes"]
        rules.append(new)
    with open(path, "w", encoding="ascii") as f:
        json.dump(groups, f, indent=1)
