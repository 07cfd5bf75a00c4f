/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/host_reach.h"

#include "facts/linux/host_rules.h"

/* Sockets beyond this are not looked at one by one: a machine with more is under attack or broken. */
#define PORTS_MAX 20'000

static int text(struct arena *a, sqlite3_stmt *st, int column, struct str *ret)
{
	struct str s = store_text(st, column);

	*ret = s.len ? arena_str(a, s) : STR("");
	return ret->ptr ? 0 : -ENOMEM;
}

static int texts(struct arena *a, sqlite3_stmt *st, struct str *const ret[], int n)
{
	for (int i = 0; i < n; i++)
		if (text(a, st, i, ret[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int add_port(struct host_reach *h, struct host_port *p)
{
	if (h->n >= PORTS_MAX)
		return -E2BIG;
	if (p->port < 0 || p->port > 65535)
		return 0;
	p->bound = STR("");
	return arena_push(h->arena, h->ports, h->n, h->cap, *p);
}

static int add_live(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	struct host_port p = {
		.origin = PORT_LIVE, .service = STR(""), .authentication = STR(""), .file = STR("")
	};
	struct str *const columns[] = { &p.protocol, &p.family, &p.address, &p.interface,
					&p.process,  &p.path,   &p.unit,    &p.package };
	int r = texts(h->arena, st, columns, COUNT(columns));

	if (r < 0)
		return r;
	p.port = sqlite3_column_int64(st, COUNT(columns));
	p.loopback = sqlite3_column_int64(st, COUNT(columns) + 1);
	p.pid = sqlite3_column_int64(st, COUNT(columns) + 2);
	return add_port(h, &p);
}

static int add_configured(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	struct host_port p = { .origin = PORT_CONFIG,
			       .interface = STR(""),
			       .process = STR(""),
			       .path = STR(""),
			       .unit = STR("") };
	struct str *const columns[] = { &p.protocol, &p.address,        &p.service,
					&p.package,  &p.authentication, &p.file };
	int r = texts(h->arena, st, columns, COUNT(columns));
	net_addr at;

	if (r < 0)
		return r;
	p.port = sqlite3_column_int64(st, COUNT(columns));
	p.loopback = sqlite3_column_int64(st, COUNT(columns) + 1);
	p.line = sqlite3_column_int64(st, COUNT(columns) + 2);
	p.family = net_addr_parse(p.address, &at) < 0 || (!net_is_v4(at) && !at) ? STR("dual")
		   : net_is_v4(at)                                               ? STR("ipv4")
										 : STR("ipv6");
	return add_port(h, &p);
}

/* What runs is joined with what its configuration says: who may log in, and where that stands. */
static int load_ports(struct host_reach *h, struct store *s)
{
	static const char live[] =
		"SELECT protocol, family, address, interface, process, path, unit, package, port,"
		" loopback, pid FROM listening_ports ORDER BY port, protocol, address";
	static const char configured[] =
		"SELECT protocol, address, service, package, authentication, file, port, loopback,"
		" line FROM expected_listeners e"
		" WHERE enabled = 1 AND NOT EXISTS (SELECT 1 FROM listening_ports p"
		"  WHERE p.protocol = e.protocol AND p.port = e.port)"
		" ORDER BY port, protocol, address";
	int r = host_each(s, live, add_live, h);

	return r < 0 ? r : host_each(s, configured, add_configured, h);
}

static int add_service(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	struct str protocol = store_text(st, 0);
	int64_t port = sqlite3_column_int64(st, 1);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < h->n; i++) {
		struct host_port *p = &h->ports[i];

		if (p->origin != PORT_LIVE || p->port != port || p->service.len ||
		    !str_eq(p->protocol, protocol))
			continue;
		r = text(h->arena, st, 2, &p->service);
		if (r >= 0)
			r = text(h->arena, st, 3, &p->authentication);
		if (r >= 0)
			r = text(h->arena, st, 4, &p->file);
		p->line = sqlite3_column_int64(st, 5);
	}
	return r;
}

static int add_address(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	net_addr at;

	if (net_addr_parse(store_text(st, 0), &at) < 0)
		return 0;
	return net_ranges_add(&h->local, h->arena, (struct net_range){ at, at });
}

static int add_interface(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	uint8_t number;
	int r = filter_interface(&h->filter, store_text(st, 0), &number);

	return r == -E2BIG ? 0 : r;
}

static int note_host(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;

	h->live = sqlite3_column_int64(st, 1);
	return text(h->arena, st, 0, &h->host);
}

/* Bridges of containers, tunnels and the like: no packet of the internet comes in there by itself. */
static bool is_inner(struct str name)
{
	static const char *const prefixes[] = {
		"lo",  "docker", "br-",       "veth",    "virbr",  "vnet",   "lxc",
		"lxd", "cni",    "cali",      "flannel", "kube",   "podman", "wg",
		"tun", "tap",    "tailscale", "zt",      "nebula", "dummy"
	};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_starts(name, str_of(prefixes[i])))
			return true;
	return false;
}

static int add_default_route(sqlite3_stmt *st, void *user)
{
	struct host_reach *h = user;
	uint8_t number;
	int r = filter_interface(&h->filter, store_text(st, 0), &number);

	if (r < 0)
		return r == -E2BIG ? 0 : r;
	h->outside[number] = true;
	h->certain_outside = true;
	return 0;
}

/*
 * Where packets of the internet come in: by the devices of default routes. Where those are not
 * known, any that the rules name may be it, and for certain only if they name just one.
 */
static int find_outside(struct host_reach *h, struct store *s)
{
	size_t n = 0;
	int r = host_each(s,
			  "SELECT DISTINCT interface FROM routes WHERE destination = 'default'"
			  " AND interface <> ''",
			  add_default_route, h);

	if (r < 0 || h->certain_outside)
		return r;
	for (size_t i = 1; i < h->filter.n_interfaces; i++) {
		h->outside[i] = !is_inner(h->filter.interfaces[i]);
		n += h->outside[i];
	}
	h->outside[0] = n != 1;
	h->certain_outside = n <= 1;
	return 0;
}

static pset outside_packets(struct host_reach *h, int only)
{
	pset s = PSET_NONE;

	for (unsigned i = 0; i < COUNT(h->outside); i++)
		if (only < 0 ? h->outside[i] : (unsigned)only == i)
			s = pset_or(h->sets, s, pset_field_range(h->sets, PF_IIF, i, i));
	if (h->one_family)
		s = pset_and(h->sets, s, pset_field_range(h->sets, PF_FAMILY, h->v6, h->v6));
	return s;
}

pset host_reach_outside(struct host_reach *h) { return outside_packets(h, -1); }

/* Destinations that a socket takes. */
static pset destinations(struct host_reach *h, const struct host_port *p)
{
	struct psets *s = h->sets;
	pset v4 = pset_field_range(s, PF_FAMILY, 0, 0), v6 = pset_field_range(s, PF_FAMILY, 1, 1);
	pset mine = h->local.n ? pset_addr_ranges(s, PF_DST, &h->local) : PSET_ALL;
	net_addr at;

	if (str_eq(p->family, STR("ipv4")))
		mine = pset_and(s, mine, v4);
	else if (str_eq(p->family, STR("ipv6")))
		mine = pset_and(s, mine, v6);
	if (net_addr_parse(p->address, &at) < 0 || !at || at == net_v4(0))
		return mine;
	return pset_addr_range(s, PF_DST, (struct net_range){ at, at });
}

static bool is_link_local(const struct host_port *p)
{
	return str_istarts(p->address, STR("fe80:")) || str_starts(p->address, STR("169.254."));
}

static int set_query(struct host_reach *h, struct host_port *p)
{
	struct psets *s = h->sets;
	unsigned protocol = str_eq(p->protocol, STR("udp")) ? 17 : 6;
	pset q = pset_field_range(s, PF_PROTO, protocol, protocol);
	uint8_t number;

	q = pset_and(s, q, pset_field_range(s, PF_DPORT, (unsigned)p->port, (unsigned)p->port));
	q = pset_and(s, q, destinations(h, p));
	if (p->loopback)
		p->bound = arena_fmt(h->arena, "bound to %.*s, which others do not reach",
				     STR_FMT(p->interface.len ? p->interface : p->address));
	else if (is_link_local(p))
		p->bound = arena_fmt(h->arena, "bound to %.*s, which only the own link reaches",
				     STR_FMT(p->address));
	else if (p->interface.len && is_inner(p->interface))
		p->bound = arena_fmt(h->arena, "bound to %.*s, which faces no network outside",
				     STR_FMT(p->interface));
	if (!p->bound.ptr)
		return -ENOMEM;
	if (p->interface.len) {
		if (filter_interface(&h->filter, p->interface, &number) < 0)
			number = 0;
		q = pset_and(s, q, pset_field_range(s, PF_IIF, number, number));
	}
	p->query = q;
	return psets_error(s);
}

/* Sources that pass whichever of the possible interfaces is the one to the internet. */
static int certain_sources(struct host_reach *h, pset q, struct net_ranges *ret)
{
	struct net_ranges all = {}, one = {}, both = {};
	bool first = true;
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < COUNT(h->outside); i++) {
		if (!h->outside[i])
			continue;
		r = pset_addresses(h->sets, pset_and(h->sets, q, outside_packets(h, (int)i)),
				   PF_SRC, h->arena, &one);
		if (r >= 0 && !first)
			r = net_ranges_and(&all, &one, h->arena, &both);
		all = first ? one : both;
		first = false;
	}
	*ret = all;
	return r;
}

int host_reach_sources(struct host_reach *h, const struct host_port *p, pset q,
		       struct net_ranges *ret_must, struct net_ranges *ret_may)
{
	pset outside = p->interface.len ? PSET_ALL : outside_packets(h, -1);
	pset must = pset_and(h->sets, h->reach.must, q), may = pset_and(h->sets, h->reach.may, q);
	int r;

	*ret_must = *ret_may = (struct net_ranges){};
	if (p->bound.len)
		return 0;
	if (h->unknown.len)
		must = PSET_NONE, may = q;
	r = pset_addresses(h->sets, pset_and(h->sets, may, outside), PF_SRC, h->arena, ret_may);
	if (r < 0)
		return r;
	if (p->interface.len || h->certain_outside)
		return pset_addresses(h->sets, pset_and(h->sets, must, outside), PF_SRC, h->arena,
				      ret_must);
	return certain_sources(h, must, ret_must);
}

/* Packets that arrive at another port and are sent to this one are its own, too. */
static void add_redirected(struct host_reach *h, struct host_port *p)
{
	struct psets *s = h->sets;
	unsigned protocol = str_eq(p->protocol, STR("udp")) ? 17 : 6;
	pset mine = pset_field_range(s, PF_PROTO, protocol, protocol);

	for (size_t i = 0; i < h->reach.n_redirected; i++) {
		const struct filter_forwarded *f = &h->reach.redirected[i];

		if (f->to_port && p->port >= f->to_port &&
		    p->port <= MAX(f->to_port, f->to_port_last))
			p->query = pset_or(s, p->query, pset_and(s, f->from, mine));
	}
}

static int judge(struct host_reach *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct host_port *p = &h->ports[i];
		int r = p->origin == PORT_FORWARD ? 0 : set_query(h, p);

		if (r >= 0 && p->origin != PORT_FORWARD && !p->loopback)
			add_redirected(h, p);
		if (r >= 0 && p->origin != PORT_FORWARD)
			r = host_reach_sources(h, p, p->query, &p->must, &p->may);
		if (r < 0)
			return r;
		p->internet = reach_of(&p->must, &p->may);
	}
	return 0;
}

