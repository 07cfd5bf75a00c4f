# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast hunt: formats, options, exit codes, bad input, hostile names.
. ./lib.sh
PYTHON=
for python in python3 /usr/bin/python3; do
	[ -n "$PYTHON" ] || ! $python -c 'import jsonschema' 2>/dev/null || PYTHON=$python
done
export TZ=UTC
LOG=$TMP/auth.log

# One line of sshd: TIME PID MESSAGE
line() { printf '2025-11-20T%s+00:00 web1 sshd[%s]: %s\n' "$1" "$2" "$3" >>"$LOG"; }
failed() { line "$1" "$2" "Failed password for $3 from $4 port 4$2 ssh2"; }
for i in 1 2 3 4 5 6 7; do
	failed "10:00:0$i" 10$i root 203.0.113.7
done
line 10:00:08 108 'Accepted password for root from 203.0.113.7 port 4108 ssh2'
for i in 1 2 3; do
	failed "11:00:0$i" 20$i alice 2001:db8::$i
done
line 11:00:04 204 'Accepted password for alice from 2001:db8::9 port 4204 ssh2'

hunt() { hf hunt "$@"; }
# An expression over the document d, or over the list a of the lines, in $TMP/out.
json() {
	expect "  $1" python3 -c '
import json, sys
d = json.load(open(sys.argv[1], encoding="ascii"))
sys.exit(not eval(sys.argv[2]))' "$TMP/out" "$1"
}
jsonl() {
	expect "  $1" python3 -c '
import json, sys
a = [json.loads(line) for line in open(sys.argv[1], encoding="ascii")]
sys.exit(not eval(sys.argv[2]))' "$TMP/out" "$1"
}
cat >"$TMP/validate.py" <<'E'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft202012Validator.check_schema(schema)
if sys.argv[2] == "jsonl":
    lines = [json.loads(line) for line in open(sys.argv[3], encoding="ascii")]
    schema = {"$defs": schema["$defs"], "$ref": "#/$defs/alert"}
else:
    lines = [json.load(open(sys.argv[3], encoding="ascii"))]
