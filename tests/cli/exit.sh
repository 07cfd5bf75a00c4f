# SPDX-License-Identifier: GPL-3.0-or-later
# What assess chooses and how it ends: --fail-on, --check, --practice, --checks, --classic, --quick.
. ./lib.sh
machine m
check bad-medium medium <<E
SELECT username AS resource, 0 AS healthy, 'it is so' AS evidence FROM users
E
check good critical <<E
SELECT 'x' AS resource, 1 AS healthy, 'fine' AS evidence
E
check lowered high <<E
SELECT 'x' AS resource, 0 AS healthy, 'less bad here' AS evidence, 'low' AS severity
E
check not-raised low <<E
SELECT 'x' AS resource, 0 AS healthy, '' AS evidence, 'critical' AS severity
E
check nothing critical <<E
SELECT username AS resource, 0 AS healthy, '' AS evidence FROM users WHERE uid = 7
E
check null critical <<E
SELECT username AS resource, NULL AS healthy, 'n/a' AS evidence FROM users
E
assess() { hf assess --root "$ROOT" --no-state --checks "$CHECKS" -f json "$@"; }

exits 0 "findings alone are no failure" assess --check 'bad-*'
report 'len(f) == 2 and all(x["status"] == "unhealthy" for x in f)'
report 'r["errors"] == []'
for severity in info low medium; do
	exits 1 "--fail-on $severity" assess --check bad-medium --fail-on $severity
done
for severity in high critical; do
	exits 0 "--fail-on $severity" assess --check bad-medium --fail-on $severity
done
exits 2 "--fail-on Medium" assess --check bad-medium --fail-on Medium
exits 0 "what is healthy does not fail" assess --check good --fail-on info
exits 0 "what does not apply does not fail" assess --check nothing,null --fail-on info
report '{x["status"] for x in f} == {"not_applicable"}'
report 'r["coverage"]["not_applicable"] == 2 and r["coverage"]["all"] == 0'
exits 0 "a row may lower its severity" assess --check lowered --fail-on medium
report 'f[0]["severity"] == "low"'
exits 0 "a row cannot raise its severity" assess --check not-raised --fail-on medium
report 'f[0]["severity"] == "low"'

exits 0 "--check with a list and blanks" assess --check 'good, lowered'
report '{x["check"] for x in f} == {"good", "lowered"}'
exits 0 "--check with patterns" assess --check 'acct-*,[gl]o*'
report '{"good", "lowered", "acct-uid0"} <= {x["check"] for x in f}'
exits 2 "--check with nothing" assess --check ''
says "no check matches"
for practice in 1 1-secure-score secure-score; do
	exits 0 "--practice $practice" assess --practice $practice
	report '{x["practice"] for x in f} == {"1-secure-score"}'
done
exits 0 "--practice and --check" assess --practice 3 --check 'acct-uid0,good'
report '{x["check"] for x in f} == {"acct-uid0"}'
exits 3 "--checks without a folder" hf assess --root "$ROOT" --no-state --checks "$TMP/none"
says "cannot read checks in $TMP/none: No such file"
exits 3 "--checks with a file" hf assess --root "$ROOT" --no-state --checks "$0"
says "cannot read checks"

exits 0 "only the tables that are needed are collected" assess --check acct-uid0
report 'len(r["collectors"]) < 6 and any(c["table"] == "users" for c in r["collectors"])'
exits 0 "--quick" assess --quick
report 'any(c["status"] == "skipped" and c["table"] == "file_findings" for c in r["collectors"])'
report 'r["coverage"]["unknown"] > 0'
exits 0 "--classic" assess --classic
report 'r["secure_score"]["classic"] and not [c for c in r["controls"] if c["own"]]'
exits 0 "points add up" assess
report 'abs(sum(c["current"] for c in r["controls"]) - r["secure_score"]["current"]) < .1'
report 'abs(sum(c["max"] for c in r["controls"]) - r["secure_score"]["max"]) < .01'
report '0 <= r["risk_score"]["current"] <= r["risk_score"]["best_percent"] <= 100'
report 'r["coverage"]["assessed"] + r["coverage"]["unknown"] == r["coverage"]["all"]'
report 'r["coverage"]["all"] + r["coverage"]["not_applicable"] == r["coverage"]["checks"]'
order='["unhealthy", "unknown", "exempt", "healthy", "not_applicable"]'
report "[$order.index(x['status']) for x in f] == sorted($order.index(x['status']) for x in f)"
cp "$TMP/out" "$TMP/first"
exits 0 "the same tree gives the same report" assess
cat >"$TMP/same.py" <<E
import json, sys
a, b = (json.load(open(n)) for n in sys.argv[1:3])
for r in a, b:
    r["host"]["collected_at"] = None
    for c in r["collectors"]:
        c["micros"] = 0
    r["collectors"].sort(key=lambda c: c["table"])
    r["problems"].sort(key=str)
for k in sys.argv[3:] or a:
    assert a[k] == b[k], k
E
expect "but for the times" python3 "$TMP/same.py" "$TMP/first" "$TMP/out"

exits 0 "collect" hf collect --root "$ROOT" -o "$TMP/m.facts"
exits 0 "assess --facts" hf assess --facts "$TMP/m.facts" --checks "$CHECKS" -f json
expect "gives the same findings" python3 "$TMP/same.py" "$TMP/first" "$TMP/out" \
	secure_score risk_score coverage controls findings problems
exits 0 "explain" hf explain --root "$ROOT" --checks "$CHECKS" bad-medium
prints "Found there"
prints "unhealthy"
exits 0 "explain lists" hf explain --checks "$CHECKS"
prints "bad-medium"
exits 0 "text" hf assess --root "$ROOT" --no-state --checks "$CHECKS" --check 'bad*,lowered'
prints "Secure Score"
prints "Risk score"
prints "Coverage"
prints "bad-medium"
prints "holdfast explain ID"
finish
