/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>

#include "action/step.h"

#define NEW ".new"
#define OPEN "open"
#define WAIT_STEP_MS 50u

static int write_at(int dir, const char *name, struct str bytes)
{
	own(close_fd) int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* ---- the folder --------------------------------------------------------------------------------- */

/* Every folder on the way, resolved inside the root; the last one is ours alone. */
static int make_folder(const struct root *root, const char *folder)
{
	const char *p = folder;

	do {
		own(close_fd) int up = -1;
		char path[512], parent[512], base[256];
		struct str whole, name;
		int r;

		p = strchr(p + 1, '/');
		whole = (struct str){ folder, p ? (size_t)(p - folder) : strlen(folder) };
		if (whole.len >= sizeof path)
			return -ENAMETOOLONG;
		(void)snprintf(path, sizeof path, "%.*s", STR_FMT(whole));
		name = str_basename(whole);
		(void)snprintf(parent, sizeof parent, "%.*s", (int)(whole.len - name.len), path);
		(void)snprintf(base, sizeof base, "%.*s", STR_FMT(name));
		r = root_open_dir(root, parent, &up);
		if (r < 0)
			return r;
		if (mkdirat(up, base, p ? 0755 : 0700) < 0 && errno != EEXIST)
			return -errno;
		(void)fsync(up);
	} while (p);
	return 0;
}

static int check_folder(int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	return st.st_uid != geteuid() || (st.st_mode & 022) ? -EPERM : 0;
}

static void remove_folder(int top, const char *name)
{
	struct arena own(arena_release) a = {};
	struct root here = { .fd = top, .live = true };
	struct dir_list list = {};
	own(close_fd) int dir = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0 || root_list(&here, name, &a, &list) < 0)
		return;
	for (size_t i = 0; i < list.n; i++)
		(void)unlinkat(dir, list.entries[i].name, 0);
	(void)unlinkat(top, name, AT_REMOVEDIR);
}

/* "PID START": a number alone may be another process by now. */
static void write_holder(int fd)
{
	struct session_process p;
	char text[64];
	int n;

	if (session_process_read(getpid(), &p) < 0)
		return;
	n = snprintf(text, sizeof text, "%ld %" PRIu64 "\n", p.pid, p.start);
	if (ftruncate(fd, 0) >= 0)
		(void)!pwrite(fd, text, (size_t)n, 0);
}

void changelog_end_holder(const struct changelog *j)
{
	struct root here = { .fd = j->dir, .live = true };
	struct arena own(arena_release) a = {};
	struct session_process p;
	struct str text;
	uint64_t pid, start;

	if (root_read(&here, ".lock", 4096, &a, &text, NULL) < 0 ||
	    str_to_u64(str_word(&text), 10, &pid) < 0 ||
	    str_to_u64(str_word(&text), 10, &start) < 0 || pid < 2 || pid > INT32_MAX)
		return;
	if (session_process_read((long)pid, &p) >= 0 && p.start == start)
		kill((pid_t)pid, SIGKILL);
}

int changelog_lock(struct changelog *j, unsigned wait_ms)
{
	own(close_fd) int fd =
		openat(j->dir, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	const struct timespec step = { 0, WAIT_STEP_MS * 1'000'000L };

	if (fd < 0)
		return -errno;
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += WAIT_STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= wait_ms)
			return -EBUSY;
		nanosleep(&step, NULL);
	}
	write_holder(fd);
	j->lock = take_fd(&fd);
	/* An entry that did not come to be. */
	remove_folder(j->dir, NEW);
	return 0;
}

int changelog_open(const struct root *root, const char *folder, bool make, unsigned wait_ms,
		   struct changelog *ret)
{
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	int r = make ? make_folder(root, folder) : 0;

	j.root = root;
	if (r >= 0)
		r = root_open_dir(root, folder, &j.dir);
	if (r >= 0)
		r = check_folder(j.dir);
	if (r >= 0 && make)
		r = changelog_lock(&j, wait_ms);
	if (r < 0)
		return r;
	*ret = j;
	j = CHANGELOG_NONE;
	return 0;
}

void changelog_release(struct changelog *j)
{
	close_fd(&j->lock);
	close_fd(&j->dir);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static int read_at(const struct changelog *j, unsigned id, const char *name, size_t max,
		   struct arena *a, struct str *ret)
{
	struct root here = { .fd = j->dir, .live = true };
	char path[64];
	struct stat st;
	int r;

	(void)snprintf(path, sizeof path, "%u/%s", id, name);
	r = root_lstat(&here, path, &st);
	if (r >= 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid()))
		r = -EPERM;
	return r < 0 ? r : root_read(&here, path, max, a, ret, NULL);
}

