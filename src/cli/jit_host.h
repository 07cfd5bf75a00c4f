/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit_host: the parts of `holdfast jit` for the machine whose ports are shut. */
#ifndef HF_CLI_JIT_HOST_H
#define HF_CLI_JIT_HOST_H

#include "base/json.h"
#include "cli/jit.h"
#include "jit/policy.h"

/* ---- the daemon -------------------------------------------------------------------------------- */

/*
 * Sends one line and calls fn for each object of the answer. Exit code; prints what went wrong, which
 * may be the daemon's own words.
 */
typedef void jit_answer_fn(void *user, const struct jdoc *d, struct str line);
int jit_ask(const struct jit_host *h, const char *line, jit_answer_fn *fn, void *user);
/* A member as text for a terminal; "" where it is not there. */
const char *jit_text(const struct jdoc *d, uint32_t object, const char *name, char *ret,
		     size_t size);

/* ---- what is open ------------------------------------------------------------------------------ */

#define JIT_WAYS_MAX 64u

enum jit_way_kind {
	WAY_SHUT,  /* nobody but who was let in */
	WAY_OPEN,  /* others reach it, or may */
	WAY_OTHER, /* a port that is not asked for, by which the same program is reached */
};
struct jit_way {
	enum jit_way_kind kind;
	struct knock_port port;
	char process[64];
	char from[160]; /* who reaches it */
	char rule[320]; /* that decides */
};
struct jit_ways {
	struct jit_way list[JIT_WAYS_MAX];
	size_t n;
};
/*
 * Collects and evaluates the whole rule set in a process of its own. allowed: networks that were let
 * in, separated by blanks. Exit code; prints what went wrong.
 */
int jit_look(const struct jit_host *h, const struct knock_port *ports, size_t n,
	     const char *allowed, struct jit_ways *ret);

/* The same, and names each way that is left: EXIT_FINDINGS. */
int jit_check(const struct jit_host *h, const struct knock_port *list, size_t n);

/* ---- the words of the verb --------------------------------------------------------------------- */

int jit_enable(const struct jit_host *h, int n, char **words);
int jit_confirm(const struct jit_host *h);
int jit_disable(const struct jit_host *h, int n, char **words);
int jit_list(const struct jit_host *h);
int jit_status(const struct jit_host *h);
int jit_close(const struct jit_host *h, const char *which);
int jit_extend(const struct jit_host *h, const char *which);
int jit_approve(const struct jit_host *h, const char *request);

#endif