/* Ports that a rule translates to another host are doors, too, though nothing listens here. */
static int add_forwarded(struct host_reach *h, const struct filter_forwarded *f, unsigned protocol)
{
	struct psets *s = h->sets;
	pset mine = pset_field_range(s, PF_PROTO, protocol, protocol);
	struct port_range *ports;
	size_t n;
	int r = pset_values(s, pset_and(s, f->from, mine), PF_DPORT, h->arena, &ports, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		pset q = pset_and(s, mine,
				  pset_field_range(s, PF_DPORT, ports[i].first, ports[i].last));
		struct host_port p = {
			.origin = PORT_FORWARD,
			.protocol = protocol == 17 ? STR("udp") : STR("tcp"),
			.family = STR("dual"),
			.address = STR("*"),
			.interface = STR(""),
			.port = ports[i].first,
			.service = STR(""),
			.process = STR(""),
			.path = STR(""),
			.unit = STR(""),
			.package = STR(""),
			.authentication = STR(""),
			.file = f->rule->file,
			.line = f->rule->line,
			.query = q,
		};
		pset outside = outside_packets(h, -1);

		/* A rule for every port says nothing of one. */
		if (ports[i].first != ports[i].last)
			continue;
		r = pset_addresses(s, pset_and(s, pset_and(s, f->must, q), outside), PF_SRC,
				   h->arena, &p.must);
		if (r >= 0)
			r = pset_addresses(s, pset_and(s, pset_and(s, f->may, q), outside), PF_SRC,
					   h->arena, &p.may);
		if (r >= 0)
			r = add_port(h, &p);
	}
	return r;
}

