/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is done to the audit log is found, and the first bad record named. */
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "base/json.h"
#include "jit/chain.h"
#include "tap.h"

#define START 1'790'000'000'123
#define N 6U

static char folder_path[] = "/tmp/holdfast-chain-XXXXXX";
static int folder = -1;
static char good[8192], good_head[256];
static size_t n_good, n_head;

static size_t slurp(const char *name, char *ret, size_t room)
{
	int fd own(close_fd) = openat(folder, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, room);

	return n < 0 ? 0 : (size_t)n;
}

static void put(const char *name, const char *bytes, size_t n)
{
	int fd own(close_fd) = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		ok(false, name);
}

static struct chain_state verify(void)
{
	struct chain_state s = {};

	if (chain_verify(folder, &s) < 0)
		s.fault = CHAIN_FAULTS;
	return s;
}

static bool add(struct chain *c, const char *text)
{
	const struct chain_field fields[] = {
		{"event", STR("test"),  false},
		{ "text", str_of(text), false},
		{ "n",    STR("17"),    true },
	};

	return chain_add(c, START, fields, COUNT(fields)) == 0;
}

static void whole(void)
{
	struct chain *c own(chain_close) = NULL, *other = NULL;
	struct chain_state s;
	struct stat st;
	unsigned bad = 0;

	if (!is_int(chain_open(folder, START, &c, &s), 0, "a new log"))
		return;
	is_int(s.fault, CHAIN_GOOD, "is whole");
	ok(!fstatat(folder, CHAIN_KEY, &st, 0) && (st.st_mode & 0777) == 0600, "key");
	is_int(verify().fault, CHAIN_GOOD, "with nothing in it");
	is_int(chain_open(folder, START, &other, NULL), -EWOULDBLOCK, "one writer");
	bad += !add(c, "a \"quoted\" \\ text\n\x1b[31m gr\xc3\xb6\xc3\x9f"
		       "e \xff");
	for (unsigned i = 1; i < N; i++) {
		if (i == 3) {
			chain_close(&c);
			bad += chain_open(folder, START, &c, NULL) != 0;
		}
		bad += !add(c, "another");
	}
	is_int(bad, 0, "six records");
	s = verify();
	ok(s.fault == CHAIN_GOOD && s.records == N && s.last == N, "whole");
	n_good = slurp(CHAIN_LOG, good, sizeof good);
	n_head = slurp(CHAIN_HEAD, good_head, sizeof good_head);
	ok(n_good < sizeof good && n_head < sizeof good_head, "read");
	is_int(chain_sync(c), 0, "on disk");
}

static void is_json(void)
{
	struct str rest = { good, n_good }, line;
	struct arena a own(arena_release) = {};

	for (unsigned i = 0; i < N && str_line(&rest, &line, NULL); i++) {
		struct jdoc own(jdoc_release) doc = {};
		struct diag d = {};
		struct str text = {};
		int64_t seq = 0;

		if (!is_int(jdoc_parse(line, &(struct joptions){}, &doc, &d), 0, "JSON"))
			continue;
		ok(!jdoc_int(&doc, jdoc_get(&doc, 0, STR("seq")), &seq) && seq == i + 1, "number");
		if (i)
			continue;
		(void)!jdoc_text(&doc, jdoc_get(&doc, 0, STR("text")), &a, &text);
		is_str(text, STR("a \"quoted\" \\ text\n\x1b[31m größe \xef\xbf\xbd"), "text");
		is_str(jdoc_raw(&doc, jdoc_get(&doc, 0, STR("time"))),
		       STR("2026-09-21T14:13:20.123Z"), "time");
	}
}

static struct str line_of(unsigned i)
{
	struct str rest = { good, n_good }, line = {};

	for (unsigned k = 0; k <= i; k++)
		(void)str_line(&rest, &line, NULL);
	return (struct str){ line.ptr, line.len + 1 };
}

/* The log with the lines of an order; 9 is somebody else's. */
static struct chain_state order(const char *digits)
{
	static const struct str theirs =
		STR("{\"seq\":7,\"time\":\"2026-09-21T14:13:20.123Z\",\"prev\":\"0000\"}\n");
	struct buf own(buf_release) b = BUF(sizeof good * 2);

	for (; *digits; digits++)
		buf_str(&b, *digits == '9' ? theirs : line_of((unsigned)(*digits - '0')));
	put(CHAIN_LOG, b.ptr ? b.ptr : "", b.len);
	put(CHAIN_HEAD, good_head, n_head);
	return verify();
}

static void is_fault(const char *digits, enum chain_fault f, uint64_t line, const char *name)
{
	struct chain_state s = order(digits);

	is_int(s.fault, f, name);
	is_int(s.line, line, "  at its line");
}

