/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <curl/curl.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "vuln/fetch.h"

#define CONNECT_SECONDS 20L
#define SLOW_BYTES 100L /* a second, for … */
#define SLOW_SECONDS 60L
#define TEXT_MAX ((size_t)64 << 10)
#define REDIRECTS 5L

struct transfer {
	const struct fetch *f;
	CURL *c;
	struct curl_slist *headers;
	struct fetched got;
	struct fetch_validator answer; /* of the headers of the answer that counts */
	int fd;                        /* of the file */
	uint64_t start, written;       /* start: bytes that were there */
	bool began;                    /* the first byte of the body is here */
	int error;
	struct buf *text; /* where it goes instead of a file */
	char why[CURL_ERROR_SIZE];
};

static void transfer_release(struct transfer *t)
{
	curl_easy_cleanup(t->c);
	curl_slist_free_all(t->headers);
	close_fd(&t->fd);
}

static void keep(struct str line, struct str name, char *ret, size_t size)
{
	struct str value = line, head = str_cut(&value, ':');

	value = str_trim(value);
	if (!str_ieq(head, name) || value.len >= size)
		return;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.ptr[i] < ' ' || (unsigned char)value.ptr[i] > 0x7e)
			return;
	memcpy(ret, value.ptr, value.len);
	ret[value.len] = 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's */
static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	struct str line = { data, size * n };

	/* Those of a redirection do not count. */
	if (str_istarts(line, STR("HTTP/")))
		t->answer = (struct fetch_validator){};
	keep(line, STR("ETag"), t->answer.etag, sizeof t->answer.etag);
	keep(line, STR("Last-Modified"), t->answer.modified, sizeof t->answer.modified);
	return size * n;
}

/* Of which version the bytes are that are there. */
static int write_note(struct transfer *t)
{
	char text[2 * FETCH_TEXT_MAX + 2'200];
	int n = snprintf(text, sizeof text, "%s\n%s\n%s\n", t->f->url, t->answer.etag,
			 t->answer.modified);
	own(close_fd) int fd = openat(t->f->dir, t->f->note,
				      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -errno;
	return write(fd, text, (size_t)MIN(n, (int)sizeof text - 1)) < 0 ? -errno : 0;
}

/* The first bytes of an answer: a whole (200) replaces what was there, a part (206) goes behind. */
static int begin(struct transfer *t)
{
	long status = 0;

	t->began = true;
	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, &status);
	if (status != 206 && ftruncate(t->fd, 0) < 0)
		return -errno;
	if (status == 206) {
		t->written = t->start;
		t->got.resumed_at = t->start;
		return lseek(t->fd, (off_t)t->start, SEEK_SET) < 0 ? -errno : 0;
	}
	t->start = 0;
	if (lseek(t->fd, 0, SEEK_SET) < 0)
		return -errno;
	return write_note(t);
}

static int take_bytes(struct transfer *t, struct str s)
{
	if (t->text)
		return buf_str(t->text, s);
	if (!t->began) {
		int r = begin(t);

		if (r < 0)
			return r;
	}
	t->written += s.len;
	if (t->written > FETCH_SIZE_MAX)
		return -EFBIG;
	while (s.len) {
		ssize_t n = write(t->fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = str_sub(s, (size_t)n, s.len);
	}
	return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's */
static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	long status = 0;

	/* What comes with an error is a page for people. */
	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 && status != 206)
		return size * n;
	t->error = take_bytes(t, (struct str){ data, size * n });
	return t->error < 0 ? 0 : size * n;
}

static int on_progress(void *user, curl_off_t size, curl_off_t done, curl_off_t up_size,
		       curl_off_t up)
{
	struct transfer *t = user;

	(void)up_size, (void)up;
	if (t->f && t->f->progress && done > 0)
		t->f->progress(t->f->user, (uint64_t)done + t->start,
			       size > 0 ? (uint64_t)size + t->start : 0);
	return 0;
}

static int add_header(struct transfer *t, const char *name, const char *value)
{
	own(buf_release) struct buf text = BUF(16 << 10);
	struct curl_slist *more;

	if (buf_fmt(&text, "%s: %s", name, value) < 0)
		return text.error;
	more = curl_slist_append(t->headers, text.ptr);
	if (!more)
		return -ENOMEM;
	t->headers = more;
	return 0;
}

/* What an earlier try left, if the note says that it is of this URL and names its version. */
static int add_range(struct transfer *t)
{
	char text[2 * FETCH_TEXT_MAX + 2'200], range[64];
	own(close_fd) int fd = openat(t->f->dir, t->f->note, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	struct str rest = { text, n > 0 ? (size_t)n : 0 }, url, etag, modified, validator;
	struct stat st;

	if (n <= 0 || fstat(t->fd, &st) < 0 || st.st_size <= 0)
		return 0;
	url = str_cut(&rest, '\n');
	etag = str_cut(&rest, '\n');
	modified = str_cut(&rest, '\n');
	/* A weak validator says nothing of bytes (RFC 9110, 13.1.5). */
	validator = etag.len && !str_starts(etag, STR("W/")) ? etag : modified;
	if (!rest.ptr || !str_eq(url, str_of(t->f->url)) || !validator.len)
		return 0;
	t->start = (uint64_t)st.st_size;
	snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)t->start);
	text[validator.ptr + validator.len - text] = 0;
	return add_header(t, "Range", range) ?: add_header(t, "If-Range", validator.ptr);
}

static int add_headers(struct transfer *t)
{
	const struct fetch *f = t->f;
	int r = add_header(t, "Accept", "application/json, */*;q=0.5");

	if (r == 0 && f->token && strncmp(f->url, "https://", 8) == 0)
		r = add_header(t, "Authorization", f->token);
	if (r == 0 && f->had && f->had->etag[0])
		r = add_header(t, "If-None-Match", f->had->etag);
	if (r == 0 && f->had && f->had->modified[0])
		r = add_header(t, "If-Modified-Since", f->had->modified);
	return r ?: add_range(t);
}

static CURLcode set_options(struct transfer *t, const char *url)
{
	CURL *c = t->c;
	/* A secure address never leads to one that is not. */
	const char *protocols = strncmp(url, "http://", 7) == 0 ? "http,https" : "https";
	CURLcode r = curl_easy_setopt(c, CURLOPT_URL, url);

	r = r ?: curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols);
	r = r ?: curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
	r = r ?: curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	r = r ?: curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS);
	r = r ?: curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	r = r ?: curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	r = r ?: curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	r = r ?: curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
	r = r ?: curl_easy_setopt(c, CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
	r = r ?: curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	r = r ?: curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->why);
	r = r ?: curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	r = r ?: curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	r = r ?: curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	r = r ?: curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	r = r ?: curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	r = r ?: curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
	return r ?: curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
}

