/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/jar.h"
#include "facts/inventory/manifest.h"
#include "facts/inventory/program.h"
#include "facts/linux/app_probe.h"
#include "facts/linux/inventory.h"

/* Of a file whose beginning is all that counts. */
#define HEAD_MAX ((size_t)64 << 10)

void inventory_problem(struct inventory_read *x, int error, const char *what)
{
	if (str_eq(x->told, x->path))
		return;
	collect_problem(x->c, error, x->path.ptr, "%s", what);
	x->told = x->path;
}

int inventory_text(struct inventory_read *x, const char *path, struct str *ret)
{
	int r = root_read(x->c->root, path, INVENTORY_TEXT_MAX, x->c->arena, ret, NULL);

	if (r >= 0)
		return 1;
	if (r == -ENOMEM)
		return r;
	/* -EINVAL: no regular file, so none of what is looked for. */
	if (r != -ENOENT && r != -ENOTDIR && r != -EINVAL && r != -ESTALE)
		inventory_problem(x, r,
				  r == -EFBIG ? "too long to be looked into" : collect_error(r));
	return 0;
}

/* The first bytes of a file that may be long. 1: read; 0: not there, or a problem was told. */
static int read_head(struct inventory_read *x, const char *path, struct str *ret)
{
	own(close_fd) int fd = -1;
	struct stat st;
	char *p = arena_alloc(x->c->arena, HEAD_MAX);
	ssize_t n;
	int r = p ? root_open_file(x->c->root, path, &st, &fd) : -ENOMEM;

	if (r >= 0) {
		n = pread(fd, p, HEAD_MAX, 0);
		if (n >= 0) {
			*ret = (struct str){ p, (size_t)n };
			return 1;
		}
		r = -errno;
	}
	if (r == -ENOMEM)
		return r;
	if (r != -ENOENT && r != -ENOTDIR && r != -EINVAL && r != -ESTALE)
		inventory_problem(x, r, collect_error(r));
	return 0;
}

static int take_text(struct inventory_read *x, manifest_fn *fn, struct str text)
{
	struct diag d = {};
	char reason[400];
	int r = fn(text, x->path, x->c->arena, x->fn, x->user, &d);

	if (r == -EBADMSG || r == -E2BIG || r == -EFBIG) {
		inventory_problem(x, r, diag_text(&d, reason, sizeof reason));
		return 0;
	}
	return r;
}

/* What matters stands in front, and files of that name may be something else. */
static int read_front(struct inventory_read *x, manifest_fn *fn)
{
	struct str text;
	int r = read_head(x, x->path.ptr, &text);

	return r == 1 ? take_text(x, fn, text) : r;
}

static int read_manifest(struct inventory_read *x, manifest_fn *fn)
{
	struct str text;
	int r = inventory_text(x, x->path.ptr, &text);

	return r == 1 ? take_text(x, fn, text) : r;
}

/* One without its file is what an upgrade left behind: pip does not know it either. */
static int read_python(struct inventory_read *x, const char *file)
{
	struct str text;
	int r;

	if (file) {
		x->path = arena_cat(x->c->arena, x->path, STR("/"), str_of(file));
		if (!x->path.ptr)
			return -ENOMEM;
	}
	r = read_head(x, x->path.ptr, &text);
	return r == 1 ? take_text(x, manifest_python, text) : r;
}

static void jar_problem(void *user, int error, struct str inside, const char *what)
{
	struct inventory_read *x = user;
	char path[2100], safe[2100];

	collect_problem(x->c, error, x->path.ptr, "%.1800s%s%s",
			text_safe(str_sub(inside, 0, sizeof path - 1), safe, sizeof safe),
			inside.len ? ": " : "", what);
}

static int jar_component(void *user, const struct component *component)
{
	struct inventory_read *x = user;

	return x->fn(x->user, component);
}

static int open_source(struct inventory_read *x, int *ret_fd, struct stretch *ret)
{
	struct stat st;
	int r = root_open_file(x->c->root, x->path.ptr, &st, ret_fd);

	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && r != -EINVAL && r != -ESTALE && r != -ENOMEM)
			inventory_problem(x, r, collect_error(r));
		return r == -ENOMEM ? r : 0;
	}
	*ret = stretch_of_file(*ret_fd, (uint64_t)MAX(st.st_size, 0));
	return 1;
}

static int read_jar(struct inventory_read *x)
{
	struct jar_run run = { .fn = jar_component, .user = x, .problem = jar_problem };
	own(close_fd) int fd = -1;
	struct stretch s;
	int r;

	r = open_source(x, &fd, &s);
	return r == 1 ? jar_read(&s, x->path, &run) : r;
}

