/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Live files: what is added, rotated, truncated, replaced; the cursor. */
#include "live_try.h"

static const char *const app[] = { "app.log", NULL };

static void test_follow(void)
{
	struct live_try *t = try_new("live-follow");

	try_lines(t, "app.log", 1, 3);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 3), "what is there is told");
	is_int(t->late, 3, "and is late");
	try_lines(t, "app.log", 4, 5);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 4, 5), "what is added is told");
	is_int(t->record, 5, "with its line's number");
	try_append(t, "app.log", "2026-11-22T10:00:06Z host app[7]: li");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 0, 0), "a line without its end is waited for");
	try_append(t, "app.log", "ne #6\n");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 6, 6), "and told once it is whole");
	is_str(str_of(t->raw), STR("2026-11-22T10:00:06Z host app[7]: line #6"), "as a whole");
	is_int(try_status(t).lines, 6, "lines are counted");
	is_int(try_status(t).behind, 0, "nothing is left");
	try_release(t);
}

static void test_appears(void)
{
	struct live_try *t = try_new("live-appears");

	try_start(t, app);
	is_int(try_run(t), 0, "runs without the file");
	is_str(str_of(try_status(t).problem), STR("does not exist yet"), "says what is wrong");
	try_lines(t, "app.log", 1, 2);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 2), "a file that appears is read from its start");
	ok(!try_status(t).problem, "and nothing is wrong any more");
	try_release(t);
}

static void test_rotation(void)
{
	struct live_try *t = try_new("live-rotation");
	int old;

	try_lines(t, "app.log", 1, 2);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	old = open(try_path(t, "app.log"), O_WRONLY | O_APPEND);
	try_lines(t, "app.log", 3, 3);
	must(rename(try_path(t, "app.log"), try_path(t, "app.log.1")));
	try_lines(t, "app.log", 5, 6);
	dprintf(old, "2026-11-22T10:00:04Z host app[7]: line #4\n");
	is_int(try_run(t), 0, "runs");
	is_int(t->disorder, 0, "the old file's rest comes first");
	ok(try_once(t, 1, 6), "nothing is lost by a rotation");
	dprintf(old, "2026-11-22T10:00:07Z host app[7]: line #7\n");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 7, 7), "what a program still writes to the old file is told");
	is_int(try_status(t).rotations, 1, "one rotation");
	close(old);
	must(rename(try_path(t, "app.log.1"), try_path(t, "app.log.2")));
	must(rename(try_path(t, "app.log"), try_path(t, "app.log.1")));
	is_int(try_run(t), 0, "runs");
	try_lines(t, "app.log.1", 8, 8);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 8, 8), "the old file is read while there is no new one");
	try_lines(t, "app.log", 9, 9);
	must(rename(try_path(t, "app.log"), try_path(t, "app.log.0")));
	try_lines(t, "app.log", 10, 10);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 9, 10), "a file that came and went between two looks is found");
	must(unlink(try_path(t, "app.log")));
	try_lines(t, "app.log", 11, 12);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 11, 12), "a file in place of a deleted one is read");
	is_int(try_status(t).gaps, 0, "no gaps");
	try_release(t);
}

static void copy_file(const struct live_try *t, const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof command, "cp '%s' '%s'", try_path(t, from), try_path(t, to));
	if (system(command) != 0) /* NOLINT: names of our own */
		abort();
}

static void test_truncation(void)
{
	struct live_try *t = try_new("live-truncation");
	int fd;

	try_lines(t, "app.log", 1, 100);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 100), "read");
	must(truncate(try_path(t, "app.log"), 0));
	try_lines(t, "app.log", 101, 102);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 101, 102), "after a truncation it is read from the start");
	must(truncate(try_path(t, "app.log"), 0));
	try_lines(t, "app.log", 103, 300);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 103, 300), "also where it is longer by then than it was");
	try_lines(t, "app.log", 301, 305);
	try_append(t, "app.log", "2026-11-22T10:00:06Z host app[7]: half of it");
	copy_file(t, "app.log", "app.log.1");
	must(truncate(try_path(t, "app.log"), 0));
	try_lines(t, "app.log", 307, 309);
	is_int(try_run(t), 0, "runs");
	is_int(t->told, 309, "copytruncate: what was not read is read in the copy");
	is_int(t->seen[305] + t->seen[307], 2, "before what is new");
	is_int(try_status(t).truncations, 3, "three truncations");
	memset(t->seen, 0, sizeof t->seen);
	/* A program that does not append goes on where it was: behind a hole. */
	fd = open(try_path(t, "app.log"), O_WRONLY);
	lseek(fd, 0, SEEK_END);
	must(truncate(try_path(t, "app.log"), 0));
	must(unlink(try_path(t, "app.log.1")));
	lseek(fd, (off_t)1 << 32, SEEK_SET);
	dprintf(fd, "2026-11-22T10:00:06Z host app[7]: line #310\n");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 310, 310), "a hole of 4 GB is passed over");
	close(fd);
	try_release(t);
}

