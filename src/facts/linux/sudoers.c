/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "facts/linux/sudoers_words.h"

/* Takes a list of words as it is written, up to what is neither a word nor a comma. */
static bool take_list(struct str *s, struct str *ret)
{
	struct str start = skip_blanks(*s), end = start;

	for (;;) {
		size_t n;

		while (at(end, 0) == '!')
			end = skip_blanks(from(end, 1));
		n = str_starts(end, STR("%:")) ? 2 : 0;
		n += sudo_word_length(from(end, n), ",:=()>!");
		if (!n)
			return false;
		*ret = (struct str){ start.ptr, (size_t)(end.ptr + n - start.ptr) };
		end = skip_blanks(from(end, n));
		if (at(end, 0) != ',')
			break;
		end = skip_blanks(from(end, 1));
	}
	*s = end;
	return true;
}

static const struct {
	struct str name;
	int passwd; /* -1: leaves it as it is */
	int noexec;
} tags[] = {
	{STR("NOPASSWD"),      0,  -1},
        { STR("PASSWD"),       1,  -1},
	{ STR("NOEXEC"),       -1, 1 },
        { STR("EXEC"),         -1, 0 },
	{ STR("SETENV"),       -1, -1},
        { STR("NOSETENV"),     -1, -1},
	{ STR("LOG_INPUT"),    -1, -1},
        { STR("NOLOG_INPUT"),  -1, -1},
	{ STR("LOG_OUTPUT"),   -1, -1},
        { STR("NOLOG_OUTPUT"), -1, -1},
	{ STR("MAIL"),         -1, -1},
        { STR("NOMAIL"),       -1, -1},
	{ STR("FOLLOW"),       -1, -1},
        { STR("NOFOLLOW"),     -1, -1},
	{ STR("INTERCEPT"),    -1, -1},
        { STR("NOINTERCEPT"),  -1, -1},
};

/* RFC 4517's generalized time, in UTC as sudoers has it nearly always; 0 where it is none. */
static int64_t point_in_time(struct str s)
{
	static const unsigned char digits[] = { 4, 2, 2, 2, 2, 2 };
	uint64_t v[6] = {};
	size_t i = 0, k = 0;
	struct tm tm;

	for (; k < COUNT(v) && is_digit(at(s, i)); k++) {
		if (str_to_u64(str_sub(s, i, i + digits[k]), 10, &v[k]) < 0 || v[k] > 9999)
			return 0;
		i += digits[k];
	}
	if (k < 4)
		return 0;
	tm = (struct tm){ .tm_year = (int)v[0] - 1900,
			  .tm_mon = (int)v[1] - 1,
			  .tm_mday = (int)v[2],
			  .tm_hour = (int)v[3],
			  .tm_min = (int)v[4],
			  .tm_sec = (int)v[5] };
	return timegm(&tm);
}

/* "TAG:" or "OPTION=value" before a command. */
static bool take_tag(struct str *s, struct sudo_spec *spec)
{
	size_t n = 0;
	struct str name, rest;

	while (is_upper(at(*s, n)) || at(*s, n) == '_')
		n++;
	name = str_sub(*s, 0, n);
	rest = skip_blanks(from(*s, n));
	for (size_t i = 0; at(rest, 0) == ':' && i < COUNT(tags); i++) {
		if (!str_eq(name, tags[i].name))
			continue;
		if (tags[i].passwd >= 0)
			spec->passwd = tags[i].passwd;
		if (tags[i].noexec >= 0)
			spec->noexec = tags[i].noexec;
		*s = skip_blanks(from(rest, 1));
		return true;
	}
	/* ROLE, TYPE, CWD, CHROOT, TIMEOUT, NOTBEFORE … */
	if (n && at(rest, 0) == '=') {
		rest = skip_blanks(from(rest, 1));
		if (str_eq(name, STR("NOTBEFORE")))
			spec->not_before = point_in_time(rest);
		if (str_eq(name, STR("NOTAFTER")))
			spec->not_after = point_in_time(rest);
		*s = skip_blanks(from(rest, sudo_word_length(rest, ",:=()")));
		return true;
	}
	return false;
}

