/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/budget.h"

#include "base/map.h"

#define WAYS 4U
#define SETS (BUDGET_PREFIXES / WAYS)
#define KNOWN_SETS (BUDGET_KNOWN / WAYS)
#define TOKEN 1'000U /* a rate of tokens a second is one of thousandths a millisecond */

struct bucket {
	net_addr prefix;
	int64_t at;      /* when `tokens` was true */
	uint64_t tokens; /* thousandths */
	bool used;
};

struct budget {
	struct budget_rates rates;
	uint64_t seed[2];
	struct bucket total, reserve;
	struct bucket strangers[SETS][WAYS], known[KNOWN_SETS][WAYS];
	int64_t strangers_from; /* none before */
	struct budget_counts counts;
};

/* 100 us each: strangers may cost a twentieth of a core, and so may the others. */
const struct budget_rates budget_defaults = {
	.prefix = {.rate = 4,    .burst = 8  },
	.total = { .rate = 400, .burst = 400},
	.known = { .rate = 8,   .burst = 16 },
	.reserve = { .rate = 200, .burst = 200},
};

net_addr budget_prefix(net_addr a)
{
	return net_is_v4(a) ? a & ~(net_addr)0xff : a & ~(net_addr)UINT64_MAX;
}

static bool rate_is_good(struct budget_rate r)
{
	return r.rate && r.burst && r.rate <= BUDGET_RATE_MAX && r.burst <= BUDGET_RATE_MAX;
}

static struct bucket full(net_addr prefix, struct budget_rate r, int64_t now)
{
	return (struct bucket){ prefix, now, (uint64_t)r.burst * TOKEN, true };
}

int budget_new(const struct budget_rates *rates, const uint64_t seed[static 2], struct budget **ret)
{
	struct budget *b;

	if (!rate_is_good(rates->prefix) || !rate_is_good(rates->total) ||
	    !rate_is_good(rates->known) || !rate_is_good(rates->reserve))
		return -EINVAL;
	b = calloc(1, sizeof *b);
	if (!b)
		return -ENOMEM;
	b->rates = *rates;
	memcpy(b->seed, seed, sizeof b->seed);
	b->total = full(0, rates->total, INT64_MIN);
	b->reserve = full(0, rates->reserve, INT64_MIN);
	b->strangers_from = INT64_MIN;
	*ret = b;
	return 0;
}

void budget_free(struct budget **b)
{
	free(*b);
	*b = NULL;
}

static uint64_t tokens_at(const struct bucket *k, struct budget_rate r, int64_t now)
{
	uint64_t passed = now > k->at ? (uint64_t)now - (uint64_t)k->at : 0;
	uint64_t most = (uint64_t)r.burst * TOKEN, missing = most - k->tokens;

	return passed >= missing / r.rate + 1 ? most : MIN(most, k->tokens + passed * r.rate);
}

static void refill(struct bucket *k, struct budget_rate r, int64_t now)
{
	k->tokens = tokens_at(k, r, now);
	k->at = MAX(k->at, now);
}

static struct bucket *set_of(const struct budget *b, net_addr prefix, bool known)
{
	uint64_t h = siphash13(b->seed, &prefix, sizeof prefix);
	struct budget *w = (struct budget *)b;

	return known ? w->known[h % KNOWN_SETS] : w->strangers[h % SETS];
}

static struct bucket *find(struct bucket *set, net_addr prefix)
{
	for (unsigned i = 0; i < WAYS; i++)
		if (set[i].used && set[i].prefix == prefix)
			return &set[i];
	return NULL;
}

/* A prefix's bucket, for which the fullest of its set makes room. */
static struct bucket *stranger(struct budget *b, net_addr prefix, int64_t now)
{
	struct bucket *set = set_of(b, prefix, false), *found = find(set, prefix);
	uint64_t best = 0;

	for (unsigned i = 0; i < WAYS && !found; i++)
		if (!set[i].used)
			found = &set[i];
	if (found && found->used)
		return found;
	for (unsigned i = 0; i < WAYS && (!found || found->used); i++) {
		uint64_t tokens = tokens_at(&set[i], b->rates.prefix, now) + 1;

		if (tokens > best) {
			best = tokens;
			found = &set[i];
		}
	}
	*found = full(prefix, b->rates.prefix, now);
	return found;
}

/* One of each, or of none. */
static enum budget_verdict take_both(struct bucket *mine, struct budget_rate mine_rate,
				     struct bucket *all, struct budget_rate all_rate, int64_t now)
{
	refill(mine, mine_rate, now);
	refill(all, all_rate, now);
	if (mine->tokens < TOKEN)
		return BUDGET_PREFIX;
	if (all->tokens < TOKEN)
		return BUDGET_TOTAL;
	mine->tokens -= TOKEN;
	all->tokens -= TOKEN;
	return BUDGET_TAKEN;
}

enum budget_verdict budget_take(struct budget *b, net_addr from, int64_t now)
{
	net_addr prefix = budget_prefix(from);
	struct bucket *known = find(set_of(b, prefix, true), prefix);
	const struct budget_rates *r = &b->rates;
	enum budget_verdict v;

	if (known) {
		v = take_both(known, r->known, &b->reserve, r->reserve, now);
		if (v == BUDGET_TOTAL)
			v = take_both(known, r->known, &b->total, r->total, now);
	} else if (now < b->strangers_from &&
		   (uint64_t)b->strangers_from - (uint64_t)now <= BUDGET_PAUSE_MS) {
		v = BUDGET_TOTAL; /* a clock that jumped back shuts nobody out */
	} else {
		v = take_both(stranger(b, prefix, now), r->prefix, &b->total, r->total, now);
	}
	b->counts.taken += v == BUDGET_TAKEN;
	b->counts.taken_known += v == BUDGET_TAKEN && known;
	b->counts.prefix += v == BUDGET_PREFIX;
	b->counts.total += v == BUDGET_TOTAL;
	return v;
}

void budget_good(struct budget *b, net_addr from, int64_t now)
{
	net_addr prefix = budget_prefix(from);
	struct bucket *set = set_of(b, prefix, true), *found = find(set, prefix), *first;

	if (found)
		return;
	/* The one that was used least lately makes room. */
	first = set;
	for (unsigned i = 1; i < WAYS; i++)
		if (first->used && (!set[i].used || set[i].at < first->at))
			first = &set[i];
	*first = full(prefix, b->rates.known, now);
}

void budget_charge(struct budget *b, net_addr from, int64_t begun, int64_t ended)
{
	int64_t pause;

	if (ended <= begun || budget_is_known(b, from))
		return;
	pause = ended - begun > BUDGET_PAUSE_MS / BUDGET_PAUSE ? BUDGET_PAUSE_MS
							       : (ended - begun) * BUDGET_PAUSE;
	b->strangers_from = ended + pause;
}

bool budget_is_known(const struct budget *b, net_addr from)
{
	net_addr prefix = budget_prefix(from);

	return find(set_of(b, prefix, true), prefix) != NULL;
}

struct budget_counts budget_counts(const struct budget *b) { return b->counts; }
