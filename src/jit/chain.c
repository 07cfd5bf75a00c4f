/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/chain.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "jit/json_text.h"

#define HEX ((size_t)2 * CHAIN_HASH)
#define TAIL STR(",\"hash\":\"")
#define TAIL_LEN (9U + HEX + 2U)                  /* with "\"}" */
#define HEAD_LEN (20U + 1U + HEX + 1U + HEX + 1U) /* number, hash, hash of both */

struct chain {
	int log, head;
	uint64_t seq;
	unsigned char hash[CHAIN_HASH], key[CHAIN_HASH];
};

static const char *const fault_texts[CHAIN_FAULTS] = {
	[CHAIN_GOOD] = "whole",
	[CHAIN_ALTERED] = "a record was altered",
	[CHAIN_REMOVED] = "records were removed",
	[CHAIN_MOVED] = "a record stands in another place",
	[CHAIN_FOREIGN] = "somebody else added a record",
	[CHAIN_CUT] = "the last records were cut off",
	[CHAIN_HEADLESS] = "the head is missing or was altered",
};

const char *chain_fault_text(enum chain_fault f)
{
	return (unsigned)f < CHAIN_FAULTS ? fault_texts[f] : "";
}

static void hash_of(const unsigned char key[static CHAIN_HASH],
		    const unsigned char prev[static CHAIN_HASH], struct str text,
		    unsigned char ret[static CHAIN_HASH])
{
	crypto_generichash_state s;

	crypto_generichash_init(&s, key, CHAIN_HASH, CHAIN_HASH);
	crypto_generichash_update(&s, prev, CHAIN_HASH);
	crypto_generichash_update(&s, (const unsigned char *)text.ptr, text.len);
	crypto_generichash_final(&s, ret, CHAIN_HASH);
}

static bool unhex(struct str s, unsigned char ret[static CHAIN_HASH])
{
	size_t n;

	return s.len == HEX && !sodium_hex2bin(ret, CHAIN_HASH, s.ptr, s.len, NULL, &n, NULL) &&
	       n == CHAIN_HASH;
}

/* What a line says of itself. */
struct record {
	uint64_t seq;
	unsigned char prev[CHAIN_HASH], hash[CHAIN_HASH];
	struct str text; /* that is hashed */
};

static bool take_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_sub(*s, prefix.len, s->len);
	return true;
}

static bool record_read(struct str line, struct record *ret)
{
	struct str rest = line, end, number;

	if (line.len < TAIL_LEN)
		return false;
	ret->text = str_sub(line, 0, line.len - TAIL_LEN);
	end = str_sub(line, ret->text.len, line.len);
	if (!take_prefix(&end, TAIL) || !unhex(str_sub(end, 0, HEX), ret->hash) ||
	    !str_eq(str_sub(end, HEX, end.len), STR("\"}")) ||
	    !take_prefix(&rest, STR("{\"seq\":")))
		return false;
	number = str_cut(&rest, ',');
	if (str_to_u64(number, 10, &ret->seq) < 0 || !take_prefix(&rest, STR("\"time\":\"")))
		return false;
	str_cut(&rest, '"');
	return rest.ptr && take_prefix(&rest, STR(",\"prev\":\"")) &&
	       unhex(str_sub(rest, 0, HEX), ret->prev);
}

static bool is_genuine(const unsigned char key[static CHAIN_HASH], const struct record *r)
{
	unsigned char hash[CHAIN_HASH];

	hash_of(key, r->prev, r->text, hash);
	return !sodium_memcmp(hash, r->hash, sizeof hash);
}

static int open_in(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

static int key_read(int folder, unsigned char ret[static CHAIN_HASH])
{
	int fd own(close_fd) = open_in(folder, CHAIN_KEY, O_RDONLY);
	unsigned char bytes[CHAIN_HASH + 1];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || st.st_mode & 077)
		return -EACCES;
	n = read(fd, bytes, sizeof bytes);
	if (n != CHAIN_HASH)
		return n < 0 ? -errno : -EBADMSG;
	memcpy(ret, bytes, CHAIN_HASH);
	sodium_memzero(bytes, sizeof bytes);
	return 0;
}

static int key_make(int folder, unsigned char ret[static CHAIN_HASH])
{
	int fd own(close_fd) = open_in(folder, CHAIN_KEY, O_WRONLY | O_CREAT | O_EXCL);

	if (fd < 0)
		return fd;
	randombytes_buf(ret, CHAIN_HASH);
	return write(fd, ret, CHAIN_HASH) != CHAIN_HASH || fsync(fd) < 0 ? -EIO : 0;
}

struct head {
	uint64_t seq;
	unsigned char hash[CHAIN_HASH];
	bool good;
};

