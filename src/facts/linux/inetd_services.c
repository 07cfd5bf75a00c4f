/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inetd_services: Services of inetd and xinetd. */
#include "facts/fact.h"

#define FACT_ROW inetd_services_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "service") \
	X(TEXT, program, "server program") \
	X(INT, enabled, "1 or 0") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "inetd_services",
	.doc = "Services of inetd and xinetd.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static bool is_binary(struct str text) { return text.len && memchr(text.ptr, 0, text.len); }

/* inetd.conf(5): service, socket type, protocol, wait, user, program, arguments. */
static int read_inetd(struct collect *c, const char *path, struct str text, void *user)
{
	struct str line, word[6] = {};
	unsigned at = 0;
	size_t n;

	(void)user;
	if (is_binary(text)) {
		collect_problem(c, EBADMSG, path, "not text");
		return 0;
	}
	while (str_line(&text, &line, &at)) {
		struct inetd_services_row row = { .file = str_of(path), .line = at, .enabled = 1 };
		int r;

		line = str_trim(line);
		/* update-inetd(8) of Debian switches services off with this mark. */
		if (str_starts(line, STR("#<off>#"))) {
			row.enabled = 0;
			line = str_sub(line, 7, line.len);
		}
		if (!line.len || line.ptr[0] == '#')
			continue;
		for (n = 0; n < COUNT(word); n++)
			word[n] = str_word(&line);
		if (!word[5].len)
			continue;
		row.name = word[0];
		row.program = word[5];
		r = collect_row(c, &row);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Lists of the defaults section; they decide against what a service says of itself. */
struct xinetd {
	struct str disabled, enabled;
	bool has_enabled;
};

static bool in_words(struct str words, struct str name)
{
	struct str word;

	while ((word = str_word(&words)).len)
		if (str_eq(word, name))
			return true;
	return false;
}

struct service {
	struct inetd_services_row row;
	struct str id;
	bool open, defaults;
};

static void set_attribute(struct xinetd *x, struct service *s, struct str key, struct str value)
{
	bool yes = false;

	if (s->defaults && str_eq(key, STR("disabled"))) {
		x->disabled = value;
	} else if (s->defaults && str_eq(key, STR("enabled"))) {
		x->enabled = value;
		x->has_enabled = true;
	} else if (str_eq(key, STR("disable"))) {
		s->row.enabled = str_to_bool(value, &yes) < 0 || !yes;
	} else if (str_eq(key, STR("server"))) {
		s->row.program = value;
	} else if (str_eq(key, STR("id"))) {
		s->id = value;
	} else if (str_eq(key, STR("type")) && str_contains(value, STR("INTERNAL")) &&
		   !s->row.program.len) {
		s->row.program = STR("(internal)");
	}
}

static int end_service(struct collect *c, const struct xinetd *x, struct service *s)
{
	struct service done = *s;

	*s = (struct service){};
	if (!done.open || done.defaults)
		return 0;
	if (!done.id.len)
		done.id = done.row.name;
	if (in_words(x->disabled, done.id) || (x->has_enabled && !in_words(x->enabled, done.id)))
		done.row.enabled = 0;
	return collect_row(c, &done.row);
}

/* xinetd.conf(5). */
static int read_xinetd(struct collect *c, const char *path, struct str text, void *user)
{
	struct xinetd *x = user;
	struct service s = {};
	struct str line;
	unsigned at = 0;
	int r = 0;

	if (is_binary(text)) {
		collect_problem(c, EBADMSG, path, "not text");
		return 0;
	}
	while (r == 0 && str_line(&text, &line, &at)) {
		struct str rest = str_trim(line), word = str_word(&rest);

		if (!word.len || word.ptr[0] == '#' || word.ptr[0] == '{')
			continue;
		if (str_eq(word, STR("service")) || str_eq(word, STR("defaults"))) {
			s = (struct service){ .open = true,
					      .defaults = str_eq(word, STR("defaults")) };
			s.row = (struct inetd_services_row){ .name = str_word(&rest),
							     .enabled = 1,
							     .file = str_of(path),
							     .line = at };
		} else if (word.ptr[0] == '}') {
			r = end_service(c, x, &s);
		} else if (s.open) {
			line = str_trim(line);
			word = str_cut(&line, '=');
			while (word.len && strchr("+- \t", word.ptr[word.len - 1]))
				word.len--;
			if (line.ptr)
				set_attribute(x, &s, word, str_trim(line));
		}
	}
	if (r == 0 && s.open)
		collect_problem(c, EBADMSG, path, "line %u: a section never ends", at);
	return r;
}

static int collect(struct collect *c)
{
	struct xinetd x = {};
	struct str text;
	int r = collect_read(c, "/etc/inetd.conf", &text, NULL);

	if (r == 1)
		r = read_inetd(c, "/etc/inetd.conf", text, NULL);
	if (r == 0)
		r = collect_dropins(c, "/etc/inetd.d", "", read_inetd, NULL);
	if (r < 0)
		return r;
	r = collect_read(c, "/etc/xinetd.conf", &text, NULL);
	if (r == 1)
		r = read_xinetd(c, "/etc/xinetd.conf", text, &x);
	return r < 0 ? r : collect_dropins(c, "/etc/xinetd.d", "", read_xinetd, &x);
}

const struct collector collector_inetd_services = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
