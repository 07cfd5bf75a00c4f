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

/* Who uses a package. */
struct vuln_use {
	struct str package;
	const struct vuln_process *processes; /* sorted: who is reached first */
	size_t n;
	enum internet internet;
};

/* Where a component lies, and who uses it there. */
struct vuln_place {
	struct str path, layer;     /* layer: of a container, '' */
	const struct vuln_use *use; /* NULL: nobody */
};

/* A component with flaws, and the version that has none of those which are mended anywhere. */
struct vuln_component {
	struct str name, version, ecosystem;
	struct str fixed; /* '': no flaw of it is mended yet */
	struct vuln_place *places;
	size_t n_places;
	size_t n_flaws, n_open; /* n_open: of them those that no version mends */
	enum internet internet;
	bool kev, used, malicious;
	unsigned risk;         /* of the worst flaw */
	uint64_t risks, mends; /* of all flaws, and of those that `fixed` does not have */
};

/* A known vulnerability of a source package, of one package of rpm, or of a component beside them. */
struct vuln_flaw {
	struct str source, version, id, advisory, ecosystem, severity, cvss, fixed, status;
	struct str update; /* version that would be installed and has the fix, '' */
	const struct vuln_use
		*use;         /* of the package that is reached first, NULL: nobody uses any */
	struct str *packages; /* of a component: the places where it is */
	size_t n_packages;
	struct vuln_place *places; /* of a component, one a path */
	bool component;
	int64_t epss;   /* in 100,000ths; -1: not known */
	unsigned score; /* CVSS in tenths; 0: not known */
	bool kev, ransomware, extended;
	enum internet internet;
	unsigned risk; /* threat times reach, 0 to 120 */
};

/* A program or library that its maker has stopped to mend, in one version. */
struct vuln_ended {
	struct str name, version, ended; /* ended: last day of support, YYYY-MM-DD */
	struct str path, package;        /* the first place; '' where it is a package or is none */
	size_t n_places;
	enum internet internet; /* of the place that is reached first */
	bool built_in;          /* Go's library: its part of a program is not the owner's to mend */
};

/* Where advisories came from. */
struct vuln_feed {
	struct str name, format;
	int64_t published, imported; /* UNIX time; 0: not stated */
};

/* An update that is not installed. */
struct vuln_update {
	struct str package, arch, format, source, installed, candidate, suite, repository;
	struct str state; /* "missing", "held", "pinned", "phased" */
	struct str fixed; /* the newest version with a security fix, '' */
	struct str *cves;
	size_t n_cves, cap_cves;
	const struct vuln_process *processes; /* sorted: who is reached first */
	size_t n_processes;
	enum internet internet;
	bool security, kev; /* kev: one of the CVEs is known to be exploited */
	bool untold;        /* nothing tells whether it has a security fix */
	unsigned risk; /* of the worst of its CVEs; without any that of an unknown security fix */
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
	struct str manager; /* "apt", "dnf" … '' not known */
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
	struct vuln_flaw *flaws; /* the worst first */
	size_t n_flaws;
	struct vuln_component *components; /* the worst first */
	size_t n_components;
	struct vuln_ended *ended; /* who is reached first */
	size_t n_ended;
	struct vuln_feed *feeds; /* none: no advisories are known here */
	size_t n_feeds;
	/* Of the system: days as YYYY-MM-DD; extended: only where it is to be had here. '' not known. */
	struct str release, support_end, support_extended;
	bool support_late, support_over; /* the standard support has ended; all of it has */
	struct str *problems;            /* why something may be missing here */
	size_t n_problems;
};

struct vulns_view {
	const struct term *term;
	bool all; /* updates without security fixes, too */
};

/*
 * One order: how bad (exploited, likely to be, by severity) times who can reach it. `local`: its
 * vector needs somebody on the machine. Used for updates without CVEs, too.
 */
enum vuln_threat {
	THREAT_NONE = 0,
	THREAT_LOW = 1,
	THREAT_MEDIUM = 3,
	THREAT_HIGH = 5,
	THREAT_CRITICAL = 6,
	THREAT_LIKELY = 8,
	THREAT_EXPLOITED = 10,
	THREAT_RANSOM = 12,
};
unsigned vuln_risk(unsigned threat, enum internet reach, bool runs, bool local);
unsigned vuln_flaw_threat(const struct vuln_flaw *f);
/* Nobody needs to act on it: no boundary is crossed, or hardly. */
bool vuln_flaw_is_minor(const struct vuln_flaw *f);
/* "critical" … "low" of a risk. */
const char *vuln_risk_name(unsigned risk);

/* 0 or -errno, into out. */
[[nodiscard]] int vulns_text(const struct vulns *v, const struct vulns_view *view, struct buf *out);
[[nodiscard]] int vulns_json(const struct vulns *v, struct buf *out);
/* Everything that is known of the packages in v. */
[[nodiscard]] int vulns_why(const struct vulns *v, const struct vulns_view *view, struct buf *out);
/* Shell commands, the most urgent first. */
[[nodiscard]] int vulns_plan(const struct vulns *v, const struct vulns_view *view, struct buf *out);
[[nodiscard]] int vulns_plan_json(const struct vulns *v, bool all, struct buf *out);

/* A machine among several. Texts lie in the arena that was given. */
struct vuln_machine {
	struct str host, facts; /* facts: the file */
	struct str first; /* "package version" or "source CVE" of what is worst; '': nothing */
	unsigned risk;    /* of that; 0 to 120 */
	enum internet internet;
	size_t exploited, flaws, updates, restarts; /* updates: with a security fix */
	bool support_over;
};
/* Everything but `facts`. 0 or -ENOMEM. */
[[nodiscard]] int vulns_machine(const struct vulns *v, struct arena *a, struct vuln_machine *ret);
/* For qsort: which to patch first. */
int vulns_machine_cmp(const void *a, const void *b);
[[nodiscard]] int vulns_machines_text(const struct vuln_machine *list, size_t n,
				      const struct term *term, struct buf *out);
[[nodiscard]] int vulns_machines_json(const struct vuln_machine *list, size_t n, struct buf *out);

#endif
