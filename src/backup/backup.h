/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * backup: what is done with a repository. Each answers with a record, a JSON object that is also
 * kept in the state: "time", "seconds", "result" ("ok", "incomplete" or a name of restic_trouble)
 * and "message", beside its own members, which docs/backup.md names. Each function returns 0 and
 * the record, which the caller owns, or -errno and *d where nothing was begun.
 */
#ifndef HF_BACKUP_BACKUP_H
#define HF_BACKUP_BACKUP_H

#include "backup/restic.h"
#include "backup/state.h"

struct backup_progress {
	const char *what;
	uint64_t done, total; /* bytes; total 0: unknown */
	uint64_t files;
	unsigned left; /* seconds; 0: unknown */
};
typedef void backup_progress_fn(const struct backup_progress *p, void *user);

struct backup_work {
	const struct backup_config *config;
	const struct backup_repo *repo;
	const struct backup_dir *dir;
	const volatile sig_atomic_t *stop;
	int64_t now;
	bool ignore_clock;
	backup_progress_fn *progress; /* NULL: none */
	void *user;
};

struct backup_init {
	bool same_disk;    /* allowed */
	bool terminal;     /* the pass phrase will be shown to a person */
	struct str phrase; /* to seal with, where the configuration has no owner-key; '' */
	/* Shows a new pass phrase, once it has a repository. */
	void (*show)(const char *phrase, void *user);
	void *user;
};
[[nodiscard]] int backup_init(const struct backup_work *w, const struct backup_init *how,
			      json_t **ret, struct diag *d);
[[nodiscard]] int backup_run(const struct backup_work *w, json_t **ret, struct diag *d);
/* part: 0: the next one of the rotation; all: every part. */
struct backup_check {
	unsigned part;
	bool all;
};
[[nodiscard]] int backup_check(const struct backup_work *w, const struct backup_check *how,
			       json_t **ret, struct diag *d);
/* Tries to delete a snapshot that it makes for that: "append_only" true, false or null. */
[[nodiscard]] int backup_prove(const struct backup_work *w, json_t **ret, struct diag *d);
/* Snapshots that are there now; they replace those of the state. */
[[nodiscard]] int backup_list(const struct backup_work *w, json_t **ret, struct diag *d);

struct backup_drill {
	uint64_t seed; /* 0: a random one */
};
[[nodiscard]] int backup_drill(const struct backup_work *w, const struct backup_drill *how,
			       json_t **ret, struct diag *d);

/* --- for those that do the work --- */

/* Loads the state, looks at the clock and for restic; *ret and *ret_state are the caller's. */
[[nodiscard]] int backup_begin(const struct backup_work *w, struct restic *ret, json_t **ret_state,
			       struct diag *d);
/* "time", "seconds", "result", "message" of a record. */
void backup_end(const struct backup_work *w, json_t *record, const struct restic_end *end);
/* Fills what the state says of the repository itself. */
void backup_describe(const struct backup_work *w, json_t *state);
/* Adds the record to state's list, saves; the record is returned. */
[[nodiscard]] int backup_finish(const struct backup_work *w, json_t *state, const char *list,
				json_t **record, json_t **ret, struct diag *d);
bool backup_result_ok(const json_t *record);
/* 1: elsewhere, 0: on this machine. */
int backup_offsite_of(const struct backup_repo *r);
/* Asks restic for its snapshots of this machine. */
[[nodiscard]] int backup_snapshots(struct restic *r, json_t **ret, struct restic_end *end);

#endif
