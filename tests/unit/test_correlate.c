/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The correlator, one property a test; test_correlate_model.c compares it as a whole. */
#include "correlations.h"
#include "tap.h"

static struct names *names;
static uint16_t src_ip, user, other_ip;
static struct rules rs;

struct heard {
	size_t n;
	uint64_t count;
	int64_t first, last;
	const struct rule *rule;
	char group[128];
};

static int hear(void *to, const struct alert *a)
{
	struct heard *h = to;

	h->n++;
	h->count = a->count;
	h->first = a->first / 1'000'000;
	h->last = a->last / 1'000'000;
	h->rule = a->rule;
	if (a->group && a->rule->n_group_by)
		snprintf(h->group, sizeof h->group, "%.*s", STR_FMT(a->group[0]));
	return 0;
}

/* One event that a plain rule matched; NULL: the field is absent. */
static size_t add(struct correlator *c, const struct rule *r, int64_t second, const char *ip,
		  const char *who, struct heard *h)
{
	struct event_value values[2];
	struct event e = { .time = second * 1'000'000, .values = values };
	size_t before = h->n;

	if (ip)
		values[e.n++] = (struct event_value){ .field = src_ip, .text = str_of(ip) };
	if (who)
		values[e.n++] = (struct event_value){ .field = user, .text = str_of(who) };
	if (correlator_add(c, &e, &r, 1, hear, h) < 0)
		return SIZE_MAX;
	return h->n - before;
}

static struct correlator *make(size_t memory)
{
	struct correlator *c = NULL;

	if (correlator_new(&rs, names, &(struct correlator_options){ memory }, &c) < 0)
		ok(false, "a correlator");
	return c;
}

static struct rule *fails, *logins;

static struct rule *simple(enum correlation_type type, uint64_t low, int64_t seconds)
{
	struct rule *r;

	rs = (struct rules){};
	fails = add_plain(&rs);
	logins = add_plain(&rs);
	r = add_correlation(&rs, type, low, seconds);
	refer(&rs, r, fails);
	group_by(&rs, r, names, src_ip);
	return r;
}

static void test_count(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct heard h = {};

	simple(CORRELATION_EVENT_COUNT, 3, 10);
	c = make(0);
	add(c, fails, 100, "192.0.2.1", "a", &h);
	add(c, fails, 105, "192.0.2.1", "a", &h);
	is_int(add(c, fails, 110, "192.0.2.1", "a", &h), 0, "the window is half open");
	is_int(add(c, fails, 114, "192.0.2.1", "a", &h), 1, "three in ten seconds");
	is_int((int64_t)h.count, 3, "their number");
	is_int(h.first, 105, "the first of them");
	is_int(h.last, 114, "the last of them");
	is_str(str_of(h.group), STR("192.0.2.1"), "of whom");
	is_int(add(c, fails, 115, "192.0.2.1", "a", &h), 0, "not told again at once");
	is_int(add(c, fails, 115, "192.0.2.1", "a", &h), 0, "nor at five");
	is_int(add(c, fails, 116, "192.0.2.1", "a", &h), 1, "but when they have doubled");
	is_int((int64_t)h.count, 6, "their number");
	is_int(add(c, fails, 116, "192.0.2.2", "a", &h), 0, "others count for themselves");
	for (int i = 0; i < 5; i++)
		add(c, fails, 117, "192.0.2.1", "a", &h);
	is_int(add(c, fails, 117, "192.0.2.1", "a", &h), 1, "and doubled again");
	add(c, fails, 127, "192.0.2.1", "a", &h);
	add(c, fails, 127, "192.0.2.1", "a", &h);
	is_int(add(c, fails, 127, "192.0.2.1", "a", &h), 1, "told anew after a quiet window");
	is_int((int64_t)h.count, 3, "and counted anew");
	is_int(add(c, fails, 128, NULL, "a", &h), 0, "without a group an event is left out");
}

