/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The correlator against a model that keeps everything and looks at all of it for every event.
 * Random events and conditions; the same random numbers every time.
 */
#include "correlations.h"
#include "tap.h"

enum { FAIL, LOGIN, OTHER, PLAIN_N };
#define EVENTS_N 1500

static struct names *names;
static uint16_t src_ip, user;
static uint64_t state;

static uint32_t chance(uint32_t n)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33) % n;
}

/* Text of an address and what it is grouped by. */
static const struct {
	const char *text, *group;
} addresses[] = {
	{"192.0.2.1",          "192.0.2.1"        },
	{ "192.0.2.10",        "192.0.2.10"       },
	{ "::ffff:192.0.2.1",  "192.0.2.1"        },
	{ "2001:db8::1",       "2001:db8::/64"    },
	{ "2001:db8::2:3:4:5", "2001:db8::/64"    },
	{ "2001:db8:0:1::1",   "2001:db8:0:1::/64"},
	{ "mail.example",      "mail.example"     },
};
static const char *const users[] = { "root", "alice", "bob", "carol", "", "a b" };

struct entry {
	int64_t ms;
	unsigned rules; /* bits */
	unsigned address, user;
};

/* What an alert says. */
struct said {
	size_t rule;
	uint64_t count;
	int64_t first, last;
	char group[64];
};
struct speech {
	struct said list[64];
	size_t n;
};

static void add_said(struct speech *s, const struct said *x)
{
	if (s->n < COUNT(s->list))
		s->list[s->n++] = *x;
}

static int hear(void *to, const struct alert *a)
{
	struct said x = {
		.rule = a->rule->index, .count = a->count, .first = a->first, .last = a->last
	};
	size_t n = 0;

	for (size_t i = 0; a->group && i < a->rule->n_group_by; i++)
		n += (size_t)snprintf(x.group + n, sizeof x.group - n, "%.*s|",
				      STR_FMT(a->group[i]));
	if (a->rule->type)
		add_said(to, &x);
	return 0;
}

/* The model: of one correlation and one group. */
struct memory {
	char group[64];
	struct {
		int64_t ms;
		unsigned rules;
		char tag[64];
		bool gone;
	} list[EVENTS_N];
	size_t n;
	bool fired;
	int64_t first, last;
	uint64_t count, told;
	char seen[64][64];
	size_t n_seen;
};
struct model {
	struct memory *groups[64];
	size_t n;
};

static const char *group_text(uint16_t field, const struct entry *e)
{
	return field == src_ip ? addresses[e->address].group : users[e->user];
}

static struct memory *remembered(struct model *m, const struct rule *r, const struct entry *e)
{
	char text[64];
	size_t n = 0;

	for (size_t i = 0; i < r->n_group_by; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s|",
				      group_text(r->group_fields[i], e));
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->groups[i]->group, text))
			return m->groups[i];
	m->groups[m->n] = calloc(1, sizeof *m->groups[0]);
	memcpy(m->groups[m->n]->group, text, sizeof text);
	return m->groups[m->n++];
}

/* Entries that count: of value_count the latest of each value. */
static bool counts(const struct rule *r, const struct memory *m, size_t i)
{
	if (m->list[i].gone)
		return false;
	for (size_t k = 0; r->type == CORRELATION_VALUE_COUNT && k < m->n; k++)
		if (k != i && !m->list[k].gone && !strcmp(m->list[k].tag, m->list[i].tag) &&
		    (m->list[k].ms > m->list[i].ms || (m->list[k].ms == m->list[i].ms && k > i)))
			return false;
	return true;
}

/* How many lie in the window that ends at `to`; the earliest of them. */
static uint64_t within(const struct rule *r, const struct memory *m, int64_t to, int64_t *first)
{
	uint64_t n = 0;

	*first = to;
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].ms <= to && m->list[i].ms > to - r->timespan / 1000 &&
		    counts(r, m, i)) {
			*first = MIN(*first, m->list[i].ms);
			n++;
		}
	return n;
}

