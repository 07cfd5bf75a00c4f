/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of arrays and objects. */
#include "facts/azure/arm.h"

static struct arm_value f_length(struct arm *x, const struct arm_call *c)
{
	switch (c->args[0].kind) {
	case ARM_STRING: return arm_int(x, (int64_t)c->args[0].text.len);
	case ARM_ARRAY: return arm_int(x, c->args[0].array.n);
	case ARM_OBJECT: return arm_int(x, c->args[0].object.n);
	default: return arm_unknown_call(x, c);
	}
}

static struct arm_value f_empty(struct arm *x, const struct arm_call *c)
{
	switch (c->args[0].kind) {
	case ARM_NULL: return arm_bool(x, true);
	case ARM_STRING: return arm_bool(x, !c->args[0].text.len);
	case ARM_ARRAY: return arm_bool(x, !c->args[0].array.n);
	case ARM_OBJECT: return arm_bool(x, !c->args[0].object.n);
	default: return arm_unknown_call(x, c);
	}
}

/* Whether an element of the array equals v. */
static enum az_tri has(struct arm *x, const struct arm_value *array, const struct arm_value *v)
{
	enum az_tri found = AZ_NO;

	for (uint32_t i = 0; i < array->array.n; i++) {
		enum az_tri one = arm_equal(x, &array->array.list[i], v);

		if (one == AZ_YES)
			return AZ_YES;
		if (one == AZ_UNKNOWN)
			found = AZ_UNKNOWN;
	}
	return found;
}

static struct arm_value f_contains(struct arm *x, const struct arm_call *c)
{
	const struct arm_value *in = &c->args[0], *what = &c->args[1];
	enum az_tri found;

	if (in->kind == ARM_ARRAY) {
		found = has(x, in, what);
		return found == AZ_UNKNOWN ? arm_unknown_call(x, c) : arm_bool(x, found == AZ_YES);
	}
	if (what->kind != ARM_STRING)
		return arm_unknown_call(x, c);
	if (in->kind == ARM_OBJECT)
		return arm_bool(x, arm_member(in, what->text) != NULL);
	if (in->kind == ARM_STRING)
		return arm_bool(x, str_contains(in->text, what->text));
	return arm_unknown_call(x, c);
}

/* Elements (characters) from..to of the first argument. */
static struct arm_value part(struct arm *x, const struct arm_call *c, int64_t from, int64_t to)
{
	struct arm_value v = c->args[0];

	from = MAX(from, 0);
	if (v.kind == ARM_STRING)
		return arm_string(x, str_sub(v.text, (size_t)from, (size_t)MAX(to, from)));
	if (v.kind != ARM_ARRAY)
		return arm_unknown_call(x, c);
	from = MIN(from, (int64_t)v.array.n);
	to = MAX(from, MIN(to, (int64_t)v.array.n));
	v.array.list += from;
	v.array.n = (uint32_t)(to - from);
	return v;
}

static struct arm_value one(struct arm *x, const struct arm_call *c, struct arm_value v)
{
	if (v.kind == ARM_ARRAY)
		return v.array.n ? v.array.list[0] : arm_null(x);
	return v.kind == ARM_STRING ? v : arm_unknown_call(x, c);
}

static int64_t size_of(const struct arm_value *v)
{
	return v->kind == ARM_ARRAY    ? (int64_t)v->array.n
	       : v->kind == ARM_STRING ? (int64_t)v->text.len
				       : 0;
}

static struct arm_value f_first(struct arm *x, const struct arm_call *c)
{
	return one(x, c, part(x, c, 0, 1));
}

static struct arm_value f_last(struct arm *x, const struct arm_call *c)
{
	int64_t n = size_of(&c->args[0]);

	return one(x, c, part(x, c, n - 1, n));
}

static struct arm_value f_take(struct arm *x, const struct arm_call *c)
{
	if (c->args[1].kind != ARM_INT)
		return arm_unknown_call(x, c);
	return part(x, c, 0, c->args[1].number);
}

