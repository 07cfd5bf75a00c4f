/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity_package: which bytes a file must have according to dpkg, rpm or apk. */
#ifndef HF_SENSOR_INTEGRITY_PACKAGE_H
#define HF_SENSOR_INTEGRITY_PACKAGE_H

#include "sensor/integrity.h"

struct fim_digest {
	uint64_t hash; /* of the path */
	unsigned char bytes[32];
	uint8_t n; /* 16: MD5, 20: SHA-1, 32: SHA-256 */
	bool conffile;
	uint32_t package; /* offset of its name */
};
struct fim_packages {
	struct fim_digest *list; /* owned, sorted by hash */
	size_t n, cap;
	char *packages; /* owned; names with NUL between */
	size_t n_packages, cap_packages;
	uint64_t seed[2];
	struct timespec stamp; /* of the databases when they were read */
	int64_t asked;         /* when they were looked at last: seconds, monotonic */
	bool loaded;
	bool incomplete; /* a database could not be read wholly */
};
void fim_packages_release(struct fim_packages *p);
/*
 * Reads the databases anew where they have changed since; looks at them once a second, or at once
 * where asked is 0. -ENOMEM.
 */
[[nodiscard]] int fim_packages_refresh(struct fim_packages *p, const struct root *root);
/* NULL: of no package. */
const struct fim_digest *fim_packages_find(const struct fim_packages *p, struct str path);
static inline const char *fim_package_name(const struct fim_packages *p, const struct fim_digest *d)
{
	return p->packages + d->package;
}

#endif
