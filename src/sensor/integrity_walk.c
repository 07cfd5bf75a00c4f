/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at everything that is watched: the first time, after an overflow, when it is asked for. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "sensor/integrity_work.h"

struct walk {
	struct fim *f;
	bool round; /* each file once */
	bool suid;  /* only files that run as their owner, and patterns do not count */
	uint64_t device, entries;
	unsigned depth;
	size_t len;
	char path[PATH_MAX];
};

static void dir_release(DIR **d)
{
	if (*d)
		closedir(*d);
}

static struct str here(const struct walk *w) { return (struct str){ w->path, w->len }; }

static bool enter(struct walk *w, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);

	*ret_len = w->len;
	if (w->len + n + 2 > sizeof w->path)
		return false;
	w->path[w->len] = '/';
	memcpy(w->path + w->len + 1, name, n + 1);
	w->len += n + 1;
	return true;
}

static void leave(struct walk *w, size_t len)
{
	w->len = len;
	w->path[len] = 0;
}

/* Closes fd. */
static int walk_folder(struct walk *w, int fd);

/* The pattern without as many components as the path has: "/x" of "/a/ *" and "/a/b". */
static struct str behind(struct str pattern, struct str path)
{
	for (size_t i = 0; i < path.len && pattern.len; i++) {
		ssize_t slash;

		if (path.ptr[i] != '/')
			continue;
		slash = str_find(str_sub(pattern, 1, pattern.len), '/');
		pattern = slash < 0 ? STR("") : str_sub(pattern, 1 + (size_t)slash, pattern.len);
	}
	return pattern;
}

/*
 * A link to a folder above something with a fixed name (~/.ssh -> /data/ssh): what it leads to is
 * watched by its real name. Not below "**": that is what somebody links to "/".
 */
static int add_aliases(struct fim *f, struct str path, struct str real)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->patterns.n && f->aliases < FIM_ALIASES_MAX; i++) {
		struct fim_pattern p = f->patterns.list[i];
		struct str name;
		size_t n = f->patterns.n;

		if (p.ignore || str_contains(p.path, STR("**")) || p.class == FIM_WEB ||
		    (!fim_path_match(p.path, path) && !fim_path_may_match_below(p.path, path)))
			continue;
		name = arena_cat(&f->arena, real, behind(p.path, path), STR(""));
		if (!name.ptr)
			return -ENOMEM;
		r = fim_patterns_add(&f->patterns, (enum fim_class)p.class, name);
		if (r == -E2BIG)
			return 0;
		/* The list has moved by one. */
		if (f->patterns.n > n) {
			f->aliases++;
			i++;
		}
	}
	return r;
}

/* Classes in which a link stands for the file that it leads to. */
#define FOLLOWED                                                                                 \
	(1u << FIM_KEYS | 1u << FIM_ACCOUNTS | 1u << FIM_SUDO | 1u << FIM_PAM | 1u << FIM_CRON | \
	 1u << FIM_PRELOAD | 1u << FIM_SSHD | 1u << FIM_PROFILE)

static int find_aliases(struct fim *f, struct str path, struct str *ret)
{
	const char *name = arena_cstr(&f->arena, path);

	if (!name)
		return -ENOMEM;
	*ret = STR("");
	if (f->aliases >= FIM_ALIASES_MAX || root_realpath(&f->root, name, &f->arena, ret) < 0 ||
	    str_eq(*ret, path) || fim_patterns_find(&f->patterns, *ret)) {
		*ret = STR("");
		return 0;
	}
	return add_aliases(f, path, *ret);
}

int fim_follow(struct fim *f, struct str path, enum fim_class class)
{
	size_t known = f->aliases;
	struct str real;
	int r = FOLLOWED >> class & 1 ? find_aliases(f, path, &real) : 0;

	if (r < 0 || f->aliases == known)
		return r;
	if (f->watch && f->watch->forget)
		f->watch->forget(f);
	return fim_walk_folder(f, real);
}

static int follow(struct walk *w)
{
	struct str real;

	return find_aliases(w->f, here(w), &real);
}

