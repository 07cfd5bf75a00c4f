/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hunt_setup: what a hunt needs from outside, before it enters the sandbox. */
#ifndef HF_CLI_HUNT_SETUP_H
#define HF_CLI_HUNT_SETUP_H

#include "cli/cli.h"
#include "detect/rule.h"
#include "events/reader.h"

/* Texts of rules, in the arena. */
struct rule_files {
	struct arena arena;
	struct rule_text *list;
	size_t n, cap;
};
void rule_files_release(struct rule_files *f);

/* All *.yml and *.yaml below a folder, or one file. Exit code; prints what is wrong. */
int rule_files_add(struct rule_files *f, const char *path);
/* A file beside them. Exit code; prints what is wrong. */
int hunt_read_file(struct rule_files *f, const char *path, struct str *ret);
/* Those that were built in. */
int rule_files_add_builtin(struct rule_files *f);

/* "2026-11-22", "2026-11-22T09:00:00Z", "24h" before now (s, m, h, d). -EINVAL. */
[[nodiscard]] int hunt_parse_time(const char *text, int64_t now, bool end, int64_t *ret);

/* Adds a path below the root (NULL: of this machine) to the reader. Exit code; prints what is wrong. */
int hunt_add_input(struct reader *r, const char *root, const char *path);
/* Adds the logs of a mounted disk, of Linux or Windows. Exit code; prints what is wrong. */
int hunt_add_disk(struct reader *r, const char *root);

#endif