bad = [e for line in lines for e in jsonschema.Draft202012Validator(schema).iter_errors(line)]
for e in bad[:5]:
    print("%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:300]))
sys.exit(bool(bad) or not lines)
E
valid() { # json or jsonl
	[ -z "$PYTHON" ] || expect "  follows the schema" "$PYTHON" "$TMP/validate.py" \
		"$SOURCE/docs/hunt.schema.json" "$1" "$TMP/out"
}

exits 0 "text" hunt "$LOG"
quiet
prints "12 lines of 1 file, 2025-11-20 10:00:01 to 2025-11-20 11:00:04 UTC"
prints "critical  Login by SSH after several failures"
prints "203.0.113.7 root"
prints "auth.log:8"
prints "Attackers"
prints "logged in as root"
prints_not "alice"
cp "$TMP/out" "$TMP/first"
exits 0 "the same again" hunt "$LOG"
expect "  says the same" cmp "$TMP/first" "$TMP/out"
exits 0 "one thread" hunt --threads 1 "$LOG"
expect "  says the same" cmp "$TMP/first" "$TMP/out"
exits 0 "jsonl" hunt -f jsonl "$LOG"
valid jsonl
jsonl '[x["level"] for x in a].count("critical") == 1'
jsonl 'all(x["source_file"].endswith("/auth.log") for x in a)'
jsonl '{"Password guessing by SSH", "Root logged in by SSH with a password"} <= {x["title"] for x in a}'
CRITICAL='next(x for x in a if x["level"] == "critical")'
jsonl "$CRITICAL"'["group"] == {"src_ip": "203.0.113.7", "user": "root"}'
jsonl "$CRITICAL"'["record"] == 8 and '"$CRITICAL"'["count"] == 7'
jsonl 'next(x for x in a if x["title"].startswith("Password"))["count"] == 6'
jsonl 'a[0]["fields"]["user"] == "root" and a[0]["line"].startswith("2025-11-20T10:00:06")'
exits 0 "json" hunt -f json "$LOG"
valid json
json 'd["attackers"][0]["address"] == "203.0.113.7" and d["attackers"][0]["logged_in_as"] == "root"'
json 'd["attackers"][0]["attempts"] == 7 and d["attackers"][0]["accounts"] == 1'
json 'd["files"][0]["lines"] == 12 and d["files"][0]["format"] == "syslog"'
json 'not d["rules"]["refused"] and d["rules"]["loaded"] > 100'
exits 0 "csv" hunt -f csv "$LOG"
prints "time,level,rule_id,title,source_file,record,count"
prints '"critical"'
exits 0 "html" hunt -f html "$LOG"
prints "default-src 'none'"
prints "Login by SSH after several failures"

exits 0 "--level" hunt -f jsonl --level critical "$LOG"
jsonl 'len(a) == 1'
exits 0 "informational ones, too" hunt -f jsonl --level informational "$LOG"
jsonl 'any(x["title"] == "Login by SSH" for x in a)'
exits 1 "--fail-on critical" hunt --fail-on critical "$LOG"
quiet
exits 0 "--fail-on, nothing as bad" hunt --fail-on high --until 2025-11-20T10:00:04Z "$LOG"
prints "Nothing was found"
exits 0 "--since" hunt -f jsonl --since 2025-11-20T10:30 "$LOG"
jsonl 'not a'
exits 0 "--until a day" hunt -f jsonl --until 2025-11-20 "$LOG"
jsonl 'a'
exits 0 "--since a day later" hunt -f jsonl --since 2025-11-21 "$LOG"
jsonl 'not a'
exits 0 "--since 1m before now" hunt -f jsonl --since 1m "$LOG"
jsonl 'not a'
exits 0 "--top" hunt --top 1 "$LOG"
prints "(1 of "
exits 0 "--top all" hunt --top all "$LOG"
prints_not "--top shows more"

exits 2 "no path" hunt
says "hunt needs files or folders"
exits 3 "no such file" hunt "$TMP/nowhere"
says "nowhere"
exits 2 "bad time" hunt --since yesterday "$LOG"
says "--since and --until take"
exits 2 "turned round" hunt --since 2025-11-21 --until 2025-11-20 "$LOG"
says "--since is later than --until"
exits 2 "bad level" hunt --level warning "$LOG"
says "--level is one of"
exits 2 "bad format" hunt -f xml "$LOG"
says "--format is one of"
exits 2 "bad zone" hunt --time-zone Middle/Earth "$LOG"
says "there is no time zone 'Middle/Earth'"
exits 2 "bad number" hunt --top 0 "$LOG"
says "--top is a number from 1 to"
exits 2 "nothing to hunt with" hunt --no-builtin "$LOG"
says "--no-builtin needs --rules"
exits 3 "no rules there" hunt --rules "$TMP/none" "$LOG"
says "none"
mkdir "$TMP/empty"
exits 2 "a folder without rules" hunt --rules "$TMP/empty" "$LOG"
says "there are no rules"

mkdir "$TMP/rules"
cat >"$TMP/rules/mine.yml" <<'E'
title: Mine
id: 1
logsource: {product: linux, service: sshd}
detection: {s: {user: alice, attempt: succeeded}, condition: s}
level: high
E
exits 0 "rules of one's own" hunt -f jsonl --rules "$TMP/rules" "$LOG"
jsonl 'any(x["title"] == "Mine" and x["rule_id"] == "1" and "count" not in x for x in a) and len(a) > 2'
exits 0 "and nothing else" hunt -f jsonl --no-builtin --rules "$TMP/rules/mine.yml" "$LOG"
jsonl '[x["title"] for x in a] == ["Mine"]'
cat >"$TMP/rules/bad.yml" <<'E'
title: Bad
logsource: {product: linux}
detection: {s: {user: alice}, condition: t}
E
exits 0 "a rule that is none" hunt -f json --rules "$TMP/rules" "$LOG"
says "rule left out: $TMP/rules/bad.yml:3:"
json 'd["rules"]["refused"] == 1 and any(x["title"] == "Mine" for x in d["alerts"])'
rm "$TMP/rules/bad.yml"

# Where logs are.
gzip -k "$LOG"
mkdir -p "$TMP/tree/var/log/deep"
mv "$LOG.gz" "$TMP/tree/var/log/deep/auth.log.1.gz"
exits 0 "a folder, packed" hunt -f jsonl "$TMP/tree"
jsonl 'a and all(x["source_file"].endswith("deep/auth.log.1.gz") for x in a)'
exits 0 "a pattern" hunt -f jsonl "$TMP/tree/var/log/*/auth.log*"
jsonl 'a'
expect "standard input" sh -c "'$HOLDFAST' hunt -f jsonl - <'$LOG' >'$TMP/out' 2>'$TMP/err'"
jsonl 'a and a[0]["source_file"] == "-"'
exits 0 "--root" hunt -f jsonl --root "$TMP/tree"
jsonl 'a and a[0]["source_file"] == "/var/log/deep/auth.log.1.gz"'
ln -s "$LOG" "$TMP/tree/var/log/out.log"
ln -s /var/log/deep "$TMP/tree/var/log/same"
exits 3 "--root, a link that leads out" hunt --root "$TMP/tree" /var/log/out.log
says "out.log"
exits 0 "--root, a link that does not" hunt -f jsonl --root "$TMP/tree" /var/log/same
jsonl 'a'
exits 0 "--root, a pattern" hunt -f jsonl --root "$TMP/tree" "/var/log/deep/*.gz"
jsonl 'a'
# The journal's own files.
REMOTE=/usr/lib/systemd/systemd-journal-remote
if [ -x $REMOTE ]; then
	ID=0123456789abcdef0123456789abcdef
	i=0
	while [ $i -lt 7 ]; do
		printf '__CURSOR=s=1;i=%s\n__REALTIME_TIMESTAMP=%s\n__MONOTONIC_TIMESTAMP=%s\n' $i \
			$((1763632800000000 + i * 1000000)) $((1000 + i))
		printf '_BOOT_ID=%s\n_MACHINE_ID=%s\n_HOSTNAME=web1\n_UID=0\n_TRANSPORT=syslog\n' $ID $ID
		printf 'SYSLOG_IDENTIFIER=sshd-session\n_COMM=sshd-session\n_PID=10%s\nPRIORITY=6\n' $i
		printf 'MESSAGE=Failed password for root from 203.0.113.7 port 4%s ssh2\n\n' $i
		i=$((i + 1))
	done >"$TMP/export"
	mkdir -p "$TMP/image/var/log/journal/$ID"
	$REMOTE -o "$TMP/image/var/log/journal/$ID/system.journal" "$TMP/export" >"$TMP/remote" 2>&1
	exits 0 "a file of the journal" hunt -f jsonl "$TMP/image/var/log/journal/$ID/system.journal"
	jsonl '[x["record"] for x in a] == [6] and a[0]["time"] == "2025-11-20T10:00:05Z"'
	exits 0 "the journal of a mounted disk" hunt -f jsonl --root "$TMP/image"
	jsonl 'a and a[0]["source_file"].startswith("/var/log/journal/")'
else
	result 0 "files of the journal # SKIP needs systemd-journal-remote"
fi
for pack in xz:xz zst:zstd bz2:bzip2; do
	if command -v ${pack#*:} >/dev/null; then
		${pack#*:} -c "$LOG" >"$TMP/packed.${pack%:*}"
		exits 0 "${pack#*:}" hunt -f jsonl "$TMP/packed.${pack%:*}"
		jsonl 'any(x["level"] == "critical" for x in a)'
	fi
done
exits 0 "the same file twice is one" hunt -f jsonl "$LOG" "$LOG" "$TMP/../${TMP##*/}/auth.log"
jsonl '[x["level"] for x in a].count("critical") == 1'
exits 3 "a pattern that nothing fits" hunt "$TMP/nothing*.log"
says "nothing*.log"
exits 2 "an option that there is not" hunt --colour "$LOG"

# What the log cannot show is said once, in every format; and --fail-on is about what --level hides, too.
WEB=$TMP/access.log
for i in 1 2 3 4 5 6 7 8 9; do
	printf '203.0.113.5 - - [20/Nov/2025:10:00:0%s +0000] "GET /%s HTTP/1.1" 200 1 "-" "M"\n' $i $i
done >"$WEB"
exits 0 "without the Host header, text" hunt "$WEB" "$LOG"
quiet
prints "Note: Logs of a web server lack the Host header: $WEB"
exits 0 "json" hunt -f json "$WEB"
valid json
json 'len(d["notices"]) == 1 and d["notices"][0]["files"] == 1 and not d["alerts"]'
exits 0 "html" hunt -f html "$WEB"
prints "Note: Logs of a web server lack the Host header"
exits 0 "jsonl" hunt -f jsonl "$WEB"
says "note: Logs of a web server lack the Host header: $WEB"
exits 0 "csv" hunt -f csv "$WEB"
says "note: Logs of a web server lack the Host header: $WEB"
exits 0 "no web server, no note" hunt "$LOG"
prints_not "Note:"
exits 1 "--fail-on below --level" hunt --fail-on medium --level critical -f jsonl --until 2025-11-20T10:00:07Z "$LOG"
jsonl 'not a'

cat >"$TMP/terminal.py" <<'E'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
out = b""
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    out += data
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
E
SLOW="(cat '$LOG'; sleep 1.3; cat '$LOG') | '$HOLDFAST' hunt -"
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
	exits 0 "a terminal is told how far it is" python3 "$TMP/terminal.py" /bin/sh -c "$SLOW"
	prints "hunting: "
else
	result 0 "a terminal is told how far it is # SKIP there are no terminals here"
fi
exits 0 "a file is not" sh -c "$SLOW"
quiet
prints_not "hunting: "
mkfifo "$TMP/fifo"
exits 3 "a FIFO is not waited for" hunt "$TMP/fifo"
says "fifo"
printf 'neither a log\nnor anything\n' >"$TMP/novel.txt"
exits 0 "a text that is no log" hunt "$TMP/novel.txt"
prints "Not read: "
head -c 100 "$TMP/tree/var/log/deep/auth.log.1.gz" >"$TMP/cut.gz"
exits 3 "a damaged file" hunt "$TMP/cut.gz"
prints "Not read wholly: "

# What was chosen by attackers.
: >"$LOG"
for i in 1 2 3 4 5 6 7; do
	line "10:00:0$i" 30$i "Failed password for invalid user root from 192.0.2.66 port 22 ssh2 from 203.0.113.9 port 4$i ssh2"
done
exits 0 "a name that looks like an address" hunt -f jsonl "$LOG"
jsonl 'a and all(x["group"]["src_ip"] == "203.0.113.9" for x in a)'
: >"$LOG"
NAME=$(printf '\033[31m<script>"=cmd|\342\200\256\377')
for i in 1 2 3 4 5 6 7; do
	line "10:00:0$i" 40$i "Failed password for invalid user $NAME from 203.0.113.9 port 4$i ssh2"
done
exits 0 "control characters, text" hunt "$LOG"
prints '\x1B[31m<script>'
ESC=$(printf '\033')
prints_not "$ESC"
exits 0 "html" hunt -f html "$LOG"
prints '\x1B[31m&lt;script&gt;'
prints_not '<script'
exits 0 "jsonl" hunt -f jsonl "$LOG"
valid jsonl
jsonl 'a[0]["group"]["user"] == "\x1b[31m<script>\"=cmd|\u202e\\xFF"'
: >"$LOG"
for i in 1 2 3 4 5 6 7; do
	line "10:00:0$i" 50$i "Failed password for =HYPERLINK(1) from 203.0.113.9 port 4$i ssh2"
done
exits 0 "csv" hunt -f csv "$LOG"
expect "  a formula is text" python3 -c '
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="")))
sys.exit(not (len(rows) > 1 and all(len(r) == 12 for r in rows) and
              not any(c[:1] in "=+-@" for r in rows for c in r if c)))' "$TMP/out"

