/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that shrinks while it is read. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/mapped.h"
#include "tap.h"

#define SIZE ((size_t)64 << 10)

static void test_shrinking(const char *path, int fd)
{
	own(mapped_release) struct mapped m = {};
	static char block[SIZE];
	size_t zeros = 0;

	memset(block, 'x', sizeof block);
	ok(write(fd, block, SIZE) == (ssize_t)SIZE && mapped_open(path, &m) == 0, "a file");
	is_int((int64_t)m.bytes.len, SIZE, "is as long as it is");
	if (!ok(m.bytes.ptr && m.bytes.ptr[SIZE - 1] == 'x' && !mapped_torn(&m), "and whole"))
		return;
	mapped_done(&m, SIZE / 2);
	ok(m.bytes.ptr[0] == 'x' && m.bytes.ptr[SIZE / 2] == 'x', "can be read again");
	ok(ftruncate(fd, 4096 + 10) == 0, "it shrinks");
	for (size_t i = 0; i < SIZE; i++)
		zeros += m.bytes.ptr[i] != 'x';
	is_int((int64_t)zeros, SIZE - 4096 - 10, "what is gone reads as zeros");
	ok(mapped_torn(&m), "which is known");
}

static void test_others(const char *path)
{
	own(mapped_release) struct mapped m = {};

	is_int(mapped_open("/nonexistent", &m), -ENOENT, "no such file");
	is_int(mapped_open("/", &m), -EISDIR, "a folder");
	is_int(mapped_open("/dev/null", &m), -EINVAL, "a device without size");
	ok(unlink(path) == 0 && mkfifo(path, 0600) == 0, "a FIFO");
	is_int(mapped_open(path, &m), -EINVAL, "is not waited for");
	ok(!m.bytes.ptr && !mapped_torn(&m), "nothing is mapped");
}

static void test_empty(const char *path, int fd)
{
	own(mapped_release) struct mapped m = {};

	ok(ftruncate(fd, 0) == 0 && mapped_open(path, &m) == 0, "an empty file");
	ok(m.bytes.ptr && !m.bytes.len && !mapped_torn(&m), "is empty");
}

int main(void)
{
	char path[] = "/tmp/holdfast-mapped-XXXXXX";
	own(close_fd) int fd = mkstemp(path);

	test_shrinking(path, fd);
	test_empty(path, fd);
	test_others(path);
	unlink(path);
	return done();
}
