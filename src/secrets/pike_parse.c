/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pike_parse: the syntax of RE2, as a tree. */
#include <ctype.h>

#include "secrets/pike_work.h"

enum { NOCASE = 1, DOT_ALL = 2, LINES = 4, UNGREEDY = 8 };

struct parser {
	struct arena *a;
	struct str s;
	size_t at;
	unsigned flags, depth;
	uint32_t groups;
	struct byte_set *sets;
	size_t n_sets, cap_sets;
	size_t nodes;
	const char *reason;
	int error;
};

#define NODES_MAX 20000

static const struct pike_node *parse_alternatives(struct parser *p);

static void *fail(struct parser *p, const char *why)
{
	if (!p->reason)
		p->reason = why;
	p->error = p->error ? p->error : -EINVAL;
	return NULL;
}

static struct pike_node *make(struct parser *p, enum pike_node_type type, const struct pike_node *a,
			      const struct pike_node *b)
{
	struct pike_node *n = p->nodes++ < NODES_MAX ? arena_new(p->a, struct pike_node) : NULL;

	if (!n) {
		p->error = p->nodes >= NODES_MAX ? -EINVAL : -ENOMEM;
		return fail(p, "is too long");
	}
	*n = (struct pike_node){ .type = type, .a = a, .b = b };
	return n;
}

static bool more(const struct parser *p) { return p->at < p->s.len && !p->error; }
static char peek(const struct parser *p)
{
	if (!(p->at < p->s.len))
		return '\0';
	return p->s.ptr[p->at];
}

static bool accept(struct parser *p, const char *text)
{
	if (!str_starts(str_sub(p->s, p->at, p->s.len), str_of(text)))
		return false;
	p->at += strlen(text);
	return true;
}

static void add(struct byte_set *s, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to && c < 256; c++)
		s->bits[c / 64] |= UINT64_C(1) << c % 64;
}

static void invert(struct byte_set *s)
{
	for (size_t i = 0; i < COUNT(s->bits); i++)
		s->bits[i] = ~s->bits[i];
}

static void merge(struct byte_set *s, const struct byte_set *with)
{
	for (size_t i = 0; i < COUNT(s->bits); i++)
		s->bits[i] |= with->bits[i];
}

static void fold(struct byte_set *s)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		if (byte_set_has(s, (unsigned char)c))
			add(s, c - 32, c - 32);
		if (byte_set_has(s, (unsigned char)(c - 32)))
			add(s, c, c);
	}
}

static const struct pike_node *set_node(struct parser *p, struct byte_set s)
{
	struct pike_node *n = make(p, NODE_SET, NULL, NULL);

	if (p->flags & NOCASE)
		fold(&s);
	if (n && arena_push(p->a, p->sets, p->n_sets, p->cap_sets, s) < 0) {
		p->error = -ENOMEM;
		return NULL;
	}
	if (n)
		n->value = (uint32_t)p->n_sets - 1;
	return n;
}

/* \d, \w, \s and their opposites. */
static bool class_of(char c, struct byte_set *ret)
{
	struct byte_set s = {};

	switch (c | 32) {
	case 'd': add(&s, '0', '9'); break;
	case 'w':
		add(&s, '0', '9');
		add(&s, 'a', 'z');
		add(&s, 'A', 'Z');
		add(&s, '_', '_');
		break;
	case 's':
		add(&s, '\t', '\n');
		add(&s, '\f', '\r');
		add(&s, ' ', ' ');
		break;
	default: return false;
	}
	if (isupper((unsigned char)c))
		invert(&s);
	*ret = s;
	return true;
}

static unsigned hex(struct parser *p)
{
	uint64_t v = 0;
	size_t n = 2, from = p->at;

	if (accept(p, "{")) {
		ssize_t end = str_find(str_sub(p->s, p->at, p->s.len), '}');

		from = p->at;
		n = end > 0 && end < 5 ? (size_t)end : 9;
		p->at++;
	}
	if (str_to_u64(str_sub(p->s, from, from + n), 16, &v) < 0 || n > 4 || v > 255)
		fail(p, "has a character above 255");
	p->at += n;
	return (unsigned)v & 255;
}

