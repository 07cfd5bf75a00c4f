#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# security_agents
. ./lib.sh

agent() { # name, name of the test
	query "SELECT kind, package, enabled, running, configured, evidence FROM security_agents
		WHERE name = '$1'" "$2"
}

tree empty
folder etc/fail2ban
query "SELECT * FROM security_agents" "left-over configuration is no product" </dev/null

tree debian
write usr/lib/systemd/systemd 755 </dev/null
U=usr/lib/systemd/system
write var/lib/dpkg/status <<'E'
Package: fail2ban
Status: install ok installed
Version: 1

Package: rsyslog
Status: install ok installed
Version: 1

Package: clamav-daemon
Status: install ok installed
Version: 1

Package: aide
Status: install ok installed
Version: 1

Package: chkrootkit
Status: install ok installed
Version: 1

Package: auditd
Status: deinstall ok config-files
Version: 1

E
write $U/fail2ban.service <<'E'
[Service]
ExecStart=/usr/bin/fail2ban-server
[Install]
WantedBy=multi-user.target
E
link /$U/fail2ban.service etc/systemd/system/multi-user.target.wants/fail2ban.service
write etc/fail2ban/jail.conf <<'E'
[DEFAULT]
enabled = false
[sshd]
port = ssh
E
agent fail2ban "no jail is enabled" <<'E'
bruteforce|fail2ban|1||0|/usr/lib/systemd/system/fail2ban.service
E
write etc/fail2ban/jail.d/defaults-debian.conf <<'E'
[sshd]
enabled = true
E
agent fail2ban "Debian's jail" <<'E'
bruteforce|fail2ban|1||1|/etc/fail2ban/jail.d/defaults-debian.conf:2
E
write etc/fail2ban/jail.local <<'E'
[sshd]
enabled = false
E
agent fail2ban "switched off again" <<'E'
bruteforce|fail2ban|1||0|/usr/lib/systemd/system/fail2ban.service
E
write p/1/comm <<'E'
fail2ban-server
E
write p/1/stat <<'E'
1 (fail2ban-server) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0
E
OPTS="--proc $ROOT/p"
query "SELECT name, running FROM security_agents WHERE name IN ('fail2ban', 'rsyslog')" <<'E'
fail2ban|1
rsyslog|0
E
OPTS=
write etc/rsyslog.conf <<'E'
module(load="imuxsock")
*.* -/var/log/syslog
:omusrmsg:*
E
agent rsyslog "logs stay here" <<'E'
log-shipping|rsyslog|||0|
E
write etc/rsyslog.d/50-central.conf <<'E'
# *.* @@old.example
*.*	@@logs.example:6514
E
agent rsyslog "logs go to another machine" <<'E'
log-shipping|rsyslog|||1|/etc/rsyslog.d/50-central.conf:2
E
write var/lib/clamav/daily.cld <<'E'
x
E
agent clamav "fresh signatures" <<'E'
antivirus|clamav-daemon|||1|/var/lib/clamav/daily.cld
E
touch -d '8 days ago' "$ROOT/var/lib/clamav/daily.cld"
agent clamav "signatures of last week" <<'E'
antivirus|clamav-daemon|||0|/var/lib/clamav/daily.cld
E
agent aide "no database, no job" <<'E'
fim|aide|0||0|
E
write var/lib/aide/aide.db <<'E'
x
E
write etc/cron.daily/dailyaidecheck 755 </dev/null
agent aide "a database and a job" <<'E'
fim|aide|1||1|/var/lib/aide/aide.db
E
write etc/chkrootkit/chkrootkit.conf <<'E'
RUN_DAILY="true"
E
write etc/cron.daily/chkrootkit 755 </dev/null
agent chkrootkit "runs daily" <<'E'
antivirus|chkrootkit|1||1|/etc/chkrootkit/chkrootkit.conf:1
E
agent auditd "what was removed is not there" </dev/null

tree programs
write opt/CrowdStrike/falcond 755 </dev/null
agent falcon-sensor "by its program, not connected" <<'E'
edr|/opt/CrowdStrike/falcond|||0|/opt/CrowdStrike/falcond
E
finish
