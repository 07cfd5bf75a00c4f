/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two segments; number s is in file NAME.(s % 2): "HFSP", a version, its number, then records: length,
 * sum, bytes. NAME.at says up to where they were delivered.
 */
#include "guard/spool.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/map.h"

#define HEADER 16u
#define RECORD_HEADER 8u

struct item {
	struct item *next;
	size_t len;
	char text[];
};

struct spool {
	int dir; /* -1: memory only */
	char name[NAME_MAX - 8];
	uint64_t half; /* bytes of a segment */
	int fd[2], at_fd;
	uint64_t segment, size;     /* that is written, its end */
	uint64_t read, read_at;     /* segment and place of the next record to deliver */
	struct item *first, **last; /* in memory, behind those on disk */
	size_t memory;
	struct spool_status status;
};

static const uint64_t sum_seed[2] = { 0x73706f6f6c73706f, 0x6f6c2d686f6c6466 };

static uint32_t sum_of(const void *p, size_t n) { return (uint32_t)siphash13(sum_seed, p, n); }

static int open_file(const struct spool *s, const char *suffix)
{
	char name[NAME_MAX + 1];
	int fd;

	snprintf(name, sizeof name, "%s.%s", s->name, suffix);
	fd = openat(s->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static bool read_at(int fd, void *to, size_t n, uint64_t at)
{
	return pread(fd, to, n, (off_t)at) == (ssize_t)n;
}

static bool write_at(struct spool *s, int fd, const void *from, size_t n, uint64_t at)
{
	ssize_t r = pwrite(fd, from, n, (off_t)at);

	if (r == (ssize_t)n)
		return true;
	s->status.error = r < 0 ? -errno : -ENOSPC;
	return false;
}

static uint64_t segment_number(int fd)
{
	char head[HEADER];
	uint64_t number;

	if (!read_at(fd, head, sizeof head, 0) || memcmp(head, "HFSP\1\0\0\0", 8) != 0)
		return 0;
	memcpy(&number, head + 8, sizeof number);
	return number;
}

/* The record at a place; NULL: only its length is wanted. False: there is none. */
static bool read_record(int fd, uint64_t at, uint64_t end, uint32_t *ret_len, struct buf *b)
{
	uint32_t head[2];
	size_t was = b ? b->len : 0;

	if (end - at < RECORD_HEADER || !read_at(fd, head, sizeof head, at) ||
	    head[0] > NOTICE_MAX || head[0] > end - at - RECORD_HEADER)
		return false;
	*ret_len = head[0];
	if (!b)
		return true;
	for (uint32_t done = 0; done < head[0];) {
		char part[4096];
		size_t n = MIN(sizeof part, head[0] - done);

		if (!read_at(fd, part, n, at + RECORD_HEADER + done) || buf_add(b, part, n) < 0)
			return false;
		done += (uint32_t)n;
	}
	if (sum_of(b->ptr ? b->ptr + was : "", head[0]) == head[1])
		return true;
	b->len = was;
	return false;
}

/* Whole records from a place on; *ret_end: where they end. */
static uint64_t count_records(int fd, uint64_t at, uint64_t *ret_end)
{
	own(buf_release) struct buf b = BUF(NOTICE_MAX);
	struct stat st;
	uint64_t n = 0;
	uint32_t len;

	if (fstat(fd, &st) < 0)
		st.st_size = 0;
	while (at <= (uint64_t)st.st_size && read_record(fd, at, (uint64_t)st.st_size, &len, &b)) {
		at += RECORD_HEADER + len;
		n++;
		buf_reset(&b);
	}
	*ret_end = at;
	return n;
}

static bool begin_segment(struct spool *s, uint64_t number)
{
	int fd = s->fd[number % 2];
	char head[HEADER] = "HFSP\1";

	memcpy(head + 8, &number, sizeof number);
	if (ftruncate(fd, 0) < 0 || !write_at(s, fd, head, sizeof head, 0))
		return false;
	s->segment = number;
	s->size = HEADER;
	return true;
}

static void save_place(struct spool *s)
{
	uint64_t place[3] = { s->read, s->read_at, 0 };

	place[2] = siphash13(sum_seed, place, 16);
	if (s->at_fd >= 0)
		(void)write_at(s, s->at_fd, place, sizeof place, 0);
}

/* Where the last process was. What is not there any more is left out. */
static bool recover(struct spool *s)
{
	uint64_t numbers[2] = { segment_number(s->fd[0]), segment_number(s->fd[1]) }, place[3], end;

	for (unsigned i = 0; i < 2; i++)
		if (numbers[i] % 2 != i)
			numbers[i] = 0;
	s->segment = MAX(numbers[0], numbers[1]);
	if (!s->segment) {
		s->read = 2;
		s->read_at = HEADER;
		return begin_segment(s, 2);
	}
	s->read = numbers[(s->segment + 1) % 2] == s->segment - 1 ? s->segment - 1 : s->segment;
	s->read_at = HEADER;
	if (read_at(s->at_fd, place, sizeof place, 0) &&
	    siphash13(sum_seed, place, 16) == place[2] && place[0] >= s->read &&
	    place[0] <= s->segment && place[1] >= HEADER) {
		s->read = place[0];
		s->read_at = place[1];
	}
	(void)count_records(s->fd[s->segment % 2], HEADER, &s->size);
	if (ftruncate(s->fd[s->segment % 2], (off_t)s->size) < 0)
		return false;
	if (s->read == s->segment && s->read_at > s->size)
		s->read_at = s->size;
	s->status.waiting = count_records(s->fd[s->read % 2], s->read_at, &end);
	if (s->read != s->segment)
		s->status.waiting += count_records(s->fd[s->segment % 2], HEADER, &end);
	return true;
}

static void close_files(struct spool *s)
{
	close_fd(&s->fd[0]);
	close_fd(&s->fd[1]);
	close_fd(&s->at_fd);
	s->dir = -1;
}

/* What cannot be used is like none. */
static void open_files(struct spool *s, int dir)
{
	if (dir < 0)
		return;
	s->dir = dir;
	s->fd[0] = open_file(s, "0");
	s->fd[1] = open_file(s, "1");
	s->at_fd = open_file(s, "at");
	if (s->fd[0] < 0 || s->fd[1] < 0 || s->at_fd < 0)
		s->status.error = MIN(MIN(s->fd[0], s->fd[1]), s->at_fd);
	if (s->status.error || !recover(s))
		close_files(s);
}

int spool_open(int dir, const char *name, uint64_t limit, struct spool **ret)
{
	struct spool *s = calloc(1, sizeof *s);

	if (!s || strchr(name, '/') || !*name || strlen(name) >= sizeof s->name) {
		free(s);
		return s ? -EINVAL : -ENOMEM;
	}
	snprintf(s->name, sizeof s->name, "%s", name);
	s->dir = -1;
	s->half = MAX((limit ? limit : SPOOL_DEFAULT) / 2, 2 * NOTICE_MAX);
	s->last = &s->first;
	s->fd[0] = s->fd[1] = s->at_fd = -1;
	open_files(s, dir);
	*ret = s;
	return 0;
}

static void drop_first(struct spool *s)
{
	struct item *i = s->first;

	s->first = i->next;
	if (!s->first)
		s->last = &s->first;
	s->memory -= i->len;
	free(i);
}

void spool_release(struct spool **ret)
{
	struct spool *s = *ret;

	while (s && s->first)
		drop_first(s);
	if (s)
		close_files(s);
	free(s);
	*ret = NULL;
}

/* The older segment is given up for a new one. */
static bool next_segment(struct spool *s)
{
	uint64_t end, lost = 0;
	bool behind = s->read != s->segment;

	if (behind)
		lost = count_records(s->fd[s->read % 2], s->read_at, &end);
	if (!begin_segment(s, s->segment + 1))
		return false;
	if (behind) {
		s->read++;
		s->read_at = HEADER;
		s->status.dropped += lost;
		s->status.waiting -= MIN(lost, s->status.waiting);
		save_place(s);
	}
	return true;
}

static bool add_to_disk(struct spool *s, struct str record)
{
	uint32_t head[2] = { (uint32_t)record.len, sum_of(record.ptr, record.len) };
	uint64_t n = RECORD_HEADER + record.len;
	int fd;

	if (s->dir < 0 || (s->size + n > s->half && !next_segment(s)))
		return false;
	fd = s->fd[s->segment % 2];
	if (!write_at(s, fd, record.ptr, record.len, s->size + RECORD_HEADER) ||
	    !write_at(s, fd, head, sizeof head, s->size)) {
		/* What was written of it must not look like a record. */
		(void)!ftruncate(fd, (off_t)s->size);
		return false;
	}
	s->size += n;
	s->status.error = 0;
	return true;
}

static int add_to_memory(struct spool *s, struct str record)
{
	struct item *i = malloc(sizeof *i + record.len);

	if (!i)
		return -ENOMEM;
	while (s->first && s->memory + record.len > SPOOL_MEMORY) {
		drop_first(s);
		s->status.dropped++;
		s->status.waiting--;
	}
	i->next = NULL;
	i->len = record.len;
	memcpy(i->text, record.ptr, record.len);
	*s->last = i;
	s->last = &i->next;
	s->memory += record.len;
	return 0;
}

int spool_add(struct spool *s, struct str record)
{
	int result = 0;

	if (record.len > NOTICE_MAX)
		return -EFBIG;
	while (s->first && add_to_disk(s, (struct str){ s->first->text, s->first->len }))
		drop_first(s);
	if (s->first || !add_to_disk(s, record))
		result = add_to_memory(s, record);
	s->status.waiting += result == 0;
	return result;
}

/* On to the newer segment where this one has no more records. */
static bool next_on_disk(struct spool *s, uint64_t *segment, uint64_t *at, struct buf *b,
			 uint32_t *ret_len)
{
	struct stat st;

	while (s->dir >= 0 && *segment <= s->segment) {
		uint64_t end = s->size;

		if (*segment != s->segment)
			end = fstat(s->fd[*segment % 2], &st) == 0 ? (uint64_t)st.st_size : 0;
		if (end >= *at && read_record(s->fd[*segment % 2], *at, end, ret_len, b))
			return true;
		if (*segment == s->segment)
			return false;
		++*segment;
		*at = HEADER;
	}
	return false;
}

size_t spool_peek(struct spool *s, size_t n, size_t bytes, struct buf *b, size_t *lengths)
{
	uint64_t segment = s->read, at = s->read_at;
	size_t got = 0, start = b->len, before = b->len;
	uint32_t len;

	while (got < n && next_on_disk(s, &segment, &at, b, &len)) {
		if (got && b->len - start > bytes) {
			b->len = before;
			return got;
		}
		lengths[got++] = len;
		before = b->len;
		at += RECORD_HEADER + len;
	}
	for (struct item *i = s->first; i && got < n; i = i->next) {
		if ((got && b->len - start + i->len > bytes) || buf_add(b, i->text, i->len) < 0)
			break;
		lengths[got++] = i->len;
	}
	/* What cannot be read any more does not wait. */
	if (!got && !s->first) {
		s->status.dropped += s->status.waiting;
		s->status.waiting = 0;
	}
	return got;
}

void spool_done(struct spool *s, size_t n)
{
	uint32_t len;

	for (; n; n--) {
		if (next_on_disk(s, &s->read, &s->read_at, NULL, &len))
			s->read_at += RECORD_HEADER + len;
		else if (s->first)
			drop_first(s);
		else
			break;
		s->status.waiting -= s->status.waiting > 0;
	}
	/* All is delivered: the file begins anew. */
	if (s->dir >= 0 && s->read == s->segment && s->read_at == s->size && s->size > HEADER &&
	    ftruncate(s->fd[s->segment % 2], HEADER) == 0)
		s->size = s->read_at = HEADER;
	if (s->dir >= 0)
		save_place(s);
}

void spool_status(const struct spool *s, struct spool_status *ret)
{
	*ret = s->status;
	ret->bytes = s->memory + (s->dir >= 0 ? s->size : 0);
}
