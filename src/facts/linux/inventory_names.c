/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/inventory_names.h"
#include "facts/inventory/jar.h"
#include "facts/inventory/program.h"
#include "facts/linux/app_probe.h"

static const struct inventory_header headers[] = {
	{"python", "patchlevel.h", "define PY_VERSION"               },
	{ "ruby",  "rbconfig.rb",  "CONFIG[\"RUBY_PROGRAM_VERSION\"]"},
};

const struct inventory_header *inventory_header(struct str name)
{
	for (size_t i = 0; i < COUNT(headers); i++)
		if (str_eq(name, str_of(headers[i].file)))
			return &headers[i];
	return NULL;
}

/* The folders of engines that hold one layer each, and the name of the layer's root in it. */
static const struct {
	struct str store, root;
} stores[] = {
	{STR("docker/overlay2"),				   STR("diff")},
	{ STR("docker/overlay"),				   STR("root")},
	{ STR("containers/storage/overlay"),                       STR("diff")},
	{ STR("io.containerd.snapshotter.v1.overlayfs/snapshots"), STR("fs")  },
	{ STR("io.containerd.snapshotter.v1.native/snapshots"),    STR("")    },
	{ STR("docker/vfs/dir"),				   STR("")    },
	{ STR("containers/storage/vfs/dir"),                       STR("")    },
};

/* Does a path end in these whole components? */
static bool ends_in(struct str path, struct str tail)
{
	return str_ends(path, tail) &&
	       (path.len == tail.len || path.ptr[path.len - tail.len - 1] == '/');
}

static bool is_marker(struct str dir, struct str name)
{
	for (size_t i = 0; i < n_app_markers; i++) {
		struct str path = str_of(app_markers[i].path), base = str_basename(path);

		if (!str_eq(name, base))
			continue;
		if (base.len == path.len || ends_in(dir, str_sub(path, 0, path.len - base.len - 1)))
			return true;
	}
	return inventory_header(name) != NULL;
}

static bool is_extension(struct str ext, const char *word) { return str_eq(ext, str_of(word)); }

/* "python3.11", "app-1.2.3", "tool.linux-amd64": no extension at all. */
static bool is_program_extension(struct str ext)
{
	return (ext.len && ext.ptr[0] >= '0' && ext.ptr[0] <= '9') || is_extension(ext, "bin") ||
	       is_extension(ext, "run") || str_starts(ext, STR("linux")) ||
	       is_extension(ext, "amd64") || is_extension(ext, "x86_64") ||
	       is_extension(ext, "arm64") || is_extension(ext, "aarch64");
}

static enum inventory_kind by_extension(enum inventory_zone zone, struct str dir, struct str name,
					struct str ext)
{
	if (is_extension(ext, "json")) {
		if (zone == INVENTORY_MODULE && str_eq(name, STR("package.json")))
			return INVENTORY_NPM;
		if (str_eq(name, STR("installed.json")) && ends_in(dir, STR("composer")))
			return INVENTORY_COMPOSER;
		return str_ends(name, STR(".deps.json")) ? INVENTORY_NUGET : INVENTORY_NONE;
	}
	if (is_extension(ext, "gemspec"))
		return ends_in(dir, STR("specifications")) ||
				       ends_in(dir, STR("specifications/default"))
			       ? INVENTORY_GEM
			       : INVENTORY_NONE;
	if (is_extension(ext, "egg-info"))
		return INVENTORY_EGG_FILE;
	if (is_extension(ext, "yml"))
		return str_ends(name, STR(".info.yml")) ? INVENTORY_DRUPAL : INVENTORY_NONE;
	if (is_extension(ext, "info"))
		return INVENTORY_DRUPAL;
	if (is_extension(ext, "php") || is_extension(ext, "inc") || is_extension(ext, "xml") ||
	    is_extension(ext, "h") || is_extension(ext, "rb"))
		return is_marker(dir, name) ? INVENTORY_MARKER : INVENTORY_NONE;
	return jar_is(name) ? INVENTORY_JAR : INVENTORY_NONE;
}

enum inventory_kind inventory_file(enum inventory_zone zone, struct str dir, struct str name)
{
	ssize_t dot = str_rfind(name, '.');
	struct str ext = dot > 0 ? str_sub(name, (size_t)dot + 1, name.len) : STR("");
	enum inventory_kind k;
	struct str version;

