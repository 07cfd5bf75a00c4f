/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output: a file that is there whole or not at all. */
#ifndef HF_CLI_OUTPUT_H
#define HF_CLI_OUTPUT_H

#include <limits.h>

#include "cli/cli.h"

struct output {
	const char *path;   /* NULL: standard output */
	char dir[PATH_MAX]; /* folder of the file, which must stay writable; "" */
};

/* Looks whether path (NULL: standard output) can be written. Exit code; prints what is wrong. */
int output_open(struct output *o, const char *path);
/* Writes all of it beside the file and gives it its name. Exit code; prints what is wrong. */
int output_finish(const struct output *o, struct str text);

/*
 * reproducible-builds.org: SOURCE_DATE_EPOCH, the time that is written instead of the one of the facts; -1
 * without it. Prints what is wrong and returns an exit code.
 */
int cli_epoch(int64_t *ret);

#endif
