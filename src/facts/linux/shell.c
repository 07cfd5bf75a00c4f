/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/shell.h"

#define CONTINUED_MAX 256

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static char at(struct str s, size_t i)
{
	if (i >= s.len)
		return 0;
	return s.ptr[i];
}

static size_t operator_length(struct str s, size_t i)
{
	char c = at(s, i), next = at(s, i + 1);

	if (c == '\n')
		return 1;
	if (!c || !strchr(";&|()<>", c))
		return 0;
	if ((c == '<' || c == '>') && next == '(')
		return 2;
	if (c == '<' && next == '<')
		return at(s, i + 2) == '<' || at(s, i + 2) == '-' ? 3 : 2;
	if ((c == '&' && (next == '&' || next == '>')) ||
	    (c == '|' && (next == '|' || next == '&')) ||
	    (c == '>' && (next == '>' || next == '&' || next == '|')) || (c == ';' && next == ';'))
		return 2;
	return 1;
}

/* The end of "$(…)", "${…}" or "`…`" that starts at i. */
static size_t skip_expansion(struct str s, size_t i)
{
	char open = at(s, i + 1), close;
	unsigned depth = 0;

	if (s.ptr[i] == '`') {
		for (i++; i < s.len && s.ptr[i] != '`'; i++)
			i += s.ptr[i] == '\\';
		return MIN(i + 1, s.len);
	}
	if (open != '(' && open != '{')
		return i + 1;
	close = open == '(' ? ')' : '}';
	for (i++; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == open)
			depth++;
		else if (s.ptr[i] == close && !--depth)
			return i + 1;
	}
	return s.len;
}

struct scan {
	struct str s;
	size_t i;
	char *out;
	size_t n;
};

static void copy(struct scan *w, size_t to)
{
	for (to = MIN(to, w->s.len); w->i < to; w->i++)
		w->out[w->n++] = w->s.ptr[w->i];
}

static void double_quoted(struct scan *w, bool *expands)
{
	for (w->i++; w->i < w->s.len && w->s.ptr[w->i] != '"';) {
		char c = w->s.ptr[w->i];

		if (c == '$' || c == '`') {
			*expands = true;
			copy(w, skip_expansion(w->s, w->i));
			continue;
		}
		if (c == '\\' && w->i + 1 < w->s.len && at(w->s, w->i + 1) &&
		    strchr("\\\"$`", at(w->s, w->i + 1)))
			w->i++;
		copy(w, w->i + 1);
	}
	w->i = MIN(w->i + 1, w->s.len);
}

static void single_quoted(struct scan *w)
{
	for (w->i++; w->i < w->s.len && w->s.ptr[w->i] != '\'';)
		copy(w, w->i + 1);
	w->i = MIN(w->i + 1, w->s.len);
}

static struct shell_word scan_word(struct scan *w)
{
	struct shell_word word = {
		.text = {w->out + w->n, 0}
	};
	size_t start = w->n;

	while (w->i < w->s.len && !is_blank(w->s.ptr[w->i]) && !operator_length(w->s, w->i)) {
		char c = w->s.ptr[w->i];

		if (c == '"') {
			double_quoted(w, &word.expands);
		} else if (c == '\'') {
			single_quoted(w);
		} else if (c == '\\') {
			w->i = MIN(w->i + 1, w->s.len);
			copy(w, w->i + 1);
		} else if (c == '$' || c == '`') {
			word.expands = true;
			copy(w, skip_expansion(w->s, w->i));
		} else {
			copy(w, w->i + 1);
		}
	}
	word.text.len = w->n - start;
	return word;
}

int shell_split(struct str line, struct arena *a, struct shell_words *ret)
{
	struct scan w = { .s = str_sub(line, 0, SHELL_LINE_MAX) };

	ret->n = 0;
	w.out = arena_alloc(a, w.s.len + 1);
	if (!w.out)
		return -ENOMEM;
	while (w.i < w.s.len && ret->n < SHELL_WORDS_MAX) {
		size_t n = operator_length(w.s, w.i);

		if (n) {
			ret->words[ret->n++] = (struct shell_word){
				.text = str_sub(w.s, w.i, w.i + n),
				.is_operator = true,
			};
			w.i += n;
		} else if (is_blank(w.s.ptr[w.i])) {
			w.i++;
		} else if (w.s.ptr[w.i] == '#') {
			break;
		} else {
			ret->words[ret->n++] = scan_word(&w);
		}
	}
	return 0;
}

