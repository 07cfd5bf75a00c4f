/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nginx_parse: statements of a file, after ngx_conf_file.c. */
#include "facts/linux/web_config.h"

#define ARGS_MAX 4096 /* bytes of arguments that are kept */

struct lexer {
	struct str text; /* what is left */
	unsigned line;
	struct arena *arena;
	struct diag *diag;
	/* The statement so far. */
	struct nginx_statement out;
	char *args;
	size_t n_args, cap_args;
};

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void advance(struct lexer *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->line += l->text.ptr[i] == '\n';
	l->text = str_sub(l->text, n, l->text.len);
}

static void skip_space(struct lexer *l)
{
	for (;;) {
		size_t n = 0;

		while (n < l->text.len && is_blank(l->text.ptr[n]))
			n++;
		advance(l, n);
		if (!str_starts(l->text, STR("#")))
			return;
		n = 0;
		while (n < l->text.len && l->text.ptr[n] != '\n')
			n++;
		advance(l, n);
	}
}

/* Length of the word at the start; a '{' right behind a '$' belongs to it. */
static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && !is_blank(s.ptr[n]) && s.ptr[n] != ';') {
		if (s.ptr[n] == '{' && (!n || s.ptr[n - 1] != '$'))
			break;
		n += s.ptr[n] == '\\' ? 2 : 1;
	}
	return MIN(n, s.len);
}

static ssize_t closing_quote(struct str s, char quote)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == quote)
			return (ssize_t)i;
	}
	return -1;
}

static int next_word(struct lexer *l, struct str *ret)
{
	char quote = l->text.ptr[0];
	size_t n;

	if (quote == '"' || quote == '\'') {
		struct str rest = str_sub(l->text, 1, l->text.len);
		ssize_t end = closing_quote(rest, quote);

		if (end < 0)
			return diag_set(l->diag, -EBADMSG, NULL, l->line, "quotes are not closed");
		*ret = str_sub(rest, 0, (size_t)end);
		advance(l, (size_t)end + 2);
		return 0;
	}
	n = word_length(l->text);
	*ret = str_sub(l->text, 0, n);
	advance(l, n);
	return 0;
}

static int add_argument(struct lexer *l, struct str word)
{
	size_t need = l->n_args + word.len + 1;

	if (need > ARGS_MAX)
		return 0;
	if (need > l->cap_args) {
		size_t cap = MAX(need * 2, 64);
		char *bigger = arena_alloc(l->arena, cap);

		if (!bigger)
			return -ENOMEM;
		if (l->n_args)
			memcpy(bigger, l->args, l->n_args);
		l->args = bigger;
		l->cap_args = cap;
	}
	if (l->n_args)
		l->args[l->n_args++] = ' ';
	if (word.len)
		memcpy(l->args + l->n_args, word.ptr, word.len);
	l->n_args += word.len;
	return 0;
}

/* Length of a Lua comment or string at the start that may hide braces, 0: none. */
static size_t lua_opaque(struct str s)
{
	const char *close = NULL;
	size_t open = 0;

	if (str_starts(s, STR("--[[")) || str_starts(s, STR("[["))) {
		close = "]]";
		open = s.ptr[0] == '-' ? 4 : 2;
	} else if (str_starts(s, STR("--"))) {
		close = "\n";
		open = 2;
	} else if (s.ptr[0] == '"' || s.ptr[0] == '\'') {
		ssize_t end = closing_quote(str_sub(s, 1, s.len), s.ptr[0]);

		return end < 0 ? s.len : (size_t)end + 2;
	} else {
		return 0;
	}
	const char *end = memmem(s.ptr + open, s.len - open, close, strlen(close));

	return end ? (size_t)(end - s.ptr) + strlen(close) : s.len;
}

/* Behind the '{' of a …_by_lua_block: skips to the brace that closes it. */
static int skip_lua(struct lexer *l)
{
	unsigned depth = 1, from = l->line;
	size_t n = 0;

	while (n < l->text.len) {
		size_t opaque = lua_opaque(str_sub(l->text, n, l->text.len));
		char c = l->text.ptr[n];

		if (opaque) {
			n += opaque;
			continue;
		}
		n++;
		if (c == '{')
			depth++;
		if (c == '}' && !--depth) {
			advance(l, n);
			return 0;
		}
	}
	return diag_set(l->diag, -EBADMSG, NULL, from, "a block of Lua is not closed");
}

static int finish(struct lexer *l, char end, nginx_fn *fn, void *user)
{
	struct nginx_statement s = l->out;
	bool lua = end == '{' && str_ends(s.name, STR("_by_lua_block"));

	advance(l, 1);
	s.end = (char)(lua ? ';' : end);
	s.value = (struct str){ l->args, l->n_args };
	if (!s.name.len)
		s.line = l->line;
	l->out = (struct nginx_statement){};
	l->args = NULL;
	l->n_args = l->cap_args = 0;
	if (lua) {
		int r = skip_lua(l);

		if (r)
			return r;
	}
	return s.name.len || end == '}' ? fn(user, &s) : 0;
}

int nginx_parse(struct str text, struct arena *a, struct diag *d, nginx_fn *fn, void *user)
{
	struct lexer l = { .text = text, .line = 1, .arena = a, .diag = d };
	int r = 0;

	for (skip_space(&l); !r && l.text.len; skip_space(&l)) {
		char c = l.text.ptr[0];
		struct str word = {};

		if (c == ';' || c == '{' || c == '}') {
			r = finish(&l, c, fn, user);
			continue;
		}
		if (!l.out.name.len)
			l.out.line = l.line;
		r = next_word(&l, &word);
		if (!r && l.out.name.len)
			r = add_argument(&l, word);
		else if (!r)
			l.out.name = word.len ? word : STR("\"\"");
	}
	if (!r && l.out.name.len)
		r = diag_set(d, -EBADMSG, NULL, l.line, "the file ends within a statement");
	return r;
}
