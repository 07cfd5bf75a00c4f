/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of texts. What is made of symbols is a symbol that can be read. */
#include "facts/azure/arm.h"

static struct arm_value finish(struct arm *x, const struct buf *out, bool unknown)
{
	struct str s = arm_take(x, out);

	return unknown ? arm_mixed(x, s) : arm_string(x, s);
}

static bool textual(struct arm_value v)
{
	return v.kind == ARM_STRING || v.kind == ARM_INT || v.kind == ARM_BOOL ||
	       v.kind == ARM_FLOAT || v.kind == ARM_UNKNOWN;
}

static struct arm_value concat_arrays(struct arm *x, const struct arm_call *c)
{
	struct arm_value out;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (c->args[i].kind != ARM_ARRAY)
			return arm_unknown_call(x, c);
		n += c->args[i].array.n;
	}
	out = arm_array(x, n);
	for (size_t i = 0; !x->error && i < c->n; i++) {
		memcpy(out.array.list + out.array.n, c->args[i].array.list,
		       c->args[i].array.n * sizeof *out.array.list);
		out.array.n += c->args[i].array.n;
	}
	return out;
}

static struct arm_value f_concat(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	bool unknown = false;

	for (size_t i = 0; i < c->n; i++)
		if (c->args[i].kind == ARM_ARRAY)
			return concat_arrays(x, c);
	for (size_t i = 0; i < c->n; i++) {
		if (!textual(c->args[i]))
			return arm_unknown_call(x, c);
		unknown |= c->args[i].kind == ARM_UNKNOWN;
		buf_str(&out, arm_text(x, c->args[i]));
	}
	return finish(x, &out, unknown);
}

/* The argument of "{0}", its length with the braces; NULL: none, or in a format of its own. */
static const struct arm_value *placeholder(struct str rest, const struct arm_call *c, size_t *ret)
{
	ssize_t end = str_find(rest, '}');
	uint64_t at;

	if (end < 0 || str_to_u64(str_sub(rest, 1, (size_t)end), 10, &at) < 0 || at + 1 >= c->n)
		return NULL;
	*ret = (size_t)end + 1;
	return &c->args[at + 1];
}

