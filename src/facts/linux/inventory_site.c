/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extensions of sites that were found by their core. */
#include <dirent.h>

#include "facts/inventory/manifest.h"
#include "facts/linux/inventory.h"

#define HEADER_BYTES ((size_t)8192)
#define ENTRIES_MAX 2000 /* of one folder */
#define FILES_MAX 50     /* of a plugin, until one has the header */

/* 1: listed; 0: not there. */
static int list(struct inventory_read *x, struct str path, struct dir_list *ret)
{
	int r = root_list(x->c->root, path.ptr, x->c->arena, ret);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR)
			collect_problem(x->c, r, path.ptr, "%s", collect_error(r));
		return 0;
	}
	if (ret->n > ENTRIES_MAX) {
		collect_problem(x->c, E2BIG, path.ptr, "only %d of its entries were looked at",
				ENTRIES_MAX);
		ret->n = ENTRIES_MAX;
	}
	return 1;
}

struct site {
	struct inventory_read *x;
	bool found;
};

static int pass_on(void *user, const struct component *c)
{
	struct site *s = user;

	s->found = true;
	return s->x->fn(s->x->user, c);
}

/* 1: it named a component. */
static int read_one(struct inventory_read *x, struct str path, struct str name, manifest_fn *fn)
{
	struct site s = { .x = x };
	struct str text, outer = x->path;
	int r;

	x->path = path;
	r = inventory_text(x, path.ptr, &text);
	if (r == 1)
		r = fn(text, name, x->c->arena, pass_on, &s, NULL);
	x->path = outer;
	return r < 0 ? r : s.found;
}

/* WordPress takes the first file of the folder that has the header. */
static int read_plugin(struct inventory_read *x, struct str dir, struct str slug)
{
	struct dir_list files;
	unsigned tried = 0;
	int r = list(x, dir, &files);

	for (size_t i = 0; r == 1 && i < files.n && tried < FILES_MAX; i++) {
		struct str name = str_of(files.entries[i].name);
		struct str path;
		int e;

		if (files.entries[i].type == DT_DIR || !str_ends(name, STR(".php")))
			continue;
		tried++;
		path = arena_cat(x->c->arena, dir, STR("/"), name);
		e = path.ptr ? read_one(x, path, slug, manifest_wordpress_plugin) : -ENOMEM;
		if (e != 0)
			return MIN(e, 0);
	}
	return MIN(r, 0);
}

static int plugins(struct inventory_read *x, struct str dir)
{
	struct dir_list entries;
	int r = list(x, dir, &entries), e = 0;

	for (size_t i = 0; r == 1 && e >= 0 && i < entries.n; i++) {
		struct str name = str_of(entries.entries[i].name), slug;
		struct str path = arena_cat(x->c->arena, dir, STR("/"), name);

		if (!path.ptr)
			return -ENOMEM;
		if (entries.entries[i].type == DT_DIR) {
			e = read_plugin(x, path, name);
		} else if (str_ends(name, STR(".php"))) {
			slug = str_sub(name, 0, name.len - 4);
			e = read_one(x, path, slug, manifest_wordpress_plugin);
		}
	}
	return r < 0 ? r : MIN(e, 0);
}

static int themes(struct inventory_read *x, struct str dir)
{
	struct dir_list entries;
	int r = list(x, dir, &entries), e = 0;

	for (size_t i = 0; r == 1 && e >= 0 && i < entries.n; i++) {
		struct str name = str_of(entries.entries[i].name);
		struct str path = arena_fmt(x->c->arena, "%s/%s/style.css", dir.ptr, name.ptr);

		if (!path.ptr)
			return -ENOMEM;
		if (entries.entries[i].type == DT_DIR)
			e = read_one(x, path, name, manifest_wordpress_theme);
	}
	return r < 0 ? r : MIN(e, 0);
}

/* Without the last n components of the path. */
static struct str above(struct str path, unsigned n)
{
	while (n--) {
		ssize_t slash = str_rfind(path, '/');

		path = str_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
	}
	return path;
}

int inventory_wordpress(struct inventory_read *x, struct str version_file)
{
	static const struct str dirs[] = { STR("/wp-content/plugins"),
					   STR("/wp-content/mu-plugins") };
	struct str base = above(version_file, 2), path;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(dirs); i++) {
		path = arena_cat(x->c->arena, base, dirs[i], STR(""));
		r = path.ptr ? plugins(x, path) : -ENOMEM;
	}
	if (r >= 0) {
		path = arena_cat(x->c->arena, base, STR("/wp-content/themes"), STR(""));
		r = path.ptr ? themes(x, path) : -ENOMEM;
	}
	return r;
}

/* Every *.xml of a folder; the first that is the manifest of an extension is its own. */
static int joomla_folder(struct inventory_read *x, struct str dir, struct str name)
{
	struct dir_list files;
	int r = list(x, dir, &files);

	for (size_t i = 0; r == 1 && i < files.n; i++) {
		struct str file = str_of(files.entries[i].name), path;
		int e;

		if (files.entries[i].type == DT_DIR || !str_ends(file, STR(".xml")))
			continue;
		path = arena_cat(x->c->arena, dir, STR("/"), file);
		e = path.ptr ? read_one(x, path, name, manifest_joomla) : -ENOMEM;
		if (e != 0)
			return MIN(e, 0);
	}
	return MIN(r, 0);
}

static int joomla_folders(struct inventory_read *x, struct str dir, unsigned depth)
{
	struct dir_list entries;
	int r = list(x, dir, &entries), e = 0;

	for (size_t i = 0; r == 1 && e >= 0 && i < entries.n; i++) {
		struct str name = str_of(entries.entries[i].name);
		struct str path = arena_cat(x->c->arena, dir, STR("/"), name);

		if (!path.ptr)
			return -ENOMEM;
		if (entries.entries[i].type == DT_DIR)
			e = depth ? joomla_folders(x, path, depth - 1)
				  : joomla_folder(x, path, name);
	}
	return r < 0 ? r : MIN(e, 0);
}

int inventory_joomla(struct inventory_read *x, struct str manifest)
{
	static const struct {
		struct str dir;
		unsigned depth;
	} places[] = {
		{STR("/administrator/components"), 0},
		{ STR("/administrator/modules"),   0},
		{ STR("/modules"),                 0},
		{ STR("/templates"),               0},
		{ STR("/plugins"),                 1},
	};
	struct str base = above(manifest, 4);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(places); i++) {
		struct str dir = arena_cat(x->c->arena, base, places[i].dir, STR(""));

		r = dir.ptr ? joomla_folders(x, dir, places[i].depth) : -ENOMEM;
	}
	return r;
}
