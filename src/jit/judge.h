/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge: from a datagram and the address it came from to a decision, in the order of docs/knock.md:
 * mark, budget, box and form, clock and id, signatures, whether the keys may speak for the account,
 * policy. From the box on each datagram writes one line to the audit log; what cannot be written is
 * not granted. Only refusals of those who have not shown that they may log in are written at most
 * JUDGE_LINES_RATE a second (after JUDGE_LINES_BURST); the next line says how many were left out.
 * What ends before the box has a line each, JUDGE_DROPS_RATE a second after JUDGE_DROPS_BURST, and from
 * then on one for each of JUDGE_DROPS networks (and one for all others) every JUDGE_DROPS_MS, with a count.
 */
#ifndef HF_JIT_JUDGE_H
#define HF_JIT_JUDGE_H

#include "jit/budget.h"
#include "jit/chain.h"
#include "jit/policy.h"
#include "jit/replay.h"
#include "ssh/authorized.h"

#define JUDGE_LINES_RATE 2U
#define JUDGE_LINES_BURST 1'000U
#define JUDGE_DROPS 32U
#define JUDGE_DROPS_RATE 1U
#define JUDGE_DROPS_BURST 200U
#define JUDGE_DROPS_MS 60'000
#define JUDGE_WAITING_MAX 32U
#define JUDGE_WAITING_EACH 4U    /* of one key */
#define JUDGE_WAITING_MS 600'000 /* for a second person */
#define JUDGE_FILES_MAX 8U

/* What sshd knows of an account; texts live in the arena that the callback got. */
struct judge_account {
	bool may_log_in;                  /* sshd would let it in with some key */
	struct str keys[JUDGE_FILES_MAX]; /* authorized_keys */
	size_t n_keys;
	struct str authorities; /* TrustedUserCAKeys */
	struct str principals;  /* AuthorizedPrincipalsFile; ptr NULL: the account's name */
	struct str revoked;     /* RevokedKeys */
	bool command;           /* AuthorizedKeysCommand has a say beside these files */
	bool names_command;     /* so has AuthorizedPrincipalsCommand, of principals */
};
/* -errno: it cannot be told, and the request is refused. An account that is not there may not log in. */
typedef int judge_lookup(void *user, struct str account, struct arena *a,
			 struct judge_account *ret);

enum judge_program {
	JUDGE_KEYS = 1, /* AuthorizedKeysCommand: `keys` */
	JUDGE_PRINCIPALS, /* AuthorizedPrincipalsCommand, of a certificate that is good: `principals` */
};
/*
 * What a program says of a key that no file names, whose signature holds. As judge_lookup; -EINPROGRESS:
 * it has to be asked first (JUDGE_ASKS); -EALREADY: for this very request it is being asked; -EBUSY: too
 * many wait for that.
 */
typedef int judge_ask(void *user, enum judge_program program, struct str account, struct str key,
		      struct arena *a, struct judge_account *ret);

enum judge_outcome {
	JUDGE_DROPPED, /* no mark, or over budget */
	JUDGE_REFUSED,
	JUDGE_WAITS, /* for a second person */
	JUDGE_OPEN,  /* KNOCK_OPEN, KNOCK_EXTEND, or a request that waited and was approved */
	JUDGE_CLOSE,
	JUDGE_ASKS, /* nothing yet, and no line: judge_handed() once the program has said */
};

/* Holds slices of itself: not to be copied. Valid until the judge hears the next datagram. */
struct judgement {
	enum judge_outcome outcome;
	const char *why; /* of a refusal; static */
	struct knock_opened opened;
	const struct knock *knock;    /* what is to be done: in `opened`, or the one that waited */
	struct jit_decision decision; /* of JUDGE_OPEN, JUDGE_WAITS */
	char keys[KNOCK_SIGNATURES_MAX][SSH_FINGERPRINT_LEN];
	unsigned flags; /* SIGNED_* of the first */
	bool told;      /* its line is in the log */
};

/* Writes one line elsewhere than in a chain of this process; as chain_add(). */
typedef int judge_record(void *user, int64_t now, const struct chain_field *fields, size_t n);

struct judge_setup {
	const struct knock_host *host;
	const struct jit_policy *policy;
	struct budget *budget;
	struct replay *replay;
	struct chain *chain;  /* NULL where `record` is there */
	judge_record *record; /* or NULL */
	judge_lookup *lookup;
	judge_ask *ask; /* NULL: that is left out */
	void *user;
};

struct judge_counts {
	uint64_t unmarked, over_budget, refused, waits, opened, closed, left_out;
};

struct judge;
/* Borrows everything. -ENOMEM. */
[[nodiscard]] int judge_new(const struct judge_setup *setup, struct judge **ret);
void judge_free(struct judge **j);

/* now: milliseconds since 1970; monotonic: milliseconds of a clock that is never set. */
void judge_datagram(struct judge *j, struct str datagram, net_addr from, int64_t now,
		    int64_t monotonic, struct judgement *ret);
/*
 * The same without budget, for a request that somebody on the machine brought, or one that was JUDGE_ASKS
 * (now: as then).
 */
void judge_handed(struct judge *j, struct str datagram, net_addr from, int64_t now,
		  int64_t monotonic, struct judgement *ret);

/* A packet that is cut off because no request has its size or version. */
void judge_junk(struct judge *j, bool size, net_addr from, int64_t now, int64_t monotonic,
		struct judgement *ret);
/* From time to time: lines for what was only counted. */
void judge_tick(struct judge *j, int64_t now, int64_t monotonic);

struct judge_counts judge_counts(const struct judge *j);

#endif
