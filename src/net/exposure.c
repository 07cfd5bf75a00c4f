/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/exposure.h"

const char *reach_word(enum internet r)
{
	return r == INTERNET_YES ? "true" : r == INTERNET_NO ? "false" : "unknown";
}

enum internet reach_of(const struct net_ranges *must, const struct net_ranges *may)
{
	if (net_ranges_meet(must, net_internet()))
		return INTERNET_YES;
	return net_ranges_meet(may, net_internet()) ? INTERNET_UNKNOWN : INTERNET_NO;
}

bool reach_is_wide(const struct net_ranges *s)
{
	const net_addr v4_most = (net_addr)1 << 20, v6_most = (net_addr)1 << 100;
	net_addr v4 = 0, v6 = 0;
	size_t i = 0, k = 0;
	const struct net_ranges *all = net_internet();

	while (i < s->n && k < all->n) {
		const struct net_range *x = &s->list[i], *y = &all->list[k];
		net_addr first = MAX(x->first, y->first), last = MIN(x->last, y->last);

		if (first <= last)
			*(net_is_v4(first) ? &v4 : &v6) += last - first + 1;
		if (v4 > v4_most || v6 > v6_most)
			return true;
		if (x->last < y->last)
			i++;
		else
			k++;
	}
	return false;
}

/* from NULL: the rule decides; else it lets some of those in, or may. */
static bool is_named(const struct exposure_rule *r, const struct net_ranges *from)
{
	if (!from)
		return r->decides;
	if (strcmp(r->verdict, "accept") != 0 && strcmp(r->verdict, "translate") != 0 &&
	    strcmp(r->verdict, "perhaps") != 0)
		return false;
	return r->sources.n ? net_ranges_meet(&r->sources, from) : r->decides;
}

static bool named_before(const struct exposure *e, const struct net_ranges *from, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_named(&e->rules[k], from) && str_eq(e->rules[k].id, e->rules[i].id))
			return true;
	return false;
}

static int list_ids(const struct exposure *e, const struct net_ranges *from, struct arena *a,
		    struct str *ret)
{
	struct str s = STR("");

	for (size_t i = 0; i < e->n_rules; i++) {
		if (!is_named(&e->rules[i], from) || named_before(e, from, i))
			continue;
		s = s.len ? arena_cat(a, s, STR("; "), e->rules[i].id) : e->rules[i].id;
		if (!s.ptr)
			return -ENOMEM;
	}
	*ret = s;
	return 0;
}

int exposure_deciding(const struct exposure *e, struct arena *a, struct str *ret)
{
	return list_ids(e, NULL, a, ret);
}

int exposure_admitting(const struct exposure *e, const struct net_ranges *from, struct arena *a,
		       struct str *ret)
{
	return list_ids(e, from, a, ret);
}

static int rank(enum internet r) { return r == INTERNET_YES ? 0 : r == INTERNET_UNKNOWN ? 1 : 2; }

static int by_reach(const void *x, const void *y)
{
	const struct exposure *a = x, *b = y;
	int d = rank(a->internet) - rank(b->internet);

	d = d ? d : str_cmp(a->resource, b->resource);
	d = d ? d : (a->first > b->first) - (a->first < b->first);
	d = d ? d : str_cmp(a->protocol, b->protocol);
	return d ? d : str_cmp(a->address, b->address);
}

void exposures_sort(struct exposures *e)
{
	if (e->n)
		qsort(e->list, e->n, sizeof *e->list, by_reach);
}

int exposure_behind(struct exposure *host, const struct exposure *cloud, struct arena *a)
{
	struct exposure_rule *rules;
	size_t n = host->n_rules + cloud->n_rules;
	struct net_ranges must, may;
	int r = net_ranges_and(&host->must, &cloud->must, a, &must);

	if (r >= 0)
		r = net_ranges_and(&host->may, &cloud->may, a, &may);
	rules = r < 0 ? NULL : arena_array(a, MAX(n, 1), sizeof *rules);
	if (!rules)
		return r < 0 ? r : -ENOMEM;
	if (cloud->n_rules)
		memcpy(rules, cloud->rules, cloud->n_rules * sizeof *rules);
	if (host->n_rules)
		memcpy(rules + cloud->n_rules, host->rules, host->n_rules * sizeof *rules);
	/* Where one view shuts the port, the other's open door decides nothing. */
	for (size_t i = 0; i < n; i++)
		if ((i < cloud->n_rules ? host : cloud)->internet == INTERNET_NO &&
		    (i < cloud->n_rules ? cloud : host)->internet != INTERNET_NO)
			rules[i].decides = false;
	host->rules = rules;
	host->n_rules = host->cap_rules = n;
	host->must = must;
	host->may = may;
	host->internet = host->internet == INTERNET_NO || cloud->internet == INTERNET_NO
				 ? INTERNET_NO
				 : reach_of(&must, &may);
	if (host->internet == INTERNET_UNKNOWN && !host->unknown.len)
		host->unknown = cloud->unknown;
	if (host->internet == INTERNET_NO && !host->bound.len)
		host->bound = cloud->bound;
	return 0;
}
