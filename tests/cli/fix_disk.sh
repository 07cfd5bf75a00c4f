# SPDX-License-Identifier: GPL-3.0-or-later
# fix on a disk that is full or cannot be written: a clear message, and everything is as it was.
. ./lib.sh
[ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null || skip "needs root for a file system of its own"
if [ "${IN_NAMESPACE:-}" != yes ]; then
	IN_NAMESPACE=yes HOLDFAST=$HOLDFAST SOURCE=$SOURCE unshare --mount sh "$0"
	exit $?
fi
mkdir "$TMP/m"
mount -t tmpfs -o size=512k,mode=755 none "$TMP/m" || skip "no file system can be mounted"
trap 'umount -l "$TMP/m" 2>/dev/null; rm -rf "$TMP"' EXIT
machine m
folder var/lib
write etc/shadow 644 <<E
root:*:19000:0:99999:7:::
E
head -c 100000 /dev/zero | tr '\0' 'x' | fold -w 79 >"$ROOT/etc/big.conf"
folder etc/ssh
{
	echo "PasswordAuthentication yes"
	sed 's/^/# /' "$ROOT/etc/big.conf"
} >"$ROOT/etc/ssh/sshd_config"
rm "$ROOT/etc/big.conf"
check keys <<E
-- action: sshd X11Forwarding no
SELECT 'sshd' AS resource, 0 AS healthy, '' AS evidence
E
check mode <<E
-- action: mode 0600 - /etc/shadow
SELECT path AS resource, mode = 384 AS healthy, '' AS evidence FROM file_permissions
 WHERE path = '/etc/shadow'
E
cp -a "$ROOT" "$TMP/before"
fix() { hf fix --root "$ROOT" --quick --checks "$CHECKS" "$@" --yes; }
same() { diff -r --exclude=holdfast "$TMP/before" "$ROOT" && [ "$(stat -c %a "$ROOT/etc/shadow")" = 644 ]; }
litter() { ! find "$ROOT" -name '.holdfast*' -o -name .new | grep -q .; }

# Too little room for each of the journal's copies and the new file, in turn.
free() { df --output=avail -k "$ROOT" | tail -1 | tr -d ' '; }
full=0
for room in 0 60 110 160 210 260 300; do
	n=$(($(free) - room))
	[ $n -gt 0 ] && head -c ${n}k /dev/zero >"$ROOT/var/fill" 2>/dev/null
	if fix keys >"$TMP/out" 2>"$TMP/err"; then
		hf undo --all --root "$ROOT" >/dev/null
	elif grep -q "No space left on device" "$TMP/err"; then
		full=$((full + 1))
	fi
	rm -f "$ROOT/var/fill"
	expect "with $room KiB everything is as it was, or was done" same
	expect "and nothing is left beside it" litter
	rm -rf "$ROOT/var/lib/holdfast"
done
expect "a full disk was said to be one" [ $full -ge 3 ]

mount -o remount,ro "$TMP/m"
exits 3 "a file system that cannot be written" fix mode
expect "is said to be one" grep -q "Read-only file system" "$TMP/err"
expect "and everything is as it was" same
mount -o remount,rw "$TMP/m"
exits 0 "once it can" fix mode
exits 0 "and back" hf undo --root "$ROOT"
expect "as it was" same
mount -o remount,ro "$TMP/m"
exits 3 "changes of it cannot be taken back" hf undo 1 --root "$ROOT"
exits 0 "but listed" hf changes --root "$ROOT"
prints "undone"
finish