static struct arm_value f_skip(struct arm *x, const struct arm_call *c)
{
	if (c->args[1].kind != ARM_INT)
		return arm_unknown_call(x, c);
	return part(x, c, c->args[1].number, INT64_MAX);
}

static void put(struct arm *x, struct arm_value *object, struct arm_member m)
{
	uint32_t at = 0, n = object->object.n;

	arm_cost(x, n);
	if (!arm_step(x))
		return;
	while (at < n && !str_ieq(object->object.list[at].name, m.name))
		at++;
	if (at < n)
		object->object.list[at].value = m.value;
	else
		object->object.list[object->object.n++] = m;
}

static struct arm_value merge(struct arm *x, const struct arm_value *a, const struct arm_value *b)
{
	struct arm_value out = arm_object(x, (size_t)a->object.n + b->object.n);

	for (uint32_t i = 0; !x->error && i < a->object.n; i++)
		put(x, &out, a->object.list[i]);
	for (uint32_t i = 0; !x->error && i < b->object.n; i++) {
		struct arm_member m = b->object.list[i];
		const struct arm_value *old = arm_member(&out, m.name);

		if (old && old->kind == ARM_OBJECT && m.value.kind == ARM_OBJECT)
			m.value = merge(x, old, &m.value);
		put(x, &out, m);
	}
	return out;
}

static struct arm_value join(struct arm *x, const struct arm_value *a, const struct arm_value *b)
{
	struct arm_value out = arm_array(x, (size_t)a->array.n + b->array.n);

	for (int side = 0; side < 2; side++) {
		const struct arm_value *from = side ? b : a;

		for (uint32_t i = 0; !x->error && i < from->array.n; i++)
			if (has(x, &out, &from->array.list[i]) != AZ_YES)
				out.array.list[out.array.n++] = from->array.list[i];
	}
	return out;
}

static struct arm_value f_union(struct arm *x, const struct arm_call *c)
{
	struct arm_value out = c->args[0];

	for (size_t i = 1; i < c->n && !x->error; i++)
		if (out.kind == ARM_OBJECT && c->args[i].kind == ARM_OBJECT)
			out = merge(x, &out, &c->args[i]);
		else if (out.kind == ARM_ARRAY && c->args[i].kind == ARM_ARRAY)
			out = join(x, &out, &c->args[i]);
		else
			return arm_unknown_call(x, c);
	return out;
}

static struct arm_value f_intersection(struct arm *x, const struct arm_call *c)
{
	struct arm_value out;
	bool sure = true;

	if (c->args[0].kind != ARM_ARRAY || c->args[1].kind != ARM_ARRAY)
		return arm_unknown_call(x, c);
	out = arm_array(x, c->args[0].array.n);
	for (uint32_t i = 0; !x->error && i < c->args[0].array.n; i++) {
		enum az_tri both = has(x, &c->args[1], &c->args[0].array.list[i]);

		sure &= both != AZ_UNKNOWN;
		if (both == AZ_YES)
			out.array.list[out.array.n++] = c->args[0].array.list[i];
	}
	return sure ? out : arm_unknown_call(x, c);
}

static struct arm_value f_createarray(struct arm *x, const struct arm_call *c)
{
	struct arm_value out = arm_array(x, c->n);

	for (size_t i = 0; !x->error && i < c->n; i++)
		out.array.list[out.array.n++] = c->args[i];
	return out;
}

static struct arm_value f_createobject(struct arm *x, const struct arm_call *c)
{
	struct arm_value out = arm_object(x, c->n / 2);

	if (c->n % 2)
		return arm_unknown_call(x, c);
	for (size_t i = 0; !x->error && i < c->n; i += 2) {
		if (c->args[i].kind != ARM_STRING)
			return arm_unknown_call(x, c);
		put(x, &out, (struct arm_member){ c->args[i].text, c->args[i + 1] });
	}
	return out;
}

