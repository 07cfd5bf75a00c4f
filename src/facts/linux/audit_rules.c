/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit_rules: Rules of the Linux audit system. */
#include "facts/linux/audit_parse.h"
#include "facts/linux/settings.h"

#define FACT_ROW audit_rules_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "watch, syscall, control") \
	X(TEXT, rule, "rule as written") \
	X(TEXT, key, "key (-k), ''") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "audit_rules",
	.doc = "Rules of the Linux audit system.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect_file(struct collect *c, const char *path)
{
	static const struct str kinds[] = { [AUDIT_WATCH] = STR("watch"),
					    [AUDIT_SYSCALL] = STR("syscall"),
					    [AUDIT_CONTROL] = STR("control") };
	struct str text, line;
	unsigned at = 0;
	int r = settings_read_text(c, path, &text);

	while (r == 1 && str_line(&text, &line, &at)) {
		struct audit_rule rule;

		if (!audit_parse(line, &rule))
			continue;
		struct audit_rules_row row = {
			.kind = kinds[rule.kind],
			.rule = rule.rule,
			.key = rule.key,
			.file = str_of(path),
			.line = at,
		};
		int sent = collect_row(c, &row);

		if (sent < 0)
			return sent;
	}
	return MIN(r, 0);
}

static int collect(struct collect *c)
{
	struct str *paths;
	size_t n;
	int r = collect_file(c, "/etc/audit/audit.rules");

	if (r < 0)
		return r;
	r = collect_glob(c, "/etc/audit/rules.d/*.rules", &paths, &n);
	for (size_t i = 0; r == 1 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		int got = collect_file(c, paths[i].ptr);

		if (got < 0)
			return got;
		arena_rewind(c->arena, mark);
	}
	return MIN(r, 0);
}

const struct collector collector_audit_rules = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
