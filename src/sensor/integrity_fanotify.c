/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notices of whole file systems with the handle of the folder and the name in it (fanotify(7),
 * FAN_REPORT_DFID_NAME): nothing is lost below a folder that is new, moved or mounted elsewhere.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "sensor/integrity_folders.h"
#include "sensor/integrity_work.h"

#define HANDLE_MAX FIM_HANDLE_MAX
#define READ_SIZE ((size_t)256 << 10)

#define MASK \
	(FAN_CREATE | FAN_DELETE | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_ONDIR | FAN_EVENT_ON_CHILD)

struct file_system {
	fsid_t id;
	uint64_t device;
	int fd;
};

struct fanotify {
	struct fim_watch watch;
	struct file_system *systems; /* owned */
	size_t n;
	struct fim_folders folders;
	char *bytes;  /* owned */
	bool targets; /* notices name the file's handle, too */
};

static struct fanotify *own_watch(const struct fim *f) { return (struct fanotify *)f->watch; }

static void forget(struct fim *f) { fim_folders_forget(&own_watch(f)->folders); }

static void release(struct fim_watch *watch)
{
	struct fanotify *w = (struct fanotify *)watch;

	for (size_t i = 0; w->systems && i < w->n; i++)
		close_fd(&w->systems[i].fd);
	close_fd(&w->watch.fd);
	fim_folders_release(&w->folders);
	free(w->systems);
	free(w->bytes);
	free(w);
}

/* Folders of the baseline are known by their handles before anything happens in them. */
static int learn_folder(struct fim *f, int dir, struct str path)
{
	struct fanotify *w = own_watch(f);
	struct {
		struct file_handle head;
		unsigned char bytes[HANDLE_MAX];
	} h = { .head.handle_bytes = HANDLE_MAX };
	struct stat st;
	int mount;

	if (fim_folders_half_full(&w->folders) || fstat(dir, &st) < 0 ||
	    name_to_handle_at(dir, "", &h.head, &mount, AT_EMPTY_PATH) < 0)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->systems[i].device == st.st_dev)
			return fim_folders_add(
				&w->folders,
				fim_folders_key(&w->folders, &h.head, &w->systems[i].id), path,
				NULL);
	return 0;
}

/* The path behind a descriptor, below the sensor's root. */
static bool path_of(const struct fim *f, int fd, char room[static PATH_MAX], struct str *ret)
{
	struct str top = str_of(f->top), s;
	char name[64];
	ssize_t n;

	snprintf(name, sizeof name, "self/fd/%d", fd);
	n = readlinkat(f->proc.fd, name, room, PATH_MAX);
	if (n <= 0 || n >= PATH_MAX)
		return false;
	s = (struct str){ room, (size_t)n };
	/* Outside of this root, or of a folder that has no name any more. */
	if (s.ptr[0] != '/' || str_ends(s, STR(" (deleted)")) || !str_starts(s, top) ||
	    (top.len && s.len > top.len && s.ptr[top.len] != '/'))
		return false;
	s = str_sub(s, top.len, s.len);
	*ret = str_eq(s, STR("/")) ? STR("") : s;
	return true;
}

static int open_handle(const struct fanotify *w, const struct fanotify_event_info_fid *info,
		       int flags)
{
	struct {
		struct file_handle head;
		unsigned char bytes[HANDLE_MAX];
	} h;
	const struct file_handle *given = (const struct file_handle *)info->handle;

	if (given->handle_bytes > HANDLE_MAX)
		return -1;
	memcpy(&h, given, sizeof *given + given->handle_bytes);
	for (size_t i = 0; i < w->n; i++)
		if (!memcmp(&w->systems[i].id, &info->fsid, sizeof info->fsid))
			return open_by_handle_at(w->systems[i].fd, &h.head, flags);
	errno = ENODEV;
	return -1;
}

/* *ret->path NULL: of no interest. -ESTALE: it is gone, and was never seen. */
static int find_folder(struct fim *f, const struct fanotify_event_info_fid *info,
		       struct fim_folder **ret)
{
	struct fanotify *w = own_watch(f);
	const struct file_handle *h = (const struct file_handle *)info->handle;
	uint64_t key = fim_folders_key(&w->folders, h, (const fsid_t *)&info->fsid);
	struct fim_folder *slot = fim_folders_slot(&w->folders, key);
	own(close_fd) int fd = -1;
	char room[PATH_MAX];
	struct str path;

