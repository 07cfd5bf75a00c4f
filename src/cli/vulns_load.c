/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/vulns_work.h"

enum query {
	HOST,
	SUPPORT,
	KERNELS,
	REBOOT,
	USES,
	UPDATES,
	FLAWS,
	ENDED,
	FEEDS,
	RESTARTS,
	INDEXES,
	PROBLEMS,
};

#define DAY ((int64_t)86400)
#define LISTS_OLD 7 /* days */

/* clang-format off */
const char *const vulns_queries[] = {
	[HOST] = "SELECT hostname, (SELECT value FROM holdfast_meta WHERE key = 'live') = '1',"
		 " (SELECT now FROM moment) FROM host_info",
	/* As the check os-supported decides it. */
	[SUPPORT] = "SELECT pretty_name, coalesce(eol_date, ''), CASE WHEN extended"
		    " THEN extended_eol_date ELSE '' END, CASE WHEN extended THEN extended_eol_date"
		    " ELSE eol_date END < today, eol_date < today FROM (SELECT *, extended_eol_date"
		    " IS NOT NULL AND (id = 'debian' OR EXISTS (SELECT 1 FROM package_repositories"
		    " WHERE enabled = 1 AND (uri LIKE '%esm.ubuntu.com%' OR suite LIKE '%-els-%'"
		    " OR suite LIKE '%-eus-%' OR uri LIKE '%/els/%'))) AS extended,"
		    " (SELECT date(now, 'unixepoch') FROM moment) AS today FROM os_version LIMIT 1)",
	[KERNELS] = "SELECT version, running, newest FROM kernels ORDER BY version",
	[REBOOT] = "SELECT reboot_required, reboot_reason FROM update_state"
		   " WHERE reboot_required = 1 LIMIT 1",
	[UPDATES] = "SELECT name, arch, source, installed, candidate, suite, repository, state,"
		    " fixed, format, cves, security FROM package_updates ORDER BY name, arch",
	/* No package has a name like that of a component. */
	[USES] = "SELECT * FROM (SELECT package, pid, process, unit, path, how, door, via, internet,"
		 " stale > 0 FROM used_packages WHERE package IN (SELECT name FROM package_updates"
		 " UNION SELECT package FROM vulnerabilities)"
		 " UNION ALL SELECT '/' || component, pid, process, unit, path, how, door, via,"
		 " internet, 0 FROM used_components"
		 " WHERE component IN (SELECT component FROM component_flaws))"
		 " ORDER BY package, internet = 1 DESC, internet IS NULL DESC, how = 'runs' DESC, pid",
	[FLAWS] = "SELECT source, version, id, advisory, ecosystem, severity, cvss, fixed, status,"
		  " update_version, package, score, kev, ransomware, epss, extended, '' AS path, '' AS layer"
		  " FROM vulnerabilities UNION ALL SELECT c.name, c.version, f.id, f.advisory,"
		  " f.ecosystem, f.severity, f.cvss, f.fixed, f.status, '', '/' || c.id, f.score,"
		  " f.kev, f.ransomware, f.epss, 0, c.path, c.layer"
		  " FROM component_flaws f JOIN components c ON c.id = f.component"
		  " ORDER BY source, version, id, ecosystem, package",
	/* As the checks comp-eol and app-eol; of a file that both tables have, once. */
	[ENDED] = "SELECT name, version, eol_date, path, package, ecosystem = 'Go' AS built_in,"
		  " internet IS 1 AS reached FROM component_state, moment"
		  " WHERE eol_date < date(now, 'unixepoch')"
		  " UNION ALL SELECT a.name, a.version, a.eol_date, a.path, a.package, 0,"
		  " EXISTS (SELECT 1 FROM processes p JOIN exposure e USING (pid)"
		  " WHERE e.internet IS NOT 0 AND (p.path = a.path AND a.path <> ''"
		  " OR p.package = a.package AND a.package <> ''))"
		  " FROM applications a, moment WHERE a.eol_date < date(now, 'unixepoch')"
		  " AND NOT EXISTS (SELECT 1 FROM components c WHERE c.path = a.path"
		  " OR c.package = a.package AND a.package <> '' AND c.product = a.name)"
		  " ORDER BY built_in, name, version, reached DESC, path",
	[FEEDS] = "SELECT name, format, coalesce(published, 0), imported FROM advisory_sources ORDER BY name",
	[RESTARTS] = "SELECT unit, process, package, stale_path, pid, door, via, internet"
		     " FROM used_packages WHERE stale > 0"
		     " ORDER BY unit, CASE unit WHEN '' THEN process END, internet = 1 DESC, pid, package",
	[INDEXES] = "SELECT manager, repository, suite, component, security, present, valid_until,"
		    " fetched, date FROM package_indexes",
	[PROBLEMS] = "SELECT min(s.name), coalesce(p.path, ''),"
		     " coalesce(p.reason, nullif(s.reason, ''), s.status) AS why"
		     " FROM collector_status s LEFT JOIN collector_problems p ON p.name = s.name"
		     " WHERE s.status IN ('incomplete', 'failed') AND s.name IN ('package_updates',"
		     " 'package_indexes', 'process_packages', 'exposure', 'kernels', 'processes',"
		     " 'packages', 'applications', 'vulnerabilities', 'components',"
		     " 'component_processes', 'component_vulnerabilities')"
		     " OR s.status = 'not_applicable' AND s.name = 'package_updates'"
		     " GROUP BY 2, 3 ORDER BY 1, 2, 3 LIMIT 50",
};
/* clang-format on */
const size_t n_vulns_queries = COUNT(vulns_queries);

