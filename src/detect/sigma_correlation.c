/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_correlation: the correlation section (correlation rules specification v2.1.0). */
#include "detect/sigma.h"

#define RULES_MAX 256

static const struct {
	const char *name;
	enum correlation_type type;
} types[] = {
	{"event_count",       CORRELATION_EVENT_COUNT     },
	{ "value_count",      CORRELATION_VALUE_COUNT     },
	{ "temporal",         CORRELATION_TEMPORAL        },
	{ "temporal_ordered", CORRELATION_TEMPORAL_ORDERED},
};

static int read_type(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *type = tree_get(t, STR("type"));

	for (size_t i = 0; type && i < COUNT(types); i++)
		if (str_eq(type->text, str_of(types[i].name))) {
			ret->type = types[i].type;
			return 0;
		}
	return sigma_bad(s, type ? type : t,
			 "type must be event_count, value_count, temporal or temporal_ordered");
}

/* "15m" in microseconds. */
static int read_span(struct sigma *s, const struct tree *span, const char *name, int64_t *ret)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {
		{'s',  1    },
                { 'm', 60   },
                { 'h', 3600 },
                { 'd', 86400}
	};
	struct str text = span->text;
	int64_t n = 0;

	for (size_t i = 0; text.len && i < COUNT(units); i++)
		if (text.ptr[text.len - 1] == units[i].letter &&
		    str_to_int64(str_sub(text, 0, text.len - 1), &n) == 0 && n > 0 &&
		    n <= INT32_MAX && !__builtin_mul_overflow(n, units[i].seconds * 1'000'000, ret))
			return 0;
	return sigma_bad(s, span, "%s must be a number and s, m, h or d", name);
}

static int read_timespan(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *span = tree_get(t, STR("timespan"));

	if (!span || span->kind != TREE_SCALAR)
		return sigma_bad(s, t, "timespan is missing");
	return read_span(s, span, "timespan", &ret->timespan);
}

static int bound(struct sigma *s, const struct tree *key, const struct tree *value,
		 struct correlation_condition *c)
{
	int64_t signed_n;
	uint64_t n;

	if (str_to_int64(value->text, &signed_n) < 0 || signed_n < 0)
		return sigma_bad(s, value, "a count must be a number from 0 on");
	n = (uint64_t)signed_n;
	if (str_eq(key->text, STR("gte")))
		c->low = MAX(c->low, n);
	else if (str_eq(key->text, STR("gt")))
		c->low = MAX(c->low, n + 1);
	else if (str_eq(key->text, STR("lte")))
		c->high = MIN(c->high, n);
	else if (str_eq(key->text, STR("lt")) && n)
		c->high = MIN(c->high, n - 1);
	else if (str_eq(key->text, STR("eq")) || str_eq(key->text, STR("neq")))
		*c = (struct correlation_condition){ n, n, key->text.ptr[0] == 'n' };
	else
		return sigma_bad(s, key, "condition takes gt, gte, lt, lte, eq, neq%s",
				 str_eq(key->text, STR("lt")) ? " (less than 0 is never)"
							      : " and field");
	return 0;
}

static int read_value_fields(struct sigma *s, const struct tree *t, struct rule *ret)
{
	struct sigma_name *names = NULL;
	size_t n = 0;
	int r = sigma_names(s, t, &names, &n);

	if (r == 0 && !(ret->value_fields.list = arena_array(s->arena, n + 1, sizeof(uint16_t))))
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = sigma_name(s, t, names[i].text, ret->value_fields.list + ret->value_fields.n++);
	if (r == 0 && n)
		ret->value_field = ret->value_fields.list[0];
	return r;
}

static int read_condition(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *condition = tree_get(t, STR("condition"));
	bool temporal =
		ret->type == CORRELATION_TEMPORAL || ret->type == CORRELATION_TEMPORAL_ORDERED;
	unsigned bounds = 0;
	int r = 0;

	ret->condition = (struct correlation_condition){ .high = UINT64_MAX };
	for (size_t i = 0; r == 0 && condition && condition->kind == TREE_MAP && i < condition->n;
	     i++) {
		const struct tree *key = condition->keys[i], *value = condition->items[i];

		if (str_eq(key->text, STR("field"))) {
			r = read_value_fields(s, value, ret);
			continue;
		}
		r = bound(s, key, value, &ret->condition);
		bounds++;
	}
	if (r < 0)
		return r;
	if (condition && condition->kind != TREE_MAP)
		return sigma_bad(s, condition, "condition must be a map, such as gte: 10");
	if (!bounds && !temporal)
		return sigma_bad(s, condition ? condition : t, "condition is missing");
	if (ret->condition.low > ret->condition.high)
		return sigma_bad(s, condition, "condition can never be true");
	if (ret->type == CORRELATION_VALUE_COUNT && !ret->value_fields.n)
		return sigma_bad(s, condition, "value_count needs the field that it counts");
	if (temporal && !bounds)
		ret->condition.low = ret->n_rules;
	return 0;
}

static int read_alias(struct sigma *s, const struct tree *name, const struct tree *map,
		      struct sigma_alias *ret)
{
	if (map->kind != TREE_MAP || !map->n)
		return sigma_bad(s, map, "an alias maps rules to fields");
	*ret = (struct sigma_alias){ .name = name->text,
				     .rules = arena_array(s->arena, map->n, sizeof *ret->rules),
				     .fields = arena_array(s->arena, map->n, sizeof *ret->fields),
				     .n = map->n };
	if (!ret->rules || !ret->fields)
		return -ENOMEM;
	for (size_t i = 0; i < map->n; i++) {
		int r = sigma_name(s, map->items[i], map->items[i]->text, ret->fields + i);

		if (r < 0)
			return r;
		ret->rules[i] = (struct sigma_name){ map->keys[i]->text, map->keys[i]->line,
						     map->keys[i]->column };
	}
	return 0;
}

