/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pair: "NAME=value", "name: value", "name": "value", define('NAME', 'value'), <name>value</name>,
 * key="name" value="value": the name tells what the value is.
 */
#include <ctype.h>

#include "secrets/line.h"
#include "secrets/value.h"

#define QUOTED_MAX 4096
#define BARE_MAX 1024

static char at(struct str s, size_t i)
{
	if (i >= s.len)
		return '\0';
	return s.ptr[i];
}
static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

struct pair {
	struct str name, value;
	bool quoted;
	bool first;  /* the name begins the line */
	bool flow;   /* of a list: JSON, a query, "a=b;c=d" */
	bool spaced; /* blanks behind the mark */
	bool more;   /* words behind an unquoted value */
	char mark;
};

static size_t back_blanks(struct str s, size_t i)
{
	while (i && is_blank(s.ptr[i - 1]))
		i--;
	return i;
}

/* The name that ends before offset i: "name", 'name', \"name\", [name], name. */
static bool name_before(struct str s, size_t i, struct pair *ret)
{
	size_t end, start;

	i = back_blanks(s, i);
	if (i && (is_quote(s.ptr[i - 1]) || s.ptr[i - 1] == ']'))
		i--;
	if (i && (s.ptr[i - 1] == '\\' || is_quote(s.ptr[i - 1])))
		i--;
	end = start = i;
	while (start && in_name(s.ptr[start - 1]) && end - start < 128)
		start--;
	/* "checksum/secret" of Helm's charts */
	if (end - start < 3 || str_ends(str_sub(s, 0, start), STR("checksum/")))
		return false;
	ret->name = str_sub(s, start, end);
	while (start && (is_blank(s.ptr[start - 1]) || is_quote(s.ptr[start - 1]) ||
			 s.ptr[start - 1] == '\\'))
		start--;
	ret->first = !start ||
		     (start >= 6 && str_ieq(str_sub(s, start - 6, start), STR("export"))) ||
		     (start >= 3 && str_ieq(str_sub(s, start - 3, start), STR("env"))) ||
		     (start == 1 && s.ptr[0] == '-');
	ret->flow = start && strchr("{,;&?([", s.ptr[start - 1]);
	return true;
}

/* From an opening quote on; the closing one is escaped as that was. */
static bool quoted(struct str s, size_t from, struct pair *ret)
{
	bool escaped = at(s, from) == '\\';
	size_t i = from + escaped;
	char quote = at(s, i);

	for (from = ++i; i < s.len && i - from <= QUOTED_MAX; i++) {
		if (s.ptr[i] == quote && (!escaped || s.ptr[i - 1] == '\\')) {
			ret->value = str_sub(s, from, escaped ? i - 1 : i);
			ret->quoted = true;
			return true;
		}
		if (s.ptr[i] == '\\' && !escaped && quote != '\'')
			i++;
	}
	return false;
}

/* A remark behind a blank is none of an unquoted value. */
static struct str bare_line(struct str s)
{
	for (size_t i = 1; i < s.len; i++)
		if (s.ptr[i] == '#' && is_blank(s.ptr[i - 1]))
			return str_trim(str_sub(s, 0, i));
	return str_trim(s);
}

/* "db.password=X,replicas=2": of a list of pairs the first one's value. */
static struct str first_of_list(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		size_t end = i + 1;

		if (s.ptr[i] != ',')
			continue;
		while (end < s.len && in_name(s.ptr[end]))
			end++;
		if (end > i + 1 && at(s, end) == '=' && at(s, end + 1))
			return str_sub(s, 0, i);
	}
	return s;
}

static struct str bare(struct str s, const struct pair *p)
{
	const char *stop = p->mark == '=' && !p->flow ? "\"'`<>" : "\"'`<>,;&)}]";
	size_t n = 0;

	if (p->first && !p->flow) {
		s = bare_line(s);
		if (str_find(s, ' ') < 0 && p->mark == '=')
			s = first_of_list(s);
		if (str_find(s, ' ') < 0)
			return str_ends(s, STR(";")) || str_ends(s, STR(","))
				       ? str_sub(s, 0, s.len - 1)
				       : s;
		/* Several words are a sentence, but for a command behind an assignment. */
		if (p->mark == ':' || str_find(p->name, '.') > 0 ||
		    (p->spaced &&
		     !str_starts(str_trim(str_sub(s, (size_t)str_find(s, ' '), s.len)), STR(";"))))
			return (struct str){};
	}
	while (n < s.len && n <= BARE_MAX && !is_blank(s.ptr[n]) && !strchr(stop, s.ptr[n])) {
		if ((s.ptr[n] == '&' || s.ptr[n] == ';' || s.ptr[n] == ',') && p->mark == '=')
			break;
		n++;
	}
	return n > BARE_MAX ? (struct str){} : str_sub(s, 0, n);
}

