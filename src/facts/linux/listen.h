/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen: what services would listen on, from their configuration. The services are the rows of
 * listen_services.c; most need only the names of two settings, the others a function.
 */
#ifndef HF_FACTS_LINUX_LISTEN_H
#define HF_FACTS_LINUX_LISTEN_H

#include "facts/linux/daemon_args.h"
#include "facts/linux/presence.h"
#include "facts/linux/settings.h"

struct endpoint {
	const char *protocol; /* NULL: "tcp" */
	struct str address;   /* as written; '', *, 0.0.0.0, :: and [::] are all addresses */
	int64_t port;
	const char *authentication; /* NULL: '' */
	struct str file;
	unsigned line;
};

/* What becomes a row, and who asked for it. */
struct listener {
	struct endpoint e; /* normalised */
	struct str service, package;
	int64_t loopback, enabled;
};

/* What has become a row, to see repetitions; it lives longer than the texts of one service. */
struct listener_seen {
	const struct listen_service *service;
	char address[64];
	const char *protocol;
	int64_t port, enabled;
};
#define LISTENERS_MAX 2000
struct listeners {
	struct listener_seen *seen; /* LISTENERS_MAX */
	size_t n;
	bool full;
	int (*emit)(struct collect *c, const struct listener *row);
	const char *sshd_authentication; /* NULL: there is no sshd */
};

struct listen_service;
struct listen {
	struct collect *c;
	const struct units *units;
	const struct listen_service *service;
	const struct presence *presence;
	struct settings settings; /* of service->settings */
	int64_t enabled;
	struct listeners *out;
};

struct listen_service {
	struct daemon daemon;
	struct endpoint fallback; /* without configuration; port 0: nothing */
	const char *settings;     /* service of settings_sources.c, or NULL */
	const char *addresses;    /* settings that say where: "section/name" or "name" */
	const char *ports;
	const char *(*authentication)(const struct listen *l, const char *instance);
	int (*listen)(struct listen *l); /* instead of the two lists of settings */
};
extern const struct listen_service listen_services[];
extern const size_t n_listen_services;

/* Adds one listener; unix sockets, ports out of range and repetitions are passed over. */
[[nodiscard]] int listen_add(struct listen *l, const struct endpoint *e);
/* The same for every address of a list separated by blanks, commas or semicolons. */
[[nodiscard]] int listen_add_list(struct listen *l, struct str addresses, const struct endpoint *e);
/* "80", "10.0.0.1:80", "[::]:80", "*:80", "host": the part that is missing stays as it was. */
void endpoint_parse(struct str text, struct endpoint *e);
bool address_is_loopback(struct str address);

/* The first of these settings that is there ("section/name name"), or NULL. */
const struct setting *listen_setting(const struct listen *l, const char *instance,
				     const char *names);
/* Its value; '' if there is none. */
struct str listen_value(const struct listen *l, const char *instance, const char *names);
/* Main files of a service with several instances; one NULL where there is no configuration. */
[[nodiscard]] int listen_instances(const struct listen *l, const char *const **ret, size_t *ret_n);
/* "1.4.2" of a path of the form DIR/PREFIX-1.4.2.jar or of the package; '' if not known. */
struct str listen_version(const struct listen *l, const char *pattern, const char *prefix);
/* Compares the leading numbers: < 0, 0, > 0. */
int version_compare(struct str version, const char *other);

/* listen_*.c */
int listen_generic(struct listen *l);
int listen_sshd(struct listen *l);
int listen_redis(struct listen *l);
int listen_mongodb(struct listen *l);
int listen_rpcbind(struct listen *l);
int listen_mysql(struct listen *l);
int listen_postgresql(struct listen *l);
int listen_memcached(struct listen *l);
int listen_elasticsearch(struct listen *l);
int listen_solr(struct listen *l);
int listen_rabbitmq(struct listen *l);
int listen_nginx(struct listen *l);
int listen_apache(struct listen *l);
int listen_tomcat(struct listen *l);
int listen_vsftpd(struct listen *l);
int listen_samba(struct listen *l);
int listen_nfs(struct listen *l);
int listen_docker(struct listen *l);
int listen_kubelet(struct listen *l);
int listen_cups(struct listen *l);
int listen_snmpd(struct listen *l);
int listen_bind(struct listen *l);
int listen_postfix(struct listen *l);
int listen_dovecot(struct listen *l);
int listen_rsyncd(struct listen *l);
int listen_rsyslog(struct listen *l);
int listen_chrony(struct listen *l);
int listen_exporter(struct listen *l);
int listen_list(struct listen *l); /* haproxy, squid, mosquitto, etcd: settings that repeat */
int listen_vnc(struct listen *l);

/* Sockets of systemd and services of inetd and xinetd, whatever they are called. */
int listen_sockets(struct listen *l);
int listen_inetd(struct listen *l);

const char *mongodb_authentication(const struct listen *l, const char *instance);
const char *cassandra_authentication(const struct listen *l, const char *instance);
const char *influxdb_authentication(const struct listen *l, const char *instance);
const char *proftpd_authentication(const struct listen *l, const char *instance);

#endif
