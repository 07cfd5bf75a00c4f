/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk: one look at every file of a root, by as many threads as there are processors.
 *
 * A directory is read in portions of one getdents64(2) buffer; what is left of it is queued before
 * the portion is looked at, so that a second thread can go on with a huge directory. The queue is
 * a stack (depth first) of names with a link to the parent, so a pending directory costs tens of
 * bytes; once WALK_QUEUE_MAX bytes wait, a portion ends at the first subdirectory, and memory
 * grows with the depth of the tree only.
 */
#ifndef HF_FACTS_LINUX_WALK_H
#define HF_FACTS_LINUX_WALK_H

#include "facts/linux/mount_table.h"
#include "facts/linux/walk_judge.h"

/* Where the walk counts the files it has seen, for who waits; may be NULL. */
extern _Atomic uint64_t *walk_progress;

#define WALK_QUEUE_MAX ((size_t)6 << 20)
#define WALK_PATH_MAX ((size_t)32 << 10)
#define WALK_KIND_MAX 20000
#define WALK_FINDINGS_BYTES ((size_t)16 << 20)

struct walk_finding {
	struct str path; /* with the first '/' */
	int64_t size, mtime;
	uint32_t mode, uid, gid;
	enum walk_kind kind;
};

struct walk_options {
	const struct root *root;
	const struct mount_table *mounts; /* of the running machine, may be empty */
	struct id_set uids, gids;
	unsigned threads;    /* 0: as many as there are processors */
	unsigned timeout_ms; /* 0: none */
	size_t queue_max;    /* 0: WALK_QUEUE_MAX */
};

struct walk_stats {
	uint64_t files, directories, unreadable, skipped_mounts;
	unsigned threads;
};

struct walk_result {
	struct walk_stats stats;
	struct walk_finding *findings; /* sorted by path, kind */
	size_t n;
	uint64_t dropped[WALK_KINDS]; /* findings beyond the limits */
	uint64_t too_deep;            /* directories whose path is longer than WALK_PATH_MAX */
	uint64_t not_reached;         /* at least so many when the time was over */
	struct str first_unreadable;
	int first_error;
};

/* Only memory can make it fail, or the root itself. */
[[nodiscard]] int walk_run(const struct walk_options *o, struct arena *a, struct walk_result *ret);

/*
 * The walk that file_findings and file_walk share: whichever runs first does it. Problems are
 * those of c's table. *ret_findings (may be NULL) holds the result where this call did the walk,
 * else it has no findings.
 */
[[nodiscard]] int walk_shared(struct collect *c, struct walk_stats *ret_stats,
			      struct walk_result *ret_findings, struct mount_table *ret_mounts);

#endif