static const char *parse_spec(struct str *s, struct sudo_spec *spec, struct arena *a)
{
	struct sudo_item item;
	struct str rest = skip_blanks(*s), start;
	ssize_t end;
	int r;

	if (at(rest, 0) == '(') {
		end = str_find(rest, ')');
		if (end < 0)
			return "run-as list without ')'";
		spec->runas = str_trim(str_sub(rest, 1, (size_t)end));
		if (!spec->runas.ptr)
			spec->runas = STR("");
		rest = skip_blanks(from(rest, (size_t)end + 1));
	}
	while (take_tag(&rest, spec))
		;
	start = rest;
	while (at(rest, 0) == '!')
		rest = skip_blanks(from(rest, 1));
	r = sudo_take_command(&rest, a, &item);
	*s = skip_blanks(rest);
	if (r < 0)
		return r == -ENOMEM ? "out of memory" : "no command or one without full path";
	spec->command = str_trim((struct str){ start.ptr, (size_t)(rest.ptr - start.ptr) });
	return NULL;
}

/* "hosts = specs"; hosts may be IPv6 addresses, so only '=' ends them. */
static bool take_hosts(struct str *s, struct str *ret)
{
	size_t n = 0;

	while (n < s->len && s->ptr[n] != '=')
		n += s->ptr[n] == '\\' ? 2 : 1;
	if (n >= s->len)
		return false;
	*ret = str_trim(str_sub(*s, 0, n));
	*s = skip_blanks(from(*s, n + 1));
	return ret->len != 0;
}

static int parse_rule(struct str line, struct arena *a, struct sudo_statement *st)
{
	struct sudo_spec spec = { .passwd = -1 };

	st->kind = SUDO_RULE;
	if (!take_list(&line, &st->users)) {
		st->error = "no user list";
		return 0;
	}
	if (!take_hosts(&line, &spec.hosts)) {
		st->error = "no \"hosts =\" after the users";
		return 0;
	}
	for (;;) {
		st->error = parse_spec(&line, &spec, a);
		if (st->error)
			return 0;
		if (arena_push(a, st->specs, st->n, st->cap, spec) < 0)
			return -ENOMEM;
		if (!line.len)
			return 0;
		if (line.ptr[0] == ':') {
			line = skip_blanks(from(line, 1));
			spec = (struct sudo_spec){ .passwd = -1 };
			if (take_hosts(&line, &spec.hosts))
				continue;
			st->error = "no \"hosts =\" after ':'";
			return 0;
		}
		if (line.ptr[0] != ',') {
			st->error = "',' or ':' expected after a command";
			return 0;
		}
		line = from(line, 1);
	}
}

/* The body of an alias ends at ':' NAME '='; a ':' of IPv6 addresses, tags or digests does not. */
static size_t alias_length(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		struct str rest;
		size_t n = 0;

		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			i += sudo_word_length(from(s, i), "") - 1;
		if (i >= s.len || s.ptr[i] != ':')
			continue;
		rest = skip_blanks(from(s, i + 1));
		while (is_upper(at(rest, n)) ||
		       (n && (is_digit(at(rest, n)) || at(rest, n) == '_')))
			n++;
		if (n && at(skip_blanks(from(rest, n)), 0) == '=')
			return i;
	}
	return s.len;
}

static int parse_aliases(struct str line, enum sudo_alias_kind kind, struct arena *a,
			 struct sudo_statement *st)
{
	st->kind = SUDO_ALIAS;
	do {
		struct sudo_alias alias = { .kind = kind };
		size_t n;

		line = skip_blanks(line);
		n = sudo_word_length(line, "=,:");
		alias.name = str_sub(line, 0, n);
		line = skip_blanks(from(line, n));
		if (!sudo_is_alias_name(alias.name) || at(line, 0) != '=') {
			st->error = "alias without NAME =";
			return 0;
		}
		line = skip_blanks(from(line, 1));
		n = alias_length(line);
		alias.body = str_trim(str_sub(line, 0, n));
		line = from(line, MIN(n + 1, line.len));
		if (!alias.body.len) {
			st->error = "empty alias";
			return 0;
		}
		if (arena_push(a, st->aliases, st->n, st->cap, alias) < 0)
			return -ENOMEM;
	} while (line.len);
	return 0;
}