/* The newest entry is in some window with enough: the earliest end of such a window. */
static bool model_holds(const struct rule *r, const struct memory *m, int64_t *ret_to)
{
	int64_t ms = m->list[m->n - 1].ms, best = INT64_MAX, first;

	if (!counts(r, m, m->n - 1))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		int64_t to = m->list[i].ms;

		if (to >= ms && to < ms + r->timespan / 1000 && to < best && counts(r, m, i) &&
		    within(r, m, to, &first) >= r->condition.low)
			best = to;
	}
	*ret_to = best;
	return best != INT64_MAX;
}

static void add_seen(struct memory *m, const char *tag)
{
	for (size_t i = 0; i < m->n_seen; i++)
		if (!strcmp(m->seen[i], tag))
			return;
	memcpy(m->seen[m->n_seen++], tag, 64);
}

static void begin(const struct rule *r, struct memory *m, int64_t to)
{
	m->fired = true;
	m->last = MAX(to, m->list[m->n - 1].ms);
	m->count = within(r, m, to, &m->first);
	m->n_seen = 0;
	for (size_t i = 0; i < m->n; i++)
		if (counts(r, m, i) && m->list[i].ms <= to &&
		    m->list[i].ms > to - r->timespan / 1000)
			add_seen(m, m->list[i].tag);
	m->told = m->count;
}

static bool go_on(const struct rule *r, struct memory *m, bool holds)
{
	if (r->type != CORRELATION_TEMPORAL_ORDERED || holds)
		m->last = MAX(m->last, m->list[m->n - 1].ms);
	if (r->type == CORRELATION_TEMPORAL_ORDERED) {
		m->count += holds;
	} else if (r->type == CORRELATION_EVENT_COUNT) {
		m->count++;
	} else {
		add_seen(m, m->list[m->n - 1].tag);
		m->count = m->n_seen;
	}
	if (!holds || m->count < 2 * m->told)
		return false;
	m->told = m->count;
	return true;
}

static void model_tell(const struct rule *r, struct memory *m, bool holds, int64_t to,
		       struct speech *out)
{
	struct said x = { .rule = r->index };
	int64_t ms = m->list[m->n - 1].ms;
	bool worth = false;

	if (m->fired && ms - m->last >= r->timespan / 1000)
		m->fired = false;
	if (m->fired) {
		worth = go_on(r, m, holds);
	} else if (holds) {
		begin(r, m, to);
		worth = true;
	}
	if (!worth)
		return;
	x.count = m->count;
	x.first = m->first * 1000;
	x.last = m->last * 1000;
	memcpy(x.group, m->group, sizeof x.group);
	add_said(out, &x);
}

/* The last rule of the sequence is there: the latest of the one before it, and so on. */
static bool sequence(const struct rule *r, struct memory *m, int64_t *first)
{
	size_t at = m->n - 1;

	for (size_t k = r->n_rules - 1; k > 0; k--) {
		size_t found = SIZE_MAX;

		for (size_t i = 0; i < at; i++)
			if (m->list[i].rules & 1U << r->rules[k - 1]->index)
				found = i;
		if (found == SIZE_MAX)
			return false;
		at = found;
	}
	*first = m->list[at].ms;
	return m->list[m->n - 1].ms - *first < r->timespan / 1000;
}

static void tag_text(const struct rule *r, const struct entry *e, char ret[static 64])
{
	uint16_t field = r->value_fields.n ? r->value_fields.list[0] : 0;

	if (r->forgiven_same.n)
		field = r->forgiven_same.list[0];
	snprintf(ret, 64, "%s", field ? group_text(field, e) : "");
}

/* What one correlation says to one event. Returns whether it holds now. */
static bool model_event(const struct rule *r, struct model *model, const struct entry *e,
			unsigned matched, struct speech *out)
{
	struct memory *m = remembered(model, r, e);
	bool holds = false;
	int64_t to = 0;
	size_t before = out->n;

	m->list[m->n].ms = e->ms;
	m->list[m->n].rules = matched;
	tag_text(r, e, m->list[m->n].tag);
	m->n++;
	if (r->type == CORRELATION_TEMPORAL_ORDERED) {
		if (matched & 1U << r->rules[r->n_rules - 1]->index)
			holds = sequence(r, m, &to);
		model_tell(r, m, holds, e->ms, out);
		if (out->n > before && m->n_seen) {
			m->first = to;
			m->count = m->told = 1;
			m->n_seen = 0;
			out->list[before].first = to * 1000;
			out->list[before].count = 1;
		}
	} else {
		holds = model_holds(r, m, &to);
		model_tell(r, m, holds, to, out);
	}
	return holds;
}

