#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# audit_rules, log_files, mac_status, time_sync, containers.
. ./lib.sh

unit() { # name
	printf '[Unit]\nDescription=x\n' | write "usr/lib/systemd/system/$1"
	link "/usr/lib/systemd/system/$1" "etc/systemd/system/multi-user.target.wants/$1"
}
mac() {
	query "SELECT framework, configured, current, profiles, evidence FROM mac_status" "$1"
}
clock() {
	query "SELECT service, enabled, coalesce(running, '-'), sources, evidence FROM time_sync" "$1"
}

tree debian
write etc/audit/rules.d/audit.rules <<'E'
## comment
-D
-b 8192
-w /etc/passwd -p wa -k identity
-a always,exit -F arch=b64 -S execve -F key=exec
--backlog_wait_time 60000
E
printf -- '-w /etc/shadow -p wa\n-e 2\n' | write etc/audit/audit.rules
echo '-w /ignored' | write etc/audit/rules.d/README
query "SELECT kind, rule, key, file, line FROM audit_rules" "audit rules" <<'E'
watch|-w /etc/shadow -p wa||/etc/audit/audit.rules|1
control|-e 2||/etc/audit/audit.rules|2
control|-D||/etc/audit/rules.d/audit.rules|2
control|-b 8192||/etc/audit/rules.d/audit.rules|3
watch|-w /etc/passwd -p wa -k identity|identity|/etc/audit/rules.d/audit.rules|4
syscall|-a always,exit -F arch=b64 -S execve -F key=exec|exec|/etc/audit/rules.d/audit.rules|5
control|--backlog_wait_time 60000||/etc/audit/rules.d/audit.rules|6
E
folder var/log
write var/log/auth.log 640 </dev/null
write var/log/apt/history.log 666 </dev/null
write var/log/a/b/too-deep </dev/null
link /tmp/x var/log/link
mkfifo "$ROOT/var/log/fifo"
query "SELECT path, mode, type FROM log_files WHERE type <> 'symlink' ORDER BY path" "log files" <<'E'
/var/log|493|directory
/var/log/a|493|directory
/var/log/a/b|493|directory
/var/log/apt|493|directory
/var/log/apt/history.log|438|regular
/var/log/auth.log|416|regular
/var/log/fifo|420|other
E
: | write var/lib/dpkg/status
unit apparmor.service
echo 'profile a /usr/bin/a { }' | write etc/apparmor.d/usr.bin.a
echo '/usr/bin/b flags=(attach_disconnected,complain) { }' | write etc/apparmor.d/usr.bin.b
echo '/usr/bin/c { }' | write etc/apparmor.d/usr.bin.c
link /etc/apparmor.d/usr.bin.c etc/apparmor.d/disable/usr.bin.c
mac "AppArmor, as Debian has it" <<'E'
apparmor|enforcing||2|/etc/apparmor.d
E
printf 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="apparmor=0"\n' | write etc/default/grub
mac "switched off on the kernel's command line" <<'E'
apparmor|disabled||2|/etc/default/grub:2
E
echo 'GRUB_CMDLINE_LINUX=""' | write etc/default/grub
echo '/usr/bin/a flags=(complain) { }' | write etc/apparmor.d/usr.bin.a
mac "all profiles complain" <<'E'
apparmor|complain||2|/etc/apparmor.d
E
rm "$ROOT/etc/systemd/system/multi-user.target.wants/apparmor.service"
mac "nothing loads the profiles" <<'E'
apparmor|disabled||2|no unit loads the profiles: apparmor.service
E
write usr/lib/systemd/systemd-timesyncd 755 </dev/null
unit systemd-timesyncd.service
clock "timesyncd has servers built in" <<'E'
systemd-timesyncd|1|-|4|/usr/lib/systemd/system/systemd-timesyncd.service
E
printf '[Time]\nNTP=a b\nFallbackNTP=\n' | write etc/systemd/timesyncd.conf
clock "and those of its configuration" <<'E'
systemd-timesyncd|1|-|2|/etc/systemd/timesyncd.conf:2
E
mkdir -p "$TMP/proc/1" "$TMP/proc/20"
echo systemd >"$TMP/proc/1/comm"
echo systemd-timesyn >"$TMP/proc/20/comm"
OPTS="--proc $TMP/proc" clock "a process runs" <<'E'
systemd-timesyncd|1|1|2|/etc/systemd/timesyncd.conf:2
E
write usr/bin/dockerd 755 </dev/null
printf '[Service]\nExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:2376 --tlsverify $DOCKER_OPTS\n' |
	write usr/lib/systemd/system/docker.service
