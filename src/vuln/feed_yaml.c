/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML of advisory databases as JSON. Scalars stay text, so that version 1.10 is not 1.1; only a
 * bare true, false or null is more.
 */
#include <yaml.h>

#include "vuln/feed_work.h"

#define YAML_MAX ((size_t)16 << 20)
#define DEPTH_MAX 60u

struct level {
	bool object, value; /* an object: a value comes next */
	size_t n;
};
struct convert {
	struct buf out; /* owned */
	struct level levels[DEPTH_MAX];
	unsigned depth;
	bool done;
};

static void convert_release(struct convert *c) { buf_release(&c->out); }

static void put_string(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c == '"' || c == '\\')
			buf_putc(out, '\\');
		if (c < ' ')
			buf_fmt(out, "\\u%04x", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

/* What stands between the last value and the next. */
static void separate(struct convert *c)
{
	struct level *l = c->depth ? &c->levels[c->depth - 1] : NULL;

	if (!l)
		return;
	if (l->object && l->value) {
		buf_putc(&c->out, ':');
	} else if (l->n++) {
		buf_putc(&c->out, ',');
	}
	l->value = l->object && !l->value;
}

static bool is_literal(struct str s)
{
	return str_eq(s, STR("true")) || str_eq(s, STR("false")) || str_eq(s, STR("null"));
}

static int put_scalar(struct convert *c, const yaml_event_t *e)
{
	struct str s = { (const char *)e->data.scalar.value, e->data.scalar.length };
	bool key = c->depth && c->levels[c->depth - 1].object && !c->levels[c->depth - 1].value;
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (e->data.scalar.anchor)
		return -ENOTSUP;
	separate(c);
	if (plain && !key && is_literal(s))
		buf_str(&c->out, s);
	else if (plain && !key && !s.len)
		buf_puts(&c->out, "null");
	else
		put_string(&c->out, s);
	return 0;
}

static int open_level(struct convert *c, bool object)
{
	bool key = c->depth && c->levels[c->depth - 1].object && !c->levels[c->depth - 1].value;

	if (c->depth == DEPTH_MAX || key)
		return c->depth == DEPTH_MAX ? -E2BIG : -ENOTSUP;
	separate(c);
	c->levels[c->depth++] = (struct level){ .object = object };
	buf_putc(&c->out, object ? '{' : '[');
	return 0;
}

static int close_level(struct convert *c)
{
	buf_putc(&c->out, c->levels[--c->depth].object ? '}' : ']');
	return 0;
}

static int one(struct convert *c, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT: return put_scalar(c, e);
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor ? -ENOTSUP : open_level(c, false);
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor ? -ENOTSUP : open_level(c, true);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: return close_level(c);
	case YAML_ALIAS_EVENT: return -ENOTSUP;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT: c->done = true; return 0;
	default: return 0;
	}
}

static int refuse(const yaml_event_t *e, int error, struct diag *d)
{
	const char *why = error == -E2BIG ? "nested deeper than is read"
					  : "YAML with anchors or keys that are no text";

	diag_set(d, -EBADMSG, "", (unsigned)e->start_mark.line + 1, "%s", why);
	return -EBADMSG;
}

static int convert(yaml_parser_t *parser, struct convert *c, struct diag *d)
{
	int r = 0;

	while (r == 0 && !c->done && !c->out.error) {
		yaml_event_t e;

		if (!yaml_parser_parse(parser, &e))
			return diag_set(d, -EBADMSG, "", (unsigned)parser->problem_mark.line + 1,
					"YAML: %s", parser->problem ? parser->problem : "broken");
		r = one(c, &e);
		if (r < 0)
			r = refuse(&e, r, d);
		yaml_event_delete(&e);
	}
	return r ?: c->out.error;
}

int feed_yaml(struct str text, struct arena *a, struct str *ret, struct diag *d)
{
	own(convert_release) struct convert c = { .out = BUF(4 * YAML_MAX) };
	yaml_parser_t parser;
	struct str json;
	int r;

	if (text.len > YAML_MAX)
		return diag_set(d, -EFBIG, "", 0, "more YAML than is read");
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	r = convert(&parser, &c, d);
	yaml_parser_delete(&parser);
	if (r < 0)
		return r;
	json = arena_str(a, buf_view(&c.out));
	if (!json.ptr)
		return -ENOMEM;
	*ret = json;
	return 0;
}
