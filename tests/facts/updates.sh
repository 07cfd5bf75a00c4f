#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# update_state
. ./lib.sh

U=usr/lib/systemd/system
timer() { # name
	write $U/"$1".timer <<'E'
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
E
	link /$U/"$1".timer etc/systemd/system/timers.target.wants/"$1".timer
}
state() {
	query "SELECT manager, auto_update, auto_upgrade, auto_evidence FROM update_state" "$1"
}

tree debian
write usr/lib/systemd/systemd 755 </dev/null
timer apt-daily
timer apt-daily-upgrade
write var/lib/dpkg/status <<'E'
Package: unattended-upgrades
Status: install ok installed
Architecture: all
Version: 2.9

E
write etc/apt/apt.conf.d/20auto-upgrades <<'E'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
E
write etc/apt/apt.conf.d/50unattended-upgrades <<'E'
Unattended-Upgrade::Origins-Pattern {
	"origin=Debian,codename=${distro_codename},label=Debian-Security";
};
E
write var/lib/apt/lists/deb.debian.org_InRelease </dev/null
write var/lib/apt/lists/deb.debian.org_Packages.lz4 </dev/null
touch -d @1700000000 "$ROOT"/var/lib/apt/lists/*_InRelease
touch -d @1600000000 "$ROOT"/var/lib/apt/lists/*_Packages.lz4
write var/lib/apt/periodic/unattended-upgrades-stamp </dev/null
touch -d @1700000100 "$ROOT/var/lib/apt/periodic/unattended-upgrades-stamp"
write var/log/dpkg.log <<'E'
2023-11-14 22:13:20 startup archives unpack
2023-11-14 22:13:20 upgrade bash:amd64 5.2-1 5.2-2
2023-11-15 22:13:20 status installed bash:amd64 5.2-2
E
query "SELECT * FROM update_state" "all is well" <<'E'
apt|1700000000|1700000000|1|1|1700000100|/etc/apt/apt.conf.d/20auto-upgrades:2||
E
link /dev/null etc/systemd/system/apt-daily-upgrade.timer
state "a masked timer" <<'E'
apt|1|0|apt-daily-upgrade.timer is not enabled
E
rm "$ROOT/etc/systemd/system/apt-daily-upgrade.timer"
write etc/apt/apt.conf.d/50unattended-upgrades <<'E'
Unattended-Upgrade::Allowed-Origins { "example:stable"; };
E
state "no origin of security updates" <<'E'
apt|1|0|no origin of unattended-upgrades brings security updates
E
write etc/apt/apt.conf.d/99off <<'E'
APT::Periodic::Unattended-Upgrade "0";
E
state "switched off later" <<'E'
apt|1|0|/etc/apt/apt.conf.d/99off:1 APT::Periodic::Unattended-Upgrade is 0
E
write var/lib/dpkg/status <<'E'
Package: unattended-upgrades
Status: deinstall ok config-files
Version: 2.9

E
state "removed, but not purged" <<'E'
apt|1|0|package unattended-upgrades is not installed
E
write usr/local/sbin/update.sh 755 <<'E'
#!/bin/sh
apt-get update &&
  DEBIAN_FRONTEND=noninteractive apt-get -qy \
  dist-upgrade
E
write etc/cron.d/update <<'E'
0 4 * * * root /usr/local/sbin/update.sh
E
state "a script of cron" <<'E'
apt|1|1|/usr/local/sbin/update.sh:3
E
write usr/local/sbin/update.sh 755 <<'E'
#!/bin/sh
apt-get update && apt-get --dry-run upgrade -y
# apt-get -y upgrade
echo apt-get -y upgrade
apt-get upgrade </dev/null
E
state "what does not upgrade" <<'E'
apt|1|0|package unattended-upgrades is not installed
E
write run/reboot-required <<'E'
*** System restart required ***
E
write run/reboot-required.pkgs <<'E'
linux-image-6.1.0-18-amd64
dbus
E
query "SELECT reboot_required, reboot_reason FROM update_state" <<'E'
1|/run/reboot-required: linux-image-6.1.0-18-amd64, dbus
E

# The running kernel, from a directory made to look like /proc.
tree kernel
write var/lib/dpkg/status <<'E'
Package: linux-image-6.1.0-9-amd64
Status: install ok installed
Architecture: amd64
Version: 6.1.27-1

E
write boot/vmlinuz-6.1.0-9-amd64 </dev/null
write boot/vmlinuz-6.1.0-10-cloud-amd64.old </dev/null
write p/sys/kernel/osrelease <<'E'
6.1.0-9-amd64
E
write p/version <<'E'
Linux version 6.1.0-9-amd64 (x) (gcc) #1 SMP PREEMPT_DYNAMIC Debian 6.1.27-1 (2023-05-08)
E
OPTS="--proc $ROOT/p"
query "SELECT reboot_required FROM update_state" "the newest kernel runs" <<'E'
0
E
write p/version <<'E'
Linux version 6.1.0-9-amd64 (x) (gcc) #1 SMP PREEMPT_DYNAMIC Debian 6.1.25-1 (2023-04-22)
E
query "SELECT reboot_required, reboot_reason FROM update_state" "it was replaced since" <<'E'
1|linux-image-6.1.0-9-amd64 is version 6.1.27-1, another one runs
E
write boot/vmlinuz-6.1.0-10-amd64 </dev/null
query "SELECT reboot_required, reboot_reason FROM update_state" "a newer one is installed" <<'E'
1|kernel 6.1.0-9-amd64 runs, 6.1.0-10-amd64 is installed
E
rm "$ROOT"/boot/*
query "SELECT reboot_required FROM update_state" "a container has no kernel of its own" <<'E'

E
OPTS=

tree redhat
write usr/bin/dnf 755 </dev/null
folder etc/dnf
timer dnf-automatic
write etc/dnf/automatic.conf <<'E'
[commands]
upgrade_type = security
apply_updates = yes
E
write var/cache/dnf/baseos-1/repodata/repomd.xml </dev/null
touch -d @1700000000 "$ROOT/var/cache/dnf/baseos-1/repodata/repomd.xml"
write var/lib/systemd/timers/stamp-dnf-automatic.timer </dev/null
touch -d @1700000100 "$ROOT/var/lib/systemd/timers/stamp-dnf-automatic.timer"
query "SELECT * FROM update_state" <<'E'
dnf|1700000000||1|1|1700000100|/etc/dnf/automatic.conf:3||
E
write etc/dnf/automatic.conf <<'E'
[commands]
apply_updates = no
E
state "downloads only" <<'E'
dnf|1|0|/etc/dnf/automatic.conf: apply_updates is off
E
timer dnf-automatic-install
state "the timer that installs" <<'E'
dnf|1|1|/usr/lib/systemd/system/dnf-automatic-install.timer
E

tree centos
write usr/bin/yum 755 </dev/null
write etc/init.d/yum-cron 755 </dev/null
link ../init.d/yum-cron etc/rc3.d/S99yum-cron
write etc/yum/yum-cron.conf <<'E'
[commands]
apply_updates = yes
E
state "yum-cron" <<'E'
yum|1|1|/etc/yum/yum-cron.conf:2
E

tree alpine
write lib/apk/db/installed <<'E'
P:musl
V:1

E
touch -d @1700000000 "$ROOT/lib/apk/db/installed"
query "SELECT * FROM update_state" <<'E'
apk||1700000000|0|0||no job of cron runs apk upgrade||
E
write etc/periodic/daily/update 755 <<'E'
#!/bin/sh
apk -U upgrade
E
state "a periodic script" <<'E'
apk|1|1|/etc/periodic/daily/update:2
E
chmod 644 "$ROOT/etc/periodic/daily/update"
state "one that cannot run" <<'E'
apk|0|0|no job of cron runs apk upgrade
E

tree scratch
folder etc
query "SELECT status FROM collector_status WHERE name = 'update_state'" <<'E'
not_applicable
E
finish
