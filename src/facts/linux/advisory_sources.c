/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advisory_sources: What the table vulnerabilities was judged by: the feeds of --feeds, or of the machine that collected. */
#include "facts/fact.h"
#include "vuln/index.h"

#define FACT_ROW advisory_sources_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "name of the feed") \
	X(TEXT, format, "osv, debian, alpine, csaf, openvex, msrc, wordfence, kev, epss, eol") \
	X(TEXT, location, "address or file that it came from") \
	X(INTN, published, "UNIX time that it states itself") \
	X(INT, imported, "UNIX time of the last time that it was fetched or confirmed") \
	X(INT, records, "records in it") \
	X(INT, left_out, "of them those that are not used: withdrawn, not affected, not understood")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "advisory_sources",
	.doc = "What the table vulnerabilities was judged by: the feeds of --feeds, or of the machine that collected.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define FEEDS_MAX 4096

static int collect(struct collect *c)
{
	struct index_source s;
	int r = collect_advisories(c);

	if (r <= 0)
		return r;
	for (unsigned i = 0; i < FEEDS_MAX && (r = index_source(c->advisories, i, &s)) > 0; i++) {
		r = collect_row(c,
				&(struct advisory_sources_row){
					.name = s.name,
					.format = s.format,
					.location = s.from,
					.published = s.published ? s.published : FACT_UNKNOWN,
					.imported = s.imported,
					.records = (int64_t)MIN(s.records, (uint64_t)INT64_MAX),
					.left_out = (int64_t)MIN(s.left_out, (uint64_t)INT64_MAX),
				});
		if (r < 0)
			return r;
	}
	return r < 0 ? collect_failed(c, r, "the index of advisories is damaged") : 0;
}

const struct collector collector_advisory_sources = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "",
};
