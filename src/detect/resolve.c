/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/resolve.h"
#include "detect/correlate.h"

#define CHAIN_MAX 16
#define SOURCES_MAX 1024
#define FILTERS_MAX 256 /* of one rule */
#define FILTER_MEMORY ((size_t)256 << 20)

enum { UNSEEN, OPEN, DONE };

static int refuse(struct sigma_document *doc, const struct loader *l, const struct sigma_name *at,
		  const char *fmt, struct str what)
{
	char reason[512];

	doc->refused = true;
	snprintf(reason, sizeof reason, "%s%.*s", fmt, STR_FMT(what));
	loader_report(l, doc, at ? at->line : doc->rule.line, at ? at->column : 1, reason);
	return 0;
}

/* The first of an id or a name is what references mean. */
static int index_documents(struct loader *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct sigma_document *doc = l->documents + i;
		const struct str keys[] = { doc->rule.id, doc->rule.name };

		if (doc->type == SIGMA_FILTER)
			continue;
		for (size_t k = 0; k < COUNT(keys); k++) {
			if (!keys[k].len)
				continue;
			if (map_get(&l->ids, keys[k])) {
				doc->rule.note = STR("another rule has the same id or name");
				continue;
			}
			if (map_put(&l->ids, keys[k], i) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static struct sigma_document *find(const struct loader *l, struct str key)
{
	const uint64_t *i = map_get(&l->ids, key);

	return i ? l->documents + *i : NULL;
}

static bool within(const struct log_source *rule, const struct log_source *filter)
{
	return (!filter->product || filter->product == rule->product) &&
	       (!filter->service || filter->service == rule->service) &&
	       (!filter->category || filter->category == rule->category);
}

static int apply(struct loader *l, const struct sigma_document *filter, struct sigma_document *to)
{
	struct sigma s = { .arena = &l->parsed };
	struct expr **list = arena_array(&l->parsed, 2, sizeof *list), *both;

	if (++to->filters > FILTERS_MAX)
		return to->filters > FILTERS_MAX + 1
			       ? 0
			       : refuse(to, l, NULL, "it has too many filters", STR(""));
	if (!list || !(list[1] = sigma_not(&s, filter->condition)))
		return -ENOMEM;
	list[0] = to->condition;
	both = sigma_expr(&s, EXPR_AND, list, 2);
	if (!both)
		return -ENOMEM;
	to->condition = both;
	return 0;
}

static int apply_filter(struct loader *l, struct sigma_document *filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && filter->any_rule && i < l->n; i++)
		if (l->documents[i].type == SIGMA_RULE &&
		    within(&l->documents[i].rule.source, &filter->rule.source))
			r = apply(l, filter, l->documents + i);
	for (size_t i = 0; r == 0 && !filter->any_rule && i < filter->n_rules; i++) {
		const struct sigma_name *name = filter->rules + i;
		struct sigma_document *to = find(l, name->text);

		/* One reason is enough, and the rules that are there are filtered. */
		if (!to && filter->refused)
			continue;
		if (!to)
			r = refuse(filter, l, name, "there is no rule ", name->text);
		else if (to->type != SIGMA_RULE)
			r = refuse(filter, l, name, "a filter does not apply to the correlation ",
				   name->text);
		else if (!within(&to->rule.source, &filter->rule.source))
			r = refuse(filter, l, name, "another log source has the rule ", name->text);
		else
			r = apply(l, filter, to);
	}
	return r;
}

static int apply_filters(struct loader *l)
{
	int r = 0;

	l->parsed.limit = l->parsed.used + FILTER_MEMORY;
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (l->documents[i].type == SIGMA_FILTER)
			r = apply_filter(l, l->documents + i);
	return r;
}

/* Each has indexes of its own. */
static int add_source(struct loader *l, struct sigma_document *doc)
{
	const struct log_source *source = &doc->rule.source;
	struct str key = { (const char *)source, sizeof *source };

	if (map_get(&l->sources, key))
		return 0;
	if (l->sources.n == SOURCES_MAX)
		return refuse(doc, l, NULL, "there are too many log sources", STR(""));
	return map_put(&l->sources, key, 1);
}

static int make_program(struct loader *l, struct sigma_document *doc)
{
	int r = add_source(l, doc);

	if (r < 0 || doc->refused)
		return r;
	l->compiler.steps = 0;
	r = compile_form(&l->compiler, doc->condition, &doc->form);
	if (r == 0)
		r = compile_program(&l->compiler, doc->form, &doc->entry);
	if (r == -E2BIG)
		r = refuse(doc, l, NULL, "its condition unfolds to too many questions", STR(""));
	return r;
}

static int visit(struct loader *l, struct sigma_document *doc, unsigned depth);

static int reference(struct loader *l, struct sigma_document *doc, const struct sigma_name *name,
		     unsigned depth)
{
	struct sigma_document *to = find(l, name->text);
	int r;

	if (!to)
		return refuse(doc, l, name, "there is no rule ", name->text);
	if (to->state == OPEN)
		return refuse(doc, l, name,
			      "the correlations refer to each other in a circle: ", name->text);
	r = visit(l, to, depth + 1);
	if (r == 0 && to->refused)
		return refuse(doc, l, name, "it needs a rule that was not compiled: ", name->text);
	return r;
}

/* What is asked of another correlation is a count that reached its lower bound. */
static int refer_to_count(struct loader *l, struct sigma_document *doc,
			  const struct sigma_name *name, unsigned depth)
{
	int r = reference(l, doc, name, depth);
	const struct rule *to = r == 0 && !doc->refused ? &find(l, name->text)->rule : NULL;

	if (to && ((to->type != CORRELATION_EVENT_COUNT && to->type != CORRELATION_VALUE_COUNT) ||
		   to->condition.high != UINT64_MAX || to->condition.negated ||
		   find(l, name->text)->within.text.len))
		return refuse(doc, l, name, "this is no count with a lower bound: ", name->text);
	return r;
}

/* An alias may only speak of rules that the correlation names. */
static int check_aliases(struct loader *l, struct sigma_document *doc)
{
	for (size_t i = 0; i < doc->n_aliases; i++)
		for (size_t k = 0; k < doc->aliases[i].n; k++) {
			const struct sigma_name *name = doc->aliases[i].rules + k;
			const struct sigma_document *to = find(l, name->text);
			bool known = false;

			for (size_t j = 0; to && j < doc->n_rules; j++)
				known = known || find(l, doc->rules[j].text) == to;
			if (!known)
				return refuse(doc, l, name,
					      "the alias is about a rule that is not correlated: ",
					      name->text);
		}
	return 0;
}

static int check_bounds(struct loader *l, struct sigma_document *doc)
{
	struct diag d = {};

	return correlation_check(&doc->rule, doc->forgiven_by.text.len > 0, &d) < 0
		       ? refuse(doc, l, NULL, d.reason, STR(""))
		       : 0;
}

static int visit(struct loader *l, struct sigma_document *doc, unsigned depth)
{
	int r = 0;

	if (doc->state == DONE || doc->type != SIGMA_CORRELATION)
		return 0;
	if (depth > CHAIN_MAX)
		return refuse(doc, l, NULL, "its chain of correlations is too long", STR(""));
	doc->state = OPEN;
	for (size_t i = 0; r == 0 && !doc->refused && i < doc->n_rules; i++)
		r = reference(l, doc, doc->rules + i, depth);
	if (r == 0 && !doc->refused && doc->forgiven_by.text.len)
		r = reference(l, doc, &doc->forgiven_by, depth);
	if (r == 0 && !doc->refused && doc->within.text.len)
		r = reference(l, doc, &doc->within, depth);
	for (size_t i = 0; r == 0 && !doc->refused && i < doc->n_unless; i++)
		r = refer_to_count(l, doc, &doc->unless[i], depth);
	for (size_t i = 0; r == 0 && !doc->refused && i < doc->n_when; i++)
		r = refer_to_count(l, doc, &doc->when[i], depth);
	if (r == 0 && !doc->refused)
		r = check_aliases(l, doc);
	if (r == 0 && !doc->refused)
		r = check_bounds(l, doc);
	doc->state = DONE;
	return r;
}

int loader_resolve(struct loader *l)
{
	int r = index_documents(l);

	if (r == 0)
		r = apply_filters(l);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (l->documents[i].type == SIGMA_RULE && !l->documents[i].refused)
			r = make_program(l, l->documents + i);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = visit(l, l->documents + i, 0);
	return r;
}

static int keep(struct arena *a, struct str *s)
{
	*s = arena_str(a, *s);
	return s->ptr ? 0 : -ENOMEM;
}

static int keep_fields(struct arena *a, struct rule_field_list *list)
{
	uint16_t *copy = arena_array(a, list->n + 1, sizeof *copy);

	if (!copy)
		return -ENOMEM;
	if (list->n)
		memcpy(copy, list->list, list->n * sizeof *copy);
	list->list = copy;
	return 0;
}

/* Everything that a rule says is the rules' own from here on. */
static int keep_rule(struct arena *a, struct rule *rule)
{
	struct str *texts[] = { &rule->id,     &rule->name,   &rule->title, &rule->description,
				&rule->status, &rule->author, &rule->file,  &rule->note };
	struct str *tags = arena_array(a, rule->n_tags + 1, sizeof *tags);
	struct str *groups = arena_array(a, rule->n_group_by + 1, sizeof *groups);
	struct rule_field_list group_fields = { rule->group_fields, rule->n_group_by };
	int r = tags && groups ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < COUNT(texts); i++)
		r = keep(a, texts[i]);
	for (size_t i = 0; r == 0 && i < rule->n_tags; i++)
		r = keep(a, rule->tags + i);
	for (size_t i = 0; r == 0 && i < rule->n_group_by; i++)
		r = keep(a, rule->group_by + i);
	if (r == 0)
		r = keep_fields(a, &rule->fields);
	if (r == 0)
		r = keep_fields(a, &rule->value_fields);
	if (r == 0)
		r = keep_fields(a, &rule->forgiven_same);
	if (r == 0)
		r = keep_fields(a, &group_fields);
	if (r < 0)
		return r;
	if (rule->n_tags)
		memcpy(tags, rule->tags, rule->n_tags * sizeof *tags);
	if (rule->n_group_by)
		memcpy(groups, rule->group_by, rule->n_group_by * sizeof *groups);
	rule->tags = tags;
	rule->group_by = groups;
	rule->group_fields = group_fields.list;
	return 0;
}

static int keep_aliases(const struct loader *l, const struct sigma_document *doc, struct arena *a)
{
	struct rule *rule = doc->compiled;

	rule->n_aliases = doc->n_aliases;
	rule->aliases = arena_array(a, doc->n_aliases + 1, sizeof *rule->aliases);
	if (!rule->aliases)
		return -ENOMEM;
	for (size_t i = 0; i < doc->n_aliases; i++) {
		const struct sigma_alias *from = doc->aliases + i;
		struct correlation_alias *to = rule->aliases + i;

		to->name = arena_str(a, from->name);
		to->fields = arena_array(a, rule->n_rules + 1, sizeof *to->fields);
		if (!to->name.ptr || !to->fields)
			return -ENOMEM;
		for (size_t k = 0; k < from->n; k++)
			for (size_t j = 0; j < doc->n_rules; j++)
				if (find(l, from->rules[k].text) == find(l, doc->rules[j].text))
					to->fields[j] = from->fields[k];
	}
	return 0;
}

/* Rules of correlations keep quiet unless one of these says that they are to speak, too. */
static void silence(const struct sigma_document *doc, struct sigma_document *to)
{
	enum { QUIET = 1, LOUD = 2 };

	to->state = (uint8_t)(doc->rule.generate ? LOUD : MAX(to->state, (uint8_t)QUIET));
	to->compiled->silent = to->rule.silent || to->state == QUIET;
}

static struct rule_asked asked(const struct loader *l, const struct sigma_name *names, size_t n)
{
	struct rule_asked ret = { .n = n };

	for (size_t i = 0; i < n; i++)
		ret.list[i] = find(l, names[i].text)->compiled;
	return ret;
}

static int link_correlation(struct loader *l, struct sigma_document *doc, struct arena *a)
{
	struct rule *rule = doc->compiled;

	rule->rules = arena_array(a, rule->n_rules, sizeof *rule->rules);
	if (!rule->rules)
		return -ENOMEM;
	for (size_t i = 0; i < doc->n_rules; i++) {
		struct sigma_document *to = find(l, doc->rules[i].text);

		rule->rules[i] = to->compiled;
		silence(doc, to);
	}
	if (doc->forgiven_by.text.len) {
		struct sigma_document *by = find(l, doc->forgiven_by.text);

		rule->forgiven_by = by->compiled;
		silence(doc, by);
	}
	if (doc->within.text.len)
		rule->within = find(l, doc->within.text)->compiled;
	rule->unless = asked(l, doc->unless, doc->n_unless);
	rule->when = asked(l, doc->when, doc->n_when);
	return keep_aliases(l, doc, a);
}

static bool is_rule(const struct sigma_document *doc)
{
	return !doc->refused && doc->type != SIGMA_FILTER;
}

static int add_rule(struct rules *rules, struct sigma_document *doc)
{
	struct rule *rule = rules->list + rules->n;
	struct program program = { rule, doc->form, doc->entry };

	*rule = doc->rule;
	rule->index = (uint32_t)rules->n++;
	doc->compiled = rule;
	doc->state = 0;
	if (doc->type == SIGMA_RULE) {
		int r = arena_push(&rules->arena, rules->programs, rules->n_programs,
				   rules->cap_programs, program);

		if (r < 0)
			return r;
	}
	return keep_rule(&rules->arena, rule);
}

int loader_compile(struct loader *l, struct rules *rules)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < l->n; i++)
		n += is_rule(l->documents + i);
	rules->list = arena_array(&rules->arena, n + 1, sizeof *rules->list);
	if (!rules->list)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (is_rule(l->documents + i))
			r = add_rule(rules, l->documents + i);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (is_rule(l->documents + i) && l->documents[i].type == SIGMA_CORRELATION)
			r = link_correlation(l, l->documents + i, &rules->arena);
	return r < 0 ? r : compile_buckets(&l->compiler, l->names);
}
