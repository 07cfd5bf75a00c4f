/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_named: named.conf, statements that end with ';' and nest with braces. */
#include "facts/linux/settings_syntax.h"

#define DEPTH_MAX 8
#define WORDS_MAX 256
#define VALUE_MAX 4096

struct named {
	struct settings_parser *p;
	struct str word;
	unsigned line; /* of the word */
	bool quoted;
};

static void advance(struct settings_parser *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->line += p->text.ptr[i] == '\n';
	p->text = str_sub(p->text, n, p->text.len);
}

static size_t comment_length(struct str s)
{
	const char *end;

	if (s.ptr[0] == '#' || str_starts(s, STR("//"))) {
		ssize_t at = str_find(s, '\n');

		return at < 0 ? s.len : (size_t)at;
	}
	if (!str_starts(s, STR("/*")))
		return 0;
	end = s.len > 2 ? memmem(s.ptr + 2, s.len - 2, "*/", 2) : NULL;
	return end ? (size_t)(end - s.ptr) + 2 : s.len;
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && !strchr(" \t\r\n\v\f;{}\"", s.ptr[n]) &&
	       !comment_length(str_sub(s, n, s.len)))
		n++;
	return MAX(n, 1);
}

/* Next word, quoted text, or one of ; { }. False at the end. */
static bool next_word(struct named *n)
{
	struct settings_parser *p = n->p;
	size_t skip, len;

	for (;;) {
		for (skip = 0; skip < p->text.len && strchr(" \t\r\n\v\f", p->text.ptr[skip]);)
			skip++;
		advance(p, skip);
		if (!p->text.len)
			return false;
		skip = comment_length(p->text);
		if (!skip)
			break;
		advance(p, skip);
	}
	n->line = p->line;
	n->quoted = p->text.ptr[0] == '"';
	if (n->quoted) {
		struct str rest = str_sub(p->text, 1, p->text.len);
		ssize_t end = str_find(rest, '"');

		len = end < 0 ? rest.len : (size_t)end;
		n->word = str_sub(rest, 0, len);
		advance(p, MIN(len + 2, p->text.len));
		return true;
	}
	len = word_length(p->text);
	n->word = str_sub(p->text, 0, len);
	advance(p, len);
	return true;
}

static bool is_mark(const struct named *n, char c)
{
	return !n->quoted && n->word.len == 1 && n->word.ptr[0] == c;
}

/* Words joined by blanks; what goes over VALUE_MAX is left out. */
struct words {
	char *ptr;
	size_t len, cap;
};

static struct str words_view(const struct words *w) { return (struct str){ w->ptr, w->len }; }

static int words_add(struct arena *a, struct words *w, struct str word)
{
	size_t need = w->len + word.len + 1;

	if (need > VALUE_MAX)
		return 0;
	if (need > w->cap) {
		size_t cap = MAX(need * 2, 64);
		char *bigger = arena_alloc(a, cap);

		if (!bigger)
			return -ENOMEM;
		if (w->len && w->ptr)
			memcpy(bigger, w->ptr, w->len);
		w->ptr = bigger;
		w->cap = cap;
	}
	if (w->len && w->ptr)
		w->ptr[w->len++] = ' ';
	if (word.len && w->ptr)
		memcpy(w->ptr + w->len, word.ptr, word.len);
	w->len += word.len;
	return 0;
}

/* The words of one statement up to ';', '{' or '}'. */
struct statement {
	struct str name;
	struct words value;
	unsigned line;
	char end; /* ';', '{', '}' or 0 at the end of the file */
};

static int read_statement(struct named *n, struct statement *ret)
{
	unsigned words = 0;
	int r = 0;

	*ret = (struct statement){};
	while (!r && next_word(n)) {
		if (is_mark(n, ';') || is_mark(n, '{') || is_mark(n, '}')) {
			ret->end = n->word.ptr[0];
			return 0;
		}
		if (!words++) {
			ret->name = n->word;
			ret->line = n->line;
		} else if (words < WORDS_MAX) {
			r = words_add(n->p->arena, &ret->value, n->word);
		}
	}
	return r;
}

/*
 * What a brace holds: a list of addresses ("{ 10.0.0.0/8; any; }") or settings. Statements of one
 * word are list elements, others settings with a dotted name.
 */
struct scope {
	struct str section, name;
	struct words list; /* elements so far */
	unsigned line;
};

static int emit_list(struct settings_parser *p, const struct scope *s)
{
	if (!s->list.len)
		return 0;
	return settings_emit(p, s->section, s->name, words_view(&s->list), s->line);
}

static int simple_statement(struct settings_parser *p, struct scope *s, const struct statement *st)
{
	struct str name = st->name;

	if (!st->value.len && s->name.len)
		return words_add(p->arena, &s->list, st->name);
	if (s->name.len)
		name = arena_cat(p->arena, s->name, STR("."), st->name);
	if (!name.ptr)
		return -ENOMEM;
	return settings_emit(p, s->section, name, words_view(&st->value), st->line);
}

/* The scope of a brace after st within outer; depth counts from 0 for the file. */
static int open_scope(struct settings_parser *p, const struct scope *outer,
		      const struct statement *st, unsigned depth, struct scope *ret)
{
	struct str name = st->name;

	*ret = (struct scope){ .section = outer->section, .line = st->line };
	if (!depth) {
		if (str_eq(name, STR("acl"))) /* "acl internal { 10.0.0.0/8; };" */
			ret->name = name;
		ret->section = st->value.len
				       ? arena_cat(p->arena, name, STR(" "), words_view(&st->value))
				       : name;
		return ret->section.ptr ? 0 : -ENOMEM;
	}
	ret->list = st->value; /* "listen-on port 53 { any; }" */
	ret->name = outer->name.len ? arena_cat(p->arena, outer->name, STR("."), name) : name;
	return ret->name.ptr ? 0 : -ENOMEM;
}

int settings_parse_named(struct settings_parser *p)
{
	struct scope scopes[DEPTH_MAX + 1] = {};
	struct named n = { .p = p };
	struct statement st;
	unsigned depth = 0;
	int r;

	p->line = 1;
	scopes[0].section = STR("");
	while ((r = read_statement(&n, &st)) == 0 && (st.end || st.name.len)) {
		struct scope *s = &scopes[depth];

		if (st.end == '{' && depth == DEPTH_MAX)
			return diag_set(p->diag, -EBADMSG, NULL, p->line, "nested too deeply");
		if (st.end == '{')
			r = open_scope(p, s, &st, depth++, s + 1);
		else if (st.name.len)
			r = simple_statement(p, s, &st);
		if (!r && st.end == '}' && depth)
			r = emit_list(p, &scopes[depth--]);
		if (r)
			return r;
	}
	if (!r && depth)
		r = diag_set(p->diag, -EBADMSG, NULL, p->line, "the file ends within a block");
	return r;
}
