/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulnerabilities: Known vulnerabilities of installed packages, by what their distribution says of them. */
#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/host_rules.h"
#include "facts/store.h"
#include "facts/windows/flaws.h"
#include "vuln/match.h"

#define FACT_ROW vulnerabilities_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, package, "binary package") \
	X(TEXT, arch, "architecture") \
	X(TEXT, source, "source package, by whose name advisories speak of it") \
	X(TEXT, version, "installed version that was compared: of the source, of rpm of the package") \
	X(TEXT, id, "CVE; where an advisory names none, the advisory") \
	X(TEXT, advisory, "advisory that says so, '' where it is the CVE itself") \
	X(TEXT, ecosystem, "as OSV names it: Debian:12") \
	X(TEXT, severity, "unknown, negligible, low, medium, high or critical: the distribution's, else the highest of any source") \
	X(TEXT, cvss, "base metrics of CVSS, ''") \
	X(INT, score, "CVSS base score in tenths; 0: not known") \
	X(INT, kev, "1 when it is known to be exploited (CISA KEV)") \
	X(INT, ransomware, "1 when extortionists are known to use it") \
	X(INTN, epss, "probability of exploitation within 30 days, in 100,000ths") \
	X(TEXT, fixed, "first version without it; '' where there is none") \
	X(INT, extended, "1 when that version is for subscribers alone (Ubuntu Pro)") \
	X(TEXT, status, "affected; minor, deferred, will not fix or undecided: what the distribution means to do; malicious") \
	X(TEXT, update_version, "version in the package indexes that has the fix and would be installed; '' where none has")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "vulnerabilities",
	.doc = "Known vulnerabilities of installed packages, by what their distribution says of them.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "package,id",
};

struct update {
	struct str candidate, source_candidate;
};
struct package {
	struct str name, arch, source, compared;
	struct str format, module;
	const struct update *update; /* NULL: there is none */
	struct package *next;        /* of the same source and version */
};
struct run {
	struct collect *c;
	struct str ecosystem, extended;
	size_t streams;        /* packages of modules that were left out */
	struct str release;    /* of the kernel that runs, or would, '' */
	bool known;            /* any package of the index is installed */
	struct map updates;    /* by "name arch" */
	struct map sources;    /* of the first struct package, by source and version */
	struct package **list; /* the first ones */
	size_t n, cap;
};

static struct str kept(struct run *run, sqlite3_stmt *st, int column)
{
	struct str s = store_text(st, column);

	return s.len ? arena_str(run->c->arena, s) : STR("");
}

static int on_system(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	struct str id = store_text(st, 0), version = store_text(st, 1);

	if (!match_ecosystem(id, version, run->c->arena, &run->ecosystem, &run->extended))
		collect_problem(run->c, 0, NULL, "nobody publishes advisories for %.*s %.*s",
				STR_FMT(id), STR_FMT(version));
	return 0;
}

/* "Windows 10 1809" is "Windows 10 Version 1809 for x64-based Systems" to its maker. */
static int add_windows(struct run *run, struct str name, struct str version)
{
	static const char *const forms[] = {
		"",
		" for x64-based Systems",
		" for x64-based Systems Service Pack 1",
		" for x64-based Systems Service Pack 2",
		" for ARM64-based Systems",
		" for 32-bit Systems",
		" for 32-bit Systems Service Pack 1",
		" for 32-bit Systems Service Pack 2",
	};
	struct arena *a = run->c->arena;

	for (size_t i = 0; i < COUNT(forms); i++) {
		struct package *p = arena_new(a, struct package);
		struct match_query q = { .ecosystem = STR("Windows"), .extended = STR("") };
		struct matches found = {};
		int r = p ? 0 : -ENOMEM;

		if (r >= 0) {
			q.name = arena_cat(a, name, str_of(forms[i]), STR(""));
			q.version = version;
			q.compare = version_dotted;
			r = q.name.ptr ? match_find(run->c->advisories, &q, a, &found) : -ENOMEM;
		}
		if (r < 0)
			return r;
		if (!found.known)
			continue;
		*p = (struct package){ .name = q.name,
				       .arch = STR(""),
				       .source = q.name,
				       .compared = version,
				       .format = STR("windows"),
				       .module = STR("") };
		/* Architectures are mended alike. */
		return arena_push(a, run->list, run->n, run->cap, p);
	}
	return 0;
}

