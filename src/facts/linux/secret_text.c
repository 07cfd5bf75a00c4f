/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret_text: secrets that show by their name or shape, whatever program they were for. */
#include <ctype.h>
#include <stdio.h>

#include "facts/linux/secret_scan.h"

static char at(struct str s, size_t i) { return i < s.len ? s.ptr[i] : '\0'; }
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_alnum(char c) { return isalnum((unsigned char)c); }

/* Offset of needle from `from` on, in any case; -1 where there is none. */
static ssize_t ifind(struct str s, size_t from, struct str needle)
{
	for (size_t i = from; i + needle.len <= s.len; i++) {
		const char *first = memchr(s.ptr + i, needle.ptr[0], s.len - i);
		const char *upper = memchr(s.ptr + i, toupper((unsigned char)needle.ptr[0]),
					   first ? (size_t)(first - s.ptr) - i : s.len - i);

		first = upper ? upper : first;
		if (!first)
			return -1;
		i = (size_t)(first - s.ptr);
		if (str_istarts(str_sub(s, i, s.len), needle))
			return (ssize_t)i;
	}
	return -1;
}

struct secret_mask secret_mask(struct str value)
{
	struct secret_mask m = { "****" };

	if (value.len >= 8)
		snprintf(m.text, sizeof m.text, "%.2s****%.2s", value.ptr,
			 value.ptr + value.len - 2);
	for (char *p = m.text; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return m;
}

static bool is_one_character(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] != s.ptr[0])
			return false;
	}
	return true;
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return true;
}

static bool is_word(struct str s)
{
	static const struct str words[] = {
		STR("true"),
		STR("false"),
		STR("yes"),
		STR("no"),
		STR("on"),
		STR("off"),
		STR("null"),
		STR("none"),
		STR("nil"),
		STR("undefined"),
		STR("default"),
		STR("required"),
		STR("your_password"),
		STR("your-password"),
		STR("yourpassword"),
		STR("your_token"),
		STR("your-token"),
		STR("mypassword"),
		STR("redacted"),
		STR("prompt"),
		STR("stdin"),
		STR("-"),
		STR("..."),
		STR("optional"),
		STR("example"),
		STR("placeholder"),
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (str_ieq(s, words[i]))
			return true;
	}
	return str_eq(s, STR("PASSWORD")) || str_eq(s, STR("PASS")) || str_eq(s, STR("TOKEN")) ||
	       str_eq(s, STR("SECRET")) || str_istarts(s, STR("your_")) ||
	       str_istarts(s, STR("your-")) || str_istarts(s, STR("my_")) ||
	       str_ends(s, STR("EXAMPLE")) || str_ends(s, STR("EXAMPLEKEY"));
}

static bool is_placeholder(struct str s, bool expands)
{
	char first = at(s, 0), last = at(s, s.len - 1);

	if (s.len < 3 || is_one_character(s) || is_word(s))
		return true;
	if (expands && (str_find(s, '$') >= 0 || str_find(s, '`') >= 0))
		return true;
	if ((first == '<' && last == '>') || (first == '{' && last == '}') ||
	    (first == '[' && last == ']') || (first == '%' && last == '%'))
		return true;
	return str_starts(s, STR("${")) || str_starts(s, STR("$(")) || str_starts(s, STR("{{")) ||
	       str_contains(s, STR("****")) || str_istarts(s, STR("xxxx")) ||
	       str_starts(s, STR("file:")) || str_starts(s, STR("env:")) ||
	       str_starts(s, STR("fd:"));
}

int secret_found(struct secret_scan *s, const char *kind, struct str value, bool expands)
{
	if (is_placeholder(value, expands))
		return 0;
	for (size_t i = 0; i < s->n_seen; i++) {
		if (str_eq(s->seen[i], value))
			return 0;
	}
	if (s->n_seen < COUNT(s->seen))
		s->seen[s->n_seen++] = value;
	return s->fn(s->user, kind, value);
}

static bool name_has(struct str name, const struct str *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ifind(name, 0, parts[i]) >= 0)
			return true;
	}
	return false;
}

static bool iends(struct str s, struct str end)
{
	return s.len >= end.len && str_ieq(str_sub(s, s.len - end.len, s.len), end);
}

