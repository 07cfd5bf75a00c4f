#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# systemd_units, systemd_timers, inetd_services
. ./lib.sh

U=usr/lib/systemd/system
tree debian
link usr/lib lib
write usr/lib/systemd/systemd 755 </dev/null
write $U/web.service <<'E'
[Unit]
Description=Web
; comment
[Service]
Environment="A=secret value" B=2
EnvironmentFile=-/etc/default/web
ExecStartPre=/usr/sbin/web \
  # in between
  -t
ExecStart=/usr/sbin/web
User=www
[Install]
WantedBy=multi-user.target
Alias=www.service
E
write etc/systemd/system/web.service.d/10.conf <<'E'
[Service]
ExecStart=
ExecStart=/usr/sbin/web --more
ProtectHome=yes
E
write $U/web.service.d/10.conf <<'E'
[Service]
User=hidden-by-the-one-in-etc
E
write $U/service.d/50-all.conf <<'E'
[Service]
NoNewPrivileges=yes
E
link /lib/systemd/system/web.service etc/systemd/system/www.service
link /lib/systemd/system/web.service etc/systemd/system/multi-user.target.wants/web.service
write $U/plain.service <<'E'
[Service]
ExecStart=/usr/sbin/plain
E
link ../plain.service $U/multi-user.target.wants/plain.service
write $U/off.service <<'E'
[Service]
ExecStart=/usr/sbin/off
[Install]
WantedBy=multi-user.target
E
link /dev/null etc/systemd/system/gone.service
write $U/gone.service <<'E'
[Service]
ExecStart=/usr/sbin/gone
E
write etc/systemd/system/empty.service </dev/null
write $U/vpn@.service <<'E'
[Service]
ExecStart=/usr/sbin/vpn %i
[Install]
WantedBy=multi-user.target
DefaultInstance=x
E
link /lib/systemd/system/vpn@.service etc/systemd/system/multi-user.target.wants/vpn@office.service
write $U/down.service <<'E'
[Service]
ExecStart=/usr/sbin/down
[Install]
WantedBy=shutdown.target
E
link /lib/systemd/system/down.service etc/systemd/system/shutdown.target.wants/down.service
write $U/job.timer <<'E'
[Timer]
OnCalendar=daily
OnBootSec=5min
[Install]
WantedBy=timers.target
E
link /lib/systemd/system/job.timer etc/systemd/system/timers.target.wants/job.timer
write $U/other.timer <<'E'
[Timer]
OnCalendar=weekly
Unit=web.service
[Install]
WantedBy=timers.target
E
write $U/web.socket <<'E'
[Socket]
ListenStream=80
ListenStream=[::]:443
E
write etc/init.d/web 755 </dev/null
write etc/init.d/legacy 755 </dev/null
write etc/init.d/idle 755 </dev/null
link ../init.d/legacy etc/rc3.d/S01legacy
link ../init.d/idle etc/rc3.d/K01idle
write var/lib/dpkg/status <<'E'
Package: web
Status: install ok installed
Version: 1

E
write var/lib/dpkg/info/web.list <<'E'
/.
/lib/systemd/system/web.service
E
query "SELECT id, type, state, boot, package, path FROM systemd_units ORDER BY id" <<'E'
down.service|service|enabled|0||/usr/lib/systemd/system/down.service
empty.service|service|masked|0||/etc/systemd/system/empty.service
gone.service|service|masked|0||/etc/systemd/system/gone.service
idle|script|disabled|0||/etc/init.d/idle
job.timer|timer|enabled|1||/usr/lib/systemd/system/job.timer
legacy|script|enabled|1||/etc/init.d/legacy
off.service|service|disabled|0||/usr/lib/systemd/system/off.service
other.timer|timer|disabled|0||/usr/lib/systemd/system/other.timer
plain.service|service|static|1||/usr/lib/systemd/system/plain.service
vpn@.service|service|enabled|1||/usr/lib/systemd/system/vpn@.service
vpn@office.service|service|enabled|1||/usr/lib/systemd/system/vpn@.service
web.service|service|enabled|1|web|/usr/lib/systemd/system/web.service
web.socket|socket|static|0||/usr/lib/systemd/system/web.socket
www.service|service|alias|1||/etc/systemd/system/www.service
E
query "SELECT description, exec, user, environment FROM systemd_units WHERE id = 'web.service'" \
	"drop-ins by precedence, continued lines, names of variables only" <<'E'
Web|/usr/sbin/web    -t; /usr/sbin/web --more|www|A B /etc/default/web
E
query "SELECT exec FROM systemd_units WHERE id = 'web.socket'" <<'E'
ListenStream=80; ListenStream=[::]:443
E
query "SELECT * FROM systemd_timers" <<'E'
job.timer|job.service|OnBootSec=5min; OnCalendar=daily|1|/usr/lib/systemd/system/job.timer
other.timer|web.service|OnCalendar=weekly|0|/usr/lib/systemd/system/other.timer
E
query "SELECT a.exposure > b.exposure FROM systemd_units a, systemd_units b
	WHERE a.id = 'plain.service' AND b.id = 'web.service'" "hardening lowers the exposure" <<'E'
1
E

