/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load balancers: frontends, pools, and the rules that lead from one to the other. */
#include "facts/azure/az_read.h"

#define PARTS_MAX 2000u

/* clang-format off */
#define LB_FIELDS(X, p) \
	X(sku, p) X(frontendIPConfigurations, p) X(backendAddressPools, p) \
	X(loadBalancingRules, p) X(inboundNatRules, p) X(inboundNatPools, p)
/* clang-format on */
AZ_FIELDS(LB_FIELDS, lb)

/* clang-format off */
#define RULE_FIELDS(X, p) \
	X(id, p) X(name, p) X(frontendIPConfiguration, p) X(protocol, p) X(frontendPort, p) \
	X(backendPort, p) X(frontendPortRangeStart, p) X(frontendPortRangeEnd, p) \
	X(backendAddressPool, p) X(backendAddressPools, p) X(backendIPConfiguration, p) \
	X(enableFloatingIP, p)
/* clang-format on */
AZ_FIELDS(RULE_FIELDS, rule)

/* Id of a part: its own, or the load balancer's with kind and name. */
static struct str part_id(struct az_reader *r, uint32_t v, struct str lb, const char *kind)
{
	struct str id = az_text(r, jdoc_get(r->doc, v, STR("id")));
	struct str name = az_text(r, jdoc_get(r->doc, v, STR("name")));

	if (id.len)
		return id;
	return az_fmt(r, "%.*s/%s/%.*s", STR_FMT(lb), kind, STR_FMT(az_id_name(name)));
}

#define push_part(r, list, n, cap, value)                                                          \
	do {                                                                                       \
		size_t room_ = (cap);                                                              \
		if ((n) < PARTS_MAX && arena_grow((r)->a, &(list), n, &room_, sizeof *(list)) < 0) \
			(r)->error = -ENOMEM;                                                      \
		else if ((n) < PARTS_MAX)                                                          \
			(list)[(n)++] = (value);                                                   \
		(cap) = (uint32_t)room_;                                                           \
	} while (0)

static void add_frontend(struct az_reader *r, uint32_t v, struct az_lb *lb)
{
	struct az_frontend f = {
		.id = part_id(r, v, lb->item.id, "frontendIPConfigurations"),
		.name = az_text(r, jdoc_get(r->doc, v, STR("name"))),
		.private_ip = STR(""),
		.public_ip = az_ref(r, az_member(r, v, STR("publicIPAddress"))),
		.subnet = az_ref(r, az_member(r, v, STR("subnet"))),
	};

	/* A prefix of addresses: the address is public, but which one is not said here. */
	if (az_given(r, az_member(r, v, STR("publicIPPrefix"))) && !f.public_ip.id.len)
		f.public_ip.unknown = true;
	az_take_text(r, az_member(r, v, STR("privateIPAddress")), &f.private_ip);
	push_part(r, lb->frontends, lb->n_frontends, lb->cap_frontends, f);
}

static struct az_pool *find_pool(struct az_lb *lb, struct str id)
{
	for (uint32_t i = 0; i < lb->n_pools; i++)
		if (str_ieq(lb->pools[i].id, id))
			return &lb->pools[i];
	return NULL;
}

static void add_pool(struct az_reader *r, uint32_t v, struct az_lb *lb, struct str id)
{
	uint32_t addresses = az_member(r, v, STR("loadBalancerBackendAddresses"));
	struct az_pool *known = find_pool(lb, id);
	struct az_pool pool = { .id = id, .name = az_id_name(id) };

	if (known)
		pool = *known;
	az_add_ids(r, az_member(r, v, STR("backendIPConfigurations")), &pool.ipconfigs);
	if (az_type(r, addresses) == J_ARRAY)
		jdoc_each(r->doc, addresses, element)
			az_add_texts(r, az_member(r, element, STR("ipAddress")), &pool.addresses);
	else if (az_given(r, addresses))
		pool.addresses.unknown = true;
	if (known)
		*known = pool;
	else
		push_part(r, lb->pools, lb->n_pools, lb->cap_pools, pool);
}

static uint32_t port(struct az_reader *r, uint32_t v, uint32_t absent)
{
	int64_t n = az_number(r, v, 0, 65535);

	return n >= 0 ? (uint32_t)n : n == -1 ? absent : AZ_PORT_UNKNOWN;
}

static void read_ports(struct az_reader *r, const uint32_t *f, struct az_lb_rule *rule)
{
	rule->port_first = rule->port_last = port(r, f[rule_frontendPort], 0);
	if (az_given(r, f[rule_frontendPortRangeStart]) &&
	    (rule->kind != AZ_LB_NAT_RULE || !rule->port_first)) {
		rule->port_first = port(r, f[rule_frontendPortRangeStart], 0);
		rule->port_last = port(r, f[rule_frontendPortRangeEnd], rule->port_first);
	}
	rule->backend_port = port(r, f[rule_backendPort], rule->port_first);
	/* "All" ports: 0 on both sides. */
	if (!rule->port_first && !rule->port_last)
		rule->port_last = 65535;
}

