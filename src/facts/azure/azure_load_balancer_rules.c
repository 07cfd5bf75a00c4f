/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_load_balancer_rules: Rules of load balancers: which port of the frontend leads where. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_load_balancer_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, load_balancer_id, "id of the load balancer") \
	X(TEXT, load_balancer, "name of the load balancer") \
	X(TEXT, kind, "rule, nat rule or nat pool") \
	X(TEXT, id, "id") \
	X(TEXT, name, "name") \
	X(TEXT, frontend, "name of the frontend") \
	X(TEXT, public_ip, "its public address, or the name of what will have one; empty: internal, or unknown") \
	X(TEXT, protocol, "Tcp, Udp, All; empty: unknown") \
	X(INTN, port_first, "first port of the frontend") \
	X(INTN, port_last, "last port of the frontend") \
	X(INTN, backend_port, "port of the machines; 0: the same") \
	X(TEXT, pools, "names of backend pools") \
	X(TEXT, target, "id of the IP configuration that a NAT rule leads to") \
	X(INTN, floating, "destination stays the public address") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_load_balancer_rules",
	.doc = "Rules of load balancers: which port of the frontend leads where.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "load_balancer_id",
};

static int64_t port(uint32_t n) { return n == AZ_PORT_UNKNOWN ? FACT_UNKNOWN : n; }

static struct str public_ip(const struct az_model *m, const struct az_frontend *f)
{
	const struct az_public_ip *ip =
		f && f->public_ip.at < m->n_public_ips ? &m->public_ips[f->public_ip.at] : NULL;

	if (!ip)
		return STR("");
	return ip->address.len ? ip->address : ip->item.name;
}

static int send(struct collect *c, const struct az_model *m, const struct az_lb *lb,
		const struct az_lb_rule *x)
{
	static const struct str kinds[] = { STR("rule"), STR("nat rule"), STR("nat pool") };
	struct arena_mark mark = arena_mark(c->arena);
	const struct az_frontend *f =
		x->frontend.at < lb->n_frontends ? &lb->frontends[x->frontend.at] : NULL;
	struct az_texts pools = azure_names(c, &x->pools);
	int r = collect_row(c, &(struct azure_load_balancer_rules_row){
				       .load_balancer_id = lb->item.id,
				       .load_balancer = lb->item.name,
				       .kind = kinds[x->kind],
				       .id = x->id,
				       .name = x->name,
				       .frontend = f ? f->name : azure_short(x->frontend.id),
				       .public_ip = public_ip(m, f),
				       .protocol = x->protocol,
				       .port_first = port(x->port_first),
				       .port_last = port(x->port_last),
				       .backend_port = port(x->backend_port),
				       .pools = azure_list(c, &pools),
				       .target = x->target.id,
				       .floating = azure_flag(x->floating),
				       .maybe = x->maybe,
				       .file = azure_file(m, x->file),
				       .line = x->line,
			       });

	arena_rewind(c->arena, mark);
	return r;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct az_lb *lb = &m->lbs[n];
	int r = 0;

	(void)user;
	for (uint32_t k = 0; r >= 0 && k < lb->n_rules; k++)
		r = send(c, m, lb, &lb->rules[k]);
	return r;
}

static int collect(struct collect *c) { return azure_rows(c, AZURE_LIST(lbs), add, NULL); }

const struct collector collector_azure_load_balancer_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
