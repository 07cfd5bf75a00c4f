# SPDX-License-Identifier: GPL-3.0-or-later
# fix beside Debian's pam-auth-update: the stacks are what it makes of profiles, so that a later run of
# it keeps ours, and its other profiles can be turned on and off; stacks that were changed by hand.
. ./lib.sh
for need in /usr/sbin/pam-auth-update /usr/share/pam/common-auth /var/lib/dpkg/info/libpam-runtime.templates; do
	[ -e $need ] || skip "needs Debian's libpam-runtime"
done
machine m
: "${ROOT:?}" "${TMP:?}"
folder etc/pam.d
folder var/lib/pam
folder usr/share/pam-configs
folder usr/lib/x86_64-linux-gnu/security
for module in unix faillock pwquality pwhistory permit deny mkhomedir; do
	printf '\177ELF' | write "usr/lib/x86_64-linux-gnu/security/pam_$module.so"
done
cp /usr/share/pam-configs/unix /usr/share/pam-configs/mkhomedir "$ROOT/usr/share/pam-configs/"
for kind in auth account password session session-noninteractive; do
	cp /usr/share/pam/common-$kind "$ROOT/etc/pam.d/"
done
for service in sshd login passwd sudo; do
	printf '@include common-%s\n' auth account password session | write etc/pam.d/$service
done
echo "ENCRYPT_METHOD YESCRYPT" | write etc/login.defs
printf '%s\n' 'root:*:19000:0:99999:7:::' \
	'alice:$y$j9T$abc$0123456789012345678901234567890123456789012:19000:0:99999:7:::' | write etc/shadow 640
mkdir "$TMP/debconf"
printf 'Config: a\nTemplates: q\n\nName: a\nDriver: File\nFilename: %s/a\n\nName: q\nDriver: File\nFilename: %s/q\n' \
	"$TMP/debconf" "$TMP/debconf" >"$TMP/debconf/rc"
update() {
	DEBCONF_SYSTEMRC="$TMP/debconf/rc" DEBIAN_FRONTEND=noninteractive /usr/sbin/pam-auth-update \
		--root "${ROOT:?}" --package "$@" 2>"$TMP/update" </dev/null
}
expect "pam-auth-update makes the stacks" update --force
expect "of its profiles" grep -q 'pam_unix.so nullok' "$ROOT/etc/pam.d/common-auth"
rm -f "$ROOT"/etc/pam.d/*.pam-old
cp -a "$ROOT" "$TMP/before"
ls -d /tmp/holdfast-pam-* >"$TMP/beside" 2>/dev/null
fix() { hf fix --root "$ROOT" "$@"; }
same() { diff -r --exclude=holdfast "$1" "$ROOT"; }

exits 1 "the plan" fix pw-lockout --dry-run
prints "write /usr/share/pam-configs/holdfast-faillock-before"
prints "change /var/lib/pam/auth"
prints_not "pam-auth-update takes the new lines"
expect "changes nothing" same "$TMP/before"
exits 0 "pw-lockout, pw-history, pw-nullok" fix pw-lockout pw-history pw-nullok --yes
prints "pw-lockout: fixed"
prints "pw-history: fixed"
prints "pw-nullok: fixed"
# What jumps over the new line jumps one further, as pam-auth-update counts it.
grep -v '^#' "$ROOT/etc/pam.d/common-auth" | grep . | tr -s '\t ' ' ' | sed 's/ $//' >"$TMP/auth"
printf 'auth %s\n' 'required pam_faillock.so preauth' '[success=2 default=ignore] pam_unix.so try_first_pass' \
	'[default=die] pam_faillock.so authfail' 'requisite pam_deny.so' 'required pam_permit.so' >"$TMP/want"
expect "the stack" diff "$TMP/want" "$TMP/auth"
cp -a "$ROOT" "$TMP/after"
expect "pam-auth-update runs again" update
expect "and finds its own work" sh -c "! grep -q 'Local modifications' '$TMP/update'"
expect "every stack stays what it is" same "$TMP/after"
expect "another profile is turned on" update --enable mkhomedir
expect "it is there" grep -q mkhomedir "$ROOT/etc/pam.d/common-session"
expect "and ours stay" cmp "$TMP/after/etc/pam.d/common-auth" "$ROOT/etc/pam.d/common-auth"
expect "all of them" cmp "$TMP/after/etc/pam.d/common-password" "$ROOT/etc/pam.d/common-password"
expect "it is turned off" update --disable mkhomedir
expect "and all is as before" diff -r "$TMP/after/etc/pam.d" "$ROOT/etc/pam.d"
cp -a "$TMP/after/var/lib/pam/." "$ROOT/var/lib/pam/"
exits 0 "a second run" fix pw-lockout pw-history pw-nullok --yes
expect "changes nothing" same "$TMP/after"
exits 0 "undo --all" hf undo --all --root "$ROOT"
expect "brings every byte back" same "$TMP/before"

# A line of the owner's own: pam-auth-update leaves such stacks alone, and the plan says so.
printf 'auth\toptional\tpam_permit.so debug\n' >"$TMP/line"
sed -i "/the \"Primary\" block/r $TMP/line" "$ROOT/etc/pam.d/common-auth"
cp -a "$ROOT" "$TMP/before2"
exits 0 "a stack that was changed by hand" fix pw-lockout --yes
prints "pw-lockout: fixed"
prints "pam-auth-update takes the new lines for changes of yours"
expect "the owner's line stays" grep -q "pam_permit.so debug" "$ROOT/etc/pam.d/common-auth"
exits 0 "undo" hf undo --root "$ROOT"
expect "brings every byte back, too" same "$TMP/before2"
# Other tests may be at it: only what stays counts.
sleep 0.1
ls -d /tmp/holdfast-pam-* 2>/dev/null | grep -vxFf "$TMP/beside" >"$TMP/left"
expect "and leaves nothing beside it" sh -c "for f in \$(cat '$TMP/left'); do for n in 1 2 3 4 5 6 7 8 9; do [ -e \$f ] || continue 2; sleep 1; done; exit 1; done"
finish
