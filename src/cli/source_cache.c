/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/map.h"
#include "cli/source_cache.h"
#include "detect/cache.h"
#include "facts/linux/inventory_cache.h"

#define NAME "inventory"

static bool applies(const struct source *s)
{
	if (s->root || s->proc || s->facts || s->quick || s->over || s->azure.n || geteuid() != 0)
		return false;
	for (size_t i = 0; i < n_collectors; i++)
		if ((!s->wanted || s->wanted[i]) &&
		    str_starts(str_of(collectors[i]->table->name), STR("component")))
			return true;
	return false;
}

/* Another build may read the same files in another way. 0: not known. */
static uint64_t program(void)
{
	static const uint64_t seed[2] = { 0x686f6c6466617374, 0x696e76656e746f72 };
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0)
		return 0;
	const uint64_t what[] = { st.st_dev,
				  st.st_ino,
				  (uint64_t)st.st_size,
				  (uint64_t)st.st_mtim.tv_sec,
				  (uint64_t)st.st_mtim.tv_nsec,
				  (uint64_t)st.st_ctim.tv_sec,
				  (uint64_t)st.st_ctim.tv_nsec };

	return siphash13(seed, what, sizeof what);
}

/* Whoever writes to it cannot make it take more memory than a cache may have. */
static int open_out(void)
{
	int fd = memfd_create("holdfast-inventory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, INVENTORY_CACHE_MAX) < 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0))
		close_fd(&fd);
	return fd;
}

const struct collect_inventory *source_cache_open(struct source_cache *c, const struct source *s)
{
	size_t n = 0;

	*c = SOURCE_CACHE_NONE;
	if (!applies(s))
		return NULL;
	c->inventory.program = program();
	c->folder = c->inventory.program ? cache_folder() : -1;
	c->inventory.out = c->folder >= 0 ? open_out() : -1;
	if (c->inventory.out < 0)
		return NULL;
	if (cache_read(c->folder, NAME, INVENTORY_CACHE_MAX, &c->bytes, &n) == 0)
		c->inventory.old = (struct str){ c->bytes, n };
	return &c->inventory;
}

void source_cache_store(const struct source_cache *c)
{
	own(close_fd) int fd = -1;
	size_t n;
	void *p;

	if (c->inventory.out < 0)
		return;
	p = mmap(NULL, INVENTORY_CACHE_MAX, PROT_READ, MAP_SHARED, c->inventory.out, 0);
	if (p == MAP_FAILED)
		return;
	n = inventory_cache_size((struct str){ p, INVENTORY_CACHE_MAX });
	if (n && cache_create(c->folder, NAME, &fd) == 0)
		(void)!cache_write(fd, p, n);
	munmap(p, INVENTORY_CACHE_MAX);
}

void source_cache_release(struct source_cache *c)
{
	close_fd(&c->folder);
	close_fd(&c->inventory.out);
	free(c->bytes);
	*c = SOURCE_CACHE_NONE;
}
