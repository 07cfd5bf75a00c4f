/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule: units of systemd: backups every day, checks every week, drills every month. */
#ifndef HF_BACKUP_SCHEDULE_H
#define HF_BACKUP_SCHEDULE_H

#include "backup/config.h"
#include "base/buf.h"

struct backup_unit {
	const char *name, *says;
	const char *action;   /* of a service; NULL: a timer */
	const char *calendar; /* of a timer */
	const char *delay;
};
extern const struct backup_unit backup_units[];
extern const size_t n_backup_units;

/* config_path: NULL: the usual one. -EINVAL: a path that a unit cannot name. */
[[nodiscard]] int backup_unit_write(const struct backup_unit *u, const struct backup_config *c,
				    const char *config_path, struct buf *ret);
/* A service for the machine that keeps the repository; htpasswd may be NULL. -EINVAL likewise. */
[[nodiscard]] int backup_server_unit(const char *dir, const char *listen, const char *htpasswd,
				     struct buf *ret);

#endif
