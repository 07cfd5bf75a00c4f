# SPDX-License-Identifier: GPL-3.0-or-later
# Terminals: colour only there and not with NO_COLOR, width, characters; progress.
. ./lib.sh
machine m
check long high <<E
SELECT 'resource' AS resource, 0 AS healthy,
       'a long line of evidence that says again and again what is wrong here, so that it has to be wrapped or cut where the terminal is narrow' AS evidence,
       'Do this, and then that, and then do all of it once more, because it is so very important to fill lines.' AS fix
E
check wide low <<E
SELECT 'r' || value AS resource, 0 AS healthy, '日本語のとても長い証拠の行、端末の幅を超えるもの、日本語のとても長い証拠の行、端末の幅を超えるもの' AS evidence FROM json_each('[1,2]')
E
ESC=$(printf '\033')
ASSESS="'$HOLDFAST' assess --root '$ROOT' --no-state --checks '$CHECKS' --check long,wide,acct-uid0"
script -qec true /dev/null >/dev/null 2>&1 </dev/null || skip "no script(1) or no pseudo-terminals"
# Runs a command on a pseudo-terminal; what it shows is in $TMP/out.
on_tty() { # width environment command
	env -u COLUMNS -u NO_COLOR script -qec "stty cols $1; env TERM=xterm $2 $3" /dev/null \
		>"$TMP/raw" </dev/null
	code=$?
	tr -d '\r' <"$TMP/raw" >"$TMP/out"
	return $code
}
plain() { sed "s/$ESC\[[0-9;]*m//g" "$TMP/out"; }
widest() {
	plain | python3 -c '
import sys, unicodedata
print(max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in l.rstrip("\n"))
          for l in sys.stdin))'
}

expect "on a terminal" on_tty 80 A=1 "$ASSESS"
prints "${ESC}[31m"
prints "${ESC}[1m"
prints "█"
on_tty 80 NO_COLOR=1 "$ASSESS"
prints_not "$ESC"
on_tty 80 NO_COLOR= "$ASSESS"
prints "${ESC}[31m"
on_tty 80 TERM=dumb "$ASSESS"
prints_not "$ESC"
on_tty 80 LC_ALL=C "$ASSESS"
prints_not "█"
prints "#"
exits 0 "in a pipe" sh -c "$ASSESS | cat"
prints_not "$ESC"
exits 0 "in a file" sh -c "$ASSESS -o '$TMP/file'; cat '$TMP/file'"
prints_not "$ESC"
on_tty 80 A=1 "$ASSESS -o '$TMP/file'; cat '$TMP/file'"
prints_not "$ESC"
for width in 60 80 100 200; do
	on_tty $width A=1 "$ASSESS --top 1"
	n=$(widest)
	expect "no line is wider than $width ($n)" test "$n" -le "$width"
	[ "$n" -le "$width" ] || plain | awk -v w="$width" 'length > w { print "# " $0 }'
done
on_tty 20 A=1 "$ASSESS --top 1"
expect "a narrow terminal is used as if it had 40 columns" test "$(widest)" -ge 40
on_tty 80 COLUMNS=50 "$ASSESS --top 1"
n=$(widest)
on_tty 80 A=1 "$ASSESS --top 1"
expect "COLUMNS comes before the terminal ($n)" test "$n" -lt "$(widest)"
on_tty 70 A=1 "'$HOLDFAST' query --root '$ROOT' 'SELECT *, \"the last column is wrapped where it is too long for the line\" AS t FROM users'" 
expect "a table fits" test -s "$TMP/out"
on_tty 80 A=1 "'$HOLDFAST' query --root '$ROOT' --format csv \"SELECT char(27,91,51,49,109) AS a\""
prints '\x1B[31m'
prints_not "$ESC"
exits 0 "CSV in a pipe is data" hf query --root "$ROOT" -f csv "SELECT char(27,91,51,49,109) AS a"
prints "$ESC"
on_tty 80 A=1 "'$HOLDFAST' query --root '$ROOT' \"SELECT 'Åsa 日本' AS a\""
prints "Åsa 日本"
exits 0 "UTF-8 in a table" hf query --root "$ROOT" "SELECT 'Åsa 日本' AS a"
prints "Åsa 日本"
on_tty 80 A=1 "'$HOLDFAST' explain --root '$ROOT' --checks '$CHECKS' long"
prints "${ESC}[1m"
on_tty 80 NO_COLOR=1 "'$HOLDFAST' explain --root '$ROOT' --checks '$CHECKS' long"
prints_not "$ESC"
exits 0 "no progress without a terminal" hf collect --root "$ROOT" -o "$TMP/f"
quiet
finish
