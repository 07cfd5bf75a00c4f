/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hosts_access: Rules of hosts.allow and hosts.deny. */
#include "facts/fact.h"
#include "facts/linux/hosts_rules.h"

#define FACT_ROW hosts_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "allow or deny") \
	X(TEXT, daemons, "daemon list") \
	X(TEXT, clients, "client list") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "hosts_access",
	.doc = "Rules of hosts.allow and hosts.deny.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int emit(struct collect *c, const char *path, bool allow, const struct hosts_rule *rule)
{
	/* hosts_options(5): a rule may end in ALLOW or DENY, whichever file it is in. */
	bool allows = rule->decision ? rule->decision > 0 : allow;
	struct FACT_ROW row = {
		.kind = allows ? STR("allow") : STR("deny"),
		.daemons = rule->daemons,
		.clients = rule->clients,
		.file = str_of(path),
		.line = rule->line,
	};

	return collect_row(c, &row);
}

static int read_rules(struct collect *c, const char *path, bool allow)
{
	struct hosts_rule rule;
	struct str text;
	unsigned line = 0;
	int r = collect_read(c, path, &text, NULL);

	if (r <= 0)
		return r;
	if (text.len && memchr(text.ptr, 0, text.len))
		collect_problem(c, EILSEQ, path, "contains NUL bytes: this is no text");
	while ((r = hosts_rule_next(&text, &line, c->arena, &rule)) != 0) {
		if (r == -EINVAL)
			collect_problem(c, EINVAL, path, "line %u: no rule of hosts_access(5)",
					line);
		else if (r > 0)
			r = emit(c, path, allow, &rule);
		if (r < 0 && r != -EINVAL)
			return r;
	}
	return 0;
}

static int collect(struct collect *c)
{
	int r = read_rules(c, "/etc/hosts.allow", true);

	if (r >= 0)
		r = read_rules(c, "/etc/hosts.deny", false);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_hosts_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
