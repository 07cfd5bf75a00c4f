# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of the user: broken ones name file and line and stop nobody else, endless ones are cut.
. ./lib.sh
machine m
assess() { hf assess --root "$ROOT" --no-state --checks "$CHECKS" -f json "$@"; }
one() { # name, expected reason; the file is $CHECKS/x.sql
	exits 0 "$1" assess --check 'good,x,acct-uid0'
	WANT=$2 report 'len(r["errors"]) == 1 and want in r["errors"][0]["reason"]'
	report 'r["errors"][0]["file"].endswith("/x.sql") and r["errors"][0]["line"] >= '"${3:-1}"
	report '{"good", "acct-uid0"} <= {x["check"] for x in f if x["status"] == "healthy"}'
	rm -f "$CHECKS/x.sql"
}
check good high <<E
SELECT 'x' AS resource, 1 AS healthy, 'fine' AS evidence
E
x=$CHECKS/x.sql
front() { sed '/^SELECT/,$d' "$CHECKS/good.sql" | sed 's/: good/: x/'; }

: >"$x"
one "an empty file" "key 'id' is missing"
echo "SELECT 1" >"$x"
one "no front matter" "key 'id' is missing"
front | sed /severity/d >"$x"
one "a key is missing" "key 'severity' is missing"
front >"$x"
one "no SELECT" "there is no SELECT"
{ front; echo "-- colour: red"; echo "SELECT 1"; } >"$x"
one "an unknown key" "unknown key 'colour'" 8
{ front; echo "-- id: y"; echo "SELECT 1"; } >"$x"
one "a key twice" "key 'id' stands twice" 8
{ echo "-- a comment"; front; echo "SELECT 1"; } >"$x"
one "a comment in between" "expected '-- key: value'" 1
for pair in severity:terrible control:none practice:9 id:Upper live:perhaps applies:windows; do
	{ front | sed "s/^-- ${pair%:*}: .*/-- $pair/"; case $pair in live* | app*) echo "-- $pair" ;; esac
	echo "SELECT 1"; } | sed 's/^\(-- [a-z]*\):\([^ ]\)/\1: \2/' >"$x"
	one "a wrong value: $pair" "${pair%:*}"
done
{ front; echo "-- maps: attack"; echo "SELECT 1"; } >"$x"
one "maps without a value" "maps is a list" 8
{ front; printf 'SELECT \033[31m1\n'; } >"$x"
one "a control character" "has a control character" 8
{ front; printf 'SELECT "\377"\n'; } >"$x"
one "no UTF-8" "is not UTF-8" 8
{ front; printf 'SELECT 1\0\n'; } >"$x"
one "a NUL" "has a control character" 8
head -c 70000 /dev/zero | tr '\0' ' ' >"$x"
one "a huge file" "cannot read: larger than any such file" 0
mkfifo "$x"
one "a FIFO" "cannot read: not a regular file" 0
mkdir "$x"
exits 0 "a folder" assess --check 'good,x'
report 'len(r["errors"]) == 1'
rmdir "$x"
ln -s x.sql "$x"
one "a link to itself" "cannot read: Too many levels" 0

sql() { # name, reason; the SELECT comes from standard input
	{ front; cat; } >"$x"
	one "$1" "$2" 8
}
sql "SQL that is none" 'near "SELEC": syntax error' <<E
SELEC 1
E
sql "an unknown table" "no such table: no_such" <<E
SELECT 1 AS healthy FROM no_such
E
sql "columns that are missing" "must return resource, healthy and evidence" <<E
SELECT 1 AS healthy, 'x' AS resource
E
sql "writing" "not authorized" <<E
DELETE FROM users
E
sql "a second statement" "more than one statement" <<E
SELECT 'x' AS resource, 1 AS healthy, '' AS evidence; SELECT 2
E
sql "a second statement that writes" "more than one statement" <<E
SELECT 'x' AS resource, 1 AS healthy, '' AS evidence; DELETE FROM users
E
sql "load_extension" "not authorized" <<E
SELECT 'x' AS resource, load_extension('/tmp/x.so') AS healthy, '' AS evidence
E
sql "ATTACH" "not authorized" <<E
ATTACH '$TMP/attached' AS a
E
sql "PRAGMA" "not authorized" <<E
PRAGMA writable_schema = 1
E
expect "nothing was attached" test ! -e "$TMP/attached"

