/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network security groups, and rules that stand by themselves. */
#include "facts/azure/az_read.h"

/* Azure accepts 1,000 of each kind; what is far beyond is no NSG. */
#define RULES_MAX 10000u

static const struct az_rule_reader custom = { 100, 4096, false };
static const struct az_rule_reader defaults = { 1, 65535, true };

/* clang-format off */
#define NSG_FIELDS(X, p) \
	X(securityRules, p) X(defaultSecurityRules, p) X(subnets, p) \
	X(networkInterfaces, p)
/* clang-format on */
AZ_FIELDS(NSG_FIELDS, f)

static void name_by_place(struct az_reader *r, struct str nsg, uint32_t n, struct az_rule *rule)
{
	if (rule->name.len)
		return;
	rule->name = arena_fmt(r->a, "#%u", n);
	rule->id = arena_cat(r->a, nsg, STR("/securityRules/"), rule->name);
}

static bool room(struct az_reader *r, uint32_t v, size_t more, struct az_rules *rules)
{
	size_t cap = rules->cap, want = rules->n + more;
	struct az_rule *list;

	if (want > RULES_MAX) {
		az_problem(r, v, "more than %u rules", RULES_MAX);
		rules->unknown = true;
		return false;
	}
	if (want <= cap)
		return true;
	/* The first list has just the rules of the file; few come later. */
	cap = cap ? MAX(want, cap * 2) : want;
	list = az_array(r, cap, sizeof *list);
	if (!list)
		return false;
	if (rules->n)
		memcpy(list, rules->list, rules->n * sizeof *list);
	rules->list = list;
	rules->cap = (uint32_t)cap;
	return true;
}

static bool same_texts(const struct az_texts *x, const struct az_texts *y)
{
	if (x->n != y->n || x->unknown || y->unknown)
		return false;
	for (uint32_t i = 0; i < x->n; i++)
		if (!str_ieq(x->list[i], y->list[i]))
			return false;
	return true;
}

/* The rules are one, or x is the same for all protocols. */
static bool covers(const struct az_rule *x, const struct az_rule *y)
{
	return x->priority == y->priority && x->direction == y->direction &&
	       x->access == y->access && !x->protocol_unknown && !y->protocol_unknown &&
	       (str_ieq(x->protocol, y->protocol) || str_eq(x->protocol, STR("*"))) &&
	       same_texts(&x->source, &y->source) && same_texts(&x->destination, &y->destination) &&
	       same_texts(&x->source_ports, &y->source_ports) && same_texts(&x->ports, &y->ports) &&
	       same_texts(&x->source_groups, &y->source_groups) &&
	       same_texts(&x->destination_groups, &y->destination_groups);
}

/* Of the rules that were there before, the one of that id. */
static struct az_rule *find_rule(const struct az_rules *rules, uint32_t before, struct str id)
{
	for (uint32_t i = 0; i < before; i++)
		if (str_ieq(rules->list[i].id, id))
			return &rules->list[i];
	return NULL;
}

/*
 * twice: the file describes the NSG again. One of the two is deployed: a rule that both have is
 * there, any other is there or is not.
 */
static void add_rules(struct az_reader *r, uint32_t v, struct str nsg, bool twice,
		      const struct az_rule_reader *how, struct az_rules *rules)
{
	uint32_t before = rules->n;

	for (uint32_t i = 0; twice && i < before; i++)
		rules->list[i].maybe = true;

	if (az_type(r, v) == J_NULL)
		return;
	if (az_type(r, v) != J_ARRAY) {
		rules->unknown = true;
		return;
	}
	if (!room(r, v, jdoc_count(r->doc, v), rules))
		return;
	jdoc_each(r->doc, v, element)
	{
		struct az_rule *rule = &rules->list[rules->n], *old;

		if (az_type(r, element) != J_OBJECT) {
			rules->unknown = true;
			continue;
		}
		az_rule_read(r, element, how, nsg, rule);
		old = find_rule(rules, before, rule->id);
		/* Rules that were there before, as resources of their own; or in both branches. */
		if (old && (!twice || covers(rule, old))) {
			old->maybe &= !twice;
			if (!twice || covers(old, rule))
				continue;
		}
		rule->maybe |= twice && !(old && covers(old, rule));
		rules->n++;
		name_by_place(r, nsg, rules->n, rule);
		if (r->error)
			return;
	}
}

static void tell_why(struct az_reader *r, struct az_nsg *nsg, uint32_t rules)
{
	nsg->why = az_text(r, rules);
	if (!nsg->why.len)
		nsg->why = STR("its rules are not in the file");
}

void az_read_nsg(struct az_reader *r, uint32_t v, struct str id)
{
	enum az_before before;
	struct az_nsg *nsg = az_describe(r, AZ_KIND_NSG, v, id, &before);
	struct az_fields fields = AZ_FIELDS_OF(f);
	uint32_t found[f_n];

	if (!nsg)
		return;
	az_fields(r, v, &fields, found);
	if (before == AZ_OTHER_FILE) {
		az_problem(r, v, "this NSG is in another file, too: these rules count");
		nsg->rules = nsg->defaults = (struct az_rules){};
		nsg->subnets = nsg->nics = (struct az_refs){};
	}
	/* Rules that are resources of their own may have come before their NSG. */
	if (before == AZ_FIRST)
		nsg->rules.unknown = false;
	add_rules(r, found[f_securityRules], id, before == AZ_SAME_FILE, &custom, &nsg->rules);
	add_rules(r, found[f_defaultSecurityRules], id, false, &defaults, &nsg->defaults);
	if (!r->planned && az_type(r, found[f_securityRules]) == J_NULL)
		nsg->rules.unknown = true;
	if (nsg->rules.unknown)
		tell_why(r, nsg, found[f_securityRules]);
	az_add_refs(r, found[f_subnets], &nsg->subnets);
	az_add_refs(r, found[f_networkInterfaces], &nsg->nics);
}

/* The rule of that id (a list of rules may come beside the list of NSGs), or a new one. */
static struct az_rule *place(struct az_reader *r, uint32_t v, struct str id, struct az_rules *rules)
{
	for (uint32_t i = 0; i < rules->n; i++)
		if (str_ieq(rules->list[i].id, id))
			return &rules->list[i];
	return room(r, v, 1, rules) ? &rules->list[rules->n++] : NULL;
}

/* A rule as a resource of its own: in templates, plans, `az network nsg rule list`. */
void az_read_rule(struct az_reader *r, uint32_t v, struct str id)
{
	struct az_nsg *nsg = az_record(r, AZ_KIND_NSG, az_id_parent(id), NULL);
	bool is_default = az_id_part(id, "defaultSecurityRules").len > 0;
	struct az_rule *rule =
		nsg ? place(r, v, id, is_default ? &nsg->defaults : &nsg->rules) : NULL;

	if (!rule)
		return;
	az_rule_read(r, v, is_default ? &defaults : &custom, nsg->item.id, rule);
	rule->id = id;
	if (r->many) {
		nsg->rules.unknown = true;
		nsg->why = STR("a loop whose length is not known makes rules");
	}
	if (nsg->rules.unknown && !nsg->why.len)
		nsg->why = STR("the NSG itself is not in the files");
}
