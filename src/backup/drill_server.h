/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drill_server: a database server that lives in the scratch folder, without a network, as the
 * account of the drill; it goes with the release.
 */
#ifndef HF_BACKUP_DRILL_SERVER_H
#define HF_BACKUP_DRILL_SERVER_H

#include "backup/drill.h"

struct drill_server {
	struct drill *d;
	int end;            /* signal that ends it in order */
	char dir[PATH_MAX]; /* its folder, where its socket is, too */
	struct proc proc;   /* owned */
};

/* Its folder, of that name. -ENAMETOOLONG: a socket in it would have too long a name. */
[[nodiscard]] int drill_server_place(struct drill_server *s, const char *name);
/*
 * Starts it and waits until `ready` ends with 0. -ETIME; -ECHILD: it ended before; then
 * why has its last line.
 */
[[nodiscard]] int drill_server_start(struct drill_server *s, const char *const argv[],
				     const char *const ready[], char *why, size_t size);
/* A program in its folder. in: its standard input; 0: none. -EIO: it failed, and why. */
[[nodiscard]] int drill_server_call(const struct drill_server *s, const char *const argv[], int in,
				    char *why, size_t size);
void drill_server_release(struct drill_server *s);

#endif
