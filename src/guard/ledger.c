/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/ledger_work.h"

int ledger_rule(struct ledger *l, struct str name, uint16_t *ret)
{
	if (!name.len || memchr(name.ptr, 0, name.len))
		return -EINVAL;
	if (name.len > LEDGER_RULE_MAX)
		return -E2BIG;
	for (size_t i = 0; i < l->n_rules; i++) {
		if (str_eq(str_of(l->rules[i]), name)) {
			*ret = (uint16_t)i;
			return 0;
		}
	}
	if (l->n_rules == LEDGER_RULES_MAX)
		return -E2BIG;
	if (!l->rules) {
		/* Where they are never moves: `why` lends them. Untouched pages cost nothing. */
		l->rules = calloc(LEDGER_RULES_MAX, sizeof *l->rules);
		if (!l->rules)
			return -ENOMEM;
	}
	memcpy(l->rules[l->n_rules], name.ptr, name.len);
	*ret = (uint16_t)l->n_rules++;
	return 0;
}

/* ---- lists of whom not to ban ---- */

static int unbanned(struct ledger *l, uint32_t i, enum ledger_reason reason, ledger_fn *fn,
		    void *user)
{
	struct ledger_decision d = { .what = LEDGER_UNBAN,
				     .reason = reason,
				     .prefix = ledger_prefix(ledger_at(l, i)) };

	ledger_end(l, i);
	return fn(user, &d);
}

/* Replaces *list by a sorted copy. */
static int replace(struct prefix **list, size_t *n, const struct prefix *by, size_t count)
{
	struct prefix *copy = calloc(count + 1, sizeof *copy);

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		copy[i] = prefix_cut(&by[i], by[i].bits);
	free(*list);
	*list = copy;
	*n = prefix_sort(copy, count);
	return 0;
}

int ledger_allow(struct ledger *l, const struct prefix *list, size_t n, ledger_fn *fn, void *user)
{
	int r;

	for (size_t i = 0; i < n; i++)
		if (list[i].bits > PREFIX_HOST || !prefix_length(&list[i]))
			return -EINVAL;
	r = n > LEDGER_ALLOW_MAX ? -E2BIG : replace(&l->allow, &l->n_allow, list, n);

	for (uint32_t i = l->lists[BANNED].first, next; r >= 0 && i != LEDGER_NONE; i = next) {
		struct prefix p = ledger_prefix(ledger_at(l, i));

		next = ledger_at(l, i)->after;
		if (prefix_touched(l->allow, l->n_allow, &p))
			r = unbanned(l, i, LEDGER_ALLOWED, fn, user);
	}
	return MIN(r, 0);
}

/* The ban of a prefix that is around p, if there is one. */
static uint32_t ban_around(const struct ledger *l, const struct prefix *p, unsigned bits)
{
	struct prefix cut = prefix_cut(p, bits);
	enum ledger_kind kind;
	uint64_t key;
	uint32_t i;

	if (!ledger_key(&cut, &kind, &key))
		return LEDGER_NONE;
	i = ledger_find(l, kind, key);
	return i != LEDGER_NONE && ledger_at(l, i)->heap ? i : LEDGER_NONE;
}

int ledger_sessions(struct ledger *l, const struct prefix *list, size_t n, ledger_fn *fn,
		    void *user)
{
	int r = 0;

	if (n > LEDGER_SESSIONS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++)
		if (list[i].bits != PREFIX_HOST)
			return -EINVAL;
	r = replace(&l->sessions, &l->n_sessions, list, n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		bool v4 = prefix_is_v4(&list[i]);
		uint32_t host = ban_around(l, &list[i], v4 ? 128 : 64);
		uint32_t group;

		if (host != LEDGER_NONE)
			r = unbanned(l, host, LEDGER_SESSION, fn, user);
		group = ban_around(l, &list[i], v4 ? 120 : 48);
		if (r >= 0 && group != LEDGER_NONE)
			r = unbanned(l, group, LEDGER_SESSION, fn, user);
	}
	return MIN(r, 0);
}

static void absolve(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);

	memset(e->slots, 0, sizeof e->slots);
	e->times = 0;
}

