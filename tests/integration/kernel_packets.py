# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets into a network namespace of our own, by tun devices, and which of them the input hook
lets through. Every address that they are sent to is the namespace's own."""
import ctypes
import fcntl
import ipaddress
import json
import os
import random
import shutil
import struct
import subprocess
import time

NFT = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin")
IP = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
DEVICES = ["tun0", "wan1"]
LOCAL4, LOCAL6 = "10.9.0.0/24", "fd09::/64"
CLONE_NEWNET, TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x40000000, 0x400454CA, 0x0001, 0x1000
TCP, UDP, ICMP, ICMP6, SCTP, UDPLITE, GRE, ESP = 6, 17, 1, 58, 132, 136, 47, 50

# Before everything else each packet is counted, after everything else it is noted and ends.
JUDGE = """
table inet judge {
    set seen4 { typeof ip id; size 65535; flags dynamic; }
    set seen6 { typeof ip6 flowlabel; size 65535; flags dynamic; }
    chain arrived { type filter hook prerouting priority -2000; iifname { tun0, wan1 } counter; }
    chain survived { type filter hook input priority 5000;
        iifname != { tun0, wan1 } accept
        meta nfproto ipv4 add @seen4 { ip id } drop
        meta nfproto ipv6 add @seen6 { ip6 flowlabel } drop
    }
}
"""


