/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/exposure.h"

static bool same_port(const struct exposure *x, const struct exposure *y)
{
	return x->first == y->first && x->last == y->last && str_eq(x->protocol, y->protocol) &&
	       str_eq(x->address, y->address) && str_ieq(x->resource, y->resource);
}

static const struct exposure *find(const struct exposures *in, const struct exposure *e)
{
	for (size_t i = 0; i < in->n; i++)
		if (same_port(&in->list[i], e))
			return &in->list[i];
	return NULL;
}

/* What may be reached counts: something that may have opened is worth a look. */
static int compare(const struct exposure *before, const struct exposure *after, struct arena *a,
		   struct exposure_changes *ret)
{
	static const struct net_ranges none;
	const struct net_ranges *was = before ? &before->may : &none;
	const struct net_ranges *is = after ? &after->may : &none;
	struct exposure_change c = { .before = before, .after = after };
	int r = net_ranges_minus(is, was, a, &c.opened);

	if (r >= 0)
		r = net_ranges_minus(was, is, a, &c.closed);
	if (r < 0)
		return r;
	if (before && after && !c.opened.n && !c.closed.n && before->internet == after->internet)
		return 0;
	return arena_push(a, ret->list, ret->n, ret->cap, c);
}

int exposure_diff(const struct exposures *before, const struct exposures *after, struct arena *a,
		  struct exposure_changes *ret)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < after->n; i++)
		r = compare(find(before, &after->list[i]), &after->list[i], a, ret);
	for (size_t i = 0; r >= 0 && i < before->n; i++)
		if (!find(after, &before->list[i]))
			r = compare(&before->list[i], NULL, a, ret);
	return r;
}
