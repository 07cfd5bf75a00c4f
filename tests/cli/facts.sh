# SPDX-License-Identifier: GPL-3.0-or-later
# Fact files that are none, damaged, foreign, newer, hostile: one clear line, exit code 3, or a
# table that counts as missing; never a crash, a hang or a false "healthy".
. ./lib.sh
machine m
check users high <<E
SELECT username AS resource, 1 AS healthy, shell AS evidence FROM users
E
good=$TMP/good.facts
exits 0 "collect" hf collect --root "$ROOT" -o "$good"
quiet
# SQLite refuses to alter tables below views.
sqlite3 "$good" "SELECT 'DROP VIEW ' || name || ';' FROM sqlite_schema WHERE type = 'view'" |
	sqlite3 "$good"
f=$TMP/f.facts
fresh() { cp "$good" "$f"; }
sql() { sqlite3 "$f" "$1"; }
assess() { hf assess --facts "$f" --checks "$CHECKS" --check users -f json; }
refused() { # name reason
	exits 3 "$1" timeout 60 "$HOLDFAST" assess --facts "$f"
	says "$2"
}
# The table is there no longer: the check over it is unknown, others go on.
lost() {
	exits 0 "$1" timeout 60 "$HOLDFAST" assess --facts "$f" --checks "$CHECKS" --check users -f json
	report '[x["status"] for x in f] == ["unknown"]'
	report '[c["status"] for c in r["collectors"] if c["table"] == "users"] == ["failed"]'
}

fresh
exits 0 "a good file" assess
report '[x["status"] for x in f] == ["healthy", "healthy"]'
report 'r["host"]["hostname"] == "web1" and r["host"]["root"].endswith("/m")'

f=$TMP/none.facts
refused "no file" "$TMP/none.facts: cannot open: No such file or directory"
f=$TMP
refused "a folder" "$TMP: is not a regular file"
f=$TMP/fifo
mkfifo "$f"
refused "a FIFO" "$TMP/fifo: is not a regular file"
f=/dev/zero
refused "a device" "is not a regular file"
f=
refused "an empty name" "cannot open"
f=$TMP/f.facts
: >"$f"
refused "an empty file" "$f: is empty"
echo "this is no database" >"$f"
refused "a text" "$f: is not a Holdfast fact file (not even SQLite)"
head -c 70000 /dev/urandom >"$f"
refused "noise" "not even SQLite"
printf 'SQLite format 3\0' >"$f"
refused "only the first bytes" "not even SQLite"
rm "$f"
sql "CREATE TABLE users(username TEXT)"
refused "another database" "another kind of SQLite database"
fresh
sql "PRAGMA user_version=9"
refused "a newer schema" "was written by a newer Holdfast (schema 9, this one knows 1)"
for size in 100 4096 5000 20480; do
	fresh
	truncate -s $size "$f"
	refused "cut to $size bytes" "is cut off: it has $size of"
done
truncate -s 513M "$f"
refused "a huge file" "is larger than any fact file"
fresh
sql "PRAGMA journal_mode=WAL" >/dev/null
refused "with a write-ahead log" "was changed by another program (it has a write-ahead log)"
fresh
echo x >"$f-journal"
refused "with a journal beside it" "is being written by another program, or that was interrupted"
rm "$f-journal"
mkfifo "$TMP/hold"
(
	echo "BEGIN EXCLUSIVE;"
	exec 3<"$TMP/hold"
	cat <&3
) | sqlite3 "$f" &
exec 4>"$TMP/hold"
sleep 0.3
refused "locked by a writer" "is being written by another program"
exec 4>&-
wait
fresh
page=$(($(stat -c %s "$f") / 4096))
for at in 1 2 3 $((page / 2)) $((page - 1)); do
	fresh
	dd if=/dev/urandom of="$f" bs=4096 seek="$at" count=1 conv=notrunc 2>/dev/null
	"$HOLDFAST" assess --facts "$f" --checks "$CHECKS" >"$TMP/out" 2>"$TMP/err"
	code=$?
	case $code in 0 | 3) result 0 "page $at is noise: exit code $code" ;;
	*) result 1 "page $at is noise: exit code $code" ;;
	esac
done

fresh
sql "DROP TABLE users"
lost "without a table"
fresh
sql "ALTER TABLE users DROP COLUMN shell"
lost "without a column"
fresh
sql "ALTER TABLE users ADD COLUMN new TEXT; CREATE TABLE newer(x)"
exits 0 "with more columns and tables" assess
report 'len(f) == 2 and f[0]["status"] == "healthy"'
fresh
sql "CREATE TABLE real AS SELECT * FROM users; DROP TABLE users; CREATE VIEW users AS
	SELECT * FROM real"
