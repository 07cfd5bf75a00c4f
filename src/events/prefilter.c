/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/prefilter.h"
#include "base/arena.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_AVX2 1
#endif

#define WINDOW PREFILTER_WINDOW
#define SLOTS 4096U  /* of the hash table; chains behind */
#define KNOWN 32768U /* bits of a set of windows, so that most places are passed over at once */
#define NONE UINT32_MAX

struct literal {
	struct str text;  /* in lower case */
	const char *mask; /* 0x20 for each letter: what either case differs in */
	uint32_t offset;  /* of its window */
	uint32_t window;  /* the bytes there, folded */
	uint32_t next;    /* of the same slot, or NONE */
};

struct prefilter {
	struct arena arena;
	struct literal *list;
	uint32_t n;
	uint32_t slots[SLOTS]; /* first of a chain, or NONE */
	uint32_t tiny;         /* first of those shorter than the window, or NONE */
	uint64_t known[KNOWN / 64];
	/* By place in the window and nibble: the groups of literals that have it there. */
	uint8_t low[WINDOW][16], high[WINDOW][16];
};

static inline uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c; }

/* Folds more than letters, on both sides alike. */
static inline uint32_t window_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v | 0x20202020U;
}

static inline uint32_t slot_of(uint32_t window) { return (window * 2654435761U) >> 20; }
_Static_assert(SLOTS == 1U << 12, "slot_of() takes 12 bits");
static inline uint32_t bit_of(uint32_t window) { return (window * 2654435761U) >> 17; }
_Static_assert(KNOWN == 1U << 15, "bit_of() takes 15 bits");

static inline bool is_known(const struct prefilter *p, const char *at)
{
	uint32_t bit = bit_of(window_at(at));

	return p->known[bit / 64] >> bit % 64 & 1;
}

static inline bool same_8(const char *p, const char *text, const char *mask)
{
	uint64_t a, b, m;

	memcpy(&a, p, sizeof a);
	memcpy(&b, text, sizeof b);
	memcpy(&m, mask, sizeof m);
	return (a | m) == b;
}

static inline bool same_4(const char *p, const char *text, const char *mask)
{
	uint32_t a, b, m;

	memcpy(&a, p, sizeof a);
	memcpy(&b, text, sizeof b);
	memcpy(&m, mask, sizeof m);
	return (a | m) == b;
}

static inline bool literal_at(const struct literal *l, struct str block, size_t at)
{
	const char *p, *text = l->text.ptr, *mask = l->mask;
	size_t n = l->text.len;

	if (at < l->offset || at >= block.len || block.len - (at - l->offset) < l->text.len)
		return false;
	p = block.ptr + at - l->offset;
	if (n < 4) {
		for (size_t i = 0; i < n; i++)
			if (lower((uint8_t)p[i]) != (uint8_t)text[i])
				return false;
		return true;
	}
	if (n < 8)
		return same_4(p, text, mask) && same_4(p + n - 4, text + n - 4, mask + n - 4);
	for (size_t i = 0; i + 8 <= n; i += 8)
		if (!same_8(p + i, text + i, mask + i))
			return false;
	return same_8(p + n - 8, text + n - 8, mask + n - 8);
}

static bool is_hit(const struct prefilter *p, struct str block, size_t at)
{
	uint32_t window;

	for (uint32_t i = p->tiny; i != NONE; i = p->list[i].next)
		if (literal_at(&p->list[i], block, at))
			return true;
	if (block.len - at < WINDOW)
		return false;
	window = window_at(block.ptr + at);
	for (uint32_t i = p->slots[slot_of(window)]; i != NONE; i = p->list[i].next)
		if (p->list[i].window == window && literal_at(&p->list[i], block, at))
			return true;
	return false;
}

/* How often a byte stands in logs, roughly, in parts of a thousand. */
static unsigned commonness(uint8_t c)
{
	static const char order[] = " e0t1oasnri2:3-d4.l5uc6p7m8h9f[]gbvyw/=_k";
	const char *p = c ? memchr(order, c, sizeof order - 1) : NULL;

	return p ? 70 - (unsigned)(p - order) : 5;
}

/* Words of every line that sshd writes about a login that failed, wanted or not. */
static bool is_everyday(uint32_t window)
{
	static const char words[] =
		"sshd pam_unix(sshd:auth): authentication failure; logname= uid= euid= tty=ssh ruser= rhost= "
		"user=root check pass; user unknown invalid user from port ssh2 [preauth] authenticating "
		"password disconnect connection session opened closed";

	for (size_t i = 0; i + WINDOW < sizeof words; i++)
		if (window_at(words + i) == window)
			return true;
	return false;
}

