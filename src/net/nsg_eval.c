/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nsg_set.h"

/* The part of span s that lies in word w of a bitmap. */
static inline uint64_t span_word(struct nsg_span s, uint32_t w)
{
	uint64_t mask = UINT64_MAX;

	if (w == s.first / 64)
		mask <<= s.first % 64;
	if (w == s.end / 64)
		mask &= ((uint64_t)1 << s.end % 64) - 1;
	return mask;
}

/* into |= packets under way that m may match; not 0: some of the internet are among them. */
static uint64_t share(struct nsg *g, const struct nsg_match *m, uint64_t *into)
{
	const uint64_t *go = g->go, *internet = g->internet;
	uint64_t met = 0, x;

	if (m->may) {
		for (size_t i = 0; i < g->words; i++) {
			x = go[i] & m->may[i];
			into[i] |= x;
			met |= x & internet[i];
		}
		g->work -= MIN(g->words, g->work);
	}
	for (uint32_t k = 0; k < m->n_spans; k++) {
		struct nsg_span s = g->spans[m->span + k];

		for (uint32_t i = s.first / 64; i < g->words && i <= s.end / 64; i++) {
			x = go[i] & span_word(s, i);
			into[i] |= x;
			met |= x & internet[i];
		}
		g->work -= MIN((uint64_t)(s.end - s.first) / 64 + 1, g->work);
	}
	return met;
}

/* Takes what m matches for certain away from the packets under way; false: none are left. */
static bool settle(struct nsg *g, const struct nsg_match *m)
{
	uint64_t left = 0;

	for (uint32_t k = 0; k < m->n_spans; k++) {
		struct nsg_span s = g->spans[m->span + k];

		for (uint32_t i = s.first / 64; i < g->words && i <= s.end / 64; i++)
			g->go[i] &= ~span_word(s, i);
	}
	/* A rule of few sources seldom takes the last ones: not worth a look at all words. */
	if (!m->must)
		return true;
	for (size_t i = 0; i < g->words; i++) {
		g->go[i] &= ~m->must[i];
		left |= g->go[i];
	}
	return left;
}

static void note(struct nsg *g, uint32_t entry, const struct nsg_match *m)
{
	uint64_t *into = g->trace ? g->trace[entry] : NULL;

	if (into)
		(void)share(g, m, into);
}

/* false: no packets are left. */
static bool step(struct nsg *g, const struct nsg_sides *by, uint32_t entry)
{
	const struct nsg_entry *e = &g->entries[entry];
	const struct nsg_match *m = &g->matches[e->rule];
	enum nsg_verdict verdict = g->rules[e->rule]->verdict;
	uint64_t met = 0;

	if (e->shares) {
		if (verdict == NSG_DENY || verdict == NSG_UNDECIDED)
			met |= share(g, m, g->deny);
		if (verdict == NSG_ALLOW || verdict == NSG_UNDECIDED)
			met |= share(g, m, g->pass);
		if (verdict == NSG_ALWAYS)
			met |= share(g, m, g->open);
		if (met)
			nsg_bit_set(g->met, entry);
		note(g, entry, m);
	}
	return !e->removes || !nsg_bit(by->must, entry) || settle(g, m);
}

/* Bits of word w of a bitmap of entries that stand in first … end - 1. */
static uint64_t entries_of(const uint64_t *map, size_t w, uint32_t first, uint32_t end)
{
	uint64_t bits = map[w];

	if (w == first / 64)
		bits &= UINT64_MAX << first % 64;
	if (w == end / 64)
		bits &= ((uint64_t)1 << end % 64) - 1;
	return bits;
}

static void stage(struct nsg *g, const struct nsg_sides *by, size_t list)
{
	uint32_t first = g->list_entries[list], end = g->list_entries[list + 1];
	uint64_t *rest;

	memset(g->pass, 0, g->words * sizeof *g->pass);
	for (size_t w = first / 64; first < end && w <= end / 64; w++) {
		uint64_t bits = entries_of(by->may, w, first, end);

		for (; bits; bits &= bits - 1)
			if (!step(g, by, (uint32_t)(w * 64 + __builtin_ctzll(bits))))
				goto settled;
	}
	/* Behind the last rule: an NSG lets nothing through that no rule names. */
	rest = g->lists[list].admin ? g->pass : g->deny;
	for (size_t i = 0; i < g->words; i++)
		rest[i] |= g->go[i];
settled:
	rest = g->go;
	g->go = g->pass;
	g->pass = rest;
}

