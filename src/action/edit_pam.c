/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/edit_pam.h"
#include "action/edit_work.h"

#define LINES_MAX 512u

/* One line of a stack, as slices of its body. */
struct rule {
	struct str type, control, module, first; /* first: argument */
	bool include;
};

static struct str control_word(struct str *rest)
{
	struct str s = *rest;
	size_t from = 0, end;

	while (from < s.len && (s.ptr[from] == ' ' || s.ptr[from] == '\t'))
		from++;
	if (from == s.len || s.ptr[from] != '[')
		return str_word(rest);
	for (end = from; end < s.len && s.ptr[end] != ']';)
		end++;
	end = MIN(end + 1, s.len);
	*rest = str_sub(s, end, s.len);
	return str_sub(s, from, end);
}

static bool parse(struct str body, struct rule *ret)
{
	ssize_t hash = str_find(body, '#');
	struct str rest = hash < 0 ? body : str_sub(body, 0, (size_t)hash);
	struct rule r = { .type = str_word(&rest) };

	if (!r.type.ptr)
		return false;
	if (str_starts(r.type, STR("-")))
		r.type = str_sub(r.type, 1, r.type.len);
	if (str_ieq(r.type, STR("@include"))) {
		r.include = true;
		*ret = r;
		return true;
	}
	r.control = control_word(&rest);
	r.module = str_basename(str_word(&rest));
	r.first = str_word(&rest);
	r.include = str_ieq(r.control, STR("include")) || str_ieq(r.control, STR("substack"));
	*ret = r;
	return r.module.len > 0;
}

static bool of_type(const struct rule *r, struct str type)
{
	return str_ieq(r->type, type) || str_ieq(r->type, STR("@include"));
}

/* Numbers of lines (from 1) and the order among those of the type. */
struct survey {
	unsigned line;  /* in front of which the new one goes; 0: behind all */
	unsigned order; /* lines of the type in front of it */
	bool there, anchor;
	unsigned n, last_line;
	bool include[LINES_MAX];
};

static int look(struct str text, struct str type, struct str anchor, enum edit_pam_where where,
		const struct rule *fresh, struct survey *ret)
{
	struct survey v = {};
	struct str one;
	unsigned number = 0;

	while (edit_line(&text, &one)) {
		struct rule r;

		number++;
		if (!parse(edit_body(one), &r) || !of_type(&r, type))
			continue;
		if (v.n == LINES_MAX)
			return -EFBIG;
		v.include[v.n++] = r.include;
		v.last_line = number;
		if (str_eq(r.module, fresh->module) && str_eq(r.first, fresh->first))
			v.there = true;
		if (!v.anchor && anchor.len && str_eq(r.module, anchor) && where != EDIT_PAM_END) {
			v.anchor = true;
			v.line = where == EDIT_PAM_BEFORE ? number : number + 1;
			v.order = where == EDIT_PAM_BEFORE ? v.n - 1 : v.n;
		}
	}
	if (where == EDIT_PAM_END) {
		v.line = v.last_line + 1;
		v.order = v.n;
		v.anchor = true;
	}
	*ret = v;
	return 0;
}

/* The control with each jump of `word=N` that leads over the new line one longer. */
static int put_control(struct buf *out, struct str control, unsigned order, const struct survey *v)
{
	size_t i = 0;

	while (i < control.len) {
		size_t end = i + 1;
		uint64_t jump;

		buf_putc(out, control.ptr[i]);
		if (control.ptr[i++] != '=')
			continue;
		while (end < control.len && control.ptr[end] >= '0' && control.ptr[end] <= '9')
			end++;
		if (str_to_u64(str_sub(control, i, end), 10, &jump) < 0 || jump > LINES_MAX)
			continue;
		if (order + jump >= v->order) {
			for (unsigned j = order; j < v->n && j <= order + jump; j++)
				if (v->include[j])
					return -ENOTSUP;
			buf_fmt(out, "%u", (unsigned)jump + 1);
			i = end;
		}
	}
	return 0;
}

static void put_new(struct buf *out, struct str type, struct str line, const char *newline)
{
	edit_end_line(out, newline);
	buf_fmt(out, "%.*s\t%.*s%s", STR_FMT(type), STR_FMT(line), newline);
}

int edit_pam_add(struct str text, struct str type, struct str anchor, enum edit_pam_where where,
		 struct str line, struct buf *out)
{
	struct str rest = text, one, fresh_rest = line;
	struct rule fresh = { .control = control_word(&fresh_rest) };
	const char *newline = edit_newline(text);
	unsigned number = 0, order = 0;
	struct survey v;
	int r = edit_check(text);

	if (r >= 0 && (!type.len || !line.len || !edit_one_line(type) || !edit_one_line(line)))
		r = -EINVAL;
	fresh.module = str_basename(str_word(&fresh_rest));
	fresh.first = str_word(&fresh_rest);
	if (r >= 0)
		r = look(text, type, anchor, where, &fresh, &v);
	if (r < 0)
		return r;
	if (v.there) {
		buf_str(out, text);
		return edit_done(out);
	}
	if (!v.anchor)
		return -ENOENT;
	while (edit_line(&rest, &one)) {
		struct rule rule;

		if (++number == v.line)
			put_new(out, type, line, newline);
		if (!parse(edit_body(one), &rule) || !of_type(&rule, type)) {
			buf_str(out, one);
			continue;
		}
		if (order < v.order && rule.control.len && rule.control.ptr[0] == '[') {
			buf_add(out, one.ptr, (size_t)(rule.control.ptr - one.ptr));
			r = put_control(out, rule.control, order, &v);
			if (r < 0)
				return r;
			one = str_sub(one, (size_t)(rule.control.ptr + rule.control.len - one.ptr),
				      one.len);
		}
		buf_str(out, one);
		order++;
	}
	if (v.line > number)
		put_new(out, type, line, newline);
	return edit_done(out);
}

static bool has_word(struct str body, struct str word)
{
	ssize_t equals = str_find(word, '=');
	struct str start = equals < 0 ? word : str_sub(word, 0, (size_t)equals + 1);

	for (struct str s; (s = str_word(&body)).ptr;)
		if (equals < 0 ? str_eq(s, word) : str_starts(s, start))
			return true;
	return false;
}

int edit_pam_word(struct str text, struct str type, struct str module, struct str word,
		  struct buf *out)
{
	struct str rest = text, one;
	int r = edit_check(text);

	if (r >= 0 && (!word.len || !edit_one_line(word)))
		r = -EINVAL;
	if (r < 0)
		return r;
	while (edit_line(&rest, &one)) {
		ssize_t hash = str_find(one, '#');
		struct str body = hash < 0 ? edit_body(one) : str_sub(one, 0, (size_t)hash);
		struct rule rule;

		while (body.len &&
		       (body.ptr[body.len - 1] == ' ' || body.ptr[body.len - 1] == '\t'))
			body.len--;
		if (parse(body, &rule) && str_ieq(rule.type, type) && str_eq(rule.module, module) &&
		    !has_word(body, word)) {
			buf_str(out, body);
			buf_putc(out, ' ');
			buf_str(out, word);
			buf_str(out, str_sub(one, body.len, one.len));
		} else {
			buf_str(out, one);
		}
	}
	return edit_done(out);
}

bool edit_pam_control(struct str text, struct str type, struct str module, struct str *ret)
{
	struct str one;

	while (edit_line(&text, &one)) {
		struct rule rule;

		if (!parse(edit_body(one), &rule) || !str_ieq(rule.type, type) ||
		    !str_eq(rule.module, module))
			continue;
		*ret = rule.control;
		return true;
	}
	return false;
}