static int error_of(CURLcode code)
{
	switch (code) {
	case CURLE_OUT_OF_MEMORY: return -ENOMEM;
	case CURLE_OPERATION_TIMEDOUT: return -ETIME;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY: return -EHOSTUNREACH;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR: return -EIO;
	default: return -EPROTO;
	}
}

static int status_error(long status, const char *url, struct diag *d)
{
	int error = status == 404 || status == 410   ? -ENOENT
		    : status == 401 || status == 403 ? -EACCES
						     : -EPROTO;

	return diag_set(d, error, url, 0, "the server answers %ld%s", status,
			error == -EACCES ? " (does it want a token?)" : "");
}

static int perform(struct transfer *t, const char *url, long *ret_status, struct diag *d)
{
	CURLcode code = set_options(t, url);

	if (code == CURLE_OK)
		code = curl_easy_perform(t->c);
	if (t->error < 0)
		return diag_set(d, t->error, url, 0, "%s", strerror(-t->error));
	if (code != CURLE_OK)
		return diag_set(d, error_of(code), url, 0, "%s",
				t->why[0] ? t->why : curl_easy_strerror(code));
	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, ret_status);
	return 0;
}

static int check(struct transfer *t, struct diag *d)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	static char block[64 << 10];
	crypto_hash_sha256_state state;
	ssize_t n;

	if (!t->f->checksum)
		return 0;
	crypto_hash_sha256_init(&state);
	if (lseek(t->fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = read(t->fd, block, sizeof block)) > 0)
		crypto_hash_sha256_update(&state, (unsigned char *)block, (size_t)n);
	if (n < 0)
		return -errno;
	crypto_hash_sha256_final(&state, digest);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	if (str_ieq(str_of(hex), str_of(t->f->checksum)))
		return 0;
	return diag_set(d, -EBADMSG, t->f->url, 0, "the checksum is %.16s…, not %.16s…", hex,
			t->f->checksum);
}

static void forget(const struct fetch *f)
{
	(void)unlinkat(f->dir, f->file, 0);
	(void)unlinkat(f->dir, f->note, 0);
}

static int get(struct transfer *t, struct diag *d)
{
	const struct fetch *f = t->f;
	long status = 0;
	int r = add_headers(t);

	if (r == 0)
		r = perform(t, f->url, &status, d);
	if (r < 0)
		return r;
	if (status == 304) {
		forget(f);
		t->got.same = true;
		return 0;
	}
	/* All of it is there already, or it is another by now: from the start. */
	if (status == 416)
		return -EAGAIN;
	if (status != 200 && status != 206)
		return status_error(status, f->url, d);
	if (!t->began)
		return diag_set(d, -EIO, f->url, 0, "the answer is empty");
	t->got.validator = t->answer;
	t->got.size = t->written;
	return check(t, d);
}

static int once(const struct fetch *f, struct fetched *ret, struct diag *d)
{
	own(transfer_release) struct transfer t = { .f = f, .fd = -1, .c = curl_easy_init() };
	int r;

	if (!t.c)
		return -ENOMEM;
	t.fd = openat(f->dir, f->file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (t.fd < 0)
		return diag_set(d, -errno, f->file, 0, "%s", strerror(errno));
	r = get(&t, d);
	if (r == -EBADMSG || r == -EFBIG || r == -EAGAIN)
		forget(f);
	if (r == 0)
		*ret = t.got;
	return r;
}

int fetch_file(const struct fetch *f, struct fetched *ret, struct diag *d)
{
	int r = once(f, ret, d);

	if (r == -EAGAIN)
		r = once(f, ret, d);
	if (r == -EAGAIN)
		r = diag_set(d, -EPROTO, f->url, 0, "the server does not know its own file");
	return r;
}

int fetch_text(const char *url, struct arena *a, struct str *ret, struct diag *d)
{
	own(buf_release) struct buf text = BUF(TEXT_MAX);
	own(transfer_release) struct transfer t = { .fd = -1,
						    .c = curl_easy_init(),
						    .text = &text };
	long status = 0;
	struct str copy;
	int r;

	if (!t.c)
		return -ENOMEM;
	r = perform(&t, url, &status, d);
	if (r < 0)
		return r;
	if (status != 200)
		return status_error(status, url, d);
	copy = arena_str(a, buf_view(&text));
	if (!copy.ptr)
		return -ENOMEM;
	*ret = copy;
	return 0;
}
