/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dictionaries of the index: packages and products. */
#include "vuln/index_write_work.h"

static void begin_names(struct writer *w)
{
	w->last = STR("");
	w->in_block = 0;
}

/* The next name of a dictionary, with w->record. */
static void put_name(struct writer *w, struct buf *table, struct buf *blocks, struct str name)
{
	size_t shared = 0;

	if (w->in_block == INDEX_BLOCK)
		w->in_block = 0;
	if (!w->in_block++) {
		write_fixed(blocks, table->len, 4);
	} else {
		while (shared < MIN(name.len, w->last.len) &&
		       name.ptr[shared] == w->last.ptr[shared])
			shared++;
	}
	write_varint(table, shared);
	write_text(table, str_sub(name, shared, name.len));
	write_text(table, buf_view(&w->record));
	w->last = name;
}

static int compare_packages(const void *a, const void *b, void *user)
{
	const struct index_build *build = user;
	const struct build_package *x = &build->packages.at[*(const uint32_t *)a];
	const struct build_package *y = &build->packages.at[*(const uint32_t *)b];

	return str_cmp(x->ecosystem, y->ecosystem) ?: str_cmp(x->name, y->name);
}

static int compare_numbers(uint32_t a, uint32_t b) { return a < b ? -1 : a > b; }

static int compare_ranges(const struct index_build *b, const struct build_entry *x,
			  const struct build_entry *y)
{
	int r = compare_numbers(x->n, y->n);

	for (uint32_t i = 0; r == 0 && i < x->n; i++) {
		const struct build_range *left = &b->ranges.at[x->ranges + i];
		const struct build_range *right = &b->ranges.at[y->ranges + i];
		struct str none = STR("");

		r = compare_numbers(left->how, right->how);
		if (r == 0 && left->begin != right->begin)
			r = str_cmp(left->begin == BUILD_NONE ? none : b->versions.at[left->begin],
				    right->begin == BUILD_NONE ? none
							       : b->versions.at[right->begin]);
		if (r == 0 && left->end != right->end)
			r = str_cmp(left->end == BUILD_NONE ? none : b->versions.at[left->end],
				    right->end == BUILD_NONE ? none : b->versions.at[right->end]);
	}
	return r;
}

static int compare_entries(const void *a, const void *b, void *user)
{
	const struct writer *w = user;
	const struct build_entry *x = &w->b->entries.at[*(const uint32_t *)a];
	const struct build_entry *y = &w->b->entries.at[*(const uint32_t *)b];
	int r = compare_numbers(w->package_rank[x->package], w->package_rank[y->package]);

	if (r == 0)
		r = compare_numbers(w->rank[x->vuln], w->rank[y->vuln]);
	if (r == 0)
		r = compare_numbers(x->status, y->status);
	if (r == 0)
		r = compare_numbers(x->severity, y->severity);
	return r ?: compare_ranges(w->b, x, y);
}

static void use_version(struct writer *w, uint32_t version)
{
	if (version == BUILD_NONE)
		return;
	if (!w->version_used[version]++)
		w->versions.at[w->versions.n++] = version;
}

static int compare_versions(const void *a, const void *b, void *user)
{
	const struct writer *w = user;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	/* Those that are used most get the short numbers. */
	return compare_numbers(w->version_used[y], w->version_used[x])
		       ?: str_cmp(w->b->versions.at[x], w->b->versions.at[y]);
}

/* The texts of all versions of a package's entries. */
static void put_versions(struct writer *w, const uint32_t *entries, size_t n)
{
	uint32_t at = 0;
	struct buf texts = BUF(INDEX_SIZE_MAX);

	w->versions.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct build_entry *e = &w->b->entries.at[entries[i]];

		for (uint32_t j = 0; j < e->n; j++) {
			use_version(w, w->b->ranges.at[e->ranges + j].begin);
			use_version(w, w->b->ranges.at[e->ranges + j].end);
		}
	}
	if (w->versions.n)
		qsort_r(w->versions.at, w->versions.n, sizeof *w->versions.at, compare_versions, w);
	for (size_t i = 0; i < w->versions.n; i++) {
		uint32_t version = w->versions.at[i];

		w->version_at[version] = (uint32_t)texts.len;
		write_text(&texts, w->b->versions.at[version]);
		w->version_used[version] = 0;
		at++;
	}
	if (texts.error && !w->record.error)
		w->record.error = texts.error;
	write_text(&w->record, buf_view(&texts));
	buf_release(&texts);
}

static void put_range(struct writer *w, const struct build_range *range, bool first)
{
	bool end = range->how == END_FIXED || range->how == END_LAST;

	if (!first)
		buf_putc(&w->record,
			 (char)(range->how | (range->begin != BUILD_NONE ? RANGE_BEGIN : 0)));
	if (range->begin != BUILD_NONE)
		write_varint(&w->record, w->version_at[range->begin]);
	if (end)
		write_varint(&w->record, w->version_at[range->end]);
}

