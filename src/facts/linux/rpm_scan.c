/* SPDX-License-Identifier: GPL-3.0-or-later */
/* primary.xml of a repository, of which a distribution's has 100 MB and more. */
#include "facts/linux/rpm_scan.h"

#include <sqlite3.h>

#include "base/unpack.h"
#include "base/xml.h"
#include "facts/linux/rpm_db.h"
#include "facts/store.h"

#define CHUNK ((size_t)4 << 20) /* and the longest package */
#define PRIMARY_MAX ((uint64_t)2 << 30)
#define DATABASE_MAX ((size_t)512 << 20)

struct str rpm_evr(struct arena *a, struct str epoch, struct str version, struct str release)
{
	bool stated = epoch.len && !str_eq(epoch, STR("0"));

	return stated ? arena_fmt(a, "%.*s:%.*s-%.*s", STR_FMT(epoch), STR_FMT(version),
				  STR_FMT(release))
		      : arena_cat(a, version, STR("-"), release);
}

static bool is_text(struct str s)
{
	return s.len <= RPM_TEXT_MAX && !(s.len && memchr(s.ptr, 0, s.len)) &&
	       str_find(s, '&') < 0 && str_find(s, '<') < 0;
}

static bool is_offer(const struct rpm_offer *o)
{
	return o->name.len && o->arch.len && o->version.len && o->release.len && is_text(o->name) &&
	       is_text(o->arch) && is_text(o->epoch) && is_text(o->version) &&
	       is_text(o->release) && is_text(o->source);
}

static void set_text(struct rpm_offer *o, struct str element, unsigned depth, struct str text)
{
	text = str_trim(text);
	if (depth == 2 && str_eq(element, STR("name")))
		o->name = text;
	else if (depth == 2 && str_eq(element, STR("arch")))
		o->arch = text;
	else if (depth == 3 && str_eq(element, STR("rpm:sourcerpm")))
		o->source = text;
}

/* The element <package> and what is in it. */
static bool parse(struct str text, struct rpm_offer *ret)
{
	struct rpm_offer o = { .source = STR(""), .epoch = STR("") };
	struct xml x = { .rest = text };
	struct str element = STR("");
	enum xml_kind kind;
	unsigned depth = 0;

	while (xml_next(&x, &kind) == 0) {
		switch (kind) {
		case XML_OPEN:
			depth += !x.empty;
			element = x.empty ? STR("") : x.name;
			if (depth == 1 && x.empty && str_eq(x.name, STR("version"))) {
				(void)xml_attribute(&x, STR("epoch"), &o.epoch);
				(void)xml_attribute(&x, STR("ver"), &o.version);
				(void)xml_attribute(&x, STR("rel"), &o.release);
			}
			break;
		case XML_CLOSE:
			if (!depth--)
				return false;
			element = STR("");
			break;
		case XML_TEXT: set_text(&o, element, depth, x.text); break;
		case XML_END: *ret = o; return depth == 0 && is_offer(&o);
		}
	}
	return false;
}

static const char *find(struct str s, struct str what)
{
	return s.len ? memmem(s.ptr, s.len, what.ptr, what.len) : NULL;
}

/* The name is among the first things; nearly all of a list is of packages that nobody asked for. */
static bool wanted(const struct rpm_scan *s, struct str text)
{
	static const struct str open = STR("<name>");
	const char *p = find(text, open);
	struct str name;

	if (!p)
		return true;
	name = str_sub(text, (size_t)(p - text.ptr) + open.len, text.len);
	return map_get(s->names, str_trim(str_cut(&name, '<')));
}

static int package(struct rpm_scan *s, struct str text)
{
	const char *from = find(text, STR("<package "));
	struct rpm_offer o;

	s->packages++;
	if (!from) {
		s->bad++;
		return 0;
	}
	text = str_sub(text, (size_t)(from - text.ptr), text.len);
	if (!wanted(s, text))
		return 0;
	if (!parse(text, &o)) {
		s->bad++;
		return 0;
	}
	return map_get(s->names, o.name) ? s->fn(&o, s->user) : 0;
}

int rpm_scan_text(struct rpm_scan *s, struct str *text, bool last)
{
	static const struct str close = STR("</package>");
	int r = 0;

	while (r >= 0) {
		const char *p = find(*text, close);
		size_t n = p ? (size_t)(p - text->ptr) + close.len : 0;

		if (!p)
			break;
		r = package(s, str_sub(*text, 0, n));
		*text = str_sub(*text, n, text->len);
	}
	if (r >= 0 && last && !find(*text, STR("</metadata>")))
		return -EBADMSG;
	return MIN(r, 0);
}

static int each_text(struct str *text, bool last, void *user)
{
	return rpm_scan_text(user, text, last);
}

int rpm_scan_file(struct rpm_scan *s, int fd, uint64_t *ret_size)
{
	return unpack_each(fd, PRIMARY_MAX, CHUNK, each_text, s, ret_size);
}

static int on_row(sqlite3_stmt *st, void *user)
{
	struct rpm_scan *s = user;
	struct rpm_offer o = { .name = store_text(st, 0),
			       .arch = store_text(st, 1),
			       .epoch = store_text(st, 2),
			       .version = store_text(st, 3),
			       .release = store_text(st, 4),
			       .source = store_text(st, 5) };

	s->packages++;
	if (!map_get(s->names, o.name))
		return 0;
	if (is_offer(&o))
		return s->fn(&o, s->user);
	s->bad++;
	return 0;
}

static int unpack_whole(int fd, char **ret, size_t *ret_len)
{
	own(unpack_release) struct unpack u = {};
	own(free_ptr) char *p = NULL;
	size_t len = 0, cap = 0;
	ssize_t n = unpack_open(&u, fd, DATABASE_MAX);

	while (n >= 0) {
		if (len == cap) {
			char *more = realloc(p, cap = MAX(2 * cap, CHUNK));

			if (!more)
				return -ENOMEM;
			p = more;
		}
		n = unpack_read(&u, p + len, cap - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (n < 0)
		return (int)n;
	*ret = p;
	*ret_len = len;
	p = NULL;
	return 0;
}

int rpm_scan_database(struct rpm_scan *s, int fd, uint64_t *ret_size)
{
	static const char sql[] =
		"SELECT name, arch, epoch, version, release, rpm_sourcerpm FROM packages";
	own(free_ptr) char *p = NULL;
	struct rpm_sqlite db = { .fd = -1, .wal = -1 };
	char head[16] = "";
	size_t len = 0;
	struct stat st;
	int r = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (rpm_pread(fd, head, sizeof head, 0) == 0 && !memcmp(head, "SQLite format 3", 16)) {
		db.fd = fd;
		len = (size_t)st.st_size;
	} else {
		r = unpack_whole(fd, &p, &len);
		db.bytes = (struct str){ p, len };
	}
	if (r >= 0)
		r = rpm_sqlite_query(&db, "packages", sql, on_row, s);
	if (r >= 0)
		*ret_size = len;
	return r;
}
