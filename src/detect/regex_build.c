/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex_build: Glushkov's construction: which position may follow which. */
#include "detect/regex_run.h"

#define EDGES_MAX 100'000
#define PARTS_MAX 200'000
#define PIECES_MAX 50'000

/* A position under a condition. */
struct part {
	uint16_t position;
	unsigned assert;
};
struct parts {
	struct part *list;
	size_t n, cap;
};

/* What a piece of the expression begins and ends with. */
struct piece {
	struct parts first, last;
	unsigned *empty; /* conditions under which it matches nothing at all */
	size_t n_empty, cap_empty;
	size_t shortest;
};

struct edges {
	struct regex_edge *list;
	size_t n, cap;
};

struct builder {
	struct arena *scratch;
	struct regex_error *error;
	const struct regex_node *sets[REGEX_POSITIONS_MAX];
	unsigned positions;
	struct edges edges;
	size_t parts, pieces;
};

static int build(struct builder *b, const struct regex_node *n, struct piece *ret);

static int too_large(struct builder *b)
{
	*b->error = (struct regex_error){ "the expression is too large", 0 };
	return -EINVAL;
}

static int add_part(struct builder *b, struct parts *list, uint16_t position, unsigned assert)
{
	struct part part = { position, assert };

	if (++b->parts > PARTS_MAX)
		return too_large(b);
	return arena_push(b->scratch, list->list, list->n, list->cap, part);
}

static int add_parts(struct builder *b, struct parts *list, const struct parts *more,
		     unsigned assert)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < more->n; i++)
		r = add_part(b, list, more->list[i].position, more->list[i].assert | assert);
	return r;
}

static int add_empty(struct builder *b, struct piece *p, unsigned assert)
{
	for (size_t i = 0; i < p->n_empty; i++)
		if ((p->empty[i] & assert) == p->empty[i])
			return 0;
	return arena_push(b->scratch, p->empty, p->n_empty, p->cap_empty, assert);
}

/* Everything that `last` ends with may be followed by everything that `first` begins with. */
static int connect(struct builder *b, const struct parts *last, const struct parts *first)
{
	for (size_t i = 0; i < last->n; i++)
		for (size_t k = 0; k < first->n; k++) {
			struct regex_edge e = { last->list[i].position, first->list[k].position,
						last->list[i].assert | first->list[k].assert };
			int r;

			if (b->edges.n == EDGES_MAX)
				return too_large(b);
			r = arena_push(b->scratch, b->edges.list, b->edges.n, b->edges.cap, e);
			if (r < 0)
				return r;
		}
	return 0;
}

/* Both pieces are used up: their lists go on in the result. */
static int build_cat(struct builder *b, const struct piece *x, const struct piece *y,
		     struct piece *ret)
{
	struct piece p = { .shortest = x->shortest + y->shortest,
			   .first = x->first,
			   .last = y->last };
	int r = connect(b, &x->last, &y->first);

	for (size_t i = 0; r == 0 && i < x->n_empty; i++)
		r = add_parts(b, &p.first, &y->first, x->empty[i]);
	for (size_t i = 0; r == 0 && i < y->n_empty; i++)
		r = add_parts(b, &p.last, &x->last, y->empty[i]);
	for (size_t i = 0; r == 0 && i < x->n_empty; i++)
		for (size_t k = 0; r == 0 && k < y->n_empty; k++)
			r = add_empty(b, &p, x->empty[i] | y->empty[k]);
	if (r == 0)
		*ret = p;
	return r;
}

static int build_alt(struct builder *b, const struct regex_node *n, struct piece *ret)
{
	struct piece p = { .shortest = SIZE_MAX };

	for (size_t i = 0; i < n->n; i++) {
		struct piece one = {};
		int r = build(b, n->list[i], &one);

		if (r == 0)
			r = add_parts(b, &p.first, &one.first, 0);
		if (r == 0)
			r = add_parts(b, &p.last, &one.last, 0);
		for (size_t k = 0; r == 0 && k < one.n_empty; k++)
			r = add_empty(b, &p, one.empty[k]);
		if (r < 0)
			return r;
		p.shortest = MIN(p.shortest, one.shortest);
	}
	*ret = p;
	return 0;
}

static int make_optional(struct builder *b, struct piece *p)
{
	p->shortest = 0;
	return add_empty(b, p, 0);
}

