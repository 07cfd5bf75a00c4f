/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listed: commands written as lists of words, ["mysql", "-psecret"], as Docker, Kubernetes, Python
 * and others have them; rows of SQL, where the name of a column tells; NAME and value in two lines.
 */
#include <ctype.h>

#include "secrets/program.h"
#include "secrets/value.h"
#include "secrets/words.h"

#define LIST_MAX 64U
#define COLUMNS_MAX 32U

static struct str skip_blanks(struct str s)
{
	while (s.len && isspace((unsigned char)*s.ptr))
		s = str_sub(s, 1, s.len);
	return s;
}

static char first_of(struct str s)
{
	if (!s.len)
		return '\0';
	return *s.ptr;
}

/* The text in quotes that *s begins with; ptr == NULL: there is none. */
static struct str take_quoted(struct str *s)
{
	char quote = first_of(*s);

	if (quote != '"' && quote != '\'')
		return (struct str){};
	for (size_t i = 1; i < s->len; i++) {
		struct str text;

		if (s->ptr[i] == '\\')
			i++;
		else if (s->ptr[i] == quote) {
			text = str_sub(*s, 1, i);
			*s = str_sub(*s, i + 1, s->len);
			return text;
		}
	}
	return (struct str){};
}

/* Words of a list whose '[' stands before s; 0: it is none of texts alone. */
static size_t read_list(struct str s, struct word *list)
{
	size_t n = 0;

	while (n < LIST_MAX) {
		struct str text;

		s = skip_blanks(s);
		text = take_quoted(&s);
		if (!text.ptr)
			return 0;
		list[n++] = (struct word){ .text = text };
		s = skip_blanks(s);
		if (first_of(s) != ',')
			return !s.len || first_of(s) == ']' ? n : 0;
		s = skip_blanks(str_sub(s, 1, s.len));
		if (first_of(s) == ']' || !s.len)
			return n;
	}
	return n;
}

/* Arguments alone belong to a program that stands elsewhere. */
static int run_list(struct secret_line *l, struct word *list, size_t n)
{
	struct command c = { .words = list + 1, .n = n };

	if (n &&
	    (str_eq(c.words[0].text, STR("CMD")) || str_eq(c.words[0].text, STR("CMD-SHELL")))) {
		c.words++;
		c.n--;
	}
	if (c.n && first_of(c.words[0].text) == '-') {
		list[0] = (struct word){ .text = STR("arguments") };
		c = (struct command){ .words = list, .n = n + 1 };
	}
	return c.n > 1 || (c.n && str_find(c.words[0].text, ' ') > 0) ? secret_command(l, &c) : 0;
}

int secret_lists(struct secret_line *l, struct str s)
{
	struct word *list = NULL;
	int r = 0;

	for (size_t i = 0; r >= 0 && i + 1 < s.len; i++) {
		struct str rest;
		size_t n;

		if (s.ptr[i] != '[')
			continue;
		rest = skip_blanks(str_sub(s, i + 1, s.len));
		if (first_of(rest) != '"' && first_of(rest) != '\'')
			continue;
		if (!list)
			list = arena_array(l->arena, LIST_MAX + 1, sizeof *list);
		if (!list)
			return -ENOMEM;
		n = read_list(rest, list + 1);
		if (n)
			r = run_list(l, list, n);
	}
	return r;
}

/* "(a, b)": the names; *s begins behind it. */
static size_t columns(struct str *s, struct str *names)
{
	struct str rest = *s, list = str_cut(&rest, ')');
	size_t n = 0;

	if (!rest.ptr)
		return 0;
	*s = rest;
	while (list.ptr && n < COLUMNS_MAX) {
		struct str name = str_trim(str_cut(&list, ','));

		while (name.len && strchr("`\"[' ", *name.ptr))
			name = str_sub(name, 1, name.len);
		while (name.len && strchr("`\"]' ", name.ptr[name.len - 1]))
			name.len--;
		names[n++] = name;
	}
	return n;
}

/* What a column of passwords holds is most often their digest. */
static bool is_digest(struct str s)
{
	return (s.len == 32 || s.len == 40 || s.len == 56 || s.len == 64 || s.len == 128) &&
	       secret_is_hex(s);
}

static int cell(struct secret_line *l, struct str column, struct str value)
{
	enum secret_class class = secret_name(column);

	if (class == CLASS_NONE || is_digest(value) || !secret_value(value, class, SOURCE_NAMED))
		return 0;
	return secret_found(l, "sql-password", value);
}

/* The values of one row, behind its '('. */
static int row(struct secret_line *l, struct str s, const struct str *names, size_t n)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str value;

		s = skip_blanks(s);
		value = take_quoted(&s);
		if (value.ptr)
			r = cell(l, names[i], value);
		while (s.len && *s.ptr != ',' && *s.ptr != ')' && *s.ptr != '(')
			s = str_sub(s, 1, s.len);
		if (first_of(s) != ',')
			break;
		s = str_sub(s, 1, s.len);
	}
	return r;
}