static bool is_keyword(struct str word)
{
	static const struct str words[] = {
		STR("then"), STR("do"), STR("else"), STR("if"),    STR("elif"), STR("while"),
		STR("!"),    STR("{"),  STR("}"),    STR("until"), STR("fi"),   STR("done"),
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (str_eq(word, words[i]))
			return true;
	}
	return false;
}

/* Redirections stay with their command. */
static bool ends_command(const struct shell_word *w)
{
	return w->is_operator && w->text.ptr[0] != '<' && w->text.ptr[0] != '>' &&
	       !str_eq(w->text, STR("&>"));
}

bool shell_command(const struct shell_words *w, size_t *from, size_t *ret_first, size_t *ret_n)
{
	size_t i = *from, first;

	while (i < w->n && (ends_command(&w->words[i]) || is_keyword(w->words[i].text)))
		i++;
	if (i >= w->n)
		return false;
	for (first = i; i < w->n && !ends_command(&w->words[i]);)
		i++;
	*ret_first = first;
	*ret_n = i - first;
	*from = i;
	return true;
}

bool shell_assignment(struct str word, struct str *ret_name, struct str *ret_value)
{
	size_t n = 0;

	while (n < word.len && (word.ptr[n] == '_' || (word.ptr[n] >= 'a' && word.ptr[n] <= 'z') ||
				(word.ptr[n] >= 'A' && word.ptr[n] <= 'Z') ||
				(n && word.ptr[n] >= '0' && word.ptr[n] <= '9')))
		n++;
	if (!n || at(word, n) != '=')
		return false;
	*ret_name = str_sub(word, 0, n);
	*ret_value = str_sub(word, n + 1, word.len);
	return true;
}

int shell_line(struct str *text, unsigned *next, unsigned *ret_line, struct arena *a,
	       struct str *ret)
{
	struct str line;

	if (!str_line(text, &line, next))
		return 0;
	*ret_line = *next;
	for (int i = 0; i < CONTINUED_MAX && str_ends(line, STR("\\")); i++) {
		struct str more;

		line.len--;
		if (line.len > SHELL_LINE_MAX || !str_line(text, &more, next))
			break;
		line = arena_cat(a, line, STR(" "), more);
		if (!line.ptr)
			return -ENOMEM;
	}
	*ret = line;
	return 1;
}

static int call(struct collect *c, const char *path, struct str username, shell_file_fn *fn)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text;
	struct stat st;
	int r = collect_read(c, path, &text, &st);

	if (r > 0)
		r = fn(c, path, username, text, &st);
	arena_rewind(c->arena, mark);
	return r;
}

static int each_glob(struct collect *c, const char *pattern, shell_file_fn *fn)
{
	struct str *paths = NULL;
	size_t n = 0;
	int r = collect_glob(c, pattern, &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = call(c, paths[i].ptr, STR(""), fn);
	return r < 0 ? r : 0;
}

int shell_files_each(struct collect *c, shell_file_fn *fn)
{
	static const char *const system[] = {
		"/etc/profile",         "/etc/profile.d/*.sh", "/etc/bash.bashrc",
		"/etc/bashrc",          "/etc/bash/bashrc",    "/etc/zshrc",
		"/etc/zshenv",          "/etc/zsh/zshrc",      "/etc/zsh/zshenv",
		"/etc/zsh/zprofile",    "/etc/rc.local",       "/etc/rc.d/rc.local",
		"/etc/local.d/*.start",
	};
	static const char *const own_files[] = {
		".bashrc",      ".profile", ".bash_profile", ".bash_login",
		".bash_logout", ".zshrc",   ".zshenv",       ".zprofile",
	};
	struct passwd_file users;
	struct home *homes = NULL;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(system); i++)
		r = strchr(system[i], '*') ? each_glob(c, system[i], fn)
					   : call(c, system[i], STR(""), fn);
	if (r >= 0)
		r = passwd_read(c, &users);
	if (r >= 0)
		r = homes_read(c, &users, &homes, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		for (size_t j = 0; r >= 0 && j < COUNT(own_files); j++) {
			struct str path = arena_fmt(c->arena, "%s/%s", homes[i].path, own_files[j]);

			r = path.ptr ? call(c, path.ptr, homes[i].username, fn) : -ENOMEM;
		}
	}
	return r < 0 ? r : 0;
}
