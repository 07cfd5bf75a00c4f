/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_services: a row makes a service known to expected_listeners. */
#include "facts/linux/listen.h"

#define ALL(port_)                                   \
	{                                            \
		.address = STR("*"), .port = (port_) \
	}
#define ALL_AUTH(port_, auth)                                                  \
	{                                                                      \
		.address = STR("*"), .port = (port_), .authentication = (auth) \
	}
#define LOCAL(port_, auth)                                                             \
	{                                                                              \
		.address = STR("127.0.0.1"), .port = (port_), .authentication = (auth) \
	}
#define UDP(port_, auth)                                                                          \
	{                                                                                         \
		.protocol = "udp", .address = STR("*"), .port = (port_), .authentication = (auth) \
	}
#define NOTHING           \
	{                 \
		.port = 0 \
	}

/* clang-format off */
const struct listen_service listen_services[] = {
	{ { "sshd", "openssh-server openssh openssh-server-pam", "/usr/sbin/sshd",
	    "ssh.service sshd.service sshd ssh" }, ALL(22), NULL, NULL, NULL, NULL, listen_sshd },
	{ { "dropbear", "dropbear", "/usr/sbin/dropbear", "dropbear" }, ALL_AUTH(22, "password"),
	  NULL, NULL, NULL, NULL, NULL },
	{ { "redis", "redis-server redis valkey valkey-server",
	    "/usr/bin/redis-server /usr/bin/valkey-server /usr/local/bin/redis-server "
	    "/opt/redis*/bin/redis-server /opt/redis*/src/redis-server",
	    "redis-server redis valkey valkey-server" }, ALL(6379), "redis", NULL, NULL, NULL,
	  listen_redis },
	{ { "mongodb", "mongodb-org-server mongodb-server mongodb mongodb-server-core",
	    "/usr/bin/mongod /usr/local/bin/mongod /opt/mongodb*/bin/mongod", "mongod mongodb" },
	  LOCAL(27017, "none"), "mongodb", "net.bindIp bind_ip", "net.port port",
	  mongodb_authentication, listen_mongodb },
	{ { "mysql", "mariadb-server mariadb mysql-server mysql-server-8.0 mysql-community-server "
	    "mariadb-server-10.5 percona-server-server mysql",
	    "/usr/sbin/mariadbd /usr/sbin/mysqld /usr/libexec/mysqld /usr/libexec/mariadbd "
	    "/usr/bin/mariadbd /usr/local/mysql/bin/mysqld", "mariadb mysql mysqld" },
	  ALL(3306), "mysql", NULL, NULL, NULL, listen_mysql },
	{ { "postgresql", "postgresql postgresql-server postgresql-15 postgresql-16 postgresql-14 "
	    "postgresql-13 postgresql-17",
	    "/usr/lib/postgresql/*/bin/postgres /usr/bin/postgres /usr/pgsql-*/bin/postgres "
	    "/usr/libexec/postgresql*/postgres /usr/local/pgsql/bin/postgres", "postgresql" },
	  NOTHING, "postgresql", NULL, NULL, NULL, listen_postgresql },
	{ { "memcached", "memcached", "/usr/bin/memcached /usr/local/bin/memcached", "memcached" },
	  ALL(11211), "memcached", NULL, NULL, NULL, listen_memcached },
	{ { "elasticsearch", "elasticsearch",
	    "/usr/share/elasticsearch*/bin/elasticsearch /opt/elasticsearch*/bin/elasticsearch "
	    "/usr/local/elasticsearch*/bin/elasticsearch /srv/elasticsearch*/bin/elasticsearch "
	    "/usr/share/elasticsearch/lib/elasticsearch-*.jar "
	    "/opt/elasticsearch*/lib/elasticsearch-*.jar /home/*/elasticsearch*/bin/elasticsearch",
	    "elasticsearch" }, NOTHING, "elasticsearch", NULL, NULL, NULL, listen_elasticsearch },
	{ { "opensearch", "opensearch",
	    "/usr/share/opensearch/bin/opensearch /opt/opensearch*/bin/opensearch",
	    "opensearch" }, NOTHING, "opensearch", NULL, NULL, NULL, listen_elasticsearch },
	{ { "solr", "solr solr-jetty", "/opt/solr*/bin/solr", "solr" }, NOTHING, "solr", NULL,
	  NULL, NULL, listen_solr },
	{ { "cassandra", "cassandra", "/usr/sbin/cassandra /opt/*cassandra*/bin/cassandra",
	    "cassandra" }, LOCAL(9042, "none"), "cassandra", "rpc_address",
	  "native_transport_port", cassandra_authentication, NULL },
	{ { "couchdb", "couchdb", "/opt/couchdb/bin/couchdb /usr/bin/couchdb", "couchdb" },
	  LOCAL(5984, "password"), "couchdb", "chttpd/bind_address httpd/bind_address",
	  "chttpd/port httpd/port", NULL, NULL },
	{ { "influxdb", "influxdb influxdb2", "/usr/bin/influxd", "influxdb influxd" },
	  ALL(8086), "influxdb", NULL, "http/bind-address http-bind-address",
	  influxdb_authentication, NULL },
	{ { "etcd", "etcd etcd-server", "/usr/bin/etcd /usr/local/bin/etcd", "etcd" },
	  LOCAL(2379, "none"), "etcd", "ETCD_LISTEN_CLIENT_URLS listen-client-urls", NULL, NULL,
	  listen_list },
	{ { "zookeeper", "zookeeper zookeeperd",
	    "/opt/*zookeeper*/bin/zkServer.sh /usr/share/zookeeper/bin/zkServer.sh", "zookeeper" },
	  ALL_AUTH(2181, "none"), "zookeeper", "clientportaddress", "clientport", NULL, NULL },
	{ { "rabbitmq", "rabbitmq-server", "/usr/sbin/rabbitmq-server", "rabbitmq-server" },
	  NOTHING, "rabbitmq", NULL, NULL, NULL, listen_rabbitmq },
	{ { "mosquitto", "mosquitto", "/usr/sbin/mosquitto", "mosquitto" },
	  LOCAL(1883, ""), "mosquitto", "listener port", NULL, NULL, listen_list },
	{ { "slapd", "slapd openldap-servers openldap", "/usr/sbin/slapd /usr/libexec/slapd",
	    "slapd" }, ALL(389), NULL, NULL, NULL, NULL, NULL },

	{ { "nginx", "nginx nginx-core nginx-full nginx-light nginx-extras openresty",
	    "/usr/sbin/nginx /usr/local/nginx/sbin/nginx /opt/nginx/sbin/nginx",
	    "nginx openresty" }, ALL(80), NULL, NULL, NULL, NULL, listen_nginx },
	{ { "apache", "apache2 httpd apache2-bin",
	    "/usr/sbin/apache2 /usr/sbin/httpd /usr/local/apache2/bin/httpd", "apache2 httpd" },
	  ALL(80), NULL, NULL, NULL, NULL, listen_apache },
	{ { "haproxy", "haproxy", "/usr/sbin/haproxy", "haproxy" }, NOTHING, "haproxy", "bind",
	  NULL, NULL, listen_list },
	{ { "lighttpd", "lighttpd", "/usr/sbin/lighttpd", "lighttpd" }, ALL(80), "lighttpd",
	  "server.bind", "server.port", NULL, NULL },
	{ { "caddy", "caddy", "/usr/bin/caddy /usr/local/bin/caddy", "caddy" }, ALL(80), NULL,
	  NULL, NULL, NULL, NULL },
	{ { "squid", "squid squid3", "/usr/sbin/squid", "squid" }, ALL(3128), "squid",
	  "http_port https_port", NULL, NULL, listen_list },
	{ { "tomcat", "tomcat10 tomcat9 tomcat8 tomcat7 tomcat",
	    "/opt/*tomcat*/lib/catalina.jar /usr/share/tomcat*/lib/catalina.jar "
	    "/usr/local/*tomcat*/lib/catalina.jar /srv/*tomcat*/lib/catalina.jar",
	    "tomcat10 tomcat9 tomcat8 tomcat" }, NOTHING, NULL, NULL, NULL, NULL,
	  listen_tomcat },
	{ { "jenkins", "jenkins", "/usr/share/java/jenkins.war /usr/share/jenkins/jenkins.war",
	    "jenkins" }, ALL(8080), "jenkins", NULL, "HTTP_PORT JENKINS_PORT", NULL, NULL },
	{ { "kibana", "kibana", "/usr/share/kibana/bin/kibana /opt/kibana*/bin/kibana", "kibana" },
	  LOCAL(5601, ""), "kibana", "server.host", "server.port", NULL, NULL },
	{ { "grafana", "grafana grafana-enterprise", "/usr/sbin/grafana-server /usr/sbin/grafana",
	    "grafana-server grafana" }, ALL_AUTH(3000, "password"), "grafana", "server/http_addr",
	  "server/http_port", NULL, NULL },
	{ { "prometheus", "prometheus", "/usr/bin/prometheus /usr/local/bin/prometheus "
	    "/opt/prometheus*/prometheus", "prometheus" }, ALL_AUTH(9090, "none"), "prometheus",
	  NULL, NULL, NULL, listen_exporter },
	{ { "node_exporter", "prometheus-node-exporter golang-github-prometheus-node-exporter",
	    "/usr/bin/prometheus-node-exporter /usr/local/bin/node_exporter "
	    "/usr/bin/node_exporter", "prometheus-node-exporter node_exporter" },
	  ALL_AUTH(9100, "none"), "node_exporter", NULL, NULL, NULL, listen_exporter },
	{ { "webmin", "webmin", "/usr/share/webmin/miniserv.pl /usr/libexec/webmin/miniserv.pl",
	    "webmin" }, ALL_AUTH(10000, "password"), "webmin", "bind", "port", NULL, NULL },

	{ { "vsftpd", "vsftpd", "/usr/sbin/vsftpd", "vsftpd" }, ALL(21), "vsftpd", NULL, NULL,
	  NULL, listen_vsftpd },
	{ { "proftpd", "proftpd proftpd-core proftpd-basic", "/usr/sbin/proftpd", "proftpd" },
	  ALL(21), "proftpd", "defaultaddress", "port", proftpd_authentication, NULL },
	{ { "pureftpd", "pure-ftpd pure-ftpd-common", "/usr/sbin/pure-ftpd", "pure-ftpd" },
	  ALL_AUTH(21, "password"), "pureftpd", NULL, "bind", NULL, NULL },
	{ { "telnetd", "busybox-extras", "/etc/init.d/telnetd", "telnetd" },
	  ALL_AUTH(23, "password"), NULL, NULL, NULL, NULL, NULL },
	{ { "tftpd", "tftpd-hpa atftpd tftp-server", "/usr/sbin/in.tftpd /usr/sbin/atftpd",
	    "tftpd-hpa.service atftpd.service" }, UDP(69, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "samba", "samba", "/usr/sbin/smbd", "smbd smb samba" }, NOTHING, "samba", NULL, NULL,
	  NULL, listen_samba },
	{ { "nfs", "nfs-kernel-server nfs-utils", "/usr/sbin/rpc.nfsd /usr/sbin/rpc.mountd",
	    "nfs-server nfs-kernel-server nfs" }, NOTHING, "nfs", NULL, NULL, NULL, listen_nfs },
	{ { "rpcbind", "rpcbind", "/usr/sbin/rpcbind /sbin/rpcbind", "rpcbind" },
	  ALL_AUTH(111, "none"), NULL, NULL, NULL, NULL, listen_rpcbind },
	{ { "rsyncd", "rsync", "/usr/bin/rsync", "rsync rsyncd" }, NOTHING, "rsyncd", NULL, NULL,
	  NULL, listen_rsyncd },
	{ { "cups", "cups cups-daemon", "/usr/sbin/cupsd", "cups" }, NOTHING, "cups", NULL, NULL,
	  NULL, listen_cups },
	{ { "avahi", "avahi-daemon avahi", "/usr/sbin/avahi-daemon", "avahi-daemon" },
	  UDP(5353, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "snmpd", "snmpd net-snmp", "/usr/sbin/snmpd", "snmpd" }, NOTHING, "snmpd", NULL, NULL,
	  NULL, listen_snmpd },
	{ { "bind", "bind9 bind", "/usr/sbin/named", "named bind9" }, NOTHING, "bind", NULL, NULL,
	  NULL, listen_bind },
	{ { "unbound", "unbound", "/usr/sbin/unbound", "unbound" },
	  { .protocol = "udp", .address = STR("127.0.0.1"), .port = 53 }, NULL, NULL, NULL, NULL,
	  NULL },
	{ { "dnsmasq", "dnsmasq", "/usr/sbin/dnsmasq", "dnsmasq" }, UDP(53, ""), "dnsmasq",
	  "listen-address", "port", NULL, NULL },
	{ { "dhcpd", "isc-dhcp-server dhcp-server kea-dhcp4-server",
	    "/usr/sbin/dhcpd /usr/sbin/kea-dhcp4", "isc-dhcp-server dhcpd kea-dhcp4-server" },
	  UDP(67, ""), NULL, NULL, NULL, NULL, NULL },
	{ { "postfix", "postfix", "/usr/sbin/postfix", "postfix" }, NOTHING, "postfix", NULL,
	  NULL, NULL, listen_postfix },
	{ { "exim", "exim4-daemon-light exim4-daemon-heavy exim", "/usr/sbin/exim4 /usr/sbin/exim",
	    "exim4 exim" }, ALL(25), "exim", "dc_local_interfaces", NULL, NULL, NULL },
	{ { "sendmail", "sendmail-bin sendmail", "/usr/sbin/sendmail.sendmail "
	    "/usr/libexec/sendmail", "sendmail" }, LOCAL(25, ""), NULL, NULL, NULL, NULL, NULL },
	{ { "dovecot", "dovecot-core dovecot dovecot-imapd", "/usr/sbin/dovecot", "dovecot" },
	  NOTHING, "dovecot", NULL, NULL, NULL, listen_dovecot },
	{ { "rsyslog", "rsyslog", "/usr/sbin/rsyslogd", "rsyslog" }, NOTHING, "rsyslog", NULL,
	  NULL, NULL, listen_rsyslog },
	{ { "chrony", "chrony", "/usr/sbin/chronyd", "chrony chronyd" }, NOTHING, "chrony", NULL,
	  NULL, NULL, listen_chrony },
	{ { "ntp", "ntpsec ntp openntpd", "/etc/ntp.conf /etc/ntpsec/ntp.conf", "ntpsec ntp ntpd" },
	  UDP(123, ""), NULL, NULL, NULL, NULL, NULL },

	{ { "docker", "docker.io docker-ce moby-engine docker",
	    "/usr/bin/dockerd /usr/sbin/dockerd /usr/local/bin/dockerd", "docker.service docker" },
	  NOTHING, "docker", NULL, NULL, NULL, listen_docker },
	{ { "kubelet", "kubelet", "/usr/bin/kubelet /usr/local/bin/kubelet", "kubelet" }, NOTHING,
	  "kubelet", NULL, NULL, NULL, listen_kubelet },
	{ { "xrdp", "xrdp", "/usr/sbin/xrdp", "xrdp" }, ALL_AUTH(3389, "password"), "xrdp",
	  "globals/address", "globals/port", NULL, NULL },
	{ { "vnc", "tigervnc-standalone-server tigervnc-server x11vnc tightvncserver",
	    "/usr/bin/Xvnc /usr/bin/Xtigervnc /usr/bin/x11vnc", "" }, NOTHING, NULL, NULL, NULL,
	  NULL, listen_vnc },
	{ { "nrpe", "nagios-nrpe-server nrpe", "/usr/sbin/nrpe", "nagios-nrpe-server nrpe" },
	  ALL_AUTH(5666, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "zabbix-agent", "zabbix-agent zabbix-agent2",
	    "/usr/sbin/zabbix_agentd /usr/sbin/zabbix_agent2", "zabbix-agent zabbix-agent2" },
	  ALL_AUTH(10050, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "munin-node", "munin-node", "/usr/sbin/munin-node", "munin-node" },
	  ALL_AUTH(4949, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "distccd", "distcc distcc-server", "/usr/bin/distccd", "distcc distccd" },
	  ALL_AUTH(3632, "none"), NULL, NULL, NULL, NULL, NULL },
	{ { "minio", "minio", "/usr/local/bin/minio /usr/bin/minio", "minio" },
	  ALL_AUTH(9000, "password"), NULL, NULL, NULL, NULL, NULL },
	{ { "consul", "consul", "/usr/bin/consul /usr/local/bin/consul", "consul" },
	  LOCAL(8500, "none"), NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */
const size_t n_listen_services = COUNT(listen_services);
