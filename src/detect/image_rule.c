/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image_rule: rules and regular expressions of an image. */
#include "detect/correlate.h"
#include "detect/image.h"
#include "detect/regex_run.h"

#define TIMESPAN_MAX INT64_C(1'000'000'000'000'000'000) /* microseconds */

bool image_reference(const struct image *im, const struct rule **rule)
{
	const struct rules *r = &im->head->rules;
	uintptr_t index =
		im->load || !*rule ? image_number(rule) : (uintptr_t)(*rule - im->rules_from) + 1;

	if (index > r->n)
		return false;
	if (im->load)
		*rule = index ? r->list + (index - 1) : NULL;
	else
		image_set_number(rule, index);
	return true;
}

static bool walk_asked(const struct image *im, struct rule_asked *asked)
{
	if (asked->n > RULE_ASKED_MAX)
		return false;
	for (size_t i = 0; i < asked->n; i++)
		if (!asked->list[i] || !image_reference(im, asked->list + i))
			return false;
	for (size_t i = asked->n; i < RULE_ASKED_MAX; i++)
		asked->list[i] = NULL;
	return true;
}

static bool walk_fields(struct image *im, struct rule_field_list *list)
{
	return image_names(im, &list->list, list->n);
}

static bool walk_texts(struct image *im, struct str **list, size_t n)
{
	if (!IMAGE_LIST(im, *list, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!image_text(im, *list + i))
			return false;
	return true;
}

static bool walk_correlation(struct image *im, struct rule *rule)
{
	bool forgiven = rule->forgiven_by;

	if (!rule->n_rules || !rule->rules || !IMAGE_LIST(im, rule->rules, rule->n_rules) ||
	    !IMAGE_LIST(im, rule->aliases, rule->n_aliases) ||
	    !image_flag(&rule->condition.negated))
		return false;
	for (size_t i = 0; i < rule->n_rules; i++)
		if (!rule->rules[i] || !image_reference(im, rule->rules + i))
			return false;
	for (size_t i = 0; i < rule->n_aliases; i++)
		if (!image_text(im, &rule->aliases[i].name) || !rule->aliases[i].fields ||
		    !image_names(im, &rule->aliases[i].fields, rule->n_rules))
			return false;
	return rule->timespan <= TIMESPAN_MAX && correlation_check(rule, forgiven, NULL) == 0 &&
	       image_reference(im, &rule->forgiven_by) && image_reference(im, &rule->within) &&
	       walk_asked(im, &rule->unless) && walk_asked(im, &rule->when);
}

bool image_rule(struct image *im, struct rule *rule)
{
	struct str *texts[] = { &rule->id,     &rule->name,   &rule->title, &rule->description,
				&rule->status, &rule->author, &rule->file,  &rule->note };
	int level, type;

	memcpy(&level, &rule->level, sizeof level);
	memcpy(&type, &rule->type, sizeof type);
	if (level < 0 || level >= LEVEL_N || type < 0 || type > CORRELATION_TEMPORAL_ORDERED ||
	    MAX(MAX(rule->source.product, rule->source.service),
		MAX(rule->source.category, rule->value_field)) >= im->head->n_names ||
	    !image_flag(&rule->generate) || !image_flag(&rule->silent))
		return false;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (!image_text(im, texts[i]))
			return false;
	if (!walk_texts(im, &rule->tags, rule->n_tags) || !walk_fields(im, &rule->fields) ||
	    !walk_texts(im, &rule->group_by, rule->n_group_by) ||
	    !image_names(im, &rule->group_fields, rule->n_group_by) ||
	    !walk_fields(im, &rule->value_fields) || !walk_fields(im, &rule->forgiven_same))
		return false;
	if (type != CORRELATION_NONE)
		return walk_correlation(im, rule);
	return !rule->n_rules && !rule->rules && !rule->n_aliases && !rule->aliases &&
	       !rule->forgiven_by && !rule->within && !rule->unless.n && !rule->when.n &&
	       !rule->spread;
}

static bool in_range(const struct regex *re, const uint64_t *words)
{
	for (unsigned i = re->positions; i < re->words * 64; i++)
		if (words[i / 64] >> i % 64 & 1)
			return false;
	return true;
}

static bool walk_edges(struct image *im, const struct regex *re, struct regex_edge **list, size_t n)
{
	if (!IMAGE_LIST(im, *list, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((*list)[i].from >= re->words * 64 || (*list)[i].to >= re->words * 64)
			return false;
	return true;
}

/* How many sets of words there are is said by what asks for them. */
static bool walk_masks(struct image *im, struct regex *re)
{
	size_t classes = 0, rows = 0, n;

	if (!IMAGE_LIST(im, re->classes, re->n_classes) || !re->n_classes || !re->classes ||
	    !IMAGE_LIST(im, re->row, re->positions))
		return false;
	for (size_t i = 0; i < COUNT(re->ascii); i++)
		classes = MAX(classes, re->ascii[i] + (size_t)1);
	for (size_t i = 0; i < re->n_classes; i++)
		classes = MAX(classes, re->classes[i].class + (size_t)1);
	for (unsigned i = 0; i < re->positions; i++)
		if (re->other[i / 64] >> i % 64 & 1)
			rows = MAX(rows, re->row[i] + (size_t)1);
	n = rows * re->words;
	/* Without rows there is memory of the builder's, which is gone. */
	if (!n)
		re->rows = NULL;
	return re->mask && IMAGE_LIST(im, re->mask, classes * re->words) &&
	       IMAGE_LIST(im, re->rows, n);
}

static bool walk_regex(struct image *im, struct regex *re)
{
	uint64_t **bits[] = { &re->first, &re->last, &re->chain, &re->loop, &re->other };

	if (!re->words || re->words > REGEX_WORDS_MAX || re->positions > re->words * 64 ||
	    re->n_literals > REGEX_LITERALS_MAX || !image_flag(&re->empty) ||
	    !image_flag(&re->can_idle))
		return false;
	for (size_t i = 0; i < COUNT(re->idle); i++)
		if (!image_flag(re->idle + i))
			return false;
	for (size_t i = 0; i < COUNT(bits); i++)
		if (!*bits[i] || !image_ref(im, bits[i], re->words, sizeof **bits[i]) ||
		    !in_range(re, *bits[i]))
			return false;
	return walk_masks(im, re) && walk_edges(im, re, &re->edges, re->n_edges) &&
	       walk_edges(im, re, &re->starts, re->n_starts) &&
	       walk_edges(im, re, &re->ends, re->n_ends) &&
	       IMAGE_LIST(im, re->empties, re->n_empties) &&
	       walk_texts(im, &re->literals, re->n_literals);
}

bool image_regex(struct image *im, const struct regex **regex)
{
	return IMAGE_LIST(im, *regex, 1) && walk_regex(im, image_at(regex));
}
