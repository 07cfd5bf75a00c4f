/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_jit_requests: Requests of just-in-time access, one port a row. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_jit_requests_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(INTN, port_first, "first port") \
	X(INTN, port_last, "last port") \
	X(TEXT, sources, "sources it is open to") \
	X(TEXT, start, "when it was asked for") \
	X(TEXT, end, "when it ends") \
	X(TEXT, status, "Initiated, Revoked") \
	X(TEXT, requestor, "who asked") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_jit_requests",
	.doc = "Requests of just-in-time access, one port a row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int64_t port(uint32_t n) { return n == AZ_PORT_UNKNOWN ? FACT_UNKNOWN : n; }

static int send(struct collect *c, const struct az_model *m, const struct az_jit *jit,
		const struct az_jit_request *x)
{
	return collect_row(c, &(struct azure_jit_requests_row){
				      .vm_id = x->vm.id,
				      .vm = azure_short(x->vm.id),
				      .port_first = port(x->first),
				      .port_last = port(x->last),
				      .sources = azure_list(c, &x->sources),
				      .start = x->start,
				      .end = x->end,
				      .status = x->status,
				      .requestor = x->requestor,
				      .file = azure_file(m, jit->item.file),
				      .line = jit->item.line,
			      });
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_jit *jit = &m->jits[n];
	int r = 0;

	(void)user;
	for (uint32_t k = 0; r >= 0 && k < jit->n_requests; k++)
		r = send(c, m, jit, &jit->requests[k]);
	return r;
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(jits), add, NULL); }

const struct collector collector_azure_jit_requests = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
