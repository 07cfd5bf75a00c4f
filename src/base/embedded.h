/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedded: files of the source tree as they were when the program was built (tools/embed.py). */
#ifndef HF_BASE_EMBEDDED_H
#define HF_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *path, *text;
};

#endif
