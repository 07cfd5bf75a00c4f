/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "detect/fold.h"
#include "detect/index.h"

/* What a bucket is made from; one predicate after the other. */
struct part {
	uint16_t field;
	uint32_t predicate;
	uint32_t wakes, n_wakes;
};

struct making {
	struct compiler *compiler;
	struct bucket *bucket;
	struct part *parts;
	size_t n_parts, cap_parts;
	struct wake {
		uint32_t predicate, program;
	} * wakes;
	size_t n_wakes, cap_wakes;
};

static bool is_literal(uint8_t kind) { return kind <= TEST_CONTAINS; }

static int longest_piece(struct arena *a, const struct test *t, struct literal *ret, size_t *n)
{
	struct str best = {};

	for (size_t i = 0; i < t->glob.n; i++) {
		const struct pattern *p = t->glob.pieces + i;

		for (size_t k = 0, end; k < p->n; k = end + 1) {
			for (end = k; end < p->n && !p->special[end];)
				end++;
			if (end - k > best.len)
				best = (struct str){ p->text + k, end - k };
		}
	}
	if (best.len < LITERAL_MIN)
		return 0;
	*ret = (struct literal){ .text = fold_copy(a, best), .kind = TEST_CONTAINS };
	*n = 1;
	return ret->text.ptr ? 0 : -ENOMEM;
}

int test_literals(struct arena *a, const struct test *t, struct literal *ret, size_t *ret_n)
{
	const struct str *texts = NULL;
	size_t n;

	*ret_n = 0;
	if (t->kind == TEST_GLOB)
		return longest_piece(a, t, ret, ret_n);
	if (t->kind == TEST_REGEX) {
		n = regex_literals(t->regex, &texts);
		for (size_t i = 0; i < n; i++)
			ret[i] = (struct literal){ .text = texts[i], .kind = TEST_CONTAINS };
		*ret_n = n;
		return 0;
	}
	if (!is_literal(t->kind) || (t->text.len < LITERAL_MIN && t->kind != TEST_EQUAL))
		return 0;
	*ret = (struct literal){ .text = t->cased ? fold_copy(a, t->text) : t->text,
				 .kind = t->kind };
	*ret_n = 1;
	return ret->text.ptr ? 0 : -ENOMEM;
}

/* How often one of the predicate's tests is expected to be true; INFINITY: no literal says so. */
static int cost_predicate(struct compiler *c, const struct predicate *p, const uint32_t *uses,
			  double *ret)
{
	double sum = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		struct literal list[TEST_LITERALS_MAX];
		const struct test *t = c->rules->tests + p->tests[i];
		/* What many rules ask for is common. */
		double popular = 1 + uses[p->tests[i]] / 4.0, cost = 0;
		size_t n = 0;
		int r = test_literals(&c->scratch, t, list, &n);

		if (r < 0)
			return r;
		for (size_t k = 0; k < n; k++)
			cost += literal_cost(list + k);
		if (t->kind == TEST_ANY)
			cost = 1;
		sum += n || t->kind == TEST_ANY ? cost * popular : INFINITY;
	}
	*ret = sum;
	return 0;
}

static void count_uses(const struct rules *rules, const struct form *f, uint32_t *uses)
{
	const struct predicate *p = rules->predicates + f->predicate;

	for (size_t i = 0; i < f->n; i++)
		count_uses(rules, f->list[i], uses);
	for (uint32_t i = 0; f->op == FORM_PREDICATE && i < p->n; i++)
		uses[p->tests[i]]++;
}

