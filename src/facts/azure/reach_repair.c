/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/reach_repair.h"

#include "base/buf.h"
#include "facts/azure/reach_change.h"

#define MAX_CHANGES 64
/* A prefix shorter than this is no "stated source", but a way to write the internet. */
#define WIDE_V4 8
#define WIDE_V6 16
#define CUSTOM_FIRST 100
#define CUSTOM_LAST 4096

struct plan {
	struct reach_change changes[MAX_CHANGES];
	size_t n;
};

struct repair {
	const struct reach *r;
	size_t target;
	const struct reach_answer *answer;
	struct arena *a;
	struct reach_host before;
	struct az_texts keep; /* stated sources and those of the caller, as texts and as ranges */
	uint32_t keep_cap;
	struct net_ranges keep_ranges;
	/* Of the NSG that is being tried. */
	uint32_t at;
	const struct az_nsg *nsg;
	uint32_t wild[MAX_CHANGES]; /* its rules that let the internet in */
	size_t n_wild;
	bool only; /* they all serve these ports alone */
	uint32_t below;
};

static bool is_wide(struct net_range r)
{
	net_addr size = r.last - r.first;

	return net_is_v4(r.first) ? size >= (net_addr)1 << (32 - WIDE_V4)
				  : size >= (net_addr)1 << (128 - WIDE_V6);
}

/* A prefix that names somebody; *ret, *ret_n: its ranges. */
static bool is_stated(struct str text, struct net_range ret[static 2], size_t *ret_n)
{
	if (net_prefix_parse(text, ret, ret_n) < 0)
		return false;
	return *ret_n == 1 && !is_wide(ret[0]);
}

static int keep_text(struct repair *x, struct str text)
{
	struct net_range r[2];
	size_t n, count = x->keep.n, cap = x->keep_cap;
	int e = net_prefix_parse(text, r, &n);

	for (uint32_t i = 0; i < x->keep.n; i++)
		if (str_ieq(x->keep.list[i], text))
			return 0;
	for (size_t i = 0; e >= 0 && i < n; i++)
		e = net_ranges_add(&x->keep_ranges, x->a, r[i]);
	if (e >= 0)
		e = arena_push(x->a, x->keep.list, count, cap, text);
	x->keep.n = (uint32_t)count;
	x->keep_cap = (uint32_t)cap;
	return e;
}

static const struct az_rule *custom_rule(const struct repair *x, const struct nsg_rule *rule,
					 uint32_t *ret)
{
	const struct reach_rule *user = rule->user;
	const struct az_rules *rules = &x->nsg->rules;

	if (!user || !user->rule || user->rule < rules->list ||
	    user->rule >= rules->list + rules->n)
		return NULL;
	*ret = (uint32_t)(user->rule - rules->list);
	return user->rule;
}

static bool serves_only(const struct nsg_rule *rule, const struct reach_answer *answer)
{
	if (rule->protocol != answer->protocol || rule->protocol_unknown || rule->ports.some)
		return false;
	for (size_t i = 0; i < rule->ports.n; i++)
		if (rule->ports.list[i].first < answer->first ||
		    rule->ports.list[i].last > answer->last)
			return false;
	return true;
}

static int keep_stated(struct repair *x, const struct az_texts *sources, bool *ret_wild)
{
	int e = 0;

	*ret_wild = sources->unknown;
	for (uint32_t i = 0; e >= 0 && i < sources->n; i++) {
		struct net_range r[2];
		size_t n;

		if (is_stated(sources->list[i], r, &n))
			e = keep_text(x, sources->list[i]);
		else
			*ret_wild = true;
	}
	return e;
}

