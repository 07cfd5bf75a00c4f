/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state: what is known of a repository, in STATE/NAME.json, readable by root alone and written
 * whole or not at all. docs/backup.md names the members; facts read them.
 */
#ifndef HF_BACKUP_STATE_H
#define HF_BACKUP_STATE_H

#include <jansson.h>

#include "backup/config.h"
#include "base/buf.h"

#define BACKUP_STATE_MAX ((size_t)8 << 20)
#define BACKUP_KEEP 60U /* records of a kind */

static inline void json_drop(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}

/* The folder, made where it is missing; nobody else may write to it. */
struct backup_dir {
	int fd;
	int lock; /* -1: not locked */
	const char *path;
};
#define BACKUP_DIR_NONE ((struct backup_dir){ .fd = -1, .lock = -1 })
/*
 * write: makes it and locks it against other writers. -EBUSY: another one is at work; -ELOOP,
 * -EPERM: a link, or others may write there; *d says it all.
 */
[[nodiscard]] int backup_dir_open(const char *path, bool write, struct backup_dir *ret,
				  struct diag *d);
void backup_dir_release(struct backup_dir *dir);

/* An object, of what is known where there is no file yet; owned by the caller. -EBADMSG … and *d */
[[nodiscard]] int backup_state_load(const struct backup_dir *dir, const struct backup_repo *repo,
				    json_t **ret, struct diag *d);
[[nodiscard]] int backup_state_save(const struct backup_dir *dir, const struct backup_repo *repo,
				    json_t *state, struct diag *d);
/* Appends a record (stolen) to state's list of that name, and drops the oldest past BACKUP_KEEP. */
void backup_state_add(json_t *state, const char *list, json_t *record);
int64_t backup_state_int(const json_t *o, const char *key, int64_t missing);

/* Text from outside as JSON: what is no UTF-8 is escaped. */
json_t *backup_text(struct str s);
/* 0700 and the folders above it (0755). */
[[nodiscard]] int backup_make_dirs(const char *path, unsigned mode);
/* Beside it, then renamed; `mode`; never through a link. */
[[nodiscard]] int backup_write_file(int dir, const char *name, struct str text, unsigned mode);

#endif
