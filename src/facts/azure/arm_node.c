/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a template: JSON in which texts may be expressions and objects may hold copy loops. */
#include "facts/azure/arm.h"

static struct str text_of(struct arm *x, uint32_t v)
{
	struct str s;

	if (jdoc_text(x->doc, v, &x->arena, &s) >= 0)
		return s;
	x->error = -ENOMEM;
	return STR("");
}

static struct arm_value string(struct arm *x, const struct arm_env *env, uint32_t v)
{
	struct str s = text_of(x, v);

	/* "[[" is a bracket, and so is one that no other closes. */
	if (!str_starts(s, STR("[")) || !str_ends(s, STR("]")))
		return arm_string(x, s);
	if (str_starts(s, STR("[[")))
		return arm_string(x, str_sub(s, 1, s.len));
	return arm_evaluate(x, env, str_sub(s, 1, s.len - 1));
}

static struct arm_value number(struct arm *x, uint32_t v)
{
	struct arm_value f = { .kind = ARM_FLOAT,
			       .origin = x->origin,
			       .text = jdoc_raw(x->doc, v) };
	int64_t whole;

	return jdoc_int(x->doc, v, &whole) < 0 ? f : arm_int(x, whole);
}

static struct arm_value array(struct arm *x, const struct arm_env *env, uint32_t v)
{
	struct arm_value out = arm_array(x, jdoc_count(x->doc, v));

	jdoc_each(x->doc, v, element) {
		if (x->error)
			break;
		out.array.list[out.array.n++] = arm_node(x, env, element);
	}
	return out;
}

int64_t arm_copies(struct arm *x, const struct arm_env *env, uint32_t copy)
{
	uint32_t node = jdoc_get(x->doc, copy, STR("count"));
	struct arm_value count = node ? arm_node(x, env, node) : arm_null(x);

	if (count.kind == ARM_UNKNOWN)
		return -1;
	if (count.kind != ARM_INT || count.number < 0 || count.number > ARM_COPIES_MAX) {
		az_problem(x->r, copy, "a copy loop without a count from 0 to %d", ARM_COPIES_MAX);
		return -2;
	}
	return count.number;
}

/* { name, count, input }: an array with one input a turn. */
struct arm_value arm_loop_value(struct arm *x, const struct arm_env *env, uint32_t copy)
{
	uint32_t name = jdoc_get(x->doc, copy, STR("name"));
	uint32_t input = jdoc_get(x->doc, copy, STR("input"));
	int64_t n = arm_copies(x, env, copy);
	struct arm_loop turn = { .name = name ? text_of(x, name) : STR(""), .outer = env->loop };
	const struct arm_env inner = { env->scope, &turn };
	struct arm_value out;

	if (n < 0 || !input)
		return arm_symbol(x, arm_fmt(x, "copy %.*s@%u", STR_FMT(turn.name), x->origin));
	out = arm_array(x, (size_t)n);
	for (int64_t i = 0; i < n && !x->error; i++) {
		turn.index = arm_int(x, i);
		out.array.list[out.array.n++] = arm_node(x, &inner, input);
	}
	return out;
}

static size_t members(const struct arm *x, uint32_t v)
{
	size_t n = 0;

	jdoc_each_key(x->doc, v, key)
		n += jdoc_ieq(x->doc, key, STR("copy")) ? 1 + jdoc_count(x->doc, key + 1) : 1;
	return n;
}

static void add_loops(struct arm *x, const struct arm_env *env, uint32_t copies,
		      struct arm_value *out)
{
	jdoc_each(x->doc, copies, copy) {
		uint32_t name = jdoc_get(x->doc, copy, STR("name"));

		if (x->error || !name)
			continue;
		out->object.list[out->object.n++] =
			(struct arm_member){ text_of(x, name), arm_loop_value(x, env, copy) };
	}
}

static struct arm_value object(struct arm *x, const struct arm_env *env, uint32_t v)
{
	struct arm_value out = arm_object(x, members(x, v));

	jdoc_each_key(x->doc, v, key) {
		struct str name = text_of(x, key);

		if (x->error)
			break;
		if (str_ieq(name, STR("copy")) && jdoc_is(x->doc, key + 1, J_ARRAY))
			add_loops(x, env, key + 1, &out);
		else
			out.object.list[out.object.n++] =
				(struct arm_member){ name, arm_node(x, env, key + 1) };
	}
	return out;
}

static struct arm_value node(struct arm *x, const struct arm_env *env, uint32_t v)
{
	switch (jdoc_type(x->doc, v)) {
	case J_TRUE: return arm_bool(x, true);
	case J_FALSE: return arm_bool(x, false);
	case J_NUMBER: return number(x, v);
	case J_STRING: return string(x, env, v);
	case J_ARRAY: return array(x, env, v);
	case J_OBJECT: return object(x, env, v);
	default: return arm_null(x);
	}
}

struct arm_value arm_node(struct arm *x, const struct arm_env *env, uint32_t v)
{
	uint32_t origin = x->origin;
	struct arm_value out;

	if (!arm_step(x))
		return arm_null(x);
	x->origin = x->doc->nodes[v].at;
	if (++x->depth > ARM_DEPTH_MAX)
		out = arm_symbol(x, arm_fmt(x, "too deep@%u/%u", x->origin, x->steps));
	else
		out = node(x, env, v);
	x->depth--;
	x->origin = origin;
	return out;
}