tree sysv
write etc/init.d/ssh 755 </dev/null
write $U/ssh.service <<'E'
[Service]
ExecStart=/usr/sbin/sshd
[Install]
WantedBy=multi-user.target
E
link ../init.d/ssh etc/rc2.d/S20ssh
query "SELECT id, state, boot FROM systemd_units ORDER BY id" "without systemd the script counts" <<'E'
ssh|enabled|1
ssh.service|disabled|0
E

tree alpine
write etc/init.d/sshd 755 </dev/null
write etc/init.d/crond 755 </dev/null
write etc/init.d/functions.sh 755 </dev/null
link /etc/init.d/sshd etc/runlevels/default/sshd
link /etc/init.d/crond etc/runlevels/shutdown/crond
query "SELECT id, type, state, boot FROM systemd_units ORDER BY id" "runlevels of OpenRC" <<'E'
crond|script|disabled|0
sshd|script|enabled|1
E

tree redhat6
write etc/rc.d/init.d/sshd 755 </dev/null
link rc.d/init.d etc/init.d
link ../init.d/sshd etc/rc.d/rc3.d/S55sshd
query "SELECT id, state, boot FROM systemd_units ORDER BY id" "rc.d of Red Hat" <<'E'
sshd|enabled|1
E

tree bad
write usr/lib/systemd/systemd 755 </dev/null
printf '[Service]\nExecStart=/bin/x\nUser=\0\n' | write $U/binary.service
mkfifo "$ROOT/$U/fifo.service"
link loop.service $U/loop.service
link b.service $U/a.service
link a.service $U/b.service
write $U/good.service <<'E'
no section
[Service
ExecStart=/not/in/a/section
[Service]
=nothing
ExecStart=/bin/good
E
awk 'BEGIN { print "[Service]"; for (i = 0; i < 9000; i++) print "Environment=A" i "=1" }' |
	write $U/huge.service
query "SELECT id, state, exec FROM systemd_units WHERE id <> 'huge.service' ORDER BY id" <<'E'
a.service|alias|
b.service|alias|
binary.service|static|
good.service|static|/bin/good
loop.service|static|
E
query "SELECT path, reason FROM collector_problems WHERE name = 'systemd_units' ORDER BY path" <<'E'
/usr/lib/systemd/system/binary.service|line 3: not text
/usr/lib/systemd/system/fifo.service|not a regular file
/usr/lib/systemd/system/huge.service|line 8194: too many settings
/usr/lib/systemd/system/loop.service|symbolic links loop
E

tree none
folder etc
query "SELECT status, reason FROM collector_status WHERE name = 'systemd_units'" <<'E'
not_applicable|neither units of systemd nor init scripts
E

tree inetd
write etc/inetd.conf <<'E'
# comment
telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd
#<off># ftp stream tcp nowait root /usr/sbin/ftpd ftpd
short line
E
write etc/xinetd.conf <<'E'
defaults
{
	disabled = tftp
}
E
write etc/xinetd.d/tftp <<'E'
service tftp
{
	server = /usr/sbin/in.tftpd
}
E
write etc/xinetd.d/rsh <<'E'
service shell
{
	disable = no
	server  = /usr/sbin/in.rshd
}
service login
{
	disable = yes
	server += /usr/sbin/in.rlogind
}
service cut
{
	disable = no
E
query "SELECT name, program, enabled, file, line FROM inetd_services" <<'E'
telnet|/usr/sbin/tcpd|1|/etc/inetd.conf|2
ftp|/usr/sbin/ftpd|0|/etc/inetd.conf|3
shell|/usr/sbin/in.rshd|1|/etc/xinetd.d/rsh|1
login|/usr/sbin/in.rlogind|0|/etc/xinetd.d/rsh|6
tftp|/usr/sbin/in.tftpd|0|/etc/xinetd.d/tftp|1
E
query "SELECT path, reason FROM collector_problems WHERE name = 'inetd_services'" <<'E'
/etc/xinetd.d/rsh|line 13: a section never ends
E

# The states and figures of systemd itself.
if command -v systemctl >/dev/null && systemd-analyze --help 2>&1 | grep -q -- --offline; then
	ROOT=$TMP/debian
	for unit in web plain off; do
		systemctl --root="$ROOT" is-enabled $unit.service 2>/dev/null
	done >"$TMP/states"
	query "SELECT state FROM systemd_units WHERE id IN ('web.service', 'plain.service',
		'off.service') ORDER BY id DESC" "states are those of systemctl" <"$TMP/states"
	tree analyze
	write $U/hard.service <<'E'
[Service]
ExecStart=/bin/true
DynamicUser=yes
PrivateDevices=yes
ProtectClock=yes
ProtectKernelModules=yes
CapabilityBoundingSet=CAP_CHOWN CAP_KILL
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=~user net
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
IPAddressDeny=any
ProtectProc=invisible
UMask=0077
E
	figure=$(systemd-analyze security --offline=yes --no-pager "$ROOT/$U/hard.service" \
		2>/dev/null | sed -n 's/.*Overall.*: *\([0-9]*\)\.\([0-9]\).*/\1\2/p')
	query "SELECT abs(exposure - ${figure:-0}) <= 2 FROM systemd_units" \
		"exposure is that of systemd-analyze security (${figure:-none})" <<'E'
1
E
fi
finish
