/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packet filters as people write them, and those that nobody should. */
#include "fault.h"
#include "net/filter.h"

/* One filter and what it stands on. */
struct box {
	struct arena arena;
	struct psets *p;
	struct filter f;
	struct net_ranges local;
	struct filter_reach reach;
	int error;
};

static void box_release(struct box *b)
{
	psets_release(&b->p);
	arena_release(&b->arena);
}

static void box_init(struct box *b, size_t max_nodes)
{
	*b = (struct box){ .arena.limit = (size_t)512 << 20 };
	b->error = psets_new(max_nodes, &b->p);
	if (b->error == 0)
		b->error = filter_init(&b->f, b->p, &b->arena);
}

static size_t chain(struct box *b, const char *name, enum filter_verdict policy)
{
	struct filter_chain c = { .family = STR("inet"), .table = STR("t"), .policy = policy };
	size_t at = 0;
	int r;

	c.name = str_of(name);
	c.base = policy != VERDICT_CONTINUE;
	if (!strcmp(name, "input"))
		c.hook = HOOK_INPUT;
	else if (!strcmp(name, "forward"))
		c.hook = HOOK_FORWARD;
	else
		c.hook = HOOK_PREROUTING;
	c.nat = !strcmp(name, "nat");
	r = filter_chain_add(&b->f, &c, &at);
	b->error = b->error ? b->error : r;
	return at;
}

static void rule(struct box *b, size_t at, struct filter_rule x)
{
	int r = filter_rule_add(&b->f, at, &x);

	b->error = b->error ? b->error : r;
}

/* "FAMILY…" is not needed: prefixes bring theirs. 0: any. */
static pset packets(struct box *b, const char *src, const char *dst, unsigned port)
{
	const char *const text[] = { src, dst };
	pset s = PSET_ALL;

	for (unsigned i = 0; i < 2; i++) {
		struct net_range list[2];
		struct net_ranges ranges = { .list = list };

		if (!text[i])
			continue;
		if (net_prefix_parse(str_of(text[i]), list, &ranges.n) < 0)
			b->error = -EINVAL;
		s = pset_and(b->p, s, pset_addr_ranges(b->p, i ? PF_DST : PF_SRC, &ranges));
	}
	if (!port)
		return s;
	s = pset_and(b->p, s, pset_field_range(b->p, PF_PROTO, 6, 6));
	return pset_and(b->p, s, pset_field_range(b->p, PF_DPORT, port, port));
}

static struct filter_rule does(enum filter_verdict verdict, pset match)
{
	return (struct filter_rule){ .verdict = verdict, .must = match, .may = match };
}

static struct filter_rule jumps(size_t target, pset match)
{
	return (struct filter_rule){
		.verdict = VERDICT_JUMP, .must = match, .may = match, .target = target
	};
}

static void reach(struct box *b)
{
	int r = b->error ? b->error : filter_reach(&b->f, &b->local, PSET_ALL, &b->reach);

	b->error = b->error ? b->error : r;
	is_int(b->error, 0, "evaluation");
}

static void is_answer(struct box *b, pset q, enum filter_answer want, const char *name)
{
	is_int(filter_answer(b->p, b->reach.must, b->reach.may, q), want, name);
}

static struct net_range one(const char *text)
{
	struct net_range list[2] = {};
	size_t n;

	if (net_prefix_parse(str_of(text), list, &n) < 0)
		printf("# %s is no prefix\n", text);
	return list[0];
}

static void add_local(struct box *b, const char *text)
{
	int r = net_ranges_add(&b->local, &b->arena, one(text));

	b->error = b->error ? b->error : r;
}

