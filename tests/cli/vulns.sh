# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast vulns, as people and scripts use it.
. ./lib.sh

machine web
: "${ROOT:?}"
LISTS=var/lib/apt/lists
HOST=deb.example.org
package() { # name version [source] [status]
	printf 'Package: %s\nStatus: %s\nArchitecture: amd64\nVersion: %s\n' \
		"$1" "${4:-install ok installed}" "$2"
	[ -z "${3:-}" ] || printf 'Source: %s\n' "$3"
	printf 'Maintainer: nobody <n@debian.org>\nDescription: text\n\n'
}
offer() { # name version [source]
	printf 'Package: %s\nArchitecture: amd64\nVersion: %s\n' "$1" "$2"
	[ -z "${3:-}" ] || printf 'Source: %s\n' "$3"
	printf 'Filename: pool/%s.deb\nSize: 1\n\n' "$1"
}
release() { # suite label valid-until
	printf 'Origin: Debian\nLabel: %s\nSuite: %s\nCodename: %s\n' "$2" "$1" "$1"
	printf 'Date: Sat, 11 Jul 2026 10:16:37 UTC\n'
	[ -z "${3:-}" ] || printf 'Valid-Until: %s\n' "$3"
	printf 'Architectures: amd64\nComponents: main\n'
}
{
	package dpkg 1.21.22
	package openssh-server 1:9.2p1-2 openssh
	package openssh-client 1:9.2p1-2 openssh
	package redis-server 5:7.0.15-1 redis
	package bash 5.2.15-2
	package held 1.0 held "hold ok installed"
	package gone 1.0 gone "deinstall ok config-files"
	package tricky 1.0
	package linux-libc-dev 6.1.90-1 linux
	package linux-headers-6.1.0-44-common 6.1.90-1 linux
	package libback 1.0-1+deb12u3 backported
	package binnmu 1.0-2+b7 "binnmu (1.0-2)"
	package minor 1.0
} | write var/lib/dpkg/status
write etc/apt/sources.list <<E
deb http://$HOST/debian bookworm main
deb http://$HOST/debian-security bookworm-security main
E
release bookworm Debian | write "$LISTS/${HOST}_debian_dists_bookworm_InRelease"
release bookworm-security Debian-Security 'Mon, 11 Jul 2095 10:16:37 UTC' |
	write "$LISTS/${HOST}_debian-security_dists_bookworm-security_InRelease"
PLAIN=${HOST}_debian_dists_bookworm_main_binary-amd64_Packages
SECURITY=${HOST}_debian-security_dists_bookworm-security_main_binary-amd64_Packages
{
	offer bash 5.2.15-2+b7
	offer openssh-server 1:9.2p1-2 openssh
	offer redis-server 5:7.0.15-1 redis
	offer gone 2.0
} | write "$LISTS/$PLAIN"
{
	offer openssh-server 1:9.2p1-2+deb12u7 openssh
	offer openssh-client 1:9.2p1-2+deb12u7 openssh
	offer held 1.1
	printf 'Package: tricky\nArchitecture: amd64\nVersion: 1.1\033[31m$(id)\n\n'
} | write "$LISTS/$SECURITY"
write usr/sbin/sshd 755 <<E
OpenSSH_9.2p1
E
write var/lib/dpkg/info/openssh-server.list <<E
/usr/sbin/sshd
/usr/lib/systemd/system/ssh.service
E
write usr/lib/systemd/system/ssh.service <<E
[Service]
ExecStart=/usr/sbin/sshd -D
[Install]
WantedBy=multi-user.target
E
link /usr/lib/systemd/system/ssh.service etc/systemd/system/multi-user.target.wants/ssh.service
write etc/ssh/sshd_config <<E
Port 22
E
vulns() { hf vulns --root "$ROOT" "$@"; }
M='{x["package"]: x for x in r["missing_updates"]}'

exits 0 "the list" vulns
quiet
prints "Fix first:"
prints "openssh-server"
prints "1:9.2p1-2+deb12u7"
prints "bookworm-security"
prints "tcp/22"
prints "held"
prints "4 updates missing, 3 of them with security fixes, 1 in what the internet reaches; 1 kept back"
prints "1 more without a security fix that nobody outside reaches (--all)"
prints_not "5.2.15-2+b7"
prints_not "gone"
prints_not "$(printf '\033')"
exits 0 "all" vulns --all
prints "5.2.15-2+b7"