def missing():
    """Why the test cannot run here, or None."""
    if os.geteuid():
        return "needs root"
    if not NFT or not IP:
        return "needs nft and ip"
    return None if os.path.exists("/dev/net/tun") else "needs /dev/net/tun"


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def enter():
    """A namespace of our own with two devices; descriptors by name. None: not permitted."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        return None
    fds = {}
    for name in DEVICES:
        try:
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        except OSError:
            return None
        fds[name] = fd
        for path in "net/ipv4/conf/%s/rp_filter", "net/ipv6/conf/%s/accept_ra":
            write("/proc/sys/" + path % name, "0")
        run(IP, "link", "set", name, "up")
        # what "redirect" sends packets to
        run(IP, "address", "add", "10.9.0.%d/32" % (250 + len(fds)), "dev", name)
        run(IP, "address", "add", "fd09::%d/128" % (250 + len(fds)), "dev", name)
    write("/proc/sys/net/netfilter/nf_conntrack_checksum", "0")
    write("/proc/sys/net/ipv4/conf/all/rp_filter", "0")
    for command in ("link set lo up", "route add default dev tun0", "-6 route add default dev tun0",
                    "route add local %s dev lo" % LOCAL4, "-6 route add local %s dev lo" % LOCAL6):
        run(IP, *command.split())
    return fds


def write(path, text):
    try:
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
    except OSError:
        pass


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """proto, ports (of ICMP: dport is type << 8 | code) and where it comes in."""

    def __init__(self, device, proto, sport, dport, src, dst):
        self.device, self.proto, self.sport, self.dport = device, proto, sport, dport
        self.src, self.dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)

    def line(self):
        return "%s %d %d %d %s %s" % (self.device, self.proto, self.sport, self.dport, self.src,
                                      self.dst)

    def payload(self):
        ports = struct.pack("!HH", self.sport, self.dport)
        if self.proto == TCP:
            return ports + struct.pack("!IIBBHHH", 1, 0, 5 << 4, 2, 1024, 0, 0), 16
        if self.proto == UDP:
            return ports + struct.pack("!HH", 8, 0), 6
        if self.proto == UDPLITE:
            return ports + struct.pack("!HH", 8, 0), 6
        if self.proto == SCTP:
            init = struct.pack("!BBHIIHHI", 1, 0, 20, 7, 1500, 1, 1, 9)
            body = ports + struct.pack("!II", 0, 0) + init
            return body[:8] + struct.pack("<I", crc32c(body)) + body[12:], None
        if self.proto in (ICMP, ICMP6):
            return struct.pack("!BBHI", self.dport >> 8, self.dport & 255, 0, 1) + bytes(40), 2
        return bytes([0, 0, 8, 0]) + bytes(20), None

    def bytes(self, number):
        body, at = self.payload()
        if self.src.version == 4:
            pseudo = self.src.packed + self.dst.packed + struct.pack("!BBH", 0, self.proto,
                                                                     len(body))
        else:
            pseudo = self.src.packed + self.dst.packed + struct.pack("!IHBB", len(body), 0, 0,
                                                                     self.proto)
        if at is not None:
            total = checksum((b"" if self.proto == ICMP else pseudo) + body)
            body = body[:at] + struct.pack("!H", total or 0xFFFF) + body[at + 2:]
        if self.src.version == 6:
            return struct.pack("!IHBB", 6 << 28 | number, len(body), self.proto,
                               64) + self.src.packed + self.dst.packed + body
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), number, 0, 64, self.proto, 0)
        head += self.src.packed + self.dst.packed
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


SOURCES4 = ["10.1.0.%d" % i for i in (0, 1, 2, 7, 8, 255)] + [
    "10.1.1.0", "10.2.3.4", "10.2.3.128", "198.51.100.7", "198.51.100.8", "203.0.113.1",
    "192.0.2.33", "1.0.0.1", "100.64.0.1", "172.16.5.5"]
SOURCES6 = ["2001:db8::%x" % i for i in (1, 2, 0xffff)] + [
    "2001:db8:1::1", "2001:db8:1:2::1", "2001:db8:ffff::1", "2a00:1450::1", "fd00:1::1"]
LOCALS4 = ["10.9.0.%d" % i for i in (1, 2, 3, 64, 200)]
LOCALS6 = ["fd09::1", "fd09::2", "fd09::ff"]
PORTS = [1, 22, 23, 53, 79, 80, 81, 443, 1023, 1024, 1025, 5432, 8080, 33000, 65535]
ICMP_TYPES = [0, 3, 4, 5, 8, 11, 12, 13, 15, 17, 40]
ICMP6_TYPES = [1, 2, 3, 4, 128, 129, 131, 133, 135, 136, 137, 139, 200]


def random_packet(rng, versions=(4, 6)):
    version = rng.choice(versions)
    proto = rng.choice([TCP] * 5 + [UDP] * 3 + [SCTP, UDPLITE, GRE, ESP, 253] +
                       [ICMP if version == 4 else ICMP6] * 2)
    sport, dport = rng.choice(PORTS), rng.choice(PORTS)
    if rng.random() < 0.2:
        sport, dport = rng.randrange(1, 65536), rng.randrange(1, 65536)
    if proto in (ICMP, ICMP6):
        sport = 0
        dport = rng.choice(ICMP_TYPES if proto == ICMP else ICMP6_TYPES) << 8 | rng.choice([0, 0, 3])
    elif proto in (GRE, ESP, 253):
        sport = dport = 0
    if version == 4:
        src, dst = rng.choice(SOURCES4), rng.choice(LOCALS4)
        if rng.random() < 0.2:
            src = str(ipaddress.ip_address(rng.randrange(1 << 24, 100 << 24)))
            src = src if not src.startswith("10.9.") else "10.8.0.1"
    else:
        src, dst = rng.choice(SOURCES6), rng.choice(LOCALS6)
        if rng.random() < 0.2:
            src = str(ipaddress.ip_address((0x2001 << 112) | rng.getrandbits(100)))
    return Packet(rng.choice(DEVICES), proto, sport, dport, src, dst)


def elements(name):
    out = run(NFT, "-j", "list", "set", "inet", "judge", name)
    for item in json.loads(out.stdout)["nftables"]:
        if "set" in item:
            return {e if isinstance(e, int) else e["elem"]["val"]
                    for e in item["set"].get("elem", [])}
    return set()


def arrived():
    out = run(NFT, "-j", "list", "chain", "inet", "judge", "arrived")
    for item in json.loads(out.stdout)["nftables"]:
        for e in item.get("rule", {}).get("expr", []):
            if "counter" in e:
                return e["counter"]["packets"]
    return 0


def forget():
    """What was noted of earlier packets."""
    for name in "seen4", "seen6":
        run(NFT, "flush", "set", "inet", "judge", name)


def load(ruleset):
    """Loads a rule set of nft together with the judge; the error, or None."""
    run(NFT, "flush", "ruleset")
    out = run(NFT, "-f", "-", stdin=ruleset + JUDGE)
    return out.stderr if out.returncode else None


def survivors(fds, packets):
    """For each packet: did it come through the input hook? None: they did not all arrive."""
    before = arrived()
    for number, packet in enumerate(packets, 1):
        os.write(fds[packet.device], packet.bytes(number))
        drain(fds)
    deadline = time.monotonic() + 5
    while arrived() - before < len(packets):
        if time.monotonic() > deadline:
            return None
        time.sleep(0.01)
    seen = {4: elements("seen4"), 6: elements("seen6")}
    return [number in seen[p.src.version] for number, p in enumerate(packets, 1)]


def drain(fds):
    """What the namespace answers is thrown away."""
    for fd in fds.values():
        try:
            while os.read(fd, 4096):
                pass
        except BlockingIOError:
            pass


def rules_json():
    """The rule set as nft lists it, without the judge."""
    listed = json.loads(run(NFT, "-j", "list", "ruleset").stdout)["nftables"]
    kept = [x for x in listed
            if not any(isinstance(v, dict) and "judge" in (v.get("table"), v.get("name"))
                       for v in x.values())]
    return json.dumps({"nftables": kept})


def seed():
    """The same in every run of the tests; KERNEL_SEED=N or =random looks elsewhere."""
    word = os.environ.get("KERNEL_SEED") or "20261122"
    return random.SystemRandom().getrandbits(32) if word == "random" else int(word)
