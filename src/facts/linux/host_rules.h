/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_rules: the rule sets that are in force on a machine, read into its filter. */
#ifndef HF_FACTS_LINUX_HOST_RULES_H
#define HF_FACTS_LINUX_HOST_RULES_H

#include "facts/linux/host_reach.h"

typedef int host_row_fn(sqlite3_stmt *st, void *user);
/* fn for every row; its error ends it. */
[[nodiscard]] int host_each(struct store *s, const char *sql, host_row_fn *fn, void *user);

/* From firewall_ruleset: the kernel's of a running machine, else of the files loaded at boot. */
[[nodiscard]] int host_rules_load(struct host_reach *h, struct store *s);
/* From one text: JSON of nft, iptables-save, or nft(8) syntax. */
[[nodiscard]] int host_rules_read(struct host_reach *h, const struct host_rules *rules);

#endif
