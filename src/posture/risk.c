/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The risk score: 100 when nothing is found, falling with every finding, and steeply with those
 * that the internet can reach.
 *
 * Each check has a weight in each class of (severity, reachable): 1 + 1/2 + 1/4 + … over its
 * findings there, so a check with a thousand findings weighs less than two checks. The weights of
 * all checks are summed a class, and each class multiplies the score by
 * 1 - cap (1 - exp(-sum / scale)). An unknown check weighs as if it had endlessly many findings in
 * every class up to its severity: so missing data can only lower the figure, never raise it.
 */
#include <math.h>

#include "posture/score.h"

struct class {
	double cap, scale;
};

/* clang-format off */
static const struct class classes[SEVERITY_N][2] = {
	/* not reachable      reachable or not known */
	[SEVERITY_INFO] = { { 0, 1 }, { 0, 1 } },
	[SEVERITY_LOW] = { { .05, 20 }, { .05, 20 } },
	[SEVERITY_MEDIUM] = { { .10, 15 }, { .15, 8 } },
	[SEVERITY_HIGH] = { { .30, 8 }, { .50, 5 } },
	[SEVERITY_CRITICAL] = { { .80, 1.6 }, { 1, 1.25 } },
};
/* clang-format on */

#define WEIGHT_MAX 2.0

struct weights {
	double w[SEVERITY_N][2];
};

static void add_weights(struct weights *sum, const struct weights *check)
{
	for (int s = 0; s < SEVERITY_N; s++)
		for (int k = 0; k < 2; k++)
			sum->w[s][k] += check->w[s][k];
}

/* 0, 1, 1.5, 1.75 … */
static double one_more(double w) { return w + (WEIGHT_MAX - w) / 2; }

static void weigh(struct weights *check, const struct finding *x, bool optimistic)
{
	if (x->status == FINDING_UNHEALTHY) {
		double *w = &check->w[x->severity][x->reachable != REACHABLE_NO];

		*w = one_more(*w);
	} else if (x->status == FINDING_UNKNOWN && !optimistic) {
		for (int s = 0; s <= (int)x->check->severity; s++)
			check->w[s][0] = check->w[s][1] = WEIGHT_MAX;
	}
}

/* Findings of one check stand together when sorted by check; a sum a check needs no order. */
static int by_check(const void *a, const void *b)
{
	const struct finding *const *x = a, *const *y = b;

	return ((*x)->check > (*y)->check) - ((*x)->check < (*y)->check);
}

double risk_compute(const struct findings *f, bool optimistic, const struct finding *without)
{
	own(free_ptr) const struct finding **list = calloc(f->n + 1, sizeof *list);
	struct weights sum = {}, check = {};
	double score = 100;
	size_t n = 0;

	if (!list)
		return 0;
	for (size_t i = 0; i < f->n; i++)
		if (&f->list[i] != without)
			list[n++] = &f->list[i];
	qsort(list, n, sizeof *list, by_check);
	for (size_t i = 0; i < n; i++) {
		if (i && list[i]->check != list[i - 1]->check) {
			add_weights(&sum, &check);
			check = (struct weights){};
		}
		weigh(&check, list[i], optimistic);
	}
	add_weights(&sum, &check);
	for (int s = 0; s < SEVERITY_N; s++)
		for (int k = 0; k < 2; k++)
			score *= 1 - classes[s][k].cap * (1 - exp(-sum.w[s][k] / classes[s][k].scale));
	return score;
}
