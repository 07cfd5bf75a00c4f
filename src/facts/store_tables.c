/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/store.h"

/* clang-format off */
#define STATUS(X) \
	X(TEXT, name, "table that a collector fills") \
	X(TEXT, status, "ok, incomplete (rows are missing), failed, not_applicable (needs a running machine, or the thing is not there) or skipped (--quick)") \
	X(INT, error, "errno, 0 when there is none") \
	X(TEXT, reason, "why it is not ok") \
	X(INT, rows, "rows of the table") \
	X(INT, problems, "rows of collector_problems for this table, and those left out there") \
	X(INT, micros, "time it took, in microseconds")
#define PROBLEMS(X) \
	X(TEXT, name, "table that lacks something because of this") \
	X(INT, error, "errno, 0 when there is none") \
	X(TEXT, path, "file or directory, empty when it is none") \
	X(TEXT, reason, "what is wrong with it")
#define META(X) \
	X(TEXT, key, "collected_at (UNIX time), root, live (1: a running machine), version") \
	X(TEXT, value, "value")
/* clang-format on */

#define FACT_ROW status_row
struct FACT_ROW {
	STATUS(FACT_FIELD_)
};
static const struct fact_column status_columns[] = { STATUS(FACT_DESC_) };
#undef FACT_ROW
#define FACT_ROW problems_row
struct FACT_ROW {
	PROBLEMS(FACT_FIELD_)
};
static const struct fact_column problems_columns[] = { PROBLEMS(FACT_DESC_) };
#undef FACT_ROW
#define FACT_ROW meta_row
struct FACT_ROW {
	META(FACT_FIELD_)
};
static const struct fact_column meta_columns[] = { META(FACT_DESC_) };

const struct fact_table store_tables[] = {
	[STORE_STATUS] = {.name = "collector_status",
                          .doc = "How collecting went: one row a table that was collected. A check "
				  "over a table that is not ok (or not_applicable) is unknown.", .columns = status_columns,
                          .n_columns = COUNT(status_columns)  },
	[STORE_PROBLEMS] = { .name = "collector_problems",
                          .doc = "What could not be read, at most 64 rows a table.",
                          .columns = problems_columns,
                          .n_columns = COUNT(problems_columns)},
	[STORE_META] = { .name = "holdfast_meta",
			  .doc = "The snapshot as a whole.",
			  .columns = meta_columns,
			  .n_columns = COUNT(meta_columns)    },
};
const size_t n_store_tables = COUNT(store_tables);
