# SPDX-License-Identifier: GPL-3.0-or-later
# The view open_ports: which rule of a firewall lets everybody in, in each dialect.
. ./lib.sh

WHY="SELECT port, coalesce(why, 'shut') FROM open_ports"

# machine NAME UNIT: sshd on port 22, and UNIT loads the firewall
machine() {
	tree "$1"
	write etc/os-release <<E
ID=debian
VERSION_ID="12"
E
	write usr/sbin/sshd 755 <<E
OpenSSH_9.2p1
E
	for unit in ssh "$2"; do
		write "usr/lib/systemd/system/$unit.service" <<-E
			[Service]
			ExecStart=/usr/sbin/$unit
			[Install]
			WantedBy=multi-user.target
		E
		link "/usr/lib/systemd/system/$unit.service" \
			"etc/systemd/system/multi-user.target.wants/$unit.service"
	done
	write etc/ssh/sshd_config <<E
Port 22
E
}

# nft NAME EXPECTED <<rules: the input chain of nftables.conf
nft() {
	machine "$1" nftables
	{
		printf 'table inet filter {\n\tchain input {\n'
		printf '\t\ttype filter hook input priority filter; policy drop;\n'
		printf '\t\tiif "lo" accept\n\t\tct state { established, related } accept\n'
		sed 's/^/\t\t/'
		printf '\t}\n\tchain output { type filter hook output priority 0; policy accept; }\n}\n'
	} | write etc/nftables.conf
	query "$WHY" "nftables: $1" <<E
22|$2
E
}

F=/etc/nftables.conf
nft "nothing is let in" shut <<E
E
nft "an address" shut <<E
ip saddr 198.51.100.0/24 tcp dport 22 accept
E
nft "a set that is not there" "it cannot be told who reaches it: $F:6: ip saddr @grants tcp dport 22 accept" <<E
ip saddr @grants tcp dport 22 accept
E
nft "another port" shut <<E
tcp dport { 80, 443 } accept
E
nft "everybody" "$F:6: tcp dport 22 accept" <<E
tcp dport 22 accept
E
nft "a name in a set" "$F:6: tcp dport { ssh, http } ct state new accept" <<E
tcp dport { ssh, http } ct state new accept
E
nft "a range with it" "$F:6: tcp dport 1-1024 accept" <<E
tcp dport 1-1024 accept
E
nft "a range without it" shut <<E
udp dport 60000-61000 accept
E
nft "not from one network" "$F:6: ip saddr != 10.0.0.0/8 tcp dport 22 accept" <<E
ip saddr != 10.0.0.0/8 tcp dport 22 accept
E
nft "from all networks" "$F:6: ip saddr 0.0.0.0/0 tcp dport 22 accept" <<E
ip saddr 0.0.0.0/0 tcp dport 22 accept
E
nft "ports of a set that is not there" "it cannot be told who reaches it: $F:6: tcp dport @open accept" <<E
tcp dport @open accept
E
nft "a VPN" shut <<E
iifname "wg0" tcp dport 22 accept
E
nft "everything from an interface" "$F:6: iifname \"eth0\" accept" <<E
iifname "eth0" accept
E
nft "a comment" shut <<E
# tcp dport 22 accept
E

machine policy nftables
write etc/nftables.conf <<E
table inet filter { chain input { type filter hook input priority 0; policy accept; } }
E
query "$WHY" "the policy lets everything in" <<E
22|/etc/nftables.conf:1: policy accept
E
write etc/nftables.conf <<E
table ip filter { chain input { type filter hook input priority 0; policy drop; } }
E
query "$WHY" "IPv6 is not filtered" <<E
22|the firewall drops nothing by itself
E

# saved NAME EXPECTED <<rules: of iptables, the same for both families
saved() {
	machine "iptables $1" netfilter-persistent
	{
		printf '*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n'
		printf -- '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n'
		cat
		printf 'COMMIT\n'
	} | write etc/iptables/rules.v4
	sed 's#198.51.100.0/24#2001:db8::/32#' "$ROOT/etc/iptables/rules.v4" | write etc/iptables/rules.v6
	for plugin in 15-ip4tables 25-ip6tables; do
		write usr/share/netfilter-persistent/plugins.d/$plugin 755 </dev/null
	done
	query "$WHY" "iptables: $1" <<E
22|$2
E
}
F=/etc/iptables/rules.v6:6
saved "an address" shut <<E
-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A OUTPUT -o eth0 -j ACCEPT
E
saved "everybody" "$F: -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT" <<E
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
E
saved "several ports" "$F: -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT" <<E
-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT
E
saved "a range" "$F: -A INPUT -p tcp -m tcp --dport 20:25 -j ACCEPT" <<E
-A INPUT -p tcp -m tcp --dport 20:25 -j ACCEPT
E

