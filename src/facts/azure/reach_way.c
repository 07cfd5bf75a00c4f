/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/reach_model.h"

/* Of one target. */
struct builder {
	const struct reach *r;
	struct arena *a;
	struct reach_host *h;
	bool details; /* what the machine's record says of public addresses is needed */
};

static void say(struct reach_way *w, struct str unknown)
{
	if (!w->unknown.len)
		w->unknown = unknown;
}

static void add_stage(struct reach_way *w, const struct reach_rules *rules, struct str name,
		      bool admin, bool unknown)
{
	w->stages[w->n_stages++] = (struct nsg_rules){
		.list = rules->list, .n = rules->n, .admin = admin, .unknown = unknown, .name = name
	};
}

/* Room for all of them at once: they are few or very many. */
static int reserve(struct reach_rules *b, size_t n)
{
	b->list = arena_array(b->a, n + NSG_N_DEFAULTS, sizeof *b->list);
	b->cap = b->list ? n + NSG_N_DEFAULTS : 0;
	return b->list ? 0 : -ENOMEM;
}

static unsigned first_byte(const struct az_texts *t)
{
	return t->n && t->list[0].len ? (unsigned char)t->list[0].ptr[0] : 0;
}

/*
 * Texts are slices of files of hundreds of megabytes, far from each other: reading a byte of each,
 * which need not wait for one another, before the first is needed saves a quarter of the time of 2
 * million rules. (Prefetches do less: they are dropped where the page is not in the TLB.)
 */
static void fetch(const struct az_rules *rules)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < MIN(rules->n, 1000); i++) {
		const struct az_rule *r = &rules->list[i];

		sum += r->protocol.len ? (unsigned char)r->protocol.ptr[0] : 0;
		sum += first_byte(&r->source) + first_byte(&r->destination) +
		       first_byte(&r->source_ports) + first_byte(&r->ports);
	}
	__asm__ volatile("" ::"r"(sum));
}

static int add_rules(struct reach_rules *b, const struct az_rules *rules, const struct az_nsg *nsg)
{
	int e = 0;

	fetch(rules);
	for (uint32_t i = 0; e >= 0 && i < rules->n; i++)
		e = reach_rule_add(b, &rules->list[i], nsg, false, NULL, NULL);
	return e;
}

static struct str stage_name(struct arena *a, const char *place, struct str id)
{
	struct str name =
		arena_fmt(a, "%s %.*s", place, STR_FMT(str_sub(str_basename(id), 0, 200)));

	return name.ptr ? name : STR("NSG");
}

