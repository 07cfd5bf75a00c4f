#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# expected_listeners: what services would listen on.
. ./lib.sh

listeners() { # where name
	query "SELECT service, protocol, address, port, loopback, authentication, enabled, package,
		file, line FROM expected_listeners WHERE $1" "$2"
}
program() { for p in "$@"; do write "$p" 755 </dev/null; done; }
unit() { # name, and its text on standard input; enabled for multi-user.target
	write "usr/lib/systemd/system/$1"
	link "/usr/lib/systemd/system/$1" "etc/systemd/system/multi-user.target.wants/$1"
}
package() { # name version
	mkdir -p "$ROOT/var/lib/dpkg"
	printf 'Package: %s\nStatus: %s\nVersion: %s\nArchitecture: amd64\n\n' "$1" \
		"${3:-install ok installed}" "$2" >>"$ROOT/var/lib/dpkg/status"
}

tree debian
package redis-server 5:7.0.15-1
printf '[Service]\nExecStart=/usr/bin/redis-server\n[Install]\nWantedBy=multi-user.target\n' |
	unit redis-server.service
printf 'bind 127.0.0.1 -::1\nport 6379\n' | write etc/redis/redis.conf
listeners "service = 'redis'" "redis as Debian ships it" <<'E'
redis|tcp|127.0.0.1|6379|1|protected|1|redis-server|/etc/redis/redis.conf|1
redis|tcp|::1|6379|1|protected|1|redis-server|/etc/redis/redis.conf|1
E
printf 'port 6380\nprotected-mode no\ntls-port 6443\n' | write etc/redis/redis.conf
listeners "service = 'redis'" "redis without bind is open to all" <<'E'
redis|tcp|*|6380|0|none|1|redis-server|/etc/redis/redis.conf|1
redis|tcp|*|6443|0|none|1|redis-server|/etc/redis/redis.conf|1
E
printf 'bind 0.0.0.0\nrequirepass x\n' | write etc/redis/redis.conf
listeners "service = 'redis'" "redis with a password" <<'E'
redis|tcp|*|6379|0|password|1|redis-server|/etc/redis/redis.conf|1
E
package mongodb-org-server 6.0.1
printf 'net:\n  port: 27018\n  bindIp: 127.0.0.1,10.0.0.5\nsecurity:\n  authorization: enabled\n' |
	write etc/mongod.conf
package mariadb-server 1:10.11.6-0+deb12u1
printf '[mysqld]\nbind-address = 0.0.0.0\n' | write etc/mysql/my.cnf
program usr/lib/postgresql/15/bin/postgres
printf "listen_addresses = '*'\n" | write etc/postgresql/15/main/postgresql.conf
printf 'host all all 0.0.0.0/0 trust\n' | write etc/postgresql/15/main/pg_hba.conf
printf "listen_addresses = '*'\nport = 5433\n" | write etc/postgresql/15/old/postgresql.conf
echo disabled | write etc/postgresql/15/old/start.conf
package memcached 1.6.18-1
printf -- '-l 127.0.0.1\n-p 11211\n' | write etc/memcached.conf
package mysql-server 8.0.36
listeners "service IN ('mongodb', 'mysql', 'postgresql', 'memcached') ORDER BY port, address" \
	"databases" <<'E'
