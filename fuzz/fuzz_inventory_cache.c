/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache of the inventory, damaged in ways that its checksum does not tell of. */
#include "facts/linux/inventory_cache.h"
#include "facts/linux/inventory_names.h"
#include "fuzz.h"

#define PROGRAM 7
#define NOW ((int64_t)1'800'000'000)

static int on_component(void *user, const struct component *x)
{
	size_t *n = user;

	*n += x->ecosystem.len + x->kind.len + x->name.len + x->version.len + x->inside.len +
	      x->evidence.len;
	return 0;
}

static void look(const struct inventory_cache *x, size_t size)
{
	size_t n = 0;

	for (uint32_t i = 0; i < x->head.n_dirs; i++) {
		struct str name = inventory_cache_dir_name(x, i);
		uint32_t at = inventory_cache_child(x, i, name);

		fuzz_assert(name.len <= INVENTORY_NAME_MAX);
		fuzz_assert(at == INVENTORY_CACHE_NONE || (at > i && at < x->head.n_dirs));
		fuzz_assert(x->dirs[i].first_file + x->dirs[i].n_files <= x->head.n_files);
		n += name.len;
	}
	for (uint32_t i = 0; i < x->head.n_files; i++) {
		struct str name = inventory_cache_file_name(x, i);
		int r = inventory_cache_each(inventory_cache_result(x, i), on_component, &n);

		fuzz_assert(name.len && name.len <= INVENTORY_NAME_MAX);
		fuzz_assert(r == 0 || r == -EBADMSG);
		fuzz_assert(x->files[i].kind <= INVENTORY_LAYER);
		n += name.len + inventory_cache_owner(x, i).len;
	}
	fuzz_assert(n <= size * (2 * (size_t)x->head.n_files + x->head.n_dirs + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inventory_cache x;
	struct inventory_cache_head head;
	uint64_t *aligned;
	char *bytes;
	int r;

	if (size < sizeof head)
		return 0;
	aligned = malloc(size + 8);
	fuzz_assert(aligned);
	bytes = (char *)aligned;
	memcpy(bytes, data, size);
	memcpy(&head, bytes, sizeof head);
	head.program = PROGRAM;
	head.made = NOW;
	memcpy(bytes, &head, sizeof head);
	head.check = inventory_cache_check((struct str){ bytes, size });
	memcpy(bytes, &head, sizeof head);
	fuzz_assert(inventory_cache_size((struct str){ bytes, size }) <= size);
	r = inventory_cache_open((struct str){ bytes, size }, PROGRAM, NOW, &x);
	fuzz_assert(r == 0 || r == -EBADMSG);
	if (r == 0)
		look(&x, size);
	free(aligned);
	return 0;
}
