/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * questions: requests of whose keys only a program can tell (AuthorizedKeysCommand,
 * AuthorizedPrincipalsCommand), which may take seconds. They wait here, and nobody waits for them: when
 * the answer is there, the request is judged anew with it. Who knocked well before is asked about
 * first, and places are kept for him. Clocks are monotonic milliseconds.
 */
#ifndef HF_GUARD_QUESTIONS_H
#define HF_GUARD_QUESTIONS_H

#include "jit/judge.h"

#define QUESTIONS_MAX 16u      /* requests that wait */
#define QUESTIONS_STRANGERS 8u /* of them, from where nobody knocked well */
#define QUESTIONS_AT_ONCE 4u   /* programs that run */
#define QUESTIONS_AT_ONCE_STRANGERS 2u
#define QUESTIONS_ANSWERS 4u               /* for one request: two keys, two programs */
#define QUESTIONS_BYTES ((size_t)16 << 20) /* of all answers together */
#define QUESTION_WAIT_MS 10'000            /* for its turn */
#define QUESTION_ANSWER_MS 3'000           /* KEYS_COMMAND_MS is less */

enum question_state {
	QUESTION_FREE,
	QUESTION_WAITS, /* to be sent */
	QUESTION_SENT,
	QUESTION_READY, /* to be judged anew */
};

struct question_answer {
	unsigned char what[32]; /* hash of program and key */
	int error;
	struct buf text; /* see knocks_read_account() */
};

/* A request, with what the judge needs to hear it again, and what is asked. */
struct question {
	enum question_state state;
	bool known; /* somebody knocked well from there */
	bool handed;
	uint32_t client; /* who handed it */
	net_addr from;
	int64_t now; /* when it came, ms since 1970 */
	int64_t since;
	uint64_t order;
	unsigned char id[KNOCK_ID];
	char datagram[KNOCK_MAX];
	size_t n;
	struct question_answer answers[QUESTIONS_ANSWERS]; /* the last one is being asked for */
	unsigned n_answers;
	enum judge_program program;
	struct str account, key; /* slices of what follows */
	char account_bytes[KNOCK_ACCOUNT_MAX], key_bytes[KNOCK_MAX];
	uint32_t number; /* of the look-up, and until when it is waited for */
	int64_t until;
};

struct questions {
	struct question list[QUESTIONS_MAX];
	uint64_t order;
	size_t bytes;
};

/*
 * A request that is judged for the first time and needs a program: a copy of what `c` has of its own.
 * -EBUSY: too many wait; -EALREADY: it waits already.
 */
[[nodiscard]] int questions_add(struct questions *q, const struct question *c, struct str datagram,
				struct question **ret);
/* -ENOENT: not asked yet; -errno: there is none; 0: the account, borrowed until the question ends. */
[[nodiscard]] int question_find(const struct question *q, enum judge_program program,
				struct str key, struct judge_account *ret);
/* Asks one thing more. -E2BIG: enough was asked. */
[[nodiscard]] int question_ask(struct question *q, enum judge_program program, struct str account,
			       struct str key, int64_t now);
void question_end(struct questions *q, struct question *x);

/* Who is to be asked about next; NULL: nobody, or enough programs run. */
struct question *questions_next(struct questions *q);
void question_sent(struct question *q, uint32_t number, int64_t now);
/* A part of an answer of `total` bytes. -EBADMSG: more than that. Of one that ended: nothing. */
[[nodiscard]] int questions_take(struct questions *q, uint32_t number, size_t total,
				 struct str part);
bool questions_wait(const struct questions *q);
/* One that is to be judged anew; those whose time is over have the answer -ETIME. NULL: none. */
struct question *questions_ready(struct questions *q, int64_t now);

#endif
