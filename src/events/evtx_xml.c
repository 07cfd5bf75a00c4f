/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/evtx_xml.h"
#include "events/evtx_reader.h"

#define ITEMS_MAX 16384U

struct parser {
	struct str s; /* what is left */
	struct arena *a;
	unsigned items;
	const char *reason;
};

static int fail(struct parser *p, const char *reason)
{
	if (!p->reason)
		p->reason = reason;
	return -EBADMSG;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || c == ':' || c < 0;
}

static void skip_blanks(struct parser *p)
{
	while (p->s.len && is_blank(p->s.ptr[0]))
		p->s = str_sub(p->s, 1, p->s.len);
}

static bool eat(struct parser *p, struct str token)
{
	if (!str_starts(p->s, token))
		return false;
	p->s = str_sub(p->s, token.len, p->s.len);
	return true;
}

/* Up to and with a token; false where it does not come. */
static bool eat_until(struct parser *p, struct str token, struct str *ret)
{
	const char *end = p->s.len ? memmem(p->s.ptr, p->s.len, token.ptr, token.len) : NULL;

	if (!end)
		return false;
	*ret = (struct str){ p->s.ptr, (size_t)(end - p->s.ptr) };
	p->s = str_sub(p->s, ret->len + token.len, p->s.len);
	return true;
}

/* Without the prefix of a namespace. */
static struct str take_name(struct parser *p, bool *ret_xmlns)
{
	struct str name = { p->s.ptr, 0 };
	ssize_t colon;

	while (name.len < p->s.len && is_name(name.ptr[name.len]))
		name.len++;
	p->s = str_sub(p->s, name.len, p->s.len);
	*ret_xmlns = str_eq(name, STR("xmlns")) || str_starts(name, STR("xmlns:"));
	colon = str_find(name, ':');
	return colon >= 0 ? str_sub(name, (size_t)colon + 1, name.len) : name;
}

static size_t put_utf8(uint32_t c, char *out)
{
	uint8_t units[4];
	size_t n = 2;

	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c > 0xffff) {
		uint32_t high = 0xd7c0U + (c >> 10), low = 0xdc00U + (c & 0x3ff);

		units[2] = (uint8_t)low;
		units[3] = (uint8_t)(low >> 8);
		c = high;
		n = 4;
	}
	units[0] = (uint8_t)c;
	units[1] = (uint8_t)(c >> 8);
	return evtx_utf8((const char *)units, n, out);
}

/* What stands between & and ; - at most as long as that, with both. 0: nothing known. */
static size_t put_reference(struct str name, char *out)
{
	static const struct {
		struct str name;
		char c;
	} entities[] = {
		{{ "amp", 3 },   '&' },
                { { "lt", 2 },   '<' },
                { { "gt", 2 },   '>' },
		{ { "quot", 4 }, '"' },
                { { "apos", 4 }, '\''},
	};
	uint64_t c;
	int r;

	for (size_t i = 0; i < COUNT(entities); i++)
		if (str_eq(name, entities[i].name)) {
			*out = entities[i].c;
			return 1;
		}
	if (!str_starts(name, STR("#")))
		return 0;
	if (str_starts(name, STR("#x")))
		r = str_to_u64(str_sub(name, 2, name.len), 16, &c);
	else
		r = str_to_u64(str_sub(name, 1, name.len), 10, &c);
	return r < 0 ? 0 : put_utf8(c > UINT32_MAX ? UINT32_MAX : (uint32_t)c, out);
}

/* Text with its references resolved; what is none stays as it is. ptr NULL: no memory. */
static struct str resolve(struct parser *p, struct str s)
{
	size_t room = s.len, n = 0;
	char *out;

	if (str_find(s, '&') < 0)
		return s;
	out = arena_alloc(p->a, room + 4);
	if (!out)
		return (struct str){};
	while (s.len) {
		ssize_t amp = str_find(s, '&');
		size_t plain = amp < 0 ? s.len : (size_t)amp, written;
		ssize_t end;

		memcpy(out + n, s.ptr, plain);
		n += plain;
		s = str_sub(s, plain, s.len);
		if (!s.len)
			break;
		end = str_find(str_sub(s, 0, 12), ';');
		written = end < 0 ? 0 : put_reference(str_sub(s, 1, (size_t)end), out + n);
		if (written) {
			s = str_sub(s, (size_t)end + 1, s.len);
		} else {
			out[n] = '&';
			written = 1;
			s = str_sub(s, 1, s.len);
		}
		n += written;
	}
	return (struct str){ out, n };
}

static struct evtx_item *add_item(struct parser *p, struct evtx_item ***tail)
{
	struct evtx_item *i = ++p->items <= ITEMS_MAX ? arena_new(p->a, struct evtx_item) : NULL;

	if (i) {
		**tail = i;
		*tail = &i->next;
	}
	return i;
}

static int add_text(struct parser *p, struct str text, struct evtx_item ***tail)
{
	struct evtx_item *i;

	if (!text.len)
		return 0;
	i = text.ptr ? add_item(p, tail) : NULL;
	if (!i)
		return fail(p, "too large");
	i->kind = EVTX_ITEM_VALUE;
	i->raw = (struct evtx_raw){ EVTX_UTF8, text };
	return 0;
}

