/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sigma_brute: what a parsed rule says of an event, as plainly as it can be written: no index, no
 * shared predicates, no order of questions. Every optimisation must agree with it.
 */
#ifndef HF_SIGMA_BRUTE_H
#define HF_SIGMA_BRUTE_H

#include <arpa/inet.h>
#include <stdio.h>

#include "detect/fold.h"
#include "detect/number.h"
#include "detect/regex.h"
#include "detect/sigma.h"

/* Longer texts and patterns are cut: callers keep below that. */
#define BRUTE_MOST 16384

/* A text, or a pattern whose plain text is folded run by run. */
struct brute {
	size_t n;
	char text[FOLD_ROOM(BRUTE_MOST)];
	uint8_t special[FOLD_ROOM(BRUTE_MOST)];
};

static void brute_add(struct brute *b, struct str s, bool fold)
{
	bool ascii;

	s = str_sub(s, 0, (BRUTE_MOST - MIN(b->n, BRUTE_MOST)) / 2);
	memset(b->special + b->n, 0, FOLD_ROOM(s.len));
	if (fold) {
		b->n += fold_text(s, b->text + b->n, &ascii);
	} else if (s.len) {
		memcpy(b->text + b->n, s.ptr, s.len);
		b->n += s.len;
	}
}

static void brute_pattern(const struct pattern *p, bool fold, struct brute *ret)
{
	ret->n = 0;
	for (size_t i = 0, end; i < p->n; i = end) {
		for (end = i + 1; !p->special[i] && end < p->n && !p->special[end];)
			end++;
		if (!p->special[i])
			brute_add(ret, (struct str){ p->text + i, end - i }, fold);
		else if (ret->n < BRUTE_MOST)
			ret->special[ret->n++] = p->special[i];
	}
}

/* Where the character at k ends. */
static size_t brute_next(const struct brute *s, size_t k)
{
	struct str rest = { s->text + k, s->n - k };

	(void)str_rune(&rest);
	return s->n - rest.len;
}

/*
 * Row by row: which first k bytes of the text can the first i of the pattern take? "?" is a
 * character: what a star before it takes is whole characters.
 */
static bool brute_wildcards(const struct brute *p, const struct brute *s)
{
	static bool rows[2][FOLD_ROOM(BRUTE_MOST) + 1];
	bool *row = rows[0], *next = rows[1], *swap;

	memset(row, 0, s->n + 1);
	row[0] = true;
	for (size_t i = 0; i < p->n; i++) {
		bool whole = i + 1 < p->n && p->special[i + 1] == PATTERN_ANY;

		memset(next, 0, s->n + 1);
		for (size_t k = 0; k <= s->n; k++) {
			size_t after = k < s->n ? brute_next(s, k) : k;

			if (!row[k])
				continue;
			if (p->special[i] == PATTERN_STAR) {
				next[k] = true;
				if (k < s->n)
					row[whole ? after : k + 1] = true;
			} else if (k < s->n && p->special[i] == PATTERN_ANY) {
				next[after] = true;
			} else if (k < s->n && p->text[i] == s->text[k]) {
				next[k + 1] = true;
			}
		}
		swap = row;
		row = next;
		next = swap;
	}
	return row[s->n];
}

static bool brute_text(const struct atom *a, struct str s)
{
	static struct brute pattern, text;
	bool fold = !(a->flags & ATOM_CASED);

	brute_pattern(&a->pattern, fold, &pattern);
	text.n = 0;
	brute_add(&text, s, fold);
	return brute_wildcards(&pattern, &text);
}

static bool brute_cidr(const struct atom *a, struct str s)
{
	uint8_t address[16];

	if (number_address(str_trim(s), address) < 0)
		return false;
	for (unsigned i = 0; i < a->bits; i++)
		if ((address[i / 8] ^ a->address[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static bool brute_compare(const struct atom *a, struct str s)
{
	struct atom_number n = {};

	if (a->part ? number_date_part(s, a->part, &n.integer) < 0 : number_parse(s, &n) < 0)
		return false;
	switch (a->op) {
	case COMPARE_LT: return number_compare(&n, &a->number) < 0;
	case COMPARE_LTE: return number_compare(&n, &a->number) <= 0;
	case COMPARE_GT: return number_compare(&n, &a->number) > 0;
	case COMPARE_GTE: return number_compare(&n, &a->number) >= 0;
	default: return number_compare(&n, &a->number) == 0;
	}
}

static struct str brute_value(const struct event_value *v, char room[static 32])
{
	if (v->type != VALUE_NUMBER || v->text.len)
		return v->text;
	return (struct str){ room, (size_t)sprintf(room, "%lld", (long long)v->number) };
}

static bool brute_field(const struct atom *a, struct str s, const struct event *e)
{
	const struct event_value *v = event_get(e, a->other);
	struct atom as_text = { .flags = a->flags };
	struct pattern p = {};
	uint8_t special[512] = {};
	char text[512], room[32];
	struct str other;

	if (!v || v->type == VALUE_NULL)
		return false;
	other = brute_value(v, room);
	if (other.len > sizeof text - 2)
		return false;
	p = (struct pattern){ text, special, 0 };
	if (a->flags & ATOM_OPEN_START)
		special[p.n++] = PATTERN_STAR;
	if (other.len)
		memcpy(text + p.n, other.ptr, other.len);
	p.n += other.len;
	if (a->flags & ATOM_OPEN_END)
		special[p.n++] = PATTERN_STAR;
	as_text.pattern = p;
	return brute_text(&as_text, s);
}

static bool brute_ask(const struct atom *a, struct str s, const struct event *e)
{
	switch (a->kind) {
	case ATOM_TEXT: return brute_text(a, s);
	case ATOM_REGEX: return regex_match(a->regex, s);
	case ATOM_CIDR: return brute_cidr(a, s);
	case ATOM_COMPARE: return brute_compare(a, s);
	case ATOM_FIELD: return brute_field(a, s, e);
	default: return false;
	}
}

static bool brute_atom(const struct atom *a, const struct event *e)
{
	const struct event_value *v = a->field ? event_get(e, a->field) : NULL;
	char room[32];

	if (a->kind == ATOM_NULL)
		return !v || v->type == VALUE_NULL;
	if (a->kind == ATOM_EXISTS)
		return v;
	if (a->field)
		return v && v->type != VALUE_NULL && brute_ask(a, brute_value(v, room), e);
	if (brute_ask(a, e->raw, e))
		return true;
	for (uint32_t i = 0; i < e->n; i++)
		if (e->values[i].type != VALUE_NULL &&
		    brute_ask(a, brute_value(e->values + i, room), e))
			return true;
	return false;
}

static bool brute_expr(const struct expr *x, const struct event *e)
{
	if (x->op == EXPR_ATOM)
		return brute_atom(x->atom, e);
	if (x->op == EXPR_NOT)
		return !brute_expr(x->list[0], e);
	for (size_t i = 0; i < x->n; i++)
		if (brute_expr(x->list[i], e) != (x->op == EXPR_AND))
			return x->op == EXPR_OR;
	return x->op == EXPR_AND;
}

[[maybe_unused]] static bool brute_source(const struct log_source *rule, const struct event *e)
{
	const struct log_source *event = &e->source;

	return (!rule->product || rule->product == event->product) &&
	       (!rule->service || rule->service == event->service || rule->service == e->also[0] ||
		rule->service == e->also[1]) &&
	       (!rule->category || rule->category == event->category ||
		rule->category == event->wider);
}

#endif
