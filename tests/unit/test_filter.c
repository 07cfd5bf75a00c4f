/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random packet filters beside a model that takes one packet at a time. */
#include "fault.h"
#include "filter_model.h"

static struct model_match random_match(bool narrow)
{
	struct model_match m = {};
	unsigned n = random_below(narrow ? 4 : 3);
	uint16_t x = (uint16_t)random_port(), y = (uint16_t)random_port();

	m.v6 = random_once_in(2);
	for (unsigned i = 0; i < n; i++) {
		switch (random_below(9)) {
		case 0: m.family = true; break;
		case 1: m.iif = true; break;
		case 2: m.proto = true; break;
		case 3:
		case 4: m.dport = true; break;
		case 5: m.sport = true; break;
		case 6: m.src = true; break;
		case 7: m.dst = true; break;
		default: m.oif = random_once_in(4); break;
		}
	}
	m.not_iif = random_once_in(2);
	m.not_src = random_once_in(3);
	m.not_dst = random_once_in(3);
	m.iif_is = (uint8_t)random_below(4);
	m.oif_is = (uint8_t)random_below(4);
	m.proto_is = (uint8_t)random_protocol();
	m.ports[0] = m.sports[0] = MIN(x, y);
	m.ports[1] = m.sports[1] = random_once_in(2) ? m.ports[0] : MAX(x, y);
	m.sources = random_addresses(random_once_in(2));
	m.destinations = random_addresses(random_once_in(2));
	return m;
}

static pset match_set(struct psets *p, const struct model_match *m)
{
	pset s = PSET_ALL, x;

	if (m->family)
		s = pset_and(p, s, pset_field_range(p, PF_FAMILY, m->v6, m->v6));
	if (m->iif) {
		x = pset_field_range(p, PF_IIF, m->iif_is, m->iif_is);
		s = pset_and(p, s, m->not_iif ? pset_not(p, x) : x);
	}
	if (m->oif)
		s = pset_and(p, s, pset_field_range(p, PF_OIF, m->oif_is, m->oif_is));
	if (m->proto)
		s = pset_and(p, s, pset_field_range(p, PF_PROTO, m->proto_is, m->proto_is));
	if (m->dport)
		s = pset_and(p, s, pset_field_range(p, PF_DPORT, m->ports[0], m->ports[1]));
	if (m->sport)
		s = pset_and(p, s, pset_field_range(p, PF_SPORT, m->sports[0], m->sports[1]));
	if (m->src) {
		x = pset_addr_range(p, PF_SRC, m->sources);
		s = pset_and(p, s, m->not_src ? pset_not(p, x) : x);
	}
	if (m->dst) {
		x = pset_addr_range(p, PF_DST, m->destinations);
		s = pset_and(p, s, m->not_dst ? pset_not(p, x) : x);
	}
	return s;
}

static enum filter_verdict random_verdict(const struct model_chain *c, bool jumps, bool fuzzy)
{
	unsigned dice = random_below(20);

	if (dice < 6)
		return jumps ? (dice < 5 ? VERDICT_JUMP : VERDICT_GOTO) : VERDICT_ACCEPT;
	if ((c->nat || !c->base) && dice < 10)
		return VERDICT_DNAT;
	if (dice < 13)
		return VERDICT_ACCEPT;
	if (dice < 16)
		return VERDICT_DROP;
	if (dice < 18)
		return VERDICT_RETURN;
	return dice == 18 && fuzzy ? VERDICT_UNKNOWN : VERDICT_CONTINUE;
}

