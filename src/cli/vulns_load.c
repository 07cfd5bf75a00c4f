/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/map.h"
#include "cli/vulns.h"

enum query { HOST, KERNELS, REBOOT, UPDATES, USES, RESTARTS, INDEXES, PROBLEMS };

#define DAY ((int64_t)86400)
#define LISTS_OLD 7 /* days */

/* clang-format off */
const char *const vulns_queries[] = {
	[HOST] = "SELECT hostname, (SELECT value FROM holdfast_meta WHERE key = 'live') = '1',"
		 " (SELECT now FROM moment) FROM host_info",
	[KERNELS] = "SELECT version, running, newest FROM kernels ORDER BY version",
	[REBOOT] = "SELECT reboot_required, reboot_reason FROM update_state"
		   " WHERE reboot_required = 1 LIMIT 1",
	[UPDATES] = "SELECT name, arch, source, installed, candidate, suite, repository, state,"
		    " fixed, format, cves, security FROM package_updates ORDER BY name, arch",
	[USES] = "SELECT package, pid, process, unit, path, how, door, via, internet, stale > 0"
		 " FROM used_packages WHERE package IN (SELECT name FROM package_updates)"
		 " ORDER BY package, internet = 1 DESC, internet IS NULL DESC, how = 'runs' DESC, pid",
	[RESTARTS] = "SELECT unit, process, package, stale_path, pid, door, via, internet"
		     " FROM used_packages WHERE stale > 0"
		     " ORDER BY unit, CASE unit WHEN '' THEN process END, internet = 1 DESC, pid, package",
	[INDEXES] = "SELECT manager, repository, suite, component, security, present, valid_until,"
		    " fetched, date FROM package_indexes",
	[PROBLEMS] = "SELECT min(s.name), coalesce(p.path, ''),"
		     " coalesce(p.reason, nullif(s.reason, ''), s.status) AS why"
		     " FROM collector_status s LEFT JOIN collector_problems p ON p.name = s.name"
		     " WHERE s.status IN ('incomplete', 'failed') AND s.name IN ('package_updates',"
		     " 'package_indexes', 'process_packages', 'exposure', 'kernels', 'processes')"
		     " OR s.status = 'not_applicable' AND s.name = 'package_updates'"
		     " GROUP BY 2, 3 ORDER BY 1, 2, 3 LIMIT 50",
};
/* clang-format on */
const size_t n_vulns_queries = COUNT(vulns_queries);

struct loader {
	struct store *s;
	struct arena *a;
	struct vulns *v;
	sqlite3_stmt *st;
	size_t cap, cap_processes;
	struct vuln_process *processes;
	size_t n_processes;
	struct map updates; /* by package: index of the first */
};

static int text(struct loader *l, int column, struct str *ret)
{
	struct str s = store_text(l->st, column);

	*ret = s.len ? arena_str(l->a, s) : STR("");
	return ret->ptr ? 0 : -ENOMEM;
}

static int texts(struct loader *l, struct str *const to[], size_t n)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = text(l, (int)i, to[i]);
	return r;
}

static int64_t number(const struct loader *l, int column)
{
	return sqlite3_column_int64(l->st, column);
}

static bool is_null(const struct loader *l, int column)
{
	return sqlite3_column_type(l->st, column) == SQLITE_NULL;
}

static enum internet reach(const struct loader *l, int column)
{
	if (is_null(l, column))
		return INTERNET_UNKNOWN;
	return number(l, column) ? INTERNET_YES : INTERNET_NO;
}

/* The worse of both. */
static enum internet worse(enum internet a, enum internet b)
{
	if (a == INTERNET_YES || b == INTERNET_YES)
		return INTERNET_YES;
	return a == INTERNET_UNKNOWN || b == INTERNET_UNKNOWN ? INTERNET_UNKNOWN : INTERNET_NO;
}

static int on_host(struct loader *l)
{
	l->v->live = number(l, 1);
	l->v->now = number(l, 2);
	return text(l, 0, &l->v->host);
}

