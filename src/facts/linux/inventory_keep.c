/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/random.h>

#include "base/file.h"
#include "base/map.h"
#include "facts/linux/inventory_keep.h"

#define PACKED_MAX ((size_t)4 << 20)
/* A cache of which less than one folder in 20 was read anew is left as it is. */
#define WORTH_DIRS 20
#define WORTH_FILES 32

/* Whatever changes the list of packages or of their files changes one of these. */
static uint64_t owners_now(const struct collect *c, const uint64_t seed[static 2])
{
	static const char *const files[] = {
		"var/lib/dpkg/status",
		"var/lib/dpkg/info",
		"var/lib/rpm",
		"var/lib/rpm/rpmdb.sqlite",
		"var/lib/rpm/rpmdb.sqlite-wal",
		"var/lib/rpm/Packages",
		"var/lib/rpm/Packages.db",
		"usr/lib/sysimage/rpm",
		"usr/lib/sysimage/rpm/rpmdb.sqlite",
		"usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
		"usr/lib/sysimage/rpm/Packages",
		"usr/lib/sysimage/rpm/Packages.db",
		"lib/apk/db/installed",
		"usr/lib/apk/db/installed",
	};
	uint64_t all[COUNT(files)] = {};

	for (size_t i = 0; i < COUNT(files); i++) {
		struct statx st;

		if (statx(c->root->fd, files[i], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
			  INVENTORY_STATX, &st) < 0)
			continue;
		all[i] = inventory_identity(seed, &st, c->now);
		if (!all[i])
			return 0;
	}
	return siphash13(seed, all, sizeof all);
}

void inventory_keep_begin(struct inventory_keep *k, struct collect *c,
			  struct inventory_walk_options *o)
{
	*k = (struct inventory_keep){ .c = c,
				      .made = c->now,
				      .packed = { .limit = PACKED_MAX },
				      .results = { .limit = INVENTORY_CACHE_MAX } };
	if (!c->inventory || !c->root->live)
		return;
	k->has = inventory_cache_open(c->inventory->old, c->inventory->program, c->now,
				      &k->cache) == 0;
	if (k->has) {
		memcpy(k->seed, k->cache.head.seed, sizeof k->seed);
		k->made = k->cache.head.made;
	} else if (getrandom(k->seed, sizeof k->seed, GRND_NONBLOCK) != sizeof k->seed) {
		return;
	}
	k->on = true;
	k->owners = owners_now(c, k->seed);
	o->record = true;
	o->seed = k->seed;
	o->now = c->now;
	o->cache = k->has ? &k->cache : NULL;
	o->owners = k->has && k->owners && k->owners == k->cache.head.owners;
}

static void recall_owner(const struct inventory_keep *k, uint32_t old, struct inventory_kept *ret)
{
	if (old == INVENTORY_CACHE_NONE || !(k->cache.files[old].flags & INVENTORY_OWNER_KNOWN))
		return;
	ret->known = true;
	ret->owner = inventory_cache_owner(&k->cache, old);
	ret->distribution = k->cache.files[old].flags & INVENTORY_DISTRIBUTION;
}

int inventory_keep_walked(struct inventory_keep *k, const struct inventory_walk_result *w)
{
	if (!k->on)
		return 0;
	k->found = arena_array(k->c->arena, w->n + 1, sizeof *k->found);
	k->dormant = arena_array(k->c->arena, w->n_dormant + 1, sizeof *k->dormant);
	if (!k->found || !k->dormant)
		return -ENOMEM;
	if (!k->has || !k->owners || k->owners != k->cache.head.owners)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		recall_owner(k, w->list[i].old, &k->found[i]);
	for (size_t i = 0; i < w->n_dormant; i++)
		recall_owner(k, w->dormant[i].old, &k->dormant[i]);
	return 0;
}

bool inventory_keep_owner(const struct inventory_keep *k, size_t i, struct str *ret_package,
			  bool *ret_distribution)
{
	if (!k->on || !k->found[i].known)
		return false;
	*ret_package = k->found[i].owner;
	*ret_distribution = k->found[i].distribution;
	return true;
}

