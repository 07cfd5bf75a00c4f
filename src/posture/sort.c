/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posture/finding.h"

static int compare_double(double a, double b) { return (a < b) - (a > b); }

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int r;

	if (x->status != y->status)
		return (int)x->status - (int)y->status;
	if (x->reachable != y->reachable)
		return (int)y->reachable - (int)x->reachable;
	if (x->severity != y->severity)
		return (int)y->severity - (int)x->severity;
	r = compare_double(x->points, y->points);
	if (!r)
		r = str_cmp(x->check->id, y->check->id);
	return r ? r : str_cmp(x->resource, y->resource);
}

void findings_sort(struct findings *f)
{
	if (f->n)
		qsort(f->list, f->n, sizeof *f->list, compare);
}
