/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/listen.h"

#define INSTANCES_MAX 64

static struct str unbracket(struct str s)
{
	if (s.len > 1 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']')
		return str_sub(s, 1, s.len - 1);
	return s;
}

bool address_is_loopback(struct str address)
{
	static const struct str names[] = { STR("::1"),           STR("localhost"),
					    STR("localhost4"),    STR("localhost6"),
					    STR("ip6-localhost"), STR("_local_"),
					    STR("ip6-loopback"),  STR("localhost.localdomain"),
					    STR("loopback-only"), STR("lo") };
	struct str rest;

	address = unbracket(address);
	rest = str_cut(&address, '%'); /* ::1%lo */
	if (str_istarts(rest, STR("::ffff:")))
		rest = str_sub(rest, 7, rest.len);
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(rest, names[i]))
			return true;
	return str_starts(rest, STR("127."));
}

static bool is_wildcard(struct str s)
{
	static const struct str names[] = { STR(""),          STR("*"),    STR("0.0.0.0"),
					    STR("::"),        STR("0"),    STR("any"),
					    STR("all"),       STR("[::]"), STR("::0"),
					    STR("_default_"), STR(":::"),  STR("0.0.0.0/0"),
					    STR("[::0]") };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(s, names[i]))
			return true;
	return false;
}

static bool is_socket(struct str s)
{
	return str_starts(s, STR("/")) || str_starts(s, STR("unix:")) || str_starts(s, STR("@")) ||
	       str_starts(s, STR("fd://")) || str_starts(s, STR("vsock:"));
}

/* A socket or an entry of inetd (without presence) often stands for a service that has a row. */
static bool is_repeated(const struct listen *l, const struct listener *row)
{
	for (size_t i = 0; i < l->out->n; i++) {
		const struct listener_seen *o = &l->out->seen[i];

		if (l->presence && o->service != l->service)
			continue;
		if (o->port == row->e.port && !strcmp(o->protocol, row->e.protocol) &&
		    str_eq(str_of(o->address), row->e.address) && o->enabled >= row->enabled)
			return true;
	}
	return false;
}

int listen_add(struct listen *l, const struct endpoint *e)
{
	struct listener row = { .e = *e,
				.service = str_of(l->service->daemon.name),
				.package = l->presence ? l->presence->package : STR(""),
				.enabled = l->enabled };
	struct listener_seen *seen;

	row.e.address = str_trim(e->address);
	row.e.protocol = e->protocol ?: "tcp";
	if (is_socket(row.e.address) || e->port < 1 || e->port > 65535)
		return 0;
	row.loopback = address_is_loopback(row.e.address);
	row.e.address = is_wildcard(row.e.address) ? STR("*") : unbracket(row.e.address);
	row.e.address = str_sub(row.e.address, 0, sizeof seen->address - 1);
	if (is_repeated(l, &row))
		return 0;
	if (l->out->n >= LISTENERS_MAX) {
		if (!l->out->full)
			collect_problem(l->c, E2BIG, e->file.ptr, "more than %d listeners",
					LISTENERS_MAX);
		l->out->full = true;
		return 0;
	}
	seen = &l->out->seen[l->out->n++];
	*seen = (struct listener_seen){ .service = l->service,
					.protocol = row.e.protocol,
					.port = row.e.port,
					.enabled = row.enabled };
	memcpy(seen->address, row.e.address.ptr, row.e.address.len);
	return l->out->emit(l->c, &row);
}

void endpoint_parse(struct str text, struct endpoint *e)
{
	struct str tail;
	ssize_t colon = str_rfind(text, ':'), bracket = str_rfind(text, ']');
	int64_t port;

	if (is_socket(text)) {
		e->port = 0;
		return;
	}
	if (str_to_int64(text, &port) == 0) {
		e->port = port;
		return;
	}
	/* An IPv6 address without brackets has no port. */
	if (colon < 0 || colon < bracket || (bracket < 0 && str_find(text, ':') != colon)) {
		e->address = unbracket(text);
		return;
	}
	tail = str_sub(text, (size_t)colon + 1, text.len);
	if (str_to_int64(tail, &port) == 0)
		e->port = port;
	e->address = unbracket(str_sub(text, 0, (size_t)colon));
}

int listen_add_list(struct listen *l, struct str addresses, const struct endpoint *e)
{
	struct str rest = addresses;
	int r = 0;

	while (!r && rest.len) {
		struct endpoint one = *e;
		size_t n = 0;

		while (n < rest.len && !strchr(" \t,;", rest.ptr[n]))
			n++;
		one.address = str_unquote(str_sub(rest, 0, n));
		rest = str_sub(rest, n + 1, rest.len);
		if (one.address.len)
			r = listen_add(l, &one);
	}
	return r;
}

