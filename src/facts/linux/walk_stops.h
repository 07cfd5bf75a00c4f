/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk_stops: the directories that a walk does not enter. */
#ifndef HF_FACTS_LINUX_WALK_STOPS_H
#define HF_FACTS_LINUX_WALK_STOPS_H

#include "facts/linux/mount_table.h"

/* Their paths, and those of the directories that they are in; no first '/', sorted. */
struct walk_stops {
	struct str *paths, *parents;
	size_t n, cap, n_parents, cap_parents;
};

/*
 * Those that are always left out, and mounts of a kind that is. mounts: NULL for a foreign root,
 * in which no mount is entered anyway. -ENOMEM.
 */
[[nodiscard]] int walk_stops_find(struct walk_stops *s, struct arena *a,
				  const struct mount_table *mounts);
bool walk_stops_at(const struct walk_stops *s, struct str path);
/* Is one of them directly in dir? */
bool walk_stops_below(const struct walk_stops *s, struct str dir);

#endif