exits 0 "as JSON" vulns --format json
report 'sorted(x["package"] for x in r["missing_updates"]) == [
	"bash", "openssh-client", "openssh-server", "tricky"]'
report 'all(k in x for x in r["missing_updates"] for k in ("package", "installed", "candidate",
	"suite", "security", "cves", "processes", "internet"))'
report 'r["missing_updates"][0]["package"] == "openssh-server"'
report "(lambda m: (m['openssh-server']['internet'], m['openssh-client']['internet'])
	== (True, False))($M)"
report "($M)['openssh-server']['processes'][0]['port'] == 'tcp/22'"
report "($M)['openssh-server']['candidate'] == '1:9.2p1-2+deb12u7'"
report "($M)['openssh-server']['source'] == 'openssh'"
report "[($M)[n]['security'] for n in ('bash', 'openssh-server')] == [False, True]"
report "($M)['bash']['suite'] == 'bookworm'"
report '[(x["package"], x["state"]) for x in r["held_updates"]] == [("held", "held")]'
report 'r["complete"] is True and r["live"] is False and r["restarts"] == []'
if python3 -c 'import jsonschema' 2>/dev/null; then
	expect "the JSON is as documented" python3 -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		"$TMP/out" "$SOURCE/docs/vulns.schema.json"
fi

exits 0 "one package" vulns --package openssh-server -f json
report '[x["package"] for x in r["missing_updates"]] == ["openssh-server"]'
exits 0 "by its source" vulns --package openssh -f json
report 'len(r["missing_updates"]) == 2'
exits 0 "why" vulns --package openssh-server --why
prints "the internet → tcp/22"
prints "of the source openssh"
prints_not "openssh-client"
exits 0 "a package that is not there" vulns --package nothing
prints "0 updates missing"
exits 0 "what to do" vulns --plan
prints "apt-get install --only-upgrade openssh-server"
prints "# First:"
prints_not '$('
exits 0 "the rest, too" vulns --plan --all
prints "apt-get install --only-upgrade bash"
expect "the plan is shell" sh -n "$TMP/out"
plan_as_documented() {
	python3 -c 'import jsonschema' 2>/dev/null || return 0
	expect "  as documented" python3 -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		"$TMP/out" "$SOURCE/docs/vulns-plan.schema.json"
}
exits 0 "the plan as JSON" vulns --plan -f json
plan_as_documented
report '[(s["step"], s["packages"]) for s in r["steps"]] == [
	("reached", ["openssh-server"]), ("security", ["openssh-client", "tricky"])]'
report 'r["steps"][0]["commands"] == ["apt-get install --only-upgrade openssh-server"]'
report 'r["steps"][0]["risk_percent"] > r["steps"][1]["risk_percent"] > 0'
report 'r["complete"] and r["refresh"] is None and r["reboot"] is None and r["remove"] == []'
exits 0 "with the rest" vulns --plan --all -f json
plan_as_documented
report '[s["step"] for s in r["steps"]] == ["reached", "security", "rest"]'
report 'r["steps"][2]["packages"] == ["bash"] and r["steps"][2]["risk_percent"] == 0'
exits 1 "a gate, too" vulns --plan -f json --fail-on critical
exits 0 "of what is not there" vulns --plan -f json --package nothing
plan_as_documented
report 'r["steps"] == []'

exits 1 "a gate" vulns --fail-on critical
exits 1 "a lower one" vulns --fail-on low
exits 0 "of a package that is fine" vulns --package redis-server --fail-on info
exits 1 "the gate of one package" vulns --package openssh-client --fail-on medium
exits 0 "which is not reached" vulns --package openssh-client --fail-on critical

exits 0 "as facts" hf collect --root "$ROOT" -o "$TMP/facts"
exits 0 "from facts" hf vulns --facts "$TMP/facts" -f json
report 'r["missing_updates"][0]["package"] == "openssh-server"'


