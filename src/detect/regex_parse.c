/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Syntax: pcre2pattern(3), without what needs backtracking. */
#include "detect/regex_node.h"

#define DEPTH_MAX 64
#define REPEAT_MOST 1000

struct parser {
	struct arena *arena;
	struct str all, rest;
	unsigned flags, depth;
	struct regex_error *error;
};

static int parse_alternatives(struct parser *p, struct regex_node **ret);

static int bad(struct parser *p, const char *reason)
{
	*p->error = (struct regex_error){ reason, p->all.len - p->rest.len };
	return -EINVAL;
}

static char peek(const struct parser *p, size_t i)
{
	char c = 0;

	if (i < p->rest.len)
		c = p->rest.ptr[i];
	return c;
}

static void skip(struct parser *p, size_t n) { p->rest = str_sub(p->rest, n, p->rest.len); }

static bool accept(struct parser *p, const char *token)
{
	if (!str_starts(p->rest, str_of(token)))
		return false;
	skip(p, strlen(token));
	return true;
}

static int32_t next_rune(struct parser *p)
{
	char first = p->rest.ptr[0];
	int32_t rune = str_rune(&p->rest);

	return rune < 0 ? RUNE_BYTE(first) : rune;
}

static struct regex_node *new_node(struct parser *p, enum regex_node_kind kind)
{
	struct regex_node *n = arena_new(p->arena, struct regex_node);

	if (n)
		n->kind = kind;
	return n;
}

static int new_assert(struct parser *p, unsigned assert, struct regex_node **ret)
{
	struct regex_node *n = new_node(p, NODE_ASSERT);

	if (!n)
		return -ENOMEM;
	n->assert = assert;
	*ret = n;
	return 0;
}

/* Hexadecimal digits, at most `most`, or any number in braces. */
static int hex(struct parser *p, size_t most, int32_t *ret)
{
	bool braces = accept(p, "{");
	uint64_t value;
	size_t n = 0;

	while (n < (braces ? 8 : most) && peek(p, n) &&
	       strchr("0123456789abcdefABCDEF", peek(p, n)))
		n++;
	if (str_to_u64(str_sub(p->rest, 0, n), 16, &value) < 0 || value > 0x10ffff)
		return bad(p, "a character number is wrong");
	skip(p, n);
	if (braces && !accept(p, "}"))
		return bad(p, "} is missing");
	*ret = (int32_t)value;
	return 0;
}

/* What follows a backslash where it stands for one character; the backslash is gone. */
static int escaped_rune(struct parser *p, int32_t *ret)
{
	static const char from[] = "tnrfvae0", to[] = "\t\n\r\f\v\a\033";
	char c = peek(p, 0);
	const char *known = c ? strchr(from, c) : NULL;

	if (!p->rest.len)
		return bad(p, "a backslash at the end");
	if (known && !(c == '0' && peek(p, 1) >= '0' && peek(p, 1) <= '7')) {
		*ret = (unsigned char)to[known - from];
		skip(p, 1);
		return 0;
	}
	if (accept(p, "x"))
		return hex(p, 2, ret);
	if (accept(p, "u"))
		return hex(p, 4, ret);
	if (c >= '0' && c <= '9')
		return bad(p, "back references are not possible");
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return bad(p, "this escape is not known");
	*ret = next_rune(p);
	return 0;
}

static int finish_set(struct parser *p, struct regex_node *set, bool negated)
{
	int r = 0;

	if (p->flags & REGEX_NOCASE)
		r = set_fold(p->arena, set);
	if (r == 0 && negated)
		r = set_negate(p->arena, set);
	set_finish(set);
	return r;
}

/* "[:alpha:]" inside a class; 0 where there is none. */
static int posix_class(struct parser *p, struct regex_node *set)
{
	struct str name = p->rest;
	ssize_t end;
	int r;

	if (!str_starts(name, STR("[:")))
		return 0;
	name = str_sub(name, 2, name.len);
	end = str_find(name, ':');
	if (end <= 0 || (size_t)end + 1 >= name.len || name.ptr[end + 1] != ']')
		return 0;
	r = set_add_posix(p->arena, set, str_sub(name, 0, (size_t)end));
	if (r == -EINVAL)
		return bad(p, "this class is not known");
	skip(p, (size_t)end + 4);
	return r < 0 ? r : 1;
}