static void head_text(const unsigned char key[static CHAIN_HASH], uint64_t seq,
		      const unsigned char hash[static CHAIN_HASH], char ret[static HEAD_LEN + 1])
{
	char hex[HEX + 1], sealed[HEX + 1];
	unsigned char seal[CHAIN_HASH];
	int n;

	sodium_bin2hex(hex, sizeof hex, hash, CHAIN_HASH);
	n = snprintf(ret, HEAD_LEN + 1, "%020" PRIu64 " %s", seq, hex);
	hash_of(key, hash, (struct str){ ret, (size_t)n }, seal);
	sodium_bin2hex(sealed, sizeof sealed, seal, sizeof seal);
	snprintf(ret + n, HEAD_LEN + 1 - (size_t)n, " %s\n", sealed);
}

static int head_read(int folder, const unsigned char key[static CHAIN_HASH], struct head *ret)
{
	int fd own(close_fd) = open_in(folder, CHAIN_HEAD, O_RDONLY);
	char bytes[HEAD_LEN + 1], again[HEAD_LEN + 1];
	struct str s = { bytes, HEAD_LEN };

	*ret = (struct head){};
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (read(fd, bytes, sizeof bytes) != (ssize_t)HEAD_LEN ||
	    str_to_u64(str_sub(s, 0, 20), 10, &ret->seq) < 0 ||
	    !unhex(str_sub(s, 21, 21 + HEX), ret->hash))
		return 0;
	head_text(key, ret->seq, ret->hash, again);
	ret->good = !sodium_memcmp(bytes, again, HEAD_LEN);
	return 0;
}

struct scan {
	struct chain_state state;
	unsigned char key[CHAIN_HASH], prev[CHAIN_HASH];
	struct head head;
	uint64_t lines;
	off_t whole; /* bytes of lines that ended */
};

static void fault(struct scan *s, enum chain_fault f)
{
	if (s->state.fault)
		return;
	s->state.fault = f;
	s->state.line = s->lines;
	s->state.seq = s->state.records + 1;
}

static void scan_line(struct scan *s, struct str line)
{
	uint64_t expected = s->state.records + 1;
	struct record r;
	bool genuine;

	s->lines++;
	genuine = record_read(line, &r) && is_genuine(s->key, &r);
	if (genuine && r.seq > s->state.last) {
		s->state.last = r.seq;
		memcpy(s->state.hash, r.hash, sizeof r.hash);
	}
	if (s->state.fault)
		return;
	if (!genuine)
		fault(s, s->head.good && expected > s->head.seq ? CHAIN_FOREIGN : CHAIN_ALTERED);
	else if (r.seq != expected || memcmp(r.prev, s->prev, sizeof r.prev) != 0)
		fault(s, r.seq > expected ? CHAIN_REMOVED : CHAIN_MOVED);
	else
		s->state.records++;
	if (genuine)
		memcpy(s->prev, r.hash, sizeof r.hash);
}

/* A crash may have cut the next record short; anything else is not of us. */
static void scan_rest(struct scan *s, struct str rest)
{
	char begin[40];
	int n = snprintf(begin, sizeof begin, "{\"seq\":%" PRIu64 ",", s->state.records + 1);

	s->lines++;
	if (memcmp(begin, rest.ptr, MIN((size_t)n, rest.len)) != 0)
		fault(s, CHAIN_FOREIGN);
	s->lines--;
}

static int scan_log(int folder, struct scan *s)
{
	char line[CHAIN_LINE_MAX + 2];
	int fd = open_in(folder, CHAIN_LOG, O_RDONLY);
	FILE *f;

	if (fd < 0)
		return fd;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while (fgets(line, sizeof line, f)) {
		size_t n = strlen(line);
		bool ended = n && line[n - 1] == '\n';

		if (!ended && fgetc(f) == EOF) {
			scan_rest(s, (struct str){ line, n });
			break;
		}
		scan_line(s, (struct str){ line, ended ? n - 1 : 0 });
		if (ended)
			s->whole = ftello(f);
	}
	fd = ferror(f) ? -EIO : 0;
	fclose(f);
	s->lines++;
	return fd;
}

static int scan(int folder, struct scan *s, bool fresh)
{
	struct head later = {};
	int r = head_read(folder, s->key, &s->head);

	if (r == 0)
		r = scan_log(folder, s);
	if (r == 0)
		r = head_read(folder, s->key, &later);
	if (r < 0 || fresh)
		return r;
	if (s->head.good && s->head.seq > s->state.last) {
		s->state.last = s->head.seq;
		memcpy(s->state.hash, s->head.hash, CHAIN_HASH);
		fault(s, CHAIN_CUT);
	}
	/* One record is written before its head is; more while this is read. */
	if (!later.good || s->state.records > later.seq + 1)
		fault(s, CHAIN_HEADLESS);
	return 0;
}

int chain_verify(int folder, struct chain_state *ret)
{
	struct scan s = {};
	int r = key_read(folder, s.key);

	if (r == 0)
		r = scan(folder, &s, false);
	sodium_memzero(s.key, sizeof s.key);
	if (r == 0)
		*ret = s.state;
	return r;
}

