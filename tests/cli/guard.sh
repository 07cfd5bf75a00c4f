# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast guard without a daemon: configuration, replays that ban whom hunt names, what it refuses.
. ./lib.sh
export TZ=UTC
CONF=$TMP/guard.conf
conf() {
	printf "$@" >"$CONF"
	chmod 644 "$CONF"
}
guard() { hf guard --config "$CONF" "$@"; }

conf 'mode enforce\n[bans]\nafter 5 of ssh_login_failed in 10m\n'
exits 0 "a configuration that is right" guard --check-config
prints 'Mode enforce'
conf 'mode enforce\n[bans]\n  time soon\n'
exits 2 "one that is not" guard --check-config
says "guard.conf:3:8: expected a time"
conf '[bans]\nrule no_such_rule ban\n'
exits 2 "a rule that is not there" guard --check-config
says "there is no rule 'no_such_rule'"
conf '[alerts]\nwebhook ftp://example.com/\n'
exits 2 "a sink that cannot be" guard --check-config
conf 'mode observe\n'
chmod 666 "$CONF"
exits 2 "a configuration that others may write" guard --check-config
says "others than root may write it"
conf 'mode observe\n'
exits 2 "--replay without --dry-run" guard --replay /dev/null
says "needs --dry-run"
exits 2 "a word that is none" guard frobnicate
says "guard has no 'frobnicate'"
exits 3 "no daemon" guard --socket "$TMP/none" status
says "the daemon does not run"

# The addresses that hunt's rules which ban name, and those that the replay bans.
cat >"$TMP/compare.py" <<'E'
import json, subprocess, sys
holdfast, conf, *logs = sys.argv[1:]
replay = subprocess.run([holdfast, "guard", "--config", conf, "--dry-run", "-f", "json"] +
                        [a for log in logs for a in ("--replay", log)], capture_output=True)
hunt = subprocess.run([holdfast, "hunt", "-f", "jsonl", "--level", "medium"] + logs,
                      capture_output=True)
bans = [json.loads(line) for line in replay.stdout.splitlines()]
would = {b["ban"] for b in bans if b["reason"] == "host"}
said = set()
for line in hunt.stdout.splitlines():
    a = json.loads(line)
    tags = a.get("tags", []) + ["attack." + t.lower() for t in a.get("attack", [])]
    if "t1078" in json.dumps(a).lower():
        continue
    for field in ("src_ip", "c-ip", "IpAddress"):
        if a.get("group", {}).get(field):
            said.add(a["group"][field])
print("%d banned, %d named by hunt; exit %d, %d" % (len(would), len(said), replay.returncode,
                                                   hunt.returncode))
for address in sorted(would ^ said)[:10]:
    print("differs:", address)
sys.exit(not would or would != said or replay.returncode != 0)
E
LOG=$TMP/day.log
# 24 hours: 40 addresses at their own pace, some of them too slow or too few.
awk 'BEGIN {
	for (m = 0; m < 1440; m++)
		for (a = 1; a <= 40; a++)
			if (m % (a * 7) == 0 && m / (a * 7) < 25)
				printf "2025-11-20T%02d:%02d:%02d+00:00 web1 sshd[%d]: Failed password for u%d from 203.0.113.%d port 4000 ssh2\n",
					m / 60, m % 60, a, 1000 + a, a % 3, a
}' >"$LOG"
conf 'mode observe\n[bans]\nnetworks never\n'
exits 0 "24 hours at full speed: the bans are those of hunt" python3 "$TMP/compare.py" "$HOLDFAST" "$CONF" "$LOG"
sed 's/^/# /' "$TMP/out"
CORPUS=$SOURCE/../shared/corpora/logs
if [ -d "$CORPUS/ssh" ]; then
	FILE=$CORPUS/ssh/OpenSSH_2k.log
else
	FILE=
fi
if [ -n "$FILE" ]; then
	exits 0 "a real log: the same" python3 "$TMP/compare.py" "$HOLDFAST" "$CONF" "$FILE"
	sed 's/^/# /' "$TMP/out"
else
	echo "# no real log: the corpora are not beside the tree"
fi
finish
