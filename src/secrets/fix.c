/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/fix.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "secrets/replace.h"

#define ENTRY_MAX ((size_t)64 << 20)
#define VERSION 1

static void free_json(json_t **j) { json_decref(*j); }

int fix_journal_new(const char *folder, struct fix_journal *ret)
{
	struct fix_journal j = { .dir = -1 };
	own(close_fd) int top = -1;
	unsigned char random[2];
	time_t now = time(NULL);
	struct tm tm;
	char stamp[20];

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return -errno;
	top = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (top < 0)
		return -errno;
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
	randombytes_buf(random, sizeof random);
	snprintf(j.id, sizeof j.id, "%s-%02x%02x", stamp, random[0], random[1]);
	if (mkdirat(top, j.id, 0700) < 0)
		return -errno;
	j.dir = openat(top, j.id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (j.dir < 0)
		return -errno;
	*ret = j;
	return 0;
}

void fix_journal_release(struct fix_journal *j)
{
	if (j->id[0])
		close_fd(&j->dir);
}

static int write_entry(struct fix_journal *j, const json_t *entry)
{
	char name[16];
	own(close_fd) int fd = -1;

	snprintf(name, sizeof name, "%06u.json", ++j->n);
	fd = openat(j->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (json_dumpfd(entry, fd, JSON_COMPACT) < 0 || fsync(fd) < 0 || fsync(j->dir) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

static int drop_entry(struct fix_journal *j)
{
	char name[16];

	snprintf(name, sizeof name, "%06u.json", j->n);
	return unlinkat(j->dir, name, 0);
}

static char *hex_of(const unsigned char *bytes, size_t n)
{
	char *text = malloc(2 * n + 1);

	return text ? sodium_bin2hex(text, 2 * n + 1, bytes, n) : NULL;
}

static int read_span(const struct target *t, const struct fix_span *s, char **ret)
{
	unsigned char *bytes = malloc(MAX(s->len, 1));
	ssize_t n = bytes ? pread(t->fd, bytes, s->len, (off_t)s->offset) : -1;
	int r = !bytes ? -ENOMEM : n < 0 ? -errno : n != (ssize_t)s->len ? -ESTALE : 0;

	if (r >= 0)
		*ret = hex_of(bytes, s->len);
	if (bytes)
		sodium_memzero(bytes, s->len);
	free(bytes);
	return r < 0 ? r : *ret ? 0 : -ENOMEM;
}

/* What was there: where it is in the new file, and its bytes. */
static json_t *spans_json(const struct fix_file *f, const struct target *t, int *ret_error)
{
	json_t *list = json_array();
	const json_int_t length = sizeof FIX_MARK - 1;
	json_int_t shift = 0;

	for (size_t i = 0; list && i < f->n_spans; i++) {
		char *own(free_ptr) text = NULL;
		const json_int_t at = (json_int_t)f->spans[i].offset + shift;
		json_t *one;

		*ret_error = read_span(t, &f->spans[i], &text);
		if (*ret_error < 0)
			break;
		one = json_pack("{s:I, s:I, s:s}", "offset", at, "length", length, "was", text);
		sodium_memzero(text, strlen(text));
		if (!one || json_array_append_new(list, one) < 0)
			*ret_error = -ENOMEM;
		shift += length - (json_int_t)f->spans[i].len;
	}
	if (!list)
		*ret_error = -ENOMEM;
	return list;
}

static int journal_rewrite(struct fix_journal *j, const struct fix_file *f, const struct replace *x)
{
	json_t *own(free_json) entry = NULL;
	char *own(free_ptr) before = hex_of(x->before, sizeof x->before);
	char *own(free_ptr) after = hex_of(x->after, sizeof x->after);
	int r = 0;
	json_t *spans = spans_json(f, x->t, &r);

	entry = json_pack("{s:i, s:s, s:s, s:I, s:s, s:s, s:i, s:i, s:o}", "version", VERSION,
			  "action", "rewrite", "path", f->path, "size", (json_int_t)x->size,
			  "before", before, "after", after, "mode", (int)f->mode, "new_mode",
			  (int)x->mode, "spans", spans);
	if (r >= 0)
		r = entry ? write_entry(j, entry) : -ENOMEM;
	return r;
}

static int journal_mode(struct fix_journal *j, const struct fix_file *f)
{
	json_t *own(free_json) entry =
		json_pack("{s:i, s:s, s:s, s:i, s:i}", "version", VERSION, "action", "mode", "path",
			  f->path, "mode", (int)f->mode, "new_mode", (int)f->new_mode);

	return entry ? write_entry(j, entry) : -ENOMEM;
}

static int rewrite(struct target *t, const struct fix_file *f, struct fix_journal *j)
{
	struct replace_span *own(free_ptr) spans = calloc(f->n_spans, sizeof *spans);
	struct replace x = { .t = t,
			     .spans = spans,
			     .n = f->n_spans,
			     .out = -1,
			     .mode = f->chmod ? f->new_mode : f->mode };
	int r = spans ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < f->n_spans; i++)
		spans[i] =
			(struct replace_span){ f->spans[i].offset, f->spans[i].len, STR(FIX_MARK) };
	if (r >= 0)
		r = replace_prepare(&x);
	if (r < 0)
		return r;
	r = journal_rewrite(j, f, &x);
	if (r < 0) {
		replace_abandon(&x);
		return r;
	}
	r = replace_commit(&x);
	if (r < 0)
		(void)drop_entry(j);
	return r;
}

static int change_mode(const struct target *t, const struct fix_file *f, struct fix_journal *j)
{
	int r = journal_mode(j, f);

	if (r >= 0 && fchmod(t->fd, f->new_mode) < 0) {
		r = -errno;
		(void)drop_entry(j);
	}
	return r;
}

int fix_apply(const struct root *root, const struct fix_file *f, struct fix_journal *j,
	      struct diag *d)
{
	struct target own(target_release) t = TARGET_NONE;
	int r = target_open(root, f->path, &t);

	if (r >= 0 && (t.st.st_dev != f->device || t.st.st_ino != f->inode ||
		       (uint64_t)t.st.st_size != f->size || t.st.st_mtim.tv_sec != f->mtime ||
		       t.st.st_mtim.tv_nsec != f->mtime_ns || (t.st.st_mode & 07777) != f->mode))
		r = -ESTALE;
	if (r >= 0)
		r = f->n_spans ? rewrite(&t, f, j) : f->chmod ? change_mode(&t, f, j) : 0;
	if (r < 0)
		return diag_set(d, r, f->path, 0, "%s",
				r == -ESTALE   ? "has changed since it was looked at"
				: r == -EMLINK ? "has several names (hard links)"
				: r == -ELOOP  ? "is a link, or lies behind one"
				: r == -EINVAL ? "is not a regular file"
					       : strerror(-r));
	return 0;
}

static int unhex(const char *text, unsigned char *out, size_t size, size_t *ret)
{
	return text && sodium_hex2bin(out, size, text, strlen(text), NULL, ret, NULL) == 0
		       ? 0
		       : -EBADMSG;
}

/* The spans of an entry, with the bytes that were there in `room`. */
static int read_spans(const json_t *list, struct replace_span *spans, unsigned char *room,
		      size_t size)
{
	size_t used = 0, i;
	uint64_t end = 0;
	const json_t *one;

	json_array_foreach(list, i, one)
	{
		json_int_t offset = json_integer_value(json_object_get(one, "offset"));
		json_int_t len = json_integer_value(json_object_get(one, "length"));
		size_t n = 0;
		int r = unhex(json_string_value(json_object_get(one, "was")), room + used,
			      size - used, &n);

		if (r < 0 || offset < 0 || len < 0 || (uint64_t)offset < end)
			return -EBADMSG;
		spans[i] = (struct replace_span){
			(uint64_t)offset, (uint64_t)len, {(char *)room + used, n}
		};
		end = (uint64_t)offset + (uint64_t)len;
		used += n;
	}
	return 0;
}

static int undo_rewrite(struct target *t, const json_t *entry, size_t entry_size)
{
	const json_t *list = json_object_get(entry, "spans");
	size_t n = json_array_size(list), len = 0;
	struct replace_span *own(free_ptr) spans = calloc(n + 1, sizeof *spans);
	unsigned char *own(free_ptr) room = malloc(entry_size + 1);
	unsigned char want[REPLACE_HASH], have[REPLACE_HASH];
	json_int_t size = json_integer_value(json_object_get(entry, "size"));
	uint32_t old = (uint32_t)json_integer_value(json_object_get(entry, "mode"));
	uint32_t new = (uint32_t)json_integer_value(json_object_get(entry, "new_mode"));
	struct replace x = { .t = t, .spans = spans, .n = n, .out = -1 };
	int r = spans && room ? 0 : -ENOMEM;

	if (r >= 0)
		r = unhex(json_string_value(json_object_get(entry, "after")), want, sizeof want,
			  &len);
	if (r >= 0 && (size < 0 || len != sizeof want || old > 07777 || new > 07777))
		r = -EBADMSG;
	if (r >= 0)
		r = read_spans(list, spans, room, entry_size + 1);
	/* What was added behind it since is kept. */
	if (r >= 0)
		r = target_digest(t, (uint64_t)size, have);
	if (r >= 0 && sodium_memcmp(want, have, sizeof want) != 0)
		r = -ESTALE;
	x.mode = (t->st.st_mode & 07777) == new ? old : t->st.st_mode & 07777;
	if (r >= 0)
		r = replace_prepare(&x);
	if (room)
		sodium_memzero(room, entry_size + 1);
	return r < 0 ? r : replace_commit(&x);
}

static int undo_mode(const struct target *t, const json_t *entry)
{
	uint32_t old = (uint32_t)json_integer_value(json_object_get(entry, "mode"));
	uint32_t new = (uint32_t)json_integer_value(json_object_get(entry, "new_mode"));

	if (old > 07777)
		return -EBADMSG;
	if ((t->st.st_mode & 07777) != new)
		return -ESTALE;
	return fchmod(t->fd, old) < 0 ? -errno : 0;
}

static int undo_entry(const struct root *root, int dir, const char *name, fix_undone_fn *fn,
		      void *user)
{
	struct target own(target_release) t = TARGET_NONE;
	json_t *own(free_json) entry = NULL;
	own(close_fd) int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const char *path, *action;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > ENTRY_MAX || st.st_uid != geteuid())
		return -EBADMSG;
	entry = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
	path = json_string_value(json_object_get(entry, "path"));
	action = json_string_value(json_object_get(entry, "action"));
	if (!path || !action || json_integer_value(json_object_get(entry, "version")) != VERSION)
		return -EBADMSG;
	r = target_open(root, path, &t);
	if (r >= 0 && !strcmp(action, "rewrite"))
		r = undo_rewrite(&t, entry, (size_t)st.st_size);
	else if (r >= 0)
		r = !strcmp(action, "mode") ? undo_mode(&t, entry) : -EBADMSG;
	fn(user, path, r);
	if (r >= 0)
		(void)unlinkat(dir, name, 0);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dir_entry *)b)->name, ((const struct dir_entry *)a)->name);
}

