/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/stretch.h"

#include "base/file.h"

int stretch_read(const struct stretch *s, uint64_t at, void *ret, size_t n)
{
	ssize_t got;

	if (at > s->bytes || n > s->bytes - at)
		return -EBADMSG;
	if (s->mem) {
		if (n)
			memcpy(ret, s->mem + s->at + at, n);
		return 0;
	}
	got = file_pread_full(s->fd, ret, n, s->at + at);
	return got < 0 ? (int)got : (size_t)got < n ? -EBADMSG : 0;
}

int stretch_part(const struct stretch *s, uint64_t at, uint64_t bytes, struct stretch *ret)
{
	if (at > s->bytes || bytes > s->bytes - at)
		return -EBADMSG;
	*ret = *s;
	ret->at += at;
	ret->bytes = bytes;
	return 0;
}
