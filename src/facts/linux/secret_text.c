/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret_text: secrets that show by their name or shape, whatever program they were for. */
#include <ctype.h>

#include "facts/linux/secret_scan.h"

static char at(struct str s, size_t i)
{
	if (i >= s.len)
		return 0;
	return s.ptr[i];
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_alnum(char c) { return isalnum((unsigned char)c); }

/* Shapes that vendors gave their tokens so that scanners find them. */
static const struct {
	struct str prefix;
	unsigned least; /* characters after the prefix */
	const char *kind;
} shapes[] = {
	{STR("ghp_"),         36, "github-token"},
        { STR("gho_"),        36, "github-token"},
	{ STR("ghu_"),        36, "github-token"},
        { STR("ghs_"),        36, "github-token"},
	{ STR("ghr_"),        36, "github-token"},
        { STR("github_pat_"), 22, "github-token"},
	{ STR("glpat-"),      20, "token"       },
        { STR("xoxb-"),       20, "token"       },
	{ STR("xoxp-"),       20, "token"       },
        { STR("xoxa-"),       20, "token"       },
	{ STR("xoxr-"),       20, "token"       },
        { STR("xoxs-"),       20, "token"       },
	{ STR("sk_live_"),    16, "token"       },
        { STR("rk_live_"),    16, "token"       },
	{ STR("AIza"),        35, "token"       },
        { STR("npm_"),        36, "token"       },
	{ STR("dop_v1_"),     64, "token"       },
        { STR("hf_"),         34, "token"       },
	{ STR("pypi-AgEI"),   40, "token"       },
        { STR("hvs."),        24, "token"       },
	{ STR("sk-ant-"),     40, "token"       },
        { STR("sk-proj-"),    40, "token"       },
};

static size_t token_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && (is_alnum(s.ptr[n]) || s.ptr[n] == '_' || s.ptr[n] == '-'))
		n++;
	return n;
}

static int tokens(struct secret_scan *s, struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		struct str rest = str_sub(line, i, line.len);

		if (!strchr("gxsrAndhp", line.ptr[i]) || (i && is_alnum(line.ptr[i - 1])))
			continue;
		for (size_t j = 0; j < COUNT(shapes); j++) {
			size_t n = shapes[j].prefix.len;
			int r;

			if (!str_starts(rest, shapes[j].prefix))
				continue;
			n += token_length(str_sub(rest, n, rest.len));
			if (n < shapes[j].prefix.len + shapes[j].least)
				continue;
			r = secret_found(s, shapes[j].kind, str_sub(rest, 0, n), false);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* An access key id says whose, the forty characters beside it are the key. */
static int aws_pair(struct secret_scan *s, struct str line)
{
	ssize_t id = 0;
	size_t n = 0;

	for (; id >= 0; id++) {
		ssize_t next = secret_ifind(line, (size_t)id, STR("AKIA"));

		if (next < 0)
			return 0;
		id = next;
		if (str_starts(str_sub(line, (size_t)id, line.len), STR("AKIA")) &&
		    token_length(str_sub(line, (size_t)id, line.len)) == 20)
			break;
	}
	for (size_t i = 0; i <= line.len; i++) {
		char c = at(line, i);

		if (i < line.len && (is_alnum(c) || c == '/' || c == '+')) {
			n++;
			continue;
		}
		if (n == 40)
			return secret_found(s, "aws-key", str_sub(line, i - n, i), false);
		n = 0;
	}
	return 0;
}

static size_t until(struct str s, const char *stop)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] && !is_blank(s.ptr[n]) && !strchr(stop, s.ptr[n]))
		n++;
	return n;
}

/* scheme://user:password@host */
static int urls(struct secret_scan *s, struct str line)
{
	for (size_t i = 0; i + 3 < line.len; i++) {
		struct str user, rest;
		ssize_t mark;
		int r;

		if (line.ptr[i] != ':' || line.ptr[i + 1] != '/' || line.ptr[i + 2] != '/')
			continue;
		rest = str_sub(line, i + 3, line.len);
		user = str_sub(rest, 0, until(rest, "/?#\"'<>`\\"));
		mark = str_rfind(user, '@');
		if (mark < 0)
			continue;
		user = str_sub(user, 0, (size_t)mark);
		mark = str_find(user, ':');
		if (mark < 0)
			continue;
		r = secret_found(s, "basic-auth-url", str_sub(user, (size_t)mark + 1, user.len),
				 true);
		if (r < 0)
			return r;
	}
	return 0;
}

struct mark {
	struct str before;
	const char *kind;
	const char *stop;
	bool semicolons; /* counts in a list "a=b;c=d" only */
	unsigned least;
};

static const struct mark marks[] = {
	{STR("accountkey="),             "azure-key",         ";\"'", false, 20},
	{ STR("sharedaccesskey="),       "azure-key",         ";\"'", false, 20},
	{ STR("sharedaccesssignature="), "azure-key",         ";\"'", false, 20},
	{ STR("?sig="),                  "azure-key",         "&\"'", false, 20},
	{ STR("&sig="),                  "azure-key",         "&\"'", false, 20},
	{ STR("password="),              "connection-string", ";\"'", true,  1 },
	{ STR("pwd="),                   "connection-string", ";\"'", true,  1 },
	{ STR("authorization: bearer "), "token",             "\"'",  false, 8 },
	{ STR("authorization: basic "),  "token",             "\"'",  false, 8 },
	{ STR("authorization: token "),  "token",             "\"'",  false, 8 },
	{ STR("private-token: "),        "token",             "\"'",  false, 8 },
	{ STR("x-api-key: "),            "token",             "\"'",  false, 8 },
};