/* The character behind a backslash. */
static unsigned escaped(struct parser *p)
{
	static const char letters[] = "ntrfva", meant[] = "\n\t\r\f\v\a";
	char c = peek(p);
	const char *at = c ? strchr(letters, c) : NULL;

	p->at++;
	if (at)
		return (unsigned char)meant[at - letters];
	if (c == 'x')
		return hex(p);
	if (!c || isalnum((unsigned char)c))
		fail(p, "has an escape that is not known");
	return (unsigned char)c;
}

static bool posix_class(struct parser *p, struct byte_set *ret)
{
	static const struct {
		const char *name;
		int (*is)(int c);
	} classes[] = {
		{"[:alnum:]",   isalnum },
                { "[:alpha:]",  isalpha },
                { "[:digit:]",  isdigit },
		{ "[:lower:]",  islower },
                { "[:upper:]",  isupper },
                { "[:xdigit:]", isxdigit},
		{ "[:space:]",  isspace },
                { "[:punct:]",  ispunct },
                { "[:print:]",  isprint },
		{ "[:graph:]",  isgraph },
	};

	for (size_t i = 0; i < COUNT(classes); i++) {
		if (!accept(p, classes[i].name))
			continue;
		for (int c = 0; c < 128; c++)
			if (classes[i].is(c))
				add(ret, (unsigned)c, (unsigned)c);
		return true;
	}
	return false;
}

static unsigned set_byte(struct parser *p)
{
	return accept(p, "\\") ? escaped(p) : (unsigned char)p->s.ptr[p->at++];
}

static const struct pike_node *bracket(struct parser *p)
{
	struct byte_set s = {}, class;
	bool negated = accept(p, "^"), first = true;

	while (more(p) && (first || peek(p) != ']')) {
		unsigned from, to;

		first = false;
		if (peek(p) == '[' && posix_class(p, &s))
			continue;
		if (peek(p) == '\\' && p->at + 1 < p->s.len &&
		    class_of(p->s.ptr[p->at + 1], &class)) {
			merge(&s, &class);
			p->at += 2;
			continue;
		}
		from = to = set_byte(p);
		if (peek(p) == '-' && p->at + 1 < p->s.len && p->s.ptr[p->at + 1] != ']') {
			p->at++;
			to = more(p) ? set_byte(p) : from;
		}
		if (to < from)
			return fail(p, "has a range that goes backwards");
		add(&s, from, to);
	}
	if (!accept(p, "]"))
		return fail(p, "has a '[' without ']'");
	if (p->flags & NOCASE)
		fold(&s);
	if (negated)
		invert(&s);
	return set_node(p, s);
}

static const struct pike_node *assertion(struct parser *p, enum pike_op op)
{
	struct pike_node *n = make(p, NODE_ASSERT, NULL, NULL);

	if (n)
		n->value = op;
	return n;
}

static const struct pike_node *escape_node(struct parser *p)
{
	struct byte_set s = {};
	char c = peek(p);
	unsigned byte;

	switch (c) {
	case 'b': p->at++; return assertion(p, PIKE_BORDER);
	case 'B': p->at++; return assertion(p, PIKE_NO_BORDER);
	case 'A': p->at++; return assertion(p, PIKE_START);
	case 'z': p->at++; return assertion(p, PIKE_END);
	default: break;
	}
	if (c && class_of(c, &s)) {
		p->at++;
		return set_node(p, s);
	}
	byte = escaped(p);
	add(&s, byte, byte);
	return set_node(p, s);
}

/* "(?i)", "(?-i:", "(?P<name>", "(?:"; *ret_open: what follows is in parentheses. */
static bool read_flags(struct parser *p, bool *ret_open)
{
	bool off = false;

	for (; more(p); p->at++) {
		unsigned flag = 0;

		switch (peek(p)) {
		case ')':
		case ':':
			*ret_open = peek(p) == ':';
			p->at++;
			return true;
		case '-': off = true; continue;
		case 'i': flag = NOCASE; break;
		case 's': flag = DOT_ALL; break;
		case 'm': flag = LINES; break;
		case 'U': flag = UNGREEDY; break;
		default: return false;
		}
		p->flags = off ? p->flags & ~flag : p->flags | flag;
	}
	return false;
}

