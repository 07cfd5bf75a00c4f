/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * integrity_folders: names of folders by the handles that fanotify gives, bounded: when it is full,
 * all is forgotten.
 */
#ifndef HF_SENSOR_INTEGRITY_FOLDERS_H
#define HF_SENSOR_INTEGRITY_FOLDERS_H

#include <fcntl.h>
#include <sys/statfs.h>

#include "base/str.h"

#define FIM_HANDLE_MAX 128

struct fim_folder {
	uint64_t key; /* of its handle; 0: none */
	char *path;   /* owned; NULL: nothing below is of interest */
};
struct fim_folders {
	struct fim_folder *list; /* owned */
	size_t n;
	uint64_t seed[2];
};
[[nodiscard]] int fim_folders_new(struct fim_folders *f);
void fim_folders_release(struct fim_folders *f);
void fim_folders_forget(struct fim_folders *f);
bool fim_folders_half_full(const struct fim_folders *f);

uint64_t fim_folders_key(const struct fim_folders *f, const struct file_handle *h,
			 const fsid_t *id);
/* Where it is or would be; key == 0: it is not known. */
struct fim_folder *fim_folders_slot(const struct fim_folders *f, uint64_t key);
/* path.ptr == NULL: of no interest. ret may be NULL. -ENOMEM. */
[[nodiscard]] int fim_folders_add(struct fim_folders *f, uint64_t key, struct str path,
				  struct fim_folder **ret);

#endif
