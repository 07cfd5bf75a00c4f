/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base: what every other file of Holdfast may rely on.
 *
 * Conventions of the whole tree: functions that can fail are [[nodiscard]] int and return 0 or
 * -errno; outputs are named ret_* (or *ret) and are untouched on failure; libraries never print.
 */
#ifndef HF_BASE_BASE_H
#define HF_BASE_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/*
 * Scope-bound ownership: `own(f)` marks a local that f(&local) releases when it goes out of scope;
 * take() moves the value out and leaves zero behind.
 */
#define own(release) __attribute__((cleanup(release)))
#define take(p)                          \
	__extension__({                  \
		typeof(p) *take_ = &(p); \
		typeof(p) val_ = *take_; \
		*take_ = (typeof(p)){};  \
		val_;                    \
	})

static inline void free_ptr(void *p) { free(*(void **)p); }

/* Closes *fd where it is open (>= 0) and leaves -1 behind; keeps errno. */
static inline void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* Moves a descriptor out of an own(close_fd) local. */
static inline int take_fd(int *fd)
{
	int moved = *fd;

	*fd = -1;
	return moved;
}

/*
 * Only test programs define it: where it returns true, the next allocation of an arena, a buffer
 * or a map fails.
 */
__attribute__((weak)) bool alloc_fault(void);

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
