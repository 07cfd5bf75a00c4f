#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# file_findings, file_walk, file_permissions: trees with set-uid, world-writable, unowned files.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root to make other people's files"
FINDINGS="SELECT kind, path, printf('%04o', mode), uid, gid, package FROM file_findings"

tree debian
write etc/passwd <<'T'
root:x:0:0::/root:/bin/bash
adm:x:1000:1000::/home/adm:/bin/bash
T
write etc/group <<'T'
root:x:0:
adm:x:1000:
T
write etc/subuid <<'T'
adm:100000:65536
T
write var/lib/dpkg/info/passwd.list <<'T'
/bin/passwd
T
write usr/bin/passwd 4755 <<'T'
T
write usr/bin/wall 2755 <<'T'
T
write usr/local/bin/shell 6755 <<'T'
T
write srv/open 666 <<'T'
T
write srv/ghost 644 4711:4712 <<'T'
T
write srv/container 644 100005:1000 <<'T'
T
folder srv/drop 777
folder tmp 1777
write tmp/miner 755 1000:1000 <<'T'
T
write tmp/note 644 <<'T'
T
write var/tmp/deep/down/x 700 <<'T'
T
write usr/lib/.hidden 755 <<'T'
T
write usr/lib/.build-id 644 <<'T'
T
folder "opt/..."
write "opt/.../x" <<'T'
T
write opt/.profile 755 <<'T'
T
write var/lib/private/svc/state 644 61200:61200 <<'T'
T
write var/lib/docker/overlay2/abc/diff/bin/su 4755 <<'T'
T
write proc/fake 4755 <<'T'
T
link /usr/bin/passwd srv/link
mkfifo "$ROOT/srv/fifo" && chmod 666 "$ROOT/srv/fifo"
EXTRA=
if mknod "$ROOT/srv/disk" b 8 0 2>/dev/null; then
	EXTRA=$(printf '\ndevice|/srv/disk|0644|0|0|')
	mkdir "$ROOT/dev"
	mknod "$ROOT/dev/sda" b 8 0
fi
query "$FINDINGS ORDER BY kind, path" "every kind" <<T
$(printf '%s' "$EXTRA" | sed 1d)
sgid|/usr/bin/wall|2755|0|0|
sgid|/usr/local/bin/shell|6755|0|0|
suid|/usr/bin/passwd|4755|0|0|passwd
suid|/usr/local/bin/shell|6755|0|0|
suspicious_exec|/opt/...|0755|0|0|
suspicious_exec|/tmp/miner|0755|1000|1000|
suspicious_exec|/usr/lib/.hidden|0755|0|0|
suspicious_exec|/var/tmp/deep/down/x|0700|0|0|
unowned|/srv/ghost|0644|4711|4712|
world_writable|/srv/open|0666|0|0|
world_writable_dir|/srv/drop|0777|0|0|
T
FILES=$(find "$ROOT" -mindepth 1 -not -path "$ROOT/proc/*" -not -path '*/overlay2/*' | wc -l)
query "SELECT files = $FILES, unreadable, skipped_mounts FROM file_walk" "nothing is counted twice" <<'T'
1|0|2
T
query "SELECT status FROM collector_status WHERE name IN ('file_findings','file_walk')" <<'T'
ok
ok
T
if command -v setcap >/dev/null && write usr/bin/ping 755 </dev/null &&
	setcap cap_net_raw+ep "$ROOT/usr/bin/ping" 2>/dev/null; then
	query "SELECT path FROM file_findings WHERE kind='capability'" "file capabilities" <<'T'
/usr/bin/ping
T
fi
write etc/nsswitch.conf <<'T'
passwd: files systemd
group:  files systemd sss
T
query "SELECT count(*) FROM file_findings WHERE kind='unowned'" "the owner is still unknown" <<'T'
1
T
write etc/nsswitch.conf <<'T'
passwd: files sss
group:  files [NOTFOUND=return] sss
T
query "SELECT count(*) FROM file_findings WHERE kind='unowned'" "a directory service may know" <<'T'
0
T
query "SELECT DISTINCT path FROM collector_problems WHERE name='file_findings'" "and that is said" <<'T'
/etc/nsswitch.conf
T
rm "$ROOT/etc/nsswitch.conf" "$ROOT/etc/passwd"
query "SELECT path FROM collector_problems WHERE name='file_findings'" "without passwd" <<'T'
/etc/passwd
T

tree odd
folder etc
link loop loop
link ../../.. up
folder "a
b" 777
LONG=$(printf '%0200d' 0)
(cd "$ROOT" && i=0 && while [ "$i" -lt 60 ]; do mkdir "$LONG" && cd -P "$LONG" && i=$((i + 1)); done &&
	: >x && chmod 4755 x)
query "SELECT kind, length(path) > 12000 FROM file_findings WHERE kind='suid'" \
	"deeper than PATH_MAX" <<'T'
suid|1
T
query "SELECT unreadable, directories FROM file_walk" <<'T'
0|63
T

tree permissions
write etc/passwd <<'T'
T
write etc/shadow 640 0:42 <<'T'
T
write etc/sudoers.d/x 440 <<'T'
abc
T
write etc/ssh/ssh_host_ed25519_key 600 <<'T'
T
write etc/cron.d/job 666 <<'T'
T
link ../shadow etc/security/opasswd
query "SELECT path, type, printf('%04o', mode), uid, gid,
	CASE type WHEN 'directory' THEN '' ELSE size END FROM file_permissions
	WHERE path LIKE '/etc/%' ORDER BY path" "files whose mode matters" <<'T'
/etc/cron.d|directory|0755|0|0|
/etc/cron.d/job|regular|0666|0|0|0
/etc/passwd|regular|0644|0|0|0
/etc/security|directory|0755|0|0|
/etc/security/opasswd|symlink|0777|0|0|9
/etc/shadow|regular|0640|0|42|0
/etc/ssh|directory|0755|0|0|
/etc/ssh/ssh_host_ed25519_key|regular|0600|0|0|0
/etc/sudoers.d|directory|0755|0|0|
/etc/sudoers.d/x|regular|0440|0|0|4
T

unshare -m --propagation private true 2>/dev/null || skip "no private mounts"
tree mounts
folder mnt/disk
folder proc
unshare -m --propagation private sh -c "
	mount -t tmpfs x $ROOT/mnt/disk && : >$ROOT/mnt/disk/x && chmod 4755 $ROOT/mnt/disk/x
	mount -t proc x $ROOT/proc
	$HOLDFAST query --root $ROOT --format list \\
		\"SELECT count(*) FROM file_findings WHERE path LIKE '/mnt/%'\"
	$HOLDFAST query --root $ROOT --format list 'SELECT skipped_mounts FROM file_walk'
" >"$TMP/got" 2>&1
[ "$(tr '\n' ' ' <"$TMP/got")" = "0 2 " ]
result $? "no other file system is entered"
finish
