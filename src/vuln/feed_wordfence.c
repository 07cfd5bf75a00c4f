/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wordfence: the vulnerability feed of Wordfence Intelligence, 2 and 3: an object a vulnerability,
 * by UUID. Bounds of versions are included or not; "*" is none. Where what is affected includes its
 * end and a patched version is named, that is the first that is not affected. Those without a CVE
 * go by "WORDFENCE-" and their UUID. "informational" ones say nothing of a version.
 */
#include "vuln/feed_work.h"

struct wordfence {
	struct feed_read *f;
	struct jdoc *doc;
	uint32_t vuln;
};

static bool is_true(const struct jdoc *doc, uint32_t v) { return v && jdoc_is(doc, v, J_TRUE); }

/* The lowest patched version that is later than `after`; empty: there is none. */
static struct str patched_after(struct wordfence *x, uint32_t software, struct str after)
{
	struct str found = STR("");

	jdoc_each(x->doc, feed_get(x->doc, software, STR("patched_versions")), v) {
		struct str version = feed_text(x->f, x->doc, v);

		if (version.len && version_composer(version, after) > 0 &&
		    (!found.len || version_composer(version, found) < 0))
			found = version;
	}
	return found;
}

static void add_range(struct wordfence *x, uint32_t software, uint32_t v, struct feed_ranges *l)
{
	struct str from = feed_member(x->f, x->doc, v, STR("from_version"));
	struct str to = feed_member(x->f, x->doc, v, STR("to_version")), patched;
	bool included = is_true(x->doc, feed_get(x->doc, v, STR("to_inclusive")));
	struct index_range range = { .how = END_NONE };

	/* A start that is not included is taken for one that is: one version more, never one less. */
	if (from.len && !str_eq(from, STR("*")))
		range.begin = from;
	if (to.len && !str_eq(to, STR("*"))) {
		range.end = to;
		range.how = included ? END_LAST : END_FIXED;
		patched = included ? patched_after(x, software, to) : STR("");
		if (patched.len) {
			range.end = patched;
			range.how = END_FIXED;
		}
	}
	feed_add_range(x->f, l, range);
}

static bool read_software(struct wordfence *x, uint32_t software)
{
	struct str type = feed_member(x->f, x->doc, software, STR("type"));
	struct str slug = feed_member(x->f, x->doc, software, STR("slug")), ecosystem;
	struct feed_ranges ranges = {};
	struct index_entry e = { .vuln = x->vuln };

	if (!type.len || !slug.len)
		return false;
	ecosystem = arena_cat(&x->f->arena, STR("WordPress:"), type, STR(""));
	if (!ecosystem.ptr || !feed_keeps(x->f, ecosystem))
		return false;
	jdoc_each_key(x->doc, feed_get(x->doc, software, STR("affected_versions")), key)
		if (jdoc_is(x->doc, key + 1, J_OBJECT) && !x->f->error)
			add_range(x, software, key + 1, &ranges);
	e.package = index_build_package(x->f->now->build, ecosystem, slug);
	if (e.package == BUILD_NONE || !ranges.n || x->f->error)
		return false;
	index_build_entry(x->f->now->build, &e, ranges.at, ranges.n);
	return true;
}

static int read_vuln(struct wordfence *x, uint32_t key, struct diag *d)
{
	uint32_t v = key + 1, list = feed_get(x->doc, v, STR("software"));
	uint32_t cvss = feed_get(x->doc, v, STR("cvss"));
	struct str id = feed_member(x->f, x->doc, v, STR("cve"));
	unsigned used = 0;

	if (!jdoc_is(x->doc, v, J_OBJECT) || !list || !jdoc_is(x->doc, list, J_ARRAY))
		return feed_broken(x->doc, key, d, "a vulnerability without a list of software");
	x->f->now->records++;
	if (is_true(x->doc, feed_get(x->doc, v, STR("informational")))) {
		x->f->now->left_out++;
		return 0;
	}
	if (!feed_is_cve(id))
		id = arena_cat(&x->f->arena, STR("WORDFENCE-"),
			       feed_member(x->f, x->doc, v, STR("id")), STR(""));
	x->vuln = index_build_vuln(x->f->now->build, id);
	jdoc_each(x->doc, list, software)
		if (jdoc_is(x->doc, software, J_OBJECT))
			used += read_software(x, software);
	x->f->now->left_out += !used;
	feed_published(x->f, feed_member(x->f, x->doc, v, STR("updated")));
	index_build_cvss(x->f->now->build, x->vuln, feed_member(x->f, x->doc, cvss, STR("vector")));
	index_build_rate(x->f->now->build, x->vuln,
			 feed_severity(feed_member(x->f, x->doc, cvss, STR("rating"))));
	return x->f->error;
}

int feed_wordfence(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct wordfence x = { .f = f, .doc = doc };

	jdoc_each_key(doc, 0, key) {
		struct arena_mark mark = arena_mark(&f->arena);
		int r = read_vuln(&x, key, d);

		if (r < 0)
			return r;
		arena_rewind(&f->arena, mark);
	}
	return 0;
}
