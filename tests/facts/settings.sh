#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# service_settings: the languages, includes, what counts, and secrets.
. ./lib.sh

settings() { # service name
	query "SELECT section, name, value, file, line FROM service_settings
		WHERE service = '$1' ORDER BY file, line" "$2"
}

tree debian
write etc/redis/redis.conf <<'E'
# bind 192.168.1.100
bind 127.0.0.1 ::1
Port 6379
requirepass "hunter2"
masterauth ""
user default on >secretpw ~* +@all
rename-command CONFIG abc
save 900 1
save 60 1
bind 0.0.0.0
include more.inc
E
echo 'protected-mode no' | write etc/redis/more.inc
settings redis "the last value counts, save adds up, passwords are not kept" <<'E'
|protected-mode|no|/etc/redis/more.inc|1
|port|6379|/etc/redis/redis.conf|3
|requirepass|(set)|/etc/redis/redis.conf|4
|masterauth|(empty)|/etc/redis/redis.conf|5
|user|default on >(set) ~* +@all|/etc/redis/redis.conf|6
|rename-command|CONFIG (set)|/etc/redis/redis.conf|7
|save|900 1|/etc/redis/redis.conf|8
|save|60 1|/etc/redis/redis.conf|9
|bind|0.0.0.0|/etc/redis/redis.conf|10
E
write etc/mysql/mariadb.cnf <<'E'
[client-server]
!includedir /etc/mysql/conf.d/
!includedir /etc/mysql/mariadb.conf.d/
E
link /etc/mysql/mariadb.cnf etc/alternatives/my.cnf
link /etc/alternatives/my.cnf etc/mysql/my.cnf
write etc/mysql/mariadb.conf.d/50-server.cnf <<'E'
[mysqld]
bind-address            = 127.0.0.1
skip-networking
[client]
password = "my#secret"
E
write etc/mysql/mariadb.conf.d/99-local.cnf <<'E'
[mysqld]
bind_address=0.0.0.0 # everywhere
E
settings mysql "links, includes, bare names, _ is -" <<'E'
mysqld|skip-networking||/etc/mysql/mariadb.conf.d/50-server.cnf|3
client|password|(set)|/etc/mysql/mariadb.conf.d/50-server.cnf|5
mysqld|bind-address|0.0.0.0|/etc/mysql/mariadb.conf.d/99-local.cnf|2
E
write etc/postgresql/15/main/postgresql.conf <<'E'
data_directory = '/var/lib/postgresql/15/main'
listen_addresses = '*'		# what IP address(es)
port 5433
primary_conninfo = 'host=a password=''c'' user=x'
include_dir 'conf.d'
E
echo "ssl = on" | write etc/postgresql/15/main/conf.d/a.conf
echo "password_encryption = 'md5'" | write var/lib/postgresql/15/main/postgresql.auto.conf
settings postgresql "quotes, include_dir, ALTER SYSTEM" <<'E'
|ssl|on|/etc/postgresql/15/main/conf.d/a.conf|1
|data_directory|/var/lib/postgresql/15/main|/etc/postgresql/15/main/postgresql.conf|1
|listen_addresses|*|/etc/postgresql/15/main/postgresql.conf|2
|port|5433|/etc/postgresql/15/main/postgresql.conf|3
|primary_conninfo|host=a password=(set) user=x|/etc/postgresql/15/main/postgresql.conf|4
|password_encryption|md5|/var/lib/postgresql/15/main/postgresql.auto.conf|1
E
write etc/postgresql/15/main/pg_hba.conf <<'E'
local   all             postgres                                peer
host    all             all             10.0.0.0  255.0.0.0     trust
host    "a b",c         "all"           ::/0                    ldap ldapserver=x ldapbindpasswd="a b"
hostssl a, b            all             samenet                 scram-sha-256 # c
host    broken
E
settings pg_hba "one row a line" <<'E'
all|local|postgres local peer|/etc/postgresql/15/main/pg_hba.conf|1
all|host|all 10.0.0.0/8 trust|/etc/postgresql/15/main/pg_hba.conf|2
"a b",c|host|all ::/0 ldap ldapserver=x ldapbindpasswd=(set)|/etc/postgresql/15/main/pg_hba.conf|3
a, b|hostssl|all samenet scram-sha-256|/etc/postgresql/15/main/pg_hba.conf|4
E
write etc/memcached.conf <<'E'
-d
logfile /var/log/memcached.log
# -vv
-l 127.0.0.1,::1
-p11211 --udp-port=0
E
settings memcached "options" <<'E'
|-d||/etc/memcached.conf|1
|logfile|/var/log/memcached.log|/etc/memcached.conf|2
|-l|127.0.0.1,::1|/etc/memcached.conf|4
|-p|11211|/etc/memcached.conf|5
|-U|0|/etc/memcached.conf|5
E
write etc/elasticsearch/elasticsearch.yml <<'E'
network.host: ["_site_", 10.0.0.1]
http:
  port: &p 9200
