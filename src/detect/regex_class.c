/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex_class: characters that an expression does not tell apart. */
#include "detect/regex_run.h"

#define BORDERS_MAX 8192

struct sets {
	const struct regex_node *const *list; /* one a position */
	unsigned n;
};

struct borders {
	int32_t *list;
	size_t n, cap;
};

static int cmp_rune(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static bool is_repeated(const struct sets *s, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (s->list[k] == s->list[i])
			return true;
	return false;
}

static int add_set(struct arena *a, const struct regex_node *set, struct borders *ret)
{
	int r = 0;

	for (size_t k = 0; r == 0 && k < set->n_ranges; k++) {
		r = arena_push(a, ret->list, ret->n, ret->cap, set->ranges[k].from);
		if (r == 0)
			r = arena_push(a, ret->list, ret->n, ret->cap, set->ranges[k].to + 1);
	}
	return r == 0 && ret->n > BORDERS_MAX ? -E2BIG : r;
}

/* Borders between which all characters are in the same sets. */
static int find_borders(struct arena *a, const struct sets *s, struct borders *ret)
{
	struct borders b = {};
	size_t kept = 0;
	int r = arena_push(a, b.list, b.n, b.cap, 0);

	if (r == 0)
		r = arena_push(a, b.list, b.n, b.cap, 0x80);
	for (unsigned i = 0; r == 0 && i < s->n; i++)
		if (!is_repeated(s, i))
			r = add_set(a, s->list[i], &b);
	if (r < 0)
		return r;
	qsort(b.list, b.n, sizeof *b.list, cmp_rune);
	for (size_t i = 1; i < b.n; i++)
		if (b.list[i] != b.list[kept])
			b.list[++kept] = b.list[i];
	b.n = kept + 1;
	*ret = b;
	return 0;
}

static bool set_has(const struct regex_node *set, int32_t rune)
{
	size_t low = 0, high = set->n_ranges;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (set->ranges[mid].to < rune)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n_ranges && set->ranges[low].from <= rune;
}

/* Class of characters that the same positions take; *n_masks counts classes. */
static uint16_t class_of(const struct sets *s, struct regex *re, int32_t rune, size_t *n_masks)
{
	uint64_t *mask = re->mask + *n_masks * re->words;

	memset(mask, 0, re->words * sizeof *mask);
	for (unsigned p = 0; p < s->n; p++)
		if (set_has(s->list[p], rune))
			set_bit(mask, p);
	for (size_t i = 0; i < *n_masks; i++)
		if (!memcmp(re->mask + i * re->words, mask, re->words * sizeof *mask))
			return (uint16_t)i;
	return (uint16_t)(*n_masks)++;
}

static size_t fill_classes(const struct sets *s, const struct borders *b, struct regex *re)
{
	size_t n_masks = 0;

	for (size_t i = 0; i < b->n && b->list[i] <= RUNE_LAST; i++) {
		int32_t from = b->list[i], to = i + 1 < b->n ? b->list[i + 1] - 1 : RUNE_LAST;
		uint16_t class = class_of(s, re, from, &n_masks);

		for (int32_t c = from; c <= to && c < 0x80; c++)
			re->ascii[c] = class;
		if (from >= 0x80)
			re->classes[re->n_classes++] = (struct rune_class){ from, to, class };
	}
	return n_masks;
}

int regex_classes(struct arena *scratch, struct arena *a, const struct regex_node *const *sets,
		  unsigned n, struct regex *re)
{
	struct sets s = { sets, n };
	struct borders b = {};
	size_t bytes;
	uint64_t *mask;
	int r = find_borders(scratch, &s, &b);

	if (r < 0)
		return r;
	re->mask = mask = arena_array(scratch, b.n * re->words, sizeof *mask);
	re->classes = arena_array(a, b.n, sizeof *re->classes);
	if (!mask || !re->classes)
		return -ENOMEM;
	bytes = fill_classes(&s, &b, re) * re->words * sizeof *mask;
	re->mask = arena_alloc(a, bytes);
	if (!re->mask)
		return -ENOMEM;
	memcpy(re->mask, mask, bytes);
	return 0;
}
