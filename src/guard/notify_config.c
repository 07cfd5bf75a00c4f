/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of [alerts] as sinks. */
#include "base/file.h"
#include "guard/notify.h"

#define SECRET_MAX ((size_t)4 << 10)

struct reading {
	const struct config_sink *line;
	struct arena *a;
	const char *file;
	struct diag *d;
	size_t at; /* next word */
};

static int wrong(struct reading *x, const char *expected)
{
	int r = diag_set(x->d, -EINVAL, x->file, x->line->line, "%.*s: expected %s",
			 STR_FMT(x->line->kind), expected);

	if (x->d && !x->d->column)
		x->d->column = x->line->column;
	return r;
}

static const char *next(struct reading *x)
{
	return x->at < x->line->n ? x->line->words[x->at++].ptr : NULL;
}

/* The first line of a file that only its owner should read. */
static int read_secret(struct reading *x, const char **ret)
{
	const char *path = next(x);
	struct str text;
	int r = path && path[0] == '/' ? file_read(path, SECRET_MAX, x->a, &text) : -EINVAL;

	if (r == -EINVAL)
		return wrong(x, "the path of a file with the secret");
	if (r < 0)
		return diag_set(x->d, r, path, 0, "%s", file_error(r));
	*ret = arena_cstr(x->a, str_trim(str_cut(&text, '\n')));
	return *ret ? 0 : -ENOMEM;
}

/* What follows the address: a format, or "key value". */
static int read_rest(struct reading *x, struct sink_config *c)
{
	int r = 0;

	while (r >= 0 && x->at < x->line->n) {
		const char *word = next(x);
		int format = notice_format_find(str_of(word));

		if (format >= 0)
			c->format = (enum notice_format)format;
		else if (!strcmp(word, "secret"))
			r = read_secret(x, &c->secret);
		else if (!strcmp(word, "ca") && x->at < x->line->n)
			c->ca = next(x);
		else if (!strcmp(word, "user") && x->at < x->line->n)
			c->user = next(x);
		else
			r = wrong(x, "a format (text json ocsf cef slack teams mail), or ca FILE, "
				     "user NAME, secret FILE");
	}
	return r;
}

static int read_sink(struct reading *x, struct sink_config *c)
{
	struct str kind = x->line->kind;
	const char *where = next(x);

	if (str_eq(kind, STR("file"))) {
		if (where[0] != '/')
			return wrong(x, "a path that begins with /");
		*c = (struct sink_config){ .kind = SINK_FILE, .format = NOTICE_JSON, .url = where };
	} else if (str_eq(kind, STR("syslog"))) {
		*c = (struct sink_config){ .kind = SINK_SYSLOG,
					   .format = NOTICE_CEF,
					   .url = where };
	} else if (str_eq(kind, STR("webhook"))) {
		*c = (struct sink_config){ .kind = SINK_WEBHOOK,
					   .format = NOTICE_JSON,
					   .url = where };
	} else {
		*c = (struct sink_config){ .kind = SINK_MAIL, .format = NOTICE_MAIL, .url = where };
		c->from = next(x);
		c->to = next(x);
		if (!c->to)
			return wrong(x, "smtp://HOST:PORT FROM TO");
	}
	c->fd = -1;
	return read_rest(x, c);
}

int notify_sinks(const struct guard_config *c, const char *file, struct arena *a,
		 struct sink_config *ret, size_t *ret_n, struct diag *d)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_sinks; i++) {
		struct reading x = { .line = &c->sinks[i], .a = a, .file = file, .d = d };
		int r;

		if (n == SINKS_MAX)
			return wrong(&x, "at most 16 places to tell");
		r = read_sink(&x, &ret[n]);
		ret[n].level = (uint8_t)c->alert_level;
		/* A file has a descriptor only when it is opened. */
		if (r >= 0 && ret[n].kind != SINK_FILE)
			r = sink_check(&ret[n], d);
		if (r < 0) {
			if (d && !d->line)
				d->line = x.line->line;
			return r;
		}
		n++;
	}
	*ret_n = n;
	return 0;
}
