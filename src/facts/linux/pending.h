/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pending: updates that a machine lacks, found by comparing what is installed with its indexes. */
#ifndef HF_FACTS_LINUX_PENDING_H
#define HF_FACTS_LINUX_PENDING_H

#include "facts/fact.h"

/* Texts live as long as c->arena; '' where not known. */
struct pending {
	struct str name, arch, format;
	struct str source, source_version; /* of what is installed */
	struct str installed, candidate;
	struct str source_candidate;  /* version of the candidate's source */
	struct str suite, repository; /* where the candidate is */
	/*
	 * "missing": the next upgrade would install it. "held", "pinned": the owner keeps it back.
	 * "phased": the distribution has not handed it to this machine yet.
	 */
	struct str state;
	struct str fixed; /* newest version that a security suite or an advisory brings */
	struct str cves, advisories;
	int64_t security; /* 0, 1; FACT_UNKNOWN: nothing on this machine tells */
	int64_t issued;   /* UNIX time of the advisory, FACT_UNKNOWN */
};
[[nodiscard]] int pending_add(struct collect *c, const struct pending *p);

/* What each package manager would upgrade. *ret_any: it is what this machine uses. */
[[nodiscard]] int pending_apt(struct collect *c, bool *ret_any);
[[nodiscard]] int pending_rpm(struct collect *c, bool *ret_any);
[[nodiscard]] int pending_apk(struct collect *c, bool *ret_any);

/* An index of any of them. */
struct package_index {
	struct str manager, repository, suite, component, arch, path;
	struct str origin, label, archive, codename, version;
	bool security, third_party;
	int64_t present, priority;
	int64_t date, valid_until, fetched; /* UNIX time, FACT_UNKNOWN */
};
[[nodiscard]] int package_index_add(struct collect *c, const struct package_index *x);
[[nodiscard]] int indexes_apt(struct collect *c, bool *ret_any);
[[nodiscard]] int indexes_rpm(struct collect *c, bool *ret_any);
[[nodiscard]] int indexes_apk(struct collect *c, bool *ret_any);

#endif
