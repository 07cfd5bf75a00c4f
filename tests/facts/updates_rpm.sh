#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# package_updates, package_indexes of rpm: what tests/integration/dnf_upgrades.py does not compare
. ./lib.sh

command -v rpmbuild >/dev/null && command -v sqlite3 >/dev/null ||
	skip "rpmbuild or sqlite3 is not installed"

mkdir "$TMP/rpm"
cat >"$TMP/rpm/t.spec" <<'E'
Name: openssl
Version: 3.0.7
Release: 24.el9
Epoch: 1
Summary: test
License: MIT
BuildArch: noarch
%description
test
%package -n bash
Summary: test
%description -n bash
test
%package -n kernel-core
Summary: test
%description -n kernel-core
test
%files
%files -n bash
%files -n kernel-core
E
rpmbuild --define "_topdir $TMP/rpm/top" -bb "$TMP/rpm/t.spec" >"$TMP/rpm/log" 2>&1 ||
	skip "rpmbuild does not work here"
RPMS=$(find "$TMP/rpm/top" -name '*.rpm')

installed() { # name of the tree
	tree "$1"
	folder var/lib/rpm
	# shellcheck disable=SC2086
	rpm --root "$ROOT" --dbpath /var/lib/rpm --define '_db_backend sqlite' -i --justdb --nodeps \
		--noscripts $RPMS >"$TMP/rpm/log" 2>&1 || skip "rpm does not work here: $(head -1 "$TMP/rpm/log")"
	write etc/yum.repos.d/os.repo <<'E'
[baseos]
name=BaseOS
mirrorlist=https://mirrors.rockylinux.org/mirrorlist?repo=x
gpgcheck=1
[extra]
name=Somebody's
baseurl=https://u:secret@example.org/r/$releasever/
enabled=1
[off]
baseurl=https://example.org/off
enabled=0
E
}

package() { # name epoch version release
	cat <<E
<package type="rpm">
  <name>$1</name>
  <arch>noarch</arch>
  <version epoch="$2" ver="$3" rel="$4"/>
  <format><rpm:sourcerpm>$1-src-$3-$4.src.rpm</rpm:sourcerpm></format>
</package>
E
}
newer() {
	echo '<metadata packages="4">'
	package openssl 1 3.0.7 25.el9
	package openssl 1 3.0.7 27.el9_4.1
	package bash 1 5.1.8 9.el9
	package kernel-core 1 3.0.7 24.el9
	package glibc 0 2.34 1.el9
	echo '</metadata>'
}
repomd() { # folder; further <data>
	mkdir -p "$ROOT/$1/repodata"
	write "$1/repodata/repomd.xml" <<E
<?xml version="1.0" encoding="UTF-8"?>
<repomd><revision>1700000000</revision>
<data type="primary"><location href="repodata/primary.xml.gz"/><timestamp>1700000000</timestamp>
<open-size>${SIZE:-$(newer | wc -c)}</open-size></data>$2
</repomd>
E
}

UPDATES="SELECT name, installed, candidate, source_candidate, suite, state, security, fixed, advisories,
	cves FROM package_updates ORDER BY name"
PROBLEMS="SELECT reason FROM collector_problems WHERE name = 'package_updates' ORDER BY 1"
DIR=var/cache/dnf/baseos-0123456789abcdef

installed dnf
repomd $DIR ""
newer | gzip >"$ROOT/$DIR/repodata/primary.xml.gz"
query "$UPDATES" "updates of a repository without advisories" <<'E'
bash|1:3.0.7-24.el9|1:5.1.8-9.el9|5.1.8-9.el9|baseos|missing||||
openssl|1:3.0.7-24.el9|1:3.0.7-27.el9_4.1|3.0.7-27.el9_4.1|baseos|missing||||
E
query "SELECT manager, repository, suite, present, security, third_party, priority, date
	FROM package_indexes" "indexes, without passwords" <<'E'
yum|https://mirrors.rockylinux.org/mirrorlist?repo=x|baseos|1|1|0|99|1700000000
yum|https://example.org/r/$releasever/|extra|0|0|1|99|
E
query "$PROBLEMS" "nothing is wrong" </dev/null

repomd $DIR '<data type="updateinfo"><location href="repodata/updateinfo.xml.gz"/></data>'
gzip >"$ROOT/$DIR/repodata/updateinfo.xml.gz" <<'E'
<updates><update type="security"><id>RLSA-2024:1</id><issued date="2024-05-01 00:00:00"/>
<references><reference type="cve" id="CVE-2024-0001"/></references><pkglist><collection>
<package name="openssl" epoch="1" version="3.0.7" release="25.el9" arch="noarch"/></collection>
</pkglist></update>
<update type="bugfix"><id>RLBA-2024:2</id><pkglist><collection>
<package name="bash" epoch="1" version="5.1.8" release="9.el9" arch="noarch"/></collection>
</pkglist></update></updates>
E
query "$UPDATES" "with advisories" <<'E'
bash|1:3.0.7-24.el9|1:5.1.8-9.el9|5.1.8-9.el9|baseos|missing|0|||
openssl|1:3.0.7-24.el9|1:3.0.7-27.el9_4.1|3.0.7-27.el9_4.1|baseos|missing|1|1:3.0.7-25.el9|RLSA-2024:1|CVE-2024-0001
E

