/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sudoers.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

static char at(struct str s, size_t i) { return i < s.len ? s.ptr[i] : '\0'; }
static struct str from(struct str s, size_t i) { return str_sub(s, i, s.len); }

static struct str skip_blanks(struct str s)
{
	size_t i = 0;

	while (i < s.len && is_blank(s.ptr[i]))
		i++;
	return from(s, i);
}

/* Length of "\ \n" at s[i] and the blanks after it, 0 where there is none. */
static size_t continuation(struct str s, size_t i)
{
	size_t j = i + 1;

	while (is_blank(at(s, j)))
		j++;
	if (j >= s.len || s.ptr[j] != '\n')
		return 0;
	for (j++; is_blank(at(s, j));)
		j++;
	return j - i;
}

/* toke.l: '#' begins a comment unless it is an id ("#0", "%#100") or an old-style include. */
static bool is_comment(struct str s, size_t i, size_t out)
{
	struct str rest = from(s, i);
	char next = at(rest, 1);

	if (!out &&
	    (str_starts(rest, STR("#include ")) || str_starts(rest, STR("#include\t")) ||
	     str_starts(rest, STR("#includedir ")) || str_starts(rest, STR("#includedir\t"))))
		return false;
	return !is_digit(next) && !(next == '-' && is_digit(at(rest, 2)));
}

/* Joins one logical line into out (room for s.len bytes); returns how much of s it took. */
static size_t join(struct str s, char *out, size_t *ret_len, unsigned *lines)
{
	size_t i = 0, n = 0;
	bool quoted = false;

	while (i < s.len && s.ptr[i] != '\n') {
		char c = s.ptr[i];
		size_t more = c == '\\' ? continuation(s, i) : 0;

		if (more) {
			out[n++] = ' ';
			i += more;
			++*lines;
			continue;
		}
		if (c == '\\' && i + 1 < s.len) {
			out[n++] = c;
			out[n++] = s.ptr[i + 1];
			i += 2;
			continue;
		}
		if (c == '"')
			quoted = !quoted;
		if (c == '#' && !quoted && is_comment(s, i, n)) {
			while (i < s.len && s.ptr[i] != '\n')
				i++;
			break;
		}
		if (n || !is_blank(c))
			out[n++] = c;
		i++;
	}
	++*lines;
	*ret_len = n;
	return i < s.len ? i + 1 : i;
}

int sudoers_next(struct sudoers_reader *r, struct arena *a, struct str *ret)
{
	while (r->rest.len) {
		struct str window = str_sub(r->rest, 0, SUDOERS_LINE_MAX);
		struct arena_mark mark = arena_mark(a);
		size_t end = 0, len = 0, used;
		char *out;

		/* The line ends at the first newline that no backslash comes before. */
		while (end < window.len && window.ptr[end] != '\n')
			end += window.ptr[end] == '\\' && continuation(window, end)
				       ? continuation(window, end)
				       : 1;
		window = str_sub(window, 0, end + 1);
		out = arena_alloc(a, window.len + 1);
		if (!out)
			return -ENOMEM;
		r->line = r->next + 1;
		used = join(window, out, &len, &r->next);
		r->too_long = used == SUDOERS_LINE_MAX;
		r->rest = from(r->rest, used);
		*ret = str_trim((struct str){ out, len });
		if (ret->len)
			return 1;
		arena_rewind(a, mark);
	}
	return 0;
}

static bool is_alias_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_upper(s.ptr[i]) && (!i || (!is_digit(s.ptr[i]) && s.ptr[i] != '_')))
			return false;
	}
	return s.len && !str_eq(s, STR("ALL"));
}

/* Length of a word with its quotes and escapes; it ends at a blank or one of stop. */
static size_t word_length(struct str s, const char *stop)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '\\' && i + 1 < s.len)
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(c) || strchr(stop, c)))
			break;
	}
	return i;
}

/* Without quotes, and without the backslashes before characters in `escaped` (NULL: all). */
static int unescape(struct str s, struct arena *a, const char *escaped, struct str *ret)
{
	char *out;
	size_t n = 0;

	if (str_find(s, '\\') < 0 && str_find(s, '"') < 0) {
		*ret = s;
		return 0;
	}
	out = arena_alloc(a, s.len + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len &&
		    (!escaped || (s.ptr[i + 1] && strchr(escaped, s.ptr[i + 1]))))
			out[n++] = s.ptr[++i];
		else if (s.ptr[i] != '"' || escaped)
			out[n++] = s.ptr[i];
	}
	*ret = (struct str){ out, n };
	return 0;
}

/* "sha256:digest, sha512:digest /path": returns what follows. */
static struct str skip_digests(struct str s)
{
	for (;;) {
		struct str rest;

		if (!str_starts(s, STR("sha")) || !is_digit(at(s, 3)) || !is_digit(at(s, 4)) ||
		    !is_digit(at(s, 5)))
			return s;
		rest = skip_blanks(from(s, 6));
		if (at(rest, 0) != ':')
			return s;
		rest = skip_blanks(from(rest, 1));
		rest = skip_blanks(from(rest, word_length(rest, ",")));
		if (at(rest, 0) == ',' && str_starts(skip_blanks(from(rest, 1)), STR("sha")))
			rest = skip_blanks(from(rest, 1));
		s = rest;
	}
}