static void test_replaced(void)
{
	struct live_try *t = try_new("live-replaced");
	char path[160];

	snprintf(path, sizeof path, "%s", try_path(t, "app.log"));
	try_lines(t, "app.log", 1, 1);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	must(unlink(path));
	must(mkfifo(path, 0600));
	is_int(try_run(t), 0, "a FIFO in its place is not waited for");
	is_str(str_of(try_status(t).problem), STR("is no file but a FIFO, a socket or a device"),
	       "it is named");
	must(unlink(path));
	must(mkdir(path, 0700));
	is_int(try_run(t), 0, "runs");
	is_str(str_of(try_status(t).problem), STR("is a directory"), "a directory, too");
	must(rmdir(path));
	must(symlink("/dev/zero", path));
	is_int(try_run(t), 0, "runs");
	is_int(try_status(t).error, -EINVAL, "a link to a device is none either");
	must(unlink(path));
	must(symlink("app.log", path));
	is_int(try_run(t), 0, "runs");
	is_int(try_status(t).error, -ELOOP, "a link to itself");
	must(unlink(path));
	try_lines(t, "other", 2, 2);
	must(symlink("other", path));
	is_int(try_run(t), 0, "runs");
	ok(!try_status(t).problem, "a link to a file is followed");
	try_lines(t, "third", 3, 3);
	try_lines(t, "other", 4, 4);
	must(unlink(path));
	must(symlink(try_path(t, "third"), path));
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 4), "and when it changes, the new file is");
	try_release(t);
}

static void test_stranger(void)
{
	struct live_try *t = try_new("live-stranger");
	char path[160];

	snprintf(path, sizeof path, "%s", try_path(t, "app.log"));
	if (geteuid() != 0) {
		skip("links of others", "needs root");
		try_release(t);
		return;
	}
	try_lines(t, "secret", 1, 1);
	must(symlink("secret", path));
	if (lchown(path, 65534, 65534) < 0)
		abort();
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	is_int(try_status(t).error, -ELOOP, "a link that somebody else made is not followed");
	ok(try_once(t, 0, 0), "and nothing of the file is told");
	if (chown(try_path(t, "secret"), 65534, 65534) < 0)
		abort();
	is_int(try_run_for(t, 1500) <= 0, 1, "runs");
	ok(try_once(t, 1, 1), "to a file of its own it is");
	try_release(t);
}

static void test_long_line(void)
{
	struct live_try *t = try_new("live-long");
	static char text[1 << 20];
	int fd;

	try_lines(t, "app.log", 1, 1);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	fd = open(try_path(t, "app.log"), O_WRONLY | O_APPEND);
	memset(text, 'x', sizeof text);
	for (unsigned i = 0; i < 64; i++) {
		if (write(fd, text, sizeof text) != sizeof text)
			abort();
		if (i % 8 == 0 && try_run(t) < 0)
			abort();
	}
	is_int(try_run(t), 0, "a line without an end does not stop it");
	is_int(try_status(t).cut, 1, "it is cut and counted");
	try_save(t);
	try_stop(t);
	try_start(t, app);
	is_int(try_run(t), 0, "a new start within it");
	dprintf(fd, "rest\n2026-11-22T10:00:02Z host app[7]: line #2\n");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 2), "what follows is told");
	is_int(t->record, 3, "as the third line");
	close(fd);
	try_release(t);
}

