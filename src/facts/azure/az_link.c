/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links: which record each reference names. */
#include "facts/azure/az_read.h"

/* Of a machine that no file describes; Azure has 15. */
#define NICS_MAX 256u

/* Ids of templates mean something within their file. */
static void within(struct az_reader *r, const struct az_item *item)
{
	if (item->file != AZ_NONE)
		r->file = item->file;
}

static void find(struct az_reader *r, enum az_kind kind, struct az_ref *ref)
{
	ref->at = az_find(r, kind, ref->id);
	/* A text that could not be evaluated may be the id of an object of the same file. */
	if (ref->at != AZ_NONE)
		ref->unknown = false;
}

/* Makes a record for what only others name. */
static void need(struct az_reader *r, enum az_kind kind, struct az_ref *ref)
{
	find(r, kind, ref);
	if (ref->at == AZ_NONE && ref->id.len && !ref->unknown)
		az_record(r, kind, ref->id, &ref->at);
}

/* References live in records that move when a record is made: so they are copied back. */
#define NEED(r, kind, place)                \
	do {                                \
		struct az_ref ref_ = place; \
		need(r, kind, &ref_);       \
		place = ref_;               \
	} while (0)

static void link_vm(struct az_reader *r, uint32_t i)
{
	within(r, &r->m->vms[i].item);
	for (uint32_t j = 0; j < r->m->vms[i].nics.n; j++) {
		struct az_ref *ref = &r->m->vms[i].nics.list[j];
		struct az_nic *nic;

		need(r, AZ_KIND_NIC, ref);
		if (ref->at == AZ_NONE) {
			r->m->vms[i].nics.unknown = true;
			continue;
		}
		nic = &r->m->nics[ref->at];
		if (!nic->vm.id.len || nic->vm.unknown)
			nic->vm = (struct az_ref){ .id = r->m->vms[i].item.id, .at = i };
	}
	for (uint32_t j = 0; j < r->m->vms[i].disks.n; j++)
		find(r, AZ_KIND_DISK, &r->m->vms[i].disks.list[j]);
}

static bool has_nic(const struct az_vm *vm, uint32_t nic)
{
	for (uint32_t i = 0; i < vm->nics.n; i++)
		if (vm->nics.list[i].at == nic)
			return true;
	return false;
}

/* The NIC names its machine, whose own record may be missing. */
static void link_machine(struct az_reader *r, uint32_t i)
{
	struct az_ref vm = r->m->nics[i].vm;

	need(r, AZ_KIND_VM, &vm);
	r->m->nics[i].vm = vm;
	if (vm.at == AZ_NONE || r->m->vms[vm.at].item.seen)
		return;
	if (r->m->vms[vm.at].nics.n < NICS_MAX && !has_nic(&r->m->vms[vm.at], i))
		az_push_ref(r, &r->m->vms[vm.at].nics,
			    (struct az_ref){ .id = r->m->nics[i].item.id, .at = i });
}

static void link_balancers(struct az_reader *r, struct az_refs *refs)
{
	for (uint32_t i = 0; i < refs->n; i++) {
		refs->list[i].at = az_find(r, AZ_KIND_LB, az_id_parent(refs->list[i].id));
		if (refs->list[i].at != AZ_NONE)
			refs->list[i].unknown = false;
	}
}

static void link_ipconfig(struct az_reader *r, uint32_t nic, uint32_t i)
{
	NEED(r, AZ_KIND_SUBNET, r->m->nics[nic].ipconfigs[i].subnet);
	NEED(r, AZ_KIND_PUBLIC_IP, r->m->nics[nic].ipconfigs[i].public_ip);
	link_balancers(r, &r->m->nics[nic].ipconfigs[i].pools);
	link_balancers(r, &r->m->nics[nic].ipconfigs[i].nat_rules);
	link_balancers(r, &r->m->nics[nic].ipconfigs[i].nat_pools);
}

static void link_nic(struct az_reader *r, uint32_t i)
{
	within(r, &r->m->nics[i].item);
	link_machine(r, i);
	NEED(r, AZ_KIND_NSG, r->m->nics[i].nsg);
	for (uint32_t j = 0; j < r->m->nics[i].n_ipconfigs; j++)
		link_ipconfig(r, i, j);
}

static void link_subnet(struct az_reader *r, uint32_t i)
{
	within(r, &r->m->subnets[i].item);
	find(r, AZ_KIND_VNET, &r->m->subnets[i].vnet);
	NEED(r, AZ_KIND_NSG, r->m->subnets[i].nsg);
}

/* What the NSG's own record says counts where the other end is not described. */
static void link_nsg(struct az_reader *r, uint32_t i)
{
	const struct az_ref self = { .id = r->m->nsgs[i].item.id, .at = i };

	within(r, &r->m->nsgs[i].item);
	for (uint32_t j = 0; j < r->m->nsgs[i].subnets.n; j++) {
		struct az_ref *ref = &r->m->nsgs[i].subnets.list[j];

		need(r, AZ_KIND_SUBNET, ref);
		if (ref->at != AZ_NONE && !r->m->subnets[ref->at].item.seen)
			r->m->subnets[ref->at].nsg = self;
	}
	for (uint32_t j = 0; j < r->m->nsgs[i].nics.n; j++) {
		struct az_ref *ref = &r->m->nsgs[i].nics.list[j];

		need(r, AZ_KIND_NIC, ref);
		if (ref->at != AZ_NONE && !r->m->nics[ref->at].item.seen)
			r->m->nics[ref->at].nsg = self;
	}
}