int changelog_read(const struct changelog *j, unsigned id, struct arena *a, struct entry *ret,
		   struct diag *d)
{
	struct entry e = {};
	struct str text, slots;
	int r = read_at(j, id, "entry.json", JOURNAL_JSON_MAX, a, &text);

	if (r >= 0)
		r = read_at(j, id, "state", 2 * (size_t)JOURNAL_STATE_SLOT, a, &slots);
	if (r < 0)
		return diag_set(d, r, NULL, 0, "change %u: %s", id, strerror(-r));
	r = entry_parse(text, a, &e, d);
	if (r < 0)
		return r;
	if (e.id != id || entry_status_parse(slots, &e.status) < 0)
		return diag_set(d, -EBADMSG, NULL, 0, "change %u: its state cannot be read", id);
	*ret = e;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static int read_ids(const struct changelog *j, struct arena *a, unsigned **ret, size_t *ret_n)
{
	struct root here = { .fd = j->dir, .live = true };
	struct dir_list list = {};
	unsigned *ids = NULL;
	size_t n = 0, cap = 0;
	int r = root_list(&here, ".", a, &list);

	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name);
		uint64_t id;

		if (str_to_u64(name, 10, &id) < 0 || !id || id > INT32_MAX || name.ptr[0] == '0')
			continue;
		if (n == JOURNAL_ENTRIES_MAX)
			return -E2BIG;
		r = arena_push(a, ids, n, cap, (unsigned)id);
	}
	if (r < 0)
		return r;
	if (n)
		qsort(ids, n, sizeof *ids, compare_ids);
	*ret = ids;
	*ret_n = n;
	return 0;
}

