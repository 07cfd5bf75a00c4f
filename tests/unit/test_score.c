/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worked examples of Microsoft's "Secure score in Defender for Cloud", and what must hold for
 * any findings whatever.
 */
#include <math.h>

#include "posture/exempt.h"
#include "posture/score.h"
#include "tap.h"

#define EPSILON 1e-9
#define FINDINGS_MAX 512
#define CHECKS_MAX 10
#define CASES 20000

struct machine {
	struct check checks[CHECKS_MAX];
	struct finding list[FINDINGS_MAX];
	struct findings f;
};

static bool near(double a, double b, double by) { return fabs(a - b) <= by; }

static unsigned control_of(const char *id)
{
	int i = control_find(str_of(id));

	return i < 0 ? 0 : (unsigned)i;
}

static struct finding *put(struct machine *m, unsigned check, const char *resource,
			   enum finding_status status)
{
	struct finding *x = &m->list[m->f.n];

	*x = (struct finding){ .check = &m->checks[check],
			       .resource = str_of(resource),
			       .status = status,
			       .severity = m->checks[check].severity };
	m->f.list = m->list;
	m->f.n++;
	return x;
}

/* 0 in *ret when it cannot be computed, which no test expects. */
static struct score compute(struct machine *m, bool classic, struct arena *a)
{
	struct score s = {};

	if (score_compute(&m->f, classic, a, &s) < 0)
		ok(false, "score_compute");
	return s;
}

static void set_check(struct machine *m, unsigned i, const char *id, const char *control,
		      enum severity severity)
{
	m->checks[i] = (struct check){ .id = str_of(id),
				       .control = control_of(control),
				       .severity = severity };
}

static void test_formula(void)
{
	own(arena_release) struct arena a = {};
	static struct machine m;
	char names[78][8];
	struct score s;
	double sum = 0;

	set_check(&m, 0, "updates", "apply-system-updates", SEVERITY_HIGH);
	for (unsigned i = 0; i < COUNT(names); i++) {
		snprintf(names[i], sizeof names[i], "vm%u", i);
		put(&m, 0, names[i], i < 4 ? FINDING_HEALTHY : FINDING_UNHEALTHY);
	}
	s = compute(&m, true, &a);
	ok(near(control_current(6, 4, 74), 0.31, .005), "6 / 78 x 4 = 0.31");
	ok(near(s.controls[m.checks[0].control].current, 0.31, .005), "control: current 0.31");
	ok(near(s.controls[m.checks[0].control].potential, 5.69, .005), "control: potential 5.69");
	ok(near(s.current, 0.31, .005) && near(s.max, 6, 0), "controls without resources drop out");
	ok(near(s.percent, 100 * 4.0 / 78, EPSILON), "per cent of what applies");
	ok(near(m.list[77].points, 6.0 / 78, EPSILON), "a finding is worth its share");
	ok(control_current(6, 0, 0) == 0, "no resource, no points");
	for (size_t i = 0; i < n_controls; i++)
		sum += controls[i].own ? 0 : controls[i].points;
	ok(near(sum, 58, 0), "all maxima of Microsoft's list are 58 points");
}

static void test_three_of_four(void)
{
	own(arena_release) struct arena a = {};
	static struct machine m;
	double before;

	for (unsigned i = 0; i < 4; i++) {
		set_check(&m, i, "c", "remediate-vulnerabilities", SEVERITY_HIGH);
		put(&m, i, "vm", FINDING_UNHEALTHY);
		put(&m, i, "other", FINDING_HEALTHY);
	}
	before = compute(&m, true, &a).percent;
	ok(near(before, 50, EPSILON), "one of two resources is healthy");
	ok(near(m.list[0].points, 6.0 / 2 / 4, EPSILON), "its findings share its points");
	for (size_t i = 0; i < 3; i++)
		m.list[2 * i].status = FINDING_HEALTHY;
	ok(near(compute(&m, true, &a).percent, before, 0), "3 of 4 addressed: no change");
	ok(near(m.list[6].points, 3, EPSILON), "the last one is worth all of it");
	m.list[6].status = FINDING_HEALTHY;
	ok(near(compute(&m, true, &a).percent, 100, EPSILON), "4 of 4 addressed");
}

