/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>

#include "facts/linux/walk_queue.h"

#define MALLOC_OVERHEAD 16

static size_t cost(size_t name_len) { return sizeof(struct walk_dir) + name_len + MALLOC_OVERHEAD; }

int walk_queue_init(struct walk_queue *q)
{
	int r;

	*q = (struct walk_queue){};
	r = pthread_mutex_init(&q->lock, NULL);
	if (r)
		return -r;
	r = pthread_cond_init(&q->wake, NULL);
	if (r)
		pthread_mutex_destroy(&q->lock);
	return -r;
}

uint64_t walk_queue_release(struct walk_queue *q)
{
	uint64_t left = 0;

	while (q->top) {
		struct walk_dir *d = q->top;

		q->top = d->next;
		walk_dir_put(q, d);
		left++;
	}
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
	return left;
}

struct walk_dir *walk_dir_new(struct walk_queue *q, struct walk_dir *parent, struct str name)
{
	struct walk_dir *d = malloc(sizeof *d + name.len);

	if (!d)
		return NULL;
	*d = (struct walk_dir){
		.parent = parent,
		.refs = 1,
		.name_len = (uint16_t)name.len,
		.path_len = (uint32_t)name.len,
	};
	if (name.len)
		memcpy(d->name, name.ptr, name.len);
	if (parent) {
		atomic_fetch_add_explicit(&parent->refs, 1, memory_order_relaxed);
		d->zone = parent->zone;
		/* The root itself has no name. */
		d->path_len += parent->parent ? parent->path_len + 1 : 0;
	}
	atomic_fetch_add_explicit(&q->bytes, cost(name.len), memory_order_relaxed);
	return d;
}

void walk_dir_put(struct walk_queue *q, struct walk_dir *d)
{
	while (d && atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) == 1) {
		struct walk_dir *parent = d->parent;

		atomic_fetch_sub_explicit(&q->bytes, cost(d->name_len), memory_order_relaxed);
		free(d);
		d = parent;
	}
}

void walk_dir_path(const struct walk_dir *d, char *p)
{
	size_t at = d->path_len;

	p[at] = '\0';
	if (!at)
		memcpy(p, ".", 2);
	for (; d->parent; d = d->parent) {
		at -= d->name_len;
		memcpy(p + at, d->name, d->name_len);
		if (at)
			p[--at] = '/';
	}
}

void walk_queue_push(struct walk_queue *q, struct walk_dir *list, struct walk_dir *last, unsigned n)
{
	pthread_mutex_lock(&q->lock);
	last->next = q->top;
	q->top = list;
	for (n = MIN(n, q->waiting); n; n--)
		pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
}

struct walk_dir *walk_queue_take(struct walk_queue *q)
{
	struct walk_dir *d = NULL;

	pthread_mutex_lock(&q->lock);
	while (!q->top && q->active && !q->stop) {
		q->waiting++;
		pthread_cond_wait(&q->wake, &q->lock);
		q->waiting--;
	}
	if (q->top && !q->stop) {
		d = q->top;
		q->top = d->next;
		q->active++;
	} else {
		pthread_cond_broadcast(&q->wake);
	}
	pthread_mutex_unlock(&q->lock);
	return d;
}

void walk_queue_done(struct walk_queue *q, struct walk_dir *d)
{
	walk_dir_put(q, d);
	pthread_mutex_lock(&q->lock);
	q->active--;
	if (!q->active && !q->top)
		pthread_cond_broadcast(&q->wake);
	pthread_mutex_unlock(&q->lock);
}

void walk_queue_stop(struct walk_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->stop = true;
	pthread_cond_broadcast(&q->wake);
	pthread_mutex_unlock(&q->lock);
}
