/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where every source stands, as bytes: "HFL1", the seed of the hashes, the number of sources, those,
 * and a sum of all of it. Numbers are in the byte order of the machine, which is where they are read
 * again.
 */
#include "base/map.h"
#include "events/live_work.h"

#define NAME_MAX_LEN 4096U

static const uint64_t sum_seed[2] = { 0x6c69766520637572, 0x736f7220737563ff };

/* What survives of the counters. */
static uint64_t *counter(struct live_status *s, size_t i)
{
	uint64_t *const all[] = {
		&s->lines, &s->events,  &s->skipped,   &s->copies,      &s->late,
		&s->cut,   &s->dropped, &s->rotations, &s->truncations, &s->gaps
	};

	return i < COUNT(all) ? all[i] : NULL;
}

static void add_u16(struct buf *b, uint16_t v) { buf_add(b, &v, sizeof v); }
static void add_u64(struct buf *b, uint64_t v) { buf_add(b, &v, sizeof v); }

static void add_tail(struct buf *b, const struct tail_mark *m)
{
	const uint64_t all[] = { m->dev, m->ino, m->at, m->line, m->head_hash, m->mark_hash };

	buf_add(b, all, sizeof all);
	add_u16(b, m->head_len);
	buf_putc(b, (char)m->mark_len);
	buf_putc(b, (char)(m->skipping ? 1 : 0));
}

static void add_file(struct buf *b, const struct live_source_state *s)
{
	const struct follow *w = &s->follow;

	add_u64(b, (uint64_t)w->looked);
	buf_add(b, w->known, sizeof w->known);
	buf_putc(b, (char)w->n_known);
	/* Before the first look it is what the cursor said. */
	if (!w->found && w->n_saved) {
		buf_putc(b, (char)w->n_saved);
		for (size_t i = 0; i < w->n_saved; i++)
			add_tail(b, &w->saved[i]);
		return;
	}
	buf_putc(b, (char)w->n);
	for (size_t i = 0; i < w->n; i++) {
		struct tail_mark m = tail_position(s, i);

		add_tail(b, &m);
	}
}

int live_save(const struct live *l, struct buf *b)
{
	size_t start = b->len;

	buf_puts(b, "HFL1");
	buf_add(b, l->seed, sizeof l->seed);
	add_u16(b, (uint16_t)l->n);
	for (size_t i = 0; i < l->n; i++) {
		const struct live_source_state *s = l->sources[i];
		struct live_status status = s->status;
		const uint64_t *c;

		buf_putc(b, (char)s->kind);
		buf_putc(b, (char)(s->feed->held ? 0 : 1));
		add_u16(b, (uint16_t)strlen(s->name));
		buf_puts(b, s->name);
		for (size_t k = 0; (c = counter(&status, k)); k++)
			add_u64(b, *c);
		add_u64(b, (uint64_t)s->status.last);
		add_u64(b, s->feed->line);
		if (s->kind == LIVE_FILE)
			add_file(b, s);
		else if (s->kind == LIVE_JOURNAL)
			(void)live_journal_save(s, b); /* NOLINT: b keeps the error */
	}
	if (!b->error)
		add_u64(b, siphash13(sum_seed, b->ptr + start, b->len - start));
	return b->error;
}

struct input {
	struct str s;
	bool bad;
};

static struct str take_bytes(struct input *in, size_t n)
{
	struct str part = str_sub(in->s, 0, n);

	in->bad |= part.len != n;
	in->s = str_sub(in->s, part.len, in->s.len);
	return in->bad ? (struct str){} : part;
}

static void take_into(struct input *in, void *to, size_t n)
{
	struct str s = take_bytes(in, n);

	if (!in->bad)
		memcpy(to, s.ptr, n);
}

static uint64_t take_u64(struct input *in)
{
	uint64_t v = 0;

	take_into(in, &v, sizeof v);
	return v;
}

static uint16_t take_u16(struct input *in)
{
	uint16_t v = 0;

	take_into(in, &v, sizeof v);
	return v;
}

static uint8_t take_u8(struct input *in)
{
	uint8_t v = 0;

	take_into(in, &v, sizeof v);
	return v;
}

static struct tail_mark take_tail(struct input *in)
{
	struct tail_mark m = {
		.dev = take_u64(in),
		.ino = take_u64(in),
		.at = take_u64(in),
		.line = take_u64(in),
		.head_hash = take_u64(in),
		.mark_hash = take_u64(in),
		.head_len = take_u16(in),
		.mark_len = take_u8(in),
	};

