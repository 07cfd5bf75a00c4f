/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_plan.h"
#include "detect/correlate.h"

#define NODES_MAX 60'000U

static int find_rank(struct plan *p, const struct rules *r, const struct rule *x, uint8_t *seen,
		     uint32_t *rank)
{
	uint32_t most = 0;

	if (seen[x->index] == 2)
		return 0;
	if (seen[x->index] == 1)
		return -ELOOP;
	seen[x->index] = 1;
	for (size_t i = 0; i < x->n_rules; i++) {
		const struct rule *input = x->rules[i];
		int e = input->type ? find_rank(p, r, input, seen, rank) : 0;

		if (e < 0)
			return e;
		if (input->type)
			most = MAX(most, rank[input->index] + 1);
	}
	rank[x->index] = most;
	seen[x->index] = 2;
	return 0;
}

static int by_rank(const void *a, const void *b)
{
	const struct stream *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->like->index < y->like->index ? -1 : 1;
}

/* Nodes in the order of their streams. */
static int sort_nodes(struct plan *p)
{
	struct node *list = arena_array(&p->arena, p->n_nodes + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_streams; i++) {
		p->streams[i].first_node = (uint16_t)n;
		for (size_t k = 0; k < p->n_nodes; k++)
			if (p->nodes[k].like == p->streams[i].like)
				list[n++] = p->nodes[k];
	}
	p->nodes = list;
	return 0;
}

struct wire {
	uint32_t rule;
	struct input input;
};

static int find_wires(struct plan *p, struct wire **ret, size_t *ret_n)
{
	struct wire *list = NULL;
	size_t n = 0, cap = 0;
	int e = 0;

	for (size_t i = 0; e >= 0 && i < p->n_streams; i++) {
		const struct rule *r = p->streams[i].like;

		for (size_t k = p->streams[i].kind == STREAM_PULLED; e >= 0 && k < r->n_rules; k++)
			e = arena_push(
				&p->arena, list, n, cap,
				((struct wire){
					r->rules[k]->index, {(uint16_t)i, (uint8_t)k, false}
                        }));
		if (e >= 0 && r->forgiven_by)
			e = arena_push(&p->arena, list, n, cap,
				       ((struct wire){
					       r->forgiven_by->index, {(uint16_t)i, 0, true}
                        }));
	}
	*ret = list;
	*ret_n = n;
	return e;
}

static int wire_inputs(struct plan *p)
{
	struct wire *list;
	size_t n;
	int e = find_wires(p, &list, &n);

	if (e < 0)
		return e;
	p->inputs_at = arena_array(&p->arena, p->n_rules + 2, sizeof *p->inputs_at);
	p->inputs = arena_array(&p->arena, n + 1, sizeof *p->inputs);
	if (!p->inputs_at || !p->inputs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		p->inputs_at[list[i].rule + 2]++;
	for (size_t i = 2; i < p->n_rules + 2; i++)
		p->inputs_at[i] += p->inputs_at[i - 1];
	for (size_t i = 0; i < n; i++)
		p->inputs[p->inputs_at[list[i].rule + 1]++] = list[i].input;
	return 0;
}

/* Those that are within others behind them. */
static int make_nodes(struct plan *p, const struct rules *r)
{
	uint8_t *seen = arena_array(&p->arena, p->n_rules + 1, 1);
	uint32_t *rank = arena_array(&p->arena, p->n_rules + 1, sizeof *rank);
	int e = seen && rank ? 0 : -ENOMEM;

	for (size_t i = 0; e >= 0 && i < 2 * p->n_rules; i++) {
		bool second = i >= p->n_rules;
		const struct rule *x = rules_get(r, second ? i - p->n_rules : i);

		if (x->type == CORRELATION_NONE || (x->within != NULL) != second ||
		    correlation_check(x, x->forgiven_by, NULL) < 0)
			continue;
		e = find_rank(p, r, x, seen, rank);
		if (e >= 0 && p->n_nodes >= NODES_MAX)
			e = -E2BIG;
		if (e >= 0)
			e = plan_add_node(p, x, rank[x->index]);
	}
	return e;
}

/* The node of a correlation, or NULL. */
static struct node *node_of(struct plan *p, const struct rule *r)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		if (p->nodes[i].rule == r)
			return &p->nodes[i];
	return NULL;
}

