/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/rpm_db.h"

enum { DATABASE_MAX = 48 << 20 };

static bool exists(struct collect *c, const char *path)
{
	struct stat st;

	return root_lstat(c->root, path, &st) == 0;
}

/* 1: read; 0: not there or a problem was reported. */
static int read_database(struct collect *c, const char *path, struct str *ret)
{
	int r = root_read(c->root, path, DATABASE_MAX, c->arena, ret, NULL);

	if (r == 0)
		return 1;
	if (r == -ENOENT || r == -ENOTDIR || r == -ENOMEM)
		return r == -ENOMEM ? r : 0;
	collect_problem(c, r, path, "cannot read the package database");
	return 0;
}

static int finish_text(struct collect *c, const char *path, int r, unsigned line)
{
	if (r != -EBADMSG)
		return r;
	collect_problem(c, r, path, "line %u: damaged or cut off, packages may be missing", line);
	return 0;
}

static int each_dpkg(struct collect *c, package_fn *fn, void *user)
{
	static const char status[] = "/var/lib/dpkg/status", dir[] = "/var/lib/dpkg/status.d";
	struct dir_list names;
	struct str text;
	unsigned line = 0;
	bool any;
	int r = read_database(c, status, &text);

	any = r == 1;
	if (r == 1)
		r = dpkg_parse(text, true, fn, user, &line);
	r = finish_text(c, status, r, line);
	if (r < 0)
		return r;
	/* Images made without dpkg ("distroless") have one file a package. */
	r = collect_list(c, dir, &names);
	for (size_t i = 0; r == 1 && i < names.n; i++) {
		struct str name = str_of(names.entries[i].name), path;
		int e;

		if (str_ends(name, STR(".md5sums")))
			continue;
		path = arena_cat(c->arena, STR("/var/lib/dpkg/status.d/"), name, STR(""));
		e = path.ptr ? read_database(c, path.ptr, &text) : -ENOMEM;
		if (e == 1)
			e = dpkg_parse(text, false, fn, user, &line);
		e = finish_text(c, path.ptr, e, line);
		if (e < 0)
			return e;
		any = true;
	}
	if (r >= 0 && !any && !exists(c, status) && exists(c, "/var/lib/dpkg"))
		collect_problem(c, ENOENT, status, "dpkg's list of packages is missing");
	return MIN(r, 0);
}

static int each_apk(struct collect *c, package_fn *fn, void *user)
{
	static const char *const dirs[] = { "/lib/apk/db", "/usr/lib/apk/db" };

	for (size_t i = 0; i < COUNT(dirs); i++) {
		struct str path = arena_cat(c->arena, str_of(dirs[i]), STR("/installed"), STR(""));
		struct str text;
		unsigned line = 0;
		int r = path.ptr ? read_database(c, path.ptr, &text) : -ENOMEM;

		if (r == 1) {
			r = apk_parse(text, fn, user, &line);
			return finish_text(c, path.ptr, r, line);
		}
		if (r < 0)
			return r;
		if (exists(c, dirs[i]) && !exists(c, path.ptr))
			collect_problem(c, ENOENT, path.ptr, "apk's list of packages is missing");
	}
	return 0;
}

struct rpm_user {
	struct collect *c;
	package_fn *fn;
	void *user;
};

static int each_rpm_header(const struct rpm_header *h, void *user)
{
	const struct rpm_user *u = user;
	struct package p;
	int r = rpm_package(h, u->c->arena, &p);

	return r < 0 ? r : u->fn(&p, u->user);
}

static int each_rpm(struct collect *c, package_fn *fn, void *user)
{
	return rpm_db_each(c, each_rpm_header, &(struct rpm_user){ c, fn, user });
}

/* Gives the memory back only if fn took none: then all that is above the mark is ours. */
struct guard {
	package_fn *fn;
	void *user;
	struct arena *arena;
	bool kept;
};

static int guard(const struct package *p, void *user)
{
	struct guard *g = user;
	size_t before = g->arena->used;
	int r = g->fn(p, g->user);

	g->kept |= g->arena->used != before;
	return r;
}

static const struct {
	const char *format;
	int (*each)(struct collect *, package_fn *, void *);
} databases[] = {
	{"deb",  each_dpkg},
	{ "rpm", each_rpm },
	{ "apk", each_apk },
};

static int each_of(struct collect *c, const char *format, package_fn *fn, void *user)
{
	struct guard g = { fn, user, c->arena, false };
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(databases); i++) {
		struct arena_mark mark = arena_mark(c->arena);

		if (format && strcmp(format, databases[i].format) != 0)
			continue;
		g.kept = false;
		r = databases[i].each(c, guard, &g);
		if (!g.kept)
			arena_rewind(c->arena, mark);
	}
	return r;
}

int package_db_each(struct collect *c, package_fn *fn, void *user)
{
	return each_of(c, NULL, fn, user);
}

int package_db_of(struct collect *c, const char *format, package_fn *fn, void *user)
{
	return each_of(c, format, fn, user);
}

struct finder {
	struct collect *c;
	const char *const *names;
	size_t n;
	struct package *ret;
	uint64_t first[4]; /* which first letters are wanted at all */
};

static int copy(struct arena *a, struct package *p)
{
	struct str *const texts[] = { &p->name,           &p->version, &p->arch,   &p->source,
				      &p->source_version, &p->status,  &p->format, &p->vendor,
				      &p->section,        &p->module };

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (!texts[i]->ptr)
			continue;
		*texts[i] = arena_str(a, *texts[i]);
		if (!texts[i]->ptr)
			return -ENOMEM;
	}
	return 0;
}

static int find_one(const struct package *p, void *user)
{
	struct finder *f = user;
	unsigned char first = (unsigned char)p->name.ptr[0];

	if (!p->installed || !(f->first[first / 64] & UINT64_C(1) << first % 64))
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		if (f->ret[i].name.ptr || !str_eq(p->name, str_of(f->names[i])))
			continue;
		f->ret[i] = *p;
		if (copy(f->c->arena, &f->ret[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

int package_db_find(struct collect *c, const char *const names[], size_t n, struct package ret[])
{
	struct finder f = { c, names, n, ret, {} };

	for (size_t i = 0; i < n; i++) {
		unsigned char first = (unsigned char)names[i][0];

		f.first[first / 64] |= UINT64_C(1) << first % 64;
		ret[i] = (struct package){};
	}
	return package_db_each(c, find_one, &f);
}