static int read_program(struct inventory_read *x, bool marked)
{
	own(close_fd) int fd = -1;
	struct diag d = {};
	struct stretch s;
	struct elf e;
	char reason[400];
	int r = open_source(x, &fd, &s);

	if (r != 1)
		return r;
	r = elf_open(&s, &e);
	/* A script, or something that no kernel would run. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (marked)
		r = program_marked(&s, str_basename(x->path), x->fn, x->user);
	/* "node_exporter" is no Node.js. */
	if (r != 0)
		return MIN(r, 0);
	r = program_go(&e, x->c->arena, x->fn, x->user);
	if (r == -ENOENT)
		r = program_rust(&e, x->c->arena, x->fn, x->user, &d);
	if (r == -EBADMSG)
		inventory_problem(x, r,
				  d.reason[0] ? diag_text(&d, reason, sizeof reason)
					      : "its build information is damaged");
	return r == -ENOENT || r == -EBADMSG ? 0 : r;
}

static int emit_app(struct inventory_read *x, const char *app, struct str version)
{
	struct component e = { .kind = STR("application"),
			       .name = str_of(app),
			       .version = version,
			       .evidence = str_basename(x->path) };

	if (str_eq(e.name, STR("java")) || str_eq(e.name, STR("nodejs")) ||
	    str_eq(e.name, STR("python")) || str_eq(e.name, STR("ruby")))
		e.kind = STR("runtime");
	if (str_eq(e.name, STR("wordpress")))
		e.ecosystem = STR("WordPress:core");
	/* Since 8 it is a package of Composer, whichever way it came here. */
	if (str_eq(e.name, STR("drupal")) && !str_starts(version, STR("7."))) {
		e.ecosystem = STR("Packagist");
		e.name = STR("drupal/core");
	}
	return component_text(version) ? x->fn(x->user, &e) : 0;
}

static bool ends_in(struct str path, struct str tail)
{
	return str_ends(path, tail) && path.len > tail.len &&
	       path.ptr[path.len - tail.len - 1] == '/';
}

/* Several applications call a file by that name: its text decides. */
static int read_marker(struct inventory_read *x)
{
	const struct inventory_header *h = inventory_header(str_basename(x->path));
	const char *found = h ? h->name : NULL;
	struct str text, version = STR("");
	int r = read_head(x, x->path.ptr, &text);

	if (r != 1)
		return r;
	if (h)
		version = app_version(x->c->arena, text, h->keys);
	for (size_t i = 0; version.ptr && !version.len && i < n_app_markers; i++) {
		if (!ends_in(x->path, str_of(app_markers[i].path)))
			continue;
		version = app_version(x->c->arena, text, app_markers[i].keys);
		found = app_markers[i].app;
	}
	if (!version.ptr)
		return -ENOMEM;
	if (!version.len || !found)
		return 0;
	r = emit_app(x, found, version);
	if (r >= 0 && !strcmp(found, "wordpress"))
		r = inventory_wordpress(x, x->path);
	if (r >= 0 && !strcmp(found, "joomla"))
		r = inventory_joomla(x, x->path);
	return r;
}

static int read_named(struct inventory_read *x)
{
	struct str base = str_basename(x->path), version;
	const struct app_name *n = app_name_find(base, false, &version);

	if (!n)
		n = app_name_find(base, true, &version);
	return n ? emit_app(x, n->app, version) : 0;
}

int inventory_read(struct inventory_read *x, const struct inventory_found *f)
{
	x->path = f->path;
	switch (f->kind) {
	case INVENTORY_DIST_INFO: return read_python(x, "METADATA");
	case INVENTORY_EGG_INFO: return read_python(x, "PKG-INFO");
	case INVENTORY_EGG_FILE: return read_python(x, NULL);
	case INVENTORY_NPM: return read_manifest(x, manifest_npm);
	case INVENTORY_JAR: return read_jar(x);
	case INVENTORY_GEM: return read_front(x, manifest_gem);
	case INVENTORY_COMPOSER: return read_manifest(x, manifest_composer);
	case INVENTORY_NUGET: return read_manifest(x, manifest_nuget);
	case INVENTORY_DRUPAL: return read_front(x, manifest_drupal);
	case INVENTORY_MARKER: return read_marker(x);
	case INVENTORY_NAMED: return read_named(x);
	case INVENTORY_MARKED: return read_program(x, true);
	case INVENTORY_PROGRAM: return read_program(x, false);
	default: return 0;
	}
}

struct str inventory_owned_path(struct arena *a, const struct inventory_found *f)
{
	if (f->kind == INVENTORY_DIST_INFO)
		return arena_cat(a, f->path, STR("/METADATA"), STR(""));
	if (f->kind == INVENTORY_EGG_INFO)
		return arena_cat(a, f->path, STR("/PKG-INFO"), STR(""));
	return f->path;
}
