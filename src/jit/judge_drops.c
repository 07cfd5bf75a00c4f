/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams that are not opened. Each has a line while there is room for one, and then its network has
 * one a minute for all of them: the audit log neither leaves out who tried nor grows with a flood.
 */
#include <inttypes.h>
#include <stdio.h>

#include "jit/judge_work.h"

#define TOKEN 1'000U
#define WAYS (JUDGE_DROPS / JUDGE_DROP_SETS)

static const char *why_text(enum judge_drop_why why)
{
	switch (why) {
	case JUDGE_DROP_SIZE: return knock_fault_text(KNOCK_SIZE);
	case JUDGE_DROP_MARK: return knock_fault_text(KNOCK_MARK);
	case JUDGE_DROP_PREFIX: return "over the budget of its network";
	case JUDGE_DROP_TOTAL: return "over the budget of all strangers";
	}
	return "";
}

/* from, why: may be empty. */
static int tell(struct judge *j, int64_t now, struct str from, const char *why, uint64_t n)
{
	const struct judge_setup *s = &j->setup;
	char count[24];
	struct chain_field f[4] = {
		{"event", STR("dropped"), false}
	};
	size_t fields = 1;

	if (from.len)
		f[fields++] = (struct chain_field){ "from", from, false };
	f[fields++] = (struct chain_field){ "why", str_of(why), false };
	snprintf(count, sizeof count, "%" PRIu64, n);
	f[fields++] = (struct chain_field){ "count", str_of(count), true };
	return s->record ? s->record(s->user, now, f, fields) : chain_add(s->chain, now, f, fields);
}

/* Whether one alone may have a line. */
static bool has_room(struct judge_drops *d, int64_t monotonic)
{
	const uint64_t most = (uint64_t)JUDGE_DROPS_BURST * TOKEN;
	uint64_t passed = monotonic > d->at ? (uint64_t)(monotonic - d->at) : 0;

	d->at = MAX(d->at, monotonic);
	d->tokens = passed > most / JUDGE_DROPS_RATE
			    ? most
			    : MIN(most, d->tokens + passed * JUDGE_DROPS_RATE);
	if (d->tokens < TOKEN)
		return false;
	d->tokens -= TOKEN;
	return true;
}

static struct judge_drop *set_of(struct judge_drops *d, net_addr prefix)
{
	uint64_t h = ((uint64_t)(prefix >> 64) ^ (uint64_t)prefix) * 0x9e3779b97f4a7c15U;

	return d->list[h >> 61];
}

static struct judge_drop *find(struct judge_drop *set, net_addr prefix, enum judge_drop_why why)
{
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].used && set[i].prefix == prefix && set[i].why == why)
			return &set[i];
	return NULL;
}

static struct judge_drop *make(struct judge_drop *set, net_addr prefix, enum judge_drop_why why)
{
	for (size_t i = 0; i < WAYS; i++)
		if (!set[i].used) {
			set[i] = (struct judge_drop){ .prefix = prefix, .why = why, .used = true };
			return &set[i];
		}
	return NULL;
}

void judge_drop(struct judge_case *c, enum judge_drop_why why)
{
	struct judge_drops *d = &c->judge->drops;
	net_addr prefix = budget_prefix(c->from);
	struct judge_drop *set = set_of(d, prefix), *drop = find(set, prefix, why);
	char from[NET_ADDR_TEXT];

	if (!drop && has_room(d, c->monotonic)) {
		c->ret->told = tell(c->judge, c->now, net_addr_format(c->from, from), why_text(why),
				    1) == 0;
		if (c->ret->told)
			return;
	}
	if (!drop)
		drop = make(set, prefix, why);
	if (drop)
		drop->n++;
	else
		d->others++;
}

static void tell_one(struct judge *j, int64_t now, struct judge_drop *drop)
{
	char address[NET_ADDR_TEXT], from[NET_ADDR_TEXT + 4];
	struct str s = net_addr_format(drop->prefix, address);

	snprintf(from, sizeof from, "%.*s/%d", STR_FMT(s), net_is_v4(drop->prefix) ? 24 : 64);
	if (!drop->n)
		drop->used = false;
	else if (tell(j, now, str_of(from), why_text(drop->why), drop->n) == 0)
		drop->n = 0;
}

void judge_tick(struct judge *j, int64_t now, int64_t monotonic)
{
	struct judge_drops *d = &j->drops;

	if (monotonic >= d->told_at && monotonic - d->told_at < JUDGE_DROPS_MS)
		return;
	d->told_at = monotonic;
	for (size_t i = 0; i < JUDGE_DROP_SETS; i++)
		for (size_t k = 0; k < WAYS; k++)
			if (d->list[i][k].used)
				tell_one(j, now, &d->list[i][k]);
	if (d->others && tell(j, now, STR(""), "of other networks", d->others) == 0)
		d->others = 0;
}
