/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The evaluation of NSGs against an evaluator that takes one packet and looks at one rule after
 * the other; rules, networks and packets are random, from a fixed seed.
 */
#include "net/nsg.h"
#include "tap.h"

#define CASES 13000
#define PACKETS 90 /* a case: a million in all */

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint32_t rnd(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % n);
}

static const char *const prefixes[] = {
	"0.0.0.0/0",       "0.0.0.0/1",       "128.0.0.0/1",    "10.0.0.0/8", "10.0.0.0/24",
	"10.0.0.4",        "10.0.1.0/24",     "8.8.8.0/24",     "8.8.8.8",    "203.0.113.0/24",
	"16.0.0.0/4",      "2000::/3",        "2001:4860::/32", "fd00::/8",   "fd00::4",
	"255.255.255.255", "1.2.3.4-9.9.9.9", "168.63.129.16",  "8000::/1",   "192.168.0.0/16",
};
static struct net_range pool[2 * COUNT(prefixes)];
static size_t n_pool;
/* Addresses worth a packet: the ends of all ranges there are, and what lies beside them. */
static net_addr points[2000];
static size_t n_points;

static void add_points(struct net_range r)
{
	points[n_points++] = r.first;
	points[n_points++] = r.last;
	points[n_points++] = r.first ? r.first - 1 : 0;
	points[n_points++] = r.last + 1;
}

static void make_pool(void)
{
	const struct net_ranges *internet = net_internet();

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct net_range r[2];
		size_t n;

		if (net_prefix_parse(str_of(prefixes[i]), r, &n) < 0)
			abort();
		for (size_t k = 0; k < n; k++) {
			pool[n_pool++] = r[k];
			add_points(r[k]);
		}
	}
	for (size_t i = 0; i < internet->n; i++)
		add_points(internet->list[i]);
	add_points(NET_RANGE_V4);
	add_points((struct net_range){ (net_addr)0xfe80 << 112 | 0x1234'5678'9abc,
				       (net_addr)0xfe80 << 112 | 0x1234'5678'9abc });
}

/* One network with its rules; all memory in it. */
struct world {
	struct nsg_rule rules[3][12];
	struct nsg_rules lists[3];
	size_t n;
	struct net_range ranges[3 * 12 * 2][3];
	struct port_range ports[3 * 12 * 2][3];
	size_t n_ranges, n_ports;
	struct net_ranges vnet, perhaps, to;
	struct net_range vnet_list[2], perhaps_list[2], to_list[1];
	struct nsg_where where;
	bool odd;
	bool source_ports; /* some rule has its own */
	bool perhaps_in;   /* what may belong to the virtual network does */
};

static struct nsg_addresses random_side(struct world *w, bool source)
{
	struct nsg_addresses s = {};
	uint32_t kind = rnd(10);

	if (kind < 3)
		s.symbols = NSG_ANY;
	else if (kind < 5)
		s.symbols = source ? NSG_INTERNET : NSG_VNET;
	else if (kind == 5)
		s.symbols = 1U << rnd(w->odd ? 8 : 4);
	if (kind > 5 || (w->odd && !rnd(10))) {
		struct net_range *list = w->ranges[w->n_ranges++];

		s.n = 1 + rnd(3);
		s.list = list;
		for (size_t i = 0; i < s.n; i++)
			list[i] = pool[rnd((uint32_t)n_pool)];
	}
	return s;
}

static uint16_t random_port(void)
{
	static const uint16_t some[] = {
		0, 1, 21, 22, 23, 80, 443, 3388, 3389, 3390, 65534, 65535
	};

	return some[rnd(COUNT(some))];
}

static struct nsg_ports random_ports(struct world *w, bool source)
{
	struct port_range *list = w->ports[w->n_ports++];
	struct nsg_ports p = { .list = list, .n = 1 };

	list[0] = (struct port_range){ 0, UINT16_MAX };
	if (rnd(source ? 12 : 4) == 0)
		return p;
	if (source && rnd(20))
		return p;
	w->source_ports |= source;
	p.n = 1 + rnd(3);
	p.some = w->odd && !rnd(8);
	for (size_t i = 0; i < p.n; i++) {
		uint16_t a = random_port(), b = rnd(2) ? a : random_port();

		list[i] = (struct port_range){ MIN(a, b), MAX(a, b) };
	}
	return p;
}

