/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk_judge: what is remarkable about one file, by its name, place, mode and owner. Pure. */
#ifndef HF_FACTS_LINUX_WALK_JUDGE_H
#define HF_FACTS_LINUX_WALK_JUDGE_H

#include "facts/fact.h"

enum walk_kind {
	WALK_SUID,
	WALK_SGID,
	WALK_WORLD_WRITABLE,
	WALK_WORLD_WRITABLE_DIR,
	WALK_UNOWNED,
	WALK_CAPABILITY,
	WALK_DEVICE,
	WALK_SUSPICIOUS_EXEC,
	WALK_KINDS,
};
const char *walk_kind_name(enum walk_kind k);

/* What the place of a directory says about what lies below. */
enum walk_zone {
	ZONE_NONE,
	ZONE_TEMPORARY, /* anyone may write there: nothing should be run from it */
	ZONE_SYSTEM,    /* only packages put files there */
	ZONE_DEVICES,
	ZONE_PRIVATE, /* state of services with dynamic users, systemd.exec(5) */
};
/* The zone of a directory (path without the first '/'), whose parent has `parent`. */
enum walk_zone walk_zone_of(struct str path, enum walk_zone parent);

/* Numbers that have a name: passwd or group, and the ranges of subuid and subgid. */
struct id_range {
	uint32_t first, last;
};
struct id_set {
	struct id_range *ranges; /* sorted and disjoint after id_set_seal() */
	size_t n, cap;
	bool known; /* false: nothing can be said about owners */
};
[[nodiscard]] int id_set_add(struct id_set *s, struct arena *a, uint64_t first, uint64_t count);
void id_set_seal(struct id_set *s);
bool id_set_has(const struct id_set *s, uint32_t id);
/* Adds the third field (passwd, group) of every line, or "name:first:count" (subuid, subgid). */
[[nodiscard]] int id_set_add_file(struct id_set *s, struct arena *a, struct str text, bool ranges);

struct walk_facts {
	struct str name;
	enum walk_zone zone; /* of the directory that it is in */
	uint32_t mode, uid, gid;
	bool null_device; /* 0:0, which overlay file systems use for deleted files */
};
/* A bit (1 << walk_kind) for everything that applies, but for capabilities. */
unsigned walk_judge(const struct walk_facts *f, const struct id_set *uids,
		    const struct id_set *gids);

/* A file system type, as in /proc/mounts, that the walk does not enter. */
bool walk_skips_type(struct str type);
/* The same by the magic number of statfs(2). */
bool walk_skips_magic(uint64_t magic);
/* Directories (no first '/') that hold file systems of containers or are none of the disk's. */
extern const char *const walk_skipped_paths[];
extern const size_t walk_n_skipped_paths;

#endif
