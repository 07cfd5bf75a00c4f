/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit: tries the passwords of password/candidates.h against hashes, on all processors.
 *
 * Hashes are grouped by method, cost and salt: what is hashed once is compared with all of them.
 * The work goes in rounds, so that every account has had its likeliest passwords when the time is
 * over. No password and no hash leaves this file: a result is a number and a kind.
 */
#ifndef HF_PASSWORD_AUDIT_H
#define HF_PASSWORD_AUDIT_H

#include "password/breach.h"
#include "password/candidates.h"
#include "password/hash.h"

enum audit_state {
	AUDIT_STRONG,     /* the whole list was tried, or its end for this account */
	AUDIT_WEAK,       /* guessed, or in the list of leaked passwords */
	AUDIT_EMPTY,      /* no password is asked for */
	AUDIT_LOCKED,     /* a hash behind '!' or '*': not tried */
	AUDIT_UNSET,      /* no password fits */
	AUDIT_SKIPPED,    /* not tried, see why */
	AUDIT_UNFINISHED, /* the time was over before the end of the list */
};
/* "strong", "weak", "empty", "locked", "unset", "skipped", "unfinished" */
const char *audit_state_name(enum audit_state s);

struct audit_account {
	/* Given; borrowed. hash: without '!', "" with AUDIT_EMPTY, AUDIT_LOCKED or AUDIT_UNSET. */
	struct str name, gecos, hash;
	const char *store;      /* "shadow", "passwd", "smbpasswd", "tdbsam" */
	enum audit_state state; /* AUDIT_STRONG where it is to be tried */
	/* Found. */
	struct hash_info info;
	char why[96];             /* AUDIT_SKIPPED */
	enum candidate_kind kind; /* AUDIT_WEAK */
	size_t tries;             /* place in the list, from 1; what was tried where not weak */
	uint64_t leaked;          /* how often it is in the list of leaked passwords */
	size_t same_hash;         /* other accounts that have the very same hash */
	size_t same_password;     /* others whose guessed password is the same */
};

struct audit_rate { /* of one method */
	enum hash_type type;
	uint64_t work; /* at which it was measured */
	double us;     /* one try, all processors at work */
	double cpu_us; /* the same in processor time */
	size_t accounts, hashes;
	struct hash_info info;
};

struct audit_plan {
	double seconds;     /* at most, on all processors; the budget not counted */
	double cpu_seconds; /* processor time */
	size_t accounts;    /* that are tried */
	size_t targets;     /* hashes of a salt of their own */
	unsigned threads;
	struct audit_rate rates[HASH_TYPES];
	size_t n_rates;
};

struct audit_options {
	size_t tries;     /* passwords an account; 0: CANDIDATES_DEFAULT */
	double budget;    /* seconds; 0: no end */
	double slowest;   /* seconds of one try that are too many; 0: 1 */
	unsigned threads; /* 0: one a processor that may be used */
	struct candidate_host host;
	const struct breach *breaches; /* NULL: none */
	/* Every 0.1 s; shares of the work from 0 to 1. Not 0: end now. */
	int (*progress)(void *user, double share, double seconds_left, size_t weak);
	void *user;
};

/* Its memory: locked where the system allows it, wiped when it is released. */
struct audit;
struct audit_result {
	double seconds, cpu_seconds; /* what it took */
	uint64_t tries;              /* hashes computed */
	bool over;                   /* the budget ended it, or progress() did */
};

/*
 * Looks at the hashes and measures (up to half a second a method). Accounts stay where they
 * are; their states may change to AUDIT_SKIPPED. -ENOMEM, -EAGAIN (no thread).
 */
[[nodiscard]] int audit_prepare(const struct audit_options *o, struct audit_account *accounts,
				size_t n, struct audit **ret, struct audit_plan *ret_plan);
[[nodiscard]] int audit_run(struct audit *a, struct audit_result *ret);
void audit_release(struct audit **a);

#endif
