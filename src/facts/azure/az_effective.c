/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Azure says is in force: effective NSGs of a NIC, admin rules of Virtual Network Manager. */
#include "facts/azure/az_read.h"

/* clang-format off */
#define EFFECTIVE_FIELDS(X, p) \
	X(association, p) X(networkSecurityGroup, p) X(effectiveSecurityRules, p) \
	X(tagMap, p)
/* clang-format on */
AZ_FIELDS(EFFECTIVE_FIELDS, f)

/* Custom rules and defaults are one list, and rules of AVNM may stand in it. */
static const struct az_rule_reader effective = { 1, 65535, false };
static const struct az_rule_reader admin = { 1, 4096, false };

static void read_rule(struct az_reader *r, uint32_t v, struct str nsg,
		      struct az_effective_rule *ret)
{
	*ret = (struct az_effective_rule){};
	az_rule_read(r, v, &effective, nsg, &ret->rule);
	ret->rule.is_default = str_istarts(ret->rule.name, STR("defaultSecurityRules/"));
	az_add_texts(r, az_member(r, v, STR("expandedSourceAddressPrefix")), &ret->source_expanded);
	az_add_texts(r, az_member(r, v, STR("expandedDestinationAddressPrefix")),
		     &ret->destination_expanded);
}

static void read_rules(struct az_reader *r, uint32_t v, struct az_effective *e)
{
	e->unknown = az_type(r, v) != J_ARRAY;
	if (e->unknown)
		return;
	e->rules = az_array(r, jdoc_count(r->doc, v), sizeof *e->rules);
	if (!e->rules)
		return;
	jdoc_each(r->doc, v, element) {
		if (jdoc_is(r->doc, element, J_OBJECT))
			read_rule(r, element, e->nsg.id, &e->rules[e->n_rules++]);
		else
			e->unknown = true;
	}
}

/* { tag: [prefix, …], … } */
static void read_tags(struct az_reader *r, uint32_t v, struct az_effective *e)
{
	if (az_type(r, v) != J_OBJECT)
		return;
	e->tags = az_array(r, jdoc_count(r->doc, v), sizeof *e->tags);
	if (!e->tags)
		return;
	jdoc_each_key(r->doc, v, key) {
		struct az_tag *tag = &e->tags[e->n_tags++];

		tag->name = az_text(r, key);
		az_add_texts(r, key + 1, &tag->prefixes);
	}
}

void az_read_effective(struct az_reader *r, uint32_t v)
{
	struct az_fields fields = AZ_FIELDS_OF(f);
	struct az_effective e = { .file = r->file, .line = az_line(r, v) };
	size_t cap = r->m->cap_effectives;
	uint32_t f[f_n];

	az_fields(r, v, &fields, f);
	e.nsg = az_ref(r, f[f_networkSecurityGroup]);
	e.nic = az_ref(r, az_member(r, f[f_association], STR("networkInterface")));
	e.subnet = az_ref(r, az_member(r, f[f_association], STR("subnet")));
	read_rules(r, f[f_effectiveSecurityRules], &e);
	read_tags(r, f[f_tagMap], &e);
	if (arena_push(r->a, r->m->effectives, r->m->n_effectives, cap, e) < 0)
		r->error = -ENOMEM;
	r->m->cap_effectives = (uint32_t)cap;
}

static void admin_rule(struct az_reader *r, uint32_t v, struct str id, bool in_force)
{
	struct az_admin_rule *a = az_describe(r, AZ_KIND_ADMIN_RULE, v, id, NULL);
	struct az_rule rule;

	if (!a)
		return;
	az_rule_read(r, v, &admin, id, &rule);
	rule.id = id;
	a = az_record(r, AZ_KIND_ADMIN_RULE, id, NULL);
	a->rule = rule;
	a->effective = in_force;
	/* Neither form of the answer names the networks. */
	a->scope.unknown = true;
}

/* A rule of a configuration, or of the list of those that are in force, which says more. */
void az_read_admin_rule(struct az_reader *r, uint32_t v, struct str id)
{
	bool in_force = az_given(r, az_member(r, v, STR("ruleGroups"))) ||
			az_given(r, az_member(r, v, STR("ruleCollectionAppliesToGroups")));

	admin_rule(r, v, id, in_force);
}

/* An entry of the effective rules of a network; PowerShell's have no id. */
void az_read_effective_admin_rule(struct az_reader *r, uint32_t v)
{
	struct str id = az_text(r, az_member(r, v, STR("id")));
	struct str name = az_text(r, az_member(r, v, STR("displayName")));

	if (!id.len)
		id = az_fmt(r, "adminRules/%.*s#%u", STR_FMT(name), az_line(r, v));
	if (id.ptr)
		admin_rule(r, v, id, true);
}