/* The rules of x->nsg that let the internet in on a way, and the sources that they state. */
static int find_wild(struct repair *x, const struct reach_way *way, const struct nsg_answer *by)
{
	int e = 0;

	x->n_wild = 0;
	x->only = true;
	x->below = CUSTOM_LAST + 1;
	for (uint32_t i = 0; e >= 0 && i < by->n_deciding && x->n_wild < MAX_CHANGES; i++) {
		const struct nsg_rule *rule = nsg_rule(way->g, by->rules[i], NULL);
		const struct az_rule *custom;
		uint32_t at;
		bool wild;

		custom = custom_rule(x, rule, &at);
		if (!custom)
			continue;
		e = keep_stated(x, &custom->source, &wild);
		/* The same group may guard the subnet and the network interface. */
		for (uint32_t k = 0; k < x->n_wild; k++)
			wild &= x->wild[k] != at;
		if (!wild)
			continue;
		x->wild[x->n_wild++] = at;
		x->only &= serves_only(rule, x->answer);
		x->below = MIN(x->below, MAX(custom->priority, CUSTOM_FIRST + 1));
	}
	return e;
}

static int one_text(struct arena *a, struct str text, struct az_texts *ret)
{
	ret->list = arena_new(a, struct str);
	if (!ret->list || !text.ptr)
		return -ENOMEM;
	ret->list[0] = text;
	ret->n = 1;
	return 0;
}

/* A rule to be created, for these ports. */
static int new_rule(struct repair *x, struct plan *p, enum az_access access, uint32_t priority,
		    const struct az_texts *source)
{
	struct reach_change *c = &p->changes[p->n];
	struct az_rule *r = &c->created;
	struct str port = reach_port_text(x->answer, x->a);
	int e;

	if (!priority || !port.ptr)
		return priority ? -ENOMEM : -ENOENT;
	*c = (struct reach_change){ .kind = CHANGE_CREATE };
	r->name = arena_fmt(x->a, "%s-%s-%.*s-%u", access == AZ_ALLOW ? "keep" : "deny-internet",
			    reach_protocol_name(x->answer->protocol), STR_FMT(port), priority);
	if (str_ends(r->name, STR("*")) || str_contains(r->name, STR("*")))
		r->name = arena_fmt(x->a, "%s-%u", access == AZ_ALLOW ? "keep" : "deny-internet",
				    priority);
	r->priority = priority;
	r->direction = AZ_INBOUND;
	r->access = access;
	r->protocol = str_of(reach_protocol_name(x->answer->protocol));
	r->source = *source;
	r->file = AZ_NONE;
	e = one_text(x->a, port, &r->ports);
	if (e >= 0)
		e = one_text(x->a, STR("*"), &r->source_ports);
	if (e >= 0)
		e = one_text(x->a, STR("*"), &r->destination);
	p->n++;
	return r->name.ptr ? e : -ENOMEM;
}

static int plan_narrow(struct repair *x, struct plan *p, const struct az_texts *to)
{
	for (size_t i = 0; i < x->n_wild; i++)
		p->changes[p->n++] = (struct reach_change){
			.kind = to->n && !i ? CHANGE_SOURCES : CHANGE_DELETE,
			.rule = x->wild[i],
			.sources = *to,
		};
	return x->only && x->n_wild ? 0 : -ENOENT;
}

static int plan_vnet(struct repair *x, struct plan *p)
{
	struct az_texts to = { .list = arena_array(x->a, x->keep.n + 1, sizeof *to.list) };

	if (!to.list)
		return -ENOMEM;
	to.list[to.n++] = STR("VirtualNetwork");
	for (uint32_t i = 0; i < x->keep.n; i++)
		to.list[to.n++] = x->keep.list[i];
	return plan_narrow(x, p, &to);
}

static int plan_deny(struct repair *x, struct plan *p, bool keep)
{
	uint32_t priority = reach_free_priority(x->nsg, x->below);
	struct az_texts internet = {};
	int e = one_text(x->a, STR("Internet"), &internet);

	if (e >= 0)
		e = new_rule(x, p, AZ_DENY, priority, &internet);
	if (e >= 0 && keep)
		e = new_rule(x, p, AZ_ALLOW, reach_free_priority(x->nsg, priority), &x->keep);
	return e;
}

