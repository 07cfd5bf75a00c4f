/* SPDX-License-Identifier: GPL-3.0-or-later */
/* modifier_expand: windash, placeholders, networks. */
#include "detect/modifier.h"
#include "detect/number.h"

#define DASHES_MAX 5
#define PLACEHOLDERS_MAX 8

/* "\%" while placeholders are looked for: a percent sign that is none of them. */
enum { PATTERN_ESCAPED = PATTERN_STAR + 1 };

static const struct str dashes[] = { STR("-"), STR("/"), STR("\u2013"), STR("\u2014"),
				     STR("\u2015") };

static bool is_word(const struct pattern *p, size_t i)
{
	unsigned char c = i < p->n && !p->special[i] ? (unsigned char)p->text[i] : 0;

	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* Length of the dash at i that begins an option: a word follows it and none comes before. */
static size_t dash_at(const struct pattern *p, size_t i)
{
	for (size_t k = 0; k < COUNT(dashes); k++) {
		size_t n = dashes[k].len;

		if (i + n <= p->n && !p->special[i] && !memcmp(p->text + i, dashes[k].ptr, n))
			return is_word(p, i + n) && !(i && is_word(p, i - 1)) ? n : 0;
	}
	return 0;
}

static int replace(struct sigma *s, const struct work *w, size_t at, size_t n,
		   const struct pattern *by, struct work *ret)
{
	const struct pattern *p = &w->atom.pattern;
	struct pattern sum = { p->text, p->special, at };
	struct pattern rest = { p->text + at + n, p->special + at + n, p->n - at - n };
	int r = pattern_append(s->arena, &sum, by);

	if (r == 0)
		r = pattern_append(s->arena, &sum, &rest);
	if (r == 0) {
		*ret = *w;
		ret->atom.pattern = sum;
	}
	return r;
}

static int push(struct sigma *s, const struct work *w, struct works *out)
{
	if (out->n > WORKS_MAX) /* modifier_apply() says so */
		return 0;
	return arena_push(s->arena, out->list, out->n, out->cap, *w);
}

/* Every dash from `from` on in every of its forms. */
static int dash_from(struct sigma *s, const struct work *w, size_t from, struct works *out)
{
	size_t n = 0;
	int r = 0;

	for (; from < w->atom.pattern.n; from++)
		if ((n = dash_at(&w->atom.pattern, from)))
			break;
	if (!n)
		return push(s, w, out);
	for (size_t k = 0; r == 0 && k < COUNT(dashes) && out->n <= WORKS_MAX; k++) {
		struct pattern dash;
		struct work one;

		r = pattern_literal(s->arena, dashes[k], &dash);
		if (r == 0)
			r = replace(s, w, from, n, &dash, &one);
		if (r == 0)
			r = dash_from(s, &one, from + dashes[k].len, out);
	}
	return r;
}

int modifier_windash(struct sigma *s, const struct work *w, struct works *out)
{
	const struct pattern *p = &w->atom.pattern;
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += dash_at(p, i) != 0;
	if (n > DASHES_MAX)
		return sigma_bad(s, w->source, "windash of more than %d dashes", DASHES_MAX);
	return dash_from(s, w, 0, out);
}

/* End of "%name%" that begins at i, or 0. */
static size_t placeholder_end(const struct pattern *p, size_t i)
{
	size_t k = i + 1;

	if (p->special[i] || p->text[i] != '%')
		return 0;
	while (k < p->n && is_word(p, k))
		k++;
	return k < p->n && k > i + 1 && !p->special[k] && p->text[k] == '%' ? k + 1 : 0;
}

static struct str bare(struct str name)
{
	name = str_trim(name);
	if (name.len > 1 && name.ptr[0] == '%' && name.ptr[name.len - 1] == '%')
		name = str_sub(name, 1, name.len - 1);
	return name;
}

static int expand_from(struct sigma *s, const struct work *w, size_t from, struct works *out);

static int expand_one(struct sigma *s, const struct work *w, size_t at, size_t end,
		      struct works *out)
{
	struct str name = { w->atom.pattern.text + at + 1, end - at - 2 };
	struct str lines = s->placeholders, line;
	bool found = false;
	int r = 0;

	while (r == 0 && out->n <= WORKS_MAX && str_line(&lines, &line, NULL)) {
		struct pattern value;
		struct work one;

		if (str_find(line, '=') < 0 || !str_eq(bare(str_cut(&line, '=')), name))
			continue;
		found = true;
		r = pattern_parse(s->arena, line, &value);
		if (r == 0)
			r = replace(s, w, at, end - at, &value, &one);
		if (r == 0)
			r = expand_from(s, &one, at + value.n, out);
	}
	if (r == 0 && !found)
		return sigma_bad(s, w->source, "the placeholder %%%.*s%% has no value",
				 STR_FMT(name));
	return r;
}

static int expand_from(struct sigma *s, const struct work *w, size_t from, struct works *out)
{
	const struct pattern *p = &w->atom.pattern;

	for (size_t i = from; i < p->n; i++) {
		size_t end = placeholder_end(p, i);

		if (end)
			return expand_one(s, w, i, end, out);
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->special[i] == PATTERN_ESCAPED)
			p->special[i] = PATTERN_PLAIN;
	return push(s, w, out);
}

/* "\%" is a plain percent sign. */
static int unescape(struct sigma *s, const struct pattern *from, struct pattern *ret)
{
	struct pattern p = { arena_alloc(s->arena, from->n + 1), arena_alloc(s->arena, from->n + 1),
			     0 };

	if (!p.text || !p.special)
		return -ENOMEM;
	for (size_t i = 0; i < from->n; i++) {
		bool escaped = !from->special[i] && from->text[i] == '\\' && i + 1 < from->n &&
			       !from->special[i + 1] && from->text[i + 1] == '%';

		i += escaped;
		p.text[p.n] = from->text[i];
		p.special[p.n++] = escaped ? PATTERN_ESCAPED : from->special[i];
	}
	*ret = p;
	return 0;
}

int modifier_expand(struct sigma *s, const struct work *w, struct works *out)
{
	struct work one = *w;
	size_t n = 0;
	int r = unescape(s, &w->atom.pattern, &one.atom.pattern);

	for (size_t i = 0, end; r == 0 && i < one.atom.pattern.n; i = end ? end : i + 1) {
		end = placeholder_end(&one.atom.pattern, i);
		n += end != 0;
	}
	if (n > PLACEHOLDERS_MAX)
		return sigma_bad(s, w->source, "more than %d placeholders", PLACEHOLDERS_MAX);
	return r < 0 ? r : expand_from(s, &one, 0, out);
}

int modifier_cidr(struct sigma *s, struct work *w)
{
	struct str bits = w->source->text, address = str_cut(&bits, '/');
	bool v4 = str_find(address, ':') < 0;
	int64_t n = v4 ? 32 : 128;

	if (number_address(str_trim(address), w->atom.address) < 0 ||
	    (bits.ptr && str_to_int64(str_trim(bits), &n) < 0) || n < 0 || n > (v4 ? 32 : 128))
		return sigma_bad(s, w->source, "not a network (address/bits)");
	w->atom.kind = ATOM_CIDR;
	w->atom.bits = (unsigned)n + (v4 ? 96 : 0);
	return 0;
}
