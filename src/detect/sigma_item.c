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
static struct expr *finish_atom(struct sigma *s, const struct work *w)
{
	struct expr *x = atom_expr(s, &w->atom);

	return x && w->negated ? sigma_not(s, x) : x;
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
static int add_hex(struct sigma *s, struct works *works)
{
	struct work decimal = works->list[0];
	int64_t number;
	struct str text;
	int r;

	if (!decimal.source || decimal.atom.kind != ATOM_TEXT ||
	    !str_istarts(decimal.source->text, STR("0x")) || !tree_is_int(decimal.source, &number))
		return 0;
	text = arena_fmt(s->arena, "%lld", (long long)number);
	r = text.ptr ? pattern_literal(s->arena, text, &decimal.atom.pattern) : -ENOMEM;
	return r < 0 ? r : arena_push(s->arena, works->list, works->n, works->cap, decimal);
}

static int finish_work(struct sigma *s, const struct item *item, struct work *w, struct expr **ret)
{
	int r = 0;

	if (!item->field && w->atom.kind == ATOM_TEXT)
		r = pattern_open(s->arena, true, true, &w->atom.pattern);
	else if (!item->field && w->atom.kind != ATOM_REGEX)
		r = sigma_bad(s, w->source, "a keyword must be text");
	if (r == 0 && w->atom.kind == ATOM_REGEX)
		r = compile_regex(s, w->source, &w->atom);
	if (r == 0 && !(*ret = finish_atom(s, w)))
		r = -ENOMEM;
	return r;
}

static int finish_works(struct sigma *s, const struct item *item, const struct works *works,
			struct expr **ret)
{
	struct expr **list = arena_array(s->arena, works->n, sizeof *list);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < works->n; i++) {
		int r = finish_work(s, item, works->list + i, list + i);

		if (r < 0)
			return r;
	}
	*ret = sigma_expr(s, EXPR_OR, list, works->n);
	return *ret ? 0 : -ENOMEM;
}

/* A value becomes one atom or several of which one must be true. */
static int value_expr(struct sigma *s, const struct item *item, const struct tree *t,
		      struct expr **ret)
{
	struct work first = {};
	struct works works = { &first, 1, 1 };
	int r = first_work(s, item, t, &first);

	for (size_t i = 0; r == 0 && i < item->n; i++)
		r = modifier_apply(s, item, i, &works);
	if (r == 0 && !item->n)
		r = add_hex(s, &works);
	s->n_atoms += works.n;
	if (r == 0 && s->n_atoms > SIGMA_ATOMS_MAX)
		return sigma_bad(s, t, "more than %d values", SIGMA_ATOMS_MAX);
	if (r == 0 && works.n == 1)
		return finish_work(s, item, works.list, ret);
	return r < 0 ? r : finish_works(s, item, &works, ret);
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
