/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index_build_work: what index_build.c collects and index_write.c writes. */
#ifndef HF_VULN_INDEX_BUILD_WORK_H
#define HF_VULN_INDEX_BUILD_WORK_H

#include "base/arena.h"
#include "base/map.h"
#include "vuln/index_build.h"
#include "vuln/index_format.h"

#define BUILD_MEMORY ((size_t)512 << 20) /* of all texts */
#define BUILD_MAX ((size_t)32 << 20)     /* of each list */

/* A list that grows by half. */
#define BUILD_LIST(type)       \
	struct {               \
		type *at;      \
		size_t n, cap; \
	}

struct build_vuln {
	struct str id;
	uint32_t cvss; /* BUILD_NONE */
	int32_t epss;  /* -1 */
	int32_t added, due;
	uint8_t severity;
	bool kev, ransomware;
};
struct build_alias {
	uint32_t vuln, cve;
};
struct build_package {
	struct str ecosystem, name;
};
struct build_entry {
	uint32_t package, vuln, ranges, n;
	uint8_t status, severity;
};
struct build_range {
	uint32_t begin, end; /* of the versions; BUILD_NONE */
	uint32_t how;
};
struct build_eol {
	struct str product, release;
	int32_t end, extended;
	uint32_t order;
};

struct index_build {
	int error;
	struct arena arena;
	struct map vuln_ids, package_keys, version_texts;
	BUILD_LIST(struct build_vuln) vulns;
	BUILD_LIST(struct build_alias) aliases;
	BUILD_LIST(struct build_package) packages;
	BUILD_LIST(struct build_entry) entries;
	BUILD_LIST(struct build_range) ranges;
	BUILD_LIST(struct str) versions;
	BUILD_LIST(struct build_eol) eols;
	BUILD_LIST(struct index_source) sources;
};

#endif
