/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * msrc: api.msrc.microsoft.com/cvrf/v3.0/cvrf/YYYY-Mon, as JSON: a document a month. Remediations
 * of type 2 (vendor fix) name the fixed build of products, "10.0.17763.5329". Threats of type 3 are
 * severities. The names of products are in the tree.
 */
#include "vuln/date.h"
#include "vuln/feed_work.h"

#define VENDOR_FIX 2
#define THREAT_SEVERITY 3

struct msrc {
	struct feed_read *f;
	struct jdoc *doc;
	struct map names; /* product id -> node of the name */
};

static struct str value_of(struct msrc *x, uint32_t object, struct str name)
{
	return feed_member(x->f, x->doc, feed_get(x->doc, object, name), STR("Value"));
}

static int64_t number_of(struct msrc *x, uint32_t object, struct str name)
{
	uint32_t v = feed_get(x->doc, object, name);
	int64_t n;

	return v && jdoc_int(x->doc, v, &n) == 0 ? n : -1;
}

static void read_tree(struct msrc *x)
{
	uint32_t tree = jdoc_get(x->doc, 0, STR("ProductTree"));

	jdoc_each(x->doc, feed_get(x->doc, tree, STR("FullProductName")), v) {
		struct str id = feed_member(x->f, x->doc, v, STR("ProductID"));
		uint32_t name = feed_get(x->doc, v, STR("Value"));
		int r = id.len && name ? map_put(&x->names, id, name) : 0;

		if (r < 0)
			x->f->error = r;
	}
}

/* "10.0.17763.5329", also "10.0.17763.5329; 10.0.…" and links instead of one: the first if it is. */
static struct str build_of(struct str text)
{
	size_t dots = 0;

	text = str_trim(str_cut(&text, ';'));
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '.' && !version_is_digit(text.ptr[i]))
			return STR("");
		dots += text.ptr[i] == '.';
	}
	return dots ? text : STR("");
}

static unsigned read_fix(struct msrc *x, uint32_t v, uint32_t vuln)
{
	struct str build = build_of(feed_member(x->f, x->doc, v, STR("FixedBuild")));
	struct index_range range = { .end = build, .how = END_FIXED };
	unsigned used = 0;

	if (!build.len || number_of(x, v, STR("Type")) != VENDOR_FIX)
		return 0;
	jdoc_each(x->doc, feed_get(x->doc, v, STR("ProductID")), id) {
		const uint64_t *name = map_get(&x->names, feed_text(x->f, x->doc, id));
		struct index_entry e = { .vuln = vuln };

		if (!name)
			continue;
		e.package = index_build_package(x->f->now->build, STR("Windows"),
						feed_text(x->f, x->doc, (uint32_t)*name));
		if (e.package == BUILD_NONE)
			continue;
		index_build_entry(x->f->now->build, &e, &range, 1);
		used++;
	}
	return used;
}

static void read_vuln(struct msrc *x, uint32_t v)
{
	struct str id = feed_member(x->f, x->doc, v, STR("CVE"));
	unsigned used = 0;
	uint32_t vuln;

	x->f->now->records++;
	if (!feed_is_cve(id)) {
		x->f->now->left_out++;
		return;
	}
	vuln = index_build_vuln(x->f->now->build, id);
	jdoc_each(x->doc, feed_get(x->doc, v, STR("Remediations")), fix)
		used += read_fix(x, fix, vuln);
	jdoc_each(x->doc, feed_get(x->doc, v, STR("Threats")), threat)
		if (number_of(x, threat, STR("Type")) == THREAT_SEVERITY)
			index_build_rate(x->f->now->build, vuln,
					 feed_severity(value_of(x, threat, STR("Description"))));
	jdoc_each(x->doc, feed_get(x->doc, v, STR("CVSSScoreSets")), score)
		index_build_cvss(x->f->now->build, vuln,
				 feed_member(x->f, x->doc, score, STR("Vector")));
	x->f->now->left_out += !used;
}

int feed_msrc(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct msrc x = { .f = f, .doc = doc };
	uint32_t list = jdoc_get(doc, 0, STR("Vulnerability"));
	uint32_t tracking = jdoc_get(doc, 0, STR("DocumentTracking"));

	if (!jdoc_is(doc, list, J_ARRAY))
		return feed_broken(doc, list, d, "'Vulnerability' is no list");
	feed_published(f, feed_member(f, doc, tracking, STR("CurrentReleaseDate")));
	if (feed_keeps(f, STR("Windows"))) {
		read_tree(&x);
		jdoc_each(doc, list, v)
			if (jdoc_is(doc, v, J_OBJECT) && !f->error)
				read_vuln(&x, v);
	}
	map_release(&x.names);
	return f->error;
}