static void put_time(struct buf *b, int64_t now)
{
	time_t t = (time_t)(now / 1000);
	struct tm tm = {};

	gmtime_r(&t, &tm);
	buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now % 1000));
}

/* A line is there whole or not at all. */
static int add_line(struct chain *c, struct str line)
{
	char head[HEAD_LEN + 1];
	off_t end = lseek(c->log, 0, SEEK_END);
	int r = end < 0 ? -errno : file_write_all(c->log, line);

	if (r < 0) {
		if (end >= 0 && ftruncate(c->log, end) < 0)
			return -EIO;
		return r;
	}
	head_text(c->key, c->seq, c->hash, head);
	return pwrite(c->head, head, HEAD_LEN, 0) == (ssize_t)HEAD_LEN ? 0 : -EIO;
}

int chain_add(struct chain *c, int64_t now, const struct chain_field *fields, size_t n)
{
	struct buf own(buf_release) b = BUF(CHAIN_LINE_MAX - TAIL_LEN);
	unsigned char before[CHAIN_HASH];
	char hex[HEX + 1];
	int r;

	sodium_bin2hex(hex, sizeof hex, c->hash, CHAIN_HASH);
	buf_fmt(&b, "{\"seq\":%" PRIu64 ",\"time\":\"", c->seq + 1);
	put_time(&b, MAX(now, 0));
	buf_fmt(&b, "\",\"prev\":\"%s\"", hex);
	for (size_t i = 0; i < n; i++) {
		buf_fmt(&b, ",\"%s\":", fields[i].name);
		if (fields[i].plain)
			buf_str(&b, fields[i].text);
		else
			json_text_put(&b, fields[i].text);
	}
	if (b.error)
		return b.error == -EFBIG ? -EMSGSIZE : b.error;
	memcpy(before, c->hash, sizeof before);
	hash_of(c->key, before, buf_view(&b), c->hash);
	sodium_bin2hex(hex, sizeof hex, c->hash, CHAIN_HASH);
	b.limit = CHAIN_LINE_MAX + 1;
	buf_fmt(&b, ",\"hash\":\"%s\"}\n", hex);
	c->seq++;
	r = b.error ? b.error : add_line(c, buf_view(&b));
	if (r < 0) {
		c->seq--;
		memcpy(c->hash, before, sizeof before);
	}
	return r;
}

int chain_sync(struct chain *c)
{
	return fdatasync(c->log) < 0 || fdatasync(c->head) < 0 ? -errno : 0;
}

static int broken(struct chain *c, int64_t now, const struct chain_state *s)
{
	char line[24];
	int n = snprintf(line, sizeof line, "%" PRIu64, s->line);
	const struct chain_field fields[] = {
		{"event", STR("chain-broken"),                false},
		{ "why",  str_of(chain_fault_text(s->fault)), false},
		{ "line", { line, (size_t)n },                true },
	};

	return chain_add(c, now, fields, COUNT(fields));
}

static int start(int folder, int64_t now, struct chain *c, struct chain_state *ret_state)
{
	struct scan s = {};
	char head[HEAD_LEN + 1];
	int r = key_read(folder, c->key);
	bool fresh = r == -ENOENT;

	if (fresh)
		r = key_make(folder, c->key);
	if (r < 0)
		return r;
	c->log = open_in(folder, CHAIN_LOG, O_RDWR | O_APPEND | O_CREAT);
	if (c->log < 0)
		return c->log;
	if (flock(c->log, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	memcpy(s.key, c->key, sizeof s.key);
	r = scan(folder, &s, fresh);
	sodium_memzero(s.key, sizeof s.key);
	if (r < 0)
		return r;
	c->head = open_in(folder, CHAIN_HEAD, O_RDWR | O_CREAT);
	if (c->head < 0)
		return c->head;
	if (ftruncate(c->log, s.whole) < 0 || ftruncate(c->head, HEAD_LEN) < 0)
		return -errno;
	c->seq = s.state.last;
	memcpy(c->hash, s.state.hash, CHAIN_HASH);
	if (ret_state)
		*ret_state = s.state;
	if (s.state.fault)
		return broken(c, now, &s.state);
	head_text(c->key, c->seq, c->hash, head);
	return pwrite(c->head, head, HEAD_LEN, 0) == (ssize_t)HEAD_LEN ? 0 : -EIO;
}

int chain_open(int folder, int64_t now, struct chain **ret, struct chain_state *ret_state)
{
	struct chain *c own(chain_close) = calloc(1, sizeof *c);
	int r;

	if (!c)
		return -ENOMEM;
	c->log = c->head = -1;
	r = start(folder, now, c, ret_state);
	if (r < 0)
		return r;
	*ret = c;
	c = NULL;
	return 0;
}

void chain_close(struct chain **c)
{
	if (!*c)
		return;
	close_fd(&(*c)->log);
	close_fd(&(*c)->head);
	sodium_memzero(*c, sizeof **c);
	free(*c);
	*c = NULL;
}