/* One end of a range; *ret -1: a class, which was added. */
static int class_item(struct parser *p, struct regex_node *set, int32_t *ret)
{
	int r = posix_class(p, set);

	*ret = -1;
	if (r)
		return r < 0 ? r : 0;
	if (!accept(p, "\\")) {
		*ret = next_rune(p);
		return 0;
	}
	if (peek(p, 0) && strchr("dDwWsShH", peek(p, 0))) {
		r = set_add_class(p->arena, set, peek(p, 0));
		skip(p, 1);
		return r;
	}
	if (accept(p, "b")) {
		*ret = '\b';
		return 0;
	}
	return escaped_rune(p, ret);
}

/* The opening bracket is gone. */
static int parse_class(struct parser *p, struct regex_node **ret)
{
	struct regex_node *set = new_node(p, NODE_SET);
	bool negated = accept(p, "^"), first = true;
	int r = set ? 0 : -ENOMEM;

	for (; r == 0 && (first || peek(p, 0) != ']'); first = false) {
		int32_t from, to;

		if (!p->rest.len)
			return bad(p, "] is missing");
		r = class_item(p, set, &from);
		to = from;
		if (r == 0 && from >= 0 && peek(p, 0) == '-' && p->rest.len > 1 &&
		    peek(p, 1) != ']') {
			skip(p, 1);
			r = class_item(p, set, &to);
			if (r == 0 && to < 0) /* "[a-\d]": three things */
				r = set_add(p->arena, set, '-', '-');
			to = to < 0 ? from : to;
		}
		if (r == 0 && to < from)
			return bad(p, "a range is the wrong way round");
		if (r == 0 && from >= 0)
			r = set_add(p->arena, set, from, to);
	}
	if (r < 0)
		return r;
	skip(p, 1);
	*ret = set;
	return finish_set(p, set, negated);
}

static int single(struct parser *p, int32_t rune, struct regex_node **ret)
{
	struct regex_node *set = new_node(p, NODE_SET);
	int r = set ? set_add(p->arena, set, rune, rune) : -ENOMEM;

	if (r == 0)
		r = finish_set(p, set, false);
	if (r == 0)
		*ret = set;
	return r;
}

static int parse_dot(struct parser *p, struct regex_node **ret)
{
	struct regex_node *set = new_node(p, NODE_SET);
	int r = set ? 0 : -ENOMEM;

	if (r == 0 && !(p->flags & REGEX_DOT_ALL))
		r = set_add(p->arena, set, '\n', '\n');
	if (r == 0)
		r = set_negate(p->arena, set);
	*ret = set;
	return r;
}

/* "\Q…\E" */
static int parse_quoted(struct parser *p, struct regex_node **ret)
{
	struct regex_node *cat = new_node(p, NODE_CAT);
	int r = cat ? 0 : -ENOMEM;

	while (r == 0 && p->rest.len && !accept(p, "\\E")) {
		struct regex_node *one = NULL;

		r = single(p, next_rune(p), &one);
		if (r == 0)
			r = arena_push(p->arena, cat->list, cat->n, cat->cap, one);
	}
	if (cat && !cat->n)
		cat->kind = NODE_EMPTY;
	*ret = cat;
	return r;
}

