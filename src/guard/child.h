/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child: processes of the daemon as the parent sees them: started, heard, ended, started again. */
#ifndef HF_GUARD_CHILD_H
#define HF_GUARD_CHILD_H

#include <sys/types.h>

#include "base/diag.h"
#include "base/sandbox.h"
#include "guard/message.h"

#define CHILD_SILENT_MS 30'000        /* without an answer a child is taken for hung */
#define CHILD_CLOUD_SILENT_MS 180'000 /* it may wait for the network */
#define CHILD_QUEUE_MAX ((size_t)8 << 20)

struct child_user {
	uid_t uid;
	gid_t gid;
	bool root; /* whether the parent may change to it */
};

/* A message that waits until the child takes it. */
struct child_note {
	struct child_note *next;
	size_t n;
	char bytes[];
};

struct child {
	enum message_role role;
	pid_t pid; /* 0: does not run */
	int fd;
	enum message_phase phase;
	unsigned crashes; /* since the daemon began */
	unsigned in_a_row;
	int64_t started, heard; /* monotonic ms */
	int64_t retry_at;       /* when to start again; 0: it runs or must not */
	bool renew;             /* it ends in order to be started again */
	char last_end[96];      /* why the last one ended; "" */
	bool last_end_fresh;    /* of the one that runs: the parent ends it */
	/* notes that did not fit into the socket */
	struct child_note *first, **last;
	size_t queued;
	uint64_t lost; /* notes that did not even fit here */
};

int64_t monotonic_now_ms(void);

/* What the child does; its result is the exit status. fd blocks. */
typedef int child_main(void *user, int fd);

/*
 * Forks. In the child: only the listed descriptors, standard ones and fd stay open; it becomes
 * `user` where possible, ends with the parent, and runs main.
 */
[[nodiscard]] int child_start(struct child *c, const struct child_user *user, const int *keep,
			      size_t n_keep, child_main *main, void *data);
/* Note that it has ended: counts, back-off. Returns whether that was unexpected. */
bool child_ended(struct child *c, int status);
/* Kills it; child_ended() follows when it is reaped. */
void child_kill(struct child *c, const char *why);
/* Sends, or keeps until there is room; what does not fit is counted as lost. */
void child_tell(struct child *c, const struct message_out *o);
/* There is room again. */
void child_flush(struct child *c);
void child_release(struct child *c);

/* A child's end of the line to its parent. */
struct child_link {
	int fd;
	bool stop; /* the parent wants it to end */
	struct message_out out;
	char in[MESSAGE_MAX];
};
/* What is for this child alone; -EBADMSG: there is no such message. NULL: nothing is. */
typedef int child_take_fn(void *user, struct message *m);
/* Waits for one message: a ping is answered, a stop is kept. -EPIPE: the parent is gone. */
[[nodiscard]] int child_hear(struct child_link *l, child_take_fn *fn, void *user);

/* In a child, after everything is set up: no way back. */
[[nodiscard]] int child_confine(enum sandbox_role role);
/* For one that connects to others: names and certificates; folder (may be -1) to write in, too. */
[[nodiscard]] int child_confine_net(int folder);

#endif
