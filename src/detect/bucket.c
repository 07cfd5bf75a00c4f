/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bucket: rules by log source. */
#include "detect/index.h"

static bool same(const struct log_source *a, const struct log_source *b)
{
	return a->product == b->product && a->service == b->service && a->category == b->category;
}

bool bucket_takes(const struct bucket *b, const struct log_source *source, const uint16_t *also)
{
	const struct log_source *mine = &b->source;

	if (mine->product && mine->product != source->product)
		return false;
	if (mine->service && mine->service != source->service &&
	    !(also && (mine->service == also[0] || mine->service == also[1])))
		return false;
	return !mine->category || mine->category == source->category ||
	       mine->category == source->wider;
}

static int find_bucket(struct rules *rules, const struct log_source *source, struct bucket **ret)
{
	struct bucket b = { .source = *source };
	int r;

	for (size_t i = 0; i < rules->n_buckets; i++)
		if (same(&rules->buckets[i].source, source)) {
			*ret = rules->buckets + i;
			return 0;
		}
	r = arena_push(&rules->arena, rules->buckets, rules->n_buckets, rules->cap_buckets, b);
	if (r == 0)
		*ret = rules->buckets + rules->n_buckets - 1;
	return r;
}

static void want(struct rules *rules, const struct form *f)
{
	const struct predicate *p = rules->predicates + f->predicate;

	for (size_t i = 0; i < f->n; i++)
		want(rules, f->list[i]);
	if (f->op != FORM_PREDICATE)
		return;
	rules->wanted[p->field] = true;
	for (uint32_t i = 0; i < p->n; i++)
		rules->wanted[rules->tests[p->tests[i]].other] = true;
}

static void want_rule(struct rules *rules, const struct rule *rule)
{
	for (size_t i = 0; i < rule->fields.n; i++)
		rules->wanted[rule->fields.list[i]] = true;
	for (size_t i = 0; i < rule->n_group_by; i++)
		rules->wanted[rule->group_fields[i]] = true;
	for (size_t i = 0; i < rule->forgiven_same.n; i++)
		rules->wanted[rule->forgiven_same.list[i]] = true;
	for (size_t i = 0; i < rule->value_fields.n; i++)
		rules->wanted[rule->value_fields.list[i]] = true;
	for (size_t i = 0; i < rule->n_aliases; i++)
		for (size_t k = 0; k < rule->n_rules; k++)
			rules->wanted[rule->aliases[i].fields[k]] = true;
}

bool rules_keywords(const struct rules *r, const struct log_source *source)
{
	for (size_t i = 0; i < r->n_buckets; i++)
		if (r->buckets[i].keywords && bucket_takes(r->buckets + i, source, NULL))
			return true;
	return false;
}

int compile_buckets(struct compiler *c, struct names *names)
{
	struct rules *rules = c->rules;
	int r = 0;

	rules->n_fields = (size_t)UINT16_MAX + 1;
	rules->wanted = arena_array(&rules->arena, rules->n_fields, sizeof *rules->wanted);
	if (!rules->wanted)
		return -ENOMEM;
	r = names_add(names, STR("windows"), &rules->windows) < 0 ? -ENOMEM : 0;
	for (size_t i = 0; r == 0 && i < rules->n_programs; i++) {
		const struct program *p = rules->programs + i;
		struct bucket *b = NULL;

		want(rules, p->form);
		r = find_bucket(rules, &p->rule->source, &b);
		if (r == 0)
			r = arena_push(&rules->arena, b->programs, b->n, b->cap, (uint32_t)i);
	}
	for (size_t i = 0; i < rules->n; i++)
		want_rule(rules, rules->list + i);
	rules->wanted[FIELD_KEYWORD] = false;
	while (rules->n_fields > 1 && !rules->wanted[rules->n_fields - 1])
		rules->n_fields--;
	if (r == 0)
		r = index_costs(c);
	for (size_t i = 0; r == 0 && i < rules->n_buckets; i++)
		r = index_bucket(c, rules->buckets + i);
	return r;
}
