/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive: a file of Windows' registry ("regf", versions 1.3 to 1.6), read by offset: keys and values
 * of a path. Cells are trusted in nothing: each is checked against the file.
 */
#ifndef HF_FACTS_WINDOWS_HIVE_H
#define HF_FACTS_WINDOWS_HIVE_H

#include "base/arena.h"
#include "facts/inventory/stretch.h"

#define HIVE_VALUE_MAX 65536u

struct hive {
	struct stretch src;
	uint32_t root; /* offset of its cell */
	bool dirty;    /* not closed in order: the latest changes are in its logs alone */
};

/* -ENOEXEC: no hive; -EBADMSG: cut off or damaged. */
[[nodiscard]] int hive_open(const struct stretch *s, struct hive *ret);
/* The key of a path with '\' between, in any case, from `from` (a key; hive.root). -ENOENT, -EBADMSG. */
[[nodiscard]] int hive_key(const struct hive *h, uint32_t from, const char *path, uint32_t *ret);
/* A text (REG_SZ, REG_EXPAND_SZ) as UTF-8 in the arena. -ENOENT (another type, too), -EBADMSG, -ENOMEM. */
[[nodiscard]] int hive_text(const struct hive *h, uint32_t key, const char *name, struct arena *a,
			    struct str *ret);
/* REG_DWORD. -ENOENT, -EBADMSG. */
[[nodiscard]] int hive_number(const struct hive *h, uint32_t key, const char *name, uint32_t *ret);

#endif
