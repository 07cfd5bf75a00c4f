/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>

#include "net/pset_node.h"

#define NODES_DEFAULT 4'000'000U
#define NODES_FIRST 1024U
#define CACHE_MOST ((size_t)1 << 20)
#define COLLECT_FIRST ((size_t)1 << 16)

static bool fault(void) { return alloc_fault && alloc_fault(); }

/*
 * Chosen by measurement (bench/sets): services before addresses, since rule sets have few of the
 * former and long lists of the latter, which all rules that leave the addresses open share. The
 * first 32 bits of both addresses stand together, so that service, source and destination of an
 * IPv4 rule are one run.
 */
/* clang-format off */
static const struct {
	uint16_t head, tail; /* of bits from the 32nd on */
	uint8_t width;
} layout[PF_N] = {
	[PF_IIF] = { 0, 0, 8 },
	[PF_OIF] = { 8, 0, 8 },
	[PF_FAMILY] = { 16, 0, 1 },
	[PF_PROTO] = { 17, 0, 8 },
	[PF_DPORT] = { 25, 0, 16 },
	[PF_SRC] = { 41, 105, 128 },
	[PF_DST] = { 73, 201, 128 },
	[PF_SPORT] = { 297, 0, 16 },
};
/* clang-format on */

unsigned pset_width(enum pset_field f) { return layout[f].width; }

unsigned pset_var(enum pset_field f, unsigned bit)
{
	return bit < 32 ? layout[f].head + bit : layout[f].tail + bit - 32;
}

int psets_new(size_t max_nodes, struct psets **ret)
{
	struct psets *p = fault() ? NULL : calloc(1, sizeof *p);

	if (!p)
		return -ENOMEM;
	p->max = max_nodes ? MIN(max_nodes, (size_t)1 << 30) : NODES_DEFAULT;
	p->cap = p->n_buckets = p->n_cache = NODES_FIRST;
	p->due = MIN(COLLECT_FIRST, p->max / 2);
	p->steps = SIZE_MAX;
	p->nodes = calloc(p->cap, sizeof *p->nodes);
	p->buckets = calloc(p->n_buckets, sizeof *p->buckets);
	p->cache = calloc(p->n_cache, sizeof *p->cache);
	/* Who writes the rules must not know which nodes share a bucket. */
	if (!p->nodes || !p->buckets || !p->cache ||
	    getrandom(p->seed, sizeof p->seed, 0) != (ssize_t)sizeof p->seed) {
		psets_release(&p);
		return -ENOMEM;
	}
	p->nodes[0] = (struct pset_node){ .var = PSET_END, .length = PSET_RUN_MAX };
	p->n = 1;
	*ret = p;
	return 0;
}

void psets_release(struct psets **p)
{
	struct psets *old = *p;

	*p = NULL;
	if (!old)
		return;
	free(old->nodes);
	free(old->buckets);
	free(old->cache);
	free(old);
}

int psets_error(const struct psets *p) { return p->error; }
void psets_limit(struct psets *p, size_t steps) { p->steps = steps ? steps : SIZE_MAX; }
void psets_recover(struct psets *p) { p->error = 0; }
size_t psets_nodes(const struct psets *p) { return p->n - p->n_free; }

