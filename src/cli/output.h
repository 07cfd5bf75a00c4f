/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output: a file that is there whole or not at all. */
#ifndef HF_CLI_OUTPUT_H
#define HF_CLI_OUTPUT_H

#include <limits.h>

#include "cli/cli.h"

struct output {
	int fd;           /* of the temporary file; -1: standard output */
	const char *path; /* NULL: standard output */
	char tmp[PATH_MAX];
	char dir[PATH_MAX]; /* folder of the file, which must stay writable; "" */
};

/* Opens a temporary file beside path (NULL: standard output). Exit code; prints what is wrong. */
int output_open(struct output *o, const char *path);
/* Writes all of it and gives the file its name. Exit code; prints what is wrong. */
int output_finish(struct output *o, struct str text);
/* Removes a temporary file that was not finished. */
void output_release(struct output *o);

#endif
