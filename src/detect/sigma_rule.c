/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_rule: what a document says about itself, and which of the three kinds it is. */
#include <stdarg.h>
#include <stdio.h>

#include "detect/sigma.h"

#define NAME_MAX_LEN 256

int sigma_bad(struct sigma *s, const struct tree *at, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	if (s->diag && !s->diag->reason[0])
		s->diag->column = at->column;
	return diag_set(s->diag, -EINVAL, "", at->line, "%s", reason);
}

int sigma_name(struct sigma *s, const struct tree *at, struct str name, uint16_t *ret)
{
	char *text = arena_alloc(s->arena, name.len + 1);
	size_t n = 0;
	int r;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != ' ')
			text[n++] = name.ptr[i];
	if (!n || n > NAME_MAX_LEN)
		return sigma_bad(s, at, n ? "a name of more than %d bytes" : "a name is missing",
				 NAME_MAX_LEN);
	r = names_add(s->names, (struct str){ text, n }, ret);
	return r == -E2BIG ? sigma_bad(s, at, "there are too many names of fields") : r;
}

int sigma_names(struct sigma *s, const struct tree *t, struct sigma_name **ret, size_t *ret_n)
{
	size_t n = t->kind == TREE_LIST ? t->n : 1;
	struct sigma_name *list = arena_array(s->arena, n + 1, sizeof *list);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct tree *one = t->kind == TREE_LIST ? t->items[i] : t;

		if (one->kind != TREE_SCALAR || !one->text.len)
			return sigma_bad(s, one, "a name is missing");
		list[i] = (struct sigma_name){ one->text, one->line, one->column };
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

/* Text that only people read: whatever it is, it is no reason to refuse the rule. */
static struct str text_of(const struct tree *t, const char *key)
{
	const struct tree *value = tree_get(t, str_of(key));

	return value && value->kind == TREE_SCALAR ? value->text : STR("");
}

static int read_level(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *level = tree_get(t, STR("level"));
	int found = level ? rule_level_find(level->text) : LEVEL_MEDIUM;

	if (found < 0)
		return sigma_bad(s, level,
				 "level must be informational, low, medium, high or "
				 "critical");
	ret->level = (enum rule_level)found;
	return 0;
}

static int read_tags(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *tags = tree_get(t, STR("tags"));
	size_t n = tags && tags->kind == TREE_LIST ? tags->n : 0;

	ret->tags = arena_array(s->arena, n + 1, sizeof *ret->tags);
	if (!ret->tags)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (tags->items[i]->kind == TREE_SCALAR)
			ret->tags[ret->n_tags++] = tags->items[i]->text;
	return 0;
}

static int read_fields(struct sigma *s, const struct tree *t, struct rule *ret)
{
	const struct tree *fields = tree_get(t, STR("fields"));
	size_t n = fields && fields->kind == TREE_LIST ? fields->n : 0;

	ret->fields.list = arena_array(s->arena, n + 1, sizeof *ret->fields.list);
	if (!ret->fields.list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct tree *one = fields->items[i];
		int r = sigma_name(s, one, one->text, ret->fields.list + ret->fields.n++);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_about(struct sigma *s, const struct tree *t, struct rule *ret)
{
	int r = read_level(s, t, ret);

	ret->title = text_of(t, "title");
	ret->id = text_of(t, "id");
	ret->name = text_of(t, "name");
	ret->description = text_of(t, "description");
	ret->status = text_of(t, "status");
	ret->author = text_of(t, "author");
	ret->line = t->line;
	if (r == 0 && !ret->title.len)
		return sigma_bad(s, t, "title is missing");
	if (r == 0)
		r = read_tags(s, t, ret);
	return r < 0 ? r : read_fields(s, t, ret);
}

static int read_source(struct sigma *s, const struct tree *t, struct log_source *ret)
{
	const struct tree *source = tree_get(t, STR("logsource"));
	const struct {
		const char *name;
		uint16_t *ret;
	} parts[] = {
		{"product",   &ret->product },
		{ "service",  &ret->service },
		{ "category", &ret->category},
	};
	bool any = false;

	if (!source || source->kind != TREE_MAP)
		return sigma_bad(s, source ? source : t, "logsource is missing or no map");
	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct tree *value = tree_get(source, str_of(parts[i].name));
		int r;

		if (!value || tree_is_null(value))
			continue;
		if (value->kind != TREE_SCALAR)
			return sigma_bad(s, value, "%s must be text", parts[i].name);
		r = sigma_name(s, value, value->text, parts[i].ret);
		if (r < 0)
			return r;
		any = true;
	}
	if (!any)
		return sigma_bad(s, source, "logsource names no product, service or category");
	return 0;
}

static int read_detection(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *detection = tree_get(t, STR("detection"));
	const struct tree *condition = tree_get(detection, STR("condition"));
	int r = read_source(s, t, &ret->rule.source);

	if (r < 0)
		return r;
	if (!detection || detection->kind != TREE_MAP)
		return sigma_bad(s, detection ? detection : t, "detection is missing or no map");
	if (!condition)
		return sigma_bad(s, detection, "condition is missing");
	if (tree_get(detection, STR("timeframe")))
		ret->rule.note = STR("timeframe without a correlation has no effect");
	return sigma_condition(s, detection, condition, &ret->condition);
}

/* pySigma's own filters say what is to stay ("not adm"), the specification's what is to go. */
static bool keeps(const struct expr *x)
{
	if (x->op != EXPR_AND)
		return x->op == EXPR_NOT;
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i]->op != EXPR_NOT)
			return false;
	return true;
}