const struct setting *listen_setting(const struct listen *l, const char *instance,
				     const char *names)
{
	struct str rest = str_of(names), word;

	while ((word = str_word(&rest)).ptr) {
		struct str name = word, section;
		char a[64], b[64];
		const struct setting *s;

		section = str_cut(&name, '/');
		if (!name.ptr) {
			name = section;
			section = (struct str){};
		}
		if (section.len >= sizeof a || name.len >= sizeof b)
			continue;
		memcpy(a, section.len ? section.ptr : "", section.len);
		a[section.len] = 0;
		memcpy(b, name.ptr, name.len);
		b[name.len] = 0;
		s = settings_find(&l->settings, instance, section.ptr ? a : NULL, b);
		if (s)
			return s;
	}
	return NULL;
}

struct str listen_value(const struct listen *l, const char *instance, const char *names)
{
	const struct setting *s = listen_setting(l, instance, names);

	return s ? s->value : STR("");
}

int listen_instances(const struct listen *l, const char *const **ret, size_t *ret_n)
{
	const char **list = arena_array(l->c->arena, INSTANCES_MAX, sizeof *list);
	struct str last = {};
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < l->settings.n && n < INSTANCES_MAX; i++) {
		struct str instance = l->settings.list[i].instance;

		if (n && str_eq(instance, last))
			continue;
		last = instance;
		list[n] = instance.len ? arena_cstr(l->c->arena, instance) : NULL;
		if (instance.len && !list[n])
			return -ENOMEM;
		n++;
	}
	*ret = list;
	*ret_n = MAX(n, 1); /* without any: the NULL that arena_array() left there */
	return 0;
}

int version_compare(struct str version, const char *other)
{
	struct str o = str_of(other);

	if (str_find(version, ':') >= 0) /* an epoch of dpkg or rpm */
		str_cut(&version, ':');
	while (version.len || o.len) {
		unsigned long long a = 0, b = 0;
		size_t i = 0, j = 0;

		for (; i < version.len && version.ptr[i] >= '0' && version.ptr[i] <= '9'; i++)
			a = MIN(a * 10 + (unsigned)(version.ptr[i] - '0'), 1000000000ULL);
		for (; j < o.len && o.ptr[j] >= '0' && o.ptr[j] <= '9'; j++)
			b = MIN(b * 10 + (unsigned)(o.ptr[j] - '0'), 1000000000ULL);
		if (a != b)
			return a < b ? -1 : 1;
		version = i < version.len && version.ptr[i] == '.'
				  ? str_sub(version, i + 1, version.len)
				  : STR("");
		o = str_sub(o, j + 1, o.len);
	}
	return 0;
}

struct str listen_version(const struct listen *l, const char *pattern, const char *prefix)
{
	struct str *paths;
	size_t n = 0;

	if (root_glob(l->c->root, pattern, l->c->arena, &paths, &n) < 0)
		return STR("");
	for (size_t i = n; i-- > 0;) {
		struct str name = str_basename(paths[i]), p = str_of(prefix);

		if (str_starts(name, p) && name.len > p.len && name.ptr[p.len] >= '0' &&
		    name.ptr[p.len] <= '9')
			return str_sub(name, p.len, name.len);
	}
	return l->presence ? l->presence->version : STR("");
}

/* The settings that the row names, for every instance. */
int listen_generic(struct listen *l)
{
	const struct listen_service *s = l->service;
	const char *const *instances;
	size_t n;
	int r = listen_instances(l, &instances, &n);

	for (size_t i = 0; !r && i < n; i++) {
		const struct setting *address = NULL, *port = NULL, *where;
		struct endpoint e = s->fallback;
		int64_t number;

		if (s->addresses)
			address = listen_setting(l, instances[i], s->addresses);
		if (s->ports)
			port = listen_setting(l, instances[i], s->ports);
		where = address ? address : port;
		if (where) {
			e.file = where->file;
			e.line = where->line;
		}
		if (port && str_to_int64(port->value, &number) == 0)
			e.port = number;
		else if (port)
			endpoint_parse(port->value, &e);
		if (s->authentication)
			e.authentication = s->authentication(l, instances[i]);
		if (address && address->value.len)
			r = listen_add_list(l, address->value, &e);
		else
			r = listen_add_list(l, e.address, &e);
	}
	return r;
}
