# SPDX-License-Identifier: GPL-3.0-or-later
# `report`: every format of the same assessment says the same, stays valid with hostile texts, and
# is written whole or not at all.
. ./lib.sh
machine m
nasty=$(printf 'e\033[2J\033]0;owned\007v\302\233i\342\200\256l<script>alert(1)</script>&"\\]]>\x27=cmd,x')
printf '%s\n' "$nasty" >"$ROOT/etc/hostname"
printf 'PRETTY_NAME="%s"\nID=debian\n' "$nasty" >"$ROOT/etc/os-release"
check hostile high <<E
SELECT hostname AS resource, 0 AS healthy, '=1+1 ' || hostname AS evidence, 'fix <b>' || hostname AS fix
  FROM host_info
E
check fine low <<E
SELECT 'all' AS resource, 1 AS healthy, 'as it should be' AS evidence
E
mkdir -p "$ROOT/var/lib/holdfast"
python3 - "$nasty" >"$ROOT/var/lib/holdfast/jit-audit.jsonl" <<'E'
import json, sys
common = {"id": "aa", "account": "ann", "source": "203.0.113.7", "ports": "22/tcp", "seconds": 60}
for seq, (second, event, more) in enumerate([
        (0, "granted", {"reason": sys.argv[1], "key": "SHA256:k", "signed": True}), (1, "opened", {}), (2, "login", {}),
        (61, "expired", {}), (62, "refused", {"id": "", "from": "198.51.100.9", "why": "not signed", "account": sys.argv[1]})], 1):
    print(json.dumps({"seq": seq, "time": "2026-11-22T10:%02d:%02d.000Z" % divmod(second, 60), "event": event, **common, **more}))
E
exits 0 "facts" hf collect --root "$ROOT" -o "$TMP/facts"
# One time, so that bills of materials of the same facts are the same.
SOURCE_DATE_EPOCH=1700000000
export SOURCE_DATE_EPOCH
report_as() { hf report --facts "$TMP/facts" --no-state --checks "$CHECKS" "$@"; }

cat >"$TMP/safe.py" <<'E'
import sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8")
bad = {c for c in text if c not in "\r\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
sys.exit("%r" % bad if bad else 0)
E
exits 0 "JSON" report_as -f json
cp "$TMP/out" "$TMP/json"
cat >"$TMP/check.py" <<'E'
import csv, json, os, re, sys, xml.etree.ElementTree
form, path, reference = sys.argv[1:4]
data = open(path, encoding="utf-8", newline="").read()
whole = json.load(open(reference, encoding="utf-8"))
findings = whole["findings"]
bad = [f for f in findings if f["status"] == "unhealthy"]
assert any(f["check"] == "hostile" for f in bad)
if form == "html":
    from html.parser import HTMLParser
    class Page(HTMLParser):
        void = {"meta", "link", "br", "rect", "path", "polyline", "line"}
        def __init__(self):
            super().__init__()
            self.open, self.seen, self.findings = [], [], 0
        def handle_starttag(self, tag, attributes):
            self.seen.append(tag)
            self.findings += tag == "li"
            assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attributes)
            if tag not in self.void:
                self.open.append(tag)
        def handle_endtag(self, tag):
            assert self.open.pop() == tag, tag
    page = Page()
    page.feed(data)
    assert not page.open, page.open
    assert "script" not in page.seen and "<script" not in data
    assert page.findings == len(bad), (page.findings, len(bad))
    assert "&lt;script&gt;" in data
    grants = data[data.index("<h2>Grants</h2>"):data.index("<h2>Refused requests</h2>")]
    assert re.search(r"2026-11-22T10:00:01Z</td><td>203.0.113.7</td><td>ann</td><td>22/tcp</td><td>[^<]*&lt;script&gt;"
                     r"[^<]*</td><td>SHA256:k</td><td>expired 2026-11-22T10:01:01Z</td><td class=.n.>1</td>", grants), grants
    assert re.search(r"198.51.100.9</td><td>not signed</td><td class=.n.>1</td>", data)
