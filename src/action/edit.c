/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/edit_work.h"

const struct edit_style edit_blank = { .comment = "#", .between = " " };
const struct edit_style edit_pam = {
	.comment = "#", .between = " = ", .equals = true, .behind = true
};
const struct edit_style edit_unit = {
	.comment = "#;", .between = "=", .equals = true, .continued = true
};
const struct edit_style edit_sysctl = { .comment = "#;", .between = " = ", .equals = true };
const struct edit_style edit_shell = { .comment = "#", .between = "=", .equals = true };

/* ---- lines -------------------------------------------------------------------------------------- */

bool edit_line(struct str *rest, struct str *ret)
{
	ssize_t end;

	if (!rest->len)
		return false;
	end = str_find(*rest, '\n');
	*ret = str_sub(*rest, 0, end < 0 ? rest->len : (size_t)end + 1);
	*rest = str_sub(*rest, ret->len, rest->len);
	return true;
}

struct str edit_body(struct str line)
{
	while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	return line;
}

bool edit_is_comment(struct str body, const char *starts)
{
	struct str s = str_trim(body);

	return !s.len || strchr(starts, *s.ptr);
}

bool edit_one_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' && s.ptr[i] != '\t')
			return false;
	return true;
}

int edit_check(struct str text)
{
	if (text.len > EDIT_MAX)
		return -EFBIG;
	return text.len && memchr(text.ptr, '\0', text.len) ? -EINVAL : 0;
}

int edit_done(const struct buf *out) { return out->error; }

const char *edit_newline(struct str text)
{
	ssize_t end = str_find(text, '\n');

	return end > 0 && text.ptr[end - 1] == '\r' ? "\r\n" : "\n";
}

void edit_end_line(struct buf *out, const char *newline)
{
	if (out->len && out->ptr[out->len - 1] != '\n')
		buf_puts(out, newline);
}

/* ---- settings ----------------------------------------------------------------------------------- */