mysql|tcp|*|3306|0|password|1|mariadb-server|/etc/mysql/my.cnf|2
postgresql|tcp|*|5432|0|none|1||/etc/postgresql/15/main/postgresql.conf|1
postgresql|tcp|*|5433|0|password|0||/etc/postgresql/15/old/postgresql.conf|1
memcached|tcp|127.0.0.1|11211|1|none|1|memcached|/etc/memcached.conf|1
mongodb|tcp|10.0.0.5|27018|0|password|1|mongodb-org-server|/etc/mongod.conf|3
mongodb|tcp|127.0.0.1|27018|1|password|1|mongodb-org-server|/etc/mongod.conf|3
E
program opt/elasticsearch-1.4.0/bin/elasticsearch opt/elasticsearch-1.4.0/lib/elasticsearch-1.4.0.jar
echo 'cluster.name: x' | write opt/elasticsearch-1.4.0/config/elasticsearch.yml
program usr/share/elasticsearch/lib/elasticsearch-8.11.1.jar
printf 'network.host: 10.0.0.2\n' | write etc/elasticsearch/elasticsearch.yml
listeners "service = 'elasticsearch'" "Elasticsearch: versions differ in what they do by default" <<'E'
elasticsearch|tcp|10.0.0.2|9200|0|password|1||/etc/elasticsearch/elasticsearch.yml|1
elasticsearch|tcp|10.0.0.2|9300|0|password|1||/etc/elasticsearch/elasticsearch.yml|1
elasticsearch|tcp|*|9200|0|none|1||/opt/elasticsearch-1.4.0/config/elasticsearch.yml|0
elasticsearch|tcp|*|9300|0|none|1||/opt/elasticsearch-1.4.0/config/elasticsearch.yml|0
E
program usr/sbin/nginx usr/sbin/apache2
write etc/nginx/nginx.conf <<'E'
http {
	server { listen 80; listen [::]:80; listen 127.0.0.1:8081; listen unix:/run/x; }
	server { listen 443 ssl; listen 443 quic; }
	server { server_name without.listen; }
}
stream { server { listen 10.0.0.1:53 udp; } }
E
printf 'Listen 10.0.0.1:8080\nListen [::1]:8082 https\n' | write etc/apache2/apache2.conf
listeners "service IN ('nginx', 'apache')" "web servers" <<'E'
nginx|tcp|*|80|0||1||/etc/nginx/nginx.conf|2
nginx|tcp|127.0.0.1|8081|1||1||/etc/nginx/nginx.conf|2
nginx|tcp|*|443|0||1||/etc/nginx/nginx.conf|3
nginx|udp|*|443|0||1||/etc/nginx/nginx.conf|3
nginx|udp|10.0.0.1|53|0||1||/etc/nginx/nginx.conf|6
apache|tcp|10.0.0.1|8080|0||1||/etc/apache2/apache2.conf|1
apache|tcp|::1|8082|1||1||/etc/apache2/apache2.conf|2
E
program opt/apache-tomcat-9.0.20/lib/catalina.jar
write opt/apache-tomcat-9.0.20/conf/server.xml <<'E'
<Server port="8005">
<!-- <Connector port="1"/> -->
<Connector redirectPort="8443" port="8090"/>
<Connector protocol="AJP/1.3"
 port="8009"/>
<Connector port="8100" address="127.0.0.1"
E
listeners "service = 'tomcat'" "connectors of Tomcat" <<'E'
tomcat|tcp|*|8090|0||1||/opt/apache-tomcat-9.0.20/conf/server.xml|3
tomcat|tcp|*|8009|0||1||/opt/apache-tomcat-9.0.20/conf/server.xml|4
tomcat|tcp|127.0.0.1|8100|1||1||/opt/apache-tomcat-9.0.20/conf/server.xml|6
E
program usr/bin/dockerd
printf '[Service]\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n[Install]\nWantedBy=multi-user.target\n' |
	unit docker.service
printf '[Socket]\nListenStream=/run/docker.sock\nListenStream=127.0.0.1:2377\n' | unit docker.socket
printf '[Socket]\nListenStream=9090\n' | unit cockpit.socket
listeners "service IN ('docker', 'cockpit')" "docker and sockets of systemd" <<'E'
docker|tcp|*|2375|0|none|1||/usr/lib/systemd/system/docker.service|2
cockpit|tcp|*|9090|0|password|1||/usr/lib/systemd/system/cockpit.socket|2
docker|tcp|127.0.0.1|2377|1||1||/usr/lib/systemd/system/docker.socket|3
E
echo 'telnet stream tcp nowait root /usr/sbin/tcpd in.telnetd' | write etc/inetd.conf
printf 'service tftp\n{\n\tsocket_type = dgram\n\tprotocol = udp\n\tdisable = no\n}\nservice ftp\n{\n disable = yes\n}\n' |
	write etc/xinetd.d/tftp
