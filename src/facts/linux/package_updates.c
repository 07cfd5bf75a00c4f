/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_updates: Newer versions of installed packages in the package indexes on the machine. */
#include "facts/linux/pending.h"

#define FACT_ROW package_updates_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "binary package") \
	X(TEXT, arch, "architecture") \
	X(TEXT, format, "deb, rpm or apk") \
	X(TEXT, source, "source package of what is installed") \
	X(TEXT, source_version, "its version") \
	X(TEXT, installed, "installed version") \
	X(TEXT, candidate, "version that the package manager would install; that the state keeps back") \
	X(TEXT, source_candidate, "version of its source") \
	X(TEXT, suite, "suite or repository of the candidate, as configured") \
	X(TEXT, repository, "its location, without passwords") \
	X(TEXT, state, "missing; held or pinned by the owner; phased: not handed out to this machine yet") \
	X(INTN, security, "1 when a security suite or an advisory brings a version newer than the installed one; NULL: the repository does not tell") \
	X(TEXT, fixed, "the newest such version, ''") \
	X(TEXT, advisories, "of the repository's own advisories, separated by blanks, ''") \
	X(TEXT, cves, "CVEs that they name, separated by blanks, ''") \
	X(INTN, issued, "UNIX time of the oldest of them")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "package_updates",
	.doc = "Newer versions of installed packages in the package indexes on the machine.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "name",
};

int pending_add(struct collect *c, const struct pending *p)
{
	return collect_row(c, &(struct package_updates_row){
				      .name = p->name,
				      .arch = p->arch,
				      .format = p->format,
				      .source = p->source,
				      .source_version = p->source_version,
				      .installed = p->installed,
				      .candidate = p->candidate,
				      .source_candidate = p->source_candidate,
				      .suite = p->suite,
				      .repository = p->repository,
				      .state = p->state,
				      .security = p->security,
				      .fixed = p->fixed,
				      .advisories = p->advisories,
				      .cves = p->cves,
				      .issued = p->issued,
			      });
}

static int collect(struct collect *c)
{
	static int (*const managers[])(struct collect *, bool *) = { pending_apt, pending_rpm,
								     pending_apk };
	bool any = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(managers); i++)
		r = managers[i](c, &any);
	return r >= 0 && !any ? collect_not_applicable(c, "no package manager") : r;
}

const struct collector collector_package_updates = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
	.budget_ms = 20000,
};
