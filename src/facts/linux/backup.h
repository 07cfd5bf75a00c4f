/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup: what shows that a machine is backed up, and what the evidence says. */
#ifndef HF_FACTS_LINUX_BACKUP_H
#define HF_FACTS_LINUX_BACKUP_H

#include "facts/linux/jobs.h"

struct backup {
	struct str tool, kind, schedule, repository, paths, file;
	unsigned line;
	int64_t offsite, encrypted, append_only, last_success, last_check, last_start, last_drill;
	int64_t credentials_mode; /* these eight: FACT_UNKNOWN */
};
/* All text '', all numbers unknown. */
struct backup backup_new(const char *tool, const char *kind);

typedef int backup_fn(const struct backup *b, void *user);

/* Jobs and units that run a backup. */
[[nodiscard]] int backup_jobs(struct collect *c, const struct units *u, backup_fn *fn, void *user);
/* Agents of backup systems that run by themselves, and results that tools leave. */
[[nodiscard]] int backup_agents(struct collect *c, const struct units *u, backup_fn *fn,
				void *user);

/*
 * Pure: /var/lib/holdfast/backup/NAME.json: {"tool": "restic", "repository": "sftp:…",
 * "last_success", "last_start", "last_check", "last_drill": UNIX time, "offsite": 0 or 1,
 * "append_only": true or false, "paths": ["/etc", …]}; only tool must be there. -EBADMSG and *ret_line.
 */
[[nodiscard]] int backup_parse_json(struct arena *a, struct str text, struct backup *ret,
				    unsigned *ret_line);
/* Pure: the last time of success in an extension's *.status file; FACT_UNKNOWN; -EBADMSG. */
[[nodiscard]] int backup_parse_azure(struct str text, int64_t *ret);

/* --- repositories --- */

/* Without user names and passwords of URLs; ptr == NULL: no memory. */
struct str backup_public(struct arena *a, struct str repository);
/* 1: on another machine; 0: here; FACT_UNKNOWN for ''. Paths on network mounts of fstab count. */
int64_t backup_offsite(struct collect *c, struct str repository);
/* Completes what the tool and the repository tell: offsite, encrypted, append_only. */
[[nodiscard]] int backup_judge(struct collect *c, struct backup *b);
/* Fills last_success from what the tool keeps on this machine. */
[[nodiscard]] int backup_evidence(struct collect *c, struct backup *b);

/* --- configuration files; each fills repository, paths … of *b --- */

[[nodiscard]] int backup_conf_rsnapshot(struct collect *c, struct backup *b);
[[nodiscard]] int backup_conf_borgmatic(struct collect *c, struct backup *b);
[[nodiscard]] int backup_conf_duply(struct collect *c, struct str profile, struct backup *b);
[[nodiscard]] int backup_conf_pgbackrest(struct collect *c, struct backup *b);

/* "2024-05-01T02:00:05", with fractions or a zone behind it that are ignored: UTC. */
int64_t backup_time(struct str iso);
/* a + " " + b, at most 1,024 bytes; ptr == NULL: no memory. */
struct str backup_join(struct arena *a, struct str x, struct str y);

#endif
