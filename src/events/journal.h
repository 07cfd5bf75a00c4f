/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal: a file of systemd's journal as lines of text, one an entry: "time host program[pid]: message" with an RFC 3339
 * time. The format is libsystemd's to read.
 */
#ifndef HF_EVENTS_JOURNAL_H
#define HF_EVENTS_JOURNAL_H

#include <sys/types.h>

#include "base/str.h"

struct journal;

/* By the first bytes. */
bool journal_is(struct str head);
/* fd stays the caller's and must stay open. -EBADMSG and others: not readable; -ENOMEM. */
[[nodiscard]] int journal_open(int fd, struct journal **ret);
void journal_release(struct journal **j);
/* Up to n bytes; 0: the end. -EBADMSG: damaged from here on. */
[[nodiscard]] ssize_t journal_read(struct journal *j, char *to, size_t n);

#endif