/* Where no package brings files, nothing is gained by asking. */
static bool is_packaged(struct str path)
{
	static const char *const tops[] = { "/usr/",  "/etc/", "/opt/", "/var/lib/",
					    "/boot/", "/lib/", "/bin/", "/sbin/" };

	for (size_t i = 0; i < COUNT(tops); i++)
		if (str_starts(path, str_of(tops[i])))
			return !str_starts(path, STR("/usr/local/"));
	return false;
}

int inventory_keep_path(const struct inventory_keep *k, const struct inventory_walk_result *w,
			size_t dormant, struct str *ret)
{
	char path[INVENTORY_PATH_MAX + INVENTORY_NAME_MAX + 2];
	size_t at = sizeof path;
	struct str name = w->dormant[dormant].name;
	uint32_t dir = w->dormant[dormant].dir;

	*ret = STR("");
	if (k->dormant[dormant].known)
		return 0;
	for (;;) {
		if (name.len + 1 > at)
			return 0;
		at -= name.len;
		memcpy(path + at, name.ptr, name.len);
		path[--at] = '/';
		if (!dir)
			break;
		name = w->dirs[dir].dir.name;
		dir = w->dirs[dir].dir.parent;
	}
	if (!is_packaged((struct str){ path + at, sizeof path - at }))
		return 0;
	*ret = arena_str(k->c->arena, (struct str){ path + at, sizeof path - at });
	return ret->ptr ? 0 : -ENOMEM;
}

/* Sites are more than the file that names them. */
static bool can_keep(enum inventory_kind kind)
{
	return kind != INVENTORY_MARKER && kind != INVENTORY_NAMED && kind != INVENTORY_LAYER;
}

bool inventory_keep_find(struct inventory_keep *k, const struct inventory_walk_result *w, size_t i,
			 const char *path, struct str *ret)
{
	const struct inventory_found *f = &w->list[i];
	const struct inventory_cache_file *old;
	struct statx st;

	buf_reset(&k->packed);
	if (!k->on || !can_keep(f->kind) ||
	    statx(k->c->root->fd, path + 1,
		  AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, INVENTORY_STATX,
		  &st) < 0 ||
	    !S_ISREG(st.stx_mode))
		return false;
	k->found[i].identity = inventory_identity(k->seed, &st, k->c->now);
	if (f->old == INVENTORY_CACHE_NONE || !k->found[i].identity)
		return false;
	old = &k->cache.files[f->old];
	if (!(old->flags & INVENTORY_RESULT) || old->identity != k->found[i].identity)
		return false;
	k->found[i].whole = true;
	*ret = k->found[i].old = inventory_cache_result(&k->cache, f->old);
	return true;
}

void inventory_keep_result(struct inventory_keep *k, const struct inventory_walk_result *w,
			   size_t i, bool whole)
{
	struct inventory_kept *x;

	if (!k->on || !can_keep(w->list[i].kind) || !k->found[i].identity || !whole ||
	    k->packed.error)
		return;
	x = &k->found[i];
	x->at = k->results.len;
	x->len = k->packed.len;
	x->whole = buf_str(&k->results, buf_view(&k->packed)) >= 0;
	k->n_read++;
}

static bool is_worth(const struct inventory_keep *k, const struct inventory_walk_result *w)
{
	/* What is not whole would be believed to be. */
	if (!k->on || w->dropped || w->too_deep || w->not_reached)
		return false;
	return !k->has || k->owners != k->cache.head.owners || k->n_read >= WORTH_FILES ||
	       (w->n_dirs - w->n_same) * WORTH_DIRS > w->n_dirs;
}

struct list {
	struct inventory_new_file *files;
	size_t n, cap;
};

static void list_release(struct list *l) { free(l->files); }

static int push(struct list *l, const struct inventory_new_file *f)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 4096;
		void *p = reallocarray(l->files, cap, sizeof *l->files);

		if (!p)
			return -ENOMEM;
		l->files = p;
		l->cap = cap;
	}
	l->files[l->n++] = *f;
	return 0;
}

