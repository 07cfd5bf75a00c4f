/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image_index: the indexes of an image. */
#include "detect/image.h"
#include "detect/index.h"

enum { IN_BUCKET = 1, ALWAYS = 2, WOKEN = 4 };

static bool within(size_t from, size_t n, size_t of) { return from <= of && n <= of - from; }

static bool is_mask(size_t mask) { return mask < SIZE_MAX && !(mask & (mask + 1)); }

/* A free slot ends every search. */
static bool walk_table(struct image *im, struct literal_table *t, size_t n_literals)
{
	bool free = false;

	if (!t->slots)
		return true;
	if (!is_mask(t->mask) || !IMAGE_LIST(im, t->slots, t->mask + 1))
		return false;
	for (size_t i = 0; i <= t->mask; i++) {
		free = free || !t->slots[i];
		if (t->slots[i] > n_literals)
			return false;
	}
	return free;
}

static bool walk_grams(struct image *im, struct gram_table *t, size_t n_literals)
{
	bool free = false;

	if (!t->n)
		return !t->refs && !t->slots && !t->filter.words;
	if (!t->filter.bits || t->filter.bits > 31 || !t->filter.words || !t->slots || !t->refs ||
	    !is_mask(t->mask) || !IMAGE_LIST(im, t->filter.words, (size_t)1 << t->filter.bits) ||
	    !IMAGE_LIST(im, t->slots, t->mask + 1) || !IMAGE_LIST(im, t->refs, t->n))
		return false;
	for (size_t i = 0; i <= t->mask; i++) {
		free = free || !t->slots[i].n;
		if (!within(t->slots[i].refs, t->slots[i].n, t->n))
			return false;
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->refs[i].literal >= n_literals)
			return false;
	return free;
}

static bool walk_literals(struct image *im, struct field_index *x)
{
	if (!IMAGE_LIST(im, x->literals, x->n_literals) ||
	    !IMAGE_LIST(im, x->effects, x->n_effects))
		return false;
	for (size_t i = 0; i < x->n_literals; i++) {
		struct literal *l = x->literals + i;

		if (l->kind > TEST_CONTAINS || !image_text(im, &l->text) ||
		    !within(l->effects, l->n_effects, x->n_effects))
			return false;
	}
	for (size_t i = 0; i < x->n_effects; i++) {
		const struct effect *e = x->effects + i;

		if (e->predicate >= im->head->rules.n_predicates || !image_flag(&e->sure) ||
		    !within(e->wakes, e->n_wakes, x->n_wakes))
			return false;
	}
	return within(x->any, x->n_any, x->n_effects);
}

/* The matcher has room for each program once: none is woken that always runs, or runs twice. */
static bool walk_programs(struct image *im, uint32_t **list, size_t n, uint8_t mark, uint8_t none)
{
	if (!IMAGE_LIST(im, *list, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t id = (*list)[i];

		if (id >= im->head->rules.n_programs || (im->programs[id] & none))
			return false;
		im->programs[id] |= mark;
	}
	return true;
}

/* All fields of a bucket share one list. */
static bool walk_wakes(struct image *im, struct bucket *b, size_t i)
{
	struct field_index *x = b->fields + i;

	if (!i)
		return walk_programs(im, &x->wakes, x->n_wakes, WOKEN, ALWAYS);
	if (x->n_wakes != b->fields[0].n_wakes || !x->wakes)
		return false;
	if (im->load)
		x->wakes = b->fields[0].wakes;
	else
		image_set_number(&x->wakes, 1);
	return true;
}

bool image_bucket(struct image *im, struct bucket *b)
{
	size_t n_slots = im->head->rules.n_fields;

	if (!image_flag(&b->keywords) ||
	    !walk_programs(im, &b->programs, b->n, IN_BUCKET, IN_BUCKET) ||
	    !walk_programs(im, &b->always, b->n_always, ALWAYS, WOKEN | ALWAYS) ||
	    !IMAGE_LIST(im, b->fields, b->n_fields) || !b->slots ||
	    !IMAGE_LIST(im, b->slots, n_slots))
		return false;
	b->cap = b->n;
	b->cap_always = b->n_always;
	for (size_t i = 0; i < n_slots; i++)
		if (b->slots[i] > b->n_fields)
			return false;
	if (b->keywords && !b->slots[FIELD_KEYWORD])
		return false;
	for (size_t i = 0; i < b->n_fields; i++) {
		struct field_index *x = b->fields + i;

		if (!walk_wakes(im, b, i) || !walk_literals(im, x) ||
		    !walk_table(im, &x->equal, x->n_literals) ||
		    !walk_table(im, &x->tails, x->n_literals) ||
		    !walk_grams(im, &x->grams, x->n_literals) ||
		    !walk_grams(im, &x->trigrams, x->n_literals))
			return false;
	}
	return true;
}
