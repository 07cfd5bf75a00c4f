/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/apt_sources.h"

static bool is_true(struct str v)
{
	bool yes = false;

	return str_to_bool(v, &yes) == 0 && yes;
}

static bool is_false(struct str v)
{
	bool yes = true;

	return str_to_bool(v, &yes) == 0 && !yes;
}

/* "amd64,i386" as "amd64 i386". */
static int set_archs(struct arena *a, struct str key, struct str value, struct apt_source *s)
{
	struct {
		struct str key, *to;
	} const options[] = {
		{STR("arch"),   &s->archs       },
		{ STR("arch+"), &s->archs_add   },
		{ STR("arch-"), &s->archs_remove},
	};

	for (size_t i = 0; i < COUNT(options); i++) {
		char *p;

		if (!str_ieq(key, options[i].key))
			continue;
		p = arena_alloc(a, value.len + 1);
		if (!p)
			return -ENOMEM;
		for (size_t k = 0; k < value.len; k++)
			if (value.ptr[k] == ',')
				p[k] = ' ';
			else
				p[k] = value.ptr[k];
		*options[i].to = (struct str){ p, value.len };
	}
	return 0;
}

/* [ arch=amd64 signed-by=/x.gpg trusted=yes ]; -EBADMSG where the bracket never closes. */
static int parse_options(struct arena *a, struct str *rest, struct apt_source *s)
{
	struct str options, word;

	*rest = str_trim(*rest);
	if (!rest->len || rest->ptr[0] != '[')
		return 0;
	*rest = str_sub(*rest, 1, rest->len);
	options = str_cut(rest, ']');
	if (!rest->ptr)
		return -EBADMSG;
	while ((word = str_word(&options)).len) {
		struct str key = str_cut(&word, '=');

		if (str_ieq(key, STR("signed-by")))
			s->signed_by = word;
		else if (str_ieq(key, STR("trusted")))
			s->trusted = is_true(word);
		else if (str_ieq(key, STR("allow-insecure")))
			s->insecure = is_true(word);
		else if (str_ieq(key, STR("check-valid-until")))
			s->ignores_valid = is_false(word);
		else if (set_archs(a, key, word, s) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* "cdrom:[Debian 12]/": blanks between the brackets belong to the address. */
static struct str next_uri(struct str *rest)
{
	struct str start = str_trim(*rest), uri;
	ssize_t open, close;

	*rest = start;
	uri = str_word(rest);
	open = str_find(uri, '[');
	close = str_find(start, ']');
	if (open < 0 || close < open || str_find(uri, ']') >= 0)
		return uri;
	while ((size_t)close < start.len && start.ptr[close] != ' ' && start.ptr[close] != '\t')
		close++;
	*rest = str_sub(start, (size_t)close, start.len);
	return str_sub(start, 0, (size_t)close);
}

/* 1: a repository; 0: none; -EBADMSG. `rest` follows the word "deb". */
static int parse_line(struct arena *a, struct str rest, struct apt_source *s)
{
	int r = parse_options(a, &rest, s);

	if (r < 0)
		return r;
	s->uris = next_uri(&rest);
	s->suites = str_word(&rest);
	s->components = str_trim(rest);
	if (!s->uris.len || str_find(s->uris, ':') <= 0 || !s->suites.len)
		return -EBADMSG;
	/* A suite that ends in "/" is a flat repository and has no components. */
	if (!s->components.len && !str_ends(s->suites, STR("/")))
		return -EBADMSG;
	return 1;
}

int apt_sources_parse_list(struct arena *a, struct str text, apt_source_fn *fn, void *user,
			   unsigned *ret_line)
{
	struct str line, word;
	unsigned at = 0;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, &at)) {
		struct apt_source s = { .line = at, .enabled = true };
		ssize_t hash;

		if (line.len && memchr(line.ptr, 0, line.len))
			return *ret_line = at, -EBADMSG;
		line = str_trim(line);
		while (line.len && line.ptr[0] == '#') {
			s.enabled = false;
			line = str_trim(str_sub(line, 1, line.len));
		}
		hash = str_find(line, '#');
		if (hash >= 0)
			line = str_sub(line, 0, (size_t)hash);
		word = str_word(&line);
		if (!word.len || (!s.enabled && !str_eq(word, STR("deb"))))
			continue;
		if (str_eq(word, STR("deb-src")))
			continue;
		r = str_eq(word, STR("deb")) ? parse_line(a, line, &s) : -EBADMSG;
		if (r == 1)
			r = fn(&s, user);
		else if (!s.enabled)
			r = 0; /* prose that begins with "deb" */
		else
			*ret_line = at;
	}
	return MIN(r, 0);
}

struct stanza {
	struct str types;
	struct apt_source s;
};

/* The value of a field with its continuation lines, joined by blanks. */
static int field_value(struct arena *a, struct str *text, unsigned *line, struct str *value)
{
	struct str l;

	*value = str_trim(*value);
	while (text->len && (text->ptr[0] == ' ' || text->ptr[0] == '\t' || text->ptr[0] == '#')) {
		bool comment = text->ptr[0] == '#';

		(void)str_line(text, &l, line);
		if (comment)
			continue;
		*value = arena_cat(a, *value, STR(" "), str_trim(l));
		if (!value->ptr)
			return -ENOMEM;
	}
	return 0;
}

static void set_field(struct stanza *st, struct str name, struct str value)
{
	if (str_ieq(name, STR("Types")))
		st->types = value;
	else if (str_ieq(name, STR("URIs")))
		st->s.uris = value;
	else if (str_ieq(name, STR("Suites")))
		st->s.suites = value;
	else if (str_ieq(name, STR("Components")))
		st->s.components = value;
	else if (str_ieq(name, STR("Signed-By")))
		st->s.signed_by = str_starts(str_trim(value), STR("-----BEGIN"))
					  ? STR("(key in the file)")
					  : str_trim(value);
	else if (str_ieq(name, STR("Trusted")))
		st->s.trusted = is_true(value);
	else if (str_ieq(name, STR("Allow-Insecure")))
		st->s.insecure = is_true(value);
	else if (str_ieq(name, STR("Architectures")))
		st->s.archs = value;
	else if (str_ieq(name, STR("Architectures-Add")))
		st->s.archs_add = value;
	else if (str_ieq(name, STR("Architectures-Remove")))
		st->s.archs_remove = value;
	else if (str_ieq(name, STR("Check-Valid-Until")))
		st->s.ignores_valid = is_false(value);
	else if (str_ieq(name, STR("Enabled")))
		st->s.enabled = is_true(value);
}

static int finish(struct stanza *st, apt_source_fn *fn, void *user)
{
	struct stanza done = *st;
	struct str type;
	bool deb = false;

	*st = (struct stanza){ .s.enabled = true };
	if (!done.s.line)
		return 0;
	while ((type = str_word(&done.types)).len)
		deb |= str_eq(type, STR("deb"));
	if (!deb)
		return 0;
	if (!done.s.uris.len || !done.s.suites.len)
		return -EBADMSG;
	return fn(&done.s, user);
}

int apt_sources_parse_deb822(struct arena *a, struct str text, apt_source_fn *fn, void *user,
			     unsigned *ret_line)
{
	struct stanza st = { .s.enabled = true };
	struct str line, name;
	unsigned at = 0;
	int r = 0;

	while (r == 0 && str_line(&text, &line, &at)) {
		*ret_line = at;
		if (line.len && memchr(line.ptr, 0, line.len))
			return -EBADMSG;
		if (line.len && line.ptr[0] == '#')
			continue;
		if (!str_trim(line).len) {
			r = finish(&st, fn, user);
			continue;
		}
		if (!st.s.line)
			st.s.line = at;
		name = str_cut(&line, ':');
		if (!line.ptr)
			return -EBADMSG;
		r = field_value(a, &text, &at, &line);
		if (r == 0)
			set_field(&st, str_trim(name), line);
	}
	return r == 0 ? finish(&st, fn, user) : r;
}
