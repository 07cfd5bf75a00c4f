/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nft_scan.h"

static void skip_blanks(struct str *s)
{
	size_t n = 0;

	while (n < s->len &&
	       (s->ptr[n] == ' ' || s->ptr[n] == '\n' || s->ptr[n] == '\t' || s->ptr[n] == '\r'))
		n++;
	*s = str_sub(*s, n, s->len);
}

/* Offset of the quote that ends the string at `at`; the length of the text if there is none. */
static size_t string_end(struct str s, size_t at)
{
	for (at++; at < s.len && s.ptr[at] != '"'; at++)
		at += s.ptr[at] == '\\';
	return MIN(at, s.len);
}

/* Offset behind an object or array that begins the text; 0: it does not end. */
static size_t nested_end(struct str s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '"')
			i = string_end(s, i);
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return 0;
}

static size_t scalar_end(struct str s)
{
	size_t n = 0;

	while (n < s.len && !strchr(",:{}[] \t\r\n\"", s.ptr[n]))
		n++;
	return n;
}

static bool take_value(struct str *s, struct str *ret)
{
	size_t n = 0;

	skip_blanks(s);
	if (!s->len)
		return false;
	if (s->ptr[0] == '{' || s->ptr[0] == '[') {
		n = nested_end(*s);
	} else if (s->ptr[0] == '"') {
		n = string_end(*s, 0) + 1;
		n = n > s->len ? 0 : n;
	} else {
		n = scalar_end(*s);
	}
	*ret = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return n;
}

static bool take_char(struct str *s, char c)
{
	skip_blanks(s);
	if (!s->len || s->ptr[0] != c)
		return false;
	*s = str_sub(*s, 1, s->len);
	return true;
}

bool nft_scan_open(struct nft_scan *s, struct str text, char open)
{
	*s = (struct nft_scan){ .rest = text, .close = open == '{' ? '}' : ']' };
	s->bad = !take_char(&s->rest, open);
	return !s->bad;
}

bool nft_scan_next(struct nft_scan *s, struct str *ret_key, struct str *ret_value)
{
	bool first = !s->started;

	s->started = true;
	if (s->bad || take_char(&s->rest, s->close))
		return false;
	s->bad = true;
	if (!first && !take_char(&s->rest, ','))
		return false;
	if (ret_key) {
		if (!take_value(&s->rest, ret_key) || ret_key->ptr[0] != '"' ||
		    !take_char(&s->rest, ':'))
			return false;
		*ret_key = str_sub(*ret_key, 1, ret_key->len - 1);
	}
	if (!take_value(&s->rest, ret_value))
		return false;
	s->bad = false;
	return true;
}

json_t *nft_json(struct str text, size_t max)
{
	if (!text.len || text.len > max)
		return NULL;
	return json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
}

struct str nft_json_str(const json_t *j)
{
	if (!json_is_string(j))
		return STR("");
	return (struct str){ json_string_value(j), json_string_length(j) };
}
