/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finding: what a check says about one resource. */
#ifndef HF_POSTURE_FINDING_H
#define HF_POSTURE_FINDING_H

#include "facts/store.h"
#include "posture/check.h"

enum finding_status {
	FINDING_UNHEALTHY,
	FINDING_UNKNOWN, /* data is missing: never a pass */
	FINDING_EXEMPT,
	FINDING_HEALTHY,
	FINDING_NOT_APPLICABLE,
};
const char *finding_status_name(enum finding_status s);

enum reachable { REACHABLE_NO, REACHABLE_UNKNOWN, REACHABLE_YES };

struct exemption;

struct finding {
	const struct check *check;
	struct str resource; /* "*" when the check as a whole is unknown or does not apply */
	struct str evidence, fix;
	enum finding_status status;
	enum severity severity;
	enum reachable reachable;
	const struct exemption *exemption; /* the one in force, also where it is expired */
	double points;      /* Secure Score points that fixing it is worth (its share) */
	double risk_points; /* by how much the risk score rises when only this is fixed */
	int64_t first_seen; /* from the history; 0 without one */
};

struct findings {
	struct finding *list; /* sorted by finding_compare() */
	size_t n, cap;
	struct diag *errors; /* checks whose SQL failed */
	size_t n_errors, errors_cap;
	/* Checks by outcome; a check with several findings counts once, by its worst. */
	unsigned assessed, unknown, not_applicable, all;
};

#define FINDING_ROWS_MAX 20000u
#define CHECK_TIME_MS 2000u
/* Limit that an arena for findings needs. */
#define FINDINGS_ARENA ((size_t)1 << 30)

/* Runs every check for which wanted (one flag a check, NULL: all) says so on a sealed store. */
[[nodiscard]] int findings_run(struct findings *f, struct store *store, const struct checks *checks,
			       const bool *wanted, struct arena *a);
/* (unhealthy first; reachable, severity, points; then check and resource by name) */
void findings_sort(struct findings *f);

#endif
