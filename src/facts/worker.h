/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker: one sandboxed process that runs the collectors of a group and sends their rows. */
#ifndef HF_FACTS_WORKER_H
#define HF_FACTS_WORKER_H

#include <sys/types.h>

#include "base/sandbox.h"
#include "facts/snapshot.h"

struct azure_inputs;
struct index;

/* What all workers share; opened by the broker. */
struct worker_context {
	struct root root, proc,
		sys; /* root.fd -1: no machine; proc.fd, sys.fd -1: not a running one */
	const struct azure_inputs *azure;          /* NULL: none */
	const struct collect_inventory *inventory; /* NULL: none */
	const struct index *advisories;            /* mapped; NULL: none */
	int advisories_error;
	struct live live;
	pid_t broker;
	int64_t now;
	const bool *wanted;
	struct store *store;           /* what GROUP_DERIVED reads */
	_Atomic uint64_t *files;       /* shared memory: files that the walk has seen */
	struct sandbox_state *sandbox; /* shared memory: what was granted */
};

struct worker {
	enum collect_group group;
	pid_t pid; /* 0: none runs */
	int fd;
	struct buf in;
	unsigned next;       /* collector to go on with: index into collectors[] */
	unsigned done;       /* collectors that have ended */
	int current;         /* collector that runs, or -1 */
	int64_t deadline_ms; /* when it must have ended */
	/* what the current collector has sent */
	unsigned rows, problems;
	size_t bytes;
};

/* Next collector of the group at or after `from` that is wanted; n_collectors: none. */
unsigned worker_next(const struct worker_context *x, enum collect_group group, unsigned from);
/* Forks a process that runs the group from w->next on. */
[[nodiscard]] int worker_start(struct worker *w, const struct worker_context *x);
/*
 * Reads some of what is there and stores it. 1: more to come; 0: the process ended; -EBADMSG: it
 * said what no collector says; -E2BIG: it said more than a collector may.
 */
[[nodiscard]] int worker_read(struct worker *w, const struct worker_context *x,
			      struct store *store);
/*
 * After the end, or to end it (reason != NULL): reaps the process, marks the collector that was
 * running as failed, and moves w->next behind it. 1: collectors are left, start again; 0: done.
 */
[[nodiscard]] int worker_end(struct worker *w, const struct worker_context *x, struct store *store,
			     const char *reason);
void worker_release(struct worker *w);

int64_t monotonic_ms(void);

#endif
