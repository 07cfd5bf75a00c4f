# SPDX-License-Identifier: GPL-3.0-or-later
# Exemptions: mitigated, waiver, expired; a file that is wrong is refused as a whole, with its line.
. ./lib.sh
machine m
check bad high <<E
SELECT username AS resource, 0 AS healthy, 'it is so' AS evidence FROM users
E
check good high <<E
SELECT 'good' AS resource, 1 AS healthy, 'fine' AS evidence
E
e=$TMP/exemptions.yaml
assess() {
	hf assess --root "$ROOT" --no-state --checks "$CHECKS" -f json --check bad,good \
		--exemptions "$e" "$@"
}
entry() { # kind expires [resource]
	cat <<-E
		exemptions:
		  - check: bad
		    resource: ${3:-'*'}
		    kind: $1
		    reason: Reached through the bastion only
		    owner: platform team
		    expires: $2
	E
}
more() { # further lines behind an entry
	entry mitigated 2999-12-31
	printf '%s\n' "$@"
}
edited() { entry mitigated 2999-12-31 | sed "$1"; }
refused() { # name, line, reason, command that prints the file
	name=$1 line=$2 reason=$3
	shift 3
	"$@" >"$e"
	exits 3 "$name" timeout 60 "$HOLDFAST" assess --root "$ROOT" --no-state --checks "$CHECKS" \
		-f json --check bad,good --exemptions "$e"
	says "exemptions: $e:$line: $reason"
}

exits 0 "without exemptions" hf assess --root "$ROOT" --no-state --checks "$CHECKS" -f json \
	--check bad,good
report 'r["secure_score"]["current"] == 1.33 and len(f) == 3'
cp "$TMP/out" "$TMP/without"
entry mitigated 2999-12-31 >"$e"
exits 0 "mitigated counts healthy" assess --fail-on info
report 'sorted(x["status"] for x in f) == ["exempt", "exempt", "healthy"]'
report 'r["secure_score"]["current"] == 4.0 and r["secure_score"]["max"] == 4'
report 'r["exemptions"][0]["findings"] == 2 and not r["exemptions"][0]["expired"]'
report 'all(x["exemption"]["owner"] == "platform team" for x in f if x["status"] == "exempt")'
entry waiver 2999-12-31 root >"$e"
exits 1 "a waiver leaves the calculation" assess --fail-on info
report '{(x["resource"], x["status"]) for x in f} == {("root", "exempt"), ("alice", "unhealthy"), ("good", "healthy")}'
report 'r["secure_score"]["current"] == 2.0'
entry mitigated 2999-12-31 'r*t' >"$e"
exits 0 "a pattern" assess
report '[x["resource"] for x in f if x["status"] == "exempt"] == ["root"]'
yesterday=$(date -u -d yesterday +%Y-%m-%d)
today=$(date -u +%Y-%m-%d)
entry mitigated "$yesterday" >"$e"
exits 1 "an expired one has no effect" assess --fail-on info
report '[x["status"] for x in f].count("unhealthy") == 2'
report 'r["exemptions"][0]["expired"] and r["secure_score"]["current"] == 1.33'
report 'all(x["exemption"]["expired"] for x in f if x["status"] == "unhealthy")'
exits 0 "and is listed" hf assess --root "$ROOT" --no-state --checks "$CHECKS" --check bad \
	--exemptions "$e"
prints "(expired, counts again)"
entry mitigated "$today" >"$e"
exits 0 "today it holds" assess
report '[x["status"] for x in f].count("exempt") == 2'
{ entry mitigated "$yesterday"; entry waiver 2999-12-31 | tail -n +2; } >"$e"
exits 0 "one that holds comes before one that does not" assess
report '[x["status"] for x in f].count("exempt") == 2'
entry mitigated 2999-12-31 nobody >"$e"
exits 0 "one that matches nothing" assess
report 'r["exemptions"][0]["findings"] == 0 and r["secure_score"]["current"] == 1.33'
exits 0 "an empty file" sh -c ": >'$e'"
exits 0 "says nothing" assess
report 'r["exemptions"] == []'
echo "exemptions: []" >"$e"
exits 0 "an empty list" assess
report 'r["exemptions"] == []'

