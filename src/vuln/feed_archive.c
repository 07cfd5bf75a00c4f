/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed files and archives, streamed: a document at a time is in memory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "vuln/archive_lib.h"
#include "vuln/feed_work.h"

#define READ_SIZE ((size_t)256 << 10)
#define RATIO_FREE ((uint64_t)64 << 20)
#define PROGRESS_STEP ((uint64_t)4 << 20)

struct unpack {
	const struct archive_lib *lib;
	struct feed_read *f;
	const char *path;
	struct archive *a;
	struct diag *d;
	struct buf text; /* owned */
	uint64_t size, total, documents, shown;
	bool raw; /* a single packed file */
};

static void unpack_release(struct unpack *u)
{
	if (u->a)
		u->lib->archive_read_free(u->a);
	buf_release(&u->text);
}

static int wrong(struct unpack *u, int error, const char *name, const char *what)
{
	char safe[160];

	if (!name)
		return diag_set(u->d, error, u->path, 0, "%s", what);
	return diag_set(u->d, error, u->path, 0, "'%s': %s",
			text_safe(str_of(name), safe, sizeof safe), what);
}

static int archive_wrong(struct unpack *u, const char *name)
{
	const char *why = u->lib->archive_error_string(u->a);
	char safe[128] = "";

	if (u->lib->archive_errno(u->a) == ENOMEM)
		return wrong(u, -ENOMEM, name, "out of memory");
	text_safe(str_of(why ? why : "cannot be unpacked"), safe, sizeof safe);
	return wrong(u, -EBADMSG, name, safe);
}

static int support(const struct archive_lib *lib, struct archive *a)
{
	int (*const filters[])(struct archive *) = {
		lib->archive_read_support_filter_gzip,
		lib->archive_read_support_filter_xz,
		lib->archive_read_support_filter_zstd,
		lib->archive_read_support_filter_bzip2,
		lib->archive_read_support_format_zip_seekable,
		lib->archive_read_support_format_tar,
		lib->archive_read_support_format_raw,
	};

	/* A warning would mean that a program is run for it. */
	for (size_t i = 0; i < COUNT(filters); i++)
		if (filters[i](a) != ARCHIVE_OK)
			return -ENOSYS;
	return 0;
}

static void tell(struct unpack *u)
{
	int64_t done = u->lib->archive_filter_bytes(u->a, -1);

	if (!u->f->progress || done < 0 || (uint64_t)done < u->shown + PROGRESS_STEP)
		return;
	u->shown = (uint64_t)done;
	u->f->progress(u->f->user, u->shown, u->size, feed_records(u->f));
}

/* Whether more comes out than any text may become. */
static int check_amount(struct unpack *u, const char *name)
{
	int64_t packed = u->lib->archive_filter_bytes(u->a, -1);
	size_t most = u->raw ? FEED_FILE_MAX : FEED_ENTRY_MAX;

	if (u->text.len > most)
		return wrong(u, -EFBIG, name, "becomes more than is read");
	if (u->total > FEED_TOTAL_MAX)
		return wrong(u, -EFBIG, name, "the archive becomes more than is read");
	if (u->total > RATIO_FREE && packed >= 0 &&
	    u->total / FEED_RATIO_MAX > (uint64_t)packed + READ_SIZE)
		return wrong(u, -EFBIG, name, "packed far denser than any feed (a bomb?)");
	return 0;
}

static int read_text(struct unpack *u, const char *name)
{
	const void *block;
	size_t n;
	la_int64_t at;
	int r;

	buf_reset(&u->text);
	while ((r = u->lib->archive_read_data_block(u->a, &block, &n, &at)) == ARCHIVE_OK) {
		/* Sparse files: what is not there is not text. */
		if (at < 0 || (uint64_t)at != u->text.len)
			return wrong(u, -EBADMSG, name, "a file with holes");
		u->total += n;
		if (buf_add(&u->text, block, n) < 0)
			return wrong(u, u->text.error, name, "becomes more than is read");
		r = check_amount(u, name);
		if (r < 0)
			return r;
		tell(u);
	}
	return r == ARCHIVE_EOF ? 0 : archive_wrong(u, name);
}

static bool is_outside(struct str path)
{
	if (str_starts(path, STR("/")) || str_find(path, '\\') >= 0)
		return true;
	while (path.ptr)
		if (str_eq(str_cut(&path, '/'), STR("..")))
			return true;
	return false;
}

