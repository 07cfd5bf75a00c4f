/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdio.h>

#include "vuln/index_format.h"

static int bad(struct diag *d, const char *what)
{
	return diag_set(d, -EBADMSG, "", 0, "%s", what);
}

static int read_tables(struct str bytes, struct index *x, struct diag *d)
{
	struct index_table *tables = &x->t.prefixes;

	for (size_t i = 0; i < INDEX_TABLES; i++) {
		const char *p = bytes.ptr + INDEX_HEAD + i * INDEX_TABLE_SIZE;
		uint64_t at = load_u32(p), len = load_u32(p + 4);

		if (at < INDEX_HEAD + INDEX_TABLES * INDEX_TABLE_SIZE || at > bytes.len ||
		    len > bytes.len - at)
			return bad(d, "a table of the index lies outside of the file");
		tables[i] = (struct index_table){
			{bytes.ptr + at, (size_t)len},
                        load_u32(p + 8)
		};
	}
	if (x->t.vuln_blocks.bytes.len % 12 || x->t.package_blocks.bytes.len % 4 ||
	    x->t.product_blocks.bytes.len % 4 ||
	    x->t.vuln_blocks.bytes.len / 12 !=
		    ((size_t)x->t.vulns.n + INDEX_BLOCK - 1) / INDEX_BLOCK)
		return bad(d, "a table of blocks has another length than its entries");
	return 0;
}

int index_read(struct str bytes, struct index *ret, struct diag *d)
{
	struct index x = { .bytes = bytes };
	int r;

	if (bytes.len < INDEX_HEAD + INDEX_TABLES * INDEX_TABLE_SIZE ||
	    memcmp(bytes.ptr, INDEX_MAGIC, strlen(INDEX_MAGIC)) != 0)
		return bad(d, "no index of advisories");
	if (load_u32(bytes.ptr + 8) != INDEX_VERSION)
		return diag_set(d, -EPROTONOSUPPORT, "", 0,
				"an index of format %u, of which this version knows %u",
				load_u32(bytes.ptr + 8), INDEX_VERSION);
	if (load_u32(bytes.ptr + 12) != INDEX_TABLES)
		return bad(d, "the index has another number of tables");
	if (load_u64(bytes.ptr + 16) != bytes.len)
		return bad(d, "the index is cut off");
	x.made = (int64_t)load_u64(bytes.ptr + 24);
	r = read_tables(bytes, &x, d);
	if (r == 0)
		*ret = x;
	return r;
}

int index_open(const char *path, struct index *ret, struct diag *d)
{
	own(mapped_release) struct mapped file = {};
	struct index x;
	int r = mapped_open(path, &file);

	if (r == 0)
		r = index_read(file.bytes, &x, d);
	if (d && r < 0) {
		if (!d->reason[0])
			diag_set(d, r, path, 0, "%s", strerror(-r));
		snprintf(d->file, sizeof d->file, "%s", path);
	}
	if (r < 0)
		return r;
	x.file = take(file);
	*ret = x;
	return 0;
}

void index_release(struct index *x)
{
	mapped_release(&x->file);
	*x = (struct index){};
}

int index_ecosystem_next(const struct index *x, struct str *rest, struct index_ecosystem_row *ret)
{
	struct index_names *n = &ret->names;

	if (!rest->len)
		return 0;
	*n = (struct index_names){ .table = x->t.packages.bytes,
				   .blocks = x->t.package_blocks.bytes };
	if (!span_text(rest, &ret->name) || !span_u32(rest, &n->first) || !span_u32(rest, &n->n) ||
	    !span_u32(rest, &n->names))
		return -EBADMSG;
	return 1;
}

static int find_ecosystem(const struct index *x, struct str name, struct index_ecosystem_row *ret)
{
	struct str rest = x->t.ecosystems.bytes;
	int r;

	while ((r = index_ecosystem_next(x, &rest, ret)) > 0)
		if (str_eq(ret->name, name))
			return 1;
	return r;
}

