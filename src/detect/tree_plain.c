/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree_plain: the YAML that nearly every rule is written in: block maps and lists, scalars on one line,
 * literal blocks, printable ASCII. Whatever else a text has is for the whole parser (-EAGAIN), which
 * also says what is wrong: what is read here is what that one reads, several times as fast.
 */
#include "detect/tree.h"

#define KEY_MOST 1000U
#define NODES_MOST (TREE_NODES_MAX / 2)
#define DEPTH_MOST (TREE_DEPTH_MAX - 2)
#define KEYS_MOST 24U

struct line {
	const char *ptr;    /* behind the blanks */
	size_t len, indent; /* len: without blanks at the end */
	unsigned number;
};

struct plain {
	struct arena *arena, *texts;
	const char *at, *end; /* at: where the line behind `line` begins */
	struct line line;     /* the one that is to be read; len 0: the end of a document */
	unsigned number;      /* of the line behind */
	bool marker;          /* the document ended with "---" */
	size_t nodes;
	int error;
};

static int give_up(struct plain *p)
{
	if (!p->error)
		p->error = -EAGAIN;
	return p->error;
}

static struct str line_text(const struct line *l) { return (struct str){ l->ptr, l->len }; }

/* The next line of the text, whatever it says. */
static bool raw_line(struct plain *p, struct line *ret)
{
	const char *start = p->at, *stop;
	struct line l = { .number = p->number };

	if (start == p->end)
		return false;
	stop = memchr(start, '\n', (size_t)(p->end - start));
	p->at = stop ? stop + 1 : p->end;
	stop = stop ? stop : p->end;
	p->number++;
	while (start + l.indent < stop && start[l.indent] == ' ')
		l.indent++;
	l.ptr = start + l.indent;
	l.len = (size_t)(stop - l.ptr);
	while (l.len && l.ptr[l.len - 1] == ' ')
		l.len--;
	*ret = l;
	return true;
}

/* On to the next line that is neither empty nor a comment. */
static void next_line(struct plain *p)
{
	struct line l = {};

	do {
		if (!raw_line(p, &l)) {
			p->line = (struct line){ .number = p->number };
			return;
		}
	} while (!l.len || *l.ptr == '#');
	if (!l.indent && l.len >= 3 && (!memcmp(l.ptr, "---", 3) || !memcmp(l.ptr, "...", 3))) {
		if (l.len > 3 || *l.ptr == '.' || (l.ptr[3] != '\n' && l.ptr + 3 != p->end))
			give_up(p);
		p->marker = true;
		l = (struct line){ .number = l.number };
	}
	p->line = l;
}

static struct tree *new_tree(struct plain *p, enum tree_kind kind, unsigned line, size_t column)
{
	struct tree *t = ++p->nodes > NODES_MOST ? NULL : arena_new(p->arena, struct tree);

	if (!t) {
		if (p->nodes > NODES_MOST)
			give_up(p);
		else
			p->error = -ENOMEM;
		return NULL;
	}
	t->kind = kind;
	t->line = line;
	t->column = (unsigned)column + 1;
	t->weight = 1;
	return t;
}

static struct tree *new_scalar(struct plain *p, struct str text, bool plain, unsigned line,
			       size_t column)
{
	struct tree *t = new_tree(p, TREE_SCALAR, line, column);

	if (!t)
		return NULL;
	t->text = text;
	t->plain = plain;
	return t;
}

/* Only blanks, or a comment behind a blank. */
static bool is_over(struct str rest)
{
	if (!rest.len)
		return true;
	if (*rest.ptr != ' ')
		return false;
	rest = str_trim(rest);
	return !rest.len || *rest.ptr == '#';
}

/* Where a scalar in single quotes ends: behind them; 0: not on this line. */
static size_t quoted_end(struct str s)
{
	for (size_t i = 1; i < s.len; i++)
		if (s.ptr[i] == '\'') {
			if (i + 1 == s.len || s.ptr[i + 1] != '\'')
				return i + 1;
			i++;
		}
	return 0;
}