#define EVERYDAY 300U /* more than any four letters */

static void choose_window(struct literal *l)
{
	unsigned best = UINT32_MAX;
	uint32_t folded = 0;

	for (uint32_t at = 0; at + WINDOW <= l->text.len; at++) {
		unsigned sum = 0;

		for (uint32_t i = 0; i < WINDOW; i++)
			sum += commonness((uint8_t)l->text.ptr[at + i]);
		if (is_everyday(window_at(l->text.ptr + at)))
			sum += EVERYDAY;
		if (sum < best) {
			best = sum;
			l->offset = at;
		}
	}
	if (l->text.len >= WINDOW)
		folded = window_at(l->text.ptr + l->offset);
	l->window = folded;
}

static int by_window(const void *a, const void *b)
{
	const struct literal *x = a, *y = b;

	if (x->window != y->window)
		return __builtin_bswap32(x->window) < __builtin_bswap32(y->window) ? -1 : 1;
	return str_cmp(x->text, y->text);
}

/* Literals that share a bit: bytes whose nibbles any two of them have pass for theirs. */
#define GROUPS 8U
struct group {
	uint16_t low[WINDOW], high[WINDOW]; /* a bit a nibble */
	double cover[WINDOW];               /* how much of a log has such nibbles there */
	double cost;                        /* how many windows pass: the product */
};

/* Most literals for which the best group is looked for. */
#define GROUPED_MAX 512U

/* Nibbles of the bytes that may stand at place i of the window of a literal; anything follows a tiny one. */
static void nibbles_of(const struct literal *l, uint32_t i, uint16_t *ret_low, uint16_t *ret_high)
{
	uint8_t c;

	*ret_low = *ret_high = UINT16_MAX;
	if (l->offset + i >= l->text.len)
		return;
	c = (uint8_t)l->text.ptr[l->offset + i];
	*ret_low = (uint16_t)(1U << (c & 15));
	*ret_high = (uint16_t)(1U << (c >> 4));
	if (c >= 'a' && c <= 'z')
		*ret_high |= (uint16_t)(1U << ((c >> 4) - 2));
}

static double cover_of(const double *weights, uint16_t low, uint16_t high)
{
	double sum = 0;

	for (unsigned h = high; h; h &= h - 1)
		for (unsigned l = low; l; l &= l - 1)
			sum += weights[(unsigned)__builtin_ctz(h) << 4 |
				       (unsigned)__builtin_ctz(l)];
	return sum;
}

static struct group with_literal(const struct group *g, const struct literal *l,
				 const double *weights)
{
	struct group new = *g;

	new.cost = 1;
	for (uint32_t k = 0; k < WINDOW; k++) {
		uint16_t low, high;

		nibbles_of(l, k, &low, &high);
		new.low[k] |= low;
		new.high[k] |= high;
		if (new.low[k] != g->low[k] || new.high[k] != g->high[k])
			new.cover[k] = cover_of(weights, new.low[k], new.high[k]);
		new.cost *= new.cover[k];
	}
	return new;
}

/* Each goes where it lets the fewest windows more pass. */
static void make_groups(struct prefilter *p)
{
	struct group groups[GROUPS] = {};
	double weights[256], sum = 0;

	for (unsigned c = 0; c < COUNT(weights); c++) {
		unsigned n = commonness((uint8_t)c);

		sum += weights[c] = n > 5 ? 1 + n * n / 100.0 : 0.3;
	}
	for (unsigned c = 0; c < COUNT(weights); c++)
		weights[c] /= sum;
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t best = (uint32_t)((uint64_t)i * GROUPS / p->n);
		struct group chosen = with_literal(&groups[best], &p->list[i], weights);

		for (uint32_t g = 0; p->n <= GROUPED_MAX && g < GROUPS; g++) {
			struct group x = with_literal(&groups[g], &p->list[i], weights);

			if (x.cost - groups[g].cost < chosen.cost - groups[best].cost) {
				chosen = x;
				best = g;
			}
		}
		groups[best] = chosen;
	}
	for (uint32_t g = 0; g < GROUPS; g++)
		for (uint32_t k = 0; k < WINDOW; k++)
			for (unsigned n = 0; n < 16; n++) {
				p->low[k][n] |= (uint8_t)((groups[g].low[k] >> n & 1) << g);
				p->high[k][n] |= (uint8_t)((groups[g].high[k] >> n & 1) << g);
			}
}

