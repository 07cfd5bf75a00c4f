/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: sets SHAPE RULES | sets file LIST (as iptables -L writes it): asks filter_reach() for a set
 * of rules and prints one line: rules, seconds to make their sets, seconds to evaluate, nodes after
 * each, shares, ranges of sources, 0 or -E2BIG.
 */
#include <stdio.h>
#include <time.h>

#include "net/filter.h"

static uint64_t state = 0x853c49e6748fea9b;

static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static unsigned below(unsigned n) { return (unsigned)((random64() >> 32) % n); }

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct net_range prefix(unsigned shortest)
{
	unsigned host = below(33 - shortest);
	net_addr mask = ((net_addr)1 << host) - 1, a = net_v4((uint32_t)random64());

	return (struct net_range){ a & ~mask, a | mask };
}

static struct net_range range(void)
{
	net_addr x = net_v4((uint32_t)random64()), y = net_v4((uint32_t)random64());

	return (struct net_range){ MIN(x, y), MAX(x, y) };
}

static pset port(struct psets *p, unsigned first, unsigned last)
{
	return pset_and(p, pset_field_range(p, PF_PROTO, 6, 6),
			pset_field_range(p, PF_DPORT, first, last));
}

static unsigned service(void)
{
	static const uint16_t ports[] = { 22,   25,   53,   80,   110,  123,  143,  389,
					  443,  445,  587,  636,  853,  993,  1433, 1521,
					  2049, 3306, 3389, 5432, 5672, 5985, 6379, 6443,
					  8080, 8443, 9090, 9200, 9418, 27017 };

	return ports[below(COUNT(ports))];
}

/* -s ADDRESS -p tcp --dport PORT -j ACCEPT */
static pset hosts(struct psets *p, [[maybe_unused]] unsigned left)
{
	static const uint16_t ports[] = { 22, 80, 443, 3306, 5432 };
	unsigned at = ports[below(COUNT(ports))];

	return pset_and(p, pset_addr_range(p, PF_SRC, prefix(32)), port(p, at, at));
}

/* Prefixes of all lengths on one side or both, services and ranges of ports, accept and drop. */
static pset mixed(struct psets *p, [[maybe_unused]] unsigned left)
{
	unsigned first = service(), last = below(8) ? first : first + 1000, sides = below(3);
	pset s = PSET_ALL;

	if (sides < 2)
		s = pset_and(p, s, pset_addr_range(p, PF_SRC, prefix(8)));
	if (sides > 0)
		s = pset_and(p, s, pset_addr_range(p, PF_DST, prefix(8)));
	return below(4) ? pset_and(p, s, port(p, first, last)) : s;
}

/* The same with ports that nobody has in common. */
static pset wild(struct psets *p, [[maybe_unused]] unsigned left)
{
	unsigned first = below(65536), last = below(2) ? first : first + below(65536 - first);
	pset s = pset_addr_range(p, PF_SRC, prefix(8));

	if (below(2))
		s = pset_and(p, s, pset_addr_range(p, PF_DST, prefix(8)));
	return below(4) ? pset_and(p, s, port(p, first, last)) : s;
}

/* Every rule for another source, destination and port. */
static pset pairs(struct psets *p, [[maybe_unused]] unsigned left)
{
	unsigned at = below(65536);
	pset s = pset_addr_range(p, PF_SRC, prefix(32));

	return pset_and(p, pset_and(p, s, pset_addr_range(p, PF_DST, prefix(32))), port(p, at, at));
}

/* Boxes that overlap in three dimensions: what no diagram holds in little room. */
static pset boxes(struct psets *p, [[maybe_unused]] unsigned left)
{
	unsigned x = below(65536), y = below(65536);
	pset s = pset_addr_range(p, PF_SRC, range());

	return pset_and(p, pset_and(p, s, pset_addr_range(p, PF_DST, range())),
			port(p, MIN(x, y), MAX(x, y)));
}

