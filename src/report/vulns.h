/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns: updates and restarts that a machine lacks, what is known to be wrong with it, as text and JSON. */
#ifndef HF_REPORT_VULNS_H
#define HF_REPORT_VULNS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/term.h"
#include "net/exposure.h"

/* A process that runs or maps a package. */
struct vuln_process {
	int64_t pid;                      /* 0: nothing runs, it is what would be started */
	struct str name, unit, path, how; /* "runs", "maps", "would run" */
	struct str door, via;             /* "tcp/443"; the way behind it, '' */
	enum internet internet;
	bool stale;
};

/* An update that is not installed. */
struct vuln_update {
	struct str package, arch, format, source, installed, candidate, suite, repository;
	struct str state; /* "missing", "held", "pinned", "phased" */
	struct str fixed; /* the newest version with a security fix, '' */
	struct str *cves;
	size_t n_cves;
	const struct vuln_process *processes; /* sorted: who is reached first */
	size_t n_processes;
	enum internet internet;
	bool security;
	unsigned rank; /* the smaller, the sooner */
};

/* A service, or a process of none, that runs older code than what is on disk. */
struct vuln_restart {
	struct str unit, name, package, path; /* the first package and file of several */
	size_t n_packages, n_pids;
	int64_t pid, last_pid; /* the first, and the last that was counted */
	struct str door, via;
	enum internet internet;
};

/* A package index that is too old, or was never fetched. */
struct vuln_index {
	struct str manager, repository, suite, component, problem;
	bool security;
};

struct vulns {
	struct str host;
	bool live;
	int64_t now;                                 /* UNIX time of the facts */
	struct str kernel_running, kernel_installed; /* the newest one; '' not known */
	bool reboot;
	struct str reboot_reason;
	struct vuln_update *updates; /* fix first */
	size_t n_updates;
	struct vuln_restart *restarts; /* who is reached first */
	size_t n_restarts;
	struct vuln_index *indexes;
	size_t n_indexes;
	struct str *problems; /* why something may be missing here */
	size_t n_problems;
};

struct vulns_view {
	const struct term *term;
	bool all; /* updates without security fixes, too */
};

/* 0 or -errno, into out. */
[[nodiscard]] int vulns_text(const struct vulns *v, const struct vulns_view *view, struct buf *out);
[[nodiscard]] int vulns_json(const struct vulns *v, struct buf *out);
/* Everything that is known of the packages in v. */
[[nodiscard]] int vulns_why(const struct vulns *v, const struct vulns_view *view, struct buf *out);
/* Shell commands, the most urgent first. */
[[nodiscard]] int vulns_plan(const struct vulns *v, const struct vulns_view *view, struct buf *out);

#endif