static size_t double_end(struct str s)
{
	for (size_t i = 1; i < s.len && s.ptr[i] != '\\'; i++)
		if (s.ptr[i] == '"')
			return i + 1;
	return 0;
}

/* What stands between the quotes. */
static struct str unquote(struct plain *p, struct str s)
{
	char *out;
	size_t n = 0;

	if (*s.ptr == '"' || !str_contains(str_sub(s, 1, s.len - 1), STR("''")))
		return str_sub(s, 1, s.len - 1);
	out = arena_alloc(p->texts, s.len);
	if (!out)
		return (struct str){};
	for (size_t i = 1; i + 1 < s.len; i++) {
		out[n++] = s.ptr[i];
		i += *s.ptr == '\'' && s.ptr[i] == '\'';
	}
	return (struct str){ out, n };
}

static bool is_indicator(struct str s)
{
	if (strchr("-?:", *s.ptr))
		return s.len == 1 || s.ptr[1] == ' ' || *s.ptr != '-';
	return strchr(",[]{}#&*!|>'\"%@`", *s.ptr) != NULL;
}

/* End of a scalar without quotes in a value; SIZE_MAX: it is something else. */
static size_t plain_end(struct str s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] == ':' && (i + 1 == s.len || s.ptr[i + 1] == ' '))
			return SIZE_MAX;
		if (s.ptr[i] == '#' && i && s.ptr[i - 1] == ' ')
			break;
	}
	while (i && s.ptr[i - 1] == ' ')
		i--;
	return i;
}

/* A scalar on the rest of the line; the next line must not go on with it. */
static struct tree *read_scalar(struct plain *p, struct str s, unsigned line, size_t column)
{
	struct tree *t;
	size_t end;

	if (*s.ptr == '\'' || *s.ptr == '"') {
		struct str inner;

		end = *s.ptr == '"' ? double_end(s) : quoted_end(s);
		if (!end || !is_over(str_sub(s, end, s.len)))
			return give_up(p), NULL;
		t = new_tree(p, TREE_SCALAR, line, column);
		inner = t ? unquote(p, str_sub(s, 0, end)) : (struct str){};
		if (!inner.ptr)
			return p->error = p->error ? p->error : -ENOMEM, NULL;
		t->text = inner;
		return t;
	}
	end = plain_end(s);
	if (end == SIZE_MAX || is_indicator(s))
		return give_up(p), NULL;
	return new_scalar(p, str_sub(s, 0, end), true, line, column);
}

/* A line of a literal block; false: it is behind it. */
static bool block_line(struct plain *p, size_t parent, size_t *indent, struct str *ret)
{
	const char *start = p->at;
	unsigned number = p->number;
	struct line l;

	if (!raw_line(p, &l))
		return false;
	if (!l.len) {
		/* Blanks beyond the indentation would be text. */
		if (l.indent > *indent)
			give_up(p);
		*ret = STR("");
		return true;
	}
	if (*indent == SIZE_MAX && l.indent > parent)
		*indent = l.indent;
	if (l.indent < *indent || *indent == SIZE_MAX) {
		p->at = start;
		p->number = number;
		return false;
	}
	*ret = (struct str){ start + *indent, (size_t)(p->at - start) - *indent - 1 };
	return true;
}

/* "|" or "|-": the lines that are indented more than the map that it is in. */
static struct tree *read_block(struct plain *p, struct str head, size_t parent, unsigned line,
			       size_t column)
{
	struct tree *t = new_tree(p, TREE_SCALAR, line, column);
	size_t indent = SIZE_MAX, used = 0, blank = 0;
	const char *start = p->at;
	struct str text;
	char *out;

	if (!t || (head.len > 1 && !str_eq(head, STR("|-"))))
		return give_up(p), NULL;
	while (block_line(p, parent, &indent, &text))
		if (!text.len && indent == SIZE_MAX)
			return give_up(p), NULL;
	if (indent == SIZE_MAX || p->error)
		return give_up(p), NULL;
	out = arena_alloc(p->texts, (size_t)(p->at - start) + 1);
	if (!out)
		return p->error = -ENOMEM, NULL;
	p->number = line + 1;
	for (p->at = start; block_line(p, parent, &indent, &text);) {
		if (!text.len) {
			blank++;
			continue;
		}
		memset(out + used, '\n', blank);
		memcpy(out + used + blank, text.ptr, text.len);
		used += blank + text.len;
		out[used++] = '\n';
		blank = 0;
	}
	t->text = (struct str){ out, used - (head.len > 1) };
	return t;
}

