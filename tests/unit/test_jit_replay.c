/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No id is taken twice: beside a plain list, over restarts, with damaged files. */
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "jit/replay.h"
#include "tap.h"

#define SKEW 60'000
#define START 1'790'000'000'000

static char folder_path[] = "/tmp/holdfast-replay-XXXXXX";
static int folder = -1;
static uint64_t state = 5;

static uint32_t number(uint32_t below)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33) % below;
}

static void id_of(uint32_t n, unsigned char ret[static KNOCK_ID])
{
	memset(ret, 0, KNOCK_ID);
	for (unsigned i = 0; i < 4; i++)
		ret[i] = (unsigned char)(n >> 8 * i);
	ret[15] = 1;
}

static struct replay *open_it(int64_t now, struct diag *d)
{
	struct replay *r = NULL;

	return replay_open(folder, STR("a"), now, SKEW, &r, d) < 0 ? NULL : r;
}

static bool add(struct replay *r, uint32_t n, int64_t time, int64_t now)
{
	unsigned char id[KNOCK_ID];

	id_of(n, id);
	return replay_add(r, id, time, now) == 0;
}

static enum replay_state ask(const struct replay *r, uint32_t n, int64_t time, int64_t now)
{
	unsigned char id[KNOCK_ID];

	id_of(n, id);
	return replay_ask(r, id, time, now);
}

static void plain(void)
{
	struct replay *r own(replay_close) = open_it(START, NULL);
	unsigned char zeros[KNOCK_ID] = {};

	if (!ok(r, "opened"))
		return;
	ok(!add(r, 1, START, START), "from before the first start");
	ok(add(r, 1, START + 1, START), "new");
	ok(!add(r, 1, START + 1, START), "not twice");
	is_int(ask(r, 1, START + 9, START), REPLAY_SEEN, "nor with another time");
	is_int(ask(r, 2, START + SKEW + 1, START), REPLAY_SKEWED, "ahead");
	is_int(ask(r, 2, START + SKEW, START), REPLAY_NEW, "as far ahead as it may");
	is_int(ask(r, 2, START + 5, START + SKEW + 6), REPLAY_SKEWED, "behind");
	is_int(ask(r, 2, INT64_MAX, START), REPLAY_SKEWED, "the end of time");
	is_int(ask(r, 2, START, INT64_MAX), REPLAY_SKEWED, "at the end of time");
	is_int(replay_add(r, zeros, START + 1, START), -EEXIST, "no id");
	replay_close(&r);
	r = open_it(START + 10, NULL);
	ok(r && !add(r, 1, START + 1, START + 10), "not after a restart");
	ok(r && replay_count(r) == 1, "one is kept");
	replay_close(&r);
	/* The id is forgotten; then the clock is set back. */
	r = open_it(START + 10 * SKEW, NULL);
	ok(r && replay_count(r) == 0, "kept no longer than it must be");
	replay_close(&r);
	r = open_it(START + 10, NULL);
	ok(r && !add(r, 1, START + 1, START + 10), "not after the clock was set back");
	ok(r && add(r, 3, START + 11, START + 10), "a later one is");
}

