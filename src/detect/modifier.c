/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: Sigma modifiers appendix v2.1.0. */
#include "detect/modifier.h"
#include "detect/encode.h"
#include "detect/number.h"

#define KIND(kind) (1U << (kind))
#define TEXT KIND(ATOM_TEXT)
#define TEXTS (KIND(ATOM_TEXT) | KIND(ATOM_REGEX) | KIND(ATOM_FIELD))

struct modifier {
	const char *name;
	unsigned kinds; /* of atoms that it takes; 0: it is no business of single values */
	bool first;     /* only before every other */
	/* One of both: in place, or one value to several. */
	int (*change)(struct sigma *s, struct work *w, int arg);
	int (*expand)(struct sigma *s, const struct work *w, struct works *out);
	int arg;
};

enum { AT_START = 1, AT_END = 2 };

/* arg: which ends stay open. */
static int open_ends(struct sigma *s, struct work *w, int arg)
{
	bool start = arg & AT_START, end = arg & AT_END;
	struct atom *atom = &w->atom;

	/* What goes on after the value has no padding here. */
	while (end && w->padded && atom->pattern.n &&
	       atom->pattern.text[atom->pattern.n - 1] == '=')
		atom->pattern.n--;
	if (atom->kind == ATOM_TEXT)
		return pattern_open(s->arena, start, end, &atom->pattern);
	if (atom->kind == ATOM_FIELD) {
		atom->flags |= (start ? ATOM_OPEN_START : 0) | (end ? ATOM_OPEN_END : 0);
		return 0;
	}
	/* A regular expression is looked for anywhere by itself. */
	if (!start)
		atom->text = arena_cat(s->arena, STR("\\A(?:"), atom->text, STR(")"));
	if (!end)
		atom->text = arena_cat(s->arena, STR("(?:"), atom->text, STR(")\\z"));
	return atom->text.ptr ? 0 : -ENOMEM;
}

static int make_regex(struct sigma *s, struct work *w, int arg)
{
	(void)arg;
	if (!w->source->text.len)
		return sigma_bad(s, w->source, "an empty regular expression");
	w->atom.kind = ATOM_REGEX;
	w->atom.text = w->source->text;
	return 0;
}

static int add_flag(struct sigma *s, struct work *w, int arg)
{
	(void)s;
	w->atom.flags |= (uint8_t)arg;
	return 0;
}

static int plain_only(struct sigma *s, const struct work *w, const char *what)
{
	if (pattern_is_plain(&w->atom.pattern))
		return 0;
	return sigma_bad(s, w->source, "%s of a value with wildcards", what);
}

static int make_base64(struct sigma *s, struct work *w, int arg)
{
	int r = plain_only(s, w, "base64");
	struct str text;

	(void)arg;
	if (r < 0)
		return r;
	text = encode_base64(s->arena, pattern_text(&w->atom.pattern));
	w->padded = true;
	return text.ptr ? pattern_literal(s->arena, text, &w->atom.pattern) : -ENOMEM;
}

int modifier_base64_offset(struct sigma *s, const struct work *w, struct works *out)
{
	int r = plain_only(s, w, "base64offset");

	for (unsigned offset = 0; r == 0 && offset < 3; offset++) {
		struct work copy = *w;
		struct str text =
			encode_base64_offset(s->arena, pattern_text(&w->atom.pattern), offset);

		if (text.ptr && !text.len)
			return sigma_bad(s, w->source, "too short for base64offset");
		r = text.ptr ? pattern_literal(s->arena, text, &copy.atom.pattern) : -ENOMEM;
		if (r == 0)
			r = arena_push(s->arena, out->list, out->n, out->cap, copy);
	}
	return r;
}

enum { UTF16_LE, UTF16_BE, UTF16_BOM };