static const char *parse_default(struct str *s, struct sudo_default *d, struct arena *a)
{
	bool negated = false;
	struct str rest = skip_blanks(*s);
	size_t n;
	char op;

	for (; at(rest, 0) == '!'; rest = skip_blanks(from(rest, 1)))
		negated = !negated;
	for (n = 0; (at(rest, n) >= 'a' && at(rest, n) <= 'z') || at(rest, n) == '_';)
		n++;
	d->name = str_sub(rest, 0, n);
	rest = skip_blanks(from(rest, n));
	if (!n)
		return "option name expected";
	d->value = negated ? STR("no") : STR("yes");
	op = at(rest, 0);
	if (op == '=' || ((op == '+' || op == '-') && at(rest, 1) == '=')) {
		struct str value;

		if (negated)
			return "a value after '!'";
		rest = skip_blanks(from(rest, op == '=' ? 1 : 2));
		n = sudo_word_length(rest, ",");
		if (!n)
			return "empty value";
		if (sudo_unescape(str_sub(rest, 0, n), a, NULL, &value) < 0)
			return "out of memory";
		d->value =
			op == '=' ? value
				  : arena_cat(a, op == '+' ? STR("+=") : STR("-="), value, STR(""));
		rest = skip_blanks(from(rest, n));
	}
	*s = rest;
	return NULL;
}

static int parse_defaults(struct str line, struct arena *a, struct sudo_statement *st)
{
	struct sudo_default d = {};
	char kind = at(line, 0);

	st->kind = SUDO_DEFAULTS;
	if (kind == ':' || kind == '@' || kind == '!' || kind == '>') {
		struct str rest = from(line, 1), list;

		if (!take_list(&rest, &list)) {
			st->error = "Defaults without a list";
			return 0;
		}
		d.scope = (struct str){ line.ptr, (size_t)(list.ptr + list.len - line.ptr) };
		line = rest;
	}
	for (;;) {
		st->error = parse_default(&line, &d, a);
		if (st->error)
			return 0;
		if (arena_push(a, st->defaults, st->n, st->cap, d) < 0)
			return -ENOMEM;
		if (!line.len)
			return 0;
		if (line.ptr[0] != ',') {
			st->error = "',' expected in Defaults";
			return 0;
		}
		line = from(line, 1);
	}
}

static bool keyword(struct str *line, struct str word)
{
	if (!str_starts(*line, word) || !is_blank(at(*line, word.len)))
		return false;
	*line = skip_blanks(from(*line, word.len));
	return true;
}

static int parse_include(struct str path, enum sudo_statement_kind kind, struct arena *a,
			 struct sudo_statement *st)
{
	size_t n = sudo_word_length(path, "");

	st->kind = kind;
	if (!n)
		st->error = "include without a path";
	if (skip_blanks(from(path, n)).len)
		st->error = "text after the path of an include";
	return sudo_unescape(str_sub(path, 0, n), a, NULL, &st->path);
}

int sudo_parse(struct str line, struct arena *a, struct sudo_statement *ret)
{
	*ret = (struct sudo_statement){};
	line = str_trim(line);
	if (keyword(&line, STR("@includedir")) || keyword(&line, STR("#includedir")))
		return parse_include(line, SUDO_INCLUDEDIR, a, ret);
	if (keyword(&line, STR("@include")) || keyword(&line, STR("#include")))
		return parse_include(line, SUDO_INCLUDE, a, ret);
	if (keyword(&line, STR("User_Alias")))
		return parse_aliases(line, SUDO_USERS, a, ret);
	if (keyword(&line, STR("Runas_Alias")))
		return parse_aliases(line, SUDO_RUNAS, a, ret);
	if (keyword(&line, STR("Host_Alias")))
		return parse_aliases(line, SUDO_HOSTS, a, ret);
	if (keyword(&line, STR("Cmnd_Alias")) || keyword(&line, STR("Cmd_Alias")))
		return parse_aliases(line, SUDO_COMMANDS, a, ret);
	if (str_starts(line, STR("Defaults")) &&
	    (is_blank(at(line, 8)) || at(line, 8) == ':' || at(line, 8) == '@' ||
	     at(line, 8) == '!' || at(line, 8) == '>'))
		return parse_defaults(from(line, 8), a, ret);
	return parse_rule(line, a, ret);
}
