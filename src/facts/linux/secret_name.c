/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret_name: what names of secrets look like, and what values are none. */
#include <ctype.h>
#include <stdio.h>

#include "facts/linux/secret_scan.h"

ssize_t secret_ifind(struct str s, size_t from, struct str needle)
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

bool secret_is_number(struct str s)
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
	char first, last;

	if (s.len < 3 || is_one_character(s) || is_word(s))
		return true;
	first = s.ptr[0];
	last = s.ptr[s.len - 1];
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
		if (secret_ifind(name, 0, parts[i]) >= 0)
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
	if (secret_ifind(name, 0, STR("github")) >= 0 || str_ieq(name, STR("gh_token")))
		return "github-token";
	return fallback;
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
