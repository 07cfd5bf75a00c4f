/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes as chains and rules, with jumps to everywhere; what comes back must not contradict itself,
 * and what is too much must leave the sets as they were.
 */
#include "fuzz.h"
#include "net/filter.h"

struct input {
	const uint8_t *at;
	size_t left;
};

static unsigned byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static net_addr address(struct input *in)
{
	unsigned kind = byte(in);
	net_addr a = kind & 1 ? (net_addr)byte(in) << 120 | byte(in) : net_v4(byte(in) << 24);

	return a ^ (net_addr)byte(in) << (kind & 1 ? kind >> 1 & 63 : 0);
}

static struct net_range range(struct input *in)
{
	net_addr x = address(in), y = address(in);

	return (struct net_range){ MIN(x, y), MAX(x, y) };
}

static pset match(struct input *in, struct psets *p)
{
	unsigned kinds = byte(in), x = byte(in) * 257U, y = byte(in) * 257U;
	pset s = PSET_ALL;

	if (kinds & 1)
		s = pset_and(p, s, pset_addr_range(p, PF_SRC, range(in)));
	if (kinds & 2)
		s = pset_and(p, s, pset_addr_range(p, PF_DST, range(in)));
	if (kinds & 4)
		s = pset_and(p, s, pset_field_range(p, PF_DPORT, MIN(x, y), MAX(x, y)));
	if (kinds & 8)
		s = pset_and(p, s, pset_field_range(p, PF_IIF, x & 3, x & 3));
	if (kinds & 16)
		s = pset_and(p, s, pset_field_range(p, PF_PROTO, y & 255, 255));
	if (kinds & 32)
		s = pset_and(p, s, pset_addr_mask(p, PF_SRC, kinds & 64, x | y, y));
	return kinds & 128 ? pset_not(p, s) : s;
}

static int chain(struct input *in, struct filter *f)
{
	static const char *const families[] = { "ip", "ip6", "inet", "netdev", "arp", "bridge" };
	unsigned kind = byte(in);
	struct filter_chain c = { .base = kind & 1, .nat = kind & 2 };

	c.hook = (enum filter_hook)(kind >> 2 & 3);
	c.policy = (enum filter_verdict)(kind >> 4 & 7);
	c.family = str_of(families[byte(in) % COUNT(families)]);
	c.priority = (int)byte(in) - 128;
	return filter_chain_add(f, &c, NULL);
}

static int rule(struct input *in, struct filter *f)
{
	unsigned at = byte(in), kind = byte(in);
	struct filter_rule r = { .verdict = (enum filter_verdict)(kind & 7) };

	r.target = byte(in) & 15;
	r.may = match(in, f->sets);
	r.must = kind & 8 ? pset_and(f->sets, r.may, match(in, f->sets)) : r.may;
	r.to_port = (uint16_t)(kind & 16 ? byte(in) : 0);
	r.to_port_last = (uint16_t)(kind & 32 ? byte(in) : 0);
	r.n_to = kind >> 6 & 1;
	if (r.n_to)
		r.to = range(in);
	return f->n ? filter_rule_add(f, at % f->n, &r) : 0;
}

static void judge(struct filter *f, const struct filter_reach *reach, struct arena *a)
{
	struct psets *p = f->sets;
	pset query = pset_field_range(p, PF_DPORT, 22, 22);
	struct filter_decision *decisions;
	struct filter_shadowed *shadowed;
	size_t n;

	fuzz_assert(pset_minus(p, reach->must, reach->may) == PSET_NONE);
	for (size_t i = 0; i < reach->n_forwarded + reach->n_redirected; i++) {
		const struct filter_forwarded *e =
			i < reach->n_forwarded ? &reach->forwarded[i]
					       : &reach->redirected[i - reach->n_forwarded];

		fuzz_assert(pset_minus(p, e->must, e->may) == PSET_NONE);
		fuzz_assert(pset_minus(p, e->may, e->from) == PSET_NONE);
	}
	if (filter_decisions(f, reach, query, a, &decisions, &n) == 0)
		for (size_t i = 0; i < n; i++)
			fuzz_assert(decisions[i].set != PSET_NONE);
	if (filter_shadowed(f, reach, query, a, &shadowed, &n) == 0)
		for (size_t i = 0; i < n; i++)
			fuzz_assert(shadowed[i].rule->verdict == VERDICT_DROP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	own(psets_release) struct psets *p = NULL;
	struct input in = { data, len };
	struct net_ranges local = {};
	struct filter_result result;
	struct filter_reach reach;
	struct filter f;
	unsigned setup = byte(&in);
	size_t nodes;
	int r = psets_new(setup & 1 ? 300 : 20000, &p);

	if (r == 0)
		r = filter_init(&f, p, &a);
	if (r == 0 && setup & 2)
		r = net_ranges_add(&local, &a, range(&in));
	for (unsigned i = 0; r == 0 && i < (setup >> 4); i++)
		r = chain(&in, &f);
	while (r == 0 && in.left)
		r = rule(&in, &f);
	if (r < 0 || psets_error(p) < 0)
		return 0;
	nodes = psets_nodes(p);
	r = filter_run(&f, (enum filter_hook)(setup >> 2 & 3), PSET_ALL, &result);
	if (r == 0)
		fuzz_assert(pset_or(p, pset_or(p, result.accept_may, result.drop_may),
				    result.dnat_may) == PSET_ALL ||
			    psets_error(p) < 0);
	else
		fuzz_assert(psets_error(p) == 0 && psets_nodes(p) <= nodes);
	psets_recover(p);
	r = filter_reach(&f, &local, PSET_ALL, &reach);
	if (r == 0)
		judge(&f, &reach, &a);
	else
		fuzz_assert(psets_error(p) == 0);
	return 0;
}
