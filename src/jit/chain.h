/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain: an audit log in which nothing can be altered, removed or added unnoticed without its key.
 *
 * A record is a line of JSON: "seq" (from 1), "time" (UTC), "prev" (the hash of the record before,
 * zeros for the first), what is told, "hash". That is BLAKE2b-256, keyed with 32 random bytes (its
 * file is mode 0600), over the line up to `,"hash":`, with the 32 bytes of "prev" before it. The head
 * has number and hash of the last record, so that an end that was cut off is missed. Who is root can
 * read the key: against that, keep copies of the head elsewhere.
 */
#ifndef HF_JIT_CHAIN_H
#define HF_JIT_CHAIN_H

#include "base/buf.h"

#define CHAIN_LOG "jit-audit.jsonl"
#define CHAIN_KEY "jit-audit.key"
#define CHAIN_HEAD "jit-audit.head"
#define CHAIN_LINE_MAX 16'384U
#define CHAIN_HASH 32U

enum chain_fault {
	CHAIN_GOOD,
	CHAIN_ALTERED,  /* a record of ours that was changed */
	CHAIN_REMOVED,  /* records before this one are missing */
	CHAIN_MOVED,    /* a record of ours stands where it does not belong */
	CHAIN_FOREIGN,  /* behind the last that was written: somebody else's */
	CHAIN_CUT,      /* the last records are missing */
	CHAIN_HEADLESS, /* the head is missing or was changed */
	CHAIN_FAULTS
};
const char *chain_fault_text(enum chain_fault f);

struct chain_state {
	enum chain_fault fault;
	uint64_t line;    /* of the first that is bad, from 1; behind the end for CHAIN_CUT */
	uint64_t seq;     /* that was expected there */
	uint64_t records; /* good ones before it */
	uint64_t last;    /* number and hash of the last genuine record */
	unsigned char hash[CHAIN_HASH];
};

/* folder: a descriptor. -ENOENT: no log or no key; -EACCES: others may read the key. */
[[nodiscard]] int chain_verify(int folder, struct chain_state *ret);

struct chain;
/*
 * Makes what is missing; verifies what is there. A damaged chain goes on behind a record
 * "chain-broken", and *ret_state (may be NULL) tells. A line that a crash cut short is taken
 * away. -EWOULDBLOCK: another process writes it.
 */
[[nodiscard]] int chain_open(int folder, int64_t now, struct chain **ret,
			     struct chain_state *ret_state);
void chain_close(struct chain **c);

struct chain_field {
	const char *name;
	struct str text;
	bool plain; /* a number, true, false: not quoted */
};
/* now: milliseconds since 1970. In the system's hands when it returns 0. -EMSGSIZE, -EIO … */
[[nodiscard]] int chain_add(struct chain *c, int64_t now, const struct chain_field *fields,
			    size_t n);
/* Waits for the disk. */
[[nodiscard]] int chain_sync(struct chain *c);

#endif
