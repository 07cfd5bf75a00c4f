/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/feed_config.h"
#include "base/conf.h"
#include "vuln/feeds.h"

struct reading {
	struct conf c;
	struct feed_config *config;
	struct arena *a;
};

/* One without a name and a password: URLs are shown. */
static bool is_url(struct str s)
{
	struct str host = s;

	(void)str_cut(&host, '/');
	(void)str_cut(&host, '/');
	if (str_find(str_cut(&host, '/'), '@') >= 0)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || (unsigned char)s.ptr[i] >= 0x7f)
			return false;
	return s.len < 2'048 && (str_starts(s, STR("https://")) || str_starts(s, STR("http://")));
}

static bool is_digest(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!version_is_digit(s.ptr[i]) &&
		    (version_lower(s.ptr[i]) < 'a' || version_lower(s.ptr[i]) > 'f'))
			return false;
	return s.len == 64;
}

static struct feed_source *find(const struct feed_config *c, struct str name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(str_of(c->feeds[i].name), name))
			return &c->feeds[i];
	return NULL;
}

const struct feed_source *feed_config_find(const struct feed_config *c, const char *name)
{
	return find(c, str_of(name));
}

static int keep(struct reading *x, size_t word, const char **ret)
{
	*ret = arena_cstr(x->a, x->c.words[word]);
	return *ret ? 0 : -ENOMEM;
}

static int add_feed(struct reading *x)
{
	struct feed_source s = {};
	const struct conf *c = &x->c;
	int r;

	if (c->n < 2 || !feed_name_ok(c->words[1]) || find(x->config, c->words[1]))
		return conf_wrong(c, 1, "a new name of lower-case letters, digits, '-', '_', '.'");
	for (size_t i = 0; c->n > 2 && feed_format_name(i); i++)
		if (str_eq(c->words[2], str_of(feed_format_name(i))))
			s.format = feed_format_name(i);
	if (!s.format)
		return conf_wrong(c, 2, "a format (see: man holdfast-feed)");
	if (c->n < 4 || !is_url(c->words[3]))
		return conf_wrong(c, 3, "a URL with https:// or http:// and without a password");
	s.latest = c->n > 4 && str_eq(c->words[4], STR("latest"));
	if ((c->n > 4 && !s.latest) || c->n > 5)
		return conf_wrong(c, s.latest ? 5 : 4, "'latest' or the end of the line");
	if (x->config->n == FEED_CONFIG_FEEDS)
		return conf_wrong(c, 0, "no more feeds");
	r = keep(x, 1, &s.name) ?: keep(x, 3, &s.url);
	return r ?: arena_push(x->a, x->config->feeds, x->config->n, x->config->cap, s);
}

static int add_checksum(struct reading *x)
{
	struct feed_source *s = x->c.n > 1 ? find(x->config, x->c.words[1]) : NULL;

	if (!s)
		return conf_wrong(&x->c, 1, "the name of a feed above");
	if (x->c.n < 3 || (!is_url(x->c.words[2]) && !is_digest(x->c.words[2])))
		return conf_wrong(&x->c, 2, "64 hexadecimal digits or a URL");
	return conf_only(&x->c, 3) ?: keep(x, 2, &s->checksum);
}

static int add_token(struct reading *x)
{
	struct feed_source *s = x->c.n > 1 ? find(x->config, x->c.words[1]) : NULL;

	if (!s)
		return conf_wrong(&x->c, 1, "the name of a feed above");
	if (x->c.n < 3 || !str_starts(x->c.words[2], STR("/")))
		return conf_wrong(&x->c, 2, "the path of a file");
	return conf_only(&x->c, 3) ?: keep(x, 2, &s->token);
}

static int add_keep(struct reading *x)
{
	struct feed_config *config = x->config;
	int r = 0;

	if (x->c.n < 2)
		return conf_wrong(&x->c, 1, "an ecosystem, as Debian:12 or PyPI");
	for (size_t i = 1; r == 0 && i < x->c.n; i++) {
		const char *word;

		if (config->n_keep == FEED_CONFIG_FEEDS || x->c.words[i].len >= INDEX_TEXT_MAX)
			return conf_wrong(&x->c, i, "fewer or shorter ecosystems");
		r = keep(x, i, &word)
			    ?: arena_push(x->a, config->keep, config->n_keep, config->cap_keep,
					  str_of(word));
	}
	return r;
}

static int set_stale(struct reading *x)
{
	if (x->c.n < 2 || conf_seconds(x->c.words[1], &x->config->stale) < 0)
		return conf_wrong(&x->c, 1, "a time, as 36h or 7d");
	return conf_only(&x->c, 2);
}

int feed_config_parse(struct str text, const char *file, struct arena *a, struct feed_config *ret,
		      struct diag *d)
{
	static const struct {
		const char *key;
		int (*set)(struct reading *x);
	} keys[] = {
		{"feed",      add_feed    },
                { "checksum", add_checksum},
                { "token",    add_token   },
		{ "keep",     add_keep    },
                { "stale",    set_stale   },
	};
	struct feed_config config = { .stale = FEED_STALE };
	struct reading x = {
		.c = {.rest = text, .file = file, .d = d},
                  .config = &config, .a = a
	};
	int r;

	while ((r = conf_next(&x.c)) > 0) {
		size_t i = 0;

		while (i < COUNT(keys) && !str_eq(x.c.words[0], str_of(keys[i].key)))
			i++;
		if (i == COUNT(keys))
			return conf_wrong(&x.c, 0, "feed, checksum, token, keep or stale");
		r = keys[i].set(&x);
		if (r < 0)
			return r;
	}
	if (r == 0)
		*ret = config;
	return r;
}
