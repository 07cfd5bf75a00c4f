/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "facts/azure/arm.h"

bool arm_step(struct arm *x)
{
	if (!x->error && ++x->steps > ARM_STEPS_MAX)
		x->error = -E2BIG;
	return !x->error;
}

void arm_cost(struct arm *x, size_t n) { x->steps += (unsigned)MIN(n / 16, ARM_STEPS_MAX); }

struct arm_value arm_null(const struct arm *x)
{
	return (struct arm_value){ .kind = ARM_NULL, .origin = x->origin };
}

struct arm_value arm_bool(const struct arm *x, bool truth)
{
	return (struct arm_value){ .kind = ARM_BOOL, .origin = x->origin, .number = truth };
}

struct arm_value arm_int(const struct arm *x, int64_t number)
{
	return (struct arm_value){ .kind = ARM_INT, .origin = x->origin, .number = number };
}

struct arm_value arm_string(const struct arm *x, struct str text)
{
	return (struct arm_value){ .kind = ARM_STRING, .origin = x->origin, .text = text };
}

static uint64_t fnv1a(struct str s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3;
	return h;
}

struct arm_value arm_mixed(struct arm *x, struct str text)
{
	struct arm_value v = { .kind = ARM_UNKNOWN, .origin = x->origin, .text = text };

	if (text.len > ARM_SYMBOL_MAX)
		v.text = arm_fmt(x, "%.*s…{%llx}", (int)ARM_SYMBOL_MAX / 2, text.ptr,
				 (unsigned long long)fnv1a(text));
	if (!v.text.ptr) {
		x->error = -ENOMEM;
		v.text = STR("");
	}
	return v;
}

struct arm_value arm_symbol(struct arm *x, struct str text)
{
	return arm_mixed(x, arm_cat(x, STR("{"), text, STR("}")));
}

struct arm_value arm_array(struct arm *x, size_t n)
{
	struct arm_value v = { .kind = ARM_ARRAY, .origin = x->origin };

	v.array.list = arena_array(&x->arena, MAX(n, 1), sizeof *v.array.list);
	if (!v.array.list)
		x->error = -ENOMEM;
	return v;
}

struct arm_value arm_object(struct arm *x, size_t n)
{
	struct arm_value v = { .kind = ARM_OBJECT, .origin = x->origin };

	v.object.list = arena_array(&x->arena, MAX(n, 1), sizeof *v.object.list);
	if (!v.object.list)
		x->error = -ENOMEM;
	return v;
}

struct str arm_fmt(struct arm *x, const char *fmt, ...)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&out, fmt, ap);
	va_end(ap);
	return arm_take(x, &out);
}

struct str arm_take(struct arm *x, const struct buf *b)
{
	if (!b->error)
		return arm_keep(x, buf_view(b));
	x->error = b->error == -EFBIG ? -E2BIG : b->error;
	return STR("");
}

struct str arm_cat(struct arm *x, struct str a, struct str b, struct str c)
{
	struct str s = arena_cat(&x->arena, a, b, c);

	if (s.ptr)
		return s;
	x->error = -ENOMEM;
	return STR("");
}

struct str arm_keep(struct arm *x, struct str s)
{
	struct str copy = arena_str(&x->arena, s);

	if (copy.ptr)
		return copy;
	x->error = -ENOMEM;
	return STR("");
}

struct str arm_lower(struct arm *x, struct str s)
{
	char *p = arena_alloc(&x->arena, s.len + 1);

	if (!p) {
		x->error = -ENOMEM;
		return STR("");
	}
	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + 0x20 : s.ptr[i]);
	return (struct str){ p, s.len };
}

bool arm_all_known(struct arm *x, const struct arm_value *v)
{
	if (!arm_step(x))
		return false;
	if (v->kind == ARM_ARRAY)
		for (uint32_t i = 0; i < v->array.n; i++)
			if (!arm_all_known(x, &v->array.list[i]))
				return false;
	if (v->kind == ARM_OBJECT)
		for (uint32_t i = 0; i < v->object.n; i++)
			if (!arm_all_known(x, &v->object.list[i].value))
				return false;
	return v->kind != ARM_UNKNOWN;
}

const struct arm_value *arm_member(const struct arm_value *object, struct str name)
{
	if (object->kind != ARM_OBJECT)
		return NULL;
	for (uint32_t i = object->object.n; i; i--)
		if (str_ieq(object->object.list[i - 1].name, name))
			return &object->object.list[i - 1].value;
	return NULL;
}

static enum az_tri tri(bool truth) { return truth ? AZ_YES : AZ_NO; }

static enum az_tri equal_arrays(struct arm *a, const struct arm_value *x, const struct arm_value *y)
{
	enum az_tri all = tri(x->array.n == y->array.n);

	for (uint32_t i = 0; all != AZ_NO && i < x->array.n; i++) {
		enum az_tri one = arm_equal(a, &x->array.list[i], &y->array.list[i]);

		all = one == AZ_YES ? all : one;
	}
	return all;
}

