#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# os_version, packages, package_integrity
. ./lib.sh

problems() {
	query "SELECT path, reason FROM collector_problems WHERE name = '$1' ORDER BY path" "$2"
}

tree debian
write etc/os-release <<'E'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION='12 (bookworm)'
VERSION_CODENAME=bookworm
ID=debian
# comment
E
query "SELECT * FROM os_version" <<'E'
debian||Debian GNU/Linux|12 (bookworm)|12|bookworm|Debian GNU/Linux 12 (bookworm)|/etc/os-release|2026-07-11|2028-06-30
E
write var/lib/dpkg/status <<'E'
Package: openssl
Status: install ok installed
Section: utils
Maintainer: A <a@example.org>
Architecture: amd64
Version: 3.0.11-1
Description: x
 long text: with a colon

Package: libc6
Status: hold ok installed
Architecture: amd64
Source: glibc (2.36-9)
Version: 2.36-9+b1

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: never
Status: unknown ok not-installed
Architecture: all
Version: 1

Package: half
Status: install reinstreq half-installed
Architecture: all
Version: 2
E
write var/lib/dpkg/info/openssl.list <<'E'
/.
E
write var/lib/dpkg/info/libc6:amd64.list </dev/null
touch -d @1700000000 "$ROOT/var/lib/dpkg/info/libc6:amd64.list"
query "SELECT name, version, arch, source, source_version, status, hold, format, section,
	install_time = 1700000000 FROM packages" <<'E'
openssl|3.0.11-1|amd64|openssl|3.0.11-1|installed|0|deb|utils|0
libc6|2.36-9+b1|amd64|glibc|2.36-9|installed|1|deb||1
gone|1|all|gone|1|config-files|0|deb||
half|2|all|half|2|half-installed|0|deb||
E
problems packages "nothing is missing" </dev/null

tree cut
{
	printf 'Package: a\nStatus: install ok installed\nVersion: 1\n\n'
	printf 'Package: b\nStatus: install ok installed\nVersion: 2\nDescription: cut in the mid'
} | write var/lib/dpkg/status
query "SELECT name FROM packages" "what is whole is shown" <<'E'
a
b
E
problems packages "a status file cut in a line" <<'E'
/var/lib/dpkg/status|line 8: damaged or cut off, packages may be missing
E
printf 'Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: install ok inst' |
	head -c 80 | write var/lib/dpkg/status
problems packages "a status file cut in a stanza" <<'E'
/var/lib/dpkg/status|line 6: damaged or cut off, packages may be missing
E
printf 'Package: a\nStatus: install ok installed\nVersion: 1\n\n' | write var/lib/dpkg/status
write var/lib/dpkg/info/a.list </dev/null
write var/lib/dpkg/info/b.list </dev/null
problems packages "a status file cut between stanzas" <<'E'
/var/lib/dpkg/status|names 1 packages, but 2 have a list of files in info/
E
head -c 3000 /dev/urandom | tr '\n' '\0' | write var/lib/dpkg/status
query "SELECT status FROM collector_status WHERE name = 'packages'" "binary data" <<'E'
incomplete
E
rm "$ROOT/var/lib/dpkg/status"
problems packages "no status file" <<'E'
/var/lib/dpkg/status|dpkg's list of packages is missing
E
rm -r "$ROOT/var/lib/dpkg/info"
mkfifo "$ROOT/var/lib/dpkg/status"
problems packages "a FIFO instead of the status file" <<'E'
/var/lib/dpkg/status|cannot read the package database
E
query "SELECT path FROM collector_problems WHERE name = 'os_version'" "no os-release" <<'E'
/etc/os-release
E

tree distroless
write usr/lib/os-release <<'E'
ID=debian
VERSION_ID=11
E
write var/lib/dpkg/status.d/base <<'E'
Package: base-files
Version: 11.1
Architecture: amd64
E
write var/lib/dpkg/status.d/base.md5sums <<'E'
d41d8cd98f00b204e9800998ecf8427e  etc/x
E
query "SELECT name, status FROM packages" <<'E'
base-files|installed
E
query "SELECT id, eol_date, file FROM os_version" <<'E'
debian|2024-08-14|/usr/lib/os-release
E

tree alpine
write etc/alpine-release <<'E'
3.18.4
E
write lib/apk/db/installed <<'E'
C:Q1abc=
P:musl
V:1.2.4-r2
A:x86_64
o:musl
m:M <m@example.org>
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1qpm+b9UeV9cDpXzXsC0RIOdAgVw=

