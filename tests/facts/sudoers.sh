#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sudo_rules, sudo_defaults
. ./lib.sh

tree debian
write etc/hostname <<'E'
web07.example.org
E
write etc/sudoers 440 <<'E'
# a comment with ALL=(ALL) NOPASSWD: ALL
Defaults	env_reset, mail_badpw
Defaults	secure_path="/usr/sbin:/usr/bin"	# and more
Defaults:bob	!authenticate
Defaults!/usr/bin/free !authenticate, env_keep += "A B"
User_Alias	ADMINS = alice, bob, %ops : OPS = carl
Runas_Alias	OP = root, operator
Cmnd_Alias	SVC = /usr/bin/systemctl restart nginx, \
		EDIT
Cmnd_Alias	EDIT = /usr/bin/vim
root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) NOPASSWD: ALL
ADMINS	WEB1 = (OP) NOPASSWD: SVC, PASSWD: /bin/ls \,x, !/bin/su : DB = (postgres) /usr/bin/psql
"dom user" ALL = sha256:abcd, sha512:efgh /bin/true ""
#1000	ALL = /usr/bin/free -m
%#27	ALL=(ALL) NOEXEC: /usr/bin/less /var/log/syslog, EXEC: /usr/bin/less /var/log/syslog
%dom\ users fe80::1 = (:www) list
ALL, !mallory ALL = sudoedit /etc/motd
@include sudoers.%h
@includedir /etc/sudoers.d
E
write etc/sudoers.web07 <<'E'
host ALL=(ALL) /bin/true
E
write etc/sudoers.d/90-cloud <<'E'
cloud ALL=(ALL) NOPASSWD:ALL
E
write etc/sudoers.d/old.bak <<'E'
old ALL=(ALL) NOPASSWD:ALL
E
write etc/sudoers.d/edit~ <<'E'
tilde ALL=(ALL) NOPASSWD:ALL
E
folder etc/sudoers.d/folder
for program in usr/bin/vim bin/ls bin/su bin/true usr/bin/free usr/bin/less usr/bin/systemctl; do
	write $program 755 </dev/null
done
query "SELECT user, hosts, runas, nopasswd, command, negated, dangerous, line FROM sudo_rules WHERE file = '/etc/sudoers'" "rules" <<'E'
root|ALL|ALL:ALL|0|ALL|0||11
%sudo|ALL|ALL:ALL|1|ALL|0||12
alice|WEB1|root,operator|1|/usr/bin/systemctl restart nginx|0||13
alice|WEB1|root,operator|1|/usr/bin/vim|0|editor|13
alice|WEB1|root,operator|0|/bin/ls ,x|0||13
alice|WEB1|root,operator|0|/bin/su|1||13
alice|DB|postgres|0|/usr/bin/psql|0||13
bob|WEB1|root,operator|1|/usr/bin/systemctl restart nginx|0||13
bob|WEB1|root,operator|1|/usr/bin/vim|0|editor|13
bob|WEB1|root,operator|0|/bin/ls ,x|0||13
bob|WEB1|root,operator|0|/bin/su|1||13
bob|DB|postgres|1|/usr/bin/psql|0||13
%ops|WEB1|root,operator|1|/usr/bin/systemctl restart nginx|0||13
%ops|WEB1|root,operator|1|/usr/bin/vim|0|editor|13
%ops|WEB1|root,operator|0|/bin/ls ,x|0||13
%ops|WEB1|root,operator|0|/bin/su|1||13
%ops|DB|postgres|0|/usr/bin/psql|0||13
dom user|ALL|root|0|/bin/true ""|0||14
#1000|ALL|root|1|/usr/bin/free -m|0||15
%#27|ALL|ALL|0|/usr/bin/less /var/log/syslog|0||16
%#27|ALL|ALL|0|/usr/bin/less /var/log/syslog|0|pager|16
%dom users|fe80::1|:www|0|list|0||17
ALL|ALL|root|0|sudoedit /etc/motd|0||18
E
query "SELECT user, all_commands, nopasswd, file FROM sudo_rules WHERE file <> '/etc/sudoers'" "included files" <<'E'
host|0|0|/etc/sudoers.web07
cloud|1|1|/etc/sudoers.d/90-cloud
E
query "SELECT scope, name, value, line FROM sudo_defaults" <<'E'
|env_reset|yes|2
|mail_badpw|yes|2
|secure_path|/usr/sbin:/usr/bin|3
:bob|authenticate|no|4
!/usr/bin/free|authenticate|no|5
!/usr/bin/free|env_keep|+=A B|5
E
query "SELECT name, status FROM collector_status WHERE name LIKE 'sudo%' ORDER BY name" <<'E'
sudo_defaults|ok
sudo_rules|ok
E

tree danger
for program in usr/bin/python3.11 usr/bin/tar usr/bin/find usr/bin/systemctl usr/bin/apt-get bin/bash \
	usr/bin/docker usr/bin/tee usr/bin/id opt/app/good opt/app/script.py usr/bin/su; do
	write $program 755 </dev/null