/* YAML's "!!str" and "&anchor" */
static size_t behind_tag(struct str s, size_t i)
{
	size_t end = i;

	if (at(s, i) != '&' && !(at(s, i) == '!' && at(s, i + 1) == '!'))
		return i;
	while (end < s.len && !is_blank(s.ptr[end]))
		end++;
	while (is_blank(at(s, end)))
		end++;
	return end < s.len ? end : i;
}

static bool is_alias(struct str v)
{
	if (v.len < 2 || *v.ptr != '*')
		return false;
	for (size_t i = 1; i < v.len; i++)
		if (!isalpha((unsigned char)v.ptr[i]) && v.ptr[i] != '_' && v.ptr[i] != '-')
			return false;
	return true;
}

static size_t behind_value(struct str s, size_t i)
{
	struct str rest = str_trim(str_sub(s, i + 1, s.len));
	size_t end;

	if (!str_starts(rest, STR("\"value\"")))
		return i;
	end = (size_t)(rest.ptr - s.ptr) + 7;
	while (is_blank(at(s, end)) || at(s, end) == ':')
		end++;
	return end;
}

/* process.env.X || "secret", os.getenv("X") or "secret": what stands in for it */
static bool fallback(struct str s, size_t i, struct pair *ret)
{
	static const struct str marks[] = { STR("|| "), STR("?? "), STR(" or ") };

	for (size_t k = 0; k < COUNT(marks); k++) {
		ssize_t from = secret_ifind(s, i, marks[k]);
		size_t to = (size_t)from + marks[k].len;

		if (from >= 0 && is_quote(at(s, to)))
			return quoted(s, to, ret);
	}
	return false;
}

/* Behind the mark at offset i. */
static bool value_after(struct str s, size_t i, unsigned grammar, struct pair *ret)
{
	ret->spaced = is_blank(at(s, i));
	while (is_blank(at(s, i)) || (at(s, i) == '>' && ret->mark == '='))
		i++;
	if (ret->mark == ':')
		i = behind_tag(s, i);
	/* Python's and TOML's """text""" */
	if (is_quote(at(s, i)) && at(s, i + 1) == at(s, i) && at(s, i + 2) == at(s, i))
		i += 2;
	/* Azure's "name": { "value": "secret" } */
	if (at(s, i) == '{')
		i = behind_value(s, i);
	/* Python's b"", JavaScript's `` */
	if ((at(s, i) == 'b' || at(s, i) == 'r' || at(s, i) == 'u' || at(s, i) == 'f' ||
	     at(s, i) == '@' || at(s, i) == 'N') &&
	    is_quote(at(s, i + 1)))
		i++;
	/* The shell runs what stands between them. */
	if (at(s, i) == '`' && (grammar & GRAMMAR_SHELL))
		return false;
	if (is_quote(at(s, i)) || (at(s, i) == '\\' && is_quote(at(s, i + 1))))
		return quoted(s, i, ret);
	if ((grammar & GRAMMAR_CODE) && fallback(s, i, ret))
		return true;
	ret->value = bare(str_sub(s, i, s.len), ret);
	if (!ret->value.ptr)
		return false;
	i = (size_t)(ret->value.ptr + ret->value.len - s.ptr);
	ret->more = is_blank(at(s, i)) && isalpha((unsigned char)at(s, i + 1));
	/* YAML's alias */
	if (ret->mark == ':' && is_alias(ret->value))
		return false;
	/* printf's "password=secret\\n" */
	if (grammar == GRAMMAR_SHELL && str_contains(ret->value, STR("\\n")))
		ret->value.len =
			(size_t)((const char *)memmem(ret->value.ptr, ret->value.len, "\\n", 2) -
				 ret->value.ptr);
	return ret->value.len > 0;
}

/* key="NAME" value="VALUE" of .NET, define('NAME', 'VALUE') of PHP: the name is a value itself. */
static bool named_by_value(struct str s, size_t i, unsigned grammar, struct pair *ret)
{
	struct pair name = {}, outer = {};
	struct str rest;
	ssize_t next;

	if (!name_before(s, i, &outer) ||
	    (!str_ieq(outer.name, STR("key")) && !str_ieq(outer.name, STR("name"))) ||
	    !value_after(s, i + 1, grammar, &name) ||
	    (!name.quoted && secret_name(name.value) == CLASS_NONE))
		return false;
	rest = str_sub(s, (size_t)(name.value.ptr + name.value.len - s.ptr), s.len);
	next = secret_ifind(rest, 0, STR("value"));
	if (next < 0 || next > 40)
		return false;
	i = (size_t)(rest.ptr - s.ptr) + (size_t)next + 5;
	while (is_blank(at(s, i)) || at(s, i) == '"' || at(s, i) == '\'')
		i++;
	if (at(s, i) != '=' && at(s, i) != ':')
		return false;
	ret->name = name.value;
	ret->mark = '=';
	return value_after(s, i + 1, grammar, ret);
}

