/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/match.h"

#define MATCHES_MAX 50'000u /* of one package */

static int add(struct matches *m, struct arena *a, const struct match *new)
{
	if (m->n >= MATCHES_MAX)
		return -EBADMSG;
	return arena_push(a, m->list, m->n, m->cap, *new);
}

/* An advisory on several CVEs is one match each. */
static int add_advisory(const struct index *x, struct matches *m, struct arena *a,
			const struct match *found)
{
	struct index_about about;
	struct match one = *found;
	int r = index_about(x, found->advisory, &about);

	if (r < 0)
		return r;
	if (!about.n_cves)
		return add(m, a, &one);
	for (unsigned i = 0; r >= 0 && i < about.n_cves; i++) {
		one.vuln = about.cves[i];
		r = add(m, a, &one);
	}
	return r;
}

static int by_vuln(const void *x, const void *y)
{
	const struct match *a = x, *b = y;
	int d = (a->vuln > b->vuln) - (a->vuln < b->vuln);

	d = d ? d : (b->fixed.len > 0) - (a->fixed.len > 0);
	/* What is said of the CVE itself goes before what is said of several. */
	d = d ? d : (b->advisory == b->vuln) - (a->advisory == a->vuln);
	return d ? d : (a->advisory > b->advisory) - (a->advisory < b->advisory);
}

#define NOT_AFFECTED ((enum index_status)(STATUS_MALICIOUS + 1))

/* Every advisory on a name, those that do not affect the version with NOT_AFFECTED. */
struct gather {
	const struct index *x;
	const struct match_query *q;
	struct arena *a;
	bool extended;
};

static int gather_one(const struct gather *g, const struct index_advisory *advisory,
		      struct matches *ret)
{
	struct index_range range = {};
	struct match m = { .vuln = advisory->vuln,
			   .advisory = advisory->vuln,
			   .status = advisory->status,
			   .severity = advisory->severity };
	int r = index_affects(advisory, g->q->compare, g->q->version, &range);

	if (r < 0)
		return r;
	if (r == 0)
		m.status = NOT_AFFECTED;
	else if (range.how == END_FIXED)
		m.fixed = range.end;
	/* That an old advisory on a CVE is done with says nothing of a later one. */
	return r == 0 && !g->extended ? add(ret, g->a, &m) : add_advisory(g->x, ret, g->a, &m);
}

static int gather(const struct gather *g, struct str ecosystem, struct matches *ret)
{
	struct index_advisory advisory;
	struct index_walk w;
	int r = index_find(g->x, ecosystem, g->q->name, &w);

	if (r <= 0)
		return r;
	ret->known = true;
	while ((r = index_next(&w, &advisory)) > 0) {
		r = gather_one(g, &advisory, ret);
		if (r < 0)
			return r;
	}
	if (ret->n)
		qsort(ret->list, ret->n, sizeof *ret->list, by_vuln);
	return r;
}

/* All that is said of one vulnerability, from *at on. */
struct said {
	const struct match *best; /* NULL: nothing affects it */
	bool own_clear;           /* the record of the CVE itself says that it is not affected */
	bool clear;               /* any record does */
};

static struct said take_said(const struct matches *m, size_t *at, uint32_t vuln)
{
	struct said s = {};

	for (; *at < m->n && m->list[*at].vuln == vuln; ++*at) {
		const struct match *one = &m->list[*at];

		if (one->status != NOT_AFFECTED) {
			s.best = s.best ? s.best : one;
			continue;
		}
		s.clear = true;
		s.own_clear |= one->advisory == vuln;
	}
	return s;
}

static bool join(const struct said *base, const struct said *extended, struct match *ret)
{
	const struct match *b = base->own_clear ? NULL : base->best, *e = extended->best;

	/* Any word of paid support that this version is not, or no longer, affected counts. */
	if (extended->clear || (!b && !e) || (!b && base->own_clear))
		return false;
	*ret = b ? *b : *e;
	if (e && e->fixed.len && !ret->fixed.len) {
		ret->fixed = e->fixed;
		ret->advisory = e->advisory;
	}
	ret->extended = ret->fixed.len && !(b && b->fixed.len);
	return true;
}

static int merge(const struct matches *base, const struct matches *extended, struct arena *a,
		 struct matches *ret)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r >= 0 && (i < base->n || k < extended->n)) {
		uint32_t one = i < base->n ? base->list[i].vuln : UINT32_MAX;
		uint32_t two = k < extended->n ? extended->list[k].vuln : UINT32_MAX;
		uint32_t vuln = MIN(one, two);
		struct said b = take_said(base, &i, vuln), e = take_said(extended, &k, vuln);
		struct match out;

		if (join(&b, &e, &out))
			r = add(ret, a, &out);
	}
	return r;
}

int match_find(const struct index *x, const struct match_query *q, struct arena *a,
	       struct matches *ret)
{
	struct gather g = { .x = x, .q = q, .a = a };
	struct matches base = {}, extended = {}, out = {};
	int r = gather(&g, q->ecosystem, &base);