transport.port: *p
xpack:
  security.enabled: false
  keystore.password: x
hosts:
  - {name: a}
  - {name: b}
E
settings elasticsearch "YAML is flattened, aliases are followed" <<'E'
|network.host|_site_,10.0.0.1|/etc/elasticsearch/elasticsearch.yml|1
|http.port|9200|/etc/elasticsearch/elasticsearch.yml|3
|transport.port|9200|/etc/elasticsearch/elasticsearch.yml|4
|xpack.security.enabled|false|/etc/elasticsearch/elasticsearch.yml|6
|xpack.keystore.password|(set)|/etc/elasticsearch/elasticsearch.yml|7
|hosts.0.name|a|/etc/elasticsearch/elasticsearch.yml|9
|hosts.1.name|b|/etc/elasticsearch/elasticsearch.yml|10
E
write etc/docker/daemon.json <<'E'
{
  "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"],
  "tls": false, "log-opts": {"max-size": "10m"},
  "proxies": {"http-proxy": "http://u:p@proxy:3128/"}
}
E
settings docker "JSON is flattened, lines are found" <<'E'
|hosts|unix:///var/run/docker.sock,tcp://0.0.0.0:2375|/etc/docker/daemon.json|2
|tls|false|/etc/docker/daemon.json|3
|log-opts.max-size|10m|/etc/docker/daemon.json|3
|proxies.http-proxy|http://(set)@proxy:3128/|/etc/docker/daemon.json|4
E
write etc/samba/smb.conf <<'E'
[global]
   Map To  Guest = Bad User
; comment
[share]
   guest ok = yes
   path = /srv/\
