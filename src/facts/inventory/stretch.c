/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/stretch.h"

int stretch_read(const struct stretch *s, uint64_t at, void *ret, size_t n)
{
	char *to = ret;

	if (at > s->bytes || n > s->bytes - at)
		return -EBADMSG;
	if (s->mem) {
		if (n)
			memcpy(to, s->mem + s->at + at, n);
		return 0;
	}
	while (n) {
		ssize_t got = pread(s->fd, to, n, (off_t)(s->at + at));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EBADMSG;
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
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
