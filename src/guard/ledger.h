/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger: who struck how often, who is banned until when, and why. Pure state: no clock, no files,
 * no kernel; the caller carries out what it decides (action/ban.h).
 *
 * A host is an IPv4 address or an IPv6 /64. Weights of strikes add up over a sliding window; at the
 * threshold the host is banned. Each further ban of a host is longer; the growth is forgotten with
 * time. Where many hosts of one /24 (IPv6: /48) are banned at once, or all hosts of a /48 together
 * weigh as much, the network is banned, unless it is private or holds an allowed address. The allow
 * list and the addresses of current sessions always win.
 *
 * now: seconds since 1970 of a clock that the caller keeps from jumping (start time plus
 * CLOCK_BOOTTIME); one that goes back is taken to stand still.
 */
#ifndef HF_GUARD_LEDGER_H
#define HF_GUARD_LEDGER_H

#include "action/prefix.h"
#include "base/diag.h"

#define LEDGER_RULES_MAX 4'096u    /* different names of rules */
#define LEDGER_RULE_MAX 128u       /* bytes of a name */
#define LEDGER_ALLOW_MAX 4'096u    /* prefixes */
#define LEDGER_SESSIONS_MAX 1'024u /* addresses */
#define LEDGER_ENTRIES_MAX (4u << 20)
#define LEDGER_WEIGHT_MAX 255u

/* Zero means the default. */
struct ledger_config {
	unsigned threshold; /* 5; weight within the window that bans, 1-255 */
	unsigned window;    /* 600 s, 7 at least; strikes count so long, at most a seventh longer */
	unsigned ban_first; /* 600 s */
	unsigned ban_factor;  /* 4; the second ban is so much longer, and so on */
	unsigned ban_max;     /* 604,800 s */
	unsigned forget;      /* 86,400 s after a ban's end one step of the growth is forgotten */
	unsigned hosts_v4;    /* 16; banned hosts of a /24 at once that ban it; LEDGER_NEVER */
	unsigned hosts_v6;    /* 16; the same of /64s in a /48 */
	unsigned group_max;   /* 86,400 s; longest ban of a /24 or /48 */
	unsigned remember;    /* 2,592,000 s without a strike after which all is forgotten */
	unsigned max_tracked; /* 1,048,576 hosts and networks; the longest silent goes first */
	unsigned max_bans;    /* max_tracked, at most 1,048,576; the oldest goes first */
};
#define LEDGER_NEVER (~0u)

enum ledger_what {
	LEDGER_NOTHING,
	LEDGER_BAN,    /* prefix for `seconds` */
	LEDGER_UNBAN,  /* prefix: no longer (pushed out, allowed, unbanned by hand) */
	LEDGER_REFUSE, /* would be banned but for `reason`: to be reported */
};
enum ledger_reason {
	LEDGER_STRIKES, /* BAN: one host's strikes */
	LEDGER_MANY,    /* BAN: many hosts of the network */
	LEDGER_HAND,    /* BAN, UNBAN: somebody asked for it */
	LEDGER_ALLOWED, /* REFUSE, UNBAN: on the allow list */
	LEDGER_SESSION, /* REFUSE, UNBAN: somebody is logged in from there */
	LEDGER_LOCAL,   /* REFUSE: loopback, link-local, multicast, unspecified */
	LEDGER_FULL,    /* UNBAN: more than max_bans */
};
struct ledger_decision {
	enum ledger_what what;
	enum ledger_reason reason;
	struct prefix prefix;
	uint32_t seconds;
	unsigned times; /* BAN: the how manieth of this prefix, from 1 */
};
/* At most: ban of the host, ban of its network, and as many pushed out. */
#define LEDGER_DECISIONS 4
struct ledger_verdict {
	struct ledger_decision list[LEDGER_DECISIONS];
	unsigned n;
};

struct ledger;

/* -EINVAL with a reason: values out of range or that contradict each other. -ENOMEM. */
[[nodiscard]] int ledger_new(const struct ledger_config *c, struct ledger **ret, struct diag *d);
void ledger_free(struct ledger **l);

/*
 * Number of a rule's name, for strikes and `why`. -E2BIG: too many or too long a name; -EINVAL:
 * empty.
 */
[[nodiscard]] int ledger_rule(struct ledger *l, struct str name, uint16_t *ret);