/* User chains stand behind the base chains; jumps go to later ones. */
static void random_rules(struct model *m, size_t at, size_t users, bool fuzzy)
{
	struct model_chain *c = &m->chains[at];
	size_t first = MAX(users, at + 1);

	c->n = random_below(MODEL_RULES + 1);
	for (size_t i = 0; i < c->n; i++) {
		struct model_rule *r = &c->rules[i];

		*r = (struct model_rule){ .may = random_match(true), .also = random_match(false) };
		r->verdict = random_verdict(c, first < m->n, fuzzy);
		/* A DNAT that may not translate where a chain of type filter jumps to it. */
		if (r->verdict == VERDICT_DNAT && !c->base && !fuzzy)
			r->verdict = VERDICT_ACCEPT;
		r->fuzzy = fuzzy && random_once_in(5);
		if (first < m->n)
			r->target = first + random_below((unsigned)(m->n - first));
		r->redirect = random_once_in(3);
		r->to.first =
			random_once_in(8) ? net_v4(0x7f000001) : random_address(random_once_in(2));
		r->to.last = r->to.first + (random_once_in(3) ? random_below(3) : 0);
		if (net_is_v4(r->to.first) != net_is_v4(r->to.last))
			r->to.last = r->to.first;
		r->to_port = random_once_in(2) ? (uint16_t)MAX(random_port(), 1U) : 0;
		if (r->to_port && r->to_port < 60000 && random_once_in(3))
			r->to_port_last = (uint16_t)(r->to_port + random_below(3));
	}
}

static void random_chain(struct model_chain *c, bool fuzzy)
{
	static const char *const families[] = { "ip",   "ip6",  "inet", "inet",
						"inet", "inet", "arp",  "bridge" };
	static const int priorities[] = { -300, -200, -150, -100, 0, 0, 10, 100 };

	c->base = true;
	c->family = families[random_below(fuzzy ? 8 : 7)];
	c->hook = (enum filter_hook)random_below(HOOK_N);
	c->nat = c->hook == HOOK_PREROUTING && !random_once_in(3);
	c->priority = priorities[random_below(COUNT(priorities))];
	c->policy = random_once_in(3) ? VERDICT_DROP : VERDICT_ACCEPT;
	if (fuzzy && random_once_in(16))
		c->policy = VERDICT_UNKNOWN;
	c->aside = random_once_in(8);
	c->aside_iif = (uint8_t)random_below(4);
}

static struct model random_model(bool fuzzy)
{
	struct model m = {};
	size_t users = 2 + random_below(8);

	for (size_t i = 0; i < users; i++)
		random_chain(&m.chains[i], fuzzy);
	m.n = users + random_below(7);
	for (size_t i = 0; i < m.n; i++)
		random_rules(&m, i, users, fuzzy);
	m.n_local = random_once_in(3) ? 0 : 1 + random_below(MODEL_LOCAL);
	for (size_t i = 0; i < m.n_local; i++)
		m.local[i] = random_once_in(10) ? 1 : random_address(random_once_in(2));
	m.n_routes = random_below(3);
	for (size_t i = 0; i < m.n_routes; i++)
		m.routes[i] = (struct filter_route){ random_prefix(random_once_in(2)),
						     (uint8_t)random_below(4) };
	return m;
}

static int build(const struct model *m, struct filter *f)
{
	int r = 0;

	for (size_t i = 0; i < m->n && r >= 0; i++) {
		const struct model_chain *c = &m->chains[i];
		struct filter_chain chain = { .base = c->base, .nat = c->nat, .hook = c->hook };

		chain.family = str_of(c->family);
		chain.priority = c->priority;
		chain.policy = c->policy;
		if (c->aside)
			chain.aside = pset_field_range(f->sets, PF_IIF, c->aside_iif, c->aside_iif);
		r = filter_chain_add(f, &chain, NULL);
		for (size_t k = 0; k < c->n && r >= 0; k++) {
			const struct model_rule *x = &c->rules[k];
			struct filter_rule rule = { .verdict = x->verdict, .target = x->target };

			rule.may = rule.must = match_set(f->sets, &x->may);
			if (x->fuzzy)
				rule.must =
					pset_and(f->sets, rule.may, match_set(f->sets, &x->also));
			rule.to = x->to;
			rule.n_to = !x->redirect;
			rule.to_port = x->to_port;
			rule.to_port_last = x->to_port_last;
			r = filter_rule_add(f, i, &rule);
		}
	}
	for (size_t i = 0; i < m->n_routes && r >= 0; i++)
		r = arena_push(f->arena, f->routes, f->n_routes, f->cap_routes, m->routes[i]);
	return r;
}

static const struct model_rule *model_of(const struct model *m, const struct filter *f,
					 const struct filter_rule *rule)
{
	for (size_t i = 0; rule && i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];

		if (c->n && rule >= c->rules && rule < c->rules + c->n)
			return &m->chains[i].rules[rule - c->rules];
	}
	return NULL;
}

