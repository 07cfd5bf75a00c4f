/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the internet comes near a private address: as rules of a stage of its own, before all others.
 * Without any NSG a Basic address or load balancer lets everything through, a Standard one nothing
 * (learn.microsoft.com: public IP addresses, SKU; Azure Load Balancer SKUs, "secure by default").
 */
#include "facts/azure/reach_model.h"

#define PRIORITY_OPEN 1
#define PRIORITY_CLOSED 2

struct gate {
	struct reach_rules rules;
	const struct reach *r;
	struct reach_way *w;
	bool nsg, no_nsg; /* there is one for certain; there is none for certain */
	bool standard;    /* something was closed for lack of an NSG */
};

static struct str name_of(const struct az_item *item, struct str id)
{
	if (item && item->name.len)
		return item->name;
	return id.len ? str_basename(id) : STR("?");
}

static const char *sku_name(enum az_sku sku)
{
	return sku == AZ_SKU_BASIC      ? "Basic"
	       : sku == AZ_SKU_STANDARD ? "Standard"
					: "SKU not known";
}

/* Lets the internet come near as `rule` says, as far as the SKU does without an NSG. */
static int let_in(struct gate *g, struct nsg_rule rule, enum az_sku sku)
{
	if (g->no_nsg && sku == AZ_SKU_STANDARD) {
		g->standard = true;
		return 0;
	}
	rule.first = PRIORITY_OPEN;
	rule.verdict = NSG_ALLOW;
	rule.source = NSG_ADDRESSES(NSG_OUTSIDE);
	if (!g->nsg && sku != AZ_SKU_BASIC) {
		rule.maybe = true;
		if (!rule.unknown.len)
			rule.unknown = g->no_nsg
					       ? STR("without an NSG the SKU decides, which is not "
						     "in the files")
					       : STR("whether there is an NSG is not known");
	}
	return reach_rule_made(&g->rules, rule);
}

static int at_public_ip(struct gate *g, const struct az_public_ip *ip, const struct az_ref *ref)
{
	struct nsg_rule rule = { .ports = NSG_ALL_PORTS };
	struct str name = name_of(ip ? &ip->item : NULL, ref->id);
	enum az_sku sku = ip ? ip->sku : AZ_SKU_UNKNOWN;

	if (ip && ip->address.len)
		g->w->public_ip = ip->address;
	else
		g->w->public_ip = name;
	rule.id = arena_fmt(g->rules.a, "(public IP %.*s, %s)", STR_FMT(str_sub(name, 0, 200)),
			    sku_name(sku));
	if (!rule.id.ptr)
		return -ENOMEM;
	if (ref->unknown) {
		rule.maybe = true;
		rule.unknown = STR("whether it has a public IP address is not known");
	}
	if (ip && ip->item.seen && ip->item.file < g->r->m->n_files) {
		rule.file = g->r->m->files[ip->item.file];
		rule.line = ip->item.line;
	}
	return let_in(g, rule, sku);
}

static int public_ip(struct gate *g)
{
	const struct az_ref *ref = &g->w->ip->public_ip;
	struct az_ref named = {};
	uint64_t at;

	if (ref->id.len || ref->unknown)
		return at_public_ip(
			g, ref->at < g->r->m->n_public_ips ? &g->r->m->public_ips[ref->at] : NULL,
			ref);
	at = reach_get(&g->r->public_of, g->rules.a, g->w->nic->item.file, g->w->ip->id);
	if (!at)
		return 0;
	named.id = g->r->m->public_ips[at - 1].item.id;
	return at_public_ip(g, &g->r->m->public_ips[at - 1], &named);
}

static uint8_t balanced_protocol(struct str name, bool *ret_unknown)
{
	*ret_unknown = false;
	if (str_ieq(name, STR("Tcp")))
		return 6;
	if (str_ieq(name, STR("Udp")))
		return 17;
	if (!str_ieq(name, STR("All")))
		*ret_unknown = true;
	return NSG_PROTOCOL_ANY;
}

/* "load balancer web: rule https, 443 to 8443" */
static struct str balanced_name(struct arena *a, const struct az_lb *lb, const struct az_lb_rule *r)
{
	struct str name = str_sub(r->name.len ? r->name : str_basename(r->id), 0, 200);
	const char *kind = r->kind == AZ_LB_RULE ? "rule" : "NAT rule";

	if (r->port_first == r->port_last && r->port_first != AZ_PORT_UNKNOWN)
		return arena_fmt(a, "(load balancer %.*s, %s: %s %.*s of port %u)",
				 STR_FMT(str_sub(name_of(&lb->item, lb->item.id), 0, 200)),
				 sku_name(lb->sku), kind, STR_FMT(name), r->port_first);
	if (r->port_first != AZ_PORT_UNKNOWN)
		return arena_fmt(a, "(load balancer %.*s, %s: %s %.*s of ports %u-%u)",
				 STR_FMT(str_sub(name_of(&lb->item, lb->item.id), 0, 200)),
				 sku_name(lb->sku), kind, STR_FMT(name), r->port_first,
				 r->port_last);
	return arena_fmt(a, "(load balancer %.*s, %s: %s %.*s)",
			 STR_FMT(str_sub(name_of(&lb->item, lb->item.id), 0, 200)),
			 sku_name(lb->sku), kind, STR_FMT(name));
}

/* 0: the frontend is private, 1: perhaps public, 2: public. */
static int frontend(struct gate *g, const struct az_lb *lb, const struct az_lb_rule *rule,
		    enum az_sku *sku)
{
	const struct az_frontend *f =
		rule->frontend.at < lb->n_frontends ? &lb->frontends[rule->frontend.at] : NULL;
	const struct az_public_ip *ip;

