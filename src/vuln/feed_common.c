/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/date.h"
#include "vuln/feed_work.h"
#include "vuln/index_format.h"

bool feed_is_document(struct str name)
{
	static const struct str ends[] = {
		STR(".json"), STR(".yaml"), STR(".yml"), STR(".md"),  STR(".csv"), STR(".part"),
		STR(".zip"),  STR(".gz"),   STR(".xz"),  STR(".zst"), STR(".bz2"), STR(".tar"),
	};

	for (size_t i = 0; i < COUNT(ends); i++)
		if (str_ends(name, ends[i]))
			return !str_starts(str_basename(name), STR("."));
	return false;
}

#define BROKEN_MAX 100u

bool feed_is_broken(int error) { return error == -EBADMSG || error == -ENOMSG || error == -E2BIG; }

int feed_believe(const struct feed_read *f, bool last, const char *path, struct diag *d)
{
	char text[300];

	if (!f->broken || (!last && f->broken <= BROKEN_MAX) || f->broken * 100 <= f->documents)
		return 0;
	diag_text(&f->first_broken, text, sizeof text);
	return diag_set(d, -EBADMSG, path, 0, "%llu of %llu documents are broken; the first: %s",
			(unsigned long long)f->broken, (unsigned long long)f->documents, text);
}

struct str feed_text(struct feed_read *f, const struct jdoc *doc, uint32_t v)
{
	struct str text = STR("");
	int r;

	if (!v || !jdoc_is(doc, v, J_STRING))
		return text;
	r = jdoc_text(doc, v, &f->arena, &text);
	if (r < 0)
		f->error = r;
	return text;
}

struct str feed_member(struct feed_read *f, const struct jdoc *doc, uint32_t object,
		       struct str name)
{
	return feed_text(f, doc, feed_get(doc, object, name));
}

struct str feed_root(struct feed_read *f, const struct jdoc *doc, struct str name)
{
	return feed_text(f, doc, jdoc_get(doc, 0, name));
}

int feed_unknown(struct jdoc *doc, uint32_t v, struct diag *d, const char *what, struct str value)
{
	char text[64];

	return diag_set(d, -EPROTONOSUPPORT, "", jdoc_line(doc, v), "%s '%s' is not known", what,
			text_safe(value, text, sizeof text));
}

int feed_broken(struct jdoc *doc, uint32_t v, struct diag *d, const char *what)
{
	return diag_set(d, -EBADMSG, "", jdoc_line(doc, v), "%s", what);
}

void feed_published(struct feed_read *f, struct str date)
{
	int64_t when;

	if (date_seconds(date, &when) == 0)
		f->now->published = MAX(f->now->published, when);
}

bool feed_keeps(const struct feed_read *f, struct str ecosystem)
{
	char folded[INDEX_TEXT_MAX], pattern[INDEX_TEXT_MAX];
	struct str name, family;
	size_t n, m;

	if (!f->n_keep)
		return true;
	if (!index_ecosystem(ecosystem, folded, &n))
		return false;
	name = family = (struct str){ folded, n };
	family = str_cut(&family, ':');
	for (size_t i = 0; i < f->n_keep; i++) {
		struct str p = { pattern, 0 };

		if (!index_ecosystem(f->keep[i], pattern, &m))
			continue;
		p.len = m;
		if (str_eq(p, family) || str_glob(p, name))
			return true;
	}
	return false;
}

enum index_severity feed_severity(struct str word)
{
	static const struct {
		const char *word;
		enum index_severity severity;
	} words[] = {
		{"critical",    RATED_CRITICAL  },
                { "high",       RATED_HIGH      },
		{ "important",  RATED_HIGH      },
                { "medium",     RATED_MEDIUM    },
		{ "moderate",   RATED_MEDIUM    },
                { "low",        RATED_LOW       },
		{ "minor",      RATED_LOW       },
                { "negligible", RATED_NEGLIGIBLE},
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_ieq(word, str_of(words[i].word)))
			return words[i].severity;
	return RATED_UNKNOWN;
}

bool feed_is_cve(struct str s)
{
	struct index_number n;

	return str_starts(s, STR("CVE-")) && index_id_parse(s, &n) &&
	       str_eq(n.prefix.text, STR("CVE-")) && n.prefix.separator == '-';
}

void feed_add_range(struct feed_read *f, struct feed_ranges *l, struct index_range range)
{
	int r = l->n < FEED_RANGES_MAX ? arena_push(&f->arena, l->at, l->n, l->cap, range) : -E2BIG;

	if (r < 0)
		f->error = r;
}

/* Without "%XX"; what is no escape stays. */
static struct str decode(struct feed_read *f, struct str s)
{
	char *out;
	size_t n = 0;

	if (str_find(s, '%') < 0)
		return s;
	out = arena_alloc(&f->arena, s.len);
	if (!out) {
		f->error = -ENOMEM;
		return STR("");
	}
	for (size_t i = 0; i < s.len; i++) {
		uint64_t value;

		if (s.ptr[i] == '%' && s.len - i > 2 &&
		    str_to_u64(str_sub(s, i + 1, i + 3), 16, &value) == 0) {
			out[n++] = (char)value;
			i += 2;
		} else {
			out[n++] = s.ptr[i];
		}
	}
	return (struct str){ out, n };
}

/* pkg:TYPE/[NAMESPACE/]NAME[@VERSION][?QUALIFIERS][#SUBPATH] */
bool feed_purl(struct feed_read *f, struct str text, struct feed_purl *ret)
{
	struct feed_purl p = {};
	ssize_t slash, at;

	if (!str_starts(text, STR("pkg:")))
		return false;
	text = str_sub(text, 4, text.len);
	text = str_cut(&text, '#');
	p.qualifiers = text;
	text = str_cut(&p.qualifiers, '?');
	p.name = text;
	p.type = str_cut(&p.name, '/');
	at = str_rfind(p.name, '@');
	slash = str_rfind(p.name, '/');
	if (at >= 0 && at > slash) {
		p.version = decode(f, str_sub(p.name, (size_t)at + 1, p.name.len));
		p.name = str_sub(p.name, 0, (size_t)at);
	}
	if (slash >= 0) {
		p.space = decode(f, str_sub(p.name, 0, (size_t)slash));
		p.name = str_sub(p.name, (size_t)slash + 1, p.name.len);
	}
	p.name = decode(f, p.name);
	if (!p.type.len || !p.name.len)
		return false;
	*ret = p;
	return true;
}

struct str feed_qualifier(struct feed_read *f, const struct feed_purl *p, struct str key)
{
	struct str rest = p->qualifiers;

	while (rest.ptr) {
		struct str value = str_cut(&rest, '&'), name = str_cut(&value, '=');

		if (str_eq(name, key))
			return decode(f, value);
	}
	return STR("");
}