static int load_forwarded(struct host_reach *h)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < h->reach.n_forwarded; i++) {
		r = add_forwarded(h, &h->reach.forwarded[i], 6);
		if (r >= 0)
			r = add_forwarded(h, &h->reach.forwarded[i], 17);
	}
	return r;
}

/* A rule set that is too much for the sets is unknown, not open and not shut. */
static int evaluate(struct host_reach *h)
{
	int r = h->unknown.len ? 0 : filter_reach(&h->filter, &h->local, PSET_ALL, &h->reach);

	if (r == -E2BIG) {
		h->unknown = STR("the rules are too many to be evaluated");
		psets_release(&h->sets);
		r = psets_new(0, &h->sets);
	}
	return r;
}

static int load(struct host_reach *h, struct store *s, const struct host_rules *rules)
{
	int r = host_each(s, "SELECT hostname, live FROM host_info", note_host, h);

	if (r >= 0)
		r = psets_new(0, &h->sets);
	if (r >= 0)
		r = filter_init(&h->filter, h->sets, h->arena);
	if (r >= 0)
		r = host_each(s,
			      "SELECT interface FROM interface_addresses WHERE interface <> ''"
			      " UNION SELECT interface FROM routes WHERE interface <> ''",
			      add_interface, h);
	if (r >= 0)
		r = rules ? host_rules_read(h, rules) : host_rules_load(h, s);
	if (r >= 0 && h->filter.unknown.len)
		h->unknown = h->filter.unknown;
	if (r >= 0)
		r = host_each(
			s, "SELECT address FROM interface_addresses WHERE scope <> 'host' AND up",
			add_address, h);
	if (r >= 0)
		r = load_ports(h, s);
	if (r >= 0)
		r = host_each(s,
			      "SELECT protocol, port, service, authentication, file, line"
			      " FROM expected_listeners WHERE enabled = 1",
			      add_service, h);
	if (r >= 0)
		r = find_outside(h, s);
	if (r >= 0)
		r = evaluate(h);
	if (r >= 0)
		r = load_forwarded(h);
	return r < 0 ? r : judge(h);
}

int host_reach_load_rules(struct store *s, const struct host_rules *rules, struct arena *a,
			  struct host_reach *ret)
{
	own(host_reach_release) struct host_reach h = { .arena = a,
							.host = rules ? rules->name : STR(""),
							.unknown = STR("") };
	int r = load(&h, s, rules);

	if (r < 0)
		return r;
	*ret = take(h);
	return 0;
}

int host_reach_load(struct store *s, struct arena *a, struct host_reach *ret)
{
	return host_reach_load_rules(s, NULL, a, ret);
}

void host_reach_release(struct host_reach *h) { psets_release(&h->sets); }