static void test_restart(void)
{
	struct live_try *t = try_new("live-restart");
	struct live_status before;

	try_lines(t, "app.log", 1, 1000);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	try_save(t);
	before = try_status(t);
	try_stop(t);
	try_lines(t, "app.log", 1001, 1010);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1, 1010), "a restart goes on where the cursor was saved");
	is_int(try_status(t).lines, before.lines + 10, "counters go on, too");
	is_int(t->record, 1010, "and line numbers");
	try_save(t);
	try_lines(t, "app.log", 1011, 1012);
	is_int(try_run(t), 0, "runs");
	try_stop(t);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	is_int(t->seen[1011] + t->seen[1012], 4, "what was told and not saved is told again");
	memset(t->seen, 0, sizeof t->seen);
	try_save(t);
	try_stop(t);
	/* Rotated twice meanwhile, and a copy that somebody made lies beside it. */
	copy_file(t, "app.log", "app.log.bak");
	try_lines(t, "app.log", 1013, 1014);
	must(rename(try_path(t, "app.log"), try_path(t, "app.log.2")));
	try_lines(t, "app.log.1", 1015, 1016);
	try_lines(t, "app.log", 1017, 1018);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1013, 1018), "rotated twice while it was down: nothing lost, nothing twice");
	is_int(try_status(t).gaps, 0, "no gap");
	try_save(t);
	try_stop(t);
	copy_file(t, "app.log", "app.log.0");
	try_lines(t, "app.log.0", 1019, 1019);
	must(truncate(try_path(t, "app.log"), 0));
	try_lines(t, "app.log", 1020, 1022);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1019, 1022), "copied and truncated while it was down");
	try_save(t);
	try_stop(t);
	must(unlink(try_path(t, "app.log")));
	try_lines(t, "app.log", 1023, 1024);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 1023, 1024), "replaced by another one");
	is_int(try_status(t).gaps, 1, "which is a gap, and is said");
	try_release(t);
}

static void test_bad_cursor(void)
{
	struct live_try *t = try_new("live-cursor");
	struct diag d = {};
	unsigned refused = 0;

	try_lines(t, "app.log", 1, 10);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	try_save(t);
	ok(t->cursor.len < 1024, "a cursor is small");
	try_stop(t);
	try_start(t, app);
	is_int(live_restore(t->live, STR("HFL1"), &d), -EBADMSG, "a cursor that is cut off");
	for (size_t i = 0; i < t->cursor.len; i++) {
		t->cursor.ptr[i] ^= 1;
		refused += live_restore(t->live, buf_view(&t->cursor), NULL) == -EBADMSG;
		t->cursor.ptr[i] ^= 1;
	}
	is_int(refused, t->cursor.len, "any bit that is wrong is noticed");
	is_int(try_run(t), 0, "runs");
	is_int(live_restore(t->live, buf_view(&t->cursor), NULL), -EINVAL, "too late for a cursor");
	try_release(t);
}

static void test_since(void)
{
	struct live_try *t = try_new("live-since");

	/* 10:00:01 … 10:59:59 and over again: only up to 3,599 they are in order. */
	try_lines(t, "app.log", 1, 3000);
	t->since = INT64_C(1795341600'000000) + INT64_C(1000'000000);
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	ok(t->seen[1000] == 1 && t->seen[3000] == 1 && !t->seen[1], "older lines are left out");
	is_int(t->record, 3000, "line numbers are the file's");
	try_stop(t);
	memset(t->seen, 0, sizeof t->seen);
	t->since = INT64_MAX;
	try_start(t, app);
	is_int(try_run(t), 0, "runs");
	try_lines(t, "app.log", 3001, 3002);
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 3001, 3002), "only what is new");
	try_release(t);
}

static void test_polled(void)
{
	struct live_try *t = try_new("live-polled");

	t->inotify = false;
	try_lines(t, "app.log", 1, 2);
	try_start(t, app);
	is_int(try_run(t), 0, "runs without inotify");
	ok(try_status(t).polled, "and says so");
	try_lines(t, "app.log", 3, 3);
	must(rename(try_path(t, "app.log"), try_path(t, "app.log.1")));
	try_lines(t, "app.log", 4, 4);
	for (unsigned i = 0; i < 30 && t->told < 4; i++)
		if (try_run_for(t, 100) < 0)
			break;
	ok(try_once(t, 1, 4), "files are looked at now and then");
	try_release(t);
}

static void test_two(void)
{
	struct live_try *t = try_new("live-two");
	static const char *const both[] = { "a.log", "b.log", NULL };

	for (unsigned i = 1; i <= 1000; i++)
		try_lines(t, i % 3 ? "a.log" : "b.log", i, i);
	try_start(t, both);
	is_int(try_run(t), 0, "runs");
	is_int(t->disorder, 0, "the oldest line of several files comes first");
	ok(try_once(t, 1, 1000), "all of them");
	try_append(t, "a.log", "2026-11-22T12:00:00Z host app[7]: same #2000\n");
	try_append(t, "b.log", "2026-11-22T12:00:00Z host app[7]: same #2000\n");
	is_int(try_run(t), 0, "runs");
	ok(try_once(t, 2000, 2000), "a line that is in two files is one event");
	try_release(t);
}

int main(void)
{
	test_follow();
	test_appears();
	test_rotation();
	test_truncation();
	test_replaced();
	test_stranger();
	test_long_line();
	test_restart();
	test_bad_cursor();
	test_since();
	test_polled();
	test_two();
	return done();
}
