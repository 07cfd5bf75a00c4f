/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup: what the parts of the verb share. */
#ifndef HF_CLI_BACKUP_H
#define HF_CLI_BACKUP_H

#include "backup/backup.h"
#include "base/term.h"
#include "cli/cli.h"

struct backup_verb {
	const char *config_path, *phrase_file, *part, *seed, *dir, *key, *listen, *htpasswd;
	bool same_disk, ignore_clock, all, check_config, enable, json;
	const char *format;
	/* derived */
	struct backup_config config; /* owned */
	struct backup_dir state;     /* owned */
	int64_t now;
	json_t *out; /* owned; array of what --format json prints */
	struct backup_bar {
		struct term err;
		const char *name;
		uint64_t shown; /* milliseconds */
		bool drawn;
	} bar;
};

typedef int backup_action_fn(struct backup_verb *v, const struct backup_repo *repo);

/* For a person; nothing of it is raw. Exit code of the record. */
int backup_print(const struct backup_verb *v, const struct backup_repo *repo, const char *action,
		 const json_t *record);
void backup_print_status(const struct backup_verb *v, const struct backup_repo *repo,
			 const json_t *state);
void backup_print_list(const json_t *record);
int backup_exit(const json_t *record);
/* Prints o as JSON; releases it. */
int backup_print_json(json_t *o);

backup_progress_fn backup_bar_draw; /* user: the bar */
void backup_bar_clear(struct backup_bar *b);

/* Those that need no repository. */
int backup_schedule(struct backup_verb *v);
int backup_server(struct backup_verb *v, const char *dir);
int backup_keygen(const char *path);
int backup_unseal(struct backup_verb *v, const char *path);

/* "3 h ago", "never"; a time */
const char *backup_ago(int64_t now, int64_t when, char ret[static 40]);
const char *backup_bytes(uint64_t n, char ret[static 32]);

#endif