int index_costs(struct compiler *c)
{
	struct rules *rules = c->rules;
	own(free_ptr) uint32_t *uses = calloc(rules->n_tests + 1, sizeof *uses);
	int r = 0;

	c->costs = arena_array(&c->scratch, rules->n_predicates + 1, sizeof *c->costs);
	c->places = arena_array(&c->scratch, rules->n_predicates + 1, sizeof *c->places);
	if (!uses || !c->costs || !c->places)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_programs; i++)
		count_uses(rules, rules->programs[i].form, uses);
	for (size_t i = 0; r == 0 && i < rules->n_predicates; i++) {
		r = cost_predicate(c, rules->predicates + i, uses, c->costs + i);
		rules->predicates[i].blind = c->costs[i] == INFINITY;
	}
	return r;
}

static double predicate_cost(const void *user, uint32_t id, bool negated)
{
	const struct compiler *c = user;

	return negated ? INFINITY : c->costs[id];
}

static int add_part(struct making *m, const struct form *f)
{
	struct rules *rules = m->compiler->rules;
	struct part part = { rules->predicates[f->predicate].field, f->predicate, 0, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n; i++)
		r = add_part(m, f->list[i]);
	if (r < 0 || f->op != FORM_PREDICATE || m->compiler->places[f->predicate])
		return r;
	r = arena_push(&m->compiler->scratch, m->parts, m->n_parts, m->cap_parts, part);
	m->compiler->places[f->predicate] = (uint32_t)m->n_parts;
	return r;
}

static int add_program(struct making *m, uint32_t id)
{
	struct compiler *c = m->compiler;
	struct bucket *b = m->bucket;
	struct predicate_list list = {};
	double cost = 0;
	int r = add_part(m, c->rules->programs[id].form);

	if (r == 0)
		r = witness_find(&c->scratch, c->rules->programs[id].form, predicate_cost, c, &list,
				 &cost);
	if (r == 0 && cost == INFINITY)
		return arena_push(&c->rules->arena, b->always, b->n_always, b->cap_always, id);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		struct wake wake = { list.list[i], id };

		r = arena_push(&c->scratch, m->wakes, m->n_wakes, m->cap_wakes, wake);
	}
	return r;
}

static int by_predicate(const void *a, const void *b)
{
	const struct wake *x = a, *y = b;

	if (x->predicate != y->predicate)
		return x->predicate < y->predicate ? -1 : 1;
	return (x->program > y->program) - (x->program < y->program);
}

static int by_field(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	return (x->predicate > y->predicate) - (x->predicate < y->predicate);
}

/* Lists of what each predicate wakes, in one array that all fields share. */
static int share_wakes(struct making *m, uint32_t **ret)
{
	uint32_t *all = arena_array(&m->compiler->rules->arena, m->n_wakes + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	if (m->n_wakes)
		qsort(m->wakes, m->n_wakes, sizeof *m->wakes, by_predicate);
	for (size_t i = 0; i < m->n_wakes; i++) {
		struct part *p = m->parts + m->compiler->places[m->wakes[i].predicate] - 1;

		if (!p->n_wakes++)
			p->wakes = (uint32_t)i;
		all[i] = m->wakes[i].program;
	}
	*ret = all;
	return 0;
}

/* A literal of a predicate, before equal literals become one. */
struct use {
	struct literal literal;
	struct effect effect;
	bool any; /* no literal: the field being there */
};

struct uses {
	struct use *list;
	size_t n, cap;
};

static int add_uses(struct making *m, const struct part *part, struct uses *ret)
{
	struct compiler *c = m->compiler;
	const struct predicate *p = c->rules->predicates + part->predicate;
	struct use use = {
		.effect = {part->predicate, false, part->wakes, part->n_wakes}
	};
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < p->n; i++) {
		const struct test *t = c->rules->tests + p->tests[i];
		struct literal list[TEST_LITERALS_MAX];
		size_t n = 0;

		use.any = t->kind == TEST_ANY;
		use.effect.sure = i >= p->n_lazy;
		r = test_literals(&c->rules->arena, t, list, &n);
		for (size_t k = 0; r == 0 && k < n; k++) {
			use.literal = list[k];
			r = arena_push(&c->scratch, ret->list, ret->n, ret->cap, use);
		}
		if (r == 0 && use.any)
			r = arena_push(&c->scratch, ret->list, ret->n, ret->cap, use);
	}
	return r;
}

