/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed files and archives of feeds, and plain ones as they lie on a disk. */
#include <stdio.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "vuln/feed.h"

static int on_part(void *user, struct str name, struct str bytes, struct diag *d)
{
	(void)user, (void)name, (void)bytes, (void)d;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(feed_read_release) struct feed_read f = { .part = on_part };
	own(close_fd) int fd = memfd_create("feed", MFD_CLOEXEC);
	struct diag d = {};
	char path[64];

	if (fd < 0 || len > 1 << 16 || write(fd, data, len) != (ssize_t)len)
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (feed_read_file(&f, path, &d) < 0)
		fuzz_assert(d.reason[0]);
	return 0;
}
