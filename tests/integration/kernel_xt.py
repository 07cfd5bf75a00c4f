#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Holdfast reads of iptables-nft in the kernel decides over packets as iptables-save does.

Rule sets are loaded by iptables-nft-restore into a network namespace; the text of
firewall_ruleset, which comes from nfnetlink, and that of iptables-nft-save are read by
filter_verdict, which must answer the same for all packets. ufw's own rules are taken from
/usr/share/ufw/iptables or $UFW_RULES, further rule sets from ../shared/corpora."""
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

VERDICT, HOLDFAST = map(os.path.abspath, sys.argv[1:3])
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
PROGRAMS = {v6: shutil.which("ip%stables-nft-restore" % v6, path=PATH) for v6 in ("", "6")}
DEVICES = ["eth0", "eth1", "docker0", "lo"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

OPTIONS = """*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 81 -j CT --notrack
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i eth1 -p tcp --dport 82 -j MARK --set-mark 3/7
-A PREROUTING -m conntrack --ctstate INVALID -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 8443 -j REDIRECT --to-ports 443
-A PREROUTING -p udp --dport 5353 -j REDIRECT
COMMIT
*filter
:INPUT DROP [0:0]
:deeper - [0:0]
:log-drop - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m state --state INVALID -j DROP
-A INPUT -p tcp -m conntrack --ctstate NEW -m multiport --dports 22,80:81 -j ACCEPT
-A INPUT -p tcp -m multiport ! --sports 1024:65535 -m comment --comment "a \\"b\\" -j ACCEPT" -j DROP
-A INPUT ! -i eth+ -p tcp --dport 1000:2000 --syn -m limit --limit 3/min -j deeper
-A INPUT -p udp ! --sport 53 --dport 4000: -m mark --mark 0 -j ACCEPT
-A INPUT -p tcp --dport 82 -m mark --mark 3/7 -j ACCEPT
-A INPUT -p tcp --dport 25 -m recent --update --seconds 60 --hitcount 4 --name mail -j DROP
-A INPUT -p tcp --dport 25 -m recent --set --name mail -j ACCEPT
-A INPUT -p tcp --dport 110 -m hashlimit --hashlimit-above 5/min --hashlimit-mode srcip --hashlimit-name pop -j DROP
-A INPUT -p tcp --dport 110 -m connlimit --connlimit-above 5 -j DROP
-A INPUT -p tcp --dport 110 -j ACCEPT
-A INPUT -p tcp --dport 143 -m pkttype --pkt-type unicast -m addrtype ! --dst-type MULTICAST -j ACCEPT
-A INPUT -p tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG -j DROP
-A INPUT -p tcp --dport 993 -m conntrack --ctorigdstport 993 --ctdir ORIGINAL -j ACCEPT
-A INPUT -p tcp --dport 443 -g deeper
-A INPUT -p 47 -j ACCEPT
-A INPUT -j log-drop
-A deeper -m connmark --mark 1 -j RETURN
-A deeper -p tcp -m tcp ! --dport 1500 -j ACCEPT
-A log-drop -m limit --limit 10/hour -j LOG --log-prefix "[drop] "
-A log-drop -j NFLOG
-A log-drop -j REJECT
COMMIT
"""
V4 = """*filter
:INPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.0/8 -d 192.0.2.1 -p tcp --dport 22 -j ACCEPT
-A INPUT ! -s 10.0.0.0/255.0.255.0 -p tcp --dport 23 -j DROP
-A INPUT -s 172.16.0.0/12 -p udp -j DROP
-A INPUT -m iprange --src-range 198.51.100.3-198.51.100.200 -p tcp --dport 80 -j DROP
-A INPUT -p icmp --icmp-type echo-request -j DROP
-A INPUT -p icmp --icmp-type 3/4 -j ACCEPT
-A INPUT -p icmp ! --icmp-type 11 -j DROP
-A INPUT -f -j DROP
-A INPUT -p tcp -m mac --mac-source 00:11:22:33:44:55 --dport 443 -j DROP
-A INPUT ! -p tcp -j DROP
COMMIT
"""
V6 = """*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination [2001:db8::1]:8080
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -m rt --rt-type 0 -j DROP
-A INPUT -p icmpv6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT
-A INPUT -p icmpv6 --icmpv6-type echo-request -j ACCEPT
-A INPUT -s 2001:db8::/33 -p tcp --dport 22 -j ACCEPT
-A INPUT ! -s fd00::/8 -d 2001:db8::1 -p udp -j ACCEPT
COMMIT
"""
DOCKER = """*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 10.0.0.5 -j SNAT --to-source 192.0.2.1
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-A DOCKER -d 192.0.2.1/32 ! -i docker0 -p udp --dport 53 -j DNAT --to-destination 172.17.0.3-172.17.0.9:5300-5310
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-USER -s 203.0.113.0/24 -j DROP
-A DOCKER-USER -j RETURN
COMMIT
"""
UFW_HOOKS = ("before-logging", "before", "after", "after-logging", "reject", "track")


def run(*command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def packets(v6, seed, text):
    """Of the ports and addresses of the rule set, of its neighbours and of others."""
    rng = random.Random(seed)
    words = text.replace(",", " ").replace("/", " ").replace(":", " " if not v6 else ":").split()
    ports = {1, 22, 80, 1023, 1024, 65535}
    for word in words:
        if word.isdigit() and 0 < int(word) < 65535:
            ports |= {int(word) - 1, int(word), int(word) + 1}
    if v6:
        addresses = ["2001:db8::1", "2001:db8:8000::1", "fd00::1", "fe80::1", "2600::1"]
    else:
        addresses = ["10.0.0.1", "10.9.0.3", "10.0.7.1", "192.0.2.1", "198.51.100.77", "8.8.8.8",
                     "172.17.0.2", "172.31.0.1", "203.0.113.5", "224.0.0.251"]
        addresses += [w for w in words if w.count(".") == 3 and w.replace(".", "").isdigit()][:40]
    ports, lines = sorted(ports), []
    for _ in range(1500):
        proto = rng.choice([6, 6, 6, 17, 17, 58 if v6 else 1, 47])
        if proto in (1, 58):  # type and code stand where the ports do
            pair = rng.choice([0, 3, 8, 11, 128, 135]), rng.choice([0, 0, 4])
        else:
            pair = rng.choice(ports), rng.choice(ports)
        lines.append("%s %d %d %d %s %s" % (rng.choice(DEVICES), proto, *pair,
                                            rng.choice(addresses), rng.choice(addresses)))
    return "\n".join(lines) + "\n"


def judge(directory, v6, text, lines):
    path = os.path.join(directory, "rules")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return run(VERDICT, "ip6tables" if v6 else "iptables", path, *DEVICES, stdin=lines)


def in_namespace(directory, script):
    """The rule set as the kernel has it afterwards: by iptables-save, and by Holdfast."""
    path = os.path.join(directory, "script")
    with open(path, "w", encoding="utf-8") as f:
        f.write(script)
    done = run("unshare", "-n", "sh", path)
    return done.stdout if done.returncode == 0 else None


def compare(directory, name, v6, script, whole=True):
    six = "6" if v6 else ""
    both = in_namespace(directory, """set -e
        PATH=%s
        %s
        ip%stables-nft-save
        echo ======
        %s query --format json "SELECT text FROM firewall_ruleset
            WHERE origin = 'kernel' AND backend = 'ip%stables'"
        """ % (PATH, script, six, HOLDFAST, six))
    if both is None:
        if whole:
            ok(False, "%s cannot be loaded" % name)
        return False
    saved, ours = both.split("======\n")
    rows = json.loads(ours)
    rows = rows.get("rows", rows) if isinstance(rows, dict) else rows
    if not rows:  # of the kernel's own expressions alone: nft says it all
        return False
    lines = packets(v6, name, "\n".join(x for x in saved.splitlines() if x[:1] == "-"))
    want = judge(directory, v6, saved, lines)
    got = judge(directory, v6, rows[0]["text"], lines)
    equal = want.stdout == got.stdout and want.returncode == got.returncode == 0
    kinds = {k: want.stdout.split().count(k) for k in ("accept", "drop", "unknown")}
    ok(equal, "%s: %s" % (name, ", ".join("%d %s" % (n, k) for k, n in kinds.items())))
    if not equal:
        for line, a, b in list(zip(lines.splitlines(), want.stdout.split(),
                                   got.stdout.split())):
            if a != b:
                print("# %s: iptables-save %s, nfnetlink %s" % (line, a, b))
                break
        print("#", want.stderr.strip(), got.stderr.strip())
    return True


def bare(saved):
    """Tables, chains and rules of iptables-save, in any order of the tables and of the options."""
    table, lines = "", []
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line
        if line and line[0] in ":-":
            lines.append((table, line))
    return sorted(line for line in lines if line[1][0] == ":"), [
        line for line in sorted(lines, key=lambda x: x[0]) if line[1][0] == "-"]


def round_trip(directory, name, v6, text):
    """iptables-nft loads what Holdfast wrote, and then has the same rules."""
    six = "6" if v6 else ""
    done = in_namespace(directory, """set -e
        PATH=%s
        cd %s
        %s
        ip%stables-nft-save
        echo ======
        %s query --format json "SELECT text FROM firewall_ruleset
            WHERE origin = 'kernel' AND backend = 'ip%stables'" >ours
        python3 -c 'import json; print(json.load(open("ours"))[0]["text"])' >text
        unshare -n sh -c '%s <text; ip%stables-nft-save'
        """ % (PATH + ":" + os.environ.get("PATH", ""), directory, restore(directory, six, text),
               six, HOLDFAST, six, PROGRAMS[six], six))
    before, after = (done or "======\n").split("======\n")
    ok(before and bare(before) == bare(after), "%s: loaded again, it is the same" % name)
    for a, b in zip(bare(before)[1], bare(after)[1]):
        if a != b:
            print("# %s\n# %s" % (a[1], b[1]))


def restore(directory, v6, text, name="text"):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return "%s --noflush <%s\n" % (PROGRAMS[v6], path)


def ufw(directory, six):
    """As ufw-init puts its files into the kernel."""
    source = os.environ.get("UFW_RULES", "/usr/share/ufw/iptables")
    if not os.path.isdir(source):
        skip("ufw's own rules", "they are not here")
        return
    own = "ufw%s-" % six
    chains = ["%s%s-%s" % (own, kind, hook) for hook in ("input", "forward", "output")
              for kind in UFW_HOOKS + ("user", "user-logging", "user-limit")]
    chains += [own + c for c in ("logging-deny", "logging-allow", "skip-to-policy-input",
                                 "skip-to-policy-output", "skip-to-policy-forward", "user-limit",
                                 "user-limit-accept")]
    head = "*filter\n:INPUT DROP [0:0]\n" + "".join(":%s - [0:0]\n" % c for c in chains)
    tail = "*filter\n"
    for kind in UFW_HOOKS:
        tail += "-A INPUT -j %s%s-input\n" % (own, kind)
    tail += "-A %sskip-to-policy-input -j DROP\n" % own
    tail += "-A %sbefore-input -j %suser-input\n" % (own, own)
    for rule in ("-p tcp --dport 22 -j ACCEPT", "-p tcp -m multiport --dports 80,443 -j ACCEPT",
                 "-p tcp --dport 2222 -m conntrack --ctstate NEW -m recent --set",
                 "-p tcp --dport 2222 -m conntrack --ctstate NEW -m recent --update --seconds 30 "
                 "--hitcount 6 -j %suser-limit" % own,
                 "-p tcp --dport 2222 -j %suser-limit-accept" % own):
        tail += "-A %suser-input %s\n" % (own, rule)
    tail += "-A %suser-limit -j REJECT\n-A %suser-limit-accept -j ACCEPT\n" % (own, own)
    script = restore(directory, six, head + "COMMIT\n", "head")
    for kind in ("before", "after"):
        script += "%s --noflush <%s\n" % (PROGRAMS[six],
                                          os.path.join(source, "%s%s.rules" % (kind, six)))
    script += restore(directory, six, tail + "COMMIT\n", "tail")
    compare(directory, "ufw%s's own rules" % six, bool(six), script)


def corpora(directory):
    root = os.path.join(ROOT, "..", "shared", "corpora", "iptables")
    seen = 0
    for path in sorted(glob.glob(root + "/**", recursive=True)):
        if not os.path.isfile(path) or os.path.getsize(path) > 200_000:
            continue
        with open(path, encoding="utf-8", errors="replace") as f:
            text = f.read()
        if "COMMIT" not in text or "\n*" not in "\n" + text:
            continue
        seen += compare(directory, os.path.relpath(path, root), False,
                        "%s <'%s'" % (PROGRAMS[""], path), whole=False)
    if not seen:
        skip("the corpora", "they are not here")


def exposure(directory):
    """Ports that are open and ports that are shut, of processes in the namespace."""
    # what is not tracked, and is moved after that, has no state that is known
    rules = OPTIONS[OPTIONS.index("*mangle"):]
    script = restore(directory, "", rules, "v4") + restore(directory, "6", rules, "v6") + """
        PATH=%s
        ip link set lo up
        python3 -c 'import socket, time