static uint64_t hash_with(const uint64_t seed[static 2], bool late)
{
	own(correlator_release) struct correlator *c = NULL;
	struct event_value v = { .field = src_ip, .text = STR("192.0.2.1") };
	struct event e = { .n = 1, .values = &v };
	struct heard h = {};

	simple(CORRELATION_EVENT_COUNT, 3, 10);
	c = make(0);
	if (late)
		add(c, fails, 100, "192.0.2.1", "a", &h);
	correlator_seed(c, seed);
	add(c, fails, 101, "192.0.2.1", "a", &h);
	return correlator_hash(c, &e, src_ip, true);
}

static void test_seed(void)
{
	const uint64_t one[] = { 1, 2 }, two[] = { 1, 3 };

	ok(hash_with(one, false) == hash_with(one, false), "the same seed, the same hashes");
	ok(hash_with(one, false) != hash_with(two, false), "another seed, others");
	ok(hash_with(one, true) != hash_with(one, true), "not where there are events already");
}

static void test_without_time(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct event_value v = { .field = src_ip, .text = STR("192.0.2.1") };
	struct event e = { .time = EVENT_TIME_UNKNOWN, .n = 1, .values = &v };
	const struct rule *r;
	struct heard h = {};

	simple(CORRELATION_EVENT_COUNT, 3, 10);
	c = make(0);
	r = fails;
	add(c, fails, 1000, "192.0.2.1", "a", &h);
	is_int(correlator_add(c, &e, &r, 1, hear, &h), 0, "an event without a time");
	is_int(correlator_add(c, &e, &r, 1, hear, &h), 0, "and another");
	is_int((int64_t)h.n, 1, "count as if they were of the time of the last that had one");
	is_int(h.last, 1000, "which is theirs");
	e.time = INT64_MAX;
	is_int(correlator_add(c, &e, &r, 1, hear, &h), 0, "the end of time");
	e.time = INT64_MIN + 1;
	is_int(correlator_add(c, &e, &r, 1, hear, &h), 0, "and its beginning");
}

static void test_values(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct heard h = {};
	char who[16];
	size_t told = 0;

	simple(CORRELATION_VALUE_COUNT, 4, 100)->value_fields =
		(struct rule_field_list){ &user, 1 };
	c = make(0);
	for (int i = 0; i < 50; i++)
		told += add(c, fails, 1000 + i, "192.0.2.1", i % 2 ? "a" : "b", &h);
	is_int((int64_t)told, 0, "two values are two, however often");
	add(c, fails, 1050, "192.0.2.1", NULL, &h);
	add(c, fails, 1051, "192.0.2.1", "c", &h);
	is_int(add(c, fails, 1052, "192.0.2.1", "d", &h), 1, "four values");
	is_int((int64_t)h.count, 4, "their number");
	for (int i = 0; i < 5000; i++) {
		snprintf(who, sizeof who, "u%d", i);
		add(c, fails, 1053, "192.0.2.1", who, &h);
	}
	is_int((int64_t)h.count, 2048, "told when they have doubled, again and again");
	simple(CORRELATION_VALUE_COUNT, 2, 100)->value_fields =
		(struct rule_field_list){ &src_ip, 1 };
	rs.fields[2][0] = user;
	correlator_release(&c);
	c = make(0);
	h.n = 0;
	for (int i = 0; i < 5; i++)
		add(c, fails, 1000 + i, i % 2 ? "2001:db8::1" : "2001:db8::2", "a", &h);
	is_int((int64_t)h.n, 0, "addresses of one network are one value");
	is_int(add(c, fails, 1010, "2001:db8:1::1", "a", &h), 1, "of two networks two");
}

static void test_range(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *r = simple(CORRELATION_EVENT_COUNT, 1, 10);
	struct heard h = {};

	r->condition.high = 1;
	c = make(0);
	is_int(add(c, fails, 100, "192.0.2.1", "a", &h), 1, "the first of a window");
	is_int(add(c, fails, 105, "192.0.2.1", "a", &h), 0, "and not the second");
	is_int(add(c, fails, 120, "192.0.2.1", "a", &h), 1, "but the first of the next");
	correlator_release(&c);
	r->condition = (struct correlation_condition){ 1, 1, true };
	c = make(0);
	h.n = 0;
	add(c, fails, 100, "192.0.2.1", "a", &h);
	is_int((int64_t)h.n, 0, "neq 1 does not hold for one");
	is_int(add(c, fails, 101, "192.0.2.1", "a", &h), 1, "but for two");
}

