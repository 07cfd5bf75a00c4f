/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>

#include "base/map.h"
#include "guard/ledger_work.h"

#define BUCKETS_FIRST 1024u

static const uint8_t kind_bits[] = { [HOST4] = 128, [HOST6] = 64, [GROUP4] = 120, [GROUP6] = 48 };

struct prefix ledger_prefix(const struct ledger_entry *e)
{
	struct prefix p = { .bits = kind_bits[e->kind] };

	if (e->kind == HOST4 || e->kind == GROUP4) {
		uint8_t v4[4];

		for (unsigned i = 0; i < sizeof v4; i++)
			v4[i] = (uint8_t)(e->key >> (24 - 8 * i));
		return prefix_v4(v4, p.bits - (unsigned)PREFIX_V4);
	}
	for (unsigned i = 0; i < 8; i++)
		p.addr[i] = (uint8_t)(e->key >> (56 - 8 * i));
	return p;
}

bool ledger_key(const struct prefix *p, enum ledger_kind *ret_kind, uint64_t *ret_key)
{
	bool v4 = prefix_is_v4(p);
	uint64_t key = 0;

	for (enum ledger_kind k = HOST4; k < LEDGER_KINDS; k++) {
		if (kind_bits[k] != p->bits || (k == HOST4 || k == GROUP4) != v4)
			continue;
		for (unsigned i = v4 ? 12 : 0; i < (v4 ? 16 : 8); i++)
			key = key << 8 | p->addr[i];
		*ret_kind = k;
		*ret_key = key;
		return true;
	}
	return false;
}

uint64_t ledger_group_key(enum ledger_kind host, uint64_t key)
{
	return host == HOST4 ? key & ~(uint64_t)0xff : key & ~(uint64_t)0xffff;
}

/* ---- the table ---- */

static size_t bucket(const struct ledger *l, unsigned kind, uint64_t key)
{
	uint64_t data[2] = { key, kind };

	return siphash13(l->seed, data, sizeof data) & (l->n_buckets - 1);
}

uint32_t ledger_find(const struct ledger *l, enum ledger_kind kind, uint64_t key)
{
	uint32_t i;

	if (!l->n_buckets)
		return LEDGER_NONE;
	i = l->buckets[bucket(l, kind, key)];
	while (i != LEDGER_NONE) {
		const struct ledger_entry *e = ledger_at(l, i);

		if (e->key == key && e->kind == kind)
			return i;
		i = e->next;
	}
	return LEDGER_NONE;
}

static void hang(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);
	uint32_t *head = &l->buckets[bucket(l, e->kind, e->key)];

	e->next = *head;
	*head = i;
}

static int more_buckets(struct ledger *l)
{
	size_t n = l->n_buckets ? l->n_buckets * 2 : BUCKETS_FIRST;
	uint32_t *grown;

	if (l->counts.tracked < l->n_buckets)
		return 0;
	grown = malloc(n * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	memset(grown, 0xff, n * sizeof *grown);
	free(l->buckets);
	l->buckets = grown;
	l->n_buckets = n;
	for (uint32_t i = 0; i < l->made; i++)
		if (ledger_at(l, i)->list != FREE)
			hang(l, i);
	return 0;
}

/* ---- lists ---- */

static void unlink_entry(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);
	struct ledger_ends *list = &l->lists[e->list];

	if (e->before != LEDGER_NONE)
		ledger_at(l, e->before)->after = e->after;
	else
		list->first = e->after;
	if (e->after != LEDGER_NONE)
		ledger_at(l, e->after)->before = e->before;
	else
		list->last = e->before;
}

static void append(struct ledger *l, uint32_t i, enum ledger_lists to)
{
	struct ledger_entry *e = ledger_at(l, i);
	struct ledger_ends *list = &l->lists[to];

	e->list = (uint8_t)to;
	e->before = list->last;
	e->after = LEDGER_NONE;
	if (list->last != LEDGER_NONE)
		ledger_at(l, list->last)->after = i;
	else
		list->first = i;
	list->last = i;
}

void ledger_move(struct ledger *l, uint32_t i, enum ledger_lists list)
{
	unlink_entry(l, i);
	append(l, i, list);
}

void ledger_drop(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);
	uint32_t *at = &l->buckets[bucket(l, e->kind, e->key)];

	while (*at != i)
		at = &ledger_at(l, *at)->next;
	*at = e->next;
	unlink_entry(l, i);
	*e = (struct ledger_entry){ .list = FREE, .next = l->free };
	l->free = i;
	l->counts.tracked--;
}

static int fresh(struct ledger *l, uint32_t *ret)
{
	uint32_t slab = l->made / LEDGER_SLAB;

	if (l->free != LEDGER_NONE) {
		*ret = l->free;
		l->free = ledger_at(l, l->free)->next;
		return 0;
	}
	if (slab >= LEDGER_SLABS)
		return -ENOMEM;
	if (!l->slabs[slab]) {
		l->slabs[slab] = calloc(LEDGER_SLAB, sizeof *l->slabs[slab]);
		if (!l->slabs[slab])
			return -ENOMEM;
	}
	*ret = l->made++;
	ledger_at(l, *ret)->list = FREE;
	return 0;
}

int ledger_obtain(struct ledger *l, enum ledger_kind kind, uint64_t key, uint32_t *ret)
{
	uint32_t i = ledger_find(l, kind, key);
	int r;

	if (i != LEDGER_NONE) {
		*ret = i;
		return 0;
	}
	if (l->counts.tracked >= l->c.max_tracked && l->lists[SILENT].first != LEDGER_NONE) {
		ledger_drop(l, l->lists[SILENT].first);
		l->counts.forgotten++;
	}
	r = more_buckets(l);
	if (r == 0)
		r = fresh(l, &i);
	if (r < 0)
		return r;
	*ledger_at(l, i) = (struct ledger_entry){ .key = key, .kind = (uint8_t)kind };
	append(l, i, SILENT);
	hang(l, i);
	l->counts.tracked++;
	*ret = i;
	return 0;
}

