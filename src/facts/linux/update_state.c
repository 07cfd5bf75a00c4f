/* SPDX-License-Identifier: GPL-3.0-or-later */
/* update_state: How this machine keeps itself up to date, one row a package manager. */
#include "facts/linux/reboot.h"
#include "facts/linux/update.h"

#define FACT_ROW update_state_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, manager, "apt, dnf, yum, zypper or apk") \
	X(INTN, lists_time, "UNIX time of the newest package index") \
	X(INTN, last_install_time, "UNIX time of the last package installation or upgrade") \
	X(INT, auto_update, "1 when package indexes are refreshed by themselves") \
	X(INT, auto_upgrade, "1 when security updates are installed by themselves") \
	X(INTN, auto_last_run, "UNIX time of the last unattended run") \
	X(TEXT, auto_evidence, "file and line, unit or package that says so; why not where auto_upgrade is 0") \
	X(INTN, reboot_required, "1 when a restart is due; NULL when not known") \
	X(TEXT, reboot_reason, "file or packages that say so")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "update_state",
	.doc = "How this machine keeps itself up to date, one row a package manager.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

int64_t update_mtime(struct collect *c, const char *path)
{
	struct stat st;

	return root_stat(c->root, path, &st) == 0 ? st.st_mtime : FACT_UNKNOWN;
}

int update_newest(struct collect *c, const char *pattern, int64_t *ret)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str *paths;
	size_t n = 0;
	int r = collect_glob(c, pattern, &paths, &n);

	for (size_t i = 0; r == 1 && i < n; i++)
		*ret = MAX(*ret, update_mtime(c, paths[i].ptr));
	arena_rewind(c->arena, mark);
	return MIN(r, 0);
}

static bool exists(struct collect *c, const char *path)
{
	struct stat st;

	return root_stat(c->root, path, &st) == 0;
}

static bool any_exists(struct collect *c, const char *const paths[])
{
	for (size_t i = 0; paths[i]; i++)
		if (exists(c, paths[i]))
			return true;
	return false;
}

/* The name of a manager that is there, NULL if not. */
static const char *apt_name(struct collect *c)
{
	static const char *const paths[] = { "/var/lib/dpkg/status", "/usr/bin/apt-get", "/etc/apt",
					     NULL };

	return any_exists(c, paths) ? "apt" : NULL;
}

static const char *dnf_name(struct collect *c)
{
	static const char *const dnf[] = { "/usr/bin/dnf", "/usr/bin/dnf5", "/usr/bin/microdnf",
					   "/etc/dnf", NULL };
	static const char *const yum[] = { "/usr/bin/yum", "/etc/yum.conf", NULL };
	static const char *const database[] = { "/var/lib/rpm", "/usr/lib/sysimage/rpm", NULL };

	if (any_exists(c, dnf))
		return "dnf";
	if (any_exists(c, yum))
		return "yum";
	if (exists(c, "/usr/bin/zypper") || apt_name(c))
		return NULL;
	return any_exists(c, database) ? "dnf" : NULL;
}

static const char *zypper_name(struct collect *c)
{
	return exists(c, "/usr/bin/zypper") ? "zypper" : NULL;
}

static const char *apk_name(struct collect *c)
{
	static const char *const paths[] = { "/lib/apk/db", "/usr/lib/apk/db", "/sbin/apk", NULL };

	return any_exists(c, paths) ? "apk" : NULL;
}

static const struct manager {
	enum update_manager manager;
	const char *(*name)(struct collect *c);
	int (*judge)(struct update_run *run, struct update *ret);
} managers[] = {
	{UPDATE_APT,     apt_name,    update_apt   },
	{ UPDATE_DNF,    dnf_name,    update_dnf   },
	{ UPDATE_ZYPPER, zypper_name, update_zypper},
	{ UPDATE_APK,    apk_name,    update_apk   },
};

static int add(struct update_run *run, const struct manager *m, const char *name,
	       struct update_state_row *row)
{
	struct update u = { .lists_time = FACT_UNKNOWN,
			    .last_install = FACT_UNKNOWN,
			    .auto_last_run = FACT_UNKNOWN,
			    .evidence = STR("") };
	int r = m->judge(run, &u);

	if (r < 0)
		return r;
	if (!u.upgrade && run->job_upgrade[m->manager].len) {
		u.upgrade = true;
		u.evidence = run->job_upgrade[m->manager];
	}
	row->manager = str_of(name);
	row->lists_time = u.lists_time;
	row->last_install_time = u.last_install;
	row->auto_update = u.refresh || run->job_refresh[m->manager].len;
	row->auto_upgrade = u.upgrade;
	row->auto_last_run = u.auto_last_run;
	row->auto_evidence = u.evidence;
	return collect_row(run->c, row);
}

static int collect(struct collect *c)
{
	struct update_run run = { .c = c };
	struct update_state_row row = {};
	bool any = false;
	int r = units_load(c, &run.units);

	if (r == 0)
		r = update_jobs(&run);
	if (r == 0)
		r = reboot_required(c, &row.reboot_required, &row.reboot_reason);
	for (size_t i = 0; r == 0 && i < COUNT(managers); i++) {
		const char *name = managers[i].name(c);

		if (!name)
			continue;
		any = true;
		r = add(&run, &managers[i], name, &row);
	}
	return r == 0 && !any ? collect_not_applicable(c, "no package manager") : r;
}

const struct collector collector_update_state = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