static enum az_tri equal_objects(struct arm *a, const struct arm_value *x,
				 const struct arm_value *y)
{
	enum az_tri all = tri(x->object.n == y->object.n);

	arm_cost(a, (size_t)x->object.n * y->object.n);
	for (uint32_t i = 0; all != AZ_NO && i < x->object.n; i++) {
		const struct arm_value *other = arm_member(y, x->object.list[i].name);
		enum az_tri one = other ? arm_equal(a, &x->object.list[i].value, other) : AZ_NO;

		all = one == AZ_YES ? all : one;
	}
	return all;
}

enum az_tri arm_equal(struct arm *a, const struct arm_value *x, const struct arm_value *y)
{
	if (!arm_step(a))
		return AZ_UNKNOWN;
	if (x->kind == ARM_UNKNOWN || y->kind == ARM_UNKNOWN)
		return x->kind == y->kind && str_eq(x->text, y->text) ? AZ_YES : AZ_UNKNOWN;
	if (x->kind != y->kind)
		return AZ_NO;
	switch (x->kind) {
	case ARM_NULL: return AZ_YES;
	case ARM_BOOL:
	case ARM_INT: return tri(x->number == y->number);
	case ARM_ARRAY: return equal_arrays(a, x, y);
	case ARM_OBJECT: return equal_objects(a, x, y);
	default: return tri(str_eq(x->text, y->text));
	}
}

struct str arm_text(struct arm *x, struct arm_value v)
{
	switch (v.kind) {
	case ARM_UNKNOWN:
	case ARM_FLOAT:
	case ARM_STRING: return v.text;
	case ARM_BOOL: return v.number ? STR("True") : STR("False");
	case ARM_INT: return arm_fmt(x, "%lld", (long long)v.number);
	default: return STR("");
	}
}

static void json_string(struct str s, struct buf *out)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20)
			buf_fmt(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

bool arm_json(struct arm *x, struct arm_value v, struct buf *out)
{
	bool good = true;

	if (!arm_step(x))
		return false;
	switch (v.kind) {
	case ARM_UNKNOWN: return false;
	case ARM_NULL: return buf_puts(out, "null") >= 0;
	case ARM_BOOL: return buf_puts(out, v.number ? "true" : "false") >= 0;
	case ARM_INT: return buf_fmt(out, "%lld", (long long)v.number) >= 0;
	case ARM_FLOAT: return buf_str(out, v.text) >= 0;
	case ARM_STRING: return json_string(v.text, out), !out->error;
	case ARM_ARRAY:
		buf_putc(out, '[');
		for (uint32_t i = 0; good && i < v.array.n; i++) {
			buf_puts(out, i ? "," : "");
			good = arm_json(x, v.array.list[i], out);
		}
		return buf_putc(out, ']'), good && !out->error;
	default:
		buf_putc(out, '{');
		for (uint32_t i = 0; good && i < v.object.n; i++) {
			buf_puts(out, i ? "," : "");
			json_string(v.object.list[i].name, out);
			buf_putc(out, ':');
			good = arm_json(x, v.object.list[i].value, out);
		}
		return buf_putc(out, '}'), good && !out->error;
	}
}

bool arm_too_deep(struct arm *x, const struct arm_value *v, unsigned limit)
{
	uint32_t n = v->kind == ARM_ARRAY ? v->array.n : v->kind == ARM_OBJECT ? v->object.n : 0;

	if (!limit || !arm_step(x))
		return true;
	for (uint32_t i = 0; i < n; i++)
		if (arm_too_deep(
			    x, v->kind == ARM_ARRAY ? &v->array.list[i] : &v->object.list[i].value,
			    limit - 1))
			return true;
	return false;
}

void arm_emit(struct arm *x, struct arm_value v)
{
	if (!arm_step(x) || x->out.error)
		return;
	x->out.origin = v.origin;
	switch (v.kind) {
	case ARM_UNKNOWN: jbuild_value(&x->out, J_UNKNOWN, v.text); return;
	case ARM_NULL: jbuild_value(&x->out, J_NULL, STR("null")); return;
	case ARM_BOOL:
		jbuild_value(&x->out, v.number ? J_TRUE : J_FALSE,
			     v.number ? STR("true") : STR("false"));
		return;
	case ARM_INT:
	case ARM_FLOAT: jbuild_value(&x->out, J_NUMBER, arm_text(x, v)); return;
	case ARM_STRING: jbuild_value(&x->out, J_STRING, v.text); return;
	case ARM_ARRAY:
		jbuild_open(&x->out, J_ARRAY);
		for (uint32_t i = 0; i < v.array.n; i++)
			arm_emit(x, v.array.list[i]);
		jbuild_close(&x->out);
		return;
	case ARM_OBJECT:
		jbuild_open(&x->out, J_OBJECT);
		for (uint32_t i = 0; i < v.object.n; i++) {
			x->out.origin = v.object.list[i].value.origin;
			jbuild_value(&x->out, J_STRING, v.object.list[i].name);
			arm_emit(x, v.object.list[i].value);
		}
		jbuild_close(&x->out);
		return;
	}
}
