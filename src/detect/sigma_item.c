/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_item: "Field|modifier: values" as expressions over atoms. */
#include "detect/modifier.h"
#include "detect/regex.h"

static int grow(struct sigma *s, struct exprs *list, struct expr *x)
{
	return x ? arena_push(s->arena, list->list, list->n, list->cap, x) : -ENOMEM;
}

struct expr *sigma_expr(struct sigma *s, enum expr_op op, struct expr **list, size_t n)
{
	struct expr *x = n == 1 ? list[0] : arena_new(s->arena, struct expr);

	if (x && n != 1)
		*x = (struct expr){ op, NULL, list, n };
	return x;
}

struct expr *sigma_not(struct sigma *s, struct expr *x)
{
	struct expr *not = arena_new(s->arena, struct expr), **list;

	list = not ? arena_new(s->arena, struct expr *) : NULL;
	if (!list)
		return NULL;
	list[0] = x;
	*not = (struct expr){ EXPR_NOT, NULL, list, 1 };
	return not ;
}

static struct expr *atom_expr(struct sigma *s, const struct atom *atom)
{
	struct expr *x = arena_new(s->arena, struct expr);
	struct atom *copy = x ? arena_new(s->arena, struct atom) : NULL;

	if (!copy)
		return NULL;
	*copy = *atom;
	*x = (struct expr){ .op = EXPR_ATOM, .atom = copy };
	return x;
}

static int compile_regex(struct sigma *s, const struct tree *t, struct atom *atom)
{
	unsigned flags = (atom->flags & ATOM_NOCASE ? REGEX_NOCASE : 0) |
			 (atom->flags & ATOM_LINES ? REGEX_LINES : 0) |
			 (atom->flags & ATOM_DOT_ALL ? REGEX_DOT_ALL : 0);
	struct regex_error error = {};
	int r = regex_compile(s->kept, atom->text, flags, &atom->regex, &error);

	if (r == -EINVAL)
		return sigma_bad(s, t, "regular expression: %s (offset %zu)", error.reason,
				 error.at);
	return r;
}

/* "exists: false" is the one atom that is the opposite of another. */
static int finish_atom(struct sigma *s, const struct work *w, struct exprs *list)
{
	struct expr *x = atom_expr(s, &w->atom);

	if (x && w->negated)
		x = sigma_not(s, x);
	return grow(s, list, x);
}

/* The value as it stands, before the modifiers. */
static int first_work(struct sigma *s, const struct item *item, const struct tree *t,
		      struct work *ret)
{
	struct work w = {
		.source = t, .atom = {.field = item->field, .line = t->line, .column = t->column}
	};
	int r = 0;

	if (t->kind != TREE_SCALAR)
		return sigma_bad(s, t, "a field takes a value or a list of values");
	if (t->text.len > SIGMA_TEXT_MAX)
		return sigma_bad(s, t, "a value of more than %d bytes", SIGMA_TEXT_MAX);
	if (tree_is_null(t))
		w.atom.kind = ATOM_NULL;
	else
		r = pattern_parse(s->arena, t->text, &w.atom.pattern);
	if (r == 0)
		*ret = w;
	return r;
}

/* 0x17 without quotes is the number 23, and a log may write either. */
static int add_hex(struct sigma *s, const struct work *w, struct exprs *list)
{
	struct work decimal = *w;
	int64_t number;
	struct str text;
	int r;

	if (w->atom.kind != ATOM_TEXT || !str_istarts(w->source->text, STR("0x")) ||
	    !tree_is_int(w->source, &number))
		return 0;
	text = arena_fmt(s->arena, "%lld", (long long)number);
	r = text.ptr ? pattern_literal(s->arena, text, &decimal.atom.pattern) : -ENOMEM;
	return r < 0 ? r : finish_atom(s, &decimal, list);
}

/* A value becomes one atom or several of which one must be true. */
static int value_expr(struct sigma *s, const struct item *item, const struct tree *t,
		      struct expr **ret)
{
	struct works works = { arena_new(s->arena, struct work), 1, 1 };
	struct exprs list = {};
	int r = works.list ? first_work(s, item, t, works.list) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < item->n; i++)
		r = modifier_apply(s, item, i, &works);
	s->n_atoms += works.n;
	if (r == 0 && s->n_atoms > SIGMA_ATOMS_MAX)
		return sigma_bad(s, t, "more than %d values", SIGMA_ATOMS_MAX);
	for (size_t i = 0; r == 0 && i < works.n; i++) {
		struct work *one = works.list + i;

		if (!item->field && (one->atom.kind == ATOM_TEXT))
			r = pattern_open(s->arena, true, true, &one->atom.pattern);
		else if (!item->field && one->atom.kind != ATOM_REGEX)
			r = sigma_bad(s, t, "a keyword must be text");
		if (r == 0 && one->atom.kind == ATOM_REGEX)
			r = compile_regex(s, t, &one->atom);
		if (r == 0)
			r = finish_atom(s, one, &list);
	}
	if (r == 0 && !item->n)
		r = add_hex(s, works.list, &list);
	if (r == 0 && !(*ret = sigma_expr(s, EXPR_OR, list.list, list.n)))
		r = -ENOMEM;
	return r;
}

static int values_expr(struct sigma *s, const struct item *item, const struct tree *value,
		       struct expr **ret)
{
	enum expr_op op = item->all ? EXPR_AND : EXPR_OR;
	struct exprs list = {};
	int r = 0;

	if (value->kind != TREE_LIST)
		return value_expr(s, item, value, ret);
	if (!value->n)
		return sigma_bad(s, value, "a list without values");
	for (size_t i = 0; r == 0 && i < value->n; i++) {
		struct expr *x = NULL;

		r = value_expr(s, item, value->items[i], &x);
		if (r == 0)
			r = grow(s, &list, x);
	}
	if (r == 0 && !(*ret = sigma_expr(s, op, list.list, list.n)))
		r = -ENOMEM;
	return r;
}

int sigma_item(struct sigma *s, const struct tree *key, const struct tree *value, struct expr **ret)
{
	struct item item = {};
	struct expr *x = NULL;
	int r = modifier_parse(s, key, &item);

	if (r == 0)
		r = values_expr(s, &item, value, &x);
	if (r == 0 && item.negated && !(x = sigma_not(s, x)))
		r = -ENOMEM;
	if (r == 0)
		*ret = x;
	return r;
}

int sigma_keyword(struct sigma *s, const struct tree *value, struct expr **ret)
{
	const struct item item = {};

	if (tree_is_null(value) || !value->text.len)
		return sigma_bad(s, value, "an empty keyword");
	return value_expr(s, &item, value, ret);
}
