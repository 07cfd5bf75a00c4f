/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/report.h"

#include <stdio.h>

#include "base/file.h"

static int send_record(int fd, struct report_record *r, struct str path)
{
	struct {
		struct report_record r;
		char path[REPORT_PATH_MAX];
	} out = { .r = *r };

	path = str_sub(path, 0, REPORT_PATH_MAX);
	out.r.path_len = (uint32_t)path.len;
	if (path.len)
		memcpy(out.path, path.ptr, path.len);
	return file_write_all(fd, (struct str){ (const char *)&out, sizeof out.r + path.len });
}

int report_secret(int fd, const struct place_finding *f)
{
	struct report_record r = {
		.type = REPORT_SECRET,
		.line = f->secret->line,
		.offset = f->secret->offset,
		.len = f->secret->len,
		.time = f->secret->time,
		.device = f->st->st_dev,
		.inode = f->st->st_ino,
		.size = (uint64_t)f->st->st_size,
		.mtime = f->st->st_mtim.tv_sec,
		.mtime_ns = f->st->st_mtim.tv_nsec,
		.ctime = f->st->st_ctim.tv_sec,
		.ctime_ns = f->st->st_ctim.tv_nsec,
		.mode = f->st->st_mode,
		.uid = f->st->st_uid,
		.flags = f->file.flags,
	};

	snprintf(r.kind, sizeof r.kind, "%s", f->secret->kind);
	snprintf(r.mask, sizeof r.mask, "%s", f->secret->mask.text);
	snprintf(r.rule, sizeof r.rule, "%s", f->secret->rule ? f->secret->rule : "");
	snprintf(r.what, sizeof r.what, "%.*s", STR_FMT(f->process));
	return send_record(fd, &r, f->path);
}

int report_problem(int fd, const char *path, int error, const char *what)
{
	struct report_record r = { .type = REPORT_PROBLEM, .error = error };

	snprintf(r.what, sizeof r.what, "%s", what);
	return send_record(fd, &r, str_of(path));
}

int report_end(int fd, const struct place *p)
{
	struct report_record r = {
		.type = REPORT_END,
		.files = p->files,
		.bytes = p->bytes,
		.skipped = p->skipped,
	};

	return send_record(fd, &r, STR(""));
}

static bool ends(const char *s, size_t n) { return memchr(s, '\0', n); }

int report_next(struct str *bytes, struct report_item *ret)
{
	struct report_item item = {};

	if (bytes->len < sizeof item.r)
		return 0;
	memcpy(&item.r, bytes->ptr, sizeof item.r);
	if (item.r.type < REPORT_SECRET || item.r.type > REPORT_END ||
	    item.r.path_len > REPORT_PATH_MAX || !ends(item.r.kind, sizeof item.r.kind) ||
	    !ends(item.r.mask, sizeof item.r.mask) || !ends(item.r.rule, sizeof item.r.rule) ||
	    !ends(item.r.what, sizeof item.r.what))
		return -EBADMSG;
	if (bytes->len < sizeof item.r + item.r.path_len)
		return 0;
	item.path = str_sub(*bytes, sizeof item.r, sizeof item.r + item.r.path_len);
	*bytes = str_sub(*bytes, sizeof item.r + item.r.path_len, bytes->len);
	*ret = item;
	return 1;
}