static int by_literal(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order;

	if (x->any != y->any)
		return x->any ? 1 : -1;
	if (x->literal.kind != y->literal.kind)
		return x->literal.kind < y->literal.kind ? -1 : 1;
	order = str_cmp(x->literal.text, y->literal.text);
	if (order)
		return order;
	if (x->effect.predicate != y->effect.predicate)
		return x->effect.predicate < y->effect.predicate ? -1 : 1;
	return y->effect.sure - x->effect.sure;
}

static bool same_literal(const struct use *x, const struct use *y)
{
	return x->any == y->any && x->literal.kind == y->literal.kind &&
	       str_eq(x->literal.text, y->literal.text);
}

static int add_literals(struct compiler *c, struct uses *uses, struct field_index *x)
{
	struct arena *a = &c->rules->arena;

	x->literals = arena_array(a, uses->n + 1, sizeof *x->literals);
	x->effects = arena_array(a, uses->n + 1, sizeof *x->effects);
	if (!x->literals || !x->effects)
		return -ENOMEM;
	if (uses->n)
		qsort(uses->list, uses->n, sizeof *uses->list, by_literal);
	for (size_t i = 0; i < uses->n; i++) {
		const struct use *use = uses->list + i;
		struct literal *l = x->literals + x->n_literals;
		bool first = !i || !same_literal(use, use - 1);

		if (!first && use->effect.predicate == use[-1].effect.predicate)
			continue;
		if (use->any) {
			x->any = x->n_any++ ? x->any : (uint32_t)x->n_effects;
		} else if (first) {
			*l = use->literal;
			l->effects = (uint32_t)x->n_effects;
			l->n_effects = 1;
			x->n_literals++;
		} else {
			l[-1].n_effects++;
		}
		x->effects[x->n_effects++] = use->effect;
	}
	return 0;
}

static int add_field(struct making *m, const struct part *parts, size_t n, uint32_t *wakes)
{
	struct bucket *b = m->bucket;
	struct field_index *x = b->fields + b->n_fields;
	struct uses uses = {};
	int r = 0;

	x->field = parts->field;
	x->wakes = wakes;
	x->n_wakes = m->n_wakes;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_uses(m, parts + i, &uses);
	if (r == 0)
		r = add_literals(m->compiler, &uses, x);
	if (r == 0)
		r = index_tables(m->compiler, x);
	b->keywords = b->keywords || x->field == FIELD_KEYWORD;
	b->slots[x->field] = (uint16_t)++b->n_fields;
	return r;
}

static int add_fields(struct making *m)
{
	struct arena *a = &m->compiler->rules->arena;
	struct bucket *b = m->bucket;
	uint32_t *wakes = NULL;
	int r = share_wakes(m, &wakes);

	if (m->n_parts)
		qsort(m->parts, m->n_parts, sizeof *m->parts, by_field);
	b->fields = arena_array(a, m->n_parts + 1, sizeof *b->fields);
	b->slots = arena_array(a, m->compiler->rules->n_fields, sizeof *b->slots);
	if (r == 0 && (!b->fields || !b->slots))
		r = -ENOMEM;
	for (size_t i = 0, end; r == 0 && i < m->n_parts; i = end) {
		for (end = i; end < m->n_parts && m->parts[end].field == m->parts[i].field;)
			end++;
		r = add_field(m, m->parts + i, end - i, wakes);
	}
	return r;
}

int index_bucket(struct compiler *c, struct bucket *b)
{
	struct making m = { .compiler = c, .bucket = b };
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = add_program(&m, b->programs[i]);
	if (r == 0)
		r = add_fields(&m);
	for (size_t i = 0; i < m.n_parts; i++)
		c->places[m.parts[i].predicate] = 0;
	return r;
}
