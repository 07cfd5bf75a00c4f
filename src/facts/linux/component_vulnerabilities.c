/* SPDX-License-Identifier: GPL-3.0-or-later */
/* component_vulnerabilities: Known vulnerabilities of components and of packages in containers. */
#include "base/map.h"
#include "facts/linux/host_rules.h"
#include "facts/store.h"
#include "vuln/match.h"

#define FACT_ROW component_vulnerabilities_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, component, "components.id; 0 for a package in a layer of a container") \
	X(TEXT, layer, "container_packages.layer of such a package; ''") \
	X(TEXT, ecosystem, "as OSV names it: npm, Maven, Debian:12") \
	X(TEXT, name, "component; of such a package the name that advisories speak of") \
	X(TEXT, version, "version that was compared") \
	X(TEXT, id, "CVE; where an advisory names none, the advisory") \
	X(TEXT, advisory, "advisory that says so, '' where it is the CVE itself") \
	X(TEXT, severity, "unknown, negligible, low, medium, high or critical") \
	X(TEXT, cvss, "base metrics of CVSS, ''") \
	X(INT, score, "CVSS base score in tenths; 0: not known") \
	X(INT, kev, "1 when it is known to be exploited (CISA KEV)") \
	X(INT, ransomware, "1 when extortionists are known to use it") \
	X(INTN, epss, "probability of exploitation within 30 days, in 100,000ths") \
	X(TEXT, fixed, "first version without it; '' where there is none") \
	X(TEXT, status, "affected; minor, deferred, will not fix or undecided: what the publisher means to do; malicious")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "component_vulnerabilities",
	.doc = "Known vulnerabilities of components and of packages in containers.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "component,id",
};

/* What is asked for: the same library in many places is looked up once a place, not kept. */
struct subject {
	int64_t component;
	struct str layer, name;
	struct match_query q;
};
struct run {
	struct collect *c;
	struct map asked;   /* ecosystems that were looked for in the index */
	struct arena names; /* theirs: the collector's arena is rewound in between */
};

static void run_release(struct run *run)
{
	map_release(&run->asked);
	arena_release(&run->names);
}

/* Advisories of languages rate themselves; of the CVE that they name nothing may be known. */
static void rate(struct index_about *about, const struct index_about *advisory,
		 enum index_severity publisher)
{
	if (!about->cvss[0]) {
		memcpy(about->cvss, advisory->cvss, sizeof about->cvss);
		about->score = advisory->score;
	}
	about->severity = MAX(about->severity, advisory->severity);
	about->epss = MAX(about->epss, advisory->epss);
	if (publisher != RATED_UNKNOWN)
		about->severity = publisher;
}

static int emit(struct run *run, const struct subject *s, const struct match *m)
{
	struct index_about about, advisory = { .epss = -1 };
	int r = index_about(run->c->advisories, m->vuln, &about);

	if (r >= 0 && m->advisory != m->vuln)
		r = index_about(run->c->advisories, m->advisory, &advisory);
	if (r < 0)
		return r;
	rate(&about, &advisory, m->severity);
	return collect_row(run->c, &(struct component_vulnerabilities_row){
					   .component = s->component,
					   .layer = s->layer,
					   .ecosystem = s->q.ecosystem,
					   .name = s->name,
					   .version = s->q.version,
					   .id = str_of(about.id),
					   .advisory = str_of(advisory.id),
					   .severity = str_of(index_severity_name(about.severity)),
					   .cvss = str_of(about.cvss),
					   .score = about.score,
					   .kev = about.kev || advisory.kev,
					   .ransomware = about.ransomware || advisory.ransomware,
					   .epss = about.epss < 0 ? FACT_UNKNOWN : about.epss,
					   .fixed = m->fixed,
					   .status = str_of(index_status_name(m->status)),
				   });
}

/* Once an ecosystem: that nothing is known of it is no good news. */
static int note_unknown(struct run *run, struct str ecosystem)
{
	int r;

	if (map_get(&run->asked, ecosystem))
		return 0;
	r = index_covers(run->c->advisories, ecosystem);
	if (r == 0)
		collect_problem(run->c, 0, NULL,
				"the advisories that were fetched say nothing of %.*s",
				STR_FMT(ecosystem));
	if (r < 0)
		return r;
	ecosystem = arena_str(&run->names, ecosystem);
	return ecosystem.ptr ? map_put(&run->asked, ecosystem, 1) : -ENOMEM;
}

static int judge(struct run *run, const struct subject *s)
{
	struct matches found;
	struct arena_mark mark;
	int r = note_unknown(run, s->q.ecosystem);

	if (r < 0)
		return r;
	mark = arena_mark(run->c->arena);
	r = match_find(run->c->advisories, &s->q, run->c->arena, &found);
	for (size_t i = 0; r >= 0 && i < found.n; i++)
		r = emit(run, s, &found.list[i]);
	arena_rewind(run->c->arena, mark);
	return r;
}

static int on_component(sqlite3_stmt *st, void *user)
{
	struct subject s = {
		.component = sqlite3_column_int64(st, 0),
		.layer = STR(""),
		.name = store_text(st, 2),
		.q = {.ecosystem = store_text(st, 1),
                      .extended = STR(""),
                      .name = store_text(st, 2),
                      .version = store_text(st, 3)}
	};
	const struct version_order *order = version_order_find(s.q.ecosystem);

	if (!order)
		return 0;
	s.q.compare = order->compare;
	return judge(user, &s);
}

static int on_package(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	struct arena_mark mark = arena_mark(run->c->arena);
	struct str format = store_text(st, 5);
	bool rpm = str_eq(format, STR("rpm"));
	struct subject s = { .layer = store_text(st, 0), .q = { .version = store_text(st, 4) } };
	int r = 0;

	s.name = s.q.name =
		rpm ? store_text(st, 6) : match_source(run->c->arena, store_text(st, 3));
	s.q.compare = rpm ? version_rpm : str_eq(format, STR("apk")) ? version_apk : version_deb;
	if (!s.name.ptr)
		return -ENOMEM;
	/* A container runs on the kernel of its machine. */
	if (match_ecosystem(store_text(st, 1), store_text(st, 2), run->c->arena, &s.q.ecosystem,
			    &s.q.extended) &&
	    !match_is_kernel(s.name))
		r = judge(run, &s);
	arena_rewind(run->c->arena, mark);
	return r;
}

static int run_all(struct run *run)
{
	struct store *s = run->c->facts;
	int r = host_each(s,
			  "SELECT id, ecosystem, name, version FROM components"
			  " WHERE ecosystem <> '' AND version <> '' ORDER BY id",
			  on_component, run);

	return r < 0 ? r
		     : host_each(
			       s,
			       "SELECT layer, os_id, os_version, source,"
			       " CASE format WHEN 'deb' THEN source_version ELSE version END,"
			       " format, name FROM container_packages"
			       " GROUP BY layer, CASE format WHEN 'rpm' THEN name ELSE source END,"
			       " version, source_version ORDER BY layer, source",
			       on_package, run);
}

static int collect(struct collect *c)
{
	own(run_release) struct run run = { .c = c };
	int r = collect_advisories(c);

	if (r <= 0)
		return r;
	r = run_all(&run);
	return r == -EBADMSG ? collect_failed(c, r, "the index of advisories is damaged") : r;
}

const struct collector collector_component_vulnerabilities = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "components container_packages",
	.budget_ms = 30'000,
	.row_limit = 500'000,
};
