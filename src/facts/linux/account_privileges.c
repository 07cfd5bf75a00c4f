/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_privileges: How accounts become root: uid 0, sudo, groups, set-uid programs. */
#include <stdio.h>

#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/host_rules.h"

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

#define WAYS_MAX 4 /* kept of one subject of sudoers, the widest first */

struct way {
	int64_t rule; /* order in sudoers */
	bool all, nopasswd;
	struct str command, why, evidence;
};
/* One name that rules are for: a user, %group, #uid, ALL. */
struct subject {
	struct way ways[WAYS_MAX];
	size_t n;
	int64_t denied; /* the last "!ALL" */
};
struct setuid {
	struct str path, why;
	int64_t gid, mode;
};

struct work {
	struct collect *c;
	struct map subjects; /* -> index */
	struct subject *list;
	size_t n, cap;
	struct map passwords; /* accounts that have one */
	struct setuid *setuids;
	size_t n_setuids, setuids_cap;
	struct str host;
	bool foreign_password; /* Defaults rootpw, targetpw: not the account's own */
	int64_t rules;
	/* the account at hand, with its groups */
	struct str username;
	int64_t uid;
	bool has_password;
	const struct subject *of[64];
	size_t n_of;
};

static void work_release(struct work *w)
{
	map_release(&w->subjects);
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

static int note_host(sqlite3_stmt *st, void *user)
{
	struct work *w = user;

	w->host = keep(w, st, 0);
	return w->host.ptr ? 0 : -ENOMEM;
}

static int note_foreign(sqlite3_stmt *st, void *user)
{
	struct work *w = user;

	(void)st;
	w->foreign_password = true;
	return 0;
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

static bool has_any(struct str s, const char *set)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(set, s.ptr[i]))
			return true;
	return false;
}

/* What only looks like a name of another machine is none of ours; aliases and addresses may be. */
static bool host_matches(const struct work *w, struct str hosts)
{
	struct str full = w->host, name = str_cut(&full, '.'), rest = hosts;
	bool yes = false;

	while (rest.ptr) {
		struct str word = str_trim(str_cut(&rest, ','));
		bool not = word.len && word.ptr[0] == '!', fits, alias = word.len > 0;

		word = str_trim(str_sub(word, not, word.len));
		for (size_t i = 0; i < word.len; i++)
			alias &= (word.ptr[i] >= 'A' && word.ptr[i] <= 'Z') ||
				 (word.ptr[i] >= '0' && word.ptr[i] <= '9') || word.ptr[i] == '_';
		fits = alias || !w->host.len || str_ieq(word, name) || str_ieq(word, w->host) ||
		       (has_any(word, "*?[") &&
			(str_glob(word, w->host) || str_glob(word, name))) ||
		       (has_any(word, "0123456789") && has_any(word, ".:/") &&
			!has_any(word, "gxyz"));
		if (word.len && word.ptr[0] == '+')
			fits = true;
		if (fits)
			yes = !not ;
	}
	return yes;
}

/* "root,operator:www": the last word that is about root counts. */
static bool runs_as_root(struct str runas)
{
	struct str users = str_cut(&runas, ':');
	bool yes = false;

	while (users.ptr) {
		struct str word = str_trim(str_cut(&users, ','));
		bool not = word.len && word.ptr[0] == '!';

		word = str_sub(word, not, word.len);
		if (str_eq(word, STR("root")) || str_eq(word, STR("#0")) ||
		    str_eq(word, STR("ALL")))
			yes = !not ;
	}
	return yes;
}

static int width(const struct way *x) { return x->all * 2 + x->nopasswd; }

static void add_way(struct subject *s, const struct way *x)
{
	size_t at = s->n;

	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->ways[i].command, x->command) &&
		    str_eq(s->ways[i].evidence, x->evidence))
			return;
	while (at && width(&s->ways[at - 1]) < width(x))
		at--;
	if (at == WAYS_MAX)
		return;
	s->n = MIN(s->n + 1, (size_t)WAYS_MAX);
	for (size_t i = s->n - 1; i > at; i--)
		s->ways[i] = s->ways[i - 1];
	s->ways[at] = *x;
}

static int find_subject(struct work *w, struct str name, struct subject **ret)
{
	const uint64_t *known = map_get(&w->subjects, name);
	struct subject fresh = { .denied = -1 };
	int r;

	if (!known || !w->list) {
		name = arena_str(w->c->arena, name);
		r = name.ptr ? map_put(&w->subjects, name, w->n) : -ENOMEM;
		if (r >= 0)
			r = arena_push(w->c->arena, w->list, w->n, w->cap, fresh);
		if (r < 0)
			return r;
		*ret = &w->list[w->n - 1];
		return 0;
	}
	*ret = &w->list[*known];
	return 0;
}

