# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast secrets: what it finds, what it never shows, --fix and how it is undone.
. ./lib.sh

machine one
write home/ann/.bash_history 644 <<'E'
#1700000000
mysql -u root -pHunter2Hunter2 shop
ssh -p 2222 host
#1700000100
sshpass -p 'geheim-123' scp a b: && curl -u adm:Zt7pq2LmX9 https://x/
E
write home/ann/.zsh_history 600 <<'E'
: 1700000000:0;redis-cli -a zshsecret99 ping
E
write home/ann/.pgpass 640 <<'E'
db:5432:shop:app:pgpasssecret1
E
write home/ann/notes.txt <<'E'
the meeting is at ten
E
printf '%s\n' 'ann:x:1001:1001::/home/ann:/bin/bash' >>"${ROOT:?}/etc/passwd"
json() { # EXPRESSION NAME
	if python3 -c "
import json, sys
r = json.load(open('$TMP/out'))
s = r['secrets']
sys.exit(not ($1))" 2>>"$TMP/err"; then
		result 0 "  $2"
	else
		result 1 "  $2"
		show
	fi
}
secrets() { hf secrets --root "$ROOT" "$@"; }

exits 1 "a machine with secrets" secrets
prints "/home/ann/.bash_history"
prints "Hu****r2"
prints "5 secrets in 3 files"
exits 1 "as JSON" secrets --format json
json "len(s) == 5" "all of them"
json "[x['line'] for x in s] == [2, 5, 5, 1, 1]" "lines"
json "s[0]['file'] == '/home/ann/.bash_history' and s[0]['time'] == 1700000000" "file and time"
json "s[0]['kind'] == 'password-argument' and s[0]['masked'] == 'Hu****r2'" "kind and mask"
json "s[0]['others_can_read'] and s[0]['rewritable'] and s[0]['closable']" "what may be done"
json "r['files'] >= 3 and r['problems'] == []" "how much was looked at"
for secret in Hunter2Hunter2 geheim-123 Zt7pq2LmX9 zshsecret99 pgpasssecret1; do
	prints_not "$secret"
done
exits 0 "a path without secrets" secrets /home/ann/notes.txt
prints "0 secrets"
exits 1 "a path" secrets /home/ann/.pgpass
exits 1 "a folder" secrets /home/ann
exits 3 "a path that is not there" secrets /nowhere
exits 2 "a format that is not there" secrets --format yaml
exits 2 "--yes alone" secrets --yes
exits 3 "a root that is not there" hf secrets --root "$TMP/nowhere"

# Nobody is at the terminal: what would be done is shown, and nothing is.
J=$ROOT/var/lib/holdfast/changes
cp -p "$ROOT/home/ann/.bash_history" "$TMP/before"
exits 2 "--fix asks" secrets --fix
prints "rewrite /home/ann/.bash_history: 3 secrets"
prints "chmod 0600 /home/ann/.pgpass (is 0640)"
expect "nothing was changed" cmp "$TMP/before" "$ROOT/home/ann/.bash_history"
expect "and no journal made" [ ! -e "$J" ]
exits 1 "--fix --yes" secrets --fix --yes
expect "the secrets are gone" sh -c "! grep -rqE 'Hunter2Hunter2|geheim-123|Zt7pq2LmX9' '$ROOT/home'"
expect "the rest is there" grep -qF "mysql -u root -p******** shop" "$ROOT/home/ann/.bash_history"
expect "in its quotes" grep -qF "sshpass -p '********' scp a b: && curl -u adm:******** https://x/" "$ROOT/home/ann/.bash_history"
expect "the history is its owner's" [ "$(stat -c %a "$ROOT/home/ann/.bash_history")" = 600 ]
expect "and so is .pgpass" [ "$(stat -c %a "$ROOT/home/ann/.pgpass")" = 600 ]
expect "with the old time" [ "$(stat -c %Y "$TMP/before")" = "$(stat -c %Y "$ROOT/home/ann/.bash_history")" ]
expect "the journal is its owner's" [ "$(stat -c %a "$J" "$J/1" | sort -u)" = 700 ]
expect "each entry too" [ "$(stat -c %a "$J"/1/* | sort -u)" = 600 ]
exits 0 "holdfast changes lists it" hf changes --root "$ROOT"
prints "applied    secrets"
prints "rewrite /home/ann/.bash_history: 3 secrets replaced by ********"
expect "no other file was left" [ -z "$(find "$ROOT/home" -name '.holdfast-*')" ]
exits 1 "what cannot be rewritten stays" secrets
prints "1 secret in 1 file"

# The shell goes on writing: what it adds is kept.
echo "ls -la" >>"$ROOT/home/ann/.bash_history"
exits 0 "undo" hf undo --root "$ROOT"
cp "$TMP/before" "$TMP/want"
echo "ls -la" >>"$TMP/want"
expect "the history is what it was, and what was added" cmp "$TMP/want" "$ROOT/home/ann/.bash_history"
expect "with its mode" [ "$(stat -c %a "$ROOT/home/ann/.bash_history")" = 644 ]
expect "and .pgpass" [ "$(stat -c %a "$ROOT/home/ann/.pgpass")" = 640 ]
exits 3 "it is undone already" hf undo 1 --root "$ROOT"

