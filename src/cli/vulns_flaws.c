/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known vulnerabilities with those who use what has them, and the updates that mend them. */
#include "cli/vulns_work.h"
#include "vuln/match.h"

static bool same_flaw(const struct vuln_flaw *a, const struct vuln_flaw *b)
{
	return str_eq(a->id, b->id) && str_eq(a->source, b->source) &&
	       str_eq(a->version, b->version) && str_eq(a->ecosystem, b->ecosystem) &&
	       a->component == b->component;
}

static unsigned order(enum internet r)
{
	return r == INTERNET_YES ? 0 : r == INTERNET_UNKNOWN ? 1 : 2;
}

static void add_use(struct vuln_flaw *f, const struct vuln_use *use)
{
	if (!use || (f->use && order(f->use->internet) <= order(use->internet)))
		return;
	f->use = use;
	f->internet = use->internet;
}

static int add_place(struct loader *l, struct vuln_flaw *f, const struct vuln_place *place)
{
	size_t n = f->n_packages;
	int r = arena_push(l->a, f->places, n, l->cap_places, *place);

	return r < 0 ? r
		     : arena_push(l->a, f->packages, f->n_packages, l->cap_packages, place->path);
}

int load_flaw(struct loader *l)
{
	struct vuln_flaw f = {}, *last;
	const struct vuln_use *use;
	struct str package, path, layer;
	struct str *const to[] = { &f.source,    &f.version,  &f.id,   &f.advisory,
				   &f.ecosystem, &f.severity, &f.cvss, &f.fixed,
				   &f.status,    &f.update,   &package };
	int r = load_texts(l, to, COUNT(to));

	if (r >= 0)
		r = load_text(l, 16, &path);
	if (r >= 0)
		r = load_text(l, 17, &layer);
	if (r < 0)
		return r;
	f.component = path.len;
	f.score = (unsigned)load_number(l, 11);
	f.kev = load_number(l, 12);
	f.ransomware = load_number(l, 13);
	f.epss = load_is_null(l, 14) ? -1 : load_number(l, 14);
	f.extended = load_number(l, 15);
	last = l->v->n_flaws ? &l->v->flaws[l->v->n_flaws - 1] : NULL;
	if (!last || !same_flaw(last, &f)) {
		r = arena_push(l->a, l->v->flaws, l->v->n_flaws, l->cap, f);
		l->cap_packages = l->cap_places = 0;
	}
	if (r < 0)
		return r;
	last = &l->v->flaws[l->v->n_flaws - 1];
	if (f.update.len)
		last->update = f.update;
	use = load_use(l, package);
	add_use(last, use);
	if (path.len)
		return add_place(l, last, &(struct vuln_place){ path, layer, use });
	/* One of several architectures. */
	if (last->n_packages && str_eq(last->packages[last->n_packages - 1], package))
		return 0;
	return arena_push(l->a, last->packages, last->n_packages, l->cap_packages, package);
}

static unsigned risk_of(const struct vuln_flaw *f)
{
	bool local = str_contains(f->cvss, STR("AV:L")) || str_contains(f->cvss, STR("AV:P"));

	return vuln_risk(vuln_flaw_threat(f), f->internet, f->use != NULL, local);
}

static bool has_package(const struct vuln_flaw *f, struct str package)
{
	for (size_t i = 0; i < f->n_packages; i++)
		if (str_eq(f->packages[i], package))
			return true;
	return false;
}

static int add_cve(struct loader *l, struct vuln_update *u, const struct vuln_flaw *f)
{
	bool local = str_contains(f->cvss, STR("AV:L")) || str_contains(f->cvss, STR("AV:P"));
	unsigned risk = vuln_risk(vuln_flaw_threat(f), u->internet, u->n_processes > 0, local);

	u->security = true;
	u->kev |= f->kev;
	u->risk = MAX(u->risk, risk);
	for (size_t i = 0; i < u->n_cves; i++)
		if (str_eq(u->cves[i], f->id))
			return 0;
	return arena_push(l->a, u->cves, u->n_cves, u->cap_cves, f->id);
}

