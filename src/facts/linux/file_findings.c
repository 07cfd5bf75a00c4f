/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_findings: What the walk over all files found. */
#include "facts/fact.h"
#include "facts/linux/package_db.h"
#include "facts/linux/walk.h"

#define FACT_ROW file_findings_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "suid, sgid, world_writable, world_writable_dir, unowned, capability, device, suspicious_exec") \
	X(TEXT, path, "file") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(INT, size, "bytes") \
	X(INT, mtime, "UNIX time") \
	X(TEXT, package, "owning package for set-id files, ''") \
	X(TEXT, mount_flags, "options of the mount it lies on, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "file_findings",
	.doc = "What the walk over all files found.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static bool wants_package(enum walk_kind k)
{
	return k == WALK_SUID || k == WALK_SGID || k == WALK_CAPABILITY;
}

static int find_packages(struct collect *c, const struct walk_result *w, struct str *ret)
{
	struct str *paths = arena_array(c->arena, w->n, sizeof *paths);
	struct str *owners = arena_array(c->arena, w->n, sizeof *owners);
	size_t n = 0;
	int r;

	if (!paths || !owners)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++)
		if (wants_package(w->findings[i].kind))
			paths[n++] = w->findings[i].path;
	r = package_db_owners(c, paths, n, owners);
	for (size_t i = w->n; r >= 0 && i--;)
		if (wants_package(w->findings[i].kind))
			ret[i] = owners[--n];
	return r;
}

static int collect(struct collect *c)
{
	struct walk_result w = {};
	struct walk_stats s;
	struct mount_table mounts = {};
	struct str *packages;
	int r = walk_shared(c, &s, &w, &mounts);

	if (r < 0)
		return r;
	packages = arena_array(c->arena, w.n, sizeof *packages);
	if (!packages)
		return -ENOMEM;
	r = find_packages(c, &w, packages);
	for (size_t i = 0; r >= 0 && i < w.n; i++) {
		const struct walk_finding *f = &w.findings[i];
		const struct mount_entry *m = mount_of(&mounts, f->path);

		r = collect_row(c, &(struct file_findings_row){
					   .kind = str_of(walk_kind_name(f->kind)),
					   .path = f->path,
					   .mode = f->mode,
					   .uid = f->uid,
					   .gid = f->gid,
					   .size = f->size,
					   .mtime = f->mtime,
					   .package = packages[i],
					   .mount_flags = m ? m->options : STR(""),
				   });
	}
	return r;
}

const struct collector collector_file_findings = {
	.table = &table,
	.collect = collect,
	.group = GROUP_FILE,
	.budget_ms = 120'000,
};
