/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm_modules: packages that are there in several streams, of which dnf sees one. */
#ifndef HF_FACTS_LINUX_RPM_MODULES_H
#define HF_FACTS_LINUX_RPM_MODULES_H

#include "base/map.h"
#include "facts/linux/rpm_repos.h"

struct rpm_modules {
	struct collect *c;
	const struct map *names; /* of packages that matter */
	struct map enabled;      /* module: stream that the owner chose, "" for none */
	struct map defaults;     /* module: stream that its maker chose */
	struct map packages;     /* "name arch evr": of struct rpm_stream */
	struct map taken;        /* names that an active stream has: no others count */
	struct rpm_stream **list;
	size_t n, cap;
};

/* A stream with those of its packages that matter; of several builds of it any. */
struct rpm_stream {
	struct str module, stream;
	bool active;
	struct str *packages; /* names */
	size_t n, cap;
};

/* What modules.yaml of repo says; what cannot be read is a problem. -ENOMEM. */
[[nodiscard]] int rpm_modules_read(struct rpm_modules *m, const struct rpm_repo *repo);
/* After all of them: what /etc/dnf/modules.d and the defaults choose. */
[[nodiscard]] int rpm_modules_choose(struct rpm_modules *m);
/* Whether dnf would see a package of a repository: key "name arch evr". */
bool rpm_modules_show(const struct rpm_modules *m, struct str name, struct str key);
void rpm_modules_release(struct rpm_modules *m);

/* Pure: one file of modulemd documents. -EBADMSG, -ENOMEM. */
[[nodiscard]] int rpm_modules_parse(struct rpm_modules *m, struct str text);

#endif