/* Arguments run to an unescaped ',', ':' or '='; those between ^ and $ are a regex, any text. */
static size_t arguments_length(struct str s)
{
	size_t i = 0;

	if (at(s, 0) == '^') {
		for (i = 1; i < s.len; i++) {
			if (s.ptr[i] == '\\')
				i++;
			else if (s.ptr[i] == '$' && (i + 1 == s.len || is_blank(s.ptr[i + 1]) ||
						     strchr(",:", s.ptr[i + 1])))
				return i + 1;
		}
		return s.len;
	}
	for (; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == ',' || s.ptr[i] == ':' || s.ptr[i] == '=')
			break;
	}
	return MIN(i, s.len);
}

static bool takes_arguments(struct str word)
{
	if (str_eq(word, STR("sudoedit")))
		return true;
	return word.len && (word.ptr[0] == '/' || word.ptr[0] == '^') &&
	       word.ptr[word.len - 1] != '/';
}

static int next_command(struct str *list, struct arena *a, struct sudo_item *ret)
{
	struct str s = skip_digests(*list), word, arguments;
	size_t n = at(s, 0) == '^' ? arguments_length(s) : word_length(s, ",:=");

	word = str_sub(s, 0, n);
	s = skip_blanks(from(s, n));
	*list = s;
	ret->alias = is_alias_name(word);
	ret->text = word;
	if (!word.len)
		return -EBADMSG;
	if (ret->alias || str_eq(word, STR("ALL")) || str_eq(word, STR("list")))
		return 1;
	if (word.ptr[0] != '/' && word.ptr[0] != '^' && !str_eq(word, STR("sudoedit")))
		return -EBADMSG;
	if (takes_arguments(word) && s.len) {
		n = arguments_length(s);
		arguments = str_trim(str_sub(s, 0, n));
		if (arguments.len)
			ret->text = (struct str){ word.ptr, (size_t)(arguments.ptr + arguments.len -
								     word.ptr) };
		*list = from(s, n);
	}
	/* Escapes of glob characters mean something to fnmatch(3) and stay. */
	return unescape(ret->text, a, ":\\,= \t#", &ret->text) < 0 ? -ENOMEM : 1;
}

static int next_word(struct str *list, struct arena *a, struct sudo_item *ret)
{
	size_t prefix = at(*list, 0) == '%' ? (at(*list, 1) == ':' ? 2 : 1) : 0;
	size_t n = prefix + word_length(from(*list, prefix), ",:=()>!");
	struct str word = str_sub(*list, 0, n);

	*list = from(*list, n);
	if (word.len <= prefix)
		return -EBADMSG;
	ret->alias = is_alias_name(word);
	return unescape(word, a, NULL, &ret->text) < 0 ? -ENOMEM : 1;
}

int sudo_next_item(struct str *list, enum sudo_alias_kind kind, struct arena *a,
		   struct sudo_item *ret)
{
	struct sudo_item item = {};
	struct str s = skip_blanks(*list);
	int r;

	if (!s.len)
		return 0;
	while (at(s, 0) == '!') {
		item.negated = !item.negated;
		s = skip_blanks(from(s, 1));
	}
	r = kind == SUDO_COMMANDS ? next_command(&s, a, &item) : next_word(&s, a, &item);
	if (r < 0)
		return r;
	s = skip_blanks(s);
	if (at(s, 0) == ',') {
		s = skip_blanks(from(s, 1));
		if (!s.len)
			return -EBADMSG;
	} else if (s.len) {
		return -EBADMSG;
	}
	*list = s;
	*ret = item;
	return 1;
}

/* Takes a list of words as it is written, up to what is neither a word nor a comma. */
static bool take_list(struct str *s, struct str *ret)
{
	struct str start = skip_blanks(*s), end = start;

	for (;;) {
		size_t n;

		while (at(end, 0) == '!')
			end = skip_blanks(from(end, 1));
		n = str_starts(end, STR("%:")) ? 2 : 0;
		n += word_length(from(end, n), ",:=()>!");
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
		*s = skip_blanks(from(rest, word_length(rest, ",:=()")));
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
	r = next_command(&rest, a, &item);
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
			i += word_length(from(s, i), "") - 1;
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
		n = word_length(line, "=,:");
		alias.name = str_sub(line, 0, n);
		line = skip_blanks(from(line, n));
		if (!is_alias_name(alias.name) || at(line, 0) != '=') {
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
		n = word_length(rest, ",");
		if (!n)
			return "empty value";
		if (unescape(str_sub(rest, 0, n), a, NULL, &value) < 0)
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
	size_t n = word_length(path, "");

	st->kind = kind;
	if (!n)
		st->error = "include without a path";
	if (skip_blanks(from(path, n)).len)
		st->error = "text after the path of an include";
	return unescape(str_sub(path, 0, n), a, NULL, &st->path);
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
