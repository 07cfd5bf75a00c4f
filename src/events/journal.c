/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <systemd/sd-journal.h>

#include "base/buf.h"
#include "events/journal.h"
#include "events/program.h"

#define ENTRY_MAX ((size_t)256 << 10)

struct journal {
	sd_journal *handle;
	struct buf line;
	size_t given; /* of line */
	size_t used;
	char text[ENTRY_MAX + 4096]; /* of an entry: what the library gives does not stay */
};

/* What an entry's line is made of. */
struct entry {
	struct str message, identifier, comm, exe, host, pid, uid, transport;
};

bool journal_is(struct str head) { return str_starts(head, STR("LPKSHHRH")); }

/* A handle that was opened owns the descriptors; one that was not owns none. */
static int open_copies(const int *fds, size_t n, sd_journal **ret)
{
	own(free_ptr) int *copies = calloc(MAX(n, 1), sizeof *copies);
	size_t made = 0;
	int r = copies ? 0 : -ENOMEM;

	for (; r >= 0 && made < n; made += r >= 0) {
		copies[made] = fcntl(fds[made], F_DUPFD_CLOEXEC, 3);
		r = copies[made] < 0 ? -errno : 0;
	}
	if (r >= 0)
		r = sd_journal_open_files_fd(ret, copies, (unsigned)n, 0);
	for (size_t i = 0; r < 0 && i < made; i++)
		close(copies[i]);
	return r;
}

int journal_open_files(const int *fds, size_t n, struct journal **ret)
{
	struct journal *j = calloc(1, sizeof *j);
	int r;

	if (!j)
		return -ENOMEM;
	j->line.limit = 2 * ENTRY_MAX + 1024;
	r = open_copies(fds, n, &j->handle);
	if (r >= 0)
		r = sd_journal_set_data_threshold(j->handle, ENTRY_MAX);
	if (r >= 0)
		r = sd_journal_seek_head(j->handle);
	if (r < 0) {
		journal_release(&j);
		return r;
	}
	*ret = j;
	return 0;
}

int journal_open(int fd, struct journal **ret) { return journal_open_files(&fd, 1, ret); }

void journal_release(struct journal **j)
{
	if (*j) {
		if ((*j)->handle)
			sd_journal_close((*j)->handle);
		buf_release(&(*j)->line);
	}
	free(*j);
	*j = NULL;
}

static struct str copy(struct journal *j, struct str s)
{
	char *p = j->text + j->used;
	size_t n = MIN(s.len, sizeof j->text - j->used);

	if (n)
		memcpy(p, s.ptr, n);
	j->used += n;
	return (struct str){ p, n };
}

static void keep(struct journal *j, struct entry *e, struct str field)
{
	const struct {
		struct str name;
		struct str *to;
	} fields[] = {
		{STR("MESSAGE="),            &e->message   },
		{ STR("SYSLOG_IDENTIFIER="), &e->identifier},
		{ STR("_COMM="),             &e->comm      },
		{ STR("_EXE="),              &e->exe       },
		{ STR("_HOSTNAME="),         &e->host      },
		{ STR("_PID="),              &e->pid       },
		{ STR("SYSLOG_PID="),        &e->pid       },
		{ STR("_UID="),              &e->uid       },
		{ STR("_TRANSPORT="),        &e->transport },
	};

	for (size_t i = 0; i < COUNT(fields); i++) {
		if (!str_starts(field, fields[i].name))
			continue;
		/* What the journal knows itself comes before what it was told. */
		if (!fields[i].to->len || *fields[i].name.ptr == '_')
			*fields[i].to = copy(j, str_sub(field, fields[i].name.len, field.len));
		return;
	}
}

/* A word of the envelope: nothing in it may end it early. */
static void add_word(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len && i < 128; i++) {
		char c = s.ptr[i];

		buf_putc(b, (char)(c <= ' ' || c == '[' || c == ']' || c == ':' ? '_' : c));
	}
}

/* A message may have line feeds; the line has one, at its end. */
static void add_message(struct buf *b, struct str s)
{
	while (s.len && s.ptr[s.len - 1] == '\n')
		s.len--;
	while (s.len) {
		const char *p = memchr(s.ptr, '\n', s.len);
		size_t n = p ? (size_t)(p - s.ptr) : s.len;

		buf_add(b, s.ptr, n);
		s = str_sub(s, n, s.len);
		if (p) {
			buf_puts(b, "\\n");
			s = str_sub(s, 1, s.len);
		}
	}
}

