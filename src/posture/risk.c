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

struct class
{
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
	struct finding *const *x = a, *const *y = b;

	return ((*x)->check > (*y)->check) - ((*x)->check < (*y)->check);
}

static double product(const struct weights *sum)
{
	double score = 100;

	for (int s = 0; s < SEVERITY_N; s++)
		for (int k = 0; k < 2; k++)
			score *= 1 -
				 classes[s][k].cap * (1 - exp(-sum->w[s][k] / classes[s][k].scale));
	return score;
}

/* End of the run of findings of the check at list[i]; its weights in *ret. */
static size_t weigh_check(struct finding **list, size_t n, size_t i, bool optimistic,
			  struct weights *ret)
{
	size_t k = i;

	*ret = (struct weights){};
	while (k < n && list[k]->check == list[i]->check)
		weigh(ret, list[k++], optimistic);
	return k;
}

static void sum_up(struct finding **list, size_t n, bool optimistic, struct weights *sum)
{
	struct weights check;

	*sum = (struct weights){};
	for (size_t i = 0; i < n;) {
		i = weigh_check(list, n, i, optimistic, &check);
		add_weights(sum, &check);
	}
}

/* What the score gains when one finding of a class with this weight is gone. */
static double gain(struct weights sum, const struct weights *check, const struct finding *x)
{
	double *w = &sum.w[x->severity][x->reachable != REACHABLE_NO];
	double now = check->w[x->severity][x->reachable != REACHABLE_NO];
	double before = product(&sum);

	/* The inverse of one_more(); the limit stays what it is. */
	*w -= now - (now < WEIGHT_MAX ? 2 * now - WEIGHT_MAX : now);
	return product(&sum) - before;
}

int risk_compute(struct findings *f, double *ret, double *ret_best)
{
	own(free_ptr) struct finding **list = calloc(f->n + 1, sizeof *list);
	struct weights sum, check;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		list[i] = &f->list[i];
	qsort(list, f->n, sizeof *list, by_check);
	sum_up(list, f->n, true, &sum);
	*ret_best = product(&sum);
	sum_up(list, f->n, false, &sum);
	*ret = product(&sum);
	for (size_t i = 0, end; i < f->n; i = end) {
		end = weigh_check(list, f->n, i, false, &check);
		for (size_t k = i; k < end; k++)
			list[k]->risk_points = list[k]->status == FINDING_UNHEALTHY
						       ? gain(sum, &check, list[k])
						       : 0;
	}
	return 0;
}