	if (slot->key) {
		*ret = slot;
		return 0;
	}
	fd = open_handle(w, info, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -ESTALE;
	if (!path_of(f, fd, room, &path) || !fim_patterns_may_match_below(&f->patterns, path, true))
		return fim_folders_add(&w->folders, key, (struct str){}, ret);
	return fim_folders_add(&w->folders, key, path, ret);
}

struct notice {
	uint64_t mask;
	int64_t pid;
	/* Folder and name; of a move the old and the new ones. */
	const struct fanotify_event_info_fid *folder, *old_folder, *new_folder, *file;
};

static struct str name_of(const struct fanotify_event_info_fid *info)
{
	const struct file_handle *h = (const struct file_handle *)info->handle;
	size_t at = sizeof *info + sizeof *h + h->handle_bytes;

	if (at >= info->hdr.len)
		return STR("");
	return (struct str){ (const char *)info + at,
			     strnlen((const char *)info + at, info->hdr.len - at) };
}

static bool is_sound(const struct fanotify_event_info_fid *info, size_t left)
{
	const struct file_handle *h = (const struct file_handle *)info->handle;

	return left >= sizeof *info + sizeof *h && info->hdr.len >= sizeof *info + sizeof *h &&
	       info->hdr.len <= left && h->handle_bytes <= info->hdr.len - sizeof *info - sizeof *h;
}

static void split(const struct fanotify_event_metadata *m, const char *at, struct notice *n)
{
	const char *p = at + m->metadata_len, *end = at + m->event_len;

	*n = (struct notice){ .mask = m->mask, .pid = m->pid };
	while ((size_t)(end - p) >= sizeof(struct fanotify_event_info_header)) {
		const struct fanotify_event_info_fid *info =
			(const struct fanotify_event_info_fid *)p;

		if (info->hdr.len < sizeof info->hdr || info->hdr.len > (size_t)(end - p))
			return;
		p += info->hdr.len;
		if (!is_sound(info, info->hdr.len))
			continue;
		switch (info->hdr.info_type) {
		case FAN_EVENT_INFO_TYPE_DFID_NAME:
		case FAN_EVENT_INFO_TYPE_DFID: n->folder = info; break;
		case FAN_EVENT_INFO_TYPE_OLD_DFID_NAME: n->old_folder = info; break;
		case FAN_EVENT_INFO_TYPE_NEW_DFID_NAME: n->new_folder = info; break;
		case FAN_EVENT_INFO_TYPE_FID: n->file = info; break;
		default: break;
		}
	}
}

static unsigned hints_of(uint64_t mask)
{
	return (mask & FAN_CREATE ? FIM_HINT_CREATED : 0) |
	       (mask & FAN_CLOSE_WRITE ? FIM_HINT_WRITTEN : 0) |
	       (mask & FAN_ATTRIB ? FIM_HINT_META : 0) |
	       (mask & FAN_DELETE ? FIM_HINT_DELETED : 0) |
	       (mask & FAN_MOVED_TO ? FIM_HINT_MOVED_HERE : 0) |
	       (mask & FAN_MOVED_FROM ? FIM_HINT_MOVED_AWAY : 0);
}

/* Outside of what is watched only files that run as their owner are of interest. */
static bool may_be_suid(const struct fim *f, const struct notice *n,
			const struct fanotify_event_info_fid *folder, struct str name)
{
	const struct fanotify *w = own_watch(f);
	own(close_fd) int fd = -1;
	struct stat st;
	int r;

	if (!f->config->suid || n->mask & FAN_ONDIR ||
	    !(n->mask & (FAN_CREATE | FAN_ATTRIB | FAN_MOVED_TO | FAN_RENAME | FAN_CLOSE_WRITE)))
		return false;
	fd = open_handle(w, n->file ? n->file : folder, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (n->file) {
		r = fstat(fd, &st);
	} else {
		char text[NAME_MAX + 1];

		snprintf(text, sizeof text, "%.*s", STR_FMT(name));
		r = fstatat(fd, text, &st, AT_SYMLINK_NOFOLLOW);
	}
	return r == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_ISUID | S_ISGID) &&
	       st.st_mode & 0111;
}

/* Path of a name in a folder; ret->ptr NULL: of no interest. */
static int find_path(struct fim *f, const struct notice *n,
		     const struct fanotify_event_info_fid *info, struct str *ret)
{
	struct str name = name_of(info), folder;
	struct fim_folder *known = NULL;
	char room[PATH_MAX];
	int r = find_folder(f, info, &known);

	*ret = (struct str){};
	if (r == -ESTALE) {
		f->status.unresolved++;
		return 0;
	}
	if (r < 0)
		return r;
	folder = str_of(known->path);
	if (!known->path) {
		own(close_fd) int fd = -1;

		if (!may_be_suid(f, n, info, name))
			return 0;
		fd = open_handle(own_watch(f), info, O_PATH | O_CLOEXEC);
		if (fd < 0 || !path_of(f, fd, room, &folder) ||
		    fim_patterns_ignored(&f->patterns, folder))
			return 0;
	}
	*ret = !name.len || str_eq(name, STR(".")) ? arena_str(&f->arena, folder)
						   : arena_cat(&f->arena, folder, STR("/"), name);
	return ret->ptr ? 0 : -ENOMEM;
}

/* A folder that moved takes everything below with it, in and out of what is watched. */
static int folder_moved(struct fim *f, struct str from, struct str to, int64_t pid)
{
	const struct fim_process *p = fim_process_find(f, pid);
	struct fim_record **list;
	size_t n = f->table.n;
	int r;

	forget(f);
	r = fim_table_sorted(&f->table, &list);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && from.len && i < n; i++) {
		struct str path = fim_record_path(list[i]);
		struct fim_visit v = {
			.path = path, .hints = FIM_HINT_MOVED_AWAY, .process = p, .dir = -1
		};

		if (path.len > from.len && str_starts(path, from) && path.ptr[from.len] == '/')
			r = fim_visit(f, &v);
	}
	free(list);
	if (r == 0 && to.len)
		r = fim_walk_folder(f, to);
	return r;
}

