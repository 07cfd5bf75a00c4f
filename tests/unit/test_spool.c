/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spools against a queue in memory, over restarts; folding. */
#include <fcntl.h>
#include <sys/stat.h>

#include "guard/fold.h"
#include "guard/spool.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-spool-XXXXXX";
static uint64_t random_state = 5;

static unsigned pick(unsigned n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(random_state >> 33) % n;
}

/* Record number i: its number, and as many bytes as follow from it. */
static size_t record(unsigned i, char *to)
{
	size_t n = (size_t)sprintf(to, "record %u ", i);

	memset(to + n, 'a' + (int)(i % 26), i * 37 % 900);
	return n + i * 37 % 900;
}

static void add(struct spool *s, unsigned i)
{
	char text[1024];

	if (spool_add(s, (struct str){ text, record(i, text) }) < 0)
		abort();
}

/* The front of the queue: the records from `first` on, as far as they go. */
static size_t check_front(struct spool *s, unsigned first, size_t most)
{
	own(buf_release) struct buf b = BUF((size_t)1 << 20);
	size_t lengths[64], n = spool_peek(s, most, 20'000, &b, lengths), at = 0;

	for (size_t i = 0; i < n; i++) {
		char want[1024];
		size_t len = record(first + (unsigned)i, want);

		if (len != lengths[i] || memcmp(want, b.ptr + at, len) != 0) {
			printf("# record %u: %.20s\n", first + (unsigned)i, b.ptr + at);
			return SIZE_MAX;
		}
		at += len;
	}
	return n;
}

static void test_queue(int dir)
{
	struct spool_status st;
	struct spool *s = NULL;
	unsigned first = 0, next = 0, bad = 0, starts = 0;

	if (spool_open(dir, "queue", (uint64_t)64 << 20, &s) < 0)
		abort();
	for (unsigned step = 0; step < 20'000; step++) {
		unsigned what = pick(10);

		if (what < 5) {
			add(s, next++);
		} else if (what < 9) {
			size_t n = check_front(s, first, 1 + pick(20));

			bad += n == SIZE_MAX || (n == 0) != (first == next);
			if (n != SIZE_MAX && pick(3)) {
				spool_done(s, n);
				first += (unsigned)n;
			}
		} else if (pick(20) == 0) {
			spool_release(&s);
			starts++;
			if (spool_open(dir, "queue", (uint64_t)64 << 20, &s) < 0)
				abort();
		}
		spool_status(s, &st);
		bad += st.waiting != next - first || st.dropped != 0;
	}
	is_int(bad, 0, "a spool is a queue, over restarts, too");
	ok(starts > 20 && next > 5000, "which the test has seen");
	spool_release(&s);
}

static void test_bounded(int dir)
{
	struct spool_status st;
	struct spool *s = NULL;
	struct stat a, b;
	unsigned first;

	if (spool_open(dir, "bounded", 300'000, &s) < 0)
		abort();
	for (unsigned i = 0; i < 5000; i++)
		add(s, i);
	spool_status(s, &st);
	ok(st.dropped > 0 && st.waiting + st.dropped == 5000, "what is given up is counted");
	first = (unsigned)st.dropped;
	ok(check_front(s, first, 50) != SIZE_MAX, "the newest are kept, in order");
	ok(fstatat(dir, "bounded.0", &a, 0) == 0 && fstatat(dir, "bounded.1", &b, 0) == 0 &&
		   a.st_size + b.st_size <= 300'000,
	   "the files are bounded");
	spool_release(&s);
	if (spool_open(dir, "bounded", 300'000, &s) < 0)
		abort();
	spool_status(s, &st);
	is_int(st.waiting, 5000 - first, "a restart finds them");
	ok(check_front(s, first, 50) != SIZE_MAX, "all of them");
	spool_release(&s);
}

static void test_damaged(int dir)
{
	static const char *const names[] = { "damaged.0", "damaged.at" };
	unsigned bad = 0;

	for (unsigned round = 0; round < 300; round++) {
		struct spool *s = NULL;
		struct spool_status st;
		char junk[16];
		int fd;

		if (spool_open(dir, "damaged", 0, &s) < 0)
			abort();
		for (unsigned i = 0; i < 20; i++)
			add(s, i);
		spool_release(&s);
		fd = openat(dir, names[pick(2)], O_RDWR | O_CLOEXEC);
		for (size_t i = 0; i < sizeof junk; i++)
			junk[i] = (char)pick(256);
		if (fd < 0 || pwrite(fd, junk, 1 + pick(16), pick(3000)) < 0)
			abort();
		close(fd);
		if (spool_open(dir, "damaged", 0, &s) < 0)
			abort();
		add(s, 7);
		spool_status(s, &st);
		for (unsigned i = 0; i < 100; i++) {
			own(buf_release) struct buf b = BUF((size_t)1 << 20);
			size_t lengths[64], n = spool_peek(s, 64, 1 << 20, &b, lengths);

			if (!n)
				break;
			spool_done(s, n);
		}
		spool_status(s, &st);
		bad += st.waiting != 0;
		spool_release(&s);
	}
	is_int(bad, 0, "damaged files never stop it");
}

static void test_memory(void)
{
	struct spool_status st;
	struct spool *s = NULL;

	is_int(spool_open(-1, "a/b", 0, &s), -EINVAL, "a name is no path");
	if (spool_open(-1, "memory", 0, &s) < 0)
		abort();
	for (unsigned i = 0; i < 10'000; i++)
		add(s, i);
	spool_status(s, &st);
	ok(st.bytes <= SPOOL_MEMORY && st.waiting + st.dropped == 10'000, "memory is bounded, too");
	ok(check_front(s, (unsigned)st.dropped, 20) == 20, "the newest are kept");
	spool_release(&s);
}

struct folded {
	unsigned told;
	uint64_t more;
	struct str from;
	char text[64];
};

static int told(void *user, const struct notice *n)
{
	struct folded *f = user;

	f->told++;
	f->more += n->more;
	snprintf(f->text, sizeof f->text, "%.*s", STR_FMT(n->title));
	return 0;
}

static void test_fold(void)
{
	struct notice n = {
		.rule = STR("r"), .from = STR("192.0.2.1"), .title = STR("first"), .level = 3
	};
	struct folded seen = {};
	struct fold *f = NULL;
	char from[32];

	if (fold_new(60, &f) < 0)
		abort();
	is_int(fold_add(f, &n, 100, told, &seen), 0, "add");
	is_int(seen.told, 1, "the first is told at once");
	n.title = STR("latest");
	for (unsigned i = 0; i < 10; i++)
		(void)!fold_add(f, &n, 101, told, &seen);
	is_int(seen.told, 1, "those that follow wait");
	is_int(fold_wait(f, 130), 30, "until the window ends");
	is_int(fold_tick(f, 159, false, told, &seen), 0, "not yet");
	is_int(seen.told, 1, "not yet");
	is_int(fold_tick(f, 160, false, told, &seen), 0, "now");
	is_int(seen.told, 2, "they are one");
	is_int(seen.more, 9, "that counts the others");
	is_str(str_of(seen.text), STR("latest"), "and tells of the latest");
	is_int(fold_wait(f, 170), -1, "nothing waits");
	seen = (struct folded){};
	for (unsigned i = 0; i < 3 * FOLD_GROUPS; i++) {
		n.from = (struct str){ from, (size_t)snprintf(from, sizeof from, "host%u", i) };
		(void)!fold_add(f, &n, 200, told, &seen);
		(void)!fold_add(f, &n, 200, told, &seen);
	}
	is_int(fold_tick(f, 200, true, told, &seen), 0, "all");
	is_int(seen.told, 6 * FOLD_GROUPS,
	       "too many groups: each notice is told, none is left out");
	fold_release(&f);
}

int main(void)
{
	char command[64];
	int dir;

	if (!mkdtemp(folder) || (dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 2;
	test_queue(dir);
	test_bounded(dir);
	test_damaged(dir);
	test_memory();
	test_fold();
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0) /* NOLINT: the name is mkdtemp's */
		printf("# %s is left\n", folder);
	return done();
}
