#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# windows_version, windows_flaws: a Windows on a mounted disk.
. ./lib.sh

V='Microsoft\Windows NT\CurrentVersion'
hive() { # path [dirty]
	mkdir -p "$ROOT/$(dirname "$1")"
	python3 windows_hive.py "$ROOT/$1" ${2:-}
}
driver() { # path a b c d
	mkdir -p "$ROOT/$(dirname "$1")"
	python3 - "$ROOT/$@" <<'E'
import struct, sys
a, b, c, d = (int(x) for x in sys.argv[2:])
with open(sys.argv[1], "wb") as f:
    f.write(b"MZ" + b"\0" * 4000 + struct.pack("<IIIIII", 0xfeef04bd, 0x10000, a << 16 | b,
                                               c << 16 | d, 0, 0) + b"\0" * 100)
E
}
version() {
	query "SELECT product, version, build, ubr, server, coalesce(remote_desktop, '-'),
		coalesce(network_level, '-'), coalesce(eol_date, '-'), file FROM windows_version" "$1"
}
flaws() {
	query "SELECT cve, name, installed, fixed, coalesce(vulnerable, '-'), file FROM windows_flaws
		ORDER BY cve" "$1"
}

tree server
hive Windows/System32/config/SOFTWARE <<E
$V\\ProductName=sz:Windows Server 2016 Standard
$V\\EditionID=sz:ServerStandard
$V\\ReleaseId=sz:1607
$V\\InstallationType=sz:Server
$V\\CurrentBuildNumber=sz:14393
$V\\CurrentVersion=sz:6.3
$V\\CurrentMajorVersionNumber=dword:10
$V\\CurrentMinorVersionNumber=dword:0
$V\\UBR=dword:7159
Classes\\x=sz:y
Microsoft\\Office\\z=sz:z
E
hive Windows/System32/config/SYSTEM <<'E'
Select\Current=dword:2
ControlSet001\Control\Terminal Server\fDenyTSConnections=dword:1
ControlSet002\Control\Terminal Server\fDenyTSConnections=dword:0
ControlSet002\Control\Terminal Server\WinStations\RDP-Tcp\UserAuthentication=dword:0
E
version "Server 2016" <<'E'
Windows Server 2016 Standard|10.0.14393.7159|14393|7159|1|1|0|2027-01-12|/Windows/System32/config/SOFTWARE
E
flaws "flaws by the revision of the build" <<'E'
CVE-2017-0144|EternalBlue|10.0.14393.7159|10.0.14393.953|0|/Windows/System32/config/SOFTWARE
CVE-2019-1181|DejaBlue|10.0.14393.7159|10.0.14393.3144|0|/Windows/System32/config/SOFTWARE
CVE-2024-38063|IPv6|10.0.14393.7159|10.0.14393.7259|1|/Windows/System32/config/SOFTWARE
CVE-2024-38077|MadLicense|10.0.14393.7159|10.0.14393.7159|0|/Windows/System32/config/SOFTWARE
E
query "SELECT name, status FROM collector_status WHERE name = 'windows_version'
	AND (SELECT count(*) FROM windows_version) > 0" "complete" <<'E'
windows_version|ok
E
if command -v hivexget >/dev/null; then
	[ "$(hivexget "$ROOT/Windows/System32/config/SOFTWARE" "\\$V" CurrentBuildNumber 2>/dev/null)" = 14393 ]
	result $? "hivex reads the same"
else
	N=$((N + 1))
	echo "ok $N # SKIP no hivexget (libhivex-bin) to compare with"
fi

# Microsoft's own advisories: builds of that release, by whichever of its architectures.
cat >"$TMP/2024-Aug.json" <<'E'
{"DocumentTitle": {"Value": "August 2024 Security Updates"},
 "DocumentTracking": {"CurrentReleaseDate": "2024-08-13T07:00:00", "Identification": {"ID": {"Value": "2024-Aug"}}},
 "ProductTree": {"FullProductName": [{"ProductID": "1", "Value": "Windows Server 2016"},
  {"ProductID": "2", "Value": "Windows Server 2019"},
  {"ProductID": "3", "Value": "Windows 10 Version 1607 for x64-based Systems"},
  {"ProductID": "4", "Value": "Windows 11 Version 22H2 for x64-based Systems"},
  {"ProductID": "5", "Value": "Windows Server 2008 R2 for x64-based Systems Service Pack 1"}]},
 "Vulnerability": [
 {"CVE": "CVE-2024-38063", "Remediations": [
   {"Type": 2, "FixedBuild": "10.0.14393.7259", "ProductID": ["1", "3"]},
   {"Type": 2, "FixedBuild": "10.0.17763.6189", "ProductID": ["2"]},
   {"Type": 2, "FixedBuild": "6.1.7601.27277", "ProductID": ["5"]}],
  "Threats": [{"Type": 3, "Description": {"Value": "Critical"}}]},
 {"CVE": "CVE-2024-10001", "Remediations": [{"Type": 2, "FixedBuild": "10.0.14393.7159", "ProductID": ["1"]}]},
 {"CVE": "CVE-2024-10002", "Remediations": [{"Type": 2, "FixedBuild": "10.0.17763.9999", "ProductID": ["2"]}]},
 {"CVE": "CVE-2024-10003", "Remediations": [{"Type": 2, "FixedBuild": "10.0.22621.4037", "ProductID": ["4"]}]},
 {"CVE": "CVE-2024-10004", "Remediations": [{"Type": 2, "FixedBuild": "10.0.22621.4112", "ProductID": ["4"]}]}]}