int changelog_list(const struct changelog *j, struct arena *a, struct entry **ret, size_t *ret_n)
{
	struct entry *list;
	unsigned *ids = NULL;
	size_t n = 0;
	int r = read_ids(j, a, &ids, &n);

	if (r < 0)
		return r;
	list = arena_array(a, n + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct diag d = {};

		if (changelog_read(j, ids[i], a, &list[i], &d) < 0)
			list[i] = (struct entry){ .id = ids[i], .broken = d };
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int changelog_bytes(const struct changelog *j, const struct entry *e, size_t i, bool new,
		    struct arena *a, struct str *ret)
{
	const struct entry_change *c = &e->list[i];
	unsigned char have[CHANGE_DIGEST];
	char name[32];
	struct str bytes;
	int r;

	(void)snprintf(name, sizeof name, "%s.%zu", new ? "new" : "old", i);
	r = read_at(j, e->id, name, CHANGE_FILE_MAX, a, &bytes);
	if (r < 0)
		return r;
	crypto_hash_sha256(have, (const unsigned char *)bytes.ptr, bytes.len);
	if (memcmp(have, new ? c->digest : c->c.was.digest, sizeof have) != 0)
		return -EBADMSG;
	*ret = bytes;
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------------ */

static int note_changes(const struct changelog *j, const struct plan *p, struct arena *a,
			struct entry *e, struct diag *d)
{
	const struct root bare = { .fd = j->root->fd, .live = j->root->live };
	int r = 0;

	e->list = arena_array(a, p->n + 1, sizeof *e->list);
	if (!e->list)
		return -ENOMEM;
	for (; r >= 0 && e->n < p->n; e->n++)
		r = step_note(&bare, &p->list[e->n], a, &e->list[e->n], d);
	return r;
}

static int write_bytes(int dir, const struct entry *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		const struct change *c = &e->list[i].c;
		bool old = (c->kind == CHANGE_FILE || c->kind == CHANGE_REMOVE) && c->was.exists;
		char name[32];

		(void)snprintf(name, sizeof name, "old.%zu", i);
		if (old)
			r = write_at(dir, name, c->old);
		(void)snprintf(name, sizeof name, "new.%zu", i);
		if (r >= 0 && c->kind == CHANGE_FILE)
			r = write_at(dir, name, c->bytes);
	}
	return r;
}

static int write_state(int dir, struct entry_status *s)
{
	own(close_fd) int fd =
		openat(dir, "state", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	off_t at = s->sequence % 2 ? 0 : JOURNAL_STATE_SLOT;
	char slot[JOURNAL_STATE_SLOT];
	ssize_t n;

	if (fd < 0)
		return -errno;
	entry_status_format(s, slot);
	n = pwrite(fd, slot, sizeof slot, at);
	if (n != sizeof slot)
		return n < 0 ? -errno : -ENOSPC;
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_entry(int dir, struct entry *e, struct arena *a)
{
	struct str json;
	int r = entry_format(e, a, &json);

	if (r >= 0)
		r = write_at(dir, "entry.json", json);
	if (r >= 0)
		r = write_bytes(dir, e);
	e->status.sequence = 1;
	if (r >= 0)
		r = write_state(dir, &e->status);
	/* The second slot is allocated now: later writes need no room. */
	e->status.sequence = 2;
	return r < 0 ? r : write_state(dir, &e->status);
}

static int next_id(const struct changelog *j, struct arena *a, unsigned *ret)
{
	unsigned *ids = NULL;
	size_t n = 0;
	int r = read_ids(j, a, &ids, &n);

	if (r < 0)
		return r;
	if (n >= JOURNAL_ENTRIES_MAX || (n && ids[n - 1] == INT32_MAX))
		return -E2BIG;
	*ret = n ? ids[n - 1] + 1 : 1;
	return 0;
}

static int mark_open(const struct changelog *j)
{
	own(close_fd) int fd =
		openat(j->dir, OPEN, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 || fsync(fd) < 0 || fsync(j->dir) < 0 ? -errno : 0;
}

static int place_entry(const struct changelog *j, struct entry *e, struct arena *a)
{
	own(close_fd) int dir = -1;
	char name[16];
	int r = 0;

	if (mkdirat(j->dir, NEW, 0700) < 0)
		return -errno;
	dir = openat(j->dir, NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	r = write_entry(dir, e, a);
	if (r >= 0 && fsync(dir) < 0)
		r = -errno;
	(void)snprintf(name, sizeof name, "%u", e->id);
	if (r >= 0)
		r = mark_open(j);
	if (r >= 0 && renameat2(j->dir, NEW, j->dir, name, RENAME_NOREPLACE) < 0)
		r = errno == EINVAL && renameat(j->dir, NEW, j->dir, name) >= 0 ? 0 : -errno;
	if (r < 0) {
		remove_folder(j->dir, NEW);
		return r;
	}
	return fsync(j->dir) < 0 ? -errno : 0;
}

int changelog_add(struct changelog *j, const struct plan *p, struct arena *a, struct entry *e,
		  struct diag *d)
{
	struct entry made = *e;
	int r = note_changes(j, p, a, &made, d);

	if (r >= 0)
		r = next_id(j, a, &made.id);
	if (r < 0)
		return diag_set(d, r, NULL, 0, "%s", strerror(-r));
	made.run = e->run ? e->run : made.id;
	made.check = p->check;
	made.title = p->title;
	made.breaks = p->breaks;
	made.risky = e->risky || p->risky;
	made.effects = p->effects;
	made.n_effects = p->n_effects;
	made.status.state = ENTRY_PLANNED;
	made.status.at = e->made;
	r = place_entry(j, &made, a);
	if (r < 0)
		return diag_set(d, r, NULL, 0,
				r == -EILSEQ ? "a name in it is not UTF-8"
					     : "the journal cannot be written: %s",
				strerror(-r));
	*e = made;
	return 0;
}

int changelog_mark(struct changelog *j, struct entry *e, enum entry_state state, uint32_t step,
		   const char *why)
{
	struct entry_status s = e->status;
	own(close_fd) int dir = -1;
	char name[16];
	int r;

	(void)snprintf(name, sizeof name, "%u", e->id);
	dir = openat(j->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	s.sequence++;
	s.state = state;
	s.step = step;
	s.at = time(NULL);
	(void)snprintf(s.why, sizeof s.why, "%s", why ? why : "");
	for (char *p = s.why; *p; p++)
		if (*p <= ' ')
			*p = '_';
	r = write_state(dir, &s);
	if (r >= 0)
		e->status = s;
	return r;
}

int changelog_tidy(struct changelog *j, struct arena *a)
{
	struct entry *list = NULL;
	size_t n = 0;
	int r = changelog_list(j, a, &list, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		if (entry_is_open(&list[i]))
			return mark_open(j);
	if (r >= 0 && unlinkat(j->dir, OPEN, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r;
}