/* Wildcards stay what they are; what lies between them is encoded. */
static int make_utf16(struct sigma *s, struct work *w, int arg)
{
	const struct pattern *from = &w->atom.pattern;
	struct pattern to = {}, piece;
	int r = 0;

	if (arg == UTF16_BOM)
		r = pattern_literal(s->arena, STR("\xff\xfe"), &to);
	for (size_t i = 0, end; r == 0 && i < from->n; i = end) {
		struct str text;

		for (end = i + 1; !from->special[i] && end < from->n && !from->special[end];)
			end++;
		piece = (struct pattern){ from->text + i, from->special + i, end - i };
		if (!from->special[i]) {
			r = encode_utf16(s->arena, (struct str){ from->text + i, end - i },
					 arg == UTF16_BE, &text);
			if (r == -EINVAL)
				return sigma_bad(s, w->source, "UTF-16 of what is not UTF-8");
			if (r == 0)
				r = pattern_literal(s->arena, text, &piece);
		}
		if (r == 0)
			r = pattern_append(s->arena, &to, &piece);
	}
	if (r == 0)
		w->atom.pattern = to;
	return r;
}

static int make_exists(struct sigma *s, struct work *w, int arg)
{
	bool want;

	(void)arg;
	if (str_to_bool(w->source->text, &want) < 0)
		return sigma_bad(s, w->source, "exists takes true or false");
	w->atom.kind = ATOM_EXISTS;
	w->negated = !want;
	return 0;
}

static int make_number(struct sigma *s, struct work *w)
{
	if (w->atom.kind == ATOM_COMPARE)
		return 0;
	if (number_parse(w->source->text, &w->atom.number) < 0)
		return sigma_bad(s, w->source, "not a number");
	w->atom.kind = ATOM_COMPARE;
	w->atom.op = COMPARE_EQ;
	return 0;
}

static int make_compare(struct sigma *s, struct work *w, int arg)
{
	int r = make_number(s, w);

	w->atom.op = (uint8_t)arg;
	return r;
}

static int make_part(struct sigma *s, struct work *w, int arg)
{
	int r = make_number(s, w);

	w->atom.part = (uint8_t)arg;
	return r;
}

static int make_fieldref(struct sigma *s, struct work *w, int arg)
{
	int r = plain_only(s, w, "fieldref");

	(void)arg;
	if (r == 0)
		r = sigma_name(s, w->source, pattern_text(&w->atom.pattern), &w->atom.other);
	w->atom.kind = ATOM_FIELD;
	return r;
}

static int make_cidr(struct sigma *s, struct work *w, int arg)
{
	(void)arg;
	return modifier_cidr(s, w);
}

#define COMPARED (TEXT | KIND(ATOM_COMPARE))
#define REGEX KIND(ATOM_REGEX)

