/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * applications: software beside the package manager in well-known places, and packages with a bad
 * history. Versions of distributions are judged as known_flaws.h says.
 */
#include "facts/app_eol.h"
#include "facts/known_flaws.h"
#include "facts/linux/apps.h"

#define FACT_ROW applications_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "elasticsearch, solr, wordpress, drupal, joomla, tomcat, jenkins, kibana, log4j, nagios, phpmyadmin …") \
	X(TEXT, version, "version") \
	X(TEXT, path, "file or folder that says so; '' for a package") \
	X(TEXT, package, "owning package, ''") \
	X(TEXTN, eol_date, "last day of support by its maker as YYYY-MM-DD; NULL: not known, or the distribution supports it") \
	X(TEXT, critical_fixed, "first version without a critical, remotely exploitable flaw known to be exploited, where this version is older; ''") \
	X(TEXT, critical_cve, "CVE id of that flaw; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "applications",
	.doc = "Software beside the package manager in well-known places, with its version.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

int apps_add(struct collect *c, struct apps *apps, const struct app *app)
{
	for (size_t i = 0; i < apps->n; i++) {
		const struct app *o = &apps->list[i];

		if (str_eq(o->name, app->name) && str_eq(o->version, app->version) &&
		    str_eq(o->path, app->path))
			return 0;
	}
	return arena_push(c->arena, apps->list, apps->n, apps->cap, *app);
}

/* Only these places hold files of packages; /opt does where makers package for themselves. */
static bool may_be_packaged(struct str path)
{
	return str_starts(path, STR("/usr/")) || str_starts(path, STR("/opt/")) ||
	       str_starts(path, STR("/var/lib/"));
}

static const struct app *package_row(const struct apps *apps, struct str package)
{
	for (size_t i = 0; i < apps->n; i++)
		if (!apps->list[i].path.len && str_eq(apps->list[i].package, package))
			return &apps->list[i];
	return NULL;
}

/* Asks the package databases, once, who brought the files. */
static int find_owners(struct collect *c, struct apps *apps)
{
	struct str *paths = arena_array(c->arena, apps->n + 1, sizeof *paths);
	struct str *owners = arena_array(c->arena, apps->n + 1, sizeof *owners);
	size_t *index = arena_array(c->arena, apps->n + 1, sizeof *index);
	size_t n = 0;
	int r;

	if (!paths || !owners || !index)
		return -ENOMEM;
	for (size_t i = 0; i < apps->n; i++) {
		if (may_be_packaged(apps->list[i].path)) {
			paths[n] = apps->list[i].path;
			index[n++] = i;
		}
	}
	r = n ? package_db_owners(c, paths, n, owners) : 0;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct app *a = &apps->list[index[i]];
		const struct app *row = package_row(apps, owners[i]);

		a->package = owners[i];
		/* A package that is not among the known ones is taken for a distribution's. */
		a->distribution = owners[i].len && (!row || row->distribution);
	}
	return MIN(r, 0);
}

/* A file with a version of its own tells more than the package that brought it. */
static bool is_told_by_file(const struct apps *apps, const struct app *app)
{
	if (app->path.len)
		return false;
	for (size_t i = 0; i < apps->n; i++) {
		const struct app *o = &apps->list[i];

		if (o->path.len && str_eq(o->package, app->package) && str_eq(o->name, app->name))
			return true;
	}
	return false;
}

/* Java 1.8.0_201 is Java 8. */
static struct str branch_of(const struct app *app)
{
	if (str_eq(app->name, STR("java")) && str_starts(app->version, STR("1.")))
		return str_sub(app->version, 2, app->version.len);
	return upstream_version(app->version);
}

static int emit(struct collect *c, const struct app *app)
{
	const struct known_flaw *flaw =
		app->path.len ? NULL : known_flaw_package(app->package, app->version);
	struct applications_row row = {
		.name = app->name,
		.version = app->version,
		.path = app->path,
		.package = app->package,
	};

	if (!flaw)
		flaw = known_flaw_find(app->name, app->version, app->distribution);
	if (!app->distribution)
		row.eol_date = app_eol(app->name, branch_of(app));
	if (flaw) {
		row.critical_fixed = str_of(flaw->fixed);
		row.critical_cve = str_of(flaw->cve);
	}
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	struct apps apps = {};
	int r = apps_from_files(c, &apps);

	if (r >= 0)
		r = apps_from_packages(c, &apps);
	if (r >= 0)
		r = find_owners(c, &apps);
	for (size_t i = 0; r >= 0 && i < apps.n; i++)
		if (!is_told_by_file(&apps, &apps.list[i]))
			r = emit(c, &apps.list[i]);
	return r;
}

const struct collector collector_applications = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