/* From the smallest on. */
enum { PLAN_NARROW, PLAN_VNET, PLAN_DENY, PLAN_DENY_KEEP, N_PLANS };
static int make_plan(struct repair *x, int which, struct plan *ret)
{
	*ret = (struct plan){ .n = 0 };
	switch (which) {
	case PLAN_NARROW: return plan_narrow(x, ret, &x->keep);
	case PLAN_VNET: return plan_vnet(x, ret);
	case PLAN_DENY: return plan_deny(x, ret, false);
	default: return x->keep.n ? plan_deny(x, ret, true) : -ENOENT;
	}
}

struct best {
	struct plan plan;
	struct reach_effect effect;
	const struct reach_override *overrides;
	const struct az_nsg *nsg;
	uint32_t below;
	bool found;
};

static struct reach_judge judge_of(const struct repair *x)
{
	return (struct reach_judge){ .r = x->r,
				     .target = x->target,
				     .answer = x->answer,
				     .before = &x->before,
				     .keep = &x->keep_ranges,
				     .a = x->a };
}

static int try_plan(struct repair *x, int which, struct best *best)
{
	struct reach_override *o = arena_new(x->a, struct reach_override);
	struct az_nsg *changed = arena_new(x->a, struct az_nsg);
	struct reach_effect effect;
	struct plan *plan = arena_new(x->a, struct plan);
	const struct reach_judge judge = judge_of(x);
	int e;

	if (!o || !changed || !plan)
		return -ENOMEM;
	e = make_plan(x, which, plan);
	if (e >= 0)
		e = reach_change_apply(x->nsg, plan->changes, plan->n, x->a, changed);
	if (e < 0)
		return e == -ENOENT ? 0 : e;
	*o = (struct reach_override){ .at = x->at, .nsg = changed, .nic = AZ_NONE };
	e = reach_judge(&judge, o, &effect);
	if (e < 0 || !effect.closes || !effect.keeps || (best->found && effect.others.len))
		return e;
	if (best->found && !best->effect.others.len)
		return 0;
	*best = (struct best){ *plan, effect, o, x->nsg, x->below, true };
	return 0;
}

/* All plans for the NSGs of one way, the NIC's first: it serves the fewest machines. */
static int try_way(struct repair *x, const struct reach_way *way, const struct nsg_answer *by,
		   struct best *best)
{
	int e = 0;

	for (size_t stage = way->n_stages; stage-- > 0 && e >= 0;) {
		const struct az_nsg *nsg = NULL;

		for (size_t i = 0; i < way->stages[stage].n && !nsg; i++) {
			const struct reach_rule *user = way->stages[stage].list[i].user;

			nsg = user ? user->nsg : NULL;
		}
		if (!nsg || nsg->rules.unknown)
			continue;
		x->nsg = nsg;
		x->at = (uint32_t)(nsg - x->r->m->nsgs);
		e = find_wild(x, way, by);
		for (int i = 0; e >= 0 && i < N_PLANS; i++)
			if (!best->found || best->effect.others.len)
				e = try_plan(x, i, best);
	}
	return e;
}

static void summarize(const struct az_nsg *nsg, const struct reach_change *c, struct buf *b)
{
	const struct az_rule *r =
		c->kind == CHANGE_CREATE ? &c->created : &nsg->rules.list[c->rule];

	if (b->len)
		buf_puts(b, "; ");
	if (c->kind == CHANGE_DELETE)
		buf_fmt(b, "delete %.*s", STR_FMT(str_sub(r->name, 0, 200)));
	else if (c->kind == CHANGE_SOURCES)
		buf_fmt(b, "narrow %.*s to its stated sources", STR_FMT(str_sub(r->name, 0, 200)));
	else
		buf_fmt(b, "%s %.*s %.*s %s at priority %u",
			r->access == AZ_ALLOW ? "allow" : "deny", STR_FMT(r->protocol),
			STR_FMT(r->ports.list[0]),
			r->access == AZ_ALLOW ? "from the kept sources" : "from Internet",
			r->priority);
}

/* The rule that a deny rule stands right before; "" where that is a default rule. */
static struct str preceded(const struct best *best)
{
	for (uint32_t i = 0; i < best->nsg->rules.n; i++) {
		const struct az_rule *r = &best->nsg->rules.list[i];

		if (r->direction != AZ_OUTBOUND && r->priority == best->below)
			return r->name;
	}
	return STR("");
}

