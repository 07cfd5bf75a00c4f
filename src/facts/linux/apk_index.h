/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apk_index: the package indexes that apk has fetched, and what the owner wants of the packages. */
#ifndef HF_FACTS_LINUX_APK_INDEX_H
#define HF_FACTS_LINUX_APK_INDEX_H

#include "base/map.h"
#include "facts/fact.h"

#define APK_REPOS_MAX 256

/* Texts of c->arena. */
struct apk_repo {
	struct str uri, tag;          /* tag: '' or "@edge", of packages that ask for it alone */
	struct str branch, component; /* "v3.20", "main" */
	struct str path;              /* of the index; ptr NULL: it was never fetched */
	int64_t fetched;              /* FACT_UNKNOWN */
	bool third_party;
};
struct apk_repos {
	struct apk_repo *list;
	size_t n, cap;
};
/* As /etc/apk/repositories says. -ENOMEM; what cannot be read is a problem of c. */
[[nodiscard]] int apk_repos_load(struct collect *c, struct apk_repos *ret);

/* A line of /etc/apk/world (apk-world(5)): "nginx", "php82=8.2.1-r0", "go@edge", "!curl". */
struct apk_want {
	struct str name, tag;
	struct str relation, version; /* relation: '' any */
};
[[nodiscard]] int apk_want_parse(struct str word, struct apk_want *ret); /* -EBADMSG */
bool apk_want_allows(const struct apk_want *w, struct str version);

/* Slices of what is scanned, during the call only. */
struct apk_offer {
	struct str name, version, arch, source;
	int64_t built; /* UNIX time, FACT_UNKNOWN */
};
typedef int apk_offer_fn(const struct apk_offer *o, void *user);

struct apk_scan {
	const struct map *names;
	apk_offer_fn *fn;
	void *user;
	size_t packages, bad;
	/* What the archive is in the middle of. */
	uint64_t left; /* bytes of the file at hand, then of its padding */
	uint64_t padding;
	bool index, found; /* the file is the list of packages; it was there */
};
/* Pure: the tape inside APKINDEX.tar.gz, piece by piece as unpack_each() has it. */
[[nodiscard]] int apk_scan_text(struct apk_scan *s, struct str *text, bool last);
/* -EBADMSG: damaged, cut off or no index; -EFBIG; errors of fn. */
[[nodiscard]] int apk_scan_file(struct apk_scan *s, int fd);

#endif