static void put_entry(struct writer *w, const struct build_entry *e, uint32_t step)
{
	const struct build_range *ranges = &w->b->ranges.at[e->ranges];
	bool more = e->severity != RATED_UNKNOWN;
	unsigned flags = MIN(e->n, ENTRY_RANGES) | ranges[0].how << 2;

	flags |= ranges[0].begin != BUILD_NONE ? ENTRY_BEGIN : 0;
	flags |= (more ? ENTRY_STATUS_MORE : e->status) << ENTRY_STATUS;
	write_varint(&w->record, step);
	buf_putc(&w->record, (char)flags);
	if (more)
		buf_putc(&w->record, (char)(e->status | e->severity << 3));
	if (e->n >= ENTRY_RANGES)
		write_varint(&w->record, e->n);
	for (uint32_t i = 0; i < e->n; i++)
		put_range(w, &ranges[i], !i);
}

static void put_record(struct writer *w, const uint32_t *entries, size_t n)
{
	uint32_t last = 0;

	w->record.len = 0;
	put_versions(w, entries, n);
	for (size_t i = 0; i < n; i++) {
		const struct build_entry *e = &w->b->entries.at[entries[i]];

		/* What two feeds say alike is said once. */
		if (i && compare_entries(&entries[i - 1], &entries[i], w) == 0)
			continue;
		put_entry(w, e, w->rank[e->vuln] - last);
		last = w->rank[e->vuln];
	}
}

struct ecosystem {
	struct str name;
	size_t first_block;
	uint32_t packages;
};

static void put_ecosystem(struct writer *w, const struct ecosystem *e)
{
	struct buf *out = OUT(w, ecosystems);

	if (!e->packages)
		return;
	write_text(out, e->name);
	write_varint(out, e->first_block);
	write_varint(out, OUT(w, package_blocks)->len / 4 - e->first_block);
	write_varint(out, e->packages);
	N(w, ecosystems)++;
}

void write_packages(struct writer *w)
{
	struct index_build *b = w->b;
	struct ecosystem e = {};
	size_t at = 0;

	for (size_t i = 0; i < b->packages.n; i++) {
		const struct build_package *p = &b->packages.at[w->order[i]];
		size_t first = at;

		while (at < b->entries.n && b->entries.at[w->entries[at]].package == w->order[i])
			at++;
		if (at == first)
			continue;
		if (!str_eq(e.name, p->ecosystem)) {
			put_ecosystem(w, &e);
			e = (struct ecosystem){ p->ecosystem, OUT(w, package_blocks)->len / 4, 0 };
			begin_names(w);
		}
		put_record(w, w->entries + first, at - first);
		put_name(w, OUT(w, packages), OUT(w, package_blocks), p->name);
		e.packages++;
		N(w, packages)++;
	}
	put_ecosystem(w, &e);
	N(w, package_blocks) = (uint32_t)(OUT(w, package_blocks)->len / 4);
}

static int compare_eols(const void *a, const void *b)
{
	const struct build_eol *x = a, *y = b;

	/* The latest first, which is kept. */
	return str_cmp(x->product, y->product)
		       ?: str_cmp(x->release, y->release)
		       ?: compare_numbers(y->order, x->order);
}

static uint64_t day_code(int32_t day)
{
	return day == EOL_NEVER ? 0 : day < 0 ? 1 : (uint64_t)day + 2;
}

void write_products(struct writer *w)
{
	struct index_build *b = w->b;

	if (b->eols.n)
		qsort(b->eols.at, b->eols.n, sizeof *b->eols.at, compare_eols);
	begin_names(w);
	for (size_t i = 0; i < b->eols.n;) {
		struct str product = b->eols.at[i].product, last = {};

		w->record.len = 0;
		for (; i < b->eols.n && str_eq(b->eols.at[i].product, product); i++) {
			const struct build_eol *e = &b->eols.at[i];

			if (last.ptr && str_eq(e->release, last))
				continue;
			write_text(&w->record, e->release);
			write_varint(&w->record, day_code(e->end));
			write_varint(&w->record, day_code(e->extended));
			last = e->release;
		}
		put_name(w, OUT(w, products), OUT(w, product_blocks), product);
		N(w, products)++;
	}
	N(w, product_blocks) = (uint32_t)(OUT(w, product_blocks)->len / 4);
}

void write_sort(struct writer *w)
{
	const struct index_build *b = w->b;

	for (uint32_t i = 0; i < b->packages.n; i++)
		w->order[i] = i;
	qsort_r(w->order, b->packages.n, sizeof *w->order, compare_packages, w->b);
	for (uint32_t i = 0; i < b->packages.n; i++)
		w->package_rank[w->order[i]] = i;
	for (uint32_t i = 0; i < b->entries.n; i++)
		w->entries[i] = i;
	qsort_r(w->entries, b->entries.n, sizeof *w->entries, compare_entries, w);
}
