/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/fold.h"
#include "detect/regex_node.h"

/* Ranges larger than this hold both cases of whatever they hold. */
#define FOLD_MOST 1024

int set_add(struct arena *a, struct regex_node *set, int32_t from, int32_t to)
{
	struct rune_range range = { from, to };

	return arena_push(a, set->ranges, set->n_ranges, set->cap_ranges, range);
}

static int by_from(const void *a, const void *b)
{
	const struct rune_range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

void set_finish(struct regex_node *set)
{
	size_t n = 0;

	if (!set->n_ranges)
		return;
	qsort(set->ranges, set->n_ranges, sizeof *set->ranges, by_from);
	for (size_t i = 1; i < set->n_ranges; i++) {
		if (set->ranges[i].from <= set->ranges[n].to + 1)
			set->ranges[n].to = MAX(set->ranges[n].to, set->ranges[i].to);
		else
			set->ranges[++n] = set->ranges[i];
	}
	set->n_ranges = n + 1;
}

int set_negate(struct arena *a, struct regex_node *set)
{
	struct rune_range *old = set->ranges;
	size_t n;
	int32_t next = 0;
	int r = 0;

	set_finish(set);
	n = set->n_ranges;
	set->ranges = NULL;
	set->n_ranges = set->cap_ranges = 0;
	for (size_t i = 0; r == 0 && old && i < n; i++) {
		if (old[i].from > next)
			r = set_add(a, set, next, old[i].from - 1);
		next = old[i].to + 1;
	}
	if (r == 0 && next <= RUNE_LAST)
		r = set_add(a, set, next, RUNE_LAST);
	return r;
}

static const struct {
	const char *name; /* of POSIX, or the letter after a backslash */
	struct rune_range ranges[5];
} classes[] = {
	{"d",       { { '0', '9' } }					  },
	{ "w",      { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } }},
	{ "s",      { { '\t', '\r' }, { ' ', ' ' } }                          },
	{ "h",      { { '\t', '\t' }, { ' ', ' ' } }                          },
	{ "alpha",  { { 'A', 'Z' }, { 'a', 'z' } }                            },
	{ "digit",  { { '0', '9' } }					  },
	{ "alnum",  { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } }              },
	{ "upper",  { { 'A', 'Z' } }					  },
	{ "lower",  { { 'a', 'z' } }					  },
	{ "space",  { { '\t', '\r' }, { ' ', ' ' } }                          },
	{ "blank",  { { '\t', '\t' }, { ' ', ' ' } }                          },
	{ "punct",  { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } }},
	{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } }              },
	{ "word",   { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } }},
	{ "cntrl",  { { 0, 31 }, { 127, 127 } }                               },
	{ "print",  { { ' ', '~' } }					  },
	{ "graph",  { { '!', '~' } }					  },
};

static int add_named(struct arena *a, struct regex_node *set, struct str name)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(classes); i++) {
		if (!str_eq(name, str_of(classes[i].name)))
			continue;
		for (size_t k = 0; r == 0 && classes[i].ranges[k].to; k++)
			r = set_add(a, set, classes[i].ranges[k].from, classes[i].ranges[k].to);
		return r;
	}
	return -EINVAL;
}

static int add_set(struct arena *a, struct regex_node *set, const struct regex_node *more)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < more->n_ranges; i++)
		r = set_add(a, set, more->ranges[i].from, more->ranges[i].to);
	return r;
}

int set_add_class(struct arena *a, struct regex_node *set, char name)
{
	struct regex_node class = { .kind = NODE_SET };
	char letter = (char)(name | 0x20);
	int r;

	if (!strchr("dwsh", letter))
		return -EINVAL;
	r = add_named(a, &class, (struct str){ &letter, 1 });
	if (r == 0 && letter != name)
		r = set_negate(a, &class);
	return r < 0 ? r : add_set(a, set, &class);
}

int set_add_posix(struct arena *a, struct regex_node *set, struct str name)
{
	struct regex_node class = { .kind = NODE_SET };
	bool negated = str_starts(name, STR("^"));
	int r;

	if (name.len == negated + 1U)
		return -EINVAL;
	r = add_named(a, &class, str_sub(name, negated, name.len));
	if (r == 0 && negated)
		r = set_negate(a, &class);
	return r < 0 ? r : add_set(a, set, &class);
}

int set_fold(struct arena *a, struct regex_node *set)
{
	size_t n = set->n_ranges;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		struct rune_range range = set->ranges[i];

		if (range.to - range.from >= FOLD_MOST)
			continue;
		for (int32_t rune = range.from; r == 0 && rune <= range.to; rune++) {
			int32_t more[FOLD_VARIANTS];
			size_t k = fold_variants(rune, more);

			while (r == 0 && k--)
				r = set_add(a, set, more[k], more[k]);
		}
	}
	set_finish(set);
	return r;
}
