/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An export: a tar (POSIX.1-1988, ustar) of the parts, without anything of this machine. */
#include <stdio.h>

#include "vuln/feeds_work.h"

#define BLOCK 512u

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100],
		magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "ustar");

static void put_header(struct buf *out, const char *name, size_t size)
{
	struct header h = { .type = '0', .magic = "ustar", .version = "00" };
	char size_text[16];
	unsigned sum = 0;

	snprintf(h.name, sizeof h.name, "holdfast-feeds/%s.part", name);
	snprintf(h.mode, sizeof h.mode, "0000644");
	snprintf(h.uid, sizeof h.uid, "0000000");
	snprintf(h.gid, sizeof h.gid, "0000000");
	snprintf(size_text, sizeof size_text, "%011zo", size);
	memcpy(h.size, size_text, sizeof h.size - 1);
	snprintf(h.mtime, sizeof h.mtime, "00000000000");
	memset(h.checksum, ' ', sizeof h.checksum);
	for (size_t i = 0; i < sizeof h; i++)
		sum += ((const unsigned char *)&h)[i];
	snprintf(h.checksum, sizeof h.checksum, "%06o", sum & 0777777);
	buf_add(out, &h, sizeof h);
}

static void put_zeros(struct buf *out, size_t n)
{
	static const char zeros[2 * BLOCK];

	buf_add(out, zeros, MIN(n, sizeof zeros));
}

int feeds_export(struct feeds *f, struct buf *ret, struct diag *d)
{
	struct feed_names *names = calloc(1, sizeof *names);
	int r = names ? feeds_names(f, names) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < names->n; i++) {
		struct index part;

		r = feeds_open_part(f, names->names[i], &part, d);
		if (r < 0)
			break;
		put_header(ret, names->names[i], part.bytes.len);
		buf_str(ret, part.bytes);
		put_zeros(ret, (BLOCK - part.bytes.len % BLOCK) % BLOCK);
		index_release(&part);
	}
	if (r == 0 && !names->n)
		r = diag_set(d, -ENOENT, f->path, 0, "nothing was imported yet");
	free(names);
	put_zeros(ret, (size_t)2 * BLOCK);
	if (r == 0 && ret->error)
		r = diag_set(d, ret->error, f->path, 0, "more than an export may have");
	return r;
}
