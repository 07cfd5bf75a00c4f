#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# package_updates, package_indexes of Alpine
. ./lib.sh

for program in tar sha1sum sha256sum gzip; do
	command -v $program >/dev/null || skip "$program is not installed"
done

MAIN=https://dl-cdn.alpinelinux.org/alpine/v3.20/main
COMMUNITY=https://dl-cdn.alpinelinux.org/alpine/v3.20/community
EDGE=https://dl-cdn.alpinelinux.org/alpine/edge/main

entry() { # name version origin
	printf 'C:Q1x\nP:%s\nV:%s\nA:x86_64\nS:1\nI:1\nT:x\nU:x\nL:MIT\no:%s\nt:1700000000\n\n' \
		"$1" "$2" "$3"
}

# A tape with a signature in front, as abuild-sign leaves it: two gzip members, one tape.
index() { # path in the tree; entries on standard input
	mkdir -p "$ROOT/$(dirname "$1")" "$TMP/i"
	cat >"$TMP/i/APKINDEX"
	echo v3.20.3 >"$TMP/i/DESCRIPTION"
	echo signature >"$TMP/i/.SIGN.RSA.x.rsa.pub"
	tar -C "$TMP/i" --format=ustar -cf - .SIGN.RSA.x.rsa.pub | head -c 1024 | gzip >"$ROOT/$1"
	tar -C "$TMP/i" --format=ustar -cf - DESCRIPTION APKINDEX | gzip >>"$ROOT/$1"
}
old() { printf APKINDEX.%s.tar.gz "$(printf %s "$1" | sha1sum | cut -c1-8)"; }
new() { printf APKINDEX.%s.tar.gz "$(printf %s "$1/x86_64/APKINDEX.tar.gz" | sha256sum | cut -c1-8)"; }

alpine() {
	tree "$1"
	{ entry busybox 1.36.1-r15 busybox; entry ssl_client 1.36.1-r15 busybox
	  entry openssl 3.3.0-r2 openssl; entry nginx 1.26.0-r0 nginx; entry php83 8.3.8-r0 php83
	  entry go 1.22.4-r0 go; entry musl 1.2.5-r0 musl; entry .build-deps 20240101.000000 ""; } |
		write lib/apk/db/installed
	echo x86_64 | write etc/apk/arch
	write etc/apk/repositories <<E
# of the distribution
$MAIN
$COMMUNITY
@edge $EDGE
#https://dl-cdn.alpinelinux.org/alpine/edge/testing
E
	write etc/apk/world <<'E'
alpine-baselayout nginx<1.27 openssl go@edge
php83~8.3.8
!busybox-extras
E
}
main() {
	entry busybox 1.36.1-r29 busybox; entry ssl_client 1.36.1-r29 busybox
	entry openssl 3.3.2-r1 openssl; entry openssl 3.3.1-r0 openssl; entry musl 1.2.5-r0 musl
	entry nginx 1.27.1-r0 nginx; entry nginx 1.26.2-r0 nginx
}
community() { entry php83 8.3.12-r0 php83; entry go 1.22.4-r0 go; }
edge() { entry go 1.23.0-r0 go; entry busybox 1.37.0-r0 busybox; }

UPDATES="SELECT name, installed, candidate, suite, state, security IS NULL, source, format
	FROM package_updates ORDER BY name"
for kind in old new; do
	alpine $kind
	main | index "var/cache/apk/$($kind $MAIN)"
	community | index "var/cache/apk/$($kind $COMMUNITY)"
	edge | index "var/cache/apk/$($kind $EDGE)"
	query "$UPDATES" "updates, indexes named as apk has it ($kind)" <<'E'
busybox|1.36.1-r15|1.36.1-r29|v3.20|missing|1|busybox|apk
go|1.22.4-r0|1.23.0-r0|edge|missing|1|go|apk
nginx|1.26.0-r0|1.26.2-r0|v3.20|missing|1|nginx|apk
openssl|3.3.0-r2|3.3.2-r1|v3.20|missing|1|openssl|apk
php83|8.3.8-r0|8.3.12-r0|v3.20|held|1|php83|apk
ssl_client|1.36.1-r15|1.36.1-r29|v3.20|missing|1|busybox|apk
E
	query "SELECT manager, suite, component, present, security, third_party, fetched > 0
		FROM package_indexes ORDER BY repository" "indexes ($kind)" <<'E'
apk|edge|main|1|1|0|1
apk|v3.20|community|1|1|0|1
apk|v3.20|main|1|1|0|1
E
	query "SELECT path, reason FROM collector_problems
		WHERE name IN ('package_updates', 'package_indexes')" "all was read ($kind)" </dev/null
done

alpine cached
mkdir -p "$ROOT/etc/apk/cache" "$ROOT/var/cache/apk"
main | index "etc/apk/cache/$(old $MAIN)"
query "SELECT count(*) FROM package_updates" "a cache of the owner's" <<'E'
4
E
query "SELECT reason FROM collector_problems WHERE name = 'package_updates'" \
	"what was never fetched is a gap" <<E
the index of $COMMUNITY was never fetched
the index of $EDGE was never fetched
E

alpine local
echo "/repo/main" | write etc/apk/repositories
main | index repo/main/x86_64/APKINDEX.tar.gz
query "SELECT count(*) FROM package_updates" "a folder is its own index" <<'E'
4
E

alpine none
query "SELECT reason FROM collector_problems WHERE name = 'package_updates' AND reason LIKE 'no %'" \
	"none at all" <<'E'
no package index was ever fetched (apk update)
E

alpine damaged
echo "$MAIN" | write etc/apk/repositories
FILE="var/cache/apk/$(old $MAIN)"
DAMAGED="SELECT reason FROM collector_problems WHERE name = 'package_updates'"
said() {
	query "$DAMAGED" "$1" <<'E'
is damaged, cut off, or no index of apk 2
E
}
main | index "$FILE"
truncate -s 300 "$ROOT/$FILE"
said "cut off"
echo "not an index" | write "$FILE"
said "not packed"
printf 'ADBd\0\0\0\0' | write "$FILE"
said "of apk 3"
main | index "$FILE"
gzip -dc "$ROOT/$FILE" | head -c 2500 | gzip >"$TMP/x" && mv "$TMP/x" "$ROOT/$FILE"
said "a tape that ends in the middle"
(cd "$TMP/i" && tar --format=ustar -czf "$ROOT/$FILE" DESCRIPTION)
said "without a list"
head -c 60000000 /dev/zero | tr '\0' a | gzip >"$ROOT/$FILE"
said "much of nothing"
finish
