/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/conf.h"

#define SECONDS_MAX (366U * 86'400)

int conf_wrong(const struct conf *c, size_t word, const char *expected)
{
	char text[96];
	unsigned last = c->n ? c->columns[c->n - 1] + (unsigned)c->words[c->n - 1].len : 1;
	int r;

	if (word >= c->n)
		r = diag_set(c->d, -EINVAL, c->file, c->number, "expected %s here", expected);
	else
		r = diag_set(c->d, -EINVAL, c->file, c->number, "expected %s, not '%s'", expected,
			     text_safe(c->words[word], text, sizeof text));
	if (c->d && !c->d->column)
		c->d->column = word < c->n ? c->columns[word] : last;
	return r;
}

int conf_only(const struct conf *c, size_t n)
{
	return c->n > n ? conf_wrong(c, n, "the end of the line") : 0;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* "#" begins a comment where a word may begin. */
static int cut_words(struct conf *c, struct str text)
{
	size_t i = 0;

	c->n = 0;
	for (;;) {
		bool quoted;
		size_t from;

		while (i < text.len && is_blank(text.ptr[i]))
			i++;
		if (i == text.len || text.ptr[i] == '#')
			return 0;
		if (c->n == CONF_WORDS)
			return conf_wrong(c, CONF_WORDS - 1, "fewer words in a line");
		c->columns[c->n] = (unsigned)(i + 1);
		quoted = text.ptr[i] == '"';
		i += quoted;
		from = i;
		while (i < text.len && (quoted ? text.ptr[i] != '"' : !is_blank(text.ptr[i])))
			i++;
		c->words[c->n++] = str_sub(text, from, i);
		if (quoted && i == text.len)
			return conf_wrong(c, c->n, "a closing quote");
		i += quoted;
	}
}

int conf_next(struct conf *c)
{
	struct str line;

	while (str_line(&c->rest, &line, &c->number)) {
		int r;

		if (memchr(line.ptr, 0, line.len))
			return diag_set(c->d, -EINVAL, c->file, c->number,
					"this is no text: it holds a NUL byte");
		r = cut_words(c, line);
		if (r < 0 || c->n)
			return r < 0 ? r : 1;
	}
	return 0;
}

int conf_seconds(struct str s, unsigned *ret)
{
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = {
		{'s',  1     },
                { 'm', 60    },
                { 'h', 3600  },
                { 'd', 86'400}
	};
	unsigned unit = 1;
	uint64_t v;

	for (size_t i = 0; i < COUNT(units) && s.len; i++)
		if (s.ptr[s.len - 1] == units[i].unit) {
			unit = units[i].seconds;
			s.len--;
			break;
		}
	if (str_to_u64(s, 10, &v) || v > SECONDS_MAX / unit)
		return -EINVAL;
	*ret = (unsigned)v * unit;
	return 0;
}
