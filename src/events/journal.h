/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal: a file of systemd's journal as lines of text, one an entry: "time host program[pid]:
 * message" with an RFC 3339 time. The format is libsystemd's to read.
 */
#ifndef HF_EVENTS_JOURNAL_H
#define HF_EVENTS_JOURNAL_H

#include <sys/types.h>

#include "base/str.h"

struct journal;

/* By the first bytes. */
bool journal_is(struct str head);
/*
 * Descriptors stay the caller's and must stay open. Entries of several files come in the order of
 * time. -EBADMSG and others: not readable (one of them is enough); -ENOMEM.
 */
[[nodiscard]] int journal_open(int fd, struct journal **ret);
[[nodiscard]] int journal_open_files(const int *fds, size_t n, struct journal **ret);
void journal_release(struct journal **j);
/* Up to n bytes; 0: the end. -EBADMSG: damaged from here on. */
[[nodiscard]] ssize_t journal_read(struct journal *j, char *to, size_t n);

/*
 * For one that is being written: the next entry's line, with its newline, valid until the next call.
 * 1; 0: none at the moment; -errno. Not together with journal_read().
 */
[[nodiscard]] int journal_next(struct journal *j, struct str *ret);
/* So that journal_next() gives the first entry that is not older (microseconds), or newer than all. */
[[nodiscard]] int journal_seek(struct journal *j, uint64_t time);
[[nodiscard]] int journal_seek_end(struct journal *j);
/* So that it gives the entry behind that one, or behind where it would be. -EINVAL: no cursor. */
[[nodiscard]] int journal_seek_cursor(struct journal *j, const char *cursor);
/* Of the entry that was given last; -EFBIG. Fails before the first one. */
#define JOURNAL_CURSOR_MAX 512U
[[nodiscard]] int journal_cursor(struct journal *j, char ret[static JOURNAL_CURSOR_MAX]);

#endif