static int visit_one(struct fim *f, struct str path, struct str old, unsigned hints, int64_t pid)
{
	struct fim_visit v = { .path = path, .old_path = old, .hints = hints, .dir = -1 };

	if (!path.ptr)
		return 0;
	/* Before anything else: it may be gone in a moment. */
	v.process = fim_process_find(f, pid);
	return fim_visit(f, &v);
}

static int handle(struct fim *f, const struct notice *n)
{
	unsigned hints = hints_of(n->mask);
	struct str from = {}, to = {}, path = {};
	int r = 0;

	if (n->folder)
		r = find_path(f, n, n->folder, &path);
	if (r == 0 && n->old_folder)
		r = find_path(f, n, n->old_folder, &from);
	if (r == 0 && n->new_folder)
		r = find_path(f, n, n->new_folder, &to);
	if (r < 0)
		return r;
	if (hints)
		r = visit_one(f, path, (struct str){}, hints, n->pid);
	if (r == 0)
		r = visit_one(f, from, (struct str){}, FIM_HINT_MOVED_AWAY, n->pid);
	if (r == 0)
		r = visit_one(f, to, from, FIM_HINT_MOVED_HERE, n->pid);
	if (r == 0 && n->mask & FAN_ONDIR && n->mask & (FAN_RENAME | FAN_MOVED_FROM | FAN_MOVED_TO))
		r = folder_moved(f, n->mask & FAN_MOVED_FROM ? path : from,
				 n->mask & FAN_MOVED_TO ? path : to, n->pid);
	return r;
}

static int overflow(struct fim *f)
{
	int r;

	f->status.overflows++;
	r = fim_gap(f, "overflow", STR(""), "the kernel dropped notices: everything is compared");
	if (r < 0)
		return r;
	forget(f);
	return fim_walk(f);
}

