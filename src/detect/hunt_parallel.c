/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks are decoded and matched by several threads at a time; what was matched goes through the
 * correlations in the order of the blocks, so that every run says the same. Whoever decoded a block
 * takes it through when its turn comes, and the others decode the next ones meanwhile.
 */
#include <pthread.h>

#include "detect/hunt_work.h"
#include "detect/memo.h"

#define THREADS_MAX 64U

struct crew {
	struct hunt *hunt;
	struct reader *reader;
	pthread_mutex_t lock; /* of everything here, and the reader */
	pthread_cond_t turned;
	uint64_t asked, turn; /* numbers of blocks: the next one, the one to be taken through */
	bool ended;
	int result; /* first failure */
};

struct worker {
	struct crew *crew;
	pthread_t thread;
	struct matcher *matcher;
	struct memo *memo;
	struct batch batch;
	uint64_t events;
};

static int take_event(void *user, const struct event *e)
{
	struct worker *w = user;
	const struct rule *const *rules;
	size_t n;
	int r;

	if (!hunt_wants(w->crew->hunt, e))
		return 0;
	w->events += 1 + (uint64_t)e->more;
	if (e->idle)
		return 0;
	r = memo_match(w->memo, w->matcher, e, &rules, &n);
	return r < 0 || !n ? r : batch_add(&w->batch, w->crew->hunt->correlator, e, rules, n);
}

static int decode(struct worker *w, struct reader_block *b)
{
	/* The text of an ordered block is the reader's, who goes on with it. */
	batch_reset(&w->batch, b->ordered ? (struct str){} : b->text);
	return reader_decode(w->crew->reader, b, take_event, w);
}

/* Under the lock. 1: a block, whose turn is *ret_turn; 0: the end. */
static int next_block(struct worker *w, struct reader_block **ret, uint64_t *ret_turn)
{
	struct crew *c = w->crew;
	int r = c->ended || c->result < 0 ? 0 : reader_next(c->reader, ret);

	if (r <= 0) {
		c->ended = true;
		return r;
	}
	*ret_turn = c->asked++;
	/* The next one must not be asked for before. */
	r = (*ret)->ordered ? decode(w, *ret) : 0;
	return r < 0 ? r : 1;
}

/* The lock is held before and after. */
static int do_block(struct worker *w, struct reader_block *b, uint64_t turn)
{
	struct crew *c = w->crew;
	int r = 0;

	if (!b->ordered) {
		pthread_mutex_unlock(&c->lock);
		r = decode(w, b);
		pthread_mutex_lock(&c->lock);
	}
	while (c->turn != turn)
		pthread_cond_wait(&c->turned, &c->lock);
	if (r >= 0 && c->result >= 0) {
		pthread_mutex_unlock(&c->lock);
		/* Nobody else has this turn: what it does needs no lock. */
		r = hunt_batch(c->hunt, &w->batch);
		pthread_mutex_lock(&c->lock);
	}
	c->turn++;
	pthread_cond_broadcast(&c->turned);
	return r;
}

static void fail(struct crew *c, int r)
{
	if (r < 0 && c->result >= 0)
		c->result = r;
}

static void *work(void *user)
{
	struct worker *w = user;
	struct crew *c = w->crew;
	struct reader_block *b = NULL;
	uint64_t turn = 0;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		int r = next_block(w, &b, &turn);

		if (b) {
			fail(c, MIN(r, 0));
			fail(c, do_block(w, b, turn));
			reader_done(c->reader, &b);
			if (c->result >= 0)
				fail(c, reader_progress(c->reader));
		}
		fail(c, MIN(r, 0));
		if (r <= 0)
			break;
	}
	c->hunt->stats.events += w->events;
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void release(struct worker *workers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		memo_release(&workers[i].memo);
		matcher_release(&workers[i].matcher);
		batch_release(&workers[i].batch);
	}
	free(workers);
}

static int prepare(struct worker *workers, size_t n, struct crew *c)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		workers[i].crew = c;
		r = matcher_new(c->hunt->rules, &workers[i].matcher);
		if (r >= 0)
			r = memo_new(c->hunt->rules, &workers[i].memo);
	}
	return r;
}

int hunt_parallel(struct hunt *h, struct reader *reader)
{
	struct crew c = { .hunt = h, .reader = reader };
	size_t n = MIN(h->o.threads, THREADS_MAX), started = 1;
	struct worker *workers = calloc(n, sizeof *workers);
	int r = workers ? prepare(workers, n, &c) : -ENOMEM;

	if (r < 0) {
		if (workers)
			release(workers, n);
		return r;
	}
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.turned, NULL);
	/* Fewer threads are slower, and no failure. */
	while (started < n &&
	       !pthread_create(&workers[started].thread, NULL, work, &workers[started]))
		started++;
	work(&workers[0]);
	while (started > 1)
		pthread_join(workers[--started].thread, NULL);
	pthread_cond_destroy(&c.turned);
	pthread_mutex_destroy(&c.lock);
	release(workers, n);
	return c.result;
}
