/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory_cache: what the walk for components found the last time. A folder or file whose
 * identity (device, inode, size, mode, times of change) is the same is not read again.
 *
 * One block of memory: head, folders, files, texts, in the byte order of the machine, behind a
 * checksum. It is used by the program file that wrote it alone, and not longer than a week, so that
 * nothing stays wrong. Whatever else is wrong with it: it is left out and written anew. What changed
 * less than two seconds before it was looked at is not believed to be known, and file systems that
 * do not keep times of change well are always read.
 */
#ifndef HF_FACTS_LINUX_INVENTORY_CACHE_H
#define HF_FACTS_LINUX_INVENTORY_CACHE_H

#include <sys/stat.h>

#include "base/buf.h"
#include "facts/inventory/component.h"

#define INVENTORY_CACHE_MAX ((size_t)32 << 20)
#define INVENTORY_CACHE_DAYS 7
#define INVENTORY_CACHE_NONE UINT32_MAX
#define INVENTORY_NAME_MAX 1024u /* of a folder or file */

struct inventory_cache_head {
	uint64_t check; /* SipHash of all that follows */
	char magic[8];
	uint64_t program, owners; /* identity of the program file, and of the package databases */
	uint64_t seed[2];
	int64_t made; /* UNIX time of the first walk that is in it */
	uint32_t n_dirs, n_files, n_texts, unused;
};
/* Folders of one folder stand together, sorted by name, behind it. */
struct inventory_cache_dir {
	uint64_t identity; /* 0: read it again */
	uint32_t name, first_dir, n_dirs, first_file, n_files;
	uint16_t name_len, unused;
};
#define INVENTORY_OWNER_KNOWN 1u  /* owner holds, while the package databases are the same */
#define INVENTORY_DISTRIBUTION 2u /* a package of the distribution brought it */
#define INVENTORY_RESULT 4u       /* result holds, while the identity is the same */
#define INVENTORY_FOLDER 8u       /* one of the folders: here for its owner alone */
struct inventory_cache_file {
	uint64_t identity;
	uint32_t name, owner, result; /* in texts: length and name of a package; components */
	uint16_t name_len;
	uint8_t kind, flags;
};

struct inventory_cache {
	struct inventory_cache_head head;
	const struct inventory_cache_dir *dirs; /* the first one is the root */
	const struct inventory_cache_file *files;
	struct str texts;
};

/*
 * bytes: aligned for 64-bit numbers, and kept while the cache is used. -EBADMSG: damaged; -ESTALE:
 * of another program, or too old.
 */
[[nodiscard]] int inventory_cache_open(struct str bytes, uint64_t program, int64_t now,
				       struct inventory_cache *ret);
/* What the head of these bytes, which are longer than it, has as `check`. */
uint64_t inventory_cache_check(struct str bytes);
/* How long one is by its head; 0: none is there. */
size_t inventory_cache_size(struct str bytes);
/* INVENTORY_CACHE_NONE */
uint32_t inventory_cache_child(const struct inventory_cache *x, uint32_t dir, struct str name);
/* A file of a folder, by name; INVENTORY_CACHE_NONE. */
uint32_t inventory_cache_find(const struct inventory_cache *x, uint32_t dir, struct str name);
struct str inventory_cache_dir_name(const struct inventory_cache *x, uint32_t dir);
struct str inventory_cache_file_name(const struct inventory_cache *x, uint32_t file);
struct str inventory_cache_owner(const struct inventory_cache *x, uint32_t file);
/* The components as inventory_cache_add() has packed them; '' where there is no result. */
struct str inventory_cache_result(const struct inventory_cache *x, uint32_t file);

/* 0: it changed too lately to be known again. now: UNIX time before it was looked at. */
uint64_t inventory_identity(const uint64_t seed[static 2], const struct statx *st, int64_t now);
#define INVENTORY_STATX (STATX_BASIC_STATS)

/* Packs a component; unpacks all: 0, -EBADMSG or the error of fn. */
[[nodiscard]] int inventory_cache_add(struct buf *b, const struct component *x);
[[nodiscard]] int inventory_cache_each(struct str result, component_fn *fn, void *user);

struct inventory_new_dir {
	uint64_t identity;
	struct str name;
	uint32_t parent; /* of the list; the root is the first and its own */
};
struct inventory_new_file {
	uint64_t identity;
	struct str name, owner, result;
	uint32_t dir;
	uint8_t kind, flags;
};
struct inventory_new {
	uint64_t program, owners, seed[2];
	int64_t made;
	const struct inventory_new_dir *dirs;
	size_t n_dirs;
	struct inventory_new_file *files; /* is sorted */
	size_t n_files;
};
/* -E2BIG: more than INVENTORY_CACHE_MAX. */
[[nodiscard]] int inventory_cache_write(const struct inventory_new *x, struct buf *out);

#endif