static int push_kept(struct list *l, const struct inventory_keep *k, const struct inventory_kept *x,
		     struct inventory_new_file f)
{
	f.identity = x->identity;
	f.owner = x->known && k->owners ? x->owner : STR("");
	f.result = x->old.ptr ? x->old : str_sub(buf_view(&k->results), x->at, x->at + x->len);
	f.flags |= x->known && k->owners ? INVENTORY_OWNER_KNOWN : 0u;
	f.flags |= x->distribution && k->owners ? INVENTORY_DISTRIBUTION : 0u;
	f.flags |= x->whole ? INVENTORY_RESULT : 0u;
	return push(l, &f);
}

/* Files of a folder that was not read, but for those that were looked at again. */
static int push_same(struct list *l, const struct inventory_keep *k, uint32_t dir, uint32_t old,
		     const bool *seen)
{
	const struct inventory_cache_dir *d = &k->cache.dirs[old];
	unsigned keep = INVENTORY_RESULT | INVENTORY_FOLDER;
	int r = 0;

	if (k->owners == k->cache.head.owners)
		keep |= INVENTORY_OWNER_KNOWN | INVENTORY_DISTRIBUTION;
	for (uint32_t i = d->first_file; r >= 0 && i < d->first_file + d->n_files; i++) {
		const struct inventory_cache_file *f = &k->cache.files[i];

		if (seen[i])
			continue;
		r = push(l, &(struct inventory_new_file){
				    .identity = f->identity,
				    .name = inventory_cache_file_name(&k->cache, i),
				    .owner = keep & INVENTORY_OWNER_KNOWN
						     ? inventory_cache_owner(&k->cache, i)
						     : STR(""),
				    .result = inventory_cache_result(&k->cache, i),
				    .dir = dir,
				    .kind = f->kind,
				    .flags = (uint8_t)(f->flags & keep) });
	}
	return r;
}

static int gather(const struct inventory_keep *k, const struct inventory_walk_result *w,
		  struct list *l)
{
	own(free_ptr) bool *seen = calloc((k->has ? k->cache.head.n_files : 0) + 1, sizeof *seen);
	int r = seen ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < w->n; i++) {
		const struct inventory_found *f = &w->list[i];

		if (f->old != INVENTORY_CACHE_NONE)
			seen[f->old] = true;
		/* A folder that was gone into tells what it is by its name. */
		r = push_kept(
			l, k, &k->found[i],
			(struct inventory_new_file){ .name = str_basename(f->path),
						     .dir = f->dir,
						     .kind = (uint8_t)f->named,
						     .flags = f->entered ? INVENTORY_FOLDER : 0u });
	}
	for (size_t i = 0; r >= 0 && i < w->n_dormant; i++)
		r = push_kept(l, k, &k->dormant[i],
			      (struct inventory_new_file){ .name = w->dormant[i].name,
							   .dir = w->dormant[i].dir,
							   .kind = INVENTORY_PROGRAM });
	for (size_t i = 0; r >= 0 && i < w->n_dirs; i++)
		if (w->dirs[i].old != INVENTORY_CACHE_NONE)
			r = push_same(l, k, (uint32_t)i, w->dirs[i].old, seen);
	return r;
}

int inventory_keep_end(struct inventory_keep *k, const struct inventory_walk_result *w)
{
	own(buf_release) struct buf out = BUF(INVENTORY_CACHE_MAX);
	own(list_release) struct list list = {};
	own(free_ptr) struct inventory_new_dir *dirs = NULL;
	struct inventory_new x = {
		.owners = k->owners,
		.seed = {k->seed[0], k->seed[1]},
		.made = k->made,
		.n_dirs = w->n_dirs
	};
	int r;

	if (!is_worth(k, w))
		return 0;
	dirs = calloc(w->n_dirs + 1, sizeof *dirs);
	r = dirs ? gather(k, w, &list) : -ENOMEM;
	if (r < 0)
		return r;
	for (size_t i = 0; i < w->n_dirs; i++)
		dirs[i] = w->dirs[i].dir;
	x.program = k->c->inventory->program;
	x.dirs = dirs;
	x.files = list.files;
	x.n_files = list.n;
	r = inventory_cache_write(&x, &out);
	return r < 0 ? r : file_write_all(k->c->inventory->out, buf_view(&out));
}

void inventory_keep_release(struct inventory_keep *k)
{
	buf_release(&k->packed);
	buf_release(&k->results);
}