/* A service that is published: DNAT to a container behind a bridge. */
static void test_published(bool route)
{
	own(box_release) struct box b;
	size_t nat, forward, input;
	struct filter_rule dnat;
	const struct filter_forwarded *entry;
	uint8_t bridge = 0;
	pset out;

	box_init(&b, 0);
	is_int(filter_interface(&b.f, STR("docker0"), &bridge), 0, "interface");
	add_local(&b, "198.51.100.7");
	nat = chain(&b, "nat", VERDICT_ACCEPT);
	input = chain(&b, "input", VERDICT_DROP);
	forward = chain(&b, "forward", VERDICT_DROP);
	dnat = does(VERDICT_DNAT, packets(&b, NULL, "198.51.100.7", 8080));
	dnat.to = one("172.17.0.2");
	dnat.n_to = 1;
	dnat.to_port = 80;
	rule(&b, nat, dnat);
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 8080)));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 22)));
	out = pset_field_range(b.p, PF_OIF, bridge, bridge);
	rule(&b, forward,
	     does(VERDICT_ACCEPT, pset_and(b.p, out, packets(&b, NULL, "172.17.0.2", 80))));
	if (route && arena_push(&b.arena, b.f.routes, b.f.n_routes, b.f.cap_routes,
				((struct filter_route){ one("172.17.0.0/16"), bridge })) < 0)
		b.error = -ENOMEM;
	reach(&b);
	is_answer(&b, packets(&b, NULL, "198.51.100.7", 8080), ANSWER_CLOSED,
		  "what is translated does not reach the host");
	is_answer(&b, packets(&b, NULL, "198.51.100.7", 22), ANSWER_OPEN, "what is not, does");
	is_answer(&b, packets(&b, NULL, "198.51.100.8", 22), ANSWER_CLOSED, "not its address");
	if (!ok(b.reach.n_forwarded == 1 && b.reach.n_redirected == 0, "one rule forwards"))
		return;
	entry = &b.reach.forwarded[0];
	is_int(entry->from, packets(&b, NULL, "198.51.100.7", 8080), "what it takes");
	is_int(entry->may, entry->from, "passes, perhaps");
	is_int(entry->must, route ? entry->from : PSET_NONE, "for certain, with the route");
}

static void test_redirect(void)
{
	own(box_release) struct box b;
	struct filter_rule to_port;
	size_t nat, input;
	pset outside;

	box_init(&b, 0);
	add_local(&b, "198.51.100.7");
	nat = chain(&b, "nat", VERDICT_ACCEPT);
	input = chain(&b, "input", VERDICT_DROP);
	to_port = does(VERDICT_DNAT, packets(&b, "0.0.0.0/0", NULL, 443));
	to_port.to_port = 8443;
	rule(&b, nat, to_port);
	to_port = does(VERDICT_DNAT, packets(&b, "0.0.0.0/0", NULL, 80));
	to_port.n_to = 1;
	to_port.to = one("127.0.0.1");
	rule(&b, nat, to_port);
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 8443)));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 80)));
	reach(&b);
	is_answer(&b, packets(&b, NULL, "198.51.100.7", 443), ANSWER_OPEN, "redirected");
	is_answer(&b, packets(&b, NULL, "192.0.2.1", 443), ANSWER_OPEN, "to any address");
	is_answer(&b, packets(&b, NULL, "198.51.100.7", 8443), ANSWER_OPEN, "the port itself");
	outside = pset_not(b.p, pset_field_range(b.p, PF_IIF, 1, 1));
	is_answer(&b, pset_and(b.p, outside, packets(&b, NULL, "198.51.100.7", 80)), ANSWER_UNKNOWN,
		  "to loopback: depends on route_localnet");
	is_int((int64_t)b.reach.n_redirected, 2, "two entries");
	is_int((int64_t)b.reach.n_forwarded, 0, "nothing is forwarded");
}

static void test_unknown(void)
{
	own(box_release) struct box b;
	struct filter_rule half;
	size_t input, later;
	struct filter_result result;

	box_init(&b, 0);
	input = chain(&b, "input", VERDICT_DROP);
	later = chain(&b, "input", VERDICT_ACCEPT);
	b.f.chains[later].priority = 10;
	half = does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 22));
	half.must = PSET_NONE;
	rule(&b, input, half);
	rule(&b, input, does(VERDICT_UNKNOWN, packets(&b, NULL, NULL, 23)));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 80)));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 443)));
	rule(&b, later, does(VERDICT_DROP, packets(&b, "10.0.0.0/8", NULL, 443)));
	reach(&b);
	is_answer(&b, packets(&b, NULL, NULL, 22), ANSWER_UNKNOWN, "match that is not known");
	is_answer(&b, packets(&b, NULL, NULL, 23), ANSWER_UNKNOWN, "verdict that is not known");
	is_answer(&b, packets(&b, NULL, NULL, 80), ANSWER_OPEN, "known");
	is_answer(&b, packets(&b, NULL, NULL, 25), ANSWER_CLOSED, "by policy");
	is_answer(&b, packets(&b, "10.0.0.0/8", NULL, 443), ANSWER_CLOSED, "by a later chain");
	is_int((int64_t)b.reach.input.n, 7, "shares");
	ok(b.reach.input.shares[2].rule == &b.f.chains[input].rules[2] &&
		   !b.reach.input.shares[2].last,
	   "an accept that a later chain may undo");
	ok(b.reach.input.shares[6].chain == &b.f.chains[later] && !b.reach.input.shares[6].rule &&
		   b.reach.input.shares[6].last,
	   "the last policy decides");
	b.f.unknown = STR("no permission");
	reach(&b);
	is_answer(&b, PSET_ALL, ANSWER_UNKNOWN, "a filter that could not be read");
	is_int(filter_run(&b.f, HOOK_INPUT, PSET_ALL, &result), 0, "run");
	ok(result.accept_may == PSET_ALL && result.drop_may == PSET_ALL, "one hook of it");
}