static void random_rule(struct world *w, struct nsg_rule *r, bool admin, uint32_t at)
{
	static const uint8_t protocols[] = { 0, 0, 6, 6, 6, 17, 1, 50 };

	*r = (struct nsg_rule){
		.first = 100 + (w->odd ? rnd(12) : (at * 7 + 3) % 12 + 12 * rnd(100)),
		.verdict = rnd(2) ? NSG_ALLOW : NSG_DENY,
		.protocol = protocols[rnd(COUNT(protocols))],
		.source = random_side(w, true),
		.destination = rnd(2) ? NSG_ADDRESSES(NSG_ANY) : random_side(w, false),
		.source_ports = random_ports(w, true),
		.ports = random_ports(w, false),
	};
	if (admin && !rnd(3))
		r->verdict = NSG_ALWAYS;
	r->last = r->first;
	if (!w->odd || rnd(3))
		return;
	switch (rnd(4)) {
	case 0: r->verdict = NSG_UNDECIDED; break;
	case 1: r->maybe = true; break;
	case 2: r->protocol_unknown = true; break;
	default: r->last = r->first + rnd(8);
	}
}

static struct net_ranges some_ranges(struct net_range *list, size_t max)
{
	struct net_ranges s = { .list = list, .n = rnd((uint32_t)max + 1), .cap = max };

	for (size_t i = 0; i < s.n; i++)
		list[i] = pool[2 + rnd((uint32_t)n_pool - 2)];
	if (s.n == 2 && (list[0].last >= list[1].first))
		s.n = 1;
	return s;
}

static void random_world(struct world *w)
{
	*w = (struct world){ .odd = rnd(2) };
	w->n = rnd(4);
	for (size_t l = 0; l < w->n; l++) {
		bool admin = l == 0 && w->n > 1 && rnd(2);

		w->lists[l] = (struct nsg_rules){
			.list = w->rules[l],
			.n = rnd(13),
			.admin = admin,
			.unknown = w->odd && !rnd(10),
		};
		for (size_t i = 0; i < w->lists[l].n; i++)
			random_rule(w, &w->rules[l][i], admin, (uint32_t)i);
	}
	w->vnet = some_ranges(w->vnet_list, 2);
	w->perhaps = some_ranges(w->perhaps_list, 2);
	w->to_list[0] = rnd(2) ? pool[5] : pool[rnd((uint32_t)n_pool)];
	w->to = (struct net_ranges){ w->to_list, 1, 1 };
	w->where = (struct nsg_where){ .vnet = &w->vnet,
				       .vnet_perhaps = &w->perhaps,
				       .exact = rnd(2),
				       .to = rnd(10) ? &w->to : NULL };
	if (!rnd(3))
		w->where.no_v4 = true;
	else if (!rnd(2))
		w->where.no_v6 = true;
}

/* What one rule says to one packet. */
enum { NO, PERHAPS, YES };

struct probe {
	uint8_t protocol;
	uint16_t port, source_port;
	net_addr from, to;
	bool to_known;
};

static bool in_list(const struct net_range *list, size_t n, net_addr a)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].first <= a && a <= list[i].last)
			return true;
	return false;
}

static bool is_private(net_addr a)
{
	static const struct net_range list[] = {
		{NET_V4_FIRST | 0x0a000000,  NET_V4_FIRST | 0x0affffff},
		{ NET_V4_FIRST | 0x64400000, NET_V4_FIRST | 0x647fffff},
		{ NET_V4_FIRST | 0xac100000, NET_V4_FIRST | 0xac1fffff},
		{ NET_V4_FIRST | 0xc0a80000, NET_V4_FIRST | 0xc0a8ffff},
	};

	return in_list(list, COUNT(list), a) || a >> 121 == 0xfc >> 1;
}

