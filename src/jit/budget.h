/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * budget: how many packets that bear the mark are opened, which costs 100 times what the mark does.
 *
 * A bucket of tokens for each source prefix (/24 of IPv4, /64 of IPv6), one for all strangers
 * together, and one for the prefixes from which somebody has knocked well before: strangers never
 * take from that one. Memory is fixed: of more prefixes than fit, the one that has used the least of
 * its bucket is forgotten. Clocks are arguments, milliseconds that should not go back; where they do,
 * no time has passed.
 */
#ifndef HF_JIT_BUDGET_H
#define HF_JIT_BUDGET_H

#include "net/addr.h"

#define BUDGET_PREFIXES 16'384U /* remembered at most */
#define BUDGET_KNOWN 1'024U     /* prefixes that knocked well, the latest of them */
#define BUDGET_RATE_MAX 1'000'000U
#define BUDGET_PAUSE 3U        /* times as long as a stranger's packet took */
#define BUDGET_PAUSE_MS 10'000 /* at most */

/* Tokens a second, and how many may be saved up. */
struct budget_rate {
	uint32_t rate, burst;
};

struct budget_rates {
	struct budget_rate prefix;  /* each stranger's */
	struct budget_rate total;   /* all strangers' */
	struct budget_rate known;   /* each prefix that knocked well */
	struct budget_rate reserve; /* all of those together; then they take from total */
};
extern const struct budget_rates budget_defaults;

enum budget_verdict {
	BUDGET_TAKEN,  /* open it */
	BUDGET_PREFIX, /* this prefix has had its share */
	BUDGET_TOTAL,  /* all have */
};

struct budget;
/* seed: random, so that nobody can choose prefixes that push out each other's. -EINVAL, -ENOMEM. */
[[nodiscard]] int budget_new(const struct budget_rates *rates, const uint64_t seed[static 2],
			     struct budget **ret);
void budget_free(struct budget **b);

[[nodiscard]] enum budget_verdict budget_take(struct budget *b, net_addr from, int64_t now);
/* A request from there was signed by somebody who may. */
void budget_good(struct budget *b, net_addr from, int64_t now);
/*
 * A packet that was taken kept its caller busy from begun to ended: where that takes long (whoever looks
 * accounts up is slow, the machine is busy), strangers wait three times as long, so that they have a
 * quarter of the time at most, and who knocked well before is served.
 */
void budget_charge(struct budget *b, net_addr from, int64_t begun, int64_t ended);
bool budget_is_known(const struct budget *b, net_addr from);

/* Since the start. */
struct budget_counts {
	uint64_t taken, taken_known, prefix, total;
};
struct budget_counts budget_counts(const struct budget *b);

/* The first address of the prefix that an address counts for. */
net_addr budget_prefix(net_addr a);

#endif
