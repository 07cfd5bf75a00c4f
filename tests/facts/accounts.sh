#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# users, groups, user_groups, shadow, weak_passwords, last_login
. ./lib.sh

problems() {
	query "SELECT path, reason FROM collector_problems WHERE name='$1' ORDER BY path, reason" "$2"
}

tree debian
write bin/bash 755 </dev/null
write bin/sh 755 </dev/null
folder home/ann
write etc/passwd <<'E'
root:x:0:0:root:/root:/bin/bash
daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ann:x:1000:1000:Ann,,,:/home/ann:/bin/bash
  # a comment
backdoor:x: 0:00::/dev/shm:
toor::0:0
old:$1$abcdefgh$G//4keteveJp0qb8z2DxG/:1001:1000::/home/old:/bin/zsh
+::0:0:::
broken:x:abc:0::/:/bin/sh
ann:x:1000:1000:again:/home/ann:/bin/sh
E
write etc/group <<'E'
root:x:0:
sudo:x:27:ann,ghost
users:x:1000:
wheel:$6$s$h:10:ann
same:x:27:
E
write etc/gshadow 640 <<'E'
root:*::
sudo:!::ann
users:$y$j9T$a$b::
E
write etc/shadow 640 <<'E'
root:!$6$rounds=65536$salt$hash:19000:0:99999:7:::
ann:$y$j9T$salt$hash:19000:0:90:7:30:20000:
ghost:$y$j9T$salt$hash:19000:0:90:7:::
locked:!!:19000::::::
nothing::19000:0:99999:7:::
never:*:19000:0:99999:7:::
cut:$6$salt$hash
E
query "SELECT username, uid, gid, shell, interactive, password_field, home_exists, line FROM users" <<'E'
root|0|0|/bin/bash|1|x|0|1
daemon|1|1|/usr/sbin/nologin|0|none|0|2
ann|1000|1000|/bin/bash|1|x|1|3
backdoor|0|0|/bin/sh|1|x|0|5
toor|0|0|/bin/sh|1|empty|0|6
old|1001|1000|/bin/zsh|0|other|0|7
+|-1|-1|/bin/sh|0|plus|0|8
ann|1000|1000|/bin/sh|1|x|1|10
E
problems users "a malformed line is told" <<'E'
/etc/passwd|line 9: malformed line (1 lines left out)
E
query "SELECT groupname, gid, password_set, line FROM groups" <<'E'
root|0|0|1
sudo|27|0|2
users|1000|1|3
wheel|10|1|4
same|27|0|5
E
query "SELECT username, uid, groupname, gid, is_primary FROM user_groups WHERE username IN ('ann','ghost','old')" <<'E'
ann|1000|users|1000|1
old|1001|users|1000|1
ann|1000|users|1000|1
ann|1000|sudo|27|0
ghost|-1|sudo|27|0
ann|1000|wheel|10|0
E
query "SELECT username, password_status, hash_algorithm, hash_cost, max_age, inactive, expires, same_hash, file, line FROM shadow" <<'E'
daemon|unset||||||0|/etc/passwd|2
toor|empty||||||0|/etc/passwd|6
old|set|md5crypt|||||0|/etc/passwd|7
root|locked|sha512crypt|65536|99999|||0|/etc/shadow|1
ann|set|yescrypt|j9T|90|30|20000|1|/etc/shadow|2
ghost|set|yescrypt|j9T|90|||1|/etc/shadow|3
locked|unset||||||0|/etc/shadow|4
nothing|empty|||99999|||0|/etc/shadow|5
never|unset|||99999|||0|/etc/shadow|6
E
problems shadow "a shadow line that is cut is told" <<'E'
/etc/passwd|line 9: malformed line (1 lines left out)
/etc/shadow|line 7: malformed line (1 lines left out)
E

tree missing
write etc/passwd <<'E'
root:x:0:0:root:/root:/bin/bash
E
query "SELECT name, status FROM collector_status WHERE name IN ('users','shadow','weak_passwords','groups') ORDER BY name" <<'E'
groups|incomplete
shadow|incomplete
users|ok
weak_passwords|incomplete
E
tree nothing
query "SELECT name, status FROM collector_status WHERE name IN ('users','shadow') ORDER BY name" <<'E'
shadow|incomplete
users|incomplete
E

tree odd
mkdir -p "$ROOT/etc"
mkfifo "$ROOT/etc/shadow"
link loop etc/group
link group etc/loop
{
	echo 'root:x:0:0::/root:/bin/sh'
	head -c 100000 /dev/zero | tr '\0' a
	echo ':x:1:1::/:/bin/sh'
	printf 'nul:x:2:2::/h\0ome:/bin/sh\n'
} | write etc/passwd
query "SELECT username, directory, line FROM users" <<'E'
root|/root|1
nul|/h|3
E
problems shadow "a FIFO is not read" <<'E'
/etc/passwd|line 2: overlong line (2 lines left out)
/etc/shadow|not a regular file
E
problems groups "a loop of links is told" <<'E'
/etc/group|symbolic links loop
E

tree many
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "u%d:x:%d:%d::/home/u%d:/bin/bash\n", i, i, i % 9, i }' |
	write etc/passwd
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "u%d:!$6$salt$%d:19000:0:99999:7:::\n", i, i % 50000 }' |
	write etc/shadow
write etc/group <<'E'
root:x:0:
E
query "SELECT count(*), max(uid) FROM users" "100,000 accounts" <<'E'
100000|99999
E
query "SELECT password_status, same_hash, count(*) FROM shadow GROUP BY 1, 2" "equal hashes among them" <<'E'
locked|1|100000
E

