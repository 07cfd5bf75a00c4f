/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the file of index_format.h. */
#include <sodium.h>

#include "vuln/index_write_work.h"

static void writer_release(struct writer *w)
{
	for (size_t i = 0; i < INDEX_TABLES; i++)
		buf_release(&w->out[i]);
	buf_release(&w->record);
	free(w->places);
	free(w->rank);
	free(w->package_rank);
	free(w->order);
	free(w->entries);
	free(w->version_at);
	free(w->version_used);
	free(w->versions.at);
}

/* The first comes first. */
static bool prefix_before(const struct index_prefix *a, const struct index_prefix *b)
{
	bool a_cve = str_eq(a->text, STR("CVE-")), b_cve = str_eq(b->text, STR("CVE-"));
	int r = str_cmp(a->text, b->text);

	if (a_cve != b_cve)
		return a_cve;
	if (r == 0)
		r = a->separator - b->separator;
	return r < 0 || (r == 0 && a->width < b->width);
}

static bool prefix_eq(const struct index_prefix *a, const struct index_prefix *b)
{
	return str_eq(a->text, b->text) && a->separator == b->separator && a->width == b->width;
}

struct prefixes {
	struct index_prefix list[KEY_PREFIXES];
	unsigned n;
};

/*
 * The 62 first ones that are found in the order of ids; ids of further ones are kept as texts.
 * CVE- is always among them.
 */
static void find_prefixes(const struct index_build *b, struct prefixes *p)
{
	for (size_t i = 0; i < b->vulns.n; i++) {
		struct index_number n;
		unsigned at = 0;

		if (!index_id_parse(b->vulns.at[i].id, &n) || !n.prefix.text.len)
			continue;
		while (at < p->n && prefix_before(&p->list[at], &n.prefix))
			at++;
		if (at < p->n && prefix_eq(&p->list[at], &n.prefix))
			continue;
		if (at == KEY_PREFIXES)
			continue;
		p->n = MIN(p->n + 1, KEY_PREFIXES);
		memmove(&p->list[at + 1], &p->list[at], (p->n - at - 1) * sizeof p->list[0]);
		p->list[at] = n.prefix;
	}
}

static int compare_ids(const void *a, const void *b, void *user)
{
	const struct index_build *build = user;

	return str_cmp(build->vulns.at[((const struct place *)a)->vuln].id,
		       build->vulns.at[((const struct place *)b)->vuln].id);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = ((const struct place *)a)->key, y = ((const struct place *)b)->key;

	return x < y ? -1 : x > y;
}

static uint64_t key_of(const struct prefixes *p, struct str id)
{
	struct index_number n;

	if (!index_id_parse(id, &n))
		return index_key(KEY_TEXT, 0);
	if (!n.prefix.text.len)
		return index_key(KEY_GHSA, n.number);
	for (unsigned i = 0; i < p->n; i++)
		if (prefix_eq(&p->list[i], &n.prefix))
			return index_key(i + 1, n.year << 32 | n.number);
	return index_key(KEY_TEXT, 0);
}

/* Keys of all vulnerabilities; those that are texts get their places in alphabetical order. */
static void make_keys(struct writer *w)
{
	struct index_build *b = w->b;
	struct prefixes p = {};
	size_t n = 0;

	find_prefixes(b, &p);
	for (unsigned i = 0; i < p.n; i++) {
		write_text(OUT(w, prefixes), p.list[i].text);
		buf_putc(OUT(w, prefixes), p.list[i].separator);
		buf_putc(OUT(w, prefixes), (char)p.list[i].width);
	}
	N(w, prefixes) = p.n;
	for (size_t i = 0; i < b->vulns.n; i++)
		w->places[i] = (struct place){ key_of(&p, b->vulns.at[i].id), (uint32_t)i };
	qsort(w->places, b->vulns.n, sizeof *w->places, compare_keys);
	while (n < b->vulns.n && w->places[n].key < index_key(KEY_TEXT, 0))
		n++;
	qsort_r(w->places + n, b->vulns.n - n, sizeof *w->places, compare_ids, b);
	for (size_t i = n; i < b->vulns.n; i++) {
		w->places[i].key = index_key(KEY_TEXT, OUT(w, texts)->len);
		write_text(OUT(w, texts), b->vulns.at[w->places[i].vuln].id);
	}
	N(w, texts) = (uint32_t)(b->vulns.n - n);
	for (size_t i = 0; i < b->vulns.n; i++)
		w->rank[w->places[i].vuln] = (uint32_t)i;
}

