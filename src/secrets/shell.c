/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell: secrets among the words of commands. */
#include <ctype.h>

#include "secrets/call.h"
#include "secrets/value.h"

#define DEPTH_MAX 3

static bool is_assignment(struct str w, struct str *ret_name, struct str *ret_value)
{
	size_t n = 0;

	while (n < w.len && (isalnum((unsigned char)w.ptr[n]) || w.ptr[n] == '_'))
		n++;
	if (!n || n >= w.len || isdigit((unsigned char)w.ptr[0]) || w.ptr[n] != '=')
		return false;
	*ret_name = str_sub(w, 0, n);
	*ret_value = str_sub(w, n + 1, w.len);
	return true;
}

/* sed's "s/old/NAME=new/": each part for itself. */
static int replacements(struct secret_line *l, struct str s)
{
	char mark = s.ptr[1];
	int r = 0;

	s = str_sub(s, 2, s.len);
	while (r >= 0 && s.ptr)
		r = secret_pairs(l, str_cut(&s, mark), GRAMMAR_SHELL);
	return r;
}

/* ssh host 'PGPASSWORD=secret psql': a command, where NAME='two words' is one value. */
static bool begins_in_quotes(const struct secret_line *l, struct str word)
{
	uint32_t from = secret_raw(l, word.ptr) & ~SECRET_EXPANDED;

	return from && from < l->text.len &&
	       (l->text.ptr[from - 1] == '\'' || l->text.ptr[from - 1] == '"');
}

/* $env:NAME = 'value' */
static int powershell(struct secret_line *l, const struct command *c)
{
	struct str name;
	enum secret_class class;

	if (c->n < 3 || !str_starts(c->words[0].text, STR("$")) ||
	    !str_eq(c->words[1].text, STR("=")))
		return 0;
	name = str_sub(c->words[0].text, 1, c->words[0].text.len);
	if (str_istarts(name, STR("env:")))
		name = str_sub(name, 4, name.len);
	class = secret_name(name);
	if (class == CLASS_NONE || !secret_value(c->words[2].text, class, SOURCE_NAMED))
		return 0;
	return secret_found(l, secret_name_kind(name, "export"), c->words[2].text);
}

/* NAME=value of the shell, of env, of "docker run -e"; other pairs in a word go by their marks. */
static int pairs(struct secret_line *l, const struct word *w)
{
	struct str name, value;
	enum secret_class class;

	if (w->is_operator || w->text.len < 5)
		return 0;
	if (w->text.ptr[0] == 's' && strchr("/|#~@,", w->text.ptr[1]))
		return replacements(l, w->text);
	if (!is_assignment(w->text, &name, &value) || str_contains(value, STR("=")))
		return secret_pairs(l, w->text, GRAMMAR_SHELL);
	class = secret_name(name);
	if (class == CLASS_NONE)
		return secret_pairs(l, w->text, GRAMMAR_SHELL);
	if (begins_in_quotes(l, w->text))
		value = str_word(&value);
	while (value.len && strchr(",;", value.ptr[value.len - 1]))
		value.len--;
	if (!secret_value(value, class, SOURCE_NAMED))
		return 0;
	return secret_found(l, secret_name_kind(name, "export"), value);
}

static int run(struct secret_line *l, const struct command *command, size_t from, bool sure)
{
	struct call c = {
		.l = l,
		.words = command->words + from,
		.n = command->n - from,
		.program = str_basename(command->words[from].text),
		.sure = sure,
	};

	return call_rows(&c);
}

static size_t skip_assignments(const struct command *c)
{
	struct str name, value;
	size_t i = 0;

	/* PowerShell's "$name = command". */
	if (c->n > 2 && str_starts(c->words[0].text, STR("$")) &&
	    str_eq(c->words[1].text, STR("=")))
		i = 2;
	/* systemd's "ExecStart=/usr/bin/mysql" is a command. */
	while (i < c->n && is_assignment(c->words[i].text, &name, &value) &&
	       !str_starts(name, STR("Exec")))
		i++;
	return i;
}

/* The programs of a simple command: "sudo docker exec db mysql -px" has several. */
static int programs(struct secret_line *l, const struct command *c, size_t first)
{
	struct str name = str_basename(c->words[first].text);
	bool open = !program_known(name) || program_is_wrapper(name);
	bool unknown = !program_known(name) && !program_is_wrapper(name);
	int r = program_known(name) ? run(l, c, first, true) : 0;

	for (size_t i = first + 1; r >= 0 && open && i < c->n; i++) {
		name = str_basename(c->words[i].text);
		if (c->words[i].is_operator || !program_known(name))
			continue;
		if (unknown && i > first + 12)
			break;
		if (unknown && program_is_ambiguous(name) && i > first + 1)
			continue;
		r = run(l, c, i, !unknown);
		if (!program_is_wrapper(name))
			break;
	}
	return r;
}

/* Programs that look for things, and what a commit is called. */
static bool is_inert(const struct command *c, size_t first)
{
	if (c->n > first + 1 && str_eq(c->words[first + 1].text, STR("set-environment")))
		return false;
	return first < c->n && (program_is_inert(str_basename(c->words[first].text)) ||
				(str_eq(c->words[first].text, STR("git")) && c->n > first + 1 &&
				 str_eq(c->words[first + 1].text, STR("commit"))));
}