static void test_total(void)
{
	own(arena_release) struct arena a = {};
	static struct machine m;
	struct score s;

	set_check(&m, 0, "a", "secure-management-ports", SEVERITY_HIGH);
	set_check(&m, 1, "b", "manage-access-and-permissions", SEVERITY_HIGH);
	set_check(&m, 2, "c", "enable-mfa", SEVERITY_HIGH);
	set_check(&m, 3, "d", "back-up-and-restore", SEVERITY_HIGH);
	put(&m, 0, "vm", FINDING_HEALTHY);
	put(&m, 1, "vm", FINDING_UNHEALTHY);
	put(&m, 2, "*", FINDING_NOT_APPLICABLE);
	put(&m, 3, "vm", FINDING_UNHEALTHY);
	s = compute(&m, true, &a);
	ok(near(s.current, 8, 0) && near(s.max, 12, 0), "sum of current over sum of maxima");
	ok(!s.controls[m.checks[2].control].applies, "not applicable: the control drops out");
	ok(!s.controls[m.checks[3].control].applies && near(m.list[3].points, 0, 0),
	   "classic: backup has no points");
	s = compute(&m, false, &a);
	ok(near(s.current, 8, 0) && near(s.max, 18, 0), "Holdfast's own control counts 6");
	ok(near(m.list[3].points, 6, 0), "and its finding is worth them");
}

static void test_combine(void)
{
	const double percent[] = { 60, 80, 0 };
	const uint64_t weight[] = { 30, 10, 0 }, none[3] = {};

	ok(near(score_combine(percent, weight, 3), 65, EPSILON), "weighted by resources");
	ok(near(score_combine(percent, none, 3), 0, 0), "no resources at all");
	ok(near(score_combine(percent, weight, 0), 0, 0), "no subscriptions at all");
}

static const char exemptions_text[] =
	"exemptions:\n"
	"  - {check: a, resource: vm1, kind: mitigated, reason: r, owner: o, expires: 2030-01-01}\n"
	"  - {check: a, resource: vm2, kind: waiver, reason: r, owner: o, expires: 2030-01-01}\n"
	"  - {check: 'a*', resource: vm3, kind: waiver, reason: r, owner: o, expires: 2020-01-31}\n";

static int read_exemptions(struct arena *a, struct exemptions *ret)
{
	struct diag d = {};

	return exemptions_parse(str_of(exemptions_text), "exemptions.yaml", 1700000000, a, ret, &d);
}

static void test_exemptions(void)
{
	own(arena_release) struct arena a = {};
	static struct machine m;
	struct exemptions e = {};
	struct score s;
	const struct control_score *c;
	int r = read_exemptions(&a, &e);

	is_int(r, 0, "exemptions are read");
	set_check(&m, 0, "a", "secure-management-ports", SEVERITY_CRITICAL);
	put(&m, 0, "vm1", FINDING_UNHEALTHY);
	put(&m, 0, "vm2", FINDING_UNHEALTHY);
	put(&m, 0, "vm3", FINDING_UNHEALTHY);
	put(&m, 0, "vm4", FINDING_HEALTHY);
	exemptions_apply(&e, &m.f);
	s = compute(&m, true, &a);
	c = &s.controls[m.checks[0].control];
	is_int(m.list[0].status, FINDING_EXEMPT, "mitigated");
	is_int(m.list[1].status, FINDING_EXEMPT, "waiver");
	is_int(m.list[2].status, FINDING_UNHEALTHY, "an expired exemption counts again");
	ok(m.list[2].exemption && m.list[2].exemption->expired, "and is named");
	is_int(c->healthy, 2, "mitigated counts healthy");
	is_int(c->unhealthy, 1, "a waiver leaves the calculation");
	ok(near(c->current, 8.0 / 3 * 2, EPSILON), "8 / 3 x 2");
}

