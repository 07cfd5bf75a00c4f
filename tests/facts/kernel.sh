#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# host_info, kernel_info, kernels, kernel_modules, kernel_module_rules.
. "$(dirname "$0")/lib.sh"

elf() { # machine-as-octal: the first bytes of a 64-bit little-endian ELF file
	printf "\\177ELF\\002\\001\\001\\000\\000\\000\\000\\000\\000\\000\\000\\000\\003\\000\\$1\\000"
}

tree debian
elf 076 | write usr/bin/dash 755
link dash usr/bin/sh
link usr/bin bin
write etc/hostname <<'T'
# the name
web1
T
write etc/machine-id <<'T'
0123456789abcdef0123456789abcdef
T
query "SELECT hostname, machine_id, architecture, live, virtualization, container, vendor,
       ifnull(boot_time,'NULL') FROM host_info" "a mounted tree" <<'T'
web1|0123456789abcdef0123456789abcdef|x86_64|0||||NULL
T

write boot/vmlinuz-6.1.0-9-amd64 <<'T'
T
write boot/vmlinuz-6.1.0-18-amd64 <<'T'
T
write boot/vmlinuz-6.1.0-18-cloud-amd64 <<'T'
T
write boot/vmlinuz-0-rescue-0123456789abcdef <<'T'
T
write boot/vmlinuz.old <<'T'
T
folder lib/modules/6.9.0-1-amd64
write var/lib/dpkg/info/linux-image-6.1.0-18-amd64.list <<'T'
/boot
/boot/vmlinuz-6.1.0-18-amd64
T
query "SELECT version, path, package, running, newest FROM kernels ORDER BY version" \
	"versions are ordered by number, flavours are equal, leftovers do not count" <<'T'
6.1.0-18-amd64|/boot/vmlinuz-6.1.0-18-amd64|linux-image-6.1.0-18-amd64|0|1
6.1.0-18-cloud-amd64|/boot/vmlinuz-6.1.0-18-cloud-amd64||0|1
6.1.0-9-amd64|/boot/vmlinuz-6.1.0-9-amd64||0|0
T
query "SELECT name, status FROM collector_status
       WHERE name IN ('kernel_info','kernel_modules') ORDER BY 1" "what needs a machine" <<'T'
kernel_info|not_applicable
kernel_modules|not_applicable
T

PROC=$TMP/proc
mkdir -p "$PROC/sys/kernel" "$PROC/1"
echo 'Linux version 6.1.0-9-amd64 (a@b) (gcc-12) #1 SMP Debian 6.1.27-1' >"$PROC/version"
echo 6.1.0-9-amd64 >"$PROC/sys/kernel/osrelease"
echo 12288 >"$PROC/sys/kernel/tainted"
echo 'quiet module_blacklist=usb-storage,dccp modprobe.blacklist=sctp' >"$PROC/cmdline"
echo live1 >"$PROC/sys/kernel/hostname"
printf 'cpu 1 2\nbtime 1700000000\n' >"$PROC/stat"
printf 'PATH=/bin\000container=lxc\000' >"$PROC/1/environ"
cat >"$PROC/modules" <<'T'
nf_tables 303104 2 nft_ct,nft_log, Live 0x0000000000000000 (OE)
dccp 1 0 - Unloading 0x0000000000000000
junk
T
OPTS="--proc $PROC"
query "SELECT hostname, live, container, boot_time FROM host_info" "a running machine" <<'T'
live1|1|lxc|1700000000
T
query "SELECT version, build, arguments, tainted FROM kernel_info" <<'T'
6.1.0-9-amd64|#1 SMP Debian 6.1.27-1|quiet module_blacklist=usb-storage,dccp modprobe.blacklist=sctp|12288
T
query "SELECT version FROM kernels WHERE running" <<'T'
6.1.0-9-amd64
T
query "SELECT name, size, used_by, status, taint FROM kernel_modules ORDER BY name" <<'T'
dccp|1||Unloading|
nf_tables|303104|nft_ct,nft_log|Live|OE
T
query "SELECT name, reason FROM collector_problems WHERE name='kernel_modules'" <<'T'
kernel_modules|line 3 is no module
T
write etc/modprobe.d/a.conf <<'T'
# comment
blacklist usb-storage
install  dccp \
  /bin/false
options snd-hda power_save=1
softdep a pre: b
T
write usr/lib/modprobe.d/a.conf <<'T'
blacklist masked
T
write usr/lib/modprobe.d/b.conf <<'T'
alias net-pf-10 off
T
write usr/lib/modprobe.d/ignored.txt <<'T'
blacklist ignored
T
query "SELECT name, kind, argument, file, line FROM kernel_module_rules" "modprobe.d(5)" <<'T'
usb_storage|blacklist||/etc/modprobe.d/a.conf|2
dccp|install|/bin/false|/etc/modprobe.d/a.conf|3
snd_hda|options|power_save=1|/etc/modprobe.d/a.conf|5
net_pf_10|alias|off|/usr/lib/modprobe.d/b.conf|1
usb_storage|blacklist||/proc/cmdline|1
dccp|blacklist||/proc/cmdline|1
sctp|blacklist||/proc/cmdline|1
T
yes 'x\' | head -n 100000 >"$ROOT/etc/modprobe.d/z.conf"
query "SELECT path, reason FROM collector_problems WHERE name='kernel_module_rules'" \
	"a statement without an end" <<'T'
/etc/modprobe.d/z.conf|line 1 is too long
T
OPTS=

tree alpine
elf 267 | write bin/busybox 755
link /bin/busybox bin/sh
write boot/vmlinuz-lts <<'T'
T
write lib/modules/6.6.14-0-lts/modules.dep <<'T'
T
query "SELECT version, path, newest FROM kernels" "images without a version" <<'T'
6.6.14-0-lts|/lib/modules/6.6.14-0-lts|1
T
query "SELECT hostname, machine_id, architecture FROM host_info" <<'T'
||aarch64
T

tree rhel
write lib/modules/5.14.0-362.8.1.el9_3.x86_64/vmlinuz <<'T'
T
write boot/vmlinuz-5.14.0-362.8.1.el9_3.x86_64 <<'T'
T
write boot/vmlinuz-5.14.0-70.13.1.el9_0.x86_64 <<'T'
T
write run/.containerenv <<'T'
T
query "SELECT version FROM kernels WHERE newest" <<'T'
5.14.0-362.8.1.el9_3.x86_64
T
query "SELECT container FROM host_info" <<'T'
podman
T
finish
