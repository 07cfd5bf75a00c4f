/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sources of an index alone, without reading the rest of it. */
#include "vuln/index_format.h"

#define SOURCES_MAX ((size_t)4 << 20)
#define HEAD (INDEX_HEAD + INDEX_TABLES * INDEX_TABLE_SIZE)

static bool read_at(int fd, void *to, size_t n, uint64_t at)
{
	return pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

int index_read_sources(int fd, uint64_t size, struct arena *a, struct index *ret)
{
	char head[HEAD];
	const char *last = head + HEAD - INDEX_TABLE_SIZE;
	struct index x = {};
	uint64_t at, len;
	char *bytes;

	if (size < HEAD || !read_at(fd, head, sizeof head, 0) ||
	    memcmp(head, INDEX_MAGIC, strlen(INDEX_MAGIC)) != 0)
		return -EBADMSG;
	if (load_u32(head + 8) != INDEX_VERSION)
		return -EPROTONOSUPPORT;
	at = load_u32(last);
	len = load_u32(last + 4);
	if (load_u64(head + 16) != size || load_u32(head + 12) != INDEX_TABLES || at > size ||
	    len > size - at || len > SOURCES_MAX)
		return -EBADMSG;
	bytes = arena_alloc(a, (size_t)len + 1);
	if (!bytes)
		return -ENOMEM;
	if (!read_at(fd, bytes, (size_t)len, at))
		return -EBADMSG;
	x.made = (int64_t)load_u64(head + 24);
	x.t.sources = (struct index_table){
		{bytes, (size_t)len},
                load_u32(last + 8)
	};
	*ret = x;
	return 0;
}
