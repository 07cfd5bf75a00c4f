/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_database: databases, caches, search engines. */
#include "facts/linux/listen.h"

static bool is_set(struct str value) { return str_eq(value, STR("(set)")); }

static bool is_on(struct str value)
{
	bool on;

	return str_to_bool(value, &on) == 0 && on;
}

static void place(struct endpoint *e, const struct setting *s)
{
	if (s) {
		e->file = s->file;
		e->line = s->line;
	}
}

/* ACL: the default user has a password, or is switched off. */
static bool redis_default_user_is_closed(const struct listen *l, const char *instance)
{
	for (size_t i = l->settings.n; i-- > 0;) {
		const struct setting *s = &l->settings.list[i];

		if (str_eq(s->name, STR("user")) && str_starts(s->value, STR("default ")) &&
		    (!instance || str_eq(s->instance, str_of(instance))))
			return !str_contains(s->value, STR("nopass")) &&
			       (str_contains(s->value, STR(">(set)")) ||
				str_contains(s->value, STR("#(set)")) ||
				str_contains(s->value, STR(" off")));
	}
	return false;
}

/*
 * Without a password the protected mode (the default since 3.2) answers other machines with an
 * error only: up to 6 where no address is configured, from 7 on always.
 */
static const char *redis_authentication(const struct listen *l, const char *instance, bool bound)
{
	struct str protected = listen_value(l, instance, "protected-mode");
	bool new_rule = l->presence->version.len && version_compare(l->presence->version, "7") >= 0;

	if (is_set(listen_value(l, instance, "requirepass")) ||
	    redis_default_user_is_closed(l, instance))
		return "password";
	if (listen_setting(l, instance, "aclfile"))
		return "";
	if (str_eq(protected, STR("no")) || (bound && !new_rule))
		return "none";
	return "protected";
}

int listen_redis(struct listen *l)
{
	const char *const *instances;
	size_t n;
	int r = listen_instances(l, &instances, &n);

	for (size_t i = 0; !r && i < n; i++) {
		const struct setting *bind = listen_setting(l, instances[i], "bind");
		const struct setting *port = listen_setting(l, instances[i], "port");
		struct str rest = bind && bind->value.len ? bind->value : STR("*"), word;
		struct endpoint e = { .port = 6379 };
		int64_t number, tls = 0;

		place(&e, bind ? bind : port);
		if (!e.file.ptr && instances[i])
			e.file = str_of(instances[i]);
		e.authentication = redis_authentication(l, instances[i], bind != NULL);
		if (port && str_to_int64(port->value, &number) == 0)
			e.port = number;
		if (str_to_int64(listen_value(l, instances[i], "tls-port"), &number) == 0)
			tls = number;
		while (!r && (word = str_word(&rest)).ptr) {
			struct endpoint t = e;

			/* "-::1": not an error if there is no such address */
			e.address = str_sub(word, word.ptr[0] == '-', word.len);
			r = listen_add(l, &e);
			t.address = e.address;
			t.port = tls;
			if (!r && tls)
				r = listen_add(l, &t);
		}
	}
	return r;
}

const char *mongodb_authentication(const struct listen *l, const char *instance)
{
	if (str_eq(listen_value(l, instance, "security.authorization"), STR("enabled")) ||
	    is_on(listen_value(l, instance, "auth")) ||
	    listen_setting(l, instance, "security.keyFile keyfile"))
		return "password";
	return "none";
}

/* Before 3.6 mongod listened everywhere unless told otherwise. */
int listen_mongodb(struct listen *l)
{
	struct listen_service service = *l->service;
	const struct listen_service *outer = l->service;
	int r;

	service.fallback.authentication = "none";
	if (listen_setting(l, NULL, "net.bindIpAll") ||
	    (l->presence->version.len && version_compare(l->presence->version, "3.6") < 0))
		service.fallback.address = STR("*");
	l->service = &service;
	r = listen_generic(l);
	l->service = outer;
	return r;
}

const char *cassandra_authentication(const struct listen *l, const char *instance)
{
	struct str a = listen_value(l, instance, "authenticator authenticator.class_name");

	return !a.len || str_ends(a, STR("AllowAllAuthenticator")) ? "none" : "password";
}

const char *influxdb_authentication(const struct listen *l, const char *instance)
{
	if (version_compare(l->presence->version, "2") >= 0)
		return "password";
	return is_on(listen_value(l, instance, "http/auth-enabled")) ? "password" : "none";
}

/* The groups that mysqld and mariadbd read, the more special ones later. */
#define MYSQL(name) \
	"mariadbd/" name " mariadb/" name " mysqld/" name " server/" name " galera/" name

static bool mysql_switch(const struct listen *l, const char *names)
{
	const struct setting *s = listen_setting(l, NULL, names);

	return s && (!s->value.len || is_on(s->value));
}