struct score {
	unsigned packets, ways, exact, reached, closed, forwarded, unsure, unsound, untight;
};

/* What the choices of one packet came to, for one rule (or, rule == NULL, on the whole). */
struct fate {
	bool from, some, all;
};

static void add_fate(struct fate *f, bool from, bool passed)
{
	f->from |= from;
	f->some |= from && passed;
	f->all &= from && passed;
}

static void judge(struct score *score, struct psets *p, const struct packet *k,
		  const struct fate *fate, bool exact, pset may, pset must)
{
	bool in_may = pset_has(p, may, k), in_must = pset_has(p, must, k);

	score->unsound += (fate->some && !in_may) || (in_must && !fate->all);
	score->untight += exact && (in_may != fate->some || in_must != fate->all);
}

struct entry {
	const struct filter_forwarded *entry;
	const struct model_rule *rule;
	bool other;
	struct fate fate;
};

struct trial {
	struct model model;
	struct filter filter;
	struct filter_reach reach;
	struct entry entries[64];
	size_t n;
};

static void list_entries(struct trial *t)
{
	const struct filter_reach *r = &t->reach;

	t->n = 0;
	for (size_t i = 0; i < r->n_forwarded + r->n_redirected; i++) {
		struct entry e = { .other = i < r->n_forwarded };

		e.entry = e.other ? &r->forwarded[i] : &r->redirected[i - r->n_forwarded];
		e.rule = model_of(&t->model, &t->filter, e.entry->rule);
		if (e.rule && t->n < COUNT(t->entries))
			t->entries[t->n++] = e;
	}
}

static void add_entry_fate(const struct trial *t, const struct model_run *run, struct entry *e)
{
	bool from = run->translated && run->dnat == e->rule;
	bool sure = t->model.n_local || run->inexact || (from && e->rule->redirect);

	/* With no address known, an entry of forwarded speaks of a new destination elsewhere. */
	if (from && e->other && !run->other && !sure)
		return;
	add_fate(&e->fate, from && run->other == e->other, run->passed);
}

static void try_packet(struct trial *t, struct score *score, const struct packet *k)
{
	struct model_run run = { .model = &t->model };
	struct psets *p = t->filter.sets;
	struct fate fate = { .all = true };
	bool exact = true;
	unsigned ways = 0;

	for (size_t i = 0; i < t->n; i++)
		t->entries[i].fate = (struct fate){ .all = true };
	do {
		run_way(&run, *k);
		add_fate(&fate, true, run.passed && !run.other);
		for (size_t i = 0; i < t->n; i++)
			add_entry_fate(t, &run, &t->entries[i]);
		exact &= ++ways < 64;
	} while (exact && choose_next(&run));
	exact &= !run.inexact;
	judge(score, p, k, &fate, exact, t->reach.may, t->reach.must);
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];

		judge(score, p, k, &e->fate, exact, e->entry->may, e->entry->must);
		score->unsound += e->fate.from && !pset_has(p, e->entry->from, k);
		score->forwarded += e->other && e->fate.some;
	}
	score->packets++;
	score->ways += ways;
	score->exact += exact;
	score->reached += fate.all;
	score->closed += !fate.some;
	score->unsure += fate.some && !fate.all;
}

static int try_model(bool fuzzy, size_t max_nodes, struct score *score)
{
	own(arena_release) struct arena a = {};
	own(psets_release) struct psets *p = NULL;
	struct trial t = { .model = random_model(fuzzy) };
	struct net_ranges local = {};
	int r = psets_new(max_nodes, &p);

	if (r == 0)
		r = filter_init(&t.filter, p, &a);
	if (r == 0)
		r = build(&t.model, &t.filter);
	for (size_t i = 0; r >= 0 && i < t.model.n_local; i++) {
		net_addr at = t.model.local[i];

		r = net_ranges_add(&local, &a, (struct net_range){ at, at });
	}
	if (r == 0)
		r = filter_reach(&t.filter, &local, PSET_ALL, &t.reach);
	if (r < 0)
		return r;
	list_entries(&t);
	for (unsigned i = 0; i < 600; i++) {
		struct packet k = random_packet();

		if (t.model.n_local && random_once_in(2)) {
			k.dst = t.model.local[random_below((unsigned)t.model.n_local)];
			k.v6 = !net_is_v4(k.dst);
			k.src = random_address(k.v6);
		}
		try_packet(&t, score, &k);
	}
	return 0;
}