static int describe(struct repair *x, const struct best *best, struct reach_repair *ret)
{
	own(buf_release) struct buf b = BUF(64 << 10);
	const struct plan *p = &best->plan;
	int e = 0;

	ret->commands = arena_array(x->a, p->n + 1, sizeof *ret->commands);
	if (!ret->commands)
		return -ENOMEM;
	/* The last first: a kept source is allowed before the rest is denied. */
	for (size_t i = p->n; e >= 0 && i-- > 0;) {
		const struct reach_change *c = &p->changes[i];

		e = reach_change_command(best->nsg, c, x->a, &ret->commands[ret->n++]);
		summarize(best->nsg, c, &b);
		if (c->kind == CHANGE_CREATE && c->created.access == AZ_DENY)
			ret->priority = c->created.priority;
	}
	if (e < 0)
		return e;
	if (ret->priority)
		ret->before = preceded(best);
	ret->summary = arena_str(x->a, buf_view(&b));
	ret->others = best->effect.others;
	return ret->summary.ptr ? b.error : -ENOMEM;
}

static int keep_all(struct repair *x, const struct az_texts *keep)
{
	for (uint32_t i = 0; keep && i < keep->n; i++) {
		int e = keep_text(x, keep->list[i]);

		if (e < 0)
			return e;
	}
	return 0;
}

/* Every way that is open: -EALREADY where only stated sources come in. */
static int keep_of_ways(struct repair *x)
{
	struct net_ranges internet, strangers;
	int e = 0;

	for (size_t w = 0; e >= 0 && w < x->before.n; w++)
		for (uint32_t i = 0; e >= 0 && i < x->answer->by[w]->n_deciding; i++) {
			const struct nsg_rule *rule =
				nsg_rule(x->before.ways[w].g, x->answer->by[w]->rules[i], NULL);
			const struct reach_rule *user = rule->user;
			bool wild;

			if (user && user->rule && rule->verdict != NSG_DENY)
				e = keep_stated(x, &user->rule->source, &wild);
		}
	if (e >= 0)
		e = reach_internet(&x->before, x->answer, x->a, &internet);
	if (e >= 0)
		e = net_ranges_minus(&internet, &x->keep_ranges, x->a, &strangers);
	return e < 0 ? e : strangers.n ? 0 : -EALREADY;
}

static int guard(const struct repair *x, struct reach_repair *ret)
{
	const struct reach_judge judge = judge_of(x);
	int e = -ENOENT;

	for (size_t w = 0; e == -ENOENT && w < x->before.n; w++)
		if (x->answer->by[w]->internet != NSG_CLOSED)
			e = reach_guard(&judge, &x->before.ways[w], &x->keep, ret);
	return e;
}

int reach_repair(const struct reach *r, size_t target, const struct reach_answer *answer,
		 const struct az_texts *keep, struct arena *a, struct reach_repair *ret)
{
	struct repair *x = arena_new(a, struct repair);
	struct best *best = arena_new(a, struct best);
	struct reach_answer *now = arena_new(a, struct reach_answer);
	struct reach_repair repair = {};
	int e;

	if (!x || !best || !now)
		return -ENOMEM;
	*x = (struct repair){ .r = r, .target = target, .answer = now, .a = a };
	e = reach_host(r, target, a, &x->before);
	if (e >= 0)
		e = reach_ports(&x->before, answer->protocol, &answer->first, 1, a, now);
	now->last = answer->last;
	if (e >= 0)
		e = keep_all(x, keep);
	if (e >= 0)
		e = keep_of_ways(x);
	for (size_t w = 0; e >= 0 && w < x->before.n; w++)
		if (now->by[w]->internet != NSG_CLOSED && !best->found)
			e = try_way(x, &x->before.ways[w], now->by[w], best);
	if (e >= 0)
		e = best->found ? describe(x, best, &repair) : guard(x, &repair);
	if (e >= 0)
		*ret = repair;
	return e;
}