static int read_aliases(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *aliases = tree_get(t, STR("aliases"));

	if (!aliases || tree_is_null(aliases))
		return 0;
	if (aliases->kind != TREE_MAP)
		return sigma_bad(s, aliases, "aliases must be a map");
	ret->aliases = arena_array(s->arena, aliases->n + 1, sizeof *ret->aliases);
	if (!ret->aliases)
		return -ENOMEM;
	for (size_t i = 0; i < aliases->n; i++) {
		int r = read_alias(s, aliases->keys[i], aliases->items[i], ret->aliases + i);

		if (r < 0)
			return r;
	}
	ret->n_aliases = aliases->n;
	return 0;
}

static bool is_alias(const struct sigma_document *doc, struct str name)
{
	for (size_t i = 0; i < doc->n_aliases; i++)
		if (str_eq(doc->aliases[i].name, name))
			return true;
	return false;
}

static int read_groups(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *groups = tree_get(t, STR("group-by"));
	struct sigma_name *names = NULL;
	struct rule *rule = &ret->rule;
	size_t n = 0;
	int r = 0;

	if (groups && !tree_is_null(groups))
		r = sigma_names(s, groups, &names, &n);
	if (r < 0)
		return r;
	rule->group_by = arena_array(s->arena, n + 1, sizeof *rule->group_by);
	rule->group_fields = arena_array(s->arena, n + 1, sizeof *rule->group_fields);
	if (!rule->group_by || !rule->group_fields)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++) {
		rule->group_by[i] = names[i].text;
		if (!is_alias(ret, names[i].text))
			r = sigma_name(s, groups, names[i].text, rule->group_fields + i);
	}
	rule->n_group_by = n;
	return r;
}

static int read_reference(struct sigma *s, const struct tree *ours, struct str key,
			  struct sigma_name *ret)
{
	const struct tree *t = tree_get(ours, key);

	if (!t)
		return 0;
	if (t->kind != TREE_SCALAR || !t->text.len)
		return sigma_bad(s, t, "%.*s is the name of a rule", STR_FMT(key));
	*ret = (struct sigma_name){ t->text, t->line, t->column };
	return 0;
}

static int read_asked(struct sigma *s, const struct tree *ours, struct str key,
		      struct sigma_name **ret, size_t *ret_n)
{
	const struct tree *t = tree_get(ours, key);
	int r = t ? sigma_names(s, t, ret, ret_n) : 0;

	if (r == 0 && *ret_n > RULE_ASKED_MAX)
		r = sigma_bad(s, t, "%.*s names %d rules at most", STR_FMT(key), RULE_ASKED_MAX);
	return r;
}

/* Holdfast's own attributes, see struct rule. */
static int read_own(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *ours = tree_get(t, STR("holdfast")), *same, *spread, *silent;
	struct rule_field_list *list = &ret->rule.forgiven_same;
	struct sigma_name *names = NULL;
	size_t n = 0;
	int r;

	if (!ours)
		return 0;
	if (ours->kind != TREE_MAP)
		return sigma_bad(s, ours,
				 "holdfast is a map: forgiven-by, same, within, unless, when, "
				 "spread, silent");
	r = read_reference(s, ours, STR("forgiven-by"), &ret->forgiven_by);
	if (r == 0)
		r = read_reference(s, ours, STR("within"), &ret->within);
	if (r == 0)
		r = read_asked(s, ours, STR("unless"), &ret->unless, &ret->n_unless);
	if (r == 0)
		r = read_asked(s, ours, STR("when"), &ret->when, &ret->n_when);
	spread = tree_get(ours, STR("spread"));
	if (r == 0 && spread)
		r = read_span(s, spread, "spread", &ret->rule.spread);
	silent = tree_get(ours, STR("silent"));
	if (r == 0 && silent && str_to_bool(silent->text, &ret->rule.silent) < 0)
		r = sigma_bad(s, silent, "silent must be true or false");
	same = tree_get(ours, STR("same"));
	if (r == 0 && same)
		r = sigma_names(s, same, &names, &n);
	if (r == 0 && !(list->list = arena_array(s->arena, n + 1, sizeof *list->list)))
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = sigma_name(s, same, names[i].text, list->list + list->n++);
	return r;
}

int sigma_correlation(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *c = tree_get(t, STR("correlation")), *rules = tree_get(c, STR("rules"));
	const struct tree *generate = tree_get(c, STR("generate"));
	struct rule *rule = &ret->rule;
	int r;

	if (c->kind != TREE_MAP || !rules)
		return sigma_bad(s, c, "a correlation has a type, rules and a timespan");
	r = read_type(s, c, rule);
	if (r == 0)
		r = sigma_names(s, rules, &ret->rules, &ret->n_rules);
	if (r == 0 && (!ret->n_rules || ret->n_rules > RULES_MAX))
		r = sigma_bad(s, rules, "between 1 and %d rules are possible", RULES_MAX);
	rule->n_rules = ret->n_rules;
	if (r == 0)
		r = read_timespan(s, c, rule);
	if (r == 0)
		r = read_aliases(s, c, ret);
	if (r == 0)
		r = read_groups(s, c, ret);
	if (r == 0)
		r = read_condition(s, c, rule);
	if (r == 0)
		r = read_own(s, t, ret);
	if (!generate) /* where the specification's examples before 2.1 have it */
		generate = tree_get(t, STR("generate"));
	if (r == 0 && generate && str_to_bool(generate->text, &rule->generate) < 0)
		r = sigma_bad(s, generate, "generate must be true or false");
	return r;
}