/* x{low,high} is low times x and then (x(x(x)?)?)?, or x* where there is no limit. */
static int build_repeat(struct builder *b, const struct regex_node *n, struct piece *ret)
{
	bool open = n->high == REPEAT_OPEN;
	size_t copies = open ? MAX(n->low, 1U) : n->high;
	struct piece *list, p = {};
	int r = 0;

	if (!copies)
		return add_empty(b, ret, 0);
	list = arena_array(b->scratch, copies, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < copies; i++)
		r = build(b, n->list[0], list + i);
	for (size_t i = copies; r == 0 && i-- > 0;) {
		if (i + 1 == copies) {
			p = list[i];
			if (open)
				r = connect(b, &p.last, &p.first);
		} else {
			r = build_cat(b, list + i, &p, &p);
		}
		if (r == 0 && i >= n->low)
			r = make_optional(b, &p);
	}
	*ret = p;
	return r;
}

static int build_set(struct builder *b, const struct regex_node *n, struct piece *ret)
{
	struct piece p = { .shortest = 1 };
	uint16_t position = (uint16_t)b->positions;
	int r;

	if (b->positions == REGEX_POSITIONS_MAX)
		return too_large(b);
	b->sets[b->positions++] = n;
	r = add_part(b, &p.first, position, 0);
	if (r == 0)
		r = add_part(b, &p.last, position, 0);
	*ret = p;
	return r;
}

static int build(struct builder *b, const struct regex_node *n, struct piece *ret)
{
	struct piece p = {};
	int r = 0;

	if (++b->pieces > PIECES_MAX)
		return too_large(b);
	switch (n->kind) {
	case NODE_SET: return build_set(b, n, ret);
	case NODE_ALT: return build_alt(b, n, ret);
	case NODE_REPEAT: return build_repeat(b, n, ret);
	case NODE_EMPTY: return add_empty(b, ret, 0);
	case NODE_ASSERT: return add_empty(b, ret, n->assert);
	default: break;
	}
	r = build(b, n->list[0], &p);
	for (size_t i = 1; r == 0 && i < n->n; i++) {
		struct piece next = {};

		r = build(b, n->list[i], &next);
		if (r == 0)
			r = build_cat(b, &p, &next, &p);
	}
	*ret = p;
	return r;
}

static int new_bits(struct arena *a, const struct regex *re, uint64_t **ret)
{
	*ret = arena_array(a, re->words, sizeof **ret);
	return *ret ? 0 : -ENOMEM;
}

/* Position's row in re->rows; *n counts them. */
static uint64_t *row_of(struct regex *re, unsigned position, uint32_t *n)
{
	if (!(re->other[position / 64] >> position % 64 & 1)) {
		set_bit(re->other, position);
		re->row[position] = (*n)++;
	}
	return re->rows + (size_t)re->row[position] * re->words;
}

static int build_edges(struct builder *b, struct arena *a, struct regex *re)
{
	uint32_t rows = 0;

	re->row = arena_array(a, re->positions, sizeof *re->row);
	re->rows = arena_array(b->scratch, (size_t)re->positions * re->words, sizeof *re->rows);
	re->edges = arena_array(a, b->edges.n + 1, sizeof *re->edges);
	if (!re->row || !re->rows || !re->edges)
		return -ENOMEM;
	for (size_t i = 0; i < b->edges.n; i++) {
		struct regex_edge e = b->edges.list[i];

		re->asserts |= e.assert;
		if (e.assert)
			re->edges[re->n_edges++] = e;
		else if (e.to == e.from)
			set_bit(re->loop, e.from);
		else if (e.to == e.from + 1)
			set_bit(re->chain, e.from);
		else
			set_bit(row_of(re, e.from, &rows), e.to);
	}
	if ((size_t)rows * re->words + re->n_edges > REGEX_COST_MAX)
		return too_large(b);
	if (rows) {
		const uint64_t *from = re->rows;
		size_t n = (size_t)rows * re->words;

		re->rows = arena_array(a, n, sizeof *re->rows);
		if (!re->rows)
			return -ENOMEM;
		memcpy(re->rows, from, n * sizeof *from);
	}
	return 0;
}

