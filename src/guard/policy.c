/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/policy.h"
#include "guard/ledger.h"
#include "sensor/integrity.h"
#include "sensor/sensor.h"

/* As detect/actor.c has them. */
static const char *const addresses[] = { "src_ip",      "c-ip",          "IpAddress",
					 "SourceIp",    "SourceAddress", "ClientIP",
					 "remote_addr", "client.ip",     "source.ip" };
static const char *const accounts[] = { "target_user", "user",        "TargetUserName",
					"User",        "cs-username", "user.name" };

/* As events/field.h has them. */
#define LOGIN_PORT "src_port"
#define LOGIN_KEY "key_fingerprint"

static bool is_address(struct str name)
{
	for (size_t i = 0; i < COUNT(addresses); i++)
		if (str_eq(name, str_of(addresses[i])))
			return true;
	return false;
}

static bool has_tag(const struct rule *r, struct str prefix)
{
	for (size_t i = 0; i < r->n_tags; i++)
		if (str_istarts(r->tags[i], prefix))
			return true;
	return false;
}

/* ---- [bans] after: a correlation more ------------------------------------------------- */

static const struct rule_text *text_of(const struct rule_text *texts, size_t n, struct arena *a,
				       struct str rule)
{
	struct str line = arena_fmt(a, "\nname: %.*s\n", STR_FMT(rule));

	for (size_t i = 0; line.ptr && i < n; i++)
		if (str_contains(texts[i].text, line))
			return &texts[i];
	return NULL;
}

/* The field that other correlations of the rule group by. */
static const char *address_of(const struct rule_text *texts, size_t n, struct arena *a,
			      struct str rule)
{
	struct str reference = arena_fmt(a, "- %.*s\n", STR_FMT(rule));

	for (size_t k = 0; reference.ptr && k < n; k++) {
		if (!str_contains(texts[k].text, reference))
			continue;
		for (size_t i = 0; i < COUNT(addresses); i++) {
			struct str item = arena_fmt(a, "- %s\n", addresses[i]);

			if (item.ptr && str_contains(texts[k].text, item))
				return addresses[i];
		}
	}
	return addresses[0];
}

static int add_after(const struct config_after *after, size_t number, const struct rule_text *texts,
		     size_t n, struct arena *a, struct rule_text *ret, struct diag *d)
{
	const struct rule_text *t = text_of(texts, n, a, after->rule);
	struct str login = STR(""), text;
	const char *field;

	if (!t)
		return diag_set(d, -EINVAL, NULL, 0, "after: there is no rule '%.*s'",
				STR_FMT(after->rule));
	field = address_of(texts, n, a, after->rule);
	if (str_ends(after->rule, STR("_login_failed"))) {
		struct str name = str_sub(after->rule, 0, after->rule.len - strlen("_failed"));

		if (text_of(texts, n, a, name))
			login = arena_fmt(a, "holdfast:\n    forgiven-by: %.*s\n    same: user\n",
					  STR_FMT(name));
	}
	text = arena_fmt(a,
			 "title: %u of %.*s in %u s\n"
			 "id: 8a1f6c1e-0000-4000-8000-%012zx\n"
			 "name: after_%u_%.*s\n"
			 "status: stable\n"
			 "description: Asked for in the configuration\n"
			 "author: Holdfast\n"
			 "tags:\n    - attack.credential-access\n    - attack.t1110\n"
			 "correlation:\n    type: event_count\n    rules:\n        - %.*s\n"
			 "    group-by:\n        - %s\n    timespan: %us\n"
			 "    condition:\n        gte: %u\n%.*s"
			 "level: high\n",
			 after->count, STR_FMT(after->rule), after->seconds, number, after->count,
			 STR_FMT(after->rule), STR_FMT(after->rule), field, after->seconds,
			 after->count, STR_FMT(login));
	if (!text.ptr)
		return -ENOMEM;
	*ret = (struct rule_text){ text, STR("guard.conf") };
	return 0;
}

/* ---- what rules do --------------------------------------------------------------------- */

static const struct config_rule *deed_of(const struct guard_config *c, const struct rule *r)
{
	for (size_t i = c->n_deeds; i--;)
		if (str_eq(c->deeds[i].name, r->name) || str_eq(c->deeds[i].name, r->id))
			return &c->deeds[i];
	return NULL;
}