static struct tree *read_node(struct plain *p, unsigned depth);

static bool is_entry(const struct line *l)
{
	return l->len && *l->ptr == '-' && (l->len == 1 || l->ptr[1] == ' ');
}

/* Ends a line, whose scalar must not go on in the next one. */
static void end_line(struct plain *p, size_t parent)
{
	next_line(p);
	if (p->line.len && p->line.indent > parent)
		give_up(p);
}

/* What follows "key:" or "-" on its line, which is p->line; skip: where it begins there. */
static struct tree *read_rest(struct plain *p, size_t skip, size_t parent, bool in_map,
			      unsigned depth)
{
	struct line l = p->line;
	struct str rest = str_sub(line_text(&l), skip, l.len);
	size_t column = l.indent + skip;
	struct tree *t;

	if (is_over(rest)) {
		next_line(p);
		if (p->line.len && (p->line.indent > parent ||
				    (in_map && p->line.indent == parent && is_entry(&p->line))))
			return read_node(p, depth);
		return new_scalar(p, STR(""), true, l.number, column);
	}
	while (rest.len && *rest.ptr == ' ') {
		rest = str_sub(rest, 1, rest.len);
		column++;
	}
	if (*rest.ptr == '|')
		t = read_block(p, rest, parent, l.number, column);
	else
		t = read_scalar(p, rest, l.number, column);
	end_line(p, parent);
	return t;
}

/* Length of a key at the start of a line, with its colon; 0: there is none. */
static size_t key_end(struct str s)
{
	size_t i = 0;

	if (*s.ptr == '\'' || *s.ptr == '"') {
		i = *s.ptr == '"' ? double_end(s) : quoted_end(s);
		return i && i < s.len && s.ptr[i] == ':' && (i + 1 == s.len || s.ptr[i + 1] == ' ')
			       ? i + 1
			       : 0;
	}
	if (is_indicator(s))
		return 0;
	for (; i < MIN(s.len, KEY_MOST); i++) {
		if (s.ptr[i] == '#' && i && s.ptr[i - 1] == ' ')
			return 0;
		if (s.ptr[i] == ':' && (i + 1 == s.len || s.ptr[i + 1] == ' '))
			return i && s.ptr[i - 1] != ' ' ? i + 1 : 0;
	}
	return 0;
}

/* Every key once; more keys than that are for a map (tree.c). */
static void close_map(struct plain *p, const struct tree *t)
{
	if (t->n > KEYS_MOST)
		give_up(p);
	for (size_t i = 0; i < t->n && !p->error; i++)
		for (size_t k = 0; k <= i; k++)
			if (str_eq(t->keys[i]->text, k < i ? t->keys[k]->text : STR("<<")))
				give_up(p);
}

/* At its first key. */
static struct tree *read_map(struct plain *p, unsigned depth)
{
	size_t indent = p->line.indent, cap = 0, key_cap = 0;
	struct tree *t = new_tree(p, TREE_MAP, p->line.number, indent), *key, *value;

