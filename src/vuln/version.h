/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * version: which of two versions is newer, as the tools of each ecosystem decide. Any text has a
 * place: what a tool would refuse is ordered by what can be read of it.
 */
#ifndef HF_VULN_VERSION_H
#define HF_VULN_VERSION_H

#include "base/str.h"

/* A function: negative, 0 or positive, like memcmp(). Time is linear in the texts. */
typedef int version_fn(struct str a, struct str b);

version_fn version_deb;      /* deb-version(7) */
version_fn version_rpm;      /* rpm-version(7): [EPOCH:]VERSION[-RELEASE] */
version_fn version_apk;      /* apk-tools */
version_fn version_semver;   /* semver.org 2.0.0, with or without "v": npm, Go, crates.io, Hex */
version_fn version_pub;      /* the same, where build metadata counts (pub.dev) */
version_fn version_nuget;    /* four numbers, letters in any case */
version_fn version_pypi;     /* PEP 440; what is none of it is older than what is */
version_fn version_maven;    /* Maven's "Version Order Specification" */
version_fn version_gem;      /* Gem::Version */
version_fn version_composer; /* version_compare() of PHP, without a leading "v" */
version_fn version_dotted;   /* numbers alone: CRAN, Hackage */

struct version_order {
	const char *name; /* as OSV names the ecosystem, in lower case: "debian", "npm" … */
	version_fn *compare;
};
/* By ecosystem, in any case and without what follows ':' ("Debian:12"); NULL: not known. */
const struct version_order *version_order_find(struct str ecosystem);

/* Numbers of any length, as digits. */
int version_digits(struct str a, struct str b);
/* Cuts leading digits (true) or what is none (false) off *s. */
struct str version_run(struct str *s, bool digits);

/* NUL behind the end. */
static inline char version_at(struct str s, size_t i) { return (char)(i < s.len ? s.ptr[i] : 0); }

static inline bool version_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool version_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline char version_lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

#endif