/* Banned sources, one rule each; then 50 rules for ports, half of them for some networks. */
static pset banned(struct psets *p, [[maybe_unused]] unsigned left)
{
	unsigned at = below(65536);
	pset s;

	if (left >= 50)
		return pset_addr_range(p, PF_SRC, prefix(20));
	s = port(p, at, at);
	return left % 2 ? s : pset_and(p, s, pset_addr_range(p, PF_SRC, prefix(8)));
}

/* 20 services, each for a list of networks of its own. */
static pset countries(struct psets *p, [[maybe_unused]] unsigned left)
{
	return pset_and(p, pset_addr_range(p, PF_SRC, prefix(16)),
			port(p, 1000 + left % 20, 1000 + left % 20));
}

/* Hosts behind a router, some of 200 networks may come to each service. */
static pset services(struct psets *p, [[maybe_unused]] unsigned left)
{
	static struct net_range from[200];
	unsigned i = below(COUNT(from)), at = service();
	pset s;

	if (!from[i].last)
		from[i] = prefix(16);
	s = pset_and(p, pset_addr_range(p, PF_DST, prefix(32)), port(p, at, at));
	return below(2) ? s : pset_and(p, s, pset_addr_range(p, PF_SRC, from[i]));
}

/* One of 500 networks to another one. */
static pset networks(struct psets *p, [[maybe_unused]] unsigned left)
{
	static struct net_range all[500];
	unsigned at = service();
	pset s;

	for (unsigned i = 0; !all[COUNT(all) - 1].last && i < COUNT(all); i++)
		all[i] = prefix(16);
	s = pset_and(p, pset_addr_range(p, PF_DST, all[below(COUNT(all))]),
		     pset_addr_range(p, PF_SRC, all[below(COUNT(all))]));
	return pset_and(p, s, port(p, at, at));
}

static const struct shape {
	const char *name;
	pset (*match)(struct psets *p, unsigned left);
	unsigned drops; /* one in so many */
	unsigned chain; /* rules of each user chain; 0: none */
} shapes[] = {
	{"hosts",      hosts,     0, 0  },
        { "banned",    banned,    1, 0  },
	{ "countries", countries, 0, 0  },
        { "services",  services,  0, 0  },
	{ "networks",  networks,  3, 0  },
        { "chains",    hosts,     0, 100},
	{ "mixed",     mixed,     2, 0  },
        { "wild",      wild,      2, 0  },
	{ "pairs",     pairs,     0, 0  },
        { "boxes",     boxes,     2, 0  },
};

static int build(struct filter *f, const struct shape *shape, unsigned rules)
{
	struct filter_chain chain = { .family = STR("ip"), .base = true, .hook = HOOK_INPUT };
	size_t at = 0, input;
	int r;

	chain.policy = VERDICT_DROP;
	r = filter_chain_add(f, &chain, &input);
	for (unsigned i = 0; i < rules && r == 0; i++) {
		struct filter_rule rule = { .verdict = VERDICT_ACCEPT };

		if (shape->chain && i % shape->chain == 0) {
			struct filter_chain user = { .family = STR("ip") };
			struct filter_rule jump = { .verdict = VERDICT_JUMP };

			r = filter_chain_add(f, &user, &at);
			jump.target = at;
			jump.must = jump.may = pset_addr_range(f->sets, PF_DST, prefix(16));
			if (r == 0)
				r = filter_rule_add(f, input, &jump);
		}
		if (shape->drops && below(shape->drops) == 0 &&
		    (shape->drops > 1 || rules - i > 50))
			rule.verdict = VERDICT_DROP;
		rule.must = rule.may = shape->match(f->sets, rules - 1 - i);
		if (r == 0)
			r = filter_rule_add(f, at, &rule);
	}
	return r == 0 ? psets_error(f->sets) : r;
}

