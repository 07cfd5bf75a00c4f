/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parser: one pass, no recursion. */
#include "base/json.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Small documents may be all nodes. */
#define NODES_FREE ((size_t)1 << 20)

struct parser {
	const unsigned char *begin, *end;
	struct jnode *nodes;
	size_t n, cap, max_nodes;
	unsigned depth, max_depth;
	bool comments, trailing_commas, controls;
	uint32_t stack[JDOC_DEPTH_MAX]; /* nodes of the open containers */
	/* the first error */
	const unsigned char *where;
	const char *reason;
	int error;
};

static const unsigned char *fail(struct parser *p, const unsigned char *where, int error,
				 const char *reason)
{
	p->where = where;
	p->reason = reason;
	p->error = error;
	return NULL;
}

static const unsigned char *bad(struct parser *p, const unsigned char *where, const char *reason)
{
	return fail(p, where, -EBADMSG, reason);
}

static bool grow(struct parser *p, const unsigned char *at)
{
	size_t first = (size_t)(p->end - p->begin) / 24;
	size_t cap = MIN(p->cap ? p->cap + p->cap / 2 : first + 64, p->max_nodes);
	void *nodes;

	if (p->n >= p->max_nodes)
		return fail(p, at, -E2BIG, "more values than are read");
	nodes = alloc_fault && alloc_fault() ? NULL : realloc(p->nodes, cap * sizeof *p->nodes);
	if (!nodes)
		return fail(p, at, -ENOMEM, "out of memory");
	p->nodes = nodes;
	p->cap = cap;
	return true;
}

static inline bool push(struct parser *p, const unsigned char *at, uint32_t type, size_t length)
{
	if (__builtin_expect(p->n == p->cap, 0) && !grow(p, at))
		return false;
	p->nodes[p->n++] =
		(struct jnode){ (uint32_t)(at - p->begin), type | (uint32_t)length << 4 };
	return true;
}

static inline bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const unsigned char *skip_blanks(const unsigned char *at, const unsigned char *end)
{
	if (at<end && * at> ' ')
		return at;
#ifdef __SSE2__
	while (end - at >= 16) {
		__m128i c = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i space = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8(' ')),
					     _mm_cmpeq_epi8(c, _mm_set1_epi8('\t')));
		__m128i feed = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('\n')),
					    _mm_cmpeq_epi8(c, _mm_set1_epi8('\r')));
		unsigned other = ~(unsigned)_mm_movemask_epi8(_mm_or_si128(space, feed)) & 0xffff;

		if (other)
			return at + __builtin_ctz(other);
		at += 16;
	}
#endif
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* Up to what ends a string or needs a closer look: a quote, a backslash, a control, no ASCII. */
static inline const unsigned char *skip_plain(const unsigned char *at, const unsigned char *end)
{
#ifdef __SSE2__
	while (end - at >= 16) {
		__m128i c = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* As signed numbers the bytes from 0x80 on are below the blank, too. */
		__m128i stop = _mm_or_si128(_mm_cmplt_epi8(c, _mm_set1_epi8(' ')),
					    _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')),
							 _mm_cmpeq_epi8(c, _mm_set1_epi8('\\'))));
		unsigned mask = (unsigned)_mm_movemask_epi8(stop);

		if (mask)
			return at + __builtin_ctz(mask);
		at += 16;
	}
#endif
	while (at < end && *at != '"' && *at != '\\' && *at >= ' ' && *at < 0x80)
		at++;
	return at;
}

/* at: a slash. Returns `at` where no comment starts. */
static const unsigned char *skip_comment(struct parser *p, const unsigned char *at)
{
	struct str rest = { (const char *)at, (size_t)(p->end - at) };
	const char *found;

	if (str_starts(rest, STR("//"))) {
		found = memchr(rest.ptr, '\n', rest.len);
		return found ? (const unsigned char *)found : p->end;
	}
	if (!str_starts(rest, STR("/*")))
		return at;
	found = memmem(rest.ptr + 2, rest.len - 2, "*/", 2);
	return found ? (const unsigned char *)found + 2 : bad(p, at, "a comment does not end");
}

static inline const unsigned char *skip(struct parser *p, const unsigned char *at)
{
	for (;;) {
		const unsigned char *start;

		at = skip_blanks(at, p->end);
		if (__builtin_expect(at == p->end || *at != '/' || !p->comments, 1))
			return at;
		start = at;
		at = skip_comment(p, at);
		if (!at || at == start)
			return at;
	}
}

