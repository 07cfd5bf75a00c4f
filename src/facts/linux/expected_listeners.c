/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expected_listeners: what the configuration of installed and enabled services would listen on,
 * running or not. See listen.h.
 */
#include "facts/linux/listen.h"

#define FACT_ROW expected_listeners_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "sshd, redis, mysql, postgresql, mongodb, memcached, elasticsearch, nginx, apache, vsftpd, docker, rpcbind …") \
	X(TEXT, protocol, "tcp or udp") \
	X(TEXT, address, "bind address as configured, without brackets; * for all (0.0.0.0 and :: too)") \
	X(INT, port, "port") \
	X(INT, loopback, "1 when only the machine itself can reach it") \
	X(TEXT, authentication, "none, password, keys, tls (client certificates), protected (redis answers others with an error) or '' when not known") \
	X(INT, enabled, "1 when a unit, socket or init link starts it at boot (or nothing says otherwise)") \
	X(TEXT, package, "package, ''") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "expected_listeners",
	.doc = "What the configuration of installed and enabled services would listen on, running or not.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int emit(struct collect *c, const struct listener *e)
{
	struct expected_listeners_row row = {
		.service = e->service,
		.protocol = str_of(e->e.protocol),
		.address = e->e.address,
		.port = e->e.port,
		.loopback = e->loopback,
		.authentication = str_of(e->e.authentication ?: ""),
		.enabled = e->enabled,
		.package = e->package,
		.file = e->e.file,
		.line = e->e.line,
	};

	return collect_row(c, &row);
}

/* Packages whose configuration was left behind when they were removed. */
struct removed {
	const struct daemon *daemons;
	size_t n;
	bool *removed;
};

static int note_removed(const struct package *p, void *user)
{
	struct removed *out = user;

	if (p->installed)
		return 0;
	for (size_t i = 0; i < out->n; i++) {
		struct str rest = str_of(out->daemons[i].packages), word;

		while ((word = str_word(&rest)).ptr)
			if (str_eq(word, p->name))
				out->removed[i] = true;
	}
	return 0;
}

struct state {
	struct collect *c;
	struct units units;
	struct daemon *daemons;
	struct presence *found;
	bool *removed, removed_known; /* filled when it is first asked for */
	struct listeners out;
};

/*
 * A configuration without program, package and unit: a leftover if the package was removed,
 * otherwise something that was installed by other means.
 */
static int left_behind(struct state *s, size_t i, bool *ret)
{
	if (!s->removed_known) {
		struct removed user = { .daemons = s->daemons,
					.n = n_listen_services,
					.removed = s->removed };
		int r = package_db_each(s->c, note_removed, &user);

		if (r < 0)
			return r;
		s->removed_known = true;
	}
	*ret = s->removed[i];
	return 0;
}

static int collect_service(struct state *s, size_t i)
{
	const struct listen_service *service = &listen_services[i];
	struct listen l = { .c = s->c,
			    .units = &s->units,
			    .service = service,
			    .presence = &s->found[i],
			    .out = &s->out,
			    .enabled = s->found[i].enabled };
	bool removed = false;
	int r = 0;

	if (service->settings)
		r = settings_load(s->c, service->settings, &l.settings);
	if (r < 0)
		return r;
	if (!l.presence->present && !l.presence->unit) {
		if (service->settings && !l.settings.n)
			return 0;
		if (!service->settings && !service->listen)
			return 0;
		r = left_behind(s, i, &removed);
		l.enabled = !removed;
	}
	if (r < 0)
		return r;
	return service->listen ? service->listen(&l) : listen_generic(&l);
}

/* What has no row in listen_services[]: sockets of systemd, services of inetd. */
static int collect_nameless(struct state *s)
{
	static const struct listen_service nobody = { .daemon = { .name = "" } };
	struct listen l = {
		.c = s->c, .units = &s->units, .service = &nobody, .out = &s->out, .enabled = 1
	};
	int r = listen_sockets(&l);

	return r ? r : listen_inetd(&l);
}

static int collect(struct collect *c)
{
	struct state s = { .c = c, .out.emit = emit };
	int r = units_load(c, &s.units);

	s.out.seen = arena_array(c->arena, LISTENERS_MAX, sizeof *s.out.seen);

	s.daemons = arena_array(c->arena, n_listen_services, sizeof *s.daemons);
	s.found = arena_array(c->arena, n_listen_services, sizeof *s.found);
	s.removed = arena_array(c->arena, n_listen_services, sizeof *s.removed);
	if (!s.daemons || !s.found || !s.removed || !s.out.seen)
		return -ENOMEM;
	for (size_t i = 0; i < n_listen_services; i++)
		s.daemons[i] = listen_services[i].daemon;
	if (r >= 0)
		r = presence_find(c, &s.units, s.daemons, n_listen_services, s.found);
	for (size_t i = 0; r >= 0 && i < n_listen_services; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = collect_service(&s, i);
		if (r == -ENOMEM) {
			collect_problem(c, ENOMEM, NULL, "the configuration of %s is too large",
					listen_services[i].daemon.name);
			r = 0;
		}
		arena_rewind(c->arena, mark);
	}
	return r < 0 ? r : collect_nameless(&s);
}

const struct collector collector_expected_listeners = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