keep = [socket.create_server(("", p)) for p in (22, 80, 1500, 3306)]
print(flush=True)
time.sleep(60)' >ready 2>/dev/null &
        trap "kill $!" EXIT
        while [ ! -s ready ]; do sleep 0.1; done
        %s exposure --all --format json
        """ % (PATH + ":" + os.environ.get("PATH", ""), HOLDFAST)
    done = in_namespace(directory, "set -e\ncd %s\n%s" % (directory, script))
    found = {row["port"]: row["internet"] for row in json.loads(done or "[]")
             if row["protocol"] == "tcp"}
    for port, want in ((22, True), (80, True), (1500, False), (3306, False)):
        ok(found.get(port) is want, "exposure of %d/tcp: %s" % (port, found.get(port)))


def main():
    if os.geteuid() or run("unshare", "-n", "true").returncode:
        print("1..0 # SKIP needs a network namespace")
        return 0
    if not all(PROGRAMS.values()) or not shutil.which("nft", path=PATH):
        print("1..0 # SKIP needs iptables-nft-restore and nft")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        for six in ("", "6"):
            compare(directory, "options" + six, bool(six), restore(directory, six, OPTIONS))
            ufw(directory, six)
        compare(directory, "addresses", False, restore(directory, "", V4 + OPTIONS))
        compare(directory, "addresses6", True, restore(directory, "6", V6))
        compare(directory, "docker", False, restore(directory, "", DOCKER))
        round_trip(directory, "docker", False, DOCKER)
        round_trip(directory, "addresses6", True, V6.replace("-A INPUT -m rt --rt-type 0 -j DROP\n", ""))
        exposure(directory)
        corpora(directory)
    return plan()


sys.exit(main())
