/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "jit/policy.h"
#include "ssh/pattern.h"
#include "ssh/wire.h"

static const char *const verdict_texts[JIT_VERDICTS] = {
	[JIT_GRANTED] = "granted",
	[JIT_WAITS] = "waits for a second person",
	[JIT_NO_RULE] = "no rule of the policy fits",
	[JIT_DENIED] = "a rule of the policy denies it",
	[JIT_PORT_OTHER] = "the port is not one that is shut",
	[JIT_TOO_LONG] = "longer than the policy allows",
	[JIT_TOO_WIDE] = "for a wider network than the policy allows",
	[JIT_SOURCE] = "the packet came from outside the network that it claims",
	[JIT_UNTOUCHED] = "the policy wants a key that was touched",
};

const char *jit_verdict_text(enum jit_verdict v)
{
	return (unsigned)v < JIT_VERDICTS ? verdict_texts[v] : "";
}

static bool names_fit(const struct jit_names *names, struct str s)
{
	for (size_t i = 0; i < names->n; i++)
		if (pattern_match(names->list[i], s))
			return true;
	return !names->n;
}

static bool principal_fits(const struct jit_rule *r, const struct ssh_certificate *c)
{
	struct wire w = { .s = c ? c->principals : (struct str){} };

	if (!r->principals.n)
		return true;
	while (w.s.len && !w.bad) {
		struct str name = wire_string(&w);

		if (!w.bad && names_fit(&r->principals, name))
			return true;
	}
	return false;
}

static bool ports_have(const struct jit_ports *list, struct knock_port p)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].port == p.port && list->list[i].protocol == p.protocol)
			return true;
	return false;
}

static bool all_ports(const struct jit_ports *list, const struct knock *k)
{
	for (unsigned i = 0; i < k->n_ports; i++)
		if (!ports_have(list, k->ports[i]))
			return false;
	return true;
}

static bool any_port(const struct jit_ports *list, const struct knock *k)
{
	for (unsigned i = 0; i < k->n_ports; i++)
		if (ports_have(list, k->ports[i]))
			return true;
	return false;
}

static bool from_fits(const struct jit_rule *r, net_addr at)
{
	for (size_t i = 0; i < r->n_from; i++)
		if (at >= r->from[i].first && at <= r->from[i].last)
			return true;
	return !r->n_from;
}

static bool time_fits(const struct jit_rule *r, int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm;
	unsigned minute;
	bool after_midnight;

	if (!r->days && r->begin == r->end)
		return true;
	if (!localtime_r(&t, &tm))
		return false;
	minute = (unsigned)(tm.tm_hour * 60 + tm.tm_min);
	/* Hours over midnight belong to the day on which they began. */
	after_midnight = r->begin > r->end && minute < r->end;
	if (r->days && !(r->days & 1 << (tm.tm_wday + (after_midnight ? 6 : 0)) % 7))
		return false;
	if (r->begin == r->end)
		return true;
	return r->begin < r->end ? minute >= r->begin && minute < r->end
				 : minute >= r->begin || after_midnight;
}

/* A request for several ports needs a rule for all of them, and is denied for one. */
static bool ports_fit(const struct jit_rule *r, const struct knock *k)
{
	return !r->ports.n || (r->deny ? any_port(&r->ports, k) : all_ports(&r->ports, k));
}

static bool rule_fits(const struct jit_rule *r, const struct jit_request *q)
{
	return names_fit(&r->accounts, q->knock->account) && names_fit(&r->keys, q->key) &&
	       principal_fits(r, q->certificate) && ports_fit(r, q->knock) &&
	       from_fits(r, q->from) && time_fits(r, q->now);
}

/* The network of a grant: what was claimed, else the packet's own address. */
static enum jit_verdict find_source(const struct jit_rule *r, const struct jit_request *q,
				    struct jit_decision *d)
{
	const struct knock *k = q->knock;
	bool v4 = q->from >= NET_V4_FIRST && q->from <= NET_V4_LAST;
	struct net_range range[2];
	size_t n;

	d->v6 = !v4;
	if (!k->sourced) {
		d->source = q->from;
		d->bits = v4 ? 32 : 128;
		return JIT_GRANTED;
	}
	if (k->v6 == v4 || net_prefix(k->source, k->v6, k->bits, range, &n) || n != 1 ||
	    q->from < range[0].first || q->from > range[0].last)
		return JIT_SOURCE;
	if (k->bits < (v4 ? r->widest4 : r->widest6))
		return JIT_TOO_WIDE;
	d->source = range[0].first;
	d->bits = k->bits;
	return JIT_GRANTED;
}

static enum jit_verdict rule_decides(const struct jit_rule *r, const struct jit_request *q,
				     struct jit_decision *d)
{
	enum jit_verdict v;

	if (r->deny)
		return JIT_DENIED;
	if (r->touch && !(q->signed_flags & SIGNED_TOUCHED))
		return JIT_UNTOUCHED;
	d->seconds = q->knock->seconds ? q->knock->seconds : r->seconds;
	if (d->seconds > r->longest)
		return JIT_TOO_LONG;
	v = find_source(r, q, d);
	if (v != JIT_GRANTED)
		return v;
	return r->second && !q->seconded ? JIT_WAITS : JIT_GRANTED;
}

struct jit_decision jit_policy_decide(const struct jit_policy *p, const struct jit_request *q)
{
	struct jit_decision d = { .verdict = JIT_NO_RULE };

	if (!all_ports(&p->protect, q->knock)) {
		d.verdict = JIT_PORT_OTHER;
		return d;
	}
	for (size_t i = 0; i < p->n_rules; i++) {
		if (!rule_fits(&p->rules[i], q))
			continue;
		d.rule = &p->rules[i];
		d.verdict = rule_decides(d.rule, q, &d);
		return d;
	}
	return d;
}
