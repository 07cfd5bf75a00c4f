/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apps: finding applications, for the table applications. */
#ifndef HF_FACTS_LINUX_APPS_H
#define HF_FACTS_LINUX_APPS_H

#include "facts/linux/package_db.h"

struct app {
	struct str name, version, path, package;
	bool distribution; /* the version is that of a distribution's package */
};
struct apps {
	struct app *list;
	size_t n, cap;
};

/* Adds one unless it is there already with that version and path. -ENOMEM. */
[[nodiscard]] int apps_add(struct collect *c, struct apps *apps, const struct app *app);
/* Files and folders in well-known places. */
[[nodiscard]] int apps_from_files(struct collect *c, struct apps *ret);
/* Packages of software with a bad history. */
[[nodiscard]] int apps_from_packages(struct collect *c, struct apps *ret);
/* Who the package is from, judged by its vendor or maintainer and its version. */
bool package_is_distribution(const struct package *p);

#endif