static int on_kernel(struct loader *l)
{
	int r = 0;

	if (number(l, 1))
		r = text(l, 0, &l->v->kernel_running);
	if (r >= 0 && number(l, 2))
		r = text(l, 0, &l->v->kernel_installed);
	return r;
}

static int on_reboot(struct loader *l)
{
	l->v->reboot = true;
	return text(l, 1, &l->v->reboot_reason);
}

static int words(struct loader *l, int column, struct str **ret, size_t *ret_n)
{
	struct str list, word;
	size_t cap = 0;
	int r = text(l, column, &list);

	while (r >= 0 && (word = str_word(&list)).len)
		r = arena_push(l->a, *ret, *ret_n, cap, word);
	return r;
}

static int on_update(struct loader *l)
{
	struct vuln_update u = {};
	struct str *const to[] = { &u.package, &u.arch,       &u.source, &u.installed, &u.candidate,
				   &u.suite,   &u.repository, &u.state,  &u.fixed,     &u.format };
	int r = texts(l, to, COUNT(to));

	if (r >= 0)
		r = words(l, 10, &u.cves, &u.n_cves);
	u.security = number(l, 11);
	if (r >= 0 && !map_get(&l->updates, u.package))
		r = map_put(&l->updates, u.package, l->v->n_updates);
	return r < 0 ? r : arena_push(l->a, l->v->updates, l->v->n_updates, l->cap, u);
}

/* Rows of one package follow each other, and the ones that matter come first. */
static int on_use(struct loader *l)
{
	struct vuln_process p = {};
	struct str package;
	struct str *const to[] = { &p.name, &p.unit, &p.path, &p.how, &p.door, &p.via };
	const uint64_t *at;
	int r = text(l, 0, &package);

	for (size_t i = 0; r >= 0 && i < COUNT(to); i++)
		r = text(l, (int)i + 2, to[i]);
	at = r >= 0 ? map_get(&l->updates, package) : NULL;
	if (!at)
		return r;
	p.pid = number(l, 1);
	p.internet = reach(l, 8);
	p.stale = number(l, 9);
	r = arena_push(l->a, l->processes, l->n_processes, l->cap_processes, p);
	for (size_t i = *at;
	     r >= 0 && i < l->v->n_updates && str_eq(l->v->updates[i].package, package); i++) {
		l->v->updates[i].n_processes++;
		l->v->updates[i].internet = worse(l->v->updates[i].internet, p.internet);
	}
	return r;
}

static bool same_restart(const struct vuln_restart *a, const struct vuln_restart *b)
{
	return str_eq(a->unit, b->unit) && (a->unit.len || str_eq(a->name, b->name));
}

static int on_restart(struct loader *l)
{
	struct vuln_restart x = { .n_packages = 1, .n_pids = 1 }, *last;
	struct str *const to[] = { &x.unit, &x.name, &x.package, &x.path };
	int r = texts(l, to, COUNT(to));

	x.pid = x.last_pid = number(l, 4);
	if (r >= 0)
		r = text(l, 5, &x.door);
	if (r >= 0)
		r = text(l, 6, &x.via);
	x.internet = reach(l, 7);
	last = l->v->n_restarts ? &l->v->restarts[l->v->n_restarts - 1] : NULL;
	if (r < 0 || !last || !same_restart(last, &x))
		return r < 0 ? r : arena_push(l->a, l->v->restarts, l->v->n_restarts, l->cap, x);
	if (last->last_pid != x.pid)
		last->n_pids++;
	else if (last->pid == x.pid)
		last->n_packages++;
	last->last_pid = x.pid;
	return 0;
}

static struct str age(struct loader *l, const char *what, int64_t time)
{
	return arena_fmt(l->a, "%s %lld days ago", what, (long long)((l->v->now - time) / DAY));
}

static int on_index(struct loader *l)
{
	struct vuln_index x = {};
	struct str *const to[] = { &x.manager, &x.repository, &x.suite, &x.component };
	int r = texts(l, to, COUNT(to));

	x.security = number(l, 4);
	if (!number(l, 5))
		x.problem = STR("was never fetched");
	else if (!is_null(l, 6) && number(l, 6) < l->v->now)
		x.problem = age(l, "expired", number(l, 6));
	else if (is_null(l, 6) && !is_null(l, 7) && l->v->now - number(l, 7) > LISTS_OLD * DAY &&
		 x.security)
		x.problem = age(l, "was fetched", number(l, 7));
	else
		return r;
	if (r < 0 || !x.problem.ptr)
		return r < 0 ? r : -ENOMEM;
	return arena_push(l->a, l->v->indexes, l->v->n_indexes, l->cap, x);
}

