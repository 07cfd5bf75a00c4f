/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/diff.h"

#define CONTEXT 3

struct lines {
	struct str *list;
	size_t n, cap;
};

static int split(struct str text, struct arena *a, struct lines *ret)
{
	int r = 0;

	while (r >= 0 && text.len) {
		ssize_t end = str_find(text, '\n');
		struct str line = str_sub(text, 0, end < 0 ? text.len : (size_t)end + 1);

		if (ret->n == DIFF_LINES_MAX)
			return -E2BIG;
		r = arena_push(a, ret->list, ret->n, ret->cap, line);
		text = str_sub(text, line.len, text.len);
	}
	return r;
}

struct work {
	struct arena *a;
	const struct lines *old, *new;
	size_t head; /* lines that both begin with */
	long n, m;   /* lines between those and the end that both have */
	struct diff_line *out;
	size_t n_out, cap;
};

static int put(struct work *w, char sign, size_t old, size_t new)
{
	struct diff_line l = {
		.sign = sign,
		.text = sign == '+' ? w->new->list[new] : w->old->list[old],
		.old = old + 1,
		.new = new + 1,
	};

	return arena_push(w->a, w->out, w->n_out, w->cap, l);
}

static bool same(const struct work *w, long x, long y)
{
	return str_eq(w->old->list[w->head + (size_t)x], w->new->list[w->head + (size_t)y]);
}

/* trace[d][k + d]: the furthest x on diagonal k with d edits. */
static long step(const struct work *w, long *const *trace, long d, long k)
{
	long x, y;

	if (d == 0)
		x = 0;
	else if (k == -d || (k != d && trace[d - 1][k - 1 + d - 1] < trace[d - 1][k + 1 + d - 1]))
		x = trace[d - 1][k + 1 + d - 1];
	else
		x = trace[d - 1][k - 1 + d - 1] + 1;
	for (y = x - k; x < w->n && y < w->m && same(w, x, y); y++)
		x++;
	return x;
}

/* The number of edits, or -1 past the bound. */
static long forward(const struct work *w, long **trace, int *ret_error)
{
	for (long d = 0; d <= MIN((long)DIFF_EDITS_MAX, w->n + w->m); d++) {
		trace[d] = arena_array(w->a, 2 * (size_t)d + 1, sizeof **trace);
		if (!trace[d]) {
			*ret_error = -ENOMEM;
			return -1;
		}
		for (long k = -d; k <= d; k += 2) {
			long x = step(w, trace, d, k);

			trace[d][k + d] = x;
			if (x >= w->n && x - k >= w->m)
				return d;
		}
	}
	return -1;
}

/* The edits of one path, from its end: which diagonal each came from. */
static int backward(struct work *w, long *const *trace, long edits)
{
	char *signs = arena_alloc(w->a, (size_t)edits + 1);
	long *at = arena_array(w->a, (size_t)edits + 1, sizeof *at);
	long x = w->n, y = w->m;
	int r = 0;

	if (!signs || !at)
		return -ENOMEM;
	for (long d = edits; d > 0; d--) {
		long k = x - y;
		bool down = k == -d ||
			    (k != d && trace[d - 1][k - 1 + d - 1] < trace[d - 1][k + 1 + d - 1]);
		long from = down ? k + 1 : k - 1;

		x = trace[d - 1][from + d - 1];
		y = x - from;
		signs[d - 1] = down ? '+' : '-';
		at[d - 1] = x;
	}
	x = y = 0;
	for (long d = 0; r >= 0 && d <= edits; d++) {
		while (r >= 0 && x < (d < edits ? at[d] : w->n)) {
			r = put(w, ' ', w->head + (size_t)x, w->head + (size_t)y);
			x++;
			y++;
		}
		if (r < 0 || d == edits)
			break;
		r = put(w, signs[d], w->head + (size_t)x, w->head + (size_t)y);
		if (signs[d] == '+')
			y++;
		else
			x++;
	}
	return r;
}

static int replace_all(struct work *w)
{
	int r = 0;

	for (long i = 0; r >= 0 && i < w->n; i++)
		r = put(w, '-', w->head + (size_t)i, w->head);
	for (long i = 0; r >= 0 && i < w->m; i++)
		r = put(w, '+', w->head + (size_t)w->n, w->head + (size_t)i);
	return r;
}

