/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns: the rows of a sealed store as struct vulns. */
#ifndef HF_CLI_VULNS_H
#define HF_CLI_VULNS_H

#include "cli/source.h"
#include "facts/store.h"
#include "report/vulns.h"

#define VULNS_MEMORY ((size_t)512 << 20)

/* Every statement that is run: to know which tables they need. */
extern const char *const vulns_queries[];
extern const size_t n_vulns_queries;

/* Memory of a. -ENOMEM, errors of SQLite. */
[[nodiscard]] int vulns_load(struct store *s, struct arena *a, struct vulns *ret);

/* Loads n fact files, prints the order of their machines and returns an exit code. */
int vulns_machines(struct source *s, char **paths, size_t n, const char *format,
		   const char *fail_on);

#endif
