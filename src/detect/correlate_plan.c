/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "detect/correlate_plan.h"
#include "detect/correlate.h"

#define NODES_MAX 60'000U
#define NODES_A_STREAM 100U
/* Later entries that may have come before an earlier one, beside those that a condition needs. */
#define SLACK 3U

static bool is_temporal(const struct rule *r)
{
	return r->type == CORRELATION_TEMPORAL || r->type == CORRELATION_TEMPORAL_ORDERED;
}

static bool same_list(const struct rule_field_list *a, const struct rule_field_list *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->list, b->list, a->n * sizeof *a->list));
}

int correlation_check(const struct rule *r, bool forgiven, struct diag *d)
{
	uint64_t low = r->condition.low, high = r->condition.high;
	uint64_t need = high == UINT64_MAX ? low : MAX(low, high);
	uint64_t most = r->type == CORRELATION_EVENT_COUNT ? EVENTS_MAX : VALUES_MAX;
	size_t n = r->forgiven_same.n;

	if (r->n_rules > POSITIONS_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d rules in one correlation",
				POSITIONS_MAX);
	if (r->n_group_by > GROUP_BY_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d fields in group-by",
				GROUP_BY_MAX);
	if (!is_temporal(r) && need > most)
		return diag_set(d, -E2BIG, NULL, r->line,
				"a condition can ask for %llu at most, this one asks for %llu",
				(unsigned long long)most, (unsigned long long)need);
	if (r->timespan <= 0)
		return diag_set(d, -EINVAL, NULL, r->line, "the timespan is empty");
	if (forgiven && is_temporal(r))
		return diag_set(d, -EINVAL, NULL, r->line,
				"only event_count and value_count can be forgiven");
	if (MAX(n, r->value_fields.n) > TAG_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d fields to tell apart by",
				TAG_MAX);
	if (r->type == CORRELATION_VALUE_COUNT && n &&
	    !same_list(&r->forgiven_same, &r->value_fields))
		return diag_set(d, -EINVAL, NULL, r->line,
				"a value_count is forgiven by what it counts, or by group");
	return 0;
}

bool plan_is_address(struct str name)
{
	static const char *const parts[] = { "ip", "addr", "host" };
	char lower[64];
	size_t n = MIN(name.len, sizeof lower);

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(name.ptr[i] | 0x20);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_contains((struct str){ lower, n }, str_of(parts[i])))
			return true;
	return false;
}

bool plan_is_any_case(struct str name)
{
	static const char *const starts[] = { "Target", "Subject", "Member", "Workstation" };

	for (size_t i = 0; i < COUNT(starts); i++)
		if (str_starts(name, str_of(starts[i])))
			return true;
	return false;
}

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

static const struct correlation_alias *find_alias(const struct rule *r, struct str name)
{
	for (size_t i = 0; i < r->n_aliases; i++)
		if (str_eq(r->aliases[i].name, name))
			return &r->aliases[i];
	return NULL;
}

static uint16_t field_of(const struct rule *r, size_t rule, size_t name)
{
	const struct correlation_alias *a = find_alias(r, r->group_by[name]);

	return a ? a->fields[rule] : r->group_fields[name];
}

static bool same_groups(const struct stream *s, const struct rule *r)
{
	if (s->like->n_rules != r->n_rules || s->n_fields != r->n_group_by)
		return false;
	for (size_t i = 0; i < r->n_rules; i++) {
		if (s->like->rules[i] != r->rules[i])
			return false;
		for (unsigned k = 0; k < s->n_fields; k++)
			if (s->fields[i * s->n_fields + k] != field_of(r, i, k))
				return false;
	}
	return true;
}

/* What tells entries of a group apart; *ret_any: nothing needs to. */
static struct rule_field_list tag_of(const struct rule *r, bool *ret_any)
{
	*ret_any = r->type == CORRELATION_EVENT_COUNT && !r->forgiven_same.n;
	if (r->type == CORRELATION_VALUE_COUNT)
		return r->value_fields;
	return r->forgiven_same;
}

static bool shares(const struct stream *s, const struct rule *r)
{
	bool any;
	struct rule_field_list tag = tag_of(r, &any);

	return s->kind == STREAM_COUNT && !is_temporal(r) && s->n_nodes < NODES_A_STREAM &&
	       s->like->forgiven_by == r->forgiven_by &&
	       same_list(&s->like->forgiven_same, &r->forgiven_same) && same_groups(s, r) &&
	       (any || !s->tag_known || same_list(&s->tag, &tag));
}

