/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * who: accounts that the internet can use, as `holdfast accounts` and `holdfast assess` note them in
 * the state's folder: lines of a name, a tab and what is to be said of it. Written in place, so that
 * who has it open sees the new text.
 */
#ifndef HF_GUARD_WHO_H
#define HF_GUARD_WHO_H

#include "base/str.h"

#define WHO_FILE "logins"
#define WHO_MAX ((size_t)1 << 20) /* bytes that are looked at */

struct who {
	int fd;     /* borrowed; -1: nothing is known */
	char *text; /* owned */
	size_t len;
	int64_t changed; /* of the file when it was read, nanoseconds */
};
void who_release(struct who *w);

/* To be read from, which becomes the caller's; created empty where there is none. -errno. */
[[nodiscard]] int who_open(int state, int *ret_fd);
/* What is to be said of the account, borrowed until the next call; false: nothing. */
bool who_find(struct who *w, struct str account, struct str *ret);

#endif
