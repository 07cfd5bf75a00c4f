/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system: the Windows on a mounted disk, by its registry. */
#ifndef HF_FACTS_WINDOWS_SYSTEM_H
#define HF_FACTS_WINDOWS_SYSTEM_H

#include "facts/fact.h"
#include "facts/windows/hive.h"

/* A path below a folder, in any case, as Windows finds it. 1: *ret is how it is written; 0: none. */
[[nodiscard]] int windows_path(struct collect *c, const char *folder, const char *path,
			       const char **ret);

struct windows_system {
	const char *folder;   /* "/Windows" */
	const char *software; /* path of the hive */
	struct str product, edition, release, service_pack;
	uint32_t major, minor, build, revision;
	bool has_revision, server;
	int64_t remote_desktop, network_level; /* 1, 0, FACT_UNKNOWN */
};
/* 1: found; 0: there is none, or a problem was told. -ENOMEM. */
[[nodiscard]] int windows_system(struct collect *c, struct windows_system *ret);

#endif