# ufw NAME EXPECTED <<rules
ufw() {
	machine "ufw $1" ufw
	printf 'ENABLED=yes\n' | write etc/ufw/ufw.conf
	printf 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n' | write etc/default/ufw
	{
		printf '*filter\n:ufw-user-input - [0:0]\n:ufw-user-limit-accept - [0:0]\n'
		cat
		printf -- '-A ufw-user-limit-accept -j ACCEPT\nCOMMIT\n'
	} | write etc/ufw/user.rules
	sed 's/ufw-/ufw6-/g; s#198.51.100.0/24#2001:db8::/32#' "$ROOT/etc/ufw/user.rules" |
		write etc/ufw/user6.rules
	query "$WHY" "ufw: $1" <<E
22|$2
E
}
ufw "an address" shut <<E
-A ufw-user-input -p tcp --dport 22 -s 198.51.100.0/24 -j ACCEPT
E
ufw "everybody, slowly" "/etc/ufw/user6.rules:5: -A ufw6-user-limit-accept -j ACCEPT" <<E
-A ufw-user-input -p tcp --dport 22 -j ufw-user-limit-accept
E

# As the package brings it: before.rules and after.rules around the user's, no IPv6.
machine "ufw whole" ufw
printf 'ENABLED=yes\n' | write etc/ufw/ufw.conf
printf 'IPV6=no\nDEFAULT_INPUT_POLICY="DROP"\n' | write etc/default/ufw
write etc/ufw/before.rules <<E
*filter
:ufw-before-input - [0:0]
:ufw-not-local - [0:0]
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -j ufw-not-local
-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
-A ufw-not-local -j DROP
COMMIT
E
write etc/ufw/after.rules <<E
*filter
:ufw-after-input - [0:0]
-A ufw-after-input -p udp --dport 137 -j ufw-skip-to-policy-input
COMMIT
E
write etc/ufw/user.rules <<E
*filter
:ufw-user-input - [0:0]
-A ufw-user-input -p tcp --dport 22 -s 198.51.100.0/24 -j ACCEPT
COMMIT
E
query "$WHY" "ufw with its own files: shut" <<E
22|shut
E
sed -i 's/ -s 198.51.100.0.24//' "$ROOT/etc/ufw/user.rules"
query "$WHY" "ufw with its own files: the user's rule" <<E
22|/etc/ufw/user.rules:3: -A ufw-user-input -p tcp --dport 22 -j ACCEPT
E

machine firewalld firewalld
write etc/firewalld/firewalld.conf <<E
DefaultZone=public
E
write etc/firewalld/zones/public.xml <<E
<?xml version="1.0" encoding="utf-8"?>
<zone>
  <service name="dhcpv6-client"/>
</zone>
E
query "$WHY" "firewalld: shut" <<E
22|shut
E
write etc/firewalld/zones/public.xml <<E
<?xml version="1.0" encoding="utf-8"?>
<zone>
  <service name="ssh"/>
</zone>
E
query "$WHY" "firewalld: the service" <<E
22|/etc/firewalld/zones/public.xml:3: tcp dport 22 accept
E

# What the kernel of a running machine says, as nft puts it.
machine kernel nftables
kernel() { # NAME EXPECTED STATEMENTS
	printf '{"nftables": [{"table": {"family": "inet", "name": "filter"}}, {"chain": {"family": "inet",
		"table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0,
		"policy": "drop"}}, {"rule": {"family": "inet", "table": "filter", "chain": "input",
		"handle": 4, "expr": %s}}]}' "$3" >"$TMP/rules.json"
	"$HOLDFAST" exposure --root "$ROOT" --ruleset "$TMP/rules.json" --format json >"$TMP/got" 2>&1
	grep -q "\"wide\": $2" "$TMP/got"
	result $? "kernel: $1"
}
match() { # PROTOCOL FIELD VALUE
	printf '{"match": {"op": "==", "left": {"payload": {"protocol": "%s", "field": "%s"}}, "right": %s}}' "$1" "$2" "$3"
}
kernel "everybody" true "[$(match tcp dport 22), {\"accept\": null}]"
kernel "a set" true "[$(match tcp dport '{"set": [80, 22]}'), {\"accept\": null}]"
kernel "a range" true "[$(match tcp dport '{"range": [20, 30]}'), {\"accept\": null}]"
kernel "another range" false "[$(match tcp dport '{"range": [8000, 9000]}'), {\"accept\": null}]"
kernel "another port" false "[$(match tcp dport 80), {\"accept\": null}]"
kernel "an address" false "[$(match ip saddr '"198.51.100.7"'), $(match tcp dport 22), {\"accept\": null}]"
"$HOLDFAST" exposure --root "$ROOT" --ruleset "$TMP/nothing" >"$TMP/got" 2>&1
[ $? = 3 ]
result $? "kernel: cut off"
finish