	g.extended = true;
	if (r >= 0 && q->extended.len)
		r = gather(&g, q->extended, &extended);
	if (r >= 0)
		r = merge(&base, &extended, a, &out);
	if (r < 0)
		return r;
	out.known = base.known || extended.known;
	*ret = out;
	return 0;
}

/* "9.3" of "9.3.1" with two parts. */
static struct str parts(struct str version, unsigned n)
{
	for (size_t i = 0; i < version.len; i++)
		if (version.ptr[i] == '.' && --n == 0)
			return str_sub(version, 0, i);
	return version;
}

bool match_ecosystem(struct str id, struct str version_id, struct arena *a, struct str *ret,
		     struct str *ret_extended)
{
	static const struct {
		const char *id, *name, *extended;
		unsigned parts;
	} known[] = {
		{"debian",         "Debian",        NULL,         1},
                { "ubuntu",        "Ubuntu",        "Ubuntu:Pro", 2},
		{ "alpine",        "Alpine",        NULL,         2},
                { "rhel",          "Red Hat",       NULL,         1},
		{ "centos",        "Red Hat",       NULL,         1},
                { "almalinux",     "AlmaLinux",     NULL,         1},
		{ "rocky",         "Rocky Linux",   NULL,         1},
                { "opensuse-leap", "openSUSE:Leap", NULL,         2},
		{ "sles",          "SUSE",          NULL,         2},
	};

	for (size_t i = 0; i < COUNT(known) && version_id.len; i++) {
		struct str version = parts(version_id, known[i].parts);
		struct str name, extended = STR("");

		if (!str_eq(id, str_of(known[i].id)))
			continue;
		name = arena_cat(a, str_of(known[i].name), STR(":"), version);
		if (known[i].extended)
			extended = arena_cat(a, str_of(known[i].extended), STR(":"), version);
		if (!name.ptr || !extended.ptr)
			return false;
		*ret = name;
		*ret_extended = extended;
		return true;
	}
	return false;
}

bool match_has_streams(struct str ecosystem) { return str_starts(ecosystem, STR("Red Hat:")); }

struct str match_source(struct arena *a, struct str source)
{
	static const char *const architectures[] = { "amd64", "arm64", "armhf", "i386" };
	static const struct str signed_kernel = STR("linux-signed");
	struct str flavour;

	if (!str_starts(source, signed_kernel))
		return arena_str(a, source);
	flavour = str_sub(source, signed_kernel.len, source.len);
	for (size_t i = 0; i < COUNT(architectures); i++)
		if (flavour.len > 1 &&
		    str_eq(str_sub(flavour, 1, flavour.len), str_of(architectures[i])))
			return STR("linux");
	return arena_cat(a, STR("linux"), flavour, STR(""));
}

static bool starts_any(struct str s, const char *const list[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(s, str_of(list[i])))
			return true;
	return false;
}

static const char *const images[] = { "linux-image-", "linux-modules-", "linux-virt",
				      "linux-lts",    "kernel-core",    "kernel-modules",
				      "kernel-uek",   "kernel-rt-core", "kernel-default" };

bool match_is_kernel(struct str source)
{
	static const char *const flavours[] = { "linux-aws",    "linux-azure",  "linux-gcp",
						"linux-hwe",    "linux-kvm",    "linux-oem",
						"linux-oracle", "linux-raspi",  "linux-lowlatency",
						"linux-lts",    "linux-virt",   "linux-gke",
						"linux-ibm",    "linux-nvidia", "kernel-" };

	return str_eq(source, STR("linux")) || str_eq(source, STR("kernel")) ||
	       starts_any(source, flavours, COUNT(flavours));
}

bool match_carries(struct str source, struct str package)
{
	return !match_is_kernel(source) || starts_any(package, images, COUNT(images)) ||
	       (str_eq(source, package) && !str_contains(package, STR("-headers")) &&
		!str_contains(package, STR("-tools")) && !str_contains(package, STR("-doc")));
}

bool match_is_release(struct str package, struct str version, struct str release)
{
	struct str upstream = str_sub(version, (size_t)(str_find(version, ':') + 1), version.len);
	const char *revision;

	if (!release.len)
		return false;
	/* linux-image-6.1.0-44-amd64; the like without a version only depend on it. */
	if (str_starts(package, STR("linux-image-")) || str_starts(package, STR("linux-modules-")))
		return str_ends(package, release);
	/* 5.14.0-427.el9 is 5.14.0-427.el9.x86_64; 6.6.30-r0 is 6.6.30-0-lts. */
	revision = memmem(upstream.ptr, upstream.len, "-r", 2);
	if (revision)
		upstream = str_sub(upstream, 0, (size_t)(revision - upstream.ptr));
	return upstream.len && str_starts(release, upstream);
}
