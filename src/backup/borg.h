/* SPDX-License-Identifier: GPL-3.0-or-later */
/* borg: what a repository of borg(1) has; it is looked at, never written to. */
#ifndef HF_BACKUP_BORG_H
#define HF_BACKUP_BORG_H

#include "backup/backup.h"

/* Archives as snapshots: "id", "time", "host", "paths" (of its name). */
[[nodiscard]] int borg_list(const struct backup_work *w, json_t **ret, struct restic_end *end,
			    struct diag *d);
/* Pure: of `borg list --json`; -EBADMSG. */
[[nodiscard]] int borg_list_parse(struct str text, json_t **ret);

#endif