/* A line "NAME between VALUE behind", as slices of its body. */
struct setting {
	struct str before, name, between, value, behind;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static size_t skip_blanks(struct str s, size_t i)
{
	while (i < s.len && is_blank(s.ptr[i]))
		i++;
	return i;
}

/* Where the value that starts at `from` ends: before blanks and a comment. */
static size_t value_end(struct str s, size_t from, const struct edit_style *style)
{
	size_t end = s.len;

	for (size_t i = from; style->behind && i < s.len; i++)
		if (strchr(style->comment, s.ptr[i]) && s.ptr[i] &&
		    (i == from || is_blank(s.ptr[i - 1]))) {
			end = i;
			break;
		}
	while (end > from && is_blank(s.ptr[end - 1]))
		end--;
	return end;
}

static bool parse(struct str body, const struct edit_style *style, struct setting *ret)
{
	size_t start = skip_blanks(body, 0), name = start, at, value, end;

	while (name < body.len && !is_blank(body.ptr[name]) &&
	       !(style->equals && body.ptr[name] == '='))
		name++;
	if (name == start || strchr(style->comment, body.ptr[start]))
		return false;
	at = skip_blanks(body, name);
	if (style->equals && at < body.len && body.ptr[at] == '=')
		at = skip_blanks(body, at + 1);
	else if (style->equals && at < body.len && !strchr(style->comment, body.ptr[at]))
		return false;
	value = at;
	end = value_end(body, value, style);
	*ret = (struct setting){
		.before = str_sub(body, 0, start),
		.name = str_sub(body, start, name),
		.between = str_sub(body, name, value),
		.value = str_sub(body, value, end),
		.behind = str_sub(body, end, body.len),
	};
	return true;
}

static bool same_name(const struct edit_style *style, struct str a, struct str b)
{
	return style->any_case ? str_ieq(a, b) : str_eq(a, b);
}

/* "[Journal]" */
static bool parse_section(struct str body, struct str *ret)
{
	struct str s = str_trim(body);

	if (s.len < 2 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
		return false;
	*ret = str_trim(str_sub(s, 1, s.len - 1));
	return true;
}

/* The line with those that it goes on with. */
static bool next_line(struct str *rest, const struct edit_style *style, struct str *ret)
{
	struct str line, more;

	if (!edit_line(rest, &line))
		return false;
	if (style->continued && !edit_is_comment(line, style->comment))
		for (more = line; str_ends(edit_body(more), STR("\\")) && edit_line(rest, &more);)
			line.len += more.len;
	*ret = line;
	return true;
}

/* Walks over the settings of one section. */
struct walk {
	struct str rest, section;
	const struct edit_style *style;
	bool sections, inside;
};

static struct walk walk_of(struct str text, const struct edit_style *style, struct str section)
{
	return (struct walk){ text, section, style, section.ptr, !section.ptr };
}

/* *ret_setting.name.ptr is NULL for a line that is no setting, or one of another section. */
static bool walk_next(struct walk *w, struct str *ret_line, struct setting *ret_setting)
{
	struct str name;

	*ret_setting = (struct setting){};
	if (!next_line(&w->rest, w->style, ret_line))
		return false;
	if (w->sections && parse_section(edit_body(*ret_line), &name))
		w->inside = str_eq(name, w->section);
	else if (w->inside && !parse(edit_body(*ret_line), w->style, ret_setting))
		*ret_setting = (struct setting){};
	return true;
}

bool edit_get(struct str text, const struct edit_style *style, struct str section, struct str name,
	      struct str *ret)
{
	struct walk w = walk_of(text, style, section);
	struct setting s;
	struct str line;
	bool found = false;

	while (walk_next(&w, &line, &s))
		if (s.name.ptr && same_name(style, s.name, name) && !(found && style->first)) {
			*ret = s.value;
			found = true;
		}
	return found;
}

/* "#NAME = 8" or "# NAME 8": an example; prose that begins with the name is not. */
static bool is_example(struct str body, const struct edit_style *style, struct str name,
		       struct setting *ret)
{
	struct str s = str_trim(body);

	while (s.len && strchr(style->comment, *s.ptr))
		s = str_sub(s, 1, s.len);
	if (!s.len || !parse(s, style, ret) || !same_name(style, ret->name, name))
		return false;
	if (!style->equals)
		return !memchr(ret->value.ptr, ' ', ret->value.len);
	return ret->between.len || !ret->behind.len;
}

/* What has to be known before the first line is written. */
struct survey {
	bool set;           /* a line sets the name */
	size_t example;     /* offset behind the comment that shows it; 0: none */
	size_t end;         /* offset behind the last line of the section that has text */
	bool section;       /* it is there */
	struct str between; /* of the example or of another setting; ptr == NULL: none */
};

static struct survey look(struct str text, const struct edit_style *style, struct str section,
			  struct str name)
{
	struct walk w = walk_of(text, style, section);
	struct survey v = { .section = !section.ptr };
	struct setting s, example;
	struct str line;

	while (walk_next(&w, &line, &s)) {
		size_t end = text.len - w.rest.len;

		if (!w.inside)
			continue;
		v.section = true;
		if (str_trim(line).len)
			v.end = end;
		if (s.name.ptr) {
			v.set |= same_name(style, s.name, name);
			if (s.value.len && !v.example)
				v.between = s.between;
		} else if (is_example(edit_body(line), style, name, &example)) {
			v.example = end;
			v.between = example.between.len ? example.between : v.between;
		}
	}
	return v;
}

static void put_setting(struct buf *out, const struct edit_style *style, struct str between,
			struct str name, struct str value)
{
	buf_str(out, name);
	if (value.ptr) {
		if (between.len && (!style->equals || memchr(between.ptr, '=', between.len)))
			buf_str(out, between);
		else
			buf_puts(out, style->between);
		buf_str(out, value);
	}
}

/* The line of the setting with another value. */
static void put_changed(struct buf *out, const struct edit_style *style, struct str line,
			const struct setting *s, struct str value)
{
	struct str body = edit_body(line);

	if (str_eq(s->value, value) || (!value.ptr && !s->value.len)) {
		buf_str(out, line);
		return;
	}
	buf_str(out, s->before);
	put_setting(out, style, s->value.len ? s->between : (struct str){}, s->name, value);
	if (s->behind.len && !is_blank(*s->behind.ptr))
		buf_putc(out, ' ');
	buf_str(out, s->behind);
	buf_str(out, str_sub(line, body.len, line.len));
}

static void put_new(struct buf *out, const struct survey *v, const struct edit_style *style,
		    struct str section, struct str name, struct str value, const char *newline)
{
	edit_end_line(out, newline);
	/* A last line that goes on would take the new one. */
	if (style->continued && str_ends(edit_body(buf_view(out)), STR("\\")))
		buf_puts(out, newline);
	if (!v->section) {
		if (out->len)
			buf_puts(out, newline);
		buf_fmt(out, "[%.*s]%s", STR_FMT(section), newline);
	}
	put_setting(out, style, v->between, name, value);
	buf_puts(out, newline);
}

static int check_words(struct str section, struct str name, struct str value)
{
	if (!name.len || !edit_one_line(name) || !edit_one_line(value) || !edit_one_line(section))
		return -EINVAL;
	return str_ends(value, STR("\\")) ? -EINVAL : 0;
}

int edit_set(struct str text, const struct edit_style *style, struct str section, struct str name,
	     struct str value, struct buf *out)
{
	struct survey v = look(text, style, section, name);
	struct walk w = walk_of(text, style, section);
	const char *newline = edit_newline(text);
	struct setting s;
	struct str line;
	int r = edit_check(text);
	size_t place = !v.section ? text.len : v.example ? v.example : v.end;

	r = r < 0 ? r : check_words(section, name, value);
	if (r < 0)
		return r;
	if (!v.set && !place)
		put_new(out, &v, style, section, name, value, newline);
	while (walk_next(&w, &line, &s)) {
		if (s.name.ptr && same_name(style, s.name, name))
			put_changed(out, style, line, &s, value);
		else
			buf_str(out, line);
		if (!v.set && text.len - w.rest.len == place)
			put_new(out, &v, style, section, name, value, newline);
	}
	return edit_done(out);
}

int edit_unset(struct str text, const struct edit_style *style, struct str section, struct str name,
	       struct buf *out)
{
	struct walk w = walk_of(text, style, section);
	struct setting s;
	struct str line, part;
	int r = edit_check(text);

	if (r < 0)
		return r;
	while (walk_next(&w, &line, &s)) {
		if (!s.name.ptr || !same_name(style, s.name, name)) {
			buf_str(out, line);
			continue;
		}
		while (edit_line(&line, &part)) {
			buf_putc(out, style->comment[0]);
			buf_str(out, part);
		}
	}
	return edit_done(out);
}
