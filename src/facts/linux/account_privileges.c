/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_privileges: How accounts become root: uid 0, sudo, groups, set-uid programs. */
#include <stdio.h>

#include "base/map.h"
#include "facts/linux/host_rules.h"
#include "facts/linux/sudo_grants.h"

#define FACT_ROW account_privileges_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(TEXT, how, "uid0, sudo, group or setuid") \
	X(TEXT, detail, "the command of sudo (ALL for any), the group, the program") \
	X(TEXT, why, "of a command or program: why it amounts to a root shell (editor, interpreter …); ''") \
	X(INT, nopasswd, "1 when no password is asked for on the way") \
	X(INT, usable, "0 when sudo asks for a password that the account does not have") \
	X(TEXT, evidence, "file:line and the rule")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "account_privileges",
	.doc = "How accounts become root: uid 0, sudo, groups, set-uid programs.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

#define NAMES_MAX 256 /* groups that count */

struct setuid {
	struct str path, why;
	int64_t gid, mode;
};

struct work {
	struct collect *c;
	struct sudo_grants *grants;
	struct map passwords; /* accounts that have one */
	struct setuid *setuids;
	size_t n_setuids, setuids_cap;
	/* the account at hand, with its groups */
	struct str username;
	int64_t uid;
	bool has_password, too_many;
	struct str names[NAMES_MAX];
	size_t n_names, used;
	char room[16'384];
};

static void work_release(struct work *w)
{
	sudo_grants_release(&w->grants);
	map_release(&w->passwords);
}

static struct str keep(struct work *w, sqlite3_stmt *st, int column)
{
	struct str s = store_text(st, column);