for key in kind reason owner expires; do
	refused "without $key" 2 "an exemption needs check, kind, reason, owner and expires" \
		edited "/^    $key:/d"
done
refused "without check" 3 "an exemption needs check" edited "s/- check: bad/-/"
for day in tomorrow 2026-13-01 2026-02-30 2026-1-1 26-01-01 2026-01-01T00:00 99999-1-1 -026-01-01 \
	2026-+1-01; do
	refused "expires $day" 7 "expires is a day: YYYY-MM-DD" entry mitigated "$day"
done
refused "an unknown kind" 4 "kind is mitigated or waiver" entry forever 2999-12-31
refused "an unknown key" 8 "unknown key" more "    colour: red"
refused "a key twice" 8 "a key stands twice" more "    owner: me"
refused "a list as value" 6 "a key needs a text as value" edited 's/owner: .*/owner: [a, b]/'
refused "an empty value" 5 "a key needs a text as value" edited 's/reason: .*/reason:/'
refused "a list at the top" 1 "expected one key, 'exemptions'" echo "- check: bad"
refused "two keys" 1 "expected one key" more "more: 1"
refused "a text at the top" 1 "expected a list of exemptions" echo "exemptions: all"
refused "texts in the list" 1 "an exemption is a list of keys" echo "exemptions: [all]"
refused "two documents" 8 "expected one YAML document" more "---" "$(entry waiver 2999-12-31)"
refused "a tab" 2 "" printf 'exemptions:\n\t- check: x\n'
refused "a list without its end" 2 "" printf 'exemptions: [\n'
refused "no UTF-8" 1 "" printf 'exemptions: "\377"\n'
refused "an alias of nothing" 1 "" printf 'exemptions: *a\n'
laughs() {
	echo "a: &a [x,x,x,x,x,x,x,x,x]"
	last=a
	for n in b c d e f g h i j; do
		echo "$n: &$n [*$last,*$last,*$last,*$last,*$last,*$last,*$last,*$last,*$last]"
		last=$n
	done
	echo "exemptions: *$last"
}
refused "a billion laughs" 1 "expected one key" laughs
refused "deep nesting" 1 "is nested deeper than exemptions are" \
	python3 -c 'print("exemptions: " + "[" * 1000000)'
aliases() {
	printf 'exemptions:\n  - &a\n    check: bad\n'
	entry mitigated 2999-12-31 | tail -n +3
	yes "  - *a" | head -n 100000
}
refused "a hundred thousand aliases" 2 "there are more exemptions than anybody" aliases
sed -n '/^```yaml/,/^```/p' "$SOURCE/docs/exemptions.md" | sed '/^```/d' >"$e"
exits 0 "the example of docs/exemptions.md" assess
report 'r["exemptions"][0]["owner"] == "platform-team"'
head -c 2000000 /dev/zero | tr '\0' '#' >"$e"
exits 3 "a huge file" assess
says "cannot read: larger than any such file"
rm "$e"
exits 3 "no such file" assess
says "exemptions: $e: cannot read: No such file or directory"
mkdir "$e"
exits 3 "a folder" assess
says "cannot read: not a regular file"
rmdir "$e"
mkfifo "$e"
exits 3 "a FIFO" timeout 60 "$HOLDFAST" assess --root "$ROOT" --no-state --exemptions "$e"
says "cannot read: not a regular file"
rm "$e"
entry mitigated 2999-12-31 >"$TMP/real.yaml"
ln -s "$TMP/real.yaml" "$e"
exits 0 "a link" assess
report 'len(r["exemptions"]) == 1'
rm "$e"
(cd "$TMP" && cp real.yaml here.yaml)
exits 0 "a relative path" sh -c "cd '$TMP' && '$HOLDFAST' assess --root m --no-state --check acct-uid0 \
	--exemptions here.yaml -f json"
report 'len(r["exemptions"]) == 1'
finish
