/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a filter is made: where in each text is looked for it, and which texts share a bit. */
#include "events/prefilter_work.h"

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

/* Most literals for which the best group is looked for, and how often again. */
#define GROUPED_MAX 512U
#define PASSES 2U

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

/* What is known of the groups while literals are shared out. */
struct sharing {
	const struct prefilter *p;
	struct group groups[GROUPS];
	uint8_t *owner; /* the group of each literal */
	double weights[256];
};

static void weigh_bytes(double weights[static 256])
{
	double sum = 0;

	for (unsigned c = 0; c < 256; c++) {
		unsigned n = commonness((uint8_t)c);

		sum += weights[c] = n > 5 ? 1 + n * n / 100.0 : 0.3;
	}
	for (unsigned c = 0; c < 256; c++)
		weights[c] /= sum;
}

/* The group that lets the fewest windows more pass with a literal; *ret_more: how many. */
static uint8_t best_group(const struct sharing *s, uint32_t literal, struct group *ret,
			  double *ret_more)
{
	uint8_t best = 0;

	for (uint8_t g = 0; g < GROUPS; g++) {
		struct group x = with_literal(&s->groups[g], &s->p->list[literal], s->weights);
		double more = x.cost - s->groups[g].cost;

		if (g && more >= *ret_more)
			continue;
		*ret = x;
		*ret_more = more;
		best = g;
	}
	return best;
}

static struct group without_literal(const struct sharing *s, uint32_t literal)
{
	struct group x = {};

	for (uint32_t i = 0; i < s->p->n; i++)
		if (i != literal && s->owner[i] == s->owner[literal])
			x = with_literal(&x, &s->p->list[i], s->weights);
	return x;
}

/* Each goes where it lets the fewest windows more pass, and once more when all the others have gone. */
static void share_out(struct sharing *s)
{
	struct group with = {};
	double more;

	for (uint32_t i = 0; i < s->p->n; i++) {
		s->owner[i] = best_group(s, i, &with, &more);
		s->groups[s->owner[i]] = with;
	}
	for (unsigned pass = 0; pass < PASSES; pass++)
		for (uint32_t i = 0; i < s->p->n; i++) {
			s->groups[s->owner[i]] = without_literal(s, i);
			s->owner[i] = best_group(s, i, &with, &more);
			s->groups[s->owner[i]] = with;
		}
}

static int make_groups(struct prefilter *p)
{
	struct sharing s = { .p = p, .owner = arena_alloc(&p->arena, MAX(p->n, 1)) };

	if (!s.owner)
		return -ENOMEM;
	weigh_bytes(s.weights);
	if (p->n <= GROUPED_MAX)
		share_out(&s);
	for (uint32_t i = 0; p->n > GROUPED_MAX && i < p->n; i++) {
		struct group *g = &s.groups[(uint64_t)i * GROUPS / p->n];

		*g = with_literal(g, &p->list[i], s.weights);
	}
	for (uint32_t g = 0; g < GROUPS; g++)
		for (uint32_t k = 0; k < WINDOW; k++)
			for (unsigned n = 0; n < 16; n++) {
				p->low[k][n] |= (uint8_t)((s.groups[g].low[k] >> n & 1) << g);
				p->high[k][n] |= (uint8_t)((s.groups[g].high[k] >> n & 1) << g);
			}
	return 0;
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
	r = make_groups(p);
	if (r < 0)
		prefilter_release(&p);
	*ret = p;
	return r;
}

void prefilter_release(struct prefilter **p)
{
	if (*p)
		arena_release(&(*p)->arena);
	free(*p);
	*p = NULL;
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