/*
 * A correlation about one address bans; who got in after many attempts is for a person to look at:
 * it may be the owner who remembered the password late.
 */
static enum config_deed default_deed(const struct guard_config *c, const struct rule *r, bool group)
{
	if (r->type != CORRELATION_NONE && group && r->level >= c->ban_level &&
	    has_tag(r, STR("attack.")) && !has_tag(r, STR("attack.t1078")))
		return DEED_BAN;
	return r->level >= c->alert_level ? DEED_ALERT : DEED_IGNORE;
}

static uint8_t group_of(const struct rule *r)
{
	for (size_t i = 0; i < r->n_group_by && i < UINT8_MAX - 1; i++)
		if (is_address(r->group_by[i]))
			return (uint8_t)(i + 1);
	for (size_t i = 0; i < r->n_aliases; i++)
		for (size_t k = 0; k < r->n_group_by && k < UINT8_MAX - 1; k++)
			if (str_eq(r->aliases[i].name, r->group_by[k]) &&
			    (str_contains(r->group_by[k], STR("ip")) ||
			     str_contains(r->group_by[k], STR("addr"))))
				return (uint8_t)(k + 1);
	return 0;
}

/* A banned address that comes back has as many attempts as it had the first time. */
static void weigh(struct policy *p, const struct rule *r)
{
	uint64_t attempts = MAX(r->condition.low, 1);

	if (r->type != CORRELATION_EVENT_COUNT && r->type != CORRELATION_VALUE_COUNT)
		return;
	for (size_t i = 0; i < r->n_rules; i++) {
		uint8_t *w = &p->weight[r->rules[i]->index];
		uint64_t weight = (LEDGER_WEIGHT_MAX + attempts - 1) / attempts;

		if (r->rules[i]->type == CORRELATION_NONE)
			*w = (uint8_t)MAX(*w, weight);
	}
}

static void keep(struct policy *p, uint16_t field)
{
	if (field && field < p->n_names)
		p->kept[field] = true;
}

static void keep_fields(struct policy *p, const struct rule *r)
{
	for (size_t i = 0; i < r->n_group_by; i++)
		keep(p, r->group_fields[i]);
	for (size_t i = 0; i < r->n_aliases; i++)
		for (size_t k = 0; k < r->n_rules; k++)
			keep(p, r->aliases[i].fields[k]);
	for (size_t i = 0; i < r->value_fields.n; i++)
		keep(p, r->value_fields.list[i]);
	for (size_t i = 0; i < r->forgiven_same.n; i++)
		keep(p, r->forgiven_same.list[i]);
}

static int judge_rules(struct policy *p, const struct guard_config *c)
{
	const struct rules *rules = hunt_rules(p->hunt);

	p->n_rules = rules_count(rules);
	p->n_names = (size_t)UINT16_MAX + 1;
	p->deeds = arena_alloc(&p->arena, p->n_rules + 1);
	p->group = arena_alloc(&p->arena, p->n_rules + 1);
	p->weight = arena_alloc(&p->arena, p->n_rules + 1);
	p->login = arena_array(&p->arena, p->n_rules + 1, sizeof *p->login);
	p->kept = arena_array(&p->arena, p->n_names, sizeof *p->kept);
	if (!p->deeds || !p->group || !p->weight || !p->login || !p->kept)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct rule *r = rules_get(rules, i);
		const struct config_rule *named = deed_of(c, r);

		p->group[i] = group_of(r);
		p->deeds[i] = (uint8_t)(named ? named->deed : default_deed(c, r, p->group[i]));
		if (p->deeds[i] == DEED_BAN)
			weigh(p, r);
		keep_fields(p, r);
		if (r->forgiven_by)
			p->login[r->forgiven_by->index] = true;
	}
	return 0;
}

static int check_deeds(const struct policy *p, const struct guard_config *c, struct diag *d)
{
	const struct rules *rules = hunt_rules(p->hunt);

	for (size_t k = 0; k < c->n_deeds; k++) {
		bool found = false;

		for (size_t i = 0; !found && i < p->n_rules; i++) {
			const struct rule *r = rules_get(rules, i);

			found = str_eq(r->name, c->deeds[k].name) ||
				str_eq(r->id, c->deeds[k].name);
		}
		if (!found)
			return diag_set(d, -EINVAL, NULL, 0, "there is no rule '%.*s'",
					STR_FMT(c->deeds[k].name));
	}
	return 0;
}

