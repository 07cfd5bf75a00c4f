# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast exposure and holdfast paths, as people and scripts use them.
. ./lib.sh

machine web
write usr/sbin/sshd 755 <<E
OpenSSH_9.2p1
E
for unit in ssh nftables redis-server; do
	write "usr/lib/systemd/system/$unit.service" <<-E
		[Service]
		ExecStart=/usr/sbin/$unit
		[Install]
		WantedBy=multi-user.target
	E
	link "/usr/lib/systemd/system/$unit.service" \
		"etc/systemd/system/multi-user.target.wants/$unit.service"
done
write usr/bin/redis-server 755 </dev/null
write etc/ssh/sshd_config <<E
Port 22
E
write etc/redis/redis.conf <<E
bind 0.0.0.0
port 6379
protected-mode no
E
write etc/nftables.conf <<'E'
flush ruleset
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		ct state established,related accept
		ip saddr 203.0.112.0/24 drop
		tcp dport 6379 accept
		ip saddr 198.51.0.0/16 tcp dport 22 accept
		ip saddr 10.0.0.0/8 tcp dport 22 accept
	}
}
E
exposure() { hf exposure --root "$ROOT" "$@"; }
PORT='[x for x in r if x["port"] == int(want)]'

exits 0 "the list" exposure
quiet
prints "PORT"
prints "6379/tcp"
prints "22/tcp"
exits 0 "as JSON" exposure --format json
report 'isinstance(r, list) and all(k in x for x in r for k in
	("resource", "protocol", "internet", "reachable_from", "deciding", "process", "package"))'
report '[x["internet"] for x in r if x["port"] == 6379] == [True]'
report '["/etc/nftables.conf" in str(x) or "inet filter input" in str(x["deciding"])
	for x in r if x["port"] == 6379] == [True]'
report '[x["severity"] for x in r if x["port"] == 6379] == ["critical"]'
report '"203.0.112.0/24" not in str([x["reachable_from"] for x in r if x["port"] == 6379])'
report '[x["reachable_from"] for x in r if x["port"] == 22] == [["10.0.0.0/8", "198.51.0.0/16"]]'
report '[x["internet"] for x in r if x["port"] == 22] == [True]'
report '[x["resource"] for x in r] == ["web1"] * len(r)'
report '[x["internet"] for x in r] == sorted((x["internet"] for x in r), reverse=True)'
if python3 -c 'import jsonschema' 2>/dev/null; then
	expect "the JSON is as documented" python3 -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		"$TMP/out" "$SOURCE/docs/exposure.schema.json"
fi

exits 0 "why" exposure --why 22/tcp
prints "ip saddr 198.51.0.0/16 tcp dport 22 accept"
prints "/etc/nftables.conf:9"
prints "decides"
exits 0 "why, where nothing listens" exposure --why 3389
prints "3389/tcp"
prints "3389/udp"
prints "policy drop"
exits 0 "why as JSON" exposure --why 6379/tcp -f json
report 'len(r) == 1 and any(x["decides"] and x["verdict"] == "accept" for x in r[0]["rules"])'
report 'any(x["verdict"] == "drop" and x["sources"] == ["203.0.112.0/24"] for x in r[0]["rules"])'

exits 0 "from a prefix" exposure --from 10.1.0.0/16 -f json
report '[x["reachable_from"] for x in r if x["port"] == 22] == [["10.1.0.0/16"]]'
exits 0 "from one that is dropped" exposure --from 203.0.112.7 -f json
report 'r == []'
exits 2 "no prefix" exposure --from 10.0.0.0/33
says "not '10.0.0.0/33'"
exits 2 "no port" exposure --why 65536
says "not '65536'"
exits 2 "no protocol" exposure --why 22/icmp
says "not '22/icmp'"
exits 2 "no argument" exposure here
exits 2 "--diff needs two files" exposure --diff x
says "--diff OLD NEW"

exits 1 "a gate" exposure --fail-on critical
exits 0 "as facts" hf collect --root "$ROOT" -o "$TMP/old.facts"
sed -i 's/^\(.*\)tcp dport 6379 accept/\1ip saddr 10.0.0.0\/8 tcp dport 6379 accept/' "$ROOT/etc/nftables.conf"
exits 0 "the gate opens" exposure --fail-on critical
exits 0 "as facts" hf collect --root "$ROOT" -o "$TMP/new.facts"
exits 0 "from facts" hf exposure --facts "$TMP/new.facts" -f json
report '[x["internet"] for x in r if x["port"] == 6379] == [False]'
exits 0 "what changed" hf exposure --diff "$TMP/old.facts" "$TMP/new.facts"
prints "6379/tcp"
prints "internet: true -> false"
prints "shut for"
prints_not "22/tcp"
exits 0 "back again" hf exposure --diff "$TMP/new.facts" "$TMP/old.facts" -f json
report '[(x["change"], x["internet"], x["internet_before"]) for x in r] == [("changed", True, False)]'
exits 0 "no change" hf exposure --diff "$TMP/new.facts" "$TMP/new.facts"
prints "no change"

cat >"$TMP/saved" <<'E'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 8000:8010 -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p udp -m udp --dport 53 -j ACCEPT
COMMIT
E
exits 0 "a rule set alone" hf exposure --ruleset "$TMP/saved" -f json
report '[(x["protocol"], x["port_from"], x["port_to"], x["internet"]) for x in r
	if "port_from" in x] == [("tcp", 8000, 8010, True)]'
report '[(x["protocol"], x["port"], x["internet"], x["reachable_from"]) for x in r
	if "port" in x] == [("udp", 53, False, ["10.0.0.0/8"])]'
