/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From files to parts: what runs confined, since anybody may have written the files. */
#include <fts.h>
#include <stdio.h>

#include "base/file.h"
#include "vuln/feeds_work.h"

#define FOLDER_DEPTH 32
#define NAME_PARTS ".part"

struct import {
	const struct feed_import *how;
	int out; /* gets a feed_record and its bytes for each part */
	struct diag *d;
};

static void fold(char *s)
{
	for (; *s; s++) {
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s | 0x20);
		else if (!version_is_digit(*s) && !(*s >= 'a' && *s <= 'z'))
			*s = '-';
	}
}

/* Whether a file of that format is all of its feed. */
static bool is_single(const char *format)
{
	static const char *const single[] = { "debian", "kev", "epss", "wordfence", "eol" };

	for (size_t i = 0; i < COUNT(single); i++)
		if (!strcmp(format, single[i]))
			return true;
	return false;
}

/* "osv-pypi" of "…/PyPI/all.zip", "alpine-main" of "…/main.json", "kev" of any file. */
static void make_name(const char *format, const char *path, char ret[static FEED_NAME_MAX])
{
	struct str rest = str_of(path), name, stem;
	char tail[40];

	while (rest.len > 1 && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	name = str_basename(rest);
	rest.len -= MIN(rest.len, name.len + 1);
	stem = str_cut(&name, '.');
	if (str_eq(stem, STR("all")) && rest.len)
		stem = str_basename(rest);
	snprintf(tail, sizeof tail, "%.*s", (int)MIN(stem.len, sizeof tail - 1), stem.ptr);
	fold(tail);
	snprintf(ret, FEED_NAME_MAX, "%s%s%s", format, is_single(format) || !tail[0] ? "" : "-",
		 is_single(format) ? "" : tail);
}

static int hand_out(struct import *x, struct str name, struct str bytes, bool ready)
{
	struct feed_record r = { .len = bytes.len, .ready = ready };
	int error;

	if (!feed_name_ok(name))
		return diag_set(x->d, -EBADMSG, "", 0, "a feed cannot have the name of this part");
	memcpy(r.name, name.ptr, name.len);
	error = file_write_all(x->out, (struct str){ (const char *)&r, sizeof r });
	return error ?: file_write_all(x->out, bytes);
}

static int store(struct import *x, struct feed_group *g, const char *path, bool several)
{
	own(buf_release) struct buf out = BUF(INDEX_SIZE_MAX);
	char name[FEED_NAME_MAX];
	struct index_source s = {
		.format = str_of(g->format),
		.from = str_of(x->how->from),
		.published = g->published,
		.imported = x->how->now,
		.records = g->records,
		.left_out = g->left_out + x->how->read->broken,
	};
	int r;

	if (!x->how->name)
		make_name(g->format, path, name);
	else
		snprintf(name, sizeof name, "%s%s%s", x->how->name, several ? "-" : "",
			 several ? g->format : "");
	if (!g->records)
		return diag_set(x->d, -EBADMSG, path, 0, "there is no record in it");
	s.name = str_of(name);
	index_build_source(g->build, &s);
	r = index_build_write(g->build, &out);
	/* Its texts are not needed for the next one. */
	index_build_release(&g->build);
	return r ?: hand_out(x, s.name, buf_view(&out), false);
}

static int put_part(void *user, struct str name, struct str bytes, struct diag *d)
{
	struct import *x = user;

	(void)d;
	if (str_ends(name, STR(NAME_PARTS)))
		name.len -= strlen(NAME_PARTS);
	return hand_out(x, name, bytes, true);
}

/* A broken file of a folder is counted, as one of an archive is. */
static int read_entry(struct import *x, const char *path)
{
	struct feed_read *read = x->how->read;
	struct diag d = {};
	int r = feed_read_file(read, path, &d);

	if (r == 0)
		return 0;
	if (!feed_is_broken(r)) {
		*x->d = d;
		return r;
	}
	read->documents++;
	if (!read->broken++)
		read->first_broken = d;
	return feed_believe(read, false, path, x->d);
}

static int read_folder(struct import *x, const char *path)
{
	char *const paths[] = { (char *)path, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	const FTSENT *e;
	uint64_t files = 0;
	int r = fts ? 0 : -errno;

	while (r == 0 && (errno = 0, e = fts_read(fts))) {
		if (e->fts_info == FTS_D && e->fts_level > FOLDER_DEPTH)
			r = diag_set(x->d, -E2BIG, path, 0, "folders nested deeper than is read");
		else if (e->fts_info == FTS_D && e->fts_level > 0 && e->fts_name[0] == '.')
			(void)fts_set(fts, (FTSENT *)e, FTS_SKIP);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			r = diag_set(x->d, -e->fts_errno, e->fts_path, 0, "%s",
				     strerror(e->fts_errno));
		if (r < 0 || e->fts_info != FTS_F || !feed_is_document(str_of(e->fts_name)))
			continue;
		if (++files > FEED_ENTRIES_MAX)
			r = diag_set(x->d, -E2BIG, path, 0, "more files than are read");
		else
			r = read_entry(x, e->fts_path);
	}
	if (r == 0 && errno)
		r = -errno;
	if (fts)
		fts_close(fts);
	if (r == 0 && !files)
		r = diag_set(x->d, -EBADMSG, path, 0, "there is no document of a feed in it");
	return r ?: feed_believe(x->how->read, true, path, x->d);
}

int feeds_read(const struct feed_import *how, const char *path, bool is_folder, int out,
	       struct diag *d)
{
	struct import x = { .how = how, .out = out, .d = d };
	struct feed_read *read = how->read;
	unsigned several = 0;
	int r;

	if (!read->format || !strcmp(read->format, "index")) {
		read->part = put_part;
		read->part_user = &x;
	}
	r = is_folder ? read_folder(&x, path) : feed_read_file(read, path, d);
	for (size_t i = 0; i < FEED_FORMATS; i++)
		several += read->groups[i].format && strcmp(read->groups[i].format, "index") != 0;
	for (size_t i = 0; r == 0 && i < FEED_FORMATS; i++)
		if (read->groups[i].format && strcmp(read->groups[i].format, "index") != 0)
			r = store(&x, &read->groups[i], path, several > 1);
	if (r < 0 && !d->reason[0])
		diag_set(d, r, path, 0, "%s", strerror(-r));
	return r;
}
