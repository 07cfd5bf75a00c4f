/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/reach.h"

#include "facts/azure/reach_model.h"

/* A second NSG that names the same place: which one is true nobody knows. */
static void join(struct reach_nsg *place, uint32_t nsg, const struct az_nsg *n)
{
	if (place->has == HAS_NSG && place->at != nsg) {
		place->has = HAS_UNKNOWN;
		place->at = AZ_NONE;
		return;
	}
	*place = (struct reach_nsg){ HAS_NSG, nsg, n->item.id };
}

static struct reach_nsg of_ref(const struct az_ref *ref, bool seen)
{
	struct reach_nsg n = { .at = AZ_NONE, .id = ref->id };

	if (ref->unknown)
		n.has = HAS_UNKNOWN;
	else if (ref->id.len)
		n = (struct reach_nsg){ HAS_NSG, ref->at, ref->id };
	else
		n.has = seen ? HAS_NONE : HAS_UNKNOWN;
	return n;
}

/* From both sides: subnets and NICs name their NSG, NSGs name theirs. */
static int link_nsgs(struct reach *r)
{
	const struct az_model *m = r->m;

	r->subnets = arena_array(r->arena, m->n_subnets + 1, sizeof *r->subnets);
	r->nics = arena_array(r->arena, m->n_nics + 1, sizeof *r->nics);
	r->used = arena_array(r->arena, m->n_nsgs + 1, sizeof *r->used);
	if (!r->subnets || !r->nics || !r->used)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_subnets; i++)
		r->subnets[i] = of_ref(&m->subnets[i].nsg, m->subnets[i].item.seen);
	for (uint32_t i = 0; i < m->n_nics; i++)
		r->nics[i] = of_ref(&m->nics[i].nsg, m->nics[i].item.seen);
	for (uint32_t i = 0; i < m->n_nsgs; i++) {
		const struct az_nsg *n = &m->nsgs[i];

		for (uint32_t k = 0; k < n->subnets.n; k++)
			if (n->subnets.list[k].at < m->n_subnets)
				join(&r->subnets[n->subnets.list[k].at], i, n);
		for (uint32_t k = 0; k < n->nics.n; k++)
			if (n->nics.list[k].at < m->n_nics)
				join(&r->nics[n->nics.list[k].at], i, n);
	}
	return 0;
}

/* NICs of machines, from both sides. */
static void link_nic(struct reach *r, uint32_t *head, uint32_t nic)
{
	if (r->next_nic[nic])
		return;
	/* The last of a list points at itself, so that each NIC is in one list only. */
	r->next_nic[nic] = *head ? *head : nic + 1;
	*head = nic + 1;
}

static void link_refs(struct reach *r, const struct az_refs *nics, uint32_t *head)
{
	for (uint32_t i = nics->n; i-- > 0;)
		if (nics->list[i].at < r->m->n_nics)
			link_nic(r, head, nics->list[i].at);
}

static int link_machines(struct reach *r)
{
	const struct az_model *m = r->m;

	r->vm_nic = arena_array(r->arena, m->n_vms + 1, sizeof *r->vm_nic);
	r->vmss_nic = arena_array(r->arena, m->n_vmsss + 1, sizeof *r->vmss_nic);
	r->next_nic = arena_array(r->arena, m->n_nics + 1, sizeof *r->next_nic);
	if (!r->vm_nic || !r->vmss_nic || !r->next_nic)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_vms; i++)
		link_refs(r, &m->vms[i].nics, &r->vm_nic[i]);
	for (uint32_t i = 0; i < m->n_vmsss; i++)
		link_refs(r, &m->vmsss[i].nics, &r->vmss_nic[i]);
	for (uint32_t i = 0; i < m->n_nics; i++) {
		if (m->nics[i].vm.at < m->n_vms)
			link_nic(r, &r->vm_nic[m->nics[i].vm.at], i);
		else if (m->nics[i].vmss.at < m->n_vmsss)
			link_nic(r, &r->vmss_nic[m->nics[i].vmss.at], i);
	}
	return 0;
}

static int link_effectives(struct reach *r)
{
	const struct az_model *m = r->m;

	r->nic_effective = arena_array(r->arena, m->n_nics + 1, sizeof(uint32_t));
	r->subnet_effective = arena_array(r->arena, m->n_subnets + 1, sizeof(uint32_t));
	if (!r->nic_effective || !r->subnet_effective)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->n_effectives; i++) {
		const struct az_effective *e = &m->effectives[i];

		if (e->nic.id.len && e->nic.at < m->n_nics)
			r->nic_effective[e->nic.at] = i + 1;
		else if (e->subnet.id.len && e->subnet.at < m->n_subnets)
			r->subnet_effective[e->subnet.at] = i + 1;
	}
	return 0;
}

static int add_member(struct reach *r, uint32_t file, struct str group, struct str address)
{
	struct str key = reach_key(r->arena, file, group);
	struct reach_member member = {};
	uint64_t *value;
	net_addr at;
	int e;

	if (!key.ptr)
		return -ENOMEM;
	if (net_addr_parse(address, &at) < 0)
		return 0;
	value = map_get(&r->group_member, key);
	member.address = (struct net_range){ at, at };
	member.next = value ? (uint32_t)*value : 0;
	e = arena_push(r->arena, r->members, r->n_members, r->cap_members, member);
	return e < 0 ? e : map_put(&r->group_member, key, r->n_members);
}

