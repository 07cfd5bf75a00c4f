/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/edit_work.h"

/* ---- whole lines -------------------------------------------------------------------------------- */

/* The same words, whatever is between them. */
static bool same_words(struct str a, struct str b)
{
	for (;;) {
		struct str x = str_word(&a), y = str_word(&b);

		if (!x.ptr || !y.ptr)
			return !x.ptr && !y.ptr;
		if (!str_eq(x, y))
			return false;
	}
}

static bool has_line(struct str text, struct str line)
{
	struct str one;

	while (edit_line(&text, &one))
		if (same_words(edit_body(one), line))
			return true;
	return false;
}

int edit_lines(struct str text, const struct str *lines, size_t n, struct buf *out)
{
	const char *newline = edit_newline(text);
	int r = edit_check(text);

	if (r < 0)
		return r;
	buf_str(out, text);
	for (size_t i = 0; i < n; i++) {
		if (!edit_one_line(lines[i]))
			return -EINVAL;
		if (has_line(buf_view(out), lines[i]))
			continue;
		edit_end_line(out, newline);
		buf_str(out, lines[i]);
		buf_puts(out, newline);
		if (out->error)
			break;
	}
	return edit_done(out);
}

int edit_insert(struct str text, unsigned number, struct str line, struct buf *out)
{
	const char *newline = edit_newline(text);
	struct str rest = text, one;
	int r = edit_check(text);
	unsigned at = 0;
	bool there = has_line(text, line);

	if (r >= 0 && !edit_one_line(line))
		r = -EINVAL;
	if (r < 0)
		return r;
	while (edit_line(&rest, &one)) {
		if (++at == number && !there) {
			buf_str(out, line);
			buf_puts(out, newline);
		}
		buf_str(out, one);
	}
	if (at < number && !there) {
		edit_end_line(out, newline);
		buf_str(out, line);
		buf_puts(out, newline);
	}
	return edit_done(out);
}

static int change_line(struct str text, unsigned number, bool drop, struct buf *out)
{
	struct str rest = text, one;
	int r = edit_check(text);
	unsigned at = 0;

	if (r < 0)
		return r;
	while (edit_line(&rest, &one)) {
		if (++at != number) {
			buf_str(out, one);
			continue;
		}
		if (drop)
			continue;
		if (!edit_is_comment(edit_body(one), "#"))
			buf_putc(out, '#');
		buf_str(out, one);
	}
	return at < number || !number ? -ENOENT : edit_done(out);
}

int edit_comment(struct str text, unsigned number, struct buf *out)
{
	return change_line(text, number, false, out);
}

int edit_remove(struct str text, unsigned number, struct buf *out)
{
	return change_line(text, number, true, out);
}

/* ---- words -------------------------------------------------------------------------------------- */

static bool is_word(struct str s, struct str word)
{
	return str_ends(word, STR("=")) ? str_starts(s, word) : str_eq(s, word);
}

static bool has_module(struct str body, struct str with)
{
	for (struct str s; (s = str_word(&body)).ptr;)
		if (str_eq(s, with) ||
		    (str_ends(s, with) && s.len > with.len && s.ptr[s.len - with.len - 1] == '/'))
			return true;
	return false;
}

/* The line without the word and the blanks in front of it. */
static void put_without(struct buf *out, struct str line, struct str word)
{
	struct str rest = line;
	const char *from = line.ptr, *end = line.ptr + line.len;

	for (struct str s; (s = str_word(&rest)).ptr;) {
		if (!is_word(s, word))
			buf_add(out, from, (size_t)(s.ptr + s.len - from));
		from = s.ptr + s.len;
	}
	buf_add(out, from, (size_t)(end - from));
}

int edit_word(struct str text, struct str with, struct str word, struct buf *out)
{
	struct str rest = text, one;
	int r = edit_check(text);

	if (r < 0)
		return r;
	if (!with.len || !word.len)
		return -EINVAL;
	while (edit_line(&rest, &one)) {
		ssize_t hash = str_find(one, '#');
		struct str body = hash < 0 ? edit_body(one) : str_sub(one, 0, (size_t)hash);

		if (has_module(body, with)) {
			put_without(out, body, word);
			buf_str(out, str_sub(one, body.len, one.len));
		} else {
			buf_str(out, one);
		}
	}
	return edit_done(out);
}

/* ---- fstab(5) ----------------------------------------------------------------------------------- */

/* The option that says the contrary: "exec" of "noexec". */
static bool contrary(struct str a, struct str b)
{
	return (str_starts(a, STR("no")) && str_eq(str_sub(a, 2, a.len), b)) ||
	       (str_starts(b, STR("no")) && str_eq(str_sub(b, 2, b.len), a));
}

