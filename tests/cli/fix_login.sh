# SPDX-License-Identifier: GPL-3.0-or-later
# fix never takes away the last way to log in: it is worked out for the files as they are planned.
. ./lib.sh
command -v sshd >/dev/null || PATH=$PATH:/usr/sbin
command -v sshd >/dev/null || skip "needs sshd"
machine m
folder etc/ssh/sshd_config.d
folder usr/sbin
folder var/lib
folder home/alice 755 1000:1000
cp "$(command -v sshd)" "$ROOT/usr/sbin/"
write etc/ssh/sshd_config <<E
Include /etc/ssh/sshd_config.d/*.conf
PasswordAuthentication yes
UsePAM no
E
write etc/shadow 600 <<E
root:*:19000:0:99999:7:::
alice:\$6\$saltsalt\$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/:19000:0:99999:7:::
E
check keys critical <<E
-- action: sshd PasswordAuthentication no
SELECT 'sshd' AS resource, value = 'no' AS healthy, file AS evidence FROM sshd_config
 WHERE keyword = 'passwordauthentication' AND match_block = ''
E
check tries <<E
-- action: sshd MaxAuthTries 3
SELECT 'sshd' AS resource, value = '3' AS healthy, file AS evidence FROM sshd_config
 WHERE keyword = 'maxauthtries' AND match_block = ''
E
fix() { hf fix --root "$ROOT" --quick --checks "$CHECKS" "$@"; }

exits 0 "alice logs in with a password" hf query --root "$ROOT" --quick \
	"SELECT username || ' ' || means FROM logins WHERE door = 'sshd'"
prints "alice password"
exits 1 "key-only where nobody has a key" fix keys tries --yes
prints "left alone: keys: nobody would have a way to log in any more"
prints "tries: fixed"
expect "is left out" sh -c "! grep -r '^PasswordAuthentication no' '$ROOT/etc/ssh'"
expect "what is beside it is done" grep -qx "MaxAuthTries 3" "$ROOT/etc/ssh/sshd_config.d/00-holdfast.conf"

ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
folder home/alice/.ssh 700 1000:1000
write home/alice/.ssh/authorized_keys 600 1000:1000 <"$TMP/key.pub"
if [ "$(id -u)" = 0 ]; then
	exits 0 "with a key that works" fix keys --yes
	prints "keys: fixed"
	exits 0 "she logs in with it" hf query --root "$ROOT" --quick \
		"SELECT username || ' ' || means FROM logins WHERE door = 'sshd'"
	prints "alice key"
	prints_not "password"
	exits 0 "as it was" hf undo --root "$ROOT"
	chmod 777 "$ROOT/home/alice/.ssh"
	exits 1 "with a key that sshd refuses, for its modes" fix keys --yes
	prints "nobody would have a way to log in any more"
fi
finish
