/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secrets_scan FILE...: looks for secrets; prints bytes, seconds of CPU time, how many were found.
 * -l before the files: "line kind" of each instead.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "secrets/scan.h"

static bool list;
static uint64_t found;

static int count(void *user, const struct secret_finding *f)
{
	(void)user;
	found++;
	if (list)
		printf("%" PRIu64 " %s %s\n", f->line, f->kind, f->mask.text);
	return 0;
}

int main(int argc, char **argv)
{
	struct secrets *own(secrets_release) s = NULL;
	struct timespec t;
	uint64_t bytes = 0;
	int r = secrets_new(NULL, &s);

	list = argc > 1 && !strcmp(argv[1], "-l");
	for (int i = 1 + list; r >= 0 && i < argc; i++) {
		own(close_fd) int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		struct secret_scan scan = { .secrets = s,
					    .file = secret_file_of(str_of(argv[i])),
					    .path = str_of(argv[i]),
					    .fn = count };

		r = fd < 0 ? -errno : secrets_scan(&scan, fd);
		bytes += scan.bytes;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	if (!list)
		printf("%" PRIu64 " %.3f %" PRIu64 "\n", bytes,
		       (double)t.tv_sec + (double)t.tv_nsec / 1e9, found);
	return r < 0;
}
