/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls, and the functions that may decide although something is not known. */
#include <stdio.h>

#include "facts/azure/arm.h"

static void print(struct arm *x, struct arm_value v, struct buf *out, unsigned depth)
{
	if (!arm_step(x) || out->len > 2 * (size_t)ARM_SYMBOL_MAX)
		return;
	switch (v.kind) {
	case ARM_NULL: buf_puts(out, "null"); return;
	case ARM_STRING: buf_fmt(out, "'%.*s'", STR_FMT(v.text)); return;
	case ARM_ARRAY:
		buf_putc(out, '[');
		for (uint32_t i = 0; depth && i < v.array.n; i++) {
			buf_puts(out, i ? "," : "");
			print(x, v.array.list[i], out, depth - 1);
		}
		buf_putc(out, ']');
		return;
	case ARM_OBJECT:
		buf_putc(out, '{');
		for (uint32_t i = 0; depth && i < v.object.n; i++) {
			buf_fmt(out, "%s%.*s:", i ? "," : "", STR_FMT(v.object.list[i].name));
			print(x, v.object.list[i].value, out, depth - 1);
		}
		buf_putc(out, '}');
		return;
	default: buf_str(out, arm_text(x, v));
	}
}

struct arm_value arm_unknown_call(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);

	buf_fmt(&out, "%.*s(", STR_FMT(arm_lower(x, c->name)));
	for (size_t i = 0; i < c->n; i++) {
		buf_puts(&out, i ? "," : "");
		print(x, c->args[i], &out, 8);
	}
	buf_putc(&out, ')');
	return arm_symbol(x, arm_take(x, &out));
}

static struct arm_value scoped(struct arm *x, const struct arm_call *c, bool parameter)
{
	if (c->args[0].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	return parameter ? arm_parameter(x, c->env->scope, c->args[0].text)
			 : arm_variable(x, c->env->scope, c->args[0].text);
}

static struct arm_value f_parameters(struct arm *x, const struct arm_call *c)
{
	return scoped(x, c, true);
}

static struct arm_value f_variables(struct arm *x, const struct arm_call *c)
{
	return scoped(x, c, false);
}

/* copyIndex(), copyIndex(offset), copyIndex('loop'), copyIndex('loop', offset) */
static struct arm_value f_copyindex(struct arm *x, const struct arm_call *c)
{
	const struct arm_loop *loop = c->env->loop;
	bool named = c->n && c->args[0].kind == ARM_STRING;
	size_t at = named ? 1 : 0;
	int64_t sum;

	while (named && loop && !str_ieq(loop->name, c->args[0].text))
		loop = loop->outer;
	if (!loop || loop->index.kind != ARM_INT)
		return arm_unknown_call(x, c);
	if (at == c->n)
		return arm_int(x, loop->index.number);
	if (c->args[at].kind != ARM_INT ||
	    __builtin_add_overflow(loop->index.number, c->args[at].number, &sum))
		return arm_unknown_call(x, c);
	return arm_int(x, sum);
}

static struct arm_value f_if(struct arm *x, const struct arm_call *c)
{
	if (c->args[0].kind == ARM_BOOL)
		return c->args[c->args[0].number ? 1 : 2];
	if (arm_equal(x, &c->args[1], &c->args[2]) == AZ_YES)
		return c->args[1];
	return arm_unknown_call(x, c);
}

static struct arm_value from_tri(struct arm *x, const struct arm_call *c, enum az_tri t)
{
	return t == AZ_UNKNOWN ? arm_unknown_call(x, c) : arm_bool(x, t == AZ_YES);
}

static struct arm_value f_equals(struct arm *x, const struct arm_call *c)
{
	return from_tri(x, c, arm_equal(x, &c->args[0], &c->args[1]));
}

static enum az_tri all_of(const struct arm_call *c, bool wanted)
{
	bool unknown = false;

	for (size_t i = 0; i < c->n; i++)
		if (c->args[i].kind != ARM_BOOL)
			unknown = true;
		else if ((c->args[i].number != 0) != wanted)
			return AZ_NO;
	return unknown ? AZ_UNKNOWN : AZ_YES;
}

static struct arm_value f_and(struct arm *x, const struct arm_call *c)
{
	return from_tri(x, c, all_of(c, true));
}

static struct arm_value f_or(struct arm *x, const struct arm_call *c)
{
	enum az_tri none = all_of(c, false);

	return from_tri(x, c, none == AZ_UNKNOWN ? none : none == AZ_YES ? AZ_NO : AZ_YES);
}

static struct arm_value f_not(struct arm *x, const struct arm_call *c)
{
	if (c->args[0].kind != ARM_BOOL)
		return arm_unknown_call(x, c);
	return arm_bool(x, !c->args[0].number);
}

static struct arm_value f_coalesce(struct arm *x, const struct arm_call *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->args[i].kind == ARM_UNKNOWN)
			return arm_unknown_call(x, c);
		if (c->args[i].kind != ARM_NULL)
			return c->args[i];
	}
	return arm_null(x);
}

static struct arm_value f_true(struct arm *x, const struct arm_call *c)
{
	(void)c;
	return arm_bool(x, true);
}