static const struct pike_node *group(struct parser *p)
{
	unsigned flags = p->flags;
	bool open = true, counts = true;
	const struct pike_node *inner;
	struct pike_node *n;

	if (accept(p, "?P<") ||
	    (str_starts(str_sub(p->s, p->at, p->s.len), STR("?<")) && p->at + 2 < p->s.len &&
	     isalpha((unsigned char)p->s.ptr[p->at + 2]))) {
		while (more(p) && peek(p) != '>')
			p->at++;
		p->at++;
	} else if (accept(p, "?")) {
		counts = false;
		if (!read_flags(p, &open))
			return fail(p, "has a group that RE2 does not know");
		/* They hold until the group that they stand in ends. */
		if (!open)
			return make(p, NODE_EMPTY, NULL, NULL);
	}
	n = make(p, counts ? NODE_GROUP : NODE_CAT, NULL, NULL);
	if (n && counts)
		n->value = ++p->groups;
	inner = parse_alternatives(p);
	if (!n || !inner)
		return NULL;
	if (!accept(p, ")"))
		return fail(p, "has a '(' without ')'");
	p->flags = flags;
	n->a = inner;
	return n;
}

static const struct pike_node *atom(struct parser *p)
{
	struct byte_set s = {};
	char c = p->s.ptr[p->at++];

	switch (c) {
	case '(': return group(p);
	case '[': return bracket(p);
	case '\\': return escape_node(p);
	case '^': return assertion(p, p->flags & LINES ? PIKE_LINE_START : PIKE_START);
	case '$': return assertion(p, p->flags & LINES ? PIKE_LINE_END : PIKE_END);
	case '*':
	case '+':
	case '?': return fail(p, "repeats nothing");
	case '.':
		add(&s, 0, 255);
		if (!(p->flags & DOT_ALL))
			s.bits[0] &= ~(UINT64_C(1) << '\n');
		return set_node(p, s);
	default: add(&s, (unsigned char)c, (unsigned char)c); return set_node(p, s);
	}
}

static bool number(struct parser *p, uint32_t *ret)
{
	size_t from = p->at;
	uint64_t v;

	while (isdigit((unsigned char)peek(p)))
		p->at++;
	if (str_to_u64(str_sub(p->s, from, p->at), 10, &v) < 0 || v > 1000)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* "{2}", "{2,}", "{2,5}"; anything else is a brace. */
static bool braces(struct parser *p, uint32_t *min, uint32_t *max)
{
	size_t back = p->at;

	p->at++;
	if (number(p, min)) {
		*max = *min;
		if (accept(p, ",") && !number(p, max))
			*max = UINT32_MAX;
		if (accept(p, "}") && *min <= *max)
			return true;
	}
	p->at = back;
	return false;
}

static const struct pike_node *repeated(struct parser *p, const struct pike_node *n)
{
	while (n && more(p)) {
		uint32_t min = 0, max = UINT32_MAX;
		struct pike_node *r;

		if (accept(p, "+"))
			min = 1;
		else if (accept(p, "?"))
			max = 1;
		else if (!accept(p, "*") && !(peek(p) == '{' && braces(p, &min, &max)))
			return n;
		r = make(p, NODE_REPEAT, n, NULL);
		if (!r)
			return NULL;
		r->min = min;
		r->max = max;
		r->lazy = accept(p, "?") != !!(p->flags & UNGREEDY);
		n = r;
	}
	return n;
}

static const struct pike_node *parse_sequence(struct parser *p)
{
	const struct pike_node *all = make(p, NODE_EMPTY, NULL, NULL);

	while (all && more(p) && peek(p) != '|' && peek(p) != ')') {
		const struct pike_node *one = repeated(p, atom(p));

		all = one ? make(p, NODE_CAT, all, one) : NULL;
	}
	return p->error ? NULL : all;
}

static const struct pike_node *parse_alternatives(struct parser *p)
{
	const struct pike_node *all;

	if (++p->depth > PIKE_DEPTH_MAX)
		return fail(p, "is too deep");
	all = parse_sequence(p);
	while (all && accept(p, "|")) {
		const struct pike_node *other = parse_sequence(p);

		all = other ? make(p, NODE_ALT, all, other) : NULL;
	}
	p->depth--;
	return all;
}

int pike_parse(struct arena *a, struct str text, struct pike_tree *ret, const char **ret_reason)
{
	struct parser p = { .a = a, .s = text };
	const struct pike_node *all = parse_alternatives(&p);

	if (all && !p.error && p.at < text.len)
		fail(&p, "has a ')' without '('");
	if (p.error || !all) {
		*ret_reason = p.reason ? p.reason : "is none";
		return p.error ? p.error : -EINVAL;
	}
	*ret = (struct pike_tree){ all, p.sets };
	return 0;
}
