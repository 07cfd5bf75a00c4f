/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_work: a line of guard.conf, and what sets its keys; for the files that read it. */
#ifndef HF_GUARD_CONFIG_WORK_H
#define HF_GUARD_CONFIG_WORK_H

#include "base/conf.h"
#include "guard/config.h"

/* One line: word 0 is the key. */
struct line {
	struct guard_config *c;
	struct conf conf;
};

#define LINE_A_TIME "a time as 90s, 10m, 24h or 7d (at most 366d)"

/* A copy that lives as long as the configuration. */
[[nodiscard]] int line_keep(struct line *l, size_t word, struct str *ret);
bool line_is_path(struct str s);

/* config_source.c */
[[nodiscard]] int config_add_file(struct line *l, size_t offset);
[[nodiscard]] int config_add_journal(struct line *l, size_t offset);
[[nodiscard]] int config_add_audit(struct line *l, size_t offset);
[[nodiscard]] int config_add_syslog(struct line *l, size_t offset);

/* config_flood.c */
[[nodiscard]] int config_set_flood(struct line *l, size_t offset);
[[nodiscard]] int config_set_flood_time(struct line *l, size_t offset);

/* config_azure.c */
[[nodiscard]] int config_set_azure(struct line *l, size_t offset);
[[nodiscard]] int config_set_azure_url(struct line *l, size_t offset);
[[nodiscard]] int config_set_azure_priority(struct line *l, size_t offset);
[[nodiscard]] int config_set_azure_interval(struct line *l, size_t offset);
/* Of the whole: -EINVAL where what the back end needs is not named. */
[[nodiscard]] int config_check_azure(const struct guard_config *c, const char *file,
				     struct diag *d);

#endif
