/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rpm_repos: repositories of yum, dnf and zypper, and what of them was fetched last. */
#ifndef HF_FACTS_LINUX_RPM_REPOS_H
#define HF_FACTS_LINUX_RPM_REPOS_H

#include "facts/fact.h"

#define RPM_REPOS_MAX 1024
#define RPM_PRIORITY 99 /* where none is stated; a smaller one goes first */

/* A file of a repository that repomd.xml names. */
struct rpm_data {
	struct str path; /* ptr NULL: there is none, or it was not fetched */
	int64_t size;    /* that it must have unpacked; -1: not stated */
	bool named;      /* repomd.xml has it */
};

/* Texts of c->arena. */
struct rpm_repo {
	struct str id, uri, signed_by;
	struct str excludes, includes; /* patterns of packages, separated by blanks or commas */
	struct str manager;            /* that reads it: "dnf", "yum" or "zypper" */
	struct str file;
	unsigned line;
	bool enabled, verified;
	bool hotfixes; /* streams of modules hide nothing of it */
	bool third_party, security;
	int64_t priority;
	struct str repomd;                                      /* ptr NULL: it was never fetched */
	int64_t date, fetched;                                  /* FACT_UNKNOWN */
	struct rpm_data primary, database, advisories, modules; /* database: primary as SQLite */
};

struct rpm_repos {
	struct rpm_repo *list;
	size_t n, cap;
	struct str excludes; /* of all of them */
};

/* As configured, in the order of the files. -ENOMEM; what cannot be read is a problem of c. */
[[nodiscard]] int rpm_repos_load(struct collect *c, struct rpm_repos *ret);
/* Fills in what was fetched. */
[[nodiscard]] int rpm_repos_find(struct collect *c, struct rpm_repos *repos);

/* What repomd.xml says: paths lie beside `path`. Pure. -EBADMSG, -ENOMEM. */
[[nodiscard]] int rpm_repomd_parse(struct arena *a, struct str text, struct str path,
				   struct rpm_repo *repo);

#endif
