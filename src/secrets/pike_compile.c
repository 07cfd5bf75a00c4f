/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/pike_work.h"

struct writer {
	struct pike_step *steps;
	uint32_t n;
	bool full;
};

static uint32_t put(struct writer *w, enum pike_op op, uint32_t x, uint32_t y)
{
	if (w->n == PIKE_PROGRAM_MAX) {
		w->full = true;
		return 0;
	}
	w->steps[w->n] = (struct pike_step){ (uint8_t)op, x, y };
	return w->n++;
}

static void write_node(struct writer *w, const struct pike_node *n);

static void branch(struct writer *w, uint32_t at, bool lazy, uint32_t inside, uint32_t behind)
{
	w->steps[at].x = lazy ? behind : inside;
	w->steps[at].y = lazy ? inside : behind;
}

static void write_repeat(struct writer *w, const struct pike_node *n)
{
	uint32_t split;

	for (uint32_t i = 0; i < n->min && !w->full; i++)
		write_node(w, n->a);
	if (n->max == UINT32_MAX) {
		split = put(w, PIKE_SPLIT, 0, 0);
		write_node(w, n->a);
		put(w, PIKE_JUMP, split, 0);
		branch(w, split, n->lazy, split + 1, w->n);
		return;
	}
	/* Each that may be left out leads behind itself: what follows would be left out as well. */
	for (uint32_t i = n->min; i < n->max && !w->full; i++) {
		split = put(w, PIKE_SPLIT, 0, 0);
		write_node(w, n->a);
		branch(w, split, n->lazy, split + 1, w->n);
	}
}

static void write_node(struct writer *w, const struct pike_node *n)
{
	uint32_t split, jump;

	if (w->full)
		return;
	switch (n->type) {
	case NODE_EMPTY: break;
	case NODE_SET: put(w, PIKE_SET, n->value, 0); break;
	case NODE_ASSERT: put(w, (enum pike_op)n->value, 0, 0); break;
	case NODE_CAT:
		write_node(w, n->a);
		if (n->b)
			write_node(w, n->b);
		break;
	case NODE_ALT:
		split = put(w, PIKE_SPLIT, 0, 0);
		write_node(w, n->a);
		jump = put(w, PIKE_JUMP, 0, 0);
		branch(w, split, false, split + 1, w->n);
		write_node(w, n->b);
		w->steps[jump].x = w->n;
		break;
	case NODE_REPEAT: write_repeat(w, n); break;
	case NODE_GROUP:
		put(w, PIKE_SAVE, 2 * n->value, 0);
		write_node(w, n->a);
		put(w, PIKE_SAVE, 2 * n->value + 1, 0);
		break;
	}
}

int pike_compile(struct arena *a, struct str text, const struct pike **ret, const char **ret_reason)
{
	struct pike_step *own(free_ptr) room = calloc(PIKE_PROGRAM_MAX, sizeof *room), *steps;
	struct writer w = { .steps = room };
	struct pike *re = arena_new(a, struct pike);
	struct pike_tree tree;
	int r;

	if (!room || !re)
		return -ENOMEM;
	r = pike_parse(a, text, &tree, ret_reason);
	if (r < 0)
		return r;
	put(&w, PIKE_SAVE, 0, 0);
	write_node(&w, tree.all);
	put(&w, PIKE_SAVE, 1, 0);
	put(&w, PIKE_MATCH, 0, 0);
	if (w.full) {
		*ret_reason = "is too long";
		return -EINVAL;
	}
	steps = arena_array(a, w.n, sizeof *steps);
	if (!steps)
		return -ENOMEM;
	memcpy(steps, w.steps, w.n * sizeof *steps);
	*re = (struct pike){ .steps = steps, .n = w.n, .sets = tree.sets };
	*ret = re;
	return 0;
}
