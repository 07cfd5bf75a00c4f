/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image: what the kernel said of each image, to be told with the events that follow. */
#ifndef HF_SENSOR_IMAGE_H
#define HF_SENSOR_IMAGE_H

#include "base/str.h"

/* The kernel remembers half as many, and says again what it had forgotten. */
#define IMAGES_MAX 32768U
#define IMAGES_BYTES ((size_t)12 << 20)
#define IMAGE_PATH 1024U
#define IMAGE_COMMAND 1024U /* the rest of longer command lines stays with the exec alone */

struct image {
	struct image *chain;
	struct image *newer, *older;
	uint64_t number;
	uint32_t flags;
	uint16_t path_len, command_len;
	char text[]; /* path, command line */
};

struct images {
	struct image **table; /* owned; IMAGES_MAX heads of chains */
	struct image *newest, *oldest;
	size_t n, bytes;
	uint64_t forgotten;
};

/* Replaces what was known of the number; texts are cut to fit. -ENOMEM. */
[[nodiscard]] int images_put(struct images *s, uint64_t number, uint32_t flags, struct str path,
			     struct str command);
/* NULL: not known. It is the last one to be forgotten. */
const struct image *images_find(struct images *s, uint64_t number);
void images_release(struct images *s);

static inline struct str image_path(const struct image *i)
{
	return (struct str){ i->text, i->path_len };
}

static inline struct str image_command(const struct image *i)
{
	return (struct str){ i->text + i->path_len, i->command_len };
}

#endif