# SQL that compiles and then fails depends on what it meets: that is no pass.
unknown() { # name, text in the evidence
	{ front; cat; } >"$x"
	exits 0 "$1" timeout 60 "$HOLDFAST" assess --root "$ROOT" --no-state --checks "$CHECKS" -f json \
		--check 'good,x'
	report "[x['status'] for x in f if x['check'] == 'x' and x['resource'] == '*'] == ['unknown']"
	WANT=$2 report 'want in [x["evidence"] for x in f if x["check"] == "x" and x["resource"] == "*"][0]'
	report '[x["status"] for x in f if x["check"] == "good"] == ["healthy"]'
	report 'r["coverage"]["unknown"] == 1 and r["secure_score"]["current"] == 0'
	rm "$x"
}
unknown "an endless query" "took too long" <<E
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT 'x' AS resource, 1 AS healthy, '' AS evidence FROM n WHERE i < 0
E
unknown "an endless number of rows" "there are more resources" <<E
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
SELECT 'x' || i AS resource, 1 AS healthy, '' AS evidence FROM n
E
unknown "a number that does not fit" "broken" <<E
SELECT 'x' AS resource, sum(i) AS healthy, '' AS evidence
  FROM (SELECT 9223372036854775807 AS i UNION ALL SELECT 9223372036854775807)
E
unknown "JSON that is none" "broken" <<E
SELECT username AS resource, json_extract(username, '\$.a') IS NULL AS healthy, '' AS evidence
  FROM users
E
unknown "a text that is too long" "broken" <<E
SELECT 'x' AS resource, length(zeroblob(1000000000)) > 1 AS healthy, '' AS evidence
E
unknown "a table that could not be read" "users is incomplete" <<E
SELECT username AS resource, 1 AS healthy, '' AS evidence FROM users
 WHERE (SELECT count(*) FROM users) > $(rm -f "$ROOT/etc/passwd"; mkfifo "$ROOT/etc/passwd"; echo 0)
E
machine m2

# The example of the manual.
if [ -e "$SOURCE/docs/writing-checks.md" ]; then
	sed -n '/^```sql/,/^```/p' "$SOURCE/docs/writing-checks.md" | sed '/^```/d' >"$CHECKS/acct-uid0.sql"
	exits 0 "the example of docs/writing-checks.md" assess --check acct-uid0
	report 'r["errors"] == [] and [x["resource"] for x in f] == ["account root"]'
	rm "$CHECKS/acct-uid0.sql"
fi

{ front; echo "SELECT 'x' AS resource, NULL AS healthy, '' AS evidence"; } >"$x"
exits 0 "healthy is NULL" assess --check x
report '[x["status"] for x in f] == ["not_applicable"]'
{ front; echo "SELECT NULL AS resource, 'yes' AS healthy, NULL AS evidence;"; } >"$x"
exits 0 "texts where numbers belong are not healthy" assess --check x
report '[(x["status"], x["resource"], x["evidence"]) for x in f] == [("unhealthy", "", "")]'
{ front; echo "SELECT x'00ff' AS resource, 0 AS healthy, char(55296) || x'ff' AS evidence"; } >"$x"
exits 0 "blobs and broken characters" assess --check x
report 'f[0]["status"] == "unhealthy"'
cat >>"$x" <<E
UNION ALL SELECT 'two', 1, '' UNION ALL SELECT 'two', 0, 'worse' UNION ALL SELECT 'two', 1, ''
E
exits 0 "a resource that comes three times keeps its worst state" assess --check x
report '[x["evidence"] for x in f if x["resource"] == "two"] == ["worse"]'
{ front; echo "SELECT 'x' AS resource, 0 AS healthy, '' AS evidence, NULL AS reachable"; } >"$x"
exits 0 "reachable is not known" assess --check x
report 'f[0]["reachable"] == "unknown"'
{ front; echo "SELECT 'x' AS resource, 0 AS healthy, 'e' AS evidence; -- the end"; } >"$x"
exits 0 "a comment at the end" assess --check x
report 'f[0]["status"] == "unhealthy" and r["errors"] == []'
mv "$x" "$CHECKS/.x.sql"
exits 2 "a hidden file is no check" assess --check x
mv "$CHECKS/.x.sql" "$CHECKS/x.sql~"
exits 2 "nor is one of an editor" assess --check x
ln -s "$CHECKS/x.sql~" "$x"
exits 0 "a link is followed" assess --check x
rm -f "$x"

{ front | sed 's/: x/: acct-uid0/'; echo "SELECT 'own' AS resource, 0 AS healthy, '' AS evidence"; } \
	>"$CHECKS/other.sql"
exits 0 "an id that exists replaces the built-in check" assess --check acct-uid0
report '[x["resource"] for x in f] == ["own"]'
echo "SELEC" >>"$CHECKS/other.sql"
exits 0 "a broken one does not take it away" assess --check acct-uid0
report '[x["status"] for x in f] == ["unknown"] and len(r["errors"]) == 1'
sed -i s/title/titel/ "$CHECKS/other.sql"
exits 0 "one that cannot be read leaves it in place" assess --check acct-uid0
report '[x["status"] for x in f] == ["healthy"] and len(r["errors"]) == 1'
rm "$CHECKS/other.sql"
exits 0 "explain of an own check" hf explain --root "$ROOT" --checks "$CHECKS" good
prints "good.sql"
echo "SELECT" >"$x"
exits 0 "explain lists what is broken" hf explain --checks "$CHECKS"
says "$x:1: key 'id' is missing"
finish
