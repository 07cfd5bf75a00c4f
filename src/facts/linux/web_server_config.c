/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web_server_config: Directives of nginx and Apache with includes resolved. */
#include "facts/linux/web_config.h"

#define VALUE_MAX 4096

#define FACT_ROW web_server_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, server, "nginx or apache") \
	X(TEXT, context, "innermost enclosing block: http, server N, stream server N, location PATH, upstream NAME; VirtualHost *:80, Directory PATH …; '' outside") \
	X(INT, block, "number of the server block or virtual host, 0 outside") \
	X(TEXT, directive, "lower-case directive; a block is one, too: server, location, virtualhost …") \
	X(TEXT, value, "arguments, without quotes where they surround all (Apache) or one (nginx)") \
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

struct emitter {
	struct collect *c;
	const char *server;
};

static int emit(void *user, const struct web_directive *d)
{
	struct emitter *e = user;
	struct web_server_config_row row = {
		.server = str_of(e->server),
		.context = d->context,
		.block = d->block,
		.directive = d->directive,
		.value = str_sub(d->value, 0, VALUE_MAX),
		.file = d->file,
		.line = d->line,
	};

	return collect_row(e->c, &row);
}

static int collect(struct collect *c)
{
	static const struct {
		const char *server;
		int (*read)(struct collect *c, web_fn *fn, void *user);
	} servers[] = {
		{"nginx",   web_nginx },
                { "apache", web_apache}
	};

	for (size_t i = 0; i < COUNT(servers); i++) {
		struct emitter e = { c, servers[i].server };
		struct arena_mark mark = arena_mark(c->arena);
		int r = servers[i].read(c, emit, &e);

		if (r < 0 && r != -ENOENT)
			return r;
		arena_rewind(c->arena, mark);
	}
	return 0;
}

const struct collector collector_web_server_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