/* All that was ever taken. */
static struct taken {
	uint32_t id;
	int64_t time;
} all[20'000];

static void modelled(void)
{
	int64_t now = START;
	unsigned n_all = 0, twice = 0, refused = 0, tries = 0;
	struct replay *r own(replay_close) = open_it(now, NULL);

	for (unsigned n = 0; n < 20'000 && r; n++) {
		bool again = n_all && !number(3);
		struct taken t = { 100 + n, now + 1 + number(SKEW / 2) };
		bool live = false;

		if (again)
			t = all[n_all - 1 - number(MIN(n_all, 3'000))];
		if (again && number(2))
			t.time = now;
		for (unsigned i = 0; i < n_all; i++)
			live |= all[i].id == t.id &&
				(all[i].time == t.time || all[i].time >= now - SKEW);
		tries += live;
		if (add(r, t.id, t.time, now)) {
			twice += live;
			all[n_all++] = t;
		} else {
			refused += !live && !again;
		}
		now += number(60);
		if (!number(1'000)) {
			replay_close(&r);
			r = open_it(now, NULL);
		}
	}
	ok(r, "reopened");
	is_int(twice, 0, "none was taken twice in its time");
	is_int(refused, 0, "every new one is taken");
	ok(n_all > 10'000 && tries > 4'000, "many were, and many tried again");
}

static void write_file(const char *bytes, size_t n)
{
	int fd own(close_fd) = openat(folder, REPLAY_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && write(fd, bytes, n) == (ssize_t)n, "file");
}

static size_t read_file(char *ret, size_t room)
{
	int fd own(close_fd) = openat(folder, REPLAY_NAME, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, room);

	return n < 0 ? 0 : (size_t)n;
}

/* 1: an id came in again. */
static unsigned try_bytes(const char *bytes, size_t n, bool told)
{
	int fd own(close_fd) = openat(folder, REPLAY_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct replay *r own(replay_close) = NULL;
	struct diag d = {};
	unsigned bad = 0;

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		return 1;
	r = open_it(START + 100, &d);
	if (!r)
		return 1;
	for (uint32_t i = 0; i < 5; i++)
		bad += add(r, i, START + 10 + i, START + 100);
	return bad + (told && !d.reason[0]);
}

static void damaged(void)
{
	char bytes[4096], copy[4096];
	unsigned bad = 0;
	size_t n;
	struct replay *r = NULL;

	unlinkat(folder, REPLAY_NAME, 0);
	r = open_it(START, NULL);
	for (uint32_t i = 0; i < 5 && r; i++)
		bad += !add(r, i, START + 10 + i, START);
	replay_close(&r);
	is_int(bad, 0, "five ids");
	n = read_file(bytes, sizeof bytes);
	is_int(n, 18 + 8 * 32, "eight records");
	is_int(try_bytes(bytes, n, false), 0, "whole");
	for (size_t at = 0; at < n; at++) {
		memcpy(copy, bytes, n);
		copy[at] ^= (char)(1 << at % 8);
		bad += try_bytes(copy, n, true);
	}
	is_int(bad, 0, "no bit turned lets one in again, and each is told");
	for (size_t len = 0; len < 18 + 64; len++)
		bad += try_bytes(bytes, len, true);
	is_int(bad, 0, "nor does a short file");
	is_int(try_bytes(bytes, n + 31, false), 0, "a record that was cut short");
	memset(copy, 0xff, sizeof copy);
	is_int(try_bytes(copy, sizeof copy, true), 0, "all ones");
	/* Two records change places. */
	memcpy(copy, bytes, n);
	memcpy(copy + 18 + 64, bytes + 18 + 96, 32);
	memcpy(copy + 18 + 96, bytes + 18 + 64, 32);
	is_int(try_bytes(copy, n, true), 0, "another order");
	write_file("x", 1);
	r = open_it(START + 200, NULL);
	ok(r && !add(r, 77, START + 200 + SKEW, START + 200), "after damage nothing of now");
	ok(r && add(r, 77, START + 202 + SKEW, START + 201 + SKEW), "later it is");
	replay_close(&r);
}

/* What a process that died, or a machine that did, leaves behind. */
static void stopped(void)
{
	struct replay *r = NULL;
	struct diag d = {};
	char bytes[4096];
	size_t n;

	unlinkat(folder, REPLAY_NAME, 0);
	r = open_it(START, NULL);
	ok(r && add(r, 1, START + 5, START), "an id");
	n = read_file(bytes, sizeof bytes);
	replay_close(&r);
	is_int(replay_open(folder, STR("b"), START + 10, SKEW, &r, &d), 0, "another boot");
	ok(r && !d.reason[0] && add(r, 2, START + 11, START + 10) &&
		   !add(r, 1, START + 5, START + 10),
	   "it was closed, so that all ids are known");
	replay_close(&r);
	write_file(bytes, n);
	is_int(replay_open(folder, STR("a"), START + 10, SKEW, &r, &d), 0, "the same boot");
	ok(r && !d.reason[0] && add(r, 2, START + 11, START + 10) &&
		   !add(r, 1, START + 5, START + 10),
	   "only the process died");
	replay_close(&r);
	write_file(bytes, n);
	is_int(replay_open(folder, STR("b"), START + 10, SKEW, &r, &d), 0, "the machine died");
	ok(r && !add(r, 2, START + SKEW, START + 10), "nobody gets in");
	is_str(str_of(d.reason),
	       STR("the machine stopped unawares: all requests are refused for 60 s"),
	       "and it says so");
	ok(r && add(r, 2, START + SKEW + 11, START + SKEW + 11), "until the time is over");
	replay_close(&r);
}

static void odd_files(void)
{
	struct replay *r = NULL;

	unlinkat(folder, REPLAY_NAME, 0);
	ok(!mkfifoat(folder, REPLAY_NAME, 0600), "a FIFO");
	is_int(replay_open(folder, STR("a"), START, SKEW, &r, NULL), -EINVAL, "is not waited for");
	unlinkat(folder, REPLAY_NAME, 0);
	ok(!symlinkat("/etc/passwd", folder, REPLAY_NAME), "a link");
	is_int(replay_open(folder, STR("a"), START, SKEW, &r, NULL), -EINVAL, "is not followed");
	unlinkat(folder, REPLAY_NAME, 0);
	write_file("", 0);
	ok(!fchmodat(folder, REPLAY_NAME, 0666, 0), "anybody may write");
	is_int(replay_open(folder, STR("a"), START, SKEW, &r, NULL), -EACCES, "not taken");
	unlinkat(folder, REPLAY_NAME, 0);
	ok(!symlinkat("/etc/passwd", folder, REPLAY_NAME ".new"), "a link as temporary file");
	is_int(replay_open(folder, STR("a"), START, SKEW, &r, NULL), 0, "is taken away");
	replay_close(&r);
	is_int(replay_open(folder, STR("a"), START, 0, &r, NULL), -EINVAL, "no skew");
	is_int(replay_open(folder, STR("a"), START, REPLAY_SKEW_MAX_MS + 1, &r, NULL), -EINVAL,
	       "too much");
	ok(!r, "nothing to close");
}

/* More ids than there is room for within their time: old ones go, and nothing comes in twice. */
static void full(void)
{
	struct replay *r own(replay_close) = NULL;
	unsigned again = 0, late = 0;

	if (!is_int(replay_open(-1, STR("a"), START, SKEW, &r, NULL), 0, "in memory"))
		return;
	for (uint32_t i = 0; i < REPLAY_MAX + 10; i++)
		late += !add(r, i, START + i / 2, START + i / 2);
	is_int(late, 0, "new ones always get in");
	ok(replay_count(r) <= REPLAY_MAX / 2 + 20, "half went");
	for (uint32_t i = 0; i < REPLAY_MAX + 10; i++)
		again += add(r, i, START + i / 2, START + REPLAY_MAX / 2 + 5);
	is_int(again, 0, "none comes in again");
	is_int(ask(r, 999'999, START + 5, START + REPLAY_MAX / 2), REPLAY_OLD, "before the floor");
}

int main(void)
{
	if (sodium_init() < 0 || !mkdtemp(folder_path))
		return 1;
	folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	plain();
	unlinkat(folder, REPLAY_NAME, 0);
	modelled();
	damaged();
	stopped();
	odd_files();
	full();
	unlinkat(folder, REPLAY_NAME, 0);
	unlinkat(folder, REPLAY_NAME ".new", 0);
	ok(!rmdir(folder_path), "nothing else is left");
	close_fd(&folder);
	return done();
}