int listen_mysql(struct listen *l)
{
	const struct setting *bind = listen_setting(l, NULL, MYSQL("bind-address"));
	const struct setting *port = listen_setting(l, NULL, MYSQL("port"));
	struct endpoint e = { .port = 3306, .authentication = "password" };
	int64_t number;
	int r;

	if (mysql_switch(l, MYSQL("skip-networking")))
		return 0;
	if (mysql_switch(l, MYSQL("skip-grant-tables")))
		e.authentication = "none";
	place(&e, bind ? bind : port);
	if (port && str_to_int64(port->value, &number) == 0)
		e.port = number;
	r = listen_add_list(l, bind && bind->value.len ? bind->value : STR("*"), &e);
	/* The X protocol is on by default in MySQL 8; MariaDB has none. */
	if (r || !str_starts(l->presence->package, STR("mysql")) ||
	    version_compare(l->presence->version, "8") < 0)
		return r;
	bind = listen_setting(l, NULL, MYSQL("mysqlx-bind-address"));
	e = (struct endpoint){ .port = 33060, .authentication = "password" };
	place(&e, bind);
	return listen_add_list(l, bind && bind->value.len ? bind->value : STR("*"), &e);
}

/* Some line of pg_hba.conf beside the cluster's file lets others in without asking. */
static bool postgresql_trusts(const struct settings *hba, struct str dir)
{
	for (size_t i = 0; i < hba->n; i++) {
		const struct setting *s = &hba->list[i];
		struct str rest = s->value, address, method;

		str_word(&rest);
		address = str_word(&rest);
		method = str_word(&rest);
		if (str_starts(s->instance, dir) && str_starts(s->name, STR("host")) &&
		    str_eq(method, STR("trust")) && !address_is_loopback(address))
			return true;
	}
	return false;
}

