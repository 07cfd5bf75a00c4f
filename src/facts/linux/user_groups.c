/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user_groups: Membership of accounts in groups, primary ones too. */
#include "facts/fact.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW user_groups_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id; -1 when the account does not exist") \
	X(TEXT, groupname, "group") \
	X(INT, gid, "group id") \
	X(INT, is_primary, "1 for the account's primary group")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "user_groups",
	.doc = "Membership of accounts in groups, primary ones too.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,groupname",
};

/* Groups by number, the first of equal ones first (the one that getgrgid(3) finds). */
static int by_gid(const void *a, const void *b)
{
	const struct group_entry *x = *(const struct group_entry *const *)a;
	const struct group_entry *y = *(const struct group_entry *const *)b;

	if (x->gid != y->gid)
		return x->gid < y->gid ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

struct group_index {
	const struct group_entry **list;
	size_t n;
};

static int index_groups(struct collect *c, const struct group_file *f, struct group_index *ret)
{
	ret->n = f->n;
	ret->list = arena_array(c->arena, f->n + 1, sizeof(struct group_entry *));
	if (!ret->list)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		ret->list[i] = &f->entries[i];
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, by_gid);
	return 0;
}

static struct str group_name(const struct group_index *g, int64_t gid)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g->list[mid]->gid < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->n && g->list[low]->gid == gid ? g->list[low]->name : STR("");
}

static int emit_primary(struct collect *c, const struct passwd_file *users,
			const struct group_index *groups)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < users->n; i++) {
		const struct passwd_entry *e = &users->entries[i];
		struct user_groups_row row = {
			.username = e->name,
			.uid = e->uid,
			.groupname = group_name(groups, e->gid),
			.gid = e->gid,
			.is_primary = 1,
		};

		if (!passwd_is_compat(e->name))
			r = collect_row(c, &row);
	}
	return r;
}

static int emit_members(struct collect *c, const struct group_entry *g,
			const struct passwd_file *users, const struct map *names)
{
	struct str rest = g->members;
	int r = 0;

	while (r >= 0 && rest.len) {
		struct str name = str_trim(str_cut(&rest, ','));
		const uint64_t *i = map_get(names, name);
		const struct passwd_entry *e = i ? &users->entries[*i] : NULL;
		struct user_groups_row row = {
			.username = name,
			.uid = e ? e->uid : -1,
			.groupname = g->name,
			.gid = g->gid,
		};

		if (name.len && !(e && e->gid == g->gid))
			r = collect_row(c, &row);
	}
	return r;
}

static int collect(struct collect *c)
{
	own(map_release) struct map names = {};
	struct passwd_file users;
	struct group_file groups;
	struct group_index index;
	int r = passwd_read(c, &users);

	if (r >= 0)
		r = group_read(c, &groups);
	if (r >= 0)
		r = index_groups(c, &groups, &index);
	if (r >= 0)
		r = passwd_by_name(&users, &names);
	if (r >= 0)
		r = emit_primary(c, &users, &index);
	for (size_t i = 0; r >= 0 && i < groups.n; i++)
		r = emit_members(c, &groups.entries[i], &users, &names);
	return r < 0 ? r : 0;
}

const struct collector collector_user_groups = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
