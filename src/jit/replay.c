/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/replay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/map.h"

#define HEAD "holdfast replay 1\n"
#define HEAD_LEN (sizeof HEAD - 1)
#define TEMPORARY REPLAY_NAME ".new"
#define RECORD 32U
#define RECORDS_MAX (4U * REPLAY_MAX) /* before the file is written anew */
#define FILE_MAX (HEAD_LEN + (size_t)(RECORDS_MAX + 3U) * RECORD)

struct entry {
	unsigned char id[KNOCK_ID];
	int64_t time;
};

struct replay {
	int folder, fd; /* -1: memory only */
	int64_t skew, floor, swept;
	unsigned char boot[KNOCK_ID];
	struct map ids; /* of entries[].id */
	struct entry *entries;
	size_t n;
	uint32_t written; /* records in the file */
	bool stale;       /* the file's end is not known: write it anew */
};

static void record_make(uint32_t number, const unsigned char id[static KNOCK_ID], int64_t time,
			unsigned char ret[static RECORD])
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = "holdfast replay";
	unsigned char text[KNOCK_ID + 8 + 4];

	memcpy(text, id, KNOCK_ID);
	for (unsigned i = 0; i < 8; i++)
		text[KNOCK_ID + i] = (unsigned char)((uint64_t)time >> 8 * i);
	for (unsigned i = 0; i < 4; i++)
		text[KNOCK_ID + 8 + i] = (unsigned char)(number >> 8 * i);
	memcpy(ret, text, KNOCK_ID + 8);
	crypto_shorthash(ret + KNOCK_ID + 8, text, sizeof text, key);
}

static bool record_read(uint32_t number, const unsigned char p[static RECORD], struct entry *ret)
{
	unsigned char again[RECORD];
	uint64_t time = 0;

	for (unsigned i = 0; i < 8; i++)
		time |= (uint64_t)p[KNOCK_ID + i] << 8 * i;
	memcpy(ret->id, p, KNOCK_ID);
	ret->time = (int64_t)time;
	record_make(number, ret->id, ret->time, again);
	return !memcmp(again, p, RECORD) && ret->time >= 0;
}

static struct str key_of(const unsigned char *id)
{
	return (struct str){ (const char *)id, KNOCK_ID };
}

static bool is_empty(const struct entry *e)
{
	static const unsigned char zeros[KNOCK_ID];

	return !memcmp(e->id, zeros, KNOCK_ID);
}

/* Drops what is not later than `until`. */
static int forget(struct replay *r, int64_t until)
{
	size_t kept = 0;

	map_release(&r->ids);
	r->ids.limit = REPLAY_MAX;
	for (size_t i = 0; i < r->n; i++) {
		if (r->entries[i].time <= until) {
			r->floor = MAX(r->floor, r->entries[i].time);
			continue;
		}
		r->entries[kept++] = r->entries[i];
	}
	r->n = kept;
	for (size_t i = 0; i < kept; i++) {
		int e = map_put(&r->ids, key_of(r->entries[i].id), i);

		if (e < 0) {
			/* What cannot be looked up must not come in again. */
			for (size_t j = i; j < kept; j++)
				r->floor = MAX(r->floor, r->entries[j].time);
			r->n = i;
			return e;
		}
	}
	return 0;
}

