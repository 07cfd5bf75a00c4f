/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/atom.h"
#include "detect/fold.h"
#include "detect/number.h"

/* Folding each run of plain text by itself keeps the wildcards where they are. */
static int keep_piece(struct arena *a, const struct pattern *p, bool cased, struct pattern *ret)
{
	struct pattern sum = {};
	int r = 0;

	for (size_t i = 0, end; r == 0 && i < p->n; i = end) {
		struct pattern run = { p->text + i, p->special + i, 1 };

		for (end = i + 1; !p->special[i] && end < p->n && !p->special[end];)
			end++;
		run.n = end - i;
		if (!cased && !p->special[i]) {
			struct str folded = fold_copy(a, (struct str){ run.text, run.n });

			r = folded.ptr ? pattern_literal(a, folded, &run) : -ENOMEM;
		}
		if (r == 0)
			r = pattern_append(a, &sum, &run);
	}
	if (r == 0)
		*ret = sum;
	return r;
}

int glob_compile(struct arena *a, const struct pattern *p, bool cased, struct glob *ret)
{
	struct glob g = { .open_start = p->n && p->special[0] == PATTERN_STAR,
			  .open_end = p->n && p->special[p->n - 1] == PATTERN_STAR };
	size_t cap = 0;
	int r = 0;

	for (size_t i = 0, end; r == 0 && i < p->n; i = end + 1) {
		struct pattern piece;

		for (end = i; end < p->n && p->special[end] != PATTERN_STAR;)
			end++;
		piece = (struct pattern){ p->text + i, p->special + i, end - i };
		if (!piece.n)
			continue;
		r = keep_piece(a, &piece, cased, &piece);
		if (r == 0)
			r = arena_push(a, g.pieces, g.n, cap, piece);
	}
	if (r == 0)
		*ret = g;
	return r;
}

/* Length of what the piece takes at the start of s, or -1. */
static ssize_t piece_at(const struct pattern *p, struct str s)
{
	struct str rest = s;

	for (size_t i = 0; i < p->n; i++) {
		if (!rest.len)
			return -1;
		if (p->special[i] == PATTERN_ANY)
			(void)str_rune(&rest);
		else if (rest.ptr[0] != p->text[i])
			return -1;
		else
			rest = str_sub(rest, 1, rest.len);
	}
	return (ssize_t)(s.len - rest.len);
}

/* The next place where the piece may stand: "?" takes whole characters, never a part of one. */
static struct str step(const struct pattern *p, struct str s)
{
	if (p->special[0] == PATTERN_ANY)
		(void)str_rune(&s);
	else
		s = str_sub(s, 1, s.len);
	return s;
}

static bool piece_ends(const struct pattern *p, struct str s)
{
	if (p->special[0] != PATTERN_ANY && s.len > p->n * 4)
		s = str_sub(s, s.len - p->n * 4, s.len);
	for (; s.len; s = step(p, s))
		if (piece_at(p, s) == (ssize_t)s.len)
			return true;
	return false;
}

/* Leftmost place is good enough for all but the last piece: what follows has the most room. */
static bool skip_to(const struct pattern *p, struct str *s)
{
	for (; s->len; *s = step(p, *s)) {
		ssize_t n = piece_at(p, *s);

		if (n >= 0) {
			*s = str_sub(*s, (size_t)n, s->len);
			return true;
		}
	}
	return false;
}

bool glob_match(const struct glob *g, struct str s)
{
	size_t i = 0, last = g->n;

	if (!g->n)
		return g->open_start || !s.len;
	if (!g->open_start) {
		ssize_t n = piece_at(g->pieces, s);

		if (n < 0)
			return false;
		s = str_sub(s, (size_t)n, s.len);
		i = 1;
		if (g->n == 1)
			return g->open_end || !s.len;
	}
	if (!g->open_end)
		last--;
	for (; i < last; i++)
		if (!skip_to(g->pieces + i, &s))
			return false;
	return g->open_end || piece_ends(g->pieces + last, s);
}

bool atom_cidr(const struct atom *a, struct str s)
{
	unsigned whole = a->bits / 8, rest = a->bits % 8;
	uint8_t address[16];

	if (number_address(str_trim(s), address) < 0 || memcmp(address, a->address, whole) != 0)
		return false;
	return !rest || ((address[whole] ^ a->address[whole]) & (0xff00U >> rest & 0xff)) == 0;
}

bool atom_compare(const struct atom *a, struct str s)
{
	struct atom_number n = {};
	int order;

	if (a->part ? number_date_part(s, a->part, &n.integer) < 0 : number_parse(s, &n) < 0)
		return false;
	order = number_compare(&n, &a->number);
	switch (a->op) {
	case COMPARE_LT: return order < 0;
	case COMPARE_LTE: return order <= 0;
	case COMPARE_GT: return order > 0;
	case COMPARE_GTE: return order >= 0;
	default: return order == 0;
	}
}

bool atom_same(const struct atom *a, const struct folded *value, const struct folded *other)
{
	struct str s = a->flags & ATOM_CASED ? value->text : value->fold;
	struct str of = a->flags & ATOM_CASED ? other->text : other->fold;

	switch (a->flags & (ATOM_OPEN_START | ATOM_OPEN_END)) {
	case 0: return str_eq(s, of);
	case ATOM_OPEN_END: return str_starts(s, of);
	case ATOM_OPEN_START: return str_ends(s, of);
	default: return str_contains(s, of);
	}
}
