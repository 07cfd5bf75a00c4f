/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * regex_plain: what a parsed expression matches, by walking over it with sets of places in a text
 * of at most 62 characters.
 */
#ifndef HF_REGEX_PLAIN_H
#define HF_REGEX_PLAIN_H

#include "detect/regex_node.h"

struct plain_text {
	int32_t runes[62];
	unsigned n;
};

static struct plain_text plain_text(struct str s)
{
	struct plain_text t = {};

	while (s.len && t.n < COUNT(t.runes)) {
		int32_t byte = RUNE_BYTE(s.ptr[0]), rune = str_rune(&s);

		t.runes[t.n++] = rune < 0 ? byte : rune;
	}
	return t;
}

static bool plain_word(const struct plain_text *t, int i)
{
	int32_t c = i < 0 || i >= (int)t->n ? 0 : t->runes[i];

	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool plain_assert(const struct plain_text *t, unsigned assert, int at)
{
	int n = (int)t->n;
	bool word = plain_word(t, at - 1) != plain_word(t, at);

	switch (assert) {
	case ASSERT_START: return at == 0;
	case ASSERT_END: return at == n;
	case ASSERT_LINE_START: return at == 0 || t->runes[at - 1] == '\n';
	case ASSERT_LINE_END: return at == n || t->runes[at] == '\n';
	case ASSERT_LAST_LINE: return at == n || (at == n - 1 && t->runes[at] == '\n');
	case ASSERT_WORD: return word;
	default: return !word;
	}
}

static bool plain_has(const struct regex_node *set, int32_t rune)
{
	for (size_t i = 0; i < set->n_ranges; i++)
		if (rune >= set->ranges[i].from && rune <= set->ranges[i].to)
			return true;
	return false;
}

/* Where it can end when it begins at one of these places. */
static uint64_t plain_ends(const struct regex_node *n, const struct plain_text *t, uint64_t from)
{
	uint64_t to = 0, all;

	switch (n->kind) {
	case NODE_EMPTY: return from;
	case NODE_SET:
		for (unsigned i = 0; i < t->n; i++)
			if (from >> i & 1 && plain_has(n, t->runes[i]))
				to |= (uint64_t)1 << (i + 1);
		return to;
	case NODE_ASSERT:
		for (unsigned i = 0; i <= t->n; i++)
			if (from >> i & 1 && plain_assert(t, n->assert, (int)i))
				to |= (uint64_t)1 << i;
		return to;
	case NODE_CAT:
		for (size_t i = 0; i < n->n; i++)
			from = plain_ends(n->list[i], t, from);
		return from;
	case NODE_ALT:
		for (size_t i = 0; i < n->n; i++)
			to |= plain_ends(n->list[i], t, from);
		return to;
	default: break;
	}
	for (unsigned i = 0; i < n->low; i++)
		from = plain_ends(n->list[0], t, from);
	all = from;
	for (unsigned i = n->low; i < n->high && from; i++) {
		from = plain_ends(n->list[0], t, from) & ~all;
		all |= from;
	}
	return all;
}

static bool plain_match(const struct regex_node *n, struct str s)
{
	struct plain_text t = plain_text(s);

	return plain_ends(n, &t, ((uint64_t)1 << (t.n + 1)) - 1);
}

#endif