share
E
settings samba "case, blanks, continuation" <<'E'
global|map to guest|Bad User|/etc/samba/smb.conf|2
share|guest ok|yes|/etc/samba/smb.conf|5
share|path|/srv/share|/etc/samba/smb.conf|6
E
write etc/snmp/snmpd.conf <<'E'
rocommunity public default
rwcommunity s3cret 10.0.0.0/8
com2sec ro default private
createUser bob SHA pass DES pw
E
settings snmpd "communities" <<'E'
|rocommunity|(default) default|/etc/snmp/snmpd.conf|1
|rwcommunity|(set) 10.0.0.0/8|/etc/snmp/snmpd.conf|2
|com2sec|ro default (default)|/etc/snmp/snmpd.conf|3
|createuser|bob (set)|/etc/snmp/snmpd.conf|4
E
write etc/exports <<'E'
"/srv/a b" 10.0.0.0/8(rw,no_root_squash) host
/pub
/x (rw)
E
settings nfs "exports, the world where no client is named" <<'E'
|/srv/a b|10.0.0.0/8(rw,no_root_squash)|/etc/exports|1
|/srv/a b|host()|/etc/exports|1
|/pub|*()|/etc/exports|2
|/x|*(rw)|/etc/exports|3
E
printf '[Journal]\n#Storage=auto\nMaxUse=1G\n' | write etc/systemd/journald.conf
printf '[Journal]\nStorage=volatile\n' | write etc/systemd/journald.conf.d/10-a.conf
printf '[Journal]\nStorage=none\n' | write usr/lib/systemd/journald.conf.d/10-a.conf
printf '[Journal]\nStorage=persistent\n' | write usr/lib/systemd/journald.conf.d/20-b.conf
settings journald "drop-ins in systemd's order" <<'E'
Journal|MaxUse|1G|/etc/systemd/journald.conf|3
Journal|Storage|persistent|/usr/lib/systemd/journald.conf.d/20-b.conf|2
E
write etc/rsyslog.conf <<'E'
module(load="imuxsock")
$IncludeConfig /etc/rsyslog.d/*.conf
auth,authpriv.*			-/var/log/auth.log
mail.err	@@(o)logs:514;fmt
if $programname == "x" then {
  action(type="omfwd"
         target="10.1.1.1" port="6514" protocol="tcp" StreamDriverMode="1")
  stop
}
input(type="imudp" port="514")
E
printf 'input(type="imfile" File="/var/log/x.log")\n& stop\n' | write etc/rsyslog.d/a.conf
settings rsyslog "the three languages of rsyslog" <<'E'
|module|imuxsock|/etc/rsyslog.conf|1
auth,authpriv.*|action|/var/log/auth.log|/etc/rsyslog.conf|3
mail.err|forward|@@(o)logs:514|/etc/rsyslog.conf|4
|forward|@@10.1.1.1:6514 tls|/etc/rsyslog.conf|6
|input|imudp 514|/etc/rsyslog.conf|10
|input|imfile /var/log/x.log|/etc/rsyslog.d/a.conf|1
E
write etc/bind/named.conf <<'E'
acl "trusted" { 10.0.0.0/8; };
options {
	directory "/var/cache/bind"; // comment
	/* listen-on { none; }; */
	listen-on port 5353 { any; };
	allow-recursion { any; !10.0.0.1; };
};
key "k" { secret "abc"; };
include "named.conf.local";
E
echo 'zone "y" { type hint; };' | write etc/bind/named.conf.local
settings bind "statements with braces" <<'E'
acl trusted|acl|10.0.0.0/8|/etc/bind/named.conf|1
options|directory|/var/cache/bind|/etc/bind/named.conf|3
options|listen-on|port 5353 any|/etc/bind/named.conf|5
options|allow-recursion|any !10.0.0.1|/etc/bind/named.conf|6
key k|secret|(set)|/etc/bind/named.conf|8
zone y|type|hint|/etc/bind/named.conf.local|1
E
write etc/dovecot/dovecot.conf <<'E'
ssl = required
!include conf.d/*.conf
service imap-login {
  inet_listener imap {
    port = 0
  }
}
E
echo 'disable_plaintext_auth = yes' | write etc/dovecot/conf.d/10-auth.conf
settings dovecot "blocks" <<'E'
|disable_plaintext_auth|yes|/etc/dovecot/conf.d/10-auth.conf|1
|ssl|required|/etc/dovecot/dovecot.conf|1
service imap-login/inet_listener imap|port|0|/etc/dovecot/dovecot.conf|5
E
printf 'weekly\nrotate 4\ninclude /etc/logrotate.d\n' | write etc/logrotate.conf
write etc/logrotate.d/rsyslog <<'E'
/var/log/syslog
/var/log/auth.log
{
	rotate 14
	postrotate
		x {
	endscript
}
E
echo 'rotate 1' | write etc/logrotate.d/old.dpkg-old
settings logrotate "the files are the section, scripts and leftovers are passed over" <<'E'
|weekly||/etc/logrotate.conf|1
|rotate|4|/etc/logrotate.conf|2
/var/log/syslog /var/log/auth.log|rotate|14|/etc/logrotate.d/rsyslog|4
E
printf '* hard core 0 # c\nroot - nofile 10\nbroken\n' | write etc/security/limits.conf
settings limits "limits.conf" <<'E'
*|core|hard 0|/etc/security/limits.conf|1
root|nofile|- 10|/etc/security/limits.conf|2
E
printf '[PHP]\nexpose_php = On ; x\nmysqli.default_pw = x\n' | write etc/php/8.2/fpm/php.ini
echo 'expose_php=Off' | write etc/php/8.2/fpm/conf.d/50-local.ini
echo 'expose_php=On' | write etc/php/8.2/cli/php.ini
settings php "one section a SAPI" <<'E'
cli|expose_php|On|/etc/php/8.2/cli/php.ini|1
fpm|expose_php|Off|/etc/php/8.2/fpm/conf.d/50-local.ini|1
fpm|mysqli.default_pw|(set)|/etc/php/8.2/fpm/php.ini|3
E
printf 'mynetworks = 127.0.0.0/8\n  [::1]/128\n# c\nrelayhost =\n' | write etc/postfix/main.cf
settings postfix "indented lines continue" <<'E'
|mynetworks|127.0.0.0/8 [::1]/128|/etc/postfix/main.cf|1
|relayhost||/etc/postfix/main.cf|4
E
printf 'pool a.example iburst\nconfdir /etc/chrony/conf.d\nsourcedir /run/x /etc/chrony/sources.d\n' |
	write etc/chrony/chrony.conf
echo 'server b.example' | write etc/chrony/sources.d/b.sources
settings chrony "sources.d" <<'E'
|pool|a.example iburst|/etc/chrony/chrony.conf|1
|server|b.example|/etc/chrony/sources.d/b.sources|1
E
query "SELECT reason FROM collector_status WHERE name = 'service_settings'" "nothing is missing" <<'E'

E

tree rhel
echo 'PORT="11211"
OPTIONS="-l 127.0.0.1,::1 -S"' | write etc/sysconfig/memcached
settings memcached "variables of Red Hat" <<'E'
|-p|11211|/etc/sysconfig/memcached|1
|-l|127.0.0.1,::1|/etc/sysconfig/memcached|2
|-S||/etc/sysconfig/memcached|2
E
echo 'bind 127.0.0.1' | write etc/redis/redis.conf
link redis/redis.conf etc/redis.conf
settings redis "two names of one file are one instance" <<'E'
|bind|127.0.0.1|/etc/redis/redis.conf|1
E
printf '[mysqld]\nport=3307\n!includedir /etc/my.cnf.d\n' | write etc/my.cnf
printf '[mysqld]\nport=3308\n' | write etc/my.cnf.d/z.cnf
settings mysql "my.cnf.d" <<'E'
mysqld|port|3308|/etc/my.cnf.d/z.cnf|2
E

tree alpine
printf 'LISTENON="127.0.0.1"\n' | write etc/conf.d/memcached
settings memcached "variables of Alpine" <<'E'
|-l|127.0.0.1|/etc/conf.d/memcached|1
E

tree bad
mkdir -p "$ROOT/etc/redis" "$ROOT/etc/docker" "$ROOT/etc/samba" "$ROOT/etc/elasticsearch"
mkfifo "$ROOT/etc/redis/redis.conf"
printf '{"hosts": [' | write etc/docker/daemon.json
link smb.conf etc/samba/smb.conf
printf 'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n' >"$TMP/bomb"
for i in c:b d:c e:d f:e g:f h:g i:h; do
	n=${i%:*} o=${i#*:}
	echo "$n: &$n [*$o,*$o,*$o,*$o,*$o,*$o,*$o,*$o]"
done >>"$TMP/bomb"
write etc/elasticsearch/elasticsearch.yml <"$TMP/bomb"
printf 'storage:\n\tdbPath: /x\n' | write etc/mongod.conf
printf 'a\0b\n' | write etc/vsftpd.conf
echo 'include redis-6380.conf' | write etc/redis/redis-6380.conf
printf 'options { directory "/x"' | write etc/named.conf
{ head -c 3000000 /dev/zero | tr '\0' 'x'; echo ' = 1'; } | write etc/audit/auditd.conf
query "SELECT path, CASE WHEN reason LIKE 'line %' THEN 'line' ELSE reason END
	FROM collector_problems WHERE name = 'service_settings' ORDER BY path" "what cannot be trusted is told" <<'E'
/etc/docker/daemon.json|line
/etc/elasticsearch/elasticsearch.yml|line
/etc/mongod.conf|line
/etc/named.conf|line
/etc/redis/redis-6380.conf|includes itself
/etc/redis/redis.conf|not a regular file
/etc/samba/smb.conf|symbolic links loop
/etc/vsftpd.conf|not a text file
E
query "SELECT status FROM collector_status WHERE name = 'service_settings'" "and makes the table incomplete" <<'E'
incomplete
E
query "SELECT max(length(name)) FROM service_settings WHERE service = 'auditd'" "a long line is cut" <<'E'
512
E
tree empty
query "SELECT count(*), (SELECT status FROM collector_status WHERE name = 'service_settings')
	FROM service_settings" "no software, no rows, nothing wrong" <<'E'
0|ok
E
finish
