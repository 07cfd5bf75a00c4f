/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed files, cut off, damaged, one behind another, and larger than they may be. */
#include <lz4frame.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/unpack.h"
#include "tap.h"

#define PLAIN 700'000

static char plain[PLAIN], got[2 * PLAIN + 1], packed[2 * PLAIN];

static size_t gzip(void)
{
	z_stream z = { .next_in = (unsigned char *)plain,
		       .avail_in = PLAIN,
		       .next_out = (unsigned char *)packed,
		       .avail_out = sizeof packed };
	size_t n = 0;

	if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK &&
	    deflate(&z, Z_FINISH) == Z_STREAM_END)
		n = z.total_out;
	deflateEnd(&z);
	return n;
}

static size_t zstd(void)
{
	size_t n = ZSTD_compress(packed, sizeof packed, plain, PLAIN, 1);

	return ZSTD_isError(n) ? 0 : n;
}

static size_t lz4(void)
{
	const LZ4F_preferences_t p = { .frameInfo = { .contentChecksumFlag =
							      LZ4F_contentChecksumEnabled } };
	size_t n = LZ4F_compressFrame(packed, sizeof packed, plain, PLAIN, &p);

	return LZ4F_isError(n) ? 0 : n;
}

static size_t none(void)
{
	memcpy(packed, plain, PLAIN);
	return PLAIN;
}

/* Reads in steps of `step` bytes; bytes in got (as far as there is room), or the error. */
static ssize_t unpack(size_t n, uint64_t limit, size_t step)
{
	own(unpack_release) struct unpack u = {};
	own(close_fd) int fd = memfd_create("packed", MFD_CLOEXEC);
	size_t have = 0;
	int r;

	if (fd < 0 || write(fd, packed, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)
		return -EIO;
	r = unpack_open(&u, fd, limit);
	while (r >= 0) {
		size_t at = MIN(have, sizeof got - MIN(step, sizeof got));
		ssize_t part = unpack_read(&u, got + at, MIN(step, sizeof got));

		if (part <= 0)
			return part < 0 ? part : (ssize_t)have;
		have += (size_t)part;
	}
	return r;
}

static void test_one(const char *name, size_t n, bool checked)
{
	printf("# %s\n", name);
	if (!ok(n > 1000, "packs"))
		return;
	is_int(unpack(n, PLAIN, sizeof got), PLAIN, "whole");
	ok(!memcmp(got, plain, PLAIN), "the same bytes");
	is_int(unpack(n, PLAIN, 4097), PLAIN, "in small steps");
	ok(!memcmp(got, plain, PLAIN), "the same bytes");
	is_int(unpack(n, PLAIN - 1, sizeof got), -EFBIG, "one byte more than allowed");
	if (!checked)
		return;
	is_int(unpack(n - 1, PLAIN, sizeof got), -EBADMSG, "cut off at its end");
	is_int(unpack(n / 2, PLAIN, sizeof got), -EBADMSG, "cut off in its middle");
	is_int(unpack(5, PLAIN, sizeof got), -EBADMSG, "cut off in its head");
	packed[n / 2] ^= 0x55;
	ok(unpack(n, 4 * (uint64_t)PLAIN, sizeof got) < 0, "one bit is wrong");
	packed[n / 2] ^= 0x55;
	memcpy(packed + n, packed, n);
	is_int(unpack(2 * n, 2 * (uint64_t)PLAIN, sizeof got), 2 * PLAIN, "one behind the other");
	ok(!memcmp(got + PLAIN, plain, PLAIN), "the same bytes");
	memset(packed + n, 0, 512);
	is_int(unpack(n + 512, PLAIN, sizeof got), PLAIN, "zeros behind it");
}

static void test_bomb(void)
{
	static char zeros[1 << 20];
	size_t n = ZSTD_compress(packed, sizeof packed, zeros, sizeof zeros, 19), total = 0;

	/* 4096 times the same: some 200 KB that are 4 GB once unpacked. */
	if (!ok(!ZSTD_isError(n) && n < 100, "a small file"))
		return;
	while (total + 2 * n < sizeof packed && total < 4096 * n) {
		if (total)
			memcpy(packed + total, packed, n);
		total += n;
	}
	is_int(unpack(total, (uint64_t)16 << 20, 4096), -EFBIG, "that would be gigabytes");
}

int main(void)
{
	srandom(8);
	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = (char)('a' + random() % 8);
	test_one("plain", none(), false);
	test_one("gzip", gzip(), true);
	test_one("zstd", zstd(), false);
	test_one("lz4", lz4(), true);
	test_bomb();
	is_int(unpack(0, 10, 10), 0, "an empty file");
	return done();
}
