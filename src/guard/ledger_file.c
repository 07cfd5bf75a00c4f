/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state as bytes, all numbers little-endian:
 *
 *   magic "HFLEDGER", u32 version, u32 number of rules, u32 number of entries, u32 slot seconds,
 *   u64 now, u64 strikes, u64 bans
 *   rules: u8 length, bytes
 *   entries of 48 bytes, the longest silent first, then networks, then bans from the oldest on
 *   u64 checksum over all of it, block by block of 64 KiB (SipHash-1-3 with the sum so far as key)
 */
#include "base/map.h"
#include "guard/ledger_work.h"

#define MAGIC "HFLEDGER"
#define VERSION 1u
#define HEADER 48u
#define ENTRY 48u
#define BLOCK ((size_t)64 << 10)
#define SEED 0x6c65'6467'6572'0001U

static void put(uint8_t **p, uint64_t v, unsigned bytes)
{
	for (; bytes-- > 0; v >>= 8)
		*(*p)++ = (uint8_t)v;
}

static uint64_t get(const uint8_t **p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t) * (*p)++ << (8 * i);
	return v;
}

static uint64_t sum_block(uint64_t sum, const void *block, size_t n)
{
	return siphash13((uint64_t[]){ sum, SEED }, block, n);
}

/* ---- saving ---- */

struct saving {
	ledger_write_fn *fn;
	void *user;
	uint8_t *block; /* owned, BLOCK */
	size_t n;
	uint64_t sum;
	int error;
};

static void flush(struct saving *s)
{
	if (!s->error && s->n) {
		s->sum = sum_block(s->sum, s->block, s->n);
		s->error = MIN(s->fn(s->user, (struct str){ (char *)s->block, s->n }), 0);
	}
	s->n = 0;
}

static void save_bytes(struct saving *s, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n) {
		size_t part = MIN(n, BLOCK - s->n);

		memcpy(s->block + s->n, p, part);
		s->n += part;
		p += part;
		n -= part;
		if (s->n == BLOCK)
			flush(s);
	}
}

static void save_entry(struct saving *s, const struct ledger_entry *e)
{
	uint8_t bytes[ENTRY], *p = bytes;

	put(&p, e->key, 8);
	put(&p, e->kind, 1);
	put(&p, e->list, 1);
	put(&p, e->times, 1);
	put(&p, e->noted & LEDGER_BY_HAND, 1);
	put(&p, e->first, 4);
	put(&p, e->last, 4);
	put(&p, e->since, 4);
	put(&p, e->until, 4);
	put(&p, ledger_is_group(e) ? 0 : e->strikes, 4);
	for (size_t i = 0; i < LEDGER_WHY_RULES; i++)
		put(&p, e->rules[i], 2);
	memcpy(p, e->slots, sizeof e->slots);
	save_bytes(s, bytes, sizeof bytes);
}

static void save_rules(struct saving *s, const struct ledger *l)
{
	for (size_t i = 0; i < l->n_rules; i++) {
		uint8_t n = (uint8_t)strlen(l->rules[i]);

		save_bytes(s, &n, 1);
		save_bytes(s, l->rules[i], n);
	}
}

int ledger_save(const struct ledger *l, int64_t now, ledger_write_fn *fn, void *user)
{
	static const enum ledger_lists order[] = { SILENT, GROUPS, BANNED };
	own(free_ptr) uint8_t *block = malloc(BLOCK);
	struct saving s = { .fn = fn, .user = user, .block = block };
	uint8_t header[HEADER], *p = header, sum[8];

	if (!block)
		return -ENOMEM;
	memcpy(p, MAGIC, 8);
	p += 8;
	put(&p, VERSION, 4);
	put(&p, l->n_rules, 4);
	put(&p, l->counts.tracked, 4);
	put(&p, l->slot, 4);
	put(&p, (uint64_t)MAX(now, (int64_t)l->now), 8);
	put(&p, l->counts.strikes, 8);
	put(&p, l->counts.banned, 8);
	save_bytes(&s, header, sizeof header);
	save_rules(&s, l);
	for (size_t k = 0; k < COUNT(order); k++)
		for (uint32_t i = l->lists[order[k]].first; i != LEDGER_NONE && !s.error;
		     i = ledger_at(l, i)->after)
			save_entry(&s, ledger_at(l, i));
	flush(&s);
	p = sum;
	put(&p, s.sum, 8);
	return s.error ? s.error : MIN(fn(user, (struct str){ (char *)sum, sizeof sum }), 0);
}

/* ---- restoring ---- */