# What the first process or the bus has loaded ends with the machine, what a login has with it.
if command -v sqlite3 >/dev/null; then
	uses() {
		cp "$TMP/facts" "$TMP/used" && sqlite3 "$TMP/used" "
			INSERT INTO processes(pid, parent, name, path, cmdline, uid, euid, start_time, on_disk,
				memfd, unit, container, package)
			VALUES(7, 1, 'p', '/p', '', 0, 0, 0, 1, 0, '$1', '', '');
			INSERT INTO process_packages VALUES(7, 'openssh-client', '/p', 'runs', 1, 0, '', '', '');"
		exits 0 "a package that $1 uses" hf vulns --facts "$TMP/used" --plan
	}
	uses dbus.service
	prints "systemctl reboot"
	prints_not "systemctl restart"
	exits 0 "as JSON" hf vulns --facts "$TMP/used" --plan -f json
	plan_as_documented
	report 'r["reboot"] == "systemctl reboot"'
	uses init.scope
	prints "systemctl reboot"
	uses session-3.scope
	prints_not "systemctl"
	uses 'mail.service'
	prints "systemctl restart mail.service"
	prints_not "systemctl reboot"
	uses 'x;touch /tmp/x.service'
	prints_not "touch"
fi

# A package of its maker has the support that its maker gives it, one of the distribution the system's.
before_status=$(cat "$ROOT/var/lib/dpkg/status")
sed -i '/^Package: redis-server/,/^$/s/debian.org/example.org/' "$ROOT/var/lib/dpkg/status"
exits 0 "of its maker" vulns --package redis-server -f json
report '[(u["name"], u["package"], u["path"]) for u in r["unsupported"]] == [("redis", "redis-server", None)]'
exits 1 "is a finding" vulns --package redis-server --fail-on medium
printf '%s\n\n' "$before_status" >"$ROOT/var/lib/dpkg/status"

exits 2 "no such format" vulns --format yaml
exits 2 "no severity" vulns --fail-on much
exits 2 "an argument" vulns openssh-server
says "of several machines only the order is shown"
exits 2 "two questions" vulns --why --plan
says "two different questions"
exits 3 "no such folder" hf vulns --root "$TMP/nothing"
says "$TMP/nothing"
exits 3 "no facts" hf vulns --facts "$ROOT/etc/passwd"
says "is not a Holdfast fact file"

# What is known of vulnerabilities.
mkdir "$TMP/docs"
cat >"$TMP/docs/tracker.json" <<'E'
{
 "openssh": {
  "CVE-2024-6387": {"description": "x", "scope": "remote", "releases": {"bookworm":
   {"status": "resolved", "fixed_version": "1:9.2p1-2+deb12u3", "urgency": "not yet assigned"}}},
  "CVE-2025-0001": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "high"}}}},
 "redis": {
  "CVE-2025-0002": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "medium", "nodsa": "Minor issue", "nodsa_reason": "ignored"}}}},
 "gone": {
  "CVE-2025-0003": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "high"}}}},
 "linux": {
  "CVE-2025-0004": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "high"}}}},
 "backported": {
  "CVE-2025-0005": {"description": "x", "releases": {"bookworm":
   {"status": "resolved", "fixed_version": "1.0-1+deb12u2", "urgency": "high"}}}},
 "libback": {
  "CVE-2025-0006": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "high"}}}},
 "binnmu": {
  "CVE-2025-0007": {"description": "x", "releases": {"bookworm":
   {"status": "resolved", "fixed_version": "1.0-2+deb12u1", "urgency": "low"}}}},
 "held": {
  "CVE-2025-0008": {"description": "x", "releases": {"bookworm":
   {"status": "resolved", "fixed_version": "1.1", "urgency": "low"}}}},
 "minor": {
  "CVE-2025-0009": {"description": "x", "releases": {"bookworm":
   {"status": "open", "urgency": "unimportant"}}}},
 "bash": {
  "CVE-2025-0010": {"description": "x", "releases": {"bullseye":
   {"status": "open", "urgency": "high"}}}}
}
E
cat >"$TMP/docs/kev.json" <<'E'
{"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.07.01",
 "dateReleased": "2026-07-01T00:00:00.0000Z", "count": 1, "vulnerabilities": [
 {"cveID": "CVE-2024-6387", "vendorProject": "OpenBSD", "product": "OpenSSH",
  "vulnerabilityName": "x", "dateAdded": "2026-06-01", "shortDescription": "x",
  "requiredAction": "x", "dueDate": "2026-06-22", "knownRansomwareCampaignUse": "Known",
  "notes": ""}]}
