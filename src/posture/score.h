/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * score: two figures from the findings.
 *
 * Secure Score (Microsoft Defender for Cloud, "Secure score security controls", 2025-11-17):
 * a resource is healthy in a control when all that is assessed of it there is healthy;
 * current = maximum / (healthy + unhealthy) x healthy; potential increase = maximum - current;
 * the total is the sum of current over the sum of the maxima of controls that have a resource.
 * Exemptions: mitigated counts healthy, waiver leaves the calculation.
 *
 * What is unknown never earns: a resource with an unknown finding is not healthy, and a control
 * in which a whole check is unknown is worth 0, because that check could concern any resource.
 *
 * Risk score: 0 (as bad as can be) to 100. See risk.c and docs/score.md.
 */
#ifndef HF_POSTURE_SCORE_H
#define HF_POSTURE_SCORE_H

#include "posture/finding.h"

struct control_score {
	bool applies;                         /* has a healthy, unhealthy or unknown resource */
	unsigned healthy, unhealthy, unknown; /* resources */
	double max, current, potential;
};

struct score {
	struct control_score *controls; /* n_controls */
	double current, max, percent;
	double risk;                    /* 0-100 */
	double best_percent, best_risk; /* if all that is unknown turned out healthy */
};

/* max x healthy / (healthy + unhealthy); 0 when there is no resource. */
double control_current(double max, uint64_t healthy, uint64_t unhealthy);
/*
 * Several machines or subscriptions: sum(score x weight) / sum(weight), the weight being the
 * number of healthy and unhealthy resources; 0 without resources.
 */
double score_combine(const double *percent, const uint64_t *weight, size_t n);

/* Fills *ret and the points of the findings. classic: without Holdfast's own controls. */
[[nodiscard]] int score_compute(struct findings *f, bool classic, struct arena *a,
				struct score *ret);

/* risk.c: the risk score, the one if all that is unknown were healthy, and risk_points. */
[[nodiscard]] int risk_compute(struct findings *f, double *ret, double *ret_best);

#endif