static int marked(struct secret_scan *s, struct str line)
{
	for (size_t i = 0; i < COUNT(marks); i++) {
		const struct mark *m = &marks[i];
		ssize_t from = -1;

		while ((from = secret_ifind(line, (size_t)(from + 1), m->before)) >= 0) {
			struct str rest = str_sub(line, (size_t)from + m->before.len, line.len);
			size_t n = until(rest, m->stop);
			bool list = at(rest, n) == ';' || (from && line.ptr[from - 1] == ';');
			int r;

			if (n < m->least || (m->semicolons && !list))
				continue;
			r = secret_found(s, m->kind, str_sub(rest, 0, n), true);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* IDENTIFIED BY 'x', PASSWORD 'x', PASSWORD('x'), PASSWORD = 'x' */
static int sql(struct secret_scan *s, struct str line)
{
	static const struct str words[] = { STR("identified by"), STR("password") };

	for (size_t i = 0; i < COUNT(words); i++) {
		ssize_t from = -1;

		while ((from = secret_ifind(line, (size_t)(from + 1), words[i])) >= 0) {
			struct str rest = str_sub(line, (size_t)from + words[i].len, line.len);
			char quote;
			int r;

			while (rest.len &&
			       (is_blank(*rest.ptr) || *rest.ptr == '(' || *rest.ptr == '='))
				rest = str_sub(rest, 1, rest.len);
			if (str_istarts(rest, STR("password ")))
				rest = str_sub(rest, 9, rest.len);
			quote = at(rest, 0);
			rest = str_sub(rest, 1, rest.len);
			if (quote != '\'' || str_find(rest, quote) < 0)
				continue;
			r = secret_found(s, "sql-password", str_cut(&rest, quote), true);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int private_key(struct secret_scan *s, struct str line)
{
	ssize_t begin = secret_ifind(line, 0, STR("-----BEGIN "));

	if (begin < 0 || secret_ifind(line, (size_t)begin, STR("PRIVATE KEY-----")) < 0)
		return 0;
	return secret_found(s, "private-key", str_sub(line, (size_t)begin, line.len), false);
}

int secret_text(struct secret_scan *s, struct str line)
{
	int r = tokens(s, line);

	if (r >= 0)
		r = aws_pair(s, line);
	if (r >= 0)
		r = urls(s, line);
	if (r >= 0)
		r = marked(s, line);
	if (r >= 0)
		r = sql(s, line);
	return r < 0 ? r : private_key(s, line);
}

static bool is_name_character(char c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == ':';
}

int secret_setting(struct secret_scan *s, struct str line, const char *kind)
{
	struct str name, value;
	size_t n = 0;

	line = str_trim(line);
	if (str_starts(line, STR("export ")))
		line = str_trim(str_sub(line, 7, line.len));
	if (str_starts(line, STR("- ")))
		line = str_trim(str_sub(line, 2, line.len));
	while (is_name_character(at(line, n)) &&
	       !(line.ptr[n] == ':' && (is_blank(at(line, n + 1)) || n + 1 == line.len)))
		n++;
	name = str_sub(line, 0, n);
	line = str_trim(str_sub(line, n, line.len));
	if (name.len && name.ptr[name.len - 1] == ':')
		name.len--;
	if (at(line, 0) != '=' && at(line, 0) != ':')
		return 0;
	value = str_trim(str_sub(line, 1, line.len));
	if (at(value, 0) != '"' && at(value, 0) != '\'') {
		ssize_t comment = str_find(value, '#');

		if (comment > 0 && is_blank(value.ptr[comment - 1]))
			value = str_trim(str_sub(value, 0, (size_t)comment));
	} else {
		char quote = at(value, 0);

		value = str_sub(value, 1, value.len);
		value = str_cut(&value, quote);
	}
	if (!secret_name(name) || (secret_is_number(value) && value.len < 4) ||
	    (value.len && value.ptr[0] == '/' && str_find(str_sub(value, 1, value.len), '/') >= 0 &&
	     value.len != 40))
		return 0;
	return secret_found(s, kind ? kind : secret_kind(name, "export"), value, true);
}

static bool take_string(struct str *s, struct str *ret)
{
	size_t n = 1;

	if (at(*s, 0) != '"')
		return false;
	while (n < s->len && s->ptr[n] != '"')
		n += s->ptr[n] == '\\' ? 2 : 1;
	if (n >= s->len)
		return false;
	*ret = str_sub(*s, 1, n);
	*s = str_sub(*s, n + 1, s->len);
	return true;
}

int secret_json(struct secret_scan *s, struct str line, const char *kind)
{
	struct str name, value;

	while (line.len) {
		int r;

		if (*line.ptr != '"' || !take_string(&line, &name)) {
			line = str_sub(line, 1, line.len);
			continue;
		}
		line = str_trim(line);
		if (at(line, 0) != ':')
			continue;
		line = str_trim(str_sub(line, 1, line.len));
		if (!take_string(&line, &value))
			continue;
		if (str_eq(name, STR("auth")))
			r = secret_found(s, "docker-auth", value, false);
		else if (secret_name(name) || str_eq(name, STR("servicePrincipalKey")))
			r = secret_found(s, kind ? kind : secret_kind(name, "stored-password"),
					 value, false);
		else
			r = 0;
		if (r < 0)
			return r;
	}
	return 0;
}