/* user, hosts, runas, nopasswd, command, all_commands, negated, dangerous, rule, file, line */
static int note_rule(sqlite3_stmt *st, void *user)
{
	struct work *w = user;
	bool all = sqlite3_column_int(st, 5), negated = sqlite3_column_int(st, 6);
	struct way x = { .rule = w->rules++, .all = all, .nopasswd = sqlite3_column_int(st, 3) };
	struct subject *s;
	int r;

	if (!host_matches(w, store_text(st, 1)) || !runs_as_root(store_text(st, 2)))
		return 0;
	if (!all && (negated || !store_text(st, 7).len))
		return 0;
	r = find_subject(w, store_text(st, 0), &s);
	if (r < 0)
		return r;
	if (negated) {
		s->denied = x.rule;
		return 0;
	}
	x.command = keep(w, st, 4);
	x.why = keep(w, st, 7);
	x.evidence = arena_fmt(w->c->arena, "%.*s:%lld %.*s", STR_FMT(store_text(st, 9)),
			       (long long)sqlite3_column_int64(st, 10), STR_FMT(store_text(st, 8)));
	if (!x.command.ptr || !x.why.ptr || !x.evidence.ptr)
		return -ENOMEM;
	/* For people: sudoers is full of tabs. */
	for (char *p = (char *)x.evidence.ptr; *p; p++)
		if (*p == '\t')
			*p = ' ';
	add_way(s, &x);
	return 0;
}

static void use_subject(struct work *w, struct str name)
{
	const uint64_t *i = map_get(&w->subjects, name);

	if (i && w->list && w->n_of < COUNT(w->of))
		w->of[w->n_of++] = &w->list[*i];
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

/* All rules that are for the account, one list in the order of their width. */
static int emit_sudo(struct work *w)
{
	struct subject all = { .denied = -1 };
	int r = 0;

	for (size_t i = 0; i < w->n_of; i++)
		all.denied = MAX(all.denied, w->of[i]->denied);
	for (size_t i = 0; i < w->n_of; i++)
		for (size_t k = 0; k < w->of[i]->n; k++)
			if (w->of[i]->ways[k].rule > all.denied)
				add_way(&all, &w->of[i]->ways[k]);
	for (size_t i = 0; r >= 0 && i < all.n; i++) {
		const struct way *x = &all.ways[i];

		r = emit(w, "sudo", x->command, x->why, x->nopasswd,
			 x->nopasswd || (w->has_password && !w->foreign_password), x->evidence);
	}
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
	w->n_of = 0;
	if (!w->username.ptr)
		return -ENOMEM;
	w->has_password = map_get(&w->passwords, w->username) != NULL;
	if (!w->uid)
		r = emit(w, "uid0", STR("root"), STR(""), true, true,
			 arena_fmt(w->c->arena, "/etc/passwd:%lld %.*s has uid 0",
				   (long long)sqlite3_column_int64(st, 4), STR_FMT(w->username)));
	n = snprintf(number, sizeof number, "#%lld", (long long)w->uid);
	use_subject(w, w->username);
	use_subject(w, (struct str){ number, (size_t)n });
	use_subject(w, STR("ALL"));
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
	use_subject(w, name);
	n = snprintf(number, sizeof number, "%%#%lld", (long long)gid);
	use_subject(w, (struct str){ number, (size_t)n });
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
	own(work_release) struct work w = { .c = c, .host = STR("") };
	static const struct {
		const char *sql;
		host_row_fn *fn;
	} steps[] = {
		{"SELECT hostname FROM host_info LIMIT 1",                                   note_host   },
		{ "SELECT username FROM shadow WHERE password_status IN ('set', 'empty')",
                 note_password									   },
		{ "SELECT 1 FROM sudo_defaults WHERE scope = '' AND value <> 'no'"
		  " AND name IN ('rootpw', 'targetpw', 'runaspw') LIMIT 1", note_foreign},
		{ "SELECT path, why, gid, mode FROM setuid_programs",                        note_setuid },
		{ "SELECT user, hosts, runas, nopasswd, command, all_commands, negated, dangerous,"
		  " rule, file, line FROM sudo_rules ORDER BY rowid",       note_rule   },
		{ "SELECT u.username, u.uid, coalesce(g.groupname, ''), coalesce(g.gid, -1), u.line"
		  " FROM users u LEFT JOIN user_groups g ON g.username = u.username AND g.uid = u.uid"
		  " WHERE u.uid >= 0 ORDER BY u.rowid, g.rowid",            note_member },
	};
	int r = 0;

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