static bool in_list(uint16_t field, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == field)
			return true;
	return false;
}

static bool same_rules(const struct rule *a, const struct rule *b)
{
	return a->n_rules == b->n_rules &&
	       !memcmp(a->rules, b->rules, a->n_rules * sizeof(const struct rule *));
}

/* Whether the groups of r are those of the stream, each cut by its tag, and logins forgive alike. */
static bool divides(const struct plan *p, const struct stream *s, const struct rule *r)
{
	const struct rule *like = s->like;
	bool named = false;

	for (size_t i = 0; i < p->n_nodes; i++)
		named |= p->nodes[i].like == like && p->nodes[i].rule == r->within;
	if (!named || s->kind != STREAM_COUNT || r->type != CORRELATION_EVENT_COUNT ||
	    r->condition.high != UINT64_MAX || r->condition.negated || r->n_aliases ||
	    like->n_aliases || !s->tag_known || s->n_nodes >= NODES_A_STREAM ||
	    r->condition.low < 2 || r->condition.low > BY_TAG_MAX ||
	    r->n_group_by != like->n_group_by + s->tag.n || !same_rules(like, r))
		return false;
	for (size_t i = 0; i < r->n_group_by; i++)
		if (!in_list(r->group_fields[i], like->group_fields, like->n_group_by) &&
		    !in_list(r->group_fields[i], s->tag.list, s->tag.n))
			return false;
	return r->forgiven_by == like->forgiven_by &&
	       (!r->forgiven_by ||
		(!r->forgiven_same.n && same_list(&like->forgiven_same, &s->tag)));
}

static int find_slot(struct plan *p, uint16_t field, bool address, uint16_t *ret)
{
	int e = 0;

	*ret = 0;
	if (!p->n_slots)
		e = arena_push(&p->arena, p->slots, p->n_slots, p->cap_slots, (struct slot){});
	if (e < 0 || !field)
		return e;
	for (size_t i = 1; i < p->n_slots && !*ret; i++)
		if (p->slots[i].field == field && p->slots[i].address == address)
			*ret = (uint16_t)i;
	if (*ret)
		return 0;
	*ret = (uint16_t)p->n_slots;
	return arena_push(
		&p->arena, p->slots, p->n_slots, p->cap_slots,
		((struct slot){ .field = field,
				.address = address,
				.any_case = plan_is_any_case(names_text(p->names, field)) }));
}

/* By what the events of each referenced rule are grouped. */
static int find_fields(struct plan *p, struct stream *s, size_t name)
{
	const struct rule *r = s->like;
	bool address = plan_is_address(r->group_by[name]);
	int e = 0;

	for (size_t i = 0; i < r->n_rules; i++)
		address |= plan_is_address(names_text(p->names, field_of(r, i, name)));
	for (size_t i = 0; e >= 0 && i < r->n_rules; i++) {
		size_t at = i * s->n_fields + name;

		s->fields[at] = field_of(r, i, name);
		e = find_slot(p, s->fields[at], address, &s->slots[at]);
	}
	return e;
}

static int make_stream(struct plan *p, const struct rule *r, uint32_t rank, struct stream **ret)
{
	struct stream s = { .like = r, .rank = rank, .n_fields = (unsigned)r->n_group_by };
	int e = 0;

	if (is_temporal(r))
		s.kind = r->type == CORRELATION_TEMPORAL ? STREAM_ANY : STREAM_ORDERED;
	s.fields = arena_array(&p->arena, r->n_group_by * r->n_rules + 1, sizeof *s.fields);
	s.slots = arena_array(&p->arena, r->n_group_by * r->n_rules + 1, sizeof *s.slots);
	if (!s.fields || !s.slots)
		return -ENOMEM;
	for (size_t k = 0; e >= 0 && k < r->n_group_by; k++)
		e = find_fields(p, &s, k);
	if (e >= 0)
		e = arena_push(&p->arena, p->streams, p->n_streams, p->cap_streams, s);
	if (e >= 0)
		*ret = &p->streams[p->n_streams - 1];
	return e;
}

static void need(struct stream *s, struct node *n)
{
	const struct rule *r = n->rule;
	uint64_t most = n->high == UINT64_MAX ? n->low : MAX(n->low, n->high + 1);

	n->need = (uint32_t)MAX(most, 1);
	n->least = n->high == UINT64_MAX && !n->negated;
	if (n->by_tag)
		return;
	if (s->kind == STREAM_ORDERED)
		s->need_values = (uint32_t)r->n_rules;
	else if (n->values)
		s->need_values = MAX(s->need_values, n->need);
	else
		s->need_events = MAX(s->need_events, n->need);
}