static void test_late(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct correlator_stats stats;
	struct heard h = {};

	simple(CORRELATION_EVENT_COUNT, 3, 10);
	c = make(0);
	add(c, fails, 100, "192.0.2.1", "a", &h);
	add(c, fails, 108, "192.0.2.1", "a", &h);
	is_int(add(c, fails, 103, "192.0.2.1", "a", &h), 1, "late, but in time");
	correlator_stats(c, &stats);
	is_int((int64_t)stats.late, 0, "that is not late");
	h.n = 0;
	add(c, fails, 50, "192.0.2.1", "a", &h);
	add(c, fails, 51, "192.0.2.1", "a", &h);
	is_int(add(c, fails, 52, "192.0.2.1", "a", &h), 1, "the clock went back");
	is_int(h.first, 50, "and that is a window, too");
	correlator_stats(c, &stats);
	is_int((int64_t)stats.late, 1, "counted once");
}

static void test_temporal(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *r = simple(CORRELATION_TEMPORAL, 0, 10);
	struct heard h = {};

	refer(&rs, r, logins);
	c = make(0);
	add(c, logins, 100, "192.0.2.1", "a", &h);
	add(c, logins, 101, "192.0.2.1", "a", &h);
	add(c, fails, 105, "192.0.2.2", "a", &h);
	is_int((int64_t)h.n, 0, "one rule alone, or another group, is not both");
	is_int(add(c, fails, 109, "192.0.2.1", "a", &h), 1, "both, in any order");
	is_int(h.first, 101, "from the one");
	is_int(h.last, 109, "to the other");
	add(c, fails, 120, "192.0.2.3", "a", &h);
	is_int(add(c, logins, 131, "192.0.2.3", "a", &h), 0, "too far apart");
	is_int(add(c, logins, 118, "192.0.2.3", "a", &h), 0, "older than the window");
}

static void test_ordered(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *r = simple(CORRELATION_TEMPORAL_ORDERED, 0, 10), *third = add_plain(&rs);
	struct heard h = {};

	refer(&rs, r, logins);
	refer(&rs, r, third);
	c = make(0);
	add(c, logins, 100, "192.0.2.1", "a", &h);
	add(c, fails, 101, "192.0.2.1", "a", &h);
	is_int(add(c, third, 102, "192.0.2.1", "a", &h), 0, "not in order");
	add(c, logins, 103, "192.0.2.1", "a", &h);
	is_int(add(c, third, 104, "192.0.2.1", "a", &h), 1, "in order");
	is_int(h.first, 101, "from the first");
	is_int(h.last, 104, "to the last");
	is_int((int64_t)h.count, 1, "once");
	add(c, fails, 200, "192.0.2.1", "a", &h);
	add(c, third, 204, "192.0.2.1", "a", &h);
	is_int(add(c, logins, 202, "192.0.2.1", "a", &h), 1, "the middle came last");
	add(c, fails, 300, "192.0.2.1", "a", &h);
	add(c, logins, 305, "192.0.2.1", "a", &h);
	is_int(add(c, third, 310, "192.0.2.1", "a", &h), 0, "too long");
}

static void test_alias(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *r = simple(CORRELATION_TEMPORAL_ORDERED, 0, 10);
	uint16_t fields[] = { src_ip, other_ip };
	struct correlation_alias alias = { STR("from"), fields };
	struct event_value v[] = {
		{.field = other_ip, .text = STR("192.0.2.1")},
		{ .field = src_ip,  .text = STR("192.0.2.9")}
	};
	struct event e = { .time = 105'000'000, .n = 2, .values = v };
	struct heard h = {};
	const struct rule *matched;

	refer(&rs, r, logins);
	matched = logins;
	rs.names[2][0] = STR("from");
	rs.fields[2][0] = 0;
	r->aliases = &alias;
	r->n_aliases = 1;
	c = make(0);
	add(c, fails, 100, "192.0.2.1", "a", &h);
	is_int(correlator_add(c, &e, &matched, 1, hear, &h), 0, "an event with an alias");
	is_int((int64_t)h.n, 1, "is of the same group by another field");
	is_str(str_of(h.group), STR("192.0.2.1"), "whose value is told");
}