static int visit_here(struct walk *w, int dir, const char *name)
{
	struct fim_visit v = { .path = here(w), .dir = dir, .name = name };
	struct fim *f = w->f;
	const struct fim_record *known = fim_table_find(&f->table, v.path);

	/* By another of its names, or on a walk that a link made necessary. */
	if (w->round && known && known->round == f->round)
		return 0;
	return fim_visit(f, &v);
}

static int open_and_walk(struct walk *w, int dir, const char *name)
{
	own(close_fd) int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return 0;
		return fim_gap(w->f, "unreadable", here(w), strerror(errno));
	}
	if (w->suid && st.st_dev != w->device)
		return 0;
	if (w->depth >= FIM_DEPTH_MAX)
		return fim_gap(w->f, "too-deep", here(w), "folders below are not looked at");
	w->depth++;
	r = walk_folder(w, take_fd(&fd));
	w->depth--;
	return r;
}

/* From now on it is watched by its name, so that its end is seen, too. */
static int suid_file(struct walk *w, int dir, const char *name)
{
	struct fim *f = w->f;
	int r = visit_here(w, dir, name);

	if (r == 0 && f->aliases < FIM_ALIASES_MAX) {
		f->aliases++;
		r = fim_patterns_add(&f->patterns, FIM_SUID, here(w));
	}
	return r == -E2BIG ? 0 : r;
}

static int suid_entry(struct walk *w, int dir, const char *name, unsigned char type)
{
	struct stat st;

	if (type == DT_DIR || type == DT_UNKNOWN) {
		int r = fim_patterns_ignored(&w->f->patterns, here(w))
				? 0
				: open_and_walk(w, dir, name);

		if (type == DT_DIR || r < 0)
			return r;
	}
	if (type != DT_REG && type != DT_UNKNOWN)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    !(st.st_mode & (S_ISUID | S_ISGID)) || !(st.st_mode & 0111) ||
	    fim_patterns_find(&w->f->patterns, here(w)))
		return 0;
	return suid_file(w, dir, name);
}

static unsigned char type_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? DT_UNKNOWN : IFTODT(st.st_mode);
}

static int entry(struct walk *w, int dir, const char *name, unsigned char type)
{
	struct fim *f = w->f;
	const struct fim_pattern *p;
	bool below;
	int r = 0;

	if (f->progress && w->entries++ % 256 == 0)
		r = f->progress(f->progress_user, f->looked_at, f->bytes);
	if (r < 0)
		return r;
	if (w->suid)
		return suid_entry(w, dir, name, type);
	if (type == DT_UNKNOWN)
		type = type_of(dir, name);
	p = fim_patterns_find(&f->patterns, here(w));
	if (p && p->class != FIM_SCRATCH)
		r = visit_here(w, dir, name);
	if (r < 0 || type == DT_REG)
		return r;
	below = fim_patterns_may_match_below(&f->patterns, here(w), false);
	if (type == DT_LNK)
		return below || (p && FOLLOWED >> p->class & 1) ? follow(w) : 0;
	return type == DT_DIR && below ? open_and_walk(w, dir, name) : 0;
}

static int walk_folder(struct walk *w, int fd)
{
	own(dir_release) DIR *d = fdopendir(fd);
	const struct dirent *e;
	int r;

	if (!d) {
		close_fd(&fd);
		return -ENOMEM;
	}
	r = w->suid ? 0 : fim_watch_folder(w->f, fd, here(w));
	while (r == 0 && (e = readdir(d))) {
		size_t len;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!enter(w, e->d_name, &len))
			continue;
		r = entry(w, dirfd(d), e->d_name, e->d_type);
		leave(w, len);
	}
	return r;
}

