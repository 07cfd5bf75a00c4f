/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drill: what the parts of a drill share. */
#ifndef HF_BACKUP_DRILL_H
#define HF_BACKUP_DRILL_H

#include "backup/backup.h"
#include "backup/tempdir.h"

#define DRILL_CRITICAL_MAX 1'000U
#define DRILL_ARGS_MAX ((size_t)1 << 20) /* bytes of patterns on a command line */

struct drill_file {
	char *path; /* owned */
	uint64_t size;
	int64_t mtime, nanoseconds;
	bool critical;
	bool unchanged; /* the live file has the size and time of the recorded one */
};

/* Reads `restic ls --json`: a random sample of the files with contents, and the critical ones. */
struct drill_sample {
	uint64_t random; /* state of the generator; the seed at first */
	unsigned wanted; /* files */
	const struct backup_words *critical;
	/* results */
	char snapshot[72], tree[72];
	struct drill_file *files; /* owned; the sample in [0, n_sample), then the critical ones */
	size_t n_sample, n_critical;
	uint64_t seen, bytes; /* of the whole snapshot: files with contents */
	unsigned unnamed;     /* names that JSON cannot hold */
	unsigned critical_left_out;
	int error;
};
/* wanted, random and critical are set. -ENOMEM. */
[[nodiscard]] int drill_sample_start(struct drill_sample *s);
proc_line_fn drill_sample_line; /* user: the sample */
/* Drops what is twice, and from the sample what is more than `bytes` or too long to name. */
void drill_sample_finish(struct drill_sample *s, uint64_t bytes);
void drill_sample_release(struct drill_sample *s);
uint64_t drill_sample_bytes(const struct drill_sample *s);

/* Pure: a path as a pattern of restic that matches it alone; false: too long. */
bool drill_pattern(const char *path, char *ret, size_t size);
struct drill_compared {
	unsigned same, changed, differ, missing;
	double writing;  /* seconds that restic wrote contents; 0: the file system does not tell */
	char first[300]; /* of those that differ or are missing; safe */
};
/* Looks which live files are as they were recorded. */
void drill_look(struct drill_sample *s);
/* Bytes of them that lie below dir by now. */
uint64_t drill_restored(const struct drill_sample *s, int dir);
/*
 * Compares files below dir with the live ones while they are still being restored, with what the
 * machine has left. NULL: not to be had; then all is compared at the end.
 */
struct drill_early;
struct drill_early *drill_early_start(const struct drill_sample *s, int dir);
/* Once nothing is restored any more. Accepts NULL, as the next. */
void drill_early_stop(struct drill_early *e);
void drill_early_release(struct drill_early **e);
/* The restored files below dir against the live ones; those of the sample go. -ENOMEM. */
[[nodiscard]] int drill_compare(const struct drill_sample *s, int dir,
				const struct drill_early *early, /* stopped; NULL: none */
				const volatile sig_atomic_t *stop, struct drill_compared *ret);

struct drill {
	const struct backup_work *w;
	struct restic *r;
	struct tempdir scratch;    /* owned */
	int files;                 /* folder of the restored files; -1 */
	struct drill_early *early; /* owned */
	char files_path[PATH_MAX];
	json_t *loads; /* borrowed; an array */
	struct proc_user user;
	const char *user_name;
};
void drill_load_record(struct drill *d, const char *kind, const char *name, bool ok,
		       const char *message);
/* Loads what can be loaded of the dumps of the last run, and of the restored files. */
[[nodiscard]] int drill_load(struct drill *d, const json_t *state);
/* Whether it is a dump of that kind that was made. */
bool drill_is_dump(const json_t *dump, const char *kind);
/* Those among `dumps`, in a server of their own. */
[[nodiscard]] int drill_postgresql(struct drill *d, const json_t *dumps);
[[nodiscard]] int drill_mysql(struct drill *d, const json_t *dumps);
/* Writes a file of a snapshot to dir/name for that user; *ret_why where it failed. */
[[nodiscard]] int drill_fetch(struct drill *d, const json_t *dump, const char *dir,
			      const char *name, struct restic_end *ret);

#endif
