/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feed_work: what the readers of the formats share. */
#ifndef HF_VULN_FEED_WORK_H
#define HF_VULN_FEED_WORK_H

#include "vuln/feed.h"

/*
 * Readers return 0 or -errno with *d; root is 0. They count what they read in f->records, and what
 * says nothing of a package in f->left_out.
 */
typedef int feed_json_fn(struct feed_read *f, struct jdoc *doc, struct diag *d);
feed_json_fn feed_osv, feed_debian, feed_alpine, feed_csaf, feed_openvex, feed_msrc, feed_wordfence,
	feed_kev, feed_eol;
int feed_epss(struct feed_read *f, struct str text, struct diag *d);

/* A file that is packed or an archive: every document of it. */
[[nodiscard]] int feed_archive(struct feed_read *f, const char *path, struct diag *d);
/* YAML (one document, no anchors) as JSON, in the arena. */
[[nodiscard]] int feed_yaml(struct str text, struct arena *a, struct str *ret, struct diag *d);

/* A member of an object that may not be there itself (0): jdoc_get() would take it for the root. */
static inline uint32_t feed_get(const struct jdoc *doc, uint32_t object, struct str name)
{
	return object ? jdoc_get(doc, object, name) : 0;
}
/* Text of a string, or of a member of an object or of the root; empty: there is none. */
struct str feed_text(struct feed_read *f, const struct jdoc *doc, uint32_t v);
struct str feed_member(struct feed_read *f, const struct jdoc *doc, uint32_t object,
		       struct str name);
struct str feed_root(struct feed_read *f, const struct jdoc *doc, struct str name);
/* -EPROTONOSUPPORT / -EBADMSG with the line of v; `what` is a sentence. */
int feed_unknown(struct jdoc *doc, uint32_t v, struct diag *d, const char *what, struct str value);
int feed_broken(struct jdoc *doc, uint32_t v, struct diag *d, const char *what);
/* Keeps the latest of several. */
void feed_published(struct feed_read *f, struct str date);
bool feed_keeps(const struct feed_read *f, struct str ecosystem);
/* "HIGH", "Important", "moderate" …; unknown for any other word. */
enum index_severity feed_severity(struct str word);
/* Whether a text is CVE-YEAR-NUMBER. */
bool feed_is_cve(struct str s);

/* A list of ranges in the arena. */
struct feed_ranges {
	struct index_range *at;
	size_t n, cap;
};
void feed_add_range(struct feed_read *f, struct feed_ranges *l, struct index_range range);

/* The parts of a package URL; texts are slices, percent signs resolved in the arena. */
struct feed_purl {
	struct str type, space, name, version, qualifiers;
};
bool feed_purl(struct feed_read *f, struct str text, struct feed_purl *ret);
struct str feed_qualifier(struct feed_read *f, const struct feed_purl *p, struct str key);

#endif