static void orders(void)
{
	char forged[1024];
	struct str last = line_of(5);
	struct buf own(buf_release) b = BUF(sizeof good * 2);

	is_fault("012345", CHAIN_GOOD, 0, "as written");
	is_fault("01345", CHAIN_REMOVED, 3, "one removed");
	is_fault("2345", CHAIN_REMOVED, 1, "the first removed");
	is_fault("021345", CHAIN_REMOVED, 2, "two exchanged");
	is_fault("0122345", CHAIN_MOVED, 4, "one twice");
	is_fault("0123450", CHAIN_MOVED, 7, "an old one at the end");
	is_fault("01234", CHAIN_CUT, 6, "the last cut off");
	is_fault("", CHAIN_CUT, 1, "all cut off");
	is_fault("0123459", CHAIN_FOREIGN, 7, "one added");
	is_fault("0129345", CHAIN_ALTERED, 4, "one put between");
	/* Somebody without the key makes a record that looks right. */
	memcpy(forged, last.ptr, last.len);
	forged[7] = '7';
	buf_add(&b, good, n_good);
	buf_add(&b, forged, last.len);
	put(CHAIN_LOG, b.ptr, b.len);
	is_int(verify().fault, CHAIN_FOREIGN, "one forged");
	put(CHAIN_LOG, good, n_good);
	put(CHAIN_HEAD, good_head, n_head - 1);
	is_int(verify().fault, CHAIN_HEADLESS, "half a head");
	unlinkat(folder, CHAIN_HEAD, 0);
	is_int(verify().fault, CHAIN_HEADLESS, "no head");
	put(CHAIN_HEAD, good_head, n_head);
	put(CHAIN_LOG, good, n_good - 5);
	is_int(verify().fault, CHAIN_CUT, "half a record");
}

static void bits(void)
{
	unsigned unseen = 0, wrong = 0;
	uint64_t line = 1;

	put(CHAIN_HEAD, good_head, n_head);
	for (size_t i = 0; i < n_good; i++) {
		struct chain_state s;

		good[i] ^= 1;
		put(CHAIN_LOG, good, n_good);
		good[i] ^= 1;
		s = verify();
		unseen += !s.fault;
		wrong += s.line != line;
		line += good[i] == '\n';
	}
	is_int(unseen, 0, "every byte that is changed is found");
	is_int(wrong, 0, "at its line");
	put(CHAIN_LOG, good, n_good);
	for (size_t i = 0; i < n_head; i++) {
		good_head[i] ^= 1;
		put(CHAIN_HEAD, good_head, n_head);
		good_head[i] ^= 1;
		unseen += !verify().fault;
	}
	is_int(unseen, 0, "in the head, too");
}

static void goes_on(void)
{
	struct chain *c own(chain_close) = NULL;
	struct chain_state s = order("01345");
	char text[8192];
	struct str log = { text, 0 };
	char hostile[3 * CHAIN_LINE_MAX];

	is_int(chain_open(folder, START, &c, &s), 0, "a damaged log is opened");
	is_int(s.fault, CHAIN_REMOVED, "and told");
	ok(c && add(c, "later"), "it goes on");
	chain_close(&c);
	log.len = slurp(CHAIN_LOG, text, sizeof text);
	ok(str_contains(log, STR("\"seq\":7,")) && str_contains(log, STR("\"chain-broken\"")) &&
		   str_contains(log, STR("\"seq\":8,")),
	   "behind a record that says so");
	s = verify();
	ok(s.fault == CHAIN_REMOVED && s.line == 3 && s.last == 8, "it stays known");
	put(CHAIN_LOG, good, n_good);
	put(CHAIN_HEAD, good_head, n_head);
	/* A crash while a record was written. */
	memcpy(text, good, n_good);
	memcpy(text + n_good, "{\"seq\":7,\"time\"", 15);
	put(CHAIN_LOG, text, n_good + 15);
	is_int(verify().fault, CHAIN_GOOD, "a record that was cut short");
	is_int(chain_open(folder, START, &c, &s), 0, "is taken away");
	ok(c && add(c, "next") && verify().fault == CHAIN_GOOD && verify().records == 7, "next");
	chain_close(&c);
	/* And one before its head was. */
	put(CHAIN_HEAD, good_head, n_head);
	is_int(verify().fault, CHAIN_GOOD, "a head that is one behind");
	memset(hostile, 'x', sizeof hostile);
	put(CHAIN_LOG, hostile, sizeof hostile);
	ok(verify().fault == CHAIN_ALTERED && verify().line == 1, "a line without an end");
	memset(hostile, 0, sizeof hostile);
	put(CHAIN_LOG, hostile, sizeof hostile);
	ok(verify().fault != CHAIN_GOOD, "zeros");
	ok(!fchmodat(folder, CHAIN_KEY, 0644, 0), "the key for all");
	is_int(chain_open(folder, START, &c, &s), -EACCES, "is not taken");
}

int main(void)
{
	static const char *const names[] = { CHAIN_LOG, CHAIN_KEY, CHAIN_HEAD };

	if (sodium_init() < 0 || !mkdtemp(folder_path))
		return 1;
	folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	whole();
	is_json();
	orders();
	bits();
	goes_on();
	for (unsigned i = 0; i < COUNT(names); i++)
		unlinkat(folder, names[i], 0);
	ok(!rmdir(folder_path), "nothing else is left");
	close_fd(&folder);
	return done();
}
