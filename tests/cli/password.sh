# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast password: new and check.
. ./lib.sh

check() { # password option...
	printf '%s\n' "$1" >"$TMP/in"
	shift
	hf password check "$@" <"$TMP/in"
}
judged() { # code name password option...
	want=$1
	name=$2
	shift 2
	check "$@" >"$TMP/out" 2>"$TMP/err"
	got=$?
	if [ $got = "$want" ]; then
		result 0 "$name"
	else
		result 1 "$name: exit code $got, not $want"
		show
	fi
}

exits 2 "without a word" hf password
exits 2 "with another word" hf password guess
exits 2 "both kinds" hf password new --words 4 --length 20
exits 2 "too short" hf password new --length 7
exits 2 "too many words" hf password new --words 33
exits 2 "no number" hf password new --words six
exits 2 "no score" hf password check --least 5
exits 3 "no such list" hf password check --breaches "$TMP/none"

exits 0 "a phrase" hf password new
prints "-"
expect "six words" sh -c "tr - '\n' <'$TMP/out' | grep -cx '[a-z]\{4,7\}' | grep -qx 6"
expect "its chance is told" grep -qx "66.0 bits of chance in each, score 4 of 4" "$TMP/err"
exits 0 "ten of them" hf password new --count 10
expect "all different" sh -c "sort -u '$TMP/out' | wc -l | grep -qx 10"
exits 0 "random characters" hf password new --length 24
expect "24 of them" sh -c "tr -d '\n' <'$TMP/out' | wc -c | grep -qx 24"
expect "157.3 bits" grep -q "^157.3 bits" "$TMP/err"
exits 0 "as JSON" hf password new --words 8 -f json
report 'r["bits"] == 88 and r["score"] == 4 and len(r["password"].split("-")) == 8'

judged 1 "p@ssword123!" 'p@ssword123!'
prints "score 0 of 4"
prints "among the first 100 that are tried"
prints_not "p@ss"
judged 1 "a default password" 'raspberry'
prints "a product is delivered with it: Raspberry Pi OS"
judged 0 "a phrase" 'walrus-lantern-copper-meadow-quilt'
prints "score 4 of 4"
judged 1 "a name" 'Jeffjeff1' --user jeff
judged 0 "whatever it is" 'p@ssword123!' --least 0
judged 1 "as JSON" 'p@ssword123!' -f json
report 'r["score"] == 0 and r["listed"] == 100 and r["characters"] == 12 and r["reasons"]'
prints_not "p@ss"
judged 1 "an empty one" ''
prints "it is empty"
printf 'walrus-lantern-copper-meadow-quilt' >"$TMP/in"
hf password check <"$TMP/in" >"$TMP/out" 2>"$TMP/err"
expect "without a line feed" [ $? = 0 ]
head -c 2000 /dev/zero | tr '\0' a >"$TMP/in"
hf password check <"$TMP/in" >"$TMP/out" 2>"$TMP/err"
expect "2,000 characters are refused" [ $? = 3 ]
says "1024 bytes at most"
printf 'a\0b\n' >"$TMP/in"
hf password check <"$TMP/in" >"$TMP/out" 2>"$TMP/err"
expect "so is a NUL" [ $? = 3 ]

sum=$(printf %s 'walrus-lantern-copper-meadow-quilt' | sha1sum | cut -d' ' -f1 | tr a-f A-F)
echo "$sum:9" >"$TMP/sha1"
judged 1 "one that has leaked" 'walrus-lantern-copper-meadow-quilt' --least 4 --breaches "$TMP/sha1"
prints "it has leaked: 9 times"
judged 0 "one that has not" 'walrus-lantern-copper-meadow-quiet-oxen' --breaches "$TMP/sha1"
mkdir "$TMP/ranges"
echo "$(echo "$sum" | cut -c6-):9" >"$TMP/ranges/$(echo "$sum" | cut -c1-5).txt"
judged 1 "in a folder of ranges" 'walrus-lantern-copper-meadow-quilt' --least 4 --breaches "$TMP/ranges"
prints "it has leaked: 9 times"

# A terminal: what is typed is not shown.
if command -v script >/dev/null; then
	(
		sleep 1
		echo 'p@ssword123!'
		sleep 1
	) | script -qec "'$HOLDFAST' password check" /dev/null >"$TMP/out" 2>/dev/null
	prints "Password: "
	prints "score 0 of 4"
	prints_not "p@ss"
fi
finish
