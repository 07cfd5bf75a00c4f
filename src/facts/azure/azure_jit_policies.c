/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_jit_policies: Ports that just-in-time access guards, one a row. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_jit_policies_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, policy_id, "id of the policy") \
	X(TEXT, vm_id, "id of the machine") \
	X(TEXT, vm, "name of the machine") \
	X(INTN, port_first, "first port") \
	X(INTN, port_last, "last port") \
	X(TEXT, protocol, "TCP, UDP, *") \
	X(TEXT, sources, "sources that may be asked for") \
	X(TEXT, duration, "as long as a request may be (ISO 8601)") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_jit_policies",
	.doc = "Ports that just-in-time access guards, one a row.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "vm_id",
};

static int64_t port(uint32_t n) { return n == AZ_PORT_UNKNOWN ? FACT_UNKNOWN : n; }

static int send(struct collect *c, const struct az_model *m, const struct az_jit *jit,
		const struct az_jit_vm *vm)
{
	int r = 0;

	for (uint32_t n = 0; r >= 0 && n < vm->n_ports; n++) {
		const struct az_jit_port *x = &vm->ports[n];

		r = collect_row(c, &(struct azure_jit_policies_row){
					   .policy_id = jit->item.id,
					   .vm_id = vm->vm.id,
					   .vm = azure_short(vm->vm.id),
					   .port_first = port(x->first),
					   .port_last = port(x->last),
					   .protocol = x->protocol,
					   .sources = azure_list(c, &x->sources),
					   .duration = x->duration,
					   .file = azure_file(m, jit->item.file),
					   .line = jit->item.line,
				   });
	}
	return r;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_jit *jit = &m->jits[n];
	int r = 0;

	(void)user;
	for (uint32_t k = 0; r >= 0 && k < jit->n_vms; k++)
		r = send(c, m, jit, &jit->vms[k]);
	return r;
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(jits), add, NULL); }

const struct collector collector_azure_jit_policies = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
