/* SPDX-License-Identifier: GPL-3.0-or-later */
/* components: Software that no package manager of the system keeps, as its own files name it. */
#include <time.h>

#include "base/map.h"
#include "facts/app_eol.h"
#include "facts/known_flaws.h"
#include "facts/linux/apps.h"
#include "facts/linux/inventory.h"
#include "facts/linux/inventory_keep.h"
#include "facts/sink.h"

#define FACT_ROW components_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, id, "number of the row, from 1") \
	X(TEXT, ecosystem, "as OSV names it: PyPI, npm, Maven, Go, RubyGems, Packagist, NuGet, crates.io, WordPress:core, WordPress:plugin, WordPress:theme; Drupal (modules for 7), Joomla; '' for programs") \
	X(TEXT, kind, "library, application, runtime, plugin or theme") \
	X(TEXT, name, "as the ecosystem writes it: group:artifact, @scope/name, module path") \
	X(TEXT, version, "version; '' where it is not told") \
	X(TEXT, path, "file that says so; '!/' stands before what is in an archive") \
	X(TEXT, layer, "container layer by the name of its folder; '' for the machine's own files") \
	X(TEXT, package, "package of its maker that brought it, ''; what a distribution packages is in packages alone") \
	X(TEXT, evidence, "what in the file says so") \
	X(TEXT, product, "name by which dates of support and known flaws go, as in applications: log4j, nodejs, wordpress …; ''") \
	X(TEXT, purl, "package URL") \
	X(TEXTN, eol_date, "last day of support by its maker as YYYY-MM-DD; NULL: not known, or supported") \
	X(TEXT, critical_fixed, "first version without a critical, remotely exploitable flaw known to be exploited, where this version is older; ''") \
	X(TEXTN, critical_cve, "CVE id of that flaw; '' for none; NULL: flaws of this are not in the built-in table")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "components",
	.doc = "Software that no package manager of the system keeps, as its own files name it.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

/* Of the process' budget: what was found by then is kept. */
#define WALK_MS 60'000
#define READ_MS 110'000
#define BUDGET_MS 120'000
#define MEMORY_MAX ((size_t)192 << 20)

struct run {
	struct collect *c;
	struct inventory_read read;
	struct inventory_keep keep;
	bool packing;
	struct str package; /* of what is read */
	int64_t id, start_ms;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1'000'000;
}

/* Programs and sites go by their own name, but not what extends them. */
static bool is_product(const struct component *x)
{
	return !x->ecosystem.len || str_eq(x->ecosystem, STR("WordPress:core"));
}

static int emit(void *user, const struct component *x)
{
	struct run *run = user;
	struct collect *c = run->c;
	const char *known = component_app(x);
	struct str app = known ? str_of(known) : x->name, inside;
	struct arena_mark mark = arena_mark(c->arena);
	const struct known_flaw *flaw = NULL;
	struct components_row row = {
		.id = run->id + 1,
		.ecosystem = x->ecosystem,
		.kind = x->kind,
		.name = x->name,
		.version = x->version,
		.package = run->package,
		.evidence = x->evidence,
		.purl = component_purl(c->arena, x),
		.path = arena_cat(c->arena, run->read.path, x->inside, STR("")),
	};
	int r;

	if (run->packing)
		(void)inventory_cache_add(&run->keep.packed, x);
	if (!row.purl.ptr || !row.path.ptr)
		return -ENOMEM;
	(void)inventory_layer(run->read.path, &row.layer, &inside);
	if (known || is_product(x)) {
		row.product = app;
		row.eol_date = app_eol(app, x->version);
		if (x->version.len && known_flaw_of(app))
			row.critical_cve = STR("");
		if (x->version.len && !str_contains(x->evidence, STR("without")))
			flaw = known_flaw_find(app, x->version, false);
	}
	if (flaw) {
		row.critical_fixed = str_of(flaw->fixed);
		row.critical_cve = str_of(flaw->cve);
	}
	r = collect_row(c, &row);
	if (r >= 0)
		run->id++;
	/* One archive may hold thousands. */
	arena_rewind(c->arena, mark);
	return r;
}

/* Packages that are not a distribution's: what is in them no distribution repairs. */
struct foreign {
	struct map names;
	struct arena arena; /* of the names: what the database is read into is given back */
};

static void foreign_release(struct foreign *f)
{
	map_release(&f->names);
	arena_release(&f->arena);
}

static int add_foreign(const struct package *p, void *user)
{
	struct foreign *f = user;
	struct str name;

	if (!p->installed || package_is_distribution(p))
		return 0;
	name = arena_str(&f->arena, p->name);
	return name.ptr ? map_put(&f->names, name, 1) : -ENOMEM;
}