/* "user:secret" or "user/secret" */
static int judge_login(struct secret_line *l, struct str v)
{
	size_t n = 0;

	while (n < v.len && (isalnum((unsigned char)v.ptr[n]) || strchr("_.@-", v.ptr[n])))
		n++;
	if (!n || n >= v.len || (v.ptr[n] != ':' && v.ptr[n] != '/') ||
	    secret_is_number(str_sub(v, 0, n)))
		return 0;
	v = str_sub(v, n + 1, v.len);
	return secret_is_chosen(v) ? secret_found(l, "stored-password", v) : 0;
}

/* "# admin_password = admin": what a sample says; a real one that was switched off looks drawn. */
static bool is_remark(struct str s)
{
	s = str_trim(s);
	return s.len && (*s.ptr == '#' || *s.ptr == ';');
}

/* "self.token = next", "a = password = b": a variable is given to another one. */
static bool is_assigned(const struct pair *p)
{
	if (str_starts(p->name, STR("self.")) || str_starts(p->name, STR("this.")))
		return true;
	if (p->first || !p->spaced || p->mark != '=')
		return false;
	for (size_t i = 0; i < p->value.len; i++)
		if (!islower((unsigned char)p->value.ptr[i]) && p->value.ptr[i] != '_')
			return false;
	return true;
}

static int judge(struct secret_line *l, const struct pair *p, unsigned grammar)
{
	enum secret_class class = secret_name(p->name);
	enum secret_source source = SOURCE_NAMED;
	const char *kind = l->kind;
	struct str v = p->value;

	if (p->quoted && str_eq(p->name, STR("auth")) && secret_is_encoded_pair(v))
		return secret_found(l, "docker-auth", v);
	if (class == CLASS_NONE && secret_name_of_pair(p->name))
		return judge_login(l, v);
	/* Alone it is the shell's working folder. */
	if (str_eq(p->name, STR("PWD")) && p->flow)
		class = CLASS_PASSWORD;
	if (class == CLASS_NONE || (!p->quoted && is_assigned(p)))
		return 0;
	/* "pwd: expected bytes, got %s" */
	if (!p->quoted && !p->first && p->mark == ':' && p->more && !secret_is_chosen(v))
		return 0;
	if (grammar & GRAMMAR_CODE)
		source = SOURCE_CODE;
	if ((grammar & GRAMMAR_CODE) && !p->quoted)
		return 0;
	/* A sentence: "password: the one that you chose". */
	if (!p->quoted && !p->first && p->mark == ':' && v.len < 6)
		return 0;
	if (str_find(v, ' ') >= 0 && (class == CLASS_KEY || !p->quoted || p->mark == '>'))
		return 0;
	if (!secret_value(v, class, source))
		return 0;
	if (!l->kind)
		kind = secret_name_kind(p->name,
					grammar == GRAMMAR_SHELL ? "password-argument" : "export");
	return secret_found(l, kind, v);
}

/* Whether ':' is that of a pair: "name: value", "name":"value", a header; not "host:port". */
static bool is_colon_mark(struct str s, size_t i)
{
	char next = at(s, i + 1), before = at(s, i - 1);

	if (next == ':' || next == '/' || before == ':')
		return false;
	return is_blank(next) || is_quote(next) || is_quote(before) || next == '=' || next == '\\';
}

/* variable "NAME" { default = "value" }, of Terraform */
static void name_variable(struct str s, struct pair *p)
{
	struct str rest = str_trim(s);

	if (!str_eq(p->name, STR("default")))
		return;
	/* add_argument("--password", default="secret") */
	if (secret_ifind(s, 0, STR("\"--")) >= 0 &&
	    secret_ifind(s, 0, STR("\"--")) < p->name.ptr - s.ptr) {
		rest = str_sub(s, (size_t)secret_ifind(s, 0, STR("\"--")) + 3, s.len);
		p->name = str_cut(&rest, '"');
		return;
	}
	if (!str_starts(rest, STR("variable \"")))
		return;
	rest = str_sub(rest, 10, rest.len);
	p->name = str_cut(&rest, '"');
}

/* "const TOKEN: &str = ", "var token string = ": a type stands between the name and the mark. */
static void name_typed(struct str s, struct pair *p)
{
	static const struct str types[] = { STR("str"), STR("string"), STR("String") };
	size_t i = (size_t)(p->name.ptr - s.ptr);
	struct pair typed = {};
	bool is_type = false;

	for (size_t k = 0; k < COUNT(types); k++)
		is_type |= str_eq(p->name, types[k]);
	if (!is_type)
		return;
	while (i && (is_blank(s.ptr[i - 1]) || strchr("&':", s.ptr[i - 1])))
		i--;
	if (name_before(s, i, &typed))
		p->name = typed.name;
}