static bool in_list(struct str list, struct str word)
{
	while (list.ptr)
		if (str_eq(str_cut(&list, ','), word))
			return true;
	return false;
}

static void put_options(struct buf *out, struct str old, const struct str *options, size_t n)
{
	struct str rest = old;
	bool first = true;

	while (rest.ptr) {
		struct str word = str_cut(&rest, ',');
		bool keep = true;

		for (size_t i = 0; i < n; i++)
			keep &= !contrary(word, options[i]);
		if (!keep)
			continue;
		if (!first)
			buf_putc(out, ',');
		buf_str(out, word);
		first = false;
	}
	for (size_t i = 0; i < n; i++) {
		if (in_list(old, options[i]))
			continue;
		if (!first)
			buf_putc(out, ',');
		buf_str(out, options[i]);
		first = false;
	}
}

int edit_fstab(struct str text, struct str dir, const struct str *options, size_t n,
	       struct str entry, struct buf *out)
{
	struct str rest = text, one;
	int r = edit_check(text);
	bool found = false;

	if (r < 0)
		return r;
	while (edit_line(&rest, &one)) {
		struct str body = edit_body(one), words = body, path, old;

		str_word(&words);
		path = str_word(&words);
		str_word(&words);
		old = str_word(&words);
		if (edit_is_comment(body, "#") || !str_eq(path, dir) || !old.ptr) {
			buf_str(out, one);
			continue;
		}
		found = true;
		buf_add(out, one.ptr, (size_t)(old.ptr - one.ptr));
		put_options(out, old, options, n);
		buf_add(out, old.ptr + old.len, (size_t)(one.ptr + one.len - old.ptr) - old.len);
	}
	if (found)
		return edit_done(out);
	if (!entry.ptr)
		return -ENOENT;
	if (!edit_one_line(entry))
		return -EINVAL;
	edit_end_line(out, edit_newline(text));
	buf_str(out, entry);
	buf_puts(out, edit_newline(text));
	return edit_done(out);
}

/* ---- sshd_config(5) ----------------------------------------------------------------------------- */

static bool keyword_is(struct str body, struct str keyword, struct str *ret_value)
{
	size_t from, end;

	body = str_trim(body);
	for (end = 0; end < body.len && !strchr(" \t=\"", body.ptr[end]);)
		end++;
	if (!str_ieq(str_sub(body, 0, end), keyword))
		return false;
	for (from = end; from < body.len && strchr(" \t=", body.ptr[from]);)
		from++;
	*ret_value = str_sub(body, from, body.len);
	return true;
}

static void put_sshd(struct buf *out, struct str line, struct str keyword, struct str value)
{
	struct str body = edit_body(line);
	size_t start = 0;

	while (start < body.len && (body.ptr[start] == ' ' || body.ptr[start] == '\t'))
		start++;
	buf_add(out, line.ptr, start);
	buf_fmt(out, "%.*s %.*s", STR_FMT(keyword), STR_FMT(value));
	buf_str(out, str_sub(line, body.len, line.len));
}

/* The global line that has the keyword and the first one that is no comment, from 1; 0: none. */
static void look_sshd(struct str text, struct str keyword, unsigned *ret_line, unsigned *ret_first)
{
	unsigned at = 0, line = 0, first = 0;
	struct str one, value;

	while (edit_line(&text, &one)) {
		at++;
		if (edit_is_comment(edit_body(one), "#"))
			continue;
		first = first ? first : at;
		if (keyword_is(edit_body(one), STR("match"), &value))
			break;
		if (!line && keyword_is(edit_body(one), keyword, &value))
			line = at;
	}
	*ret_line = line;
	*ret_first = first;
}

int edit_sshd(struct str text, struct str keyword, struct str value, struct buf *out)
{
	const char *newline = edit_newline(text);
	struct str rest = text, one, old;
	unsigned line, first, at = 0;
	int r = edit_check(text);

	if (r < 0)
		return r;
	if (!keyword.len || !value.len || !edit_one_line(keyword) || !edit_one_line(value))
		return -EINVAL;
	look_sshd(text, keyword, &line, &first);
	while (edit_line(&rest, &one)) {
		at++;
		if (!line && at == first) {
			buf_fmt(out, "%.*s %.*s%s", STR_FMT(keyword), STR_FMT(value), newline);
		} else if (at == line && keyword_is(edit_body(one), keyword, &old) &&
			   !str_eq(str_unquote(old), value)) {
			put_sshd(out, one, keyword, value);
			continue;
		}
		buf_str(out, one);
	}
	if (!line && !first) {
		edit_end_line(out, newline);
		buf_fmt(out, "%.*s %.*s%s", STR_FMT(keyword), STR_FMT(value), newline);
	}
	return edit_done(out);
}
