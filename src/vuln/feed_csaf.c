/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csaf: the Common Security Advisory Framework, docs.oasis-open.org/csaf, 2.0 and 2.1.
 *
 * Red Hat ships a file a CVE (VEX) and a file an advisory. Its products are a platform, known by
 * its CPE, and a component, known by its package URL, joined by relationships; what is fixed is a
 * package of a version, what is affected a component without one. Packages of a module carry its
 * name and stream ("postgresql:15/postgresql-server"): streams are fixed each in its own versions.
 * Microsoft has a product for each end of a range ("<10.0.17763.6659").
 */
#include "vuln/feed_work.h"
#include "vuln/index_format.h"

#define BRANCHES_DEPTH 16u

struct product {
	struct str ecosystem, name, version;
	bool range; /* the version is the first that is not affected */
};

struct csaf {
	struct feed_read *f;
	struct jdoc *doc;
	struct diag *d;
	struct map products; /* id -> place in list */
	struct product *list;
	size_t n, cap;
};

/* What a document says of a package: the fix, if there is one. */
struct verdict {
	const struct product *product;
	enum index_status status;
	bool fixed;
};
struct verdicts {
	struct map keys; /* ecosystem, NUL, name -> place */
	struct verdict *list;
	size_t n, cap;
};

static void add_product(struct csaf *x, struct str id, const struct product *p)
{
	int r = x->n < FEED_ENTRIES_MAX ? arena_push(&x->f->arena, x->list, x->n, x->cap, *p)
					: -E2BIG;

	if (r == 0)
		r = map_put(&x->products, id, x->n - 1);
	if (r < 0)
		x->f->error = r;
}

static const struct product *find_product(const struct csaf *x, struct str id)
{
	const uint64_t *at = map_get(&x->products, id);

	return at ? &x->list[*at] : NULL;
}

/* "cpe:/o:redhat:enterprise_linux:9::baseos" is "Red Hat:enterprise_linux:9::baseos". */
static struct str platform_of(struct csaf *x, struct str cpe)
{
	static const struct {
		const char *vendor, *ecosystem;
	} vendors[] = {
		{"redhat",     "Red Hat:"    },
                { "suse",      "SUSE:"       },
		{ "opensuse",  "openSUSE:"   },
                { "almalinux", "AlmaLinux:"  },
		{ "rocky",     "Rocky Linux:"},
	};

	struct str vendor;

	if (!str_starts(cpe, STR("cpe:/")))
		return STR("");
	(void)str_cut(&cpe, ':');
	(void)str_cut(&cpe, ':');
	vendor = str_cut(&cpe, ':');
	for (size_t i = 0; i < COUNT(vendors); i++)
		if (str_eq(vendor, str_of(vendors[i].vendor)) && cpe.len)
			return arena_cat(&x->f->arena, str_of(vendors[i].ecosystem), cpe, STR(""));
	return STR("");
}

/* "[EPOCH:]VERSION" as rpm compares it. */
static struct str with_epoch(struct csaf *x, const struct feed_purl *p)
{
	struct str epoch = feed_qualifier(x->f, p, STR("epoch"));

	if (!p->version.len || !epoch.len || str_eq(epoch, STR("0")))
		return p->version;
	return arena_cat(&x->f->arena, epoch, STR(":"), p->version);
}

/* "postgresql:15/" of "rpmmod=postgresql:15:9050020240909:3b11a0c3". */
static struct str in_module(struct csaf *x, const struct feed_purl *p)
{
	struct str module = feed_qualifier(x->f, p, STR("rpmmod")), rest = module;
	struct str name = str_cut(&rest, ':'), stream = str_cut(&rest, ':');
	struct str head = { module.ptr, name.len + 1 + stream.len };

	return stream.len ? arena_cat(&x->f->arena, head, STR("/"), p->name) : p->name;
}

static void component_of(struct csaf *x, struct str text, struct product *ret)
{
	struct feed_purl p;

	if (!feed_purl(x->f, text, &p) || !str_eq(p.type, STR("rpm")))
		return;
	ret->name = in_module(x, &p);
	ret->version = with_epoch(x, &p);
}