exits 1 "again" secrets --fix --yes
sed -i 's/shop/other/' "$ROOT/home/ann/.bash_history"
cp "$ROOT/home/ann/.bash_history" "$TMP/edited"
exits 3 "undo of what somebody edited" hf undo --root "$ROOT"
says "/home/ann/.bash_history: has changed since"
expect "leaves it alone" cmp "$TMP/edited" "$ROOT/home/ann/.bash_history"

# Files whose columns are known.
machine columns
write etc/postfix/sasl_passwd 600 <<'E'
# [mail.example.org] user:password
[smtp.corp]:587 ann:saslsecret77
E
write etc/ppp/chap-secrets 600 <<'E'
ann * "chapsecret77" *
E
exits 1 "mail and dial-up" hf secrets --root "$ROOT" -f json
report "sorted((s['line'], s['masked']) for s in r['secrets']) == [(1, 'ch****77'), (2, 'sa****77')]"

# Links, names that are two, FIFOs, loops.
tree hostile
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
eve:x:1001:1001::/home/eve:/bin/bash
E
mkdir -p "${ROOT:?}/home/eve" "$ROOT/root"
mkfifo "$ROOT/root/.bash_history"
ln -s loop "$ROOT/root/loop"
ln -s ../.. "$ROOT/home/eve/up"
(cd "$ROOT/root" && python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('.zsh_history')")
echo 'sshpass -p victimsecret1 ssh h' >"$ROOT/etc/victim"
ln -s /etc/victim "$ROOT/home/eve/.bash_history"
echo 'sshpass -p twonames123 ssh h' >"$ROOT/home/eve/.zsh_history"
ln "$ROOT/home/eve/.zsh_history" "$ROOT/home/eve/second"
cp "$ROOT/etc/victim" "$TMP/victim"
printf 'ls\0\0\377\376\n\001\002 mysql -pafterzeros1 x\n' >"$ROOT/home/eve/.sh_history"
printf 'mysql -ptermsecret1 \033[31mx\n' >"$ROOT/home/eve/.histfile"
mkdir "$ROOT/home/eve/a$(printf '\033')[31mb"
echo 'mysql -pescapedpath1' >"$ROOT/home/eve/a$(printf '\033')[31mb/.sh_history"
exits 1 "hostile homes" timeout 100 "$HOLDFAST" secrets --root "$ROOT"
prints "af****s1"
prints "te****t1"
prints "es****h1"
expect "no control characters" sh -c "! grep -qP '[\\x00-\\x08\\x0b-\\x1f]' '$TMP/out'"
exits 3 "--fix does not touch second names" timeout 100 "$HOLDFAST" secrets --root "$ROOT" --fix --yes
expect "nor what a link leads to" cmp "$TMP/victim" "$ROOT/etc/victim"
expect "what has two names is as it was" grep -q twonames123 "$ROOT/home/eve/second"
exits 1 "a whole tree with loops" timeout 100 "$HOLDFAST" secrets --root "$ROOT" /

# One line of 100 MB, and a history of a gigabyte, in little memory.
tree large
mkdir -p "$ROOT/d"
{
	head -c 50000000 /dev/zero | tr '\0' 'a'
	printf ' sshpass -p middlesecret1 ssh h '
	head -c 50000000 /dev/zero | tr '\0' 'b'
} >"$ROOT/d/line"
exits 1 "a line of 100 MB" secrets /d/line
prints "mi****t1"
prints "1 secret"
printf 'sshpass -p firstsecret1 ssh h\n' >"$ROOT/d/.bash_history"
truncate -s 1G "$ROOT/d/.bash_history"
printf '\nsshpass -p lastsecret1 ssh h\n' >>"$ROOT/d/.bash_history"
exits 1 "a history of 1 GB in 400 MB of address space" sh -c "
	case \$(nm -D '$HOLDFAST' 2>/dev/null) in *__asan*) ;; *) ulimit -v 400000 ;; esac
	'$HOLDFAST' secrets --root '$ROOT' /d/.bash_history"
prints "fi****t1"
prints "la****t1"
rm -rf "${ROOT:?}/d"

# Rules of one's own.
tree rules
write text <<'E'
a corp_abc123def456 b
CORP_zzz123def456
E
cat >"$TMP/rules.toml" <<'E'
[[rules]]
id = "corp-token"
description = "ours"
regex = '''(?i)\bcorp_([a-z0-9]{10,})\b'''
secretGroup = 1
keywords = ["corp_"]
[[rules.allowlists]]
stopwords = ["zzz"]
[[rules]]
id = "behind"
regex = '''(?=x)'''
E
exits 1 "--rules" secrets --rules "$TMP/rules.toml" --format json /text
json "len(s) == 1 and s[0]['rule'] == 'corp-token' and s[0]['line'] == 1" "the rule that it was"
prints_not abc123def456
expect "what cannot be read is named with its line" grep -q "rules.toml:11: the expression" "$TMP/err"
echo 'id = ' >"$TMP/rules.toml"
exits 2 "rules that are none" secrets --rules "$TMP/rules.toml" /text
says "rules.toml:1: a key without a value"
exits 2 "rules that are not there" secrets --rules "$TMP/none.toml" /text

finish