static int by_time(const void *x, const void *y)
{
	const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* Makes room among ids that are all new: the older half goes. */
static int forget_half(struct replay *r)
{
	int64_t *times own(free_ptr) = calloc(r->n, sizeof *times);

	if (!times)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		times[i] = r->entries[i].time;
	qsort(times, r->n, sizeof *times, by_time);
	return forget(r, times[r->n / 2]);
}

static int remember(struct replay *r, const struct entry *e)
{
	int x = 0;

	if (r->n == REPLAY_MAX)
		x = forget_half(r);
	if (x < 0)
		return x;
	r->entries[r->n] = *e;
	x = map_put(&r->ids, key_of(r->entries[r->n].id), r->n);
	r->n += x == 0;
	return x;
}

static int write_records(int fd, const struct replay *r, uint32_t *ret_n)
{
	static const unsigned char zeros[KNOCK_ID];
	struct buf own(buf_release) b = BUF(FILE_MAX);
	unsigned char record[RECORD];
	uint32_t n = 0;

	buf_puts(&b, HEAD);
	record_make(n++, zeros, MAX(r->floor, 0), record);
	buf_add(&b, record, sizeof record);
	record_make(n++, r->boot, 0, record);
	buf_add(&b, record, sizeof record);
	for (size_t i = 0; i < r->n; i++) {
		record_make(n++, r->entries[i].id, r->entries[i].time, record);
		buf_add(&b, record, sizeof record);
	}
	*ret_n = n;
	return b.error ? b.error : file_write_all(fd, buf_view(&b));
}

static int write_anew(struct replay *r)
{
	int fd own(close_fd) = -1;
	uint32_t n = 0;
	int e;

	if (r->folder < 0)
		return 0;
	if (unlinkat(r->folder, TEMPORARY, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(r->folder, TEMPORARY,
		    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	e = write_records(fd, r, &n);
	if (e < 0 || fsync(fd) < 0 || renameat(r->folder, TEMPORARY, r->folder, REPLAY_NAME) < 0 ||
	    fsync(r->folder) < 0)
		return e < 0 ? e : -errno;
	close_fd(&r->fd);
	r->fd = take_fd(&fd);
	r->written = n;
	r->stale = false;
	return 0;
}

enum reading { READ_WELL, READ_DAMAGED, READ_OPEN /* the machine stopped before it was closed */ };

/* Of two times of one id the later counts. */
static int remember_later(struct replay *r, const struct entry *e)
{
	uint64_t *at = map_get(&r->ids, key_of(e->id));

	if (!at)
		return remember(r, e);
	r->entries[*at].time = MAX(r->entries[*at].time, e->time);
	return 0;
}

static int read_records(struct replay *r, const unsigned char *p, size_t n, enum reading *ret)
{
	size_t records = n < HEAD_LEN ? 0 : (n - HEAD_LEN) / RECORD;
	bool good = records >= 2 && !memcmp(p, HEAD, HEAD_LEN), same = false, closed = false;
	struct entry e;

	for (uint32_t i = 0; i < records && !(i < 2 && !good); i++) {
		int x = 0;

		if (!record_read(i, p + HEAD_LEN + (size_t)i * RECORD, &e) || closed ||
		    (is_empty(&e) && i && i + 1 < records))
			good = false;
		else if (i == 0)
			r->floor = MAX(r->floor, e.time);
		else if (i == 1)
			same = !memcmp(e.id, r->boot, sizeof e.id);
		else if (is_empty(&e))
			closed = true;
		else
			x = remember_later(r, &e);
		if (x < 0)
			return x;
	}
	*ret = !good ? READ_DAMAGED : !same && !closed ? READ_OPEN : READ_WELL;
	return 0;
}

/* -ENOENT: there is none yet. */
static int read_file(struct replay *r, enum reading *ret)
{
	int fd own(close_fd) =
		openat(r->folder, REPLAY_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char *bytes own(free_ptr) = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return errno == ELOOP ? -EINVAL : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_mode & 022 || (st.st_uid != geteuid() && st.st_uid != 0))
		return -EACCES;
	if ((uint64_t)st.st_size > FILE_MAX) {
		*ret = READ_DAMAGED;
		return 0;
	}
	bytes = malloc(FILE_MAX);
	if (!bytes)
		return -ENOMEM;
	n = file_read_full(fd, bytes, FILE_MAX);
	return n < 0 ? (int)n : read_records(r, bytes, (size_t)n, ret);
}

static int start(struct replay *r, int64_t now, struct diag *d)
{
	enum reading how = READ_WELL;
	int e = r->folder < 0 ? -ENOENT : read_file(r, &how);

	if (e == -ENOENT) {
		/* A first start, or somebody took the file away: nothing from before now. */
		r->floor = r->folder < 0 ? r->floor : now;
	} else if (e < 0) {
		return e;
	}
	if (how != READ_WELL) {
		r->floor = MAX(r->floor, now + r->skew);
		diag_set(d, 0, REPLAY_NAME, 0, "%s: all requests are refused for %" PRId64 " s",
			 how == READ_OPEN ? "the machine stopped unawares" : "damaged",
			 r->skew / 1000);
	} else if (r->floor > now) {
		diag_set(d, 0, REPLAY_NAME, 0,
			 "the clock was set back: all requests are refused for %" PRId64 " s",
			 (r->floor - now) / 1000 + 1);
	}
	e = forget(r, now - r->skew - 1);
	return e < 0 ? e : write_anew(r);
}

int replay_open(int folder, struct str boot, int64_t now, int64_t skew, struct replay **ret,
		struct diag *d)
{
	struct replay *r own(replay_close) = NULL;
	int e;

	if (skew <= 0 || skew > REPLAY_SKEW_MAX_MS || now < 0 || now > INT64_MAX / 2)
		return -EINVAL;
	r = calloc(1, sizeof *r);
	if (!r)
		return -ENOMEM;
	*r = (struct replay){ .folder = folder, .fd = -1, .skew = skew, .floor = -1, .swept = now };
	r->ids.limit = REPLAY_MAX;
	crypto_generichash(r->boot, sizeof r->boot, (const unsigned char *)boot.ptr, boot.len, NULL,
			   0);
	r->entries = calloc(REPLAY_MAX, sizeof *r->entries);
	if (!r->entries)
		return -ENOMEM;
	e = start(r, now, d);
	if (e < 0)
		return e;
	*ret = r;
	r = NULL;
	return 0;
}

static int append(struct replay *r, const unsigned char id[static KNOCK_ID], int64_t time)
{
	unsigned char record[RECORD];
	int e;

	if (r->folder < 0)
		return 0;
	if (r->stale || r->written >= RECORDS_MAX)
		return write_anew(r); /* it is among the entries already */
	record_make(r->written, id, time, record);
	e = file_write_all(r->fd, (struct str){ (const char *)record, sizeof record });
	r->written += e == 0;
	r->stale = e < 0;
	return e;
}

void replay_close(struct replay **r)
{
	static const unsigned char zeros[KNOCK_ID];

	if (!*r)
		return;
	/* Where that fails the next boot finds it open, and waits. */
	if ((*r)->fd >= 0 && (!(*r)->stale || write_anew(*r) == 0) && append(*r, zeros, 0) == 0)
		(void)fsync((*r)->fd);
	close_fd(&(*r)->fd);
	map_release(&(*r)->ids);
	free((*r)->entries);
	free(*r);
	*r = NULL;
}

enum replay_state replay_ask(const struct replay *r, const unsigned char id[static KNOCK_ID],
			     int64_t time, int64_t now)
{
	if (time < 0 || now < 0 || time > INT64_MAX / 2 || now > INT64_MAX / 2 ||
	    time < now - r->skew || time > now + r->skew)
		return REPLAY_SKEWED;
	if (map_get(&r->ids, key_of(id)))
		return REPLAY_SEEN;
	return time <= r->floor ? REPLAY_OLD : REPLAY_NEW;
}

int replay_add(struct replay *r, const unsigned char id[static KNOCK_ID], int64_t time, int64_t now)
{
	struct entry e = { .time = time };
	int x = 0;

	memcpy(e.id, id, KNOCK_ID);
	if (is_empty(&e) || replay_ask(r, id, time, now) != REPLAY_NEW)
		return -EEXIST;
	if (now - r->swept > r->skew || now < r->swept) {
		x = forget(r, now - r->skew - 1);
		r->swept = now;
	}
	if (x == 0)
		x = remember(r, &e);
	if (x == 0 && time <= r->floor)
		return -EEXIST; /* room was made for it, and it is older than what had to go */
	return x == 0 ? append(r, e.id, e.time) : x;
}

size_t replay_count(const struct replay *r) { return r->n; }