/*
 * "openssl-1.1.1l-150400.7.60.2.x86_64", "bash-0:5.1.8-9.el9.src" without a package URL. Whatever
 * else a name is, it is the component's.
 */
static void nevra_of(struct str text, struct product *ret)
{
	static const char *const arches[] = { "x86_64",  "aarch64", "noarch",  "src", "i686",
					      "ppc64le", "s390x",   "armv7hl", "i586" };
	ssize_t dot = str_rfind(text, '.'), release, version;
	struct str arch = str_sub(text, dot < 0 ? text.len : (size_t)dot + 1, text.len), head;

	ret->name = text;
	for (size_t i = 0; i < COUNT(arches); i++) {
		if (!str_eq(arch, str_of(arches[i])))
			continue;
		head = str_sub(text, 0, (size_t)dot);
		release = str_rfind(head, '-');
		version = release < 1 ? -1 : str_rfind(str_sub(head, 0, (size_t)release), '-');
		if (version < 1 || !version_is_digit(version_at(head, (size_t)version + 1)))
			return;
		ret->name = str_sub(head, 0, (size_t)version);
		ret->version = str_sub(head, (size_t)version + 1, head.len);
		if (str_starts(ret->version, STR("0:")))
			ret->version = str_sub(ret->version, 2, ret->version.len);
	}
}

/* "<10.0.17763.6659", "vers:…" is not read; "10.0.17763.6659" of a product. */
static void windows_of(struct str category, struct str text, struct str product,
		       struct product *ret)
{
	bool range = str_eq(category, STR("product_version_range"));

	if (!range && !str_eq(category, STR("product_version")))
		return;
	if (range && (!str_starts(text, STR("<")) || str_starts(text, STR("<="))))
		return;
	ret->ecosystem = STR("Windows");
	ret->name = product;
	ret->version = str_trim(str_sub(text, range, text.len));
	ret->range = range;
}

struct branch {
	uint32_t v;
	struct str vendor, product;
	unsigned depth;
};

static void add_leaf(struct csaf *x, const struct branch *b, struct str category, struct str name)
{
	uint32_t leaf = feed_get(x->doc, b->v, STR("product"));
	uint32_t help = feed_get(x->doc, leaf, STR("product_identification_helper"));
	struct product p = {};

	if (!leaf)
		return;
	p.ecosystem = platform_of(x, feed_member(x->f, x->doc, help, STR("cpe")));
	component_of(x, feed_member(x->f, x->doc, help, STR("purl")), &p);
	if (str_eq(b->vendor, STR("Microsoft")))
		windows_of(category, name, b->product, &p);
	/* What has no package URL is a component by its bare name, or a platform. */
	if (!p.name.len && !p.ecosystem.len && str_eq(category, STR("product_version")))
		nevra_of(name, &p);
	add_product(x, feed_member(x->f, x->doc, leaf, STR("product_id")), &p);
}

/* Branches are walked with a stack of their own: they are as deep as their author wants. */
static int read_branches(struct csaf *x, uint32_t tree)
{
	struct branch *stack = NULL;
	size_t n = 0, cap = 0;
	int r = arena_push(&x->f->arena, stack, n, cap, ((struct branch){ .v = tree }));

	while (r == 0 && n && !x->f->error) {
		struct branch b = stack[--n];
		struct str category = feed_member(x->f, x->doc, b.v, STR("category"));
		struct str name = feed_member(x->f, x->doc, b.v, STR("name"));

		if (str_eq(category, STR("vendor")))
			b.vendor = name;
		if (str_eq(category, STR("product_name")))
			b.product = name;
		add_leaf(x, &b, category, name);
		if (b.depth == BRANCHES_DEPTH)
			return feed_broken(x->doc, b.v, x->d,
					   "branches nested deeper than is read");
		jdoc_each(x->doc, feed_get(x->doc, b.v, STR("branches")), child) {
			struct branch next = b;

			next.v = child;
			next.depth++;
			if (jdoc_is(x->doc, child, J_OBJECT))
				r = r ?: arena_push(&x->f->arena, stack, n, cap, next);
		}
	}
	return r ?: x->f->error;
}

