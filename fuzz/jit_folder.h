/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit_folder: a folder of a fuzz target's own, in memory where there is /dev/shm, gone at its end. */
#ifndef HF_FUZZ_JIT_FOLDER_H
#define HF_FUZZ_JIT_FOLDER_H

#include <fcntl.h>
#include <stdio.h>

#include "fuzz.h"

static char folder_path[64];
static int folder = -1;

static void folder_write(const char *name, struct str text)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fuzz_assert(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len);
	close(fd);
}

static inline off_t folder_size(const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	off_t n = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	if (fd >= 0)
		close(fd);
	return n;
}

static void folder_end(void)
{
	static const char *const names[] = { "jit-audit.jsonl", "jit-audit.key", "jit-audit.head",
					     "jit-replay", "jit-replay.new" };

	for (size_t i = 0; i < COUNT(names); i++)
		unlinkat(folder, names[i], 0);
	rmdir(folder_path);
}

static void folder_begin(void)
{
	snprintf(folder_path, sizeof folder_path, "%s/holdfast-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	fuzz_assert(mkdtemp(folder_path));
	folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_assert(folder >= 0);
	atexit(folder_end);
}

#endif