	return arena_str(w->c->arena, s.ptr ? s : STR(""));
}

static int note_password(sqlite3_stmt *st, void *user)
{
	struct work *w = user;
	struct str name = keep(w, st, 0);

	return name.ptr ? map_put(&w->passwords, name, 1) : -ENOMEM;
}

static int note_setuid(sqlite3_stmt *st, void *user)
{
	struct work *w = user;
	struct setuid s = { .path = keep(w, st, 0),
			    .why = keep(w, st, 1),
			    .gid = sqlite3_column_int64(st, 2),
			    .mode = sqlite3_column_int64(st, 3) };

	if (!s.path.ptr || !s.why.ptr)
		return -ENOMEM;
	return arena_push(w->c->arena, w->setuids, w->n_setuids, w->setuids_cap, s);
}

/* Past the limits a group does not count. */
static void use_name(struct work *w, struct str name)
{
	if (w->n_names == COUNT(w->names) || name.len > sizeof w->room - w->used)
		return;
	memcpy(w->room + w->used, name.ptr, name.len);
	w->names[w->n_names++] = (struct str){ w->room + w->used, name.len };
	w->used += name.len;
}

static int emit(struct work *w, const char *how, struct str detail, struct str why, bool nopasswd,
		bool usable, struct str evidence)
{
	struct FACT_ROW row = {
		.username = w->username,
		.uid = w->uid,
		.how = str_of(how),
		.detail = detail,
		.why = why,
		.nopasswd = nopasswd,
		.usable = usable,
		.evidence = evidence,
	};

	return collect_row(w->c, &row);
}

static int emit_sudo(struct work *w)
{
	struct sudo_account a = { w->username, w->has_password, w->names, w->n_names };
	struct sudo_way ways[SUDO_WAYS_MAX];
	size_t n = 0;
	int r = sudo_grants_of(w->grants, &a, ways, &n);

	if (r == -E2BIG) {
		if (!w->too_many)
			collect_problem(w->c, E2BIG, "/etc/sudoers",
					"too many rules: not all accounts were judged");
		w->too_many = true;
		return 0;
	}
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = emit(w, "sudo", ways[i].command, ways[i].why, ways[i].nopasswd, ways[i].usable,
			 ways[i].evidence);
	return r;
}

static int flush(struct work *w)
{
	int r = 0;

	if (!w->username.ptr || !w->uid)
		return 0;
	r = emit_sudo(w);
	for (size_t i = 0; r >= 0 && i < w->n_setuids; i++)
		if (w->setuids[i].mode & 01)
			r = emit(w, "setuid", w->setuids[i].path, w->setuids[i].why, true, true,
				 arena_fmt(w->c->arena, "%.*s mode %04llo",
					   STR_FMT(w->setuids[i].path),
					   (unsigned long long)w->setuids[i].mode));
	return r;
}

static int next_account(struct work *w, sqlite3_stmt *st)
{
	struct str name = store_text(st, 0);
	char number[32];
	int n, r = 0;

	if (w->username.ptr && str_eq(w->username, name))
		return 0;
	r = flush(w);
	if (r < 0)
		return r;
	w->username = keep(w, st, 0);
	w->uid = sqlite3_column_int64(st, 1);
	w->n_names = w->used = 0;
	if (!w->username.ptr)
		return -ENOMEM;
	w->has_password = map_get(&w->passwords, w->username) != NULL;
	if (!w->uid)
		r = emit(w, "uid0", STR("root"), STR(""), true, true,
			 arena_fmt(w->c->arena, "/etc/passwd:%lld %.*s has uid 0",
				   (long long)sqlite3_column_int64(st, 4), STR_FMT(w->username)));
	n = snprintf(number, sizeof number, "#%lld", (long long)w->uid);
	use_name(w, w->username);
	use_name(w, (struct str){ number, (size_t)n });
	use_name(w, STR("ALL"));
	return r;
}

static int do_group(struct work *w, struct str group, int64_t gid)
{
	static const struct {
		const char *name, *why;
	} groups[] = {
		{"docker",       "starts containers that see the whole disk"},
		{ "lxd",         "starts containers that see the whole disk"},
		{ "incus",       "starts containers"                        },
		{ "incus-admin", "starts containers that see the whole disk"},
		{ "libvirt",     "starts machines that see the whole disk"  },
		{ "disk",        "reads and writes the disk itself"         },
		{ "kmem",        "reads the memory of the kernel"           },
		{ "shadow",      "reads all hashes of passwords"            },
	};
	char number[32];
	struct str name;
	int n, r = 0;

	if (!group.len)
		return 0;
	name = arena_cat(w->c->arena, STR("%"), group, STR(""));
	if (!name.ptr)
		return -ENOMEM;
	use_name(w, name);
	n = snprintf(number, sizeof number, "%%#%lld", (long long)gid);
	use_name(w, (struct str){ number, (size_t)n });
	for (size_t i = 0; r >= 0 && w->uid && i < COUNT(groups); i++)
		if (str_eq(group, str_of(groups[i].name)))
			r = emit(w, "group", group, str_of(groups[i].why), true, true,
				 arena_fmt(w->c->arena, "/etc/group: %.*s is in %.*s",
					   STR_FMT(w->username), STR_FMT(group)));
	for (size_t i = 0; r >= 0 && w->uid && i < w->n_setuids; i++)
		if (w->setuids[i].gid == gid && !(w->setuids[i].mode & 01) &&
		    (w->setuids[i].mode & 010))
			r = emit(w, "setuid", w->setuids[i].path, w->setuids[i].why, true, true,
				 w->setuids[i].path);
	return r;
}

static int note_member(sqlite3_stmt *st, void *user)
{
	struct work *w = user;
	int r = next_account(w, st);

	return r < 0 ? r : do_group(w, store_text(st, 2), sqlite3_column_int64(st, 3));
}

static int collect(struct collect *c)
{
	own(work_release) struct work w = { .c = c };
	static const struct {
		const char *sql;
		host_row_fn *fn;
	} steps[] = {
		{"SELECT username FROM shadow WHERE password_status IN ('set', 'empty')",
                 note_password								       },
		{ "SELECT path, why, gid, mode FROM setuid_programs",                     note_setuid},
		{ "SELECT u.username, u.uid, coalesce(g.groupname, ''), coalesce(g.gid, -1), u.line"
		  " FROM users u LEFT JOIN user_groups g ON g.username = u.username AND g.uid = u.uid"
		  " WHERE u.uid >= 0 ORDER BY u.rowid, g.rowid",         note_member},
	};
	int r = sudo_grants_load(c, &w.grants);

	for (size_t i = 0; r >= 0 && i < COUNT(steps); i++)
		r = host_each(c->facts, steps[i].sql, steps[i].fn, &w);
	if (r >= 0)
		r = flush(&w);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_account_privileges = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "host_info users user_groups shadow sudo_rules sudo_defaults setuid_programs",
	.budget_ms = 30'000,
	.row_limit = 500'000,
};