	if (depth > DEPTH_MOST)
		give_up(p);
	while (t && !p->error && p->line.len && p->line.indent == indent && !is_entry(&p->line)) {
		struct str text = line_text(&p->line);
		size_t end = key_end(text), n = t->n;

		if (!end)
			return give_up(p), NULL;
		key = read_scalar(p, str_sub(text, 0, end - 1), p->line.number, indent);
		value = p->error ? NULL : read_rest(p, end, indent, true, depth + 1);
		if (p->error)
			return NULL;
		t->weight += value->weight;
		if (arena_push(p->arena, t->keys, n, key_cap, key) < 0 ||
		    arena_push(p->arena, t->items, t->n, cap, value) < 0)
			p->error = -ENOMEM;
	}
	if (!p->error && p->line.len && p->line.indent > indent)
		give_up(p);
	if (!p->error)
		close_map(p, t);
	return t;
}

/* "- key: value": a map whose keys stand where this one does. */
static struct tree *read_entry(struct plain *p, size_t indent, unsigned depth)
{
	struct str rest = line_text(&p->line);
	size_t skip = 1;

	while (skip < rest.len && rest.ptr[skip] == ' ')
		skip++;
	rest = str_sub(rest, skip, rest.len);
	if (!rest.len || *rest.ptr == '#' || !key_end(rest))
		return read_rest(p, 1, indent, false, depth);
	p->line.ptr += skip;
	p->line.len -= skip;
	p->line.indent += skip;
	return read_map(p, depth);
}

/* At its first entry. */
static struct tree *read_list(struct plain *p, unsigned depth)
{
	size_t indent = p->line.indent, cap = 0;
	struct tree *t = new_tree(p, TREE_LIST, p->line.number, indent);

	if (depth > DEPTH_MOST)
		give_up(p);
	while (t && !p->error && p->line.len && p->line.indent == indent && is_entry(&p->line)) {
		struct tree *value = read_entry(p, indent, depth + 1);

		if (p->error)
			return NULL;
		t->weight += value->weight;
		if (arena_push(p->arena, t->items, t->n, cap, value) < 0)
			p->error = -ENOMEM;
	}
	if (!p->error && p->line.len && p->line.indent > indent)
		give_up(p);
	return t;
}

static struct tree *read_node(struct plain *p, unsigned depth)
{
	if (is_entry(&p->line))
		return read_list(p, depth);
	return read_map(p, depth);
}

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* Some of eight bytes are below n, at most 128, or not ASCII. */
static inline bool has_less(uint64_t word, unsigned n)
{
	return ((word - EACH_BYTE(n)) | word) & EACH_BYTE(0x80);
}

/* Printable ASCII in lines. */
static bool is_usual(struct str s)
{
	size_t i = 0;

	if (!s.len || s.ptr[s.len - 1] != '\n')
		return false;
	while (i < s.len) {
		uint64_t word;

		if (s.len - i >= sizeof word) {
			memcpy(&word, s.ptr + i, sizeof word);
			if (!has_less(word, 0x20) && !has_less(word ^ EACH_BYTE(0x7f), 1)) {
				i += sizeof word;
				continue;
			}
		}
		for (size_t end = MIN(i + sizeof word, s.len); i < end; i++)
			if ((s.ptr[i] < 0x20 || s.ptr[i] == 0x7f) && s.ptr[i] != '\n')
				return false;
	}
	return true;
}

int tree_parse_plain(struct str text, struct arena *nodes, struct arena *texts,
		     struct tree_list *ret)
{
	struct plain p = {
		.arena = nodes,
		.texts = texts,
		.at = text.ptr,
		.end = text.ptr + text.len,
		.number = 1,
	};
	struct tree_list list = {};
	size_t cap = 0;

	if (!is_usual(text))
		return -EAGAIN;
	for (next_line(&p); !p.error && (p.line.len || p.marker);) {
		struct tree *t;

		if (!p.line.len) {
			p.marker = false;
			next_line(&p);
		}
		if (!p.line.len || p.line.indent || is_entry(&p.line))
			return p.error == -ENOMEM ? -ENOMEM : -EAGAIN;
		t = read_map(&p, 0);
		if (p.line.len)
			give_up(&p);
		if (!p.error && arena_push(nodes, list.list, list.n, cap, t) < 0)
			return -ENOMEM;
	}
	if (!p.error)
		*ret = list;
	return p.error;
}