static void add_time(struct buf *b, uint64_t micros)
{
	uint64_t seconds = micros / 1'000'000;
	unsigned month, day, rest = (unsigned)(seconds % 86400);
	int year;

	date_of((int64_t)(seconds / 86400), &year, &month, &day);
	buf_fmt(b, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ ", year, month, day, rest / 3600,
		rest / 60 % 60, rest % 60, (unsigned)(micros % 1'000'000));
}

/* The journal keeps the names as they were sent; the kernel's have no process. */
static void write_line(struct buf *b, const struct entry *e, uint64_t micros)
{
	struct str program = e->identifier.len ? e->identifier : e->comm;

	if (!program.len)
		program = str_eq(e->transport, STR("kernel")) ? STR("kernel") : STR("unknown");
	program = journal_program(program, e->uid, e->exe);
	add_time(b, micros);
	add_word(b, e->host.len ? e->host : STR("localhost"));
	buf_putc(b, ' ');
	add_word(b, program);
	if (e->pid.len && !str_eq(e->transport, STR("kernel"))) {
		buf_putc(b, '[');
		add_word(b, e->pid);
		buf_putc(b, ']');
	}
	buf_puts(b, ": ");
	add_message(b, e->message);
	buf_putc(b, '\n');
}

/* 1, 0 at the end, -errno. */
static int next_line(struct journal *j)
{
	struct entry e = {};
	uint64_t micros;
	const void *data;
	size_t n;
	int r = sd_journal_next(j->handle);

	if (r <= 0)
		return r;
	buf_reset(&j->line);
	j->given = 0;
	r = sd_journal_get_realtime_usec(j->handle, &micros);
	if (r < 0 || micros > UINT64_C(253402300799000000)) /* year 9999 */
		return r < 0 ? r : -EBADMSG;
	j->used = 0;
	sd_journal_restart_data(j->handle);
	while ((r = sd_journal_enumerate_data(j->handle, &data, &n)) > 0)
		keep(j, &e, (struct str){ data, n });
	if (r == -ENOMEM)
		return r;
	write_line(&j->line, &e, micros);
	return j->line.error ? j->line.error : 1;
}

ssize_t journal_read(struct journal *j, char *to, size_t n)
{
	size_t got = 0;

	while (got < n) {
		size_t rest = j->line.len - j->given, part = MIN(rest, n - got);
		int r;

		if (part) {
			memcpy(to + got, j->line.ptr + j->given, part);
			j->given += part;
			got += part;
			continue;
		}
		r = next_line(j);
		if (r < 0)
			return got ? (ssize_t)got : r;
		if (r == 0)
			break;
	}
	return (ssize_t)got;
}

int journal_next(struct journal *j, struct str *ret)
{
	int r = next_line(j);

	if (r > 0)
		*ret = buf_view(&j->line);
	return r;
}

int journal_seek(struct journal *j, uint64_t time)
{
	return MIN(sd_journal_seek_realtime_usec(j->handle, time), 0);
}

int journal_seek_end(struct journal *j)
{
	int r = sd_journal_seek_tail(j->handle);

	/* Only with an entry does the place stay where it is when others come. */
	if (r >= 0)
		r = sd_journal_previous(j->handle);
	return MIN(r, 0);
}

int journal_seek_cursor(struct journal *j, const char *cursor)
{
	int r = sd_journal_seek_cursor(j->handle, cursor);

	if (r >= 0)
		r = sd_journal_next(j->handle);
	if (r <= 0 || (r = sd_journal_test_cursor(j->handle, cursor)) != 0)
		return MIN(r, 0);
	/* It is gone: this one comes next. */
	r = sd_journal_previous(j->handle);
	if (r == 0)
		r = sd_journal_seek_head(j->handle);
	return MIN(r, 0);
}

int journal_cursor(struct journal *j, char ret[static JOURNAL_CURSOR_MAX])
{
	own(free_ptr) char *cursor = NULL;
	int r = sd_journal_get_cursor(j->handle, &cursor);
	size_t n;

	if (r < 0)
		return r;
	n = strlen(cursor) + 1;
	if (n > JOURNAL_CURSOR_MAX)
		return -EFBIG;
	memcpy(ret, cursor, n);
	return 0;
}