/* A port ("22") or ports ("22:25"). */
static pset ports_of(struct psets *p, enum pset_field f, struct str text)
{
	struct str first = str_cut(&text, ':');
	uint64_t x = 0, y = 0;

	if (str_to_u64(first, 10, &x) < 0)
		return PSET_NONE;
	y = x;
	if (text.ptr && str_to_u64(text, 10, &y) < 0)
		return PSET_NONE;
	return pset_field_range(p, f, (unsigned)x, (unsigned)y);
}

/* "DROP  udp  --  10.0.0.0/8  0.0.0.0/0  udp dpts:67:68", as iptables -L has it. */
static int read_rule(struct filter *f, struct str line)
{
	struct str verdict = str_word(&line), proto = str_word(&line), word;
	struct filter_rule rule = { .verdict = VERDICT_DROP, .may = PSET_ALL };
	struct psets *p = f->sets;

	if (str_eq(verdict, STR("ACCEPT")))
		rule.verdict = VERDICT_ACCEPT;
	else if (!str_eq(verdict, STR("DROP")))
		return 0;
	if (!str_eq(proto, STR("all"))) {
		unsigned number = str_eq(proto, STR("udp"))   ? 17
				  : str_eq(proto, STR("tcp")) ? 6
							      : 1;

		rule.may = pset_field_range(p, PF_PROTO, number, number);
	}
	str_word(&line);
	for (enum pset_field side = PF_SRC; side <= PF_DST; side++) {
		struct net_range r[2];
		size_t n;

		if (net_prefix_parse(str_word(&line), r, &n) < 0)
			return -EBADMSG;
		rule.may = pset_and(p, rule.may, pset_addr_range(p, side, r[0]));
	}
	while ((word = str_word(&line)).ptr) {
		struct str name = str_cut(&word, ':');
		enum pset_field side = str_starts(name, STR("dpt")) ? PF_DPORT : PF_SPORT;

		if (word.ptr)
			rule.may = pset_and(p, rule.may, ports_of(p, side, word));
	}
	rule.must = rule.may;
	return filter_rule_add(f, 0, &rule);
}

/* The rules of every chain of the file one after the other. */
static int read_list(struct filter *f, const char *path)
{
	struct filter_chain chain = { .family = STR("ip"), .base = true, .hook = HOOK_INPUT };
	FILE *file = fopen(path, "re");
	char line[4096];
	int r = file ? filter_chain_add(f, &chain, NULL) : -errno;

	while (r == 0 && fgets(line, sizeof line, file))
		r = read_rule(f, str_of(line));
	if (file)
		fclose(file);
	return r;
}

static int measure(const struct shape *shape, const char *rules)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 30 };
	own(psets_release) struct psets *p = NULL;
	struct net_ranges none = {}, sources = {};
	struct filter_reach reach;
	struct filter f;
	double start = now(), built, done;
	size_t nodes;
	int r = psets_new(0, &p);

	if (r == 0)
		r = filter_init(&f, p, &a);
	if (r == 0)
		r = shape ? build(&f, shape, (unsigned)strtoul(rules, NULL, 10))
			  : read_list(&f, rules);
	if (r < 0)
		return r;
	built = now();
	nodes = psets_nodes(p);
	r = filter_reach(&f, &none, PSET_ALL, &reach);
	if (r == 0)
		r = pset_addresses(p, reach.must, PF_SRC, &a, &sources);
	done = now();
	if (r < 0 && r != -E2BIG)
		return r;
	printf("%zu %.4f %.4f %zu %zu %zu %zu %d\n", f.n_rules, built - start, done - built, nodes,
	       psets_nodes(p), r == 0 ? reach.input.n : 0, sources.n, r);
	return 0;
}

int main(int argc, char **argv)
{
	int r = -EINVAL;

	if (argc == 3 && !strcmp(argv[1], "file"))
		r = measure(NULL, argv[2]);
	for (size_t i = 0; argc == 3 && i < COUNT(shapes); i++)
		if (!strcmp(argv[1], shapes[i].name))
			r = measure(&shapes[i], argv[2]);
	if (r < 0)
		fprintf(stderr, "sets: %s\n", strerror(-r));
	return r < 0;
}
