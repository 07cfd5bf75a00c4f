/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/index.h"

#define HASH_FACTOR 0x9e3779b97f4a7c15
#define BITS_LEAST 10
#define BITS_MOST 20
#define COUNT_BITS_LEAST 8
#define COUNT_BITS_MOST 16

uint64_t index_hash(struct str s)
{
	uint64_t h = s.len * HASH_FACTOR, word;

	for (; s.len >= sizeof word; s.ptr += sizeof word, s.len -= sizeof word) {
		memcpy(&word, s.ptr, sizeof word);
		h = (h ^ word) * HASH_FACTOR;
		h ^= h >> 32;
	}
	word = 0;
	if (s.len)
		memcpy(&word, s.ptr, s.len);
	h = (h ^ word) * HASH_FACTOR;
	return h ^ h >> 32;
}

/* From the last separator on; ptr NULL where there is none. */
static struct str tail_of(struct str s, char separator)
{
	const char *p = s.len ? memrchr(s.ptr, separator, s.len) : NULL;

	return p ? (struct str){ p, (size_t)(s.ptr + s.len - p) } : (struct str){};
}

/* What a suffix is found by: its last path component. */
static struct str tail_key(struct str suffix)
{
	struct str tail = tail_of(suffix, '\\');

	return tail.ptr ? tail : tail_of(suffix, '/');
}

static bool in_tails(const struct literal *l)
{
	return l->kind == TEST_SUFFIX && tail_key(l->text).ptr;
}

static int build_table(struct compiler *c, struct field_index *x, bool tails,
		       struct literal_table *ret)
{
	struct literal_table t = {};
	size_t n = 0, cap = 8;

	for (size_t i = 0; i < x->n_literals; i++)
		n += tails ? in_tails(x->literals + i) : x->literals[i].kind == TEST_EQUAL;
	if (!n)
		return 0;
	while (cap < n * 2)
		cap *= 2;
	t.slots = arena_array(&c->rules->arena, cap, sizeof *t.slots);
	if (!t.slots)
		return -ENOMEM;
	t.mask = cap - 1;
	for (size_t i = 0; i < x->n_literals; i++) {
		struct literal *l = x->literals + i;
		struct str key = tails ? tail_key(l->text) : l->text;
		size_t at;

		if (tails ? !in_tails(l) : l->kind != TEST_EQUAL)
			continue;
		l->hash = index_hash(key);
		for (at = l->hash & t.mask; t.slots[at];)
			at = (at + 1) & t.mask;
		t.slots[at] = (uint32_t)i + 1;
		t.longest = MAX(t.longest, key.len);
	}
	*ret = t;
	return 0;
}

static uint32_t gram_at(const char *p, size_t size)
{
	uint32_t gram = 0;

	memcpy(&gram, p, size);
	return gram;
}

static bool in_grams(const struct literal *l, size_t size)
{
	if (l->kind == TEST_EQUAL || in_tails(l))
		return false;
	return size == 4 ? l->text.len >= 4 : l->text.len == 3;
}

/* Grams that stand in many literals stand in many values, too. */
struct counts {
	uint16_t *list;
	unsigned bits;
};

static uint16_t *count_of(const struct counts *c, const char *p, size_t size)
{
	return c->list + (gram_at(p, size) * HASH_FACTOR >> (64 - c->bits));
}

static void count_grams(const struct field_index *x, size_t size, const struct counts *c)
{
	for (size_t i = 0; i < x->n_literals; i++) {
		struct str s = x->literals[i].text;

		for (size_t k = 0; k + size <= s.len; k++) {
			uint16_t *n = count_of(c, s.ptr + k, size);

			*n = (uint16_t)(*n + (*n < UINT16_MAX));
		}
	}
}

static uint32_t rarest(const struct literal *l, size_t size, const struct counts *c)
{
	uint32_t best = 0;
	unsigned least = UINT32_MAX;

	for (size_t k = 0; k + size <= l->text.len; k++) {
		unsigned n = *count_of(c, l->text.ptr + k, size);

		if (n < least) {
			least = n;
			best = (uint32_t)k;
		}
	}
	return best;
}

struct keyed {
	uint32_t gram;
	struct gram_ref ref;
};

static int by_gram(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->gram != y->gram)
		return x->gram < y->gram ? -1 : 1;
	return (x->ref.literal > y->ref.literal) - (x->ref.literal < y->ref.literal);
}

static int choose_grams(struct compiler *c, const struct field_index *x, size_t size,
			struct keyed **ret, size_t *ret_n)
{
	struct counts counts = { NULL, COUNT_BITS_LEAST };
	struct keyed *list;
	size_t n = 0;

	for (size_t i = 0; i < x->n_literals; i++)
		n += in_grams(x->literals + i, size);
	while (counts.bits < COUNT_BITS_MOST && (size_t)1 << counts.bits < x->n_literals * 16)
		counts.bits++;
	list = n ? arena_array(&c->scratch, n, sizeof *list) : NULL;
	counts.list = n ? calloc((size_t)1 << counts.bits, sizeof *counts.list) : NULL;
	if (!n || !list || !counts.list) {
		free(counts.list);
		return n ? -ENOMEM : 0;
	}
	count_grams(x, size, &counts);
	n = 0;
	for (size_t i = 0; i < x->n_literals; i++) {
		const struct literal *l = x->literals + i;
		uint32_t at;

		if (!in_grams(l, size))
			continue;
		at = rarest(l, size, &counts);
		list[n++] = (struct keyed){
			gram_at(l->text.ptr + at, size), {(uint32_t)i, at}
		};
	}
	free(counts.list);
	qsort(list, n, sizeof *list, by_gram);
	*ret = list;
	*ret_n = n;
	return 0;
}

