/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm_locks: versions that the owner keeps: the plugin versionlock of yum and dnf, locks of zypper. */
#ifndef HF_FACTS_LINUX_RPM_LOCKS_H
#define HF_FACTS_LINUX_RPM_LOCKS_H

#include "facts/fact.h"

struct rpm_named {
	struct str name, arch, evr;
};

struct rpm_lock {
	struct str name, pattern; /* pattern: of what is kept; of a ban what is not wanted */
	bool ban;
};
struct rpm_locks {
	struct rpm_lock *list;
	size_t n, cap;
};

/* -ENOMEM; what cannot be read is a problem of c. */
[[nodiscard]] int rpm_locks_load(struct collect *c, struct rpm_locks *ret);
/* Whether a lock keeps this version from being installed. */
bool rpm_locks_keep(const struct rpm_locks *locks, const struct rpm_named *p);

/*
 * Whether one of the patterns of a list, separated by blanks or commas, names it, as dnf(8) has it:
 * by name, NAME.ARCH, NAME-VERSION, NAME-VERSION-RELEASE with or without epoch and architecture.
 */
bool rpm_named_in(const struct rpm_named *p, struct str patterns);

#endif
