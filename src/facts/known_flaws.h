/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * known_flaws: critical, remotely exploitable flaws of applications that are known to be used in
 * attacks, by version of the maker.
 *
 * Packages of a distribution get fixes without a new version of the maker. So they are compared
 * only where the version is below the oldest one that a supported release ships (`shipped`): no
 * one maintains it any more. Packages of the maker and files without package are compared always.
 */
#ifndef HF_FACTS_KNOWN_FLAWS_H
#define HF_FACTS_KNOWN_FLAWS_H

#include "base/str.h"

struct known_flaw {
	const char *name;   /* as in the table applications */
	const char *from;   /* first version that has it; NULL: all before `before` */
	const char *before; /* first version without it */
	const char *fixed;  /* first version without any flaw of this table */
	const char *cve;
};

/* NULL: none is known. distribution: the version is that of a distribution's package. */
const struct known_flaw *known_flaw_find(struct str name, struct str version, bool distribution);
/* Is any flaw of that application in the table at all? */
bool known_flaw_of(struct str name);
/* Flaws that distributions themselves brought, by package and whole version. */
const struct known_flaw *known_flaw_package(struct str package, struct str version);

/*
 * Compares the numbers, then a letter behind the last one ("1.0.1f"), of two versions of a maker;
 * an epoch ("5:") and what follows '-', '+' or '~' are passed over. < 0, 0, > 0.
 */
int upstream_compare(struct str a, struct str b);
/* The maker's version: without epoch and revision, "5:6.0.16-1+deb11u2" -> "6.0.16". */
struct str upstream_version(struct str version);

#endif
