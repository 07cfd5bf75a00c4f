#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# packages, package_integrity, systemd_units on databases of rpm
. ./lib.sh

command -v rpmbuild >/dev/null && command -v perl >/dev/null || skip "rpmbuild is not installed"

mkdir "$TMP/rpm"
cat >"$TMP/rpm/t.spec" <<'E'
Name: openssh
Version: 8.7
Release: 3.el9
Epoch: 2
Summary: test
License: MIT
Vendor: Example
Group: Test/Group
BuildArch: noarch
%description
test
%package server
Summary: server
%description server
server
%install
mkdir -p %{buildroot}/usr/lib/systemd/system %{buildroot}/usr/sbin %{buildroot}/usr/share/x
echo sshd > %{buildroot}/usr/sbin/sshd
echo vipw > %{buildroot}/usr/sbin/vipw
echo '[Service]' > %{buildroot}/usr/lib/systemd/system/sshd.service
for i in $(seq 2000); do echo $i > %{buildroot}/usr/share/x/f$i; done
%files
/usr/share/x
%files server
/usr/sbin/sshd
/usr/sbin/vipw
/usr/lib/systemd/system/sshd.service
E
rpmbuild --define "_topdir $TMP/rpm/top" -bb "$TMP/rpm/t.spec" >"$TMP/rpm/log" 2>&1 ||
	skip "rpmbuild does not work here"
RPMS=$(find "$TMP/rpm/top" -name '*.rpm')

installed() { # a tree with the files
	write usr/sbin/sshd 755 <<'E'
replaced
E
	write usr/sbin/vipw 755 <<'E'
vipw
E
	write usr/lib/systemd/system/sshd.service <<'E'
[Service]
E
}

expect() { # name, is there an install time?
	query "SELECT name, version, arch, source, source_version, format, vendor, section,
		install_time > 0 FROM packages ORDER BY name" "packages of $1" <<E
openssh|2:8.7-3.el9|noarch|openssh|2:8.7-3.el9|rpm|Example|Test/Group|$2
openssh-server|2:8.7-3.el9|noarch|openssh|2:8.7-3.el9|rpm|Example|Test/Group|$2
E
	query "SELECT * FROM package_integrity" "digests of $1" <<'E'
openssh-server|/usr/sbin/sshd|changed
E
	query "SELECT id, package FROM systemd_units" "owners of $1" <<'E'
sshd.service|openssh-server
E
	query "SELECT name, path, reason FROM collector_problems
		WHERE name IN ('packages', 'package_integrity')" "$1 is whole" </dev/null
}

# The headers of package files are those of the database but for what installing adds.
cat >"$TMP/rpm/make.pl" <<'E'
use strict;
use warnings;
my ($kind, $out, @files) = @ARGV;
sub blob {
	open my $f, '<:raw', $_[0] or die;
	local $/;
	my ($d, $o) = (scalar <$f>, 96);
	my ($n, $len) = unpack 'NN', substr $d, $o + 8, 8;
	$o = ($o + 16 + 16 * $n + $len + 7) & ~7;
	($n, $len) = unpack 'NN', substr $d, $o + 8, 8;
	return substr $d, $o + 8, 8 + 16 * $n + $len;
}
my @blobs = map { blob($_) } @files;
if ($kind eq 'bdb') {
	require DB_File;
	my %db;
	tie %db, 'DB_File', $out, 0x42, 0644, DB_File::HASHINFO->new() or die $!;
	$db{pack 'V', 0} = pack 'V', scalar @blobs;
	my $n = 0;
	$db{pack 'V', ++$n} = $_ for @blobs;
	untie %db;
	exit;
}
my ($slots, $data, $block, $n) = ('', '', 4096 / 16, 0);
for my $b (@blobs) {
	$n++;
	my $pad = -(28 + length $b) % 16;
	my $blocks = (28 + length($b) + $pad) / 16;
	$slots .= pack 'a4VVV', 'Slot', $n, $block, $blocks;
	$data .= pack('a4VVV', 'BlbS', $n, 1, length $b) . $b . "\0" x $pad .
		pack 'VVa4', 0, length $b, 'BlbE';
	$block += $blocks;
}
my $page = pack('a4V7', 'RpmP', 0, 1, 1, $n + 1, 0, 0, 0) . $slots;
$page .= pack 'a4VVV', 'Slot', 0, 0, 0 while length $page < 4096;
open my $f, '>:raw', $out or die;
print $f $page . $data;
E

tree sqlite
installed
folder var/lib/rpm
# shellcheck disable=SC2086
if rpm --root "$ROOT" --dbpath /var/lib/rpm --define '_db_backend sqlite' -i --justdb --nodeps \
	--noscripts $RPMS >"$TMP/rpm/log" 2>&1; then
	expect SQLite 1
fi

tree bdb
installed
folder var/lib/rpm
# shellcheck disable=SC2086
if perl "$TMP/rpm/make.pl" bdb "$ROOT/var/lib/rpm/Packages" $RPMS 2>/dev/null; then
	expect "Berkeley DB" ""
	truncate -s 200000 "$ROOT/var/lib/rpm/Packages"
	query "SELECT path, reason FROM collector_problems WHERE name = 'packages'" "cut off" <<'E'
/var/lib/rpm/Packages|the package database is damaged, packages may be missing
E
fi

tree ndb
installed
folder usr/lib/sysimage/rpm
link ../../usr/lib/sysimage/rpm var/lib/rpm
# shellcheck disable=SC2086
perl "$TMP/rpm/make.pl" ndb "$ROOT/usr/lib/sysimage/rpm/Packages.db" $RPMS
expect ndb ""
finish
