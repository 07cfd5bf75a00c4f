/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How sshd cuts a line into words. */
#include "facts/linux/sshd_value.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static size_t skip_blanks(struct str s, size_t i)
{
	while (i < s.len && is_blank(s.ptr[i]))
		i++;
	return i;
}

struct str sshd_delimited(struct str *text, bool split_equals, struct arena *a)
{
	struct str s = *text, word;
	size_t i = 0, next;

	if (!s.ptr)
		return (struct str){};
	while (i < s.len && !is_blank(s.ptr[i]) && s.ptr[i] != '"' &&
	       !(split_equals && s.ptr[i] == '='))
		i++;
	word = str_sub(s, 0, i);
	if (i == s.len) {
		*text = (struct str){};
		return word;
	}
	if (s.ptr[i] == '"') {
		struct str inside = str_sub(s, i + 1, s.len);
		ssize_t end = str_find(inside, '"');

		if (end < 0)
			return *text = (struct str){};
		inside = str_sub(inside, 0, (size_t)end);
		word = i ? arena_cat(a, word, inside, STR("")) : inside;
		next = skip_blanks(s, i + (size_t)end + 2);
		*text = str_sub(s, next, s.len);
		return word;
	}
	next = skip_blanks(s, i + 1);
	if (split_equals && s.ptr[i] != '=' && next < s.len && s.ptr[next] == '=')
		next = skip_blanks(s, next + 1);
	*text = str_sub(s, next, s.len);
	return word;
}

struct words {
	struct str *list;
	size_t n, cap;
};

/* 8.6 and before. A word that is empty ends the line. */
static int split_old(struct str text, bool keep_equals, struct arena *a, struct words *ret)
{
	while (text.ptr) {
		struct str word = sshd_delimited(&text, !keep_equals, a);
		int r;

		if (!word.len)
			return 0;
		r = arena_push(a, ret->list, ret->n, ret->cap, word);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One word from offset *i on, without its quotes and escapes; false: a quote does not close. */
static bool next_word(struct str s, size_t *i, char *out, size_t *ret_len)
{
	char quote = 0;
	size_t n = 0, at = *i;

	for (; at < s.len; at++) {
		char c = s.ptr[at], after = *(at + 1 < s.len ? s.ptr + at + 1 : "");

		if (c == '\\' &&
		    (after == '\'' || after == '"' || after == '\\' || (!quote && after == ' ')))
			out[n++] = s.ptr[++at];
		else if (!quote && (c == ' ' || c == '\t'))
			break;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (quote && c == quote)
			quote = 0;
		else
			out[n++] = c;
	}
	*i = at;
	*ret_len = n;
	return !quote;
}

static int split_new(struct str s, struct arena *a, struct words *ret)
{
	/* Words never get longer than what they are made of. */
	char *room = arena_alloc(a, s.len + 1);

	if (!room)
		return -ENOMEM;
	for (size_t i = 0; i < s.len; i++) {
		size_t len;
		int r;

		if (s.ptr[i] == ' ' || s.ptr[i] == '\t')
			continue;
		if (s.ptr[i] == '#')
			break;
		if (!next_word(s, &i, room, &len))
			return -EINVAL;
		r = arena_push(a, ret->list, ret->n, ret->cap, ((struct str){ room, len }));
		if (r < 0)
			return r;
		room += len;
	}
	return 0;
}

int sshd_split(struct str text, unsigned version, bool keep_equals, struct arena *a,
	       struct str **ret, size_t *ret_n)
{
	struct words w = {};
	int r = version >= 807 ? split_new(text, a, &w) : split_old(text, keep_equals, a, &w);

	if (r < 0)
		return r;
	*ret = w.list;
	*ret_n = w.n;
	return 0;
}