int sigma_filter(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	const struct tree *filter = tree_get(t, STR("filter"));
	const struct tree *rules = tree_get(filter, STR("rules"));
	const struct tree *condition = tree_get(filter, STR("condition"));
	struct tree rest;
	int r = read_source(s, t, &ret->rule.source);

	if (r < 0)
		return r;
	if (filter->kind != TREE_MAP || !rules || !condition)
		return sigma_bad(s, filter, "a filter has rules, a selection and a condition");
	rest = *filter;
	rest.n = 0;
	rest.keys = arena_array(s->arena, filter->n, sizeof *rest.keys);
	rest.items = arena_array(s->arena, filter->n, sizeof *rest.items);
	if (!rest.keys || !rest.items)
		return -ENOMEM;
	for (size_t i = 0; i < filter->n; i++)
		if (filter->items[i] != rules) {
			rest.keys[rest.n] = filter->keys[i];
			rest.items[rest.n++] = filter->items[i];
		}
	r = sigma_condition(s, &rest, condition, &ret->condition);
	if (r == 0 && keeps(ret->condition) && !(ret->condition = sigma_not(s, ret->condition)))
		r = -ENOMEM;
	if (r == 0)
		r = sigma_names(s, rules, &ret->rules, &ret->n_rules);
	if (r == 0)
		ret->any_rule = ret->n_rules == 0 ||
				(ret->n_rules == 1 && (str_ieq(ret->rules[0].text, STR("any")) ||
						       str_ieq(ret->rules[0].text, STR("all"))));
	return r;
}

int sigma_read(struct sigma *s, const struct tree *t, struct sigma_document *ret)
{
	struct sigma_document doc = {};
	const struct tree *taxonomy = tree_get(t, STR("taxonomy"));
	int r;

	s->n_atoms = 0;
	if (t->kind != TREE_MAP)
		return sigma_bad(s, t, "a rule is a map");
	if (tree_get(t, STR("action")))
		return sigma_bad(s, t, "\"action\" belongs to Sigma before version 2");
	if (taxonomy && !str_eq(taxonomy->text, STR("sigma")))
		return sigma_bad(s, taxonomy, "the taxonomy %.*s is not known",
				 STR_FMT(taxonomy->text));
	r = read_about(s, t, &doc.rule);
	if (r < 0)
		return r;
	if (tree_get(t, STR("correlation"))) {
		doc.type = SIGMA_CORRELATION;
		r = sigma_correlation(s, t, &doc);
	} else if (tree_get(t, STR("filter"))) {
		doc.type = SIGMA_FILTER;
		r = sigma_filter(s, t, &doc);
	} else {
		r = read_detection(s, t, &doc);
	}
	if (r == 0)
		*ret = doc;
	return r;
}