static void test_chain(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *many = simple(CORRELATION_EVENT_COUNT, 4, 3600), *r;
	struct heard h = {};

	many->silent = true;
	group_by(&rs, many, names, user);
	r = add_correlation(&rs, CORRELATION_TEMPORAL_ORDERED, 0, 3600);
	refer(&rs, r, many);
	refer(&rs, r, logins);
	group_by(&rs, r, names, src_ip);
	group_by(&rs, r, names, user);
	c = make(0);
	for (int i = 0; i < 3; i++)
		add(c, fails, 100 + i, "192.0.2.1", "a", &h);
	is_int(add(c, logins, 104, "192.0.2.1", "a", &h), 0, "three failures, then a login");
	for (int i = 0; i < 4; i++)
		add(c, fails, 200 + i, "192.0.2.2", "a", &h);
	is_int(add(c, logins, 210, "192.0.2.2", "b", &h), 0, "somebody else");
	is_int(add(c, logins, 210, "192.0.2.2", "a", &h), 1, "four failures, then a login");
	ok(h.rule == r, "told by the outer one");
	for (int i = 0; i < 10; i++)
		add(c, fails, 4000 + i * 3000, "192.0.2.3", "a", &h);
	is_int(add(c, logins, 34000, "192.0.2.3", "a", &h), 0, "hardly ever four in an hour");
	for (int i = 0; i < 100; i++)
		add(c, fails, 40000 + i * 300, "192.0.2.4", "a", &h);
	is_int(add(c, logins, 69900, "192.0.2.4", "a", &h), 1, "eight hours of failures");
	is_int(h.first, 66400, "the last twelve of which are in its window");
}

static void test_loop(void)
{
	struct rule *a = simple(CORRELATION_EVENT_COUNT, 2, 10), *b;
	struct correlator *c = NULL;

	b = add_correlation(&rs, CORRELATION_EVENT_COUNT, 2, 10);
	refer(&rs, a, b);
	refer(&rs, b, a);
	is_int(correlator_new(&rs, names, NULL, &c), -ELOOP, "correlations that feed each other");
	ok(!c, "make nothing");
}

static void test_forgiven(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *r = simple(CORRELATION_EVENT_COUNT, 6, 3600), *spray;
	struct heard h = {};
	char who[16];

	spray = add_correlation(&rs, CORRELATION_VALUE_COUNT, 6, 3600);
	refer(&rs, spray, fails);
	group_by(&rs, spray, names, src_ip);
	spray->value_fields = (struct rule_field_list){ &user, 1 };
	r->forgiven_by = spray->forgiven_by = logins;
	r->forgiven_same = spray->forgiven_same = (struct rule_field_list){ &user, 1 };
	c = make(0);
	for (int i = 0; i < 40; i++) {
		snprintf(who, sizeof who, "u%d", i);
		for (int k = 0; k <= i % 3; k++)
			add(c, fails, 1000 + i * 10 + k, "192.0.2.1", who, &h);
		add(c, logins, 1000 + i * 10 + 5, "192.0.2.1", who, &h);
	}
	is_int((int64_t)h.n, 0, "an office");
	for (int i = 0; i < 5; i++)
		add(c, fails, 2000 + i, "192.0.2.1", "a", &h);
	add(c, logins, 2010, "192.0.2.1", "b", &h);
	add(c, logins, 2010, "192.0.2.2", "a", &h);
	is_int(add(c, fails, 2011, "192.0.2.1", "a", &h), 1,
	       "somebody else's login forgives nothing");
	h.n = 0;
	for (int i = 0; i < 40; i++) {
		snprintf(who, sizeof who, "u%d", i);
		add(c, fails, 3000 + i, "192.0.2.7", who, &h);
	}
	add(c, logins, 3040, "192.0.2.7", "u7", &h);
	is_int((int64_t)h.n, 6, "forty names, one of which got in: told in time, by both");
}