static void link_rule(const struct az_lb *lb, struct az_lb_rule *rule)
{
	rule->frontend.at = AZ_NONE;
	for (uint32_t i = 0; i < lb->n_frontends; i++)
		if (rule->frontend.id.len && str_ieq(lb->frontends[i].id, rule->frontend.id)) {
			rule->frontend.at = i;
			rule->frontend.unknown = false;
		}
	for (uint32_t i = 0; i < rule->pools.n; i++) {
		rule->pools.list[i].at = AZ_NONE;
		for (uint32_t j = 0; j < lb->n_pools; j++)
			if (str_ieq(lb->pools[j].id, rule->pools.list[i].id)) {
				rule->pools.list[i].at = j;
				rule->pools.list[i].unknown = false;
			}
	}
}

static void link_lb(struct az_reader *r, uint32_t i)
{
	struct az_lb *lb = &r->m->lbs[i];

	within(r, &lb->item);
	for (uint32_t j = 0; j < lb->n_frontends; j++) {
		NEED(r, AZ_KIND_PUBLIC_IP, lb->frontends[j].public_ip);
		NEED(r, AZ_KIND_SUBNET, lb->frontends[j].subnet);
	}
	for (uint32_t j = 0; j < lb->n_rules; j++)
		link_rule(lb, &lb->rules[j]);
}

/* Two custom rules of one direction with one priority: Azure has no such NSG. */
static void check_priorities(struct az_reader *r, const struct az_nsg *nsg)
{
	const struct az_rules *rules = &nsg->rules;
	uint64_t seen[2][4097 / 64 + 1] = {};

	for (uint32_t i = 0; i < rules->n; i++) {
		const struct az_rule *rule = &rules->list[i];
		uint64_t *word, bit;

		if (!rule->direction || !rule->priority || rule->priority > 4096 || rule->maybe)
			continue;
		word = &seen[rule->direction == AZ_OUTBOUND][rule->priority / 64];
		bit = 1ull << rule->priority % 64;
		if (*word & bit)
			az_problem_at(r, rule->file, rule->line,
				      "rule '%.*s': another rule has its priority %u, too",
				      STR_FMT(str_sub(rule->name, 0, 80)), rule->priority);
		*word |= bit;
	}
}

static void link_effective(struct az_reader *r, struct az_effective *e)
{
	r->file = e->file;
	find(r, AZ_KIND_NSG, &e->nsg);
	find(r, AZ_KIND_NIC, &e->nic);
	find(r, AZ_KIND_SUBNET, &e->subnet);
}

/* What only asks which machine it belongs to. */
static void link_others(struct az_reader *r)
{
	struct az_model *m = r->m;

	for (uint32_t i = 0; i < m->n_jits; i++) {
		within(r, &m->jits[i].item);
		for (uint32_t j = 0; j < m->jits[i].n_vms; j++)
			find(r, AZ_KIND_VM, &m->jits[i].vms[j].vm);
		for (uint32_t j = 0; j < m->jits[i].n_requests; j++)
			find(r, AZ_KIND_VM, &m->jits[i].requests[j].vm);
	}
	for (uint32_t i = 0; i < m->n_backup_items; i++) {
		within(r, &m->backup_items[i].item);
		find(r, AZ_KIND_VM, &m->backup_items[i].vm);
	}
	for (uint32_t i = 0; i < m->n_extensions; i++) {
		within(r, &m->extensions[i].item);
		find(r, AZ_KIND_VM, &m->extensions[i].vm);
	}
	for (uint32_t i = 0; i < m->n_disks; i++) {
		within(r, &m->disks[i].item);
		find(r, AZ_KIND_VM, &m->disks[i].vm);
	}
	for (uint32_t i = 0; i < m->n_patches; i++) {
		within(r, &m->patches[i].item);
		find(r, AZ_KIND_VM, &m->patches[i].vm);
	}
}

/* Records that are made on the way are at the ends of the lists, and are visited as well. */
void az_link(struct az_reader *r)
{
	struct az_model *m = r->m;

	for (uint32_t i = 0; i < m->n_nsgs && !r->error; i++)
		link_nsg(r, i);
	for (uint32_t i = 0; i < m->n_vms && !r->error; i++)
		link_vm(r, i);
	for (uint32_t i = 0; i < m->n_nics && !r->error; i++)
		link_nic(r, i);
	for (uint32_t i = 0; i < m->n_lbs && !r->error; i++)
		link_lb(r, i);
	for (uint32_t i = 0; i < m->n_subnets && !r->error; i++)
		link_subnet(r, i);
	for (uint32_t i = 0; i < m->n_effectives; i++)
		link_effective(r, &m->effectives[i]);
	link_others(r);
	for (uint32_t i = 0; i < m->n_nsgs; i++)
		check_priorities(r, &m->nsgs[i]);
}
