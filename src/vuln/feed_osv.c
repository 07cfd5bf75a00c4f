/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * osv: the Open Source Vulnerability format, https://ossf.github.io/osv-schema/ (1.0–1.7).
 *
 * Versions that are listed and lie in a range say nothing more and are not kept; those that do not
 * are kept one by one, as the schema's evaluation asks for. Ranges of commits are left out.
 */
#include "vuln/feed_work.h"

/* In this order of one version: what is introduced and fixed in it was never affected. */
enum event_kind { EVENT_INTRODUCED, EVENT_FIXED, EVENT_LAST };
struct event {
	struct str version;
	enum event_kind kind;
};
struct events {
	struct event *at;
	size_t n, cap;
};

struct osv {
	struct feed_read *f;
	struct jdoc *doc;
	uint32_t vuln, used;
	struct str id;
};

static int check_version(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	uint32_t v = jdoc_get(doc, 0, STR("schema_version"));
	struct str version = feed_text(f, doc, v);

	if (version.len && !str_eq(version, STR("1")) && !str_starts(version, STR("1.")))
		return feed_unknown(doc, v, d, "OSV schema", version);
	return 0;
}

static bool is_before(const struct event *a, const struct event *b, version_fn *compare)
{
	int r = compare(a->version, b->version);

	if (str_eq(a->version, STR("0")) != str_eq(b->version, STR("0")))
		return str_eq(a->version, STR("0"));
	return r < 0 || (r == 0 && a->kind < b->kind);
}

/* Few, and mostly in order. */
static void sort_events(struct events *e, version_fn *compare)
{
	for (size_t i = 1; i < e->n; i++) {
		struct event x = e->at[i];
		size_t at = i;

		for (; at && is_before(&x, &e->at[at - 1], compare); at--)
			e->at[at] = e->at[at - 1];
		e->at[at] = x;
	}
}

static void add_event(struct osv *o, struct events *e, uint32_t object)
{
	static const struct {
		struct str name;
		enum event_kind kind;
	} kinds[] = {
		{STR("introduced"),     EVENT_INTRODUCED},
		{ STR("fixed"),         EVENT_FIXED     },
		{ STR("limit"),         EVENT_FIXED     },
		{ STR("last_affected"), EVENT_LAST      },
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct event x = { feed_member(o->f, o->doc, object, kinds[i].name),
				   kinds[i].kind };

		if (!x.version.len || str_eq(x.version, STR("*")))
			continue;
		if (e->n >= FEED_RANGES_MAX || arena_push(&o->f->arena, e->at, e->n, e->cap, x) < 0)
			o->f->error = -E2BIG;
	}
}

/* From events to ranges: what is introduced lasts until the next event that ends it. */
static void add_ranges(struct osv *o, struct feed_ranges *l, const struct events *e)
{
	struct index_range range = { .how = END_NONE };
	bool open = false;

	for (size_t i = 0; i < e->n; i++) {
		const struct event *x = &e->at[i];

		if (x->kind == EVENT_INTRODUCED && !open) {
			range = (struct index_range){ .how = END_NONE, .begin = x->version };
			if (str_eq(x->version, STR("0")))
				range.begin = STR("");
			open = true;
		} else if (x->kind != EVENT_INTRODUCED && open) {
			range.how = x->kind == EVENT_LAST ? END_LAST : END_FIXED;
			range.end = x->version;
			/* "Fixed in 0": no version was affected. */
			if (range.how != END_FIXED ||
			    (!str_eq(range.end, STR("0")) && !str_eq(range.end, range.begin)))
				feed_add_range(o->f, l, range);
			open = false;
		}
	}
	if (open)
		feed_add_range(o->f, l, range);
}

static void read_ranges(struct osv *o, uint32_t affected, version_fn *compare,
			struct feed_ranges *l)
{
	jdoc_each(o->doc, feed_get(o->doc, affected, STR("ranges")), range) {
		struct events e = {};
		uint32_t list = feed_get(o->doc, range, STR("events"));

		if (!list || str_ieq(feed_member(o->f, o->doc, range, STR("type")), STR("GIT")))
			continue;
		jdoc_each(o->doc, list, event)
			if (jdoc_is(o->doc, event, J_OBJECT))
				add_event(o, &e, event);
		if (e.n > 512)
			o->f->error = -E2BIG;
		else
			sort_events(&e, compare);
		add_ranges(o, l, &e);
	}
}

static bool is_covered(const struct feed_ranges *l, size_t n, version_fn *compare,
		       struct str version)
{
	for (size_t i = 0; i < n; i++) {
		const struct index_range *r = &l->at[i];

		if (r->begin.len && compare(version, r->begin) < 0)
			continue;
		if (r->how == END_NONE || (r->how == END_FIXED && compare(version, r->end) < 0) ||
		    (r->how == END_LAST && compare(version, r->end) <= 0))
			return true;
	}
	return false;
}

static void read_versions(struct osv *o, uint32_t affected, version_fn *compare,
			  struct feed_ranges *l)
{
	size_t n = MIN(l->n, 64);