/* Within few nodes, much is collected on the way; what is too much is no failure then. */
static void test_reach(bool fuzzy, size_t max_nodes, const char *name)
{
	struct score score = {};
	unsigned big = 0;
	int r = 0;

	for (unsigned i = 0; i < 1000 && r == 0; i++) {
		r = try_model(fuzzy, max_nodes, &score);
		big += r == -E2BIG;
		r = r == -E2BIG && max_nodes ? 0 : r;
	}
	is_int(r, 0, name);
	printf("# %u filters were too big\n", big);
	printf("# %u packets, %u ways, %u exact: %u reach, %u do not, %u perhaps, %u forwarded\n",
	       score.packets, score.ways, score.exact, score.reached, score.closed, score.unsure,
	       score.forwarded);
	is_int(score.unsound, 0, "what holds whatever the choice, holds");
	is_int(score.untight, 0, "what is perhaps, depends on a choice");
	ok(score.exact > score.packets / 2 && score.reached > score.packets / 50 &&
		   score.closed > score.packets / 50 && score.forwarded > score.packets / 500,
	   "all kinds of packets");
}

static bool was_decided(const struct model *m, const struct filter *f, const struct model_run *run,
			const struct filter_share *share)
{
	const struct model_chain *base = &m->chains[share->base - f->chains];
	const struct model_rule *rule = model_of(m, f, share->rule);

	for (unsigned i = 0; i < run->n_decided; i++)
		if (run->decided[i].base == base && run->decided[i].rule == rule)
			return true;
	return false;
}

/* Each share has the packets that its rule decides over in one of the ways, and no others. */
static unsigned try_shares(const struct model *m, const struct filter *f,
			   const struct filter_result *result)
{
	struct packet k = random_packet();
	struct model_run run = { .model = m };
	bool met[256] = {}, accepted = false, dropped = false;
	unsigned bad = 0, ways = 0;

	do {
		struct packet p = k;
		bool through;

		run.used = run.n_decided = 0;
		through = run_hook(&run, HOOK_INPUT, &p);
		accepted |= through;
		dropped |= !through;
		for (size_t i = 0; i < result->n && i < COUNT(met); i++)
			met[i] |= was_decided(m, f, &run, &result->shares[i]);
	} while (++ways < 500 && choose_next(&run));
	if (ways == 500 || run.inexact)
		return 0;
	for (size_t i = 0; i < result->n && i < COUNT(met); i++)
		bad += pset_has(f->sets, result->shares[i].set, &k) != met[i];
	bad += pset_has(f->sets, result->accept_may, &k) != accepted;
	bad += pset_has(f->sets, result->drop_may, &k) != dropped;
	return bad;
}

static int try_hook(unsigned *bad, unsigned *shares)
{
	own(arena_release) struct arena a = {};
	own(psets_release) struct psets *p = NULL;
	struct model m = random_model(true);
	struct filter_result result = {};
	struct filter f;
	int r = psets_new(0, &p);

	if (r == 0)
		r = filter_init(&f, p, &a);
	if (r == 0)
		r = build(&m, &f);
	if (r == 0)
		r = filter_run(&f, HOOK_INPUT, PSET_ALL, &result);
	if (r < 0)
		return r;
	*shares += (unsigned)result.n;
	for (unsigned i = 0; i < 100; i++)
		*bad += try_shares(&m, &f, &result);
	return 0;
}

static void test_shares(void)
{
	unsigned bad = 0, shares = 0;
	int r = 0;

	for (unsigned i = 0; i < 500 && r == 0; i++)
		r = try_hook(&bad, &shares);
	is_int(r, 0, "one hook");
	printf("# %u shares\n", shares);
	is_int(bad, 0, "each share has what its rule decides");
	ok(shares > 500, "and there are shares");
}

int main(void)
{
	printf("# seed %#" PRIx64 "\n", random_state);
	test_reach(false, 0, "filters that are understood");
	test_reach(true, 0, "filters with unknown matches and verdicts");
	test_reach(true, 500, "the same within 500 nodes");
	test_shares();
	return done();
}
