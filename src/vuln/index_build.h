/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index_build: collects what importers read and makes the file of index.h of it. The same things
 * added in another order make the same file.
 *
 * Errors are kept: whatever follows the first one does nothing, and index_build_write() returns it.
 */
#ifndef HF_VULN_INDEX_BUILD_H
#define HF_VULN_INDEX_BUILD_H

#include "base/buf.h"
#include "vuln/index.h"

#define BUILD_NONE UINT32_MAX

struct index_build;
[[nodiscard]] int index_build_new(struct index_build **ret);
void index_build_release(struct index_build **b);
int index_build_error(const struct index_build *b);

/* The number of an id; BUILD_NONE: it is empty or longer than an id may be. */
uint32_t index_build_vuln(struct index_build *b, struct str id);
/* Keeps the highest rating, and of vectors the one of the newest standard. */
void index_build_rate(struct index_build *b, uint32_t vuln, enum index_severity severity);
void index_build_cvss(struct index_build *b, uint32_t vuln, struct str vector);
/* That an advisory is about a CVE. */
void index_build_cve(struct index_build *b, uint32_t vuln, struct str cve);
void index_build_epss(struct index_build *b, uint32_t vuln, uint32_t epss);
void index_build_kev(struct index_build *b, uint32_t vuln, int32_t added, int32_t due,
		     bool ransomware);

/* The number of a package; BUILD_NONE: a name that cannot be one. */
uint32_t index_build_package(struct index_build *b, struct str ecosystem, struct str name);
struct index_entry {
	uint32_t package, vuln;
	enum index_status status;
	enum index_severity severity;
};
void index_build_entry(struct index_build *b, const struct index_entry *e,
		       const struct index_range *ranges, size_t n);

/* Of the same release the last one counts. */
void index_build_eol(struct index_build *b, struct str product, struct str release, int32_t end,
		     int32_t extended);
void index_build_source(struct index_build *b, const struct index_source *s);

/* That all sources were imported then. */
void index_build_imported(struct index_build *b, int64_t when);
/* Everything of a file; -EBADMSG. */
[[nodiscard]] int index_build_add(struct index_build *b, const struct index *x);
/* Ranges of versions that are in it; those of each file of several are counted. */
size_t index_build_ranges(const struct index_build *b);
/* -EFBIG: more than an index may have. */
[[nodiscard]] int index_build_write(struct index_build *b, struct buf *ret);

#endif
