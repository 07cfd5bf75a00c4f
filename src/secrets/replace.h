/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replace: a file's bytes changed in a copy that then takes its name. */
#ifndef HF_SECRETS_REPLACE_H
#define HF_SECRETS_REPLACE_H

#include <sodium.h>

#include "base/root.h"

struct replace_span {
	uint64_t offset; /* in the file as it is */
	uint64_t len;
	struct str with;
};

/* An open file, and the folder that it is in. */
struct target {
	int dir, fd;
	char name[256];
	struct stat st;
};
#define TARGET_NONE ((struct target){ .dir = -1, .fd = -1 })
/* No link is followed; -EINVAL: no regular file, -EMLINK: several names. */
[[nodiscard]] int target_open(const struct root *root, const char *path, struct target *ret);
void target_release(struct target *t);

#define REPLACE_HASH crypto_hash_sha256_BYTES
struct replace {
	struct target *t;
	const struct replace_span *spans; /* sorted, disjoint */
	size_t n;
	uint32_t mode;
	char temporary[280];
	unsigned char before[REPLACE_HASH], after[REPLACE_HASH];
	uint64_t size; /* of what comes out */
	int out;
};
/* Writes the copy beside the file. */
[[nodiscard]] int replace_prepare(struct replace *r);
/* Gives it the name, unless the file has changed (-ESTALE). */
[[nodiscard]] int replace_commit(struct replace *r);
void replace_abandon(struct replace *r);
/* SHA-256 of the first n bytes; -ESTALE where there are fewer. */
[[nodiscard]] int target_digest(const struct target *t, uint64_t n,
				unsigned char ret[static REPLACE_HASH]);

#endif
