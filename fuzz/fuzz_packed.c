/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files, packed or not, read in steps of any length. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/unpack.h"
#include "fuzz.h"

#define LIMIT ((uint64_t)4 << 20)

static int drain(int fd, size_t step, uint64_t *ret_sum, uint64_t *ret_total)
{
	static char out[65536];
	own(unpack_release) struct unpack u = {};
	uint64_t sum = 0, total = 0;
	ssize_t n;
	int r;

	fuzz_assert(lseek(fd, 0, SEEK_SET) == 0);
	r = unpack_open(&u, fd, LIMIT);
	if (r < 0)
		return r;
	while ((n = unpack_read(&u, out, step)) > 0) {
		fuzz_assert((size_t)n <= step);
		for (ssize_t i = 0; i < n; i++)
			sum = sum * 31 + (unsigned char)out[i];
		total += (uint64_t)n;
	}
	fuzz_assert(total <= LIMIT);
	*ret_sum = sum;
	*ret_total = total;
	return (int)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(close_fd) int fd = memfd_create("packed", MFD_CLOEXEC);
	uint64_t sum[2], total[2];
	int r[2];

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		return 0;
	r[0] = drain(fd, 65536, &sum[0], &total[0]);
	r[1] = drain(fd, 1021, &sum[1], &total[1]);
	fuzz_assert(r[0] == 0 || r[0] == -EBADMSG || r[0] == -EFBIG || r[0] == -ENOMEM);
	fuzz_assert((r[0] == 0) == (r[1] == 0));
	if (r[0] == 0)
		fuzz_assert(sum[0] == sum[1] && total[0] == total[1]);
	return 0;
}
