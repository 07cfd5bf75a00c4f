/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alpine: secdb.alpinelinux.org/vX.Y/{main,community}.json. What is fixed in which version of the
 * source package; version "0": never affected. Without fixes `secfixes` may be an empty list, what a
 * version fixes an empty object, and behind an id there may be a remark.
 */
#include "vuln/feed_work.h"

struct alpine {
	struct feed_read *f;
	struct jdoc *doc;
	struct str ecosystem;
	uint32_t package;
};

/* "CVE-2017-2616 (+ regression fix)", "CVE-2019-1 CVE-2019-2", "CVE_2019-2426": all ids in it. */
static void add_ids(struct alpine *x, struct str text, struct str fixed)
{
	struct index_range range = { .end = fixed, .how = END_FIXED };
	struct index_entry e = { .package = x->package };

	for (struct str word = str_word(&text); word.ptr; word = str_word(&text)) {
		char id[INDEX_ID_MAX];
		struct str clean = { id, word.len };

		if (!word.len || word.len >= sizeof id || !version_is_alpha(version_at(word, 0)) ||
		    str_find(word, '-') < 0)
			continue;
		for (size_t i = 0; i < word.len; i++)
			id[i] = (char)(word.ptr[i] == '_' ? '-' : word.ptr[i]);
		while (clean.len && (id[clean.len - 1] == ',' || id[clean.len - 1] == ';'))
			clean.len--;
		if (!version_is_digit(version_at(clean, clean.len - 1)) &&
		    !str_starts(clean, STR("GHSA-")))
			continue;
		e.vuln = index_build_vuln(x->f->now->build, clean);
		index_build_entry(x->f->now->build, &e, &range, 1);
	}
}

/* Of nothing at all both notations are in use. */
static bool is_list(const struct jdoc *doc, uint32_t v)
{
	if (jdoc_is(doc, v, J_OBJECT)) {
		jdoc_each_key(doc, v, key)
			return false;
		return true;
	}
	return jdoc_is(doc, v, J_ARRAY) || jdoc_is(doc, v, J_NULL);
}

static int read_fixes(struct alpine *x, uint32_t fixes, struct diag *d)
{
	jdoc_each_key(x->doc, fixes, key) {
		struct str fixed = feed_text(x->f, x->doc, key);

		if (!is_list(x->doc, key + 1))
			return feed_broken(x->doc, key, d, "a version without a list of fixes");
		jdoc_each(x->doc, key + 1, v) {
			struct str ids = feed_text(x->f, x->doc, v);

			x->f->now->records++;
			if (str_eq(fixed, STR("0")) || !fixed.len)
				x->f->now->left_out++;
			else
				add_ids(x, ids, fixed);
		}
	}
	return 0;
}

int feed_alpine(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct alpine x = { .f = f, .doc = doc };
	uint32_t v = jdoc_get(doc, 0, STR("distroversion"));
	struct str release = feed_text(f, doc, v);

	/* That of Wolfi and Chainguard has no releases. */
	if (release.len)
		x.ecosystem = arena_cat(&f->arena, STR("Alpine:"), release, STR(""));
	else
		x.ecosystem = feed_root(f, doc, STR("reponame"));
	if (!x.ecosystem.len)
		return feed_broken(doc, v, d, "a list of fixes that does not say of which release");
	if (!feed_keeps(f, x.ecosystem))
		return 0;
	jdoc_each(doc, jdoc_get(doc, 0, STR("packages")), item) {
		uint32_t pkg, fixes;
		int r;

		pkg = jdoc_is(doc, item, J_OBJECT) ? feed_get(doc, item, STR("pkg")) : 0;
		fixes = pkg ? feed_get(doc, pkg, STR("secfixes")) : 0;
		if (!fixes)
			return feed_broken(doc, item, d, "a package without 'pkg' and 'secfixes'");
		x.package = index_build_package(f->now->build, x.ecosystem,
						feed_member(f, doc, pkg, STR("name")));
		if (x.package == BUILD_NONE)
			continue;
		r = read_fixes(&x, fixes, d);
		if (r < 0)
			return r;
	}
	return 0;
}
