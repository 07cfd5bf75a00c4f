/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which load-balancing and NAT rules lead to an ipconfig: either side may name the other. */
#include "facts/azure/reach_model.h"

struct str reach_key(struct arena *a, uint32_t file, struct str id)
{
	bool local = !str_istarts(id, STR("/subscriptions/")) || str_find(id, '{') >= 0;
	struct str from = local ? arena_fmt(a, "%u#%.*s", file, STR_FMT(id)) : id;
	char *p = from.ptr ? arena_alloc(a, from.len + 1) : NULL;

	for (size_t i = 0; p && i < from.len; i++) {
		char c = from.ptr[i];

		p[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return (struct str){ p, p ? from.len : 0 };
}

uint64_t reach_get(const struct map *m, struct arena *scratch, uint32_t file, struct str id)
{
	struct arena_mark mark = arena_mark(scratch);
	struct str key = id.len ? reach_key(scratch, file, id) : (struct str){};
	uint64_t *value = key.ptr ? map_get(m, key) : NULL;

	arena_rewind(scratch, mark);
	return value ? *value : 0;
}

/* Adds to the list that the map has for the id. */
static int add(struct reach *r, struct map *m, uint32_t file, struct str id, uint32_t lb,
	       uint32_t at)
{
	struct str key;
	struct reach_lb entry = { .lb = lb, .at = at };
	uint64_t *value;
	int e;

	if (!id.len)
		return 0;
	key = reach_key(r->arena, file, id);
	if (!key.ptr)
		return -ENOMEM;
	value = map_get(m, key);
	entry.next = value ? (uint32_t)*value : 0;
	e = arena_push(r->arena, r->lbs, r->n_lbs, r->cap_lbs, entry);
	return e < 0 ? e : map_put(m, key, r->n_lbs);
}

static int index_pool(struct reach *r, uint32_t lb, uint32_t at)
{
	const struct az_pool *p = &r->m->lbs[lb].pools[at];
	uint32_t file = r->m->lbs[lb].item.file;
	int e = add(r, &r->pool_by_id, file, p->id, lb, at);

	for (uint32_t i = 0; e >= 0 && i < p->ipconfigs.n; i++)
		e = add(r, &r->pool_of, file, p->ipconfigs.list[i], lb, at);
	for (uint32_t i = 0; e >= 0 && i < p->addresses.n; i++)
		e = add(r, &r->pool_of, AZ_NONE, p->addresses.list[i], lb, at);
	return e;
}

int reach_index_lbs(struct reach *r)
{
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < r->m->n_lbs; i++) {
		const struct az_lb *lb = &r->m->lbs[i];

		for (uint32_t k = 0; e >= 0 && k < lb->n_pools; k++)
			e = index_pool(r, i, k);
		for (uint32_t k = 0; e >= 0 && k < lb->n_rules; k++) {
			if (lb->rules[k].kind == AZ_LB_RULE)
				continue;
			e = add(r, &r->rule_by_id, lb->item.file, lb->rules[k].id, i, k);
			if (e >= 0)
				e = add(r, &r->rule_of, lb->item.file, lb->rules[k].target.id, i,
					k);
		}
	}
	return e;
}

struct finder {
	const struct reach *r;
	uint32_t file; /* of the NIC */
	struct arena *a;
	struct reach_balanced *list;
	size_t n, cap;
};

static int found(struct finder *f, const struct az_lb *lb, const struct az_lb_rule *rule,
		 bool maybe)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->list[i].lb != lb || f->list[i].rule != rule)
			continue;
		f->list[i].maybe &= maybe;
		return 0;
	}
	return arena_push(f->a, f->list, f->n, f->cap,
			  ((struct reach_balanced){ lb, rule, maybe }));
}

/* All rules of a load balancer that send to one of its pools. */
static int found_pool(struct finder *f, const struct az_lb *lb, uint32_t pool, bool maybe)
{
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < lb->n_rules; i++) {
		const struct az_lb_rule *rule = &lb->rules[i];
		bool sends = false, unknown = rule->pools.unknown;

		for (uint32_t k = 0; k < rule->pools.n && !sends; k++) {
			sends = rule->pools.list[k].at == pool;
			unknown |= rule->pools.list[k].unknown;
		}
		if (sends)
			e = found(f, lb, rule, maybe || rule->maybe);
		else if (unknown && rule->kind == AZ_LB_RULE)
			e = found(f, lb, rule, true);
	}
	/* Other rules than those that are known. */
	return e >= 0 && lb->unknown ? found(f, lb, NULL, true) : e;
}

static int find_pools(struct finder *f, uint64_t at, bool maybe)
{
	int e = 0;

	for (; e >= 0 && at; at = f->r->lbs[at - 1].next)
		e = found_pool(f, &f->r->m->lbs[f->r->lbs[at - 1].lb], f->r->lbs[at - 1].at, maybe);
	return e;
}

static int find_rules(struct finder *f, uint64_t at)
{
	int e = 0;

	for (; e >= 0 && at; at = f->r->lbs[at - 1].next) {
		const struct az_lb *lb = &f->r->m->lbs[f->r->lbs[at - 1].lb];
		const struct az_lb_rule *rule = &lb->rules[f->r->lbs[at - 1].at];

		e = found(f, lb, rule, rule->maybe);
	}
	return e;
}

/* What the ipconfig names. */
static int find_named(struct finder *f, const struct az_refs *refs, const struct map *by_id,
		      bool pools)
{
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < refs->n; i++) {
		uint64_t at = reach_get(by_id, f->a, f->file, refs->list[i].id);

		if (at)
			e = pools ? find_pools(f, at, false) : find_rules(f, at);
		else if (refs->list[i].at < f->r->m->n_lbs &&
			 f->r->m->lbs[refs->list[i].at].item.seen &&
			 !f->r->m->lbs[refs->list[i].at].unknown && !refs->list[i].unknown)
			continue;
		else
			e = found(f, NULL, NULL, true);
	}
	if (e >= 0 && refs->unknown)
		e = found(f, NULL, NULL, true);
	return e;
}

int reach_balance(const struct reach *r, const struct az_nic *nic, const struct az_ipconfig *ip,
		  struct arena *a, struct reach_balanced **ret, size_t *ret_n)
{
	struct finder f = { .r = r, .file = nic->item.file, .a = a };
	int e = find_named(&f, &ip->pools, &r->pool_by_id, true);

	if (e >= 0)
		e = find_named(&f, &ip->nat_rules, &r->rule_by_id, false);
	if (e >= 0)
		e = find_named(&f, &ip->nat_pools, &r->rule_by_id, false);
	if (e >= 0)
		e = find_pools(&f, reach_get(&r->pool_of, a, f.file, ip->id), false);
	if (e >= 0)
		e = find_rules(&f, reach_get(&r->rule_of, a, f.file, ip->id));
	/* The same private address may be used in another network. */
	if (e >= 0)
		e = find_pools(&f, reach_get(&r->pool_of, a, AZ_NONE, ip->private_ip), true);
	if (e < 0)
		return e;
	*ret = f.list;
	*ret_n = f.n;
	return 0;
}