/* Notices are aligned to four bytes, which is less than their header asks for. */
static int read_block(struct fim *f, struct str block, size_t *done)
{
	struct fanotify_event_metadata m;
	int r = 0;

	while (r == 0 && block.len >= sizeof m) {
		struct arena_mark mark = arena_mark(&f->arena);
		struct notice n;

		memcpy(&m, block.ptr, sizeof m);
		if (m.vers != FANOTIFY_METADATA_VERSION || m.event_len < sizeof m ||
		    m.event_len > block.len || m.metadata_len > m.event_len)
			return -EPROTO;
		++*done;
		if (m.mask & FAN_Q_OVERFLOW) {
			r = overflow(f);
		} else {
			split(&m, block.ptr, &n);
			r = handle(f, &n);
		}
		arena_rewind(&f->arena, mark);
		block = str_sub(block, m.event_len, block.len);
	}
	return r;
}

static ssize_t read_notices(struct fim *f, size_t most)
{
	struct fanotify *w = own_watch(f);
	size_t done = 0;
	int r = 0;

	while (r == 0 && done < most) {
		ssize_t len = read(w->watch.fd, w->bytes, READ_SIZE);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len < 0)
			return -errno;
		r = read_block(f, (struct str){ w->bytes, (size_t)len }, &done);
	}
	f->status.notices += done;
	return r < 0 ? r : (ssize_t)done;
}

/* From what the newest kernels offer to what 5.9 does. */
static int init(struct fanotify *w)
{
	static const unsigned modes[] = {
		FAN_REPORT_DFID_NAME_TARGET,
		FAN_REPORT_DFID_NAME | FAN_REPORT_FID,
		FAN_REPORT_DFID_NAME,
	};

	for (size_t i = 0; i < COUNT(modes); i++) {
		w->watch.fd =
			fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK |
					      FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | modes[i],
				      O_RDONLY | O_CLOEXEC);
		if (w->watch.fd >= 0 || errno != EINVAL)
			break;
	}
	return w->watch.fd < 0 ? -errno : 0;
}

static int mark(const struct fanotify *w, int fd)
{
	if (fanotify_mark(w->watch.fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, MASK | FAN_RENAME, fd,
			  ".") == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	return fanotify_mark(w->watch.fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			     MASK | FAN_MOVED_FROM | FAN_MOVED_TO, fd, ".") < 0
		       ? -errno
		       : 0;
}

/* One file system; errors are those of a file system that cannot do it. */
static int add_system(struct fim *f, struct fanotify *w, const struct fim_mount *m)
{
	own(close_fd) int fd = -1;
	struct statfs sfs;
	int r = root_open_dir(&f->root, m->path, &fd);

	if (r == 0 && fstatfs(fd, &sfs) < 0)
		r = -errno;
	if (r == 0)
		r = mark(w, fd);
	if (r < 0)
		return r;
	w->systems[w->n].id = sfs.f_fsid;
	w->systems[w->n].device = m->device;
	w->systems[w->n++].fd = take_fd(&fd);
	return 0;
}

int fim_fanotify_open(struct fim *f)
{
	struct fanotify *w = calloc(1, sizeof *w);
	struct fim_mount *mounts = NULL;
	size_t n = 0;
	int r = -ENOMEM, failed = 0;

	if (!w)
		return -ENOMEM;
	w->watch =
		(struct fim_watch){ "fanotify", -1, read_notices, learn_folder, forget, release };
	w->bytes = malloc(READ_SIZE);
	if (w->bytes)
		r = fim_folders_new(&w->folders);
	if (r == 0)
		r = init(w);
	if (r == 0)
		r = fim_mounts_read(f, &mounts, &n);
	if (r == 0) {
		w->systems = calloc(n + 1, sizeof *w->systems);
		r = w->systems ? 0 : -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		int e = add_system(f, w, &mounts[i]);

		if (e < 0)
			failed = e;
		if (e < 0 && (!strcmp(mounts[i].path, "/") || e == -EPERM))
			r = e;
		else if (e < 0)
			r = fim_unwatched(f, mounts[i].path, e);
	}
	if (r == 0 && !w->n)
		r = failed ? failed : -ENODEV;
	if (r < 0)
		release(&w->watch);
	else
		f->watch = &w->watch;
	return r;
}
