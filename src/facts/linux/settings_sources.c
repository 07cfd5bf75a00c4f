/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_sources: a row makes a daemon's settings facts. */
#include "facts/linux/settings.h"

/* clang-format off */
const struct settings_source settings_sources[] = {
	{ "redis", "/etc/redis/redis*.conf /etc/redis.conf /etc/redis/[0-9]*.conf "
	  "/etc/redis-*.conf /etc/valkey/valkey*.conf /etc/valkey.conf "
	  "/usr/local/etc/redis*.conf /opt/redis*/redis.conf /opt/redis*/etc/redis.conf",
	  SETTINGS_WORDS, SETTINGS_PER_FILE, "user rename-command loadmodule save" },
	{ "mongodb", "/etc/mongod.conf /usr/local/etc/mongod.conf /opt/mongodb*/mongod.conf",
	  SETTINGS_YAML, SETTINGS_PER_FILE, NULL },
	{ "mongodb", "/etc/mongodb.conf", SETTINGS_EQUALS, SETTINGS_PER_FILE, NULL },
	{ "mysql", "/etc/my.cnf /etc/mysql/my.cnf", SETTINGS_MYSQL, 0, NULL },
	{ "postgresql", "/etc/postgresql/*/*/postgresql.conf /etc/postgresql/postgresql.conf "
	  "/var/lib/pgsql/data/postgresql.conf /var/lib/pgsql/*/data/postgresql.conf "
	  "/var/lib/postgresql/data/postgresql.conf /var/lib/postgresql/*/data/postgresql.conf "
	  "/usr/local/pgsql/data/postgresql.conf",
	  SETTINGS_POSTGRES, SETTINGS_PER_FILE, NULL },
	{ "pg_hba", "/etc/postgresql/*/*/pg_hba.conf /etc/postgresql/pg_hba.conf "
	  "/var/lib/pgsql/data/pg_hba.conf /var/lib/pgsql/*/data/pg_hba.conf "
	  "/var/lib/postgresql/data/pg_hba.conf /var/lib/postgresql/*/data/pg_hba.conf "
	  "/usr/local/pgsql/data/pg_hba.conf",
	  SETTINGS_PG_HBA, SETTINGS_PER_FILE, "*" },
	{ "memcached", "/etc/memcached*.conf /etc/sysconfig/memcached /etc/conf.d/memcached",
	  SETTINGS_OPTIONS, SETTINGS_PER_FILE, NULL },
	{ "elasticsearch", "/etc/elasticsearch/elasticsearch.yml "
	  "/usr/share/elasticsearch*/config/elasticsearch.yml "
	  "/opt/elasticsearch*/config/elasticsearch.yml "
	  "/usr/local/elasticsearch*/config/elasticsearch.yml "
	  "/srv/elasticsearch*/config/elasticsearch.yml "
	  "/home/*/elasticsearch*/config/elasticsearch.yml",
	  SETTINGS_YAML, SETTINGS_PER_FILE, NULL },
	{ "opensearch", "/etc/opensearch/opensearch.yml /opt/opensearch*/config/opensearch.yml "
	  "/usr/share/opensearch*/config/opensearch.yml",
	  SETTINGS_YAML, SETTINGS_PER_FILE, NULL },
	{ "cassandra", "/etc/cassandra/cassandra.yaml /etc/cassandra/conf/cassandra.yaml "
	  "/opt/cassandra*/conf/cassandra.yaml /opt/apache-cassandra*/conf/cassandra.yaml",
	  SETTINGS_YAML, SETTINGS_PER_FILE, NULL },
	{ "kibana", "/etc/kibana/kibana.yml /opt/kibana*/config/kibana.yml",
	  SETTINGS_YAML, SETTINGS_PER_FILE, NULL },
	{ "solr", "/etc/default/solr.in.sh /opt/solr*/bin/solr.in.sh",
	  SETTINGS_SHELL, SETTINGS_PER_FILE, NULL },
	{ "vsftpd", "/etc/vsftpd.conf /etc/vsftpd/*.conf", SETTINGS_EQUALS, SETTINGS_PER_FILE, NULL },
	{ "proftpd", "/etc/proftpd/proftpd.conf /etc/proftpd.conf", SETTINGS_SECTIONS, 0, NULL },
	{ "pureftpd", "/etc/pure-ftpd/pure-ftpd.conf /etc/pure-ftpd.conf", SETTINGS_WORDS, 0, NULL },
	{ "samba", "/etc/samba/smb.conf", SETTINGS_SAMBA, 0, NULL },
	{ "nfs", "/etc/exports /etc/exports.d/*.exports", SETTINGS_EXPORTS, 0, "*" },
	{ "snmpd", "/etc/snmp/snmpd.conf /etc/snmp/snmpd.conf.d/*.conf", SETTINGS_WORDS, 0, "*" },
	{ "docker", "/etc/docker/daemon.json", SETTINGS_JSON, 0, NULL },
	{ "docker", "/etc/default/docker /etc/sysconfig/docker /etc/conf.d/docker",
	  SETTINGS_SHELL, 0, NULL },
	{ "php", "/etc/php/*/*/php.ini /etc/php/*/*/conf.d/*.ini", SETTINGS_PHP,
	  SETTINGS_PATH_SECTION, NULL },
	{ "php", "/etc/php.ini /etc/php.d/*.ini /etc/php[0-9]*/php.ini /etc/php[0-9]*/conf.d/*.ini "
	  "/usr/local/etc/php/php.ini /usr/local/lib/php.ini",
	  SETTINGS_PHP, SETTINGS_PATH_SECTION, NULL },
	{ "rsyncd", "/etc/rsyncd.conf", SETTINGS_SAMBA, 0, NULL },
	{ "journald", "journald.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "journal_upload", "journal-upload.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "timesyncd", "timesyncd.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "coredump", "coredump.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "logind", "logind.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "resolved", "resolved.conf", SETTINGS_SYSTEMD, SETTINGS_CONF_DIRS, NULL },
	{ "rsyslog", "/etc/rsyslog.conf", SETTINGS_RSYSLOG, 0, "*" },
	{ "auditd", "/etc/audit/auditd.conf", SETTINGS_EQUALS, 0, NULL },
	{ "chrony", "/etc/chrony/chrony.conf /etc/chrony.conf", SETTINGS_CHRONY, 0, "*" },
	{ "ntp", "/etc/ntp.conf /etc/ntpsec/ntp.conf", SETTINGS_NTP, 0, "*" },
	{ "openntpd", "/etc/openntpd/ntpd.conf /etc/ntpd.conf", SETTINGS_NTP, 0, "*" },
	{ "logrotate", "/etc/logrotate.conf", SETTINGS_LOGROTATE, 0, NULL },
	{ "limits", "/etc/security/limits.conf /etc/security/limits.d/*.conf", SETTINGS_LIMITS, 0,
	  "*" },
	{ "squid", "/etc/squid/squid.conf /etc/squid3/squid.conf", SETTINGS_NTP, 0, "*" },
	{ "postfix", "/etc/postfix/main.cf", SETTINGS_POSTFIX, 0, NULL },
	{ "postfix_master", "/etc/postfix/master.cf", SETTINGS_NTP, 0, "*" },
	{ "exim", "/etc/exim4/update-exim4.conf.conf", SETTINGS_SHELL, 0, NULL },
	{ "dovecot", "/etc/dovecot/dovecot.conf", SETTINGS_DOVECOT, 0, NULL },
	{ "bind", "/etc/bind/named.conf /etc/named.conf", SETTINGS_NAMED, 0, "include" },
	{ "cups", "/etc/cups/cupsd.conf", SETTINGS_SECTIONS, 0, "listen port allow deny" },
	{ "avahi", "/etc/avahi/avahi-daemon.conf", SETTINGS_INI, 0, NULL },
	{ "grafana", "/etc/grafana/grafana.ini", SETTINGS_INI, 0, NULL },
	{ "couchdb", "/opt/couchdb/etc/local.ini /opt/couchdb/etc/local.d/*.ini "
	  "/etc/couchdb/local.ini /etc/couchdb/local.d/*.ini", SETTINGS_INI, 0, NULL },
	{ "influxdb", "/etc/influxdb/influxdb.conf /etc/influxdb/config.toml", SETTINGS_TOML, 0,
	  NULL },
	{ "etcd", "/etc/default/etcd /etc/etcd/etcd.conf", SETTINGS_SHELL, 0, NULL },
	{ "etcd", "/etc/etcd/etcd.conf.yml /etc/etcd/etcd.yaml", SETTINGS_YAML, 0, NULL },
	{ "rabbitmq", "/etc/rabbitmq/rabbitmq.conf /etc/rabbitmq/conf.d/*.conf", SETTINGS_EQUALS, 0,
	  NULL },
	{ "zookeeper", "/etc/zookeeper/conf/zoo.cfg /etc/zookeeper/zoo.cfg "
	  "/opt/zookeeper*/conf/zoo.cfg /opt/apache-zookeeper*/conf/zoo.cfg "
	  "/opt/kafka*/config/zookeeper.properties", SETTINGS_EQUALS, SETTINGS_PER_FILE, NULL },
	{ "webmin", "/etc/webmin/miniserv.conf", SETTINGS_EQUALS, 0, NULL },
	{ "xrdp", "/etc/xrdp/xrdp.ini", SETTINGS_INI, 0, NULL },
	{ "cockpit", "/etc/cockpit/cockpit.conf", SETTINGS_INI, 0, NULL },
	{ "sesman", "/etc/xrdp/sesman.ini", SETTINGS_INI, 0, NULL },
	{ "jenkins", "/etc/default/jenkins /etc/sysconfig/jenkins", SETTINGS_SHELL, 0, NULL },
	{ "prometheus", "/etc/default/prometheus", SETTINGS_SHELL, 0, NULL },
	{ "node_exporter", "/etc/default/prometheus-node-exporter", SETTINGS_SHELL, 0, NULL },
	{ "kubelet", "/var/lib/kubelet/config.yaml", SETTINGS_YAML, 0, NULL },
	{ "haproxy", "/etc/haproxy/haproxy.cfg", SETTINGS_NTP, 0, "*" },
	{ "lighttpd", "/etc/lighttpd/lighttpd.conf", SETTINGS_TOML, 0, NULL },
	{ "dnsmasq", "/etc/dnsmasq.conf /etc/dnsmasq.d/*", SETTINGS_EQUALS, 0,
	  "listen-address interface server" },
	{ "mosquitto", "/etc/mosquitto/mosquitto.conf", SETTINGS_WORDS, 0, "listener" },
	{ "slapd", "/etc/default/slapd /etc/sysconfig/slapd", SETTINGS_SHELL, 0, NULL },
};
/* clang-format on */
const size_t n_settings_sources = COUNT(settings_sources);