static int in_vnet(const struct world *w, net_addr a)
{
	if (in_list(w->vnet.list, w->vnet.n, a) || a == (NET_V4_FIRST | 0xa83f8110) ||
	    a == ((net_addr)0xfe80 << 112 | 0x1234'5678'9abc))
		return YES;
	if (in_list(w->perhaps.list, w->perhaps.n, a))
		return PERHAPS;
	return w->where.exact || !is_private(a) ? NO : PERHAPS;
}

static bool is_vnet(const struct world *w, net_addr a)
{
	int in = in_vnet(w, a);

	return in == YES || (in == PERHAPS && w->perhaps_in);
}

static int from_matches(const struct world *w, const struct nsg_rule *r, net_addr a)
{
	bool public = net_ranges_has(net_internet(), a);
	bool vnet = is_vnet(w, a);
	int best = NO;

	if ((r->source.symbols & NSG_ANY) || in_list(r->source.list, r->source.n, a))
		return YES;
	if ((r->source.symbols & NSG_VNET) && vnet)
		return YES;
	if ((r->source.symbols & NSG_OUTSIDE) && public && in_vnet(w, a) != YES)
		return YES;
	if ((r->source.symbols & NSG_INTERNET) && !vnet)
		best = MAX(best, is_private(a) ? PERHAPS : YES);
	if ((r->source.symbols & NSG_LB) &&
	    (a == (NET_V4_FIRST | 0xa83f8110) || a == ((net_addr)0xfe80 << 112 | 0x1234'5678'9abc)))
		best = YES;
	if ((r->source.symbols & NSG_SOME) || ((r->source.symbols & NSG_SOME_PUBLIC) && public) ||
	    ((r->source.symbols & NSG_SOME_VNET) && vnet))
		best = MAX(best, PERHAPS);
	return best;
}

/* A destination set that is given: inside, outside or across. */
static int to_matches(const struct world *w, const struct nsg_rule *r, const struct probe *p)
{
	const struct nsg_addresses *d = &r->destination;
	int rest = d->symbols & (NSG_SOME | NSG_SOME_VNET) ? PERHAPS : NO;
	bool all = true, some = false;

	if (d->symbols & (NSG_ANY | NSG_VNET))
		return YES;
	if (!p->to_known)
		return in_list(d->list, d->n, p->to) ? YES : rest;
	for (size_t i = 0; i < n_points; i++) {
		if (points[i] < w->to.list[0].first || points[i] > w->to.list[0].last)
			continue;
		if (in_list(d->list, d->n, points[i]))
			some = true;
		else
			all = false;
	}
	return some ? all ? YES : PERHAPS : rest;
}

static int port_matches(const struct nsg_ports *p, uint16_t port)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].first <= port && port <= p->list[i].last)
			return YES;
	return p->some ? PERHAPS : NO;
}

static int matches(const struct world *w, const struct nsg_rule *r, const struct probe *p)
{
	int best = r->maybe ? PERHAPS : YES;
	bool ports = p->protocol == 6 || p->protocol == 17;

	if (r->protocol_unknown)
		best = MIN(best, PERHAPS);
	else if (r->protocol && r->protocol != p->protocol)
		return NO;
	best = MIN(best, from_matches(w, r, p->from));
	best = MIN(best, to_matches(w, r, p));
	best = MIN(best, port_matches(&r->source_ports, p->source_port));
	if (ports)
		return MIN(best, port_matches(&r->ports, p->port));
	for (size_t i = 0; i < r->ports.n; i++)
		if (!r->ports.list[i].first && r->ports.list[i].last == UINT16_MAX)
			return best;
	return MIN(best, PERHAPS);
}

enum { CAN_DENY = 1, CAN_PASS = 2, CAN_OPEN = 4 };

static bool default_given(const struct nsg_rules *l, uint32_t priority)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].first == priority)
			return true;
	return false;
}

