/* SPDX-License-Identifier: GPL-3.0-or-later */
/* container_layers: The layers of images and containers on the disk, the lowest first. */
#include "facts/linux/container_store.h"

#define FACT_ROW container_layers_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, engine, "docker, or podman for what keeps containers/storage: Podman, CRI-O, Buildah") \
	X(TEXT, kind, "image or container") \
	X(TEXT, id, "id of the image or container") \
	X(TEXT, name, "nginx:latest, name of the container; '' for none") \
	X(INT, position, "0 is the lowest layer") \
	X(TEXT, layer, "name of its folder, as components.layer") \
	X(TEXT, path, "folder of its files")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "container_layers",
	.doc = "The layers of images and containers on the disk, the lowest first.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "layer",
};

static int collect(struct collect *c)
{
	struct store_images all = {};
	int r = container_store(c, &all);

	for (size_t i = 0; r >= 0 && i < all.n; i++) {
		const struct store_image *image = &all.list[i];

		for (size_t k = 0; r >= 0 && k < image->n; k++)
			r = collect_row(c, &(struct container_layers_row){
						   .engine = str_of(image->engine),
						   .kind = str_of(image->kind),
						   .id = image->id,
						   .name = image->name,
						   .position = (int64_t)k,
						   .layer = image->layers[k].name,
						   .path = image->layers[k].path,
					   });
	}
	return r;
}

const struct collector collector_container_layers = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PACKAGE,
};
