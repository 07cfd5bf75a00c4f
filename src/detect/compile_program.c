/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_program: a form as jumps: what is looked at next after a yes and after a no. */
#include "detect/compiled.h"

#define JUMPS_MAX 100'000

enum { COST_BIT, COST_BITS, COST_WORK, COST_REGEX, COST_N };

static unsigned predicate_cost(const struct rules *rules, const struct predicate *p)
{
	for (uint32_t i = 0; i < p->n_lazy; i++)
		if (rules->tests[p->tests[i]].kind == TEST_REGEX)
			return COST_REGEX;
	return p->n_lazy ? COST_WORK : COST_BIT;
}

/* Cheap questions first: a bit, then several, then what costs work. */
static unsigned cost(const struct rules *rules, const struct form *f)
{
	unsigned most = COST_BITS;

	if (f->op == FORM_PREDICATE)
		return predicate_cost(rules, rules->predicates + f->predicate);
	for (size_t i = 0; i < f->n; i++)
		most = MAX(most, cost(rules, f->list[i]));
	return most;
}

static void sort(const struct rules *rules, struct form *f)
{
	size_t n = 0;

	for (unsigned want = 0; want < COST_N; want++)
		for (size_t i = n; i < f->n; i++) {
			struct form *moved = f->list[i];

			if (cost(rules, moved) != want)
				continue;
			memmove(f->list + n + 1, f->list + n, (i - n) * sizeof(struct form *));
			f->list[n++] = moved;
		}
}

static int emit(struct compiler *c, struct form *f, uint32_t yes, uint32_t no, uint32_t *entry)
{
	struct rules *rules = c->rules;
	struct jump jump = { f->predicate, yes, no };
	bool all = f->op == FORM_AND;
	int r = 0;

	if (f->op == FORM_NOT)
		return emit(c, f->list[0], no, yes, entry);
	if (f->op == FORM_PREDICATE) {
		if (++c->steps > JUMPS_MAX)
			return -E2BIG;
		*entry = (uint32_t)rules->n_jumps;
		return arena_push(&rules->arena, rules->jumps, rules->n_jumps, rules->cap_jumps,
				  jump);
	}
	sort(rules, f);
	for (size_t i = f->n; r == 0 && i-- > 0;) {
		uint32_t next = 0;

		r = emit(c, f->list[i], all && i + 1 < f->n ? *entry : yes,
			 !all && i + 1 < f->n ? *entry : no, &next);
		*entry = next;
	}
	return r;
}

int compile_program(struct compiler *c, struct form *f, uint32_t *entry)
{
	c->steps = 0;
	return emit(c, f, JUMP_MATCH, JUMP_NO, entry);
}
