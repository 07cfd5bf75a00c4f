# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast jit: words and the audit log (requests: tests/integration/jit_request.py).
. ./lib.sh

exits 2 "without a word" hf jit
says "request, enable, list, status, audit"
exits 2 "another word" hf jit open
says "request, enable, list, status, audit"
exits 2 "a request without a host" hf jit request
says "one host"
exits 2 "with two" hf jit request a b
says "one host"
exits 2 "audit alone" hf jit audit
says "--verify"
exits 2 "audit of a word" hf jit audit --verify x
exits 2 "a format that is none" hf jit audit --verify -f xml

# The policy's file.
cat >"$TMP/jit.conf" <<'E'
protect ssh 443
skew 2m
[rule ops]
account root *-adm
from 203.0.113.0/24 2001:db8::/32
hours mon-fri 08:00-18:00
longest 2h
touch yes
second yes
[rule rest]
deny yes
E
exits 0 "a policy" hf jit policy "$TMP/jit.conf"
quiet
prints "listens on 62201/udp; clocks may differ by 120 s; connections end with a grant"
prints "jit enable shuts: 22/tcp 443/tcp"
prints "rule ops (line 3): grants"
prints "  account root *-adm"
prints "  from 203.0.113.0/24 2001:db8::/32"
prints "  hours mon tue wed thu fri 08:00-18:00"
prints "  for 3600 s, at most 7200 s; for one /32, or /64 of IPv6, at the widest"
prints "  the key must be touched"
prints "rule rest (line 10): refuses"
exits 0 "as JSON" hf jit policy "$TMP/jit.conf" -f json
expect "  of one object" python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
sys.exit(not (r["protect"] == ["22/tcp", "443/tcp"] and r["rules"][0]["touch"] and r["rules"][1]["deny"]))' "$TMP/out"
printf 'protect ssh\n\n  lissten 5\n' >"$TMP/jit.conf"
exits 3 "a policy that is wrong" hf jit policy "$TMP/jit.conf"
says "jit.conf:3:3: expected one of listen skew sessions protect"
printf 'protect s\033[2Jsh\n' >"$TMP/jit.conf"
exits 3 "a policy with control characters" hf jit policy "$TMP/jit.conf"
says "not 's\\x1B[2Jsh'"
head -c 2000000 /dev/zero >"$TMP/jit.conf"
exits 3 "a policy of 2 MB" hf jit policy "$TMP/jit.conf"
says "larger than"
exits 3 "no such policy" hf jit policy "$TMP/none.conf"
says "No such file"
exits 3 "a folder" hf jit policy "$TMP"
says "not a regular file"
exits 2 "two policies" hf jit policy a b
says "one file"

# Without the daemon nothing is shut.
for words in "enable ssh" confirm disable list status "close all" "extend ann --for 1h"; do
	exits 3 "$words without the daemon" hf jit --socket "$TMP/none" $words
	says "the daemon does not run"
done
exits 2 "enable without a port" hf jit --socket "$TMP/none" enable
says "which port?"
exits 2 "a port that is none" hf jit --socket "$TMP/none" enable "$(printf 'x\033[31m')"
says "is no port"
exits 2 "a time that is too short" hf jit --socket "$TMP/none" enable ssh --within 5s
says "--within"
exits 2 "close without a word" hf jit --socket "$TMP/none" close
exits 2 "close of two" hf jit --socket "$TMP/none" close a b
exits 2 "close of blanks" hf jit --socket "$TMP/none" close "a b"
exits 2 "extend without a time" hf jit --socket "$TMP/none" extend ann
says "--for"
exits 2 "approve of nothing" hf jit --socket "$TMP/none" approve ""
exits 2 "a socket's own words are none of guard" hf guard --socket "$TMP/none" jit-list

mkdir "$TMP/log"
audit() { hf jit audit --verify --folder "$TMP/log" "$@"; }
exits 3 "no folder" hf jit audit --verify --folder "$TMP/none"
says "there is no audit log"
exits 3 "no log" audit
says "there is no audit log"
head -c 32 /dev/zero >"$TMP/log/jit-audit.key"
exits 3 "a key that all may read" audit
says "others may read it"
chmod 600 "$TMP/log/jit-audit.key"
exits 3 "a key without a log" audit
says "there is no audit log"
: >"$TMP/log/jit-audit.jsonl"
exits 1 "a log without a head" audit
prints "the head is missing or was altered"

# Two records, made as docs/jit.md says.
python3 - "$TMP/log" <<'P'
import hashlib, sys
folder, key, prev = sys.argv[1], bytes(32), bytes(32)
out = ""
for seq in 1, 2:
    text = '{"seq":%d,"time":"2026-09-21T14:13:20.123Z","prev":"%s","event":"granted"' % (seq, prev.hex())
    prev = hashlib.blake2b(prev + text.encode(), key=key, digest_size=32).digest()
    out += '%s,"hash":"%s"}\n' % (text, prev.hex())
open(folder + "/jit-audit.jsonl", "w").write(out)
head = "%020d %s" % (2, prev.hex())
seal = hashlib.blake2b(prev + head.encode(), key=key, digest_size=32).hexdigest()
open(folder + "/jit-audit.head", "w").write("%s %s\n" % (head, seal))
P
exits 0 "a whole log" audit
quiet
prints "whole, 2 records"
exits 0 "as JSON" audit -f json
expect "  of one object" python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
sys.exit(not (r["whole"] is True and r["records"] == 2 and len(r["hash"]) == 64))' "$TMP/out"
cp "$TMP/log/jit-audit.jsonl" "$TMP/whole"
sed -i '1s/granted/refused/' "$TMP/log/jit-audit.jsonl"
exits 1 "altered" audit
prints "a record was altered, line 1"
sed 1d "$TMP/whole" >"$TMP/log/jit-audit.jsonl"
exits 1 "removed" audit
prints "records were removed, line 1"
sed 2d "$TMP/whole" >"$TMP/log/jit-audit.jsonl"
exits 1 "cut off" audit
prints "the last records were cut off, line 2"
(cat "$TMP/whole"; echo '{"seq":3}') >"$TMP/log/jit-audit.jsonl"
exits 1 "added" audit
prints "somebody else added a record, line 3"
finish