static int on_windows(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	const struct windows_release *known =
		windows_release_find((uint32_t)sqlite3_column_int64(st, 0));
	const char *release = !known                      ? NULL
			      : sqlite3_column_int(st, 1) ? known->server
							  : known->client;
	struct str name = str_of(release), version = kept(run, st, 2);
	ssize_t blank = str_rfind(name, ' ');
	bool numbered =
		str_starts(name, STR("Windows 10 ")) || str_starts(name, STR("Windows 11 "));
	int r;

	run->ecosystem = STR("Windows");
	if (!version.ptr)
		return -ENOMEM;
	if (!release || sqlite3_column_type(st, 3) == SQLITE_NULL) {
		collect_problem(run->c, 0, NULL, "which updates this Windows has cannot be told");
		return 0;
	}
	if (numbered && str_ends(name, STR(" 1507")))
		name = str_sub(name, 0, (size_t)blank);
	else if (numbered)
		name = arena_fmt(run->c->arena, "%.*s Version %.*s", (int)blank, name.ptr,
				 STR_FMT(str_sub(name, (size_t)blank + 1, name.len)));
	r = name.ptr ? add_windows(run, name, version) : -ENOMEM;
	return r;
}

static int on_kernel(sqlite3_stmt *st, void *user)
{
	struct run *run = user;

	run->release = kept(run, st, 0);
	return run->release.ptr ? 0 : -ENOMEM;
}

static int on_update(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	struct update *u = arena_new(run->c->arena, struct update);
	struct str key = arena_cat(run->c->arena, store_text(st, 0), STR(" "), store_text(st, 1));

	if (!u || !key.ptr)
		return -ENOMEM;
	u->candidate = kept(run, st, 2);
	u->source_candidate = kept(run, st, 3);
	if (!u->candidate.ptr || !u->source_candidate.ptr)
		return -ENOMEM;
	return map_put(&run->updates, key, (uintptr_t)u);
}

static int on_package(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	struct arena *a = run->c->arena;
	struct package *p = arena_new(a, struct package);
	struct str key;
	uint64_t *at;

	if (!p)
		return -ENOMEM;
	*p = (struct package){ .name = kept(run, st, 0),
			       .arch = kept(run, st, 1),
			       .source = match_source(a, store_text(st, 2)),
			       .compared = kept(run, st, 3),
			       .format = kept(run, st, 4),
			       .module = kept(run, st, 5) };
	if (!p->name.ptr || !p->arch.ptr || !p->source.ptr || !p->compared.ptr || !p->format.ptr ||
	    !p->module.ptr)
		return -ENOMEM;
	if (p->module.len && !match_has_streams(run->ecosystem)) {
		run->streams++;
		return 0;
	}
	if (!match_carries(p->source, p->name) ||
	    (match_is_kernel(p->source) && !match_is_release(p->name, p->compared, run->release)))
		return 0;
	key = arena_cat(a, p->name, STR(" "), p->arch);
	if (!key.ptr)
		return -ENOMEM;
	at = map_get(&run->updates, key);
	p->update = at ? map_pointer(*at) : NULL;
	key = arena_cat(a, p->source, STR(" "), p->compared);
	if (!key.ptr)
		return -ENOMEM;
	at = map_get(&run->sources, key);
	if (at) {
		struct package *first = map_pointer(*at);

		p->next = first->next;
		first->next = p;
		return 0;
	}
	if (map_put(&run->sources, key, (uintptr_t)p) < 0)
		return -ENOMEM;
	return arena_push(a, run->list, run->n, run->cap, p);
}

static const char *severity_of(const struct match *m, const struct index_about *about)
{
	return index_severity_name(m->severity != RATED_UNKNOWN ? m->severity : about->severity);
}

static bool is_windows(const struct package *p) { return str_eq(p->format, STR("windows")); }

static bool is_rpm(const struct package *p) { return str_eq(p->format, STR("rpm")); }