# The clock, and the end.
: >"$LOG"
for i in 1 2 3 4 5 6; do
	failed "10:00:0$i" 60$i root 203.0.113.7
done
sed 's/^2025-11-20/2024-02-29/; s/sshd.60/sshd[61/' "$LOG" >"$TMP/old"
cat "$TMP/old" >>"$LOG"
exits 0 "a clock that goes back a year" hunt -f jsonl "$LOG"
jsonl '[x["time"][:4] for x in a if x["level"] == "medium"] == ["2025", "2024"]'
cat >"$TMP/large.py" <<'E'
import sys
with open(sys.argv[1], "w") as f:
    for i in range(400000):
        f.write("2025-11-20T%02d:%02d:%02d+00:00 web1 sshd[%d]: Failed password for root from "
                "10.%d.%d.%d port 22 ssh2\n" % (i // 24000, i // 400 % 60, i // 7 % 60, i % 9999,
                                               i // 65536, i // 256 % 256, i % 256))
E
python3 "$TMP/large.py" "$TMP/large.log"
exits 0 "400,000 addresses in 8 MiB" hunt -f json --memory 8 "$TMP/large.log"
json 'd["correlations"]["dropped"] > 0 and any("istributed" in x["title"] for x in d["alerts"])'
exits 0 "which the text says" hunt --memory 8 "$TMP/large.log"
prints "were dropped to save memory"
exits 0 "and in enough none is dropped" hunt -f json "$TMP/large.log"
json 'd["correlations"]["dropped"] == 0'
expect "nobody who reads on is no failure" sh -c \
	"'$HOLDFAST' hunt -f jsonl --level informational '$TMP/large.log' | head -n 1 >'$TMP/out'"
# Lines of 128 bytes, connections over 38 KB: where a block ends decides what is known of them.
cat >"$TMP/blocks.py" <<'E'
import sys
def line(i, text, n):
    stamp = "2025-11-20T%02d:%02d:%02d+00:00 web1 sshd[%d]: " % (i // 3600, i // 60 % 60, i % 60, n)
    text = stamp + text.replace("ADDRESS", "10.1.%d.%d port 22" % (n // 256 % 256, n % 256))
    return text.replace("USER", "u" * (127 - len(text) + 4)) + "\n"
with open(sys.argv[1], "w") as f:
    for i in range(40000):
        f.write(line(i, "Invalid user USER from ADDRESS", i))
        f.write(line(i, "Failed password for invalid user USER from ADDRESS ssh2", i - 150 if i > 149 else i))
E
cat >"$TMP/rules/failed.yml" <<'E'
title: Failed
id: 2
logsource: {product: linux, service: sshd}
detection: {s: {attempt: failed}, condition: s}
level: high
E
python3 "$TMP/blocks.py" "$TMP/blocks.log"
exits 0 "a log of several blocks, one thread" hunt -f jsonl --threads 1 --no-builtin \
	--rules "$TMP/rules/failed.yml" "$TMP/blocks.log"
cp "$TMP/out" "$TMP/first"
exits 0 "  three threads" hunt -f jsonl --threads 3 --no-builtin \
	--rules "$TMP/rules/failed.yml" "$TMP/blocks.log"
expect "  say the same" cmp "$TMP/first" "$TMP/out"
cat >"$TMP/interrupt.py" <<'E'
import json, signal, subprocess, sys
p = subprocess.Popen([sys.argv[1], "hunt", "-f", "json", "-"], stdin=subprocess.PIPE,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
p.stdin.write(open(sys.argv[2], "rb").read())
p.stdin.flush()  # all but what a pipe holds was read
p.send_signal(signal.SIGINT)
out, err = p.communicate(timeout=60)
d = json.loads(out)
print(err, p.returncode, d["summary"], d["files"])
sys.exit(not (d["summary"]["interrupted"] and d["files"][0]["lines"] > 100000 and
              p.returncode == 3 and b"interrupted" in err))
E
expect "Ctrl-C prints what there is" python3 "$TMP/interrupt.py" "$HOLDFAST" "$TMP/large.log"
finish
