/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * openvex: github.com/openvex/spec 0.2, as Ubuntu ships it: a file a CVE, products are package URLs
 * of source and binary packages of a release; "fixed" names the version that is.
 */
#include "vuln/feed_work.h"

struct vex {
	struct feed_read *f;
	struct jdoc *doc;
	uint32_t vuln;
	struct str id;
	unsigned used;
};

/* "Ubuntu:22.04" of "jammy", "Ubuntu:Pro:20.04" of "esm-infra/focal"; empty: not known. */
static struct str ecosystem_of(struct vex *x, struct str distro)
{
	static const struct {
		const char *name, *number;
	} releases[] = {
		{"trusty",    "14.04"},
                { "xenial",   "16.04"},
                { "bionic",   "18.04"},
		{ "focal",    "20.04"},
                { "jammy",    "22.04"},
                { "mantic",   "23.10"},
		{ "noble",    "24.04"},
                { "oracular", "24.10"},
                { "plucky",   "25.04"},
		{ "questing", "25.10"},
                { "resolute", "26.04"},
	};
	struct str codename = str_basename(distro);
	bool pro = str_starts(distro, STR("esm")) || str_starts(distro, STR("fips")) ||
		   str_starts(distro, STR("pro"));

	for (size_t i = 0; i < COUNT(releases); i++)
		if (str_eq(codename, str_of(releases[i].name)))
			codename = str_of(releases[i].number);
	if (!codename.len)
		return STR("");
	return arena_cat(&x->f->arena, STR("Ubuntu:"), pro ? STR("Pro:") : STR(""), codename);
}

static void add(struct vex *x, const struct feed_purl *p, enum index_status status, bool fixed)
{
	struct str ecosystem = ecosystem_of(x, feed_qualifier(x->f, p, STR("distro")));
	struct str arch = feed_qualifier(x->f, p, STR("arch"));
	struct index_range range = { .how = END_NONE };
	struct index_entry e = { .status = status };

	if (!str_eq(p->type, STR("deb")) || !ecosystem.len || !feed_keeps(x->f, ecosystem) ||
	    (arch.len && !str_eq(arch, STR("source"))) || (fixed && !p->version.len))
		return;
	if (fixed)
		range = (struct index_range){ .end = p->version, .how = END_FIXED };
	if (x->vuln == BUILD_NONE)
		x->vuln = index_build_vuln(x->f->now->build, x->id);
	e.vuln = x->vuln;
	e.package = index_build_package(x->f->now->build, ecosystem, p->name);
	if (e.package == BUILD_NONE)
		return;
	index_build_entry(x->f->now->build, &e, &range, 1);
	x->used++;
}

static int read_statement(struct vex *x, uint32_t v, struct diag *d)
{
	static const struct {
		const char *name;
		enum index_status status;
		bool fixed, said;
	} words[] = {
		{"fixed",                STATUS_AFFECTED,  true,  true },
		{ "affected",            STATUS_AFFECTED,  false, true },
		{ "under_investigation", STATUS_UNDECIDED, false, true },
		{ "not_affected",        STATUS_AFFECTED,  false, false},
	};
	uint32_t at = feed_get(x->doc, v, STR("status")), subject;
	struct str status = feed_text(x->f, x->doc, at);
	size_t i = 0;

	x->f->now->records++;
	x->used = 0;
	x->vuln = BUILD_NONE;
	subject = feed_get(x->doc, v, STR("vulnerability"));
	x->id = feed_member(x->f, x->doc, subject, STR("name"));
	if (!x->id.len)
		return feed_broken(x->doc, v, d, "a statement about no vulnerability");
	while (i < COUNT(words) && !str_eq(status, str_of(words[i].name)))
		i++;
	if (i == COUNT(words))
		return feed_unknown(x->doc, at, d, "status", status);
	jdoc_each(x->doc, feed_get(x->doc, v, STR("products")), product) {
		struct feed_purl p;

		if (words[i].said && jdoc_is(x->doc, product, J_OBJECT) &&
		    feed_purl(x->f, feed_member(x->f, x->doc, product, STR("@id")), &p))
			add(x, &p, words[i].status, words[i].fixed);
	}
	x->f->now->left_out += !x->used;
	return 0;
}

/* Of the document; for a while Ubuntu's had them one level down. */
static uint32_t about(const struct jdoc *doc, struct str name)
{
	uint32_t v = jdoc_get(doc, 0, name), inner = jdoc_get(doc, 0, STR("metadata"));

	return v || !inner || !jdoc_is(doc, inner, J_OBJECT) ? v : feed_get(doc, inner, name);
}

int feed_openvex(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct vex x = { .f = f, .doc = doc };
	uint32_t context = about(doc, STR("@context"));
	struct str text = feed_text(f, doc, context);

	if (!str_starts(text, STR("https://openvex.dev/ns")) ||
	    (!str_ends(text, STR("/ns")) && !str_contains(text, STR("/v0.2."))))
		return feed_unknown(doc, context, d, "OpenVEX", text);
	feed_published(f, feed_text(f, doc, about(doc, STR("last_updated"))));
	feed_published(f, feed_text(f, doc, about(doc, STR("timestamp"))));
	jdoc_each(doc, jdoc_get(doc, 0, STR("statements")), v) {
		int r = jdoc_is(doc, v, J_OBJECT)
				? read_statement(&x, v, d)
				: feed_broken(doc, v, d, "a statement that is no object");

		if (r < 0)
			return r;
	}
	return 0;
}
