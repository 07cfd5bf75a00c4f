/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/ledger_work.h"

#define EXPIRE_AT_ONCE 4096
#define FORGET_AT_ONCE 64

#define V4(a, b, c, d)                        \
	{                                     \
		[10] = 0xff, 0xff, a, b, c, d \
	}

/* clang-format off */
/* A ban of these would hit this machine or its network, not an attacker. In prefix_cmp() order. */
static const struct prefix local[] = {
	{ {}, 128 },
	{ { [15] = 1 }, 128 },
	{ V4(0, 0, 0, 0), PREFIX_V4 + 8 },
	{ V4(127, 0, 0, 0), PREFIX_V4 + 8 },
	/* Azure's platform: name service, agent, health probes (learn.microsoft.com, "What is IP
	 * address 168.63.129.16"). */
	{ V4(168, 63, 129, 16), PREFIX_V4 + 32 },
	{ V4(169, 254, 0, 0), PREFIX_V4 + 16 },
	{ V4(224, 0, 0, 0), PREFIX_V4 + 4 },
	{ V4(255, 255, 255, 255), PREFIX_V4 + 32 },
	{ { 0xfe, 0x80 }, 10 },
	{ { 0xff }, 8 },
};
/* Networks of one's own, or of many customers behind one address: only hosts of them are banned. */
static const struct prefix private[] = {
	{ V4(10, 0, 0, 0), PREFIX_V4 + 8 },
	{ V4(100, 64, 0, 0), PREFIX_V4 + 10 },
	{ V4(172, 16, 0, 0), PREFIX_V4 + 12 },
	{ V4(192, 168, 0, 0), PREFIX_V4 + 16 },
	{ { 0xfc }, 7 },
};
/* clang-format on */

uint32_t ledger_clock(struct ledger *l, int64_t now)
{
	/* Room for the longest ban. */
	int64_t most = UINT32_MAX - (int64_t)LEDGER_SECONDS_MAX;

	if (now > l->now)
		l->now = (uint32_t)MIN(now, most);
	l->now = MAX(l->now, 1U);
	return l->now;
}

void ledger_decide(struct ledger_verdict *v, const struct ledger_decision *d)
{
	if (v->n < COUNT(v->list))
		v->list[v->n++] = *d;
}

unsigned ledger_score(const struct ledger *l, const struct ledger_entry *e, uint32_t now)
{
	uint32_t latest = e->last / l->slot, current = now / l->slot;
	unsigned sum = 0;

	if (!e->last || current < latest)
		return 0;
	for (uint32_t i = 0; i < LEDGER_SLOTS && i <= latest; i++)
		if (current - (latest - i) < LEDGER_SLOTS)
			sum += e->slots[(latest - i) % LEDGER_SLOTS];
	return sum;
}

unsigned ledger_times(const struct ledger *l, const struct ledger_entry *e, uint32_t now)
{
	uint32_t forgotten = now > e->until ? (now - e->until) / l->c.forget : 0;

	if (e->heap)
		return e->times;
	return e->times > forgotten ? e->times - forgotten : 0;
}

static uint32_t ban_seconds(const struct ledger *l, unsigned times, unsigned most)
{
	uint64_t seconds = l->c.ban_first;

	while (times-- > 0 && seconds < most)
		seconds *= l->c.ban_factor;
	return (uint32_t)MIN(seconds, most);
}

enum ledger_reason ledger_spared(const struct ledger *l, const struct prefix *p)
{
	if (prefix_touched(local, COUNT(local), p))
		return LEDGER_LOCAL;
	if (prefix_touched(l->sessions, l->n_sessions, p))
		return LEDGER_SESSION;
	if (prefix_touched(l->allow, l->n_allow, p))
		return LEDGER_ALLOWED;
	return LEDGER_STRIKES;
}

/* ---- beginning and end ---- */

