#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast accounts: what it lists, in which order, and what it makes of bad input.
. ./lib.sh

# a: what stands in $TMP/out by name.
account() {
	report "(lambda a: $2)({x['name']: x for x in r['accounts']}['$1'])"
}
accounts() { exits 0 "$1" hf accounts -f json --no-state --root "$ROOT"; }

server() {
	machine "$1"
	write usr/sbin/sshd 755 <<-E
		OpenSSH_9.2p1 Debian-2 libpam.so.0 debianbanner
	E
	write usr/sbin/nologin 755 </dev/null
	write etc/ssh/sshd_config <<-E
		UsePAM yes
		KbdInteractiveAuthentication no
		Subsystem sftp /usr/lib/openssh/sftp-server
	E
	write etc/shadow 600 <<-'E'
		root:*:19000:0:99999:7:::
		alice:$y$j9T$OIPlW5yDzL8Ibj7Oe/teS0$OPotKZxuyXPoOahwEqbI.zCiA8A89J85dexJAtDk0.5:19000:0:99999:7:::
	E
}

KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3sOTqM3kzSSTiFehLJXTHSerR8qQrEBZ5IJuBa7Wab me@laptop'

server plain
accounts "one account with a password"
report "[a['name'] for a in r['accounts']] == ['alice']"
account alice "a['doors'] == ['sshd'] and a['internet'] is True and a['from'] == ['internet']"
account alice "a['logins'][0]['means'] == ['password'] and a['logins'][0]['session'] == 'shell'"
account alice "a['logins'][0]['tunnel'] and not a['logins'][0]['second_factor']"
account alice "a['uid'] == 1000 and a['shell'] == '/bin/sh' and a['keys'] == []"
account alice "not a['becomes_root'] and 'passwordauthentication' in a['evidence']"

# The article's first case.
server nagios
cat >>"$ROOT/etc/passwd" <<-E
	nagios:x:1001:1001::/home/nagios:/bin/sh
E
hash=$(python3 -c 'import crypt; print(crypt.crypt("nagios", "$6$abcdefgh$"))' 2>/dev/null)
printf 'nagios:%s:19000:0:99999:7:::\n' "$hash" >>"$ROOT/etc/shadow"
write etc/sudoers 440 <<-E
	nagios ALL=(ALL) NOPASSWD: /usr/bin/vim
	alice ALL=(ALL) ALL
E
write usr/bin/vim 755 </dev/null
accounts "nagios with its own name for a password"
report "r['accounts'][0]['name'] == 'nagios' and r['accounts'][0]['severity'] == 'critical'"
account nagios "a['password'] == 'weak' and a['predictable_name'] and a['guessed_in'] < 200"
account nagios "a['becomes_root'] and a['root'][0]['why'] == 'editor' and a['root'][0]['nopasswd']"
account alice "a['becomes_root'] and a['root'][0]['detail'] == 'ALL'"
exits 1 "fails on critical" hf accounts --no-state --fail-on critical --root "$ROOT"
prints "nagios"
prints "becomes root: sudo /usr/bin/vim (editor) without a password"

# nologin, '*' and one key: a tunnel.
server tunnel
uid=$(id -u)
[ "$uid" != 0 ] || uid=900
cat >>"$ROOT/etc/passwd" <<-E
	relay:x:$uid:900::/srv/relay:/usr/sbin/nologin
E
echo 'relay:*:19000:0:99999:7:::' >>"$ROOT/etc/shadow"
folder srv/relay/.ssh 700 900:900
echo "$KEY" | write srv/relay/.ssh/authorized_keys 600 900:900
accounts "an account without a session"
account relay "a['logins'][0]['session'] == 'none' and a['logins'][0]['tunnel']"
account relay "a['password'] == 'unset' and a['logins'][0]['means'] == ['key']"
account relay "a['keys'][0]['type'] == 'ssh-ed25519' and a['keys'][0]['bits'] == 256"
account relay "a['keys'][0]['usable'] and a['keys'][0]['changed'] > 0"
chmod 666 "$ROOT/srv/relay/.ssh/authorized_keys"
accounts "a file of keys that anybody may write"
report "'relay' not in [a['name'] for a in r['accounts']]"

