/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three formats of rpm's database; the first byte chooses: b, n or s. */
#include <sys/mman.h>

#include "base/map.h"
#include "facts/linux/rpm_db.h"
#include "fuzz.h"

static int each(struct str blob, void *user)
{
	struct rpm_header h;
	size_t *left = user;

	/* Reads all of it. */
	fuzz_assert(siphash13((const uint64_t[2]){}, blob.ptr, blob.len) || blob.len < SIZE_MAX);
	if (!*left)
		return -E2BIG;
	--*left;
	return rpm_header_open(blob, &h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	own(close_fd) int fd = -1;
	size_t left = 1000;
	int r = 0;

	if (size < 1)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || pwrite(fd, data + 1, size - 1, 0) != (ssize_t)size - 1)
		return 0;
	if (data[0] == 'b')
		r = rpm_bdb_each(fd, size - 1, &a, each, &left);
	else if (data[0] == 'n')
		r = rpm_ndb_each(fd, size - 1, &a, each, &left);
	else if (data[0] == 's')
		r = rpm_sqlite_each(fd, -1, each, &left);
	fuzz_assert(r <= 0);
	return 0;
}