int ledger_unban(struct ledger *l, const struct prefix *p, ledger_fn *fn, void *user)
{
	struct prefix host = prefix_cut(p, prefix_is_v4(p) ? p->bits : MIN(p->bits, 64U));
	enum ledger_kind kind;
	bool any = false;
	uint64_t key;
	uint32_t i;
	int r = 0;

	if (ledger_key(&host, &kind, &key)) {
		i = ledger_find(l, kind, key);
		if (i != LEDGER_NONE && !ledger_is_group(ledger_at(l, i)))
			absolve(l, i);
	}
	for (uint32_t next, at = l->lists[BANNED].first; r >= 0 && at != LEDGER_NONE; at = next) {
		struct prefix ban = ledger_prefix(ledger_at(l, at));

		next = ledger_at(l, at)->after;
		if (!prefix_meets(p, &ban))
			continue;
		any = true;
		absolve(l, at);
		r = unbanned(l, at, LEDGER_HAND, fn, user);
	}
	if (r < 0)
		return r;
	return any ? 0 : -ENOENT;
}

/* ---- looking ---- */

static void why_entry(const struct ledger *l, const struct ledger_entry *e, uint32_t now,
		      struct ledger_why *ret)
{
	ret->known = true;
	ret->strikes = e->strikes;
	ret->score = ledger_score(l, e, now);
	ret->first = e->first;
	ret->last = e->last;
	ret->times = ledger_times(l, e, now);
	for (size_t i = 0; i < LEDGER_WHY_RULES && e->rules[i]; i++)
		ret->rules[i] = str_of(l->rules[e->rules[i] - 1]);
}

static void why_ban(const struct ledger_entry *e, uint32_t now, struct ledger_why *ret)
{
	if (!e->heap || e->until <= now)
		return;
	ret->banned = true;
	ret->by = ledger_prefix(e);
	ret->reason = ledger_reason_of(e);
	ret->since = e->since;
	ret->until = e->until;
}

void ledger_why(const struct ledger *l, const struct prefix *address, int64_t now,
		struct ledger_why *ret)
{
	bool v4 = prefix_is_v4(address);
	struct ledger_why why = { .threshold = l->c.threshold,
				  .host = prefix_cut(address, v4 ? 128 : 64),
				  .group = prefix_cut(address, v4 ? 120 : 48) };
	uint32_t clock = (uint32_t)MIN(MAX(now, (int64_t)l->now), (int64_t)UINT32_MAX);
	enum ledger_kind kind;
	uint64_t key;
	uint32_t i;

	for (size_t k = 0; k < LEDGER_WHY_RULES; k++)
		why.rules[k] = STR("");
	why.allowed = prefix_touched(l->allow, l->n_allow, &why.host);
	why.session = prefix_touched(l->sessions, l->n_sessions, &why.host);
	if (ledger_key(&why.group, &kind, &key)) {
		i = ledger_find(l, kind, key);
		if (i != LEDGER_NONE) {
			why.group_hosts = ledger_at(l, i)->strikes;
			why_ban(ledger_at(l, i), clock, &why);
		}
	}
	if (ledger_key(&why.host, &kind, &key)) {
		i = ledger_find(l, kind, key);
		if (i != LEDGER_NONE) {
			why_entry(l, ledger_at(l, i), clock, &why);
			/* Its own ban is the better answer. */
			why_ban(ledger_at(l, i), clock, &why);
		}
	}
	*ret = why;
}

int ledger_bans(const struct ledger *l, int64_t now, ledger_fn *fn, void *user)
{
	uint32_t clock = (uint32_t)MIN(MAX(now, (int64_t)l->now), (int64_t)UINT32_MAX);
	int r = 0;

	for (uint32_t i = l->lists[BANNED].first; r >= 0 && i != LEDGER_NONE;
	     i = ledger_at(l, i)->after) {
		const struct ledger_entry *e = ledger_at(l, i);
		struct ledger_decision d = { .what = LEDGER_BAN,
					     .reason = ledger_reason_of(e),
					     .prefix = ledger_prefix(e),
					     .times = e->times };

		if (e->until <= clock)
			continue;
		d.seconds = e->until - clock;
		r = fn(user, &d);
	}
	return MIN(r, 0);
}

void ledger_count(const struct ledger *l, struct ledger_counts *ret)
{
	struct ledger_counts c = l->counts;
	size_t slabs = (l->made + (size_t)LEDGER_SLAB - 1) / LEDGER_SLAB;

	c.memory = sizeof *l + slabs * LEDGER_SLAB * sizeof(struct ledger_entry) +
		   l->n_buckets * sizeof *l->buckets + l->heap_cap * sizeof *l->heap +
		   l->n_rules * sizeof *l->rules + (l->n_allow + l->n_sessions) * sizeof *l->allow;
	*ret = c;
}