/* A rule can decide where no rule matches for certain that comes before it in every order. */
static int list_outcome(const struct world *w, const struct nsg_rules *l, const struct probe *p)
{
	const struct nsg_rule *all[16];
	static const int verdicts[] = { [NSG_DENY] = CAN_DENY,
					[NSG_ALLOW] = CAN_PASS,
					[NSG_ALWAYS] = CAN_OPEN,
					[NSG_UNDECIDED] = CAN_DENY | CAN_PASS };
	int in[16], outcome = 0;
	uint32_t settled = UINT32_MAX;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		all[n++] = &l->list[i];
	for (size_t i = 0; !l->admin && i < NSG_N_DEFAULTS; i++)
		if (!default_given(l, nsg_defaults[i].first))
			all[n++] = &nsg_defaults[i];
	for (size_t i = 0; i < n; i++) {
		in[i] = matches(w, all[i], p);
		if (in[i] == YES)
			settled = MIN(settled, all[i]->last);
	}
	for (size_t i = 0; i < n; i++)
		if (in[i] && all[i]->first <= settled)
			outcome |= verdicts[all[i]->verdict];
	/* The rules that there may be besides: at any priority of 100 to 4096. */
	if (l->unknown && settled >= 100)
		outcome |= CAN_DENY | CAN_PASS;
	if (settled == UINT32_MAX)
		outcome |= l->admin ? CAN_PASS : CAN_DENY;
	return outcome;
}

static int outcome(const struct world *w, const struct probe *p)
{
	int result = 0, in = CAN_PASS;

	for (size_t i = 0; i < w->n && (in & CAN_PASS); i++) {
		in = list_outcome(w, &w->lists[i], p);
		result |= in & (CAN_DENY | CAN_OPEN);
	}
	return result | (in & CAN_PASS ? CAN_OPEN : 0);
}

/* NO, PERHAPS or YES: over the attacker's choices of source port … */
static int over_ports(const struct world *w, struct probe p)
{
	static const uint16_t near[] = { 0,   1,   2,    21,   22,   23,   24,    80,   81,
					 443, 444, 3388, 3389, 3390, 3391, 65534, 65535 };
	int best = NO;

	for (size_t i = 0; best != YES && i < (w->source_ports ? COUNT(near) : 1); i++) {
		int can;

		p.source_port = near[i];
		can = outcome(w, &p);
		if (can & CAN_OPEN)
			best = MAX(best, can & CAN_DENY ? PERHAPS : YES);
	}
	return best;
}

/* … and, where none is given, of destination. */
static int reaches_so(const struct world *w, struct probe p)
{
	bool v4 = net_is_v4(p.from);
	int best = NO;

	if (v4 ? w->where.no_v4 : w->where.no_v6)
		return NO;
	p.to_known = w->where.to && w->to.n;
	if (p.to_known)
		return over_ports(w, p);
	for (size_t k = 0; best != YES && k < n_points; k++) {
		if (net_is_v4(points[k]) != v4)
			continue;
		p.to = points[k];
		best = MAX(best, over_ports(w, p));
	}
	return best;
}

/* For certain is what holds whether the address belongs to the virtual network or not. */
static int reaches(struct world *w, struct probe p)
{
	int in = 0, out;

	w->perhaps_in = false;
	out = reaches_so(w, p);
	if (in_vnet(w, p.from) != PERHAPS)
		return out;
	w->perhaps_in = true;
	in = reaches_so(w, p);
	return in == out ? in : PERHAPS;
}

static const struct nsg_answer *answer_of(const struct nsg_answer *list, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].first <= port && port <= list[i].last)
			return &list[i];
	return NULL;
}

static bool same_ranges(const struct net_ranges *x, const struct net_ranges *y)
{
	return x->n == y->n && (!x->n || !memcmp(x->list, y->list, x->n * sizeof *x->list));
}

struct counts {
	size_t packets, wrong, unknown, open, closed, map, order, internet;
};

static bool has_ports(uint8_t protocol) { return protocol == 6 || protocol == 17; }

/* Does a list of one port say what the map says? */
static int check_list(struct nsg *g, const struct nsg_answer *answer, uint16_t port,
		      struct arena *a, struct counts *c)
{
	struct net_ranges must, may, must_one, may_one;
	struct nsg_answer one;
	int r = nsg_sources(g, answer, a, &must, &may);

