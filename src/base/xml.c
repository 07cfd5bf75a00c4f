/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xml.h"

#include "base/json.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static ssize_t find(struct str s, struct str what)
{
	const char *p = s.len ? memmem(s.ptr, s.len, what.ptr, what.len) : NULL;

	return p ? p - s.ptr : -1;
}

/* Behind "what"; -EBADMSG. */
static int skip_to(struct xml *x, struct str what)
{
	ssize_t at = find(x->rest, what);

	if (at < 0)
		return -EBADMSG;
	x->rest = str_sub(x->rest, (size_t)at + what.len, x->rest.len);
	return 0;
}

/* The '>' that ends a tag: values may have some of their own. */
static ssize_t end_of_tag(struct str s)
{
	char quote = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (quote && c == quote)
			quote = 0;
		else if (quote)
			continue;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return (ssize_t)i;
		else if (c == '<')
			return -1;
	}
	return -1;
}

static int tag(struct xml *x, enum xml_kind *ret)
{
	bool close = str_starts(x->rest, STR("</"));
	struct str s = str_sub(x->rest, close ? 2 : 1, x->rest.len);
	ssize_t end = end_of_tag(s);
	size_t n = 0;

	if (end <= 0)
		return -EBADMSG;
	x->rest = str_sub(s, (size_t)end + 1, s.len);
	s = str_sub(s, 0, (size_t)end);
	x->empty = !close && str_ends(s, STR("/"));
	s.len -= x->empty;
	while (n < s.len && !is_blank(s.ptr[n]))
		n++;
	if (!n)
		return -EBADMSG;
	x->name = str_sub(s, 0, n);
	x->attributes = str_sub(s, n, s.len);
	*ret = close ? XML_CLOSE : XML_OPEN;
	return 0;
}

static bool is_empty(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_blank(s.ptr[i]))
			return false;
	return true;
}

/* 1: a text is at hand; 0: nothing of interest was there. */
static int text(struct xml *x)
{
	ssize_t end = str_find(x->rest, '<');

	x->text = str_sub(x->rest, 0, end < 0 ? x->rest.len : (size_t)end);
	x->rest = str_sub(x->rest, x->text.len, x->rest.len);
	return !is_empty(x->text);
}

int xml_next(struct xml *x, enum xml_kind *ret)
{
	static const struct str cdata = STR("<![CDATA[");

	while (x->rest.len) {
		int r = 0;

		if (x->rest.ptr[0] != '<') {
			if (text(x)) {
				*ret = XML_TEXT;
				return 0;
			}
		} else if (str_starts(x->rest, cdata)) {
			const char *from = x->rest.ptr + cdata.len;

			r = skip_to(x, STR("]]>"));
			if (r < 0)
				return r;
			x->text = (struct str){ from, (size_t)(x->rest.ptr - from) - 3 };
			*ret = XML_TEXT;
			return 0;
		} else if (str_starts(x->rest, STR("<!--"))) {
			r = skip_to(x, STR("-->"));
		} else if (str_starts(x->rest, STR("<?"))) {
			r = skip_to(x, STR("?>"));
		} else if (str_starts(x->rest, STR("<!"))) {
			r = -EBADMSG;
		} else {
			return tag(x, ret);
		}
		if (r < 0)
			return r;
	}
	*ret = XML_END;
	return 0;
}

bool xml_attribute(const struct xml *x, struct str name, struct str *ret)
{
	struct str s = x->attributes;

	for (;;) {
		struct str key;
		ssize_t equals, end;

		s = str_trim(s);
		equals = str_find(s, '=');
		if (equals <= 0)
			return false;
		key = str_trim(str_sub(s, 0, (size_t)equals));
		s = str_trim(str_sub(s, (size_t)equals + 1, s.len));
		if (s.len < 2 || (s.ptr[0] != '"' && s.ptr[0] != '\''))
			return false;
		end = str_find(str_sub(s, 1, s.len), s.ptr[0]);
		if (end < 0)
			return false;
		if (str_eq(key, name)) {
			*ret = str_sub(s, 1, (size_t)end + 1);
			return true;
		}
		s = str_sub(s, (size_t)end + 2, s.len);
	}
}

/* "#10", "#xA", "amp"; 0: none of these, it stays as it is. */
static size_t expand(struct str entity, char ret[static 4])
{
	static const struct {
		const char *name;
		char c;
	} known[] = {
		{"amp",   '&' },
                { "lt",   '<' },
                { "gt",   '>' },
                { "quot", '"' },
                { "apos", '\''}
	};
	bool hex = str_starts(entity, STR("#x"));
	uint64_t n;

	if (str_starts(entity, STR("#")))
		return str_to_u64(str_sub(entity, hex ? 2 : 1, entity.len), hex ? 16 : 10, &n) ==
					       0 &&
				       n && n < 0x11'0000 && (n < 0xd800 || n > 0xdfff)
			       ? json_put_rune((unsigned)n, ret)
			       : 0;
	for (size_t i = 0; i < COUNT(known); i++) {
		if (str_eq(entity, str_of(known[i].name))) {
			ret[0] = known[i].c;
			return 1;
		}
	}
	return 0;
}

struct str xml_unescape(struct arena *a, struct str s)
{
	char *to;
	size_t n = 0;

	if (str_find(s, '&') < 0)
		return s;
	/* No entity is shorter than what it stands for. */
	to = arena_alloc(a, s.len + 4);
	for (size_t i = 0; to && i < s.len;) {
		ssize_t end =
			s.ptr[i] == '&' ? str_find(str_sub(s, i, MIN(s.len, i + 12)), ';') : -1;
		size_t put = end > 0 ? expand(str_sub(s, i + 1, i + (size_t)end), to + n) : 0;

		if (put) {
			n += put;
			i += (size_t)end + 1;
		} else {
			to[n++] = s.ptr[i++];
		}
	}
	return (struct str){ to, n };
}
