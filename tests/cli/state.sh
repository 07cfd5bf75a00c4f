# SPDX-License-Identifier: GPL-3.0-or-later
# The history: first seen, baseline; state databases that are damaged, newer, locked, not writable.
# It is a convenience: where it cannot be kept, that is said and the assessment goes on.
. ./lib.sh
machine m
cat >"$CHECKS/bad.sql" <<E
-- id: bad
-- title: No account is bad
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: high
-- fix: Remove it.
-- why: It is a test.
SELECT username AS resource, username NOT LIKE 'bad%' AS healthy, '' AS evidence FROM users
E
db=$TMP/s/state.db
mkdir "$TMP/s"
assess() { hf assess --root "$ROOT" --checks "$CHECKS" --state "$db" "$@"; }
json() { assess -f json --baseline; }
add() { echo "$1:x:2000:2000::/home/$1:/bin/sh" >>"$ROOT/etc/passwd"; }
first() { # resource
	python3 -c "
import json
for f in json.load(open('$TMP/out'))['findings']:
    if f['resource'] == '$1' and f['check'] == 'bad':
        print(f['first_seen'])"
}
not_kept() { # name, reason
	exits 0 "$1" timeout 60 "$HOLDFAST" assess --root "$ROOT" --checks "$CHECKS" --state "$db"
	says "no history is kept: $2"
	prints "Secure Score"
}