static int index_texts(struct reach *r)
{
	const struct az_model *m = r->m;
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < m->n_public_ips; i++) {
		struct str key =
			reach_key(r->arena, m->public_ips[i].item.file, m->public_ips[i].ipconfig);

		if (!key.ptr)
			return -ENOMEM;
		if (m->public_ips[i].ipconfig.len)
			e = map_put(&r->public_of, key, i + 1);
	}
	for (uint32_t i = 0; e >= 0 && i < m->n_nics; i++)
		for (uint32_t k = 0; k < m->nics[i].n_ipconfigs; k++) {
			const struct az_ipconfig *ip = &m->nics[i].ipconfigs[k];

			for (uint32_t g = 0; e >= 0 && g < ip->groups.n; g++)
				e = add_member(r, m->nics[i].item.file, ip->groups.list[g].id,
					       ip->private_ip);
		}
	return e;
}

/* NSGs that have been named by no machine's NIC or subnet are judged alone. */
static void mark_used(struct reach *r)
{
	for (uint32_t i = 0; i < r->m->n_nics; i++) {
		const struct az_nic *nic = &r->m->nics[i];

		if (!r->next_nic[i])
			continue;
		if (r->nics[i].at < r->m->n_nsgs)
			r->used[r->nics[i].at] = true;
		for (uint32_t k = 0; k < nic->n_ipconfigs; k++) {
			uint32_t subnet = nic->ipconfigs[k].subnet.at;

			if (subnet < r->m->n_subnets && r->subnets[subnet].at < r->m->n_nsgs)
				r->used[r->subnets[subnet].at] = true;
		}
	}
}

static int add_target(struct reach *r, enum reach_kind kind, uint32_t at,
		      const struct az_item *item)
{
	struct reach_target t = { kind, at, item };

	return arena_push(r->arena, r->targets, r->n_targets, r->cap_targets, t);
}

static int add_targets(struct reach *r)
{
	const struct az_model *m = r->m;
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < m->n_vms; i++)
		e = add_target(r, REACH_VM, i, &m->vms[i].item);
	for (uint32_t i = 0; e >= 0 && i < m->n_vmsss; i++)
		e = add_target(r, REACH_VMSS, i, &m->vmsss[i].item);
	for (uint32_t i = 0; e >= 0 && i < m->n_nsgs; i++)
		if ((m->nsgs[i].item.seen || m->nsgs[i].rules.n) && !r->used[i])
			e = add_target(r, REACH_NSG, i, &m->nsgs[i].item);
	return e;
}

static void release_maps(struct reach *r)
{
	map_release(&r->pool_of);
	map_release(&r->pool_by_id);
	map_release(&r->rule_of);
	map_release(&r->rule_by_id);
	map_release(&r->public_of);
	map_release(&r->group_member);
}

void reach_release(struct reach **r)
{
	if (*r)
		release_maps(*r);
	*r = NULL;
}

int reach_new(const struct az_model *m, struct arena *a, struct reach **ret)
{
	own(reach_release) struct reach *r = arena_new(a, struct reach);
	int e;

	if (!r)
		return -ENOMEM;
	r->m = m;
	r->arena = a;
	e = link_nsgs(r);
	if (e >= 0)
		e = link_machines(r);
	if (e >= 0)
		e = link_effectives(r);
	if (e >= 0)
		e = index_texts(r);
	if (e >= 0)
		e = reach_index_lbs(r);
	if (e < 0)
		return e;
	mark_used(r);
	e = add_targets(r);
	if (e < 0)
		return e;
	*ret = r;
	r = NULL;
	return 0;
}

size_t reach_count(const struct reach *r) { return r->n_targets; }
struct reach_target reach_target(const struct reach *r, size_t i) { return r->targets[i]; }

int reach_find(const struct reach *r, struct str name, size_t *ret)
{
	for (size_t i = 0; i < r->n_targets; i++) {
		if (!str_ieq(r->targets[i].item->id, name) &&
		    !str_ieq(r->targets[i].item->name, name))
			continue;
		*ret = i;
		return 0;
	}
	return -ENOENT;
}

const struct az_nsg *reach_nsg_at(const struct reach *r, uint32_t at)
{
	for (const struct reach_override *o = r->overrides; o; o = o->next)
		if (o->at == at)
			return o->nsg;
	return at < r->m->n_nsgs ? &r->m->nsgs[at] : NULL;
}

struct reach_nsg reach_nic_nsg(const struct reach *r, const struct az_nic *nic)
{
	uint32_t at = (uint32_t)(nic - r->m->nics);

	for (const struct reach_override *o = r->overrides; o; o = o->next)
		if (o->nic == at)
			return (struct reach_nsg){ HAS_NSG, o->at, o->nsg->item.name };
	return r->nics[at];
}

/* Does some file list the NSGs of that subscription? Then one of an unseen subnet would name it. */
static bool lists_nsgs(const struct reach *r, struct str subscription)
{
	if (str_find(subscription, '{') >= 0) /* of a template, which lists what it deploys */
		return false;
	for (uint32_t i = 0; subscription.len && i < r->m->n_nsgs; i++)
		if (r->m->nsgs[i].item.seen &&
		    str_ieq(r->m->nsgs[i].item.subscription, subscription))
			return true;
	return false;
}

struct reach_nsg reach_subnet_nsg(const struct reach *r, const struct az_nic *nic,
				  const struct az_ipconfig *ip)
{
	struct reach_nsg n = { .has = HAS_UNKNOWN, .at = AZ_NONE };

	if (!ip->subnet.id.len && !ip->subnet.unknown)
		return (struct reach_nsg){ HAS_NONE, AZ_NONE, {} };
	if (ip->subnet.at < r->m->n_subnets)
		n = r->subnets[ip->subnet.at];
	if (n.has == HAS_UNKNOWN && !n.id.len && ip->subnet.at < r->m->n_subnets &&
	    !r->m->subnets[ip->subnet.at].item.seen && lists_nsgs(r, nic->item.subscription))
		n.has = HAS_NONE_SEEN;
	return n;
}