static int entries_of(int dir, struct arena *a, struct dir_list *ret)
{
	struct root here = { .fd = dir, .live = true };
	int r = root_list(&here, ".", a, ret);

	if (r >= 0 && ret->n)
		qsort(ret->entries, ret->n, sizeof *ret->entries, by_name);
	return r;
}

int fix_undo(const struct root *root, const char *folder, const char *id, fix_undone_fn *fn,
	     void *user)
{
	struct arena own(arena_release) a = {};
	own(close_fd) int top = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	own(close_fd) int dir = -1;
	struct dir_list list = {};
	int r = top < 0 ? -errno : 0;

	if (r >= 0 && !strcmp(id, "last")) {
		r = entries_of(top, &a, &list);
		if (r >= 0)
			id = list.n ? list.entries[0].name : "";
	}
	if (r >= 0 && (!*id || strchr(id, '/') || id[0] == '.'))
		r = -ENOENT;
	if (r >= 0) {
		dir = openat(top, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = dir < 0 ? -errno : entries_of(dir, &a, &list);
	}
	for (size_t i = 0; r >= 0 && i < list.n; i++)
		if (str_ends(str_of(list.entries[i].name), STR(".json")))
			r = undo_entry(root, dir, list.entries[i].name, fn, user);
	/* Gone once nothing is left in it. */
	if (r >= 0)
		(void)unlinkat(top, id, AT_REMOVEDIR);
	return r;
}
