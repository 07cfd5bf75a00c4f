/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The databases of dpkg (deb822(5)) and apk (apk-installed), which are text. */
#include "facts/linux/package_db.h"

struct stanza {
	struct package p;
	struct str want; /* first word of Status */
	unsigned line;   /* where it starts; 0: none is open */
};

struct parser {
	package_fn *fn;
	void *user;
	bool need_status;
	unsigned bad_line; /* the first */
	struct stanza s;
};

static void set_bad(struct parser *p, unsigned line)
{
	if (!p->bad_line)
		p->bad_line = line;
}

static void dpkg_status(struct stanza *s, struct str value)
{
	s->want = str_word(&value);
	(void)str_word(&value);
	s->p.status = str_word(&value);
}

/* "openssl (3.0.1-1)" */
static void dpkg_source(struct stanza *s, struct str value)
{
	s->p.source = str_word(&value);
	value = str_trim(value);
	if (value.len > 2 && value.ptr[0] == '(' && value.ptr[value.len - 1] == ')')
		s->p.source_version = str_sub(value, 1, value.len - 1);
}

static void dpkg_field(struct stanza *s, struct str name, struct str value)
{
	struct {
		struct str name, *to;
	} const fields[] = {
		{STR("Package"),       &s->p.name   },
                { STR("Version"),      &s->p.version},
		{ STR("Architecture"), &s->p.arch   },
                { STR("Section"),      &s->p.section},
		{ STR("Maintainer"),   &s->p.vendor },
	};

	value = str_trim(value);
	for (size_t i = 0; i < COUNT(fields); i++) {
		if (str_ieq(name, fields[i].name)) {
			*fields[i].to = value;
			return;
		}
	}
	if (str_ieq(name, STR("Status")))
		dpkg_status(s, value);
	else if (str_ieq(name, STR("Source")))
		dpkg_source(s, value);
}

static int finish(struct parser *p, struct str format)
{
	struct stanza s = p->s;

	p->s = (struct stanza){};
	if (!s.line)
		return 0;
	s.p.format = format;
	s.p.install_time = FACT_UNKNOWN;
	if (!s.p.status.len && !p->need_status)
		s.p.status = STR("installed");
	if (str_eq(s.p.status, STR("not-installed")))
		return 0;
	if (!s.p.name.len || !s.p.status.len || !s.p.version.len) {
		set_bad(p, s.line);
		return 0;
	}
	s.p.hold = str_eq(s.want, STR("hold"));
	s.p.installed = !str_eq(s.p.status, STR("config-files"));
	if (!s.p.source.len)
		s.p.source = s.p.name;
	if (!s.p.source_version.len)
		s.p.source_version = s.p.version;
	return p->fn(&s.p, p->user);
}

/* Both formats: a line that was cut off or holds NUL ends the trust in the text. */
static bool next_line(struct parser *p, struct str *text, struct str *ret, unsigned *line)
{
	const char *end;

	if (!text->len)
		return false;
	end = text->ptr + text->len;
	if (!str_line(text, ret, line))
		return false;
	if (ret->ptr + ret->len == end || (ret->len && memchr(ret->ptr, 0, ret->len)))
		set_bad(p, *line);
	return true;
}

int dpkg_parse(struct str text, bool need_status, package_fn *fn, void *user, unsigned *ret_line)
{
	struct parser p = { .fn = fn, .user = user, .need_status = need_status };
	struct str line, name;
	unsigned at = 0;
	int r = 0;

	while (r == 0 && next_line(&p, &text, &line, &at)) {
		if (line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
			continue;
		if (!line.len) {
			r = finish(&p, STR("deb"));
			continue;
		}
		name = str_cut(&line, ':');
		if (!line.ptr)
			set_bad(&p, at);
		if (!p.s.line)
			p.s.line = at;
		dpkg_field(&p.s, name, line);
	}
	if (r == 0)
		r = finish(&p, STR("deb"));
	if (r == 0 && p.bad_line) {
		*ret_line = p.bad_line;
		r = -EBADMSG;
	}
	return r;
}

int apk_parse(struct str text, package_fn *fn, void *user, unsigned *ret_line)
{
	struct parser p = { .fn = fn, .user = user };
	struct str line;
	unsigned at = 0;
	int r = 0;

	while (r == 0 && next_line(&p, &text, &line, &at)) {
		if (!line.len) {
			r = finish(&p, STR("apk"));
			continue;
		}
		if (!p.s.line)
			p.s.line = at;
		if (line.len < 2 || line.ptr[1] != ':') {
			set_bad(&p, at);
			continue;
		}
		switch (line.ptr[0]) {
		case 'P': p.s.p.name = str_sub(line, 2, line.len); break;
		case 'V': p.s.p.version = str_sub(line, 2, line.len); break;
		case 'A': p.s.p.arch = str_sub(line, 2, line.len); break;
		case 'o': p.s.p.source = str_sub(line, 2, line.len); break;
		case 'm': p.s.p.vendor = str_sub(line, 2, line.len); break;
		default: break;
		}
	}
	if (r == 0)
		r = finish(&p, STR("apk"));
	if (r == 0 && p.bad_line) {
		*ret_line = p.bad_line;
		r = -EBADMSG;
	}
	return r;
}
