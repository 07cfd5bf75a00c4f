/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole text of a file of the root, whose size may not be known or may change. */
#include "base/file.h"
#include "base/root.h"

#define READ_MAX_DEFAULT ((size_t)16 << 20)

/* A file whose size was not known: what was read already, then the rest of it. */
static int read_growing(int fd, const char *head, size_t n, size_t max, struct arena *a,
			struct arena_mark mark, struct str *ret)
{
	own(buf_release) struct buf b = BUF(max);
	char chunk[16384];
	ssize_t got;
	struct str s;

	buf_add(&b, head, n);
	arena_rewind(a, mark);
	do {
		got = file_read_full(fd, chunk, sizeof chunk);
		if (got < 0)
			return (int)got;
		buf_add(&b, chunk, (size_t)got);
	} while (got == sizeof chunk && !b.error);
	if (b.error)
		return b.error;
	s = arena_str(a, buf_view(&b));
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

static int read_sized(int fd, size_t size, size_t max, struct arena *a, struct str *ret)
{
	struct arena_mark mark = arena_mark(a);
	char small[8192];
	char *p = small;
	size_t room = sizeof small;
	ssize_t got;
	struct str s;

	if (size >= room) {
		/* One byte more tells whether the file has grown, one is the NUL. */
		room = size + 1;
		p = arena_alloc(a, room + 1);
		if (!p)
			return -ENOMEM;
	}
	got = file_read_full(fd, p, room);
	if (got < 0)
		return arena_rewind(a, mark), (int)got;
	if ((size_t)got == room)
		return read_growing(fd, p, room, max, a, mark, ret);
	if ((size_t)got > max)
		return arena_rewind(a, mark), -EFBIG;
	s = (struct str){ p, (size_t)got };
	if (p == small)
		s = arena_str(a, s);
	else
		arena_shrink(a, p, room + 1, s.len + 1);
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

int root_read(const struct root *r, const char *path, size_t max, struct arena *a, struct str *ret,
	      struct stat *ret_st)
{
	own(close_fd) int fd = -1;
	struct stat st = {};
	int err = root_open_file(r, path, &st, &fd);

	if (err < 0)
		return err;
	if (!max)
		max = READ_MAX_DEFAULT;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		return -EFBIG;
	err = read_sized(fd, (size_t)st.st_size, max, a, ret);
	if (err >= 0 && ret_st)
		*ret_st = st;
	return err;
}
