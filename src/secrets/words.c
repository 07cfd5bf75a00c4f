/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/words.h"

#include <ctype.h>

struct lexer {
	const struct secret_line *l;
	struct str in;
	size_t at;
	char *out; /* decoded bytes of all words, each followed by a NUL */
	uint32_t *raw;
	size_t n;
	struct words *words;
};

static char peek(const struct lexer *x, size_t ahead)
{
	if (!(x->at + ahead < x->in.len))
		return '\0';
	return x->in.ptr[x->at + ahead];
}

static void put(struct lexer *x, size_t from, char c, bool expands)
{
	uint32_t raw = secret_raw(x->l, x->in.ptr + from);

	x->out[x->n] = c;
	x->raw[x->n++] = raw | (expands ? SECRET_EXPANDED : 0);
}

/* What a dollar sign must be followed by to be more than itself. */
static bool is_expansion(const struct lexer *x)
{
	char next = peek(x, 1);

	return peek(x, 0) == '`' || (peek(x, 0) == '$' && (isalnum((unsigned char)next) ||
							   (next && strchr("_{(@*#?!", next))));
}

static char closing(char c) { return c == '(' ? ')' : c == '{' ? '}' : c; }

/* "${…}", "$(…)" and "`…`" whole; blanks in them end no word. */
static void expansion(struct lexer *x)
{
	char open = peek(x, 0) == '`' ? '`' : peek(x, 1);
	unsigned depth = 0;

	put(x, x->at, x->in.ptr[x->at], true);
	x->at++;
	if (open != '(' && open != '{' && open != '`')
		return;
	if (open != '`') {
		put(x, x->at, open, true);
		x->at++;
	}
	for (; x->at < x->in.len; x->at++) {
		char c = x->in.ptr[x->at];

		put(x, x->at, c, true);
		if (open != '`' && c == open)
			depth++;
		else if (c == closing(open) && !depth--)
			break;
	}
	x->at += x->at < x->in.len;
}

static void single_quoted(struct lexer *x, size_t end, bool ansi)
{
	for (x->at++; x->at < end; x->at++) {
		if (ansi && x->in.ptr[x->at] == '\\' && x->at + 1 < end)
			x->at++;
		put(x, x->at, x->in.ptr[x->at], false);
	}
	x->at = end + 1;
}

static void double_quoted(struct lexer *x, size_t end)
{
	x->at++;
	while (x->at < end) {
		char c = x->in.ptr[x->at];

		if (c == '\\' && x->at + 1 < end && strchr("$`\"\\", x->in.ptr[x->at + 1])) {
			put(x, x->at + 1, x->in.ptr[x->at + 1], false);
			x->at += 2;
		} else if (is_expansion(x)) {
			expansion(x);
		} else {
			put(x, x->at++, c, false);
		}
	}
	x->at = MAX(end + 1, x->at);
}

/* Where a quotation ends; in.len: it does not, so that it is an apostrophe. */
static size_t quotation_end(const struct lexer *x, size_t from, char quote, bool escapes)
{
	for (; from < x->in.len; from++) {
		if (escapes && x->in.ptr[from] == '\\')
			from++;
		else if (x->in.ptr[from] == quote)
			return from;
	}
	return x->in.len;
}

static bool quotation(struct lexer *x)
{
	char c = peek(x, 0);
	bool ansi = c == '$' && peek(x, 1) == '\'';
	size_t end;

	if (ansi)
		c = '\'';
	if (c != '\'' && c != '"')
		return false;
	end = quotation_end(x, x->at + 1 + ansi, c, ansi || c == '"');
	if (end >= x->in.len)
		return false;
	x->at += ansi;
	if (c == '\'')
		single_quoted(x, end, ansi);
	else
		double_quoted(x, end);
	return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool ends_word(char c) { return is_blank(c) || (c && strchr(";&|<>()", c)); }

static void add_word(struct lexer *x, size_t from, bool is_operator)
{
	struct word *w = &x->words->list[x->words->n];

	*w = (struct word){
		.text = {x->out + from, x->n - from},
                  .is_operator = is_operator
	};
	x->words->n++;
	x->out[x->n] = '\0';
	x->raw[x->n++] = 0;
}

static void read_operator(struct lexer *x)
{
	size_t from = x->n;
	char c = peek(x, 0);

	put(x, x->at++, c, false);
	while (x->n - from < 3 && peek(x, 0) &&
	       ((c != '(' && c != ')' && peek(x, 0) == c) ||
		(strchr("<>|", c) && strchr("&|-", peek(x, 0)))))
		put(x, x->at++, peek(x, 0), false);
	add_word(x, from, true);
}

static void read_word(struct lexer *x)
{
	size_t from = x->n;

	while (x->at < x->in.len && !ends_word(x->in.ptr[x->at])) {
		if (quotation(x))
			continue;
		if (is_expansion(x)) {
			expansion(x);
		} else if (peek(x, 0) == '\\' && x->at + 1 < x->in.len) {
			put(x, x->at + 1, peek(x, 1), false);
			x->at += 2;
		} else {
			put(x, x->at, peek(x, 0), false);
			x->at++;
		}
	}
	add_word(x, from, false);
}

int words_split(struct secret_line *l, struct str text, struct words *ret)
{
	struct lexer x = { .l = l, .in = text, .words = ret };
	int r = secret_decode(l, 2 * text.len + 2, &x.out, &x.raw);

	ret->n = 0;
	if (r < 0)
		return r;
	ret->cap = MIN(text.len, WORDS_MAX);
	ret->list = arena_array(l->arena, ret->cap + 1, sizeof *ret->list);
	if (!ret->list)
		return -ENOMEM;
	while (x.at < text.len && ret->n < ret->cap) {
		char c = text.ptr[x.at];

		if (is_blank(c))
			x.at++;
		else if (c == '#' && x.at && is_blank(text.ptr[x.at - 1]))
			break;
		else if (ends_word(c))
			read_operator(&x);
		else
			read_word(&x);
	}
	(void)secret_decoded_end(l, x.n);
	return 0;
}

static bool is_redirection(struct str s) { return s.len && (s.ptr[0] == '<' || s.ptr[0] == '>'); }

static bool is_keyword(struct str s)
{
	static const struct str words[] = { STR("then"), STR("do"), STR("else"),  STR("if"),
					    STR("elif"), STR("!"),  STR("while"), STR("until"),
					    STR("{"),    STR("}") };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(s, words[i]))
			return true;
	return false;
}

bool words_command(const struct words *w, size_t *at, struct command *ret, bool *ret_piped)
{
	size_t i = *at, first;

	while (i < w->n && (w->list[i].is_operator || is_keyword(w->list[i].text)))
		i++;
	first = i;
	*ret = (struct command){ .words = &w->list[first] };
	*ret_piped = false;
	for (; i < w->n; i++) {
		if (!w->list[i].is_operator)
			continue;
		if (!is_redirection(w->list[i].text))
			break;
		if (str_eq(w->list[i].text, STR("<<<")) && i + 1 < w->n)
			ret->input = w->list[i + 1].text;
	}
	ret->n = i - first;
	*ret_piped = i < w->n &&
		     (str_eq(w->list[i].text, STR("|")) || str_eq(w->list[i].text, STR("|&")));
	*at = i;
	return ret->n > 0;
}
