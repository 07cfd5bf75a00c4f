/* SPDX-License-Identifier: GPL-3.0-or-later */
/* advisory_feeds: The sources of what is known here of vulnerabilities, by which the table vulnerabilities is made. */
#include "facts/fact.h"
#include "vuln/index.h"

#define FACT_ROW advisory_feeds_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "name of the feed") \
	X(TEXT, format, "osv, debian, alpine, csaf, openvex, msrc, wordfence, kev, epss, eol") \
	X(TEXT, source, "address or file that it came from") \
	X(INTN, published, "UNIX time that it states itself") \
	X(INT, checked, "UNIX time when it was imported, or last found to be unchanged") \
	X(INT, records, "records in it") \
	X(INT, left_out, "of them those that are not used: withdrawn, not affected, not understood")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "advisory_feeds",
	.doc = "The sources of what is known here of vulnerabilities, by which the table vulnerabilities is made.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define FEEDS_MAX 4096

static int collect(struct collect *c)
{
	struct index_source s;
	int r = 1;

	if (c->advisories_error)
		return collect_failed(
			c, c->advisories_error,
			"the index of advisories cannot be read (holdfast feed update)");
	if (!c->advisories)
		return collect_not_applicable(c,
					      "no advisories were fetched (holdfast feed update)");
	for (unsigned i = 0; i < FEEDS_MAX && (r = index_source(c->advisories, i, &s)) > 0; i++) {
		r = collect_row(c,
				&(struct advisory_feeds_row){
					.name = s.name,
					.format = s.format,
					.source = s.from,
					.published = s.published ? s.published : FACT_UNKNOWN,
					.checked = s.imported,
					.records = (int64_t)MIN(s.records, (uint64_t)INT64_MAX),
					.left_out = (int64_t)MIN(s.left_out, (uint64_t)INT64_MAX),
				});
		if (r < 0)
			return r;
	}
	return r < 0 ? collect_failed(c, r, "the index of advisories is damaged") : 0;
}

const struct collector collector_advisory_feeds = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "",
};