	if (r >= 0)
		r = nsg_ports(g, answer->protocol, &port, 1, a, &one);
	if (r >= 0)
		r = nsg_sources(g, &one, a, &must_one, &may_one);
	c->map += r < 0 || !same_ranges(&must, &must_one) || !same_ranges(&may, &may_one) ||
		  answer->internet != one.internet || answer->n_deciding != one.n_deciding ||
		  answer->n_parts != one.n_parts;
	return r;
}

static int check_packets(struct world *w, struct nsg *g, uint8_t protocol, unsigned n,
			 struct arena *a, struct counts *c)
{
	struct net_ranges must[64] = {}, may[64] = {};
	struct nsg_answer *map;
	size_t n_map;
	int r = nsg_map(g, protocol, a, &map, &n_map);

	for (size_t i = 0; r >= 0 && i < n_map; i++) {
		c->order += i && map[i].first != map[i - 1].last + 1;
		r = i < COUNT(must) ? nsg_sources(g, &map[i], a, &must[i], &may[i]) : -E2BIG;
	}
	for (unsigned i = 0; r >= 0 && i < n; i++) {
		struct probe p = { .protocol = protocol,
				   .port = has_ports(protocol) ? random_port() : 0,
				   .from = points[rnd((uint32_t)n_points)] };
		const struct nsg_answer *answer = answer_of(map, n_map, p.port);
		int want = reaches(w, p), got;

		if (!answer)
			return -ENOENT;
		got = net_ranges_has(&must[answer - map], p.from)  ? YES
		      : net_ranges_has(&may[answer - map], p.from) ? PERHAPS
								   : NO;
		c->packets++;
		c->wrong += got != want;
		c->unknown += want == PERHAPS;
		c->open += want == YES;
		c->closed += want == NO;
		if (i % 16 == 0)
			r = check_list(g, answer, p.port, a, c);
	}
	return r;
}

/* The verdict about the internet, from all points there are. */
static int check_internet(struct world *w, struct nsg *g, struct arena *a, struct counts *c)
{
	struct nsg_answer answer;
	uint16_t port = random_port();
	enum nsg_internet want = NSG_CLOSED;
	int r = nsg_ports(g, 6, &port, 1, a, &answer);

	for (size_t i = 0; r >= 0 && i < n_points && want != NSG_OPEN; i++) {
		int in;

		if (!net_ranges_has(net_internet(), points[i]) || in_vnet(w, points[i]) == YES)
			continue;
		in = reaches(w, (struct probe){ .protocol = 6, .port = port, .from = points[i] });
		if (in == YES)
			want = NSG_OPEN;
		else if (in == PERHAPS)
			want = NSG_UNKNOWN;
	}
	c->internet += r >= 0 && answer.internet != want;
	return r;
}

static void test_random(void)
{
	static const uint8_t protocols[] = { 6, 6, 17, 1, 50 };
	struct counts c = {};
	struct world *w = malloc(sizeof *w);
	int r = w ? 0 : -ENOMEM;

	for (unsigned i = 0; r >= 0 && i < CASES; i++) {
		own(arena_release) struct arena a = {};
		struct nsg *g;

		random_world(w);
		r = nsg_new(w->lists, w->n, &w->where, &a, &g);
		if (r >= 0)
			r = check_packets(w, g, protocols[rnd(COUNT(protocols))],
					  w->where.to ? PACKETS : PACKETS / 10, &a, &c);
		if (r >= 0 && i % (w->where.to ? 32 : 256) == 0)
			r = check_internet(w, g, &a, &c);
	}
	free(w);
	is_int(r, 0, "random rules evaluate");
	ok(c.packets >= 1'000'000, "at least a million packets");
	is_int((int64_t)c.wrong, 0, "no packet is decided otherwise than rule by rule");
	is_int((int64_t)c.map, 0, "a list of ports and the map of all say the same");
	is_int((int64_t)c.order, 0, "maps have no gaps");
	is_int((int64_t)c.internet, 0, "internet: as its addresses one by one");
	ok(c.unknown > 50'000 && c.open > 50'000 && c.closed > 50'000, "all three answers occur");
	printf("# %zu open, %zu closed, %zu unknown\n", c.open, c.closed, c.unknown);
}

int main(void)
{
	make_pool();
	test_random();
	return done();
}
