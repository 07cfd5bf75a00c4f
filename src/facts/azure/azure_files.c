/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_files: Files of --azure that were read. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, file, "path") \
	X(INT, bytes, "size")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_files",
	.doc = "Files of --azure that were read.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	const struct az_model *m;
	int r = azure_model(c, &m);

	if (r <= 0)
		return r;
	for (size_t n = 0; r >= 0 && n < c->azure->inputs->n; n++)
		r = collect_row(c, &(struct azure_files_row){
					   .file = c->azure->inputs->list[n].name,
					   .bytes = (int64_t)c->azure->inputs->list[n].size,
				   });
	return r;
}

const struct collector collector_azure_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 120000,
	.row_limit = 200000,
};