listeners "service IN ('telnetd', 'tftpd', 'ftpd')" "inetd and xinetd" <<'E'
telnetd|tcp|*|23|0|password|1||/etc/inetd.conf|1
tftpd|udp|*|69|0|none|1||/etc/xinetd.d/tftp|1
E
program usr/sbin/vsftpd usr/sbin/smbd usr/sbin/snmpd usr/sbin/named usr/sbin/postfix usr/bin/rsync \
	usr/sbin/dovecot usr/sbin/rpc.nfsd usr/sbin/rsyslogd usr/sbin/cupsd usr/sbin/exim4
printf 'listen=YES\nanonymous_enable=YES\n' | write etc/vsftpd.conf
printf '[global]\ninterfaces = lo 10.0.0.1/24\nbind interfaces only = yes\n[x]\nguest ok = yes\n' |
	write etc/samba/smb.conf
printf 'agentaddress udp:127.0.0.1:161,udp6:[::1]:161,tcp:10.0.0.1:1161\nrocommunity x\n' |
	write etc/snmp/snmpd.conf
printf 'options { listen-on port 5353 { 10.0.0.1; }; listen-on-v6 { none; }; };\n' |
	write etc/bind/named.conf
printf 'inet_interfaces = loopback-only\n' | write etc/postfix/main.cf
printf 'smtp inet n - y - - smtpd\n10.0.0.1:submission inet n - y - - smtpd\npickup unix n - y 60 1 pickup\n' |
	write etc/postfix/master.cf
printf 'address = 10.0.0.1\n[data]\npath = /srv\n' | write etc/rsyncd.conf
printf 'protocols = imap\nservice imap-login {\n inet_listener imap {\n  port = 0\n }\n}\n' |
	write etc/dovecot/dovecot.conf
echo '/srv *(rw)' | write etc/exports
echo 'input(type="imtcp" port="10514")' | write etc/rsyslog.conf
printf 'Listen localhost:631\nListen /run/cups/cups.sock\n' | write etc/cups/cupsd.conf
echo "dc_local_interfaces='127.0.0.1 ; ::1'" | write etc/exim4/update-exim4.conf.conf
listeners "service IN ('vsftpd', 'samba', 'snmpd', 'bind', 'postfix', 'rsyncd', 'dovecot', 'nfs',
	'rsyslog', 'cups', 'exim')" "files, mail, names" <<'E'
vsftpd|tcp|*|21|0|none|1||/etc/vsftpd.conf|1
samba|tcp|lo|445|1|none|1||/etc/samba/smb.conf|2
samba|tcp|10.0.0.1/24|445|0|none|1||/etc/samba/smb.conf|2
samba|tcp|lo|139|1|none|1||/etc/samba/smb.conf|2
samba|tcp|10.0.0.1/24|139|0|none|1||/etc/samba/smb.conf|2
nfs|tcp|*|2049|0|none|1||/etc/exports|1
rsyncd|tcp|10.0.0.1|873|0|none|1||/etc/rsyncd.conf|3
cups|tcp|localhost|631|1||1||/etc/cups/cupsd.conf|1
snmpd|udp|127.0.0.1|161|1|password|1||/etc/snmp/snmpd.conf|1
snmpd|udp|::1|161|1|password|1||/etc/snmp/snmpd.conf|1
snmpd|tcp|10.0.0.1|1161|0|password|1||/etc/snmp/snmpd.conf|1
bind|udp|10.0.0.1|5353|0||1||/etc/bind/named.conf|1
bind|tcp|10.0.0.1|5353|0||1||/etc/bind/named.conf|1
postfix|tcp|loopback-only|25|1||1||/etc/postfix/main.cf|1
postfix|tcp|10.0.0.1|587|0||1||/etc/postfix/master.cf|2
exim|tcp|127.0.0.1|25|1||1||/etc/exim4/update-exim4.conf.conf|1
exim|tcp|::1|25|1||1||/etc/exim4/update-exim4.conf.conf|1
dovecot|tcp|*|993|0|password|1||/etc/dovecot/dovecot.conf|1
rsyslog|tcp|*|10514|0|none|1||/etc/rsyslog.conf|1
E
program usr/local/bin/prometheus
printf '[Service]\nExecStart=/usr/local/bin/prometheus --web.listen-address=127.0.0.1:9091\n' |
	unit prometheus.service