echo '{"icc": false, "userns-remap": "default"}' | write etc/docker/daemon.json
echo 'DOCKER_OPTS="-H tcp://127.0.0.1:1"' | write etc/default/docker
query "SELECT setting, value, file, line FROM containers WHERE setting IN ('enabled', 'api', 'tls', 'icc',
	'userns', 'live_restore')" "docker" <<'E'
enabled|false|/usr/lib/systemd/system/docker.service|0
api|tcp://0.0.0.0:2376|/usr/lib/systemd/system/docker.service|2
api|tcp://127.0.0.1:1|/etc/default/docker|1
tls|verify||0
userns|default|/etc/docker/daemon.json|1
icc|false|/etc/docker/daemon.json|1
live_restore|false||0
E

tree rhel
printf '# c\nSELINUX=Permissive\nSELINUXTYPE=targeted\n' | write etc/selinux/config
write etc/selinux/targeted/policy/policy.33 </dev/null
folder var/lib/selinux/targeted/active/modules/100/a
folder var/lib/selinux/targeted/active/modules/400/b
mac "SELinux" <<'E'
selinux|permissive||2|/etc/selinux/config:2
E
printf 'SELINUX=enforcing\n' | write etc/selinux/config
mac "enforcing" <<'E'
selinux|enforcing||2|/etc/selinux/config:1
E
echo 'options root=/dev/sda1 ro enforcing=0' | write boot/loader/entries/a.conf
mac "the boot loader makes it permissive" <<'E'
selinux|permissive||2|/boot/loader/entries/a.conf:1
E
rm "$ROOT/boot/loader/entries/a.conf" "$ROOT/etc/selinux/targeted/policy/policy.33"
mac "without a policy there is nothing to enforce" <<'E'
selinux|disabled||2|no compiled policy in /etc/selinux
E
write usr/sbin/chronyd 755 </dev/null
unit chronyd.service
printf 'pool a iburst\nsourcedir /run/chrony-dhcp\nrefclock PHC /dev/ptp0\n' | write etc/chrony.conf
clock "chrony" <<'E'
chrony|1|-|2|/etc/chrony.conf:1
E

tree alpine
echo alpine-base | write etc/apk/world
echo 'profile a /bin/a { }' | write etc/apparmor.d/a
printf '#!/sbin/openrc-run\n' | write etc/init.d/apparmor 755
link /etc/init.d/apparmor etc/runlevels/boot/apparmor
mac "Alpine's kernel must be told" <<'E'
apparmor|disabled||1|the kernel is not told security=apparmor
E
echo 'default_kernel_opts="quiet lsm=landlock,yama,apparmor"' | write etc/update-extlinux.conf
mac "and is" <<'E'
apparmor|enforcing||1|/etc/apparmor.d
E
printf '#!/sbin/openrc-run\n' | write etc/init.d/ntpd 755
link /etc/init.d/ntpd etc/runlevels/default/ntpd
echo 'NTPD_OPTS="-N -p pool.ntp.org -p b.example"' | write etc/conf.d/ntpd
clock "ntpd of busybox" <<'E'
busybox-ntpd|1|-|2|/etc/conf.d/ntpd:1
E

tree bad
mkdir -p "$ROOT/etc/audit/rules.d" "$ROOT/etc/selinux" "$ROOT/var"
mkfifo "$ROOT/etc/audit/rules.d/a.rules"
printf 'SELINUX=\0' | write etc/selinux/config
link log var/log
query "SELECT name, path, reason FROM collector_problems WHERE name IN ('audit_rules', 'mac_status',
	'log_files') ORDER BY name" "bad files are told" <<'E'
audit_rules|/etc/audit/rules.d/a.rules|not a regular file
mac_status|/etc/selinux/config|not a text file
E
tree empty
query "SELECT name FROM collector_status WHERE name IN ('audit_rules', 'mac_status', 'log_files',
	'time_sync', 'containers') AND (status <> 'ok' OR rows > 0)" "an empty tree" <<'E'
E
finish
