# SPDX-License-Identifier: GPL-3.0-or-later
# Every JSON report follows docs/assess.schema.json, and the schema notices what does not.
. ./lib.sh
PYTHON=
for python in python3 /usr/bin/python3; do
	[ -n "$PYTHON" ] || ! $python -c 'import jsonschema' 2>/dev/null || PYTHON=$python
done
[ -n "$PYTHON" ] || skip "needs python3-jsonschema"
schema=$SOURCE/docs/assess.schema.json
cat >"$TMP/validate.py" <<'E'
import json, sys, warnings
warnings.simplefilter("ignore")
import jsonschema
schema, path = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:3])
jsonschema.Draft202012Validator.check_schema(schema)
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(path))
for e in errors[:5]:
    print("%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:300]))
sys.exit(bool(errors))
E
valid() { expect "  $1" "$PYTHON" "$TMP/validate.py" "$schema" "$TMP/out"; }
assess() { hf assess -f json "$@"; }

machine m
check users high <<E
-- maps: attack=T1078,T1098 cis-v8=5.1
SELECT username AS resource, username != 'alice' AS healthy, 'e' AS evidence, NULL AS reachable FROM users
E
exits 0 "a small machine" assess --root "$ROOT" --no-state --checks "$CHECKS"
valid "is valid"
cp "$TMP/out" "$TMP/good"
exits 0 "--classic --quick" assess --root "$ROOT" --no-state --classic --quick
valid "is valid"
report 'any(c["status"] == "skipped" for c in r["collectors"])'
exits 0 "--check" assess --root "$ROOT" --no-state --checks "$CHECKS" --check users
valid "is valid"
for run in first second; do
	exits 0 "--baseline, $run run" assess --root "$ROOT" --state "$TMP/s.db" --baseline
	valid "is valid"
	echo "x$run:x:0:0::/:/bin/sh" >>"$ROOT/etc/passwd"
done
exits 0 "--baseline, third run" assess --root "$ROOT" --state "$TMP/s.db" --baseline
valid "is valid"
report 'r["baseline"]["new"] and any(x["first_seen"] for x in f)'
exits 0 "collect" hf collect --root "$ROOT" -o "$TMP/facts"
exits 0 "--facts" assess --facts "$TMP/facts" --checks "$CHECKS"
valid "is valid"
sqlite3 "$TMP/facts" "UPDATE holdfast_meta SET value='-99999999999' WHERE key='collected_at'"
exits 0 "facts from before the epoch" assess --facts "$TMP/facts"
valid "is valid"
sqlite3 "$TMP/facts" "UPDATE holdfast_meta SET value='9223372036854775807' WHERE key='collected_at'"
exits 0 "facts from the end of time" assess --facts "$TMP/facts"
valid "is valid"
sqlite3 "$TMP/facts" "UPDATE collector_status SET error=-1 WHERE name='users'"
exits 3 "facts with a negative error" assess --facts "$TMP/facts"
says "table collector_status: a row makes no sense"
cat >"$TMP/e.yaml" <<E
exemptions:
  - {check: users, kind: waiver, reason: r, owner: o, expires: 2999-01-01}
  - {check: 'acct-*', kind: mitigated, reason: r, owner: o, expires: 2001-01-01}
E
exits 0 "exemptions" assess --root "$ROOT" --no-state --checks "$CHECKS" --exemptions "$TMP/e.yaml"
valid "is valid"
report '{x["exemption"]["expired"] for x in f if "exemption" in x} == {False, True}'
rm "$ROOT/etc/passwd"
mkfifo "$ROOT/etc/passwd"
sed -i "s/FROM users/FROM no_such/" "$CHECKS/users.sql"
: >"$CHECKS/empty.sql"
exits 0 "unknown and broken" assess --root "$ROOT" --no-state --checks "$CHECKS"
valid "is valid"
report 'r["problems"] and len(r["errors"]) == 2 and any(x["status"] == "unknown" for x in f)'
rm -f "$CHECKS"/*
tree empty
exits 0 "an empty tree" assess --root "$ROOT" --no-state
valid "is valid"
exits 0 "this machine" assess --no-state --quick
valid "is valid"
if [ "$(id -u)" = 0 ]; then
	for fixture in "$SOURCE"/tests/fixtures/base.sh \
		"$SOURCE"/tests/fixtures/acct-weak-password.sh; do
		folder=$TMP/fixture
		rm -rf "$folder"
		mkdir "$folder"
		# shellcheck disable=SC2016
		(cd "$folder" && FIXTURES=$SOURCE/tests/fixtures sh -c '. "$FIXTURES/lib.sh"; . "$1"' sh \
			"$fixture") >/dev/null 2>&1
		exits 0 "fixture ${fixture##*/}" assess --root "$folder/root" --no-state --quick
		valid "is valid"
	done
fi

cat >"$TMP/mutate.py" <<'E'
# Breaks one thing at a time; every break must be noticed.
import copy, json, sys, warnings
warnings.simplefilter("ignore")
import jsonschema
schema, good = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:3])
validator = jsonschema.Draft202012Validator(schema)
assert validator.is_valid(good)
missed = []
tried = 0

def attempt(name, change):
    global tried
    bad = copy.deepcopy(good)
    change(bad)
    tried += 1
    if validator.is_valid(bad):
        missed.append(name)

def at(document, path):
    for step in path:
        document = document[step]
    return document

def walk(path):
    node = at(good, path)
    if isinstance(node, dict):
        if path[-1:] != ["maps"] and path[-2:-1] != ["maps"]:
            attempt("%s + member" % path, lambda d: at(d, path).update(surprise=1))
        for key in node:
            if path[-1:] != ["maps"]:
                attempt("%s - %s" % (path, key), lambda d: at(d, path).pop(key))
            walk(path + [key])
    elif isinstance(node, list):
        for i in range(min(len(node), 1)):
            walk(path + [i])
    else:
        wrong = {} if node is not None else 3
        attempt("%s wrong type" % path, lambda d: at(d, path[:-1]).__setitem__(path[-1], wrong))
        if path[-1] in ("status", "severity", "kind", "practice", "control"):
            attempt("%s wrong word" % path,
                    lambda d: at(d, path[:-1]).__setitem__(path[-1], "terrible"))
        if isinstance(node, (int, float)) and not isinstance(node, bool):
            attempt("%s negative" % path, lambda d: at(d, path[:-1]).__setitem__(path[-1], -1))

walk([])
print(tried, "tried, missed:", missed)
sys.exit(bool(missed) or tried < 100)
E
expect "every break is noticed" "$PYTHON" "$TMP/mutate.py" "$schema" "$TMP/good"
finish
