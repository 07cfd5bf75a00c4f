/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal as it grows. journald maps its files: what it adds can be read at once, but it tells
 * inotify of it up to 250 ms later (POST_CHANGE_TIMER_INTERVAL_USEC). So the files are looked at
 * every millisecond while something comes, and more seldom when nothing does.
 */
#include <sys/stat.h>

#include "events/decoders.h"
#include "events/journal.h"
#include "events/live_work.h"

#define CHUNK ((size_t)64 << 10)
#define HEADER 256U
#define HEADER_STATE 16U      /* 1: online */
#define HEADER_LAST_TIME 192U /* of the last entry, realtime */
#define MARGIN INT64_C(60'000'000)
#define FAILURES_MAX 16U

struct journal_file {
	int fd, watch;
	dev_t dev;
	ino_t ino;
};

struct live_journal {
	struct journal *handle; /* NULL: nothing could be opened */
	struct journal_file file[LIVE_JOURNAL_FILES];
	size_t n;
	int folder;
	/* Where what stands in the feed began: an entry (none: the start), and the line there. */
	char cursor[JOURNAL_CURSOR_MAX];
	uint64_t line;
	uint64_t skip;  /* entries behind the cursor that were told already, after a restart */
	bool placed;    /* some entry was read from this handle */
	bool waited;    /* it was not there at first: all that comes is new */
	int64_t active; /* monotonic time of the latest entry */
};

int live_journal_new(struct live_source_state *s)
{
	s->journal = calloc(1, sizeof *s->journal);
	if (!s->journal)
		return -ENOMEM;
	s->journal->folder = -1;
	s->journal->line = 1;
	if (!s->format)
		s->format = &decoder_syslog;
	return 0;
}

static void close_files(struct journal_file *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(file[i].fd);
}

void live_journal_release(struct live_journal **ret)
{
	struct live_journal *j = *ret;

	if (!j)
		return;
	journal_release(&j->handle);
	close_files(j->file, j->n);
	free(j);
	*ret = NULL;
}

/* "t=5f3…;" of a cursor: microseconds; 0: it has none. */
static uint64_t cursor_time(const char *cursor)
{
	const char *p = strstr(cursor, ";t=");
	struct str s = str_of(p ? p + 3 : "");
	uint64_t t = 0;

	s = str_cut(&s, ';');
	return str_to_u64(s, 16, &t) == 0 ? t : 0;
}

/* Whether a file may have entries that are still to be read, and can be read. */
static bool is_wanted(int fd, int64_t since)
{
	unsigned char head[HEADER];
	struct journal *probe = NULL;
	uint64_t last;

	if (pread(fd, head, sizeof head, 0) != sizeof head ||
	    !journal_is((struct str){ (char *)head, 8 }))
		return false;
	memcpy(&last, head + HEADER_LAST_TIME, sizeof last);
	if (head[HEADER_STATE] != 1 && last && since > MARGIN && last < (uint64_t)(since - MARGIN))
		return false;
	if (journal_open(fd, &probe) < 0)
		return false;
	journal_release(&probe);
	return true;
}

/* The files that are there now. */
static int list(struct live_source_state *s, struct journal_file *ret, size_t *ret_n)
{
	struct live *l = s->live;
	int64_t since = *s->journal->cursor ? (int64_t)cursor_time(s->journal->cursor) : l->o.since;
	size_t n = 0;
	int result = 0;

	for (uint32_t k = 0; k < LIVE_JOURNAL_FILES; k++) {
		struct live_opened o = { -1, -1, -1, -1 };
		struct stat st;

		result = l->o.open(l->o.user, s->index, LIVE_CURRENT, k, &o);
		if (o.folder >= 0)
			s->journal->folder = o.folder;
		if (result < 0 && k == 0)
			return result;
		if (result < 0)
			break;
		if (fstat(o.fd, &st) < 0 || !is_wanted(o.fd, since)) {
			close(o.fd);
			continue;
		}
		ret[n++] = (struct journal_file){ o.fd, o.watch, st.st_dev, st.st_ino };
	}
	*ret_n = n;
	return 0;
}

static bool same_files(const struct live_journal *j, const struct journal_file *file, size_t n)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < j->n; k++)
			same += file[i].ino == j->file[k].ino && file[i].dev == j->file[k].dev;
	return same == n && n == j->n;
}

/* To behind the entry that was read last. */
static int seek(struct live_source_state *s, const char *cursor)
{
	struct live_journal *j = s->journal;
	int64_t since = s->live->o.since;
	struct str line;
	int r = 1;

	if (*cursor)
		r = journal_seek_cursor(j->handle, cursor);
	else if (s->restored || j->waited)
		r = 0;
	else if (since == INT64_MAX)
		r = journal_seek_end(j->handle);
	else if (since > 0)
		r = journal_seek(j->handle, (uint64_t)since);
	for (; r >= 0 && j->skip; j->skip--)
		r = journal_next(j->handle, &line);
	j->skip = 0;
	return MIN(r, 0);
}

