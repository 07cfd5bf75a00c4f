/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Correlations made by hand, and events for them. */
#ifndef HF_TEST_CORRELATIONS_H
#define HF_TEST_CORRELATIONS_H

#include "detect/correlate.h"

#define RULES_MAX 12

struct rules {
	struct rule list[RULES_MAX];
	size_t n;
	const struct rule *refs[RULES_MAX][8];
	struct str names[RULES_MAX][4];
	uint16_t fields[RULES_MAX][4];
};

/* All that the correlator asks of rules. */
const struct rule *rules_get(const struct rules *r, size_t i) { return &r->list[i]; }
size_t rules_count(const struct rules *r) { return r->n; }

static inline struct rule *add_plain(struct rules *rs)
{
	struct rule *r = &rs->list[rs->n];

	*r = (struct rule){ .index = (uint32_t)rs->n++, .silent = true };
	return r;
}

static inline struct rule *add_correlation(struct rules *rs, enum correlation_type type,
					   uint64_t low, int64_t seconds)
{
	struct rule *r = &rs->list[rs->n];

	*r = (struct rule){
		.index = (uint32_t)rs->n,
		.type = type,
		.timespan = seconds * 1'000'000,
		.condition = {low, UINT64_MAX, false},
		.rules = rs->refs[rs->n],
		.group_by = rs->names[rs->n],
		.group_fields = rs->fields[rs->n]
	};
	rs->n++;
	return r;
}

static inline void refer(struct rules *rs, struct rule *r, const struct rule *to)
{
	rs->refs[r->index][r->n_rules++] = to;
}

static inline void group_by(struct rules *rs, struct rule *r, const struct names *names,
			    uint16_t field)
{
	rs->fields[r->index][r->n_group_by] = field;
	rs->names[r->index][r->n_group_by++] = names_text(names, field);
}

#endif