static void set_gram(struct gram_table *t, uint32_t gram, uint32_t refs, uint32_t n)
{
	size_t at = gram_hash(gram) >> 8 & t->mask;

	gram_add(&t->filter, gram);
	while (t->slots[at].n)
		at = (at + 1) & t->mask;
	t->slots[at] = (struct gram_slot){ gram, refs, n };
}

static int build_grams(struct compiler *c, struct field_index *x, size_t size,
		       struct gram_table *ret)
{
	struct arena *a = &c->rules->arena;
	struct gram_table t = {};
	struct keyed *list = NULL;
	unsigned bits = BITS_LEAST;
	size_t cap = 8;
	int r = choose_grams(c, x, size, &list, &t.n);

	if (r < 0 || !t.n)
		return r;
	while (bits < BITS_MOST && (size_t)1 << bits < t.n * 32)
		bits++;
	while (cap < t.n * 2)
		cap *= 2;
	t.mask = cap - 1;
	t.filter.bits = bits - 5;
	t.filter.mask = size == 4 ? UINT32_MAX : 0xffffff;
	t.filter.words = arena_array(a, (size_t)1 << t.filter.bits, sizeof *t.filter.words);
	t.slots = arena_array(a, cap, sizeof *t.slots);
	t.refs = arena_array(a, t.n, sizeof *t.refs);
	if (!t.filter.words || !t.slots || !t.refs)
		return -ENOMEM;
	for (size_t i = 0, end; i < t.n; i = end) {
		for (end = i; end < t.n && list[end].gram == list[i].gram; end++)
			t.refs[end] = list[end].ref;
		set_gram(&t, list[i].gram, (uint32_t)i, (uint32_t)(end - i));
	}
	*ret = t;
	return 0;
}

int index_tables(struct compiler *c, struct field_index *x)
{
	int r = build_table(c, x, false, &x->equal);

	if (r == 0)
		r = build_table(c, x, true, &x->tails);
	if (r == 0)
		r = build_grams(c, x, 4, &x->grams);
	return r < 0 ? r : build_grams(c, x, 3, &x->trigrams);
}

static bool stands_at(const struct literal *l, struct str s, size_t at)
{
	if (l->text.len > s.len - at || (l->kind == TEST_PREFIX && at) ||
	    (l->kind == TEST_SUFFIX && at + l->text.len != s.len))
		return false;
	return !memcmp(l->text.ptr, s.ptr + at, l->text.len);
}

static void look_up(const struct field_index *x, const struct literal_table *t, struct str key,
		    struct str s, found_fn *found, void *user)
{
	uint64_t hash;

	if (!t->slots || key.len > t->longest)
		return;
	hash = index_hash(key);
	for (size_t at = hash & t->mask; t->slots[at]; at = (at + 1) & t->mask) {
		const struct literal *l = x->literals + (t->slots[at] - 1);

		if (l->hash == hash && l->text.len <= s.len &&
		    (l->kind == TEST_SUFFIX || l->text.len == s.len) &&
		    !memcmp(l->text.ptr, s.ptr + s.len - l->text.len, l->text.len))
			found(user, x, l);
	}
}

static void take_gram(const struct field_index *x, const struct gram_table *t, uint32_t gram,
		      size_t at, struct str s, found_fn *found, void *user)
{
	const struct gram_slot *slot;

	for (size_t i = gram_hash(gram) >> 8 & t->mask;; i = (i + 1) & t->mask) {
		slot = t->slots + i;
		if (!slot->n)
			return;
		if (slot->gram == gram)
			break;
	}
	for (uint32_t i = 0; i < slot->n; i++) {
		const struct gram_ref *ref = t->refs + slot->refs + i;
		const struct literal *l = x->literals + ref->literal;

		if (ref->offset <= at && stands_at(l, s, at - ref->offset))
			found(user, x, l);
	}
}

static void scan_grams(const struct field_index *x, const struct gram_table *t, size_t size,
		       struct str s, found_fn *found, void *user)
{
	size_t places = s.len < size ? 0 : s.len - size + 1;

	for (size_t i = 0; i < places; i += 64) {
		uint64_t maybe = gram_find(&t->filter, s.ptr + i, MIN(places - i, 64));

		for (; maybe; maybe &= maybe - 1) {
			size_t at = i + (size_t)__builtin_ctzll(maybe);
			uint32_t gram;

			/* Four bytes are read for three: there is padding. */
			memcpy(&gram, s.ptr + at, sizeof gram);
			take_gram(x, t, gram & t->filter.mask, at, s, found, user);
		}
	}
}

void index_scan(const struct field_index *x, struct str fold, found_fn *found, void *user)
{
	look_up(x, &x->equal, fold, fold, found, user);
	if (x->tails.slots) {
		struct str back = tail_of(fold, '\\'), slash = tail_of(fold, '/');

		if (back.ptr)
			look_up(x, &x->tails, back, fold, found, user);
		if (slash.ptr)
			look_up(x, &x->tails, slash, fold, found, user);
	}
	if (x->grams.n)
		scan_grams(x, &x->grams, 4, fold, found, user);
	if (x->trigrams.n)
		scan_grams(x, &x->trigrams, 3, fold, found, user);
}