/* Four hexadecimal digits, -1: they are none. */
static int hex4(const unsigned char *at, const unsigned char *end)
{
	uint64_t value;

	if (end - at < 4 || str_to_u64((struct str){ (const char *)at, 4 }, 16, &value) < 0)
		return -1;
	return (int)value;
}

/* at: the backslash. Surrogates come in pairs (RFC 8259, 7; RFC 3629, 3). */
static const unsigned char *escape(struct parser *p, const unsigned char *at)
{
	int unit;

	if (p->end - at < 2)
		return bad(p, at, "a string does not end");
	if (at[1] && strchr("\"\\/bfnrt", at[1]))
		return at + 2;
	unit = at[1] == 'u' ? hex4(at + 2, p->end) : -1;
	if (unit < 0)
		return bad(p, at, "an escape that JSON does not have");
	if (unit >> 11 != 0xd800 >> 11)
		return at + 6;
	if (unit < 0xdc00 && p->end - at >= 12 && at[6] == '\\' && at[7] == 'u' &&
	    hex4(at + 8, p->end) >> 10 == 0xdc00 >> 10)
		return at + 12;
	return bad(p, at, "an escape of half a character");
}

/* at: behind the quote. Returns the closing one. */
static inline const unsigned char *string(struct parser *p, const unsigned char *at, bool *escaped)
{
	for (;;) {
		at = skip_plain(at, p->end);
		if (__builtin_expect(at == p->end, 0))
			return bad(p, at, "a string does not end");
		if (__builtin_expect(*at == '"', 1))
			return at;
		if (*at == '\\') {
			*escaped = true;
			at = escape(p, at);
		} else if (*at < ' ') {
			at = p->controls ? at + 1 : bad(p, at, "a control character in a string");
		} else {
			struct str rest = { (const char *)at, (size_t)(p->end - at) };

			if (str_rune(&rest) < 0)
				return bad(p, at, "a string is not UTF-8");
			at = (const unsigned char *)rest.ptr;
		}
		if (!at)
			return NULL;
	}
}

static inline const unsigned char *push_string(struct parser *p, const unsigned char *at)
{
	bool escaped = false;
	const unsigned char *end = string(p, at + 1, &escaped);

	if (!end)
		return NULL;
	if ((size_t)(end - at) > JDOC_LENGTH_MAX)
		return fail(p, at, -EFBIG, "a string is longer than 256 MB");
	if (!push(p, at + 1, J_STRING | (escaped ? 8 : 0), (size_t)(end - at - 1)))
		return NULL;
	return end + 1;
}

static inline bool digits(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *first = *at;

	while (*at < end && **at >= '0' && **at <= '9')
		++*at;
	return *at > first;
}

static const unsigned char *push_number(struct parser *p, const unsigned char *first)
{
	const unsigned char *at = first + (*first == '-'), *end = p->end;
	bool zero = at < end && *at == '0';

	if (zero)
		at++;
	else if (!digits(&at, end))
		return bad(p, first, "not a number");
	if (at < end && *at == '.' && (at++, !digits(&at, end)))
		return bad(p, first, "not a number");
	if (at < end && (*at | 0x20) == 'e') {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		if (!digits(&at, end))
			return bad(p, first, "not a number");
	}
	if ((size_t)(at - first) > JDOC_LENGTH_MAX)
		return fail(p, first, -EFBIG, "a number is longer than 256 MB");
	return push(p, first, J_NUMBER, (size_t)(at - first)) ? at : NULL;
}

static const unsigned char *push_literal(struct parser *p, const unsigned char *at)
{
	static const struct {
		struct str text;
		enum jtype type;
	} literals[] = {
		{STR("null"),   J_NULL },
		{ STR("true"),  J_TRUE },
		{ STR("false"), J_FALSE},
	};
	struct str rest = { (const char *)at, (size_t)(p->end - at) };

	for (size_t i = 0; i < COUNT(literals); i++)
		if (str_starts(rest, literals[i].text))
			return push(p, at, literals[i].type, literals[i].text.len)
				       ? at + literals[i].text.len
				       : NULL;
	return bad(p, at, "a value is missing or misspelt");
}

enum state { VALUE, FIRST_VALUE, KEY, FIRST_KEY, AFTER };

static const unsigned char *open_container(struct parser *p, const unsigned char *at,
					   enum jtype type)
{
	if (p->depth == p->max_depth)
		return fail(p, at, -E2BIG, "nested deeper than is read");
	if (!push(p, at, type, 0))
		return NULL;
	p->stack[p->depth++] = (uint32_t)p->n - 1;
	return at + 1;
}

