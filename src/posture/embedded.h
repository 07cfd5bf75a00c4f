/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedded: the files of checks/ as they were when the program was built. */
#ifndef HF_POSTURE_EMBEDDED_H
#define HF_POSTURE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path, *text;
};
extern const struct embedded_file embedded_checks[];
extern const size_t embedded_checks_n;

#endif