/* ---- ends of bans ---- */

static bool sooner(const struct ledger *l, uint32_t x, uint32_t y)
{
	return ledger_at(l, x)->until < ledger_at(l, y)->until;
}

static void place(struct ledger *l, size_t at, uint32_t i)
{
	l->heap[at] = i;
	ledger_at(l, i)->heap = (uint32_t)at + 1;
}

static void rise(struct ledger *l, size_t at)
{
	uint32_t i = l->heap[at];

	while (at && sooner(l, i, l->heap[(at - 1) / 2])) {
		place(l, at, l->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(l, at, i);
}

static void sink(struct ledger *l, size_t at)
{
	size_t n = l->counts.bans, child;
	uint32_t i = l->heap[at];

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && sooner(l, l->heap[child + 1], l->heap[child]))
			child++;
		if (!sooner(l, l->heap[child], i))
			break;
		place(l, at, l->heap[child]);
		at = child;
	}
	place(l, at, i);
}

int ledger_heap_add(struct ledger *l, uint32_t i)
{
	if (l->counts.bans == l->heap_cap) {
		size_t cap = l->heap_cap ? l->heap_cap * 2 : 256;
		uint32_t *grown = realloc(l->heap, cap * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		l->heap = grown;
		l->heap_cap = cap;
	}
	l->heap[l->counts.bans] = i;
	rise(l, l->counts.bans++);
	return 0;
}

void ledger_heap_moved(struct ledger *l, uint32_t i)
{
	rise(l, ledger_at(l, i)->heap - 1);
	sink(l, ledger_at(l, i)->heap - 1);
}

void ledger_heap_remove(struct ledger *l, uint32_t i)
{
	size_t at = ledger_at(l, i)->heap - 1;
	uint32_t last = l->heap[--l->counts.bans];

	ledger_at(l, i)->heap = 0;
	if (last == i)
		return;
	place(l, at, last);
	ledger_heap_moved(l, last);
}

/* ---- all of it ---- */

void ledger_clear(struct ledger *l)
{
	for (size_t i = 0; i < LEDGER_SLABS && l->slabs[i]; i++) {
		free(l->slabs[i]);
		l->slabs[i] = NULL;
	}
	free(l->buckets);
	free(l->heap);
	l->buckets = NULL;
	l->heap = NULL;
	l->n_buckets = l->heap_cap = 0;
	l->made = 0;
	l->free = LEDGER_NONE;
	for (size_t i = 0; i < LEDGER_LISTS; i++)
		l->lists[i] = (struct ledger_ends){ LEDGER_NONE, LEDGER_NONE };
	l->counts = (struct ledger_counts){};
	l->now = 0;
}

void ledger_free(struct ledger **l)
{
	if (!*l)
		return;
	ledger_clear(*l);
	free((*l)->rules);
	free((*l)->allow);
	free((*l)->sessions);
	free(*l);
	*l = NULL;
}

static void defaults(struct ledger_config *c)
{
	/* clang-format off */
	const struct {
		unsigned *field, value;
	} rows[] = {
		{ &c->threshold, 5 },
		{ &c->window, 600 },
		{ &c->ban_first, 600 },
		{ &c->ban_factor, 4 },
		{ &c->ban_max, 7 * 86'400 },
		{ &c->forget, 86'400 },
		{ &c->hosts_v4, 16 },
		{ &c->hosts_v6, 16 },
		{ &c->group_max, 86'400 },
		{ &c->remember, 30 * 86'400 },
		{ &c->max_tracked, 1 << 20 },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(rows); i++)
		if (!*rows[i].field)
			*rows[i].field = rows[i].value;
	if (!c->max_bans)
		c->max_bans = MIN(c->max_tracked, 1U << 20);
}

static const char *contradiction(const struct ledger_config *c)
{
	if (c->threshold > LEDGER_WEIGHT_MAX)
		return "the threshold is at most 255";
	if (c->window < LEDGER_SLOTS - 1)
		return "the window is at least seven seconds";
	if (c->window > 7 * 86'400)
		return "the window is at most seven days";
	if (c->ban_first > c->ban_max)
		return "the first ban is longer than the longest";
	if (c->ban_max > LEDGER_SECONDS_MAX || c->group_max > LEDGER_SECONDS_MAX)
		return "a ban lasts at most 366 days";
	if (c->ban_factor > 1000)
		return "a ban grows at most 1000 times at once";
	if (c->hosts_v4 < 2 || c->hosts_v6 < 2)
		return "a network is banned for two hosts at least";
	if (c->max_tracked > LEDGER_ENTRIES_MAX)
		return "more hosts than can be kept";
	if (c->max_bans > c->max_tracked)
		return "more bans than hosts that are kept";
	return NULL;
}

int ledger_new(const struct ledger_config *c, struct ledger **ret, struct diag *d)
{
	struct ledger *l = calloc(1, sizeof *l);
	const char *why;

	if (!l)
		return -ENOMEM;
	l->c = *c;
	defaults(&l->c);
	why = contradiction(&l->c);
	if (why) {
		free(l);
		return diag_set(d, -EINVAL, "", 0, "%s", why);
	}
	if (getrandom(l->seed, sizeof l->seed, 0) != sizeof l->seed) {
		free(l);
		return -EIO;
	}
	/* Seven whole ones and the current one: the window, and up to a seventh more. */
	l->slot = (l->c.window + LEDGER_SLOTS - 2) / (LEDGER_SLOTS - 1);
	ledger_clear(l);
	*ret = l;
	return 0;
}