/* Debian's clusters: start.conf says whether the init script starts this one. */
static int postgresql_enabled(struct listen *l, struct str dir, int64_t *ret)
{
	struct str path = arena_cat(l->c->arena, dir, STR("start.conf"), STR("")), text, line;
	int r = path.ptr ? 0 : -ENOMEM;

	*ret = l->presence->enabled;
	if (!r)
		r = root_read(l->c->root, path.ptr, 65536, l->c->arena, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while (str_line(&text, &line, NULL)) {
		line = str_trim(line);
		if (str_starts(line, STR("manual")) || str_starts(line, STR("disabled")))
			*ret = 0;
	}
	return 0;
}

int listen_postgresql(struct listen *l)
{
	struct settings hba = {};
	const char *const *instances;
	size_t n;
	int r;

	if (!l->settings.n && !l->presence->present) /* postgresql-common alone */
		return 0;
	r = settings_load(l->c, "pg_hba", &hba);
	if (!r)
		r = listen_instances(l, &instances, &n);
	for (size_t i = 0; !r && i < n; i++) {
		const struct setting *where = listen_setting(l, instances[i], "listen_addresses");
		const struct setting *port = listen_setting(l, instances[i], "port");
		struct endpoint e = { .port = 5432, .authentication = "password" };
		struct str file = str_of(instances[i]);
		struct str dir = str_sub(file, 0, (size_t)(str_rfind(file, '/') + 1));
		int64_t number;

		place(&e, where ? where : port);
		if (port && str_to_int64(port->value, &number) == 0)
			e.port = number;
		if (instances[i] && postgresql_trusts(&hba, dir))
			e.authentication = "none";
		r = instances[i] ? postgresql_enabled(l, dir, &l->enabled) : 0;
		if (!r)
			r = listen_add_list(l, where ? where->value : STR("localhost"), &e);
	}
	return r;
}

static int memcached_instance(struct listen *l, const char *instance)
{
	const struct setting *where = listen_setting(l, instance, "-l");
	struct str rest = where && where->value.len ? where->value : STR("*");
	struct endpoint e = { .port = 11211, .authentication = "none" };
	/* UDP was on by default before 1.5.6. */
	int64_t udp = l->presence->version.len && version_compare(l->presence->version, "1.5.6") < 0
			      ? 11211
			      : 0;
	int64_t number;
	int r = 0;

	if (listen_setting(l, instance, "-s"))
		return 0;
	if (listen_setting(l, instance, "-S -Y"))
		e.authentication = "password";
	place(&e, where ? where : listen_setting(l, instance, "-p"));
	if (str_to_int64(listen_value(l, instance, "-p"), &number) == 0)
		e.port = number;
	if (str_to_int64(listen_value(l, instance, "-U"), &number) == 0)
		udp = number;
	while (!r && rest.ptr) {
		struct endpoint one = e;

		endpoint_parse(str_trim(str_cut(&rest, ',')), &one);
		r = listen_add(l, &one);
		one.protocol = "udp";
		one.port = udp;
		if (!r && udp)
			r = listen_add(l, &one);
	}
	return r;
}

int listen_memcached(struct listen *l)
{
	const char *const *instances;
	size_t n;
	int r = listen_instances(l, &instances, &n);

	for (size_t i = 0; !r && i < n; i++)
		r = memcached_instance(l, instances[i]);
	return r;
}

/* The version of the tree that a configuration belongs to: config/../lib/NAME-X.Y.Z.jar. */
static struct str search_version(struct listen *l, const char *instance)
{
	const char *name = l->service->daemon.name;
	struct str file = str_of(instance), base = STR("/usr/share/"), pattern, prefix;
	ssize_t config =
		file.len ? str_rfind(str_sub(file, 0, (size_t)str_rfind(file, '/')), '/') : -1;

	prefix = arena_fmt(l->c->arena, "%s-", name);
	if (config > 0 && !str_starts(file, STR("/etc/")))
		pattern = arena_fmt(l->c->arena, "%.*s/lib/%s-[0-9]*.jar", (int)config, file.ptr,
				    name);
	else
		pattern = arena_fmt(l->c->arena, "%.*s%s/lib/%s-[0-9]*.jar", STR_FMT(base), name,
				    name);
	if (!pattern.ptr || !prefix.ptr)
		return STR("");
	return listen_version(l, pattern.ptr, prefix.ptr);
}

/* "9200", "9200-9300" */
static int64_t first_port(struct str s, int64_t fallback)
{
	struct str head = str_cut(&s, '-');
	int64_t port;

	return str_to_int64(str_trim(head), &port) == 0 ? port : fallback;
}

/*
 * Up to 1.x Elasticsearch listens everywhere; since 2.0 on the loopback. Since 8.0 it asks for a
 * password unless told otherwise. OpenSearch has always done both.
 */
static int search_instance(struct listen *l, const char *instance)
{
	struct str version = search_version(l, instance);
	bool elastic = !strcmp(l->service->daemon.name, "elasticsearch");
	bool old = elastic && version.len && version_compare(version, "2") < 0;
	bool asks = !elastic || !version.len || version_compare(version, "8") >= 0;
	struct str security = listen_value(
		l, instance, elastic ? "xpack.security.enabled" : "plugins.security.disabled");
	const struct setting *http = listen_setting(
		l, instance, "http.host http.bind_host network.host network.bind_host");
	const struct setting *transport = listen_setting(
		l, instance, "transport.host transport.bind_host network.host network.bind_host");
	struct str fallback = old ? STR("*") : STR("_local_");
	struct endpoint e = { .file = str_of(instance) };
	int r;

	if (security.len)
		asks = str_eq(security, elastic ? STR("true") : STR("false"));
	e.authentication = asks ? "password" : "none";
	e.port = first_port(listen_value(l, instance, "http.port"), 9200);
	place(&e, http);
	r = listen_add_list(l, http && http->value.len ? http->value : fallback, &e);
	e.port = first_port(listen_value(l, instance, "transport.port transport.tcp.port"), 9300);
	place(&e, transport);
	if (!r)
		r = listen_add_list(
			l, transport && transport->value.len ? transport->value : fallback, &e);
	return r;
}

int listen_elasticsearch(struct listen *l)
{
	const char *const *instances;
	size_t n;
	int r = listen_instances(l, &instances, &n);

	for (size_t i = 0; !r && i < n; i++)
		r = search_instance(l, instances[i]);
	return r;
}

/* Since 9.0 Solr listens on the loopback; security.json is what makes it ask for a password. */
int listen_solr(struct listen *l)
{
	struct str version = listen_version(l, "/opt/solr-*", "solr-");
	const struct setting *host = listen_setting(l, NULL, "SOLR_JETTY_HOST");
	struct endpoint e = { .port = 8983, .authentication = "none" };
	struct stat st;
	int64_t port;

	if (root_stat(l->c->root, "/var/solr/data/security.json", &st) == 0)
		e.authentication = "password";
	if (str_to_int64(listen_value(l, NULL, "SOLR_PORT"), &port) == 0)
		e.port = port;
	place(&e, host);
	e.address = host ? host->value : STR("*");
	if (!host && version.len && version_compare(version, "9") >= 0)
		e.address = STR("127.0.0.1");
	return listen_add(l, &e);
}

int listen_rabbitmq(struct listen *l)
{
	struct endpoint e = { .port = 5672, .authentication = "password" };
	const struct setting *amqp = listen_setting(
		l, NULL, "listeners.tcp.default listeners.tcp.1 listeners.tcp.local");
	struct str plugins = STR("");
	int r;

	place(&e, amqp);
	if (amqp)
		endpoint_parse(amqp->value, &e);
	r = listen_add(l, &e);
	if (!r)
		r = settings_read_text(l->c, "/etc/rabbitmq/enabled_plugins", &plugins);
	if (r == 1 && str_contains(plugins, STR("rabbitmq_management"))) {
		e = (struct endpoint){ .port = 15672,
				       .authentication = "password",
				       .file = STR("/etc/rabbitmq/enabled_plugins"),
				       .line = 1 };
		r = listen_add(l, &e);
	}
	return MIN(r, 0);
}