bool secret_name(struct str name)
{
	static const struct str parts[] = {
		STR("password"),   STR("passwd"),      STR("passphrase"),  STR("secret"),
		STR("token"),      STR("apikey"),      STR("api_key"),     STR("api-key"),
		STR("access_key"), STR("accesskey"),   STR("private_key"), STR("private-key"),
		STR("auth_key"),   STR("account_key"), STR("account-key"), STR("storage_key"),
		STR("sshpass"),    STR("pgpass"),      STR("mysql_pwd"),
	};
	static const struct str ends[] = { STR("_pass"), STR("_pwd"), STR("-pass"), STR("_pw"),
					   STR(".pass") };
	static const struct str others[] = {
		STR("file"),
		STR("path"),
		STR("dir"),
		STR("url"),
		STR("uri"),
		STR("_id"),
		STR("name"),
		STR("cmd"),
		STR("command"),
		STR("length"),
		STR("ttl"),
		STR("type"),
		STR("prompt"),
		STR("policy"),
		STR("age"),
		STR("days"),
		STR("min"),
		STR("max"),
		STR("count"),
		STR("timeout"),
		STR("size"),
		STR("store"),
		STR("header"),
		STR("-id"),
		STR("expiry"),
		STR("expires"),
		STR("endpoint"),
		STR("enabled"),
		STR("authentication"),
		STR("keyid"),
		STR("username"),
		STR("field"),
		STR("secrets"),
	};

	if (name.len < 4 || name.len > 128)
		return str_ieq(name, STR("pwd")) && name.ptr[0] != 'P';
	for (size_t i = 0; i < COUNT(others); i++) {
		if (iends(name, others[i]))
			return false;
	}
	for (size_t i = 0; i < COUNT(ends); i++) {
		if (iends(name, ends[i]))
			return true;
	}
	return str_ieq(name, STR("pass")) || name_has(name, parts, COUNT(parts));
}

const char *secret_kind(struct str name, const char *fallback)
{
	static const struct str azure[] = { STR("azure"), STR("arm_client"), STR("accountkey"),
					    STR("account_key"), STR("sharedaccesskey") };
	static const struct str aws[] = { STR("aws_"), STR("secret_access_key") };

	if (name_has(name, aws, COUNT(aws)))
		return "aws-key";
	if (name_has(name, azure, COUNT(azure)))
		return "azure-key";
	if (ifind(name, 0, STR("github")) >= 0 || str_ieq(name, STR("gh_token")))
		return "github-token";
	return fallback;
}

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
		ssize_t next = ifind(line, (size_t)id, STR("AKIA"));

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

		while ((from = ifind(line, (size_t)(from + 1), m->before)) >= 0) {
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

		while ((from = ifind(line, (size_t)(from + 1), words[i])) >= 0) {
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
	ssize_t begin = ifind(line, 0, STR("-----BEGIN "));

	if (begin < 0 || ifind(line, (size_t)begin, STR("PRIVATE KEY-----")) < 0)
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
	if (!secret_name(name) || (is_number(value) && value.len < 4) ||
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

static bool starts_hint(struct str s)
{
	static const struct str hints[] = {
		STR("pass"),    STR("pwd"),  STR("pypi-"),  STR("secret"),     STR("sig="),
		STR("sqlplus"), STR("sk-"),  STR("token"),  STR("key"),        STR("://"),
		STR(" -p"),     STR(" -u"),  STR(" -a"),    STR(" -w"),        STR(" -k"),
		STR(" /p:"),    STR("gh"),   STR("glpat-"), STR("xox"),        STR("_live_"),
		STR("_pw"),     STR("AIza"), STR("AKIA"),   STR("auth"),       STR("npm_"),
		STR("hf_"),     STR("hvs."), STR("dop_v1"), STR("identified"),
	};

	for (size_t i = 0; i < COUNT(hints); i++) {
		if (str_istarts(s, hints[i]))
			return true;
	}
	return false;
}

/* The pairs of letters that hints begin with: nearly all places of a text are none of them. */
static bool begins_pair(unsigned char a, unsigned char b)
{
	switch (a | 32) {
	case 'p': return strchr("aAwWyY", b);
	case 's': return strchr("eEiIqQkK", b);
	case 't': return b == 'o' || b == 'O';
	case 'k': return b == 'e' || b == 'E';
	case ':' | 32: return b == '/';
	case ' ': return b == '-' || b == '/';
	case 'g': return strchr("hHlL", b);
	case 'x': return b == 'o';
	case '_' | 32: return strchr("lLpP", b);
	case 'a': return strchr("iIkKuU", b);
	case 'n': return b == 'p';
	case 'h': return strchr("fFvV", b);
	case 'd': return b == 'o';
	case 'i': return b == 'd' || b == 'D';
	default: return false;
	}
}

bool secret_likely(struct str line)
{
	for (size_t i = 0; i + 1 < line.len; i++) {
		if (begins_pair((unsigned char)line.ptr[i], (unsigned char)line.ptr[i + 1]) &&
		    starts_hint(str_sub(line, i, line.len)))
			return true;
	}
	return false;
}
