/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall_ruleset: Raw rule sets, of the kernel and of the files that are loaded at boot. */
#include "facts/fact.h"
#include "facts/linux/firewall.h"
#include "facts/linux/xt_rules.h"

#define FACT_ROW firewall_ruleset_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, origin, "kernel or file") \
	X(TEXT, backend, "nftables, iptables, ip6tables, ufw or firewalld") \
	X(TEXT, file, "file, or the command or interface that gave it") \
	X(INT, enabled, "1 when it is in force: loaded, or its loader is enabled at boot") \
	X(TEXT, text, "the rule set as it is (cut at 3 MiB)")
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

#define TEXT_MAX ((size_t)3 << 20)

/*
 * Of what iptables extensions match, nft says the name alone. The kernel has the rest; where it
 * cannot be had, the rule set of nft stands, which says so.
 */
static int add_iptables(struct collect *c, struct firewall *f)
{
	struct str texts[2] = {};
	bool has = false;
	int r;

	for (size_t i = 0; i < f->n; i++)
		has |= f->sets[i].kernel && str_contains(f->sets[i].text, STR("\"xt\":"));
	if (!has || c->live->nfnetlink < 0)
		return 0;
	r = xt_rules_load(c->live->nfnetlink, c->arena, &texts[0], &texts[1]);
	for (size_t i = 0; r >= 0 && i < COUNT(texts); i++) {
		const struct fw_ruleset set = {
			.backend = i ? STR("ip6tables") : STR("iptables"),
			.file = STR("nfnetlink"),
			.text = texts[i],
			.kernel = true,
			.enabled = true,
		};

		if (texts[i].len)
			r = arena_push(c->arena, f->sets, f->n, f->cap, set);
	}
	return r == -ENOMEM ? r : 0;
}

static int collect(struct collect *c)
{
	struct firewall f;
	int r = firewall_load(c, &f);

	if (r >= 0 && f.no_text)
		collect_problem(c, ENOENT, NULL,
				"the kernel's rules need nft to be put into words");
	if (r >= 0)
		r = add_iptables(c, &f);
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