exits 0 "the first run" json
quiet
report 'r["baseline"]["time"] is None and r["baseline"]["new"] == []'
expect "only its owner may read it" test "$(stat -c %a "$db")" = 600
rm -f "$db"
exits 0 "text says that there was none" assess --baseline
prints "Since the last run: there was none"
add bad1
exits 0 "a new finding" json
report '[(c["check"], c["resource"], c["before"], c["now"]) for c in r["baseline"]["new"] if c["check"] == "bad"] == [("bad", "bad1", "healthy", "unhealthy")]'
report '[c for c in r["baseline"]["fixed"] if c["check"] == "bad"] == []'
report 'r["baseline"]["secure_percent"] >= r["secure_score"]["percent"]'
seen=$(first bad1)
expect "has a time" test -n "$seen"
sqlite3 "$db" "UPDATE finding SET first_seen = first_seen - 86400 WHERE resource = 'bad1'"
was=$(sqlite3 "$db" "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', first_seen, 'unixepoch') FROM finding
	WHERE resource = 'bad1'")
add bad2
exits 0 "the next run" json
expect "remembers when it was first seen" test "$(first bad1)" = "$was"
report '[c["resource"] for c in r["baseline"]["new"] if c["check"] == "bad"] == ["bad2"]'
exits 0 "without --baseline" assess -f json
report '"baseline" not in r'
sed -i /bad1/d "$ROOT/etc/passwd"
exits 0 "text" assess --baseline
prints "fixed  bad  bad1"
exits 0 "and then no longer" json
report 'r["baseline"]["fixed"] == []'
add bad1
exits 0 "what had gone and is back is new" json
report '[c["resource"] for c in r["baseline"]["new"] if c["check"] == "bad"] == ["bad1"]'
expect "since now" test "$(first bad1)" != "$was"
mv "$ROOT/etc/passwd" "$ROOT/etc/passwd-"
mkfifo "$ROOT/etc/passwd"
exits 0 "what cannot be seen any more" json
report '[c for c in r["baseline"]["fixed"] if c["check"] == "bad"] == []'
rm "$ROOT/etc/passwd"
mv "$ROOT/etc/passwd-" "$ROOT/etc/passwd"
exits 0 "a part of the checks is not recorded" assess --check bad
exits 0 "nor is a fact file" sh -c "'$HOLDFAST' collect --root '$ROOT' -o '$TMP/f' &&
	'$HOLDFAST' assess --facts '$TMP/f' --state '$db'"
runs=$(sqlite3 "$db" "SELECT count(*) FROM run")
expect "they left no run" test "$runs" = 8
exits 0 "another tree has a history of its own" sh -c "cp -a '$ROOT' '$TMP/other' &&
	'$HOLDFAST' assess --root '$TMP/other' --checks '$CHECKS' --state '$db' --baseline"
prints "there was none"
exits 0 "two at once" sh -c "'$HOLDFAST' assess --root '$ROOT' --state '$db' >/dev/null &
	'$HOLDFAST' assess --root '$ROOT' --state '$db' && wait"
quiet

cp "$db" "$TMP/good.db"
head -c 20000 /dev/urandom >"$db"
not_kept "noise" "$db: is no state database of Holdfast, or is damaged"
expect "it is left alone" test "$(stat -c %s "$db")" = 20000
head -c 5000 "$TMP/good.db" >"$db"
not_kept "cut off" "$db: "
cp "$TMP/good.db" "$db"
dd if=/dev/urandom of="$db" bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null
exits 0 "damaged in the middle" timeout 60 "$HOLDFAST" assess --root "$ROOT" --state "$db"
prints "Secure Score"
rm "$db"
sqlite3 "$db" "CREATE TABLE t(a)"
not_kept "another database" "$db: is no state database of Holdfast"
cp "$TMP/good.db" "$db"
sqlite3 "$db" "PRAGMA user_version=9"
not_kept "a newer one" "$db: was written by a newer Holdfast"
cp "$TMP/good.db" "$db"
sqlite3 "$db" "DROP TABLE finding"
not_kept "a table is missing" "$db: history: no such table"
cp "$TMP/good.db" "$db"
sqlite3 "$db" "CREATE TRIGGER t BEFORE INSERT ON run BEGIN SELECT RAISE(FAIL, 'no'); END"
not_kept "a trigger" "$db: "
rm "$db"
mkfifo "$db"
not_kept "a FIFO" "$db: is not a regular file"
rm "$db"
mkdir "$db"
not_kept "a folder" "$db: is not a regular file"
rmdir "$db"
ln -s "$TMP/good.db" "$db"
not_kept "a link" "$db: is not a regular file"
rm "$db"
ln -s "$TMP/s" "$TMP/linked"
exits 0 "a folder that is a link" hf assess --root "$ROOT" --state "$TMP/linked/state.db"
quiet
expect "is followed" test -f "$db"
rm "$db"
db=$TMP/none/state.db
not_kept "a folder that is not there" "$db: cannot open: No such file or directory"
db=$TMP/s/state.db
cp "$TMP/good.db" "$db"
mkfifo "$TMP/hold"
(
	echo "BEGIN EXCLUSIVE;"
	exec 3<"$TMP/hold"
	cat <&3
) | sqlite3 "$db" &
exec 4>"$TMP/hold"
sleep 0.3
not_kept "locked" "$db: is in use by another run"
exec 4>&-
wait
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	read_only() {
		unshare -m sh -c "mount --bind '$TMP/s' '$TMP/s' && mount -o remount,bind,ro '$TMP/s' &&
			exec '$HOLDFAST' assess --root '$ROOT' --checks '$CHECKS' --state '$1'"
	}
	exits 0 "a file system that cannot be written" read_only "$db"
	says "no history is kept: $db: "
	exits 0 "a new file on it" read_only "$TMP/s/new.db"
	says "no history is kept: $TMP/s/new.db: "
	user=$(mktemp -d)
	chmod 755 "$user"
	cp "$HOLDFAST" "$user/holdfast"
	cp -r "$ROOT" "$user/m"
	mkdir "$user/home"
	chown 65534 "$user/home"
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups env "$1" "$2" "$user/holdfast" assess \
			--root "$user/m"
	}
	exits 0 "another user" as_nobody HOME="$user/home" A=1
	quiet
	expect "has it at home" test -f "$user/home/.local/state/holdfast/state.db"
	exits 0 "or where XDG_STATE_HOME says" as_nobody HOME="$user/none" XDG_STATE_HOME="$user/home/x"
	quiet
	expect "it is there" test -f "$user/home/x/holdfast/state.db"
	expect "for him alone" test "$(stat -c %a "$user/home/x/holdfast")" = 700
	exits 0 "no home" as_nobody HOME=/nonexistent A=1
	says "no history is kept: /nonexistent/.local/state/holdfast: "
	exits 0 "a home that is no path" as_nobody HOME=relative A=1
	says "no history is kept: neither HOME nor XDG_STATE_HOME is a path"
	rm -rf "$user"
fi
finish
