/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger_work: what the files of the ledger share. */
#ifndef HF_GUARD_LEDGER_WORK_H
#define HF_GUARD_LEDGER_WORK_H

#include "guard/ledger.h"

#define LEDGER_SLOTS 8
#define LEDGER_NONE UINT32_MAX
#define LEDGER_SLAB 4096u
#define LEDGER_SLABS (LEDGER_ENTRIES_MAX / LEDGER_SLAB)
#define LEDGER_SECONDS_MAX (366u * 86'400)

/* Of a network: that it is not banned was told. Of a ban: somebody asked for it. */
#define LEDGER_TOLD 1u
#define LEDGER_BY_HAND 2u

/* Hosts first: their network is the kind two further. */
enum ledger_kind { HOST4, HOST6, GROUP4, GROUP6, LEDGER_KINDS };
enum ledger_lists {
	SILENT, /* by the last thing that happened, the latest last */
	BANNED, /* by the start of the ban, the latest last */
	GROUPS, /* networks with banned hosts that are not banned themselves */
	FREE,
	LEDGER_LISTS,
};

/* A host or a network: 64 bytes. */
struct ledger_entry {
	/* HOST4: the address; GROUP4: the /24; HOST6, GROUP6: the upper half of the address */
	uint64_t key;
	uint32_t next;                    /* in its bucket, or of the free ones */
	uint32_t before, after;           /* in its list */
	uint32_t heap;                    /* place among the ends of bans, from 1; 0: not banned */
	uint32_t first, last;             /* strike; 0: none */
	uint32_t since, until;            /* the ban, or the last one; 0: none */
	uint32_t strikes;                 /* of a network: its banned hosts */
	uint16_t rules[LEDGER_WHY_RULES]; /* from 1, the latest first; 0: none */
	uint8_t slots[LEDGER_SLOTS];      /* weights, by last / slot */
	uint8_t kind, list;
	uint8_t times; /* bans, as of the last one */
	uint8_t noted; /* LEDGER_TOLD, LEDGER_BY_HAND */
};

struct ledger_ends {
	uint32_t first, last;
};

struct ledger {
	struct ledger_config c;
	uint32_t slot; /* seconds */
	uint32_t now;  /* the latest that was seen */
	uint64_t seed[2];

	struct ledger_entry *slabs[LEDGER_SLABS]; /* owned */
	uint32_t made;                            /* entries that slabs hold or held */
	uint32_t free;
	uint32_t *buckets; /* owned */
	size_t n_buckets;
	uint32_t *heap; /* owned; soonest end first */
	size_t heap_cap;
	struct ledger_ends lists[LEDGER_LISTS];

	char (*rules)[LEDGER_RULE_MAX + 1]; /* owned */
	size_t n_rules, rules_cap;
	struct prefix *allow, *sessions; /* owned, of prefix_sort() */
	size_t n_allow, n_sessions;
	struct ledger_counts counts;
};

static inline struct ledger_entry *ledger_at(const struct ledger *l, uint32_t i)
{
	return &l->slabs[i / LEDGER_SLAB][i % LEDGER_SLAB];
}
static inline bool ledger_is_group(const struct ledger_entry *e) { return e->kind >= GROUP4; }

static inline enum ledger_reason ledger_reason_of(const struct ledger_entry *e)
{
	if (e->noted & LEDGER_BY_HAND)
		return LEDGER_HAND;
	return ledger_is_group(e) ? LEDGER_MANY : LEDGER_STRIKES;
}

/* ---- ledger_store.c: entries ---- */

struct prefix ledger_prefix(const struct ledger_entry *e);
/* The kind and key of exactly that prefix; false: no kind has such a length. */
bool ledger_key(const struct prefix *p, enum ledger_kind *ret_kind, uint64_t *ret_key);
uint64_t ledger_group_key(enum ledger_kind host, uint64_t key);
uint32_t ledger_find(const struct ledger *l, enum ledger_kind kind, uint64_t key);
/* Finds or makes; a new one is the last of SILENT. Forgets the longest silent where it is full. */
[[nodiscard]] int ledger_obtain(struct ledger *l, enum ledger_kind kind, uint64_t key,
				uint32_t *ret);
void ledger_drop(struct ledger *l, uint32_t i);
/* To the end of a list. */
void ledger_move(struct ledger *l, uint32_t i, enum ledger_lists list);
/* The ends of bans. */
[[nodiscard]] int ledger_heap_add(struct ledger *l, uint32_t i);
void ledger_heap_moved(struct ledger *l, uint32_t i);
void ledger_heap_remove(struct ledger *l, uint32_t i);
/* Frees all entries. */
void ledger_clear(struct ledger *l);

/* ---- ledger_file.c ---- */

/* What the last eight bytes of a saved ledger say of all before them. */
uint64_t ledger_sum(struct str bytes);

/* ---- ledger_ban.c: bans ---- */

uint32_t ledger_clock(struct ledger *l, int64_t now);
unsigned ledger_times(const struct ledger *l, const struct ledger_entry *e, uint32_t now);
/* Why it may not be banned: LEDGER_ALLOWED, _SESSION, _LOCAL; LEDGER_STRIKES: it may. */
enum ledger_reason ledger_spared(const struct ledger *l, const struct prefix *p);
/* Bans an entry until then; pushes out the oldest. */
[[nodiscard]] int ledger_begin(struct ledger *l, uint32_t i, uint32_t until,
			       struct ledger_decision *d, struct ledger_verdict *ret);
/* Ends a ban; the entry may be gone afterwards. */
void ledger_end(struct ledger *l, uint32_t i);
/* The network of a host that was banned: counts and maybe bans it. */
[[nodiscard]] int ledger_join(struct ledger *l, uint32_t host, struct ledger_verdict *ret);
void ledger_decide(struct ledger_verdict *v, const struct ledger_decision *d);
unsigned ledger_score(const struct ledger *l, const struct ledger_entry *e, uint32_t now);

#endif
