/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall_ruleset: Raw rule sets, of the kernel and of the files that are loaded at boot. */
#include "facts/fact.h"
#include "facts/linux/firewall.h"

#define FACT_ROW firewall_ruleset_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, origin, "kernel or file") \
	X(TEXT, backend, "nftables, iptables, ip6tables, ufw or firewalld") \
	X(TEXT, file, "file, or the command that gave it") \
	X(INT, enabled, "1 when it is in force: loaded, or its loader is enabled at boot") \
	X(TEXT, text, "the rule set as it is (cut at 1 MiB)")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "firewall_ruleset",
	.doc = "Raw rule sets, of the kernel and of the files that are loaded at boot.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define TEXT_MAX ((size_t)1 << 20)

static int collect(struct collect *c)
{
	struct firewall f;
	int r = firewall_load(c, &f);

	if (r >= 0 && f.no_text)
		collect_problem(c, ENOENT, NULL,
				"the kernel's rules need nft to be put into words");
	for (size_t i = 0; r >= 0 && i < f.n; i++) {
		const struct fw_ruleset *s = &f.sets[i];

		r = collect_row(c, &(struct firewall_ruleset_row){
					   .origin = s->kernel ? STR("kernel") : STR("file"),
					   .backend = s->backend,
					   .file = s->file,
					   .enabled = s->enabled,
					   .text = str_sub(s->text, 0, TEXT_MAX),
				   });
	}
	return r;
}

const struct collector collector_firewall_ruleset = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
};