static void model_forgive(const struct rule *r, struct model *model, const struct entry *e)
{
	struct memory *m = remembered(model, r, e);
	char tag[64];

	tag_text(r, e, tag);
	for (size_t i = 0; i < m->n; i++)
		if (!r->forgiven_same.n || !strcmp(tag, m->list[i].tag))
			m->list[i].gone = true;
}

static void model_all(const struct rules *rs, struct model *models, const struct entry *e,
		      struct speech *out)
{
	unsigned matched = e->rules;

	for (size_t i = PLAIN_N; i < rs->n; i++) {
		const struct rule *r = &rs->list[i];
		unsigned wanted = 0;

		for (size_t k = 0; k < r->n_rules; k++)
			wanted |= 1U << r->rules[k]->index;
		if ((matched & wanted) && model_event(r, &models[i], e, matched & wanted, out))
			matched |= 1U << i;
	}
	for (size_t i = PLAIN_N; i < rs->n; i++)
		if (rs->list[i].forgiven_by && (e->rules & 1U << rs->list[i].forgiven_by->index))
			model_forgive(&rs->list[i], &models[i], e);
}

static void make_rules(struct rules *rs)
{
	int64_t seconds = 5 + chance(60);
	struct rule *r;

	*rs = (struct rules){};
	for (unsigned i = 0; i < PLAIN_N; i++)
		add_plain(rs);
	/* Three that share a stream, if their attributes agree. */
	for (unsigned i = 0; i < 3; i++) {
		r = add_correlation(rs, i == 2 ? CORRELATION_VALUE_COUNT : CORRELATION_EVENT_COUNT,
				    i == 2 ? 1 + chance(4) : 1 + chance(12),
				    i ? seconds : seconds * 5);
		refer(rs, r, &rs->list[FAIL]);
		refer(rs, r, &rs->list[OTHER]);
		group_by(rs, r, names, src_ip);
		if (i == 2)
			r->value_fields = (struct rule_field_list){ &user, 1 };
		if (state & 1U << 20) {
			r->forgiven_by = &rs->list[LOGIN];
			r->forgiven_same = (struct rule_field_list){ &user, 1 };
		}
	}
	r = add_correlation(rs, CORRELATION_VALUE_COUNT, 2 + chance(3), seconds);
	refer(rs, r, &rs->list[FAIL]);
	group_by(rs, r, names, user);
	r->value_fields = (struct rule_field_list){ &src_ip, 1 };
	r = add_correlation(rs, CORRELATION_EVENT_COUNT, 2 + chance(3), seconds * 2);
	refer(rs, r, &rs->list[FAIL]);
	group_by(rs, r, names, src_ip);
	group_by(rs, r, names, user);
	if (chance(2))
		r->forgiven_by = &rs->list[LOGIN];
	r = add_correlation(rs, CORRELATION_TEMPORAL_ORDERED, 0, seconds);
	refer(rs, r, &rs->list[rs->n - 2]);
	refer(rs, r, &rs->list[LOGIN]);
	group_by(rs, r, names, src_ip);
	r = add_correlation(rs, CORRELATION_TEMPORAL_ORDERED, 0, seconds * 2);
	refer(rs, r, &rs->list[OTHER]);
	refer(rs, r, &rs->list[FAIL]);
	refer(rs, r, &rs->list[LOGIN]);
	group_by(rs, r, names, user);
}