static int copy_texts(struct prefilter *p, const struct str *texts, size_t n)
{
	p->list = arena_array(&p->arena, MAX(n, 1), sizeof *p->list);
	if (!p->list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct literal *l = &p->list[p->n];
		char *copy;

		if (!texts[i].len || memchr(texts[i].ptr, '\n', texts[i].len))
			return -EINVAL;
		copy = arena_alloc(&p->arena, 2 * texts[i].len);
		if (!copy)
			return -ENOMEM;
		for (size_t k = 0; k < texts[i].len; k++)
			copy[k] = (char)lower((uint8_t)texts[i].ptr[k]);
		for (size_t k = 0; k < texts[i].len; k++)
			copy[texts[i].len + k] =
				(char)(copy[k] >= 'a' && copy[k] <= 'z' ? 0x20 : 0);
		*l = (struct literal){
			.text = {copy, texts[i].len},
			.mask = copy + texts[i].len,
		};
		choose_window(l);
		p->n++;
	}
	return 0;
}

int prefilter_new(const struct str *texts, size_t n, struct prefilter **ret)
{
	struct prefilter *p;
	int r;

	if (n > PREFILTER_TEXTS_MAX)
		return -E2BIG;
	p = calloc(1, sizeof *p);
	if (!p)
		return -ENOMEM;
	r = copy_texts(p, texts, n);
	if (r < 0) {
		prefilter_release(&p);
		return r;
	}
	if (p->n)
		qsort(p->list, p->n, sizeof *p->list, by_window);
	memset(p->slots, 0xff, sizeof p->slots);
	p->tiny = NONE;
	for (uint32_t i = 0; i < p->n; i++) {
		struct literal *l = &p->list[i];
		uint32_t *first = l->text.len < WINDOW ? &p->tiny : &p->slots[slot_of(l->window)];

		l->next = *first;
		*first = i;
		if (l->text.len < WINDOW)
			memset(p->known, 0xff, sizeof p->known);
		else
			p->known[bit_of(l->window) / 64] |= UINT64_C(1) << bit_of(l->window) % 64;
	}
	make_groups(p);
	*ret = p;
	return 0;
}

void prefilter_release(struct prefilter **p)
{
	if (*p)
		arena_release(&(*p)->arena);
	free(*p);
	*p = NULL;
}

static size_t find_plain(const struct prefilter *p, struct str block, size_t from)
{
	for (; from < block.len; from++) {
		uint8_t groups = 0xff;

		for (size_t k = 0; k < WINDOW && from + k < block.len; k++) {
			uint8_t c = (uint8_t)block.ptr[from + k];

			groups &= p->low[k][c & 15] & p->high[k][c >> 4];
		}
		if (groups && is_hit(p, block, from))
			return from;
	}
	return block.len;
}

#ifdef HAVE_AVX2
#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline __m256i both_lanes(const uint8_t table[static 16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* Groups that the 32 windows at p may belong to, a byte each. */
AVX2 static inline __attribute__((always_inline)) __m256i groups_at(const char *p,
								    const __m256i *low,
								    const __m256i *high)
{
	const __m256i nibble = _mm256_set1_epi8(15);
	__m256i groups = _mm256_set1_epi8(-1);

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(p + k));
		__m256i lo = _mm256_shuffle_epi8(low[k], _mm256_and_si256(x, nibble));
		__m256i hi = _mm256_shuffle_epi8(high[k],
						 _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));

		groups = _mm256_and_si256(groups, _mm256_and_si256(lo, hi));
	}
	return groups;
}

/* Hits of the last bytes, with zeros behind them. */
AVX2 static size_t find_tail(const struct prefilter *p, struct str block, size_t from,
			     const __m256i *low, const __m256i *high)
{
	char tail[32 * 2 + WINDOW] = {};

	memcpy(tail, block.ptr + from, block.len - from);
	for (size_t i = 0; from + i < block.len; i += 32) {
		__m256i none =
			_mm256_cmpeq_epi8(groups_at(tail + i, low, high), _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + i + (size_t)__builtin_ctz(hits);

			if (at < block.len && is_hit(p, block, at))
				return at;
		}
	}
	return block.len;
}

