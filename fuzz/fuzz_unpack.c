/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed files: gzip, xz, Zstandard, bzip2. */
#include <sys/mman.h>

#include "events/source.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char out[65536];
	own(close_fd) int fd = memfd_create("packed", MFD_CLOEXEC);
	struct source s;
	uint64_t sum = 0, total = 0;
	ssize_t n = 1;

	/* Journals are for libsystemd to read. */
	if (fd < 0 || (len >= 8 && !memcmp(data, "LPKSHHRH", 8)) ||
	    write(fd, data, len) != (ssize_t)len)
		return 0;
	if (source_open(&s, fd, true, len) < 0)
		return 0;
	while (n > 0 && total < (uint64_t)8 << 20) {
		n = source_read(&s, out, sizeof out);
		fuzz_assert(n >= 0 || n == -ENOMEM);
		for (ssize_t i = 0; i < n; i++)
			sum += (unsigned char)out[i];
		total += (uint64_t)MAX(n, 0);
	}
	if (!s.codec)
		fuzz_assert(total == len || total >= (uint64_t)8 << 20);
	source_close(&s);
	return (int)(sum & 0);
}