/* Each chain calls the next one twice: 2^depth ways. */
static void ladder(struct box *b, size_t steps, size_t *ret_input)
{
	size_t input = chain(b, "input", VERDICT_DROP), at = input;

	for (size_t i = 0; i < steps; i++) {
		size_t next = chain(b, "step", VERDICT_CONTINUE);
		pset odd = pset_field_range(b->p, PF_DPORT, (unsigned)i, (unsigned)(i + 1000));

		rule(b, at, jumps(next, odd));
		rule(b, at, jumps(next, pset_not(b->p, odd)));
		at = next;
	}
	rule(b, at, does(VERDICT_ACCEPT, packets(b, NULL, NULL, 22)));
	*ret_input = input;
}

static void test_depth(void)
{
	size_t input;

	for (size_t steps = 16; steps <= 17; steps++) {
		own(box_release) struct box b;

		box_init(&b, 0);
		ladder(&b, steps, &input);
		reach(&b);
		is_answer(&b, packets(&b, NULL, NULL, 22),
			  steps == 16 ? ANSWER_OPEN : ANSWER_UNKNOWN, "sixteen jumps, not more");
		is_answer(&b, packets(&b, NULL, NULL, 23),
			  steps == 16 ? ANSWER_CLOSED : ANSWER_UNKNOWN, "  and the others");
	}
}

static void test_loops(void)
{
	own(box_release) struct box b;
	size_t input, x, y, z, far = 4711;

	box_init(&b, 0);
	input = chain(&b, "input", VERDICT_DROP);
	x = chain(&b, "x", VERDICT_CONTINUE);
	y = chain(&b, "y", VERDICT_CONTINUE);
	z = chain(&b, "z", VERDICT_CONTINUE);
	rule(&b, input, does(VERDICT_DROP, packets(&b, NULL, NULL, 25)));
	rule(&b, input, jumps(x, packets(&b, NULL, NULL, 22)));
	rule(&b, input, jumps(input, packets(&b, NULL, NULL, 23)));
	rule(&b, input, jumps(far, packets(&b, NULL, NULL, 24)));
	rule(&b, x, jumps(y, PSET_ALL));
	rule(&b, y, jumps(x, PSET_ALL));
	rule(&b, y, does(VERDICT_ACCEPT, PSET_ALL));
	rule(&b, input, jumps(z, packets(&b, NULL, NULL, 27)));
	rule(&b, z, jumps(z, PSET_ALL));
	rule(&b, z, jumps(z, PSET_ALL));
	reach(&b);
	is_answer(&b, packets(&b, NULL, NULL, 22), ANSWER_UNKNOWN, "a loop");
	is_answer(&b, packets(&b, NULL, NULL, 27), ANSWER_UNKNOWN, "two jumps to itself");
	is_answer(&b, packets(&b, NULL, NULL, 23), ANSWER_UNKNOWN, "a jump to a base chain");
	is_answer(&b, packets(&b, NULL, NULL, 24), ANSWER_UNKNOWN, "a jump to no chain");
	is_answer(&b, packets(&b, NULL, NULL, 25), ANSWER_CLOSED, "what comes before");
	is_answer(&b, packets(&b, NULL, NULL, 26), ANSWER_CLOSED, "what goes another way");
}

static void test_goto(void)
{
	own(box_release) struct box b;
	struct filter_rule leave;
	size_t input, x, y;

	box_init(&b, 0);
	input = chain(&b, "input", VERDICT_DROP);
	x = chain(&b, "x", VERDICT_CONTINUE);
	y = chain(&b, "y", VERDICT_CONTINUE);
	rule(&b, input, jumps(x, PSET_ALL));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 22)));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 23)));
	leave = jumps(y, packets(&b, NULL, NULL, 22));
	leave.verdict = VERDICT_GOTO;
	rule(&b, x, leave);
	rule(&b, x, does(VERDICT_DROP, packets(&b, NULL, NULL, 22)));
	rule(&b, x, does(VERDICT_RETURN, packets(&b, NULL, NULL, 23)));
	rule(&b, x, does(VERDICT_DROP, PSET_ALL));
	reach(&b);
	is_answer(&b, packets(&b, NULL, NULL, 22), ANSWER_OPEN, "goto does not come back");
	is_answer(&b, packets(&b, NULL, NULL, 23), ANSWER_OPEN, "return does");
	is_answer(&b, packets(&b, NULL, NULL, 24), ANSWER_CLOSED, "dropped in the chain");
}

