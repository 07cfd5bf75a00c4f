/* SPDX-License-Identifier: GPL-3.0-or-later */
/* witness: what must be true before a rule can match. */
#include <math.h>

#include "detect/index.h"

struct search {
	struct arena *arena;
	cost_fn *cost;
	const void *user;
};

/* Whether one of the form's parts is enough (an OR, or an AND that is negated). */
static bool is_union(const struct form *f, bool negated) { return (f->op == FORM_OR) != negated; }

static double cost_of(const struct search *s, const struct form *f, bool negated)
{
	double sum = 0, least = INFINITY;

	if (f->op == FORM_PREDICATE)
		return s->cost(s->user, f->predicate, negated);
	if (f->op == FORM_NOT)
		return cost_of(s, f->list[0], !negated);
	for (size_t i = 0; i < f->n; i++) {
		double one = cost_of(s, f->list[i], negated);

		sum += one;
		least = fmin(least, one);
	}
	return is_union(f, negated) ? sum : least;
}

static int collect(const struct search *s, const struct form *f, bool negated,
		   struct predicate_list *ret)
{
	const struct form *best = NULL;
	double least = INFINITY;

	if (f->op == FORM_PREDICATE)
		return arena_push(s->arena, ret->list, ret->n, ret->cap, f->predicate);
	if (f->op == FORM_NOT)
		return collect(s, f->list[0], !negated, ret);
	for (size_t i = 0; i < f->n; i++) {
		double cost;
		int r;

		if (is_union(f, negated)) {
			r = collect(s, f->list[i], negated, ret);
			if (r < 0)
				return r;
			continue;
		}
		cost = cost_of(s, f->list[i], negated);
		if (cost < least) {
			least = cost;
			best = f->list[i];
		}
	}
	return best ? collect(s, best, negated, ret) : 0;
}

int witness_find(struct arena *a, const struct form *f, cost_fn *cost, const void *user,
		 struct predicate_list *ret, double *ret_cost)
{
	struct search s = { a, cost, user };

	*ret_cost = cost_of(&s, f, false);
	return *ret_cost < INFINITY ? collect(&s, f, false, ret) : 0;
}

/*
 * Guesses; only their order matters. Paths begin alike and programs end alike, whole names of
 * programs and long texts are rare.
 */
double literal_cost(const struct literal *l)
{
	static const double by_length[] = { 1,     1,     0.5,   0.2,   0.1,   0.05,  0.03,
					    0.015, 0.015, 0.006, 0.006, 0.006, 0.006, 0.002 };
	size_t n = l->text.len;
	double cost = by_length[MIN(n, COUNT(by_length) - 1)];
	bool path = n && (l->text.ptr[0] == '\\' || l->text.ptr[0] == '/');

	switch (l->kind) {
	case TEST_EQUAL: return n < 3 ? 0.1 : n < 5 ? 0.02 : 0.005;
	case TEST_SUFFIX: return path && n > 4 ? 0.003 : cost * 2;
	case TEST_PREFIX: return path || str_starts(l->text, STR("c:\\")) ? cost * 20 : cost;
	default: return cost;
	}
}
