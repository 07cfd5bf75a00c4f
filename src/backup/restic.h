/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restic: runs restic(1) on one repository. Where it is, its pass phrase and its credentials go
 * through the environment and files, never through arguments, which every user can read.
 */
#ifndef HF_BACKUP_RESTIC_H
#define HF_BACKUP_RESTIC_H

#include "backup/config.h"
#include "backup/proc.h"

#define RESTIC_OLDEST "0.12.0"
#define RESTIC_ENV_MAX 48U

/* What became of it, as a person needs to know. */
enum restic_trouble {
	RESTIC_FINE,
	RESTIC_INCOMPLETE, /* done, but some files could not be read */
	RESTIC_LOCKED,
	RESTIC_PASSWORD, /* wrong pass phrase */
	RESTIC_ABSENT,   /* no repository there */
	RESTIC_DAMAGED,
	RESTIC_FULL,   /* no space left, here or there */
	RESTIC_DENIED, /* the other side does not allow it */
	RESTIC_NETWORK,
	RESTIC_MISSING, /* no restic */
	RESTIC_OLD,
	RESTIC_STOPPED,
	RESTIC_FAILED,
};
const char *restic_trouble_name(enum restic_trouble t);

struct restic {
	const struct backup_config *config; /* borrowed, as all below */
	const struct backup_repo *repo;
	const volatile sig_atomic_t *stop;
	bool no_cache;
	void (*silent)(void *user); /* as that of proc_spec */
	void *silent_user;
	struct arena arena; /* owned */
	const char *env[RESTIC_ENV_MAX];
	size_t n_env;
};

struct restic_end {
	enum restic_trouble trouble;
	char message[512]; /* one line, safe for a terminal; "" where all is well */
};

/*
 * Reads the credentials. -EACCES and *d: somebody else may read or write one of the files;
 * other -errno with *d.
 */
[[nodiscard]] int restic_open(const struct backup_config *c, const struct backup_repo *repo,
			      struct restic *ret, struct diag *d);
void restic_release(struct restic *r);

/* Whether there is one that is new enough; ret->trouble RESTIC_MISSING, RESTIC_OLD or FINE. */
void restic_probe(const struct backup_config *c, struct restic_end *ret);

struct restic_input {
	int in, out; /* as those of proc_spec */
};
/*
 * args: what follows "restic", NULL-terminated. Lines of standard output go to fn. Whatever
 * happens is in *ret; 0 or the error of fn.
 */
int restic_run(struct restic *r, const char *const args[], const struct restic_input *io,
	       proc_line_fn *fn, void *user, struct restic_end *ret);

/* --- pure --- */

/* "restic 0.14.0 compiled with …": 14000000; -EBADMSG. */
[[nodiscard]] int restic_version_parse(struct str text, unsigned *ret);
/* What standard error and the exit status of restic mean. */
void restic_classify(struct str err, int status, struct restic_end *ret);
/* Lines "NAME=VALUE"; only names that restic and its back ends know. */
typedef int restic_variable_fn(struct str name, struct str value, void *user);
[[nodiscard]] int restic_credentials_parse(struct str text, const char *file,
					   restic_variable_fn *fn, void *user, struct diag *d);

#endif