static void test_unknown(void)
{
	own(arena_release) struct arena a = {};
	static struct machine m;
	struct score s;
	double risk;

	set_check(&m, 0, "a", "secure-management-ports", SEVERITY_CRITICAL);
	set_check(&m, 1, "b", "secure-management-ports", SEVERITY_CRITICAL);
	put(&m, 0, "vm1", FINDING_HEALTHY);
	put(&m, 0, "vm2", FINDING_UNKNOWN);
	s = compute(&m, true, &a);
	ok(near(s.current, 4, EPSILON), "an unknown resource is not healthy");
	ok(near(s.best_percent, 100, EPSILON), "but might be");
	put(&m, 1, "*", FINDING_UNKNOWN);
	s = compute(&m, true, &a);
	ok(near(s.current, 0, 0) && near(s.max, 8, 0), "a check without data earns nothing");
	risk = s.risk;
	m.f.n = 0;
	put(&m, 0, "vm1", FINDING_UNHEALTHY)->reachable = REACHABLE_YES;
	ok(compute(&m, true, &a).risk <= 60, "one open door costs 40 points of the risk score");
	m.list[0].reachable = REACHABLE_NO;
	ok(compute(&m, true, &a).risk > 45 && compute(&m, true, &a).risk < 75,
	   "one behind the door costs less");
	ok(risk < 60, "what nobody looked at weighs like what was found");
}

/* splitmix64 (Steele, Lea, Flood 2014): the same cases everywhere. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned below(uint64_t *state, unsigned n) { return (unsigned)(next(state) % n); }

static const struct exemption mitigated = { .kind = EXEMPTION_MITIGATED };
static const struct exemption waiver = { .kind = EXEMPTION_WAIVER };
static const char *const resources[] = { "vm", "sshd", "account a", "account b", "file /etc/x" };

static void put_random(struct machine *m, uint64_t *state, unsigned check, const char *resource,
		       enum finding_status status)
{
	struct finding *x = put(m, check, resource, status);

	x->severity = (enum severity)below(state, m->checks[check].severity + 1);
	x->reachable = (enum reachable)below(state, 3);
	if (status == FINDING_EXEMPT)
		x->exemption = below(state, 2) ? &mitigated : &waiver;
}

/* As findings_run() makes them: a check that is unknown keeps what it found and adds a "*". */
static unsigned make(struct machine *m, uint64_t *state)
{
	unsigned n = 1 + below(state, CHECKS_MAX - 1);

	m->f = (struct findings){ .list = m->list };
	for (unsigned i = 0; i < n; i++) {
		bool whole = !below(state, 6);

		m->checks[i] =
			(struct check){ .id = STR("check"),
					.control = below(state, (unsigned)n_controls),
					.severity = (enum severity)below(state, SEVERITY_N) };
		if (!below(state, 4)) {
			put_random(m, state, i, "*",
				   whole ? FINDING_UNKNOWN : FINDING_NOT_APPLICABLE);
			continue;
		}
		for (size_t k = 0; k < COUNT(resources); k++) {
			enum finding_status s = below(state, FINDING_NOT_APPLICABLE + 1);

			if (whole && (s == FINDING_HEALTHY || s == FINDING_EXEMPT))
				s = FINDING_UNKNOWN;
			if (below(state, 2))
				put_random(m, state, i, resources[k], s);
		}
		if (whole)
			put_random(m, state, i, "*", FINDING_UNKNOWN);
	}
	return n;
}

static bool not_higher(const struct score *now, const struct score *before)
{
	return now->percent <= before->percent + EPSILON && now->risk <= before->risk + EPSILON;
}

static bool fits(const struct machine *m, const struct score *s)
{
	double sum[64] = {};

	for (size_t i = 0; i < m->f.n; i++)
		sum[m->list[i].check->control] += m->list[i].points;
	for (size_t i = 0; i < n_controls; i++) {
		const struct control_score *c = &s->controls[i];

		if (!near(sum[i], c->potential, EPSILON) ||
		    !near(c->current + c->potential, c->max, EPSILON))
			return false;
	}
	return s->risk >= 0 && s->risk <= 100 && s->percent >= 0 && s->percent <= 100 + EPSILON &&
	       s->best_percent >= s->percent - EPSILON && s->best_risk >= s->risk - EPSILON;
}