struct restoring {
	struct ledger *l;
	struct diag *d;
	const uint8_t *p;
	size_t left;
	uint32_t n_rules, n_entries, slot;
	int64_t shift; /* seconds that the clock was ahead when it was saved */
	uint32_t n;
};

static int bad(const struct restoring *r, const char *why)
{
	return diag_set(r->d, -EBADMSG, "", 0, "the saved ledger cannot be used: %s", why);
}

uint64_t ledger_sum(struct str bytes)
{
	uint64_t sum = 0;

	for (size_t at = 0; at < bytes.len; at += BLOCK)
		sum = sum_block(sum, bytes.ptr + at, MIN(BLOCK, bytes.len - at));
	return sum;
}

static int restore_header(struct restoring *r, struct str bytes, int64_t now)
{
	uint64_t saved, version, sum;
	const uint8_t *end;

	r->p = (const uint8_t *)bytes.ptr;
	if (bytes.len < HEADER + 8 || memcmp(r->p, MAGIC, 8) != 0)
		return bad(r, "it is none");
	r->left = bytes.len - 8;
	r->p += 8;
	version = get(&r->p, 4);
	if (version != VERSION)
		return bad(r, version > VERSION ? "a later version of holdfast made it"
						: "it has no version");
	end = (const uint8_t *)bytes.ptr + r->left;
	sum = get(&end, 8);
	if (sum != ledger_sum(str_sub(bytes, 0, r->left)))
		return bad(r, "it is damaged or cut off");
	r->n_rules = (uint32_t)get(&r->p, 4);
	r->n_entries = (uint32_t)get(&r->p, 4);
	r->slot = (uint32_t)get(&r->p, 4);
	saved = get(&r->p, 8);
	r->l->counts.strikes = get(&r->p, 8);
	r->l->counts.banned = get(&r->p, 8);
	r->left -= HEADER;
	if (saved > UINT32_MAX || !r->slot || r->n_rules > LEDGER_RULES_MAX)
		return bad(r, "its numbers are out of range");
	r->shift = MAX((int64_t)saved - now, 0);
	return 0;
}

static int restore_rules(struct restoring *r)
{
	for (uint32_t i = 0; i < r->n_rules; i++) {
		size_t n = r->left ? *r->p : 0;
		uint16_t number = 0;
		int error;

		if (!n || n + 1 > r->left)
			return bad(r, "a rule has no name");
		error = ledger_rule(r->l, (struct str){ (const char *)r->p + 1, n }, &number);
		if (error == -ENOMEM)
			return error;
		if (error < 0 || number != i)
			return bad(r, "the names of its rules are no names or not different");
		r->p += n + 1;
		r->left -= n + 1;
	}
	return 0;
}

/* A time as this machine's clock would have said it; 0 stays "never". */
static uint32_t shifted(const struct restoring *r, uint32_t t)
{
	if (!t)
		return 0;
	return t > r->shift ? (uint32_t)(t - r->shift) : 1;
}

static void read_entry(struct restoring *r, struct ledger_entry *e)
{
	uint32_t sum = 0;

	*e = (struct ledger_entry){ .key = get(&r->p, 8) };
	e->kind = (uint8_t)get(&r->p, 1);
	e->list = (uint8_t)get(&r->p, 1);
	e->times = (uint8_t)get(&r->p, 1);
	e->noted = (uint8_t)get(&r->p, 1) & LEDGER_BY_HAND;
	e->first = shifted(r, (uint32_t)get(&r->p, 4));
	e->last = shifted(r, (uint32_t)get(&r->p, 4));
	e->since = shifted(r, (uint32_t)get(&r->p, 4));
	e->until = shifted(r, (uint32_t)get(&r->p, 4));
	e->strikes = (uint32_t)get(&r->p, 4);
	for (size_t i = 0; i < LEDGER_WHY_RULES; i++)
		e->rules[i] = (uint16_t)get(&r->p, 2);
	memcpy(e->slots, r->p, sizeof e->slots);
	r->p += sizeof e->slots;
	r->left -= ENTRY;
	if (r->slot == r->l->slot && !r->shift)
		return;
	/* Another window or clock: all weight counts from the last strike on. */
	for (size_t i = 0; i < LEDGER_SLOTS; i++)
		sum += e->slots[i];
	memset(e->slots, 0, sizeof e->slots);
	e->slots[e->last / r->l->slot % LEDGER_SLOTS] = (uint8_t)MIN(sum, UINT8_MAX);
}

