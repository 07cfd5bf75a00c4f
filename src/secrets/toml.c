/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/toml.h"

#include <stdio.h>

#include "base/json.h"

struct reader {
	struct str s;
	size_t at;
	unsigned line;
	struct arena *a;
	const char *reason;
};

static char peek(const struct reader *r)
{
	if (!(r->at < r->s.len))
		return '\0';
	return r->s.ptr[r->at];
}

static bool starts(const struct reader *r, const char *text)
{
	return str_starts(str_sub(r->s, r->at, r->s.len), str_of(text));
}

static int bad(struct reader *r, const char *why)
{
	r->reason = why;
	return -EBADMSG;
}

static void skip_blanks(struct reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\r')
		r->at++;
}

static void skip_remark(struct reader *r)
{
	if (peek(r) == '#')
		while (r->at < r->s.len && peek(r) != '\n')
			r->at++;
}

static void skip_lines(struct reader *r)
{
	for (;;) {
		skip_blanks(r);
		skip_remark(r);
		if (peek(r) != '\n')
			return;
		r->line++;
		r->at++;
	}
}

/* Behind a backslash of a "basic" string. */
static int escape(struct reader *r, char *out, size_t *n)
{
	static const char letters[] = "btnfre\"\\/", meant[] = "\b\t\n\f\r\033\"\\/";
	char c = peek(r);
	const char *at = c ? strchr(letters, c) : NULL;
	size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
	uint64_t code;

	r->at++;
	if (at) {
		out[(*n)++] = meant[at - letters];
		return 0;
	}
	if (c == '\n') {
		r->line++;
		skip_lines(r);
		return 0;
	}
	if (!digits || str_sub(r->s, r->at, r->at + digits).len != digits ||
	    str_to_u64(str_sub(r->s, r->at, r->at + digits), 16, &code) < 0 || code > 0x10ffff)
		return bad(r, "an escape that TOML does not know");
	r->at += digits;
	*n += json_put_rune((unsigned)code, out + *n);
	return 0;
}

static int read_string(struct reader *r, struct str *ret)
{
	char quote = peek(r), end[4] = { quote, quote, quote, 0 };
	bool three = starts(r, end);
	char *out = arena_alloc(r->a, r->s.len - r->at + 8);
	size_t n = 0, room = r->s.len - r->at + 8;
	int e = 0;

	if (!out)
		return -ENOMEM;
	r->at += three ? 3 : 1;
	end[three ? 3 : 1] = '\0';
	if (three && peek(r) == '\n') {
		r->line++;
		r->at++;
	}
	while (e >= 0 && !starts(r, end)) {
		char c = peek(r);

		if (r->at >= r->s.len || (c == '\n' && !three))
			return bad(r, "a text that does not end");
		r->line += c == '\n';
		r->at++;
		if (c == '\\' && quote == '"')
			e = escape(r, out, &n);
		else
			out[n++] = c;
	}
	r->at += three ? 3 : 1;
	out[n] = '\0';
	arena_shrink(r->a, out, room, n + 1);
	*ret = (struct str){ out, n };
	return e;
}

static int read_list(struct reader *r, struct toml_event *e)
{
	size_t cap = 0;
	int k = 0;

	e->type = TOML_LIST;
	for (r->at++; k >= 0;) {
		struct str one;

		skip_lines(r);
		if (peek(r) == ']') {
			r->at++;
			return 0;
		}
		if (peek(r) != '"' && peek(r) != '\'')
			return bad(r, "a list of something else than texts");
		if (e->n == TOML_LIST_MAX)
			return bad(r, "a list that is too long");
		k = read_string(r, &one);
		/* The texts of a list lie between its parts: it grows by copies. */
		if (k >= 0)
			k = arena_push(r->a, e->list, e->n, cap, one);
		skip_lines(r);
		if (k >= 0 && peek(r) == ',')
			r->at++;
		else if (k >= 0 && peek(r) != ']')
			return bad(r, "a list without ']'");
	}
	return k;
}

static struct str bare(struct reader *r)
{
	size_t from = r->at;

	while (r->at < r->s.len && !strchr("\n#", peek(r)))
		r->at++;
	return str_trim(str_sub(r->s, from, r->at));
}

static int read_value(struct reader *r, struct toml_event *e)
{
	char *end, number[40];

	if (peek(r) == '"' || peek(r) == '\'') {
		e->type = TOML_STRING;
		return read_string(r, &e->text);
	}
	if (peek(r) == '[')
		return read_list(r, e);
	e->text = bare(r);
	e->type = TOML_OTHER;
	if (str_eq(e->text, STR("true")) || str_eq(e->text, STR("false"))) {
		e->type = TOML_BOOL;
		e->number = e->text.ptr[0] == 't';
		return 0;
	}
	if (!e->text.len || e->text.len >= sizeof number)
		return e->text.len ? 0 : bad(r, "a key without a value");
	snprintf(number, sizeof number, "%.*s", STR_FMT(e->text));
	e->number = strtod(number, &end);
	if (!*end)
		e->type = TOML_NUMBER;
	return 0;
}

static bool in_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static struct str key(struct reader *r)
{
	size_t from = r->at;

	while (in_key(peek(r)))
		r->at++;
	return str_sub(r->s, from, r->at);
}

static int read_table(struct reader *r, struct toml_event *e)
{
	bool several = starts(r, "[[");

	e->type = several ? TOML_TABLES : TOML_TABLE;
	r->at += several ? 2 : 1;
	skip_blanks(r);
	e->name = key(r);
	skip_blanks(r);
	if (!e->name.len || !starts(r, several ? "]]" : "]"))
		return bad(r, "a table's name that cannot be read");
	r->at += several ? 2 : 1;
	return 0;
}

static int read_pair(struct reader *r, struct toml_event *e)
{
	if (peek(r) == '"' || peek(r) == '\'') {
		int k = read_string(r, &e->name);

		if (k < 0)
			return k;
	} else {
		e->name = key(r);
	}
	skip_blanks(r);
	if (!e->name.len || peek(r) != '=')
		return bad(r, "neither a table nor \"key = value\"");
	r->at++;
	skip_blanks(r);
	return read_value(r, e);
}

int toml_read(struct str text, struct arena *a, toml_fn *fn, void *user, unsigned *ret_line,
	      const char **ret_reason)
{
	struct reader r = { .s = text, .line = 1, .a = a };
	int e = 0;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		r.at = 3;
	skip_lines(&r);
	while (e >= 0 && r.at < text.len) {
		struct toml_event event = { .line = r.line };

		e = peek(&r) == '[' ? read_table(&r, &event) : read_pair(&r, &event);
		skip_blanks(&r);
		skip_remark(&r);
		if (e >= 0 && r.at < text.len && peek(&r) != '\n')
			e = bad(&r, "something behind a value");
		if (e >= 0)
			e = fn(user, &event);
		if (e >= 0)
			skip_lines(&r);
	}
	if (e == -EBADMSG && r.reason) {
		*ret_line = r.line;
		*ret_reason = r.reason;
	}
	return e;
}