	*sku = lb->sku;
	if (!f)
		return 1;
	if (!f->public_ip.id.len && !f->public_ip.unknown)
		return 0;
	ip = f->public_ip.at < g->r->m->n_public_ips ? &g->r->m->public_ips[f->public_ip.at] : NULL;
	if (*sku == AZ_SKU_UNKNOWN && ip)
		*sku = ip->sku;
	if (!g->w->public_ip.len)
		g->w->public_ip = ip && ip->address.len
					  ? ip->address
					  : name_of(ip ? &ip->item : NULL, f->public_ip.id);
	return f->public_ip.unknown ? 1 : 2;
}

static int at_balanced(struct gate *g, const struct reach_balanced *b)
{
	struct nsg_rule rule = { .ports = NSG_ALL_PORTS, .maybe = b->maybe };
	struct port_range *port;
	enum az_sku sku;
	int in;

	if (!b->lb || !b->rule) {
		rule.id = STR("(load balancer)");
		rule.unknown = STR("it is behind a load balancer of which not all is known");
		return let_in(g, rule, b->lb ? b->lb->sku : AZ_SKU_UNKNOWN);
	}
	in = frontend(g, b->lb, b->rule, &sku);
	if (!in)
		return 0;
	rule.maybe |= in == 1;
	if (rule.maybe)
		rule.unknown = STR("whether the rule leads here from the internet is not known");
	rule.id = balanced_name(g->rules.a, b->lb, b->rule);
	port = arena_new(g->rules.a, struct port_range);
	if (!rule.id.ptr || !port)
		return -ENOMEM;
	if (b->rule->backend_port == AZ_PORT_UNKNOWN || b->rule->backend_port > UINT16_MAX) {
		rule.ports = (struct nsg_ports){ .some = true };
		rule.unknown = STR("its backend port is not known");
	} else if (b->rule->backend_port) {
		*port = (struct port_range){ (uint16_t)b->rule->backend_port,
					     (uint16_t)b->rule->backend_port };
		rule.ports = (struct nsg_ports){ .list = port, .n = 1 };
	}
	rule.protocol = balanced_protocol(b->rule->protocol, &rule.protocol_unknown);
	if (b->rule->file < g->r->m->n_files) {
		rule.file = g->r->m->files[b->rule->file];
		rule.line = b->rule->line;
	}
	return let_in(g, rule, sku);
}

static int load_balancers(struct gate *g)
{
	struct reach_balanced *list;
	size_t n;
	int e = reach_balance(g->r, g->w->nic, g->w->ip, g->rules.a, &list, &n);

	for (size_t i = 0; e >= 0 && i < n; i++)
		e = at_balanced(g, &list[i]);
	return e;
}

/* `az vm list -d` shows an address that no NIC's record has, or nothing else is known. */
static int by_details(struct gate *g, const struct az_vm *vm)
{
	struct nsg_rule rule = { .ports = NSG_ALL_PORTS,
				 .id = STR("(public IP of the machine's list)") };

	if (vm->details && vm->public_ips.n) {
		g->w->public_ip = vm->public_ips.list[0];
		return let_in(g, rule, AZ_SKU_UNKNOWN);
	}
	if (g->w->ip && !vm->public_ips.unknown)
		return 0;
	rule.id = STR("(network interface)");
	rule.maybe = true;
	rule.unknown = STR("no file describes its network interface");
	return let_in(g, rule, AZ_SKU_UNKNOWN);
}

static int add_open(struct gate *g, const struct reach_target *t, bool details)
{
	int e = 0;

	if (g->w->ip) {
		e = public_ip(g);
		if (e >= 0)
			e = load_balancers(g);
	}
	if (e >= 0 && details && !g->rules.n && !g->standard)
		return by_details(g, &g->r->m->vms[t->at]);
	if (e >= 0 && t->kind == REACH_VMSS && !g->w->ip)
		e = let_in(
			g,
			(struct nsg_rule){ .id = STR("(network interface)"),
					   .ports = NSG_ALL_PORTS,
					   .maybe = true,
					   .unknown = STR("its network interfaces are not known") },
			AZ_SKU_UNKNOWN);
	return e;
}

int reach_gate(const struct reach *r, const struct reach_target *t, struct reach_way *w,
	       struct reach_nsg subnet, struct reach_nsg nic, bool details, struct arena *a)
{
	struct gate g = {
		.rules = {.a = a, .reach = r, .ip = w->ip},
		.r = r,
		.w = w,
		.nsg = subnet.has == HAS_NSG || nic.has == HAS_NSG,
		.no_nsg = subnet.has == HAS_NONE && nic.has == HAS_NONE,
	};
	struct nsg_rule closed = {
		.first = PRIORITY_CLOSED,
		.verdict = NSG_DENY,
		.source = NSG_ADDRESSES(NSG_OUTSIDE),
		.ports = NSG_ALL_PORTS,
	};
	int e = t->kind == REACH_NSG ? 0 : add_open(&g, t, details && t->kind == REACH_VM);

	if (e < 0 || t->kind == REACH_NSG)
		return e;
	closed.id = g.standard  ? STR("(no NSG: Standard is closed without one)")
		    : g.rules.n ? STR("(no public IP address or load-balancing rule for it)")
				: STR("(no public IP address)");
	e = reach_rule_made(&g.rules, closed);
	if (e < 0)
		return e;
	w->stages[w->n_stages++] = (struct nsg_rules){
		.list = g.rules.list, .n = g.rules.n, .admin = true, .name = STR("public access")
	};
	return 0;
}