static int compare_aliases(const void *a, const void *b, void *user)
{
	const struct build_alias *x = a, *y = b;
	const uint32_t *rank = user;
	uint32_t left = rank[x->vuln], right = rank[y->vuln];

	if (left == right)
		left = rank[x->cve], right = rank[y->cve];
	return left < right ? -1 : left > right;
}

/* The CVEs of a vulnerability, whose aliases begin at *at; the first INDEX_CVES of them. */
static uint32_t cves_of(const struct writer *w, uint32_t vuln, size_t *at,
			uint32_t ret[static INDEX_CVES])
{
	uint32_t n = 0;

	for (; *at < w->b->aliases.n && w->b->aliases.at[*at].vuln == vuln; ++*at) {
		uint32_t cve = w->rank[w->b->aliases.at[*at].cve];

		if (n < INDEX_CVES && (!n || ret[n - 1] != cve))
			ret[n++] = cve;
	}
	return n;
}

static void put_vuln(struct buf *out, const struct build_vuln *v, const uint32_t *cves, uint32_t n)
{
	unsigned flags = v->severity;

	flags |= v->cvss != BUILD_NONE ? VULN_CVSS : 0;
	flags |= v->epss >= 0 ? VULN_EPSS : 0;
	flags |= v->kev ? VULN_KEV : 0;
	flags |= v->ransomware ? VULN_RANSOMWARE : 0;
	flags |= n ? VULN_CVES : 0;
	buf_putc(out, (char)flags);
	if (flags & VULN_CVSS)
		write_varint(out, v->cvss);
	if (flags & VULN_EPSS)
		write_varint(out, (uint32_t)v->epss);
	if (flags & VULN_KEV) {
		write_varint(out, (uint32_t)v->added);
		write_varint(out, v->due >= v->added ? (uint32_t)(v->due - v->added) + 1 : 0);
	}
	if (n)
		write_varint(out, n);
	for (uint32_t i = 0; i < n; i++)
		write_varint(out, cves[i]);
}

static void put_vulns(struct writer *w)
{
	struct index_build *b = w->b;
	struct buf *out = OUT(w, vulns);
	size_t alias = 0;

	if (b->aliases.n)
		qsort_r(b->aliases.at, b->aliases.n, sizeof *b->aliases.at, compare_aliases,
			w->rank);
	for (size_t i = 0; i < b->vulns.n; i++) {
		const struct place *p = &w->places[i];
		uint32_t cves[INDEX_CVES] = {}, n = cves_of(w, p->vuln, &alias, cves);

		if (i % INDEX_BLOCK == 0) {
			write_fixed(OUT(w, vuln_blocks), p->key, 8);
			write_fixed(OUT(w, vuln_blocks), out->len, 4);
		} else {
			write_varint(out, p->key - p[-1].key);
		}
		put_vuln(out, &b->vulns.at[p->vuln], cves, n);
	}
	N(w, vulns) = (uint32_t)b->vulns.n;
	N(w, vuln_blocks) = (uint32_t)((b->vulns.n + INDEX_BLOCK - 1) / INDEX_BLOCK);
}

static int compare_sources(const void *a, const void *b)
{
	const struct index_source *x = a, *y = b;

	return str_cmp(x->name, y->name) ?: str_cmp(x->from, y->from);
}

