/* SPDX-License-Identifier: GPL-3.0-or-later */
/* web_config: nginx and Apache, their files read in the order in which the servers read them. */
#ifndef HF_FACTS_LINUX_WEB_CONFIG_H
#define HF_FACTS_LINUX_WEB_CONFIG_H

#include "facts/fact.h"

struct web_directive {
	struct str context; /* innermost block, see the table web_server_config */
	int64_t block;      /* number of the server block or virtual host, 0 outside */
	struct str directive, value, file;
	unsigned line;
};
/* What is not 0 ends the reading and is returned. */
typedef int web_fn(void *user, const struct web_directive *d);

/*
 * Calls fn for every directive, blocks included (directive "server", value the arguments). Files
 * that are missing where they must not, damaged or too deeply nested are a collect_problem().
 * -ENOENT: not installed. Everything is in c->arena.
 */
[[nodiscard]] int web_nginx(struct collect *c, web_fn *fn, void *user);
[[nodiscard]] int web_apache(struct collect *c, web_fn *fn, void *user);

/* One statement of a file of nginx. */
struct nginx_statement {
	struct str name, value; /* arguments joined by one blank, without quotes */
	unsigned line;
	char end; /* ';', '{', '}' */
};
/* Callback as above. */
typedef int nginx_fn(void *user, const struct nginx_statement *s);
/*
 * Pure. -EBADMSG: the text ends within a statement, quotes or a block of Lua. Blocks may be left
 * open, because a block can span included files.
 */
[[nodiscard]] int nginx_parse(struct str text, struct arena *a, struct diag *d, nginx_fn *fn,
			      void *user);

/* One line of a file of Apache, continuation lines joined. */
struct apache_line {
	struct str name, value; /* name in lower case; of a section with '<' or "</" before it */
	unsigned line;
};
typedef int apache_fn(void *user, const struct apache_line *l);
[[nodiscard]] int apache_parse(struct str text, struct arena *a, apache_fn *fn, void *user);

#endif