static const struct modifier modifiers[] = {
	{"all",           0,		       false, NULL,          NULL,                   0                },
	{ "neq",          0,		       false, NULL,          NULL,                   0                },
	{ "contains",     TEXTS,                   false, open_ends,     NULL,                   AT_START | AT_END},
	{ "startswith",   TEXTS,                   false, open_ends,     NULL,                   AT_END           },
	{ "endswith",     TEXTS,                   false, open_ends,     NULL,                   AT_START         },
	{ "exists",       TEXT,                    true,  make_exists,   NULL,                   0                },
	{ "cased",        TEXT | KIND(ATOM_FIELD), false, add_flag,      NULL,                   ATOM_CASED       },
	{ "re",           TEXT,                    true,  make_regex,    NULL,                   0                },
	{ "i",            REGEX,                   false, add_flag,      NULL,                   ATOM_NOCASE      },
	{ "m",            REGEX,                   false, add_flag,      NULL,                   ATOM_LINES       },
	{ "s",            REGEX,                   false, add_flag,      NULL,                   ATOM_DOT_ALL     },
	{ "ignorecase",   REGEX,                   false, add_flag,      NULL,                   ATOM_NOCASE      },
	{ "multiline",    REGEX,                   false, add_flag,      NULL,                   ATOM_LINES       },
	{ "dotall",       REGEX,                   false, add_flag,      NULL,                   ATOM_DOT_ALL     },
	{ "windash",      TEXT,                    false, NULL,          modifier_windash,       0                },
	{ "base64",       TEXT,                    false, make_base64,   NULL,                   0                },
	{ "base64offset", TEXT,                    false, NULL,          modifier_base64_offset, 0                },
	{ "wide",         TEXT,                    false, make_utf16,    NULL,                   UTF16_LE         },
	{ "utf16le",      TEXT,                    false, make_utf16,    NULL,                   UTF16_LE         },
	{ "utf16be",      TEXT,                    false, make_utf16,    NULL,                   UTF16_BE         },
	{ "utf16",        TEXT,                    false, make_utf16,    NULL,                   UTF16_BOM        },
	{ "cidr",         TEXT,                    true,  make_cidr,     NULL,                   0                },
	{ "fieldref",     TEXT,                    true,  make_fieldref, NULL,                   0                },
	{ "expand",       TEXT,                    false, NULL,          modifier_expand,        0                },
	{ "lt",           COMPARED,                false, make_compare,  NULL,                   COMPARE_LT       },
	{ "lte",          COMPARED,                false, make_compare,  NULL,                   COMPARE_LTE      },
	{ "gt",           COMPARED,                false, make_compare,  NULL,                   COMPARE_GT       },
	{ "gte",          COMPARED,                false, make_compare,  NULL,                   COMPARE_GTE      },
	{ "minute",       COMPARED,                false, make_part,     NULL,                   PART_MINUTE      },
	{ "hour",         COMPARED,                false, make_part,     NULL,                   PART_HOUR        },
	{ "day",          COMPARED,                false, make_part,     NULL,                   PART_DAY         },
	{ "week",         COMPARED,                false, make_part,     NULL,                   PART_WEEK        },
	{ "month",        COMPARED,                false, make_part,     NULL,                   PART_MONTH       },
	{ "year",         COMPARED,                false, make_part,     NULL,                   PART_YEAR        },
};

static const struct modifier *find(struct str name)
{
	for (size_t i = 0; i < COUNT(modifiers); i++)
		if (str_eq(name, str_of(modifiers[i].name)))
			return modifiers + i;
	return NULL;
}

static int add_modifier(struct sigma *s, struct item *item, struct str name)
{
	const struct modifier *m = find(name);

	if (!m)
		return sigma_bad(s, item->key, "the modifier %.*s is not known", STR_FMT(name));
	if (str_eq(name, STR("all")))
		item->all = true;
	else if (str_eq(name, STR("neq")))
		item->negated = true;
	else if (m->first && item->n)
		return sigma_bad(s, item->key, "%s must be the first modifier", m->name);
	else if (item->n == MODIFIERS_MAX)
		return sigma_bad(s, item->key, "more than %d modifiers", MODIFIERS_MAX);
	else
		item->modifiers[item->n++] = m;
	return 0;
}

int modifier_parse(struct sigma *s, const struct tree *key, struct item *ret)
{
	struct str rest = key->text, field = str_cut(&rest, '|');
	struct item item = { .key = key };
	int r = field.len ? sigma_name(s, key, field, &item.field) : 0;

	while (r == 0 && rest.ptr)
		r = add_modifier(s, &item, str_cut(&rest, '|'));
	if (r == 0)
		*ret = item;
	return r;
}

int modifier_apply(struct sigma *s, const struct item *item, size_t i, struct works *works)
{
	const struct modifier *m = item->modifiers[i];
	struct works out = {};
	int r = 0;

	for (size_t k = 0; r == 0 && k < works->n; k++) {
		struct work *w = works->list + k;

		if (!(m->kinds & KIND(w->atom.kind)))
			return sigma_bad(s, w->source, "%s does not apply to this value", m->name);
		r = m->change ? m->change(s, w, m->arg) : m->expand(s, w, &out);
		if (out.n > WORKS_MAX)
			return sigma_bad(s, w->source, "%s makes more than %d values", m->name,
					 WORKS_MAX);
	}
	if (r == 0 && m->expand)
		*works = out;
	return r;
}
