/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step_place: what the parts of step.h share: a file of an entry, opened, and how far it is. */
#ifndef HF_ACTION_STEP_PLACE_H
#define HF_ACTION_STEP_PLACE_H

#include <sys/stat.h>

#include "action/step.h"

struct step_place {
	int dir, fd; /* fd: of the file, -1 where it is not there */
	char name[256], temporary[64];
	struct stat st;
};
#define STEP_PLACE_NONE ((struct step_place){ .dir = -1, .fd = -1 })
void step_place_release(struct step_place *p);
/* No link on the way is followed. A device is not opened: that alone could set something off. */
[[nodiscard]] int step_place_open(const struct root *root, const struct entry *e, size_t i,
				  struct step_place *ret);
/* The folder of a path, and its last part. */
[[nodiscard]] int step_folder(const struct root *root, const char *path, int *ret,
			      char name[static 256]);
[[nodiscard]] int step_open_beneath(int dir, const char *path, uint64_t flags);
[[nodiscard]] int step_look_at(const struct entry_change *e, const struct step_place *p,
			       enum step_at *ret);
/* *d says it; returns error. */
int step_say(struct diag *d, int error, const char *path);

struct step_attributes {
	uint32_t mode, uid, gid;
};
/* What the file is to have. */
struct step_attributes step_wanted(const struct change *c);

#endif
