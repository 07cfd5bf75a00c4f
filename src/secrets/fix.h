/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fix: secrets taken out of histories, files closed to others, and a journal by which either is
 * undone. A file is replaced whole by a copy that keeps owner, mode, times and extended attributes;
 * nothing is done to one that has changed since it was looked at, has several names or is a link.
 */
#ifndef HF_SECRETS_FIX_H
#define HF_SECRETS_FIX_H

#include "base/diag.h"
#include "base/root.h"

#define FIX_MARK "********" /* what stands in a secret's place */
#define FIX_SPANS_MAX 100'000
#define FIX_ID_SIZE 32

struct fix_span {
	uint64_t offset;
	uint32_t len;
};
struct fix_file {
	const char *path; /* in the root, no link in it */
	uint64_t device, inode, size;
	int64_t mtime, mtime_ns;
	const struct fix_span *spans; /* sorted, disjoint */
	size_t n_spans;
	bool chmod;
	uint32_t mode, new_mode; /* permission bits */
};

struct fix_journal {
	int dir; /* folder of this run's entries */
	char id[FIX_ID_SIZE];
	unsigned n;
};

/* Makes a folder with a fresh id below `folder`, which is made where it is missing (mode 700). */
[[nodiscard]] int fix_journal_new(const char *folder, struct fix_journal *ret);
void fix_journal_release(struct fix_journal *j);

/* Errors: -ESTALE: it has changed; those of the system. What it was about is in *d. */
[[nodiscard]] int fix_apply(const struct root *root, const struct fix_file *f,
			    struct fix_journal *j, struct diag *d);

/*
 * Undoes a run, the last change first; "last" is the latest id. fn is told of each file: 0, or why
 * it stays as it is. -ENOENT: there is no such id; -EBADMSG: an entry is none of ours.
 */
typedef void fix_undone_fn(void *user, const char *path, int error);
[[nodiscard]] int fix_undo(const struct root *root, const char *folder, const char *id,
			   fix_undone_fn *fn, void *user);

#endif