/*
 * An address did what `rule` says. weight 1-255; at least the threshold bans at once. An address in
 * a ban that still runs is noted and decides nothing. -EINVAL: a number out of range, -ENOMEM.
 */
[[nodiscard]] int ledger_strike(struct ledger *l, const struct prefix *address, uint16_t rule,
				unsigned weight, int64_t now, struct ledger_verdict *ret);

/* One by one what is decided; a negative result ends the call and is returned. */
typedef int ledger_fn(void *user, const struct ledger_decision *d);
/*
 * The list, from now on (this machine's own addresses belong on it: others can make a log name
 * them); whoever is banned and on it is reported as LEDGER_UNBAN. Prefixes of any length; a network
 * that is banned and holds one is unbanned, too. -EINVAL: everybody (0.0.0.0/0), -E2BIG, -ENOMEM.
 */
[[nodiscard]] int ledger_allow(struct ledger *l, const struct prefix *list, size_t n, ledger_fn *fn,
			       void *user);
/* Addresses of current admin sessions, the same way; IPv6 ones stand for their /64. */
[[nodiscard]] int ledger_sessions(struct ledger *l, const struct prefix *list, size_t n,
				  ledger_fn *fn, void *user);

/*
 * By hand. IPv4 /32 and /24, IPv6 /48, /64 or an address (its /64); the allow list wins.
 * -EINVAL: another length or seconds 0.
 */
[[nodiscard]] int ledger_ban(struct ledger *l, const struct prefix *p, uint32_t seconds,
			     int64_t now, struct ledger_verdict *ret);
/* Every ban in p, and every one that holds p; its growth and strikes are forgotten. -ENOENT. */
[[nodiscard]] int ledger_unban(struct ledger *l, const struct prefix *p, ledger_fn *fn, void *user);

/* Ends bans whose time is over (the kernel did so by itself) and forgets; some thousand at most. */
void ledger_expire(struct ledger *l, int64_t now);

#define LEDGER_WHY_RULES 4
struct ledger_why {
	bool known;            /* anything at all about this host */
	bool allowed, session; /* never banned because of ... */
	uint64_t strikes;
	unsigned score, threshold; /* weight within the window, and what bans */
	int64_t first, last;       /* strikes; 0: none */
	/* Last rules, the latest first; "" behind the last one. Borrowed until ledger_free(). */
	struct str rules[LEDGER_WHY_RULES];
	unsigned times;     /* bans so far, as far as not forgotten */
	struct prefix host; /* what stands for the address: itself or its /64 */
	bool banned;
	struct prefix by;          /* the prefix that is banned */
	enum ledger_reason reason; /* LEDGER_STRIKES, _MANY, _HAND */
	int64_t since, until;
	struct prefix group;  /* its /24 or /48 */
	unsigned group_hosts; /* banned hosts in it now */
};
void ledger_why(const struct ledger *l, const struct prefix *address, int64_t now,
		struct ledger_why *ret);

/* Current bans, the oldest first. `seconds` is what is left at `now`. */
[[nodiscard]] int ledger_bans(const struct ledger *l, int64_t now, ledger_fn *fn, void *user);

struct ledger_counts {
	size_t tracked, bans, groups; /* groups: bans of /24s and /48s */
	uint64_t strikes, banned;     /* since ledger_new() or restored */
	uint64_t refused;             /* bans */
	uint64_t pushed_out;          /* bans that had to go (LEDGER_FULL) */
	uint64_t forgotten;           /* hosts that had to go because there were too many */
	size_t memory;                /* bytes */
};
void ledger_count(const struct ledger *l, struct ledger_counts *ret);

/*
 * The state as bytes, in pieces of at most 64 KiB; a negative result of fn is returned. The allow
 * list and the sessions are not part of it: they belong to the configuration.
 */
typedef int ledger_write_fn(void *user, struct str bytes);
[[nodiscard]] int ledger_save(const struct ledger *l, int64_t now, ledger_write_fn *fn, void *user);
/*
 * Into a new ledger in which nothing happened yet. -EBADMSG with a reason: damaged, cut off, made
 * by a later version or by no ledger; the ledger is then as it was. Bans that ended meanwhile are
 * left out, as is what is over the limits of the configuration.
 */
[[nodiscard]] int ledger_restore(struct ledger *l, struct str bytes, int64_t now, struct diag *d);

#endif
