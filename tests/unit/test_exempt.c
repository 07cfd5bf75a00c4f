/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exemptions: the days on which they hold, which one is in force, and what they concern. */
#include "fault.h"
#include "posture/exempt.h"

#define DAY 86400
/* 2026-06-30 12:00 UTC */
#define NOW 1782820800

#define ENTRY(check, resource, kind, expires)                                                  \
	"  - {check: '" check "', resource: '" resource "', kind: " kind ", expires: " expires \
	", reason: r, owner: o}\n"

static struct exemptions parse(const char *text, int64_t now, struct arena *a)
{
	struct exemptions e = {};
	struct diag d = {};

	if (exemptions_parse(str_of(text), "f", now, a, &e, &d) < 0)
		printf("# %u: %s\n", d.line, d.reason);
	return e;
}

static void test_days(void)
{
	static const struct {
		const char *day;
		int64_t ends;
	} days[] = {
		{"1970-01-01",  DAY                },
                { "2026-06-30", NOW - DAY / 2 + DAY},
		{ "2028-02-29", 1835481600         },
                { "2000-02-29", 951868800          },
		{ "9999-12-31", 253402300800       },
	};
	static const char *const wrong[] = {
		"2027-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-10-00", "1969-12-31",
		"0000-01-01", "2026-06-3x", " 2026-6-3",  "2026/06/30", "20260630",   "9999-99-99"
	};
	own(arena_release) struct arena a = {};
	char text[256];

	for (size_t i = 0; i < COUNT(days); i++) {
		struct exemptions e;

		snprintf(text, sizeof text, "exemptions:\n" ENTRY("c", "*", "waiver", "%s"),
			 days[i].day);
		e = parse(text, NOW, &a);
		if (is_int((int64_t)e.n, 1, days[i].day))
			is_int(e.list[0].expires_at, days[i].ends, "  ends on the next day");
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct exemptions e = {};
		struct diag d = {};

		snprintf(text, sizeof text, "exemptions:\n" ENTRY("c", "*", "waiver", "\"%s\""),
			 wrong[i]);
		is_int(exemptions_parse(str_of(text), "f", NOW, &a, &e, &d), -EBADMSG, wrong[i]);
	}
}

static void test_expiry(void)
{
	static const char text[] = "exemptions:\n" ENTRY("c", "*", "waiver", "2026-06-30");
	own(arena_release) struct arena a = {};

	ok(!parse(text, NOW, &a).list[0].expired, "holds on its last day");
	ok(!parse(text, NOW + DAY / 2 - 1, &a).list[0].expired, "to its last second");
	ok(parse(text, NOW + DAY / 2, &a).list[0].expired, "and no longer");
}

static struct finding finding_of(const struct check *c, const char *resource, enum finding_status s)
{
	return (struct finding){ .check = c, .resource = str_of(resource), .status = s };
}

static void test_apply(void)
{
	static const struct check ssh = { .id = { "ssh-keys", 8 } }, acct = { .id = { "acct", 4 } };
	static const char text[] = "exemptions:\n" ENTRY("ssh-*", "*", "waiver", "2001-01-01")
		ENTRY("ssh-*", "host[12]", "mitigated", "2999-01-01")
			ENTRY("*", "host1", "waiver", "2999-01-01")
				ENTRY("none", "*", "waiver", "2999-01-01");
	own(arena_release) struct arena a = {};
	struct exemptions e = parse(text, NOW, &a);
	struct finding list[] = {
		finding_of(&ssh, "host1", FINDING_UNHEALTHY),
		finding_of(&ssh, "host2", FINDING_UNHEALTHY),
		finding_of(&ssh, "host3", FINDING_UNHEALTHY),
		finding_of(&ssh, "host1", FINDING_UNKNOWN),
		finding_of(&ssh, "host2", FINDING_HEALTHY),
		finding_of(&acct, "host1", FINDING_UNHEALTHY),
		finding_of(&acct, "host2", FINDING_UNHEALTHY),
	};
	struct findings f = { .list = list, .n = COUNT(list) };

	if (!is_int((int64_t)e.n, 4, "four exemptions"))
		return;
	exemptions_apply(&e, &f);
	ok(list[0].status == FINDING_EXEMPT && list[0].exemption == &e.list[1],
	   "the first that holds is in force");
	ok(list[1].status == FINDING_EXEMPT && list[1].exemption == &e.list[1],
	   "a pattern matches");
	ok(list[2].status == FINDING_UNHEALTHY && list[2].exemption == &e.list[0],
	   "an expired one is noted only");
	ok(list[3].status == FINDING_UNKNOWN && !list[3].exemption,
	   "what is not known cannot be exempt");
	ok(list[4].status == FINDING_HEALTHY, "what is healthy needs none");
	ok(list[5].status == FINDING_EXEMPT && list[5].exemption == &e.list[2], "any check");
	ok(list[6].status == FINDING_UNHEALTHY && !list[6].exemption, "no exemption");
	is_int(e.list[0].matched, 3, "the expired one would concern three");
	is_int(e.list[1].matched, 2, "the pattern two");
	is_int(e.list[2].matched, 2, "the resource two");
	is_int(e.list[3].matched, 0, "the last none");
}

static int parse_one(void *arg)
{
	static const char text[] = "exemptions:\n" ENTRY("c", "r", "waiver", "2026-06-30");
	own(arena_release) struct arena a = {};
	struct exemptions e = {};
	struct diag d = {};

	(void)arg;
	return exemptions_parse(str_of(text), "f", NOW, &a, &e, &d);
}

int main(void)
{
	test_days();
	test_expiry();
	test_apply();
	fault_walk(parse_one, NULL, "out of memory");
	return done();
}