static struct arm_value f_array(struct arm *x, const struct arm_call *c)
{
	return c->args[0].kind == ARM_ARRAY ? c->args[0] : f_createarray(x, c);
}

/* range(first, count) */
static struct arm_value f_range(struct arm *x, const struct arm_call *c)
{
	struct arm_value out;

	if (c->args[0].kind != ARM_INT || c->args[1].kind != ARM_INT || c->args[1].number < 0 ||
	    c->args[1].number > 10000 || c->args[0].number > INT32_MAX ||
	    c->args[0].number < INT32_MIN)
		return arm_unknown_call(x, c);
	out = arm_array(x, (size_t)c->args[1].number);
	for (int64_t i = 0; arm_step(x) && i < c->args[1].number; i++)
		out.array.list[out.array.n++] = arm_int(x, c->args[0].number + i);
	return out;
}

static struct arm_value extreme(struct arm *x, const struct arm_call *c, bool most)
{
	const struct arm_value *list = c->args;
	size_t n = c->n;
	int64_t found;

	if (n == 1 && list[0].kind == ARM_ARRAY) {
		n = list[0].array.n;
		list = list[0].array.list;
	}
	for (size_t i = 0; i < n; i++)
		if (list[i].kind != ARM_INT)
			return arm_unknown_call(x, c);
	if (!n)
		return arm_unknown_call(x, c);
	found = list[0].number;
	for (size_t i = 1; i < n; i++)
		if (most ? list[i].number > found : list[i].number < found)
			found = list[i].number;
	return arm_int(x, found);
}

static struct arm_value f_min(struct arm *x, const struct arm_call *c)
{
	return extreme(x, c, false);
}

static struct arm_value f_max(struct arm *x, const struct arm_call *c)
{
	return extreme(x, c, true);
}

struct arm_value arm_plain(struct arm *x, const struct jdoc *d, uint32_t v)
{
	struct arm_value out = { .kind = ARM_FLOAT, .origin = x->origin };
	struct str text = STR("");
	int64_t whole;

	if (!arm_step(x))
		return arm_null(x);
	switch (jdoc_type(d, v)) {
	case J_TRUE: return arm_bool(x, true);
	case J_FALSE: return arm_bool(x, false);
	case J_NUMBER:
		if (jdoc_int(d, v, &whole) >= 0)
			return arm_int(x, whole);
		out.text = arm_keep(x, jdoc_raw(d, v));
		return out;
	case J_STRING:
		if (jdoc_text(d, v, &x->arena, &text) < 0)
			x->error = -ENOMEM;
		return arm_string(x, text);
	case J_ARRAY:
		out = arm_array(x, jdoc_count(d, v));
		jdoc_each(d, v, element)
			if (!x->error)
				out.array.list[out.array.n++] = arm_plain(x, d, element);
		return out;
	case J_OBJECT:
		out = arm_object(x, jdoc_count(d, v));
		jdoc_each_key(d, v, key) {
			if (!x->error && jdoc_text(d, key, &x->arena, &text) >= 0)
				out.object.list[out.object.n++] =
					(struct arm_member){ text, arm_plain(x, d, key + 1) };
		}
		return out;
	default: return arm_null(x);
	}
}

static struct arm_value f_json(struct arm *x, const struct arm_call *c)
{
	const struct joptions options = { .max_depth = ARM_VALUE_DEPTH_MAX };
	own(jdoc_release) struct jdoc doc = {};

	if (c->args[0].kind != ARM_STRING)
		return c->args[0].kind == ARM_UNKNOWN ? arm_unknown_call(x, c) : c->args[0];
	if (jdoc_parse(arm_keep(x, c->args[0].text), &options, &doc, NULL) < 0)
		return arm_unknown_call(x, c);
	return arm_plain(x, &doc, 0);
}

/* [{ key, value }, …], sorted by key. */
static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct arm_member *)a)->name, ((const struct arm_member *)b)->name);
}

static struct arm_value f_items(struct arm *x, const struct arm_call *c)
{
	struct arm_value sorted, out;

