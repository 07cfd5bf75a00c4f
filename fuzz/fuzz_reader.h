/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_reader: what must hold of every filter that a reader makes. */
#ifndef HF_FUZZ_READER_H
#define HF_FUZZ_READER_H

#include "fuzz.h"
#include "net/filter.h"

struct fuzz_filter {
	struct arena arena;
	struct psets *sets;
	struct filter filter;
};

static inline void fuzz_filter_release(struct fuzz_filter *x)
{
	psets_release(&x->sets);
	arena_release(&x->arena);
}

[[nodiscard]] static inline int fuzz_filter_init(struct fuzz_filter *x)
{
	int r = psets_new(200'000, &x->sets);

	return r < 0 ? r : filter_init(&x->filter, x->sets, &x->arena);
}

static inline void fuzz_rule_check(const struct filter *f, const struct filter_rule *r)
{
	fuzz_assert(pset_minus(f->sets, r->must, r->may) == PSET_NONE || psets_error(f->sets));
	fuzz_assert(r->text.len <= 500);
	fuzz_assert(r->must == r->may || r->unknown.len);
	fuzz_assert(r->verdict != VERDICT_JUMP || r->target < f->n);
	fuzz_assert(r->verdict != VERDICT_GOTO || r->target < f->n);
	fuzz_assert(r->n_to <= 1 && r->to.first <= r->to.last);
	fuzz_assert(!r->to_port_last || r->to_port < r->to_port_last);
}

static inline void fuzz_filter_check(struct fuzz_filter *x, int r)
{
	const struct filter *f = &x->filter;
	struct filter_reach reach = {};

	fuzz_assert(r == 0 || r == -ENOMEM || r == -E2BIG);
	if (r < 0)
		return;
	for (size_t c = 0; c < f->n; c++)
		for (size_t i = 0; i < f->chains[c].n; i++)
			fuzz_rule_check(f, &f->chains[c].rules[i]);
	r = filter_reach(f, &(struct net_ranges){}, PSET_ALL, &reach);
	fuzz_assert(r == 0 || r == -ENOMEM || r == -E2BIG);
	if (r < 0)
		return;
	fuzz_assert(pset_minus(f->sets, reach.must, reach.may) == PSET_NONE ||
		    psets_error(f->sets));
	/* what is unknown as a whole is never closed */
	fuzz_assert(!f->unknown.len || reach.must == PSET_NONE);
	fuzz_assert(!f->unknown.len || reach.may != PSET_NONE);
}

#endif
