# SPDX-License-Identifier: GPL-3.0-or-later
# The audit of the running machine: its record, and what the facts make of it. In a mount namespace
# of its own, where other files stand in the places of passwd, shadow and /var/lib.
. ./lib.sh

if ! command -v mkpasswd >/dev/null || ! command -v script >/dev/null ||
	! unshare -m --propagation private true 2>/dev/null; then
	echo "ok 1 - an audit that is kept # SKIP needs root, mount namespaces, mkpasswd and script"
	echo "1..1"
	exit 0
fi
: "${TMP:?}"
mkdir "$TMP/etc"
# A hash that the quick look has few guesses for: what it finds itself needs no record.
cat >"$TMP/etc/passwd" <<-E
	root:x:0:0:root:/root:/bin/sh
	ops:x:1001:1001::/nonexistent:/bin/sh
E
cat >"$TMP/etc/shadow" <<-E
	root:*:19000:0:99999:7:::
	ops:$(printf 'Winter%s!' "$(date -u +%Y)" | mkpasswd -m yescrypt -s):19000:0:99999:7:::
E
chmod 600 "$TMP/etc/shadow"
cat >"$TMP/enter" <<-'E'
	tmp=$1
	shift
	mkdir -p "$tmp/lib"
	mount --bind "$tmp/lib" /var/lib &&
		mount --bind "$tmp/etc/passwd" /etc/passwd &&
		mount --bind "$tmp/etc/shadow" /etc/shadow &&
		exec "$@"
E
inside() { unshare -m --propagation private sh "$TMP/enter" "$TMP" "$@"; }
weak() {
	inside "$HOLDFAST" query -f csv \
		"SELECT username, kind, tries, store FROM weak_passwords WHERE audited IS NOT NULL"
}
audit() {
	inside "$HOLDFAST" accounts --audit-passwords --no-state --quick --priority normal "$@"
}

exits 0 "nothing is known yet" weak
prints_not "ops"
exits 1 "an audit of this machine" audit
prints "weak        ops"
record=$TMP/lib/holdfast/passwords.json
expect "its record is root's alone" [ "$(stat -c %a "$record")" = 600 ]
expect "in a folder that is, too" [ "$(stat -c %a "$TMP/lib/holdfast")" = 700 ]
cp "$record" "$TMP/out"
prints_not "Winter"
# shellcheck disable=SC2016
prints_not '$y$'
exits 0 "the facts know of it" weak
prints "ops,word,"
exits 0 "so does a check" inside "$HOLDFAST" assess --no-state --quick -f json \
	--check acct-weak-password
report '"tries of the default list" in [x for x in f if x["resource"] == "account ops"][0]["evidence"]'

sed "s|^ops:[^:]*:|ops:$(printf 'Xk9!vvQ2mm' | mkpasswd -m sha512crypt -R 1000 -s):|" \
	"$TMP/etc/shadow" >"$TMP/changed"
cat "$TMP/changed" >"$TMP/etc/shadow"
exits 0 "until the password is changed" weak
prints_not "ops"

echo '{"accounts": [' >"$record"
exits 0 "a damaged record" inside "$HOLDFAST" query -f csv \
	"SELECT path FROM collector_problems WHERE name = 'weak_passwords'"
prints "/var/lib/holdfast/passwords.json"
rm "$record"

# On a terminal somebody must say yes.
printf 'n\n' | script -qec "unshare -m --propagation private sh '$TMP/enter' '$TMP' '$HOLDFAST' \
accounts --audit-passwords --no-state --quick --priority normal" /dev/null >"$TMP/out" 2>&1
prints "[y/N]"
prints "nothing was tried"
expect "and nothing is kept" [ ! -e "$record" ]
printf 'y\n' | script -qec "unshare -m --propagation private sh '$TMP/enter' '$TMP' '$HOLDFAST' \
accounts --audit-passwords --no-state --quick --priority normal" /dev/null >"$TMP/out" 2>&1
prints "1 not guessed"
expect "with yes it is" [ -s "$record" ]
finish
