# SPDX-License-Identifier: GPL-3.0-or-later
# Alerts that the guard keeps: good lines, and what is none.
. ./lib.sh
Q="SELECT level, rule, address, account, count, attack, done, banned, evidence, line FROM guard_alerts ORDER BY file DESC, line"

tree none
query "$Q" "no file" <<E
E

tree alerts
write var/lib/holdfast/guard.alerts.old <<E
{"time":"2026-11-20T10:00:00.5Z","level":"low","rule":"ssh_new_network","title":"t","done":""}
E
write var/lib/holdfast/guard.alerts <<E
{"id":"1","time":"2026-11-22T10:00:00Z","first":"2026-11-22T09:00:00Z","level":"high","rule":"ssh_brute_force","title":"Brute \"force\"","from":"203.0.113.7","account":"root","source":"auth.log","count":35,"attack":["T1110.001","T1110"],"done":"banned","evidence":["a","b\u001b[31m"]}
{"time":"2026-11-22T10:00:00Z","level":"critical","rule":"x","title":"y","from":"2001:db8::/64","done":"is banned already","evidence":"one"}
{"time":"yesterday","level":"high"}
{"time":"2026-11-22T10:00:00Z"}
no json
[]
{"time":"2026-11-22T10:00:00Z","level":"medium","rule":"last","title":"half a li
E
query "$Q" "alerts" <<E
low|ssh_new_network|||1|||0||1
high|ssh_brute_force|203.0.113.7|root|35|T1110.001 T1110|banned|1|b\\x1B[31m|1
critical|x|2001:db8::/64||1||is banned already|1|one|2
E
query "SELECT count(*) FROM collector_problems WHERE name = 'guard_alerts'" "what is none is told" <<E
5
E
finish
