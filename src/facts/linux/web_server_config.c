/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web_server_config: Directives of nginx and Apache with includes resolved. */
#include "facts/fact.h"

#define FACT_ROW web_server_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, server, "nginx or apache") \
	X(TEXT, context, "enclosing block: http, server N, location PATH, VirtualHost *:80 …") \
	X(INT, block, "number of the server block or virtual host, 0 outside") \
	X(TEXT, directive, "lower-case directive") \
	X(TEXT, value, "arguments") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "web_server_config",
	.doc = "Directives of nginx and Apache with includes resolved.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "server,directive",
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_web_server_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