int index_find(const struct index *x, struct str ecosystem, struct str name, struct index_walk *ret)
{
	char e[INDEX_TEXT_MAX], n[INDEX_TEXT_MAX];
	struct index_walk w = { .index = x };
	struct index_ecosystem_row row;
	size_t e_len, n_len;
	int r;

	if (!index_ecosystem(ecosystem, e, &e_len) || !index_name(ecosystem, name, n, &n_len))
		return 0;
	r = find_ecosystem(x, (struct str){ e, e_len }, &row);
	if (r > 0)
		r = index_names_find(&row.names, (struct str){ n, n_len }, &w.rest);
	if (r <= 0)
		return r;
	if (!span_text(&w.rest, &w.versions))
		return -EBADMSG;
	*ret = w;
	return 1;
}

int index_covers(const struct index *x, struct str ecosystem)
{
	struct index_ecosystem_row row;
	char e[INDEX_TEXT_MAX];
	size_t len;

	if (!index_ecosystem(ecosystem, e, &len))
		return 0;
	return find_ecosystem(x, (struct str){ e, len }, &row);
}

/* Begin and end of a range whose flags are known. */
static bool read_range(struct str *rest, struct str versions, unsigned how, bool begin,
		       struct index_range *ret)
{
	struct index_range range = { .how = how, .begin = STR(""), .end = STR("") };
	uint64_t at;

	if (begin && (!span_varint(rest, &at) || !span_text_at(versions, at, &range.begin)))
		return false;
	if ((how == END_FIXED || how == END_LAST) &&
	    (!span_varint(rest, &at) || !span_text_at(versions, at, &range.end) || !range.end.len))
		return false;
	if ((begin || how == END_ONLY) && !range.begin.len)
		return false;
	*ret = range;
	return true;
}

bool index_range_more(struct str *rest, struct str versions, struct index_range *ret)
{
	unsigned flags;

	return span_byte(rest, &flags) && flags < 8 &&
	       read_range(rest, versions, flags & 3, flags & RANGE_BEGIN, ret);
}

int index_next(struct index_walk *w, struct index_advisory *ret)
{
	struct index_advisory a = { .index = w->index, .versions = w->versions };
	struct str rest = w->rest;
	struct index_range skipped;
	uint32_t step, n;
	unsigned flags, status;

	if (!rest.len)
		return 0;
	if (!span_u32(&rest, &step) || __builtin_add_overflow(w->last, step, &a.vuln) ||
	    a.vuln >= w->index->t.vulns.n || !span_byte(&rest, &flags))
		return -EBADMSG;
	status = flags >> ENTRY_STATUS;
	if (status == ENTRY_STATUS_MORE) {
		if (!span_byte(&rest, &status))
			return -EBADMSG;
		a.severity = status >> 3;
		status &= 7;
	}
	if (status > STATUS_MALICIOUS || a.severity > RATED_CRITICAL)
		return -EBADMSG;
	a.status = status;
	n = flags & ENTRY_RANGES;
	if (n == ENTRY_RANGES && !span_u32(&rest, &n))
		return -EBADMSG;
	a.n = n;
	if (n && !read_range(&rest, w->versions, flags >> 2 & 3, flags & ENTRY_BEGIN, &a.first))
		return -EBADMSG;
	a.rest = rest;
	for (uint32_t i = 1; i < n; i++)
		if (!index_range_more(&rest, w->versions, &skipped))
			return -EBADMSG;
	w->rest = rest;
	w->last = a.vuln;
	*ret = a;
	return 1;
}

int index_range(const struct index_advisory *a, unsigned i, struct index_range *ret)
{
	struct str rest = a->rest;
	struct index_range range = a->first;

	if (i >= a->n)
		return -ENOENT;
	for (unsigned at = 0; at < i; at++)
		if (!index_range_more(&rest, a->versions, &range))
			return -EBADMSG;
	*ret = range;
	return 0;
}

