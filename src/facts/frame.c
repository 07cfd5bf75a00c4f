/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/frame.h"

static int start(struct buf *b, enum frame_type type, unsigned table, size_t *ret_at)
{
	uint16_t t = (uint16_t)type, n = (uint16_t)table;
	uint32_t length = 0;

	*ret_at = b->len;
	buf_add(b, &length, sizeof length);
	buf_add(b, &t, sizeof t);
	return buf_add(b, &n, sizeof n);
}

static int finish(struct buf *b, size_t at)
{
	size_t length = b->len - at - FRAME_HEAD;
	uint32_t n = (uint32_t)length;

	if (b->error)
		return b->error;
	if (length > FRAME_MAX) {
		b->len = at;
		return -EMSGSIZE;
	}
	memcpy(b->ptr + at, &n, sizeof n);
	return 0;
}

static void put_text(struct buf *b, struct str s, bool nullable)
{
	uint32_t n = (uint32_t)MIN(s.len, FRAME_MAX);

	if (!s.ptr)
		n = nullable ? FRAME_NULL : 0;
	buf_add(b, &n, sizeof n);
	if (s.ptr)
		buf_add(b, s.ptr, n);
}

int frame_begin(struct buf *b, unsigned table)
{
	size_t at;

	start(b, FRAME_BEGIN, table, &at);
	return finish(b, at);
}

int frame_row(struct buf *b, unsigned table, const struct fact_table *t, const void *row)
{
	size_t at;

	start(b, FRAME_ROW, table, &at);
	for (size_t i = 0; i < t->n_columns; i++) {
		const void *field = (const char *)row + t->columns[i].offset;

		if (t->columns[i].type == FACT_INT || t->columns[i].type == FACT_INTN)
			buf_add(b, field, sizeof(int64_t));
		else
			put_text(b, *(const struct str *)field, t->columns[i].type == FACT_TEXTN);
	}
	return finish(b, at);
}

int frame_problem(struct buf *b, unsigned table, int error, struct str path, struct str reason)
{
	int32_t e = error;
	size_t at;

	start(b, FRAME_PROBLEM, table, &at);
	buf_add(b, &e, sizeof e);
	put_text(b, path, false);
	put_text(b, reason, false);
	return finish(b, at);
}

int frame_end(struct buf *b, unsigned table, const struct frame_end *end)
{
	uint32_t status = end->status;
	int32_t e = end->error;
	size_t at;

	start(b, FRAME_END, table, &at);
	buf_add(b, &e, sizeof e);
	buf_add(b, &status, sizeof status);
	buf_add(b, &end->micros, sizeof end->micros);
	buf_add(b, &end->suppressed, sizeof end->suppressed);
	put_text(b, end->reason, false);
	return finish(b, at);
}

static int get(struct str *s, void *ret, size_t n)
{
	if (s->len < n)
		return -EBADMSG;
	memcpy(ret, s->ptr, n);
	s->ptr += n;
	s->len -= n;
	return 0;
}

int frame_get_int(struct str *payload, int64_t *ret) { return get(payload, ret, sizeof *ret); }

int frame_get_u32(struct str *payload, uint32_t *ret) { return get(payload, ret, sizeof *ret); }

int frame_get_text(struct str *payload, struct str *ret)
{
	struct str s = *payload;
	uint32_t n;
	int r = frame_get_u32(&s, &n);

	if (r < 0)
		return r;
	if (n == FRAME_NULL) {
		*ret = (struct str){};
	} else {
		if (n > s.len)
			return -EBADMSG;
		*ret = (struct str){ s.ptr, n };
		s.ptr += n;
		s.len -= n;
	}
	*payload = s;
	return 0;
}

int frame_get_end(struct str payload, struct frame_end *ret)
{
	struct frame_end end = {};
	uint32_t error, status;

	if (frame_get_u32(&payload, &error) < 0 || frame_get_u32(&payload, &status) < 0 ||
	    get(&payload, &end.micros, sizeof end.micros) < 0 ||
	    frame_get_u32(&payload, &end.suppressed) < 0 ||
	    frame_get_text(&payload, &end.reason) < 0 || payload.len)
		return -EBADMSG;
	if (status > COLLECT_SKIPPED)
		return -EBADMSG;
	end.error = (int)error;
	end.status = status;
	*ret = end;
	return 0;
}

int frame_next(struct str *input, struct frame *ret)
{
	struct str s = *input;
	uint16_t type, table;
	uint32_t length;

	if (s.len < FRAME_HEAD)
		return 0;
	if (get(&s, &length, sizeof length) < 0 || get(&s, &type, sizeof type) < 0 ||
	    get(&s, &table, sizeof table) < 0)
		return 0;
	if (length > FRAME_MAX || type < FRAME_BEGIN || type > FRAME_END || table >= n_collectors)
		return -EBADMSG;
	if (s.len < length)
		return 0;
	*ret = (struct frame){
		type, table, {s.ptr, length}
	};
	s.ptr += length;
	s.len -= length;
	*input = s;
	return 1;
}