static void read_rule(struct az_reader *r, uint32_t v, struct az_lb *lb, enum az_lb_kind kind,
		      const char *name)
{
	struct az_fields fields = AZ_FIELDS_OF(rule);
	struct az_lb_rule rule = { .kind = kind,
				   .maybe = r->maybe,
				   .protocol = STR(""),
				   .file = r->file,
				   .line = az_line(r, v) };
	uint32_t f[rule_n];

	az_fields(r, v, &fields, f);
	rule.id = part_id(r, v, lb->item.id, name);
	rule.name = az_id_name(rule.id);
	rule.frontend = az_ref(r, f[rule_frontendIPConfiguration]);
	az_take_text(r, f[rule_protocol], &rule.protocol);
	read_ports(r, f, &rule);
	az_add_refs(r, f[rule_backendAddressPool], &rule.pools);
	/* `az` prints both; the list says the same and more. */
	if (az_given(r, f[rule_backendAddressPools])) {
		struct az_refs many = {};

		az_add_refs(r, f[rule_backendAddressPools], &many);
		if (many.n || many.unknown)
			rule.pools = many;
	}
	rule.target = az_ref(r, f[rule_backendIPConfiguration]);
	rule.floating =
		az_given(r, f[rule_enableFloatingIP]) ? az_tri(r, f[rule_enableFloatingIP]) : AZ_NO;
	push_part(r, lb->rules, lb->n_rules, lb->cap_rules, rule);
}

static void each(struct az_reader *r, uint32_t v, struct az_lb *lb,
		 void (*read)(struct az_reader *r, uint32_t v, struct az_lb *lb))
{
	if (az_type(r, v) == J_ARRAY)
		jdoc_each(r->doc, v, element) {
			if (jdoc_is(r->doc, element, J_OBJECT))
				read(r, element, lb);
			else
				lb->unknown = true;
		}
	else if (az_given(r, v))
		lb->unknown = true;
}

static void read_pool(struct az_reader *r, uint32_t v, struct az_lb *lb)
{
	add_pool(r, v, lb, part_id(r, v, lb->item.id, "backendAddressPools"));
}

static void read_balancing(struct az_reader *r, uint32_t v, struct az_lb *lb)
{
	read_rule(r, v, lb, AZ_LB_RULE, "loadBalancingRules");
}

static void read_nat_rule(struct az_reader *r, uint32_t v, struct az_lb *lb)
{
	read_rule(r, v, lb, AZ_LB_NAT_RULE, "inboundNatRules");
}

static void read_nat_pool(struct az_reader *r, uint32_t v, struct az_lb *lb)
{
	read_rule(r, v, lb, AZ_LB_NAT_POOL, "inboundNatPools");
}

void az_read_lb(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_fields fields = AZ_FIELDS_OF(lb);
	enum az_before before;
	struct az_lb *lb = az_describe(r, AZ_KIND_LB, v, id, &before);
	uint32_t f[lb_n];

	if (!lb)
		return;
	az_fields(r, v, &fields, f);
	lb->unknown = before == AZ_SAME_FILE;
	if (before == AZ_OTHER_FILE)
		lb->n_frontends = lb->n_rules = lb->n_pools = 0;
	lb->sku = az_sku(r, f[lb_sku]);
	each(r, f[lb_frontendIPConfigurations], lb, add_frontend);
	each(r, f[lb_backendAddressPools], lb, read_pool);
	each(r, f[lb_loadBalancingRules], lb, read_balancing);
	each(r, f[lb_inboundNatRules], lb, read_nat_rule);
	each(r, f[lb_inboundNatPools], lb, read_nat_pool);
}

/* Rules and pools that are resources of their own. */
void az_read_lb_rule(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_lb *lb = az_record(r, AZ_KIND_LB, az_id_parent(id), NULL);

	if (!lb)
		return;
	if (az_id_part(id, "inboundNatRules").len)
		read_nat_rule(r, v, lb);
	else if (az_id_part(id, "inboundNatPools").len)
		read_nat_pool(r, v, lb);
	else
		read_balancing(r, v, lb);
	if (lb->n_rules)
		lb->rules[lb->n_rules - 1].id = id;
}

void az_read_lb_pool(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_lb *lb = az_record(r, AZ_KIND_LB, az_id_parent(id), NULL);

	if (lb)
		add_pool(r, v, lb, id);
}