/* INSERT INTO t (name, password) VALUES ('ann', 'secret') */
int secret_insert(struct secret_line *l, struct str s)
{
	struct str names[COLUMNS_MAX];
	ssize_t at = secret_ifind(s, 0, STR("insert into ")), open;
	size_t n;

	if (at < 0)
		return 0;
	s = str_sub(s, (size_t)at, s.len);
	open = str_find(s, '(');
	if (open < 0)
		return 0;
	s = str_sub(s, (size_t)open + 1, s.len);
	n = columns(&s, names);
	at = secret_ifind(s, 0, STR("values"));
	if (!n || at < 0 || at > 16)
		return 0;
	s = skip_blanks(str_sub(s, (size_t)at + 6, s.len));
	return first_of(s) == '(' ? row(l, str_sub(s, 1, s.len), names, n) : 0;
}

static struct str between(struct str s, struct str open, struct str close)
{
	size_t end;

	if (!str_istarts(s, open) || s.len < open.len + close.len)
		return (struct str){};
	s = str_sub(s, open.len, s.len);
	for (end = 0; end + close.len <= s.len; end++)
		if (str_istarts(str_sub(s, end, s.len), close))
			return str_trim(str_sub(s, 0, end));
	return (struct str){};
}

/* Behind "word:", "\"word\":" or "word =", without a comma at the end. */
static struct str behind_word(struct str s, struct str name)
{
	while (s.len && strchr("\"'- {", *s.ptr))
		s = str_sub(s, 1, s.len);
	if (!str_starts(s, name))
		return (struct str){};
	s = str_sub(s, name.len, s.len);
	while (s.len && strchr("\"' ", *s.ptr))
		s = str_sub(s, 1, s.len);
	if (first_of(s) != ':' && first_of(s) != '=')
		return (struct str){};
	s = str_trim(str_sub(s, 1, s.len));
	while (s.len && strchr(",}", s.ptr[s.len - 1]))
		s = str_trim(str_sub(s, 0, s.len - 1));
	return s;
}

struct str secret_split_name(struct str line)
{
	static const struct str names[] = {
		STR("name"), STR("key"),          STR("Name"),
		STR("Key"),  STR("ParameterKey"), STR("parameter_key")
	};
	struct str s = str_trim(line), name = {};

	if (s.len < 6 || s.len > 160)
		return name;
	if (str_starts(s, STR("<"))) {
		name = between(s, STR("<key>"), STR("</key>"));
		return name.len ? name : between(s, STR("<name>"), STR("</name>"));
	}
	if (str_starts(s, STR("variable \"")))
		return str_sub(s, 10, 10 + (size_t)MAX(str_find(str_sub(s, 10, s.len), '"'), 0));
	/* "adminPassword": { */
	if (str_ends(s, STR("{")) && *s.ptr == '"') {
		s = str_sub(s, 1, s.len);
		name = str_cut(&s, '"');
		return str_starts(str_trim(s), STR(":")) ? name : (struct str){};
	}
	for (size_t i = 0; i < COUNT(names) && !name.len; i++)
		name = str_unquote(behind_word(s, names[i]));
	return str_find(name, ' ') < 0 ? name : (struct str){};
}

struct str secret_split_value(struct str line)
{
	static const struct str words[] = { STR("value"), STR("Value"), STR("default"),
					    STR("ParameterValue"), STR("parameter_value") };
	struct str s = str_trim(line), value = {};

	if (str_starts(s, STR("<"))) {
		value = between(s, STR("<string>"), STR("</string>"));
		return value.len ? value : between(s, STR("<value>"), STR("</value>"));
	}
	for (size_t i = 0; i < COUNT(words) && !value.len; i++)
		value = behind_word(s, words[i]);
	/* A remark. */
	if (value.len && *value.ptr != '"' && *value.ptr != '\'')
		return str_find(value, ' ') < 0 ? value : (struct str){};
	return value.len && str_find(str_sub(value, 1, value.len), *value.ptr) >= 0
		       ? str_sub(value, 1,
				 1 + (size_t)str_find(str_sub(value, 1, value.len), *value.ptr))
		       : (struct str){};
}

/* os.system("mysql -psecret"), sh 'sshpass -p secret …' of a program's text */
int secret_spawned(struct secret_line *l, struct str s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s.len; i++) {
		struct str rest = str_sub(s, i, s.len), text, word;

		text = take_quoted(&rest);
		if (!text.ptr)
			continue;
		i = (size_t)(text.ptr + text.len - s.ptr);
		rest = text;
		word = str_basename(str_word(&rest));
		if (text.len > 8 && rest.len && program_known(word) && !program_is_ambiguous(word))
			r = secret_shell(l, text);
	}
	return r;
}

/* "property name=\"db.password\"": what it is called, else what kind it is. */
struct str secret_element_name(struct str tag)
{
	ssize_t from = secret_ifind(tag, 0, STR("name=\"")),
		key = secret_ifind(tag, 0, STR(" key=\""));
	struct str name = tag;

	if (from < 0)
		from = key;
	if (from >= 0)
		name = str_sub(tag, (size_t)from + 6, tag.len);

	return from < 0 ? str_word(&name) : str_cut(&name, '"');
}

/* "<name>db.password</name><value>", "<setting name=\"Password\"><value>" */
struct str secret_element_before(struct str head, struct str otherwise)
{
	size_t i;

	head = str_trim(head);
	if (!str_ends(head, STR(">")))
		return otherwise;
	for (i = head.len - 1; i && head.ptr[i - 1] != '<';)
		i--;
	if (i >= head.len || head.ptr[i] != '/')
		return secret_element_name(str_sub(head, i, head.len - 1));
	head = str_sub(head, 0, i - (i > 0));
	return str_sub(head, (size_t)(str_rfind(head, '>') + 1), head.len);
}
