/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "vuln/index_build_work.h"

int index_build_new(struct index_build **ret)
{
	struct index_build *b = calloc(1, sizeof *b);

	if (!b)
		return -ENOMEM;
	b->arena.limit = BUILD_MEMORY;
	*ret = b;
	return 0;
}

void index_build_release(struct index_build **b)
{
	if (!*b)
		return;
	free((*b)->vulns.at);
	free((*b)->aliases.at);
	free((*b)->packages.at);
	free((*b)->entries.at);
	free((*b)->ranges.at);
	free((*b)->versions.at);
	free((*b)->eols.at);
	free((*b)->sources.at);
	map_release(&(*b)->vuln_ids);
	map_release(&(*b)->package_keys);
	map_release(&(*b)->version_texts);
	arena_release(&(*b)->arena);
	free(*b);
	*b = NULL;
}

int index_build_error(const struct index_build *b) { return b->error; }

static void fail(struct index_build *b, int error)
{
	if (!b->error)
		b->error = error;
}

/* Room for n more elements; false: there is none, which is kept. */
static bool grow(struct index_build *b, void *list, size_t have, size_t *cap, size_t n, size_t size)
{
	size_t want = MAX(*cap + *cap / 2, have + n);
	void *bigger;

	if (b->error)
		return false;
	if (have + n <= *cap)
		return true;
	want = MIN(MAX(want, 64), BUILD_MAX);
	bigger = want >= have + n ? realloc(*(void **)list, want * size) : NULL;
	if (!bigger) {
		fail(b, want < have + n ? -EFBIG : -ENOMEM);
		return false;
	}
	*(void **)list = bigger;
	*cap = want;
	return true;
}
#define push(b, list, ...)                                                \
	(grow(b, &(list).at, (list).n, &(list).cap, 1, sizeof *(list).at) \
		 ? ((list).at[(list).n++] = (__VA_ARGS__), true)          \
		 : false)

static struct str copy(struct index_build *b, struct str s)
{
	struct str mine = arena_str(&b->arena, s);

	if (!mine.ptr)
		fail(b, -ENOMEM);
	return mine;
}

/* The number that a text has in a map; BUILD_NONE: it is new. */
static uint32_t known(const struct map *m, struct str key)
{
	const uint64_t *value = map_get(m, key);

	return value ? (uint32_t)*value : BUILD_NONE;
}

static void remember(struct index_build *b, struct map *m, struct str key, size_t value)
{
	int r = map_put(m, key, value);

	if (r < 0)
		fail(b, r == -E2BIG ? -EFBIG : r);
}

uint32_t index_build_vuln(struct index_build *b, struct str id)
{
	struct build_vuln v = { .cvss = BUILD_NONE, .epss = -1 };
	uint32_t n;

	id = str_trim(id);
	if (!id.len || id.len >= INDEX_ID_MAX || b->error)
		return BUILD_NONE;
	n = known(&b->vuln_ids, id);
	if (n != BUILD_NONE)
		return n;
	v.id = copy(b, id);
	if (!push(b, b->vulns, v))
		return BUILD_NONE;
	remember(b, &b->vuln_ids, v.id, b->vulns.n - 1);
	return (uint32_t)b->vulns.n - 1;
}

static struct build_vuln *vuln_of(struct index_build *b, uint32_t vuln)
{
	return b->error || vuln >= b->vulns.n ? NULL : &b->vulns.at[vuln];
}

void index_build_rate(struct index_build *b, uint32_t vuln, enum index_severity severity)
{
	struct build_vuln *v = vuln_of(b, vuln);

	if (v && severity <= RATED_CRITICAL)
		v->severity = (uint8_t)MAX(v->severity, severity);
}

static void rate_packed(struct build_vuln *v, uint32_t packed)
{
	unsigned version = cvss_version(packed), old = 0;

	if (v->cvss != BUILD_NONE)
		old = cvss_version(v->cvss);
	if (version > old || (version == old && cvss_score(packed) > cvss_score(v->cvss)))
		v->cvss = packed;
}

void index_build_cvss(struct index_build *b, uint32_t vuln, struct str vector)
{
	struct build_vuln *v = vuln_of(b, vuln);
	uint32_t packed;

	if (v && cvss_pack(vector, &packed) == 0)
		rate_packed(v, packed);
}

void index_build_cve(struct index_build *b, uint32_t vuln, struct str cve)
{
	uint32_t n = vuln_of(b, vuln) ? index_build_vuln(b, cve) : BUILD_NONE;

	if (n != BUILD_NONE && n != vuln)
		(void)push(b, b->aliases, (struct build_alias){ vuln, n });
}