	jdoc_each(o->doc, feed_get(o->doc, affected, STR("versions")), v) {
		struct str version = feed_text(o->f, o->doc, v);

		if (version.len && !is_covered(l, n, compare, version))
			feed_add_range(o->f, l,
				       (struct index_range){ .begin = version, .how = END_ONLY });
		if (o->f->error)
			return;
	}
}

static void read_severities(struct osv *o, uint32_t object)
{
	jdoc_each(o->doc, jdoc_get(o->doc, object, STR("severity")), s) {
		struct str score;

		if (!jdoc_is(o->doc, s, J_OBJECT))
			continue;
		score = feed_member(o->f, o->doc, s, STR("score"));
		index_build_cvss(o->f->now->build, o->vuln, score);
		index_build_rate(o->f->now->build, o->vuln, feed_severity(score));
	}
	for (size_t i = 0; i < 2; i++) {
		uint32_t specific = jdoc_get(
			o->doc, object, i ? STR("ecosystem_specific") : STR("database_specific"));

		index_build_rate(
			o->f->now->build, o->vuln,
			feed_severity(feed_member(o->f, o->doc, specific, STR("severity"))));
		index_build_rate(
			o->f->now->build, o->vuln,
			feed_severity(feed_member(o->f, o->doc, specific, STR("urgency"))));
	}
}

static int order_of_text(struct str a, struct str b) { return str_cmp(a, b); }

static void read_affected(struct osv *o, uint32_t affected)
{
	uint32_t package = feed_get(o->doc, affected, STR("package"));
	struct str ecosystem = feed_member(o->f, o->doc, package, STR("ecosystem"));
	struct str name = feed_member(o->f, o->doc, package, STR("name"));
	const struct version_order *order = version_order_find(ecosystem);
	version_fn *compare = order ? order->compare : order_of_text;
	struct feed_ranges ranges = {};
	struct index_entry e = { .vuln = o->vuln };

	if (!ecosystem.len || !name.len || !feed_keeps(o->f, ecosystem))
		return;
	read_ranges(o, affected, compare, &ranges);
	read_versions(o, affected, compare, &ranges);
	if (!ranges.n || o->f->error)
		return;
	if (o->vuln == BUILD_NONE)
		o->vuln = e.vuln = index_build_vuln(o->f->now->build, o->id);
	e.package = index_build_package(o->f->now->build, ecosystem, name);
	if (e.package == BUILD_NONE)
		return;
	if (str_starts(o->id, STR("MAL-")))
		e.status = STATUS_MALICIOUS;
	if (str_eq(feed_member(o->f, o->doc, feed_get(o->doc, affected, STR("ecosystem_specific")),
			       STR("urgency")),
		   STR("unimportant")))
		e.status = STATUS_MINOR;
	index_build_entry(o->f->now->build, &e, ranges.at, ranges.n);
	read_severities(o, affected);
	o->used++;
}

/* CVEs in a list of ids; how many there are. */
static unsigned link_cves(struct osv *o, struct str list)
{
	unsigned n = 0;

	jdoc_each(o->doc, jdoc_get(o->doc, 0, list), v) {
		struct str id = feed_text(o->f, o->doc, v);

		if (feed_is_cve(id)) {
			index_build_cve(o->f->now->build, o->vuln, id);
			n++;
		}
	}
	return n;
}

/* "UBUNTU-CVE-2024-1" is what the distribution says of CVE-2024-1. */
static struct str canonical(struct str id)
{
	for (size_t i = 0; i + 4 < id.len; i++)
		if (i && id.ptr[i - 1] == '-' && feed_is_cve(str_sub(id, i, id.len)))
			return str_sub(id, i, id.len);
	return id;
}

int feed_osv(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct osv o = { .f = f, .doc = doc, .vuln = BUILD_NONE };
	uint32_t list = jdoc_get(doc, 0, STR("affected"));
	unsigned cves;
	int r = check_version(f, doc, d);

	if (r < 0)
		return r;
	f->now->records++;
	o.id = feed_root(f, doc, STR("id"));
	if (!o.id.len || o.id.len >= INDEX_ID_MAX)
		return feed_broken(doc, jdoc_get(doc, 0, STR("id")), d, "the id is none");
	feed_published(f, feed_root(f, doc, STR("modified")));
	if (list && !jdoc_is(doc, list, J_ARRAY) && !jdoc_is(doc, list, J_NULL))
		return feed_broken(doc, list, d, "'affected' is no list");
	if (jdoc_get(doc, 0, STR("withdrawn")) || !list) {
		f->now->left_out++;
		return 0;
	}
	o.id = canonical(o.id);
	jdoc_each(doc, list, affected)
		if (jdoc_is(doc, affected, J_OBJECT))
			read_affected(&o, affected);
	f->now->left_out += !o.used;
	if (!o.used)
		return 0;
	read_severities(&o, 0);
	/* Advisories of distributions name what they fix as upstream, formerly as related. */
	cves = link_cves(&o, STR("aliases")) + link_cves(&o, STR("upstream"));
	if (!cves && !feed_is_cve(o.id))
		link_cves(&o, STR("related"));
	return 0;
}