static void find_fields(struct policy *p)
{
	const struct names *names = hunt_names(p->hunt);

	for (size_t i = 0; i < COUNT(addresses) && p->n_address < COUNT(p->address); i++) {
		uint16_t field = names_find(names, str_of(addresses[i]));

		if (field) {
			p->address[p->n_address++] = field;
			keep(p, field);
		}
	}
	for (size_t i = 0; i < COUNT(accounts) && p->n_account < COUNT(p->account); i++) {
		uint16_t field = names_find(names, str_of(accounts[i]));

		if (field)
			p->account[p->n_account++] = field;
	}
	p->port = names_find(names, STR(LOGIN_PORT));
	p->key = names_find(names, STR(LOGIN_KEY));
}

/* What sensors tell, and which connection a login is of, whether a rule asks for it or not. */
static int add_fields(struct names *names)
{
	int r = sensors_fields(names);

	uint16_t field;

	if (r >= 0)
		r = names_add(names, STR(LOGIN_PORT), &field);
	if (r >= 0)
		r = names_add(names, STR(LOGIN_KEY), &field);
	return r < 0 ? r : fim_fields(names);
}

int policy_new(const struct guard_config *c, const struct rule_text *texts, size_t n,
	       rule_fn *report, void *user, struct policy *ret, struct diag *d)
{
	own(policy_release) struct policy p = { .arena = { .limit = (size_t)64 << 20 } };
	struct hunt_options o = { .memory = (size_t)c->memory << 20,
				  .since = INT64_MIN,
				  .until = INT64_MAX,
				  .no_actors = true,
				  .fields = add_fields };
	struct rule_text *all = arena_array(&p.arena, n + c->n_after + 1, sizeof *all);
	int r = all ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	memcpy(all, texts, n * sizeof *all);
	for (size_t i = 0; r >= 0 && i < c->n_after; i++)
		r = add_after(&c->after[i], i, texts, n, &p.arena, &all[n + i], d);
	if (r >= 0)
		r = hunt_new(all, n + c->n_after, STR(""), report, user, &o, &p.hunt);
	if (r >= 0)
		r = judge_rules(&p, c);
	if (r >= 0)
		r = check_deeds(&p, c, d);
	if (r < 0)
		return r;
	find_fields(&p);
	*ret = take(p);
	return 0;
}

void policy_release(struct policy *p)
{
	hunt_release(&p->hunt);
	arena_release(&p->arena);
	*p = (struct policy){};
}

bool policy_event_address(const struct policy *p, const struct event *e, struct prefix *ret)
{
	for (size_t i = 0; i < p->n_address; i++) {
		const struct event_value *v = event_get(e, p->address[i]);

		if (v && prefix_parse(event_text(e, v), ret) >= 0)
			return true;
	}
	return false;
}

bool policy_alert_address(const struct policy *p, const struct alert *a, struct prefix *ret)
{
	uint8_t group = p->group[a->rule->index];

	if (group && a->group && prefix_parse(a->group[group - 1], ret) >= 0)
		return true;
	return a->rule->type == CORRELATION_NONE && policy_event_address(p, a->event, ret);
}

struct str policy_event_account(const struct policy *p, const struct event *e)
{
	for (size_t i = 0; i < p->n_account; i++) {
		const struct event_value *v = event_get(e, p->account[i]);

		if (v && v->type != VALUE_NULL)
			return event_text(e, v);
	}
	return STR("");
}

static struct str event_field(const struct event *e, uint16_t field)
{
	const struct event_value *v = field ? event_get(e, field) : NULL;

	return v && v->type != VALUE_NULL ? event_text(e, v) : STR("");
}

uint16_t policy_event_port(const struct policy *p, const struct event *e)
{
	uint64_t port;

	if (str_to_u64(event_field(e, p->port), 10, &port) < 0 || port > UINT16_MAX)
		return 0;
	return (uint16_t)port;
}

struct str policy_event_key(const struct policy *p, const struct event *e)
{
	return event_field(e, p->key);
}