static void push_out(struct ledger *l, struct ledger_verdict *ret)
{
	uint32_t oldest = l->lists[BANNED].first;

	ledger_decide(ret, &(struct ledger_decision){
				   .what = LEDGER_UNBAN,
				   .reason = LEDGER_FULL,
				   .prefix = ledger_prefix(ledger_at(l, oldest)),
			   });
	ledger_end(l, oldest);
	l->counts.pushed_out++;
}

int ledger_begin(struct ledger *l, uint32_t i, uint32_t until, struct ledger_decision *d,
		 struct ledger_verdict *ret)
{
	struct ledger_entry *e = ledger_at(l, i);
	uint32_t before = e->until;
	int r;

	e->until = until;
	r = ledger_heap_add(l, i);
	if (r < 0) {
		e->until = before;
		return r;
	}
	e->since = l->now;
	e->noted = d->reason == LEDGER_HAND ? LEDGER_BY_HAND : 0;
	memset(e->slots, 0, sizeof e->slots);
	ledger_move(l, i, BANNED);
	l->counts.banned++;
	l->counts.groups += ledger_is_group(e);
	d->what = LEDGER_BAN;
	d->prefix = ledger_prefix(e);
	d->seconds = until - l->now;
	d->times = e->times;
	ledger_decide(ret, d);
	if (l->counts.bans > l->c.max_bans)
		push_out(l, ret);
	return 0;
}

static void rest(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);

	if (ledger_is_group(e) && e->strikes)
		ledger_move(l, i, GROUPS);
	else if (!ledger_is_group(e) || e->times || e->last)
		ledger_move(l, i, SILENT);
	else
		ledger_drop(l, i);
}

static void leave(struct ledger *l, const struct ledger_entry *host)
{
	enum ledger_kind kind = host->kind;
	uint32_t i = ledger_find(l, kind + 2, ledger_group_key(kind, host->key));
	struct ledger_entry *group;

	if (i == LEDGER_NONE)
		return;
	group = ledger_at(l, i);
	if (group->strikes)
		group->strikes--;
	if (group->heap || group->strikes)
		return;
	group->noted = 0;
	rest(l, i);
}

void ledger_end(struct ledger *l, uint32_t i)
{
	struct ledger_entry *e = ledger_at(l, i);

	ledger_heap_remove(l, i);
	e->until = MIN(e->until, l->now);
	l->counts.groups -= ledger_is_group(e);
	if (!ledger_is_group(e))
		leave(l, e);
	rest(l, i);
}

/* ---- networks ---- */

static int ban_group(struct ledger *l, uint32_t i, struct ledger_verdict *ret)
{
	struct ledger_entry *e = ledger_at(l, i);
	struct prefix p = ledger_prefix(e);
	struct ledger_decision d = { .reason = LEDGER_MANY, .prefix = p };
	enum ledger_reason spared = ledger_spared(l, &p);
	unsigned times = ledger_times(l, e, l->now);
	uint8_t before = e->times;
	int r;

	if (prefix_touched(private, COUNT(private), &p))
		return 0;
	if (spared != LEDGER_STRIKES) {
		memset(e->slots, 0, sizeof e->slots);
		if (e->noted & LEDGER_TOLD)
			return 0;
		e->noted |= LEDGER_TOLD;
		l->counts.refused++;
		d.what = LEDGER_REFUSE;
		d.reason = spared;
		ledger_decide(ret, &d);
		return 0;
	}
	e->times = (uint8_t)MIN(times + 1, UINT8_MAX);
	r = ledger_begin(l, i, l->now + ban_seconds(l, times, l->c.group_max), &d, ret);
	if (r < 0)
		e->times = before;
	return r;
}

int ledger_join(struct ledger *l, uint32_t host, struct ledger_verdict *ret)
{
	enum ledger_kind kind = ledger_at(l, host)->kind;
	unsigned many = kind == HOST4 ? l->c.hosts_v4 : l->c.hosts_v6;
	struct ledger_entry *group;
	uint32_t i;
	int r = ledger_obtain(l, kind + 2, ledger_group_key(kind, ledger_at(l, host)->key), &i);

	if (r < 0)
		return r;
	group = ledger_at(l, i);
	group->strikes++;
	if (group->list == SILENT)
		ledger_move(l, i, GROUPS);
	if (group->heap || many == LEDGER_NEVER || group->strikes < many)
		return 0;
	return ban_group(l, i, ret);
}

