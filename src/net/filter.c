/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/filter.h"

#define CHAINS_MOST 10'000U
#define RULES_MOST 200'000U
#define INTERFACES_MOST 255U

int filter_init(struct filter *f, struct psets *sets, struct arena *a)
{
	struct filter new = { .sets = sets, .arena = a };
	int r = arena_push(a, new.interfaces, new.n_interfaces, new.cap_interfaces, STR(""));

	if (r >= 0)
		r = arena_push(a, new.interfaces, new.n_interfaces, new.cap_interfaces, STR("lo"));
	if (r < 0)
		return r;
	*f = new;
	return 0;
}

int filter_interface(struct filter *f, struct str name, uint8_t *ret)
{
	int r;

	for (size_t i = 1; i < f->n_interfaces; i++)
		if (str_eq(f->interfaces[i], name)) {
			*ret = (uint8_t)i;
			return 0;
		}
	if (f->n_interfaces > INTERFACES_MOST)
		return -E2BIG;
	name = arena_str(f->arena, name);
	if (!name.ptr)
		return -ENOMEM;
	r = arena_push(f->arena, f->interfaces, f->n_interfaces, f->cap_interfaces, name);
	if (r < 0)
		return r;
	*ret = (uint8_t)(f->n_interfaces - 1);
	return 0;
}

int filter_chain_add(struct filter *f, const struct filter_chain *chain, size_t *ret_index)
{
	int r;

	if (f->n >= CHAINS_MOST)
		return -E2BIG;
	r = arena_push(f->arena, f->chains, f->n, f->cap, *chain);
	if (r < 0)
		return r;
	if (ret_index)
		*ret_index = f->n - 1;
	return 0;
}

int filter_rule_add(struct filter *f, size_t chain, const struct filter_rule *rule)
{
	struct filter_chain *c;
	int r;

	if (chain >= f->n)
		return -EINVAL;
	if (f->n_rules >= RULES_MOST)
		return -E2BIG;
	c = &f->chains[chain];
	r = arena_push(f->arena, c->rules, c->n, c->cap, *rule);
	if (r < 0)
		return r;
	f->n_rules++;
	return 0;
}

ssize_t filter_chain_find(const struct filter *f, struct str family, struct str table,
			  struct str name)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct filter_chain *c = &f->chains[i];

		if (str_eq(c->name, name) && str_eq(c->table, table) && str_eq(c->family, family))
			return (ssize_t)i;
	}
	return -1;
}
