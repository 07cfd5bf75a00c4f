/* SPDX-License-Identifier: GPL-3.0-or-later */
/* groups: Local groups of /etc/group. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW groups_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, groupname, "group name") \
	X(INT, gid, "group id; -1 in NIS entries") \
	X(INT, password_set, "1 when the group or gshadow has a usable password") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "groups",
	.doc = "Local groups of /etc/group.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static bool has_password(const struct group_entry *g, const struct gshadow_file *gs,
			 const struct map *names)
{
	const uint64_t *i = map_get(names, g->name);
	struct str hash = g->password;

	if (str_eq(hash, STR("x")))
		hash = i ? gs->entries[*i].password : STR("!");
	/* newgrp(1): an empty one lets in members only. */
	return password_state(hash) == PASSWORD_SET;
}

static int index_names(const struct gshadow_file *f, struct map *names)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < f->n; i++) {
		if (!map_get(names, f->entries[i].name))
			r = map_put(names, f->entries[i].name, i);
	}
	return r;
}

static int collect(struct collect *c)
{
	own(map_release) struct map names = {};
	struct group_file file;
	struct gshadow_file gshadow;
	int r = group_read(c, &file);

	if (r >= 0)
		r = gshadow_read(c, &gshadow);
	if (r >= 0)
		r = index_names(&gshadow, &names);
	for (size_t i = 0; r >= 0 && i < file.n; i++) {
		const struct group_entry *g = &file.entries[i];
		struct groups_row row = {
			.groupname = g->name,
			.gid = g->gid,
			.password_set = has_password(g, &gshadow, &names),
			.file = STR("/etc/group"),
			.line = g->line,
		};

		r = collect_row(c, &row);
	}
	return r < 0 ? r : 0;
}

const struct collector collector_groups = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
