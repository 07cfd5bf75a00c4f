/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_indexes: The lists of what repositories offer, as they were fetched last. */
#include "facts/linux/pending.h"

#define FACT_ROW package_indexes_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, manager, "apt, dnf, yum, zypper or apk") \
	X(TEXT, repository, "location, without passwords") \
	X(TEXT, suite, "suite, repository id or branch, as configured") \
	X(TEXT, component, "component, ''") \
	X(TEXT, arch, "architecture, ''") \
	X(TEXT, path, "file of the index; '' where it was never fetched") \
	X(INT, present, "1 when it is there") \
	X(INT, security, "1 when it carries security updates of the distribution") \
	X(INT, third_party, "1 when it is not of the distribution") \
	X(INT, priority, "priority of APT; priority or cost of the others") \
	X(TEXT, origin, "field Origin of the release file, ''") \
	X(TEXT, label, "field Label, ''") \
	X(TEXT, archive, "field Suite, ''") \
	X(TEXT, codename, "field Codename, ''") \
	X(TEXT, version, "field Version, ''") \
	X(INTN, date, "UNIX time at which the repository made it") \
	X(INTN, valid_until, "UNIX time after which it must not be trusted; NULL: it says none, or that is switched off") \
	X(INTN, fetched, "UNIX time of the file")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "package_indexes",
	.doc = "The lists of what repositories offer, as they were fetched last.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

int package_index_add(struct collect *c, const struct package_index *x)
{
	return collect_row(c, &(struct package_indexes_row){
				      .manager = x->manager,
				      .repository = x->repository,
				      .suite = x->suite,
				      .component = x->component,
				      .arch = x->arch,
				      .path = x->path,
				      .present = x->present,
				      .security = x->security,
				      .third_party = x->third_party,
				      .priority = x->priority,
				      .origin = x->origin,
				      .label = x->label,
				      .archive = x->archive,
				      .codename = x->codename,
				      .version = x->version,
				      .date = x->date,
				      .valid_until = x->valid_until,
				      .fetched = x->fetched,
			      });
}

static int collect(struct collect *c)
{
	static int (*const managers[])(struct collect *, bool *) = { indexes_apt, indexes_rpm,
								     indexes_apk };
	bool any = false;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(managers); i++)
		r = managers[i](c, &any);
	return r >= 0 && !any ? collect_not_applicable(c, "no package manager") : r;
}

const struct collector collector_package_indexes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
