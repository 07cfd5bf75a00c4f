/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kernels: Installed kernels, running or not. */
#include <dirent.h>

#include "facts/fact.h"
#include "facts/linux/package_db.h"

#define FACT_ROW kernels_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, version, "release, as uname -r would print it") \
	X(TEXT, path, "image below /boot, or the module directory") \
	X(TEXT, package, "owning package, '' when none") \
	X(INT, running, "1 for the running one") \
	X(INT, newest, "1 for the highest version among installed ones")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "kernels",
	.doc = "Installed kernels, running or not.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

struct kernel {
	struct str version, path;
};

struct finder {
	struct collect *c;
	struct kernel *list;
	size_t n, cap;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int add(struct finder *f, struct str version, struct str path)
{
	struct kernel k = { version, path };

	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->list[i].version, version))
			return 0;
	if (!version.ptr || !path.ptr)
		return -ENOMEM;
	return arena_push(f->c->arena, f->list, f->n, f->cap, k);
}

/* Names that are no release ("vmlinuz-lts", "vmlinuz-0-rescue-…") say nothing of the version. */
static int find_images(struct finder *f)
{
	static const struct str prefixes[] = { STR("vmlinuz-"), STR("vmlinux-"), STR("Image-"),
					       STR("kernel-") };
	struct dir_list list;
	int r = collect_list(f->c, "/boot", &list);
	size_t n = r == 1 ? list.n : 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str name = str_of(list.entries[i].name);

		for (size_t k = 0; r >= 0 && k < COUNT(prefixes); k++) {
			struct str version = str_sub(name, prefixes[k].len, name.len);

			if (!str_starts(name, prefixes[k]) || !version.len ||
			    !is_digit(version.ptr[0]) || str_contains(version, STR("rescue")) ||
			    list.entries[i].type == DT_DIR)
				continue;
			r = add(f, version, arena_fmt(f->c->arena, "/boot/%.*s", STR_FMT(name)));
		}
	}
	return MIN(r, 0);
}

/* A directory that a removed kernel left behind has neither of these. */
static bool is_complete(struct collect *c, struct str dir)
{
	static const char *const files[] = { "vmlinuz", "modules.dep.bin", "modules.dep",
					     "kernel" };
	struct stat st;

	for (size_t i = 0; i < COUNT(files); i++) {
		struct str path = arena_fmt(c->arena, "%.*s/%s", STR_FMT(dir), files[i]);

		if (path.ptr && root_stat(c->root, path.ptr, &st) >= 0)
			return true;
	}
	return false;
}

static int find_modules(struct finder *f)
{
	static const char *const dirs[] = { "/usr/lib/modules", "/lib/modules" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(dirs); i++) {
		struct dir_list list;
		int got = collect_list(f->c, dirs[i], &list);

		if (got < 0)
			return got;
		for (size_t k = 0; got == 1 && r >= 0 && k < list.n; k++) {
			struct str name = str_of(list.entries[k].name);
			struct str path = arena_fmt(f->c->arena, "%s/%.*s", dirs[i], STR_FMT(name));

			if (!path.ptr)
				return -ENOMEM;
			if (is_digit(name.ptr[0]) && is_complete(f->c, path))
				r = add(f, name, path);
		}
	}
	return r;
}

/* "6.1.0-18-cloud-amd64" without the flavour: "6.1.0-18". */
static struct str without_flavour(struct str v)
{
	for (;;) {
		ssize_t dash = str_rfind(v, '-');

		if (dash <= 0 || (size_t)dash + 1 >= v.len || is_digit(v.ptr[dash + 1]))
			return v;
		v = str_sub(v, 0, (size_t)dash);
	}
}

static struct str take_run(struct str *s, bool digits)
{
	size_t n = 0;
	struct str run;

	while (n < s->len && is_digit(s->ptr[n]) == digits)
		n++;
	run = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return run;
}

static struct str without_zeros(struct str s)
{
	while (s.len > 1 && s.ptr[0] == '0')
		s = str_sub(s, 1, s.len);
	return s;
}

/* Runs of digits as numbers, the rest as text. */
static int compare_versions(struct str a, struct str b)
{
	int r = 0;

	while (r == 0 && (a.len || b.len)) {
		struct str x = take_run(&a, false), y = take_run(&b, false);

		r = str_cmp(x, y);
		if (r)
			break;
		x = without_zeros(take_run(&a, true));
		y = without_zeros(take_run(&b, true));
		r = x.len != y.len ? (x.len > y.len) - (x.len < y.len) : str_cmp(x, y);
	}
	return r;
}

static int emit(struct finder *f, struct str running)
{
	struct str *paths = arena_array(f->c->arena, f->n, sizeof *paths);
	struct str *owners = arena_array(f->c->arena, f->n, sizeof *owners);
	struct str newest = {};
	int r = paths && owners ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < f->n; i++) {
		struct str v = without_flavour(f->list[i].version);

		paths[i] = f->list[i].path;
		if (!newest.len || compare_versions(v, newest) > 0)
			newest = v;
	}
	if (r >= 0 && f->n)
		r = package_db_owners(f->c, paths, f->n, owners);
	for (size_t i = 0; r >= 0 && i < f->n; i++) {
		const struct kernel *k = &f->list[i];
		struct str v = without_flavour(k->version);

		r = collect_row(f->c, &(struct kernels_row){
					      .version = k->version,
					      .path = k->path,
					      .package = owners[i],
					      .running = str_eq(k->version, running),
					      .newest = compare_versions(v, newest) == 0,
				      });
	}
	return r;
}

static int collect(struct collect *c)
{
	struct finder f = { .c = c };
	struct str running = STR("");
	int r = find_images(&f);

	/* Alpine's images have no version in their names, and Fedora's lie with the modules. */
	if (r >= 0 && !f.n)
		r = find_modules(&f);
	if (c->proc &&
	    root_read(c->proc, "sys/kernel/osrelease", 4096, c->arena, &running, NULL) >= 0)
		running = str_trim(running);
	return r < 0 ? r : emit(&f, running);
}

const struct collector collector_kernels = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