int load_text(struct loader *l, int column, struct str *ret)
{
	struct str s = store_text(l->st, column);

	*ret = s.len ? arena_str(l->a, s) : STR("");
	return ret->ptr ? 0 : -ENOMEM;
}

int load_texts(struct loader *l, struct str *const to[], size_t n)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = load_text(l, (int)i, to[i]);
	return r;
}

int64_t load_number(const struct loader *l, int column)
{
	return sqlite3_column_int64(l->st, column);
}

bool load_is_null(const struct loader *l, int column)
{
	return sqlite3_column_type(l->st, column) == SQLITE_NULL;
}

static enum internet reach(const struct loader *l, int column)
{
	if (load_is_null(l, column))
		return INTERNET_UNKNOWN;
	return load_number(l, column) ? INTERNET_YES : INTERNET_NO;
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
	l->v->live = load_number(l, 1);
	l->v->now = load_number(l, 2);
	return load_text(l, 0, &l->v->host);
}

static int on_support(struct loader *l)
{
	struct str *const to[] = { &l->v->release, &l->v->support_end, &l->v->support_extended };

	l->v->support_over = load_number(l, 3);
	l->v->support_late = load_number(l, 4);
	return load_texts(l, to, COUNT(to));
}

static int on_feed(struct loader *l)
{
	struct vuln_feed f = { .published = load_number(l, 2), .imported = load_number(l, 3) };
	struct str *const to[] = { &f.name, &f.format };
	int r = load_texts(l, to, COUNT(to));

	return r < 0 ? r : arena_push(l->a, l->v->feeds, l->v->n_feeds, l->cap, f);
}

static int on_kernel(struct loader *l)
{
	int r = 0;

	if (load_number(l, 1))
		r = load_text(l, 0, &l->v->kernel_running);
	if (r >= 0 && load_number(l, 2))
		r = load_text(l, 0, &l->v->kernel_installed);
	return r;
}

static int on_reboot(struct loader *l)
{
	l->v->reboot = true;
	return load_text(l, 1, &l->v->reboot_reason);
}

static int words(struct loader *l, int column, struct str **ret, size_t *ret_n)
{
	struct str list, word;
	size_t cap = 0;
	int r = load_text(l, column, &list);

	while (r >= 0 && (word = str_word(&list)).len)
		r = arena_push(l->a, *ret, *ret_n, cap, word);
	return r;
}

static int on_update(struct loader *l)
{
	struct vuln_update u = {};
	struct str *const to[] = { &u.package, &u.arch,       &u.source, &u.installed, &u.candidate,
				   &u.suite,   &u.repository, &u.state,  &u.fixed,     &u.format };
	int r = load_texts(l, to, COUNT(to));
	const struct vuln_use *use = r >= 0 ? load_use(l, u.package) : NULL;

	if (r >= 0)
		r = words(l, 10, &u.cves, &u.n_cves);
	u.security = load_number(l, 11);
	u.untold = load_is_null(l, 11);
	if (use) {
		u.processes = use->processes;
		u.n_processes = use->n;
		u.internet = use->internet;
	}
	return r < 0 ? r : arena_push(l->a, l->v->updates, l->v->n_updates, l->cap, u);
}