# Match by our own port, where sshd -T says nothing.
server ports
write etc/ssh/sshd_config <<-E
	Port 22
	Port 2222
	PasswordAuthentication no
	Match LocalPort 2222
		PasswordAuthentication yes
E
accounts "a Match LocalPort"
account alice "[l['places'] for l in a['logins']] == [['internet>:2222']]"

# What sshd refuses.
server refused
echo 'PermitRotLogin no' >>"$ROOT/etc/ssh/sshd_config"
accounts "a configuration that sshd refuses"
report "'sshd_config' in r['sshd_error'] and 'PermitRotLogin' in r['sshd_error']"
exits 0 "and for people" hf accounts --no-state --root "$ROOT"
prints "sshd refuses its configuration: "

# Whole domains.
server domain
write etc/nsswitch.conf <<-E
	passwd: files sss
E
write etc/pam.d/sshd <<-E
	auth sufficient pam_unix.so
	auth required pam_sss.so
	account required pam_unix.so
E
write etc/sssd/sssd.conf 600 <<-E
	[sssd]
	domains = example.org, lab.example.org
	[domain/example.org]
	id_provider = ldap
	[domain/lab.example.org]
	access_provider = simple
	simple_allow_users = carol
	simple_allow_groups = admins, ops
	[domain/unused.example.org]
	id_provider = ldap
E
accounts "domains of SSSD"
account "any account of the domain example.org" "a['kind'] == 'domain' and 'sshd' in a['doors']"
account "carol @admins @ops of the domain lab.example.org" "a['internet'] is True"
report "not [a for a in r['accounts'] if 'unused' in a['name']]"
echo 'AllowGroups alice' >>"$ROOT/etc/ssh/sshd_config"
accounts "an allow list of local groups keeps domains out"
report "not [a for a in r['accounts'] if a['kind'] == 'domain' and 'sshd' in a['doors']]"

# Samba's accounts: smbpasswd, and a TDB of two records, one of them disabled.
server samba
write usr/sbin/smbd 755 </dev/null
write etc/samba/smb.conf <<-E
	[global]
	security = user
E
write etc/samba/smbpasswd 600 <<-E
	alice:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:0123456789ABCDEF0123456789ABCDEF:[U          ]:LCT-6400:
	nobodyhere:1:X:X:[U          ]:LCT-6400:
E
accounts "smbpasswd"
account alice "'samba' in a['doors'] and [l['session'] for l in a['logins'] if l['door'] == 'samba'] == ['share']"
rm "$ROOT/etc/samba/smbpasswd"
mkdir -p "$ROOT/var/lib/samba/private"
python3 - "$ROOT/var/lib/samba/private/passdb.tdb" <<'E'
import struct
import sys


def record(name, control):
    data = b"\0" * 28 + b"".join(struct.pack("<I", len(b)) + b for b in [name.encode() + b"\0"] + [b""] * 11)
    data += b"\0" * 8 + struct.pack("<III", 0, 0, 0) + struct.pack("<I", control) + b"\0" * 40
    key = b"USER_" + name.encode() + b"\0"
    room = len(key) + len(data) + 4
    return struct.pack("<IIIIII", 0, room, len(key), len(data), 0, 0x26011999) + key + data + b"\0" * 4


head = b"TDB file\n".ljust(32, b"\0") + struct.pack("<II", 0x26011967, 7)
with open(sys.argv[1], "wb") as f:
    f.write(head.ljust(168, b"\0") + b"\0" * 32 + record("root", 0x11) + record("alice", 0x10))
E
accounts "a TDB"
account alice "'samba' in a['doors']"
report "'root' not in [a['name'] for a in r['accounts']]"
printf 'TDB file\n' >"$ROOT/var/lib/samba/private/passdb.tdb"
accounts "a damaged TDB"
report "any('passdb.tdb' in m for m in r['missing'])"