static void set_condition(struct node *n, const struct rule *r)
{
	n->low = r->condition.low;
	n->high = r->condition.high;
	n->negated = r->condition.negated;
	n->values = r->type != CORRELATION_EVENT_COUNT;
	if (!is_temporal(r))
		return;
	/* Without a condition all of them must be there. */
	if (r->type == CORRELATION_TEMPORAL_ORDERED || !n->low || n->low > r->n_rules)
		n->low = r->n_rules;
	n->high = UINT64_MAX;
	n->negated = false;
}

static int add_node(struct plan *p, const struct rule *r, uint32_t rank)
{
	struct node node = { .rule = r, .silent = r->silent, .span = r->timespan / 1000 };
	struct stream *s = NULL;
	bool any;
	int e = 0;

	for (size_t i = 0; i < p->n_streams && !s; i++) {
		node.by_tag = r->within && divides(p, &p->streams[i], r);
		if (node.by_tag || shares(&p->streams[i], r))
			s = &p->streams[i];
	}
	if (!s)
		e = make_stream(p, r, rank, &s);
	if (e < 0)
		return e;
	set_condition(&node, r);
	s->by_tag |= node.by_tag;
	if (s->kind == STREAM_COUNT && !s->tag_known && !node.by_tag) {
		s->tag = tag_of(r, &any);
		s->tag_known = !any;
	}
	s->span = MAX(s->span, r->timespan / 1000 + (r->timespan % 1000 ? 1 : 0));
	need(s, &node);
	s->n_nodes++;
	node.like = s->like;
	return arena_push(&p->arena, p->nodes, p->n_nodes, p->cap_nodes, node);
}

static unsigned log_of(uint64_t n)
{
	unsigned log = 1;

	while ((UINT64_C(1) << log) < n)
		log++;
	return log;
}

static int finish_stream(struct plan *p, struct stream *s)
{
	uint64_t events = s->need_events, values = s->need_values;
	int e = 0;

	s->number = (uint64_t)(s - p->streams + 1) * UINT64_C(0x9e3779b97f4a7c15);
	s->scale = (uint32_t)(s->span >> 29) + 1;
	s->window = (uint32_t)(s->span / s->scale);
	if (s->kind == STREAM_ORDERED)
		events = (uint64_t)s->like->n_rules * 3 + 1;
	else if (events)
		events += events / 4 + SLACK;
	if (values && s->kind == STREAM_COUNT)
		values += values / 4 + SLACK;
	if (s->by_tag)
		events = MAX(events, BY_TAG_EVENTS);
	s->keep_events = (uint32_t)events;
	s->keep_values = (uint32_t)values;
	/* More room than that, so that it is rarely full. */
	if (s->kind == STREAM_COUNT) {
		events += s->by_tag ? events / 3 : events / 2;
		values += values / 2;
	}
	s->log_events = events ? log_of(events) : 0;
	s->log_values = values ? log_of(values) : 0;
	s->quick = s->kind == STREAM_COUNT && s->scale == 1;
	s->quiet = INT64_MAX;
	for (size_t i = 0; i < s->n_nodes; i++) {
		struct node *n = &p->nodes[s->first_node + i];

		n->stream = (uint32_t)(s - p->streams);
		n->window = (uint32_t)(MAX(n->span, 1) / s->scale);
		n->window = MAX(n->window, 1);
		s->quiet = MIN(s->quiet, n->span);
		s->quick = s->quick && n->least;
	}
	for (size_t k = 0; e >= 0 && k < s->tag.n && k < TAG_MAX; k++)
		e = find_slot(p, s->tag.list[k],
			      plan_is_address(names_text(p->names, s->tag.list[k])),
			      &s->tag_slots[k]);
	return e;
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
		const struct rule *x = rules_get(r, i % p->n_rules);

		if (x->type == CORRELATION_NONE || (x->within != NULL) != (i >= p->n_rules) ||
		    correlation_check(x, x->forgiven_by, NULL) < 0)
			continue;
		e = find_rank(p, r, x, seen, rank);
		if (e >= 0 && p->n_nodes >= NODES_MAX)
			e = -E2BIG;
		if (e >= 0)
			e = add_node(p, x, rank[x->index]);
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
		if (!in_list(r->group_fields[i], n->rule->group_fields, r->n_group_by))
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
			e = finish_stream(&p, &p.streams[i]);
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