/* Many base chains over one big chain: the product is too much, and ends soon. */
static void test_many_chains(void)
{
	own(box_release) struct box b;
	size_t user, n = 3000;

	box_init(&b, 0);
	user = chain(&b, "user", VERDICT_CONTINUE);
	for (unsigned i = 0; i < 2000; i++)
		rule(&b, user, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 1 + i)));
	for (size_t i = 0; i < n; i++) {
		size_t at = chain(&b, "input", VERDICT_ACCEPT);

		rule(&b, at, jumps(user, PSET_ALL));
		b.f.chains[at].priority = (int64_t)i;
	}
	reach(&b);
	is_answer(&b, packets(&b, NULL, NULL, 22), ANSWER_UNKNOWN, "too much to be evaluated");
	ok(b.reach.input.n < 3'000'000, "and bounded");
}

/* Rules whose union grows as the product of their numbers. */
static int costly(size_t max_nodes, unsigned n)
{
	own(box_release) struct box b;
	size_t input, nodes;
	pset before;
	int r;

	box_init(&b, max_nodes);
	input = chain(&b, "input", VERDICT_DROP);
	for (unsigned i = 0; i < n && !psets_error(b.p); i++) {
		unsigned first = i * 2654435761U >> 16, last = first + (i * 40503 & 0x3fff);
		pset s = pset_field_range(b.p, PF_SPORT, first, MIN(last, 65535U));

		first = i * 2246822519U >> 16;
		s = pset_and(b.p, s, pset_field_range(b.p, PF_DPORT, first, 65535));
		first = i * 3266489917U >> 24;
		s = pset_and(b.p, s, pset_field_range(b.p, PF_IIF, first, first));
		rule(&b, input, does(i % 2 ? VERDICT_ACCEPT : VERDICT_DROP, s));
	}
	if (b.error || psets_error(b.p))
		return b.error ? b.error : psets_error(b.p);
	before = packets(&b, "10.0.0.0/8", NULL, 22);
	nodes = psets_nodes(b.p);
	r = filter_reach(&b.f, &b.local, PSET_ALL, &b.reach);
	if (r < 0 && (psets_error(b.p) || psets_nodes(b.p) != nodes ||
		      packets(&b, "10.0.0.0/8", NULL, 22) != before))
		return -EBADMSG;
	return r;
}

static void test_caps(void)
{
	unsigned big = 0, good = 0, bad = 0;

	for (size_t max = 100; max < 400'000; max += max / 3) {
		int r = costly(max, 600);

		big += r == -E2BIG;
		good += r == 0;
		bad += r != -E2BIG && r != 0;
	}
	is_int(bad, 0, "a filter that is too costly is -E2BIG, and the sets are as before");
	ok(big > 3 && good > 3, "both happen");
}

static int allocate(void *arg)
{
	own(box_release) struct box b = {};
	struct filter_decision *decisions;
	struct filter_shadowed *shadowed;
	struct filter_rule dnat = { .verdict = VERDICT_DNAT };
	size_t input, nat, n;
	int r;

	(void)arg;
	box_init(&b, 0);
	if (b.error)
		return b.error;
	add_local(&b, "198.51.100.7");
	nat = chain(&b, "nat", VERDICT_ACCEPT);
	ladder(&b, 3, &input);
	for (unsigned i = 1; i < 300 && !b.error; i++)
		rule(&b, input,
		     does(i % 2 ? VERDICT_ACCEPT : VERDICT_DROP,
			  packets(&b, "10.0.0.0/8", NULL, i * 77)));
	dnat.must = dnat.may = packets(&b, NULL, NULL, 77);
	dnat.to_port = 22;
	rule(&b, nat, dnat);
	r = b.error ? b.error : psets_error(b.p);
	if (r == 0)
		r = filter_reach(&b.f, &b.local, PSET_ALL, &b.reach);
	if (r == 0)
		r = filter_decisions(&b.f, &b.reach, PSET_ALL, &b.arena, &decisions, &n);
	if (r == 0)
		r = filter_shadowed(&b.f, &b.reach, PSET_ALL, &b.arena, &shadowed, &n);
	return r;
}

