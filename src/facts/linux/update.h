/* SPDX-License-Identifier: GPL-3.0-or-later */
/* update: what update_state knows of one package manager. */
#ifndef HF_FACTS_LINUX_UPDATE_H
#define HF_FACTS_LINUX_UPDATE_H

#include "facts/linux/jobs.h"
#include "facts/linux/units.h"

enum update_manager { UPDATE_APT, UPDATE_DNF, UPDATE_APK, UPDATE_ZYPPER, UPDATE_N };

struct update {
	int64_t lists_time, last_install, auto_last_run; /* FACT_UNKNOWN */
	bool refresh, upgrade;                           /* by itself */
	struct str evidence;
};

struct update_run {
	struct collect *c;
	struct units units;
	/* Jobs of cron and timers that somebody wrote: "file:line". */
	struct str job_refresh[UPDATE_N], job_upgrade[UPDATE_N];
};

/* Finds jobs that call package managers. */
[[nodiscard]] int update_jobs(struct update_run *run);
/* The rules of each; *ret is complete but for what jobs add. */
[[nodiscard]] int update_apt(struct update_run *run, struct update *ret);
[[nodiscard]] int update_dnf(struct update_run *run, struct update *ret);
[[nodiscard]] int update_apk(struct update_run *run, struct update *ret);
[[nodiscard]] int update_zypper(struct update_run *run, struct update *ret);

/* Modification time; FACT_UNKNOWN if there is no such file. */
int64_t update_mtime(struct collect *c, const char *path);
/* The newest of the files that a pattern matches. */
[[nodiscard]] int update_newest(struct collect *c, const char *pattern, int64_t *ret);

#endif
