/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall_chains: Base chains of host firewalls. */
#include "facts/fact.h"
#include "facts/linux/firewall.h"

#define FACT_ROW firewall_chains_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, origin, "kernel or file") \
	X(TEXT, backend, "nftables, iptables, ip6tables, ufw or firewalld") \
	X(TEXT, family, "inet, ip, ip6, bridge, arp or netdev") \
	X(TEXT, table_name, "table") \
	X(TEXT, chain, "chain") \
	X(TEXT, hook, "input, output, forward, prerouting, postrouting, ingress") \
	X(INTN, priority, "hook priority") \
	X(TEXT, policy, "accept, drop or ''") \
	X(INT, rules, "rules in the chain") \
	X(INT, final_drop, "1 when the last rule of the chain drops or rejects everything") \
	X(INT, enabled, "1 when in force: loaded, or the loader is enabled at boot") \
	X(TEXT, file, "file or ''") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "firewall_chains",
	.doc = "Base chains of host firewalls.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	struct firewall f;
	int r = firewall_load(c, &f);

	for (size_t i = 0; r >= 0 && i < f.chains.n; i++) {
		const struct fw_chain *chain = &f.chains.list[i];

		r = collect_row(c, &(struct firewall_chains_row){
					   .origin = chain->kernel ? STR("kernel") : STR("file"),
					   .backend = chain->backend,
					   .family = chain->family,
					   .table_name = chain->table,
					   .chain = chain->chain,
					   .hook = chain->hook,
					   .priority = chain->priority,
					   .policy = chain->policy,
					   .rules = chain->rules,
					   .final_drop = chain->final_drop,
					   .enabled = chain->enabled,
					   .file = chain->file,
					   .line = chain->line,
				   });
	}
	return r;
}

const struct collector collector_firewall_chains = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
};
