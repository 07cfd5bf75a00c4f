#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# system_controls: sysctl.d(5), its order and its oddities, and the running kernel.
. "$(dirname "$0")/lib.sh"

COLUMNS="name, ifnull(config_value,'NULL'), config_file, config_line, ifnull(value,'NULL'), source"
of() { # names...
	list=
	for name; do list="$list,'$name'"; done
	echo "SELECT $COLUMNS FROM system_controls WHERE name IN (${list#,}) ORDER BY name"
}

tree order
write etc/os-release <<'T'
ID=debian
T
write etc/sysctl.d/10-a.conf <<'T'
kernel.sysrq = 1
kernel.kptr_restrict=1
; comment
# comment
T
write usr/lib/sysctl.d/10-a.conf <<'T'
kernel.sysrq = 99
kernel.dmesg_restrict = 0
T
write run/sysctl.d/20-b.conf <<'T'
kernel.kptr_restrict = 2
T
write usr/lib/sysctl.d/30-c.conf <<'T'
net/ipv4/conf/all/rp_filter = 1
T
write etc/sysctl.conf <<'T'
kernel.sysrq = 0
T
query "$(of kernel.sysrq kernel.kptr_restrict kernel.dmesg_restrict net.ipv4.conf.all.rp_filter kernel.randomize_va_space)" \
	"a name masks, file names sort over all directories, sysctl.conf is last" <<'T'
kernel.dmesg_restrict|NULL||0|1|default
kernel.kptr_restrict|2|/run/sysctl.d/20-b.conf|1|2|config
kernel.randomize_va_space|NULL||0|2|default
kernel.sysrq|0|/etc/sysctl.conf|1|0|config
net.ipv4.conf.all.rp_filter|1|/usr/lib/sysctl.d/30-c.conf|1|1|config
T

tree debian12
write etc/sysctl.conf <<'T'
# nothing
kernel.sysrq=0
T
link ../sysctl.conf etc/sysctl.d/99-sysctl.conf
write etc/sysctl.d/99-z.conf <<'T'
kernel.sysrq=1
T
folder usr/lib/systemd
write usr/lib/systemd/systemd-sysctl 755 <<'T'
T
query "SELECT value FROM system_controls WHERE name='kernel.sysrq'" \
	"sysctl.conf is read last even where it is linked" <<'T'
0
T
query "SELECT count(*) FROM collector_problems WHERE name='system_controls'" "and that is no problem" <<'T'
0
T
rm "$ROOT/etc/sysctl.d/99-sysctl.conf"
query "SELECT path, reason FROM collector_problems WHERE name='system_controls'" \
	"without the link systemd does not read it" <<'T'
/etc/sysctl.conf|systemd-sysctl does not read it: no link in /etc/sysctl.d leads here
T

tree patterns
write etc/sysctl.d/50.conf <<'T'
net.ipv4.conf.*.rp_filter = 2
-net.ipv4.conf.all.rp_filter
net.ipv4.conf.*.send_redirects = 0
net.ipv4.conf.all.send_redirects = 1
-kernel.core_pattern = |/bin/false
net.ipv4.conf.eth0/100.rp_filter = 1
user.own = a b	c
T
query "$(of net.ipv4.conf.all.rp_filter net.ipv4.conf.default.rp_filter net.ipv4.conf.all.send_redirects net.ipv4.conf.default.send_redirects kernel.core_pattern net.ipv4.conf.eth0/100.rp_filter)" \
	"patterns spare what is named, also by a dash alone" <<'T'
kernel.core_pattern||/bin/false|/etc/sysctl.d/50.conf|5||/bin/false|config
net.ipv4.conf.all.rp_filter|NULL||0|0|default
net.ipv4.conf.all.send_redirects|1|/etc/sysctl.d/50.conf|4|1|config
net.ipv4.conf.default.rp_filter|2|/etc/sysctl.d/50.conf|1|2|config
net.ipv4.conf.default.send_redirects|0|/etc/sysctl.d/50.conf|3|0|config
net.ipv4.conf.eth0/100.rp_filter|1|/etc/sysctl.d/50.conf|6|1|config
T

tree bad
folder etc/sysctl.d
mkfifo "$ROOT/etc/sysctl.d/10-fifo.conf"
link 20-loop.conf etc/sysctl.d/20-loop.conf
folder dev
mkfifo "$ROOT/dev/null"
link /dev/null etc/sysctl.d/30-masked.conf
write usr/lib/sysctl.d/30-masked.conf <<'T'
kernel.sysrq = 5
T
write etc/sysctl.d/40-junk.conf <<'T'
this is no assignment
kernel.sysrq = 7
T
write etc/sysctl.d/50-traversal.conf <<'T'
net/../../1/environ = 1
T
folder etc/sysctl.d/60-folder.conf
query "$(of kernel.sysrq)" "the rest counts" <<'T'
kernel.sysrq|7|/etc/sysctl.d/40-junk.conf|2|7|config
T
query "SELECT path FROM collector_problems WHERE name='system_controls' ORDER BY 1" \
	"every file that is not read is named" <<'T'
/etc/sysctl.d/10-fifo.conf
/etc/sysctl.d/20-loop.conf
/etc/sysctl.d/40-junk.conf
T
query "SELECT count(*) FROM system_controls WHERE name LIKE '%environ%'" "no way out of /proc/sys" <<'T'
0
T

tree live
write etc/sysctl.d/x.conf <<'T'
kernel.sysrq = 0
T
mkdir -p "$TMP/proc/sys/kernel/yama"
echo 438 >"$TMP/proc/sys/kernel/sysrq"
echo 1 >"$TMP/proc/sys/kernel/yama/ptrace_scope"
OPTS="--proc $TMP/proc"
query "SELECT name, config_value, current_value, value, source FROM system_controls
       WHERE name='kernel.sysrq'" "the running kernel decides" <<'T'
kernel.sysrq|0|438|438|live
T
query "SELECT ifnull(value,'NULL'), source FROM system_controls
       WHERE name='kernel.kptr_restrict'" "what it does not have has no value" <<'T'
NULL|live
T
OPTS=

tree empty
query "SELECT count(*), count(value) > 40, sum(source='default') = count(*) FROM system_controls" \
	"a tree without any configuration" <<'T'
57|1|1
T
finish
