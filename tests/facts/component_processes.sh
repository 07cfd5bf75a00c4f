#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# process_code, component_processes: which process runs what; a made-up /proc and the real one.
. ./lib.sh

PROC=$TMP/proc
ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
mkdir -p "$PROC"
printf 'btime 1700000000\n' >"$PROC/stat"
process() { # pid name exe cwd cgroup argument...
	dir=$PROC/$1
	mkdir -p "$dir/fd"
	echo "$1 ($2) S 1 $1 $1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 100 9 9 9" >"$dir/stat"
	printf 'Name:\t%s\nUid:\t0\t0\t0\t0\n' "$2" >"$dir/status"
	ln -s "$3" "$dir/exe"
	ln -s "$4" "$dir/cwd"
	echo "$5" >"$dir/cgroup"
	: >"$dir/maps"
	: >"$dir/mountinfo"
	shift 5
	printf '%s\000' "$@" >"$dir/cmdline"
}
code() { query "SELECT path, how FROM process_code WHERE pid = $1 ORDER BY path, how" "$2"; }
dist() { printf 'Name: %s\nVersion: 1\n' "$2" | write "$1/$2-1.dist-info/METADATA"; }

tree machine
OPTS="--proc $PROC"
dist srv/app/venv/lib/python3.11/site-packages flask
dist usr/local/lib/python3.11/dist-packages system
dist opt/other/lib/python3.11/site-packages other
write srv/app/venv/pyvenv.cfg </dev/null
process 10 python3 /usr/bin/python3.11 /srv/app 0::/ /srv/app/venv/bin/python -m flask
echo '7f00-7f01 r-xp 0 8:1 5 /opt/other/lib/python3.11/site-packages/x/y.so' >"$PROC/10/maps"
process 11 python3 /usr/bin/python3.11 / 0::/ python3 x.py
code 10 "python of a virtual environment, and what is mapped" <<'E'
/opt/other/lib/python3.11/site-packages|mapped
/srv/app/venv/lib/python3.11/site-packages|search
/usr/bin/python3.11|executable
E
code 11 "the system's python" <<'E'
/usr/bin/python3.11|executable
/usr/local/lib/python3.11/dist-packages|search
E
echo '{"name":"express","version":"4.0.0"}' | write srv/web/node_modules/express/package.json
echo '{"name":"else","version":"1.0.0"}' | write srv/else/node_modules/else/package.json
process 20 node /usr/bin/node /srv/web 0::/ node --max-old-space-size=1 app/server.js
code 20 "node: the folders above the script" <<'E'
/srv/web/node_modules|search
/usr/bin/node|executable
E
for jar in srv/java/shop-1.0.jar srv/java/lib/a-1.0.jar srv/java/open-2.0.jar srv/java/not-1.0.jar; do
	write $jar </dev/null
done
process 30 java /usr/lib/jvm/bin/java /srv/java 0::/ java -cp 'lib/*:conf' -jar shop-1.0.jar
ln -s /srv/java/open-2.0.jar "$PROC/30/fd/7"
ln -s 'socket:[5]' "$PROC/30/fd/8"
code 30 "java: class path, archive, open archives" <<'E'
/srv/java/conf|argument
/srv/java/lib|argument
/srv/java/open-2.0.jar|open
/srv/java/shop-1.0.jar|argument
/usr/lib/jvm/bin/java|executable
E
echo '{"libraries":{"A/1.0":{"type":"package"}}}' | write opt/net/App.deps.json
process 40 dotnet /usr/bin/dotnet /opt/net 0::/ dotnet App.dll
code 40 "dotnet: what stands beside the program" <<'E'
/opt/net/App.deps.json|argument
/usr/bin/dotnet|executable
E
write var/lib/docker/overlay2/low/diff/app/in-1.0.jar </dev/null
write var/lib/docker/overlay2/up/diff/app/in-1.0.jar </dev/null
link ../low/diff var/lib/docker/overlay2/l/AB
process 50 java /opt/java/bin/java /app "0::/system.slice/docker-$ID.scope" java -jar in-1.0.jar
echo '5 4 0:3 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB,upperdir=/var/lib/docker/overlay2/up/diff,workdir=/w' \
	>"$PROC/50/mountinfo"
code 50 "in a container: in each of its layers" <<'E'
/var/lib/docker/overlay2/low/diff/app/in-1.0.jar|argument
/var/lib/docker/overlay2/low/diff/opt/java/bin/java|executable
/var/lib/docker/overlay2/up/diff/app/in-1.0.jar|argument
/var/lib/docker/overlay2/up/diff/opt/java/bin/java|executable
E
echo "\$wp_version = '6.4.1';" | write var/www/html/wp-includes/version.php
printf 'server {\n\tlisten 80;\n\troot /var/www/html;\n}\n' | write etc/nginx/sites-enabled/x
printf 'http {\n\tinclude sites-enabled/*;\n}\n' | write etc/nginx/nginx.conf
process 60 php-fpm8.2 /usr/sbin/php-fpm8.2 / 0::/ 'php-fpm: pool www'
query "SELECT c.name, coalesce(p.pid, '-'), coalesce(p.how, '-') FROM components c
	LEFT JOIN component_processes p ON p.component = c.id ORDER BY c.name, p.pid" "joined" <<'E'
A|40|argument
a|30|argument
else|-|-
express|20|search
flask|10|search
in|50|argument
in|50|argument
not|-|-
open|30|open
other|10|mapped
shop|30|argument
system|11|search
wordpress|60|web root
E

# The real ones.
OPTS=
real() { # pid "expected path" name
	"$HOLDFAST" query --format list "SELECT path FROM process_code WHERE pid = $1" >"$TMP/got" 2>&1
	grep -qxF "$2" "$TMP/got"
	result $? "$3"
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}
started() { # pid: wait until it runs what it was told
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(readlink "/proc/$1/exe")" = "$(readlink -f /bin/sh)" ] || break
		sleep 0.2
	done
}
mkdir -p "$TMP/real/node_modules/x" "$TMP/real/app"
echo 'setTimeout(() => {}, 60000)' >"$TMP/real/app/main.js"
if command -v node >/dev/null; then
	(cd "$TMP/real" && exec node app/main.js) >/dev/null 2>&1 &
	started $!
	real $! "$TMP/real/node_modules" "node that runs"
fi
if python3 -m venv --without-pip "$TMP/real/venv" 2>/dev/null; then
	"$TMP/real/venv/bin/python" -c 'import time; time.sleep(60)' >/dev/null 2>&1 &
	started $!
	real $! "$(echo "$TMP"/real/venv/lib/python*/site-packages)" "python that runs in a virtual environment"
fi
if command -v javac >/dev/null && command -v jar >/dev/null; then
	echo 'class M { public static void main(String[] a) throws Exception { Thread.sleep(60000); } }' \
		>"$TMP/real/M.java"
	if (cd "$TMP/real" && javac M.java && jar cfe m.jar M M.class) >/dev/null 2>&1; then
		java -jar "$TMP/real/m.jar" >/dev/null 2>&1 &
		started $!
		real $! "$TMP/real/m.jar" "java that runs an archive"
	fi
fi
finish
