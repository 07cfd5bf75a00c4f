/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of the reader become events. */
#include <stdatomic.h>

#include "events/reader_work.h"

/* Counts on the way to whoever asked. */
struct counter {
	struct reader_block *b;
	struct copies *copies; /* NULL: no line is there twice */
	event_fn *emit;
	void *user;
};

static int count_event(void *user, const struct event *e)
{
	struct counter *c = user;

	if (c->copies && copies_know(c->copies, e)) {
		c->b->copies++;
		return 0;
	}
	c->b->events += 1 + (uint64_t)e->more;
	if (e->time != EVENT_TIME_UNKNOWN) {
		if (c->b->first == EVENT_TIME_UNKNOWN || e->time < c->b->first)
			c->b->first = e->time;
		if (e->time > c->b->last)
			c->b->last = e->time;
	}
	return c->emit(c->user, e);
}

static int discard(void *user, const struct event *e)
{
	(void)user;
	(void)e;
	return 0;
}

/* A state as at the start of a file, then what the context tells. */
static int begin(const struct passage *p, const struct reader_block *b)
{
	uint64_t skipped = 0;

	if (b->ordered && !is_apart(p->decoder)) {
		if (p->decoder->release)
			p->decoder->release(p->state);
		memset(p->state, 0, p->decoder->state_size);
	}
	return passage_decode(p, b->context, 0, &skipped);
}

static int look_for_copies(struct reader *r, struct counter *c)
{
	if (!r->copies)
		r->copies = calloc(1, sizeof *r->copies);
	c->copies = r->copies;
	return r->copies ? 0 : -ENOMEM;
}

static int decode_block(struct reader *r, struct passage *p, struct block *block, struct counter *c)
{
	bool copies = p->decoder->copies && !block->alone;
	struct reader_block *b = &block->b;
	struct decode_context x = *p->x;
	int result;

	x.idle_together = !copies;
	p->x = &x;
	result = block->fresh ? begin(p, b) : 0;
	if (result == 0 && copies)
		result = look_for_copies(r, c);
	p->emit = count_event;
	p->user = c;
	if (result == 0)
		result = passage_decode(p, b->text, b->first_line, &b->skipped);
	if (result == 0 && block->last && p->decoder->finish)
		result = p->decoder->finish(p->state, p->x, p->emit, p->user);
	return result;
}

static void *idle_take(struct idle *idle)
{
	void *state = NULL;

	for (size_t i = 0; !state && i < IDLE_MAX; i++)
		state = atomic_exchange(&idle->states[i], NULL);
	return state;
}

static bool idle_put(struct idle *idle, void *state)
{
	for (size_t i = 0; i < IDLE_MAX; i++) {
		void *none = NULL;

		if (atomic_compare_exchange_strong(&idle->states[i], &none, state))
			return true;
	}
	return false;
}

void idle_release(struct reader *r)
{
	void *state;

	for (size_t i = 0; r && r->idle && i < n_decoders; i++)
		while ((state = idle_take(&r->idle[i]))) {
			if (decoders[i]->release)
				decoders[i]->release(state);
			free(state);
		}
	if (r)
		free(r->idle);
}

int reader_decode(struct reader *r, struct reader_block *b, event_fn *emit, void *user)
{
	struct block *block = (struct block *)b;
	struct counter c = { .b = b, .emit = emit, .user = user };
	struct passage p = { .decoder = block->decoder, .emit = discard };
	size_t i = passage_index(p.decoder);
	struct decode_context x = {
		.names = r->o.names,
		.now = MIN(r->o.now, block->input->seekable ? block->input->changed : r->o.now),
		.zone = r->o.zone,
		.path = block->input->file.path,
		.file = b->file,
		.hint = block->input->hint,
	};
	int result;

	if (i >= n_decoders)
		return -EINVAL;
	if (r->nothing[i])
		return 0;
	p.filter = r->filters[i];
	x.idle = r->asked[i].idle;
	x.n_idle = r->asked[i].n_idle;
	p.x = &x;
	if (b->ordered && !is_apart(p.decoder)) {
		p.state = block->input->stream->state;
		return decode_block(r, &p, block, &c);
	}
	p.state = is_apart(p.decoder) ? idle_take(&r->idle[i]) : NULL;
	if (!p.state)
		p.state = calloc(1, MAX(p.decoder->state_size, 1));
	if (!p.state)
		return -ENOMEM;
	result = decode_block(r, &p, block, &c);
	if (is_apart(p.decoder) && idle_put(&r->idle[i], p.state))
		return result;
	if (p.decoder->release)
		p.decoder->release(p.state);
	free(p.state);
	return result;
}

void reader_done(struct reader *r, struct reader_block **ret)
{
	struct block *b = (struct block *)*ret;
	struct reader_file *f;

	if (!b)
		return;
	(void)r;
	f = &b->input->file;
	f->events += b->b.events;
	f->skipped += b->b.skipped;
	if (b->decoder->unit) {
		f->lines += b->b.events + b->b.skipped;
		if (b->b.skipped)
			input_trouble(b->input, 0, "has places that could not be read");
	}
	f->copies += b->b.copies;
	if (b->b.first != EVENT_TIME_UNKNOWN) {
		if (f->first == EVENT_TIME_UNKNOWN || b->b.first < f->first)
			f->first = b->b.first;
		f->last = MAX(f->last, b->b.last);
	}
	free(b->owned);
	free(b);
	*ret = NULL;
}
