/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: which of the vulnerabilities of an index an installed version has. */
#ifndef HF_VULN_MATCH_H
#define HF_VULN_MATCH_H

#include "base/arena.h"
#include "vuln/index.h"

struct match {
	uint32_t vuln;     /* the CVE; where an advisory names none, the advisory */
	uint32_t advisory; /* that says so; vuln where it is the CVE itself */
	enum index_status status;
	enum index_severity severity; /* the publisher's for this package */
	struct str fixed;             /* first version without it; '' where none is known */
	bool extended;                /* that version is for those alone who pay for it */
};
struct matches {
	struct match *list;
	size_t n, cap;
	bool known; /* the index knows a package of that name */
};

struct match_query {
	/* extended: of paid support ("Ubuntu:Pro:22.04"), whose word on a CVE goes first; '' none. */
	struct str ecosystem, extended;
	struct str name, version;
	version_fn *compare;
};

/*
 * Sorted by vuln, each once: of several advisories on one CVE the one with a fix counts. Memory of
 * a. -EBADMSG: the index is broken; -ENOMEM.
 */
[[nodiscard]] int match_find(const struct index *x, const struct match_query *q, struct arena *a,
			     struct matches *ret);

/*
 * The ecosystem of the packages of a distribution, of os-release(5)'s ID and VERSION_ID: "debian"
 * and "12" are "Debian:12". *ret_extended as in struct match_query. False: nobody publishes
 * advisories for it in a form that is known.
 */
bool match_ecosystem(struct str id, struct str version_id, struct arena *a, struct str *ret,
		     struct str *ret_extended);

/* Whether its advisories name packages of a module with the stream: "nodejs:18/nodejs". */
bool match_has_streams(struct str ecosystem);

/*
 * The source package by whose name a distribution speaks of a binary package. Kernels are signed in
 * sources of their own: of "linux-signed-amd64" it is "linux". ptr NULL: no memory.
 */
struct str match_source(struct arena *a, struct str source);
/*
 * Whether flaws of a source are flaws of this binary package: those of the kernel are in its image
 * and modules alone, not in headers (linux-libc-dev), documents or tools.
 */
bool match_carries(struct str source, struct str package);
/* Whether a source is a kernel; and whether a package of one is that of a release (uname -r). */
bool match_is_kernel(struct str source);
bool match_is_release(struct str package, struct str version, struct str release);

#endif
