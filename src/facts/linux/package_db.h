/* SPDX-License-Identifier: GPL-3.0-or-later */
/* package_db: what dpkg, rpm and apk have installed. */
#ifndef HF_FACTS_LINUX_PACKAGE_DB_H
#define HF_FACTS_LINUX_PACKAGE_DB_H

#include "facts/fact.h"

/* The text lives as long as the database's: during the call only. ptr == NULL: not stated. */
struct package {
	struct str name, version, arch;
	struct str source, source_version; /* never empty: those of the binary where not stated */
	struct str status;                 /* "installed", "config-files", "half-installed" … */
	struct str format;                 /* "deb", "rpm", "apk" */
	struct str vendor, section;
	struct str module;    /* "NAME:STREAM" that a package of rpm is of */
	int64_t install_time; /* FACT_UNKNOWN */
	bool hold;
	/* The files are there, completely or not: not merely left-over configuration. */
	bool installed;
};

typedef int package_fn(const struct package *p, void *user);

/*
 * Calls fn for every package of every database; an error of fn ends it. A database that is
 * damaged, unreadable or missing where it must be is a collect_problem(). 0 or the error of fn.
 * Memory taken from c->arena is given back before it returns, unless fn allocated there.
 */
[[nodiscard]] int package_db_each(struct collect *c, package_fn *fn, void *user);
/* The same of one format alone: "deb", "rpm" or "apk". */
[[nodiscard]] int package_db_of(struct collect *c, const char *format, package_fn *fn, void *user);

/*
 * Looks for n names (exact, at most 256). ret[i] is the installed package, copied to c->arena;
 * ret[i].name.ptr == NULL: not installed. One pass over the database.
 */
[[nodiscard]] int package_db_find(struct collect *c, const char *const names[], size_t n,
				  struct package ret[]);

/*
 * Which package brought each of n files (absolute paths)? ret[i]: its name, '' for a file of no
 * package; in c->arena. One pass over all file lists (10 ms for 500 packages).
 */
[[nodiscard]] int package_db_owners(struct collect *c, const struct str paths[], size_t n,
				    struct str ret[]);

/*
 * Parsers of the text databases: pure. What is not a package is left out. -EBADMSG: the text
 * cannot be trusted as a whole (cut off, binary), first at *ret_line; all that is good was handed
 * to fn nevertheless. need_status: a stanza without the field Status is an error, as in
 * /var/lib/dpkg/status, otherwise it is installed, as in status.d.
 */
[[nodiscard]] int dpkg_parse(struct str text, bool need_status, package_fn *fn, void *user,
			     unsigned *ret_line);
[[nodiscard]] int apk_parse(struct str text, package_fn *fn, void *user, unsigned *ret_line);

#endif
