/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/passage.h"
#include "base/arena.h"
#include "base/map.h"
#include "events/scan.h"

/* The longest part of a text that no encoder writes in another way. */
static struct str plain_part(struct str s)
{
	struct str best = {};
	size_t from = 0;

	for (size_t i = 0; i <= s.len; i++) {
		unsigned char c = i < s.len ? (unsigned char)s.ptr[i] : 0;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c && strchr(" ._-:=,;()[]{}#@!$%*?|~^", c)))
			continue;
		if (i - from > best.len)
			best = (struct str){ s.ptr + from, i - from };
		from = i + 1;
	}
	return best;
}

struct text_list {
	struct str *list;
	size_t n, cap;
};

/* What a decoder needs to know whatever rules ask for. */
static int add_context(const struct decoder *d, struct arena *a, struct text_list *t)
{
	int result = 0;

	for (size_t s = 0; s < d->n_sets; s++)
		for (size_t k = 0; result >= 0 && k < d->sets[s]->n; k++)
			if (d->sets[s]->forms[k].context)
				result = arena_push(a, t->list, t->n, t->cap,
						    str_of(d->sets[s]->forms[k].literal));
	return result;
}

int passage_filter(const struct decoder *d, const struct reader_filter *f, struct prefilter **ret,
		   bool *ret_nothing)
{
	own(arena_release) struct arena a = {};
	struct text_list t = {};
	int result = 0;

	if (f->all || ((d->unit || d->finish) && f->n))
		return 0;
	for (size_t k = 0; result >= 0 && k < f->n; k++) {
		struct str text = d->escapes ? plain_part(f->texts[k]) : f->texts[k];

		if (d->escapes && text.len < 3)
			return 0;
		result = arena_push(&a, t.list, t.n, t.cap, text);
	}
	if (result >= 0 && t.n)
		result = add_context(d, &a, &t);
	*ret_nothing = !t.n;
	return result < 0 ? result : prefilter_new(t.list, t.n, ret);
}

const struct decoder *passage_recognise(struct str head)
{
	const struct decoder *best = NULL;
	unsigned score = 29;

	for (size_t i = 0; i < n_decoders; i++) {
		unsigned s = decoders[i]->recognise ? decoders[i]->recognise(head) : 0;

		if (s > score) {
			score = s;
			best = decoders[i];
		}
	}
	return best;
}

size_t passage_index(const struct decoder *d)
{
	size_t i = 0;

	while (i < n_decoders && decoders[i] != d)
		i++;
	return i;
}

/*
 * A line without its time and host: from the program on, which is the word with the process id. What
 * has none is never taken for a copy.
 */
static struct str without_header(struct str line)
{
	const char *p = line.len > 15 ? memchr(line.ptr + 15, '[', line.len - 15) : NULL;

	while (p && p > line.ptr && p[-1] != ' ')
		p--;
	return p ? (struct str){ p, line.len - (size_t)(p - line.ptr) } : (struct str){};
}

bool copies_know(struct copies *c, const struct event *e)
{
	static const uint64_t seed[2] = { 0x243f6a8885a308d3, 0x13198a2e03707344 };
	struct str key = without_header(e->raw);
	struct copy *slot;
	uint64_t hash;

	if (!key.len || e->time == EVENT_TIME_UNKNOWN)
		return false;
	hash = siphash13(seed, key.ptr, key.len);
	slot = &c->slot[hash % COPIES];
	if (slot->hash == hash && slot->file != e->file && e->time - slot->time < COPY_WINDOW &&
	    slot->time - e->time < COPY_WINDOW)
		return true;
	*slot = (struct copy){ hash, e->time, e->file };
	c->until = MAX(c->until, e->time + COPY_WINDOW);
	return false;
}

/* What is known of a text by then tells how to go on. */
#define SAMPLE ((size_t)32 << 10)
/* Looking at each line is faster where more than one in so many bytes is wanted. */
#define MANY 8U

static int decode_many(const struct passage *p, struct str text, struct screen *screen,
		       uint64_t line, uint64_t *skipped)
{
	struct decode_context x = *p->x;

	x.screen = screen;
	return p->decoder->decode(p->state, &x, text, line, p->emit, p->user, skipped);
}

/* Runs of lines that hold one of the texts. */
static int decode_some(const struct passage *p, struct str text, uint64_t line, uint64_t *skipped)
{
	size_t at = 0, counted = 0, hits = 0, run = 0, run_end = 0;
	bool many = false;
	int result = 0;

	while (result == 0 && at < text.len && !many) {
		size_t hit = prefilter_find(p->filter, text, at), start = hit, end = hit;
		const char *q;

		if (hit < text.len) {
			q = memrchr(text.ptr + at, '\n', hit - at);
			start = q ? (size_t)(q - text.ptr) + 1 : at;
			q = memchr(text.ptr + hit, '\n', text.len - hit);
			end = q ? (size_t)(q - text.ptr) + 1 : text.len;
			hits += end - start;
		}
		if (start != run_end && run_end > run) {
			line += count_lines((struct str){ text.ptr + counted, run - counted });
			counted = run;
			result = p->decoder->decode(p->state, p->x,
						    (struct str){ text.ptr + run, run_end - run },
						    line, p->emit, p->user, skipped);
		}
		if (start != run_end)
			run = start;
		run_end = at = end;
		if (end >= SAMPLE && screen_takes_all(&(struct screen){ .hits = hits }, end)) {
			run_end = text.len;
			at = text.len;
		}
		many = end >= SAMPLE && p->decoder->screens && hits > end / MANY;
	}
	if (result == 0 && run_end > run) {
		line += count_lines((struct str){ text.ptr + counted, run - counted });
		counted = run;
		result = p->decoder->decode(p->state, p->x,
					    (struct str){ text.ptr + run, run_end - run }, line,
					    p->emit, p->user, skipped);
	}
	if (result == 0 && at < text.len) {
		struct screen screen = { p->filter, at, hits };

		line += count_lines((struct str){ text.ptr + counted, at - counted });
		result = decode_many(p, scan_skip(text, at), &screen, line, skipped);
	}
	return result;
}

int passage_decode(const struct passage *p, struct str text, uint64_t line, uint64_t *skipped)
{
	if (!text.len)
		return 0;
	if (p->filter)
		return decode_some(p, text, line, skipped);
	return p->decoder->decode(p->state, p->x, text, line, p->emit, p->user, skipped);
}
