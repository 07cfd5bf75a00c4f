# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast integrity: baseline, check and accept on trees.
. ./lib.sh

DB=$TMP/state/i.db
mkdir "$TMP/state"
machine one
folder etc/cron.d
folder var/www/html
write etc/sudoers 440 <<-E
	root ALL=(ALL:ALL) ALL
E
integrity() {
	verb=$1
	shift
	hf integrity "$verb" --root "$ROOT" --database "$DB" "$@"
}

exits 2 "without a word" hf integrity
says "baseline, check or accept?"
exits 2 "with another word" hf integrity repair
exits 2 "accept without a path" integrity accept
exits 2 "accept with both" integrity accept --all-paths /etc
exits 2 "a path that is not absolute" integrity accept etc
exits 2 "baseline --packages" integrity baseline --packages
exits 3 "check without a baseline" integrity check
says "there is no baseline yet"
rm -f "$DB.key"
exits 3 "a root that is not there" hf integrity baseline --root "$TMP/nowhere" --database "$DB"
says "nowhere"
exits 3 "a folder that is not there" hf integrity baseline --root "$ROOT" --database "$TMP/no/i.db"
says "$TMP/no/i.db.key"

exits 0 "the first baseline" integrity baseline
quiet
prints "0 differences"
prints "baseline 1, seal "
expect "is its owner's alone" [ "$(stat -c %a "$DB")$(stat -c %a "$DB.key")" = 600600 ]
exits 0 "nothing has changed" integrity check
prints "0 differences"

echo "eve:x:0:0::/root:/bin/bash" >>"$ROOT/etc/passwd"
chmod 666 "$ROOT/etc/sudoers"
printf '<?php\n' >"$ROOT/var/www/html/$(printf '\033')[31mx.php"
link /etc/shadow etc/cron.d/job
mkfifo "$ROOT/etc/cron.d/pipe"
exits 1 "changes" integrity check
quiet
prints 'critical   account "eve" (uid 0, home /root) added with shell /bin/bash'
prints "/etc/sudoers: rights changed (sudo, mode 0440 became 0666)"
prints '/var/www/html/\x1B[31mx.php: created (web)'
prints "/etc/cron.d/job: created (cron)"
prints "/etc/cron.d/pipe: created (cron)"
exits 0 "below what counts" integrity check --fail-on critical /var/www
exits 1 "what counts" integrity check --fail-on critical /etc
exits 1 "one path" integrity check /var/www/
prints "1 differences"
exits 1 "as JSON" integrity check -f json
report 'r["differences"] == len(r["changes"]) and r["baseline"] == 1 and len(r["seal"]) == 64'
report '[c for c in r["changes"] if c["action"] == "account-added"][0]["subject"] == "eve"'
report '[c for c in r["changes"] if c["action"] == "rights"][0]["before"]["mode"] == "0440"'

exits 0 "one is accepted" integrity accept /etc/sudoers
prints "1 differences accepted"
exits 3 "one that is none" integrity accept /etc/hostname
says "/etc/hostname: no difference here"
exits 1 "the others are told again" integrity check
prints "eve"
prints_not "sudoers"
exits 0 "all are accepted" integrity accept --all-paths
exits 0 "nothing is left" integrity check

cp "$DB" "$TMP/copy"
printf '\001' | dd of="$DB" bs=1 seek=200 conv=notrunc 2>/dev/null
exits 3 "a baseline that was changed" integrity check
says "the seal is broken"
exits 3 "is not written over in silence" integrity baseline
says "the seal is broken"
head -c 100 "$TMP/copy" >"$DB"
exits 3 "one that is cut off" integrity check
says "this is not a baseline, or a part of one"
cp "$TMP/copy" "$DB"
head -c 32 /dev/urandom >"$TMP/other.key"
chmod 600 "$TMP/other.key"
exits 3 "another key" integrity check --key "$TMP/other.key"
says "the seal is broken"
chmod 644 "$DB.key"
exits 3 "a key that others can read" integrity check
says "the key is open to others"
chmod 600 "$DB.key"
exits 0 "as it was" integrity check

printf 'watch custom /srv/data/ 4\nignore /etc/cron.d/\n' >"$TMP/conf"
write srv/data/x <<-E
	one
E
exits 1 "a configuration" integrity check --config "$TMP/conf"
prints "/srv/data/x: created (custom)"
printf 'watch nothing /x\n' >"$TMP/conf"
exits 2 "a mistake in it" integrity check --config "$TMP/conf"
says "$TMP/conf:1: there is no such class: 'nothing'"

package() {
	folder usr/bin
	folder var/lib/dpkg/info
	folder var/lib/dpkg/updates
	write var/lib/dpkg/status </dev/null
	mkdir -p "$TMP/pkg/usr/bin" "$TMP/pkg/DEBIAN"
	echo tool >"$TMP/pkg/usr/bin/tool"
	(cd "$TMP/pkg" && md5sum usr/bin/tool >DEBIAN/md5sums)
	printf '%s\n' 'Package: tool' 'Version: 1' 'Architecture: all' 'Description: x' \
		'Maintainer: Nobody <nobody@example.org>' >"$TMP/pkg/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$TMP/pkg" "$TMP/tool.deb" &&
		dpkg --root="$ROOT" --force-not-root --log=/dev/null -i "$TMP/tool.deb"
}
if [ -n "$ROOT" ] && command -v dpkg-deb >/dev/null && package >"$TMP/said" 2>&1; then
	exits 0 "what a package brought is no difference" integrity check /usr/bin
	exits 1 "but is shown when asked for" integrity check --all --fail-on info /usr/bin
	prints "tool: as its package brought it"
	exits 0 "packages alone, without a baseline" integrity check --packages
	echo evil >"$ROOT/usr/bin/tool"
	exits 1 "other bytes" integrity check /usr/bin
	prints "/usr/bin/tool: created (programs); tool: not what its package brought"
	exits 1 "packages alone see it" integrity check --packages
	prints "not what its package brought"
	rm -f "$DB" "$DB.key"
	exits 0 "a first baseline" integrity baseline
	prints "not what its package brought"
else
	result 0 "packages # SKIP dpkg is not installed, or needs root"
fi
finish
