/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>

#include "base/mapped.h"
#include "vuln/date.h"
#include "vuln/feed_work.h"
#include "vuln/index_format.h"

#define DOCUMENT_MEMORY ((size_t)64 << 20)

/* The first key of an object, 0: there is none. */
static uint32_t first_key(const struct jdoc *doc, uint32_t object)
{
	return jdoc_is(doc, object, J_OBJECT) && jdoc_length(doc, object) ? object + 1 : 0;
}

static bool has(const struct jdoc *doc, uint32_t object, const char *name)
{
	return jdoc_get(doc, object, str_of(name)) != 0;
}

static bool is_kev(const struct jdoc *doc)
{
	return has(doc, 0, "catalogVersion") && has(doc, 0, "vulnerabilities");
}

static bool is_csaf(const struct jdoc *doc)
{
	return has(doc, jdoc_get(doc, 0, STR("document")), "csaf_version");
}

static bool is_openvex(const struct jdoc *doc)
{
	return (has(doc, 0, "@context") || has(doc, 0, "metadata")) && has(doc, 0, "statements");
}

static bool is_msrc(const struct jdoc *doc)
{
	return has(doc, 0, "DocumentTracking") && has(doc, 0, "Vulnerability");
}

static bool is_alpine(const struct jdoc *doc)
{
	return has(doc, 0, "packages") && (has(doc, 0, "distroversion") || has(doc, 0, "reponame"));
}

static bool is_osv(const struct jdoc *doc)
{
	return has(doc, 0, "id") && (has(doc, 0, "modified") || has(doc, 0, "affected"));
}

static bool is_eol(const struct jdoc *doc)
{
	uint32_t result = jdoc_get(doc, 0, STR("result"));

	if (jdoc_is(doc, 0, J_ARRAY) && jdoc_length(doc, 0))
		return has(doc, 1, "cycle");
	return (result && has(doc, 0, "schema_version")) || has(doc, 0, "releaseCycle") ||
	       (has(doc, 0, "releases") && has(doc, 0, "permalink"));
}

static bool is_wordfence(const struct jdoc *doc)
{
	uint32_t key = first_key(doc, 0);

	return key && has(doc, key + 1, "software") && has(doc, key + 1, "id");
}

static bool is_debian(const struct jdoc *doc)
{
	uint32_t key = first_key(doc, 0), inner = key ? first_key(doc, key + 1) : 0;

	return inner && has(doc, inner + 1, "releases");
}

static const struct {
	const char *name;
	bool (*is)(const struct jdoc *doc);
	feed_json_fn *read;
} formats[] = {
	{"osv",        is_osv,       feed_osv      },
	{ "debian",    is_debian,    feed_debian   },
	{ "alpine",    is_alpine,    feed_alpine   },
	{ "csaf",      is_csaf,      feed_csaf     },
	{ "openvex",   is_openvex,   feed_openvex  },
	{ "msrc",      is_msrc,      feed_msrc     },
	{ "wordfence", is_wordfence, feed_wordfence},
	{ "kev",       is_kev,       feed_kev      },
	{ "eol",       is_eol,       feed_eol      },
	{ "epss",      NULL,         NULL          },
	{ "index",     NULL,         NULL          },
};

_Static_assert(COUNT(formats) == FEED_FORMATS, "a group each");

const char *feed_format_name(size_t i) { return i < COUNT(formats) ? formats[i].name : NULL; }

/* What was found must be what was asked for. */
static int settle(struct feed_read *f, const char *format, struct diag *d)
{
	size_t i = 0;

	if (f->format && strcmp(f->format, format) != 0)
		return diag_set(d, -EBADMSG, "", 0, "this is format %s, not %s", format, f->format);
	while (strcmp(formats[i].name, format) != 0)
		i++;
	f->now = &f->groups[i];
	f->now->format = formats[i].name;
	return f->now->build ? 0 : index_build_new(&f->now->build);
}

uint64_t feed_records(const struct feed_read *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i < FEED_FORMATS; i++)
		n += f->groups[i].records;
	return n;
}

static int read_json(struct feed_read *f, struct str text, struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	const struct joptions options = { .max_depth = 64 };
	int r = jdoc_parse(text, &options, &doc, d);

	if (r < 0)
		return r;
	for (size_t i = 0; i < COUNT(formats); i++) {
		if (!formats[i].is || !formats[i].is(&doc))
			continue;
		r = settle(f, formats[i].name, d);
		if (r == 0)
			r = formats[i].read(f, &doc, d);
		return r ?: f->error ?: index_build_error(f->now->build);
	}
	return diag_set(d, -ENOMSG, "", 0, "JSON, but of no feed that is known");
}

