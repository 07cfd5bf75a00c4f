/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "password/breach.h"
#include "password/nt.h"

#define LINE_BYTES 256 /* more than any line of the format */
#define NEAR 4096      /* from here on lines are read one after the other */
#define RANGE_MAX ((size_t)4 << 20)
#define PREFIX 5

/* Bytes of a file or of memory. */
struct place {
	int fd; /* -1: memory */
	struct str text;
	uint64_t size;
};

static ssize_t read_at(const struct place *p, uint64_t at, char *to, size_t n)
{
	size_t done = 0;

	if (at >= p->size)
		return 0;
	n = (size_t)MIN((uint64_t)n, p->size - at);
	if (p->fd < 0) {
		memcpy(to, p->text.ptr + at, n);
		return (ssize_t)n;
	}
	while (done < n) {
		ssize_t got = pread(p->fd, to + done, n - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t hex_length(struct str line)
{
	size_t n = 0;

	while (n < line.len && hex_digit(line.ptr[n]) >= 0)
		n++;
	return n;
}

/* "HASH:COUNT" or "HASH" alone; *ret_order: of the line against the digits. */
static int judge(struct str line, struct str digits, int *ret_order, uint64_t *ret_count)
{
	struct str rest = str_trim(line), hash = str_cut(&rest, ':');
	uint64_t count = 1;

	if (hash.len != digits.len || hex_length(hash) != hash.len ||
	    (rest.ptr && str_to_u64(rest, 10, &count) < 0))
		return -EBADMSG;
	*ret_order = 0;
	for (size_t i = 0; i < hash.len && !*ret_order; i++)
		*ret_order = hex_digit(hash.ptr[i]) - hex_digit(digits.ptr[i]);
	*ret_count = count;
	return 0;
}

/* Lines from `lo`, the start of one, to `hi`. */
static int scan(const struct place *p, uint64_t lo, uint64_t hi, struct str digits, uint64_t *ret)
{
	char bytes[NEAR + LINE_BYTES];
	ssize_t n = read_at(p, lo, bytes, sizeof bytes);
	struct str text = { bytes, n > 0 ? (size_t)n : 0 };

	if (n < 0)
		return (int)n;
	while (text.len && lo + (uint64_t)(text.ptr - bytes) < hi) {
		struct str line;
		uint64_t count;
		int order, r;

		line = str_cut(&text, '\n');
		if (!str_trim(line).len)
			continue;
		r = judge(line, digits, &order, &count);
		if (r < 0)
			return r;
		if (!order) {
			*ret = count;
			return 0;
		}
	}
	*ret = 0;
	return 0;
}

static int look_up(const struct place *p, struct str digits, uint64_t *ret)
{
	uint64_t lo = 0, hi = p->size;

	while (hi - lo > NEAR) {
		uint64_t mid = lo + (hi - lo) / 2, count;
		char bytes[2 * LINE_BYTES];
		ssize_t n = read_at(p, mid, bytes, sizeof bytes), end;
		struct str text = { bytes, n > 0 ? (size_t)n : 0 }, line;
		int order, r;

		if (n < 0)
			return (int)n;
		end = str_find(str_sub(text, 0, LINE_BYTES), '\n');
		if (end < 0)
			return -EBADMSG;
		line = str_sub(text, (size_t)end + 1, text.len);
		line = str_cut(&line, '\n');
		r = judge(line, digits, &order, &count);
		if (r < 0)
			return r;
		if (!order) {
			*ret = count;
			return 0;
		}
		if (order < 0)
			lo = mid + (uint64_t)end + 1;
		else
			hi = mid + (uint64_t)end + 1;
	}
	return scan(p, lo, hi, digits, ret);
}

int breach_find(struct str list, struct str digits, uint64_t *ret)
{
	const struct place p = { .fd = -1, .text = list, .size = list.len };

	if (hex_length(digits) != digits.len || !digits.len)
		return -EINVAL;
	return look_up(&p, digits, ret);
}

static bool is_range(const char *name)
{
	struct str s = str_of(name);

	return hex_length(s) >= PREFIX &&
	       (s.len == PREFIX || (s.len == PREFIX + 4 && str_ends(s, STR(".txt"))));
}

/* Of the first line: digits of a whole hash, less those in the name of the file. */
static int first_line(int fd, size_t missing, enum breach_hash *ret)
{
	char bytes[LINE_BYTES];
	ssize_t n = pread(fd, bytes, sizeof bytes, 0);
	size_t digits = n > 0 ? hex_length((struct str){ bytes, (size_t)n }) : 0;

	if (n < 0)
		return -errno;
	if (digits + missing != 40 && digits + missing != 32)
		return -EINVAL;
	*ret = digits + missing == 40 ? BREACH_SHA1 : BREACH_NT;
	return 0;
}

static int open_folder(int fd, enum breach_hash *ret)
{
	int copy = dup(fd), r = -EINVAL;
	DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;

	if (!dir) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (r == -EINVAL && (e = readdir(dir))) {
		own(close_fd) int file = -1;

		if (!is_range(e->d_name))
			continue;
		file = openat(fd, e->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (file >= 0)
			r = first_line(file, PREFIX, ret);
	}
	closedir(dir);
	return r;
}

int breach_open(const char *path, struct breach *ret, struct diag *d)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct breach b = BREACH_NONE;
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(d, -errno, path, 0, "%s", strerror(errno));
	b.folder = S_ISDIR(st.st_mode);
	b.size = (uint64_t)st.st_size;
	if (b.folder)
		r = open_folder(fd, &b.hash);
	else
		r = S_ISREG(st.st_mode) ? first_line(fd, 0, &b.hash) : -EINVAL;
	/* What is loaded for it must be loaded before a sandbox is entered. */
	if (r == 0 && !EVP_Digest("", 0, digest, NULL, EVP_sha1(), NULL))
		r = -ENOSYS;
	if (r < 0)
		return diag_set(d, r, path, b.folder ? 0 : 1, "%s",
				r == -EINVAL
					? "no list of SHA-1 or NT hashes (40 or 32 hexadecimal "
					  "digits, a colon, a count), no folder of ranges"
					: strerror(-r));
	b.fd = take_fd(&fd);
	*ret = b;
	return 0;
}

void breach_release(struct breach *b) { close_fd(&b->fd); }

static void lower_prefix(char *name)
{
	for (unsigned i = 0; i < PREFIX; i++)
		if (name[i] >= 'A')
			name[i] |= 0x20;
}

static int in_folder(const struct breach *b, struct str digits, uint64_t *ret)
{
	char name[2][PREFIX + 5];
	own(close_fd) int fd = -1;
	struct place p;
	struct stat st;

	snprintf(name[0], sizeof name[0], "%.5s", digits.ptr);
	snprintf(name[1], sizeof name[1], "%.5s.txt", digits.ptr);
	/* Names in capitals first, as the API has them. */
	for (unsigned i = 0; i < 4 && fd < 0; i++) {
		if (i >= 2)
			lower_prefix(name[i % 2]);
		fd = openat(b->fd, name[i % 2], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	if (fd < 0) {
		/* A range that is not there says nothing. */
		if (errno != ENOENT)
			return -errno;
		*ret = 0;
		return 0;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EBADMSG;
	p = (struct place){ .fd = fd, .size = MIN((uint64_t)st.st_size, RANGE_MAX) };
	return look_up(&p, str_sub(digits, PREFIX, digits.len), ret);
}

static int find(const struct breach *b, const uint8_t *hash, size_t n, uint64_t *ret)
{
	const struct place p = { .fd = b->fd, .size = b->size };
	char hex[41];
	int r;

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02X", hash[i]);
	if (b->folder)
		r = in_folder(b, (struct str){ hex, 2 * n }, ret);
	else
		r = look_up(&p, (struct str){ hex, 2 * n }, ret);
	explicit_bzero(hex, sizeof hex);
	return r;
}

int breach_nt(const struct breach *b, const uint8_t hash[static 16], uint64_t *ret)
{
	return b->hash == BREACH_NT ? find(b, hash, 16, ret) : -ENOTSUP;
}

int breach_password(const struct breach *b, struct str password, uint64_t *ret)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	int r = 0;

	if (b->hash == BREACH_NT)
		nt_hash(password, hash);
	else if (!EVP_Digest(password.ptr, password.len, hash, NULL, EVP_sha1(), NULL))
		r = -ENOMEM;
	if (r == 0)
		r = find(b, hash, b->hash == BREACH_NT ? 16 : 20, ret);
	explicit_bzero(hash, sizeof hash);
	return r;
}