/* All stages for packets of the families; adds to the sums. */
static void run(struct nsg *g, const struct nsg_sides *by, bool v4, bool v6)
{
	size_t size = g->words * sizeof(uint64_t);

	for (size_t i = 0; i < g->words; i++)
		g->go[i] = g->universe[i] & ((v4 ? g->v4[i] : 0) | (v6 ? ~g->v4[i] : 0));
	memset(g->deny, 0, size);
	memset(g->open, 0, size);
	for (size_t i = 0; i < g->n_lists; i++)
		stage(g, by, i);
	for (size_t i = 0; i < g->words; i++) {
		uint64_t may = g->go[i] | g->open[i];

		g->sum_may[i] |= may;
		g->sum_must[i] |= may & ~g->deny[i];
	}
	g->work -= MIN(4 * g->words + g->entry_words, g->work);
}

/* Ways in which classes match the special rules; those seen before need no second run. */
struct patterns {
	uint64_t seen[128];
	unsigned n;
};

static bool is_new(struct patterns *p, uint64_t pattern)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->seen[i] == pattern)
			return false;
	if (p->n < COUNT(p->seen))
		p->seen[p->n++] = pattern;
	return true;
}

/* g->now: the active rules for packets of class c; true: as no class before. */
static bool narrow(struct nsg *g, uint32_t c, struct patterns *p)
{
	uint64_t pattern = (g->class_v4[c] ? 1 : 0) | (g->class_v6[c] ? 2 : 0);
	unsigned n = 0;

	for (size_t w = 0; w < g->entry_words; w++) {
		uint64_t bits = g->active.may[w] & g->special[w];

		g->now.may[w] = g->active.may[w];
		g->now.must[w] = g->active.must[w];
		for (; bits; bits &= bits - 1, n++) {
			uint64_t bit = bits & -bits;
			uint32_t rule = g->entries[w * 64 + __builtin_ctzll(bits)].rule;
			bool may = nsg_bit(g->class_may[rule], c);
			bool must = nsg_bit(g->class_must[rule], c);

			if (!may)
				g->now.may[w] &= ~bit;
			if (!must)
				g->now.must[w] &= ~bit;
			pattern = pattern << 2 | (may ? 2 : 0) | (must ? 1 : 0);
		}
	}
	g->work -= MIN(g->entry_words + n, g->work);
	return n > 31 || is_new(p, pattern);
}

static bool has_special(const struct nsg *g)
{
	for (size_t w = 0; g->class_may && w < g->entry_words; w++)
		if (g->active.may[w] & g->special[w])
			return true;
	return false;
}

static void run_classes(struct nsg *g)
{
	struct patterns p = { .n = 0 };

	if (!has_special(g)) {
		run(g, &g->active, true, true);
		return;
	}
	for (uint32_t c = 0; c < g->n_classes && g->work; c++)
		if (narrow(g, c, &p))
			run(g, &g->now, g->class_v4[c], g->class_v6[c]);
}

/* Does the rule have a part in what is open to the internet after all stages? */
static bool still_open(const struct nsg *g, const struct nsg_match *m)
{
	for (size_t i = 0; m->may && i < g->words; i++)
		if (m->may[i] & g->sum_may[i] & g->internet[i])
			return true;
	for (uint32_t k = 0; k < m->n_spans; k++) {
		struct nsg_span s = g->spans[m->span + k];

		for (uint32_t i = s.first / 64; i < g->words && i <= s.end / 64; i++)
			if (span_word(s, i) & g->sum_may[i] & g->internet[i])
				return true;
	}
	return false;
}

static bool lets_in(const struct nsg *g, uint32_t entry)
{
	uint32_t rule = g->entries[entry].rule;

	return g->rules[rule]->verdict != NSG_DENY && still_open(g, &g->matches[rule]);
}

/* met[0 … n - 1]: entries in order; deciding ones come to ret, then the others that take parts. */
static void decide_open(const struct nsg *g, const uint32_t *met, size_t n, uint32_t *ret,
			struct nsg_answer *answer)
{
	uint32_t last[2] = {};
	size_t list = g->n_lists;

