/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: the output of a program as a snapshot. A snapshot is only made of output that is whole:
 * where the program fails, restic is stopped before it sees the end.
 */
#ifndef HF_BACKUP_STREAM_H
#define HF_BACKUP_STREAM_H

#include "backup/restic.h"

struct stream_end {
	struct restic_end end; /* of the program where that failed, else of restic */
	uint64_t bytes;
	char snapshot[72];
};
/* path: of the file in the snapshot. */
[[nodiscard]] int stream_save(struct restic *r, const struct proc_spec *producer, const char *path,
			      struct stream_end *ret);
/* The same of a file that is open. */
[[nodiscard]] int stream_save_file(struct restic *r, int fd, const char *path,
				   struct stream_end *ret);

#endif