static int read_relationships(struct csaf *x, uint32_t tree)
{
	uint32_t list = feed_get(x->doc, tree, STR("relationships"));

	jdoc_each(x->doc, list, v) {
		uint32_t full = feed_get(x->doc, v, STR("full_product_name"));
		const struct product *part, *platform;
		struct product p;

		part = find_product(x, feed_member(x->f, x->doc, v, STR("product_reference")));
		platform = find_product(
			x, feed_member(x->f, x->doc, v, STR("relates_to_product_reference")));
		if (!full || !part || !platform)
			continue;
		p = *part;
		p.ecosystem = platform->ecosystem;
		add_product(x, feed_member(x->f, x->doc, full, STR("product_id")), &p);
		if (x->f->error)
			break;
	}
	return x->f->error;
}

/* The place for what is said of a package; NULL: it is none of ours, or no memory. */
static struct verdict *verdict_of(struct csaf *x, struct verdicts *l, const struct product *p)
{
	struct str key;
	uint64_t *at;
	int r;

	if (!p || !p->ecosystem.len || !p->name.len || !feed_keeps(x->f, p->ecosystem))
		return NULL;
	key = arena_cat(&x->f->arena, p->ecosystem, (struct str){ "", 1 }, p->name);
	at = key.ptr ? map_get(&l->keys, key) : NULL;
	if (at)
		return &l->list[*at];
	r = key.ptr ? arena_push(&x->f->arena, l->list, l->n, l->cap, (struct verdict){}) : -ENOMEM;
	if (r == 0)
		r = map_put(&l->keys, key, l->n - 1);
	if (r < 0) {
		x->f->error = r;
		return NULL;
	}
	return &l->list[l->n - 1];
}

static void fixed(struct csaf *x, struct verdicts *l, uint32_t ids)
{
	jdoc_each(x->doc, ids, v) {
		const struct product *p = find_product(x, feed_text(x->f, x->doc, v));
		struct verdict *verdict = p && p->version.len ? verdict_of(x, l, p) : NULL;

		/* Of several fixes of a package the first one is where it was fixed. */
		if (verdict &&
		    (!verdict->fixed || version_rpm(p->version, verdict->product->version) < 0))
			*verdict = (struct verdict){ p, STATUS_AFFECTED, true };
	}
}

static void affected(struct csaf *x, struct verdicts *l, uint32_t ids, enum index_status status)
{
	jdoc_each(x->doc, ids, v) {
		const struct product *p = find_product(x, feed_text(x->f, x->doc, v));
		struct verdict *verdict = verdict_of(x, l, p);

		if (!verdict || verdict->fixed)
			continue;
		if (p->range)
			*verdict = (struct verdict){ p, STATUS_AFFECTED, true };
		else if (!verdict->product)
			*verdict = (struct verdict){ p, status, false };
	}
}

static void wont_fix(struct csaf *x, struct verdicts *l, uint32_t remediations)
{
	jdoc_each(x->doc, remediations, v) {
		if (!str_eq(feed_member(x->f, x->doc, v, STR("category")), STR("no_fix_planned")))
			continue;
		jdoc_each(x->doc, feed_get(x->doc, v, STR("product_ids")), id) {
			const struct product *p = find_product(x, feed_text(x->f, x->doc, id));
			struct verdict *verdict = p ? verdict_of(x, l, p) : NULL;

			if (verdict && verdict->product && !verdict->fixed)
				verdict->status = STATUS_WONT_FIX;
		}
	}
}