E
printf '#model_version:v2025.03.14,score_date:2026-07-01T00:00:00+0000\ncve,epss,percentile\n%s\n' \
	'CVE-2025-0002,0.52000,0.99' >"$TMP/docs/epss.csv"
for f in tracker.json kev.json epss.csv; do
	exits 0 "import of $f" hf feed --dir "$TMP/feeds" import "$TMP/docs/$f"
done
known() { vulns --feeds "$TMP/feeds" "$@"; }
V='{x["id"]: x for x in r["vulnerabilities"]}'
exits 0 "with advisories" known -f json
report 'sorted(x["id"] for x in r["vulnerabilities"]) == ["CVE-2024-6387", "CVE-2025-0001",
	"CVE-2025-0002", "CVE-2025-0007", "CVE-2025-0008", "CVE-2025-0009"]'
report 'r["vulnerabilities"][0]["id"] == "CVE-2024-6387" and r["vulnerabilities"][0]["exploited"]'
report "($V)['CVE-2024-6387']['packages'] == ['openssh-client', 'openssh-server']"
report "($V)['CVE-2024-6387']['internet'] is True"
report "($V)['CVE-2024-6387']['update'] == '1:9.2p1-2+deb12u7'"
report "($V)['CVE-2025-0001']['fixed'] is None and ($V)['CVE-2025-0001']['update'] is None"
report "($V)['CVE-2025-0002']['epss'] == 0.52 and ($V)['CVE-2025-0002']['status'] == 'will not fix'"
report "($V)['CVE-2025-0007']['version'] == '1.0-2'"
report "($V)['CVE-2025-0008']['update'] is None"
report "($M)['openssh-server']['cves'] == ['CVE-2024-6387']"
report "($M)['openssh-server']['exploited'] is True and ($M)['openssh-server']['risk'] == 120"
report "($M)['bash']['cves'] == []"
report 'sorted(x["format"] for x in r["feeds"]) == ["debian", "epss", "kev"]'
if python3 -c 'import jsonschema' 2>/dev/null; then
	expect "the JSON is as documented" python3 -c '
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		"$TMP/out" "$SOURCE/docs/vulns.schema.json"
fi
exits 0 "as text" known
prints "CVE-2024-6387, exploited"
prints "Without an update that could be installed:"
prints "CVE-2025-0001"
prints "6 known vulnerabilities, 3 in what the internet reaches, 1 exploited, 4 without an update"
prints_not "CVE-2025-0009"
exits 0 "one of them" known --cve cve-2025-0001 -f json
report '[x["id"] for x in r["vulnerabilities"]] == ["CVE-2025-0001"] and not r["missing_updates"]'
exits 0 "why" known --cve CVE-2024-6387 --why
prints "exploited by extortionists"
prints "the internet → tcp/22"
exits 1 "a gate for what has no update" known --cve CVE-2025-0001 --fail-on critical
exits 0 "not for what is no matter" known --cve CVE-2025-0009 --fail-on low
exits 3 "no advisories in that folder" vulns --feeds "$TMP/docs"
says "there is no index of advisories"
mkdir "$TMP/torn" && head -c 200 "$TMP/feeds/index" >"$TMP/torn/index"
exits 3 "a torn index" vulns --feeds "$TMP/torn"
says "$TMP/torn/index"
HOLDFAST_FEEDS="$TMP/torn" exits 0 "a torn one that nobody asked for" vulns
prints "the index of advisories cannot be read"
head -c 20000 /dev/urandom >"$TMP/torn/index"
exits 3 "no index at all" vulns --feeds "$TMP/torn"
exits 0 "as facts" env HOLDFAST_FEEDS="$TMP/feeds" "$HOLDFAST" collect --root "$ROOT" -o "$TMP/known"
mkdir -p "$TMP/elsewhere"
printf 'other\033[31m\n' >"$TMP/empty.name"
mkdir -p "$TMP/bare/etc" && cp "$TMP/empty.name" "$TMP/bare/etc/hostname"
exits 0 "facts of another machine" hf collect --root "$TMP/bare" -o "$TMP/elsewhere/bare"
exits 0 "several machines" hf vulns "$TMP/elsewhere/bare" "$TMP/known"
expect "  the one with something to patch comes first, nothing of it is a control sequence" \
	sh -c "awk 'NR == 4 && /known\$/ { a = 1 } NR == 5 && /nothing +.*bare\$/ { b = 1 } END { exit !(a && b) }' '$TMP/out' && ! grep -q '[[:cntrl:]]' '$TMP/out'"