static struct arm_value f_false(struct arm *x, const struct arm_call *c)
{
	(void)c;
	return arm_bool(x, false);
}

static struct arm_value f_null(struct arm *x, const struct arm_call *c)
{
	(void)c;
	return arm_null(x);
}

/* Numbers: -1 less, 0 equal, 1 greater; texts likewise, by their case. */
static bool order(const struct arm_call *c, int *ret)
{
	const struct arm_value *a = &c->args[0], *b = &c->args[1];

	if (a->kind == ARM_INT && b->kind == ARM_INT)
		*ret = (a->number > b->number) - (a->number < b->number);
	else if (a->kind == ARM_STRING && b->kind == ARM_STRING)
		*ret = str_cmp(a->text, b->text);
	else
		return false;
	return true;
}

#define COMPARE(name, condition)                                                       \
	static struct arm_value f_##name(struct arm *x, const struct arm_call *c)      \
	{                                                                              \
		int o;                                                                 \
                                                                                       \
		return order(c, &o) ? arm_bool(x, condition) : arm_unknown_call(x, c); \
	}
COMPARE(less, o < 0)
COMPARE(lessorequals, o <= 0)
COMPARE(greater, o > 0)
COMPARE(greaterorequals, o >= 0)

static struct arm_value arithmetic(struct arm *x, const struct arm_call *c, char op)
{
	int64_t a = c->args[0].number, b = c->args[1].number, out = 0;
	bool bad = c->args[0].kind != ARM_INT || c->args[1].kind != ARM_INT;

	if (!bad && (op == '/' || op == '%'))
		bad = !b || (a == INT64_MIN && b == -1);
	if (!bad)
		switch (op) {
		case '+': bad = __builtin_add_overflow(a, b, &out); break;
		case '-': bad = __builtin_sub_overflow(a, b, &out); break;
		case '*': bad = __builtin_mul_overflow(a, b, &out); break;
		case '/': out = a / b; break;
		default: out = a % b;
		}
	return bad ? arm_unknown_call(x, c) : arm_int(x, out);
}

#define ARITHMETIC(name, op)                                                      \
	static struct arm_value f_##name(struct arm *x, const struct arm_call *c) \
	{                                                                         \
		return arithmetic(x, c, op);                                      \
	}
ARITHMETIC(add, '+')
ARITHMETIC(sub, '-')
ARITHMETIC(mul, '*')
ARITHMETIC(div, '/')
ARITHMETIC(mod, '%')

static const struct arm_row functions[] = {
	{STR("parameters"),       f_parameters,      1, 1,   true },
	{ STR("variables"),       f_variables,       1, 1,   true },
	{ STR("copyIndex"),       f_copyindex,       0, 2,   false},
	{ STR("if"),              f_if,              3, 3,   true },
	{ STR("equals"),          f_equals,          2, 2,   true },
	{ STR("and"),             f_and,             2, 255, true },
	{ STR("or"),              f_or,              2, 255, true },
	{ STR("not"),             f_not,             1, 1,   false},
	{ STR("coalesce"),        f_coalesce,        1, 255, true },
	{ STR("true"),            f_true,            0, 0,   false},
	{ STR("false"),           f_false,           0, 0,   false},
	{ STR("null"),            f_null,            0, 0,   false},
	{ STR("less"),            f_less,            2, 2,   false},
	{ STR("lessOrEquals"),    f_lessorequals,    2, 2,   false},
	{ STR("greater"),         f_greater,         2, 2,   false},
	{ STR("greaterOrEquals"), f_greaterorequals, 2, 2,   false},
	{ STR("add"),             f_add,             2, 2,   false},
	{ STR("sub"),             f_sub,             2, 2,   false},
	{ STR("mul"),             f_mul,             2, 2,   false},
	{ STR("div"),             f_div,             2, 2,   false},
	{ STR("mod"),             f_mod,             2, 2,   false},
};

static const struct arm_row *find(const struct arm_row *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(list[i].name, name))
			return &list[i];
	return NULL;
}

/* What a function may have to look at. */
static size_t extent(const struct arm_value *v)
{
	return v->kind == ARM_ARRAY    ? v->array.n
	       : v->kind == ARM_OBJECT ? v->object.n
	       : v->kind == ARM_STRING ? v->text.len
				       : 0;
}

struct arm_value arm_call(struct arm *x, const struct arm_call *c)
{
	const struct arm_row *row = find(functions, COUNT(functions), c->name);

	if (!row)
		row = find(arm_text_functions, arm_n_text_functions, c->name);
	if (!row)
		row = find(arm_list_functions, arm_n_list_functions, c->name);
	if (!row)
		row = find(arm_id_functions, arm_n_id_functions, c->name);
	if (!row || c->n < row->least || c->n > row->most)
		return arm_unknown_call(x, c);
	for (size_t i = 0; i < c->n; i++) {
		arm_cost(x, extent(&c->args[i]));
		if (!row->unknown && c->args[i].kind == ARM_UNKNOWN)
			return arm_unknown_call(x, c);
	}
	return arm_step(x) ? row->f(x, c) : arm_null(x);
}
