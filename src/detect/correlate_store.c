/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/mman.h>
#include <sys/random.h>

#include "base/map.h"
#include "detect/correlate_store.h"

#define LIMIT_MIN ((size_t)64 << 10)
#define INDEX_BITS 24
#define INDEX_FIRST 1024U
#define LOOK_AHEAD 32U
#define AGES ((size_t)UINT16_MAX + 1)
#define HUGE_FROM ((size_t)4 << 20) /* less memory stands in small pages */

static void *reserve(size_t bytes)
{
	void *p = alloc_fault && alloc_fault()
			  ? MAP_FAILED
			  : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* Places of it are looked up in any order: with small pages each one waits for its page's place, too. */
	if (bytes > HUGE_FROM)
		(void)madvise((char *)p + HUGE_FROM, bytes - HUGE_FROM, MADV_HUGEPAGE);
	return p;
}

static size_t index_bytes(const struct group_store *s)
{
	return ((size_t)s->index_mask + 1) * sizeof *s->index;
}

/* Three quarters of the memory are for groups and their index, which is at most 0.7 full. */
static uint32_t most_groups(size_t limit)
{
	size_t budget = limit / 4 * 3, best = 0;

	for (size_t slots = INDEX_FIRST; slots <= 1U << INDEX_BITS; slots *= 2) {
		size_t index = slots * sizeof(uint32_t);

		if (index < budget)
			best = MAX(best,
				   MIN(slots / 10 * 7, (budget - index) / sizeof(struct group)));
	}
	return (uint32_t)MIN(best, GROUP_NUMBER);
}

int group_store_init(struct group_store *s, size_t limit)
{
	struct group_store new = { .limit = MIN(MAX(limit, LIMIT_MIN), (size_t)16 << 30),
				   .index_mask = INDEX_FIRST - 1,
				   .high = 1 };

	if (getrandom(new.seed, sizeof new.seed, 0) != sizeof new.seed)
		return -EIO;
	new.max = most_groups(new.limit);
	/* Often enough for an eighth to be told apart, and rarely enough for 16 bits. */
	new.a_clock = MAX(1, new.max / 512);
	new.groups = reserve((new.max + 1) * sizeof *new.groups);
	new.index = reserve(index_bytes(&new));
	new.region = reserve(new.limit);
	new.by_age = reserve(AGES * sizeof *new.by_age);
	if (!new.groups || !new.index || !new.region || !new.by_age) {
		group_store_release(&new);
		return -ENOMEM;
	}
	*s = new;
	return 0;
}

void group_store_release(struct group_store *s)
{
	if (s->groups)
		munmap(s->groups, (s->max + 1) * sizeof *s->groups);
	if (s->index)
		munmap(s->index, index_bytes(s));
	if (s->region)
		munmap(s->region, s->limit);
	if (s->by_age)
		munmap(s->by_age, AGES * sizeof *s->by_age);
	*s = (struct group_store){};
}

size_t group_store_bytes(const struct group_store *s)
{
	return index_bytes(s) + s->high * sizeof *s->groups + s->used * sizeof *s->region;
}

static uint64_t key_of(const struct group *g) { return (uint64_t)g->key[1] << 32 | g->key[0]; }

static uint32_t mark(uint64_t key) { return (uint32_t)(key >> 56) << INDEX_BITS; }

static void index_put(struct group_store *s, uint64_t key, uint32_t g)
{
	uint32_t i = (uint32_t)key & s->index_mask;

	while (s->index[i])
		i = (i + 1) & s->index_mask;
	s->index[i] = g | mark(key);
}

/* Closes the gap, so that no mark of a removed entry is needed. */
static void index_remove(struct group_store *s, uint32_t g)
{
	uint32_t i = s->groups[g].key[0] & s->index_mask, gap;

	while ((s->index[i] & GROUP_NUMBER) != g)
		i = (i + 1) & s->index_mask;
	gap = i;
	for (;;) {
		uint32_t home;

		i = (i + 1) & s->index_mask;
		if (!s->index[i])
			break;
		home = s->groups[s->index[i] & GROUP_NUMBER].key[0] & s->index_mask;
		if (((i - home) & s->index_mask) < ((i - gap) & s->index_mask))
			continue;
		s->index[gap] = s->index[i];
		gap = i;
	}
	s->index[gap] = 0;
}

static int index_grow(struct group_store *s)
{
	struct group_store bigger = *s;

	bigger.index_mask = s->index_mask * 2 + 1;
	bigger.index = reserve(index_bytes(&bigger));
	if (!bigger.index)
		return -ENOMEM;
	for (uint32_t i = 0; i <= s->index_mask; i++) {
		uint32_t g = s->index[i] & GROUP_NUMBER;

		if (g)
			index_put(&bigger, key_of(&s->groups[g]), g);
	}
	munmap(s->index, index_bytes(s));
	*s = bigger;
	return 0;
}

void block_free(struct group_store *s, struct block *b)
{
	b->owner = 0;
	s->garbage += b->units;
}

static bool is_live(const struct group *g) { return g->key[0] | g->key[1]; }

void group_remove(struct group_store *s, uint32_t g)
{
	struct block *b = group_block(s, g);

	if (b)
		block_free(s, b);
	index_remove(s, g);
	s->groups[g] = (struct group){ .place = s->free };
	s->free = g;
	s->n--;
	if (s->pinned == g)
		s->pinned = 0;
}

/* Age in steps of the clock; what is 65,535 steps old looks like it, too. */
static uint16_t age(const struct group_store *s, const struct group *g)
{
	return (uint16_t)(s->clock - g->touched);
}