static const unsigned char *close_container(struct parser *p, const unsigned char *at)
{
	uint32_t node = p->stack[--p->depth];

	p->nodes[node].info |= ((uint32_t)p->n - 1 - node) << 4;
	return at + 1;
}

static inline const unsigned char *value(struct parser *p, const unsigned char *at,
					 enum state *next)
{
	*next = AFTER;
	switch (*at) {
	case '"': return push_string(p, at);
	case '{': *next = FIRST_KEY; return open_container(p, at, J_OBJECT);
	case '[': *next = FIRST_VALUE; return open_container(p, at, J_ARRAY);
	case '-':
	case '0' ... '9': return push_number(p, at);
	default: return push_literal(p, at);
	}
}

static inline const unsigned char *key(struct parser *p, const unsigned char *at)
{
	if (*at != '"')
		return bad(p, at, "a name in quotes is missing");
	at = push_string(p, at);
	if (at)
		at = skip(p, at);
	if (at && (at == p->end || *at != ':'))
		return bad(p, at, "a colon is missing");
	return at ? at + 1 : NULL;
}

static inline const unsigned char *after(struct parser *p, const unsigned char *at,
					 enum state *next)
{
	bool object;

	if (!p->depth)
		return bad(p, at, "something follows the document");
	object = (p->nodes[p->stack[p->depth - 1]].info & 7) == J_OBJECT;
	if (*at == ',') {
		*next = p->trailing_commas ? (object ? FIRST_KEY : FIRST_VALUE)
					   : (object ? KEY : VALUE);
		return at + 1;
	}
	if (*at == (object ? '}' : ']'))
		return close_container(p, at);
	return bad(p, at, object ? "a comma or } is missing" : "a comma or ] is missing");
}

static bool parse(struct parser *p)
{
	const unsigned char *at = p->begin;
	enum state state = VALUE;

	while ((at = skip(p, at))) {
		if (at == p->end) {
			if (state == AFTER && !p->depth)
				return true;
			return bad(p, at, p->n ? "the text ends too early" : "the text is empty");
		}
		if (state == AFTER)
			at = after(p, at, &state);
		else if (state == KEY || (state == FIRST_KEY && *at != '}'))
			at = key(p, at), state = VALUE;
		else if (state == VALUE || (state == FIRST_VALUE && *at != ']'))
			at = value(p, at, &state);
		else
			at = close_container(p, at), state = AFTER;
		if (!at)
			break;
	}
	return false;
}

static void locate(const struct parser *p, struct diag *d)
{
	const unsigned char *line = p->begin;
	unsigned n = 1;

	if (!d || d->reason[0])
		return;
	for (const unsigned char *at = p->begin; (at = memchr(at, '\n', (size_t)(p->where - at)));
	     n++)
		line = ++at;
	diag_set(d, p->error, "", n, "%s", p->reason);
	d->column = (unsigned)(p->where - line) + 1;
}

/* False when a key is there twice, which is an error as any other. */
static bool check_keys(struct parser *p, const struct jdoc *doc)
{
	uint32_t second = 0;
	int r = jdoc_repeated(doc, &second);

	if (r < 0)
		return fail(p, p->end, r, "out of memory");
	if (second)
		return bad(p, p->begin + doc->nodes[second].at - 1, "a name is there twice");
	return true;
}

int jdoc_parse(struct str text, const struct joptions *o, struct jdoc *ret, struct diag *d)
{
	const unsigned char *begin = (const unsigned char *)(text.len ? text.ptr : "");
	own(jdoc_release) struct jdoc doc = {
		.text = {(const char *)begin, text.len}
	};
	size_t most = o->max_nodes ? o->max_nodes : MAX(NODES_FREE, text.len / 4);
	struct parser p = {
		.begin = begin,
		.end = begin + text.len,
		.max_nodes = MIN(most, JDOC_LENGTH_MAX),
		.max_depth = MIN(o->max_depth ? o->max_depth : JDOC_DEPTH_MAX, JDOC_DEPTH_MAX),
		.comments = o->comments,
		.trailing_commas = o->trailing_commas,
		.controls = o->controls,
	};
	bool good;

	if (text.len > JDOC_TEXT_MAX)
		return diag_set(d, -EFBIG, "", 0, "longer than 4 GB");
	good = parse(&p);
	doc.nodes = p.nodes;
	doc.n = p.n;
	if (good && (!o->unique_keys || check_keys(&p, &doc))) {
		*ret = take(doc);
		return 0;
	}
	locate(&p, d);
	return p.error;
}