done
folder opt/open 777
write opt/open/tool 755 </dev/null
write opt/app/theirs 755 1000:1000 </dev/null
write opt/app/script2.py 646 </dev/null
write etc/sudoers <<'E'
a ALL = /usr/bin/python3.11
a ALL = /usr/bin/python3.11 /opt/app/script.py
a ALL = /usr/bin/python3.11 /opt/app/script2.py
a ALL = /usr/bin/tar
a ALL = /usr/bin/tar cf /backup.tar /srv
a ALL = /usr/bin/tar cf /backup.tar *
a ALL = /usr/bin/find ""
a ALL = /bin/bash ""
a ALL = /usr/bin/systemctl restart *
a ALL = /usr/bin/systemctl status nginx
a ALL = /usr/bin/systemctl restart nginx
a ALL = /usr/bin/apt-get update
a ALL = /usr/bin/apt-get
a ALL = /usr/bin/docker
a ALL = /usr/bin/tee /etc/*
a ALL = /usr/bin/id /var/log/*
a ALL = /usr/bin/id
a ALL = /usr/bin/
a ALL = /usr/bin/*
a ALL = /opt/app/good
a ALL = /opt/app/theirs
a ALL = /opt/open/tool
a ALL = /opt/open/missing
a ALL = sudoedit
a ALL = sudoedit /etc/motd
a ALL = sudoedit /etc/sudoers
a ALL = /usr/bin/su - postgres
a ALL = /usr/bin/su -
a ALL = (www-data) /bin/bash
a ALL = (ALL, !root) /bin/bash
a ALL = !/bin/bash
E
query "SELECT line, dangerous FROM sudo_rules WHERE dangerous <> '' OR line IN (2,5,7,11,12,17,20,25,27,29,30,31)" "dangerous commands" <<'E'
1|interpreter
2|
3|writable
4|runs programs
5|
6|runs programs
7|
8|shell
9|pager
10|pager
11|
12|
13|package manager
14|containers
15|writes files
16|wildcard
17|
18|every program in a directory
19|wildcard
20|
21|writable
22|in a writable directory
23|missing, and its directory is writable
24|editor of any file
25|
26|editor of a file of the system
27|
28|shell
29|
30|
31|
E

tree bad
write etc/sudoers <<'E'
fine ALL = /bin/true
broken ALL /bin/true
half ALL = /bin/true, bash
(x) ALL = ALL
Cmnd_Alias A = B
Cmnd_Alias B = A, /bin/ls
loop ALL = A
Defaults env_keep +=
last ALL = NOPASSWD: ALL
#include /etc/missing
@includedir /etc/none
E
query "SELECT user, command, line FROM sudo_rules" "bad lines do not hide the others" <<'E'
fine|/bin/true|1
loop|/bin/ls|7
last|ALL|9
E
query "SELECT path, reason FROM collector_problems WHERE name = 'sudo_rules' ORDER BY reason" "and are told" <<'E'
/etc/missing|included by /etc/sudoers line 10
/etc/sudoers|line 2: no "hosts =" after the users
/etc/sudoers|line 3: no command or one without full path
/etc/sudoers|line 4: no user list
/etc/sudoers|line 7: aliases without end
/etc/sudoers|line 8: empty value
E

tree defaults
write etc/sudoers <<'E'
Defaults !authenticate
Defaults>www authenticate
Defaults:carol authenticate
dave ALL = /bin/true, PASSWD: /bin/ls
dave ALL = (www) /bin/true
carol ALL = /bin/true
E
query "SELECT user, runas, command, nopasswd FROM sudo_rules" "Defaults !authenticate and its scopes" <<'E'
dave|root|/bin/true|1
dave|root|/bin/ls|0
dave|www|/bin/true|0
carol|root|/bin/true|0
E

tree loops
write etc/sudoers <<'E'
a ALL=ALL
@include /etc/sudoers
E
query "SELECT count(*) > 1, (SELECT status FROM collector_status WHERE name = 'sudo_rules') FROM sudo_rules" "a file that includes itself" <<'E'
1|incomplete
E
mkfifo "$ROOT/etc/pipe"
echo '@include /etc/pipe' >"$ROOT/etc/sudoers"
query "SELECT reason FROM collector_problems WHERE name = 'sudo_rules'" "a FIFO" <<'E'
not a regular file
E

tree flood
{
	printf 'User_Alias A0 = x\n'
	i=0
	while [ $i -lt 40 ]; do
		printf 'User_Alias A%d = A%d, A%d\n' $((i + 1)) $i $i
		i=$((i + 1))
	done
	printf 'A40 ALL = ALL\nlast ALL = /bin/true\n'
} | write etc/sudoers
query "SELECT status FROM collector_status WHERE name = 'sudo_rules'" "aliases that double and double" <<'E'
incomplete
E

tree suse
write usr/etc/sudoers <<'E'
Defaults targetpw
ALL ALL=(ALL) ALL
E
query "SELECT user, file FROM sudo_rules" <<'E'
ALL|/usr/etc/sudoers
E

tree alpine
write bin/busybox 755 </dev/null
write etc/doas.conf <<'E'
# comment
permit persist :wheel
permit nopass setenv { -ENV PS1=$X } ann as root cmd /bin/busybox args vi \
	"/etc/a b"
deny bob
permit carl as www cmd reboot args
nonsense
permit
E
write etc/doas.d/10.conf <<'E'
permit nopass keepenv dave
E
query "SELECT user, runas, nopasswd, command, all_commands, negated, file, line FROM sudo_rules" "doas" <<'E'
%wheel|ALL|0|ALL|1|0|/etc/doas.conf|2
ann|root|1|/bin/busybox vi /etc/a b|0|0|/etc/doas.conf|3
bob|ALL|0|ALL|1|1|/etc/doas.conf|5
carl|www|0|reboot ""|0|0|/etc/doas.conf|6
dave|ALL|1|ALL|1|0|/etc/doas.d/10.conf|1
E
query "SELECT reason FROM collector_problems WHERE name = 'sudo_rules' ORDER BY reason" <<'E'
line 7: not a rule of doas
line 8: not a rule of doas
E

tree none
query "SELECT status, rows FROM collector_status WHERE name = 'sudo_rules'" "no sudo" <<'E'
ok|0
E

finish