static struct arm_value f_format(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str rest = c->args[0].text;
	bool unknown = false;

	if (c->args[0].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	while (rest.len) {
		const struct arm_value *arg = NULL;
		size_t used = 1;

		if (str_starts(rest, STR("{{")) || str_starts(rest, STR("}}"))) {
			used = 2;
			buf_putc(&out, rest.ptr[0]);
		} else if (rest.ptr[0] == '{') {
			arg = placeholder(rest, c, &used);
			if (!arg || !textual(*arg))
				return arm_unknown_call(x, c);
			unknown |= arg->kind == ARM_UNKNOWN;
			buf_str(&out, arm_text(x, *arg));
		} else {
			buf_putc(&out, rest.ptr[0]);
		}
		rest = str_sub(rest, used, rest.len);
	}
	return finish(x, &out, unknown);
}

static struct arm_value f_tolower(struct arm *x, const struct arm_call *c)
{
	if (c->args[0].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	return arm_string(x, arm_lower(x, c->args[0].text));
}

static struct arm_value f_toupper(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str s = arm_text(x, c->args[0]);

	if (c->args[0].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	for (size_t i = 0; i < s.len; i++)
		buf_putc(&out,
			 (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 0x20 : s.ptr[i]));
	return finish(x, &out, false);
}

static struct arm_value f_trim(struct arm *x, const struct arm_call *c)
{
	if (c->args[0].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	return arm_string(x, str_trim(c->args[0].text));
}

static bool strings(const struct arm_call *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c->args[i].kind != ARM_STRING)
			return false;
	return true;
}

static struct arm_value f_replace(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str rest = c->args[0].text, from = c->args[1].text;

	if (!strings(c, 3) || !from.len)
		return arm_unknown_call(x, c);
	while (rest.len) {
		const char *at = memmem(rest.ptr, rest.len, from.ptr, from.len);
		size_t before = at ? (size_t)(at - rest.ptr) : rest.len;

		buf_add(&out, rest.ptr, before);
		if (at)
			buf_str(&out, c->args[2].text);
		rest = str_sub(rest, before + (at ? from.len : 0), rest.len);
	}
	return finish(x, &out, false);
}

static bool is_delimiter(struct arm_value d, struct str rest, size_t *ret)
{
	if (d.kind == ARM_STRING && d.text.len && str_starts(rest, d.text)) {
		*ret = d.text.len;
		return true;
	}
	for (uint32_t i = 0; d.kind == ARM_ARRAY && i < d.array.n; i++)
		if (d.array.list[i].kind == ARM_STRING && d.array.list[i].text.len &&
		    str_starts(rest, d.array.list[i].text)) {
			*ret = d.array.list[i].text.len;
			return true;
		}
	return false;
}

static struct arm_value f_split(struct arm *x, const struct arm_call *c)
{
	struct str s = c->args[0].text;
	struct arm_value out;
	size_t from = 0, used;

	if (c->args[0].kind != ARM_STRING || !arm_all_known(x, &c->args[1]))
		return arm_unknown_call(x, c);
	out = arm_array(x, s.len + 1);
	for (size_t i = 0; !x->error && i < s.len;) {
		if (!arm_step(x) || !is_delimiter(c->args[1], str_sub(s, i, s.len), &used)) {
			i++;
			continue;
		}
		out.array.list[out.array.n++] = arm_string(x, str_sub(s, from, i));
		i += used;
		from = i;
	}
	if (!x->error)
		out.array.list[out.array.n++] = arm_string(x, str_sub(s, from, s.len));
	return out;
}

static struct arm_value f_join(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	bool unknown = false;

	if (c->args[0].kind != ARM_ARRAY || c->args[1].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	for (uint32_t i = 0; i < c->args[0].array.n; i++) {
		struct arm_value v = c->args[0].array.list[i];

		if (!textual(v))
			return arm_unknown_call(x, c);
		unknown |= v.kind == ARM_UNKNOWN;
		if (i)
			buf_str(&out, c->args[1].text);
		buf_str(&out, arm_text(x, v));
	}
	return finish(x, &out, unknown);
}

static struct arm_value f_substring(struct arm *x, const struct arm_call *c)
{
	struct str s = c->args[0].text;
	int64_t from = c->args[1].number, n = c->n > 2 ? c->args[2].number : 0;

	if (c->args[0].kind != ARM_STRING || c->args[1].kind != ARM_INT ||
	    (c->n > 2 && c->args[2].kind != ARM_INT) || from < 0 || n < 0 || (uint64_t)from > s.len)
		return arm_unknown_call(x, c);
	if (c->n < 3)
		n = (int64_t)s.len - from;
	if ((uint64_t)n > s.len - (uint64_t)from)
		return arm_unknown_call(x, c);
	return arm_string(x, str_sub(s, (size_t)from, (size_t)(from + n)));
}

static struct arm_value f_padleft(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str s = arm_text(x, c->args[0]);
	char fill = ' ';

	if (!textual(c->args[0]) || c->args[1].kind != ARM_INT || c->args[1].number > 4096 ||
	    (c->n > 2 && (c->args[2].kind != ARM_STRING || c->args[2].text.len != 1)))
		return arm_unknown_call(x, c);
	if (c->n > 2)
		fill = c->args[2].text.ptr[0];
	for (int64_t i = (int64_t)s.len; i < c->args[1].number; i++)
		buf_putc(&out, fill);
	buf_str(&out, s);
	return finish(x, &out, false);
}

static struct str lower_arg(struct arm *x, const struct arm_call *c, size_t i)
{
	return arm_lower(x, c->args[i].text);
}

static struct arm_value f_indexof(struct arm *x, const struct arm_call *c)
{
	struct str s, what;
	const char *at;

	if (!strings(c, 2))
		return arm_unknown_call(x, c);
	s = lower_arg(x, c, 0);
	what = lower_arg(x, c, 1);
	at = what.len ? memmem(s.ptr, s.len, what.ptr, what.len) : s.ptr;
	return arm_int(x, at ? at - s.ptr : -1);
}

static struct arm_value f_lastindexof(struct arm *x, const struct arm_call *c)
{
	struct str s, what;
	int64_t found = -1;

	if (!strings(c, 2))
		return arm_unknown_call(x, c);
	s = lower_arg(x, c, 0);
	what = lower_arg(x, c, 1);
	for (size_t i = 0; i + what.len <= s.len && arm_step(x); i++)
		if (str_starts(str_sub(s, i, s.len), what))
			found = (int64_t)i;
	return arm_int(x, found);
}

static struct arm_value f_startswith(struct arm *x, const struct arm_call *c)
{
	if (!strings(c, 2))
		return arm_unknown_call(x, c);
	return arm_bool(x, str_istarts(c->args[0].text, c->args[1].text));
}

static struct arm_value f_endswith(struct arm *x, const struct arm_call *c)
{
	if (!strings(c, 2))
		return arm_unknown_call(x, c);
	return arm_bool(x, str_ends(lower_arg(x, c, 0), lower_arg(x, c, 1)));
}

static struct arm_value f_string(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);

	if (textual(c->args[0]))
		return arm_string(x, arm_text(x, c->args[0]));
	if (!arm_json(x, c->args[0], &out) && !out.error)
		return arm_unknown_call(x, c);
	return finish(x, &out, false);
}

static struct arm_value f_int(struct arm *x, const struct arm_call *c)
{
	int64_t n;

	if (c->args[0].kind == ARM_INT)
		return c->args[0];
	if (c->args[0].kind != ARM_STRING || str_to_int64(str_trim(c->args[0].text), &n) < 0)
		return arm_unknown_call(x, c);
	return arm_int(x, n);
}

static struct arm_value f_bool(struct arm *x, const struct arm_call *c)
{
	struct arm_value v = c->args[0];

	if (v.kind == ARM_BOOL)
		return v;
	if (v.kind == ARM_INT)
		return arm_bool(x, v.number != 0);
	if (v.kind == ARM_STRING && str_ieq(v.text, STR("true")))
		return arm_bool(x, true);
	if (v.kind == ARM_STRING && str_ieq(v.text, STR("false")))
		return arm_bool(x, false);
	return arm_unknown_call(x, c);
}

const struct arm_row arm_text_functions[] = {
	{STR("concat"),       f_concat,      1, 255, true },
	{ STR("format"),      f_format,      1, 255, true },
	{ STR("toLower"),     f_tolower,     1, 1,   false},
	{ STR("toUpper"),     f_toupper,     1, 1,   false},
	{ STR("trim"),        f_trim,        1, 1,   false},
	{ STR("replace"),     f_replace,     3, 3,   false},
	{ STR("split"),       f_split,       2, 2,   false},
	{ STR("join"),        f_join,        2, 2,   false},
	{ STR("substring"),   f_substring,   2, 3,   false},
	{ STR("padLeft"),     f_padleft,     2, 3,   false},
	{ STR("indexOf"),     f_indexof,     2, 2,   false},
	{ STR("lastIndexOf"), f_lastindexof, 2, 2,   false},
	{ STR("startsWith"),  f_startswith,  2, 2,   false},
	{ STR("endsWith"),    f_endswith,    2, 2,   false},
	{ STR("string"),      f_string,      1, 1,   false},
	{ STR("int"),         f_int,         1, 1,   false},
	{ STR("bool"),        f_bool,        1, 1,   false},
};
const size_t arm_n_text_functions = COUNT(arm_text_functions);