exits 0 "  as JSON" hf vulns -f json "$TMP/elsewhere/bare" "$TMP/known"
expect "  the same order" python3 -c "
import json, sys
machines = json.load(open(sys.argv[1]))['machines']
assert [m['facts'].rsplit('/', 1)[1] for m in machines] == ['known', 'bare'], machines
assert machines[0]['risk'] > 0 and machines[0]['first'] and machines[1]['first'] is None, machines" "$TMP/out"
exits 1 "  something is bad enough" hf vulns --fail-on low "$TMP/elsewhere/bare" "$TMP/known"
exits 0 "  nothing is" hf vulns --fail-on low "$TMP/elsewhere/bare"
exits 2 "  one question for one machine" hf vulns --why "$TMP/known" "$TMP/elsewhere/bare"
exits 3 "  one of them is no fact file" hf vulns "$TMP/known" "$ROOT/etc/passwd"
exits 0 "from facts" hf vulns --facts "$TMP/known" -f json
report 'len(r["vulnerabilities"]) == 6'
sed -i 's/^ID=.*/ID=debian/; s/^VERSION_ID=.*/VERSION_ID="9"/' "$ROOT/etc/os-release"
exits 0 "a release that is out of support" known
prints "gets no security updates since"
prints "say nothing of Debian:9"
exits 1 "is never good" known --fail-on critical
sed -i 's/^VERSION_ID=.*/VERSION_ID="12"/' "$ROOT/etc/os-release"

# What is missing is never good.
before() { cp -a "$ROOT" "$TMP/$1" && ROOT=$TMP/$1; }
GOOD=$ROOT
before nothing && rm -r "${ROOT:?}/$LISTS"
exits 0 "no index was ever fetched" vulns
prints "was never fetched"
prints "incomplete:"
prints "what is incomplete may have more"
exits 0 "what to do then" vulns --plan
prints "apt-get update"
exits 0 "as JSON" vulns -f json
report 'r["complete"] is False and r["problems"]'
ROOT=$GOOD
before cut && head -c 100 "$GOOD/$LISTS/$SECURITY" | gzip -c | head -c 60 >"$ROOT/$LISTS/$SECURITY"
exits 0 "an index that is cut off" vulns
prints "incomplete:"
prints "$SECURITY"
ROOT=$GOOD
before binary && head -c 300000 /dev/zero >"$ROOT/$LISTS/$SECURITY"
exits 0 "an index of zeros" vulns
prints "is no package index"
ROOT=$GOOD
before old && release bookworm-security Debian-Security 'Mon, 11 Jul 2022 10:16:37 UTC' \
	>"$ROOT/$LISTS/${HOST}_debian-security_dists_bookworm-security_InRelease"
exits 0 "an index that has expired" vulns
prints "expired"
report_expired() { report '[x["suite"] for x in r["indexes"]] == ["bookworm-security"]'; }
exits 0 "as JSON" vulns -f json
report_expired
ROOT=$GOOD
before status && head -c 200 "$GOOD/var/lib/dpkg/status" >"$ROOT/var/lib/dpkg/status"
exits 0 "a database that is cut off" vulns
prints "incomplete:"
ROOT=$GOOD
before pins && mkdir -p "$ROOT/etc/apt" && echo nonsense >"$ROOT/etc/apt/preferences"
exits 0 "pins that APT would not take" vulns
prints "/etc/apt/preferences"
ROOT=$GOOD
before loop && rm "$ROOT/$LISTS/$SECURITY" && ln -s "$SECURITY" "$ROOT/$LISTS/$SECURITY"
exits 0 "an index that is a link to itself" vulns
prints "incomplete:"
ROOT=$GOOD
before fifo && rm "$ROOT/$LISTS/$SECURITY" && mkfifo "$ROOT/$LISTS/$SECURITY"
exits 0 "an index that is a pipe" vulns
prints "incomplete:"
tree blank
exits 0 "a tree with nothing in it" vulns
prints "no package manager"
finish
