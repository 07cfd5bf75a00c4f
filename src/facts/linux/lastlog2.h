/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lastlog2: the database of pam_lastlog2(8), which follows lastlog on Debian 13 and openSUSE. */
#ifndef HF_FACTS_LINUX_LASTLOG2_H
#define HF_FACTS_LINUX_LASTLOG2_H

#include "base/arena.h"

struct lastlog2_entry {
	struct str name, terminal, host;
	int64_t time;
};
struct lastlog2 {
	struct lastlog2_entry *entries;
	size_t n, cap;
};
/*
 * Reads the text of lastlog2.db (it is changed). -EBADMSG where it is no such database, -E2BIG
 * where it asks for too much work, -ENOMEM.
 */
[[nodiscard]] int lastlog2_parse(struct str text, struct arena *a, struct lastlog2 *ret);

#endif