/* The default rules that the data does not show, under the names that Azure gives them. */
static int add_defaults(struct reach_rules *b, struct str nsg_id, const struct az_nsg *nsg)
{
	for (size_t k = 0; k < NSG_N_DEFAULTS; k++) {
		struct nsg_rule rule = nsg_defaults[k];
		struct reach_rule *user;
		bool given = false;

		for (size_t i = 0; i < b->n && !given; i++)
			given = b->list[i].first == rule.first;
		if (given)
			continue;
		user = arena_new(b->a, struct reach_rule);
		rule.id = arena_cat(b->a, nsg_id, STR("/defaultSecurityRules/"), rule.id);
		if (!user || !rule.id.ptr)
			return -ENOMEM;
		user->nsg = nsg;
		rule.user = user;
		if (arena_push(b->a, b->list, b->n, b->cap, rule) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int nsg_stage(struct reach_rules *b, struct reach_way *w, struct reach_nsg n,
		     const char *place)
{
	const struct az_nsg *nsg = reach_nsg_at(b->reach, n.at);
	bool unknown = !nsg || !nsg->item.seen || nsg->rules.unknown || nsg->item.maybe;
	struct str id = nsg && nsg->item.name.len ? nsg->item.name : n.id;
	int e = 0;

	if (nsg) {
		e = reserve(b, (size_t)nsg->rules.n + nsg->defaults.n);
		if (e >= 0)
			e = add_rules(b, &nsg->rules, nsg);
		if (e >= 0)
			e = add_rules(b, &nsg->defaults, nsg);
		if (e < 0)
			return e;
	}
	e = add_defaults(b, nsg && nsg->item.id.len ? nsg->item.id : id, nsg);
	if (e < 0)
		return e;
	if (unknown)
		say(w, nsg && nsg->why.len ? nsg->why
					   : arena_cat(b->a, STR("not all rules of the NSG "),
						       id.len ? str_sub(id, 0, 200) : STR("?"),
						       STR(" are known")));
	add_stage(w, b, stage_name(b->a, place, id), false, unknown);
	return 0;
}

static int effective_stage(struct reach_rules *b, struct reach_way *w, const struct az_effective *e,
			   const char *place)
{
	const struct az_nsg *nsg = reach_nsg_at(b->reach, e->nsg.at);
	int r = 0;

	b->effective = e;
	r = reserve(b, e->n_rules);
	for (uint32_t i = 0; r >= 0 && i < e->n_rules; i++)
		r = reach_rule_add(b, &e->rules[i].rule, nsg, false, &e->rules[i].source_expanded,
				   &e->rules[i].destination_expanded);
	if (r >= 0)
		r = add_defaults(b, e->nsg.id, nsg);
	if (r >= 0)
		add_stage(w, b, stage_name(b->a, place, e->nsg.id), false, e->unknown);
	return r;
}

static const struct az_effective *effective_of(const struct reach *r, const uint32_t *index,
					       uint32_t at, uint32_t n)
{
	return at < n && index[at] ? &r->m->effectives[index[at] - 1] : NULL;
}

static bool is_changed(const struct reach *r, uint32_t nsg)
{
	return nsg < r->m->n_nsgs && reach_nsg_at(r, nsg) != &r->m->nsgs[nsg];
}

/* The NSG of a subnet or NIC: as it is in force where that is known, else as its own record is. */
static int place_stage(const struct builder *b, struct reach_way *w, struct reach_nsg n,
		       const struct az_effective *effective, const char *place)
{
	struct reach_rules rules = { .a = b->a, .reach = b->r, .ip = w->ip };

	/* What is in force now says nothing of what a change would do. */
	if (effective && !is_changed(b->r, effective->nsg.at))
		return effective_stage(&rules, w, effective, place);
	if (n.has == HAS_NSG)
		return nsg_stage(&rules, w, n, place);
	if (n.has == HAS_UNKNOWN) {
		say(w, arena_cat(b->a, STR("the "), str_of(place),
				 STR(", or whether there is one, is not known")));
		add_stage(w, &rules, STR("NSG that is not known"), false, true);
	}
	return 0;
}

/* Is the virtual network the only one of the files? Then what is in force is so there. */
static bool only_vnet(const struct az_model *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_vnets; i++)
		n += m->vnets[i].item.seen;
	return n <= 1;
}

static bool in_scope(const struct az_model *m, const struct az_admin_rule *rule, struct str vnet,
		     bool *maybe)
{
	*maybe = !rule->effective || rule->item.maybe;
	for (uint32_t i = 0; i < rule->scope.n; i++)
		if (vnet.len && str_ieq(rule->scope.list[i], vnet))
			return true;
	if (!rule->scope.unknown && vnet.len)
		return false;
	if (rule->scope.n || !only_vnet(m))
		*maybe = true;
	return true;
}

static int admin_stage(const struct builder *b, struct reach_way *w, struct str vnet)
{
	struct reach_rules rules = { .a = b->a, .reach = b->r, .ip = w->ip };

	for (uint32_t i = 0; i < b->r->m->n_admin_rules; i++) {
		const struct az_admin_rule *rule = &b->r->m->admin_rules[i];
		bool maybe;
		int e;

		if (!in_scope(b->r->m, rule, vnet, &maybe))
			continue;
		e = reach_rule_add(&rules, &rule->rule, NULL, true, NULL, NULL);
		if (e < 0)
			return e;
		if (rules.n && maybe) {
			rules.list[rules.n - 1].maybe = true;
			if (!rules.list[rules.n - 1].unknown.len)
				rules.list[rules.n - 1].unknown =
					STR("whether it is in force here is not known");
		}
	}
	if (rules.n)
		add_stage(w, &rules, STR("Virtual Network Manager"), true, false);
	return 0;
}

/* Networks that are connected belong to it: what their own record says, else the peering's. */
static int add_vnet(const struct builder *b, struct reach_way *w, const struct az_vnet *v)
{
	int e = reach_prefixes(b->a, &v->prefixes, &w->vnet);

	for (uint32_t i = 0; e >= 0 && i < v->n_peerings; i++) {
		const struct az_peering *p = &v->peerings[i];

		if (!p->state.len || str_ieq(p->state, STR("Connected")))
			e = reach_prefixes(b->a, &p->remote_prefixes,
					   p->state.len ? &w->vnet : &w->perhaps);
	}
	return e;
}

static int add_tag_ranges(const struct builder *b, struct reach_way *w,
			  const struct az_effective *effective)
{
	for (uint32_t i = 0; effective && i < effective->n_tags; i++) {
		const struct az_tag *t = &effective->tags[i];

		if (!str_ieq(t->name, STR("VirtualNetwork")) || !t->prefixes.n ||
		    t->prefixes.unknown)
			continue;
		w->where.exact = true;
		w->vnet = w->perhaps = (struct net_ranges){};
		return reach_prefixes(b->a, &t->prefixes, &w->vnet);
	}
	return 0;
}

/* The address packets are for: its own, else one of the subnet's, else any of the family. */
static int add_destination(const struct builder *b, struct reach_way *w,
			   const struct az_subnet *subnet, const struct az_vnet *vnet)
{
	bool v6 = w->ip && w->ip->v6;
	struct net_ranges found = {}, family = {};
	const struct az_texts *known = NULL;
	net_addr at;
	int e = 0;

	w->where.no_v4 = v6;
	w->where.no_v6 = !v6;
	w->where.to = &w->to;
	if (w->ip && net_addr_parse(w->ip->private_ip, &at) >= 0) {
		if (net_is_v4(at) == v6)
			w->where.no_v4 = w->where.no_v6 = false;
		return net_ranges_add(&w->to, b->a, (struct net_range){ at, at });
	}
	if (v6)
		e = net_ranges_remove(&family, b->a, NET_RANGE_V4);
	if (e >= 0)
		e = net_ranges_add(&family, b->a, v6 ? NET_RANGE_ALL : NET_RANGE_V4);
	if (e >= 0 && v6)
		e = net_ranges_remove(&family, b->a, NET_RANGE_V4);
	if (subnet && subnet->prefixes.n && !subnet->prefixes.unknown)
		known = &subnet->prefixes;
	else if (vnet && vnet->prefixes.n && !vnet->prefixes.unknown)
		known = &vnet->prefixes;
	if (e >= 0 && known)
		e = reach_prefixes(b->a, known, &found);
	if (e >= 0 && found.n)
		e = net_ranges_and(&found, &family, b->a, &w->to);
	if (e >= 0 && !w->to.n)
		w->to = family;
	return e;
}

static int locate(const struct builder *b, struct reach_way *w, const struct az_subnet *subnet,
		  const struct az_effective *const effective[static 2])
{
	const struct az_vnet *vnet = subnet && subnet->vnet.at < b->r->m->n_vnets
					     ? &b->r->m->vnets[subnet->vnet.at]
					     : NULL;
	int e = vnet ? add_vnet(b, w, vnet) : 0;

	w->where.vnet = &w->vnet;
	w->where.vnet_perhaps = &w->perhaps;
	/* Prefixes of routes belong to it, and routes are in no file that is read. */
	if (e >= 0 && subnet &&
	    (subnet->route_table.id.len || (subnet->item.seen && subnet->route_table.unknown))) {
		e = net_ranges_add(&w->perhaps, b->a, NET_RANGE_ALL);
		say(w, STR("the prefixes of the subnet's route table, which belong to "
			   "VirtualNetwork, are not known"));
	}
	for (int i = 0; e >= 0 && i < 2; i++)
		e = add_tag_ranges(b, w, effective[i]);
	return e >= 0 ? add_destination(b, w, subnet, vnet) : e;
}

/* Too much for an evaluation: then nothing is known of this way. */
static int compile(const struct builder *b, struct reach_way *w)
{
	int e = nsg_new(w->stages, w->n_stages, &w->where, b->a, &w->g);

	if (e != -E2BIG)
		return e;
	w->unknown = STR("it has too many rules");
	w->n_stages = 1;
	w->stages[0] = (struct nsg_rules){ .unknown = true, .name = STR("too many rules") };
	return nsg_new(w->stages, w->n_stages, &w->where, b->a, &w->g);
}

static struct str vnet_id(const struct builder *b, const struct az_subnet *subnet)
{
	if (!subnet)
		return (struct str){};
	return subnet->vnet.at < b->r->m->n_vnets ? b->r->m->vnets[subnet->vnet.at].item.id
						  : subnet->vnet.id;
}

static int fill_way(struct builder *b, struct reach_way *w)
{
	const struct az_model *m = b->r->m;
	uint32_t at = w->ip ? w->ip->subnet.at : AZ_NONE;
	const struct az_subnet *subnet = at < m->n_subnets ? &m->subnets[at] : NULL;
	const struct az_effective *effective[2] = {
		effective_of(b->r, b->r->subnet_effective, at, m->n_subnets),
		w->nic ? effective_of(b->r, b->r->nic_effective, (uint32_t)(w->nic - m->nics),
				      m->n_nics)
		       : NULL,
	};
	struct reach_nsg of_subnet = { .has = HAS_UNKNOWN, .at = AZ_NONE }, of_nic = of_subnet;
	int e;

	if (w->nic) {
		of_nic = reach_nic_nsg(b->r, w->nic);
		if (w->ip)
			of_subnet = reach_subnet_nsg(b->r, w->nic, w->ip);
	}
	if (effective[0])
		of_subnet.has = HAS_NSG;
	if (effective[1])
		of_nic.has = HAS_NSG;
	e = locate(b, w, subnet, effective);
	if (e >= 0)
		e = reach_gate(b->r, &b->h->target, w, of_subnet, of_nic, b->details, b->a);
	if (e >= 0)
		e = admin_stage(b, w, vnet_id(b, subnet));
	if (e >= 0)
		e = place_stage(b, w, of_subnet, effective[0], "subnet's NSG");
	if (e >= 0)
		e = place_stage(b, w, of_nic, effective[1], "NIC's NSG");
	if (!w->ip)
		say(w, STR("no file describes its network interface"));
	b->details = false;
	return e;
}

static int add_way(struct builder *b, const struct az_nic *nic, const struct az_ipconfig *ip)
{
	struct reach_way w = { .nic = nic, .ip = ip };

	return arena_push(b->a, b->h->ways, b->h->n, b->h->cap, w);
}

static int add_nic(struct builder *b, uint32_t at)
{
	const struct az_nic *nic = &b->r->m->nics[at];
	int e = 0;

	for (uint32_t i = 0; e >= 0 && i < nic->n_ipconfigs; i++) {
		const struct az_ipconfig *ip = &nic->ipconfigs[i];

		if (ip->public_ip.id.len ||
		    reach_get(&b->r->public_of, b->a, nic->item.file, ip->id))
			b->details = false;
		e = add_way(b, nic, ip);
	}
	if (e >= 0 && (nic->ipconfigs_unknown || !nic->n_ipconfigs))
		e = add_way(b, nic, NULL);
	return e;
}

static int machine(struct builder *b, uint32_t first, bool nics_unknown, const struct az_refs *nics)
{
	size_t unlinked = 0;
	int e = 0;

	for (uint32_t at = first, next = 0; e >= 0 && at && at != next;
	     at = b->r->next_nic[at - 1]) {
		next = at;
		e = add_nic(b, at - 1);
	}
	for (uint32_t i = 0; i < nics->n; i++)
		unlinked += nics->list[i].at >= b->r->m->n_nics;
	if (e >= 0 && (nics_unknown || unlinked || !b->h->n))
		e = add_way(b, NULL, NULL);
	return e;
}

static int alone(struct builder *b, uint32_t at)
{
	const struct az_nsg *nsg = &b->r->m->nsgs[at];
	struct reach_rules rules = { .a = b->a, .reach = b->r, .alone = true };
	struct reach_way *w;
	int e = add_way(b, NULL, NULL);

	if (e < 0)
		return e;
	w = &b->h->ways[0];
	w->where.vnet = &w->vnet;
	for (uint32_t i = 0; e >= 0 && i < nsg->subnets.n; i++) {
		uint32_t subnet = nsg->subnets.list[i].at;
		uint32_t vnet =
			subnet < b->r->m->n_subnets ? b->r->m->subnets[subnet].vnet.at : AZ_NONE;

		if (vnet < b->r->m->n_vnets)
			e = add_vnet(b, w, &b->r->m->vnets[vnet]);
	}
	if (e >= 0)
		e = nsg_stage(&rules, w, (struct reach_nsg){ HAS_NSG, at, nsg->item.id }, "NSG");
	return e;
}

static int build(struct builder *b)
{
	const struct reach_target *t = &b->h->target;
	const struct az_model *m = b->r->m;
	int e;

	if (t->kind == REACH_NSG)
		return alone(b, t->at);
	b->details = t->kind == REACH_VM;
	if (t->kind == REACH_VM)
		e = machine(b, b->r->vm_nic[t->at], m->vms[t->at].nics.unknown,
			    &m->vms[t->at].nics);
	else
		e = machine(b, b->r->vmss_nic[t->at], m->vmsss[t->at].nics.unknown,
			    &m->vmsss[t->at].nics);
	for (size_t i = 0; e >= 0 && i < b->h->n; i++)
		e = fill_way(b, &b->h->ways[i]);
	return e;
}

int reach_host(const struct reach *r, size_t target, struct arena *a, struct reach_host *ret)
{
	struct reach_host h = { .target = r->targets[target], .reach = r };
	struct builder b = { .r = r, .a = a, .h = &h };
	int e = build(&b);

	for (size_t i = 0; e >= 0 && i < h.n; i++)
		e = compile(&b, &h.ways[i]);
	if (e >= 0)
		*ret = h;
	return e;
}
