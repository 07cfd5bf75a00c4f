#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# processes, process_deleted_files, listening_ports, routes: a made-up /proc and the real one.
. "$(dirname "$0")/lib.sh"

PROC=$TMP/proc
ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

process() { # pid parent name exe uid cgroup [flags]
	mkdir -p "$PROC/$1/fd"
	echo "$1 ($3) S $2 $1 $1 0 -1 ${7:-4194560} 1 0 0 0 1 1 0 0 20 0 1 0 ${1}00 9 9 9" \
		>"$PROC/$1/stat"
	printf 'Name:\t%s\nUid:\t%s\t%s\t0\t0\n' "$3" "$5" "$5" >"$PROC/$1/status"
	printf '%s\000--flag\000' "$4" >"$PROC/$1/cmdline"
	echo "$3" >"$PROC/$1/comm"
	echo "$6" >"$PROC/$1/cgroup"
	: >"$PROC/$1/maps"
	ln -s "$4" "$PROC/$1/exe"
}
socket() { # line number, local, remote, state, uid, inode
	echo "   $1: $2 $3 $4 00000000:00000000 00:00000000 00000000 $5 0 $6 1 0 100 0 0 10 0"
}
ANY4=00000000:0000
ANY6=00000000000000000000000000000000:0000
HEAD='  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid'

tree machine
write var/lib/dpkg/info/openssh-server.list <<'T'
/.
/usr/sbin/sshd
T
write var/lib/dpkg/info/nginx:amd64.list <<'T'
/sbin/nginx
T
mkdir -p "$PROC/net"
printf 'btime 1700000000\n' >"$PROC/stat"
process 1 0 systemd /usr/lib/systemd/systemd 0 0::/init.scope
process 2 0 kthreadd none 0 0::/ 2129984
process 3 2 kworker/0:0 none 0 0::/ 69238880
process 40 1 sshd /usr/sbin/sshd 0 0::/system.slice/ssh.service
process 50 1 nginx "/usr/sbin/nginx (deleted)" 0 0::/system.slice/nginx.service
process 51 50 nginx "/usr/sbin/nginx (deleted)" 33 0::/system.slice/nginx.service
process 60 1 "a) S (b" "/memfd:x (deleted)" 1000 \
	"0::/user.slice/user-1000.slice/session-3.scope"
process 70 1 redis /usr/sbin/sshd 999 "0::/system.slice/docker-$ID.scope"
process 80 1 lxd-thing /usr/bin/x 0 "1:name=systemd:/lxc/web/system.slice/x.service"
printf 'junk' >"$PROC/80/stat"
OPTS="--proc $PROC"
query "SELECT pid, parent, name, path, cmdline, uid, euid, start_time, on_disk, memfd, unit,
       container, package FROM processes" "processes without kernel threads" <<T
