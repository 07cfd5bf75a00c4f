/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images and containers as Docker and Podman keep them: the input is their files, one behind the other. */
#include "base/root_over.h"
#include "facts/linux/container_store.h"
#include "facts/sink.h"
#include "fuzz.h"

#define SEPARATOR '\1'
#define IMAGE "/var/lib/docker/image/overlay2"
#define STORAGE "/root/.local/share/containers/storage"

static const char *const files[] = {
	IMAGE "/repositories.json",
	IMAGE "/imagedb/content/sha256/i1",
	IMAGE "/imagedb/content/sha256/i2",
	IMAGE "/layerdb/sha256/c1/diff",
	IMAGE "/layerdb/sha256/c1/cache-id",
	IMAGE "/layerdb/sha256/c2/diff",
	IMAGE "/layerdb/sha256/c2/cache-id",
	IMAGE "/layerdb/sha256/c2/parent",
	"/var/lib/docker/containers/k1/config.v2.json",
	IMAGE "/layerdb/mounts/k1/mount-id",
	IMAGE "/layerdb/mounts/k1/parent",
	STORAGE "/overlay-layers/layers.json",
	STORAGE "/overlay-images/images.json",
	STORAGE "/overlay-containers/containers.json",
};

static void check(const struct store_images *all)
{
	fuzz_assert(all->n <= STORE_IMAGES_MAX);
	for (size_t i = 0; i < all->n; i++) {
		const struct store_image *image = &all->list[i];

		fuzz_assert(image->n <= STORE_LAYERS_MAX);
		for (size_t k = 0; k < image->n; k++) {
			struct str path = image->layers[k].path;

			fuzz_assert(image->layers[k].name.len);
			fuzz_assert(str_find(image->layers[k].name, '/') < 0);
			fuzz_assert(str_starts(path, STR("/var/lib/docker/overlay2/")) ||
				    str_starts(path, STR(STORAGE "/overlay/")));
			fuzz_assert(!str_contains(path, STR("/../")));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct stat st = { .st_mode = S_IFREG | 0644 };
	own(root_over_release) struct root_over over = {};
	own(arena_release) struct arena arena = {};
	own(root_release) struct root root = ROOT_NONE;
	own(sink_release) struct sink sink = { .fd = -1 };
	struct str text = { (const char *)data, len };
	struct collect c = { .root = &root, .arena = &arena, .sink = &sink };
	struct store_images all = {};
	int r;

	/* A folder in which there is none of that. */
	if (len > 1 << 16 || root_open("/usr/lib", true, &root) < 0)
		return 0;
	root.over = &over;
	for (size_t i = 0; text.ptr && i < COUNT(files); i++)
		if (root_over_put(&over, files[i], str_cut(&text, SEPARATOR), &st) < 0)
			return 0;
	r = container_store(&c, &all);
	fuzz_assert(r == 0 || r == -ENOMEM);
	if (r == 0)
		check(&all);
	return 0;
}
