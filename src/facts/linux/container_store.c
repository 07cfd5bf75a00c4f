/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/container_store.h"
#include "base/json.h"
#include "base/map.h"

#define JSON_MAX ((size_t)16 << 20)
#define LAYERS_KNOWN_MAX 20000

/* 1: *ret is the document, whose text is in the arena; 0: none, or a problem was told. */
static int read_json(struct collect *c, const char *path, struct jdoc *ret)
{
	struct joptions o = { .max_depth = 64, .max_nodes = (size_t)1 << 20 };
	struct diag d = {};
	struct str text;
	char reason[400];
	int r = root_read(c->root, path, JSON_MAX, c->arena, &text, NULL);

	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR && r != -ENOMEM)
			collect_problem(c, r, path, "%s", collect_error(r));
		return r == -ENOMEM ? r : 0;
	}
	r = jdoc_parse(text, &o, ret, &d);
	if (r >= 0)
		return 1;
	if (r != -ENOMEM)
		collect_problem(c, r, path, "%s", diag_text(&d, reason, sizeof reason));
	return r == -ENOMEM ? r : 0;
}

static int text_of(const struct jdoc *j, uint32_t object, const char *name, struct arena *a,
		   struct str *ret)
{
	uint32_t v = jdoc_is(j, object, J_OBJECT) ? jdoc_get(j, object, str_of(name)) : 0;

	*ret = STR("");
	if (!v || !jdoc_is(j, v, J_STRING))
		return 0;
	return jdoc_text(j, v, a, ret);
}

static struct str without_algorithm(struct str digest)
{
	return str_starts(digest, STR("sha256:")) ? str_sub(digest, 7, digest.len) : digest;
}

/* The names of folders come from files: none leads anywhere else. */
static bool is_name(struct str s)
{
	return s.len && s.len <= 128 && str_find(s, '/') < 0 && !str_eq(s, STR(".")) &&
	       !str_eq(s, STR(".."));
}

static int push(struct collect *c, struct store_images *all, const struct store_image *image)
{
	if (all->n >= STORE_IMAGES_MAX) {
		if (all->n == STORE_IMAGES_MAX)
			collect_problem(c, E2BIG, NULL, "only %d images were looked at",
					STORE_IMAGES_MAX);
		return 0;
	}
	return arena_push(c->arena, all->list, all->n, all->cap, *image);
}

/* --- Docker --- */

struct docker_chain {
	struct str id, cache, parent;
};

struct docker {
	struct collect *c;
	const char *data;  /* "/var/lib/docker" */
	struct map chains; /* "PARENT DIFF" -> index */
	struct map ids;    /* chain id -> index */
	struct map names;  /* image id -> index in texts */
	struct docker_chain *list;
	size_t n, cap;
	struct str *texts;
	size_t n_texts, cap_texts;
};

static const struct docker_chain *docker_chain(const struct docker *d, const struct map *by,
					       struct str key)
{
	const uint64_t *at = map_get(by, key);

	return at && *at < d->n && d->list ? &d->list[*at] : NULL;
}

static void docker_release(struct docker *d)
{
	map_release(&d->chains);
	map_release(&d->ids);
	map_release(&d->names);
}

static int read_small(struct docker *d, const char *folder, const char *name, struct str *ret)
{
	struct str path = arena_fmt(d->c->arena, "%s/%s", folder, name);
	int r = path.ptr ? root_read(d->c->root, path.ptr, 4096, d->c->arena, ret, NULL) : -ENOMEM;

	if (r < 0)
		*ret = STR("");
	*ret = str_trim(*ret);
	return r == -ENOMEM ? r : 0;
}

/* layerdb/sha256/CHAIN/{cache-id,diff,parent} */
static int read_chain(struct docker *d, const char *folder, const char *chain)
{
	struct str path = arena_fmt(d->c->arena, "%s/%s", folder, chain), diff, key;
	struct docker_chain row = { .id = str_of(chain) };
	int r = path.ptr ? read_small(d, path.ptr, "cache-id", &row.cache) : -ENOMEM;

	if (r >= 0)
		r = read_small(d, path.ptr, "diff", &diff);
	if (r >= 0)
		r = read_small(d, path.ptr, "parent", &row.parent);
	if (r < 0 || !is_name(row.cache) || !diff.len)
		return r;
	row.parent = without_algorithm(row.parent);
	key = arena_cat(d->c->arena, row.parent, STR(" "), without_algorithm(diff));
	r = key.ptr ? map_put(&d->chains, key, d->n) : -ENOMEM;
	if (r >= 0)
		r = map_put(&d->ids, row.id, d->n);
	return r < 0 ? r : arena_push(d->c->arena, d->list, d->n, d->cap, row);
}