/*
 * Which packages brought the n files from `from` on; those of a distribution get NULL as path:
 * they are its own.
 */
static int mark_owned(struct collect *c, struct inventory_found *list, size_t n, size_t cut,
		      struct str *packages)
{
	struct str *paths = arena_array(c->arena, n + 1, sizeof *paths);
	own(foreign_release) struct foreign f = {};
	int r = paths ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		paths[i] = inventory_owned_path(c->arena, &list[i]);
		if (!paths[i].ptr)
			r = -ENOMEM;
		else
			paths[i] = str_sub(paths[i], cut, paths[i].len);
	}
	if (r >= 0)
		r = package_db_owners(c, paths, n, packages);
	if (r >= 0)
		r = package_db_each(c, add_foreign, &f);
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (packages[i].len && !map_get(&f.names, packages[i]))
			list[i].kind = INVENTORY_NONE;
	return MIN(r, 0);
}

/* Files in a layer belong to the packages of that layer. */
static int mark_layer(struct collect *c, struct inventory_found *list, size_t n, size_t cut,
		      struct str *packages)
{
	own(root_release) struct root root = ROOT_NONE;
	struct root_trouble trouble = {};
	struct collect sub = *c;
	struct str path = arena_str(c->arena, str_sub(list[0].path, 0, cut));
	int fd = -1, r = path.ptr ? root_open_dir(c->root, path.ptr, &fd) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	root = (struct root){ .fd = fd, .path = strdup(path.ptr), .trouble = &trouble };
	sub.root = &root;
	sub.notes = NULL;
	return root.path ? mark_owned(&sub, list, n, cut, packages) : -ENOMEM;
}

static int mark_list(struct collect *c, struct inventory_found *list, size_t n_list,
		     struct str *packages)
{
	size_t from = 0;
	int r = 0;

	while (r >= 0 && from < n_list) {
		struct str layer = {}, inside = {}, other = {};
		bool in = inventory_layer(list[from].path, &layer, &inside);
		size_t n = 1, cut = in ? list[from].path.len - inside.len : 0;

		/* "…/diff" itself has no '/' behind it. */
		if (in && str_eq(inside, STR("/")))
			cut = list[from].path.len;
		while (from + n < n_list) {
			bool next = inventory_layer(list[from + n].path, &other, &inside);

			if (next != in || (in && !str_eq(other, layer)))
				break;
			n++;
		}
		r = in ? mark_layer(c, list + from, n, cut, packages + from)
		       : mark_owned(c, list + from, n, 0, packages + from);
		from += n;
	}
	return r;
}

struct unmarked {
	struct inventory_found *list; /* sorted by path, as those of the walk are */
	size_t *at;                   /* of each its place in the walk; dormant ones behind it */
	size_t n, cap, cap_at;
};

static int add_unmarked(struct run *run, struct unmarked *u, const struct inventory_found *f,
			size_t at)
{
	size_t n = u->n;
	int r = arena_push(run->c->arena, u->at, n, u->cap_at, at);

	return r < 0 ? r : arena_push(run->c->arena, u->list, u->n, u->cap, *f);
}

static int find_unmarked(struct run *run, struct inventory_walk_result *w, struct str *packages,
			 struct unmarked *u)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->n; i++) {
		bool distribution;

		if (!inventory_keep_owner(&run->keep, i, &packages[i], &distribution))
			r = add_unmarked(run, u, &w->list[i], i);
		else if (distribution)
			w->list[i].kind = INVENTORY_NONE;
	}
	for (size_t i = 0; r >= 0 && i < w->n_dormant; i++) {
		struct inventory_found f = { .kind = INVENTORY_PROGRAM };

		r = inventory_keep_path(&run->keep, w, i, &f.path);
		if (r >= 0 && f.path.len)
			r = add_unmarked(run, u, &f, w->n + i);
	}
	return r;
}

static int mark_all(struct run *run, struct inventory_walk_result *w, struct str *packages)
{
	struct unmarked u = {};
	struct str *found, layer, inside;
	int r = find_unmarked(run, w, packages, &u);

	found = r < 0 ? NULL : arena_array(run->c->arena, u.n + 1, sizeof *found);
	if (!found)
		return -ENOMEM;
	r = mark_list(run->c, u.list, u.n, found);
	for (size_t i = 0; r >= 0 && i < u.n; i++) {
		bool distribution = u.list[i].kind == INVENTORY_NONE, is_found = u.at[i] < w->n;
		struct inventory_kept *kept = NULL;

		if (is_found) {
			packages[u.at[i]] = found[i];
			w->list[u.at[i]].kind = u.list[i].kind;
		}
		if (run->keep.on)
			kept = is_found ? &run->keep.found[u.at[i]]
					: &run->keep.dormant[u.at[i] - w->n];
		/* Which package of a layer is its own matter. */
		if (!kept || inventory_layer(u.list[i].path, &layer, &inside))
			continue;
		kept->known = true;
		kept->owner = distribution ? STR("") : found[i];
		kept->distribution = distribution;
	}
	return r;
}