P:libssl3
V:3.1.4-r0
A:x86_64
o:openssl

E
query "SELECT name, version, source, format FROM packages" <<'E'
musl|1.2.4-r2|musl|apk
libssl3|3.1.4-r0|openssl|apk
E
query "SELECT id, version_id, eol_date FROM os_version" <<'E'
alpine|3.18.4|2025-05-09
E
printf 'P:musl\nV:1.2.4-r2\nF:li' | write lib/apk/db/installed
problems packages "apk's database cut off" <<'E'
/lib/apk/db/installed|line 3: damaged or cut off, packages may be missing
E

tree redhat
write etc/redhat-release <<'E'
CentOS Linux release 7.9.2009 (Core)
E
query "SELECT id, version_id, eol_date FROM os_version" <<'E'
centos|7.9.2009|2024-06-30
E
folder var/lib/rpm
problems packages "rpm without a database" <<'E'
/var/lib/rpm|rpm's database is missing
E
head -c 9000 /dev/urandom | write var/lib/rpm/Packages
problems packages "a damaged Berkeley DB" <<'E'
/var/lib/rpm/Packages|the package database is damaged, packages may be missing
E
mv "$ROOT/var/lib/rpm/Packages" "$ROOT/var/lib/rpm/rpmdb.sqlite"
problems packages "a damaged SQLite database" <<'E'
/var/lib/rpm/rpmdb.sqlite|the package database is damaged, packages may be missing
E
mv "$ROOT/var/lib/rpm/rpmdb.sqlite" "$ROOT/var/lib/rpm/Packages.db"
problems packages "a damaged ndb" <<'E'
/var/lib/rpm/Packages.db|the package database is damaged, packages may be missing
E

tree scratch
folder etc
query "SELECT status FROM collector_status WHERE name = 'packages'" <<'E'
not_applicable
E
write sbin/apk 755 </dev/null
problems packages "a package manager without packages" <<'E'
/sbin/apk|this package manager is there, but no packages are
E

tree integrity
write bin/ls 755 <<'E'
ls
E
write bin/cat 755 <<'E'
cat
E
write usr/bin/who.real 755 <<'E'
who
E
write usr/bin/who 755 <<'E'
wrapper
E
write lib/x86_64-linux-gnu/security/pam_unix.so <<'E'
evil
E
write var/lib/dpkg/status <<'E'
Package: coreutils
Status: install ok installed
Architecture: amd64
Version: 9

Package: libpam-modules
Status: install ok installed
Architecture: amd64
Version: 1

Package: sudo
Status: install ok installed
Architecture: amd64
Version: 1

Package: vim
Status: install ok installed
Architecture: amd64
Version: 1

E
write var/lib/dpkg/diversions <<'E'
/usr/bin/who
/usr/bin/who.real
wrapper
E
write var/lib/dpkg/info/coreutils.md5sums <<E
$(printf 'ls\n' | md5sum | cut -c1-32)  bin/ls
$(printf 'x\n' | md5sum | cut -c1-32)  bin/cat
$(printf 'who\n' | md5sum | cut -c1-32)  usr/bin/who
$(printf 'who\n' | md5sum | cut -c1-32)  usr/bin/stat
$(printf 'who\n' | md5sum | cut -c1-32)  usr/bin/yes
E
write var/lib/dpkg/info/libpam-modules:amd64.md5sums <<E
$(printf 'pam\n' | md5sum | cut -c1-32)  lib/x86_64-linux-gnu/security/pam_unix.so
E
query "SELECT * FROM package_integrity ORDER BY path" <<'E'
coreutils|/bin/cat|changed
libpam-modules|/lib/x86_64-linux-gnu/security/pam_unix.so|changed
coreutils|/usr/bin/stat|missing
E
problems package_integrity "digests that were removed" <<'E'
/var/lib/dpkg/info/sudo:amd64.md5sums|digests of this package are missing
E
tree integrity_apk
write bin/busybox 755 <<'E'
busybox
E
sum=$(printf 'other\n' | openssl dgst -sha1 -binary | openssl base64)
write lib/apk/db/installed <<E
P:busybox
V:1.36.1-r2
A:x86_64
F:bin
R:busybox
a:0:0:755
Z:Q1$sum

E
query "SELECT * FROM package_integrity" <<'E'
busybox|/bin/busybox|changed
E
finish
