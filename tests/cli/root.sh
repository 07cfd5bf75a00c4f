# SPDX-License-Identifier: GPL-3.0-or-later
# --root: what is no tree, what lies in a tree but must not be entered, what leads out of it.
. ./lib.sh
machine m
check users high <<E
SELECT username AS resource, 1 AS healthy, file AS evidence FROM users
E
check files high <<E
SELECT path AS resource, 1 AS healthy, '' AS evidence FROM file_findings
E
assess() { hf assess --root "$ROOT" --no-state --checks "$CHECKS" -f json "$@"; }

exits 3 "no such folder" hf assess --no-state --root "$TMP/none"
says "$TMP/none: cannot open: No such file or directory"
exits 3 "a file" hf assess --no-state --root "$0"
says "cannot open: Not a directory"
exits 3 "a FIFO" sh -c "mkfifo '$TMP/p'; exec timeout 60 '$HOLDFAST' assess --no-state --root '$TMP/p'"
says "cannot open: Not a directory"
exits 3 "an empty name" hf assess --no-state --root ""
says "cannot open: No such file or directory"
exits 3 "--proc that is not there" hf assess --no-state --root "$ROOT" --proc "$TMP/none"
says "$TMP/none: cannot open"
tree empty
exits 0 "an empty folder" assess
report 'r["host"]["live"] is False and r["host"]["hostname"] == ""'
report 'not [x for x in f if x["status"] == "healthy" and x["check"] in ("users", "files")]'
tree m
exits 0 "a relative path" sh -c "cd '$TMP' && '$HOLDFAST' assess --no-state --root m -f json"
report 'r["host"]["root"] == "m"'
exits 0 "a link to the tree" sh -c "ln -s m '$TMP/l'; '$HOLDFAST' assess --no-state --root '$TMP/l' -f json"
report 'r["host"]["hostname"] == "web1"'

# Nothing outside is read.
echo "outside:x:0:0::/:/bin/sh" >"$TMP/outside"
link "$TMP/outside" etc/passwd
exits 0 "an absolute link leads nowhere" assess --check users
report 'not [x for x in f if x["resource"] == "outside"]'
link ../../../../../../../../../..$TMP/outside etc/passwd
exits 0 "nor does one with .." assess --check users
report 'not [x for x in f if x["resource"] == "outside"]'
link passwd etc/passwd
exits 0 "a link to itself" assess --check users
report '[x["status"] for x in f] == ["unknown"]'
report '"symbolic links loop" in str(r["problems"])'
rm "$ROOT/etc/passwd"
for kind in FIFO folder device; do
	case $kind in
	FIFO) mkfifo "$ROOT/etc/passwd" ;;
	folder) mkdir "$ROOT/etc/passwd" ;;
	device) mknod "$ROOT/etc/passwd" c 1 5 2>/dev/null || continue ;;
	esac
	exits 0 "a $kind in place of a file" timeout 60 "$HOLDFAST" assess --root "$ROOT" --no-state \
		--checks "$CHECKS" -f json --check users
	report '[x["status"] for x in f] == ["unknown"]'
	report '"not a regular file" in str(r["problems"])'
	rm -rf "$ROOT/etc/passwd"
done
exits 0 "no passwd at all" assess --check users
report '"healthy" not in [x["status"] for x in f]'
truncate -s 20M "$ROOT/etc/passwd"
exits 0 "a huge file" assess --check users
report '[x["status"] for x in f] == ["unknown"]'
rm "$ROOT/etc/passwd"
printf 'root:x:0:0:root:/root:/bin/sh\n' | write etc/passwd

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$ROOT/proc" "$ROOT/sys" "$ROOT/other"
	inside() { # options of assess
		unshare -m sh -c "mount --bind /proc '$ROOT/proc' && mount --bind /sys '$ROOT/sys' &&
			mount -t tmpfs none '$ROOT/other' && cp /bin/true '$ROOT/other/set' &&
			chmod 4755 '$ROOT/other/set' &&
			exec strace -f -o '$TMP/trace' -e trace=openat,openat2 '$HOLDFAST' $*"
	}
	exits 0 "a tree with /proc and other file systems in it" inside assess --root "'$ROOT'" \
		--no-state --checks "'$CHECKS'" -f json
	report 'r["host"]["live"] is False'
	report '[c["status"] for c in r["collectors"] if c["table"] == "processes"] == ["not_applicable"]'
	report '"/other" not in str([x["resource"] for x in f if x["check"] == "files"])'
	expect "nothing of /proc is opened" sh -c \
		"! grep -E 'openat2?\([^,]*, \"/?(\./)?proc/(self|[0-9])' '$TMP/trace' | grep -v EXDEV |
			grep -v '/proc/self/fd'"
	exits 0 "/ as a tree is not the running machine" inside assess --root / --no-state --quick \
		-f json --check acct-uid0
	report 'r["host"]["live"] is False and r["host"]["root"] == "/"'
else
	result 0 "a tree with /proc in it # SKIP needs mounts"
fi
if [ "$(id -u)" = 0 ]; then
	write etc/sudoers 440 </dev/null
	chmod -R go-rwx "$ROOT"
	user=$(mktemp -d)
	chmod 755 "$user" "$TMP"
	cp "$HOLDFAST" "$user/holdfast"
	as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$user/holdfast" "$@"; }
	exits 0 "a tree that may not be read" as_nobody assess --root "$ROOT" --no-state -f json
	report '"healthy" not in {x["status"] for x in f} and r["risk_score"]["current"] < 50'
	exits 0 "without root" as_nobody assess --no-state -f json --check 'shadow*,acct-*,pw-*'
	report '"shadow" in [p["table"] for p in r["problems"]]'
	report 'any(x["status"] == "unknown" for x in f)'
	rm -rf "$user"
fi
finish