/* Returns when the newest was imported. */
static int64_t put_sources(struct writer *w)
{
	struct index_build *b = w->b;
	struct buf *out = OUT(w, sources);
	int64_t newest = 0;

	if (b->sources.n)
		qsort(b->sources.at, b->sources.n, sizeof *b->sources.at, compare_sources);
	for (size_t i = 0; i < b->sources.n; i++) {
		const struct index_source *s = &b->sources.at[i];

		write_text(out, s->name);
		write_text(out, s->format);
		write_text(out, s->from);
		write_varint(out, (uint64_t)MAX(s->published, 0));
		write_varint(out, (uint64_t)MAX(s->imported, 0));
		write_varint(out, s->records);
		write_varint(out, s->left_out);
		newest = MAX(newest, s->imported);
	}
	N(w, sources) = (uint32_t)b->sources.n;
	return newest;
}

static int allocate(struct writer *w)
{
	const struct index_build *b = w->b;

	w->places = calloc(b->vulns.n + 1, sizeof *w->places);
	w->rank = calloc(b->vulns.n + 1, sizeof *w->rank);
	w->package_rank = calloc(b->packages.n + 1, sizeof *w->package_rank);
	w->order = calloc(b->packages.n + 1, sizeof *w->order);
	w->entries = calloc(b->entries.n + 1, sizeof *w->entries);
	w->version_at = calloc(b->versions.n + 1, sizeof *w->version_at);
	w->version_used = calloc(b->versions.n + 1, sizeof *w->version_used);
	w->versions.at = calloc(b->versions.n + 1, sizeof *w->versions.at);
	w->record = BUF(INDEX_SIZE_MAX);
	for (size_t i = 0; i < INDEX_TABLES; i++)
		w->out[i] = BUF(INDEX_SIZE_MAX);
	return w->places && w->rank && w->package_rank && w->order && w->entries && w->version_at &&
			       w->version_used && w->versions.at
		       ? 0
		       : -ENOMEM;
}

static int join(struct writer *w, int64_t made, struct buf *out)
{
	size_t start = out->len, at = INDEX_HEAD + INDEX_TABLES * INDEX_TABLE_SIZE, size = at;
	unsigned char digest[crypto_hash_sha256_BYTES] = {};
	crypto_hash_sha256_state state;

	for (size_t i = 0; i < INDEX_TABLES; i++) {
		if (w->out[i].error)
			return w->out[i].error;
		size += w->out[i].len;
	}
	if (size > INDEX_SIZE_MAX)
		return -EFBIG;
	buf_add(out, INDEX_MAGIC, strlen(INDEX_MAGIC));
	write_fixed(out, INDEX_VERSION, 4);
	write_fixed(out, INDEX_TABLES, 4);
	write_fixed(out, size, 8);
	write_fixed(out, (uint64_t)made, 8);
	buf_add(out, digest, sizeof digest);
	for (size_t i = 0; i < INDEX_TABLES; at += w->out[i++].len) {
		write_fixed(out, at, 4);
		write_fixed(out, w->out[i].len, 4);
		write_fixed(out, w->n[i], 4);
		write_fixed(out, 0, 4);
	}
	for (size_t i = 0; i < INDEX_TABLES; i++)
		buf_str(out, buf_view(&w->out[i]));
	if (out->error)
		return out->error;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (unsigned char *)out->ptr + start, INDEX_DIGEST);
	crypto_hash_sha256_update(&state, (unsigned char *)out->ptr + start + INDEX_HEAD,
				  size - INDEX_HEAD);
	crypto_hash_sha256_final(&state, digest);
	memcpy(out->ptr + start + INDEX_DIGEST, digest, sizeof digest);
	return 0;
}

int index_build_write(struct index_build *b, struct buf *ret)
{
	struct writer w = { .b = b };
	int64_t made;
	int r = b->error ?: allocate(&w);

	if (r == 0) {
		make_keys(&w);
		write_sort(&w);
		put_vulns(&w);
		write_packages(&w);
		write_products(&w);
		made = put_sources(&w);
		r = w.record.error ?: join(&w, made, ret);
	}
	writer_release(&w);
	return r;
}
