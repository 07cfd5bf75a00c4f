/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_log.h"

#define FIRED_MAX 127

/* The set of values of the fired correlation number i. */
static uint32_t *fired_set(struct block *b, unsigned i)
{
	struct fired *f = block_fired(b);
	uint32_t *at = (uint32_t *)(f + b->n_fired);

	for (unsigned k = 0; k < i; k++)
		at += log_room(f[k].log_set);
	return at;
}

/* False: it was there. The set has a free place. */
static bool set_add(uint32_t *set, unsigned log, uint32_t tag)
{
	uint32_t mask = log_room(log) - 1, i = tag & mask;

	for (; set[i]; i = (i + 1) & mask)
		if (set[i] == tag)
			return false;
	set[i] = tag;
	return true;
}

/* What a block is to be made into. */
struct shape {
	unsigned log_events, log_values;
	const struct fired *add; /* NULL: none more */
	unsigned grow_set;       /* number of the fired correlation + 1 whose set doubles */
};

static void copy_fired(struct block *to, struct block *from, const struct shape *x)
{
	struct fired *f = block_fired(to);

	to->n_fired = from ? from->n_fired : 0;
	if (from && from->n_fired)
		memcpy(f, block_fired(from), from->n_fired * sizeof *f);
	if (x->add)
		f[to->n_fired++] = *x->add;
	if (x->grow_set)
		f[x->grow_set - 1].log_set =
			f[x->grow_set - 1].log_set ? f[x->grow_set - 1].log_set + 1 : 3;
	for (unsigned i = 0; from && i < from->n_fired; i++) {
		const uint32_t *old = fired_set(from, i);

		for (uint32_t k = 0; k < log_room(block_fired(from)[i].log_set); k++)
			if (old[k])
				set_add(fired_set(to, i), f[i].log_set, old[k]);
	}
}

static void copy_log(struct log *to, const struct log *from)
{
	if (!from->n)
		return;
	memcpy(to->times, from->times, from->n * sizeof *to->times);
	memcpy(to->tags, from->tags, from->n * sizeof *to->tags);
}

static size_t set_bytes(struct block *b, const struct shape *x)
{
	size_t n = 0;

	for (unsigned i = 0; b && i < b->n_fired; i++) {
		unsigned log = block_fired(b)[i].log_set;

		if (x->grow_set == i + 1)
			log = log ? log + 1 : 3;
		n += log_room(log);
	}
	return n * sizeof(uint32_t);
}

static int reshape(struct group_store *s, uint32_t g, const struct shape *x)
{
	struct block *old = group_block(s, g), *new;
	unsigned n_fired = (old ? old->n_fired : 0) + (x->add ? 1 : 0);
	size_t bytes =
		sizeof *new +
		2 * sizeof(uint32_t) * (log_room(x->log_events) + (size_t)log_room(x->log_values)) +
		n_fired * sizeof(struct fired) + set_bytes(old, x);
	int r;

	if (n_fired > FIRED_MAX)
		return -ENOSPC;
	r = block_new(s, g, bytes, &old, &new);
	if (r < 0)
		return r;
	new->log_events = x->log_events & 31;
	new->log_values = x->log_values & 15;
	if (old) {
		struct log from[] = { block_events(old), block_values(old) };
		struct log to[] = { block_events(new), block_values(new) };

		new->n_events = old->n_events;
		new->n_values = old->n_values;
		copy_log(&to[0], &from[0]);
		copy_log(&to[1], &from[1]);
	}
	copy_fired(new, old, x);
	if (old)
		block_free(s, old);
	return 0;
}

static struct shape shape_of(const struct block *b)
{
	return (struct shape){ .log_events = b->log_events, .log_values = b->log_values };
}

int block_first(struct group_store *s, uint32_t g) { return reshape(s, g, &(struct shape){}); }

int block_grow_events(struct group_store *s, uint32_t g, unsigned most)
{
	const struct block *b = group_block(s, g);
	struct shape x = shape_of(b);

	if (b->n_events < log_room(b->log_events))
		return 0;
	if (x.log_events++ >= most)
		return -ENOSPC;
	return reshape(s, g, &x);
}

int block_grow_values(struct group_store *s, uint32_t g, unsigned most)
{
	const struct block *b = group_block(s, g);
	struct shape x = shape_of(b);

	if (b->n_values < log_room(b->log_values))
		return 0;
	if (x.log_values++ >= most)
		return -ENOSPC;
	return reshape(s, g, &x);
}

int block_add_fired(struct group_store *s, uint32_t g, const struct fired *f)
{
	struct shape x = shape_of(group_block(s, g));

	x.add = f;
	return reshape(s, g, &x);
}

void block_remove_fired(struct block *b, struct fired *f)
{
	unsigned i = (unsigned)(f - block_fired(b));
	uint32_t *set, *next;
	size_t rest = 0;

	set = fired_set(b, i);
	next = set + log_room(f->log_set);
	for (unsigned k = i + 1; k < b->n_fired; k++)
		rest += log_room(block_fired(b)[k].log_set);
	memmove(set, next, rest * sizeof *set);
	next = fired_set(b, 0);
	rest += (size_t)(set - next);
	memmove(f, f + 1, (b->n_fired - i - 1) * sizeof *f);
	b->n_fired--;
	memmove(fired_set(b, 0), next, rest * sizeof *set);
}

void fired_count_value(struct group_store *s, uint32_t g, uint16_t node, uint32_t tag)
{
	struct block *b = group_block(s, g);
	struct fired *f = block_find_fired(b, node);
	unsigned i = (unsigned)(f - block_fired(b));

	if (f->n_set >= SET_MAX)
		return;
	if (f->n_set >= log_room(f->log_set) / 4 * 3) {
		struct shape x = shape_of(b);

		x.grow_set = i + 1;
		if (reshape(s, g, &x) < 0)
			return;
		b = group_block(s, g);
		f = &block_fired(b)[i];
	}
	if (set_add(fired_set(b, i), f->log_set, tag)) {
		f->n_set++;
		f->count++;
	}
}

void log_drop(struct log *l, uint32_t n)
{
	log_move(l, 0, n, l->n - n);
	l->n -= n;
}

uint32_t log_expired(const struct log *l, uint32_t newest, uint32_t window)
{
	uint32_t low = 0, high = l->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (newest - l->times[middle] >= window)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