E
"$HOLDFAST" feed --dir "$TMP/feeds" import "$TMP/2024-Aug.json" >"$TMP/import" 2>&1
result $? "Microsoft's advisories are imported"
export HOLDFAST_FEEDS="$TMP/feeds"
known() {
	query "SELECT package, version, id, severity, fixed, ecosystem FROM vulnerabilities ORDER BY id" "$1"
}
known "what is not mended in the revision that is installed" <<'E'
Windows Server 2016|10.0.14393.7159|CVE-2024-38063|critical|10.0.14393.7259|Windows
E
"$HOLDFAST" vulns --root "$ROOT" >"$TMP/out" 2>&1
grep -q '^CVE-2024-38063 critical .*fixed in 10.0.14393.7259' "$TMP/out"
result $? "holdfast vulns shows it"

tree old
hive WINDOWS/system32/config/software <<E
$V\\ProductName=sz:Windows Server 2008 R2 Standard
$V\\CSDVersion=sz:Service Pack 1
$V\\CurrentBuildNumber=sz:7601
$V\\CurrentVersion=sz:6.1
$V\\BuildLabEx=sz:7601.23915.amd64fre.win7sp1_ldr.170913-0600
E
driver WINDOWS/system32/drivers/termdd.sys 6 1 7601 23403
driver WINDOWS/system32/DRIVERS2/x 1 1 1 1
version "2008 R2, written in other cases" <<'E'
Windows Server 2008 R2 Standard|6.1.7601.23915|7601|23915|1|-|-|2020-01-14|/WINDOWS/system32/config/software
E
flaws "BlueKeep by its driver; a driver that is not there" <<'E'
CVE-2017-0144|EternalBlue||6.1.7601.23689|0|/WINDOWS/System32/drivers/srv.sys
CVE-2019-0708|BlueKeep|6.1.7601.23403|6.1.7601.24441|1|/WINDOWS/system32/drivers/termdd.sys
E
known "2008 R2 in the words of Microsoft" <<'E'
Windows Server 2008 R2 for x64-based Systems Service Pack 1|6.1.7601.23915|CVE-2024-38063|critical|6.1.7601.27277|Windows
E
driver WINDOWS/system32/drivers/termdd.sys 6 1 7601 24441
driver WINDOWS/system32/drivers/srv.sys 6 1 7601 23689
flaws "with the updates" <<'E'
CVE-2017-0144|EternalBlue|6.1.7601.23689|6.1.7601.23689|0|/WINDOWS/system32/drivers/srv.sys
CVE-2019-0708|BlueKeep|6.1.7601.24441|6.1.7601.24441|0|/WINDOWS/system32/drivers/termdd.sys
E

tree client
hive Windows/System32/config/SOFTWARE dirty <<E
$V\\ProductName=sz:Windows 10 Pro
$V\\DisplayVersion=sz:22H2
$V\\CurrentBuildNumber=sz:22621
$V\\CurrentMajorVersionNumber=dword:10
$V\\CurrentMinorVersionNumber=dword:0
$V\\UBR=dword:4037
E
version "Windows 11 calls itself 10" <<'E'
Windows 11 Pro|10.0.22621.4037|22621|4037|0|-|-|2024-10-08|/Windows/System32/config/SOFTWARE
E
known "a client" <<'E'
Windows 11 Version 22H2 for x64-based Systems|10.0.22621.4037|CVE-2024-10004|unknown|10.0.22621.4112|Windows
E
query "SELECT DISTINCT reason FROM collector_problems WHERE name LIKE 'windows%'
	AND (SELECT count(*) FROM windows_version) > 0" "a hive that was not closed says so" <<'E'
was not closed in order: the latest changes are in its logs
E

tree bad
mkdir -p "$ROOT/Windows/System32/config"
cp "$TMP/server/Windows/System32/config/SOFTWARE" "$TMP/good"
for cut in 0 100 4096 4200 5000; do
	head -c $cut "$TMP/good" >"$ROOT/Windows/System32/config/SOFTWARE"
	query "SELECT (SELECT count(*) FROM windows_version), (SELECT count(*) FROM collector_problems
		WHERE name = 'windows_version') > 0" "cut off after $cut bytes" <<'E'
0|1
E
done
query "SELECT status FROM collector_status WHERE name = 'windows_version'
	AND (SELECT count(*) FROM windows_version) = 0" "is not 'not applicable'" <<'E'
incomplete
E
tree linux
query "SELECT status FROM collector_status WHERE name = 'windows_version'
	AND (SELECT count(*) FROM windows_version) = 0" "no Windows" <<'E'
not_applicable
E
finish
