/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlate_plan: correlations put together so that an event is looked up as rarely as possible.
 *
 * Correlations over the same rules and groups share a stream: one group, one log of events and one
 * of distinct values serve all their windows. Streams stand in the order in which they feed each
 * other.
 */
#ifndef HF_DETECT_CORRELATE_PLAN_H
#define HF_DETECT_CORRELATE_PLAN_H

#include "base/arena.h"
#include "detect/rule.h"

/* Most rules that one correlation refers to: positions are bits of a word. */
#define POSITIONS_MAX 64
#define GROUP_BY_MAX 16
#define TAG_MAX 4
/* Most that a condition by tag may ask for, and what its stream remembers. */
#define BY_TAG_MAX 16U
#define BY_TAG_EVENTS 48U
/* Most entries that a condition may ask for. */
#define EVENTS_MAX 1'000'000U
#define VALUES_MAX 16'000U

enum stream_kind {
	STREAM_COUNT,   /* event_count, value_count */
	STREAM_ANY,     /* temporal: the values are positions */
	STREAM_ORDERED, /* temporal_ordered: events are positions, values the best chains */
	/*
	 * temporal_ordered of a correlation and a rule, by the same groups: when the rule matches, the
	 * correlation's own group says whether it held. Nothing is entered while it does.
	 */
	STREAM_PULLED,
};

#define NODE_NONE UINT16_MAX

struct node {
	uint32_t window; /* ticks */
	uint32_t spread; /* ticks from the first to the last of `need` entries, at least */
	uint32_t need;   /* entries that the condition looks at */
	bool values;     /* it counts values, not events */
	bool least;      /* the condition is a lower bound alone: need */
	bool silent, negated;
	bool by_tag; /* groups are those of the stream and its tag (rule->within) */
	bool feeds;  /* others refer to it and are fed */
	bool pulled; /* only streams that pull refer to it: need not be looked at */
	/* Nodes that are asked before it is told, NODE_NONE behind the last one */
	uint16_t unless[RULE_ASKED_MAX], when[RULE_ASKED_MAX];
	uint32_t stream;
	int64_t span; /* milliseconds */
	uint64_t low, high;
	const struct rule *rule, *like; /* like: the first of its stream */
};

/* What window_quick() looks at of a node that is not pulled. */
struct judged {
	uint32_t window, spread, need;
	int64_t span;
	uint16_t number; /* of the node */
	bool values, by_tag, silent, feeds;
};
/* Most of them in a stream for which there is a quick way. */
#define JUDGED_MAX 32U

/* A field that some correlation looks at. */
struct slot {
	uint16_t field; /* 0: none */
	bool address;   /* take the network */
	bool any_case;  /* names of Windows: case does not count */
};

struct stream {
	enum stream_kind kind;
	uint32_t rank;
	uint64_t number;         /* its part of the keys */
	uint16_t pulls;          /* node that STREAM_PULLED asks */
	const struct rule *like; /* the first of its correlations */
	unsigned n_fields;
	uint16_t *fields; /* n_fields for each referenced rule, 0: it has none */
	uint16_t *slots;  /* the same as slots */
	struct rule_field_list tag;
	uint16_t tag_slots[TAG_MAX];
	bool tag_known;
	uint16_t first_node, n_nodes;
	uint32_t scale;  /* milliseconds a tick */
	int64_t span;    /* milliseconds: the longest window */
	uint32_t window; /* ticks */
	uint32_t need_events, need_values;
	uint32_t keep_events, keep_values; /* when there is no more room */
	bool by_tag;                       /* it has nodes that are */
	bool quick;                        /* window_quick() may do */
	uint32_t tagged;                   /* quick: bits of the nodes that are by tag */
	struct judged *judged;             /* quick: n_judged */
	uint32_t n_judged;
	int64_t quiet;                   /* milliseconds: the longest window */
	unsigned log_events, log_values; /* most room */
};

/* Where matches of a rule go. */
struct input {
	uint16_t stream;
	uint8_t position; /* of the rule among the referenced ones */
	bool forgives;
};

struct plan {
	struct arena arena;
	const struct names *names;
	size_t n_rules;
	struct stream *streams;
	size_t n_streams, cap_streams;
	struct node *nodes;
	size_t n_nodes, cap_nodes;
	struct slot *slots; /* [0]: none */
	size_t n_slots, cap_slots;
	uint32_t *rule_slots; /* n_rules: those of the first 32 that an event of the rule needs */
	uint32_t *inputs_at;  /* n_rules + 1 offsets */
	struct input *inputs;
	uint16_t *node_of; /* of a rule, n_nodes: none */
};

/* Whether so much time, in ticks, lies between the ends of what a condition asks for. */
static inline bool node_takes(const struct node *n, uint32_t ticks)
{
	return ticks < n->window && ticks >= n->spread;
}

static inline bool rule_is_temporal(const struct rule *r)
{
	return r->type == CORRELATION_TEMPORAL || r->type == CORRELATION_TEMPORAL_ORDERED;
}

static inline bool fields_same(const struct rule_field_list *a, const struct rule_field_list *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->list, b->list, a->n * sizeof *a->list));
}

static inline bool fields_have(const uint16_t *list, size_t n, uint16_t field)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == field)
			return true;
	return false;
}

/*
 * Enters a correlation into the stream that it can share, or a new one (correlate_stream.c). rank: how many
 * correlations feed each other up to it. -ENOMEM.
 */
[[nodiscard]] int plan_add_node(struct plan *p, const struct rule *r, uint32_t rank);
/* What a stream keeps, once all its nodes stand in their places. -ENOMEM. */
[[nodiscard]] int plan_finish_stream(struct plan *p, struct stream *s);
/* Lists what window_quick() looks at, once it is known who feeds and who pulls. -ENOMEM. */
[[nodiscard]] int plan_judge(struct plan *p, struct stream *s);

/* -ENOMEM; -ELOOP: correlations feed themselves; -E2BIG: more than 60,000 of them. */
[[nodiscard]] int plan_make(const struct rules *r, const struct names *names, struct plan *ret);
/* What events need of it, once it is made (correlate_ahead.c). -ENOMEM. */
[[nodiscard]] int plan_needs(struct plan *p);
void plan_release(struct plan *p);

/* Whether a field bears addresses: those of IPv6 are taken by their network. */
bool plan_is_address(struct str name);
/* … of an account or a client of Windows, in which case does not count. */
bool plan_is_any_case(struct str name);

#endif