/* Keeps ages from coming round: what is old becomes the oldest that there is. */
void group_clock_step(struct group_store *s)
{
	s->ticks = 0;
	s->clock++;
	if (s->clock & 0x3fff)
		return;
	for (uint32_t g = 1; g < s->high; g++)
		if (age(s, &s->groups[g]) >= 0xbfff)
			s->groups[g].touched = (uint16_t)(s->clock - 0xbfff);
}

/* What dropping it would give back: itself, or units of the region. */
static uint32_t worth(const struct group_store *s, uint32_t g, bool region)
{
	const struct block *b = group_block(s, g);

	if (!is_live(&s->groups[g]) || g == s->pinned)
		return 0;
	if (!region)
		return 1;
	return b ? b->units : 0;
}

/* Asks for what is looked at when the turn of a group comes. */
static inline void look_ahead(const struct group_store *s, uint32_t g)
{
	g = MIN(g + LOOK_AHEAD, s->high - 1);
	if (s->groups[g].time_high & GROUP_HAS_BLOCK)
		prefetch_line(&s->region[s->groups[g].place]);
}

/* The age from which on groups are dropped for `wanted` groups or units; 0: not even all will do. */
static uint32_t cutoff(struct group_store *s, uint64_t wanted, bool region)
{
	uint32_t a = UINT16_MAX;
	uint64_t sum = 0;

	memset(s->by_age, 0, AGES * sizeof *s->by_age);
	for (uint32_t g = 1; g < s->high; g++) {
		if (region)
			look_ahead(s, g);
		s->by_age[age(s, &s->groups[g])] += worth(s, g, region);
	}
	for (; a > 0; a--) {
		sum += s->by_age[a];
		if (sum >= wanted)
			break;
	}
	return a;
}

static void evict(struct group_store *s, uint64_t wanted, bool region)
{
	uint32_t from = cutoff(s, wanted, region);

	for (uint32_t g = 1; g < s->high; g++) {
		uint32_t next = MIN(g + LOOK_AHEAD, s->high - 1);

		if (age(s, &s->groups[next]) >= from) {
			group_prefetch_index(s, key_of(&s->groups[next]));
			look_ahead(s, g);
		}
		if (age(s, &s->groups[g]) >= from && worth(s, g, region)) {
			group_remove(s, g);
			s->evicted++;
		}
	}
}

/* Units that the region may have beside the groups there are. */
static uint32_t region_limit(const struct group_store *s)
{
	size_t groups = index_bytes(s) + s->high * sizeof *s->groups;

	return (uint32_t)(MAX(s->limit - MIN(groups, s->limit), s->limit / 4) / sizeof *s->region);
}

/* Pages behind it go back, but for `keep` units from the start. */
static void compact(struct group_store *s, uint32_t keep)
{
	uint32_t to = 0, was = s->used;

	for (uint32_t from = 0; from < s->used;) {
		uint32_t start = from, shift = from - to;
		const struct block *b;

		/* Those that stand behind each other move at once. */
		while (from < s->used && (b = (const struct block *)&s->region[from])->owner) {
			s->groups[b->owner].place = from - shift;
			from += b->units;
		}
		if (shift && from > start)
			memmove(&s->region[to], &s->region[start],
				(from - start) * sizeof *s->region);
		to += from - start;
		while (from < s->used && !(b = (const struct block *)&s->region[from])->owner)
			from += b->units;
	}
	s->used = to;
	s->garbage = 0;
	to = (MAX(to, keep) + 511) & ~511U;
	if (to < was)
		madvise(&s->region[to], (was - to) * sizeof *s->region, MADV_DONTNEED);
}

/* Makes room for so many units. */
static int region_room(struct group_store *s, uint32_t units)
{
	uint32_t limit = region_limit(s), keep = 0;

	if (units > limit / 8)
		return -ENOSPC;
	if (s->used + units <= limit && s->garbage < MAX(s->used / 2, 8192))
		return 0;
	if (s->used - s->garbage + units > limit - limit / 8) {
		evict(s, s->used - s->garbage + units - (limit - limit / 8), true);
		keep = limit;
	}
	compact(s, keep);
	return s->used + units > limit ? -ENOSPC : 0;
}

static int groups_room(struct group_store *s)
{
	if (!s->free && s->high > s->max)
		evict(s, s->max / 8, false);
	return s->n >= s->index_mask / 10 * 7 ? index_grow(s) : 0;
}

int group_add(struct group_store *s, uint64_t key, uint32_t *ret)
{
	int r = groups_room(s);
	uint32_t g = s->free;

	if (r < 0)
		return r;
	if (g) {
		s->free = s->groups[g].place;
	} else if (s->high <= s->max) {
		g = s->high++;
		/* What groups take, blocks must do without. */
		if (s->used > region_limit(s) && region_room(s, 0) < 0) {
			s->high--;
			return -ENOMEM;
		}
	}
	if (!g)
		return -ENOMEM;
	s->groups[g] = (struct group){
		.key = {(uint32_t)key, (uint32_t)(key >> 32)}
	};
	index_put(s, key, g);
	s->n++;
	group_touch(s, g);
	*ret = g;
	return 0;
}

int block_new(struct group_store *s, uint32_t g, size_t bytes, struct block **ret_old,
	      struct block **ret)
{
	uint32_t units = (uint32_t)((bytes + sizeof *s->region - 1) / sizeof *s->region);
	struct block *b;
	int r = region_room(s, units);

	if (r < 0)
		return r;
	*ret_old = group_block(s, g);
	b = (struct block *)&s->region[s->used];
	memset(b, 0, units * sizeof *s->region);
	b->owner = g;
	b->units = units;
	s->used += units;
	s->groups[g].place = (uint32_t)((uint64_t *)b - s->region);
	s->groups[g].time_high |= GROUP_HAS_BLOCK;
	*ret = b;
	return 0;
}