	for (size_t i = 0; i < n; i++)
		if (lets_in(g, met[i]))
			ret[answer->n_deciding++] = g->entries[met[i]].rule;
	/* Backwards: what comes behind the last rule that lets in took nothing from it. */
	last[0] = answer->n_deciding;
	for (size_t i = n; i-- > 0;) {
		size_t of = g->n_lists;

		while (of && met[i] < g->list_entries[of - 1])
			of--;
		if (of != list) {
			list = of;
			last[1] = 0;
		}
		if (lets_in(g, met[i]))
			last[1] = 1;
		else if (last[1] && g->rules[g->entries[met[i]].rule]->verdict == NSG_DENY)
			ret[last[0] + answer->n_parts++] = g->entries[met[i]].rule;
	}
	for (uint32_t i = 0; i < answer->n_parts / 2; i++) {
		uint32_t *x = &ret[last[0] + i], *y = &ret[last[0] + answer->n_parts - 1 - i];
		uint32_t swap = *x;

		*x = *y;
		*y = swap;
	}
}

static void decide_closed(const struct nsg *g, const uint32_t *met, size_t n, uint32_t *ret,
			  struct nsg_answer *answer)
{
	size_t last = n;

	while (last && g->rules[g->entries[met[last - 1]].rule]->verdict != NSG_DENY)
		last--;
	if (!last--)
		return;
	ret[answer->n_deciding++] = g->entries[met[last]].rule;
	for (size_t i = 0; i < last; i++)
		if (g->rules[g->entries[met[i]].rule]->verdict == NSG_DENY)
			ret[1 + answer->n_parts++] = g->entries[met[i]].rule;
}

static int decide(const struct nsg *g, struct arena *a, struct nsg_answer *answer)
{
	uint32_t *list, *met;
	size_t n = 0;

	for (size_t w = 0; w < g->entry_words; w++)
		n += (size_t)__builtin_popcountll(g->met[w]);
	list = arena_array(a, n + 1, 2 * sizeof *list);
	if (!list)
		return -ENOMEM;
	met = list + n + 1;
	n = 0;
	for (size_t w = 0; w < g->entry_words; w++)
		for (uint64_t bits = g->met[w]; bits; bits &= bits - 1)
			met[n++] = (uint32_t)(w * 64 + __builtin_ctzll(bits));
	answer->rules = list;
	if (answer->internet == NSG_CLOSED)
		decide_closed(g, met, n, list, answer);
	else
		decide_open(g, met, n, list, answer);
	arena_shrink(a, list, (n + 1) * 2 * sizeof *list,
		     (answer->n_deciding + answer->n_parts) * sizeof *list);
	return 0;
}

/* Certain is what both atoms of an address say, possible what one of them says. */
static void join_atoms(struct nsg *g)
{
	uint64_t carry_must = 0, carry_may = 0;

	for (size_t i = 0; g->second && i < g->words; i++) {
		uint64_t second = g->second[i];
		uint64_t next = i + 1 < g->words ? g->second[i + 1] << 63 : 0;
		uint64_t first = second >> 1 | next;
		uint64_t must = g->sum_must[i], may = g->sum_may[i];
		uint64_t must_up = i + 1 < g->words ? g->sum_must[i + 1] << 63 : 0;
		uint64_t may_up = i + 1 < g->words ? g->sum_may[i + 1] << 63 : 0;

		g->sum_must[i] &=
			(~first | must >> 1 | must_up) & (~second | must << 1 | carry_must);
		g->sum_may[i] |= (first & (may >> 1 | may_up)) | (second & (may << 1 | carry_may));
		carry_must = must >> 63;
		carry_may = may >> 63;
	}
}

static enum nsg_internet verdict(const struct nsg *g)
{
	bool may = false;

	for (size_t i = 0; i < g->words; i++) {
		if (g->sum_must[i] & g->internet[i])
			return NSG_OPEN;
		may |= (g->sum_may[i] & g->internet[i]) != 0;
	}
	return may ? NSG_UNKNOWN : NSG_CLOSED;
}

int nsg_evaluate(struct nsg *g, struct arena *a, struct nsg_answer *ret)
{
	size_t size = g->words * sizeof(uint64_t);
	struct nsg_answer answer = {};
	uint64_t *sets;
	bool same;

	memset(g->sum_may, 0, size);
	memset(g->sum_must, 0, size);
	memset(g->met, 0, g->entry_words * sizeof *g->met);
	run_classes(g);
	if (!g->work)
		return -E2BIG;
	join_atoms(g);
	same = !memcmp(g->sum_may, g->sum_must, size);
	sets = arena_array(a, same ? 1 : 2, size);
	if (!sets)
		return -ENOMEM;
	memcpy(sets, g->sum_may, size);
	if (!same)
		memcpy(sets + g->words, g->sum_must, size);
	answer.may = sets;
	answer.must = same ? sets : sets + g->words;
	answer.internet = verdict(g);
	if (decide(g, a, &answer) < 0)
		return -ENOMEM;
	*ret = answer;
	return 0;
}