program usr/sbin/grafana-server usr/bin/kubelet
printf '[server]\nhttp_port = 3001\n' | write etc/grafana/grafana.ini
printf 'readOnlyPort: 10255\nauthentication:\n  anonymous:\n    enabled: true\n' |
	write var/lib/kubelet/config.yaml
listeners "service IN ('prometheus', 'grafana', 'kubelet')" "monitoring and kubelet" <<'E'
grafana|tcp|*|3001|0|password|1||/etc/grafana/grafana.ini|2
prometheus|tcp|127.0.0.1|9091|1|none|1||/usr/lib/systemd/system/prometheus.service|2
kubelet|tcp|*|10250|0|none|1||/var/lib/kubelet/config.yaml|4
kubelet|tcp|*|10255|0|none|1||/var/lib/kubelet/config.yaml|1
E

tree leftovers
package redis-server 5:7.0.15-1 "deinstall ok config-files"
echo 'bind 0.0.0.0' | write etc/redis/redis.conf
echo 'bindIp: 0.0.0.0' | write etc/mongod.conf
listeners "1" "a removed package is not started, a configuration from nowhere may be" <<'E'
redis|tcp|*|6379|0|none|0||/etc/redis/redis.conf|1
mongodb|tcp|127.0.0.1|27017|1|none|1|||0
E

tree rhel
program usr/sbin/httpd usr/libexec/mysqld
printf 'Listen 80\n' | write etc/httpd/conf/httpd.conf
printf '[Unit]\nDescription=x\n' | write usr/lib/systemd/system/httpd.service
printf '[Unit]\nDescription=x\n' | unit mariadb.service
listeners "1" "Red Hat: a unit that is not enabled" <<'E'
mysql|tcp|*|3306|0|password|1|||0
apache|tcp|*|80|0||0||/etc/httpd/conf/httpd.conf|1
E

tree alpine
program usr/sbin/nginx usr/bin/redis-server
printf '#!/sbin/openrc-run\n' | write etc/init.d/redis 755
printf '#!/sbin/openrc-run\n' | write etc/init.d/nginx 755
link /etc/init.d/redis etc/runlevels/default/redis
printf 'bind 127.0.0.1\n' | write etc/redis.conf
printf 'http { server { listen 8080; } }\n' | write etc/nginx/nginx.conf
listeners "1" "Alpine: OpenRC" <<'E'
redis|tcp|127.0.0.1|6379|1|none|1||/etc/redis.conf|1
nginx|tcp|*|8080|0||0||/etc/nginx/nginx.conf|1
E

tree ssh
program usr/sbin/sshd
printf 'Port 2222\nListenAddress 10.0.0.1\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n' |
	write etc/ssh/sshd_config
listeners "1" "sshd" <<'E'
sshd|tcp|10.0.0.1|2222|0|keys|1||/etc/ssh/sshd_config|2
E
printf 'Port 22\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch User x\nPasswordAuthentication yes\n' |
	write etc/ssh/sshd_config
printf '[Socket]\nListenStream=22\n' | unit ssh.socket
printf '[Unit]\nDescription=x\n' | write usr/lib/systemd/system/ssh.service
listeners "1" "a socket in front of sshd, a password in a Match block" <<'E'
sshd|tcp|*|22|0|password|1||/usr/lib/systemd/system/ssh.socket|2
E

tree bad
program usr/sbin/nginx usr/bin/redis-server
mkdir -p "$ROOT/etc/nginx" "$ROOT/etc/redis"
mkfifo "$ROOT/etc/nginx/nginx.conf"
printf 'bind \0' | write etc/redis/redis.conf
query "SELECT path, reason FROM collector_problems WHERE name = 'expected_listeners' ORDER BY path" \
	"bad files are told" <<'E'
/etc/nginx/nginx.conf|not a regular file
/etc/redis/redis.conf|not a text file
E
finish
