/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packages: Installed packages of dpkg, rpm or apk. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "facts/linux/package_db.h"

#define FACT_ROW packages_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "binary package") \
	X(TEXT, version, "version with epoch") \
	X(TEXT, arch, "architecture") \
	X(TEXT, source, "source package; the name where not stated") \
	X(TEXT, source_version, "version of the source") \
	X(TEXT, status, "installed, config-files, half-installed, unpacked …") \
	X(INT, hold, "1 when held back from upgrades") \
	X(TEXT, format, "deb, rpm or apk") \
	X(TEXT, vendor, "maintainer or vendor") \
	X(TEXT, section, "section or group") \
	X(TEXT, module, "NAME:STREAM of the module of dnf that it is of, ''") \
	X(INTN, install_time, "UNIX time")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "packages",
	.doc = "Installed packages of dpkg, rpm or apk.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "name",
};

struct run {
	struct collect *c;
	int info; /* /var/lib/dpkg/info, or -1 */
	size_t n, n_deb;
};

/* dpkg rewrites a package's list of files whenever it unpacks it. */
static int64_t dpkg_time(int info, const struct package *p)
{
	char name[512];
	struct stat st;

	if (str_find(p->name, '/') >= 0 || str_find(p->arch, '/') >= 0)
		return FACT_UNKNOWN;
	snprintf(name, sizeof name, "%.*s.list", STR_FMT(p->name));
	if (fstatat(info, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return st.st_mtime;
	snprintf(name, sizeof name, "%.*s:%.*s.list", STR_FMT(p->name), STR_FMT(p->arch));
	return fstatat(info, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mtime : FACT_UNKNOWN;
}

static int add(const struct package *p, void *user)
{
	struct run *run = user;
	struct packages_row row = { .name = p->name,
				    .version = p->version,
				    .arch = p->arch,
				    .source = p->source,
				    .source_version = p->source_version,
				    .status = p->status,
				    .hold = p->hold,
				    .format = p->format,
				    .vendor = p->vendor,
				    .section = p->section,
				    .module = p->module,
				    .install_time = p->install_time };
	bool deb = str_eq(p->format, STR("deb"));

	run->n++;
	run->n_deb += deb;
	if (deb && run->info >= 0 && p->installed)
		row.install_time = dpkg_time(run->info, p);
	return collect_row(run->c, &row);
}

static void dir_release(DIR **d)
{
	if (*d)
		closedir(*d);
}

/*
 * A status file that was cut between two stanzas looks whole, but dpkg keeps one list of files for
 * every package that it knows.
 */
static void compare_lists(struct run *run)
{
	static const char path[] = "/var/lib/dpkg/status";
	int fd = dup(run->info);
	own(dir_release) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	size_t lists = 0;
	struct stat st;

	if (!d) {
		close_fd(&fd);
		return;
	}
	while ((e = readdir(d)))
		lists += str_ends(str_of(e->d_name), STR(".list"));
	if (lists > run->n_deb && root_stat(run->c->root, path, &st) == 0)
		collect_problem(run->c, EBADMSG, path,
				"names %zu packages, but %zu have a list of files in info/",
				run->n_deb, lists);
}

/* A system whose package manager is there but whose database is not cannot be judged. */
static int nothing_found(struct collect *c)
{
	static const char *const databases[] = { "/var/lib/dpkg", "/var/lib/rpm", "/lib/apk/db",
						 "/usr/lib/sysimage/rpm", "/usr/lib/apk/db" };
	static const char *const managers[] = { "/usr/bin/dpkg", "/usr/bin/rpm", "/bin/rpm",
						"/sbin/apk", "/usr/bin/apk" };
	struct stat st;

	/* What is wrong with it was said already. */
	for (size_t i = 0; i < COUNT(databases); i++)
		if (root_stat(c->root, databases[i], &st) == 0)
			return 0;
	for (size_t i = 0; i < COUNT(managers); i++) {
		if (root_stat(c->root, managers[i], &st) < 0)
			continue;
		collect_problem(c, ENOENT, managers[i],
				"this package manager is there, but no packages are");
		return 0;
	}
	return collect_not_applicable(c, "no packages of dpkg, rpm or apk");
}

static int collect(struct collect *c)
{
	own(close_fd) int info = -1;
	struct run run = { .c = c };
	int r = root_open_dir(c->root, "/var/lib/dpkg/info", &info);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		collect_problem(c, r, "/var/lib/dpkg/info", "cannot read the lists of files");
	run.info = info;
	r = package_db_each(c, add, &run);
	if (r == 0 && info >= 0)
		compare_lists(&run);
	return r == 0 && !run.n ? nothing_found(c) : r;
}

const struct collector collector_packages = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
