/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: files that the user of this program names, as opposed to those of an assessed machine. */
#ifndef HF_BASE_FILE_H
#define HF_BASE_FILE_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * The whole of a regular file, NUL-terminated; links are followed. -EINVAL: not a regular file
 * (a FIFO is not waited for), -EFBIG: longer than max.
 */
[[nodiscard]] int file_read(const char *path, size_t max, struct arena *a, struct str *ret);
/* What a person needs to know of an error of it. */
const char *file_error(int error);
/* Up to n bytes, fewer only at the end of the file; -errno. */
[[nodiscard]] ssize_t file_read_full(int fd, void *to, size_t n);
/* The same from an offset, which the descriptor's own stays out of. */
[[nodiscard]] ssize_t file_pread_full(int fd, void *to, size_t n, uint64_t at);
/* What comes until the other end closes it; 0 or -errno. */
[[nodiscard]] int file_read_rest(int fd, struct buf *ret);
/* All of it, however often write(2) has to be called; 0 or -errno (-EIO: it takes nothing). */
[[nodiscard]] int file_write_all(int fd, struct str s);

#endif