	if (zone == INVENTORY_STORE || zone == INVENTORY_STACK)
		return INVENTORY_NONE;
	k = ext.len ? by_extension(zone, dir, name, ext) : INVENTORY_NONE;
	if (k != INVENTORY_NONE)
		return k;
	if (!ext.len && is_marker(dir, name))
		return INVENTORY_MARKER;
	if (str_starts(name, STR("RELEASE-DATE-")) && app_name_find(name, false, &version))
		return INVENTORY_NAMED;
	if (program_is_marked(name) &&
	    (!ext.len || is_program_extension(ext) || is_extension(ext, "so")))
		return INVENTORY_MARKED;
	return !ext.len || is_program_extension(ext) ? INVENTORY_PROGRAM : INVENTORY_NONE;
}

static enum inventory_zone module_zone(enum inventory_zone zone, struct str name)
{
	if (str_eq(name, STR("node_modules")))
		return INVENTORY_MODULES;
	/* Packages that pnpm links to lie in .pnpm/NAME@VERSION/node_modules/NAME. */
	if (zone == INVENTORY_MODULES && name.ptr[0] == '@')
		return INVENTORY_SCOPE;
	if ((zone == INVENTORY_MODULES && name.ptr[0] != '.') || zone == INVENTORY_SCOPE)
		return INVENTORY_MODULE;
	return INVENTORY_PLAIN;
}

/* -1: none */
static ssize_t store_of(struct str dir, struct str name)
{
	for (size_t i = 0; i < COUNT(stores); i++) {
		struct str store = stores[i].store, last = str_basename(store);

		if (str_eq(name, last) && store.len > last.len &&
		    ends_in(dir, str_sub(store, 0, store.len - last.len - 1)))
			return (ssize_t)i;
	}
	return -1;
}

static struct str parent(struct str path)
{
	ssize_t slash = str_rfind(path, '/');

	return str_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
}

static enum inventory_kind layer_folder(enum inventory_zone zone, struct str dir, struct str name,
					enum inventory_zone *ret_zone, bool *ret_enter)
{
	struct str store = zone == INVENTORY_STORE ? dir : parent(dir);
	ssize_t i = store_of(parent(store), str_basename(store));
	struct str root = i < 0 ? STR("") : stores[i].root;

	*ret_enter = false;
	if (zone == INVENTORY_STORE) {
		/* "l" holds links with short names. */
		if (str_eq(name, STR("l")))
			return INVENTORY_NONE;
		*ret_enter = true;
		*ret_zone = root.len ? INVENTORY_STACK : INVENTORY_PLAIN;
		return root.len ? INVENTORY_NONE : INVENTORY_LAYER;
	}
	if (!str_eq(name, root))
		return INVENTORY_NONE;
	*ret_enter = true;
	return INVENTORY_LAYER;
}

enum inventory_kind inventory_folder(enum inventory_zone zone, struct str dir, struct str name,
				     enum inventory_zone *ret_zone, bool *ret_enter)
{
	static const struct str dull[] = { STR(".git"), STR(".svn"), STR(".hg"),
					   STR("__pycache__") };
	struct str version;

	*ret_zone = INVENTORY_PLAIN;
	*ret_enter = false;
	if (zone == INVENTORY_STORE || zone == INVENTORY_STACK)
		return layer_folder(zone, dir, name, ret_zone, ret_enter);
	for (size_t i = 0; i < COUNT(dull); i++)
		if (str_eq(name, dull[i]))
			return INVENTORY_NONE;
	if (str_ends(name, STR(".dist-info")))
		return INVENTORY_DIST_INFO;
	if (str_ends(name, STR(".egg-info")) || str_eq(name, STR("EGG-INFO")))
		return INVENTORY_EGG_INFO;
	*ret_enter = true;
	if (store_of(dir, name) >= 0)
		*ret_zone = INVENTORY_STORE;
	else
		*ret_zone = module_zone(zone, name);
	return app_name_find(name, true, &version) ? INVENTORY_NAMED : INVENTORY_NONE;
}

bool inventory_layer(struct str path, struct str *ret_layer, struct str *ret_inside)
{
	for (size_t i = 0; i < COUNT(stores); i++) {
		struct str store = stores[i].store, rest, layer;
		const char *p = path.len ? memmem(path.ptr, path.len, store.ptr, store.len) : NULL;

		if (!p || p == path.ptr || p[-1] != '/')
			continue;
		rest = str_sub(path, (size_t)(p - path.ptr) + store.len, path.len);
		if (!str_starts(rest, STR("/")))
			continue;
		rest = str_sub(rest, 1, rest.len);
		layer = str_cut(&rest, '/');
		if (stores[i].root.len && !str_eq(str_cut(&rest, '/'), stores[i].root))
			continue;
		/* The '/' in front of what is left, or nothing. */
		*ret_layer = layer;
		*ret_inside = rest.len ? (struct str){ rest.ptr - 1, rest.len + 1 } : STR("/");
		return true;
	}
	return false;
}
