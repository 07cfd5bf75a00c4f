/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_problems: What is wrong in a file of --azure; what it belongs to is unknown. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_problems_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, file, "path") \
	X(INT, line, "line, 0 where there is none") \
	X(TEXT, reason, "what is wrong")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_problems",
	.doc = "What is wrong in a file of --azure; what it belongs to is unknown.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	const struct az_model *m;
	int r = azure_model(c, &m);

	if (r <= 0)
		return r;
	for (size_t n = 0; r >= 0 && n < c->azure->n_problems; n++)
		r = collect_row(c, &(struct azure_problems_row){
					   .file = c->azure->problems[n].file,
					   .line = c->azure->problems[n].line,
					   .reason = c->azure->problems[n].reason,
				   });
	return r;
}

const struct collector collector_azure_problems = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
