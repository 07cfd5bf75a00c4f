/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_index: the package indexes that APT has fetched for the sources that are configured. */
#ifndef HF_FACTS_LINUX_APT_INDEX_H
#define HF_FACTS_LINUX_APT_INDEX_H

#include "facts/linux/apt_conf.h"
#include "facts/linux/apt_release.h"

struct apt_index {
	struct str uri, suite, component, arch; /* as configured; component '' of flat ones */
	struct str site;                        /* host; '' of local ones */
	struct str path;                        /* of the index; ptr NULL: it was never fetched */
	struct str release_path;                /* likewise */
	struct apt_release release;             /* in c->arena */
	int64_t fetched;                        /* UNIX time of the release file */
	int64_t size;                           /* that it must have unpacked; -1: not stated */
	bool security;                          /* carries security updates of the distribution */
	bool check_valid;                       /* Valid-Until counts */
};
#define APT_INDEXES_MAX 4096

struct apt_indexes {
	struct apt_index *list;
	size_t n, cap;
	struct str native;   /* architecture */
	struct str *foreign; /* further architectures of dpkg */
	size_t n_foreign;
};

/*
 * Sources as sources.list(5) and conf say, one entry a suite, component and architecture. What
 * cannot be read is a problem of c. -ENOMEM. Memory of c->arena.
 */
[[nodiscard]] int apt_indexes_load(struct collect *c, const struct apt_conf *conf,
				   struct apt_indexes *ret);

/* The name below /var/lib/apt/lists of what APT fetches from an address; ptr NULL: no memory. */
struct str apt_list_name(struct arena *a, struct str uri);

#endif
