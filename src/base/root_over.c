/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/root_over.h"
#include "base/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>

#define FILES_MAX ((size_t)65'536)

void root_over_release(struct root_over *o)
{
	arena_release(&o->arena);
	*o = (struct root_over){};
}

static int push(struct root_over *o, struct root_over_file f)
{
	f.path = arena_cstr(&o->arena, str_of(f.path));
	f.bytes = arena_str(&o->arena, f.bytes.ptr ? f.bytes : STR(""));
	if (!f.path || !f.bytes.ptr)
		return -ENOMEM;
	/* Readers tell files apart by these. */
	if (!f.st.st_ino)
		f.st.st_ino = ((ino_t)1 << 48) + o->n;
	if (o->n >= FILES_MAX)
		return -E2BIG;
	return arena_push(&o->arena, o->list, o->n, o->cap, f);
}

int root_over_put(struct root_over *o, const char *path, struct str bytes, const struct stat *st)
{
	return push(o, (struct root_over_file){ .path = path, .bytes = bytes, .st = *st });
}

int root_over_remove(struct root_over *o, const char *path)
{
	return push(o, (struct root_over_file){ .path = path, .removed = true });
}

int root_over_attributes(const struct root *r, const char *path, uint32_t mode, uint32_t uid,
			 uint32_t gid)
{
	struct root_over_file f = { .path = path };
	struct arena own(arena_release) a = {};
	int err = root_lstat(r, path, &f.st);

	if (err >= 0 && S_ISREG(f.st.st_mode))
		err = root_read(r, path, 0, &a, &f.bytes, NULL);
	if (err < 0)
		return err;
	if (mode != UINT32_MAX)
		f.st.st_mode = (f.st.st_mode & S_IFMT) | (mode & 07777);
	if (uid != UINT32_MAX)
		f.st.st_uid = uid;
	if (gid != UINT32_MAX)
		f.st.st_gid = gid;
	return push(r->over, f);
}

void root_over_rewind(struct root_over *o, size_t n) { o->n = MIN(n, o->n); }

/* "/a//b/./c/" as "/a/b/c"; false where ".." or its length forbids it. */
static bool plain(const char *path, char ret[static PATH_MAX])
{
	struct str rest = str_of(path);
	size_t n = 0;

	do {
		struct str name = str_cut(&rest, '/');

		if (!name.len || str_eq(name, STR(".")))
			continue;
		if (str_eq(name, STR("..")) || n + 1 + name.len >= PATH_MAX)
			return false;
		ret[n++] = '/';
		memcpy(ret + n, name.ptr, name.len);
		n += name.len;
	} while (rest.ptr);
	ret[n] = '\0';
	return n > 0;
}

static const struct root_over_file *latest(const struct root_over *o, const char *path)
{
	for (size_t i = o->n; i > 0; i--)
		if (!strcmp(o->list[i - 1].path, path))
			return &o->list[i - 1];
	return NULL;
}

/* What the root itself has, without what is planned. */
static struct root bare(const struct root *r)
{
	struct root b = *r;

	b.over = NULL;
	b.trouble = NULL;
	return b;
}

/* The path with the links of its folders resolved. */
static bool by_folder(const struct root *b, const char *path, char ret[static PATH_MAX])
{
	struct arena own(arena_release) a = {};
	struct str name = str_basename(str_of(path)), real;
	char folder[PATH_MAX];
	int n;

	(void)snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - name.len), path);
	if (!name.len || root_realpath(b, folder, &a, &real) < 0)
		return false;
	n = snprintf(ret, PATH_MAX, "%s/%.*s", real.len > 1 ? real.ptr : "", STR_FMT(name));
	return n > 0 && n < PATH_MAX;
}

static bool by_links(const struct root *b, const char *path, char ret[static PATH_MAX])
{
	struct arena own(arena_release) a = {};
	struct str real;

	if (root_realpath(b, path, &a, &real) < 0 || real.len >= PATH_MAX)
		return false;
	memcpy(ret, real.ptr, real.len + 1);
	return true;
}

const struct root_over_file *root_over_find(const struct root *r, const char *path, bool follow,
					    bool *ret_absent)
{
	const struct root_over_file *f = NULL;
	const struct root b = bare(r);
	char text[PATH_MAX], real[PATH_MAX];

	*ret_absent = false;
	if (!r->over->n)
		return NULL;
	if (plain(path, text))
		f = latest(r->over, text);
	if (!f && by_folder(&b, path, real))
		f = latest(r->over, real);
	if (!f && follow && by_links(&b, path, real))
		f = latest(r->over, real);
	*ret_absent = f && f->removed;
	return f && !f->removed ? f : NULL;
}

int root_over_open(const struct root_over_file *f, struct stat *ret_st, int *ret_fd)
{
	own(close_fd) int fd = -1;
	int r;

	if (!S_ISREG(f->st.st_mode))
		return -EINVAL;
	fd = memfd_create("planned", MFD_CLOEXEC);
	r = fd < 0 ? -errno : file_write_all(fd, f->bytes);
	if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r < 0)
		return r;
	*ret_st = f->st;
	ret_st->st_size = (off_t)f->bytes.len;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* The name that path has directly below folder ("" is "/"); empty: it is not below. */
static struct str below(const char *folder, const char *path)
{
	size_t n = strlen(folder);
	struct str rest;

	if (strncmp(folder, path, n) != 0 || path[n] != '/')
		return (struct str){};
	rest = str_of(path + n + 1);
	return str_cut(&rest, '/');
}

static void folder_of(const struct root *r, const char *path, char ret[static PATH_MAX])
{
	const struct root b = bare(r);

	if (by_links(&b, path, ret)) {
		if (!strcmp(ret, "/"))
			ret[0] = '\0';
	} else if (!plain(path, ret)) {
		ret[0] = '\0';
	}
}

bool root_over_folder(const struct root *r, const char *path)
{
	char folder[PATH_MAX];

	folder_of(r, path, folder);
	for (size_t i = 0; i < r->over->n; i++)
		if (below(folder, r->over->list[i].path).len && !r->over->list[i].removed)
			return true;
	return false;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct dir_entry *)a)->name, ((const struct dir_entry *)b)->name);
}

static bool listed(const struct dir_list *l, struct str name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(str_of(l->entries[i].name), name))
			return true;
	return false;
}

static void drop(struct dir_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->entries[i].name, name)) {
			memmove(&l->entries[i], &l->entries[i + 1],
				(l->n - i - 1) * sizeof *l->entries);
			l->n--;
			return;
		}
}

int root_over_list(const struct root *r, const char *path, struct arena *a, struct dir_list *list)
{
	const struct root_over *o = r->over;
	char folder[PATH_MAX];
	size_t cap = list->n;
	bool more = false;

	folder_of(r, path, folder);
	for (size_t i = 0; i < o->n; i++) {
		const struct root_over_file *f = &o->list[i];
		struct str name = below(folder, f->path);
		bool deep = name.len && name.ptr + name.len != f->path + strlen(f->path);
		struct dir_entry e;

		if (!name.len || latest(o, f->path) != f)
			continue;
		if (f->removed && !deep) {
			drop(list, name.ptr);
			continue;
		}
		if (f->removed || listed(list, name))
			continue;
		e.name = arena_cstr(a, name);
		e.type = deep || S_ISDIR(f->st.st_mode) ? DT_DIR : DT_REG;
		if (!e.name || arena_push(a, list->entries, list->n, cap, e) < 0)
			return -ENOMEM;
		more = true;
	}
	if (more)
		qsort(list->entries, list->n, sizeof *list->entries, compare_entries);
	return 0;
}