/* The backslash is gone. */
static int parse_escape(struct parser *p, struct regex_node **ret)
{
	int32_t rune = 0;
	int r;

	if (peek(p, 0) && strchr("dDwWsShH", peek(p, 0))) {
		struct regex_node *set = new_node(p, NODE_SET);

		r = set ? set_add_class(p->arena, set, peek(p, 0)) : -ENOMEM;
		skip(p, 1);
		*ret = set;
		return r < 0 ? r : finish_set(p, set, false);
	}
	if (accept(p, "b"))
		return new_assert(p, ASSERT_WORD, ret);
	if (accept(p, "B"))
		return new_assert(p, ASSERT_NOT_WORD, ret);
	if (accept(p, "A"))
		return new_assert(p, ASSERT_START, ret);
	if (accept(p, "z"))
		return new_assert(p, ASSERT_END, ret);
	if (accept(p, "Z"))
		return new_assert(p, ASSERT_LAST_LINE, ret);
	if (accept(p, "Q"))
		return parse_quoted(p, ret);
	r = escaped_rune(p, &rune);
	return r < 0 ? r : single(p, rune, ret);
}

/* Letters of "(?im-s)" and "(?i:"; true where a group follows them. */
static int parse_flags(struct parser *p, bool *group)
{
	bool off = false;

	for (;; skip(p, 1)) {
		char c = peek(p, 0);
		unsigned flag = c == 'i'   ? REGEX_NOCASE
				: c == 'm' ? REGEX_LINES
				: c == 's' ? REGEX_DOT_ALL
					   : 0;

		if (c == '-' && !off)
			off = true;
		else if (flag)
			p->flags = off ? p->flags & ~flag : p->flags | flag;
		else if (c == ')' || c == ':')
			break;
		else
			return bad(p, "this kind of group is not possible");
	}
	*group = peek(p, 0) == ':';
	skip(p, 1);
	return 0;
}

/* What follows "(?"; *group: an expression and its bracket are still to come. */
static int group_kind(struct parser *p, bool *group)
{
	ssize_t end;

	*group = true;
	if (accept(p, ":"))
		return 0;
	if (accept(p, "#")) {
		end = str_find(p->rest, ')');
		if (end < 0)
			return bad(p, ") is missing");
		skip(p, (size_t)end + 1);
		*group = false;
		return 0;
	}
	if (peek(p, 0) == '=' || peek(p, 0) == '!' ||
	    (peek(p, 0) == '<' && (peek(p, 1) == '=' || peek(p, 1) == '!')))
		return bad(p, "look-around is not possible");
	if (accept(p, "P<") || accept(p, "<") || accept(p, "'")) {
		end = str_find(p->rest, p->rest.ptr[-1] == '\'' ? '\'' : '>');
		if (end <= 0)
			return bad(p, "the name of a group is wrong");
		skip(p, (size_t)end + 1);
		return 0;
	}
	return parse_flags(p, group);
}

/* The opening bracket is gone. *ret NULL: it was no group but flags or a comment. */
static int parse_group(struct parser *p, struct regex_node **ret)
{
	unsigned flags = p->flags;
	bool group = true;
	int r = accept(p, "?") ? group_kind(p, &group) : 0;

	*ret = NULL;
	if (r < 0 || !group)
		return r;
	if (++p->depth > DEPTH_MAX)
		return bad(p, "nested too deeply");
	r = parse_alternatives(p, ret);
	p->depth--;
	p->flags = flags;
	if (r == 0 && !accept(p, ")"))
		return bad(p, ") is missing");
	return r;
}

/* NULL: nothing to repeat. */
static int parse_atom(struct parser *p, struct regex_node **ret)
{
	bool lines = p->flags & REGEX_LINES;

	*ret = NULL;
	if (accept(p, "("))
		return parse_group(p, ret);
	if (accept(p, "["))
		return parse_class(p, ret);
	if (accept(p, "."))
		return parse_dot(p, ret);
	if (accept(p, "^"))
		return new_assert(p, lines ? ASSERT_LINE_START : ASSERT_START, ret);
	if (accept(p, "$"))
		return new_assert(p, lines ? ASSERT_LINE_END : ASSERT_LAST_LINE, ret);
	if (accept(p, "\\"))
		return parse_escape(p, ret);
	if (peek(p, 0) && strchr("*+?", peek(p, 0)))
		return bad(p, "nothing to repeat");
	return single(p, next_rune(p), ret);
}

