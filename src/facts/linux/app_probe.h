/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app_probe: how an application tells its version: in the name of a file or folder, or in a file
 * that is always there. Pure but for the tables.
 */
#ifndef HF_FACTS_LINUX_APP_PROBE_H
#define HF_FACTS_LINUX_APP_PROBE_H

#include "base/arena.h"

/* Name of a file or folder: prefix, a version that starts with a digit, suffix. */
struct app_name {
	const char *app, *prefix, *suffix;
	bool dir;
};
extern const struct app_name app_names[];
extern const size_t n_app_names;
/* The row whose pattern the name has, and the version in it; NULL: none. */
const struct app_name *app_name_find(struct str name, bool dir, struct str *ret_version);

/* A file below the folder that is being looked at, or a pattern of absolute paths. */
struct app_file {
	const char *app;
	const char *path;
	/*
	 * What stands before the version; several keys separated by '|' give one number each.
	 * '': the first line is the version.
	 */
	const char *keys;
};
extern const struct app_file app_markers[]; /* relative */
extern const size_t n_app_markers;
extern const struct app_file app_files[]; /* absolute */
extern const size_t n_app_files;

/* The version in the text, in the arena; '' if it is not there. ptr == NULL: no memory. */
struct str app_version(struct arena *a, struct str text, const char *keys);

#endif
