# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong usage: exit code 2 and one clear line; help and version.
. ./lib.sh
machine m

exits 0 "no verb shows the verbs" hf
prints "assess"
exits 0 "help" hf help
for verb in assess explain collect query help; do
	prints "  $verb"
done
exits 0 "--help" hf --help
prints "usage: holdfast VERB"
exits 0 "--version" hf --version
prints "holdfast "
for verb in assess explain collect query; do
	exits 0 "help $verb" hf help $verb
	prints "usage: holdfast $verb"
	prints "--root DIR"
	prints "Examples:"
	exits 0 "$verb --help" hf $verb --help
	exits 0 "$verb -h" hf $verb -h
done

exits 2 "unknown verb" hf asses
says "there is no verb 'asses'"
exits 2 "help of an unknown verb" hf help asses
says "there is no verb 'asses'"
exits 2 "help of two verbs" hf help assess query
says "one verb"
exits 2 "unknown option" hf assess --colour
says "assess: unknown option '--colour' (see: holdfast help assess)"
exits 2 "unknown letter" hf assess -z
says "unknown option '-z'"
exits 2 "an option is not cut short" hf assess --form json
says "unknown option '--form'"
exits 2 "option without its value" hf assess --format
says "option needs a value: '--format'"
exits 2 "letter without its value" hf collect -o
says "option needs a value: '-o'"
exits 2 "flag with a value" hf assess --quick=yes
says "option takes no value: '--quick=yes'"
exits 2 "unknown format" hf assess --format xml
says "--format is one of: text json (not 'xml')"
exits 2 "unknown format of query" hf query -f yaml "SELECT 1"
says "--format is one of: table json csv list (not 'yaml')"
exits 2 "unknown severity" hf assess --fail-on terrible
says "--fail-on is one of: info low medium high critical (not 'terrible')"
exits 2 "empty value" hf assess --fail-on=
says "not ''"
for top in 0 -1 ten 1e3 99999999999999999999; do
	exits 2 "--top $top" hf assess --top=$top
	says "--top is a number from 1 to"
done
exits 2 "unknown practice" hf assess --root "$ROOT" --no-state --practice 8
says "there is no practice '8'"
exits 2 "no such check" hf assess --root "$ROOT" --no-state --check 'no-such-*'
says "no check matches"
exits 2 "explain without such a check" hf explain no-such-check
says "there is no check 'no-such-check'"
exits 2 "explain does not take patterns" hf explain --root "$ROOT" 'acct-*'
says "there is no check 'acct-*'"
exits 2 "explain of two checks" hf explain a b
says "one check"
exits 2 "arguments of assess" hf assess web1
says "assess takes no arguments"
exits 2 "arguments of collect" hf collect -o "$TMP/x" web1
says "collect takes no arguments"
exits 2 "collect to nowhere" hf collect
says "collect needs -o FILE"
exits 2 "collect from facts" hf collect -o "$TMP/x" --facts "$TMP/y"
says "unknown option '--facts'"
exits 2 "query of nothing" hf query
says "query takes one SQL statement"
exits 2 "query of two arguments" hf query "SELECT 1" "SELECT 2"
says "query takes one SQL statement"
exits 2 "--facts and --root" hf assess --no-state --facts "$TMP/y" --root "$ROOT"
says "--facts cannot be combined"
exits 2 "--facts and --quick" hf assess --no-state --facts "$TMP/y" --quick
says "--facts cannot be combined"
exits 2 "--proc alone" hf assess --no-state --proc /proc
says "--proc needs --root"
exits 2 "--no-state and --state" hf assess --no-state --state "$TMP/s.db"
says "--no-state cannot be combined"
exits 2 "--no-state and --baseline" hf assess --no-state --baseline
says "--no-state cannot be combined"
exits 2 "--baseline of a part" hf assess --baseline --practice 1
says "--baseline compares whole assessments"
exits 2 "control characters in what is wrong are shown" hf "$(printf 'a\033[31mb')"
says "a\\x1B[31mb"
exits 2 "after -- nothing is an option" hf assess -- --quick
says "assess takes no arguments"

exits 2 "SQL that is none" hf query --root "$ROOT" "SELEC 1"
says "syntax error"
exits 2 "an unknown table" hf query --root "$ROOT" "SELECT * FROM no_such"
says "no such table: no_such"
exits 2 "an unknown column" hf query --root "$ROOT" "SELECT no_such FROM users"
says "no such column: no_such"
exits 2 "two statements" hf query --root "$ROOT" "SELECT 1; SELECT 2"
says "query takes one SQL statement"
exits 2 "no statement" hf query --root "$ROOT" "/* nothing */"
says "query takes one SQL statement"
for sql in "DELETE FROM users" "DROP TABLE users" "CREATE TABLE t(a)" "PRAGMA user_version=3" \
	"ATTACH '$TMP/a.db' AS a" "SELECT load_extension('x')" "INSERT INTO users VALUES(1)" \
	"UPDATE users SET uid=0" "VACUUM INTO '$TMP/v.db'" "SELECT fts3_tokenizer('a')" \
	"SELECT readfile('/etc/passwd')"; do
	exits 2 "$sql" hf query --root "$ROOT" "$sql"
done
expect "nothing was written" test ! -e "$TMP/a.db" -a ! -e "$TMP/v.db" -a ! -e "$TMP/x"
exits 0 "--name=value, last one wins" hf query --format=csv --format=list --root="$ROOT" \
	"SELECT uid FROM users ORDER BY 1"
expect "as a list" sh -c "printf '0\n1000\n' | cmp - '$TMP/out'"
exits 0 "-fVALUE" hf query -flist --root "$ROOT" "SELECT 1, NULL, 'a|b';"
prints "1||a|b"
exits 0 "help --json" hf help --json
expect "is JSON" python3 -c "
import json
d = json.load(open('$TMP/out'))
assert {v['name'] for v in d['verbs']} >= {'assess', 'explain', 'collect', 'query', 'help'}
assert len(d['tables']) > 60 and d['posture']['checks'] and len(d['posture']['practices']) == 7"
finish