AVX2 static size_t find_avx2(const struct prefilter *p, struct str block, size_t from)
{
	__m256i low[WINDOW], high[WINDOW];

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		low[k] = both_lanes(p->low[k]);
		high[k] = both_lanes(p->high[k]);
	}
	for (; from + 32 + WINDOW <= block.len; from += 32) {
		__m256i groups = groups_at(block.ptr + from, low, high);
		__m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + (size_t)__builtin_ctz(hits);

			if (is_known(p, block.ptr + at) && is_hit(p, block, at))
				return at;
		}
	}
	return find_tail(p, block, from, low, high);
}

/* Reads up to 35 bytes behind `to`. */
AVX2 static bool bears_avx2(const struct prefilter *p, struct str block, size_t from, size_t to)
{
	__m256i low[WINDOW], high[WINDOW];

#pragma GCC unroll 8
	for (unsigned k = 0; k < WINDOW; k++) {
		low[k] = both_lanes(p->low[k]);
		high[k] = both_lanes(p->high[k]);
	}
	for (; from < to; from += 32) {
		__m256i groups = groups_at(block.ptr + from, low, high);
		__m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
		uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none);

		for (; hits; hits &= hits - 1) {
			size_t at = from + (size_t)__builtin_ctz(hits);

			if (at >= to)
				return false;
			if (is_known(p, block.ptr + at) && is_hit(p, block, at))
				return true;
		}
	}
	return false;
}

AVX2 static size_t count_avx2(struct str s, size_t *ret_at)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	size_t n = 0, i = 0;

	/* Most often what lies between two lines that are wanted is short. */
	for (; s.len <= 1024 && i + 32 <= s.len; i += 32)
		n += (size_t)__builtin_popcount((unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
			_mm256_loadu_si256((const __m256i *)(const void *)(s.ptr + i)), newline)));
	if (i && i < s.len) {
		__m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(s.ptr + s.len - 32));
		unsigned ends = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, newline));

		n += (size_t)__builtin_popcount(ends >> (32 - (s.len - i)));
		i = s.len;
	}
	while (i + 32 <= s.len) {
		__m256i sums = _mm256_setzero_si256();

		/* Each byte of sums counts to 255. */
		for (unsigned k = 0; k < 255 && i + 32 <= s.len; k++, i += 32) {
			const void *p = s.ptr + i;
			__m256i x = _mm256_loadu_si256((const __m256i *)p);

			sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(x, newline));
		}
		sums = _mm256_sad_epu8(sums, _mm256_setzero_si256());
		n += (size_t)_mm256_extract_epi64(sums, 0) + (size_t)_mm256_extract_epi64(sums, 1) +
		     (size_t)_mm256_extract_epi64(sums, 2) + (size_t)_mm256_extract_epi64(sums, 3);
	}
	*ret_at = i;
	return n;
}
#endif

size_t prefilter_find(const struct prefilter *p, struct str block, size_t from)
{
	if (!p->n || from >= block.len)
		return block.len;
#ifdef HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		return find_avx2(p, block, from);
#endif
	return find_plain(p, block, from);
}

bool prefilter_bears(const struct prefilter *p, struct str block, size_t from, size_t to)
{
#ifdef HAVE_AVX2
	if (block.len - to >= 32 + WINDOW && __builtin_cpu_supports("avx2"))
		return p->n && bears_avx2(p, block, from, to);
#endif
	block.len = to;
	return prefilter_find(p, block, from) < to;
}

bool prefilter_passes(const struct prefilter *p, struct str part)
{
	if (p->tiny != NONE)
		return false;
	for (size_t at = 0; at + WINDOW <= part.len; at++) {
		uint32_t window = window_at(part.ptr + at);

		for (uint32_t i = p->slots[slot_of(window)]; i != NONE; i = p->list[i].next)
			if (p->list[i].window == window)
				return false;
	}
	return true;
}

/* Whether a window may lie over "[123]"; brackets are folded as letters are. */
static bool is_over_number(uint32_t window)
{
	char bytes[WINDOW];
	unsigned first = 0, last = WINDOW;

	memcpy(bytes, &window, sizeof bytes);
	while (first < WINDOW && (bytes[first] < '0' || bytes[first] > '9'))
		first++;
	while (last > first && (bytes[last - 1] < '0' || bytes[last - 1] > '9'))
		last--;
	return first < last && (!first || bytes[first - 1] == ('[' | 0x20)) &&
	       (last == WINDOW || bytes[last] == (']' | 0x20));
}

bool prefilter_passes_number(const struct prefilter *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (is_over_number(p->list[i].window))
			return false;
	return p->tiny == NONE;
}

size_t count_lines(struct str s)
{
	size_t n = 0, i = 0;

#ifdef HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		n = count_avx2(s, &i);
#endif
	for (; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}
