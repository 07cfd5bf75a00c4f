# SPDX-License-Identifier: GPL-3.0-or-later
# The audit log of just-in-time access: good records, what is none, and a log of which only the end is read.
. ./lib.sh
Q="SELECT seq, event, id, address, source, account, ports, reason, why, seconds, is_signed FROM jit_events ORDER BY seq"
LOG=var/lib/holdfast/jit-audit.jsonl

tree none
query "$Q" "no log" <<E
E

tree audit
write $LOG <<'E'
{"seq":1,"time":"2026-11-22T10:00:00.000Z","prev":"00","event":"granted","from":"203.0.113.7","id":"aa","action":"open","account":"ann","ports":"22/tcp","reason":"disk \"full\" \u001b[31m","key":"SHA256:k","signed":true,"rule":"all","source":"203.0.113.7","seconds":60,"hash":"11"}
{"seq":2,"time":"2026-11-22T10:00:01.000Z","prev":"11","event":"opened","id":"aa","account":"ann","source":"203.0.113.7","ports":"22/tcp","seconds":60,"hash":"22"}
{"seq":3,"time":"2026-11-22T10:00:02.000Z","prev":"22","event":"refused","from":"198.51.100.9","why":"the key is not authorised","account":"root","signed":false,"hash":"33"}
{"seq":"4","time":"2026-11-22T10:00:02.000Z","event":"refused"}
{"seq":5,"event":"refused"}
[]
no json
{"seq":6,"time":"2026-11-22T10:01:01.000Z","event":"expired","id":"aa","why":"expi
E
query "$Q" "records" <<'E'
1|granted|aa|203.0.113.7|203.0.113.7|ann|22/tcp|disk "full" \x1B[31m||60|1
2|opened|aa||203.0.113.7|ann|22/tcp|||60|
3|refused||198.51.100.9||root|||the key is not authorised||0
E
query "SELECT count(*) FROM collector_problems WHERE name = 'jit_events'" "what is none is told" <<E
5
E

tree long
write $LOG <<'E'
{"seq":1,"time":"2026-11-22T10:00:00.000Z","event":"refused"}
E
# 17 MiB of one line stand between two records: the first is before what is read.
head -c 17825792 /dev/zero | tr '\0' ' ' >"$TMP/blanks"
write "$LOG.end" <<'E'

{"seq":2,"time":"2026-11-22T10:00:00.000Z","event":"shut"}
E
cat "$TMP/blanks" "$ROOT/$LOG.end" >>"$ROOT/$LOG"
query "SELECT seq, event FROM jit_events" "only the end of a long log" <<E
2|shut
E
query "SELECT count(*) FROM collector_problems WHERE name = 'jit_events'" "which is no problem" <<E
0
E
finish
