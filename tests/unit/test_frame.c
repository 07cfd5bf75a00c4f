/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: what is written is read again, whole; what is cut off or changed is not. */
#include "facts/frame.h"
#include "fault.h"

struct row {
	struct str text;
	int64_t number;
	struct str maybe;
	int64_t perhaps;
};
static const struct fact_column columns[] = {
	{"text",     "", FACT_TEXT,  offsetof(struct row, text)   },
	{ "number",  "", FACT_INT,   offsetof(struct row, number) },
	{ "maybe",   "", FACT_TEXTN, offsetof(struct row, maybe)  },
	{ "perhaps", "", FACT_INTN,  offsetof(struct row, perhaps)},
};
static const struct fact_table table = { .columns = columns, .n_columns = COUNT(columns) };

static void check_row(struct str payload, const struct row *want)
{
	struct row got;

	if (!ok(frame_get_text(&payload, &got.text) == 0 &&
			frame_get_int(&payload, &got.number) == 0 &&
			frame_get_text(&payload, &got.maybe) == 0 &&
			frame_get_int(&payload, &got.perhaps) == 0 && !payload.len,
		"a row has its columns and nothing more"))
		return;
	is_str(got.text, want->text, "text");
	ok(got.text.ptr, "a text that may not be unknown is empty instead");
	is_int(got.number, want->number, "number");
	is_str(got.maybe, want->maybe, "text that may be unknown");
	ok(!got.maybe.ptr == !want->maybe.ptr, "and whether it is");
	is_int(got.perhaps, want->perhaps, "number that may be unknown");
}

static void test_rows(void)
{
	static const struct row rows[] = {
		{STR("a"),         1,         STR("b"), 2           },
		{ STR(""),         INT64_MIN, STR(""),  FACT_UNKNOWN},
		{ {},              INT64_MAX, {},       -1          },
		{ STR("\0\n\xff"), 0,         {},       0           },
	};
	own(buf_release) struct buf b = BUF(1 << 20);
	struct str input;
	struct frame f;

	for (size_t i = 0; i < COUNT(rows); i++)
		is_int(frame_row(&b, 3, &table, &rows[i]), 0, "frame_row");
	input = buf_view(&b);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (is_int(frame_next(&input, &f), 1, "frame_next")) {
			is_int(f.type, FRAME_ROW, "type");
			is_int(f.table, 3, "table");
			check_row(f.payload, &rows[i]);
		}
	is_int(frame_next(&input, &f), 0, "no more");
	is_int((int64_t)input.len, 0, "nothing is left");
}

static void test_other_frames(void)
{
	static const struct frame_end end = { -EIO, COLLECT_FAILED, 1ull << 40, 7, STR("why") };
	own(buf_release) struct buf b = BUF(1 << 20);
	struct frame_end got;
	struct str input, text;
	struct frame f;
	uint32_t error;

	frame_begin(&b, 1);
	frame_problem(&b, 1, EACCES, STR("/path"), STR("reason"));
	frame_end(&b, 1, &end);
	input = buf_view(&b);
	ok(frame_next(&input, &f) == 1 && f.type == FRAME_BEGIN && !f.payload.len, "begin");
	ok(frame_next(&input, &f) == 1 && f.type == FRAME_PROBLEM, "problem");
	ok(frame_get_u32(&f.payload, &error) == 0 && error == EACCES, "errno");
	ok(frame_get_text(&f.payload, &text) == 0 && str_eq(text, STR("/path")), "path");
	ok(frame_get_text(&f.payload, &text) == 0 && str_eq(text, STR("reason")), "reason");
	if (!ok(frame_next(&input, &f) == 1 && frame_get_end(f.payload, &got) == 0, "end"))
		return;
	is_int(got.error, -EIO, "errno");
	is_int(got.status, COLLECT_FAILED, "status");
	ok(got.micros == 1ull << 40, "time");
	is_int(got.suppressed, 7, "problems that were left out");
	is_str(got.reason, STR("why"), "reason");
	for (size_t n = 0; n < f.payload.len; n++)
		if (frame_get_end(str_sub(f.payload, 0, n), &got) != -EBADMSG)
			ok(false, "an end that is cut off");
	ok(true, "an end that is cut off is refused");
}

/* Every beginning of a stream is "not yet", every changed length is noticed. */
static void test_cut(void)
{
	own(buf_release) struct buf b = BUF(1 << 20);
	struct frame f;
	struct str text;
	unsigned bad = 0;
	int64_t v;

	frame_row(&b, 0, &table, &(struct row){ STR("hello"), 1, STR("world"), 2 });
	for (size_t n = 0; n < b.len; n++) {
		struct str cut = str_sub(buf_view(&b), 0, n);

		bad += frame_next(&cut, &f) != 0 || cut.len != n;
	}
	is_int(bad, 0, "a frame that has not arrived yet");
	text = STR("\5\0\0\0abcd");
	is_int(frame_get_text(&text, &text), -EBADMSG, "a text longer than its frame");
	is_int((int64_t)text.len, 8, "is not cut off");
	text = STR("\1\0\0");
	is_int(frame_get_text(&text, &text), -EBADMSG, "a length that is cut off");
	text = STR("1234567");
	is_int(frame_get_int(&text, &v), -EBADMSG, "a number that is cut off");
}

static void test_nonsense(void)
{
	struct frame f;
	struct str input;

	input = STR("\1\0\100\0\2\0\0\0");
	is_int(frame_next(&input, &f), -EBADMSG, "longer than any frame");
	input = STR("\0\0\0\0\0\0\0\0");
	is_int(frame_next(&input, &f), -EBADMSG, "type 0");
	input = STR("\0\0\0\0\5\0\0\0");
	is_int(frame_next(&input, &f), -EBADMSG, "type 5");
	input = STR("\0\0\0\0\1\0\377\377");
	is_int(frame_next(&input, &f), -EBADMSG, "a table that does not exist");
}

static void test_long_row(void)
{
	own(buf_release) struct buf b = BUF(4 * FRAME_MAX);
	own(free_ptr) char *text = calloc(1, FRAME_MAX);
	size_t before;

	frame_begin(&b, 0);
	before = b.len;
	is_int(frame_row(&b, 0, &table,
			 &(struct row){
				 {text,                                  FRAME_MAX },
                                 1, {                                     },
                                 1
        }),
	       -EMSGSIZE, "a row that is too long");
	is_int((int64_t)b.len, (int64_t)before, "leaves nothing behind");
	is_int(b.error, 0, "and the buffer goes on");
	is_int(frame_row(&b, 0, &table,
			 &(struct row){
				 {text,                                  FRAME_MAX - 64 },
                                 1, {                                     },
                                 1
        }),
	       0, "the longest one");
}

static int write_frames(void *arg)
{
	own(buf_release) struct buf b = BUF(1 << 20);

	(void)arg;
	frame_begin(&b, 0);
	frame_row(&b, 0, &table, &(struct row){ STR("a"), 1, {}, 1 });
	return frame_end(&b, 0, &(struct frame_end){});
}

int main(void)
{
	test_rows();
	test_other_frames();
	test_cut();
	test_nonsense();
	test_long_row();
	fault_walk(write_frames, NULL, "out of memory");
	return done();
}
