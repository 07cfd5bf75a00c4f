/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feed: reads what publishers of advisories ship, as they ship it, into an index_build.
 *
 *   osv         OSV schema 1.x (JSON or YAML), a record a file; also the archives of osv.dev, of
 *               Ubuntu, PyPA, RustSec …
 *   debian      Debian's security tracker (tracker/data/json)
 *   alpine      Alpine's secdb (…/main.json)
 *   csaf        CSAF 2.0 and 2.1: Red Hat's VEX and advisories, SUSE's, Microsoft's
 *   openvex     OpenVEX 0.2: Ubuntu's VEX
 *   msrc        Microsoft's CVRF 3.0 as JSON
 *   wordfence   Wordfence Intelligence 2 and 3
 *   kev         CISA's known exploited vulnerabilities
 *   epss        FIRST's EPSS, CSV
 *   eol         endoflife.date: API 0 and 1, or the project's pages (Markdown)
 *   index       parts and exports of Holdfast
 *
 * Files may be plain, gzip, xz, zstd or bzip2; or an archive (zip, tar) of files, which is read
 * without unpacking it: names in it name records in messages, and nothing else.
 */
#ifndef HF_VULN_FEED_H
#define HF_VULN_FEED_H

#include "base/json.h"
#include "base/map.h"
#include "vuln/index_build.h"

#define FEED_FILE_MAX ((size_t)768 << 20)   /* bytes of one document, unpacked */
#define FEED_TOTAL_MAX ((uint64_t)64 << 30) /* of all of an archive */
#define FEED_ENTRY_MAX ((size_t)256 << 20)  /* of one of several files of an archive */
#define FEED_ENTRIES_MAX 4'000'000u
#define FEED_RATIO_MAX 400u     /* bytes that one packed byte may become, past 64 MiB */
#define FEED_RANGES_MAX 65'536u /* of one package in one record */

#define FEED_FORMATS 11u

/* What was read of one format. */
struct feed_group {
	const char *format;        /* NULL: nothing */
	struct index_build *build; /* owned */
	int64_t published;
	uint64_t records, left_out; /* left out: withdrawn, not affected, not of what is kept */
};

/* A part of an export: its name and bytes. 0 or -errno, which ends the reading. */
typedef int feed_part_fn(void *user, struct str name, struct str bytes, struct diag *d);
/* How far it is: bytes of the file as it lies there, and records. */
typedef void feed_progress_fn(void *user, uint64_t done, uint64_t size, uint64_t records);

struct feed_read {
	/* Ecosystems to keep, as of index.h or glob(7), "Debian" for all its releases; n 0: all. */
	const struct str *keep;
	size_t n_keep;
	const char *format; /* that it must have; NULL: any */
	feed_part_fn *part; /* NULL: parts are refused */
	void *part_user;
	feed_progress_fn *progress; /* may be NULL */
	void *user;
	/* what was found */
	struct feed_group groups[FEED_FORMATS];
	uint64_t documents, broken;
	struct diag first_broken; /* the first document that was left out because it is broken */
	/* at work */
	struct feed_group *now;
	struct arena arena; /* of one document; owned */
	struct str name;    /* of the document */
	int error;
};

/*
 * Reads a file; several may be read one after the other. A record in an archive that is broken is left out and counted, unless it is one of
 * more than a hundred or of one in a hundred: then the whole is not believed. Errors: -EBADMSG (not
 * what it says, cut off), -ENOMSG (no feed that is known), -EPROTONOSUPPORT (a version of one that
 * is not), -EFBIG (more than is read), those of open(2); *d says what and where.
 */
[[nodiscard]] int feed_read_file(struct feed_read *f, const char *path, struct diag *d);
/* One document that is in memory: what archives are made of. */
[[nodiscard]] int feed_read_text(struct feed_read *f, struct str name, struct str text,
				 struct diag *d);
/*
 * After a broken document of many, and behind the last: 0, or -EBADMSG where too many are broken to
 * believe the others.
 */
[[nodiscard]] int feed_believe(const struct feed_read *f, bool last, const char *path,
			       struct diag *d);
/* Whether a file of that name is read in archives and folders. */
bool feed_is_document(struct str name);
/* Whether an error is that of a document, not of everything. */
bool feed_is_broken(int error);
uint64_t feed_records(const struct feed_read *f);
void feed_read_release(struct feed_read *f);

/* Names of the formats, in the order of the list above; NULL behind the last. */
const char *feed_format_name(size_t i);

#endif