static uint64_t mix(uint64_t x, uint64_t y)
{
	__extension__ unsigned __int128 product = (unsigned __int128)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t bucket_of(const struct psets *p, const struct pset_node *v)
{
	uint64_t edges = (uint64_t)v->match << 32 | v->other;
	uint64_t place = (uint64_t)v->var << 8 | v->length;

	return mix(mix(v->pattern ^ p->seed[0], edges ^ p->seed[1]) ^ place, p->seed[0] | 1) &
	       (p->n_buckets - 1);
}

static void link_nodes(struct psets *p)
{
	memset(p->buckets, 0, p->n_buckets * sizeof *p->buckets);
	for (size_t i = 1; i < p->n; i++) {
		size_t at;

		if (!p->nodes[i].length)
			continue;
		at = bucket_of(p, &p->nodes[i]);
		p->nodes[i].next = p->buckets[at];
		p->buckets[at] = (uint32_t)i;
	}
}

/* Every table grows with the nodes: what is small stays small. */
static int grow(struct psets *p)
{
	size_t cap = MIN(p->cap * 2, p->max + 1), n_buckets = p->n_buckets * 2;
	struct pset_node *nodes;
	uint32_t *buckets;

	if (fault())
		return -ENOMEM;
	nodes = realloc(p->nodes, cap * sizeof *nodes);
	if (!nodes)
		return -ENOMEM;
	p->nodes = nodes;
	p->cap = cap;
	buckets = realloc(p->buckets, n_buckets * sizeof *buckets);
	if (!buckets)
		return -ENOMEM;
	p->buckets = buckets;
	p->n_buckets = n_buckets;
	link_nodes(p);
	if (p->n_cache < CACHE_MOST) {
		struct pset_cached *cache = calloc(p->n_cache * 2, sizeof *cache);

		if (!cache)
			return -ENOMEM;
		free(p->cache);
		p->cache = cache;
		p->n_cache *= 2;
	}
	return 0;
}

static uint32_t new_node(struct psets *p)
{
	uint32_t at = p->free;

	if (at) {
		p->free = p->nodes[at].next;
		p->n_free--;
		return at;
	}
	if (p->n > p->max)
		p->error = -E2BIG;
	else if (p->n == p->cap)
		p->error = grow(p);
	return p->error ? 0 : (uint32_t)p->n++;
}

/* The one node with this content. */
static pset intern(struct psets *p, unsigned var, unsigned length, uint64_t pattern, pset match,
		   pset other)
{
	struct pset_node v = { .var = (uint16_t)var, .length = (uint8_t)length };
	pset complement;
	uint32_t at;
	size_t bucket;

	if (length == 1 && !pattern) {
		pset swap = match;

		match = other;
		other = swap;
		pattern = 1;
	}
	complement = other & 1;
	v.pattern = pattern;
	v.match = match ^ complement;
	v.other = other ^ complement;
	if (p->error)
		return PSET_NONE;
	for (at = p->buckets[bucket_of(p, &v)]; at; at = p->nodes[at].next) {
		const struct pset_node *n = &p->nodes[at];

		if (n->pattern == v.pattern && n->match == v.match && n->other == v.other &&
		    n->var == v.var && n->length == v.length)
			return at << 1 | complement;
	}
	at = new_node(p);
	if (!at)
		return PSET_NONE;
	bucket = bucket_of(p, &v);
	v.next = p->buckets[bucket];
	p->buckets[bucket] = at;
	p->nodes[at] = v;
	return at << 1 | complement;
}

pset pset_suffix(struct psets *p, const struct pset_node *v, unsigned m)
{
	unsigned left = v->length - m;

	if (!left)
		return v->match;
	return intern(p, v->var + m, left, v->pattern & pset_ones(left), v->match, v->other);
}

/*
 * One more bit in front of `run`, which starts at the next position; false: `run` does not lead to
 * `other` on a mismatch, or is full.
 */
static bool extend(struct psets *p, unsigned var, uint64_t bit, const struct pset_node *run,
		   pset other, pset *ret)
{
	if (run->var != var + 1 || run->length >= PSET_RUN_MAX)
		return false;
	if (run->other == other)
		*ret = intern(p, var, run->length + 1U, bit << run->length | run->pattern,
			      run->match, other);
	else if (run->length == 1 && run->match == other)
		*ret = intern(p, var, 2, bit << 1, run->other, other);
	else
		return false;
	return true;
}

pset pset_run(struct psets *p, unsigned var, unsigned length, uint64_t pattern, pset match,
	      pset other)
{
	while (length && match != other) {
		struct pset_node run = pset_view(p, match), rest = pset_view(p, other);
		unsigned last = var + length - 1, used = 1;
		pset longer;

		if (run.var == last + 1 && run.other == other && run.length < PSET_RUN_MAX) {
			used = MIN(length, PSET_RUN_MAX - (unsigned)run.length);
			match = intern(p, var + length - used, run.length + used,
				       (pattern & pset_ones(used)) << run.length | run.pattern,
				       run.match, other);
		} else if (extend(p, last, pattern & 1, &run, other, &longer) ||
			   extend(p, last, ~pattern & 1, &rest, match, &longer)) {
			match = longer;
		} else {
			used = length;
			match = intern(p, var, length, pattern & pset_ones(length), match, other);
		}
		length -= used;
		pattern = used < 64 ? pattern >> used : 0;
	}
	return match;
}

struct pset_cached *pset_cached(struct psets *p, uint32_t operation, pset x, pset y)
{
	uint64_t h = mix(((uint64_t)x << 32 | y) ^ p->seed[0], p->seed[1] | 1);

	return &p->cache[(h + operation * 0x9e3779b97f4a7c15) & (p->n_cache - 1)];
}

size_t psets_mark(const struct psets *p) { return p->n; }
bool psets_collect_due(const struct psets *p) { return psets_nodes(p) >= p->due; }

void psets_keep(struct psets *p, pset s)
{
	struct pset_node *v = &p->nodes[s >> 1];

	while (s > PSET_ALL && !v->kept) {
		v->kept = true;
		psets_keep(p, v->match);
		s = v->other;
		v = &p->nodes[s >> 1];
	}
}

void psets_collect(struct psets *p, size_t mark)
{
	size_t live;

	for (size_t i = 1; i < mark; i++)
		if (p->nodes[i].length)
			psets_keep(p, (pset)i << 1);
	p->free = 0;
	p->n_free = 0;
	for (size_t i = 1; i < p->n; i++) {
		if (!p->nodes[i].kept) {
			p->nodes[i] = (struct pset_node){ .next = p->free };
			p->free = (uint32_t)i;
			p->n_free++;
		}
		p->nodes[i].kept = false;
	}
	link_nodes(p);
	memset(p->cache, 0, p->n_cache * sizeof *p->cache);
	/* When half of it may be garbage; before the cap is met; not at every step near the cap. */
	live = psets_nodes(p);
	p->due = MAX(MIN(live * 2, p->max - p->max / 8), live + p->max / 16);
	p->due = MAX(p->due, MIN(COLLECT_FIRST, p->max / 2));
}