/* Prose begins with a capital, a bullet, or nothing that a program is called. */
static bool looks_like_program(struct str w)
{
	struct str name = str_basename(w);

	return program_known(name) || program_is_wrapper(name) ||
	       (name.len && (islower((unsigned char)name.ptr[0]) || str_starts(w, STR("Exec"))) &&
		str_find(name, ':') < 0);
}

/* "login.error.password=The password is wrong": a message */
static bool is_message(const struct command *c)
{
	struct str w = c->n > 2 ? c->words[0].text : STR("");
	ssize_t mark = str_find(w, '=');

	return mark > 0 && islower((unsigned char)*w.ptr) &&
	       str_find(str_sub(w, 0, (size_t)mark), '.') > 0;
}

static int one_command(struct secret_line *l, const struct command *c)
{
	size_t first = skip_assignments(c);
	struct call named = { .l = l, .words = c->words, .n = c->n };
	int r = 0;

	if (is_message(c))
		return 0;

	if (first < c->n) {
		named.program = str_basename(c->words[first].text);
		if (is_inert(c, first))
			return 0;
		named.sure = looks_like_program(c->words[first].text);
		r = programs(l, c, first);
		if (r >= 0)
			r = call_named(&named);
		if (r >= 0)
			r = call_pair(&named);
	}
	if (r >= 0)
		r = powershell(l, c);
	for (size_t i = 0; r >= 0 && i < c->n; i++)
		r = pairs(l, &c->words[i]);
	return r;
}

static int commands(struct secret_line *l, struct str text, unsigned depth);

/* --ssh="sshpass -p secret ssh": what stands behind the mark */
static struct str behind_option(struct str s)
{
	ssize_t mark = str_find(s, '=');

	return str_starts(s, STR("-")) && mark > 0 && mark < str_find(s, ' ')
		       ? str_sub(s, (size_t)mark + 1, s.len)
		       : s;
}

/* "#!/bin/sh\\nchpasswd …": a script in a text */
static int lines(struct secret_line *l, struct str text, unsigned depth)
{
	int r = 0;

	text = behind_option(text);
	while (r >= 0 && text.len) {
		const char *end = memmem(text.ptr, text.len, "\\n", 2);
		size_t n = end ? (size_t)(end - text.ptr) : text.len;

		r = commands(l, str_sub(text, 0, n), depth);
		text = str_sub(text, MIN(n + 2, text.len), text.len);
	}
	return r;
}

/* bash -c "mysql -psecret", "$(openssl passwd secret)", echo "0 3 * * * …" >> crontab */
static int nested(struct secret_line *l, const struct word *list, size_t n, unsigned depth)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n && depth < DEPTH_MAX; i++) {
		struct str text = list[i].text;
		ssize_t open;

		if (list[i].is_operator || text.len < 8 || str_find(text, ' ') < 0)
			continue;
		open = secret_ifind(text, 0, STR("$("));
		if (open >= 0 && secret_expands(l, text))
			text = str_sub(text, (size_t)open + 2, text.len);
		if (text.len && text.ptr[0] == '`')
			text = str_sub(text, 1, text.len);
		while (text.len && (text.ptr[text.len - 1] == ')' || text.ptr[text.len - 1] == '`'))
			text.len--;
		r = lines(l, text, depth + 1);
	}
	return r;
}

int secret_command(struct secret_line *l, const struct command *c)
{
	int r = one_command(l, c);

	return r < 0 || is_inert(c, 0) ? r : nested(l, c->words, c->n, 1);
}

/* "AUTH default secret", "config set requirepass secret" */
int secret_redis(struct secret_line *l, struct str text)
{
	struct call c = { .l = l, .program = STR("redis-cli"), .sure = true };
	struct words w = {};
	struct word *list;
	int r = words_split(l, text, &w);

	if (r < 0)
		return r == -E2BIG ? 0 : r;
	list = arena_array(l->arena, w.n + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	list[0] = (struct word){ .text = c.program };
	if (w.n)
		memcpy(list + 1, w.list, w.n * sizeof *list);
	c.words = list;
	c.n = w.n + 1;
	return call_rows(&c);
}

static int commands(struct secret_line *l, struct str text, unsigned depth)
{
	struct words words = {};
	struct command c;
	size_t at = 0;
	bool pipe, inert = false, edits = false;
	int r = words_split(l, text, &words);

	if (r == -E2BIG)
		return 0;
	if (r >= 0)
		r = call_fed(l, &words);
	while (r >= 0 && words_command(&words, &at, &c, &pipe)) {
		inert = inert || is_inert(&c, 0);
		edits = edits || str_eq(str_basename(c.words[0].text), STR("sed"));
		r = one_command(l, &c);
	}
	if (!depth)
		l->inert = inert || edits;
	return r < 0 || inert ? r : nested(l, words.list, words.n, depth);
}

int secret_shell(struct secret_line *l, struct str text)
{
	/* Of a Dockerfile. */
	if (str_starts(text, STR("RUN ")))
		text = str_sub(text, 4, text.len);
	/* A command of a list in YAML; one that was kept as a remark was typed all the same. */
	if (str_starts(str_trim(text), STR("- ")))
		text = str_sub(text, (size_t)str_find(text, '-') + 1, text.len);
	while (text.len && (text.ptr[0] == '#' || text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = str_sub(text, 1, text.len);
	return commands(l, text, 0);
}
