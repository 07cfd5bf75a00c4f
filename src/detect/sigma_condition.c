/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sigma_condition: the condition of a rule (rules specification, "Condition").
 *
 *	or   = and { "or" and }
 *	and  = not { "and" not }
 *	not  = { "not" } ( "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | identifier )
 */
#include "detect/sigma.h"

#define DEPTH_MAX 64
#define SELECTIONS_MAX 1024
#define OPERANDS_MAX 4096

struct parser {
	struct sigma *s;
	const struct tree *at, *detection;
	struct str rest, token;
	struct expr **selections; /* one a key of detection, made when first asked for */
	unsigned depth, operands;
};

static int parse_or(struct parser *p, struct expr **ret);

static bool is_name(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-' || c == '*' || c == '?' || c == '.' || (unsigned char)c >= 0x80;
}

static int bad(struct parser *p, const char *why)
{
	struct tree at = *p->at;

	/* Exact where the text stands on one line; good enough where it is folded. */
	if (at.plain && p->token.ptr)
		at.column += (unsigned)(p->token.ptr - at.text.ptr);
	if (p->token.len)
		return sigma_bad(p->s, &at, "condition: %s at \"%.*s\"", why, STR_FMT(p->token));
	return sigma_bad(p->s, &at, "condition: %s at its end", why);
}

static void next(struct parser *p)
{
	struct str s = p->rest;
	size_t n = 0;

	while (s.len && strchr(" \t\r\n", s.ptr[0]))
		s = str_sub(s, 1, s.len);
	while (n < s.len && is_name(s.ptr[n]))
		n++;
	if (!n && s.len)
		n = 1;
	p->token = str_sub(s, 0, n);
	p->rest = str_sub(s, n, s.len);
}

static bool is(const struct parser *p, const char *word) { return str_ieq(p->token, str_of(word)); }

static bool is_selection(struct str key)
{
	return !str_eq(key, STR("condition")) && !str_eq(key, STR("timeframe"));
}

static int selection(struct parser *p, size_t i, struct expr **ret)
{
	int r = 0;

	if (++p->operands > OPERANDS_MAX)
		return bad(p, "too many operands");
	if (!p->selections[i])
		r = sigma_selection(p->s, p->detection->items[i], p->selections + i);
	if (r == 0)
		*ret = p->selections[i];
	return r;
}

static int identifier(struct parser *p, struct expr **ret)
{
	for (size_t i = 0; i < p->detection->n; i++)
		if (is_selection(p->detection->keys[i]->text) &&
		    str_eq(p->detection->keys[i]->text, p->token))
			return selection(p, i, ret);
	return bad(p, "no selection has this name");
}

/* "them": all but those that begin with "_", which a pattern does not reach either. */
static bool chosen(struct str key, struct str pattern)
{
	if (!is_selection(key) || str_starts(key, STR("_")))
		return str_eq(key, pattern) && is_selection(key);
	return str_ieq(pattern, STR("them")) || str_glob(pattern, key);
}

static int quantified(struct parser *p, enum expr_op op, struct expr **ret)
{
	struct expr **list = arena_array(p->s->arena, p->detection->n + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	next(p); /* "of" */
	next(p);
	if (!p->token.len || !is_name(p->token.ptr[0]))
		return bad(p, "the name of selections is missing");
	for (size_t i = 0; i < p->detection->n; i++) {
		int r = 0;

		if (chosen(p->detection->keys[i]->text, p->token))
			r = selection(p, i, list + n++);
		if (r < 0)
			return r;
	}
	if (!n)
		return bad(p, "no selection has such a name");
	*ret = sigma_expr(p->s, op, list, n);
	return *ret ? 0 : -ENOMEM;
}

static int operand(struct parser *p, struct expr **ret)
{
	bool any = is(p, "1") || is(p, "any"), all = is(p, "all");
	struct str rest = p->rest;
	int r;

	if (is(p, "(")) {
		if (++p->depth > DEPTH_MAX)
			return bad(p, "nested too deeply");
		next(p);
		r = parse_or(p, ret);
		p->depth--;
		if (r == 0 && !is(p, ")"))
			return bad(p, "a closing bracket is missing");
	} else if ((any || all) && str_ieq(str_word(&rest), STR("of"))) {
		r = quantified(p, any ? EXPR_OR : EXPR_AND, ret);
	} else if (!p->token.len || !is_name(p->token.ptr[0]) || is(p, "and") || is(p, "or")) {
		return bad(p, "a selection is missing");
	} else {
		r = identifier(p, ret);
	}
	if (r == 0)
		next(p);
	return r;
}

static int parse_not(struct parser *p, struct expr **ret)
{
	bool negated = false;
	int r;

	for (; is(p, "not"); next(p))
		negated = !negated;
	r = operand(p, ret);
	if (r == 0 && negated && !(*ret = sigma_not(p->s, *ret)))
		r = -ENOMEM;
	return r;
}

/* Operands of one operator, joined by its word. */
static int parse_list(struct parser *p, enum expr_op op, const char *word,
		      int (*one)(struct parser *p, struct expr **ret), struct expr **ret)
{
	struct expr **list = NULL, *x = NULL;
	size_t n = 0, cap = 0;
	int r;

	for (;;) {
		r = one(p, &x);
		if (r == 0)
			r = arena_push(p->s->arena, list, n, cap, x);
		if (r < 0 || !is(p, word))
			break;
		next(p);
	}
	if (r == 0 && !(*ret = sigma_expr(p->s, op, list, n)))
		r = -ENOMEM;
	return r;
}

static int parse_and(struct parser *p, struct expr **ret)
{
	return parse_list(p, EXPR_AND, "and", parse_not, ret);
}

static int parse_or(struct parser *p, struct expr **ret)
{
	return parse_list(p, EXPR_OR, "or", parse_and, ret);
}

static int parse_one(struct parser *p, const struct tree *t, struct expr **ret)
{
	int r;

	if (t->kind != TREE_SCALAR || !t->text.len)
		return sigma_bad(p->s, t, "a condition must be text");
	if (t->text.len > SIGMA_CONDITION_MAX)
		return sigma_bad(p->s, t, "a condition of more than %d bytes", SIGMA_CONDITION_MAX);
	p->at = t;
	p->rest = t->text;
	next(p);
	r = parse_or(p, ret);
	if (r == 0 && is(p, "|"))
		return bad(p, "counting is written as a correlation rule since Sigma 2");
	if (r == 0 && p->token.len)
		return bad(p, "\"and\" or \"or\" is missing");
	return r;
}

int sigma_condition(struct sigma *s, const struct tree *detection, const struct tree *condition,
		    struct expr **ret)
{
	struct parser p = { .s = s, .at = detection, .detection = detection };
	struct expr **list;

	if (detection->n > SELECTIONS_MAX)
		return sigma_bad(s, detection, "more than %d selections", SELECTIONS_MAX);
	p.selections = arena_array(s->arena, detection->n + 1, sizeof *p.selections);
	if (!p.selections)
		return -ENOMEM;
	if (condition->kind != TREE_LIST)
		return parse_one(&p, condition, ret);
	if (!condition->n)
		return sigma_bad(s, condition, "a condition is missing");
	list = arena_array(s->arena, condition->n, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < condition->n; i++) {
		int r = parse_one(&p, condition->items[i], list + i);

		if (r < 0)
			return r;
	}
	*ret = sigma_expr(s, EXPR_OR, list, condition->n);
	return *ret ? 0 : -ENOMEM;
}
