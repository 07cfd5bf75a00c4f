/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advisory_feeds: what holdfast feed has imported. */
#include "facts/fact.h"
#include "vuln/index.h"

#define FACT_ROW advisory_feeds_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "of the feed") \
	X(TEXT, format, "osv, debian, kev …") \
	X(TEXT, source, "URL or path that it was imported from") \
	X(INTN, published, "UNIX time that the feed itself tells") \
	X(INT, checked, "UNIX time when it was imported, or last found to be unchanged") \
	X(INT, records, "that were read")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "advisory_feeds",
	.doc = "Feeds of vulnerabilities that holdfast feed has imported, and how old they are.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	own(close_fd) int fd = -1;
	struct index_source s;
	struct index x;
	struct stat st;
	int r = root_open_file(c->root, INDEX_PATH, &st, &fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == 0)
		r = index_read_sources(fd, (uint64_t)st.st_size, c->arena, &x);
	for (unsigned i = 0; r == 0; i++) {
		struct advisory_feeds_row row;

		r = index_source(&x, i, &s);
		if (r <= 0)
			break;
		row = (struct advisory_feeds_row){
			.name = s.name,
			.format = s.format,
			.source = s.from,
			.published = s.published ? s.published : FACT_UNKNOWN,
			.checked = s.imported,
			.records = (int64_t)MIN(s.records, (uint64_t)INT64_MAX),
		};
		r = collect_row(c, &row);
		if (r < 0)
			return r;
	}
	if (r < 0 && r != -ENOMEM) {
		collect_problem(c, r, INDEX_PATH, "%s", "the index of advisories cannot be read");
		r = 0;
	}
	return r;
}

const struct collector collector_advisory_feeds = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