/* ---- by hand ---- */

int ledger_ban(struct ledger *l, const struct prefix *p, uint32_t seconds, int64_t now,
	       struct ledger_verdict *ret)
{
	struct prefix cut = prefix_cut(p, p->bits > 64 && !prefix_is_v4(p) ? 64 : p->bits);
	struct ledger_decision d = { .reason = LEDGER_HAND, .prefix = cut };
	struct ledger_verdict v = {};
	enum ledger_reason spared;
	enum ledger_kind kind;
	uint64_t key;
	uint32_t i;
	int r;

	if (p->bits > PREFIX_HOST || (p->bits > 64 && p->bits < PREFIX_HOST && !prefix_is_v4(p)))
		return -EINVAL;
	if (!ledger_key(&cut, &kind, &key) || !seconds || seconds > LEDGER_SECONDS_MAX)
		return -EINVAL;
	ledger_expire(l, now);
	spared = ledger_spared(l, &cut);
	if (spared != LEDGER_STRIKES) {
		l->counts.refused++;
		d.what = LEDGER_REFUSE;
		d.reason = spared;
		ledger_decide(&v, &d);
		*ret = v;
		return 0;
	}
	r = ledger_obtain(l, kind, key, &i);
	if (r < 0)
		return r;
	if (ledger_at(l, i)->heap) {
		ledger_at(l, i)->until = l->now + seconds;
		ledger_at(l, i)->noted = LEDGER_BY_HAND;
		ledger_heap_moved(l, i);
		d.what = LEDGER_BAN;
		d.seconds = seconds;
		d.times = ledger_at(l, i)->times;
		ledger_decide(&v, &d);
	} else {
		ledger_at(l, i)->times = (uint8_t)ledger_times(l, ledger_at(l, i), l->now);
		r = ledger_begin(l, i, l->now + seconds, &d, &v);
		if (r == 0 && kind < GROUP4)
			r = ledger_join(l, i, &v);
	}
	if (r == 0)
		*ret = v;
	return r;
}

/* ---- strikes ---- */

static void weigh(const struct ledger *l, struct ledger_entry *e, unsigned weight)
{
	uint32_t latest = e->last / l->slot, current = l->now / l->slot;
	uint8_t *slot = &e->slots[current % LEDGER_SLOTS];

	for (uint32_t i = 1; i <= current - latest && i <= LEDGER_SLOTS; i++)
		e->slots[(latest + i) % LEDGER_SLOTS] = 0;
	*slot = (uint8_t)MIN(*slot + weight, UINT8_MAX);
	e->last = l->now;
}

static void note(struct ledger *l, struct ledger_entry *e, uint16_t rule, unsigned weight)
{
	uint16_t *rules = e->rules, name = (uint16_t)(rule + 1);
	unsigned at = 0;

	weigh(l, e, weight);
	while (at < LEDGER_WHY_RULES - 1 && rules[at] != name)
		at++;
	memmove(rules + 1, rules, at * sizeof *rules);
	rules[0] = name;
	if (!e->first)
		e->first = l->now;
	if (e->strikes < UINT32_MAX)
		e->strikes++;
	l->counts.strikes++;
}

static void over(struct ledger *l, uint32_t i)
{
	if (i != LEDGER_NONE && ledger_at(l, i)->heap && ledger_at(l, i)->until <= l->now)
		ledger_end(l, i);
}

