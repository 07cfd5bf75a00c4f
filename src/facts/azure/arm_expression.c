/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expressions: parsed and evaluated in one pass.
 *     expression = primary { "." name | "[" expression "]" }
 *     primary    = 'text' | number | name "(" [ expression { "," expression } ] ")"
 */
#include "facts/azure/arm.h"

#define ARGUMENTS_MAX 256

struct parser {
	struct arm *x;
	const struct arm_env *env;
	struct str all, rest;
	bool bad;
};

static struct arm_value expression(struct parser *p);

static struct arm_value bad(struct parser *p)
{
	p->bad = true;
	return arm_null(p->x);
}

static char peek(struct parser *p)
{
	p->rest = str_trim(p->rest);
	if (!p->rest.len)
		return 0;
	return p->rest.ptr[0];
}

static bool take_char(struct parser *p, char c)
{
	if (peek(p) != c)
		return false;
	p->rest = str_sub(p->rest, 1, p->rest.len);
	return true;
}

static bool name_char(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '$' || c == '-';
}

static struct str name(struct parser *p)
{
	struct str rest = p->rest;
	size_t n = 0;

	while (n < rest.len && name_char(rest.ptr[n]))
		n++;
	p->rest = str_sub(rest, n, rest.len);
	return str_sub(rest, 0, n);
}

/* 'text', in which '' is a quote. */
static struct arm_value literal(struct parser *p)
{
	struct str rest = str_sub(p->rest, 1, p->rest.len);
	size_t end = 0, n = 0;
	char *out;

	while (end < rest.len &&
	       (rest.ptr[end] != '\'' || (end + 1 < rest.len && rest.ptr[end + 1] == '\'')))
		end += rest.ptr[end] == '\'' ? 2 : 1;
	if (end >= rest.len)
		return bad(p);
	out = arena_alloc(&p->x->arena, end + 1);
	if (!out) {
		p->x->error = -ENOMEM;
		return bad(p);
	}
	for (size_t i = 0; i < end; i++) {
		out[n++] = rest.ptr[i];
		i += rest.ptr[i] == '\'';
	}
	p->rest = str_sub(rest, end + 1, rest.len);
	return arm_string(p->x, (struct str){ out, n });
}

static struct arm_value number(struct parser *p)
{
	struct str rest = p->rest;
	size_t n = rest.ptr[0] == '-';
	int64_t value;

	while (n < rest.len && rest.ptr[n] >= '0' && rest.ptr[n] <= '9')
		n++;
	p->rest = str_sub(rest, n, rest.len);
	if (str_to_int64(str_sub(rest, 0, n), &value) < 0)
		return bad(p);
	return arm_int(p->x, value);
}

/* name(…), or namespace.name(…) of the template's own functions. */
static struct arm_value call(struct parser *p)
{
	struct arm_call c = { .env = p->env, .name = name(p) };
	struct arm_value *args = arena_array(&p->x->arena, 4, sizeof *args);
	size_t cap = 4;

	if (!args) {
		p->x->error = -ENOMEM;
		return bad(p);
	}
	if (c.name.len && take_char(p, '.')) {
		struct str member = name(p);

		c.name = arm_cat(p->x, c.name, STR("."), member);
	}
	if (!c.name.len || !take_char(p, '('))
		return bad(p);
	while (!p->bad && !take_char(p, ')')) {
		if ((c.n && !take_char(p, ',')) || c.n == ARGUMENTS_MAX)
			return bad(p);
		if (arena_push(&p->x->arena, args, c.n, cap, expression(p)) < 0)
			p->x->error = -ENOMEM;
		if (p->x->error)
			return bad(p);
	}
	c.args = args;
	return p->bad ? arm_null(p->x) : arm_call(p->x, &c);
}

static struct arm_value primary(struct parser *p)
{
	char c = peek(p);

	if (c == '\'')
		return literal(p);
	if (c == '-' || (c >= '0' && c <= '9'))
		return number(p);
	return name_char(c) ? call(p) : bad(p);
}

/* Without the braces where one pair is around all of it. */
static struct str inside(struct str symbol)
{
	int depth = 0;

	for (size_t i = 0; i < symbol.len; i++) {
		depth += (symbol.ptr[i] == '{') - (symbol.ptr[i] == '}');
		if (!depth && i + 1 < symbol.len)
			return symbol;
	}
	return symbol.len > 1 ? str_sub(symbol, 1, symbol.len - 1) : symbol;
}

struct arm_value arm_select(struct arm *x, struct arm_value v, struct arm_value key)
{
	struct str text = arm_text(x, key);
	const struct arm_value *found = NULL;

	arm_cost(x, v.kind == ARM_OBJECT ? v.object.n : 0);
	if (v.kind == ARM_OBJECT && key.kind == ARM_STRING)
		found = arm_member(&v, text);
	else if (v.kind == ARM_ARRAY && key.kind == ARM_INT && key.number >= 0 &&
		 key.number < v.array.n)
		found = &v.array.list[key.number];
	if (found)
		return *found;
	if (v.kind == ARM_UNKNOWN)
		return arm_symbol(x,
				  arm_fmt(x, "%.*s.%.*s", STR_FMT(inside(v.text)), STR_FMT(text)));
	return arm_symbol(x, arm_fmt(x, "no %.*s", STR_FMT(text)));
}

static struct arm_value expression(struct parser *p)
{
	struct arm_value v;

	if (!arm_step(p->x) || ++p->x->depth > ARM_DEPTH_MAX) {
		p->x->depth -= !p->x->error;
		return bad(p);
	}
	v = primary(p);
	while (!p->bad && !p->x->error) {
		if (take_char(p, '.')) {
			struct str member;

			/* ".?" gives null where there is no such member. */
			take_char(p, '?');
			member = name(p);
			v = member.len ? arm_select(p->x, v, arm_string(p->x, member)) : bad(p);
		} else if (take_char(p, '[')) {
			take_char(p, '?');
			v = arm_select(p->x, v, expression(p));
			if (!take_char(p, ']'))
				bad(p);
		} else {
			break;
		}
	}
	p->x->depth--;
	return v;
}

struct arm_value arm_evaluate(struct arm *x, const struct arm_env *env, struct str text)
{
	struct parser p = { .x = x, .env = env, .all = text, .rest = text };
	struct arm_value v = expression(&p);

	if (!p.bad && !str_trim(p.rest).len && !x->error)
		return v;
	/* Not understood: each place where it stands is a value of its own. */
	return arm_symbol(
		x, arm_fmt(x, "%.*s@%u/%u", STR_FMT(str_sub(text, 0, 300)), x->origin, x->steps));
}