static void rate(struct csaf *x, uint32_t v, uint32_t vuln)
{
	static const struct str standards[] = { STR("cvss_v2"), STR("cvss_v3"), STR("cvss_v4") };
	struct index_build *b = x->f->now->build;

	jdoc_each(x->doc, feed_get(x->doc, v, STR("threats")), threat)
		if (str_eq(feed_member(x->f, x->doc, threat, STR("category")), STR("impact")))
			index_build_rate(
				b, vuln,
				feed_severity(feed_member(x->f, x->doc, threat, STR("details"))));
	for (size_t i = 0; i < COUNT(standards); i++) {
		jdoc_each(x->doc, feed_get(x->doc, v, STR("scores")), score) {
			uint32_t cvss = feed_get(x->doc, score, standards[i]);

			index_build_cvss(b, vuln,
					 feed_member(x->f, x->doc, cvss, STR("vectorString")));
		}
		/* 2.1 calls them metrics. */
		jdoc_each(x->doc, feed_get(x->doc, v, STR("metrics")), metric) {
			uint32_t content = feed_get(x->doc, metric, STR("content"));
			uint32_t cvss = feed_get(x->doc, content, standards[i]);

			index_build_cvss(b, vuln,
					 feed_member(x->f, x->doc, cvss, STR("vectorString")));
		}
	}
}

static void put_verdicts(struct csaf *x, const struct verdicts *l, uint32_t vuln)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct verdict *v = &l->list[i];
		struct index_range range = { .how = END_NONE };
		struct index_entry e = { .vuln = vuln, .status = v->status };

		if (!v->product)
			continue;
		if (v->fixed)
			range = (struct index_range){ .end = v->product->version,
						      .how = END_FIXED };
		e.package = index_build_package(x->f->now->build, v->product->ecosystem,
						v->product->name);
		if (e.package != BUILD_NONE)
			index_build_entry(x->f->now->build, &e, &range, 1);
	}
}

static void read_vuln(struct csaf *x, uint32_t v)
{
	uint32_t status = feed_get(x->doc, v, STR("product_status")), vuln;
	struct verdicts l = {};
	struct str id = feed_member(x->f, x->doc, v, STR("cve"));

	x->f->now->records++;
	if (!feed_is_cve(id) || !status) {
		x->f->now->left_out++;
		return;
	}
	fixed(x, &l, feed_get(x->doc, status, STR("fixed")));
	fixed(x, &l, feed_get(x->doc, status, STR("first_fixed")));
	/* SUSE's word for it. */
	fixed(x, &l, feed_get(x->doc, status, STR("recommended")));
	affected(x, &l, feed_get(x->doc, status, STR("known_affected")), STATUS_AFFECTED);
	affected(x, &l, feed_get(x->doc, status, STR("under_investigation")), STATUS_UNDECIDED);
	wont_fix(x, &l, feed_get(x->doc, v, STR("remediations")));
	if (l.n) {
		vuln = index_build_vuln(x->f->now->build, id);
		rate(x, v, vuln);
		put_verdicts(x, &l, vuln);
	} else {
		x->f->now->left_out++;
	}
	map_release(&l.keys);
}

int feed_csaf(struct feed_read *f, struct jdoc *doc, struct diag *d)
{
	struct csaf x = { .f = f, .doc = doc, .d = d, .products = { .limit = FEED_ENTRIES_MAX } };
	uint32_t document = jdoc_get(doc, 0, STR("document"));
	uint32_t tree = jdoc_get(doc, 0, STR("product_tree"));
	uint32_t version = feed_get(doc, document, STR("csaf_version"));
	struct str text = feed_text(f, doc, version);
	int r = 0;

	if (!str_eq(text, STR("2.0")) && !str_eq(text, STR("2.1")))
		return feed_unknown(doc, version, d, "CSAF", text);
	feed_published(f, feed_member(f, doc, feed_get(doc, document, STR("tracking")),
				      STR("current_release_date")));
	if (tree)
		r = read_branches(&x, tree);
	if (r == 0 && tree)
		r = read_relationships(&x, tree);
	if (r == 0)
		jdoc_each(doc, jdoc_get(doc, 0, STR("vulnerabilities")), v)
			if (jdoc_is(doc, v, J_OBJECT) && !f->error)
				read_vuln(&x, v);
	map_release(&x.products);
	return r;
}
