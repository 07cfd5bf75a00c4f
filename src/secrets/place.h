/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place: where secrets lie about on a machine: homes, web roots, jobs, units, environments of
 * processes; or below any path. Nothing but regular files is opened, links are not followed by a
 * walk, and other processes' file systems (proc, sysfs and the like) are not entered.
 */
#ifndef HF_SECRETS_PLACE_H
#define HF_SECRETS_PLACE_H

#include "base/root.h"
#include "secrets/scan.h"

#define PLACE_DEPTH_MAX 64
#define PLACE_NAMED_DEPTH 6       /* of a walk that looks for names */
#define PLACE_NAMED_MAX 200'000u  /* entries of such a walk */
#define PLACE_SECRETS_MAX 10'000u /* of one file */

struct place_finding {
	struct str path;    /* in the root */
	struct str process; /* whose environment it is, or nothing */
	const struct stat *st;
	struct secret_file file;
	const struct secret_finding *secret;
};

struct place {
	const struct root *root;
	const struct secrets *secrets;
	/* 0, or an error that ends everything. */
	int (*found)(void *user, const struct place_finding *f);
	void (*problem)(void *user, const char *path, int error, const char *what);
	void (*progress)(void *user, const struct place *p); /* may be NULL */
	void *user;
	uint64_t files, bytes, skipped; /* looked at; folders that were left out */
	/* own */
	struct arena arena;
	struct map *seen; /* device and inode; of environments, a digest */
	bool named;       /* only files whose names say that secrets may be in them */
	bool server_keys; /* a service's key has no pass phrase: it counts where others can read it */
	unsigned depth, entries;
};

/* A file, or every file below a folder. */
[[nodiscard]] int place_path(struct place *p, const char *path);
/* What is known to hold secrets: homes, /etc, web roots. */
[[nodiscard]] int place_machine(struct place *p);
/* Environments; proc: the machine's /proc. Processes that may not be looked at are counted. */
[[nodiscard]] int place_processes(struct place *p, const struct root *proc);
void place_release(struct place *p);

#endif