static int middle(struct work *w)
{
	long **trace = arena_array(w->a, DIFF_EDITS_MAX + 1, sizeof *trace);
	int error = 0;
	long edits;

	if (!trace)
		return -ENOMEM;
	if (!w->n || !w->m)
		return replace_all(w);
	edits = forward(w, trace, &error);
	if (error < 0)
		return error;
	return edits < 0 ? replace_all(w) : backward(w, trace, edits);
}

int diff_lines(struct str old, struct str new, struct arena *a, struct diff_line **ret,
	       size_t *ret_n)
{
	struct lines o = {}, n = {};
	struct work w = { .a = a, .old = &o, .new = &n };
	size_t tail = 0;
	int r = split(old, a, &o);

	if (r >= 0)
		r = split(new, a, &n);
	if (r < 0)
		return r;
	while (w.head < o.n && w.head < n.n && str_eq(o.list[w.head], n.list[w.head]))
		w.head++;
	while (tail < o.n - w.head && tail < n.n - w.head &&
	       str_eq(o.list[o.n - 1 - tail], n.list[n.n - 1 - tail]))
		tail++;
	w.n = (long)(o.n - w.head - tail);
	w.m = (long)(n.n - w.head - tail);
	for (size_t i = 0; r >= 0 && i < w.head; i++)
		r = put(&w, ' ', i, i);
	if (r >= 0)
		r = middle(&w);
	for (size_t i = 0; r >= 0 && i < tail; i++)
		r = put(&w, ' ', o.n - tail + i, n.n - tail + i);
	if (r < 0)
		return r;
	*ret = w.out;
	*ret_n = w.n_out;
	return 0;
}

bool diff_is_binary(struct str text)
{
	return text.len && memchr(text.ptr, '\0', text.len) != NULL;
}

static void put_range(struct buf *out, char sign, size_t first, size_t n)
{
	/* Of an empty range the line before it is named. */
	buf_fmt(out, " %c%zu", sign, n ? first : first - 1);
	if (n != 1)
		buf_fmt(out, ",%zu", n);
}

static void put_hunk(struct buf *out, const struct diff_line *l, size_t from, size_t to)
{
	size_t old = 0, new = 0;

	for (size_t i = from; i < to; i++) {
		old += l[i].sign != '+';
		new += l[i].sign != '-';
	}
	buf_puts(out, "@@");
	put_range(out, '-', l[from].old, old);
	put_range(out, '+', l[from].new, new);
	buf_puts(out, " @@\n");
	for (size_t i = from; i < to; i++) {
		buf_putc(out, l[i].sign);
		buf_str(out, l[i].text);
		if (!str_ends(l[i].text, STR("\n")))
			buf_puts(out, "\n\\ No newline at end of file\n");
	}
}

static void put_hunks(struct buf *out, const struct diff_line *l, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t from, end, quiet = 0;

		while (i < n && l[i].sign == ' ')
			i++;
		if (i == n)
			return;
		from = i > CONTEXT ? i - CONTEXT : 0;
		for (end = i; end < n && quiet <= 2 * (size_t)CONTEXT; end++)
			quiet = l[end].sign == ' ' ? quiet + 1 : 0;
		i = end;
		if (quiet > CONTEXT)
			end -= quiet - CONTEXT;
		put_hunk(out, l, from, end);
	}
}

int diff_unified(struct str old, struct str new, const char *old_name, const char *new_name,
		 struct buf *out)
{
	struct arena own(arena_release) a = { .limit = (size_t)512 << 20 };
	struct diff_line *l = NULL;
	size_t n = 0;
	int r;

	if (str_eq(old, new))
		return 0;
	if (diff_is_binary(old) || diff_is_binary(new))
		return buf_fmt(out, "Binary files %s and %s differ\n", old_name, new_name);
	r = diff_lines(old, new, &a, &l, &n);
	if (r < 0)
		return r;
	buf_fmt(out, "--- %s\n+++ %s\n", old_name, new_name);
	put_hunks(out, l, n);
	return out->error;
}
