/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/regex_run.h"

static uint16_t class_of(const struct regex *re, int32_t rune)
{
	size_t low = 0, high = re->n_classes;

	if (rune < 0x80)
		return re->ascii[rune];
	while (low + 1 < high) {
		size_t mid = (low + high) / 2;

		if (re->classes[mid].from <= rune)
			low = mid;
		else
			high = mid;
	}
	return re->classes[low].class;
}

static bool is_word(int32_t rune)
{
	return rune == '_' || (rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
	       (rune >= 'A' && rune <= 'Z');
}

/* What is true between two characters; -1 is outside. `left` characters follow `next`. */
static unsigned truths(int32_t before, int32_t next, size_t left)
{
	bool word = is_word(before) != is_word(next);
	unsigned t = word ? ASSERT_WORD : ASSERT_NOT_WORD;

	if (before < 0)
		t |= ASSERT_START | ASSERT_LINE_START;
	if (before == '\n')
		t |= ASSERT_LINE_START;
	if (next < 0)
		t |= ASSERT_END | ASSERT_LINE_END | ASSERT_LAST_LINE;
	if (next == '\n')
		t |= ASSERT_LINE_END | (left ? 0 : ASSERT_LAST_LINE);
	return t;
}

static bool holds(unsigned assert, unsigned truth) { return (assert &truth) == assert; }

static bool has(const uint64_t *state, unsigned i) { return state[i / 64] >> i % 64 & 1; }

/* Whether the text may end here, with something that needs what is true here. */
static bool ends(const struct regex *re, const uint64_t *state, unsigned truth)
{
	for (size_t i = 0; i < re->n_ends; i++)
		if (holds(re->ends[i].assert, truth) && has(state, re->ends[i].from))
			return true;
	for (size_t i = 0; i < re->n_empties; i++)
		if (holds(re->empties[i], truth))
			return true;
	return false;
}

static void conditional(const struct regex *re, const uint64_t *state, unsigned truth,
			uint64_t *next)
{
	for (size_t i = 0; i < re->n_edges; i++)
		if (holds(re->edges[i].assert, truth) && has(state, re->edges[i].from))
			next[re->edges[i].to / 64] |= (uint64_t)1 << re->edges[i].to % 64;
	for (size_t i = 0; i < re->n_starts; i++)
		if (holds(re->starts[i].assert, truth))
			next[re->starts[i].to / 64] |= (uint64_t)1 << re->starts[i].to % 64;
}

/* Positions that may follow those of state, or begin. */
static void follow(const struct regex *re, const uint64_t *state, uint64_t *next)
{
	uint64_t carry = 0;

	for (unsigned w = 0; w < re->words; w++) {
		uint64_t chained = state[w] & re->chain[w];

		next[w] = re->first[w] | chained << 1 | carry | (state[w] & re->loop[w]);
		carry = chained >> 63;
	}
	for (unsigned w = 0; w < re->words; w++)
		for (uint64_t bits = state[w] & re->other[w]; bits; bits &= bits - 1) {
			unsigned p = w * 64 + (unsigned)__builtin_ctzll(bits);
			const uint64_t *row = re->rows + (size_t)re->row[p] * re->words;

			for (unsigned k = 0; k < re->words; k++)
				next[k] |= row[k];
		}
}

/* Leaves the positions that take this character; true where one of them is an end. */
static bool take_class(const struct regex *re, uint16_t class, uint64_t *state)
{
	const uint64_t *mask = re->mask + (size_t) class * re->words;
	uint64_t end = 0;

	for (unsigned w = 0; w < re->words; w++) {
		state[w] &= mask[w];
		end |= state[w] & re->last[w];
	}
	return end;
}

static int32_t next_rune(struct str *s)
{
	char first;
	int32_t rune;

	if (!s->len)
		return -1;
	first = s->ptr[0];
	if ((unsigned char)first < 0x80) {
		s->ptr++;
		s->len--;
		return first;
	}
	rune = str_rune(s);
	return rune < 0 ? RUNE_BYTE(first) : rune;
}

static bool is_idle(const struct regex *re, const uint64_t *state)
{
	for (unsigned w = 0; w < re->words; w++)
		if (state[w])
			return false;
	return re->can_idle;
}

/* At most 64 positions and nothing that asks what stands around a character. */
static bool match_word(const struct regex *re, struct str s)
{
	uint64_t state = 0;

	while (s.len) {
		uint64_t next;

		while (!state && s.len && re->idle[(unsigned char)s.ptr[0]]) {
			s.ptr++;
			s.len--;
		}
		if (!s.len)
			return false;
		next = *re->first | (state & *re->chain) << 1 | (state & *re->loop);

		for (uint64_t bits = state & *re->other; bits; bits &= bits - 1)
			next |= re->rows[re->row[__builtin_ctzll(bits)]];
		state = next & re->mask[class_of(re, next_rune(&s))];
		if (state & *re->last)
			return true;
	}
	return false;
}

static bool match_words(const struct regex *re, struct str s)
{
	uint64_t sets[2][REGEX_WORDS_MAX] = {}, *state = sets[0], *next = sets[1], *swap;
	int32_t before = -1, rune = next_rune(&s);

	for (;;) {
		unsigned truth = re->asserts ? truths(before, rune, s.len) : 0;

		if (re->asserts && ends(re, state, truth))
			return true;
		if (rune < 0)
			return false;
		if (rune < 0x80 && re->idle[rune] && is_idle(re, state)) {
			before = rune;
			rune = next_rune(&s);
			continue;
		}
		follow(re, state, next);
		if (re->asserts)
			conditional(re, state, truth, next);
		swap = state;
		state = next;
		next = swap;
		if (take_class(re, class_of(re, rune), state))
			return true;
		before = rune;
		rune = next_rune(&s);
	}
}

bool regex_match(const struct regex *re, struct str s)
{
	if (re->empty)
		return true;
	if (s.len < re->shortest || (re->needle && !memchr(s.ptr, re->needle, s.len)))
		return false;
	return re->words == 1 && !re->asserts ? match_word(re, s) : match_words(re, s);
}

size_t regex_literals(const struct regex *re, const struct str **ret)
{
	*ret = re->literals;
	return re->n_literals;
}

size_t regex_shortest(const struct regex *re) { return re->shortest; }
