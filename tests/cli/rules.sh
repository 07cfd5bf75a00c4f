# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast rules check: which Sigma rules can be used, and why others cannot.
. ./lib.sh

RULES=$TMP/rules
mkdir -p "$RULES/deep"
cat >"$RULES/good.yml" <<'Y'
title: Good
id: 11
logsource: {product: linux}
detection: {s: {User|contains: x}, condition: s}
Y
exits 0 "a good rule" hf rules check "$RULES"
quiet
prints "1 rules compiled, 0 of them correlations; 0 not compiled"
prints_not "Good"
exits 0 "all are named" hf rules check --all "$RULES/good.yml"
prints "good.yml:1:1: Good"

cat >"$RULES/deep/bad.yaml" <<'Y'
title: Bad
logsource: {product: linux}
detection:
  s:
    User|re: 'a(?=b)'
  condition: s
---
title: Counted
correlation:
  type: event_count
  rules: [nobody]
  timespan: 1m
  condition: {gte: 2}
---
title: "\e[31mred"
logsource: {product: linux}
detection: {s: {A: 1}, condition: "s or \e[0m"}
Y
exits 1 "bad rules" hf rules check "$RULES"
quiet
prints "deep/bad.yaml:5:14: regular expression: look-around is not possible (offset 3)"
prints "deep/bad.yaml:11:11: there is no rule nobody"
prints "1 rules compiled, 0 of them correlations; 3 not compiled"
prints 'condition: a selection is missing at "\x1B"'
exits 1 "as JSON" hf rules check --format json "$RULES"
report 'r["compiled"] == 1 and r["refused"] == 3'
report 'sorted((x["line"], x["column"]) for x in r["rules"] if not x["compiled"])[0] == (5, 14)'
report '[x["title"] for x in r["rules"] if x["compiled"]] == ["Good"]'

cat >"$RULES/deep/bad.yaml" <<'Y'
title: Hosts
logsource: {product: linux}
detection: {s: {Host|expand: '%hosts%'}, condition: s}
Y
exits 1 "a placeholder" hf rules check "$RULES"
prints "3:30: the placeholder %hosts% has no value"
printf 'hosts=web*\n' >"$TMP/values"
exits 0 "with its values" hf rules check --placeholders "$TMP/values" "$RULES"
prints "2 rules compiled"
exits 3 "values that are not there" hf rules check --placeholders "$TMP/none" "$RULES"
says "none: No such file"

exits 3 "a folder that is not there" hf rules check "$TMP/none"
says "none: No such file"
exits 3 "the others are checked nevertheless" hf rules check "$TMP/none" "$RULES/good.yml"
prints "1 rules compiled"
exits 2 "no subject" hf rules
says "rules takes: check"
exits 2 "another one" hf rules burn
exits 0 "the built-in rules" hf rules check
prints "; 0 not compiled"

# What eats memory elsewhere.
python3 - "$RULES/deep/bad.yaml" <<'P'
import sys
with open(sys.argv[1], "w", encoding="ascii") as f:
    f.write("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
    for i in range(1, 12):
        f.write("a%d: &a%d [%s]\n" % (i, i, ", ".join(["*a%d" % (i - 1)] * 9)))
P
exits 1 "a YAML bomb" hf rules check "$RULES"
prints "aliases expand to too much"
printf 'title: t\nlogsource: {product: x}\ndetection: {s: {A|re: "((a{999}){999}){999}"}, condition: s}\n' \
	>"$RULES/deep/bad.yaml"
exits 1 "an expression that is too large" hf rules check "$RULES"
prints "the expression is too large"
printf '\000\377' >"$RULES/deep/bad.yaml"
exits 1 "no text at all" hf rules check "$RULES"

# What refers to rules that are built in
cat >"$TMP/ours.yml" <<'E'
title: Ours
logsource: {product: linux, service: sshd}
filter:
    rules: [ssh_login_failed, ssh_login_abandoned]
    ours: {src_ip|cidr: 10.0.0.0/24}
    condition: ours
---
title: Three addresses at one account
name: three
correlation:
    type: value_count
    rules: [ssh_login_failed]
    group-by: [user]
    timespan: 1h
    condition: {field: src_ip, gte: 3}
holdfast: {unless: ssh_office}
level: high
E
exits 0 "references to built-in rules" hf rules check "$TMP/ours.yml"
prints "1 rules compiled, 1 of them correlations; 0 not compiled"
for i in 1 2 3 4 5 6; do
	echo "Nov 20 10:00:0$i web1 sshd[1$i]: Failed password for root from 10.0.0.$i port 40$i ssh2"
done >"$TMP/log"
exits 0 "a filter takes them away" hf hunt --rules "$TMP/ours.yml" "$TMP/log"
prints "Nothing was found"
sed 's/10.0.0/10.0.1/' "$TMP/log" >"$TMP/log1"
exits 0 "and nothing else" hf hunt --rules "$TMP/ours.yml" "$TMP/log1"
prints "Three addresses at one account"
sed -i 's/ssh_login_abandoned/nobody, none/' "$TMP/ours.yml"
exits 1 "a filter of rules that are not there" hf rules check "$TMP/ours.yml"
prints "ours.yml:4:31: there is no rule nobody"
prints "1 not compiled"
finish