static int on_problem(struct loader *l)
{
	struct str name = store_text(l->st, 0), path = store_text(l->st, 1),
		   why = store_text(l->st, 2);
	struct str s = arena_fmt(l->a, "%.*s: %.*s%s%.*s", STR_FMT(name), STR_FMT(path),
				 path.len ? " " : "", STR_FMT(why));

	return s.ptr ? arena_push(l->a, l->v->problems, l->v->n_problems, l->cap, s) : -ENOMEM;
}

static int each(struct loader *l, enum query q, int (*fn)(struct loader *l))
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(l->s->db, vulns_queries[q], -1, &st, NULL), r = 0;

	l->st = st;
	l->cap = 0;
	while (rc == SQLITE_OK && r >= 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		r = fn(l);
		rc = SQLITE_OK;
	}
	if (r >= 0 && rc != SQLITE_DONE)
		r = store_errno(rc);
	return r;
}

/* Exploited and reachable first: what a person does first. */
static unsigned rank(const struct vuln_update *u)
{
	unsigned late = str_eq(u->state, STR("missing")) ? 0 : 1;
	unsigned reach = u->internet == INTERNET_YES ? 0 : u->internet == INTERNET_UNKNOWN ? 1 : 2;

	if (reach == 2 && !u->n_processes)
		reach = 3;
	return (u->security ? 0 : 100) + reach * 10 + late;
}

static int by_rank(const void *x, const void *y)
{
	const struct vuln_update *a = x, *b = y;
	int d = (a->rank > b->rank) - (a->rank < b->rank);

	d = d ? d : str_cmp(a->source, b->source);
	d = d ? d : str_cmp(a->package, b->package);
	return d ? d : str_cmp(a->arch, b->arch);
}

static int by_reach(const void *x, const void *y)
{
	static const int order[] = {
		[INTERNET_YES] = 0, [INTERNET_UNKNOWN] = 1, [INTERNET_NO] = 2
	};
	const struct vuln_restart *a = x, *b = y;
	int d = order[a->internet] - order[b->internet];

	d = d ? d : str_cmp(a->unit, b->unit);
	return d ? d : str_cmp(a->name, b->name);
}

/* The processes stand in the order of the packages: the updates get their slices. */
static void attach(struct loader *l)
{
	size_t at = 0;

	for (size_t i = 0, k; i < l->v->n_updates; i = k) {
		size_t n = l->v->updates[i].n_processes;

		for (k = i; k < l->v->n_updates &&
			    str_eq(l->v->updates[k].package, l->v->updates[i].package);
		     k++) {
			l->v->updates[k].processes = l->processes + at;
			l->v->updates[k].rank = rank(&l->v->updates[k]);
		}
		at += n;
	}
	if (l->v->n_updates)
		qsort(l->v->updates, l->v->n_updates, sizeof *l->v->updates, by_rank);
	if (l->v->n_restarts)
		qsort(l->v->restarts, l->v->n_restarts, sizeof *l->v->restarts, by_reach);
}

int vulns_load(struct store *s, struct arena *a, struct vulns *ret)
{
	static int (*const fns[])(struct loader *) = {
		[HOST] = on_host,      [KERNELS] = on_kernel,   [REBOOT] = on_reboot,
		[UPDATES] = on_update, [USES] = on_use,         [RESTARTS] = on_restart,
		[INDEXES] = on_index,  [PROBLEMS] = on_problem,
	};
	struct vulns v = { .host = STR("") };
	struct loader l = { .s = s, .a = a, .v = &v };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(fns); i++)
		r = each(&l, (enum query)i, fns[i]);
	map_release(&l.updates);
	if (r < 0)
		return r;
	attach(&l);
	*ret = v;
	return 0;
}
