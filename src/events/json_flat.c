/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/json_flat.h"
#include "events/scan.h"

struct reading {
	struct json_flat *f;
	const char *p, *end;
	char path[JSON_PATH];
	size_t path_len;
	unsigned depth;
};

static void blanks(struct reading *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n'))
		r->p++;
}

static bool accept(struct reading *r, char c)
{
	blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static char *room(struct json_flat *f, size_t n)
{
	char *p = f->text + f->used;

	if (n > sizeof f->text - f->used) {
		f->full = true;
		return NULL;
	}
	f->used += n;
	return p;
}

static unsigned hex4(const char *p)
{
	unsigned v = 0;

	for (unsigned i = 0; i < 4; i++) {
		char c = p[i];
		unsigned d = scan_is_digit(c)			       ? (unsigned)(c - '0') :
			     (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) :
								       16;

		if (d > 15)
			return UINT32_MAX;
		v = v * 16 + d;
	}
	return v;
}

static size_t utf8(unsigned rune, char *to)
{
	if (rune < 0x80) {
		to[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		to[0] = (char)(0xc0 | rune >> 6);
		to[1] = (char)(0x80 | (rune & 63));
		return 2;
	}
	if (rune < 0x10000) {
		to[0] = (char)(0xe0 | rune >> 12);
		to[1] = (char)(0x80 | (rune >> 6 & 63));
		to[2] = (char)(0x80 | (rune & 63));
		return 3;
	}
	to[0] = (char)(0xf0 | rune >> 18);
	to[1] = (char)(0x80 | (rune >> 12 & 63));
	to[2] = (char)(0x80 | (rune >> 6 & 63));
	to[3] = (char)(0x80 | (rune & 63));
	return 4;
}

/* "\uD83D\uDE00" at p (behind the backslash); the bytes it takes, 0: not well-formed. */
static size_t escaped_rune(const char *p, const char *end, unsigned *ret)
{
	unsigned rune, low;

	if (end - p < 5)
		return 0;
	rune = hex4(p + 1);
	if (rune == UINT32_MAX)
		return 0;
	*ret = rune;
	if (rune >= 0xdc00 && rune < 0xe000)
		*ret = 0xfffd;
	if (rune < 0xd800 || rune >= 0xdc00)
		return 5;
	*ret = 0xfffd;
	if (end - p < 11 || p[5] != '\\' || p[6] != 'u')
		return 5;
	low = hex4(p + 7);
	if (low < 0xdc00 || low >= 0xe000)
		return 5;
	*ret = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
	return 11;
}

static bool unescape(struct json_flat *f, struct str s, struct str *ret)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	/* Never longer than it is written. */
	char *begin = room(f, s.len), *q = begin;
	const char *end = s.ptr + s.len;

	if (!begin)
		return true;
	for (const char *p = s.ptr; p < end; p++) {
		const char *known;
		unsigned rune;
		size_t n;

		if (*p != '\\') {
			*q++ = *p;
			continue;
		}
		if (++p == end)
			return false;
		if (*p == 'u') {
			n = escaped_rune(p, end, &rune);
			if (!n)
				return false;
			q += utf8(rune, q);
			p += n - 1;
			continue;
		}
		known = *p ? memchr(from, *p, sizeof from - 1) : NULL;
		if (!known)
			return false;
		*q++ = to[known - from];
	}
	f->used = (size_t)(q - f->text);
	*ret = (struct str){ begin, (size_t)(q - begin) };
	return true;
}

/* A string behind its quote. */
static bool string(struct reading *r, struct str *ret)
{
	const char *begin = r->p;
	bool escapes = false;

	while (r->p < r->end && *r->p != '"') {
		if (*r->p == '\\') {
			escapes = true;
			r->p++;
		}
		r->p++;
	}
	if (r->p >= r->end)
		return false;
	*ret = (struct str){ begin, (size_t)(r->p - begin) };
	r->p++;
	return !escapes || unescape(r->f, *ret, ret);
}

static void add(struct reading *r, enum json_kind kind, struct str text)
{
	struct json_flat *f = r->f;
	char *path;

	if (f->n == JSON_VALUES || !(path = room(f, r->path_len))) {
		f->full = true;
		return;
	}
	memcpy(path, r->path, r->path_len);
	f->list[f->n++] =
		(struct json_value){ .path = { path, r->path_len }, .text = text, .kind = kind };
}

/* A number, true, false or null: text up to what ends it. */
static bool word(struct reading *r, struct str *ret, enum json_kind *kind)
{
	const char *begin = r->p;

	while (r->p < r->end && *r->p != ',' && *r->p != '}' && *r->p != ']' && *r->p > ' ')
		r->p++;
	*ret = (struct str){ begin, (size_t)(r->p - begin) };
	if (!ret->len)
		return false;
	if (*begin == '-' || scan_is_digit(*begin))
		*kind = JSON_NUMBER;
	else if (str_eq(*ret, STR("null")))
		*kind = JSON_NULL;
	else if (str_eq(*ret, STR("true")) || str_eq(*ret, STR("false")))
		*kind = JSON_WORD;
	else
		return false;
	return true;
}

static bool value(struct reading *r);

static bool object(struct reading *r)
{
	size_t parent = r->path_len;

	if (accept(r, '}'))
		return true;
	do {
		struct str key;
		size_t n;

		if (!accept(r, '"') || !string(r, &key) || !accept(r, ':'))
			return false;
		n = parent;
		if (n && n < JSON_PATH)
			r->path[n++] = '.';
		/* A name that does not fit is cut, which nobody asks for. */
		key.len = MIN(key.len, JSON_PATH - n);
		if (key.len)
			memcpy(r->path + n, key.ptr, key.len);
		r->path_len = n + key.len;
		if (!value(r))
			return false;
		r->path_len = parent;
	} while (accept(r, ','));
	return accept(r, '}');
}

#define ELEMENTS 256U

static void join(struct reading *r, const struct str *parts, unsigned n)
{
	size_t len = n - 1;
	char *p, *q;

	for (unsigned i = 0; i < n; i++)
		len += parts[i].len;
	p = q = room(r->f, len);
	if (!p)
		return;
	for (unsigned i = 0; i < n; i++) {
		if (i)
			*q++ = ' ';
		if (parts[i].len)
			memcpy(q, parts[i].ptr, parts[i].len);
		q += parts[i].len;
	}
	add(r, JSON_STRING, (struct str){ p, len });
}

/* Plain values are joined; of objects each is read under the array's name. */
static bool array(struct reading *r)
{
	struct str parts[ELEMENTS];
	enum json_kind kind = JSON_STRING;
	unsigned n = 0;

	if (accept(r, ']'))
		return true;
	do {
		struct str text;

		blanks(r);
		if (r->p < r->end && (*r->p == '{' || *r->p == '[')) {
			if (!value(r))
				return false;
			continue;
		}
		if (accept(r, '"') ? !string(r, &text) : !word(r, &text, &kind))
			return false;
		if (n < ELEMENTS)
			parts[n++] = text;
	} while (accept(r, ','));
	if (n == 1)
		add(r, kind, parts[0]);
	else if (n)
		join(r, parts, n);
	return accept(r, ']');
}

/* Over what is too deep, brackets counted and strings respected. */
static bool skip_container(struct reading *r)
{
	unsigned open = 1;

	while (r->p < r->end && open) {
		char c = *r->p++;

		if (c == '"') {
			while (r->p < r->end && *r->p != '"')
				r->p += 1 + (*r->p == '\\');
			if (r->p >= r->end)
				return false;
			r->p++;
		} else if (c == '{' || c == '[') {
			open++;
		} else if (c == '}' || c == ']') {
			open--;
		}
	}
	return !open;
}

static bool value(struct reading *r)
{
	const char *begin;
	enum json_kind kind = JSON_STRING;
	struct str text;
	size_t at;
	bool good;

	blanks(r);
	begin = r->p;
	if (r->p == r->end)
		return false;
	if (*r->p != '{' && *r->p != '[') {
		if (accept(r, '"') ? !string(r, &text) : !word(r, &text, &kind))
			return false;
		add(r, kind, text);
		return true;
	}
	r->p++;
	at = r->f->n;
	if (r->path_len)
		add(r, JSON_RAW, (struct str){ begin, 0 });
	if (r->depth >= JSON_DEPTH) {
		good = skip_container(r);
	} else {
		r->depth++;
		good = *begin == '{' ? object(r) : array(r);
		r->depth--;
	}
	if (good && r->path_len && at < r->f->n)
		r->f->list[at].text.len = (size_t)(r->p - begin);
	return good;
}

bool json_flatten(struct json_flat *f, struct str *s)
{
	struct reading r = { .f = f, .p = s->ptr, .end = s->ptr + s->len };

	f->n = f->used = 0;
	f->full = false;
	blanks(&r);
	if (r.p == r.end || *r.p != '{' || !value(&r))
		return false;
	*s = (struct str){ r.p, (size_t)(r.end - r.p) };
	return true;
}
