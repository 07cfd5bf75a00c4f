/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_stack: PAM stacks of every service with includes resolved, in order. */
#include "facts/fact.h"
#include "facts/linux/pam.h"

#define FACT_ROW pam_stack_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "file name below pam.d") \
	X(TEXT, type, "auth, account, password or session") \
	X(INT, position, "order within service and type, from 1") \
	X(TEXT, control, "required, sufficient, [success=1 default=ignore] …") \
	X(TEXT, module, "module name without directory, for example pam_unix.so; '' for an include of a file that is missing") \
	X(TEXT, module_path, "module as written") \
	X(TEXT, arguments, "arguments as written") \
	X(TEXT, file, "file that holds the line") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "pam_stack",
	.doc = "PAM stacks of every service with includes resolved, in order.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static void include_has_no_module(struct pam_stack_row *row)
{
	if (str_eq(row->control, STR("include")) || str_eq(row->control, STR("substack")))
		row->module = STR("");
}

static int collect(struct collect *c)
{
	own(pam_release) struct pam pam = {};
	int r = pam_load(c, &pam);

	for (size_t i = 0; r >= 0 && i < pam.n; i++) {
		const struct pam_rule *rule = &pam.rules[i];
		struct pam_stack_row row = {
			.service = rule->service,
			.type = rule->type,
			.position = rule->position,
			.control = rule->control,
			.module = pam_module(rule),
			.module_path = rule->module_path,
			.arguments = rule->arguments,
			.file = rule->file,
			.line = rule->line,
		};

		include_has_no_module(&row);
		r = collect_row(c, &row);
	}
	return r < 0 ? r : 0;
}

const struct collector collector_pam_stack = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