/* A broken record of many is counted; anything else ends the reading. */
static int read_one(struct unpack *u, const char *name)
{
	struct diag d = {};
	int r = feed_read_text(u->f, str_of(name), buf_view(&u->text), &d);

	u->documents++;
	u->f->documents++;
	if (r == 0)
		return 0;
	if (u->raw || !feed_is_broken(r)) {
		char text[400];

		diag_text(&d, text, sizeof text);
		return diag_set(u->d, r, u->path, 0, "%s", text);
	}
	if (!u->f->broken++)
		u->f->first_broken = d;
	return 0;
}

/* "known.json" of "/…/known.json.gz": formats may go by the name. */
static const char *raw_name(struct unpack *u, char *ret, size_t size)
{
	struct str name = str_basename(str_of(u->path));
	ssize_t dot = str_rfind(name, '.');

	snprintf(ret, size, "%.*s", (int)(dot > 0 ? (size_t)dot : name.len), name.ptr);
	return ret;
}

static int next_document(struct unpack *u, struct archive_entry *e)
{
	const char *name = u->lib->archive_entry_pathname(e);
	char own_name[256];
	int r;

	u->raw = u->lib->archive_format(u->a) == ARCHIVE_FORMAT_RAW;
	if (u->raw)
		name = raw_name(u, own_name, sizeof own_name);
	if (!name)
		return wrong(u, -EBADMSG, NULL, "a name that is no text");
	if (!u->raw && is_outside(str_of(name)))
		return wrong(u, -EBADMSG, name, "a name that leads out of the archive");
	if (!u->raw &&
	    (u->lib->archive_entry_filetype(e) != AE_IFREG || !feed_is_document(str_of(name))))
		return 0;
	if (u->lib->archive_entry_is_encrypted(e) > 0)
		return wrong(u, -EBADMSG, name, "encrypted");
	snprintf(own_name, sizeof own_name, "%s", name);
	u->text.limit = (u->raw ? FEED_FILE_MAX : FEED_ENTRY_MAX) + READ_SIZE;
	r = read_text(u, own_name);
	if (r < 0)
		return r;
	if (u->raw && str_starts(buf_view(&u->text), STR("PK\5\6")))
		return wrong(u, -EBADMSG, NULL, "there is no document of a feed in it");
	if (u->raw && str_starts(buf_view(&u->text), STR("PK")))
		return wrong(u, -EBADMSG, NULL, "a zip whose end is missing (half a download?)");
	return read_one(u, own_name);
}

static int read_all(struct unpack *u)
{
	struct archive_entry *e;
	uint64_t entries = 0;
	int r;

	while ((r = u->lib->archive_read_next_header(u->a, &e)) == ARCHIVE_OK ||
	       r == ARCHIVE_WARN) {
		if (++entries > FEED_ENTRIES_MAX)
			return wrong(u, -EFBIG, NULL, "more files in it than are read");
		r = next_document(u, e);
		if (r < 0)
			return r;
		tell(u);
		r = feed_believe(u->f, false, u->path, u->d);
		if (r < 0)
			return r;
	}
	if (r != ARCHIVE_EOF)
		return archive_wrong(u, NULL);
	if (!u->documents)
		return wrong(u, -EBADMSG, NULL, "there is no document of a feed in it");
	if (u->f->progress)
		u->f->progress(u->f->user, u->size, u->size, feed_records(u->f));
	return feed_believe(u->f, true, u->path, u->d);
}

int feed_archive(struct feed_read *f, const char *path, struct diag *d)
{
	own(unpack_release) struct unpack u = {
		.lib = archive_lib(d), .f = f, .path = path, .d = d, .text = BUF(READ_SIZE)
	};
	own(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(d, -errno, path, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL, path, 0, "not a regular file");
	if (!u.lib)
		return -ENOSYS;
	u.size = (uint64_t)st.st_size;
	u.a = u.lib->archive_read_new();
	r = u.a ? support(u.lib, u.a) : -ENOMEM;
	if (r < 0)
		return wrong(&u, r, NULL, strerror(-r));
	if (u.lib->archive_read_open_fd(u.a, fd, READ_SIZE) != ARCHIVE_OK)
		return archive_wrong(&u, NULL);
	return read_all(&u);
}