void index_build_epss(struct index_build *b, uint32_t vuln, uint32_t epss)
{
	struct build_vuln *v = vuln_of(b, vuln);

	if (v)
		v->epss = (int32_t)MIN(epss, 100'000u);
}

void index_build_kev(struct index_build *b, uint32_t vuln, int32_t added, int32_t due,
		     bool ransomware)
{
	struct build_vuln *v = vuln_of(b, vuln);

	if (!v)
		return;
	v->kev = true;
	v->ransomware |= ransomware;
	v->added = MAX(added, 0);
	v->due = MAX(due, 0);
}

uint32_t index_build_package(struct index_build *b, struct str ecosystem, struct str name)
{
	char key[2 * INDEX_TEXT_MAX], folded[INDEX_TEXT_MAX];
	size_t n, m;
	struct str text;
	uint32_t found;

	if (b->error || !index_ecosystem(ecosystem, key, &n) ||
	    !index_name(ecosystem, name, folded, &m))
		return BUILD_NONE;
	key[n] = 0;
	memcpy(key + n + 1, folded, m);
	text = (struct str){ key, n + 1 + m };
	found = known(&b->package_keys, text);
	if (found != BUILD_NONE)
		return found;
	text = copy(b, text);
	if (!text.ptr ||
	    !push(b, b->packages,
		  (struct build_package){ str_sub(text, 0, n), str_sub(text, n + 1, text.len) }))
		return BUILD_NONE;
	remember(b, &b->package_keys, text, b->packages.n - 1);
	return (uint32_t)b->packages.n - 1;
}

static uint32_t version_number(struct index_build *b, struct str version)
{
	uint32_t n;

	if (b->error || !version.len)
		return BUILD_NONE;
	n = known(&b->version_texts, version);
	if (n != BUILD_NONE)
		return n;
	version = copy(b, version);
	if (!version.ptr || !push(b, b->versions, version))
		return BUILD_NONE;
	remember(b, &b->version_texts, version, b->versions.n - 1);
	return (uint32_t)b->versions.n - 1;
}

void index_build_entry(struct index_build *b, const struct index_entry *e,
		       const struct index_range *ranges, size_t n)
{
	struct build_entry row = {
		.package = e->package,
		.vuln = e->vuln,
		.ranges = (uint32_t)b->ranges.n,
		.n = (uint32_t)n,
		.status = (uint8_t)e->status,
		.severity = (uint8_t)e->severity,
	};

	if (b->error || e->package >= b->packages.n || e->vuln >= b->vulns.n || !n)
		return;
	for (size_t i = 0; i < n; i++) {
		struct build_range range = { BUILD_NONE, BUILD_NONE, ranges[i].how };
		bool end = range.how == END_FIXED || range.how == END_LAST;

		/* Without the version that it is about it says nothing. */
		if ((end && !ranges[i].end.len) ||
		    (range.how == END_ONLY && !ranges[i].begin.len)) {
			row.n--;
			continue;
		}
		range.begin = version_number(b, ranges[i].begin);
		if (end)
			range.end = version_number(b, ranges[i].end);
		if (!push(b, b->ranges, range))
			return;
	}
	if (row.n)
		(void)push(b, b->entries, row);
}

void index_build_eol(struct index_build *b, struct str product, struct str release, int32_t end,
		     int32_t extended)
{
	char folded[INDEX_TEXT_MAX];
	struct build_eol e = { .end = end, .extended = extended, .order = (uint32_t)b->eols.n };

	if (b->error || !product.len || product.len >= INDEX_TEXT_MAX || !release.len ||
	    release.len >= INDEX_TEXT_MAX)
		return;
	for (size_t i = 0; i < release.len; i++)
		folded[i] = (char)(release.ptr[i] == ' ' ? '-' : version_lower(release.ptr[i]));
	e.product = copy(b, product);
	e.release = copy(b, (struct str){ folded, release.len });
	if (!b->error)
		(void)push(b, b->eols, e);
}

void index_build_source(struct index_build *b, const struct index_source *s)
{
	struct index_source mine = *s;

	if (b->error)
		return;
	mine.name = copy(b, s->name);
	mine.format = copy(b, s->format);
	mine.from = copy(b, s->from);
	if (!b->error)
		(void)push(b, b->sources, mine);
}

void index_build_imported(struct index_build *b, int64_t when)
{
	for (size_t i = 0; i < b->sources.n; i++)
		b->sources.at[i].imported = when;
}

size_t index_build_ranges(const struct index_build *b) { return b->ranges.n; }

struct adding {
	struct index_build *b;
	uint32_t *numbers; /* of the vulnerabilities of the other file, here */
	struct index_range *ranges;
	size_t cap;
};

static int add_entry(struct adding *x, uint32_t package, const struct index_advisory *a)
{
	struct index_entry e = { package, x->numbers[a->vuln], a->status, a->severity };
	struct index_range range = a->first;
	struct str rest = a->rest;

	if (a->n > x->cap) {
		struct index_range *more = realloc(x->ranges, a->n * sizeof *more);

		if (!more)
			return -ENOMEM;
		x->ranges = more;
		x->cap = a->n;
	}
	for (unsigned i = 0; i < a->n; i++) {
		if (i && !index_range_more(&rest, a->versions, &range))
			return -EBADMSG;
		x->ranges[i] = range;
	}
	index_build_entry(x->b, &e, x->ranges, a->n);
	return x->b->error;
}

static int add_package(void *user, struct str ecosystem, struct str name, struct index_walk *w)
{
	struct adding *x = user;
	uint32_t package = index_build_package(x->b, ecosystem, name);
	struct index_advisory a;
	int r;

	if (package == BUILD_NONE)
		return x->b->error ?: -EBADMSG;
	while ((r = index_next(w, &a)) > 0) {
		r = add_entry(x, package, &a);
		if (r < 0)
			return r;
	}
	return r;
}

static void add_facts(struct index_build *b, uint32_t n, const struct index_vuln *v)
{
	uint64_t due = v->due ? v->added + (uint64_t)v->due - 1 : 0;

	index_build_rate(b, n, v->flags & VULN_SEVERITY);
	if (v->flags & VULN_CVSS)
		rate_packed(&b->vulns.at[n], v->cvss);
	if (v->flags & VULN_EPSS)
		index_build_epss(b, n, v->epss);
	if (v->flags & VULN_KEV)
		index_build_kev(b, n, (int32_t)MIN(v->added, INT32_MAX / 2u),
				(int32_t)MIN(due, INT32_MAX / 2u), v->flags & VULN_RANSOMWARE);
}

static int add_vulns(struct adding *x, const struct index *from)
{
	struct index_build *b = x->b;

	for (uint32_t i = 0; i < from->t.vulns.n; i++) {
		char id[INDEX_ID_MAX];
		struct index_vuln v;
		int r = index_vuln_at(from, i, &v) ? index_vuln_id(from, v.key, id) : -EBADMSG;
		uint32_t n = r < 0 ? BUILD_NONE : index_build_vuln(b, str_of(id));

		if (n == BUILD_NONE)
			return r < 0 ? r : b->error ?: -EBADMSG;
		x->numbers[i] = n;
		add_facts(b, n, &v);
	}
	return 0;
}

/* Behind add_vulns(): the CVEs have numbers, too. */
static int add_aliases(struct adding *x, const struct index *from)
{
	for (uint32_t i = 0; i < from->t.vulns.n; i++) {
		struct index_vuln v;

		if (!index_vuln_at(from, i, &v))
			return -EBADMSG;
		for (uint32_t j = 0; j < v.n_cves; j++) {
			if (v.cves[j] >= from->t.vulns.n)
				return -EBADMSG;
			if (!push(x->b, x->b->aliases,
				  (struct build_alias){ x->numbers[i], x->numbers[v.cves[j]] }))
				return x->b->error;
		}
	}
	return 0;
}

static int add_rest(struct index_build *b, const struct index *from)
{
	struct index_names products = index_products(from);
	struct index_name_walk names;
	struct index_source source;
	struct index_eol eol;
	struct str record;
	int r = 1;

	for (unsigned i = 0; (r = index_source(from, i, &source)) > 0; i++)
		index_build_source(b, &source);
	index_names_walk(&products, &names);
	while (r == 0 && (r = index_names_next(&names, &record)) > 0)
		while ((r = index_release_next(&record, &eol)) > 0)
			index_build_eol(b, (struct str){ names.name, names.len }, eol.release,
					eol.end, eol.extended);
	return r < 0 ? r : b->error;
}

int index_build_add(struct index_build *b, const struct index *from)
{
	struct adding x = { .b = b };
	int r;

	/* Every vulnerability takes two bytes at least: the count is not believed. */
	if (from->t.vulns.n > from->t.vulns.bytes.len)
		return -EBADMSG;
	x.numbers = calloc((size_t)from->t.vulns.n + 1, sizeof *x.numbers);
	if (!x.numbers)
		return -ENOMEM;
	r = add_vulns(&x, from);
	if (r == 0)
		r = add_aliases(&x, from);
	if (r == 0)
		r = index_all(from, add_package, &x);
	if (r == 0)
		r = add_rest(b, from);
	free(x.numbers);
	free(x.ranges);
	return r;
}
