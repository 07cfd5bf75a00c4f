/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm_scan: finds some packages and the advisories on them in what createrepo_c(8) makes. */
#ifndef HF_FACTS_LINUX_RPM_SCAN_H
#define HF_FACTS_LINUX_RPM_SCAN_H

#include "base/map.h"
#include "facts/fact.h"

#define RPM_TEXT_MAX 512 /* of a name or version */

/* Slices of what is scanned, during the call only; never empty but for source and epoch. */
struct rpm_offer {
	struct str name, arch, epoch, version, release;
	struct str source; /* file name of the source package, '' */
};
typedef int rpm_offer_fn(const struct rpm_offer *o, void *user);

struct rpm_scan {
	const struct map *names; /* that are wanted; of the value nothing is known here */
	rpm_offer_fn *fn;
	void *user;
	size_t packages, bad; /* seen; and of those wanted, what cannot be understood */
};
/*
 * Pure. Takes whole packages off the front of *text, as apt_scan_text(); errors of fn. With
 * `last` what is left must be the end of the document: -EBADMSG.
 */
[[nodiscard]] int rpm_scan_text(struct rpm_scan *s, struct str *text, bool last);
/* primary.xml, packed or not; primary.sqlite likewise. -EBADMSG: damaged or cut off; -EFBIG. */
[[nodiscard]] int rpm_scan_file(struct rpm_scan *s, int fd, uint64_t *ret_size);
[[nodiscard]] int rpm_scan_database(struct rpm_scan *s, int fd, uint64_t *ret_size);

/* One package that an advisory brings. */
struct rpm_fix {
	struct str id; /* of the advisory */
	bool security;
	int64_t issued;  /* UNIX time, FACT_UNKNOWN */
	struct str text; /* the whole advisory, for rpm_advisory_cves() */
	struct rpm_offer package;
};
typedef int rpm_fix_fn(const struct rpm_fix *f, void *user);

struct rpm_fixes {
	const struct map *names;
	rpm_fix_fn *fn;
	void *user;
	size_t bad;
};
[[nodiscard]] int rpm_fixes_text(struct rpm_fixes *s, struct str *text, bool last);
/* updateinfo.xml; errors as above. */
[[nodiscard]] int rpm_fixes_file(struct rpm_fixes *s, int fd, uint64_t *ret_size);
/* CVEs that an advisory refers to, each once, separated by blanks; ptr NULL: no memory. */
struct str rpm_advisory_cves(struct arena *a, struct str text);

/* "1:2.0-3.el9": as rpm_package() puts it together; ptr NULL: no memory. */
struct str rpm_evr(struct arena *a, struct str epoch, struct str version, struct str release);

#endif