exits 0 "for the ports of a machine" exposure --ruleset "$TMP/saved" -f json
report '[x["internet"] for x in r] == [False, False]'
printf '{"nftables": [{"metainfo": {"version"' >"$TMP/cut"
exits 3 "a rule set that is cut off" hf exposure --ruleset "$TMP/cut"
says "$TMP/cut"
exits 3 "a rule set that is not there" hf exposure --ruleset "$TMP/nothing"
says "$TMP/nothing"
mkfifo "$TMP/fifo"
exits 3 "a pipe" hf exposure --ruleset "$TMP/fifo"

# Azure alone, and in front of the machine (of the same name).
(cd "$TMP" && . "$SOURCE/tests/fixtures/azure.sh")
exits 0 "Azure" hf exposure --azure "$TMP/azure" -f json
report 'sorted((x["resource"], x["port"], x["internet"]) for x in r) == [
	("web1", 80, True), ("web1", 443, True)]'
report 'all(any(d.endswith("/securityRules/web") for d in x["deciding"]) for x in r)'
exits 0 "several files" hf exposure --azure "$TMP/azure/nsgs.json" "$TMP/azure/vms.json" \
	--azure "$TMP/azure/nics.json" "$TMP/azure/ips.json" "$TMP/azure/vnets.json" -f json
report 'len(r) == 2'
exits 0 "why" hf exposure --azure "$TMP/azure" --why 22/tcp
prints "web-nsg/office-ssh"
prints "DenyAllInBound"
exits 0 "from a network" hf exposure --azure "$TMP/azure" --from 10.9.1.1 -f json
report '[x["port"] for x in r if x.get("port") == 22] == [22]'
exits 0 "one machine" hf exposure --azure "$TMP/azure" --to WEB1
exits 2 "no such machine" hf exposure --azure "$TMP/azure" --to web2
says "web2"
exits 0 "in front of a machine" hf exposure --facts "$TMP/old.facts" --azure "$TMP/azure" -f json
report '[x["internet"] for x in r if x["port"] == 6379] == [False]'
report '[x["process"] for x in r if x["port"] == 6379] == ["redis"]'
report '["10.9.0.0/16" in x["reachable_from"] and "198.51.0.0/16" not in x["reachable_from"]
	for x in r if x["port"] == 22] == [True]'
cp -r "$TMP/azure" "$TMP/opened"
sed -i 's#10.9.0.0/16#*#' "$TMP/opened/nsgs.json"
exits 0 "what changed in Azure" hf exposure --diff "$TMP/azure" "$TMP/opened"
prints "22/tcp"
head -c 300 "$TMP/azure/nsgs.json" >"$TMP/cut.json"
exits 3 "an export that is cut off" hf exposure --azure "$TMP/cut.json"
says "$TMP/cut.json:"
mkdir "$TMP/empty"
exits 3 "a folder without exports" hf exposure --azure "$TMP/empty"

exits 0 "the ways in" hf paths --facts "$TMP/old.facts"
prints "internet"
prints "tcp/6379"
exits 0 "as JSON" hf paths --facts "$TMP/old.facts" -f json
report 'r["kind"] == "internet" and "tcp/6379" in [x["label"] for x in r["children"]]'
exits 0 "as a drawing" hf paths --facts "$TMP/old.facts" -f dot
prints "digraph"
prints "tcp/6379"
exits 2 "no argument" hf paths here

# The real thing: sockets, rules and routes of a kernel.
command -v nft >/dev/null && command -v ip >/dev/null && unshare -n true 2>/dev/null ||
	skip "no network namespace, nft or ip"
cat >"$TMP/live.nft" <<'E'
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		ip saddr 10.0.0.0/8 tcp dport 2222 accept
		iifname "wan" tcp dport 2223 accept
		tcp dport 2224 ip saddr 0.0.0.0/1 accept
	}
	chain forward { type filter hook forward priority filter; policy accept; }
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		tcp dport 8080 redirect to :2225
		tcp dport 8081 dnat ip to 10.9.9.9:80
	}
}
E
cat >"$TMP/listen.py" <<'E'
import socket, subprocess, sys
keep = []
for port, address in ((2222, "0.0.0.0"), (2223, "0.0.0.0"), (2224, "0.0.0.0"), (2225, "127.0.0.1"),
                      (2226, "0.0.0.0")):
    s = socket.create_server((address, port))
    keep.append(s)
sys.exit(subprocess.call(sys.argv[1:]))
E
live() {
	unshare -n sh -c "
		ip link set lo up && ip link add wan type veth peer name far && ip addr add 198.51.100.9/24 dev wan &&
		ip link set wan up && ip link set far up && ip route add default dev wan && nft -f '$TMP/live.nft' &&
		exec python3 '$TMP/listen.py' '$HOLDFAST' $*"
}
exits 0 "live" live exposure --all --format json
report '{x["port"]: x["internet"] for x in r if x["origin"] == "live"} == {
	2222: False, 2223: True, 2224: True, 2225: False, 2226: False}'
report '[x["process"][:6] for x in r if x["port"] == 2223] == ["python"]'
report '[x["reachable_from"] for x in r if x["port"] == 2222] == [["10.0.0.0/8"]]'
report '[x["wide"] for x in r if x["port"] == 2224] == [True]'
report '[(x["origin"], x["internet"]) for x in r if x["port"] == 8081] == [("forward", True)]'
exits 0 "live, in SQL" live query --format list \
	"'SELECT port FROM exposure WHERE internet = 1 AND pid > 0 ORDER BY port'"
expect "the same ports" test "$(tr '\n' ' ' <"$TMP/out")" = "2223 2224 "
finish