write etc/dnf/plugins/versionlock.list <<'E'
# Added lock on Fri
openssl-1:3.0.7-24.el9.*
E
write etc/dnf/dnf.conf <<'E'
[main]
excludepkgs=ba*
E
query "SELECT name, state, candidate FROM package_updates ORDER BY name" "locked and left out" <<'E'
bash|pinned|1:5.1.8-9.el9
openssl|held|1:3.0.7-27.el9_4.1
E
write etc/dnf/plugins/versionlock.list <<'E'
1:openssl-3.0.7-25.el9.*
E
query "SELECT name, state, candidate FROM package_updates WHERE name = 'openssl'" \
	"a lock on a newer one" <<'E'
openssl|missing|1:3.0.7-25.el9
E

installed older
repomd var/cache/dnf/baseos-00000000000000ff ""
package openssl 1 9 1 | gzip >"$ROOT/var/cache/dnf/baseos-00000000000000ff/repodata/primary.xml.gz"
touch -d '2020-01-01' "$ROOT/var/cache/dnf/baseos-00000000000000ff/repodata/repomd.xml"
repomd $DIR ""
newer | gzip >"$ROOT/$DIR/repodata/primary.xml.gz"
query "SELECT name, candidate FROM package_updates WHERE name = 'openssl'" \
	"of several addresses the last one counts" <<'E'
openssl|1:3.0.7-27.el9_4.1
E

# yum of CentOS 7 has SQLite, which it unpacks into gen/.
installed yum
DIR7=var/cache/yum/x86_64/7/baseos
mkdir -p "$ROOT/$DIR7/gen"
write $DIR7/repomd.xml <<'E'
<repomd><data type="primary"><location href="repodata/0-primary.xml.gz"/></data>
<data type="primary_db"><location href="repodata/0-primary.sqlite.bz2"/></data></repomd>
E
sqlite3 "$TMP/primary.sqlite" <<'E'
CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, name TEXT, arch TEXT, version TEXT, epoch TEXT,
	release TEXT, rpm_sourcerpm TEXT);
INSERT INTO packages VALUES (1, 'openssl', 'noarch', '3.0.8', '1', '1.el7', 'openssl-3.0.8-1.el7.src.rpm'),
	(2, 'bash', 'x86_64', '9', '9', '9', ''), (3, 'other', 'noarch', '1', '0', '1', '');
E
cp "$TMP/primary.sqlite" "$ROOT/$DIR7/gen/primary_db.sqlite"
WANT="bash|9:9-9
openssl|1:3.0.8-1.el7"
ROWS="SELECT name, candidate FROM package_updates ORDER BY name"
query "$ROWS" "SQLite" <<E
$WANT
E
rm "$ROOT/$DIR7/gen/primary_db.sqlite"
if command -v bzip2 >/dev/null; then
	bzip2 -c "$TMP/primary.sqlite" >"$ROOT/$DIR7/0-primary.sqlite.bz2"
	query "$ROWS" "SQLite in bzip2" <<E
$WANT
E
	head -c 3000 "$TMP/primary.sqlite" | bzip2 >"$ROOT/$DIR7/0-primary.sqlite.bz2"
	query "$PROBLEMS" "SQLite that is cut off" <<'E'
is damaged or cut off
E
	rm "$ROOT/$DIR7/0-primary.sqlite.bz2"
fi
query "$PROBLEMS" "lists that were never fetched" <<'E'
no list of packages was ever fetched (makecache)
the packages of the repository baseos were never fetched
E

installed damaged
repomd $DIR ""
FILE="$ROOT/$DIR/repodata/primary.xml.gz"
said() { # reason name
	query "$PROBLEMS" "$2" <<E
$1
E
}
newer | gzip >"$FILE"
truncate -s 150 "$FILE"
said "is damaged or cut off" "cut off"
newer | head -n 12 | gzip >"$FILE"
said "is damaged or cut off" "a list without its end"
{ newer; echo more; } | gzip >"$FILE"
said "has $(($(newer | wc -c) + 5)) bytes, repomd.xml says $(newer | wc -c)" "not what was said of it"
SIZE=60000000 repomd $DIR ""
head -c 60000000 /dev/zero | gzip >"$FILE"
said "is longer than any list of packages" "much of nothing"
{ echo '<metadata>'; echo '<package type="rpm"><name>bash</name><arch>'; echo '</package></metadata>'; } |
	gzip >"$FILE"
SIZE=$(gzip -dc "$FILE" | wc -c) repomd $DIR ""
said "1 entries cannot be understood" "an entry that ends early"
echo '<repomd><data type="primary"><location href="../../../../etc/passwd"/></data></repomd>' |
	write $DIR/repodata/repomd.xml
echo secret | write etc/passwd
query "SELECT reason FROM collector_problems WHERE path LIKE '%passwd' AND name LIKE 'package_%'" "out of its folder" </dev/null
echo '<repomd><data type="primary">' | write $DIR/repodata/repomd.xml
query "SELECT reason FROM collector_problems WHERE name = 'package_updates' AND path LIKE '%repomd.xml'" \
	"repomd.xml that is cut off" <<'E'
is damaged or cut off
E
finish