static bool mends(const struct vuln_update *u, const struct vuln_flaw *f)
{
	return f->update.len && has_package(f, u->package);
}

/* Flaws stand in the order of their source. */
static int join_update(struct loader *l, struct vuln_update *u, size_t first)
{
	const struct vulns *v = l->v;
	struct str source = first < v->n_flaws ? v->flaws[first].source : STR("");
	struct str *stated = u->cves;
	size_t n_stated = u->n_cves;
	int r = 0;

	u->cves = NULL;
	u->n_cves = u->cap_cves = 0;
	for (size_t i = first; r >= 0 && i < v->n_flaws && str_eq(v->flaws[i].source, source); i++)
		if (mends(u, &v->flaws[i]))
			r = add_cve(l, u, &v->flaws[i]);
	for (size_t i = 0; r >= 0 && i < n_stated; i++)
		r = add_cve(l, u, &(struct vuln_flaw){ .id = stated[i], .epss = -1 });
	u->untold &= !u->security;
	if (u->security || u->untold)
		u->risk = MAX(u->risk, vuln_risk(u->n_cves ? THREAT_LOW : THREAT_HIGH, u->internet,
						 u->n_processes > 0, false));
	return r;
}

static int by_risk(const void *x, const void *y)
{
	const struct vuln_update *a = x, *b = y;
	int d = b->security - a->security;

	d = d ? d : (a->risk < b->risk) - (a->risk > b->risk);
	d = d ? d : (int)order(a->internet) - (int)order(b->internet);
	d = d ? d : (b->n_processes > 0) - (a->n_processes > 0);
	d = d ? d : str_eq(b->state, STR("missing")) - str_eq(a->state, STR("missing"));
	d = d ? d : str_cmp(a->source, b->source);
	d = d ? d : str_cmp(a->package, b->package);
	return d ? d : str_cmp(a->arch, b->arch);
}

static int flaw_by_risk(const void *x, const void *y)
{
	const struct vuln_flaw *a = x, *b = y;
	int d = (a->risk < b->risk) - (a->risk > b->risk);

	d = d ? d : (a->epss < b->epss) - (a->epss > b->epss);
	d = d ? d : (a->score < b->score) - (a->score > b->score);
	d = d ? d : str_cmp(a->source, b->source);
	d = d ? d : str_cmp(a->version, b->version);
	return d ? d : str_cmp(a->id, b->id);
}

/* On packages, and not on what is exploited or without support alone. */
static bool has_advisories(const struct vulns *v)
{
	static const char *const others[] = { "kev", "epss", "eol" };

	for (size_t i = 0; i < v->n_feeds; i++) {
		bool other = false;

		for (size_t k = 0; k < COUNT(others); k++)
			other |= str_eq(v->feeds[i].format, str_of(others[k]));
		if (!other)
			return true;
	}
	return false;
}

int load_join(struct loader *l)
{
	own(map_release) struct map sources = {};
	struct vulns *v = l->v;
	bool judged = has_advisories(v);
	int r = 0;

	for (size_t i = v->n_flaws; r >= 0 && i-- > 0;)
		r = map_put(&sources, v->flaws[i].source, i);
	for (size_t i = 0; r >= 0 && i < v->n_updates; i++) {
		struct vuln_update *u = &v->updates[i];
		bool rpm = str_eq(u->format, STR("rpm"));
		/* Advisories of rpm speak of the package itself. */
		struct str source = rpm ? u->package : match_source(l->a, u->source);
		const uint64_t *at = map_get(&sources, source);

		u->untold &= !judged;
		r = source.ptr ? join_update(l, u, at ? (size_t)*at : v->n_flaws) : -ENOMEM;
	}
	for (size_t i = 0; i < v->n_flaws; i++)
		v->flaws[i].risk = risk_of(&v->flaws[i]);
	if (r >= 0 && v->n_updates)
		qsort(v->updates, v->n_updates, sizeof *v->updates, by_risk);
	if (r >= 0 && v->n_flaws)
		qsort(v->flaws, v->n_flaws, sizeof *v->flaws, flaw_by_risk);
	return r;
}