static int read_part(struct feed_read *f, struct str text, struct diag *d)
{
	struct str name = str_basename(f->name);
	struct index x;
	int r = settle(f, "index", d);

	if (!f->part)
		return r ?: diag_set(d, -EBADMSG, "", 0, "a part of an export cannot stand here");
	if (r == 0)
		r = index_read(text, &x, d);
	if (r == 0)
		r = index_check(&x, d);
	if (r == 0)
		r = f->part(f->part_user, name, text, d);
	f->now->records += r == 0;
	return r;
}

/* The pages of endoflife.date are YAML between two lines of dashes. */
static struct str front_matter(struct str text)
{
	struct str rest = text;
	const char *end;

	if (!str_starts(text, STR("---\n")))
		return text;
	rest = str_sub(rest, 4, rest.len);
	end = memmem(rest.ptr, rest.len, "\n---", 4);
	return end ? str_sub(rest, 0, (size_t)(end - rest.ptr) + 1) : rest;
}

static bool is_yaml(struct str text)
{
	return str_starts(text, STR("---\n")) || str_starts(text, STR("id:")) ||
	       str_starts(text, STR("schema_version:"));
}

static bool is_packed(struct str head)
{
	static const struct str magics[] = {
		STR("PK\3\4"),
		STR("PK\5\6"),
		STR("\x1f\x8b"),
		STR("\xfd"
		    "7zXZ"),
		STR("BZh"),
		STR("\x28\xb5\x2f\xfd"),
	};

	for (size_t i = 0; i < COUNT(magics); i++)
		if (str_starts(head, magics[i]))
			return true;
	return head.len > 262 && str_eq(str_sub(head, 257, 262), STR("ustar"));
}

static int read_document(struct feed_read *f, struct str text, struct diag *d)
{
	struct str utf8 = text;
	int r;

	if (str_starts(text, STR(INDEX_MAGIC)))
		return read_part(f, text, d);
	if (is_packed(text))
		return diag_set(d, -EBADMSG, "", 0, "an archive inside of an archive is not read");
	if (str_starts(text, STR("#model_version")) || str_starts(text, STR("cve,epss"))) {
		r = settle(f, "epss", d);
		return r ?: feed_epss(f, text, d);
	}
	if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
		utf8 = str_sub(text, 3, text.len);
	if (is_yaml(utf8)) {
		r = feed_yaml(front_matter(utf8), &f->arena, &utf8, d);
		if (r < 0)
			return r;
	}
	utf8 = str_trim(utf8);
	if (!str_starts(utf8, STR("{")) && !str_starts(utf8, STR("[")))
		return diag_set(d, -ENOMSG, "", 0, "no format of a feed that is known");
	return read_json(f, utf8, d);
}

int feed_read_text(struct feed_read *f, struct str name, struct str text, struct diag *d)
{
	struct arena_mark mark;
	int r;

	if (!f->arena.limit)
		f->arena.limit = DOCUMENT_MEMORY + 2 * text.len;
	f->arena.limit = MAX(f->arena.limit, DOCUMENT_MEMORY + 2 * text.len);
	mark = arena_mark(&f->arena);
	f->name = name;
	f->error = 0;
	r = read_document(f, text, d) ?: f->error;
	arena_rewind(&f->arena, mark);
	if (r < 0 && d) {
		if (!d->reason[0])
			diag_set(d, r, "", 0, "%s",
				 r == -E2BIG ? "more in one document than is read" : strerror(-r));
		text_safe(name, d->file, sizeof d->file);
	}
	return r;
}

int feed_read_file(struct feed_read *f, const char *path, struct diag *d)
{
	own(mapped_release) struct mapped file = {};
	int r = mapped_open(path, &file);

	if (r < 0)
		return diag_set(d, r, path, 0, "%s", strerror(-r));
	if (is_packed(str_sub(file.bytes, 0, 512))) {
		mapped_release(&file);
		return feed_archive(f, path, d);
	}
	if (file.bytes.len > FEED_FILE_MAX)
		return diag_set(d, -EFBIG, path, 0, "longer than %zu MiB", FEED_FILE_MAX >> 20);
	r = feed_read_text(f, str_of(path), file.bytes, d);
	if (r == 0 && mapped_torn(&file))
		r = diag_set(d, -EBADMSG, path, 0, "the file was changed while it was read");
	if (r == 0 && f->progress)
		f->progress(f->user, file.bytes.len, file.bytes.len, feed_records(f));
	return r;
}

void feed_read_release(struct feed_read *f)
{
	arena_release(&f->arena);
	for (size_t i = 0; i < FEED_FORMATS; i++)
		index_build_release(&f->groups[i].build);
}
