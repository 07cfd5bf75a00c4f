/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_packages: Packages of dpkg, rpm or apk in images and containers on the disk. */
#include "base/map.h"
#include "facts/linux/container_store.h"
#include "facts/linux/os_release.h"
#include "facts/linux/package_db.h"

#define FACT_ROW container_packages_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, layer, "the layer whose list of packages counts: the highest that has one, see container_layers") \
	X(TEXT, os_id, "distribution of the image: debian, alpine …; ''") \
	X(TEXT, os_version, "its version, ''") \
	X(TEXT, name, "binary package") \
	X(TEXT, version, "version with epoch") \
	X(TEXT, arch, "architecture") \
	X(TEXT, source, "source package; the name where not stated") \
	X(TEXT, source_version, "version of the source") \
	X(TEXT, format, "deb, rpm or apk")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "container_packages",
	.doc = "Packages of dpkg, rpm or apk in images and containers on the disk.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "layer",
};

struct run {
	struct collect *c;
	struct container_packages_row row;
};

static bool has(const struct root *layer, const char *const paths[], size_t n)
{
	struct stat st;

	for (size_t i = 0; i < n; i++)
		if (root_stat(layer, paths[i], &st) == 0)
			return true;
	return false;
}

/* The folder of a layer as a root of its own, so that its links lead nowhere else. */
static int open_layer(struct collect *c, const struct store_layer *layer, struct root *ret)
{
	int fd = -1, r = root_open_dir(c->root, layer->path.ptr, &fd);

	if (r < 0)
		return r;
	*ret = (struct root){ .fd = fd, .path = strdup(layer->path.ptr) };
	return ret->path ? 0 : -ENOMEM;
}

static int add(const struct package *p, void *user)
{
	struct run *run = user;

	if (!p->installed)
		return 0;
	run->row.name = p->name;
	run->row.version = p->version;
	run->row.arch = p->arch;
	run->row.source = p->source;
	run->row.source_version = p->source_version;
	run->row.format = p->format;
	return collect_row(run->c, &run->row);
}

static int read_release(struct collect *c, const struct root *root, struct run *run)
{
	static const char *const files[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct str text, key, value;
	unsigned line = 0;
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && r != -ENOMEM && i < COUNT(files); i++)
		r = root_read(root, files[i], 65536, c->arena, &text, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	while ((r = os_release_next(&text, c->arena, &key, &value, &line)) == 1) {
		if (str_eq(key, STR("ID")))
			run->row.os_id = value;
		else if (str_eq(key, STR("VERSION_ID")))
			run->row.os_version = value;
	}
	return r == -ENOMEM ? r : run->row.os_id.len > 0;
}

/* From the top down: the first that says which distribution it is. */
static int find_release(struct collect *c, const struct store_image *image, struct run *run)
{
	int r = 0;

	for (size_t i = image->n; r == 0 && i--;) {
		own(root_release) struct root root = ROOT_NONE;

		r = open_layer(c, &image->layers[i], &root);
		if (r >= 0)
			r = read_release(c, &root, run);
		if (r < 0 && r != -ENOMEM)
			r = 0;
	}
	return MIN(r, 0);
}

static int read_image(struct collect *c, const struct store_image *image, struct map *done)
{
	static const char *const databases[] = {
		"/var/lib/dpkg/status",      "/var/lib/dpkg/status.d", "/lib/apk/db/installed",
		"/usr/lib/apk/db/installed", "/var/lib/rpm",           "/usr/lib/sysimage/rpm"
	};
	struct run run = { .c = c };
	int r = 0;

	for (size_t i = image->n; r >= 0 && i--;) {
		const struct store_layer *layer = &image->layers[i];
		own(root_release) struct root root = ROOT_NONE;
		struct root_trouble trouble = {};
		struct collect sub = *c;

		r = open_layer(c, layer, &root);
		if (r < 0 && r != -ENOMEM) {
			r = 0;
			continue;
		}
		if (r < 0 || !has(&root, databases, COUNT(databases)))
			continue;
		if (map_get(done, layer->name))
			return 0;
		r = map_put(done, layer->name, 1);
		if (r >= 0)
			r = find_release(c, image, &run);
		root.trouble = &trouble;
		sub.root = &root;
		sub.notes = NULL;
		run.row.layer = layer->name;
		return r < 0 ? r : package_db_each(&sub, add, &run);
	}
	return r;
}

static int collect(struct collect *c)
{
	own(map_release) struct map done = {};
	struct store_images all = {};
	int r = container_store(c, &all);

	for (size_t i = 0; r >= 0 && i < all.n; i++)
		r = read_image(c, &all.list[i], &done);
	return r;
}

const struct collector collector_container_packages = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
	.budget_ms = 20'000,
	.row_limit = 500'000,
};
