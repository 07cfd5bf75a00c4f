# SPDX-License-Identifier: GPL-3.0-or-later
# fix, undo, changes, confirm on trees: what is planned, done, taken back, refused.
. ./lib.sh
machine m
folder etc/ssh/sshd_config.d
folder usr/sbin
folder var/lib
cp /usr/sbin/sshd "$ROOT/usr/sbin/" 2>/dev/null || write usr/sbin/sshd 755 </dev/null
write etc/ssh/sshd_config <<E
Include /etc/ssh/sshd_config.d/*.conf
PasswordAuthentication yes
X11Forwarding yes
Match User bob
	X11Forwarding yes
E
write etc/shadow 644 <<E
root:*:19000:0:99999:7:::
alice:!:19000:0:99999:7:::
E
group=$(stat -c %g "$ROOT/etc/shadow")
check mode critical <<E
-- action: mode 0600 - /etc/shadow
SELECT path AS resource, mode = 384 AS healthy, 'mode ' || mode AS evidence
  FROM file_permissions WHERE path = '/etc/shadow'
E
check forwarding <<E
-- action: sshd X11Forwarding no
SELECT 'sshd' AS resource, value = 'no' AS healthy, file || ':' || line AS evidence
  FROM sshd_config WHERE keyword = 'x11forwarding'
E
check hand low <<E
SELECT 'x' AS resource, 0 AS healthy, '' AS evidence
E
check odd low <<E
-- action: nosuchkind a
SELECT 'x' AS resource, 0 AS healthy, '' AS evidence
E
cp -a "$ROOT" "$TMP/before"
fix() { hf fix --root "$ROOT" --checks "$CHECKS" "$@"; }
same() { diff -r --no-dereference --exclude=holdfast "$TMP/before" "$ROOT" && modes "$TMP/before" >"$TMP/a" && modes "$ROOT" >"$TMP/b" && cmp "$TMP/a" "$TMP/b"; }
modes() { (cd "$1" && find . -path ./var/lib -prune -o -printf '%p %m %u %g %y %l %T@\n' | grep -v '^[^ ]* [0-9]* [^ ]* [^ ]* d' | sort); }

exits 2 "nothing is asked for" fix
says "what is to be fixed?"
exits 2 "both an id and --all" fix --all mode
exits 2 "no such check" fix nosuch
exits 2 "a time that is none" fix --all --confirm-within 1s
exits 1 "--dry-run" fix mode forwarding hand odd --dry-run
prints "/etc/shadow: mode 0600, was 0644"
prints "--- a/etc/ssh/sshd_config"
prints "+# holdfast: 	X11Forwarding yes"
prints "+X11Forwarding no"
prints "by hand: hand"
prints "left alone: odd: the check's action is not understood"
expect "changes nothing" same
exits 2 "without --yes nobody says yes" fix mode
says "asks at a terminal, or wants --yes"
expect "and nothing is changed" same
exits 1 "as JSON" fix --dry-run -f json mode hand
report '[a["check"] for a in r["actions"]] == ["mode", "hand"] and r["actions"][1]["manual"]'
exits 0 "two are fixed" fix mode forwarding --yes
prints "mode: fixed"
prints "forwarding: fixed"
expect "the mode" [ "$(stat -c %a "$ROOT/etc/shadow")" = 600 ]
expect "its owner is what it was" [ "$(stat -c %g "$ROOT/etc/shadow")" = "$group" ]
expect "the drop-in" grep -qx "X11Forwarding no" "$ROOT/etc/ssh/sshd_config.d/00-holdfast.conf"
expect "the line in the Match block" grep -q "^# holdfast: 	X11Forwarding yes" "$ROOT/etc/ssh/sshd_config"
expect "nothing is left beside it" sh -c "! find '$ROOT/etc' -name '.holdfast*' | grep ."
cp -a "$ROOT" "$TMP/after"
exits 0 "a second run" fix mode forwarding --yes
prints "There is nothing to change."
expect "changes nothing" diff -r "$TMP/after" "$ROOT"
exits 0 "changes" hf changes --root "$ROOT"
prints "applied    mode"
exits 0 "changes as JSON" hf changes --root "$ROOT" -f json
report '[(c["change"], c["state"]) for c in r] == [(1, "applied"), (2, "applied")]'
exits 3 "nothing waits to be confirmed" hf confirm --root "$ROOT"

echo "# by hand" >>"$ROOT/etc/ssh/sshd_config"
exits 3 "a file that has changed since stays" hf undo 2 --root "$ROOT"
says "/etc/ssh/sshd_config: has changed since"
expect "all of the change stays" [ -e "$ROOT/etc/ssh/sshd_config.d/00-holdfast.conf" ]
sed -i '$d' "$ROOT/etc/ssh/sshd_config"
exits 0 "undo --all" hf undo --all --root "$ROOT"
expect "every byte, mode, owner and time is what it was" same
exits 3 "undone already" hf undo 1 --root "$ROOT"
says "change 1 is undone already"
exits 0 "nothing to take back" hf undo --all --root "$ROOT"
exits 3 "no such change" hf undo 77 --root "$ROOT"
exits 2 "no number" hf undo x --root "$ROOT"

# The same by a script, and as a playbook.
exits 0 "--script" fix mode forwarding --script
prints "could break: programs of other accounts that read or write there"
cp "$TMP/out" "$TMP/fix.sh"
expect "changes nothing" same
expect "sh takes it" sh -n "$TMP/fix.sh"
if command -v shellcheck >/dev/null; then
	expect "shellcheck has nothing to say" shellcheck -s sh "$TMP/fix.sh"
fi
tmp() { ROOT="$ROOT" TMPDIR="$TMP" sh "$TMP/fix.sh"; }
expect "it runs" tmp
cp "$TMP/said" "$TMP/ran"
expect "it makes the same files" diff -r --exclude=holdfast "$TMP/after" "$ROOT"
expect "and the same modes" [ "$(stat -c %a "$ROOT/etc/shadow")" = 600 ]
way=$(sed -n 's/^The way back: sh //p' "$TMP/ran")
expect "it runs again" tmp
expect "and changes nothing" diff -r --exclude=holdfast "$TMP/after" "$ROOT"
expect "its way back runs" sh "$way"
expect "and makes it what it was" sh -c "[ $(stat -c %a "$ROOT/etc/shadow") = 644 ] && cmp '$TMP/before/etc/ssh/sshd_config' '$ROOT/etc/ssh/sshd_config'"
rm -rf "$ROOT/etc/ssh" && cp -a "$TMP/before/etc/ssh" "$ROOT/etc/ssh"
cp -p "$ROOT/etc/ssh/sshd_config" "$TMP/kept"
echo "# by hand" >>"$ROOT/etc/ssh/sshd_config"
tmp >"$TMP/stop" 2>&1
expect "a file that has changed stops it" grep -q "has changed since the plan was made" "$TMP/stop"
expect "and what it did is taken back" [ "$(stat -c %a "$ROOT/etc/shadow")" = 644 ]
cp -p "$TMP/kept" "$ROOT/etc/ssh/sshd_config"
exits 0 "--ansible" fix mode forwarding --ansible
prints "could break: programs of other accounts that read or write there"
prints "ansible.builtin.copy:"
prints 'content: !unsafe "'
if command -v ansible-playbook >/dev/null; then
	cp "$TMP/out" "$TMP/fix.yml"
	expect "ansible takes it" ansible-playbook --syntax-check "$TMP/fix.yml"
fi
exits 2 "both" fix mode --script --ansible

# What must not be touched.
ln "$ROOT/etc/shadow" "$ROOT/etc/shadow.other"
exits 1 "a file with two names" fix mode --yes
prints "has several names"
rm "$ROOT/etc/shadow.other"
mv "$ROOT/etc/ssh/sshd_config" "$ROOT/etc/ssh/real"
ln -s real "$ROOT/etc/ssh/sshd_config"
exits 0 "a link is followed inside the tree" fix forwarding --yes
expect "and stays one" [ -L "$ROOT/etc/ssh/sshd_config" ]
exits 0 "back" hf undo --root "$ROOT"
rm "$ROOT/etc/ssh/sshd_config"
ln -s "$TMP/before/etc/ssh/sshd_config" "$ROOT/etc/ssh/sshd_config"
cp "$TMP/before/etc/ssh/sshd_config" "$TMP/outside"
fix forwarding --yes >/dev/null 2>&1
expect "a link out of it leads nowhere" cmp "$TMP/before/etc/ssh/sshd_config" "$TMP/outside"
rm "$ROOT/etc/ssh/sshd_config"
mv "$ROOT/etc/ssh/real" "$ROOT/etc/ssh/sshd_config"
if chattr +i "$ROOT/etc/shadow" 2>/dev/null; then
	exits 3 "an immutable file" fix mode --yes
	expect "is said to be one, and which" grep -q "/etc/shadow: .*chattr +i" "$TMP/err"
	chattr -i "$ROOT/etc/shadow"
	exits 0 "the change has failed" hf changes --root "$ROOT" -f json
	report 'r[-1]["state"] == "failed"'
fi

# A damaged journal is said to be one, and the rest of it is read.
id=$(ls "$ROOT/var/lib/holdfast/changes" | sort -n | tail -1)
echo '{"version":1,"id":' >"$ROOT/var/lib/holdfast/changes/$id/entry.json"
exits 0 "a damaged entry" hf changes --root "$ROOT"
expect "is told" grep -q "^holdfast: $id: " "$TMP/err"
exits 3 "and cannot be undone" hf undo "$id" --root "$ROOT"

# A tree may bring a journal of its own: nothing that it says is run here, nothing outside is touched.
rm -rf "$ROOT/var/lib/holdfast"
exits 0 "a journal" fix mode --yes
echo kept >"$TMP/outside"
python3 - "$ROOT/var/lib/holdfast/changes/1/entry.json" "$TMP" <<'P'
import json
import sys
entry = json.load(open(sys.argv[1], encoding="utf-8"))
run = ["sh", "-c", "echo run >'%s/outside'" % sys.argv[2]]
entry["changes"].append({"kind": "command", "what": "run", "argv": run, "undo": run})
entry["effects"] = [run]
json.dump(entry, open(sys.argv[1], "w", encoding="utf-8"))
P
exits 3 "commands of a tree's journal are not run" hf undo 1 --root "$ROOT"
expect "which is said" grep -q "is not run for a tree" "$TMP/err"
expect "what is a file is taken back all the same" [ "$(stat -c %a "$ROOT/etc/shadow")" = 644 ]
expect "nor is anything outside changed" grep -qx kept "$TMP/outside"
python3 - "$ROOT/var/lib/holdfast/changes/1/entry.json" <<'P'
import json
import sys
entry = json.load(open(sys.argv[1], encoding="utf-8"))
entry["changes"] = entry["changes"][:1]
entry["changes"][0]["file"]["path"] = "/../../etc/shadow"
json.dump(entry, open(sys.argv[1], "w", encoding="utf-8"))
P
exits 3 "a path that leads out of it" hf undo 1 --root "$ROOT"
expect "is no path" grep -q "is no entry of the journal" "$TMP/err"
chmod 644 "$ROOT/etc/shadow"
chmod 777 "$ROOT/var/lib/holdfast/changes"
exits 3 "a journal that others may write to" fix mode --yes
says "others may write to it"
finish