elif form == "csv":
    rows = list(csv.DictReader(data.splitlines(keepends=True), strict=True))
    assert len(rows) == len(findings)
    assert [(r["check"], r["status"]) for r in rows] == [(f["check"], f["status"]) for f in findings]
    assert not any(v and v[0] in "=+-@" for r in rows for v in r.values() if not re.fullmatch(r"-?[\d.]+", v))
elif form == "junit":
    root = xml.etree.ElementTree.fromstring(data)
    cases = root.findall(".//testcase")
    assert len(cases) == len(findings) == int(root.get("tests"))
    assert len(root.findall(".//failure")) == len(bad) == int(root.get("failures"))
    healthy = sum(f["status"] == "healthy" for f in findings)
    assert sum(len(c) == 0 for c in cases) == healthy > 0
    assert sum(int(s.get("skipped")) for s in root) == len(findings) - len(bad) - healthy
elif form == "sarif":
    run = json.loads(data)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert sum(r["kind"] == "fail" and "suppressions" not in r for r in run["results"]) == len(bad)
elif form == "ocsf":
    lines = [json.loads(line) for line in data.splitlines()]
    assert len(lines) == len(findings)
    assert all(x["type_uid"] == x["class_uid"] * 100 + x["activity_id"] for x in lines)
    assert sum(x["compliance"]["status"] == "Fail" for x in lines) == len(bad)
    assert [x["compliance"]["status"] == "Pass" for x in lines] == [f["status"] == "healthy" for f in findings]
elif form == "cyclonedx":
    bom = json.loads(data)
    assert bom["bomFormat"] == "CycloneDX" and bom["specVersion"] == "1.6"
elif form == "prometheus":
    values = {}
    for line in data.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r'(holdfast_\w+)\{((?:\w+="(?:[^"\\]|\\["\\n])*",?)+)\} (\S+)', line)
            assert match, line
            assert (match[1], match[2]) not in values
            values[match[1], match[2]] = float(match[3])
    got = sum(v for (name, labels), v in values.items()
              if name == "holdfast_findings" and 'status="unhealthy"' in labels)
    assert got == len(bad) == sum(v for (name, _), v in values.items() if name == "holdfast_check_unhealthy")
    score = [v for (name, _), v in values.items() if name == "holdfast_secure_score_percent"]
    assert abs(score[0] - whole["secure_score"]["percent"]) < 0.01
E
for format in html csv junit sarif ocsf prometheus cyclonedx; do
	exits 0 "$format" report_as -f $format
	quiet
	expect "  nothing that hides or steers" python3 "$TMP/safe.py" "$TMP/out"
	expect "  says what the assessment says" python3 "$TMP/check.py" $format "$TMP/out" "$TMP/json"
	exits 0 "$format, to a file" report_as -f $format -o "$TMP/r.$format"
	expect "  is the same" sh -c "'$HOLDFAST' report --facts '$TMP/facts' --no-state --checks '$CHECKS' \
		-f $format | cmp - '$TMP/r.$format'"
	expect "  only its owner may read it" test "$(stat -c %a "$TMP/r.$format")" = 600
	full() { report_as -f $format >/dev/full; }
	exits 3 "$format, no room" full
	exits 3 "$format, to a link" sh -c "ln -sf '$TMP/none' '$TMP/l'; '$HOLDFAST' report --facts '$TMP/facts' \
		--no-state -f $format -o '$TMP/l'"
	expect "  its target is not made" test ! -e "$TMP/none"
done
if command -v promtool >/dev/null; then
	exits 0 "Prometheus' own reader takes it" sh -c "promtool check metrics <'$TMP/r.prometheus'"
	expect "and refuses a broken copy" sh -c "! sed 's/} /} x/' '$TMP/r.prometheus' | promtool check metrics"
else
	result 0 "Prometheus reads it # SKIP promtool is not installed"
fi

