/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jobs: what the machine runs by itself again and again (cron, periodic scripts, timers), together
 * with the scripts and environment files that a job names, one level deep.
 */
#ifndef HF_FACTS_LINUX_JOBS_H
#define HF_FACTS_LINUX_JOBS_H

#include "facts/linux/shell.h"
#include "facts/linux/units.h"

enum job_kind { JOB_CRON, JOB_PERIODIC, JOB_TIMER };

struct job_text {
	struct str text, file;
	unsigned line; /* of the text's first line in the file */
	int64_t mode;  /* permission bits of the file */
};
enum { JOB_TEXTS_MAX = 8, JOB_SCRIPT_MAX = 64 << 10 };

struct job {
	enum job_kind kind;
	struct str schedule;                  /* cron expression, "daily", OnCalendar= … */
	struct str unit;                      /* the timer, '' for cron */
	bool active;                          /* false: a timer that nothing starts */
	struct job_text texts[JOB_TEXTS_MAX]; /* the command first, then what it names */
	size_t n;
};

/*
 * Calls fn for every job; an error of fn ends the walk. What a job holds lives in c->arena, and is
 * given back after the call unless fn returns 1 (then it stays).
 */
typedef int job_fn(const struct job *job, void *user);
[[nodiscard]] int jobs_each(struct collect *c, const struct units *u, job_fn *fn, void *user);

/* A simple command. */
struct job_command {
	/*
	 * Words from the program on; what stands before it (VAR=value, env, nice, flock, sudo … with
	 * their options) is skipped. n == 0: only assignments.
	 */
	const struct shell_word *words;
	size_t n;
	struct str program;              /* without directories */
	const struct shell_word *before; /* the words that were skipped */
	size_t n_before;
	struct str file;
	unsigned line;
	int64_t mode;
};
/* Calls fn for every command of a text, also for that of `sh -c '…'`. -ENOMEM, errors of fn. */
typedef int job_command_fn(const struct job_command *cmd, void *user);
[[nodiscard]] int job_commands(struct arena *a, const struct job_text *text, job_command_fn *fn,
			       void *user);

#endif
