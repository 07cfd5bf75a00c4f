/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/cloud_exposure.h"
#include "facts/azure/reach_repair.h"

static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{"tcp",  6 },
	{ "udp", 17},
};

static enum internet internet_of(enum nsg_internet i)
{
	return i == NSG_OPEN ? INTERNET_YES : i == NSG_CLOSED ? INTERNET_NO : INTERNET_UNKNOWN;
}

static const char *verdict_word(enum nsg_verdict v)
{
	return v == NSG_DENY ? "drop" : v == NSG_UNDECIDED ? "perhaps" : "accept";
}

static int describe(const struct nsg_rule *n, struct arena *a, struct exposure_rule *ret)
{
	*ret = (struct exposure_rule){
		.id = n->id,
		.file = n->file,
		.line = n->line,
		.verdict = verdict_word(n->verdict),
		.unknown = n->unknown.ptr ? n->unknown : STR(""),
	};
	return reach_rule_text(n, a, &ret->text);
}

/* Addresses at which the target is known in public, separated by commas. */
static int public_addresses(const struct reach_host *h, struct arena *a, struct str *ret)
{
	struct str all = STR("");

	for (size_t i = 0; i < h->n; i++) {
		struct str ip = h->ways[i].public_ip;

		if (!ip.len)
			continue;
		all = all.len ? arena_cat(a, all, STR(", "), ip) : ip;
		if (!all.ptr)
			return -ENOMEM;
	}
	*ret = all;
	return 0;
}

static struct str first_unknown(const struct reach_host *h, const struct exposure *e)
{
	for (size_t i = 0; i < e->n_rules; i++)
		if (e->rules[i].decides && e->rules[i].unknown.len)
			return e->rules[i].unknown;
	for (size_t i = 0; i < h->n; i++)
		if (h->ways[i].unknown.len)
			return h->ways[i].unknown;
	return STR("");
}

static int fill(const struct reach_host *h, const struct reach_answer *x, struct arena *a,
		struct exposure *ret)
{
	struct exposure e = {
		.resource = h->target.item->name.len ? h->target.item->name : h->target.item->id,
		.protocol = x->protocol == 17 ? STR("udp") : STR("tcp"),
		.first = x->first,
		.last = x->last,
		.interface = STR(""),
		.service = STR(""),
		.process = STR(""),
		.path = STR(""),
		.unit = STR(""),
		.package = STR(""),
		.authentication = STR(""),
		.file = STR(""),
		.bound = STR(""),
		.unknown = STR(""),
		.fix = STR(""),
		.origin = "azure",
		.severity = "",
		.internet = internet_of(x->internet),
	};
	int r = public_addresses(h, a, &e.address);

	if (r >= 0)
		r = reach_sources(h, x, a, &e.must, &e.may);
	if (r >= 0)
		*ret = e;
	return r;
}

static int add_deciding(const struct reach_host *h, const struct reach_answer *x, struct arena *a,
			struct exposure *e)
{
	struct reach_step *steps;
	size_t n;
	int r = reach_deciding(h, x, a, &steps, &n);

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct exposure_rule rule;

		r = describe(steps[i].rule, a, &rule);
		rule.decides = steps[i].deciding;
		if (r >= 0)
			r = arena_push(a, e->rules, e->n_rules, e->cap_rules, rule);
	}
	return r;
}

/* Proved by evaluating the changed rules. */
static int add_fix(const struct reach *reach, size_t target, const struct reach_answer *x,
		   struct cloud_keep *keep, struct arena *a, struct exposure *e)
{
	struct reach_repair repair;
	int r;

	if (!keep->fixes || (e->internet != INTERNET_UNKNOWN && !reach_is_wide(&e->must)))
		return 0;
	keep->fixes--;
	r = reach_repair(reach, target, x, keep->prefixes, a, &repair);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < repair.n; i++) {
		e->fix = i ? arena_cat(a, e->fix, STR(" && "), repair.commands[i])
			   : repair.commands[i];
		if (!e->fix.ptr)
			return -ENOMEM;
	}
	return 0;
}

int cloud_exposures(const struct reach *reach, size_t target, struct cloud_keep *keep,
		    struct arena *a, struct exposures *ret)
{
	struct reach_host h;
	int r = reach_host(reach, target, a, &h);

	for (size_t p = 0; r >= 0 && p < COUNT(protocols); p++) {
		struct reach_answer *answers = NULL;
		size_t n = 0;

		r = reach_map(&h, protocols[p].number, a, &answers, &n);
		for (size_t i = 0; r >= 0 && i < n; i++) {
			struct exposure e;

			r = fill(&h, &answers[i], a, &e);
			if (r >= 0)
				r = add_deciding(&h, &answers[i], a, &e);
			if (r >= 0 && e.internet == INTERNET_UNKNOWN)
				e.unknown = first_unknown(&h, &e);
			if (r >= 0)
				r = add_fix(reach, target, &answers[i], keep, a, &e);
			if (r >= 0)
				r = arena_push(a, ret->list, ret->n, ret->cap, e);
		}
	}
	return r;
}

static bool is_deciding(const struct reach_step *steps, size_t n, const struct nsg_rule *rule)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].rule == rule && steps[i].deciding)
			return true;
	return false;
}

/* Every rule that a packet for the port meets, way by way. */
static int add_steps(const struct reach_host *h, const struct reach_answer *x, struct arena *a,
		     struct exposure *e)
{
	struct reach_step *deciding;
	size_t n_deciding;
	int r = reach_deciding(h, x, a, &deciding, &n_deciding);

	for (size_t w = 0; r >= 0 && w < h->n; w++) {
		struct nsg_step *steps = NULL;
		size_t n = 0;

		if (!h->ways[w].g)
			continue;
		r = reach_why(&h->ways[w], x->protocol, x->first, a, &steps, &n);
		for (size_t i = 0; r >= 0 && i < n; i++) {
			const struct nsg_rule *rule = nsg_rule(h->ways[w].g, steps[i].rule, NULL);
			struct exposure_rule record;

			r = describe(rule, a, &record);
			record.sources = steps[i].set;
			record.decides = is_deciding(deciding, n_deciding, rule);
			if (r >= 0)
				r = arena_push(a, e->rules, e->n_rules, e->cap_rules, record);
		}
	}
	return r;
}

int cloud_exposure_port(const struct reach *reach, size_t target, struct str protocol,
			uint16_t port, struct cloud_keep *keep, struct arena *a,
			struct exposure *ret)
{
	struct reach_answer answer;
	struct reach_host h;
	struct exposure e;
	int r = reach_host(reach, target, a, &h);

	if (r >= 0)
		r = reach_ports(&h, str_eq(protocol, STR("udp")) ? 17 : 6, &port, 1, a, &answer);
	if (r >= 0)
		r = fill(&h, &answer, a, &e);
	if (r >= 0)
		r = add_steps(&h, &answer, a, &e);
	if (r >= 0)
		r = add_fix(reach, target, &answer, keep, a, &e);
	if (r < 0)
		return r;
	if (e.internet == INTERNET_UNKNOWN)
		e.unknown = first_unknown(&h, &e);
	*ret = e;
	return 0;
}
