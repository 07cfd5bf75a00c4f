/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fetch: gets a file by HTTP, when it is another than the one that was had, and goes on where an
 * earlier try stopped.
 */
#ifndef HF_VULN_FETCH_H
#define HF_VULN_FETCH_H

#include "base/arena.h"
#include "base/diag.h"

#define FETCH_SIZE_MAX ((uint64_t)8 << 30)
#define FETCH_TEXT_MAX 1024u

typedef void fetch_progress_fn(void *user, uint64_t done, uint64_t size);

/* What a server says of a file, to ask it later whether it is still so. */
struct fetch_validator {
	char etag[FETCH_TEXT_MAX], modified[64]; /* "": none */
};
struct fetch {
	const char *url;
	const char *token;    /* "Bearer …", or NULL; is sent by https alone */
	int dir;              /* of the files below */
	const char *file;     /* gets the bytes; what is there of an earlier try is gone on with */
	const char *note;     /* remembers of which version those are */
	const char *checksum; /* SHA-256 in hexadecimal digits, or NULL */
	const struct fetch_validator *had; /* NULL: it is wanted in any case */
	fetch_progress_fn *progress;       /* may be NULL */
	void *user;
};
struct fetched {
	bool same; /* it is what was had: there is no file */
	struct fetch_validator validator;
	uint64_t size, resumed_at;
};
/*
 * 0: the file is whole. Else *d says why, and what is there stays to be gone on with, unless it is
 * no use: -EBADMSG (wrong checksum), -EFBIG. Others: -EHOSTUNREACH, -ETIME, -EPROTO, -EACCES (401,
 * 403), -ENOENT (404), -EIO (half of it), -ENOSPC …
 */
[[nodiscard]] int fetch_file(const struct fetch *f, struct fetched *ret, struct diag *d);
/* A small text (a checksum, a name). */
[[nodiscard]] int fetch_text(const char *url, struct arena *a, struct str *ret, struct diag *d);

#endif
