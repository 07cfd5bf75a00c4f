/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_defaults: Defaults of sudoers. */
#include "facts/fact.h"
#include "facts/linux/sudo_expand.h"

#define FACT_ROW sudo_defaults_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, scope, "'' for all, or @host :user !command >runas, aliases resolved") \
	X(TEXT, name, "option without !") \
	X(TEXT, value, "value; yes or no for flags; += and -= stand before what is added or removed") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sudo_defaults",
	.doc = "Defaults of sudoers.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* ":ADMINS" -> ":alice,bob" */
static int resolve(struct sudo_expand *x, struct str scope, struct str *ret)
{
	char kind = *(scope.len ? scope.ptr : "");
	struct str list;
	int r;

	if (!kind) {
		*ret = scope;
		return 0;
	}
	r = sudo_expand_text(x, str_trim(str_sub(scope, 1, scope.len)),
			     kind == '@'   ? SUDO_HOSTS
			     : kind == ':' ? SUDO_USERS
			     : kind == '>' ? SUDO_RUNAS
					   : SUDO_COMMANDS,
			     &list);
	if (r < 0)
		return r;
	*ret = arena_cat(x->c->arena, str_sub(scope, 0, 1), list, STR(""));
	return ret->ptr ? 0 : -ENOMEM;
}

static int collect(struct collect *c)
{
	own(sudoers_release) struct sudoers s = {};
	int r = sudoers_load(c, &s);
	struct sudo_expand x = { .c = c, .s = &s };

	for (size_t i = 0; r >= 0 && i < s.n; i++) {
		const struct sudo_line *line = &s.lines[i];

		if (line->s.kind != SUDO_DEFAULTS)
			continue;
		for (size_t j = 0; r >= 0 && j < line->s.n; j++) {
			struct sudo_defaults_row row = {
				.name = line->s.defaults[j].name,
				.value = line->s.defaults[j].value,
				.file = line->file,
				.line = line->line,
			};

			r = resolve(&x, line->s.defaults[j].scope, &row.scope);
			if (r >= 0)
				r = collect_row(c, &row);
		}
	}
	return r < 0 ? r : 0;
}

const struct collector collector_sudo_defaults = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