static bool is_in(const struct index_range *r, version_fn *compare, struct str version)
{
	if (r->how == END_ONLY)
		return compare(version, r->begin) == 0;
	if (r->begin.len && compare(version, r->begin) < 0)
		return false;
	switch (r->how) {
	case END_FIXED: return compare(version, r->end) < 0;
	case END_LAST: return compare(version, r->end) <= 0;
	default: return true;
	}
}

int index_affects(const struct index_advisory *a, version_fn *compare, struct str version,
		  struct index_range *ret)
{
	struct str rest = a->rest;
	struct index_range range = a->first;

	for (unsigned i = 0; i < a->n; i++) {
		if (i && !index_range_more(&rest, a->versions, &range))
			return -EBADMSG;
		if (is_in(&range, compare, version)) {
			*ret = range;
			return 1;
		}
	}
	return 0;
}

int index_all(const struct index *x, index_package_fn *fn, void *user)
{
	struct str rest = x->t.ecosystems.bytes;
	struct index_ecosystem_row row;
	int r, more;

	while ((r = index_ecosystem_next(x, &rest, &row)) > 0) {
		struct index_name_walk names;
		struct index_walk w = { .index = x };

		index_names_walk(&row.names, &names);
		while ((more = index_names_next(&names, &w.rest)) > 0) {
			w.last = 0;
			w.package = (struct str){ names.name, names.len };
			if (!span_text(&w.rest, &w.versions))
				return -EBADMSG;
			r = fn(user, row.name, w.package, &w);
			if (r)
				return r;
		}
		if (more < 0)
			return more;
	}
	return r;
}

int index_source(const struct index *x, unsigned i, struct index_source *ret)
{
	struct str rest = x->t.sources.bytes;
	struct index_source s = {};

	for (unsigned at = 0; at <= i; at++) {
		uint64_t published, imported;

		if (!rest.len)
			return 0;
		if (!span_text(&rest, &s.name) || !span_text(&rest, &s.format) ||
		    !span_text(&rest, &s.from) || !span_varint(&rest, &published) ||
		    !span_varint(&rest, &imported) || !span_varint(&rest, &s.records) ||
		    !span_varint(&rest, &s.left_out) || published > INT64_MAX ||
		    imported > INT64_MAX)
			return -EBADMSG;
		s.published = (int64_t)published;
		s.imported = (int64_t)imported;
	}
	*ret = s;
	return 1;
}

static int check_package(void *user, struct str ecosystem, struct str name, struct index_walk *w)
{
	struct index_advisory a;
	int r;

	(void)user, (void)ecosystem, (void)name;
	while ((r = index_next(w, &a)) > 0)
		;
	return r;
}

static int check_rest(const struct index *x)
{
	struct index_names products = index_products(x);
	struct index_name_walk names;
	struct index_source source;
	struct index_about about;
	struct index_eol eol;
	struct str record;
	int r = 1;

	for (unsigned i = 0; r > 0; i++)
		r = index_source(x, i, &source);
	for (uint32_t i = 0; r == 0 && i < x->t.vulns.n; i++)
		r = index_about(x, i, &about);
	index_names_walk(&products, &names);
	while (r == 0 && (r = index_names_next(&names, &record)) > 0)
		while ((r = index_release_next(&record, &eol)) > 0)
			;
	return r;
}

int index_check(const struct index *x, struct diag *d)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	const unsigned char *p = (const unsigned char *)x->bytes.ptr;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, p, INDEX_DIGEST);
	crypto_hash_sha256_update(&state, p + INDEX_HEAD, x->bytes.len - INDEX_HEAD);
	crypto_hash_sha256_final(&state, digest);
	if (memcmp(digest, p + INDEX_DIGEST, sizeof digest) != 0)
		return bad(d, "the checksum of the index is another");
	if (index_all(x, check_package, NULL) < 0)
		return bad(d, "the packages of the index cannot be read");
	if (check_rest(x) < 0)
		return bad(d, "a table of the index cannot be read");
	return 0;
}
