/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of Azure: every dialect, templates, plans. References stay within the model. */
#include "facts/azure/az.h"
#include "fuzz.h"
#include "net/addr.h"

static void check_ref(const struct az_ref *r, uint32_t n)
{
	fuzz_assert(r->at == AZ_NONE || (r->at < n && !r->unknown));
}

static void check_texts(const struct az_texts *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		fuzz_assert(t->list[i].ptr && t->list[i].len);
}

static void check_rule(const struct az_rule *r, bool custom)
{
	fuzz_assert(r->direction <= AZ_OUTBOUND && r->access <= AZ_ALWAYS_ALLOW);
	fuzz_assert(!custom || !r->priority || (r->priority >= 100 && r->priority <= 4096));
	fuzz_assert(r->protocol.len || r->protocol_unknown);
	fuzz_assert(r->source.n || r->source.unknown || r->source_groups.n ||
		    r->source_groups.unknown);
	fuzz_assert(r->ports.n || r->ports.unknown);
	fuzz_assert(r->why.len ||
		    (r->priority && r->direction && r->access && !r->protocol_unknown &&
		     !r->ports.unknown && !r->source.unknown));
	check_texts(&r->source);
	check_texts(&r->destination);
	check_texts(&r->ports);
	check_texts(&r->source_ports);
}

static void check_nic(const struct az_model *m, const struct az_nic *n)
{
	check_ref(&n->vm, m->n_vms);
	check_ref(&n->vmss, m->n_vmsss);
	check_ref(&n->nsg, m->n_nsgs);
	for (uint32_t i = 0; i < n->n_ipconfigs; i++) {
		check_ref(&n->ipconfigs[i].subnet, m->n_subnets);
		check_ref(&n->ipconfigs[i].public_ip, m->n_public_ips);
		for (uint32_t k = 0; k < n->ipconfigs[i].pools.n; k++)
			check_ref(&n->ipconfigs[i].pools.list[k], m->n_lbs);
	}
}

static void check_lb(const struct az_lb *l)
{
	for (uint32_t i = 0; i < l->n_rules; i++) {
		check_ref(&l->rules[i].frontend, l->n_frontends);
		for (uint32_t k = 0; k < l->rules[i].pools.n; k++)
			check_ref(&l->rules[i].pools.list[k], l->n_pools);
	}
}

static void check(const struct az_model *m)
{
	for (uint32_t i = 0; i < m->n_nsgs; i++) {
		for (uint32_t k = 0; k < m->nsgs[i].rules.n; k++)
			check_rule(&m->nsgs[i].rules.list[k], true);
		for (uint32_t k = 0; k < m->nsgs[i].subnets.n; k++)
			check_ref(&m->nsgs[i].subnets.list[k], m->n_subnets);
		fuzz_assert(m->nsgs[i].item.seen || m->nsgs[i].rules.unknown);
	}
	for (uint32_t i = 0; i < m->n_nics; i++)
		check_nic(m, &m->nics[i]);
	for (uint32_t i = 0; i < m->n_subnets; i++)
		check_ref(&m->subnets[i].nsg, m->n_nsgs);
	for (uint32_t i = 0; i < m->n_vms; i++)
		for (uint32_t k = 0; k < m->vms[i].nics.n; k++)
			check_ref(&m->vms[i].nics.list[k], m->n_nics);
	for (uint32_t i = 0; i < m->n_lbs; i++)
		check_lb(&m->lbs[i]);
	for (uint32_t i = 0; i < m->n_jits; i++)
		for (uint32_t k = 0; k < m->jits[i].n_vms; k++)
			check_ref(&m->jits[i].vms[k].vm, m->n_vms);
	for (uint32_t i = 0; i < m->n_effectives; i++) {
		check_ref(&m->effectives[i].nsg, m->n_nsgs);
		for (uint32_t k = 0; k < m->effectives[i].n_rules; k++)
			check_rule(&m->effectives[i].rules[k].rule, false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	const struct az_file files[] = {
		{STR("a.json"),  { len ? (const char *)data : "", len }  },
		{ STR("b.json"),
                 STR("[{\"id\":\"/subscriptions/0/resourceGroups/g/providers/Microsoft.Network/"
		      "networkSecurityGroups/n\",\"securityRules\":[]}]")},
	};
	struct az_model m = {};
	struct diag d = {};
	int r = az_load(files, COUNT(files), &a, NULL, &m, &d);

	fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG || r == -EFBIG || r == -ENOMEM);
	fuzz_assert(r != -EBADMSG || (d.reason[0] && !strcmp(d.file, "a.json")));
	if (r == 0)
		check(&m);
	return 0;
}