/* Rows of one package follow each other, and the ones that matter come first. */
static int on_use(struct loader *l)
{
	struct vuln_process p = {};
	struct vuln_use use = { .n = 1 }, *last = l->n_uses ? &l->uses[l->n_uses - 1] : NULL;
	struct str *const to[] = { &p.name, &p.unit, &p.path, &p.how, &p.door, &p.via };
	int r = load_text(l, 0, &use.package);

	for (size_t i = 0; r >= 0 && i < COUNT(to); i++)
		r = load_text(l, (int)i + 2, to[i]);
	p.pid = load_number(l, 1);
	p.internet = use.internet = reach(l, 8);
	p.stale = load_number(l, 9);
	if (r >= 0)
		r = arena_push(l->a, l->processes, l->n_processes, l->cap_processes, p);
	if (r < 0 || !last || !str_eq(last->package, use.package))
		return r < 0 ? r : arena_push(l->a, l->uses, l->n_uses, l->cap_uses, use);
	last->n++;
	last->internet = worse(last->internet, p.internet);
	return 0;
}

/* The list of processes moves while it grows. */
static void settle(struct loader *l)
{
	size_t at = 0;

	for (size_t i = 0; i < l->n_uses; i++) {
		l->uses[i].processes = l->processes + at;
		at += l->uses[i].n;
	}
}

static int find_use(const void *key, const void *item)
{
	const struct vuln_use *u = item;
	const struct str *name = key;

	return str_cmp(*name, u->package);
}

const struct vuln_use *load_use(const struct loader *l, struct str package)
{
	return l->n_uses ? bsearch(&package, l->uses, l->n_uses, sizeof *l->uses, find_use) : NULL;
}

static bool same_restart(const struct vuln_restart *a, const struct vuln_restart *b)
{
	return str_eq(a->unit, b->unit) && (a->unit.len || str_eq(a->name, b->name));
}

static int on_restart(struct loader *l)
{
	struct vuln_restart x = { .n_packages = 1, .n_pids = 1 }, *last;
	struct str *const to[] = { &x.unit, &x.name, &x.package, &x.path };
	int r = load_texts(l, to, COUNT(to));

	x.pid = x.last_pid = load_number(l, 4);
	if (r >= 0)
		r = load_text(l, 5, &x.door);
	if (r >= 0)
		r = load_text(l, 6, &x.via);
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
	int r = load_texts(l, to, COUNT(to));

	if (!l->v->manager.len)
		l->v->manager = x.manager;
	x.security = load_number(l, 4);
	if (!load_number(l, 5))
		x.problem = STR("was never fetched");
	else if (!load_is_null(l, 6) && load_number(l, 6) < l->v->now)
		x.problem = age(l, "expired", load_number(l, 6));
	else if (load_is_null(l, 6) && !load_is_null(l, 7) &&
		 l->v->now - load_number(l, 7) > LISTS_OLD * DAY && x.security)
		x.problem = age(l, "was fetched", load_number(l, 7));
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

int vulns_load(struct store *s, struct arena *a, struct vulns *ret)
{
	static int (*const fns[])(struct loader *) = {
		[HOST] = on_host,        [SUPPORT] = on_support, [KERNELS] = on_kernel,
		[REBOOT] = on_reboot,    [USES] = on_use,        [UPDATES] = on_update,
		[FLAWS] = load_flaw,     [ENDED] = load_ended,   [FEEDS] = on_feed,
		[RESTARTS] = on_restart, [INDEXES] = on_index,   [PROBLEMS] = on_problem,
	};
	struct vulns v = { .host = STR("") };
	struct loader l = { .s = s, .a = a, .v = &v };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(fns); i++) {
		r = each(&l, (enum query)i, fns[i]);
		if (i == USES)
			settle(&l);
	}
	if (r >= 0)
		r = load_join(&l);
	if (r >= 0)
		r = load_components(&l);
	if (r < 0)
		return r;
	if (v.n_restarts)
		qsort(v.restarts, v.n_restarts, sizeof *v.restarts, by_reach);
	load_sort_ended(&v);
	*ret = v;
	return 0;
}
