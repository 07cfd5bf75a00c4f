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
	rule->name = az_fmt(r, "#%u", n);
	rule->id = az_cat(r, nsg, STR("/securityRules/"), rule->name);
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

static bool has_rule(const struct az_rules *rules, uint32_t n, struct str id)
{
	for (uint32_t i = 0; i < n; i++)
		if (str_ieq(rules->list[i].id, id))
			return true;
	return false;
}

/* known: so many rules of the list count, where the file has them again. */
static void add_rules(struct az_reader *r, uint32_t v, struct str nsg,
		      const struct az_rule_reader *how, uint32_t known, struct az_rules *rules)
{
	if (az_type(r, v) == J_NULL)
		return;
	if (az_type(r, v) != J_ARRAY) {
		rules->unknown = true;
		return;
	}
	if (!room(r, v, jdoc_count(r->doc, v), rules) || !rules->list)
		return;
	jdoc_each(r->doc, v, element) {
		struct az_rule *rule = &rules->list[rules->n];

		if (az_type(r, element) != J_OBJECT) {
			rules->unknown = true;
			continue;
		}
		az_rule_read(r, element, how, nsg, rule);
		if (has_rule(rules, known, rule->id))
			continue;
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

/*
 * Azure refuses a template that makes one resource twice, unless conditions choose: then each is
 * an NSG of its own here. The first is the one that others mean.
 */
static struct str own_id(struct az_reader *r, uint32_t v, struct str id)
{
	uint32_t at = az_find(r, AZ_KIND_NSG, id);
	const struct az_item *item = at == AZ_NONE ? NULL : &r->m->nsgs[at].item;

	if (!item || !r->planned || !item->seen || item->file != r->file || item->maybe || r->maybe)
		return id;
	az_problem(r, v, "the template makes this NSG twice");
	return az_fmt(r, "%.*s#%u", STR_FMT(id), az_line(r, v));
}

static void forget(struct az_nsg *nsg)
{
	nsg->rules = nsg->defaults = (struct az_rules){};
	nsg->subnets = nsg->nics = (struct az_refs){};
}

void az_read_nsg(struct az_reader *r, uint32_t v, struct str id)
{
	enum az_before before;
	struct az_nsg *nsg = az_describe(r, AZ_KIND_NSG, v, own_id(r, v, id), &before);
	struct az_fields fields = AZ_FIELDS_OF(f);
	uint32_t found[f_n], known = 0;

	if (!nsg)
		return;
	az_fields(r, v, &fields, found);
	if (before == AZ_OTHER_FILE)
		az_problem(r, v, "this NSG is in another file, too: these rules count");
	if (before == AZ_OTHER_FILE || (before == AZ_SAME_FILE && !r->planned))
		forget(nsg);
	/* Rules that are resources of their own may have come before their NSG. */
	if (before == AZ_FIRST) {
		nsg->rules.unknown = false;
		known = nsg->rules.n;
	}
	add_rules(r, found[f_securityRules], id, &custom, known, &nsg->rules);
	add_rules(r, found[f_defaultSecurityRules], id, &defaults, 0, &nsg->defaults);
	if (!r->planned && az_type(r, found[f_securityRules]) == J_NULL)
		nsg->rules.unknown = true;
	if (nsg->rules.unknown)
		tell_why(r, nsg, found[f_securityRules]);
	/* One of two branches is deployed: each rule is there or is not. */
	for (uint32_t i = 0; r->planned && before == AZ_SAME_FILE && i < nsg->rules.n; i++)
		nsg->rules.list[i].maybe = true;
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