static void say_problems(struct collect *c, const struct inventory_walk_result *w)
{
	if (w->unreadable)
		collect_problem(c, w->first_error, w->first_unreadable.ptr,
				"%llu folders cannot be read, this is the first",
				(unsigned long long)w->unreadable);
	if (w->too_deep)
		collect_problem(c, ENAMETOOLONG, NULL, "%llu folders are too deep to be looked at",
				(unsigned long long)w->too_deep);
	if (w->not_reached)
		collect_problem(c, ETIME, NULL,
				"stopped after %d seconds, %llu folders and what is below them "
				"were not reached",
				WALK_MS / 1000, (unsigned long long)w->not_reached);
	if (w->dropped)
		collect_problem(c, ENOSPC, NULL, "%llu more files may be of interest",
				(unsigned long long)w->dropped);
}

/* As it was the last time, where the file has not changed since. */
static int read_one(struct run *run, const struct inventory_walk_result *w, size_t i)
{
	struct sink *sink = run->c->sink;
	struct str path = inventory_owned_path(run->c->arena, &w->list[i]), result;
	unsigned problems = sink->problems + sink->suppressed;
	int r;

	if (!path.ptr)
		return -ENOMEM;
	if (inventory_keep_find(&run->keep, w, i, path.ptr, &result)) {
		run->read.path = path;
		return inventory_cache_each(result, emit, run);
	}
	run->packing = run->keep.on;
	r = inventory_read(&run->read, &w->list[i]);
	run->packing = false;
	if (r >= 0)
		inventory_keep_result(&run->keep, w, i,
				      problems == sink->problems + sink->suppressed);
	return r;
}

static int read_all(struct run *run, const struct inventory_walk_result *w, struct str *packages)
{
	struct arena *a = run->c->arena;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->n; i++) {
		struct arena_mark mark = arena_mark(a);

		if (now_ms() - run->start_ms > READ_MS) {
			collect_problem(run->c, ETIME, w->list[i].path.ptr,
					"stopped after %d seconds, %zu files from this one on were "
					"not looked into",
					READ_MS / 1000, w->n - i);
			break;
		}
		if (w->list[i].kind == INVENTORY_NONE)
			continue;
		run->package = packages[i];
		r = read_one(run, w, i);
		/* What one file takes too much of must not hide all the others. */
		if (r == -ENOMEM) {
			collect_problem(run->c, ENOMEM, w->list[i].path.ptr,
					"takes too much memory to be looked into");
			r = 0;
		}
		run->read.told = (struct str){};
		arena_rewind(a, mark);
	}
	return r;
}

static int walk_and_read(struct run *run, const struct inventory_walk_options *o)
{
	struct collect *c = run->c;
	struct inventory_walk_result w = {};
	struct str *packages;
	int r = inventory_walk(o, c->arena, &w);

	if (r < 0)
		return r;
	say_problems(c, &w);
	packages = arena_array(c->arena, w.n + 1, sizeof *packages);
	if (!packages)
		return -ENOMEM;
	r = inventory_keep_walked(&run->keep, &w);
	if (r >= 0)
		r = mark_all(run, &w, packages);
	if (r >= 0)
		r = read_all(run, &w, packages);
	/* Without it the next look takes as long as this one, and nothing more. */
	if (r >= 0)
		(void)inventory_keep_end(&run->keep, &w);
	return r;
}

static void run_release(struct run *run) { inventory_keep_release(&run->keep); }

static int collect(struct collect *c)
{
	struct mount_table mounts = {};
	struct inventory_walk_options o = { .root = c->root,
					    .mounts = &mounts,
					    .timeout_ms = WALK_MS };
	own(run_release) struct run run = { .c = c, .start_ms = now_ms() };
	int r;

	c->arena->limit = MEMORY_MAX;
	r = c->root->live ? mount_table_live(c, &mounts) : 0;
	if (r < 0)
		return r;
	inventory_keep_begin(&run.keep, c, &o);
	run.read = (struct inventory_read){ .c = c, .fn = emit, .user = &run };
	return walk_and_read(&run, &o);
}

const struct collector collector_components = {
	.table = &table,
	.collect = collect,
	.group = GROUP_FILE,
	.budget_ms = BUDGET_MS,
};
