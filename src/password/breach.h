/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * breach: a list of leaked passwords that the owner of the machine supplies, in the forms in which
 * Have I Been Pwned gives it away. Nothing is asked of the network.
 *
 * A file: "HASH:COUNT" lines, hexadecimal, SHA-1 (40 digits) or NT (32), in the order of the hashes.
 * A folder: files named by the first five digits ("0A1B2", "0A1B2.txt") with the remaining 35 or 27
 * digits and the count, as the range API answers them (the k-anonymous form).
 */
#ifndef HF_PASSWORD_BREACH_H
#define HF_PASSWORD_BREACH_H

#include "base/diag.h"

enum breach_hash { BREACH_SHA1, BREACH_NT };

struct breach {
	int fd; /* of the file or folder */
	bool folder;
	enum breach_hash hash;
	uint64_t size; /* of the file */
};
#define BREACH_NONE ((struct breach){ .fd = -1 })

/* -EINVAL with *d where it is neither. */
[[nodiscard]] int breach_open(const char *path, struct breach *ret, struct diag *d);
void breach_release(struct breach *b);

/*
 * How often the password, or what has this NT hash, was seen; 0: never. -EBADMSG: a line that is
 * none of the format; -ENOTSUP: an NT hash and a list of SHA-1; other errors are those of pread(2).
 * Threads may ask at the same time.
 */
[[nodiscard]] int breach_password(const struct breach *b, struct str password, uint64_t *ret);
[[nodiscard]] int breach_nt(const struct breach *b, const uint8_t hash[static 16], uint64_t *ret);

/* For tests: a sorted list in memory. */
[[nodiscard]] int breach_find(struct str list, struct str digits, uint64_t *ret);

#endif
