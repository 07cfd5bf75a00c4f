/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apps_files: applications by their files. Folders are walked to a small depth and with a budget;
 * this is no search of the whole tree.
 */
#include <dirent.h>

#include "facts/linux/app_probe.h"
#include "facts/linux/apps.h"

#define DIRS_MAX 4000
#define APPS_MAX 2000
#define MARKER_MAX ((size_t)1 << 20)

struct walk {
	struct collect *c;
	struct apps *out;
	struct str told; /* the file that was a problem last: several probes may read it */
	unsigned dirs;
	bool exhausted;
};

static int add(struct walk *w, const char *app, struct str version, struct str path)
{
	struct app a = { .name = str_of(app), .package = STR("") };

	if (w->out->n >= APPS_MAX)
		return 0;
	/* Names and paths come from lists that are given back. */
	a.version = arena_str(w->c->arena, version);
	a.path = arena_str(w->c->arena, path);
	if (!a.version.ptr || !a.path.ptr)
		return -ENOMEM;
	return apps_add(w->c, w->out, &a);
}

/* A file that tells the version of `f`; it may well be another program's of the same name. */
static int probe_file(struct walk *w, const struct app_file *f, struct str path)
{
	struct str text, version;
	int r = root_read(w->c->root, path.ptr, MARKER_MAX, w->c->arena, &text, NULL);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && !str_eq(w->told, path)) {
			collect_problem(w->c, r, path.ptr, "cannot be read");
			w->told = path;
		}
		return 0;
	}
	version = app_version(w->c->arena, text, f->keys);
	if (!version.ptr)
		return -ENOMEM;
	return version.len ? add(w, f->app, version, path) : 0;
}

static bool lists(const struct dir_list *list, struct str name)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(str_of(list->entries[middle].name), name);

		if (!order)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int probe_markers(struct walk *w, struct str dir, const struct dir_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && i < n_app_markers; i++) {
		struct str rest = str_of(app_markers[i].path), first = str_cut(&rest, '/'), path;

		if (!lists(list, first))
			continue;
		path = arena_cat(w->c->arena, dir, STR("/"), str_of(app_markers[i].path));
		r = path.ptr ? probe_file(w, &app_markers[i], path) : -ENOMEM;
	}
	return r;
}

/* Holds what is not installed software, or thousands of files of it. */
static bool is_dull(const char *name)
{
	static const char *const names[] = { "node_modules", "vendor", "uploads",  "cache", "tmp",
					     "log",          "logs",   "sessions", "proc",  "sys",
					     "man",          "locale", "doc",      "docs" };

	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static int walk_dir(struct walk *w, struct str dir, unsigned depth);

static int visit(struct walk *w, struct str dir, const struct dir_entry *e, unsigned depth)
{
	struct str name = str_of(e->name), version, path;
	const struct app_name *known = app_name_find(name, e->type == DT_DIR, &version);
	int r = 0;

	if (!known && (e->type != DT_DIR || depth <= 1 || is_dull(e->name)))
		return 0;
	path = arena_cat(w->c->arena, dir, STR("/"), name);
	if (!path.ptr)
		return -ENOMEM;
	if (known)
		r = add(w, known->app, version, path);
	if (!r && e->type == DT_DIR && depth > 1 && !is_dull(e->name))
		r = walk_dir(w, path, depth - 1);
	return r;
}

static int walk_dir(struct walk *w, struct str dir, unsigned depth)
{
	struct dir_list list;
	int r;

	if (w->dirs >= DIRS_MAX) {
		if (!w->exhausted)
			collect_problem(w->c, E2BIG, dir.ptr,
					"not looked at: more than %d folders in well-known places",
					DIRS_MAX);
		w->exhausted = true;
		return 0;
	}
	w->dirs++;
	r = root_list(w->c->root, dir.ptr, w->c->arena, &list);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && r != -EXDEV)
			collect_problem(w->c, r, dir.ptr, "cannot be read");
		return 0;
	}
	r = probe_markers(w, dir, &list);
	for (size_t i = 0; !r && i < list.n; i++)
		r = visit(w, dir, &list.entries[i], depth);
	return r;
}

static int walk_places(struct walk *w)
{
	static const struct {
		const char *pattern;
		unsigned depth;
	} places[] = {
		{"/var/www",                   4},
		{ "/srv",                      4},
		{ "/usr/share/nginx/html",     2},
		{ "/usr/share/wordpress",      1},
		{ "/usr/share/phpmyadmin",     1},
		{ "/usr/local/www",            3},
		{ "/home/*/public_html",       3},
		{ "/home/*/www",               3},
		{ "/home/*/htdocs",            3},
		{ "/home/*/*tomcat*",          4},
		{ "/opt",                      5},
		{ "/usr/local/lib",            1},
		{ "/usr/local/share",          2},
		{ "/usr/local",                1},
		{ "/usr/local/*tomcat*",       4},
		{ "/usr/local/elasticsearch*", 2},
		{ "/usr/local/solr*",          2},
	};

	for (size_t i = 0; i < COUNT(places); i++) {
		struct str *paths;
		size_t n = 0;
		int r = collect_glob(w->c, places[i].pattern, &paths, &n);

		for (size_t j = 0; r >= 0 && j < n; j++)
			r = walk_dir(w, paths[j], places[i].depth);
		if (r < 0)
			return r;
	}
	return 0;
}

int apps_from_files(struct collect *c, struct apps *ret)
{
	struct walk w = { .c = c, .out = ret };
	int r = walk_places(&w);

	for (size_t i = 0; r >= 0 && i < n_app_files; i++) {
		const struct app_file *f = &app_files[i];
		struct str *paths;
		size_t n = 0;

		r = collect_glob(c, f->path, &paths, &n);
		for (size_t j = 0; r >= 0 && j < n; j++) {
			struct str version;

			if (f->keys)
				r = probe_file(&w, f, paths[j]);
			else if (app_name_find(str_basename(paths[j]), false, &version))
				r = add(&w, f->app, version, paths[j]);
		}
	}
	return MIN(r, 0);
}
