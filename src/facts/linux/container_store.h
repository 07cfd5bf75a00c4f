/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * container_store: images and containers as Docker (image/overlay2, layerdb) and containers/storage
 * (Podman, CRI-O) keep them on the disk, with the folders of their layers. No engine is asked.
 */
#ifndef HF_FACTS_LINUX_CONTAINER_STORE_H
#define HF_FACTS_LINUX_CONTAINER_STORE_H

#include "facts/fact.h"

#define STORE_LAYERS_MAX 256 /* of one image */
#define STORE_IMAGES_MAX 5000

struct store_layer {
	struct str name; /* of its folder, as components.layer */
	struct str path; /* "/var/lib/docker/overlay2/NAME/diff" */
};
struct store_image {
	const char *engine; /* "docker", "podman" */
	const char *kind;   /* "image", "container" */
	struct str id, name;
	struct store_layer *layers; /* the lowest first */
	size_t n;
};
struct store_images {
	struct store_image *list;
	size_t n, cap;
};

/* What cannot be read is a collect_problem(). -ENOMEM. */
[[nodiscard]] int container_store(struct collect *c, struct store_images *ret);

#endif
