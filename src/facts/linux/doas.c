/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/doas.h"

#define WORDS_MAX 64
#define CONTINUED_MAX 64

struct words {
	struct str list[WORDS_MAX];
	size_t n;
	bool too_many;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* One word from s on into out, without quotes and escapes; returns what it took. */
static size_t take_word(struct str s, char *out, size_t *ret_n)
{
	bool quoted = false;
	size_t i = 0, n = 0;

	for (; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '\\' && i + 1 < s.len)
			out[n++] = s.ptr[++i];
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (is_blank(c) || c == '{' || c == '}' || c == '#'))
			break;
		else
			out[n++] = c;
	}
	*ret_n = n;
	return i;
}

/* Words of a line; braces are words of their own, '#' ends it. */
static int split(struct str s, struct arena *a, struct words *ret)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t i = 0;

	if (!out)
		return -ENOMEM;
	*ret = (struct words){};
	while (i < s.len && s.ptr[i] != '#') {
		size_t n = 1;
		const char *start = s.ptr + i;

		if (is_blank(s.ptr[i])) {
			i++;
			continue;
		}
		if (s.ptr[i] == '{' || s.ptr[i] == '}') {
			i++;
		} else {
			start = out;
			i += take_word(str_sub(s, i, s.len), out, &n);
			out += n;
		}
		if (ret->n == WORDS_MAX) {
			ret->too_many = true;
			return 0;
		}
		ret->list[ret->n++] = (struct str){ start, n };
	}
	return 0;
}

static bool is(const struct words *w, size_t i, struct str word)
{
	return i < w->n && str_eq(w->list[i], word);
}

/* nopass, persist, keepenv, nolog, setenv { … } */
static bool options(const struct words *w, size_t *i, struct doas_rule *rule)
{
	for (;; ++*i) {
		if (is(w, *i, STR("nopass"))) {
			rule->nopass = true;
		} else if (is(w, *i, STR("setenv"))) {
			if (!is(w, ++*i, STR("{")))
				return false;
			while (*i < w->n && !is(w, *i, STR("}")))
				++*i;
			if (*i >= w->n)
				return false;
		} else if (!is(w, *i, STR("persist")) && !is(w, *i, STR("keepenv")) &&
			   !is(w, *i, STR("nolog"))) {
			return true;
		}
	}
}

static int command(const struct words *w, size_t i, struct arena *a, struct doas_rule *rule)
{
	rule->command = w->list[i++];
	if (i == w->n)
		return 0;
	if (!is(w, i++, STR("args")))
		return -EBADMSG;
	/* "args" without words: no arguments are allowed. */
	if (i == w->n)
		rule->command = arena_cat(a, rule->command, STR(" \"\""), STR(""));
	for (; rule->command.ptr && i < w->n; i++)
		rule->command = arena_cat(a, rule->command, STR(" "), w->list[i]);
	return rule->command.ptr ? 0 : -ENOMEM;
}

static int parse(const struct words *w, struct arena *a, struct doas_rule *rule)
{
	size_t i = 1;

	rule->permit = is(w, 0, STR("permit"));
	if (w->too_many || (!rule->permit && !is(w, 0, STR("deny"))) || !options(w, &i, rule) ||
	    i >= w->n)
		return -EBADMSG;
	rule->identity = w->list[i++];
	if (is(w, i, STR("as"))) {
		if (i + 1 >= w->n)
			return -EBADMSG;
		rule->target = w->list[i + 1];
		i += 2;
	}
	if (i == w->n)
		return 0;
	if (!is(w, i, STR("cmd")) || i + 1 >= w->n)
		return -EBADMSG;
	return command(w, i + 1, a, rule);
}

int doas_next(struct str *text, unsigned *line, struct arena *a, struct doas_rule *ret)
{
	struct str s, more;

	while (str_line(text, &s, line)) {
		struct doas_rule rule = { .line = *line };
		struct words w;
		int r;

		for (int i = 0; i < CONTINUED_MAX && str_ends(s, STR("\\")); i++) {
			s.len--;
			if (s.len > 65536 || !str_line(text, &more, line))
				break;
			s = arena_cat(a, s, STR(" "), more);
			if (!s.ptr)
				return -ENOMEM;
		}
		rule.text = str_trim(s);
		r = split(s, a, &w);
		if (r < 0)
			return r;
		if (!w.n)
			continue;
		r = parse(&w, a, &rule);
		if (r < 0)
			return r;
		*ret = rule;
		return 1;
	}
	return 0;
}