tree weak
write etc/hostname <<'E'
web07.example.org
E
write bin/sh 755 </dev/null
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
nagios:x:1001:1::/home/n:/bin/sh
bob:x:1002:1::/home/b:/bin/sh
eve:x:1003:1::/home/e:/bin/sh
svc:x:500:1::/:/usr/sbin/nologin
strong:x:1004:1::/home/s:/bin/sh
huge:x:1005:1::/home/h:/bin/sh
open::1006:1::/home/o:/bin/sh
locked:x:1007:1::/home/l:/bin/sh
E
# 123456, nagiosadmin, bob, web07, batman, a strong one, 2^31 rounds, "locked", root, test
write etc/shadow 640 <<'E'
root:$y$j9T$wqSFXIArJVeW9Unjk/FJi/$EfZ5Cn9Z4eWHfoInW0KA8PcKJp6Nsh9ghOfQEoVEaD2:1:0:99999:7:::
nagios:$6$abcdefgh$ELrbcHlXSUUEFPjxiLi2rlzADGNA0g196gBpEllVvQ3yZMK0snAd7QMEBSKcYdWUBb2HDvK0fkmJJ1KXFHpSs/:1:0:99999:7:::
bob:$5$abcdefgh$IToKmlQX6e.cclHjlVq70sUJeDUVrJutABzew1eq4Q.:1:0:99999:7:::
eve:$1$abcdefgh$vQu4iqydWk98Ft47M1A3y/:1:0:99999:7:::
svc:$1$abcdefgh$wfx6puMXb055BVeZD416P.:1:0:99999:7:::
strong:$6$abcdefgh$9xsTcTApiZCNo9gH4qoBFrYYwmwuI.kwyq7TLUq7yMf0HTibAFlOGi3QX5xe1zzwJhNhD.lNtBaN7hH9Hl0JC.:1:0:99999:7:::
huge:$2b$31$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu:1:0:99999:7:::
locked:!$1$abcdefgh$QJFim1QaEhpBJ4zHw.d5y0:1:0:99999:7:::
root2:$2b$05$abcdefghijklmnopqrstuuJ/uqQnGWb.PIEKF.YYD7e.M1.rwki5y:1:0:99999:7:::
test:abgOeLfPimXQo:1:0:99999:7:::
E
query "SELECT username, kind, hash_algorithm, tries > 0 FROM weak_passwords ORDER BY username" <<'E'
bob|username|sha256crypt|1
eve|hostname|md5crypt|1
nagios|service-default|sha512crypt|1
open|empty||0
root|common|yescrypt|1
root2|username|bcrypt|1
svc|common|md5crypt|1
test|username|descrypt|1
E

# The article's first case: a word with changes, no entry of a list.
tree article
write bin/sh 755 </dev/null
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
nagios:x:1001:1001::/home/nagios:/bin/sh
E
write etc/shadow 640 <<'E'
nagios:$6$SDO5emyFAn2jFcSo$UU/SjEWaumH4YoHp8kEjhmqugGk42ctMdI6IP2TqgvU7iBYfL/cpE/Ot.UrYRk6Y8SMSDDpJVvvO5VR9J7iwc.:1:0:99999:7:::
E
query "SELECT username, kind, tries BETWEEN 1 AND 200 FROM weak_passwords" <<'E'
nagios|word|1
E

tree logins
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:3:3::/:/bin/sh
late:x:9:9::/:/bin/sh
E
record() { # uid, four bytes of time, terminal, host
	{
		printf "$2"
		printf '%s' "$3"
		head -c $((32 - ${#3})) /dev/zero
		printf '%s' "$4"
		head -c $((256 - ${#4})) /dev/zero
	} | dd of="$ROOT/var/log/lastlog" bs=292 seek="$1" conv=notrunc iflag=fullblock status=none
}
mkdir -p "$ROOT/var/log"
record 0 '\000\361\123\145' pts/0 203.0.113.9
record 3 '\000\000\000\000' '' ''
query "SELECT username, time, host, terminal FROM last_login" <<'E'
root|1700000000|203.0.113.9|pts/0
ann|||
late|||
E
echo x >>"$ROOT/var/log/lastlog"
query "SELECT status FROM collector_status WHERE name = 'last_login'" "lastlog that is cut off" <<'E'
incomplete
E

mkdir -p "$ROOT/var/lib/lastlog"
echo garbage >"$ROOT/var/lib/lastlog/lastlog2.db"
query "SELECT path, reason FROM collector_problems WHERE name = 'last_login' AND path LIKE '%db'" "lastlog2 that is none" <<'E'
/var/lib/lastlog/lastlog2.db|not a database of last logins
E
if command -v sqlite3 >/dev/null; then
	rm "$ROOT/var/lib/lastlog/lastlog2.db"
	sqlite3 "$ROOT/var/lib/lastlog/lastlog2.db" "CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY,
		Time INTEGER, TTY TEXT, RemoteHost TEXT, PAM_Service TEXT);
		INSERT INTO Lastlog2 VALUES ('root', 5, 'old', 'old', 'sshd'),
		('ann', 1750000000, 'ssh', '198.51.100.7', 'sshd')"
	query "SELECT username, time, host, terminal FROM last_login" "lastlog2" <<'E'
root|1700000000|203.0.113.9|pts/0
ann|1750000000|198.51.100.7|ssh
late|||
E
fi

finish