static bool fixing(struct machine *m, uint64_t *state, const struct score *s, bool classic,
		   struct arena *a)
{
	unsigned at = m->f.n ? below(state, (unsigned)m->f.n) : 0;
	enum finding_status was = m->list[at].status;
	struct score better;

	if (!m->f.n || was != FINDING_UNHEALTHY)
		return true;
	m->list[at].status = FINDING_HEALTHY;
	better = compute(m, classic, a);
	m->list[at].status = was;
	return not_higher(s, &better);
}

/* The findings of one check become a single "nothing is known". */
static bool blinding(const struct machine *m, uint64_t *state, const struct score *s, bool classic,
		     unsigned n, struct arena *a)
{
	static struct machine other;
	unsigned check = below(state, n);
	struct score worse;

	other = *m;
	other.f = (struct findings){ .list = other.list };
	for (size_t i = 0; i < m->f.n; i++)
		if (m->list[i].check != &m->checks[check])
			other.list[other.f.n++] = m->list[i];
	put(&other, 0, "*", FINDING_UNKNOWN)->check = &m->checks[check];
	worse = compute(&other, classic, a);
	return not_higher(&worse, s);
}

/* Single findings of whatever state become unknown. */
static bool losing(struct machine *m, uint64_t *state, const struct score *s, bool classic,
		   struct arena *a)
{
	static struct machine other;
	struct score worse;

	other = *m;
	other.f.list = other.list;
	for (size_t i = 0; i < m->f.n; i++)
		if (!below(state, 3))
			other.list[i].status = FINDING_UNKNOWN;
	worse = compute(&other, classic, a);
	return not_higher(&worse, s);
}

static bool adding(struct machine *m, uint64_t *state, const struct score *s, bool classic,
		   unsigned n, struct arena *a)
{
	struct score same;

	put_random(m, state, below(state, n), "account c", FINDING_NOT_APPLICABLE);
	same = compute(m, classic, a);
	m->f.n--;
	return near(same.percent, s->percent, EPSILON) && near(same.risk, s->risk, EPSILON) &&
	       near(same.max, s->max, 0);
}

static bool turning(struct machine *m, const struct score *s, bool classic, struct arena *a)
{
	struct score same;

	for (size_t i = 0; i < m->f.n / 2; i++) {
		struct finding x = m->list[i];

		m->list[i] = m->list[m->f.n - 1 - i];
		m->list[m->f.n - 1 - i] = x;
	}
	same = compute(m, classic, a);
	return near(same.percent, s->percent, EPSILON) && near(same.risk, s->risk, EPSILON);
}

static void test_properties(void)
{
	static struct machine m;
	unsigned bad[6] = {};
	uint64_t state = 1;

	for (unsigned i = 0; i < CASES; i++) {
		own(arena_release) struct arena a = {};
		unsigned n = make(&m, &state);
		bool classic = below(&state, 2);
		struct score s = compute(&m, classic, &a);

		bad[0] += !fits(&m, &s);
		bad[1] += !fixing(&m, &state, &s, classic, &a);
		bad[2] += !blinding(&m, &state, &s, classic, n, &a);
		bad[3] += !losing(&m, &state, &s, classic, &a);
		bad[4] += !adding(&m, &state, &s, classic, n, &a);
		bad[5] += !turning(&m, &s, classic, &a);
	}
	is_int(bad[0], 0, "points of findings add up to the potential; figures are in range");
	is_int(bad[1], 0, "fixing a finding never lowers a figure");
	is_int(bad[2], 0, "a check that becomes unknown never raises a figure");
	is_int(bad[3], 0, "findings that become unknown never raise a figure");
	is_int(bad[4], 0, "what does not apply changes nothing");
	is_int(bad[5], 0, "the order of findings does not matter");
}

int main(void)
{
	test_formula();
	test_three_of_four();
	test_total();
	test_combine();
	test_exemptions();
	test_unknown();
	test_properties();
	return done();
}
