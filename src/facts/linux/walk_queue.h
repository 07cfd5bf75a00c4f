/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk_queue: the directories that a walk has still to read, shared by its threads. */
#ifndef HF_FACTS_LINUX_WALK_QUEUE_H
#define HF_FACTS_LINUX_WALK_QUEUE_H

#include <pthread.h>

#include "base/str.h"

/* A directory: its name and its parent; kept while it waits, is read or has children. */
struct walk_dir {
	struct walk_dir *parent, *next; /* next: below on the stack */
	int64_t offset;                 /* where to go on reading; 0: at the start */
	_Atomic uint32_t refs;
	uint32_t path_len; /* of the whole path */
	uint32_t id, old;  /* of the inventory: its number, and the one in the cache */
	uint16_t name_len;
	uint8_t zone;
	bool mount; /* another file system than its parent's begins here */
	char name[];
};

struct walk_queue {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct walk_dir *top;
	unsigned active; /* threads that read and may add more */
	unsigned waiting;
	_Atomic size_t bytes; /* of all directories that are kept */
	_Atomic bool stop;
};

[[nodiscard]] int walk_queue_init(struct walk_queue *q);
/* Frees what is left and returns how many directories that were. */
uint64_t walk_queue_release(struct walk_queue *q);

/* A directory to put on the stack, with one reference; NULL without memory. */
struct walk_dir *walk_dir_new(struct walk_queue *q, struct walk_dir *parent, struct str name);
void walk_dir_put(struct walk_queue *q, struct walk_dir *d);
/* Writes the path into p[d->path_len + 1]; "." for the root. */
void walk_dir_path(const struct walk_dir *d, char *p);

/* Puts a list of n directories (linked by next, last is its end) on the stack. */
void walk_queue_push(struct walk_queue *q, struct walk_dir *list, struct walk_dir *last,
		     unsigned n);
/*
 * The next directory, of which the caller then has a reference; waits while others may add some.
 * NULL: all is done, or stopped. walk_queue_done() after each one.
 */
struct walk_dir *walk_queue_take(struct walk_queue *q);
void walk_queue_done(struct walk_queue *q, struct walk_dir *d);
void walk_queue_stop(struct walk_queue *q);

#endif