	if (c->args[0].kind != ARM_OBJECT)
		return arm_unknown_call(x, c);
	sorted = arm_object(x, c->args[0].object.n);
	out = arm_array(x, c->args[0].object.n);
	if (x->error)
		return arm_null(x);
	sorted.object.n = c->args[0].object.n;
	memcpy(sorted.object.list, c->args[0].object.list,
	       sorted.object.n * sizeof *sorted.object.list);
	qsort(sorted.object.list, sorted.object.n, sizeof *sorted.object.list, by_key);
	for (uint32_t i = 0; i < sorted.object.n; i++) {
		struct arm_value item = arm_object(x, 2);

		if (x->error)
			break;
		put(x, &item,
		    (struct arm_member){ STR("key"), arm_string(x, sorted.object.list[i].name) });
		put(x, &item, (struct arm_member){ STR("value"), sorted.object.list[i].value });
		out.array.list[out.array.n++] = item;
	}
	return out;
}

static struct arm_value f_objectkeys(struct arm *x, const struct arm_call *c)
{
	struct arm_value out = f_items(x, c);

	for (uint32_t i = 0; out.kind == ARM_ARRAY && i < out.array.n; i++)
		out.array.list[i] = out.array.list[i].object.list[0].value;
	return out;
}

static struct arm_value f_flatten(struct arm *x, const struct arm_call *c)
{
	struct arm_call inner = *c;

	if (c->args[0].kind != ARM_ARRAY)
		return arm_unknown_call(x, c);
	inner.args = c->args[0].array.list;
	inner.n = c->args[0].array.n;
	inner.name = STR("concat");
	for (size_t i = 0; i < inner.n; i++)
		if (inner.args[i].kind != ARM_ARRAY)
			return arm_unknown_call(x, c);
	return inner.n ? arm_call(x, &inner) : c->args[0];
}

/* tryGet(value, key, key…): null where there is none. */
static struct arm_value f_tryget(struct arm *x, const struct arm_call *c)
{
	struct arm_value v = c->args[0];

	for (size_t i = 1; i < c->n; i++) {
		const struct arm_value *key = &c->args[i];
		bool there = (v.kind == ARM_OBJECT && key->kind == ARM_STRING &&
			      arm_member(&v, key->text)) ||
			     (v.kind == ARM_ARRAY && key->kind == ARM_INT && key->number >= 0 &&
			      key->number < v.array.n);

		if (v.kind == ARM_UNKNOWN)
			return arm_unknown_call(x, c);
		if (!there)
			return arm_null(x);
		v = arm_select(x, v, *key);
	}
	return v;
}

const struct arm_row arm_list_functions[] = {
	{STR("length"),        f_length,       1, 1,   false},
	{ STR("empty"),        f_empty,        1, 1,   false},
	{ STR("contains"),     f_contains,     2, 2,   false},
	{ STR("first"),        f_first,        1, 1,   false},
	{ STR("last"),         f_last,         1, 1,   false},
	{ STR("take"),         f_take,         2, 2,   false},
	{ STR("skip"),         f_skip,         2, 2,   false},
	{ STR("union"),        f_union,        1, 255, false},
	{ STR("intersection"), f_intersection, 2, 2,   false},
	{ STR("createArray"),  f_createarray,  0, 255, true },
	{ STR("createObject"), f_createobject, 0, 255, true },
	{ STR("array"),        f_array,        1, 1,   false},
	{ STR("range"),        f_range,        2, 2,   false},
	{ STR("min"),          f_min,          1, 255, false},
	{ STR("max"),          f_max,          1, 255, false},
	{ STR("json"),         f_json,         1, 1,   false},
	{ STR("items"),        f_items,        1, 1,   false},
	{ STR("objectKeys"),   f_objectkeys,   1, 1,   false},
	{ STR("flatten"),      f_flatten,      1, 1,   false},
	{ STR("tryGet"),       f_tryget,       2, 255, false},
};
const size_t arm_n_list_functions = COUNT(arm_list_functions);