exits 0 "statement of ISO 27001" report_as --iso27001
expect "  nothing that hides or steers" python3 "$TMP/safe.py" "$TMP/out"
prints "ISO/IEC 27001:2022, Annex A"
prints "A.8.8"
exits 0 "the same as a table" report_as --framework iso27001 -f csv
prints '"iso27001","A.5.17","Authentication information"'
expect "  controls in the order of their numbers" python3 - "$TMP/out" <<'E'
import csv, sys
ids = [r["control"] for r in csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"))]
key = lambda i: [int(p) if p.isdigit() else 0 for p in i.split(".")]
assert len(set(ids)) > 10 and [key(i) for i in ids] == sorted(key(i) for i in ids), ids
E
for name in cis-v8 nist-csf mcsb; do
	exits 0 "statement of $name" report_as --framework $name -f csv
done

exits 2 "an unknown format" report_as -f pdf
exits 2 "an unknown framework" report_as --framework none
exits 2 "a statement in SARIF" report_as --iso27001 -f sarif
says "is written as html or csv"
exits 2 "two frameworks" report_as --iso27001 --framework mcsb
exits 3 "facts that are not there" hf report --facts "$TMP/nothing"
exits 3 "facts that are none" hf report --facts "$TMP/check.py"
exits 0 "a history that is none" hf report --facts "$TMP/facts" --state "$TMP/check.py" -o "$TMP/x"
says "the score over time is left out"
exits 0 "a history that is not there" hf report --facts "$TMP/facts" --state "$TMP/nothing" -o "$TMP/x"
says "the score over time is left out"
expect "  and is not made" test ! -e "$TMP/nothing"

for _ in 1 2 3; do hf assess --root "$ROOT" --state "$TMP/state" >/dev/null; done
exits 0 "the score over time" hf report --root "$ROOT" --state "$TMP/state"
prints "<h2>Over time</h2>"
prints "<polyline"

# A history that cannot be read leaves a report without it; nothing of it is changed.
left_out() { # name, what is said
	sum=$(cksum <"$TMP/bad.db")
	exits 0 "a history: $1" hf report --root "$ROOT" --state "$TMP/bad.db" -o "$TMP/x.html"
	says "the score over time is left out"
	says "$2"
	expect "  the report is whole" grep -q '</html>' "$TMP/x.html"
	expect "  it is left alone" test "$sum" = "$(cksum <"$TMP/bad.db")"
}
head -c 20000 /dev/urandom >"$TMP/bad.db"
left_out "noise" "is no state database of Holdfast, or is damaged"
cp "$TMP/state" "$TMP/bad.db"
truncate -s 5000 "$TMP/bad.db"
left_out "cut off" "$TMP/bad.db: "
if command -v sqlite3 >/dev/null; then
	cp "$TMP/state" "$TMP/bad.db"
	sqlite3 "$TMP/bad.db" "PRAGMA user_version=9"
	left_out "a newer one" "was written by a newer Holdfast"
	cp "$TMP/state" "$TMP/bad.db"
	mkfifo "$TMP/hold"
	(
		echo "BEGIN EXCLUSIVE;"
		exec 3<"$TMP/hold"
		cat <&3
	) | sqlite3 "$TMP/bad.db" &
	exec 4>"$TMP/hold"
	sleep 0.3
	left_out "locked" "is in use by another run"
	exec 4>&-
	wait
	cp "$TMP/facts" "$TMP/newer"
	sqlite3 "$TMP/newer" "PRAGMA user_version=9"
	exits 3 "facts of another version" hf report --facts "$TMP/newer" -o "$TMP/y.html"
	says "was written by a newer Holdfast"
	expect "  no report is left" test ! -e "$TMP/y.html"
fi
exits 3 "no such folder" hf report --facts "$TMP/facts" --no-state -o "$TMP/none/r.html"
says "$TMP/none"
expect "no half report lies about" sh -c "! ls -A '$TMP' | grep -E '[.](html|sarif|csv)[.]'"
finish
