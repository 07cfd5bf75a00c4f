/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last way in: who can log in is worked out for the files as they are planned, by the same tables
 * as `holdfast accounts`. Actions that nobody would get in after are left out, one by one.
 */
#include <stdio.h>

#include "cli/fix.h"

static const char query[] =
	"SELECT username, max(certain), max(means LIKE '%key%' OR means LIKE '%certificate%'),"
	" max(username = 'root' OR uid = 0 OR EXISTS (SELECT 1 FROM account_privileges p"
	"   WHERE p.username = l.username AND p.usable = 1)) FROM logins l"
	" WHERE door <> 'console' AND session IN ('shell', 'command') GROUP BY username";

struct way {
	struct str name;
	bool certain, key, admin;
};
struct ways {
	struct way *list;
	size_t n, cap;
};

static int read_ways(struct store *s, struct arena *a, struct ways *ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, query, -1, &st, NULL), r = 0;

	if (rc != SQLITE_OK)
		return store_errno(rc);
	while (r >= 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct way w = {
			.name = arena_str(a, store_text(st, 0)),
			.certain = sqlite3_column_int(st, 1),
			.key = sqlite3_column_int(st, 2),
			.admin = sqlite3_column_int(st, 3),
		};

		r = w.name.ptr ? arena_push(a, ret->list, ret->n, ret->cap, w) : -ENOMEM;
	}
	return r < 0 ? r : rc == SQLITE_DONE ? 0 : store_errno(rc);
}

static const struct way *find(const struct ways *w, struct str name)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->list[i].name, name))
			return &w->list[i];
	return NULL;
}

static bool any_admin(const struct ways *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i].admin)
			return true;
	return false;
}

/* Only the tables that are asked, from the planned files. */
static int collect(struct fix *x, struct ways *ret)
{
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	own(store_release) struct store store = {};
	own(source_release) struct source source = x->a.source;
	struct snapshot_result result;
	int r;

	source.azure = (struct cli_list){};
	r = wanted ? source_schema(&source) : -ENOMEM;
	if (r < 0)
		return r;
	source_tables(&source, str_of(query), wanted);
	source.wanted = wanted;
	source.over = &x->over;
	if (source_load(&source, &store, &result) != EXIT_OK || store_seal(&store) < 0)
		return -EIO;
	return read_ways(&store, &x->arena, ret);
}

/* Why nobody, or not who is logged in now, would get in; NULL: all is well. */
static const char *lost(struct fix *x, const struct ways *before, const struct ways *after)
{
	struct str me = str_of(x->session.login);

	if (x->root.live && me.len && find(before, me) && !find(after, me))
		return arena_fmt(&x->arena,
				 "%s, who is logged in now, would have no way to log in any more",
				 x->session.login)
			.ptr;
	if (before->n && !after->n)
		return "nobody would have a way to log in any more";
	if (any_admin(before) && !any_admin(after))
		return "nobody who becomes root would have a way to log in any more";
	return NULL;
}

static bool any_risky(const struct fix *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (fix_is_possible(&x->list[i]) && x->list[i].plan.risky)
			return true;
	return false;
}

/* Plans again, one after the other: a risky one that takes the way away is left out. */
static int find_culprits(struct fix *x, const struct ways *before)
{
	int r = 0;

	root_over_rewind(&x->over, 0);
	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		struct fix_action *f = &x->list[i];
		size_t mark = x->over.n;
		struct ways after = {};
		const char *why;

		r = fix_plan_one(x, f);
		if (r < 0 || !fix_is_possible(f) || !f->plan.risky)
			continue;
		r = collect(x, &after);
		why = r >= 0 ? lost(x, before, &after) : NULL;
		if (why) {
			f->plan.cannot = why;
			root_over_rewind(&x->over, mark);
		}
	}
	return r;
}

int fix_check_logins(struct fix *x)
{
	struct ways before = {}, after = {};
	int r;

	if (!any_risky(x))
		return EXIT_OK;
	r = read_ways(&x->a.store, &x->arena, &before);
	if (r >= 0)
		r = collect(x, &after);
	if (r >= 0 && lost(x, &before, &after))
		r = find_culprits(x, &before);
	if (r < 0)
		cli_error("who could still log in cannot be worked out: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
