/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex_literal: text without which an expression cannot match. */
#include "detect/fold.h"
#include "detect/regex_node.h"

struct literals {
	struct str *list;
	size_t n, shortest;
};

/* The character of a set that has one, without regard to case; 0. */
static char letter_of(const struct regex_node *n)
{
	int32_t c;

	if (n->kind != NODE_SET || !n->n_ranges)
		return 0;
	c = fold_rune(n->ranges[0].from);
	for (size_t i = 0; i < n->n_ranges; i++)
		if (n->ranges[i].from != n->ranges[i].to || fold_rune(n->ranges[i].from) != c)
			return 0;
	return (char)(c < 0x80 ? c : 0);
}

static int required(struct arena *a, const struct regex_node *n, struct literals *ret);

/* The better of both: the longer, then the fewer. */
static void choose(struct literals *best, const struct literals *other)
{
	if (other->n && (other->shortest > best->shortest ||
			 (other->shortest == best->shortest && other->n < best->n)))
		*best = *other;
}

static int one_literal(struct arena *a, const char *text, size_t n, struct literals *best)
{
	struct literals one = { NULL, 1, n };

	if (!n)
		return 0;
	one.list = arena_new(a, struct str);
	if (!one.list)
		return -ENOMEM;
	one.list[0] = arena_str(a, (struct str){ text, n });
	choose(best, &one);
	return one.list[0].ptr ? 0 : -ENOMEM;
}

/* A run of characters that must follow each other. */
struct run {
	char *text;
	size_t n;
};

static int end_run(struct arena *a, struct run *run, struct literals *ret)
{
	int r = one_literal(a, run->text, run->n, ret);

	run->n = 0;
	return r;
}

/* "a+" ends a run with an a and begins the next one. */
static int add_letters(struct arena *a, const struct regex_node *n, struct run *run,
		       struct literals *ret)
{
	bool repeat = n->kind == NODE_REPEAT;
	char c = letter_of(repeat ? n->list[0] : n);
	int r = 0;

	run->text[run->n++] = c;
	if (repeat) {
		r = end_run(a, run, ret);
		run->text[run->n++] = c;
	}
	return r;
}

static bool has_letter(const struct regex_node *n)
{
	return n->kind == NODE_REPEAT ? n->low && letter_of(n->list[0]) : letter_of(n) != 0;
}

static int of_cat(struct arena *a, const struct regex_node *n, struct literals *ret)
{
	struct run run = { arena_alloc(a, n->n + 2), 0 };
	int r = run.text ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n->n; i++) {
		struct literals one = {};

		if (has_letter(n->list[i])) {
			r = add_letters(a, n->list[i], &run, ret);
			continue;
		}
		r = end_run(a, &run, ret);
		if (r == 0)
			r = required(a, n->list[i], &one);
		choose(ret, &one);
	}
	return r < 0 ? r : end_run(a, &run, ret);
}

/* Every branch must have one. */
static int of_alt(struct arena *a, const struct regex_node *n, struct literals *ret)
{
	struct literals all = { .shortest = SIZE_MAX };

	all.list = arena_array(a, REGEX_LITERALS_MAX, sizeof *all.list);
	if (!all.list)
		return -ENOMEM;
	for (size_t i = 0; i < n->n; i++) {
		struct literals one = {};
		int r = required(a, n->list[i], &one);

		if (r < 0 || !one.n || all.n + one.n > REGEX_LITERALS_MAX)
			return r;
		memcpy(all.list + all.n, one.list, one.n * sizeof *one.list);
		all.n += one.n;
		all.shortest = MIN(all.shortest, one.shortest);
	}
	*ret = all;
	return 0;
}

static int required(struct arena *a, const struct regex_node *n, struct literals *ret)
{
	char c = letter_of(n);

	if (c)
		return one_literal(a, &c, 1, ret);
	if (n->kind == NODE_CAT)
		return of_cat(a, n, ret);
	if (n->kind == NODE_ALT)
		return of_alt(a, n, ret);
	if (n->kind == NODE_REPEAT && n->low)
		return required(a, n->list[0], ret);
	return 0;
}

int regex_required(struct arena *a, const struct regex_node *n, struct str **ret, size_t *ret_n)
{
	struct literals found = {};
	int r = required(a, n, &found);

	if (r == 0) {
		*ret = found.list;
		*ret_n = found.n;
	}
	return r;
}
