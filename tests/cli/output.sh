# SPDX-License-Identifier: GPL-3.0-or-later
# Where output goes: files that are whole or absent, full disks, closed and broken pipes.
. ./lib.sh
machine m
assess() { hf assess --root "$ROOT" --no-state --check 'acct-*' "$@"; }
left() { # no temporary file is left in the folder
	set -- "$1"/*.??????
	expect "  no temporary file is left" test ! -e "$1"
}
mkdir "$TMP/o"

exits 0 "a new file" assess -o "$TMP/o/report"
expect "holds the report" grep -q "Secure Score" "$TMP/o/report"
expect "only its owner may read it" test "$(stat -c %a "$TMP/o/report")" = 600
left "$TMP/o"
echo old >"$TMP/o/old"
exits 0 "an old file" assess -f json -o "$TMP/o/old"
expect "is replaced" python3 -m json.tool "$TMP/o/old"
exits 0 "a file in the current folder" sh -c "cd '$TMP/o' && '$HOLDFAST' assess --root '$ROOT' \
	--no-state --check 'acct-*' -o here"
expect "is there" grep -q "Secure Score" "$TMP/o/here"
exits 1 "--fail-on with a file" sh -c "'$HOLDFAST' assess --root '$ROOT' --no-state -o '$TMP/o/f' \
	--fail-on info"
expect "has the report, too" test -s "$TMP/o/f"
exits 3 "a folder that is not there" assess -o "$TMP/none/report"
says "$TMP/none/report: cannot write here: No such file or directory"
exits 3 "a folder" assess -o "$TMP/o"
says "exists and is not a regular file"
ln -s "$TMP/target" "$TMP/o/link"
exits 3 "a link is not followed" assess -o "$TMP/o/link"
says "exists and is not a regular file"
expect "its target is not made" test ! -e "$TMP/target"
mkfifo "$TMP/o/fifo"
exits 3 "a FIFO" assess -o "$TMP/o/fifo"
says "exists and is not a regular file"
exits 3 "a device" assess -o /dev/full
says "exists and is not a regular file"
exits 3 "an empty name" assess -o ""
says ": cannot write here"
exits 3 "a name that is too long" assess -o "$TMP/o/$(printf '%0300d' 0)"
says "name is too long"
left "$TMP/o"

exits 0 "collect" hf collect --root "$ROOT" -o "$TMP/o/facts"
expect "only its owner may read it" test "$(stat -c %a "$TMP/o/facts")" = 600
expect "it is a database" sqlite3 "$TMP/o/facts" "SELECT * FROM users"
exits 3 "collect to a link" hf collect --root "$ROOT" -o "$TMP/o/link"
says "$TMP/o/link: exists and is not a regular file"
exits 3 "collect to a folder that is not there" hf collect --root "$ROOT" -o "$TMP/none/f"
says "cannot write here"
left "$TMP/o"

for verb in "assess --root $ROOT --no-state" "assess --root $ROOT --no-state -f json" help \
	"help --json" "help assess" --version explain "explain --root $ROOT acct-uid0" \
	"query --root $ROOT -f table SELECT*FROM(users)" \
	"query --root $ROOT -f json SELECT*FROM(users)" \
	"query --root $ROOT -f csv SELECT*FROM(users)" \
	"query --root $ROOT -f list SELECT*FROM(users)"; do
	# shellcheck disable=SC2086
	full() { "$HOLDFAST" $verb >/dev/full; }
	exits 3 "/dev/full: $verb" full
	says "cannot write to standard output: No space left on device"
	# shellcheck disable=SC2086
	shut() { "$HOLDFAST" $verb >&-; }
	exits 3 "closed standard output: $verb" shut
	says "cannot write to standard output: Bad file descriptor"
	# shellcheck disable=SC2086
	piped() { { "$HOLDFAST" $verb; echo $? >"$TMP/code"; } | head -n 1; }
	exits 0 "| head -n 1: $verb" piped
	quiet
	expect "  ends well" test "$(cat "$TMP/code")" = 0
done
many() {
	{
		"$HOLDFAST" query --root "$ROOT" -f list "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
			SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n"
		echo $? >"$TMP/code"
	} | head -n 1
}
exits 0 "many rows | head -n 1" many
quiet
shut_errors() { "$HOLDFAST" assess --nonsense 2>&-; }
exits 2 "closed standard error" shut_errors
shut_all() { "$HOLDFAST" assess --root "$ROOT" --no-state -o "$TMP/o/all" <&- >&- 2>&-; }
exits 0 "everything closed" shut_all
expect "nothing but the report was written" grep -q "^Holdfast" "$TMP/o/all"
limited() { (ulimit -f 0 && "$HOLDFAST" assess --root "$ROOT" --no-state -o "$TMP/o/limited"); }
exits 3 "a limit on the size of files" limited
expect "leaves nothing" sh -c "! ls '$TMP/o/limited'*"
stopped() {
	"$HOLDFAST" collect --root / -o "$TMP/o/stopped" &
	sleep 0.1
	kill -INT $!
	wait $!
	"$HOLDFAST" assess --root / --no-state -o "$TMP/o/stopped" &
	sleep 0.1
	kill -TERM $!
	wait $!
	ls "$TMP/o/" | grep -q stopped. && return 9
	return 0
}
exits 0 "being stopped leaves nothing half done" stopped
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$TMP/small"
	small() {
		unshare -m sh -c "mount -t tmpfs -o size=64k none '$TMP/small' &&
			'$HOLDFAST' $1 -o '$TMP/small/out'; c=\$?; ls '$TMP/small'; exit \$c"
	}
	exits 3 "collect to a full disk" small "collect --root '$ROOT'"
	says "$TMP/small/out: cannot write: "
	prints_not "out"
else
	result 0 "collect to a full disk # SKIP needs mounts"
fi
finish
