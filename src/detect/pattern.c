/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern: text with wildcards (rules specification, "String Wildcard" and "Escape Character"). */
#include "detect/sigma.h"

static int pattern_new(struct arena *a, size_t cap, struct pattern *ret)
{
	*ret = (struct pattern){ arena_alloc(a, cap + 1), arena_alloc(a, cap + 1), 0 };
	return ret->text && ret->special ? 0 : -ENOMEM;
}

static void put(struct pattern *p, char c, uint8_t special)
{
	if (special == PATTERN_STAR && p->n && p->special[p->n - 1] == PATTERN_STAR)
		return;
	p->text[p->n] = c;
	p->special[p->n++] = special;
}

static uint8_t wildcard(char c)
{
	return c == '*' ? PATTERN_STAR : c == '?' ? PATTERN_ANY : PATTERN_PLAIN;
}

int pattern_parse(struct arena *a, struct str text, struct pattern *ret)
{
	struct pattern p;
	int r = pattern_new(a, text.len, &p);

	for (size_t i = 0; r == 0 && i < text.len; i++) {
		char c = text.ptr[i], next = 0;

		if (i + 1 < text.len)
			next = text.ptr[i + 1];
		if (c == '\\' && (next == '\\' || next == '*' || next == '?')) {
			put(&p, next, PATTERN_PLAIN);
			i++;
		} else {
			put(&p, c, wildcard(c));
		}
	}
	if (r == 0)
		*ret = p;
	return r;
}

int pattern_literal(struct arena *a, struct str text, struct pattern *ret)
{
	struct pattern p;
	int r = pattern_new(a, text.len, &p);

	if (r < 0)
		return r;
	if (text.len)
		memcpy(p.text, text.ptr, text.len);
	p.n = text.len;
	*ret = p;
	return 0;
}

int pattern_append(struct arena *a, struct pattern *p, const struct pattern *more)
{
	struct pattern sum;
	int r = pattern_new(a, p->n + more->n, &sum);

	if (r < 0)
		return r;
	for (size_t i = 0; i < p->n; i++)
		put(&sum, p->text[i], p->special[i]);
	for (size_t i = 0; i < more->n; i++)
		put(&sum, more->text[i], more->special[i]);
	*p = sum;
	return 0;
}

int pattern_open(struct arena *a, bool start, bool end, struct pattern *p)
{
	struct pattern opened;
	int r = pattern_new(a, p->n + 2, &opened);

	if (r < 0)
		return r;
	if (start)
		put(&opened, '*', PATTERN_STAR);
	for (size_t i = 0; i < p->n; i++)
		put(&opened, p->text[i], p->special[i]);
	if (end)
		put(&opened, '*', PATTERN_STAR);
	*p = opened;
	return 0;
}

bool pattern_is_plain(const struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->special[i])
			return false;
	return true;
}

struct str pattern_text(const struct pattern *p) { return (struct str){ p->text, p->n }; }