static void find_asked(struct plan *p, const struct rule_asked *from,
		       uint16_t ret[static RULE_ASKED_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < RULE_ASKED_MAX; i++)
		ret[i] = NODE_NONE;
	for (size_t i = 0; i < from->n; i++) {
		const struct node *x = node_of(p, from->list[i]);

		if (x && x->least && !x->by_tag && p->streams[x->stream].kind == STREAM_COUNT)
			ret[n++] = (uint16_t)(x - p->nodes);
	}
}

/* See STREAM_PULLED. */
static void find_pulled(struct plan *p, struct stream *s)
{
	const struct rule *r = s->like;
	struct node *n = s->kind == STREAM_ORDERED && r->n_rules == 2 && !r->n_aliases
				 ? node_of(p, r->rules[0])
				 : NULL;

	if (!n || !n->least || p->streams[n->stream].kind != STREAM_COUNT || r->rules[1]->type ||
	    n->rule->n_aliases || n->rule->n_group_by != r->n_group_by)
		return;
	for (size_t i = 0; i < r->n_group_by; i++)
		if (!fields_have(n->rule->group_fields, r->n_group_by, r->group_fields[i]))
			return;
	s->kind = STREAM_PULLED;
	s->pulls = (uint16_t)(n - p->nodes);
	n->pulled = n->silent;
}

/* Somebody who does not pull refers to it. */
static void keep_pushed(struct plan *p, const struct stream *s)
{
	for (size_t i = 0; s->kind != STREAM_PULLED && i < s->like->n_rules; i++) {
		struct node *n = node_of(p, s->like->rules[i]);

		if (n)
			n->pulled = false;
	}
	if (s->like->forgiven_by && node_of(p, s->like->forgiven_by))
		node_of(p, s->like->forgiven_by)->pulled = false;
}

int plan_make(const struct rules *r, const struct names *names, struct plan *ret)
{
	struct plan p = { .names = names, .n_rules = rules_count(r) };
	int e = make_nodes(&p, r);

	if (e >= 0 && p.n_streams) {
		qsort(p.streams, p.n_streams, sizeof *p.streams, by_rank);
		e = sort_nodes(&p);
		for (size_t i = 0; e >= 0 && i < p.n_streams; i++)
			e = plan_finish_stream(&p, &p.streams[i]);
		for (size_t i = 0; i < p.n_streams; i++)
			find_pulled(&p, &p.streams[i]);
		for (size_t i = 0; i < p.n_streams; i++)
			keep_pushed(&p, &p.streams[i]);
	}
	if (e >= 0)
		e = wire_inputs(&p);
	for (size_t i = 0; e >= 0 && i < p.n_nodes; i++) {
		find_asked(&p, &p.nodes[i].rule->unless, p.nodes[i].unless);
		find_asked(&p, &p.nodes[i].rule->when, p.nodes[i].when);
	}
	if (e >= 0)
		e = plan_needs(&p);
	for (size_t i = 0; e >= 0 && i < p.n_nodes; i++)
		p.nodes[i].feeds = p.inputs_at[p.nodes[i].rule->index + 1] >
				   p.inputs_at[p.nodes[i].rule->index];
	for (size_t i = 0; e >= 0 && i < p.n_streams; i++)
		e = plan_judge(&p, &p.streams[i]);
	if (e < 0) {
		plan_release(&p);
		return e;
	}
	*ret = p;
	return 0;
}

void plan_release(struct plan *p)
{
	arena_release(&p->arena);
	*p = (struct plan){};
}