static const char *fault_of(const struct restoring *r, const struct ledger_entry *e)
{
	if (e->kind >= LEDGER_KINDS || e->list >= FREE)
		return "an entry is of no known kind";
	if ((e->kind == HOST4 || e->kind == GROUP4) && e->key > UINT32_MAX)
		return "an address is none";
	if (ledger_is_group(e) && e->key != ledger_group_key(e->kind - 2, e->key))
		return "a network has host bits";
	if (!ledger_is_group(e) && e->list == GROUPS)
		return "a host is listed as a network";
	if (e->first > e->last || e->since > e->until)
		return "a time runs backwards";
	if (e->list == BANNED && !e->until)
		return "a ban has no end";
	for (size_t i = 0; i < LEDGER_WHY_RULES; i++)
		if (e->rules[i] > r->n_rules)
			return "an entry names no rule";
	if (ledger_find(r->l, e->kind, e->key) != LEDGER_NONE)
		return "an address is there twice";
	return NULL;
}

static int keep_entry(struct ledger *l, const struct ledger_entry *from)
{
	struct prefix p = ledger_prefix(from);
	bool banned = from->list == BANNED && from->until > l->now &&
		      ledger_spared(l, &p) == LEDGER_STRIKES;
	struct ledger_entry *e;
	uint32_t i;
	int r = ledger_obtain(l, from->kind, from->key, &i);

	if (r < 0)
		return r;
	e = ledger_at(l, i);
	e->first = MIN(from->first, l->now);
	e->last = MIN(from->last, l->now);
	e->since = MIN(from->since, l->now);
	e->until = MIN(from->until, banned ? l->now + LEDGER_SECONDS_MAX : l->now);
	e->strikes = ledger_is_group(e) ? 0 : from->strikes;
	e->times = from->times;
	e->noted = from->noted;
	memcpy(e->rules, from->rules, sizeof e->rules);
	memcpy(e->slots, from->slots, sizeof e->slots);
	if (!banned)
		return 0;
	r = ledger_heap_add(l, i);
	if (r < 0)
		return r;
	ledger_move(l, i, BANNED);
	l->counts.groups += ledger_is_group(e);
	if (l->counts.bans > l->c.max_bans)
		ledger_end(l, l->lists[BANNED].first);
	return 0;
}

/* How many hosts of a network are banned follows from the bans. */
static int restore_groups(struct ledger *l)
{
	int r = 0;

	for (uint32_t at = l->lists[BANNED].first, i; r == 0 && at != LEDGER_NONE;
	     at = ledger_at(l, at)->after) {
		const struct ledger_entry *host = ledger_at(l, at);

		if (ledger_is_group(host))
			continue;
		r = ledger_obtain(l, host->kind + 2, ledger_group_key(host->kind, host->key), &i);
		if (r < 0)
			break;
		ledger_at(l, i)->strikes++;
		if (ledger_at(l, i)->list == SILENT)
			ledger_move(l, i, GROUPS);
	}
	return r;
}

static int restore_entries(struct restoring *r)
{
	struct ledger *l = r->l;
	uint32_t skip = r->n_entries > l->c.max_tracked ? r->n_entries - l->c.max_tracked : 0;
	int error = 0;

	if (r->left != (uint64_t)r->n_entries * ENTRY)
		return bad(r, "it is not as long as it says");
	for (uint32_t n = 0; error == 0 && n < r->n_entries; n++) {
		struct ledger_entry e;
		const char *fault;

		read_entry(r, &e);
		fault = fault_of(r, &e);
		if (fault)
			return bad(r, fault);
		if (n >= skip)
			error = keep_entry(l, &e);
	}
	return error;
}

/* Networks that nobody of is banned any more and that were never banned say nothing. */
static void tidy(struct ledger *l)
{
	for (uint32_t i = l->lists[SILENT].first, next; i != LEDGER_NONE; i = next) {
		const struct ledger_entry *e = ledger_at(l, i);

		next = e->after;
		if (ledger_is_group(e) && !e->times && !e->last)
			ledger_drop(l, i);
	}
}

int ledger_restore(struct ledger *l, struct str bytes, int64_t now, struct diag *d)
{
	struct restoring r = { .l = l, .d = d };
	int error;

	if (l->counts.tracked || l->n_rules)
		return diag_set(d, -EINVAL, "", 0, "the ledger is in use already");
	error = restore_header(&r, bytes, now);
	if (error == 0)
		error = restore_rules(&r);
	if (error == 0) {
		(void)ledger_clock(l, now);
		error = restore_entries(&r);
	}
	if (error == 0)
		error = restore_groups(l);
	if (error < 0) {
		ledger_clear(l);
		if (l->rules)
			memset(l->rules, 0, l->n_rules * sizeof *l->rules);
		l->n_rules = 0;
		return error;
	}
	tidy(l);
	ledger_expire(l, now);
	return 0;
}