/* A base is a folder, a file that is watched by its very name, or not there. */
static int walk_base(struct walk *w, struct str base)
{
	struct fim *f = w->f;
	struct str parent = str_sub(base, 0, (size_t)MAX(str_rfind(base, '/'), 0));
	const char *folder = arena_cstr(&f->arena, parent.len ? parent : STR("/"));
	const char *name = arena_cstr(&f->arena, str_basename(base));
	own(close_fd) int fd = -1;
	int r;

	if (!folder || !name)
		return -ENOMEM;
	if (base.len + 1 > sizeof w->path)
		return 0;
	memcpy(w->path, base.ptr, base.len);
	leave(w, base.len);
	r = root_open_dir(&f->root, folder, &fd);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR || r == -EXDEV || r == -ELOOP
			       ? 0
			       : fim_gap(f, "unreadable", here(w), strerror(-r));
	if (!base.len || str_eq(base, STR("/"))) {
		leave(w, 0);
		return walk_folder(w, take_fd(&fd));
	}
	return entry(w, fd, name, DT_UNKNOWN);
}

static int cmp_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool is_below(struct str path, struct str folder)
{
	return str_starts(path, folder) &&
	       (path.len == folder.len || !folder.len || path.ptr[folder.len] == '/');
}

static int walk_bases(struct walk *w)
{
	struct fim *f = w->f;
	size_t n = f->patterns.n, kept = 0;
	struct str *bases = calloc(n + 1, sizeof *bases);
	int r = 0;

	if (!bases)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct fim_pattern *p = &f->patterns.list[i];

		if (!p->ignore && p->class != FIM_SCRATCH)
			bases[kept++] = str_sub(p->path, 0, p->base);
	}
	qsort(bases, kept, sizeof *bases, cmp_text);
	for (size_t i = 0, last = 0; r == 0 && i < kept; i++) {
		struct arena_mark mark = arena_mark(&f->arena);

		/* One walk covers what lies below: it enters what leads to a pattern. */
		if (i && is_below(bases[i], bases[last]))
			continue;
		last = i;
		r = walk_base(w, bases[i]);
		arena_rewind(&f->arena, mark);
	}
	free(bases);
	return r;
}

static int walk_suid(struct walk *w)
{
	struct fim *f = w->f;
	struct fim_mount *mounts = NULL;
	size_t n = 0;
	int r = f->config->suid && f->root.live ? fim_mounts_read(f, &mounts, &n) : 0;

	w->suid = true;
	for (size_t i = 0; r == 0 && i < n + !f->root.live; i++) {
		const char *path = f->root.live ? mounts[i].path : "/";
		own(close_fd) int fd = -1;
		struct stat st;

		if (!f->config->suid || (f->root.live && mounts[i].nosuid) ||
		    root_open_dir(&f->root, path, &fd) < 0 || fstat(fd, &st) < 0)
			continue;
		leave(w, 0);
		if (strcmp(path, "/") != 0) {
			memcpy(w->path, path, strlen(path));
			leave(w, strlen(path));
		}
		w->device = st.st_dev;
		r = walk_folder(w, take_fd(&fd));
	}
	return r;
}

/* What was there and was not met. */
static int find_gone(struct fim *f)
{
	struct fim_record **list;
	size_t n = f->table.n;
	int r = fim_table_sorted(&f->table, &list);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < n && list[i]; i++) {
		struct fim_visit v = { .path = fim_record_path(list[i]), .dir = -1 };

		if (list[i]->present && list[i]->round != f->round && !str_eq(v.path, FIM_COMPLETE))
			r = fim_visit(f, &v);
	}
	free(list);
	return r;
}

int fim_walk(struct fim *f)
{
	struct walk w = { .f = f, .round = true };
	size_t aliases;
	int r;

	f->round++;
	/* Links that are met add patterns, which have to be walked, too. */
	do {
		aliases = f->aliases;
		w.suid = false;
		r = walk_bases(&w);
	} while (r == 0 && f->aliases != aliases);
	if (r == 0)
		r = walk_suid(&w);
	return r < 0 ? r : find_gone(f);
}

int fim_walk_folder(struct fim *f, struct str path)
{
	struct walk w = { .f = f };
	struct arena_mark mark = arena_mark(&f->arena);
	int r = walk_base(&w, path);

	arena_rewind(&f->arena, mark);
	return r;
}

int fim_watch_folder(struct fim *f, int dir, struct str path)
{
	return f->watch && f->watch->folder ? f->watch->folder(f, dir, path) : 0;
}
