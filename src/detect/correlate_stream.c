/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which correlations share a stream, and what each stream keeps. */
#include "detect/correlate_plan.h"

#define NODES_A_STREAM 100U
/* Later entries that may have come before an earlier one, beside those that a condition needs. */
#define SLACK 3U

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

	return s->kind == STREAM_COUNT && !rule_is_temporal(r) && s->n_nodes < NODES_A_STREAM &&
	       s->like->forgiven_by == r->forgiven_by &&
	       fields_same(&s->like->forgiven_same, &r->forgiven_same) && same_groups(s, r) &&
	       (any || !s->tag_known || fields_same(&s->tag, &tag));
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
		if (!fields_have(like->group_fields, like->n_group_by, r->group_fields[i]) &&
		    !fields_have(s->tag.list, s->tag.n, r->group_fields[i]))
			return false;
	return r->forgiven_by == like->forgiven_by &&
	       (!r->forgiven_by ||
		(!r->forgiven_same.n && fields_same(&like->forgiven_same, &s->tag)));
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

	if (rule_is_temporal(r))
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
	if (!rule_is_temporal(r))
		return;
	/* Without a condition all of them must be there. */
	if (r->type == CORRELATION_TEMPORAL_ORDERED || !n->low || n->low > r->n_rules)
		n->low = r->n_rules;
	n->high = UINT64_MAX;
	n->negated = false;
}

int plan_add_node(struct plan *p, const struct rule *r, uint32_t rank)
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

int plan_finish_stream(struct plan *p, struct stream *s)
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
	s->quick = s->kind == STREAM_COUNT && s->scale == 1 && s->n_nodes <= JUDGED_MAX;
	s->quiet = s->span;
	for (size_t i = 0; i < s->n_nodes; i++) {
		struct node *n = &p->nodes[s->first_node + i];

		n->stream = (uint32_t)(s - p->streams);
		n->window = (uint32_t)(MAX(n->span, 1) / s->scale);
		n->window = MAX(n->window, 1);
		n->spread = (uint32_t)(n->rule->spread / 1000 / s->scale);
		s->quick = s->quick && n->least;
	}
	for (size_t k = 0; e >= 0 && k < s->tag.n && k < TAG_MAX; k++)
		e = find_slot(p, s->tag.list[k],
			      plan_is_address(names_text(p->names, s->tag.list[k])),
			      &s->tag_slots[k]);
	return e;
}

int plan_judge(struct plan *p, struct stream *s)
{
	if (!s->quick)
		return 0;
	s->judged = arena_array(&p->arena, s->n_nodes, sizeof *s->judged);
	if (!s->judged)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n_nodes; i++) {
		const struct node *n = &p->nodes[s->first_node + i];

		s->tagged |= (uint32_t)n->by_tag << i;
		if (n->pulled || (n->silent && !n->feeds))
			continue;
		s->judged[s->n_judged++] = (struct judged){
			.window = n->window,
			.spread = n->spread,
			.need = n->need,
			.span = n->span,
			.number = (uint16_t)(s->first_node + i),
			.values = n->values,
			.by_tag = n->by_tag,
			.silent = n->silent,
			.feeds = n->feeds,
		};
	}
	return 0;
}