1|0|systemd|/usr/lib/systemd/systemd|/usr/lib/systemd/systemd --flag|0|0|1700000001|1|0|init.scope||
40|1|sshd|/usr/sbin/sshd|/usr/sbin/sshd --flag|0|0|1700000040|1|0|ssh.service||openssh-server
50|1|nginx|/usr/sbin/nginx|/usr/sbin/nginx (deleted) --flag|0|0|1700000050|0|0|nginx.service||nginx
51|50|nginx|/usr/sbin/nginx|/usr/sbin/nginx (deleted) --flag|33|33|1700000051|0|0|nginx.service||nginx
60|1|a) S (b|/memfd:x|/memfd:x (deleted) --flag|1000|1000|1700000060|0|1|session-3.scope||
70|1|redis|/usr/sbin/sshd|/usr/sbin/sshd --flag|999|999|1700000070|1|0|docker-$ID.scope|$ID|
T
query "SELECT reason FROM collector_problems WHERE name='processes'" "a file that is cut" <<'T'
/proc/80/stat is not what a kernel writes
T
cat >"$PROC/50/maps" <<'T'
7f00-7f01 r--p 00000000 08:01 1 /usr/lib/libssl.so.3 (deleted)
7f01-7f02 r-xp 00000000 08:01 1 /usr/lib/libssl.so.3 (deleted)
7f02-7f03 r-xp 00000000 08:01 2 /usr/sbin/nginx (deleted)
7f03-7f04 rw-s 00000000 00:01 3 /dev/zero (deleted)
7f03-7f04 r-xp 00000000 00:01 3 /memfd:jit (deleted)
7f03-7f04 rw-p 00000000 08:01 4 /tmp/data (deleted)
7f05-7f06 r-xp 00000000 08:01 5 /usr/lib/libc.so.6
T
query "SELECT pid, name, path, unit FROM process_deleted_files" "old libraries in use" <<'T'
50|nginx|/usr/lib/libssl.so.3|nginx.service
50|nginx|/usr/sbin/nginx|nginx.service
T
{
	echo "$HEAD"
	socket 0 00000000:0016 $ANY4 0A 0 101
	socket 1 0100007F:0CEA $ANY4 0A 100 102
	socket 2 0A00000A:0016 0B00000A:1234 01 0 103
	socket 3 00000000:0050 $ANY4 0A 0 104
} >"$PROC/net/tcp"
{
	echo "$HEAD"
	socket 0 00000000000000000000000000000000:0016 $ANY6 0A 0 105
	socket 1 00000000000000000000000000000000:1F90 $ANY6 0A 0 106
	socket 2 00000000000000000000000001000000:0050 $ANY6 0A 0 107
	socket 3 0000000000000000FFFF00000A00000A:0051 $ANY6 0A 0 108
} >"$PROC/net/tcp6"
{
	echo "$HEAD"
	socket 0 00000000:0044 $ANY4 07 0 109
	socket 1 00000000:0000 $ANY4 07 0 110
	socket 2 0A00000A:8000 0B00000A:0035 01 0 111
} >"$PROC/net/udp"
ln -s 'socket:[101]' "$PROC/1/fd/30"
ln -s 'socket:[101]' "$PROC/40/fd/3"
ln -s 'socket:[105]' "$PROC/40/fd/4"
ln -s 'socket:[104]' "$PROC/50/fd/5"
ln -s 'socket:[104]' "$PROC/51/fd/5"
ln -s 'socket:[106]' "$PROC/70/fd/5"
ln -s 'socket:[109]' "$PROC/1/fd/31"
ln -s /dev/null "$PROC/40/fd/0"
query "SELECT protocol, family, address, port, loopback, pid, uid, process, path, unit, package
       FROM listening_ports" "listeners and who they belong to" <<T
tcp|ipv4|0.0.0.0|22|0|40|0|sshd|/usr/sbin/sshd|ssh.service|openssh-server
tcp|ipv6|::|22|0|40|0|sshd|/usr/sbin/sshd|ssh.service|openssh-server
udp|ipv4|0.0.0.0|68|0|1|0|systemd|/usr/lib/systemd/systemd|init.scope|
tcp|ipv4|0.0.0.0|80|0|50|0|nginx|/usr/sbin/nginx|nginx.service|nginx
tcp|ipv6|::1|80|1|0|0||||
tcp|ipv4|10.0.0.10|81|0|0|0||||
tcp|ipv4|127.0.0.1|3306|1|0|100||||
tcp|dual|::|8080|0|70|0|redis|/usr/sbin/sshd|docker-$ID.scope|
T
rm "$PROC/net/tcp"
query "SELECT path, error FROM collector_problems WHERE name='listening_ports'" \
	"without net/tcp something is missing" <<'T'
/proc/net/tcp|2
T
printf '%s\nnonsense\n' "$HEAD" >"$PROC/net/tcp"
query "SELECT path, reason FROM collector_problems WHERE name='listening_ports'" "a bad line" <<'T'
/proc/net/tcp|line 2: the sockets cannot be read
T
printf 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' \
	>"$PROC/net/route"
printf 'eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' >>"$PROC/net/route"
printf 'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t000000FF\t0\t0\t0\n' >>"$PROC/net/route"
query "SELECT destination, prefix, gateway, interface, family, metric FROM routes" "routes" <<'T'
default|0|10.0.0.1|eth0|ipv4|100
10.0.0.0/8|8||eth0|ipv4|100
T
query "SELECT status FROM collector_status WHERE name='interface_addresses'" \
	"what cannot be asked for is missing, not empty" <<'T'
incomplete
T
OPTS=
query "SELECT DISTINCT status FROM collector_status WHERE name IN ('processes','listening_ports',
       'process_deleted_files','interface_addresses','routes')" "nothing of it is on a disk" <<'T'
not_applicable
T

command -v python3 >/dev/null && command -v ip >/dev/null && unshare -n true 2>/dev/null || skip "no network namespace, ip or python3"
[ -d /sys/class/net ] || skip "no /sys here"
live() { # SQL, name: the real kernel, with sockets of python's
	unshare -n sh -c "
		ip link set lo up
		ip addr add 198.51.100.7/24 dev lo
		ip route add 203.0.113.0/24 via 198.51.100.1
		python3 $TMP/server.py $HOLDFAST query --format list \"$1\"" >"$TMP/got" 2>&1
	cat >"$TMP/expected"
	cmp -s "$TMP/expected" "$TMP/got"
	result $? "$2"
	diff "$TMP/expected" "$TMP/got" | sed 's/^/# /'
}
cat >"$TMP/server.py" <<'T'
import socket, subprocess, sys
def server(family, kind, address, v6only=None, device=None):
    s = socket.socket(family, kind)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.bind(address)
    if kind == socket.SOCK_STREAM:
        s.listen()
    return s
keep = [
    server(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 1001)),
    server(socket.AF_INET6, socket.SOCK_STREAM, ("::", 1002), 0),
    server(socket.AF_INET6, socket.SOCK_STREAM, ("::", 1003), 1),
    server(socket.AF_INET, socket.SOCK_DGRAM, ("198.51.100.7", 1004)),
    server(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 1005), None, b"lo"),
    socket.create_connection(("127.0.0.1", 1001)),
]
sys.exit(subprocess.call(sys.argv[1:]))
T
live "SELECT protocol, family, address, port, interface, loopback, process, path LIKE '/%'
	FROM listening_ports" "the real kernel" <<'T'
tcp|ipv4|0.0.0.0|1001||0|python3|1
tcp|dual|::|1002||0|python3|1
tcp|ipv6|::|1003||0|python3|1
udp|ipv4|198.51.100.7|1004||0|python3|1
tcp|ipv4|0.0.0.0|1005|lo|1|python3|1
T
live "SELECT address, prefix, scope, up FROM interface_addresses WHERE interface = 'lo'
	ORDER BY address" "its addresses" <<'T'
127.0.0.1|8|host|1
198.51.100.7|24|global|1
::1|128|host|1
T
live "SELECT destination, gateway, interface FROM routes WHERE gateway <> ''" "its routes" <<'T'
203.0.113.0/24|198.51.100.1|lo
T
live "SELECT count(*) >= 2 FROM processes WHERE name LIKE 'python3%' OR name = 'holdfast'" \
	"its processes" <<'T'
1
T
finish
