/* SPDX-License-Identifier: GPL-3.0-or-later */
/* last_login: Last login of each account as lastlog or lastlog2 has it. */
#include "facts/fact.h"
#include "facts/linux/lastlog2.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW last_login_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(INTN, time, "UNIX time; NULL when never") \
	X(TEXT, host, "from where") \
	X(TEXT, terminal, "terminal")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "last_login",
	.doc = "Last login of each account as lastlog or lastlog2 has it.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/*
 * struct lastlog of <bits/utmp.h>, indexed by uid: a time, 32 bytes of line, 256 of host. The time
 * has four bytes where 32-bit programs share the file (x86, ppc, s390) and eight elsewhere.
 */
#define LINE_SIZE 32
#define HOST_SIZE 256
#define SHORT_RECORD (4 + LINE_SIZE + HOST_SIZE)
#define LONG_RECORD (8 + LINE_SIZE + HOST_SIZE)

struct lastlog {
	int fd;
	uint64_t size;
	size_t record;
};

static struct str text(const char *s, size_t max) { return (struct str){ s, strnlen(s, max) }; }

static int read_record(const struct lastlog *log, int64_t uid, char *buf)
{
	uint64_t offset = (uint64_t)uid * log->record;
	ssize_t n;

	if (uid < 0 || offset + log->record > log->size)
		return 0;
	do
		n = pread(log->fd, buf, log->record, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == log->record;
}

struct work {
	struct lastlog log;
	struct lastlog2 log2;
	struct map names; /* of log2 */
};

static void work_release(struct work *w)
{
	close_fd(&w->log.fd);
	map_release(&w->names);
}

static void from_lastlog(struct collect *c, const struct lastlog *log, const struct passwd_entry *e,
			 char *buf, struct last_login_row *row)
{
	size_t time_size = log->record - LINE_SIZE - HOST_SIZE;
	int r = read_record(log, e->uid, buf);
	int64_t time = 0;
	int32_t time32;

	if (r < 0)
		collect_problem(c, r, "/var/log/lastlog", "record of %.*s",
				(int)MIN(e->name.len, 64), e->name.ptr);
	if (r <= 0)
		return;
	memcpy(&time, buf, sizeof time);
	memcpy(&time32, buf, sizeof time32);
	if (time_size == sizeof time32)
		time = time32;
	if (!time)
		return;
	row->time = time;
	row->terminal = text(buf + time_size, LINE_SIZE);
	row->host = text(buf + time_size + LINE_SIZE, HOST_SIZE);
}

static int emit(struct collect *c, const struct work *w, const struct passwd_entry *e)
{
	char buf[LONG_RECORD] = {};
	struct last_login_row row = { .username = e->name, .uid = e->uid, .time = FACT_UNKNOWN };
	const uint64_t *i = map_get(&w->names, e->name);

	if (w->log.fd >= 0)
		from_lastlog(c, &w->log, e, buf, &row);
	/* Both are there after an upgrade: the later one counts. */
	if (i && w->log2.entries[*i].time > MAX(row.time, 0)) {
		row.time = w->log2.entries[*i].time;
		row.terminal = w->log2.entries[*i].terminal;
		row.host = w->log2.entries[*i].host;
	}
	return collect_row(c, &row);
}

/* 1: open, 0: none (or reported). */
static int open_log(struct collect *c, struct lastlog *ret)
{
	struct stat st;
	int r = root_open_file(c->root, "/var/log/lastlog", &st, &ret->fd);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0) {
		collect_problem(c, r, "/var/log/lastlog", "%s", strerror(-r));
		return 0;
	}
	ret->size = (uint64_t)st.st_size;
	ret->record = SHORT_RECORD;
	if (ret->size % SHORT_RECORD && ret->size % LONG_RECORD == 0)
		ret->record = LONG_RECORD;
	else if (ret->size % SHORT_RECORD)
		collect_problem(c, 0, "/var/log/lastlog", "cut off in the middle of a record");
	return 1;
}

static int open_log2(struct collect *c, struct work *w)
{
	static const char path[] = "/var/lib/lastlog/lastlog2.db";
	struct str text;
	int r = collect_read(c, path, &text, NULL);

	if (r <= 0)
		return r;
	r = lastlog2_parse(text, c->arena, &w->log2);
	if (r == -EBADMSG || r == -E2BIG) {
		collect_problem(c, r, path, "not a database of last logins");
		return 0;
	}
	for (size_t i = 0; r >= 0 && i < w->log2.n; i++)
		r = map_put(&w->names, w->log2.entries[i].name, i);
	return r < 0 ? r : 1;
}

static int collect(struct collect *c)
{
	own(work_release) struct work w = { .log = { .fd = -1 } };
	struct passwd_file users;
	int old = open_log(c, &w.log), new = open_log2(c, &w), r = MIN(old, new);

	if (r < 0 || (!old && !new))
		return r;
	r = passwd_read(c, &users);
	for (size_t i = 0; r >= 0 && i < users.n; i++) {
		if (!passwd_is_compat(users.entries[i].name))
			r = emit(c, &w, &users.entries[i]);
	}
	return r < 0 ? r : 0;
}

const struct collector collector_last_login = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
