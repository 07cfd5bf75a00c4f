/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dump: databases, through their own tools, straight into restic: nothing of them lies on the
 * disk, but for the copy that sqlite3 makes, which is in the scratch folder as long as it takes.
 */
#ifndef HF_BACKUP_DUMP_H
#define HF_BACKUP_DUMP_H

#include "backup/backup.h"

#define DUMP_PREFIX "/holdfast/" /* of their paths in snapshots */

/*
 * One record a database in ret (an array): "kind", "name", "path", "bytes", "snapshot", "result",
 * "message". 0, also where one failed; -ENOMEM.
 */
[[nodiscard]] int backup_dumps(const struct backup_work *w, struct restic *r, json_t *ret);

/* Pure: a name of any bytes as one of a file; false: too long. */
bool dump_file_name(struct str name, char *ret, size_t size);
/* Pure: "dbname='…'" of libpq, quoted. */
bool dump_conninfo(struct str name, char *ret, size_t size);
/* The account that tools of that database run as; -ENOENT. */
[[nodiscard]] int dump_user(const char *name, struct proc_user *ret);

#endif
