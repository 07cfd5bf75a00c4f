/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/line.h"
#include "secrets/value.h"

static bool holds(struct str text, const char *p)
{
	return p >= text.ptr && p < text.ptr + text.len;
}

static uint32_t raw_of(const struct secret_line *l, const char *p)
{
	if (holds(l->text, p))
		return (uint32_t)(p - l->text.ptr);
	for (unsigned i = 0; i < l->n_decoded; i++)
		if (holds(l->decoded[i].text, p))
			return l->decoded[i].raw[p - l->decoded[i].text.ptr];
	return UINT32_MAX;
}

uint32_t secret_raw(const struct secret_line *l, const char *p)
{
	uint32_t raw = raw_of(l, p);

	return raw == UINT32_MAX ? raw : raw & ~SECRET_EXPANDED;
}

bool secret_expands(const struct secret_line *l, struct str value)
{
	for (unsigned i = 0; i < l->n_decoded && value.len; i++) {
		const struct secret_decoded *d = &l->decoded[i];

		if (!holds(d->text, value.ptr))
			continue;
		for (size_t k = 0; k < value.len; k++)
			if (d->raw[value.ptr - d->text.ptr + (ptrdiff_t)k] & SECRET_EXPANDED)
				return true;
		return false;
	}
	return false;
}

int secret_decode(struct secret_line *l, size_t n, char **ret, uint32_t **ret_raw)
{
	char *text;
	uint32_t *raw;

	if (l->n_decoded == COUNT(l->decoded))
		return -E2BIG;
	text = arena_alloc(l->arena, n + 1);
	raw = arena_array(l->arena, n + 1, sizeof *raw);
	if (!text || !raw)
		return -ENOMEM;
	l->decoded[l->n_decoded] = (struct secret_decoded){
		.text = {text, n},
                  .raw = raw
	};
	*ret = text;
	*ret_raw = raw;
	return 0;
}

struct str secret_decoded_end(struct secret_line *l, size_t n)
{
	struct secret_decoded *d = &l->decoded[l->n_decoded];

	d->text.len = n;
	l->n_decoded++;
	return d->text;
}

int secret_found(struct secret_line *l, const char *kind, struct str value)
{
	struct secret_hit hit = { .kind = kind, .value = value };
	uint32_t end;

	if (!value.len || secret_expands(l, value))
		return 0;
	hit.at = secret_raw(l, value.ptr);
	end = secret_raw(l, value.ptr + value.len - 1);
	if (hit.at == UINT32_MAX || end == UINT32_MAX || end < hit.at)
		return 0;
	end++;
	for (unsigned i = 0; i < l->n_seen; i++)
		if (hit.at < l->seen[i].end && l->seen[i].at < end)
			return 0;
	if (l->n_seen == SECRET_LINE_HITS)
		return 0;
	l->seen[l->n_seen].at = hit.at;
	l->seen[l->n_seen++].end = end;
	hit.len = end - hit.at;
	return l->fn(l->user, &hit);
}

int secret_anywhere(struct secret_line *l, struct str text)
{
	int r = secret_tokens(l, text);

	if (r >= 0)
		r = secret_urls(l, text);
	return r < 0 ? r : secret_marks(l, text);
}

int secret_statement(struct secret_line *l, struct str text)
{
	int r = secret_sql(l, text);

	return r < 0 ? r : secret_insert(l, text);
}

int secret_line(struct secret_line *l, unsigned grammar)
{
	struct str text = str_sub(l->text, 0, SECRET_LINE_MAX);
	int r;

	l->text = text;
	r = secret_anywhere(l, text);
	/* Before the shell's words, to which a comma is a part of them. */
	if (r >= 0)
		r = secret_lists(l, text);
	if (r >= 0 && (grammar & GRAMMAR_CODE))
		r = secret_spawned(l, text);
	if (r >= 0 && (grammar & GRAMMAR_SHELL))
		r = secret_shell(l, text);
	if (r >= 0)
		r = secret_statement(l, text);
	if (r >= 0 && (grammar & GRAMMAR_SETTING) && !l->inert)
		r = secret_directive(l, text, false);
	/* A command's words were looked at without their quotes already. */
	if (r >= 0 && grammar != GRAMMAR_SHELL && !l->inert)
		r = secret_pairs(l, text, grammar);
	return r;
}

int secret_column(struct secret_line *l, unsigned nth, bool pair)
{
	struct str rest = l->text, word = {};

	if (str_starts(str_trim(rest), STR("#")))
		return 0;
	for (unsigned i = 0; i < nth; i++)
		word = str_quoted_word(&rest);
	if (pair)
		word = str_find(word, ':') < 0
			       ? (struct str){}
			       : str_sub(word, (size_t)str_find(word, ':') + 1, word.len);
	return word.len && secret_value(word, CLASS_PASSWORD, SOURCE_TYPED)
		       ? secret_found(l, "stored-password", word)
		       : 0;
}
