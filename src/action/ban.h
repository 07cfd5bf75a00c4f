/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ban: keeps addresses out, by one of several back ends.
 *
 *   nft      table `inet holdfast`, by netlink; the kernel ends bans by itself
 *   ipset    sets and a chain of iptables, by the programs ipset and iptables-restore
 *   azure    one deny rule a family in a network security group, by Azure's REST API
 *   command  a program of the user's own, without a shell
 *
 * None of them may be used by two threads at once. Closing one takes nothing back: bans stay until
 * their time is over (nft, ipset) or until somebody removes them (azure, command).
 */
#ifndef HF_ACTION_BAN_H
#define HF_ACTION_BAN_H

#include "action/prefix.h"
#include "base/diag.h"

#define BAN_MAX ((size_t)1 << 20)       /* elements of one set */
#define BAN_SECONDS_MAX (366u * 86'400) /* of one ban */
#define BAN_ALLOW_MAX ((size_t)4'096)   /* prefixes that are never banned */
/*
 * Networks that are none of the lengths that have a set of their own (IPv4 /32 and /24; IPv6 /128,
 * /64 and /48) are banned as several of the next ones, at most so many: IPv4 from /16 on, IPv6 from
 * /40 to /48, /56 to /64 and from /120 on. Wider ones are for a firewall.
 */
#define BAN_PARTS_MAX 256u

struct ban_item {
	struct prefix prefix;
	uint32_t seconds; /* from now on, 1 to BAN_SECONDS_MAX; in lists what is left, rounded up */
	/*
	 * 0 or -errno of this item alone. -EINVAL: seconds; -E2BIG: would be more than
	 * BAN_PARTS_MAX parts; -ENOSPC: the set is full; -ENOENT: was not banned (remove).
	 */
	int error;
};

/* What ban_ensure() found; bits. */
enum ban_found {
	BAN_CREATED = 1 << 0,  /* nothing was there: the caller adds all bans (and allows) again */
	BAN_REPAIRED = 1 << 1, /* rules or chains were not as made, and are again */
	/*
	 * A set had to be made anew, or bans that were added by this process are missing though
	 * nobody removed them here (a sample of the latest ones is looked for): as BAN_CREATED.
	 */
	BAN_EMPTIED = 1 << 2,
	/*
	 * Somebody changed firewall rules since the last call, maybe single elements of our sets:
	 * without one of the others there is nothing that must be done.
	 */
	BAN_TOUCHED = 1 << 3,
};

struct ban;

enum ban_kind { BAN_NFT, BAN_IPSET, BAN_AZURE, BAN_COMMAND };

struct ban_config {
	enum ban_kind kind;
	const struct ban_azure_config *azure;     /* BAN_AZURE */
	const struct ban_command_config *command; /* BAN_COMMAND */
};

/*
 * Opens the back end and says in *d why it cannot be used here: -EPERM (no CAP_NET_ADMIN),
 * -EPROTONOSUPPORT (the kernel has no nftables), -ENOENT (no such program). Changes nothing yet.
 */
[[nodiscard]] int ban_open(const struct ban_config *c, struct ban **ret, struct diag *d);
/* Accepts NULL inside. Bans stay. */
void ban_close(struct ban **b);

/*
 * Makes table, chains, rules and sets, or finds them as they must be, or repairs them without a
 * moment in which the bans do not hold. Where nothing changed since the last call this is one
 * question to the kernel. *ret: ban_found bits.
 */
[[nodiscard]] int ban_ensure(struct ban *b, unsigned *ret, struct diag *d);

/*
 * Adds n bans, or sets the time of those that are there already, in several transactions of bounded
 * size; clears host bits of the items' prefixes. 0: all items were dealt with, each has its own
 * error, *ret_failed (may be NULL) counts those that have one. Otherwise nothing is known of the
 * items whose error is -EINPROGRESS: -ENOENT: the table is gone (ban_ensure(), then again).
 */
[[nodiscard]] int ban_add(struct ban *b, struct ban_item *items, size_t n, size_t *ret_failed,
			  struct diag *d);
/* The same for taking back; seconds are not read. */
[[nodiscard]] int ban_remove(struct ban *b, struct ban_item *items, size_t n, size_t *ret_failed,
			     struct diag *d);
/* Exactly these are never banned from now on, in one transaction; -E2BIG over BAN_ALLOW_MAX. */
[[nodiscard]] int ban_allow(struct ban *b, const struct prefix *list, size_t n, struct diag *d);

/*
 * Calls fn for each ban in no order; a negative result of it ends the list and is returned.
 * -EAGAIN: somebody changed the rules meanwhile, some bans may be missing or twice. Takes 64 KiB
 * however many there are, but the kernel begins its walk anew for each 32 KiB of answer: 100,000
 * bans take 0.2 s, a million half a minute of CPU time. To bring the kernel back in line, adding
 * all bans again is cheaper (2 us each).
 */
typedef int ban_fn(void *user, const struct ban_item *item);
[[nodiscard]] int ban_list(struct ban *b, ban_fn *fn, void *user, struct diag *d);

/*
 * Work that a back end puts off (azure: changes are sent together and not too often; command:
 * nothing). *ret_ms: when to call again at the latest, -1: no need.
 */
[[nodiscard]] int ban_tick(struct ban *b, int *ret_ms, struct diag *d);

/* Packets and bytes that were dropped so far, since the rules were made (nft; else -EOPNOTSUPP). */
struct ban_counters {
	uint64_t packets, bytes;
};
[[nodiscard]] int ban_dropped(struct ban *b, struct ban_counters *ret, struct diag *d);

const char *ban_kind_name(enum ban_kind kind);

#endif