	m.skipping = take_u8(in);
	in->bad |= m.head_len > TAIL_HEAD || m.mark_len > TAIL_MARK || m.mark_len > m.at ||
		   m.at > INT64_MAX;
	return m;
}

static struct live_source_state *find_source(const struct live *l, uint8_t kind, struct str name)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->sources[i]->kind == kind && str_eq(str_of(l->sources[i]->name), name))
			return l->sources[i];
	return NULL;
}

static void take_file(struct input *in, struct live_source_state *s)
{
	uint64_t looked = take_u64(in);
	struct str known = take_bytes(in, sizeof s->follow.known);
	uint8_t n_known = take_u8(in);
	size_t n = take_u8(in);

	in->bad |= n > TAILS_MAX || looked > INT64_MAX;
	if (s && !in->bad) {
		s->follow.looked = (int64_t)looked;
		memcpy(s->follow.known, known.ptr, known.len);
		s->follow.n_known = n_known;
	}
	for (size_t i = 0; !in->bad && i < n; i++) {
		struct tail_mark m = take_tail(in);

		if (s && !in->bad)
			s->follow.saved[s->follow.n_saved++] = m;
	}
}

static void take_journal(struct input *in, struct live_source_state *s)
{
	uint64_t skip = take_u64(in);
	struct str cursor = take_bytes(in, take_u16(in));

	in->bad |= cursor.len >= 512 || (cursor.len && memchr(cursor.ptr, '\0', cursor.len)) ||
		   skip > LIVE_BUFFER;
	if (s && !in->bad)
		in->bad = live_journal_restore(s, cursor, skip) < 0;
}

/* A source; l: NULL where it is only looked whether all is well. */
static void take_source(struct input *in, const struct live *l)
{
	uint8_t kind = take_u8(in), flushed = take_u8(in);
	struct str name = take_bytes(in, take_u16(in));
	struct live_source_state *s = l ? find_source(l, kind, name) : NULL;
	struct live_status status = {};
	uint64_t *c, line;

	in->bad |= kind > LIVE_STREAM || name.len > NAME_MAX_LEN;
	for (size_t k = 0; (c = counter(&status, k)); k++)
		*c = take_u64(in);
	status.last = (int64_t)take_u64(in);
	line = take_u64(in);
	if (s && !in->bad) {
		for (size_t k = 0; (c = counter(&status, k)); k++)
			*counter(&s->status, k) = *c;
		s->status.last = status.last;
		s->restored = true;
		s->flushed = flushed;
		s->feed->line = MAX(line, 1);
		s->follow.n_saved = 0;
	}
	if (kind == LIVE_FILE)
		take_file(in, s);
	else if (kind == LIVE_JOURNAL)
		take_journal(in, s);
}

static void take_sources(struct input *in, const struct live *l)
{
	uint16_t n = take_u16(in);

	in->bad |= n > LIVE_SOURCES_MAX;
	for (uint16_t i = 0; !in->bad && i < n; i++)
		take_source(in, l);
	in->bad |= in->s.len != 0;
}

int live_restore(struct live *l, struct str bytes, struct diag *d)
{
	struct input in = { .s = bytes }, again;
	uint64_t sum, seed[2] = {};

	if (l->started)
		return -EINVAL;
	if (bytes.len < 4 + sizeof sum || !str_starts(bytes, STR("HFL1")))
		return diag_set(d, -EBADMSG, NULL, 0, "is no cursor");
	memcpy(&sum, bytes.ptr + bytes.len - sizeof sum, sizeof sum);
	in.s.len -= sizeof sum;
	if (siphash13(sum_seed, in.s.ptr, in.s.len) != sum)
		return diag_set(d, -EBADMSG, NULL, 0, "is damaged");
	take_bytes(&in, 4);
	take_into(&in, seed, sizeof seed);
	again = in;
	take_sources(&in, NULL);
	if (in.bad)
		return diag_set(d, -EBADMSG, NULL, 0, "does not make sense");
	memcpy(l->seed, seed, sizeof seed);
	take_sources(&again, l);
	return 0;
}

void live_status(const struct live *l, uint32_t source, struct live_status *ret)
{
	const struct live_source_state *s;

	*ret = (struct live_status){};
	if (source >= l->n)
		return;
	s = l->sources[source];
	*ret = s->status;
	ret->name = s->name;
	ret->kind = s->kind;
	if (s->kind == LIVE_FILE)
		ret->behind = follow_behind(s);
}