# Accounts of MySQL 8 stand in InnoDB.
server mysql
write var/lib/mysql/mysql.ibd </dev/null
accounts "a server whose accounts are not read"
account 'any user (mysql)' "a['kind'] == 'database' and a['password'] == 'unknown' and not a['logins'][0]['certain']"
rm "$ROOT/var/lib/mysql/mysql.ibd"
write etc/mysql/my.cnf <<-E
	[mysqld]
	datadir = /srv/db
E
mkdir -p "$ROOT/srv/db/mysql"
python3 - "$ROOT/srv/db/mysql/global_priv.MAD" <<'E'
import struct, sys
def row(host, user, priv):
    empty = (not host) | (not user) << 1
    lengths = b"".join(struct.pack("<H", len(x)) for x in (host, user) if x) + struct.pack("<I", len(priv))
    return bytes([0, len(lengths), empty]) + lengths + host + user + priv
way = b'"plugin":"mysql_native_password","authentication_string":"*00"}'
rows = [row(b"%", b"app", b'{"access":0,' + way),
        row(b"192.0.2.%", b"", b'{"access":18446744073709551615,' + way.replace(b"*00", b"")),
        row(b"localhost", b"here", b'{"access":0,' + way),
        row(b"", b"staff", b'{"access":0,"is_role":true}')]
page = bytearray(8192)
page[7:9] = bytes([1, len(rows)])
at = 12
for i, r in enumerate(rows):
    page[at:at + len(r)] = r
    struct.pack_into("<HH", page, 8192 - 4 - 4 * (i + 1), at, len(r))
    at += len(r)
with open(sys.argv[1], "wb") as f:
    f.write(bytes(8192) + page)
E
accounts "accounts of MariaDB"
account 'app (mysql)' "a['password'] == 'mysql_native_password' and a['logins'][0]['means'] == ['password']"
account '(anonymous) (mysql)' "a['password'] == 'empty' and a['logins'][0]['places'] == ['192.0.2.%'] and a['superuser']"
report "len([a for a in r['accounts'] if a['kind'] == 'database']) == 2"

# New since the last run.
server history
folder var/lib/holdfast 700
state=$ROOT/var/lib/holdfast/state.db
run() { exits 0 "$1" hf accounts -f json --state "$state" --root "$ROOT"; }
run "the first run"
account alice "not a['new']"
cat >>"$ROOT/etc/passwd" <<-E
	bob:x:1001:1001::/home/bob:/bin/sh
E
sed -n 's/^alice:/bob:/p' "$ROOT/etc/shadow" >"$TMP/bob"
cat "$TMP/bob" >>"$ROOT/etc/shadow"
python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
	db.execute("UPDATE login SET first_seen = first_seen - 100")' "$state"
run "with another account"
account bob "a['new']"
account alice "not a['new'] and a['first_seen'] > 0"
run "and again: it stays new for a week"
account bob "a['new'] and a['first_seen'] > 0"

# Hostile names and files.
server hostile
printf 'e\033[31mvil\tx:x:1002:1002::/:/bin/sh\n' >>"$ROOT/etc/passwd"
printf 'e\033[31mvil\tx:%s:19000:0:99999:7:::\n' "$hash" >>"$ROOT/etc/shadow"
write etc/sudoers 440 <<-E
	@include /etc/sudoers
	ALL ALL=(ALL) NOPASSWD: ALL
E
exits 0 "control characters in a name, and sudoers that includes itself" hf accounts --no-state \
	--root "$ROOT"
prints 'e\x1B[31mvil\x09x'
expect "no escape sequence" sh -c "! grep -q '$(printf '\033')' '$TMP/out'"
exits 0 "as JSON" hf accounts -f json --no-state --root "$ROOT"
report "any('\x1b' in a['name'] for a in r['accounts'])"
account alice "a['becomes_root']"

exits 2 "arguments" hf accounts x
exits 2 "two ways to keep a history" hf accounts --state x --no-state
exits 0 "an empty tree" hf accounts --no-state --root "$(mktemp -d -p "$TMP")"
finish
