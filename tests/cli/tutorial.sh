# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of docs/tutorial.md and of the README exist: their verbs and options are the program's.
. ./lib.sh
exits 0 "what there is" hf help --json
cp "$TMP/out" "$TMP/help"
cat >"$TMP/commands.py" <<'P'
import json, re, sys
about = json.load(open(sys.argv[1], encoding="utf-8"))
verbs = {v["name"]: v for v in about["verbs"]}
seen, bad = 0, []
for path in sys.argv[2:]:
    for line in open(path, encoding="utf-8"):
        if not re.match(r"(\s{4}|([a-z]+@)?[a-z0-9]+[#$] )", line):
            continue
        line = re.sub(r"\s# .*", "", line)
        for words in re.findall(r"(?:^|[\s\"'(|;])holdfast ([^|\n\"'&;]*)", line):
            name, *rest = words.split()
            if name in ("help", "--version") or not re.fullmatch("[a-z]+", name):
                continue
            seen += 1
            if name not in verbs:
                bad.append("no verb " + name)
                continue
            known = {"--help", "-h"}
            for o in verbs[name]["options"]:
                known |= {"--" + o["name"], "-" + (o["letter"] or "")}
            bad += ["%s has no %s" % (name, w) for w in rest
                    if re.match("--?[a-z]", w) and w.split("=")[0] not in known]
print(seen, sorted(set(bad)))
sys.exit(bool(bad) or seen < 40)
P
expect "of the tutorial and the README" python3 "$TMP/commands.py" "$TMP/help" \
	"$SOURCE/docs/tutorial.md" "$SOURCE/README.md"
printf 'root@vm1# holdfast asess --none\n' >"$TMP/wrong"
expect "one that is not there is noticed" sh -c "! python3 '$TMP/commands.py' '$TMP/help' \
	'$SOURCE/docs/tutorial.md' '$TMP/wrong' >/dev/null"
finish