static void make_entries(struct entry *list, size_t n, unsigned disorder)
{
	int64_t ms = 1'700'000'000'000;

	for (size_t i = 0; i < n; i++) {
		ms += chance(8) ? chance(3000) : chance(90'000);
		if (!chance(4))
			ms = (ms + 999) / 1000 * 1000;
		list[i] = (struct entry){ .ms = ms,
					  .rules = 1U << (chance(5) ? chance(2) : OTHER),
					  .address = chance(COUNT(addresses)),
					  .user = chance(COUNT(users)) };
		if (!chance(10))
			list[i].rules |= 1U << OTHER;
	}
	for (size_t i = 1; disorder && i < n; i++) {
		struct entry x = list[i];

		if (chance(disorder) || list[i].ms - list[i - 1].ms > 4000)
			continue;
		list[i] = list[i - 1];
		list[i - 1] = x;
	}
}

static void make_event(const struct entry *e, struct event_value values[static 2],
		       struct event *ret)
{
	values[0] =
		(struct event_value){ .field = src_ip, .text = str_of(addresses[e->address].text) };
	values[1] = (struct event_value){ .field = user, .text = str_of(users[e->user]) };
	*ret = (struct event){ .time = e->ms * 1000, .n = 2, .values = values };
}

static void show(const char *who, const struct speech *s)
{
	for (size_t i = 0; i < s->n; i++)
		printf("# %s: rule %zu count %" PRIu64 " first %" PRId64 " last %" PRId64 " %s\n",
		       who, s->list[i].rule, s->list[i].count, s->list[i].first, s->list[i].last,
		       s->list[i].group);
}

static int by_rule(const void *a, const void *b)
{
	const struct said *x = a, *y = b;

	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool same(const struct speech *a, const struct speech *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].rule != b->list[i].rule || a->list[i].count != b->list[i].count ||
		    a->list[i].first != b->list[i].first || a->list[i].last != b->list[i].last ||
		    strcmp(a->list[i].group, b->list[i].group) != 0)
			return false;
	return true;
}

static size_t compare(const struct rules *rs, const struct entry *list, size_t n, size_t *told)
{
	own(correlator_release) struct correlator *c = NULL;
	struct model models[RULES_MAX] = {};
	size_t i;

	if (correlator_new(rs, names, NULL, &c) < 0)
		return 0;
	for (i = 0; i < n; i++) {
		const struct rule *matched[PLAIN_N];
		struct speech want = {}, got = {};
		struct event_value values[2];
		struct event e;
		size_t k = 0;

		for (unsigned r = 0; r < PLAIN_N; r++)
			if (list[i].rules & 1U << r)
				matched[k++] = &rs->list[r];
		make_event(&list[i], values, &e);
		if (correlator_add(c, &e, matched, k, hear, &got) < 0)
			break;
		model_all(rs, models, &list[i], &want);
		qsort(got.list, got.n, sizeof *got.list, by_rule);
		qsort(want.list, want.n, sizeof *want.list, by_rule);
		*told += want.n;
		if (!same(&got, &want)) {
			printf("# event %zu at %" PRId64 "\n", i, list[i].ms);
			show("model", &want);
			show("correlator", &got);
			break;
		}
	}
	for (size_t r = 0; r < RULES_MAX; r++)
		for (size_t k = 0; k < models[r].n; k++)
			free(models[r].groups[k]);
	return i;
}

static void test_model(const char *name, unsigned disorder, unsigned runs)
{
	static struct entry list[EVENTS_N];
	static struct rules rs;
	size_t told = 0, n = 0;
	uint64_t seed;
	char what[160];

	for (seed = 1; seed <= runs && n == (seed - 1) * EVENTS_N; seed++) {
		state = seed * 7919;
		make_rules(&rs);
		/* Sequences are exact for events in order; others have tests of their own. */
		if (disorder)
			rs.n -= 2;
		make_entries(list, EVENTS_N, disorder);
		n += compare(&rs, list, EVENTS_N, &told);
	}
	snprintf(what, sizeof what, "%s: all %u runs say the same", name, runs);
	if (!is_int((int64_t)n, (int64_t)runs * EVENTS_N, what))
		printf("# run %" PRIu64 "\n", seed - 1);
	ok(told > runs * 20, "and there was something to say");
}

int main(void)
{
	if (names_new(&names) < 0 || names_add(names, STR("src_ip"), &src_ip) < 0 ||
	    names_add(names, STR("User"), &user) < 0)
		return 1;
	test_model("in order", 0, 40);
	test_model("out of order", 3, 40);
	names_release(&names);
	return done();
}
