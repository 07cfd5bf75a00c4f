/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * integrity_items: what a configuration file says, as a sorted list of (key, value), so that two
 * versions can be compared by meaning: accounts, members of groups, keys, lines.
 */
#ifndef HF_SENSOR_INTEGRITY_ITEMS_H
#define HF_SENSOR_INTEGRITY_ITEMS_H

#include "sensor/integrity_base.h"

#define FIM_ITEMS_MAX ((size_t)20'000)
#define FIM_ITEM_TEXT 1000 /* bytes of a key or a value; what is longer is cut */
#define FIM_ITEMS_FILE_MAX ((size_t)4 << 20)

enum fim_kind {
	FIM_KIND_NONE,
	FIM_KIND_PASSWD,
	FIM_KIND_SHADOW,
	FIM_KIND_GROUP,
	FIM_KIND_KEYS,
	FIM_KIND_LINES,
};
enum fim_kind fim_kind_of(enum fim_class class, struct str path);

struct fim_item {
	struct str key, value;
};
/*
 * Bytes of the list for fim_record.items. salt and key of b make tags of passwords: equal tags are
 * equal hashes, and say nothing else. -E2BIG: more than fits, -ENOMEM.
 */
[[nodiscard]] int fim_items_read(enum fim_kind kind, struct str text, const struct fim_base *b,
				 struct arena *a, struct str *ret);
/* The next one; false at the end or where the bytes make no sense. */
bool fim_items_next(struct str *bytes, struct fim_item *ret);

/* One difference, as a sentence; texts live in the arena. */
struct fim_diff {
	enum fim_what what;
	const char *action;
	unsigned severity;
	struct str subject, text;
};
#define FIM_DIFFS_MAX ((size_t)200) /* of one file at one time; then one that tells how many more */
/* account: whose keys they are, "" where not known. */
[[nodiscard]] int fim_items_diff(enum fim_kind kind, struct str before, struct str after,
				 struct str path, struct str account, enum fim_class class,
				 struct arena *a, struct fim_diff **ret, size_t *ret_n);

#endif