int live_journal_open(struct live_source_state *s)
{
	struct live_journal *j = s->journal;
	own(free_ptr) struct journal_file *file = calloc(LIVE_JOURNAL_FILES, sizeof *file);
	own(free_ptr) int *fds = calloc(LIVE_JOURNAL_FILES, sizeof *fds);
	char cursor[JOURNAL_CURSOR_MAX];
	struct journal *handle = NULL;
	size_t n = 0;
	int result = file && fds ? list(s, file, &n) : -ENOMEM;

	s->reopen = false;
	if (result == 0 && j->handle && same_files(j, file, n)) {
		close_files(file, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		fds[i] = file[i].fd;
	if (result == 0)
		result = n ? journal_open_files(fds, n, &handle) : -ENOENT;
	if (result < 0) {
		close_files(file, n);
		live_trouble(s, result,
			     result == -ENOENT ? "has no journal yet"
					       : "cannot be opened as a journal");
		s->status.open = j->handle != NULL;
		j->waited |= result == -ENOENT;
		return result == -ENOMEM ? result : 0;
	}
	memcpy(cursor, j->cursor, sizeof cursor);
	if (j->placed)
		result = journal_cursor(j->handle, cursor);
	s->status.rotations += j->handle != NULL;
	journal_release(&j->handle);
	close_files(j->file, j->n);
	j->handle = handle;
	memcpy(j->file, file, n * sizeof *file);
	j->n = n;
	result = result < 0 ? result : seek(s, cursor);
	live_trouble(s, result, result < 0 ? "cannot be read where it was left" : NULL);
	j->placed = result == 0 && (*cursor || journal_cursor(j->handle, j->cursor) == 0);
	s->status.open = s->ready = true;
	s->status.polled = n && file[0].watch < 0;
	return 0;
}

int live_journal_fill(struct live_source_state *s)
{
	struct live_journal *j = s->journal;
	struct feed *f = s->feed;
	unsigned failures = 0;
	size_t read = 0;
	struct str line;
	int r = 1;

	s->ready = f->from < f->to;
	if (!j->handle || s->ready)
		return 0;
	if (j->placed && (f->line != j->line || !*j->cursor) &&
	    journal_cursor(j->handle, j->cursor) == 0)
		j->line = f->line;
	/* The first entry by itself: from then on there is a cursor. */
	while (read < (j->placed ? CHUNK : 1) && failures < FAILURES_MAX) {
		int result;

		r = journal_next(j->handle, &line);
		if (r == 0 || r == -ENOMEM)
			break;
		if (r < 0) {
			live_trouble(s, r, "is damaged: entries are left out");
			s->status.skipped++;
			failures++;
			continue;
		}
		result = feed_room(f, line.len);
		if (result < 0)
			return result;
		memcpy(f->buf + f->end, line.ptr, line.len);
		feed_added(f, line.len);
		read += line.len;
	}
	if (!read)
		return r == -ENOMEM ? r : 0;
	j->placed = s->ready = true;
	j->active = live_monotonic();
	return 0;
}

bool live_journal_watches(const struct live_source_state *s, int watch)
{
	if (s->journal->folder == watch)
		return true;
	for (size_t i = 0; i < s->journal->n; i++)
		if (s->journal->file[i].watch == watch)
			return true;
	return false;
}

int64_t live_journal_period(struct live_source_state *s)
{
	int64_t quiet = live_monotonic() - s->journal->active;

	if (!s->journal->handle)
		return 1'000'000;
	if (quiet < 1'000'000)
		return 1'000;
	return quiet < 10'000'000 ? 2'000 : 10'000;
}

int live_journal_save(const struct live_source_state *s, struct buf *b)
{
	const struct live_journal *j = s->journal;
	const struct feed *f = s->feed;
	uint64_t skip = f->line - j->line + j->skip;
	char cursor[JOURNAL_CURSOR_MAX];
	uint16_t n;

	memcpy(cursor, j->cursor, sizeof cursor);
	/* Before the second entry there is none yet. */
	if (!*cursor && j->placed && f->from == f->to && journal_cursor(j->handle, cursor) == 0)
		skip = 0;
	n = (uint16_t)strlen(cursor);
	buf_add(b, &skip, sizeof skip);
	buf_add(b, &n, sizeof n);
	return buf_add(b, cursor, n);
}

int live_journal_restore(struct live_source_state *s, struct str cursor, uint64_t skip)
{
	struct live_journal *j = s->journal;

	if (cursor.len >= sizeof j->cursor)
		return -EBADMSG;
	memcpy(j->cursor, cursor.ptr, cursor.len);
	j->cursor[cursor.len] = '\0';
	j->skip = skip;
	j->line = s->feed->line;
	return 0;
}
