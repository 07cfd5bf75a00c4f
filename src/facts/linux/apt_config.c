/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_config: Settings of apt.conf and apt.conf.d. */
#include "facts/linux/apt_conf.h"

#define FACT_ROW apt_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "key: APT::Periodic::Unattended-Upgrade") \
	X(TEXT, value, "value") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "apt_config",
	.doc = "Settings of apt.conf and apt.conf.d.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	struct apt_conf conf;
	struct stat st;
	int r = apt_conf_load(c, &conf);

	if (r < 0)
		return r;
	if (!conf.n && root_stat(c->root, "/etc/apt", &st) < 0)
		return collect_not_applicable(c, "APT is not installed");
	for (size_t i = 0; r == 0 && i < conf.n; i++) {
		const struct apt_setting *s = &conf.list[i];
		struct apt_config_row row = { s->name, s->value, s->file, s->line };

		r = collect_row(c, &row);
	}
	return r;
}

const struct collector collector_apt_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
