/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_run: one job that is searched for commands that make backups. */
#ifndef HF_FACTS_LINUX_BACKUP_RUN_H
#define HF_FACTS_LINUX_BACKUP_RUN_H

#include "facts/linux/backup.h"

enum { BACKUP_VARS_MAX = 128 };

struct backup_run {
	struct collect *c;
	backup_fn *fn;
	void *user;
	const struct job *job;
	struct {
		struct str name, value;
		int64_t mode; /* of the file that sets it */
	} vars[BACKUP_VARS_MAX];
	size_t n_vars;
	bool found; /* what this job does is known */
};

/* The words of a command with variables replaced. */
struct backup_args {
	struct str words[SHELL_WORDS_MAX];
	size_t n;
};

/* The latest assignment in the job's texts; -1. */
ssize_t backup_find_var(const struct backup_run *run, struct str name);

/* 1: a backup, and *b says what is known of it; 0: another command of the tool; -errno. */
typedef int backup_command_fn(struct backup_run *run, const struct backup_args *args,
			      struct backup *b);
struct backup_program {
	const char *program, *tool;
	backup_command_fn *command;
};
extern const struct backup_program backup_programs[];
extern const size_t n_backup_programs;

#endif