static int emit(struct run *run, const struct package *first, const struct match *m,
		version_fn *compare)
{
	struct index_about about, advisory = {};
	int r = index_about(run->c->advisories, m->vuln, &about);

	if (r >= 0 && m->advisory != m->vuln)
		r = index_about(run->c->advisories, m->advisory, &advisory);
	for (const struct package *p = first; r >= 0 && p; p = p->next) {
		bool mended =
			p->update && m->fixed.len &&
			compare(is_rpm(p) ? p->update->candidate : p->update->source_candidate,
				m->fixed) >= 0;

		r = collect_row(run->c,
				&(struct vulnerabilities_row){
					.package = p->name,
					.arch = p->arch,
					.source = p->source,
					.version = p->compared,
					.id = str_of(about.id),
					.advisory = str_of(advisory.id),
					.ecosystem = run->ecosystem,
					.severity = str_of(severity_of(m, &about)),
					.cvss = str_of(about.cvss),
					.score = about.score,
					.kev = about.kev || advisory.kev,
					.ransomware = about.ransomware || advisory.ransomware,
					.epss = about.epss < 0 ? FACT_UNKNOWN : about.epss,
					.fixed = m->fixed,
					.extended = m->extended,
					.status = str_of(index_status_name(m->status)),
					.update_version = mended ? p->update->candidate : STR(""),
				});
	}
	return r;
}

static int judge(struct run *run, const struct package *p)
{
	struct arena_mark mark = arena_mark(run->c->arena);
	struct match_query q = {
		.ecosystem = run->ecosystem,
		.extended = run->extended,
		.name = p->source,
		.version = p->compared,
		.compare = is_rpm(p)                       ? version_rpm
			   : str_eq(p->format, STR("apk")) ? version_apk
			   : is_windows(p)                 ? version_dotted
							   : version_deb,
	};
	struct matches found;
	int r;

	/* Each stream of a module is mended in a version of its own. */
	if (p->module.len)
		q.name = arena_cat(run->c->arena, p->module, STR("/"), p->name);
	r = q.name.ptr ? match_find(run->c->advisories, &q, run->c->arena, &found) : -ENOMEM;

	run->known |= r >= 0 && found.known;
	for (size_t i = 0; r >= 0 && i < found.n; i++)
		r = emit(run, p, &found.list[i], q.compare);
	arena_rewind(run->c->arena, mark);
	return r;
}

static int load(struct run *run)
{
	struct store *s = run->c->facts;
	int r = host_each(s, "SELECT id, version_id FROM os_version LIMIT 1", on_system, run);

	if (r >= 0 && !run->ecosystem.len)
		r = host_each(s, "SELECT build, server, version, ubr FROM windows_version LIMIT 1",
			      on_windows, run);
	if (r >= 0)
		r = host_each(s,
			      run->c->proc ? "SELECT version FROM kernels WHERE running = 1"
					   : "SELECT version FROM kernels WHERE newest = 1",
			      on_kernel, run);
	if (r >= 0)
		r = host_each(s,
			      "SELECT name, arch, candidate, source_candidate FROM package_updates"
			      " WHERE state = 'missing'",
			      on_update, run);
	/* What was removed and left its configuration is not there. */
	if (r >= 0 && run->ecosystem.len)
		r = host_each(
			s,
			"SELECT name, arch, CASE format WHEN 'rpm' THEN name ELSE source END,"
			" CASE format WHEN 'deb' THEN source_version ELSE version END, format, module"
			" FROM packages WHERE status NOT IN ('config-files', 'not-installed')"
			" ORDER BY name, arch",
			on_package, run);
	return r;
}

static int run_all(struct run *run)
{
	struct collect *c = run->c;
	int r = load(run), covered;

	for (size_t i = 0; r >= 0 && i < run->n; i++)
		r = judge(run, run->list[i]);
	if (r == -EBADMSG)
		return collect_failed(c, r, "the index of advisories is damaged");
	if (r < 0 || !run->ecosystem.len)
		return r;
	covered = index_covers(c->advisories, run->ecosystem);
	if (covered == 0 && !run->known)
		collect_problem(c, 0, NULL, "the advisories that were fetched say nothing of %.*s",
				STR_FMT(run->ecosystem));
	if (run->streams)
		collect_problem(c, 0, NULL,
				"%zu packages of modules are not judged: advisories of %.*s do not"
				" tell their streams apart",
				run->streams, STR_FMT(run->ecosystem));
	return MIN(covered, 0);
}

static int collect(struct collect *c)
{
	struct run run = { .c = c, .ecosystem = STR(""), .extended = STR(""), .release = STR("") };
	int r = collect_advisories(c);

	if (r <= 0)
		return r;
	r = run_all(&run);
	map_release(&run.updates);
	map_release(&run.sources);
	return r;
}

const struct collector collector_vulnerabilities = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "os_version kernels packages package_updates windows_version",
	.budget_ms = 20000,
};