static int pair_at(struct secret_line *l, struct str s, size_t i, unsigned grammar)
{
	struct pair p = { .mark = s.ptr[i] };
	size_t from = i + 1;

	if (p.mark == '=' &&
	    (at(s, i + 1) == '=' || at(s, i + 1) == '~' || (i && strchr("=!<>~", s.ptr[i - 1]))))
		return 0;
	if (p.mark == ':' && !is_colon_mark(s, i))
		return 0;
	if (p.mark == ':' && at(s, from) == '=')
		from++;
	if (named_by_value(s, i, grammar, &p))
		return judge(l, &p, grammar);
	p = (struct pair){ .mark = s.ptr[i] };
	if (!name_before(s,
			 s.ptr[i] == '=' && i &&
					 (s.ptr[i - 1] == ':' || s.ptr[i - 1] == '?' ||
					  s.ptr[i - 1] == '+')
				 ? i - 1
				 : i,
			 &p))
		return 0;
	/* "password:" is a text of its own. */
	if (p.name.ptr > s.ptr && is_quote(p.name.ptr[-1]) && at(s, from) == p.name.ptr[-1] &&
	    !is_quote(at(s, i - 1)))
		return 0;
	name_variable(s, &p);
	if (p.mark == '=')
		name_typed(s, &p);
	if ((secret_name(p.name) == CLASS_NONE && !str_eq(p.name, STR("auth")) &&
	     !str_eq(p.name, STR("PWD")) && !secret_name_of_pair(p.name)) ||
	    !value_after(s, from, grammar, &p))
		return 0;
	if (!p.quoted && is_remark(s) && !secret_is_chosen(p.value))
		return 0;
	return judge(l, &p, grammar);
}

/* What gives the second of its arguments to the first: "define(", "setenv(", "put(". */
static bool is_setter(struct str s, struct str name)
{
	static const struct str calls[] = { STR("define"),  STR("setenv"), STR("putenv"),
					    STR("put"),     STR("set"),    STR("property"),
					    STR("config"),  STR("add"),    STR("header"),
					    STR("append"),  STR("const"),  STR("env"),
					    STR("variable") };
	size_t i = back_blanks(s, (size_t)(name.ptr - s.ptr) - 1), end;

	if (!i || (s.ptr[i - 1] != '(' && s.ptr[i - 1] != '['))
		return false;
	if (s.ptr[i - 1] == '[')
		return true;
	end = back_blanks(s, i - 1);
	for (size_t k = 0; k < COUNT(calls); k++)
		if (end >= calls[k].len && str_ieq(str_sub(s, end - calls[k].len, end), calls[k]))
			return true;
	return false;
}

/* <password>value</password>; define('NAME', 'value'), ('name', 'value') */
static int element_at(struct secret_line *l, struct str s, size_t i, unsigned grammar)
{
	struct pair p = { .mark = s.ptr[i], .flow = true };

	if (s.ptr[i] == '>') {
		ssize_t end = str_find(str_sub(s, i, s.len), '<');
		size_t back = i;

		while (back && s.ptr[back - 1] != '<' && i - back < 160)
			back--;
		if (end <= 0 || !back || s.ptr[back - 1] != '<')
			return 0;
		p.name = secret_element_name(str_sub(s, back, i));
		if (str_eq(p.name, STR("value")) || str_eq(p.name, STR("string")))
			p.name = secret_element_before(str_sub(s, 0, back - 1), p.name);
		p.value = str_trim(str_sub(s, i + 1, i + (size_t)end));
		p.quoted = true;
		if (!str_istarts(str_sub(s, i + (size_t)end, s.len), STR("</")))
			return 0;
	} else if (!i || !is_quote(s.ptr[i - 1]) || !name_before(s, i, &p) || p.name.ptr == s.ptr ||
		   !is_quote(p.name.ptr[-1]) || !is_setter(s, p.name) ||
		   !value_after(s, i + 1, grammar, &p) || !p.quoted) {
		return 0;
	}
	return judge(l, &p, grammar);
}

int secret_pairs(struct secret_line *l, struct str s, unsigned grammar)
{
	int r = 0;

	for (size_t i = 1; r >= 0 && i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '=' || c == ':')
			r = pair_at(l, s, i, grammar);
		else if ((c == '>' && s.ptr[i - 1] != '=' && s.ptr[i - 1] != '-') || c == ',')
			r = element_at(l, s, i, grammar);
	}
	return r;
}