static bool number(struct parser *p, unsigned *ret)
{
	uint64_t value;
	size_t n = 0;

	while (peek(p, n) >= '0' && peek(p, n) <= '9')
		n++;
	if (str_to_u64(str_sub(p->rest, 0, n), 10, &value) < 0 || value > UINT16_MAX)
		return false;
	*ret = (unsigned)value;
	skip(p, n);
	return true;
}

/* "{2}", "{2,}", "{2,4}"; anything else is plain text. */
static bool braces(struct parser *p, unsigned *low, unsigned *high)
{
	struct str before = p->rest;

	if (accept(p, "{") && number(p, low)) {
		*high = *low;
		if (accept(p, ",") && !number(p, high))
			*high = REPEAT_OPEN;
		if (accept(p, "}"))
			return true;
	}
	p->rest = before;
	return false;
}

static bool quantifier(struct parser *p, unsigned *low, unsigned *high)
{
	*low = 0;
	*high = REPEAT_OPEN;
	if (accept(p, "*"))
		return true;
	if (accept(p, "+")) {
		*low = 1;
		return true;
	}
	if (accept(p, "?")) {
		*high = 1;
		return true;
	}
	return braces(p, low, high);
}

/* An atom and its quantifiers. */
static int parse_piece(struct parser *p, struct regex_node **ret)
{
	unsigned low, high;
	int r = parse_atom(p, ret);

	while (r == 0 && *ret && quantifier(p, &low, &high)) {
		struct regex_node *repeat = new_node(p, NODE_REPEAT);

		if (high < low || low > REPEAT_MOST || (high > REPEAT_MOST && high != REPEAT_OPEN))
			return bad(p, "this number of repetitions is not possible");
		if (peek(p, 0) == '+')
			return bad(p, "possessive quantifiers are not possible");
		(void)accept(p, "?"); /* lazy: the same texts match */
		if (!repeat)
			return -ENOMEM;
		repeat->low = low;
		repeat->high = high;
		r = arena_push(p->arena, repeat->list, repeat->n, repeat->cap, *ret);
		*ret = repeat;
		if (++p->depth > DEPTH_MAX)
			return bad(p, "nested too deeply");
	}
	return r;
}

static int parse_cat(struct parser *p, struct regex_node **ret)
{
	struct regex_node *cat = new_node(p, NODE_CAT);
	unsigned depth = p->depth;
	int r = cat ? 0 : -ENOMEM;

	while (r == 0 && p->rest.len && peek(p, 0) != '|' && peek(p, 0) != ')') {
		struct regex_node *piece = NULL;

		r = parse_piece(p, &piece);
		p->depth = depth;
		if (r == 0 && piece)
			r = arena_push(p->arena, cat->list, cat->n, cat->cap, piece);
	}
	if (cat && !cat->n)
		cat->kind = NODE_EMPTY;
	*ret = cat && cat->n == 1 ? cat->list[0] : cat;
	return r;
}

static int parse_alternatives(struct parser *p, struct regex_node **ret)
{
	struct regex_node *alt = new_node(p, NODE_ALT);
	int r = alt ? 0 : -ENOMEM;

	do {
		struct regex_node *cat = NULL;

		if (r == 0)
			r = parse_cat(p, &cat);
		if (r == 0)
			r = arena_push(p->arena, alt->list, alt->n, alt->cap, cat);
	} while (r == 0 && accept(p, "|"));
	if (r == 0)
		*ret = alt->n == 1 ? alt->list[0] : alt;
	return r;
}

int regex_parse(struct arena *a, struct str text, unsigned flags, struct regex_node **ret,
		struct regex_error *error)
{
	struct parser p = { .arena = a, .all = text, .rest = text, .flags = flags, .error = error };
	struct regex_node *n = NULL;
	int r = parse_alternatives(&p, &n);

	if (r == 0 && p.rest.len)
		return bad(&p, "a closing bracket too many");
	if (r == 0)
		*ret = n;
	return r;
}
