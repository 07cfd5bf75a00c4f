/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at everything that is watched: the first time, after an overflow, when it is asked for. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "sensor/integrity_work.h"

struct walk {
	struct fim *f;
	bool suid;      /* only files that run as their owner, and patterns do not count */
	uint64_t device;
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

static int walk_folder(struct walk *w, int fd);

/*
 * A link to a folder above something with a fixed name (~/.ssh -> /data/ssh): what it leads to is
 * watched by its real name. Not below "**": that is what somebody links to "/".
 */
static int follow(struct walk *w)
{
	struct fim *f = w->f;
	struct str path = here(w), real;
	int r = 0;

	if (f->aliases >= FIM_ALIASES_MAX ||
	    root_realpath(&f->root, w->path, &f->arena, &real) < 0 || str_eq(real, path) ||
	    fim_patterns_find(&f->patterns, real))
		return 0;
	for (size_t i = 0; r == 0 && i < f->patterns.n && f->aliases < FIM_ALIASES_MAX; i++) {
		struct fim_pattern one = f->patterns.list[i];
		struct str rest = one.path, name;

		if (one.ignore || str_contains(one.path, STR("**")) || one.class == FIM_WEB ||
		    (!fim_path_match(one.path, path) && !fim_path_may_match_below(one.path, path)))
			continue;
		for (size_t at = 0; at < path.len; at++)
			if (path.ptr[at] == '/') {
				rest = str_sub(rest, 1, rest.len);
				str_cut(&rest, '/');
				if (!rest.ptr)
					rest = STR("");
				else
					rest = (struct str){ rest.ptr - 1, rest.len + 1 };
			}
		name = arena_cat(&f->arena, real, rest, STR(""));
		if (!name.ptr)
			return -ENOMEM;
		f->aliases++;
		r = fim_patterns_add(&f->patterns, (enum fim_class)one.class, name);
		if (r == -E2BIG)
			r = 0;
	}
	return r;
}

static int visit_here(struct walk *w, int dir, const char *name)
{
	struct fim_visit v = { .path = here(w), .dir = dir, .name = name };
	struct fim *f = w->f;

	if (f->progress && f->looked_at % 1024 == 0) {
		int r = f->progress(f->user, f->looked_at, f->bytes);

		if (r < 0)
			return r;
	}
	return fim_visit(f, &v);
}

static int open_and_walk(struct walk *w, int dir, const char *name)
{
	own(close_fd) int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return 0;
		return fim_gap(w->f, "unreadable", here(w), strerror(errno));
	}
	if (w->suid && st.st_dev != w->device)
		return 0;
	w->depth++;
	if (w->depth <= FIM_DEPTH_MAX) {
		int r = walk_folder(w, fd);

		w->depth--;
		return r;
	}
	w->depth--;
	return fim_gap(w->f, "too-deep", here(w), "folders below are not looked at");
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
		int r = fim_patterns_ignored(&w->f->patterns, here(w)) ? 0
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

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? DT_UNKNOWN
								: IFTODT(st.st_mode);
}

/* Classes in which a link stands for the file that it leads to. */
#define FOLLOWED                                                                              	(1u << FIM_KEYS | 1u << FIM_ACCOUNTS | 1u << FIM_SUDO | 1u << FIM_PAM | 1u << FIM_CRON | \
	 1u << FIM_PRELOAD | 1u << FIM_SSHD | 1u << FIM_PROFILE)

static int entry(struct walk *w, int dir, const char *name, unsigned char type)
{
	struct fim *f = w->f;
	const struct fim_pattern *p;
	bool below;
	int r = 0;

	if (w->suid)
		return suid_entry(w, dir, name, type);
	if (type == DT_UNKNOWN)
		type = type_of(dir, name);
	p = fim_patterns_find(&f->patterns, here(w));
	if (p && p->class != FIM_SCRATCH)
		r = visit_here(w, dir, name);
	if (r < 0 || type == DT_REG)
		return r;
	below = fim_patterns_may_match_below(&f->patterns, here(w));
	if (type == DT_LNK)
		return below || (p && FOLLOWED >> p->class & 1) ? follow(w) : 0;
	return type == DT_DIR && below ? open_and_walk(w, dir, name) : 0;
}

static int walk_folder(struct walk *w, int fd)
{
	own(dir_release) DIR *d = NULL;
	const struct dirent *e;
	int copy, r = w->suid ? 0 : fim_watch_folder(w->f, fd, here(w));

	if (r < 0)
		return r;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	d = fdopendir(copy);
	if (!d) {
		close_fd(&copy);
		return -ENOMEM;
	}
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
		return walk_folder(w, fd);
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

		/* One walk covers what lies below: it enters every folder that leads to a pattern. */
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
		r = walk_folder(w, fd);
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

		if (list[i]->present && list[i]->round != f->round)
			r = fim_visit(f, &v);
	}
	free(list);
	return r;
}

int fim_walk(struct fim *f)
{
	struct walk w = { .f = f };
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
