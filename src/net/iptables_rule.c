/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a rule: iptables(8). */
#include "net/iptables_reader.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static int take_word(struct iptables_reader *r, struct str *rest, struct iptables_word *ret)
{
	char *to = arena_alloc(&r->scratch, rest->len + 1), quote = 0;
	size_t n = 0, i = 0;

	if (!to)
		return -ENOMEM;
	*ret = (struct iptables_word){};
	for (; i < rest->len; i++) {
		char c = rest->ptr[i];

		if (!quote && is_blank(c))
			break;
		if (quote && c == quote) {
			quote = 0;
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
			ret->quoted = true;
		} else {
			if (c == '\\' && quote != '\'' && i + 1 < rest->len)
				c = rest->ptr[++i];
			to[n++] = c;
		}
	}
	arena_shrink(&r->scratch, to, rest->len + 1, n + 1);
	ret->text = (struct str){ to, n };
	*rest = str_sub(*rest, i, rest->len);
	return 0;
}

int iptables_words(struct iptables_reader *r, struct str text, struct iptables_word **ret,
		   size_t *ret_n)
{
	struct iptables_word *words = arena_array(&r->scratch, IPTABLES_WORDS_MAX, sizeof *words);
	size_t n = 0;

	if (!words)
		return -ENOMEM;
	for (;;) {
		int e;

		while (text.len && is_blank(text.ptr[0]))
			text = str_sub(text, 1, text.len);
		if (!text.len)
			break;
		if (n == IPTABLES_WORDS_MAX)
			return -E2BIG;
		e = take_word(r, &text, &words[n++]);
		if (e < 0)
			return e;
	}
	*ret = words;
	*ret_n = n;
	return 0;
}

void iptables_narrow(struct iptables_rule *x, struct match match, struct str name)
{
	x->now = match_and(&x->r->m, x->now, match);
	if (x->now.must == x->now.may)
		x->unknown = STR("");
	else if (!x->unknown.len)
		x->unknown = name;
}

void iptables_narrow_in(struct iptables_rule *x, struct match domain, struct match match,
			struct str name)
{
	if (x->invert)
		match = match_minus(&x->r->m, domain, match);
	iptables_narrow(x, match, name);
}

static bool is_option(const struct iptables_word *w)
{
	return !w->quoted && w->text.len > 1 &&
	       (w->text.ptr[0] == '-' || str_eq(w->text, STR("!")));
}

static bool is_bang(const struct iptables_word *w)
{
	return !w->quoted && str_eq(w->text, STR("!"));
}

/* What is unknown takes the words up to the next option. */
static void skip_arguments(struct iptables_rule *x)
{
	while (x->at < x->n && !is_option(&x->words[x->at]) && !is_bang(&x->words[x->at]))
		x->at++;
}

static int take_target(struct iptables_rule *x, bool is_goto)
{
	if (x->at >= x->n || x->has_target) {
		iptables_narrow(x, MATCH_UNKNOWN, STR("-j"));
		return 0;
	}
	x->target = x->words[x->at++].text;
	x->has_target = x->in_target = true;
	x->is_goto = is_goto;
	return 0;
}

/* Options of targets say little: where a translation leads, and whether CT ends tracking. */
static void target_option(struct iptables_rule *x, struct str name)
{
	bool to = str_eq(name, STR("--to-destination")) || str_eq(name, STR("--to-ports")) ||
		  str_eq(name, STR("--to"));

	if (to && x->at < x->n)
		x->to = x->words[x->at].text;
	x->notrack |= str_eq(name, STR("--notrack"));
	skip_arguments(x);
}

static bool is_core(const struct iptables_option *o) { return o->short_name.len; }

static int run_option(struct iptables_rule *x, const struct iptables_option *o)
{
	struct iptables_word args[2] = {};

	/* "--dport ! 22", as iptables before 1.4.3 wrote it */
	if (o->n_args && x->at < x->n && is_bang(&x->words[x->at])) {
		x->invert = !x->invert;
		x->at++;
	}
	if (x->n - x->at < o->n_args) {
		x->at = x->n;
		iptables_narrow(x, MATCH_UNKNOWN, o->name);
		return 0;
	}
	for (size_t i = 0; i < o->n_args; i++)
		args[i] = x->words[x->at++];
	return o->run(x, args);
}

static int take_option(struct iptables_rule *x, const struct iptables_word *w)
{
	const struct iptables_option *o;

	if (str_eq(w->text, STR("-j")) || str_eq(w->text, STR("--jump")))
		return take_target(x, false);
	if (str_eq(w->text, STR("-g")) || str_eq(w->text, STR("--goto")))
		return take_target(x, true);
	o = iptables_option_find(x, w->text);
	if (x->in_target && (!o || !is_core(o))) {
		target_option(x, w->text);
		return 0;
	}
	if (o)
		return run_option(x, o);
	iptables_narrow(x, MATCH_UNKNOWN, w->text);
	skip_arguments(x);
	return 0;
}

int iptables_options(struct iptables_rule *x)
{
	int e = 0;

	while (e >= 0 && x->at < x->n) {
		const struct iptables_word *w = &x->words[x->at++];

		if (is_bang(w)) {
			x->invert = true;
			continue;
		}
		if (is_option(w)) {
			e = take_option(x, w);
		} else {
			iptables_narrow(x, MATCH_UNKNOWN, w->text);
		}
		x->invert = false;
	}
	return e;
}