static void test_within(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *by_ip = simple(CORRELATION_EVENT_COUNT, 20, 86400), *both, *after;
	struct correlator_stats stats;
	struct heard h = {};

	by_ip->forgiven_by = logins;
	by_ip->forgiven_same = (struct rule_field_list){ &user, 1 };
	both = add_correlation(&rs, CORRELATION_EVENT_COUNT, 4, 3600);
	refer(&rs, both, fails);
	group_by(&rs, both, names, src_ip);
	group_by(&rs, both, names, user);
	both->forgiven_by = logins;
	both->within = by_ip;
	after = add_correlation(&rs, CORRELATION_TEMPORAL_ORDERED, 0, 3600);
	refer(&rs, after, both);
	refer(&rs, after, logins);
	group_by(&rs, after, names, src_ip);
	group_by(&rs, after, names, user);
	c = make(0);
	for (int i = 0; i < 3; i++) {
		add(c, fails, 100 + i, "192.0.2.1", "a", &h);
		add(c, fails, 100 + i, "192.0.2.1", "b", &h);
		add(c, fails, 100 + i, "192.0.2.2", "a", &h);
	}
	is_int((int64_t)h.n, 0, "three of each account and address");
	is_int(add(c, fails, 110, "192.0.2.1", "a", &h), 1, "a fourth");
	ok(h.rule == both && h.count == 4 && h.first == 100, "of one account");
	correlator_stats(c, &stats);
	is_int((int64_t)stats.groups, 2, "in the groups of addresses");
	is_int(add(c, logins, 111, "192.0.2.1", "b", &h), 0, "after three of another one");
	is_int(add(c, logins, 111, "192.0.2.1", "a", &h), 1, "after four");
	is_int((int64_t)h.count, 4, "which are counted");
	is_int(h.first, 100, "from the first");
	add(c, fails, 112, "192.0.2.1", "a", &h);
	add(c, fails, 113, "192.0.2.1", "a", &h);
	is_int(add(c, logins, 114, "192.0.2.1", "a", &h), 0, "a login forgave the four");
	for (int i = 0; i < 10; i++)
		add(c, fails, 200 + i * 1300, "192.0.2.3", "a", &h);
	is_int(h.last, 111, "never four in an hour");
	h.n = 0;
	for (int i = 0; i < 120; i++) {
		char who[16];

		snprintf(who, sizeof who, "u%d", i % 30);
		add(c, fails, 20'000 + i, "192.0.2.4", who, &h);
	}
	is_int((int64_t)h.n, 3,
	       "four times thirty accounts: at 20, 40 and 80, of the address alone");
	ok(h.rule == by_ip, "as 48 events are remembered");
}

static void test_checks(void)
{
	struct rule *r = simple(CORRELATION_EVENT_COUNT, 3, 10);
	struct diag d = {};

	is_int(correlation_check(r, false, NULL), 0, "a good one");
	r->condition.low = 2'000'000;
	is_int(correlation_check(r, false, &d), -E2BIG, "too many");
	ok(strstr(d.reason, "2000000"), "and how many");
	r->condition.low = 3;
	r->timespan = 0;
	is_int(correlation_check(r, false, NULL), -EINVAL, "no time");
	r->timespan = 1;
	r->n_rules = 65;
	is_int(correlation_check(r, false, NULL), -E2BIG, "too many rules");
}

/* Numbers for many addresses. */
static const char *address(uint32_t i)
{
	static char text[40];

	if (i % 4)
		snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
	else
		snprintf(text, sizeof text, "2001:db8:%x:%x::%x", i >> 16, i & 0xffff, i % 77);
	return text;
}

static void test_million(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *by_ip = simple(CORRELATION_EVENT_COUNT, 6, 86400), *by_both, *by_user;
	struct correlator_stats stats;
	struct heard h = {};

	by_ip->forgiven_by = logins;
	by_ip->forgiven_same = (struct rule_field_list){ &user, 1 };
	by_both = add_correlation(&rs, CORRELATION_EVENT_COUNT, 4, 3600);
	refer(&rs, by_both, fails);
	group_by(&rs, by_both, names, src_ip);
	group_by(&rs, by_both, names, user);
	by_user = add_correlation(&rs, CORRELATION_VALUE_COUNT, 10, 86400);
	by_user->value_fields = (struct rule_field_list){ &src_ip, 1 };
	refer(&rs, by_user, fails);
	group_by(&rs, by_user, names, user);
	c = make(0);
	for (uint32_t i = 0; i < 1'000'000; i++)
		if (add(c, fails, 1'700'000'000 + i / 20, address(i), "root", &h) > 1)
			break;
	correlator_stats(c, &stats);
	is_int((int64_t)stats.groups, 2'000'001, "a million sources, each in two groups");
	is_int((int64_t)stats.evicted, 0, "none of them dropped");
	ok(stats.bytes < 64 << 20, "in 64 MiB");
	printf("# %zu bytes\n", stats.bytes);
	ok(h.rule == by_user && h.n == 9, "and the account that all of them tried is told");
	h.n = 0;
	for (int i = 0; i < 5; i++)
		add(c, fails, 1'700'050'001 + i, address(1), "root", &h);
	is_int((int64_t)h.n, 2, "the first of them is remembered");
}

static void test_memory(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct correlator_stats stats;
	struct heard h = {};
	size_t most = 0;

	simple(CORRELATION_EVENT_COUNT, 20, 86400);
	c = make(1 << 20);
	for (uint32_t round = 0; round < 30; round++)
		for (uint32_t i = 0; i < 20'000; i++) {
			/* One is heard of now and then, and must not go. */
			if (i % 2000 == 0 && round < 2)
				add(c, fails, 1'700'000'000 + round * 100, "192.0.2.99", "a", &h);
			add(c, fails, 1'700'000'000 + round * 100,
			    address(i % (1000 + round * 700)), "a", &h);
			correlator_stats(c, &stats);
			most = MAX(most, stats.bytes);
		}
	ok(most <= 1 << 20, "never more than was allowed");
	printf("# at most %zu bytes, %" PRIu64 " groups dropped\n", most, stats.evicted);
	ok(stats.evicted > 10'000, "what was dropped is counted");
	ok(stats.groups > 2'000, "and not everything was");
	for (uint32_t i = 0; i < 200'000; i++) {
		if (i % 5000 == 0)
			add(c, fails, 1'700'010'000 + i / 100, "192.0.2.98", "a", &h);
		add(c, fails, 1'700'010'000 + i / 100, address(i), "a", &h);
	}
	ok(h.rule && !strcmp(h.group, "192.0.2.98"), "who is heard of is not dropped");
}

static void test_large_groups(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct correlator_stats stats;
	struct heard h = {};
	size_t most = 0;

	simple(CORRELATION_EVENT_COUNT, 50'000, 3600);
	c = make(4 << 20);
	for (uint32_t i = 0; i < 400'000; i++) {
		add(c, fails, 1'700'000'000 + i / 1000, address(i % 3 + 1), "a", &h);
		correlator_stats(c, &stats);
		most = MAX(most, stats.bytes);
	}
	ok(most <= 4 << 20, "groups that want more than there is get what there is");
	simple(CORRELATION_EVENT_COUNT, 50'000, 3600);
	correlator_release(&c);
	c = make(0);
	h.n = 0;
	for (uint32_t i = 0; i < 100'000; i++)
		add(c, fails, 1'700'000'000 + i / 1000, "192.0.2.1", "a", &h);
	is_int((int64_t)h.n, 2, "fifty thousand, and twice that");
	is_int((int64_t)h.count, 100'000, "all of them counted");
}

/* Somebody else's count decides whether a correlation is told. */
static void test_asked(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *many = simple(CORRELATION_EVENT_COUNT, 3, 3600), *office, *inside;
	struct heard h = {};

	office = add_correlation(&rs, CORRELATION_VALUE_COUNT, 2, 86400);
	refer(&rs, office, logins);
	group_by(&rs, office, names, src_ip);
	office->value_fields = (struct rule_field_list){ &user, 1 };
	office->value_field = user;
	office->silent = true;
	many->unless = (struct rule_asked){ { office }, 1 };
	inside = add_correlation(&rs, CORRELATION_EVENT_COUNT, 4, 3600);
	refer(&rs, inside, fails);
	group_by(&rs, inside, names, src_ip);
	inside->when = (struct rule_asked){ { office }, 1 };
	c = make(0);
	add(c, logins, 10, "192.0.2.1", "a", &h);
	add(c, logins, 20, "192.0.2.1", "b", &h);
	add(c, logins, 30, "192.0.2.2", "a", &h);
	add(c, logins, 40, "192.0.2.2", "a", &h);
	for (int i = 0; i < 3; i++)
		add(c, fails, 100 + i, "192.0.2.1", "x", &h);
	is_int((int64_t)h.n, 0, "two users log in from there: not told");
	for (int i = 0; i < 5; i++)
		add(c, fails, 110 + i, "192.0.2.2", "x", &h);
	ok(h.n == 1 && h.rule == many, "one user only: told, and what is for offices is not");
	add(c, fails, 120, "192.0.2.1", "x", &h);
	ok(h.n == 2 && h.rule == inside, "what is for offices");
	h = (struct heard){};
	for (int i = 0; i < 3; i++)
		add(c, fails, 90'000 + i, "192.0.2.1", "x", &h);
	ok(h.n == 1 && h.rule == many, "a day later that is over");
}

/* What comes at once is not slow. */
static void test_spread(void)
{
	own(correlator_release) struct correlator *c = NULL;
	struct rule *slow = simple(CORRELATION_EVENT_COUNT, 3, 3600), *entered;
	struct heard h = {};

	slow->spread = 60'000'000;
	slow->silent = false;
	entered = add_correlation(&rs, CORRELATION_TEMPORAL_ORDERED, 2, 3600);
	refer(&rs, entered, slow);
	refer(&rs, entered, logins);
	group_by(&rs, entered, names, src_ip);
	c = make(0);
	for (int i = 0; i < 9; i++)
		add(c, fails, 100 + i, "192.0.2.1", "a", &h);
	is_int((int64_t)h.n, 0, "nine in nine seconds");
	is_int(add(c, logins, 120, "192.0.2.1", "a", &h), 0, "nor a login behind them");
	add(c, fails, 166, "192.0.2.1", "a", &h);
	is_int((int64_t)h.n, 0, "the latest three in 59 s");
	is_int(add(c, fails, 168, "192.0.2.1", "a", &h), 1, "in a minute");
	is_int((int64_t)h.count, 11, "all of the hour are told");
	ok(add(c, logins, 230, "192.0.2.1", "a", &h) == 1 && h.rule == entered, "and in");
	add(c, fails, 100, "192.0.2.2", "a", &h);
	add(c, fails, 400, "192.0.2.2", "a", &h);
	is_int(add(c, fails, 250, "192.0.2.2", "a", &h), 1, "one that comes late");
	is_int(correlation_check(slow, false, NULL), 0, "a good one");
	slow->spread = 3600'000'000;
	is_int(correlation_check(slow, false, NULL), -EINVAL, "as long as the window");
	slow->spread = -1;
	is_int(correlation_check(slow, false, NULL), -EINVAL, "less than nothing");
	slow->spread = 1;
	slow->condition.low = 1;
	is_int(correlation_check(slow, false, NULL), -EINVAL, "of one event");
}

int main(void)
{
	if (names_new(&names) < 0 || names_add(names, STR("src_ip"), &src_ip) < 0 ||
	    names_add(names, STR("User"), &user) < 0 ||
	    names_add(names, STR("dst_ip"), &other_ip) < 0)
		return 1;
	test_count();
	test_seed();
	test_without_time();
	test_values();
	test_range();
	test_late();
	test_temporal();
	test_ordered();
	test_alias();
	test_chain();
	test_loop();
	test_forgiven();
	test_within();
	test_asked();
	test_spread();
	test_checks();
	test_million();
	test_memory();
	test_large_groups();
	names_release(&names);
	return done();
}