lost "a view in place of a table"
fresh
sql "DROP TABLE users; CREATE VIEW users AS WITH RECURSIVE n(username, uid, gid, description,
	directory, shell, interactive, password_field, home_exists, file, line) AS (SELECT 'a', 0, 0, '',
	'', '', 0, '', 0, '', 0 UNION ALL SELECT username, uid + 1, 0, '', '', '', 0, '', 0, '', 0 FROM n)
	SELECT * FROM n"
lost "an endless view in place of a table"
columns="username, uid INT, gid INT, description, directory, shell, interactive INT, password_field, \
home_exists INT, file, line INT"
fresh
sql "DROP TABLE users; CREATE VIRTUAL TABLE users USING fts5(a)" 2>/dev/null &&
	lost "a virtual table in place of a table"
fresh
sql "DROP TABLE users; CREATE TABLE users($columns); INSERT INTO users VALUES('a', 'no number', 0, '',
	'', '', 0, '', 0, '', 0)"
refused "a value of the wrong type" "damaged fact file: table users: a value is of the wrong type"
fresh
sql "DROP TABLE users; CREATE TABLE users($columns); INSERT INTO users VALUES(NULL, 0, 0, '', '', '',
	0, '', 0, '', 0)"
refused "NULL where none may be" "table users: a value is of the wrong type"
fresh
sql "DROP TABLE users; CREATE TABLE users($columns); INSERT INTO users VALUES(x'00ff', 0, 0, '', '',
	'', 0, '', 0, '', 0)"
refused "a blob" "table users: a value is of the wrong type"
fresh
sql "INSERT INTO users SELECT CAST(x'61ff1b5b33316d00' AS TEXT), uid, gid, description, directory,
	shell, interactive, password_field, home_exists, file, line FROM users LIMIT 1"
exits 0 "a text that is no UTF-8" assess
report '"a\\xff\x1b[31m\\x00" in [x["resource"] for x in f]'
fresh
sql "CREATE TRIGGER t BEFORE INSERT ON users BEGIN SELECT RAISE(FAIL, 'no'); END"
exits 0 "a trigger" assess
report 'len(f) == 2'
fresh
sql "ALTER TABLE users ADD COLUMN g AS (load_extension('x'))" 2>/dev/null
exits 0 "a generated column that is not asked for" assess
fresh
sql "CREATE INDEX evil ON users(username, uid, gid, description, directory, shell, interactive,
	password_field, home_exists, file, line)"
exits 0 "an index is not used" assess
report 'len(f) == 2'
fresh
sql "UPDATE collector_status SET status='fine' WHERE name='users'"
refused "a status that does not exist" "table collector_status: a row makes no sense"
fresh
sql "INSERT INTO collector_status SELECT * FROM collector_status WHERE name='users'"
refused "two statuses of one table" "table collector_status: a row makes no sense"
fresh
sql "DELETE FROM collector_status WHERE name='users'"
exits 0 "no status of a table" assess
report '[x["status"] for x in f if x["resource"] == "*"] == ["unknown"]'
report '"healthy" not in [x["status"] for x in f]'
fresh
sql "DROP TABLE collector_status"
refused "no statuses at all" "table collector_status: it is missing"
fresh
sql "UPDATE holdfast_meta SET value='99999999999999999999' WHERE key='collected_at'"
exits 0 "a time that is none" assess
fresh
sql "DELETE FROM holdfast_meta"
exits 0 "no description" assess
report 'r["host"]["collected_at"] is None and r["host"]["live"] is False'
fresh
chmod 400 "$f"
ro=$TMP/ro
mkdir "$ro"
mv "$f" "$ro"
chmod 500 "$ro"
exits 0 "a file in a folder that cannot be written" hf assess --facts "$ro/f.facts" -f json
expect "  and nothing is" test "$(ls "$ro")" = f.facts
chmod 700 "$ro"
fresh
ln -s f.facts "$TMP/link"
exits 0 "through a link" hf query --facts "$TMP/link" -f list "SELECT uid FROM users ORDER BY uid"
prints 1000
exits 0 "in the current folder" sh -c "cd '$TMP' && '$HOLDFAST' assess --facts f.facts -o out.txt &&
	'$HOLDFAST' explain --facts f.facts --checks '$CHECKS' users"
prints "Found there"
finish