static int take_attribute(struct parser *p, struct evtx_attribute ***tail)
{
	struct evtx_item **items;
	struct evtx_attribute *a;
	struct str value;
	bool xmlns, ended;
	struct str name = take_name(p, &xmlns);

	skip_blanks(p);
	if (!name.len || !eat(p, STR("=")))
		return fail(p, "an attribute without value");
	skip_blanks(p);
	if (eat(p, STR("\"")))
		ended = eat_until(p, STR("\""), &value);
	else
		ended = eat(p, STR("'")) && eat_until(p, STR("'"), &value);
	if (!ended)
		return fail(p, "an attribute without quotes");
	if (xmlns)
		return 0;
	a = ++p->items <= ITEMS_MAX ? arena_new(p->a, struct evtx_attribute) : NULL;
	if (!a)
		return fail(p, "too large");
	a->name = name;
	**tail = a;
	*tail = &a->next;
	items = &a->items;
	return add_text(p, resolve(p, value), &items);
}

/* Blanks between elements are for the eye. */
static void drop_blanks(struct evtx_element *e)
{
	bool elements = false;
	struct evtx_item **at = &e->items;

	for (const struct evtx_item *i = e->items; i; i = i->next)
		elements |= i->kind == EVTX_ITEM_ELEMENT;
	while (elements && *at) {
		if ((*at)->kind == EVTX_ITEM_VALUE && !str_trim((*at)->raw.bytes).len)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

static int take_element(struct parser *p, unsigned depth, struct evtx_item ***tail);

/* Up to the end tag, which is not looked at more closely than that it is one. */
static int take_content(struct parser *p, struct evtx_element *e, unsigned depth)
{
	struct evtx_item **tail = &e->items;
	struct str text;
	int r = 0;

	while (r == 0) {
		ssize_t tag = str_find(p->s, '<');

		if (tag < 0)
			return fail(p, "an element without end");
		text = resolve(p, str_sub(p->s, 0, (size_t)tag));
		p->s = str_sub(p->s, (size_t)tag, p->s.len);
		r = add_text(p, text, &tail);
		if (r < 0)
			return r;
		if (eat(p, STR("</")))
			return eat_until(p, STR(">"), &text) ? 0 : fail(p, "a tag without end");
		if (eat(p, STR("<!--")))
			r = eat_until(p, STR("-->"), &text) ? 0 : fail(p, "a comment without end");
		else if (eat(p, STR("<![CDATA[")))
			r = eat_until(p, STR("]]>"), &text) ? add_text(p, text, &tail)
							    : fail(p, "CDATA without end");
		else if (eat(p, STR("<?")))
			r = eat_until(p, STR("?>"), &text) ? 0 : fail(p, "a tag without end");
		else
			r = take_element(p, depth, &tail);
	}
	return r;
}

static int take_element(struct parser *p, unsigned depth, struct evtx_item ***tail)
{
	struct evtx_element *e = arena_new(p->a, struct evtx_element);
	struct evtx_item *i = e ? add_item(p, tail) : NULL;
	struct evtx_attribute **attributes;
	bool xmlns;
	int r;

	if (!i)
		return fail(p, "too large");
	i->kind = EVTX_ITEM_ELEMENT;
	i->element = e;
	if (depth >= EVTX_DEPTH_MAX)
		return fail(p, "nested too deeply");
	if (!eat(p, STR("<")))
		return fail(p, "no element");
	e->name = take_name(p, &xmlns);
	if (!e->name.len)
		return fail(p, "a tag without name");
	attributes = &e->attributes;
	for (;;) {
		skip_blanks(p);
		if (eat(p, STR("/>")))
			return 0;
		if (eat(p, STR(">")))
			break;
		r = take_attribute(p, &attributes);
		if (r < 0)
			return r;
	}
	r = take_content(p, e, depth + 1);
	drop_blanks(e);
	return r;
}

/* An <Event> and not an <Events> or <EventID>. */
static bool is_event(struct str s) { return s.len > 6 && (is_blank(s.ptr[6]) || s.ptr[6] == '>'); }

bool evtx_xml_find(struct str text, size_t *offset, struct str *ret)
{
	struct str rest = str_sub(text, *offset, text.len);

	for (;;) {
		const char *at = rest.len ? memmem(rest.ptr, rest.len, "<Event", 6) : NULL;
		const char *end;

		if (!at) {
			/* The beginning of one may stand at the very end. */
			*offset = text.len - MIN(rest.len, 6U);
			return false;
		}
		rest = str_sub(rest, (size_t)(at - rest.ptr), rest.len);
		*offset = (size_t)(rest.ptr - text.ptr);
		if (!is_event(rest)) {
			if (rest.len <= 6)
				return false;
			rest = str_sub(rest, 6, rest.len);
			continue;
		}
		end = memmem(rest.ptr, rest.len, "</Event>", 8);
		if (!end)
			return false;
		*ret = (struct str){ rest.ptr, (size_t)(end - rest.ptr) + 8 };
		*offset += ret->len;
		return true;
	}
}

int evtx_xml_read(struct evtx_reader *r, struct str event, uint64_t line, event_fn *emit,
		  void *user, const char **reason)
{
	struct parser p = { .s = event, .a = &r->scratch };
	struct evtx_item *items = NULL, **tail = &items;
	int error = 0;

	/* Values of the event before stand in it. */
	arena_rewind(&r->scratch, r->scratch_start);
	if (event.len > EVTX_XML_MAX)
		error = fail(&p, "longer than any event");
	if (error == 0)
		error = take_element(&p, 0, &tail);
	if (error == 0 && !evtx_decode_items(r, items))
		error = fail(&p, r->reason);
	if (error == 0) {
		evtx_finish(r, 0);
		r->event.record = line;
		r->event.raw = event;
		error = evtx_emit(r, emit, user);
	}
	if (p.reason && reason)
		*reason = p.reason;
	return error;
}