static int build_ends(struct arena *a, const struct piece *p, struct regex *re)
{
	re->starts = arena_array(a, p->first.n + 1, sizeof *re->starts);
	re->ends = arena_array(a, p->last.n + 1, sizeof *re->ends);
	re->empties = arena_array(a, p->n_empty + 1, sizeof *re->empties);
	if (!re->starts || !re->ends || !re->empties)
		return -ENOMEM;
	for (size_t i = 0; i < p->first.n; i++) {
		struct part one = p->first.list[i];

		re->asserts |= one.assert;
		if (one.assert)
			re->starts[re->n_starts++] =
				(struct regex_edge){ 0, one.position, one.assert };
		else
			set_bit(re->first, one.position);
	}
	for (size_t i = 0; i < p->last.n; i++) {
		struct part one = p->last.list[i];

		re->asserts |= one.assert;
		if (one.assert)
			re->ends[re->n_ends++] = (struct regex_edge){ one.position, 0, one.assert };
		else
			set_bit(re->last, one.position);
	}
	for (size_t i = 0; i < p->n_empty; i++) {
		re->asserts |= p->empty[i];
		re->empty = re->empty || !p->empty[i];
		re->empties[re->n_empties++] = p->empty[i];
	}
	return 0;
}

static int assemble(struct builder *b, const struct piece *p, struct arena *a, struct regex *re)
{
	int r;

	re->positions = b->positions;
	re->words = MAX((b->positions + 63) / 64, 1U);
	re->shortest = p->shortest;
	r = new_bits(a, re, &re->first);
	if (r == 0)
		r = new_bits(a, re, &re->last);
	if (r == 0)
		r = new_bits(a, re, &re->chain);
	if (r == 0)
		r = new_bits(a, re, &re->loop);
	if (r == 0)
		r = new_bits(a, re, &re->other);
	if (r == 0)
		r = regex_classes(b->scratch, a, b->sets, b->positions, re);
	if (r == -E2BIG)
		return too_large(b);
	if (r == 0)
		r = build_edges(b, a, re);
	return r < 0 ? r : build_ends(a, p, re);
}

/* Short ones are too common to look for everywhere, but one character is quickly missed. */
static int keep_literals(struct arena *a, const struct str *list, size_t n, struct regex *re)
{
	size_t shortest = SIZE_MAX;

	re->literals = arena_array(a, n + 1, sizeof *re->literals);
	if (!re->literals)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		shortest = MIN(shortest, list[i].len);
		re->literals[i] = arena_str(a, list[i]);
		if (!re->literals[i].ptr)
			return -ENOMEM;
	}
	re->n_literals = shortest >= REGEX_LITERAL_MIN ? n : 0;
	for (size_t i = 0; n == 1 && i < list[0].len; i++)
		if (list[0].ptr[i] < 'a' || list[0].ptr[i] > 'z')
			re->needle = list[0].ptr[i];
	return 0;
}

/* Bytes at which the automaton stays where nothing has begun. */
static void find_idle(struct regex *re)
{
	re->can_idle = !re->n_starts && !re->n_empties;
	for (int32_t c = 0; c < 0x80; c++) {
		const uint64_t *mask = re->mask + (size_t)re->ascii[c] * re->words;
		uint64_t begins = 0;

		for (unsigned w = 0; w < re->words; w++)
			begins |= mask[w] & re->first[w];
		re->idle[c] = !begins;
	}
}

int regex_compile(struct arena *a, struct str text, unsigned flags, const struct regex **ret,
		  struct regex_error *error)
{
	own(arena_release) struct arena scratch = {};
	own(free_ptr) struct builder *b = calloc(1, sizeof *b);
	struct regex *re = arena_new(a, struct regex);
	struct regex_node *n = NULL;
	struct piece p = {};
	struct str *literals = NULL;
	size_t n_literals = 0;
	int r = re && b ? regex_parse(&scratch, text, flags, &n, error) : -ENOMEM;

	if (r < 0)
		return r;
	b->scratch = &scratch;
	b->error = error;
	r = build(b, n, &p);
	if (r == 0)
		r = assemble(b, &p, a, re);
	if (r == 0)
		find_idle(re);
	if (r == 0)
		r = regex_required(&scratch, n, &literals, &n_literals);
	if (r == 0)
		r = keep_literals(a, literals, n_literals, re);
	if (r == -ENOMEM && scratch.used > ARENA_LIMIT_DEFAULT / 4)
		return too_large(b);
	if (r == 0)
		*ret = re;
	return r;
}