static int ban_host(struct ledger *l, uint32_t i, struct ledger_verdict *ret)
{
	struct ledger_entry *e = ledger_at(l, i);
	struct ledger_decision d = { .reason = LEDGER_STRIKES, .prefix = ledger_prefix(e) };
	enum ledger_reason spared = ledger_spared(l, &d.prefix);
	unsigned times = ledger_times(l, e, l->now);
	uint8_t before = e->times;
	int r;

	if (spared != LEDGER_STRIKES) {
		/* Told again when as much has come together again. */
		memset(e->slots, 0, sizeof e->slots);
		l->counts.refused++;
		d.what = LEDGER_REFUSE;
		d.reason = spared;
		ledger_decide(ret, &d);
		return 0;
	}
	e->times = (uint8_t)MIN(times + 1, UINT8_MAX);
	r = ledger_begin(l, i, l->now + ban_seconds(l, times, l->c.ban_max), &d, ret);
	if (r < 0) {
		e->times = before;
		return r;
	}
	return ledger_join(l, i, ret);
}

/*
 * Whoever has a /48 has 65,536 hosts, each of which may stay below the threshold: what all of them
 * do together counts, too. (Of IPv4 it would cost an entry a network.)
 */
static int judge_site(struct ledger *l, uint64_t key, unsigned weight, struct ledger_verdict *ret)
{
	struct ledger_entry *site;
	uint32_t i;
	int r = ledger_obtain(l, GROUP6, ledger_group_key(HOST6, key), &i);

	if (r < 0)
		return r;
	site = ledger_at(l, i);
	if (site->heap)
		return 0;
	/* One host alone does not do it, however heavy its strike. */
	weigh(l, site, MIN(weight, l->c.threshold));
	if (site->list == SILENT)
		ledger_move(l, i, SILENT);
	if (l->c.hosts_v6 == LEDGER_NEVER ||
	    ledger_score(l, site, l->now) < (uint64_t)l->c.threshold * l->c.hosts_v6)
		return 0;
	return ban_group(l, i, ret);
}

static int judge(struct ledger *l, uint32_t i, unsigned weight, struct ledger_verdict *ret)
{
	struct ledger_entry e = *ledger_at(l, i);
	int r = 0;

	if (ledger_score(l, &e, l->now) >= l->c.threshold)
		r = ban_host(l, i, ret);
	return r == 0 && e.kind == HOST6 ? judge_site(l, e.key, weight, ret) : r;
}

int ledger_strike(struct ledger *l, const struct prefix *address, uint16_t rule, unsigned weight,
		  int64_t now, struct ledger_verdict *ret)
{
	struct prefix host = prefix_cut(address, prefix_is_v4(address) ? 128 : 64);
	struct ledger_verdict v = {};
	struct ledger_entry *e;
	uint32_t i, group;
	enum ledger_kind kind;
	uint64_t key;
	int r;

	if (address->bits != PREFIX_HOST || !weight || weight > LEDGER_WEIGHT_MAX ||
	    rule >= l->n_rules || !ledger_key(&host, &kind, &key))
		return -EINVAL;
	ledger_expire(l, now);
	r = ledger_obtain(l, kind, key, &i);
	if (r < 0)
		return r;
	group = ledger_find(l, kind + 2, ledger_group_key(kind, key));
	over(l, group);
	over(l, i);
	e = ledger_at(l, i);
	note(l, e, rule, weight);
	if (e->list == SILENT)
		ledger_move(l, i, SILENT);
	group = ledger_find(l, kind + 2, ledger_group_key(kind, key));
	if (!e->heap && (group == LEDGER_NONE || !ledger_at(l, group)->heap))
		r = judge(l, i, weight, &v);
	if (r == 0)
		*ret = v;
	return r;
}

void ledger_expire(struct ledger *l, int64_t now)
{
	uint32_t clock = ledger_clock(l, now);

	for (int i = 0; i < EXPIRE_AT_ONCE && l->counts.bans; i++) {
		if (ledger_at(l, l->heap[0])->until > clock)
			break;
		ledger_end(l, l->heap[0]);
	}
	for (int i = 0; i < FORGET_AT_ONCE && l->lists[SILENT].first != LEDGER_NONE; i++) {
		const struct ledger_entry *e = ledger_at(l, l->lists[SILENT].first);

		if (clock - MAX(e->last, e->until) <= l->c.remember)
			break;
		ledger_drop(l, l->lists[SILENT].first);
	}
}