static int read_chains(struct docker *d)
{
	struct str folder = arena_fmt(d->c->arena, "%s/image/overlay2/layerdb/sha256", d->data);
	struct dir_list list;
	int r = folder.ptr ? collect_list(d->c, folder.ptr, &list) : -ENOMEM;

	for (size_t i = 0; r == 1 && i < MIN(list.n, (size_t)LAYERS_KNOWN_MAX); i++) {
		int e = read_chain(d, folder.ptr, list.entries[i].name);

		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

/* "nginx:latest":"sha256:…" */
static int read_name(struct docker *d, const struct jdoc *j, uint32_t tag)
{
	struct str id = {}, name;
	int r = jdoc_text(j, tag, d->c->arena, &name);

	if (r >= 0 && jdoc_is(j, tag + 1, J_STRING))
		r = jdoc_text(j, tag + 1, d->c->arena, &id);
	if (r < 0)
		return r;
	id = without_algorithm(id);
	/* A digest names it less well than a tag. */
	if (!id.len || (map_get(&d->names, id) && str_contains(name, STR("@"))))
		return 0;
	r = map_put(&d->names, id, d->n_texts);
	return r < 0 ? r : arena_push(d->c->arena, d->texts, d->n_texts, d->cap_texts, name);
}

/* {"Repositories":{"nginx":{"nginx:latest":"sha256:…"}}} */
static int read_names(struct docker *d)
{
	struct str path = arena_fmt(d->c->arena, "%s/image/overlay2/repositories.json", d->data);
	own(jdoc_release) struct jdoc j = {};
	int r = path.ptr ? read_json(d->c, path.ptr, &j) : -ENOMEM;
	uint32_t all;

	if (r != 1)
		return r;
	all = jdoc_is(&j, 0, J_OBJECT) ? jdoc_get(&j, 0, STR("Repositories")) : 0;
	if (!all)
		return 0;
	jdoc_each_key(&j, all, repository) {
		jdoc_each_key(&j, repository + 1, tag) {
			r = read_name(d, &j, tag);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static struct store_layer docker_layer(const struct docker *d, struct str cache)
{
	return (struct store_layer){
		.name = cache,
		.path = arena_fmt(d->c->arena, "%s/overlay2/%.*s/diff", d->data, STR_FMT(cache)),
	};
}

static int docker_image(struct docker *d, const char *folder, const char *id,
			struct store_images *all)
{
	struct store_image image = { .engine = "docker", .kind = "image", .id = str_of(id) };
	struct str path = arena_fmt(d->c->arena, "%s/%s", folder, id), parent = STR("");
	own(jdoc_release) struct jdoc j = {};
	const uint64_t *at;
	uint32_t rootfs, list;
	int r = path.ptr ? read_json(d->c, path.ptr, &j) : -ENOMEM;

	if (r != 1)
		return r;
	rootfs = jdoc_is(&j, 0, J_OBJECT) ? jdoc_get(&j, 0, STR("rootfs")) : 0;
	list = rootfs ? jdoc_get(&j, rootfs, STR("diff_ids")) : 0;
	image.layers = arena_array(d->c->arena, STORE_LAYERS_MAX, sizeof *image.layers);
	if (!image.layers)
		return -ENOMEM;
	if (!list)
		return 0;
	jdoc_each(&j, list, v) {
		struct str key = arena_cat(d->c->arena, parent, STR(" "),
					   without_algorithm(jdoc_raw(&j, v)));
		const struct docker_chain *chain =
			key.ptr ? docker_chain(d, &d->chains, key) : NULL;

		if (!chain || image.n == STORE_LAYERS_MAX)
			break;
		parent = chain->id;
		image.layers[image.n] = docker_layer(d, chain->cache);
		if (!image.layers[image.n++].path.ptr)
			return -ENOMEM;
	}
	at = map_get(&d->names, image.id);
	image.name = at && d->texts ? d->texts[*at] : STR("");
	return push(d->c, all, &image);
}

static int docker_images(struct docker *d, struct store_images *all)
{
	struct str folder =
		arena_fmt(d->c->arena, "%s/image/overlay2/imagedb/content/sha256", d->data);
	struct dir_list list;
	int r = folder.ptr ? collect_list(d->c, folder.ptr, &list) : -ENOMEM;

	for (size_t i = 0; r == 1 && i < list.n; i++) {
		int e = docker_image(d, folder.ptr, list.entries[i].name, all);

		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

/* containers/ID/config.v2.json; layerdb/mounts/ID/{mount-id,parent}. */
static int docker_container(struct docker *d, const char *id, struct store_images *all)
{
	struct store_image image = { .engine = "docker", .kind = "container", .id = str_of(id) };
	struct str path = arena_fmt(d->c->arena, "%s/containers/%s/config.v2.json", d->data, id);
	struct str mount =
		arena_fmt(d->c->arena, "%s/image/overlay2/layerdb/mounts/%s", d->data, id);
	own(jdoc_release) struct jdoc j = {};
	struct str cache, parent;
	int r = path.ptr && mount.ptr ? read_json(d->c, path.ptr, &j) : -ENOMEM;

	if (r != 1)
		return r;
	r = text_of(&j, 0, "Name", d->c->arena, &image.name);
	if (r >= 0)
		r = read_small(d, mount.ptr, "mount-id", &cache);
	if (r >= 0)
		r = read_small(d, mount.ptr, "parent", &parent);
	image.layers = arena_array(d->c->arena, STORE_LAYERS_MAX, sizeof *image.layers);
	if (r < 0 || !image.layers)
		return r < 0 ? r : -ENOMEM;
	/* From the top down, then turned about. */
	if (is_name(cache))
		image.layers[image.n++] = docker_layer(d, cache);
	parent = without_algorithm(parent);
	while (image.n < STORE_LAYERS_MAX) {
		const struct docker_chain *chain = docker_chain(d, &d->ids, parent);

		if (!chain)
			break;
		image.layers[image.n++] = docker_layer(d, chain->cache);
		parent = chain->parent;
	}
	for (size_t i = 0; i < image.n / 2; i++) {
		struct store_layer swap = image.layers[i];

		image.layers[i] = image.layers[image.n - 1 - i];
		image.layers[image.n - 1 - i] = swap;
	}
	for (size_t i = 0; i < image.n; i++)
		if (!image.layers[i].path.ptr)
			return -ENOMEM;
	if (str_starts(image.name, STR("/")))
		image.name = str_sub(image.name, 1, image.name.len);
	return push(d->c, all, &image);
}

static int read_docker(struct collect *c, const char *data, struct store_images *all)
{
	own(docker_release) struct docker d = { .c = c, .data = data };
	struct str folder = arena_fmt(c->arena, "%s/containers", data);
	struct dir_list list;
	int r = folder.ptr ? read_chains(&d) : -ENOMEM;

	if (r >= 0)
		r = read_names(&d);
	if (r >= 0)
		r = docker_images(&d, all);
	if (r >= 0)
		r = collect_list(c, folder.ptr, &list);
	for (size_t i = 0; r == 1 && i < list.n; i++) {
		int e = docker_container(&d, list.entries[i].name, all);

		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}

/* --- containers/storage --- */

struct storage_layer {
	struct str id, parent;
};

struct storage {
	struct collect *c;
	const char *data;
	struct map ids; /* layer -> index */
	struct storage_layer *list;
	size_t n, cap;
};

static const struct storage_layer *storage_layer(const struct storage *s, struct str id)
{
	const uint64_t *at = map_get(&s->ids, id);

	return at && *at < s->n && s->list ? &s->list[*at] : NULL;
}

static void storage_release(struct storage *s) { map_release(&s->ids); }

static int storage_json(struct storage *s, const char *name, struct jdoc *ret)
{
	struct str path = arena_fmt(s->c->arena, "%s/%s", s->data, name);

	return path.ptr ? read_json(s->c, path.ptr, ret) : -ENOMEM;
}

static int storage_layers(struct storage *s)
{
	own(jdoc_release) struct jdoc j = {};
	int r = storage_json(s, "overlay-layers/layers.json", &j);

	if (r != 1)
		return r;
	jdoc_each(&j, 0, v) {
		struct storage_layer row = {};

		r = text_of(&j, v, "id", s->c->arena, &row.id);
		if (r >= 0)
			r = text_of(&j, v, "parent", s->c->arena, &row.parent);
		if (r >= 0 && is_name(row.id) && s->n < LAYERS_KNOWN_MAX) {
			r = map_put(&s->ids, row.id, s->n);
			if (r >= 0)
				r = arena_push(s->c->arena, s->list, s->n, s->cap, row);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int storage_chain(struct storage *s, struct str top, struct store_image *image)
{
	size_t n = 0;

	/* From the top: counted first, so that the lowest comes first. */
	for (struct str at = top; n < STORE_LAYERS_MAX; n++) {
		const struct storage_layer *layer = storage_layer(s, at);

		if (!layer)
			break;
		at = layer->parent;
	}
	/* A list of a million images without layers must cost no more than itself. */
	image->layers = arena_array(s->c->arena, n, sizeof *image->layers);
	if (!image->layers)
		return -ENOMEM;
	image->n = n;
	for (struct str at = top; n; n--) {
		const struct storage_layer *layer = storage_layer(s, at);

		if (!layer)
			break;
		image->layers[n - 1] = (struct store_layer){
			.name = layer->id,
			.path = arena_fmt(s->c->arena, "%s/overlay/%.*s/diff", s->data,
					  STR_FMT(layer->id)),
		};
		if (!image->layers[n - 1].path.ptr)
			return -ENOMEM;
		at = layer->parent;
	}
	return 0;
}

static int storage_images(struct storage *s, const char *file, const char *kind,
			  struct store_images *all)
{
	own(jdoc_release) struct jdoc j = {};
	int r = storage_json(s, file, &j);

	if (r != 1)
		return r;
	jdoc_each(&j, 0, v) {
		struct store_image image = { .engine = "podman", .kind = kind };
		struct str top = {};
		uint32_t names = jdoc_is(&j, v, J_OBJECT) ? jdoc_get(&j, v, STR("names")) : 0;

		/* Says that there are more. */
		if (all->n >= STORE_IMAGES_MAX)
			return push(s->c, all, &image);
		r = text_of(&j, v, "id", s->c->arena, &image.id);
		if (r >= 0)
			r = text_of(&j, v, "layer", s->c->arena, &top);
		if (r >= 0 && names && jdoc_is(&j, names, J_ARRAY) && jdoc_count(&j, names) &&
		    jdoc_is(&j, names + 1, J_STRING))
			r = jdoc_text(&j, names + 1, s->c->arena, &image.name);
		if (r >= 0)
			r = storage_chain(s, top, &image);
		if (r >= 0)
			r = push(s->c, all, &image);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_storage(struct collect *c, const char *data, struct store_images *all)
{
	own(storage_release) struct storage s = { .c = c, .data = data };
	int r = storage_layers(&s);

	if (r >= 0)
		r = storage_images(&s, "overlay-images/images.json", "image", all);
	if (r >= 0)
		r = storage_images(&s, "overlay-containers/containers.json", "container", all);
	return MIN(r, 0);
}

int container_store(struct collect *c, struct store_images *ret)
{
	static const char *const storages[] = { "/var/lib/containers/storage",
						"/home/*/.local/share/containers/storage",
						"/root/.local/share/containers/storage" };
	int r = read_docker(c, "/var/lib/docker", ret);

	for (size_t i = 0; r >= 0 && i < COUNT(storages); i++) {
		struct str *paths;
		size_t n = 0;

		r = collect_glob(c, storages[i], &paths, &n);
		for (size_t k = 0; r >= 0 && k < n; k++)
			r = read_storage(c, paths[k].ptr, ret);
	}
	return MIN(r, 0);
}