static void test_limits(void)
{
	own(box_release) struct box b;
	struct filter_chain c = { .family = STR("ip"), .table = STR("filter") };
	struct filter_rule x = {};
	char name[16];
	uint8_t at = 0;
	size_t rules = 0, chains = 0;
	int r = 0;

	box_init(&b, 0);
	is_int(filter_interface(&b.f, STR("lo"), &at), 0, "lo");
	is_int(at, 1, "is number 1");
	for (unsigned i = 0; i < 254 && r == 0; i++) {
		snprintf(name, sizeof name, "eth%u", i);
		r = filter_interface(&b.f, str_of(name), &at);
	}
	ok(r == 0 && at == 255, "254 more names");
	is_int(filter_interface(&b.f, STR("one"), &at), -E2BIG, "and no more");
	ok(filter_interface(&b.f, STR("eth7"), &at) == 0 && at == 9, "a name that is there");
	c.name = STR("x");
	while (filter_chain_add(&b.f, &c, NULL) == 0)
		chains++;
	is_int((int64_t)chains, 10'000, "chains");
	while (filter_rule_add(&b.f, rules % 7, &x) == 0)
		rules++;
	is_int((int64_t)rules, 200'000, "rules of all chains");
	is_int(filter_rule_add(&b.f, chains, &x), -EINVAL, "no such chain");
	is_int(filter_chain_find(&b.f, STR("ip"), STR("filter"), STR("x")), 0, "find");
	is_int(filter_chain_find(&b.f, STR("ip6"), STR("filter"), STR("x")), -1, "not there");
}

static void test_decisions(void)
{
	own(box_release) struct box b;
	struct filter_decision *d;
	struct filter_shadowed *s;
	struct filter_rule redirect;
	size_t input, nat, user, n = 0;

	box_init(&b, 0);
	nat = chain(&b, "nat", VERDICT_ACCEPT);
	input = chain(&b, "input", VERDICT_DROP);
	user = chain(&b, "user", VERDICT_CONTINUE);
	redirect = does(VERDICT_DNAT, packets(&b, NULL, NULL, 2222));
	redirect.to_port = 22;
	rule(&b, nat, redirect);
	rule(&b, input, does(VERDICT_DROP, packets(&b, "192.0.2.0/24", NULL, 0)));
	rule(&b, input, jumps(user, PSET_ALL));
	rule(&b, input, does(VERDICT_ACCEPT, packets(&b, NULL, NULL, 22)));
	rule(&b, input, does(VERDICT_DROP, packets(&b, NULL, NULL, 22)));
	rule(&b, user, does(VERDICT_DROP, packets(&b, "203.0.113.0/24", NULL, 22)));
	rule(&b, user, does(VERDICT_DROP, packets(&b, NULL, NULL, 80)));
	reach(&b);
	is_int(filter_decisions(&b.f, &b.reach, packets(&b, "0.0.0.0/0", NULL, 2222), &b.arena, &d,
				&n),
	       0, "decisions");
	if (!is_int((int64_t)n, 4, "four of them"))
		return;
	ok(d[0].effect == EFFECT_CHANGES && d[0].hook == HOOK_PREROUTING, "translated");
	ok(d[1].effect == EFFECT_CLOSES && d[1].share->rule == &b.f.chains[input].rules[0] &&
		   d[1].set != PSET_NONE &&
		   pset_minus(b.p, d[1].set, packets(&b, "192.0.2.0/24", NULL, 22)) == PSET_NONE,
	   "a part is closed");
	ok(d[2].effect == EFFECT_CLOSES && d[2].share->chain == &b.f.chains[user] &&
		   d[2].share->base == &b.f.chains[input],
	   "and another one, in a chain of the user's");
	ok(d[3].effect == EFFECT_OPENS && d[3].share->rule == &b.f.chains[input].rules[2],
	   "the rest is open");
	is_int(filter_shadowed(&b.f, &b.reach, packets(&b, NULL, NULL, 2222), &b.arena, &s, &n), 0,
	       "shadowed");
	ok(n == 1 && s[0].rule == &b.f.chains[input].rules[3], "a drop that comes too late");
	is_int(filter_decisions(&b.f, &b.reach, packets(&b, NULL, NULL, 80), &b.arena, &d, &n), 0,
	       "of a closed port");
	ok(n == 3 && d[0].effect == EFFECT_PASSES && d[2].effect == EFFECT_CLOSES, "closed");
}

int main(void)
{
	test_published(true);
	test_published(false);
	test_redirect();
	test_unknown();
	test_depth();
	test_loops();
	test_goto();
	test_many_chains();
	test_decisions();
	test_limits();
	test_caps();
	fault_walk(allocate, NULL, "each allocation fails once");
	return done();
}
