/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger beside a plain one that keeps every strike and looks through all of it each time, on
 * random strikes, unbans, lists, saves and clocks.
 */
#include "base/buf.h"
#include "guard/ledger.h"
#include "tap.h"

#define HOSTS 40u
#define SLOTS 8
#define STRIKES_MAX 64u
#define STEPS 6000

static const struct ledger_config config = {
	.threshold = 6,
	.window = 70,
	.ban_first = 50,
	.ban_factor = 3,
	.ban_max = 1000,
	.forget = 400,
	.hosts_v4 = 3,
	.hosts_v6 = 2,
	.group_max = 300,
	.remember = 1'000'000,
};
#define SLOT 10 /* a seventh of the window */

struct plain_ban {
	int64_t until; /* 0: none yet */
	bool on;
	unsigned times, order;
};
struct plain {
	struct plain_ban host[HOSTS], group[HOSTS];
	struct {
		int64_t time;
		unsigned weight;
	} strikes[HOSTS][STRIKES_MAX];
	unsigned n_strikes[HOSTS], order;
	struct {
		int64_t time;
		unsigned weight;
	} site[HOSTS][STRIKES_MAX];
	unsigned n_site[HOSTS];
	bool told[HOSTS];
	bool allowed[HOSTS], session[HOSTS];
};

static uint64_t state;

static unsigned draw(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

/* Hosts 0-19 are IPv4, five a /24, the last /24 private; 20-39 IPv6, five a /48. */
static unsigned group_of(unsigned host) { return host / 5; }

static struct prefix host_prefix(unsigned host, bool any)
{
	struct prefix p;
	char text[64];

	if (host < 20)
		(void)snprintf(text, sizeof text, "%s.%u.%u", host < 15 ? "203.0" : "10.1",
			       group_of(host), host % 5 + 1);
	else
		(void)snprintf(text, sizeof text, "2a00:1:%x:%x::%x", group_of(host), host % 5,
			       any ? draw(60000) : 0);
	if (prefix_parse(str_of(text), &p) < 0)
		abort();
	return p;
}

static struct prefix banned_prefix(unsigned host, bool group)
{
	struct prefix p = host_prefix(host, false);

	return prefix_cut(&p, host < 20 ? (group ? 120 : 128) : group ? 48 : 64);
}

static unsigned times_now(const struct plain_ban *b, int64_t now)
{
	int64_t steps = b->until && now > b->until ? (now - b->until) / 400 : 0;

	if (b->on)
		return b->times;
	return steps < b->times ? b->times - (unsigned)steps : 0;
}

static int64_t length(unsigned times, int64_t most)
{
	int64_t seconds = 50;

	while (times-- > 0 && seconds < most)
		seconds *= 3;
	return MIN(seconds, most);
}

static unsigned members(const struct plain *m, unsigned group)
{
	unsigned n = 0;

	for (unsigned i = 0; i < HOSTS; i++)
		n += group_of(i) == group && m->host[i].on;
	return n;
}

static void plain_end(struct plain *m, struct plain_ban *b, int64_t now)
{
	b->on = false;
	b->until = MIN(b->until, now);
	if (b >= m->host && b < m->host + HOSTS) {
		unsigned g = group_of((unsigned)(b - m->host));

		if (!m->group[g].on && !members(m, g))
			m->told[g] = false;
	}
}

static void plain_expire(struct plain *m, int64_t now)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		if (m->host[i].on && m->host[i].until <= now)
			plain_end(m, &m->host[i], now);
		if (m->group[i].on && m->group[i].until <= now)
			plain_end(m, &m->group[i], now);
	}
}

static unsigned score(const struct plain *m, unsigned host, int64_t now)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < m->n_strikes[host]; i++)
		if (now / SLOT - m->strikes[host][i].time / SLOT < SLOTS)
			sum += m->strikes[host][i].weight;
	return sum;
}

static void begin(struct plain *m, struct plain_ban *b, int64_t now, int64_t most,
		  struct ledger_verdict *ret, unsigned host, bool group)
{
	unsigned times = times_now(b, now);
	int64_t seconds = length(times, most);

	b->times = times + 1;
	b->until = now + seconds;
	b->on = true;
	b->order = ++m->order;
	ret->list[ret->n++] = (struct ledger_decision){
		.what = LEDGER_BAN,
		.reason = group ? LEDGER_MANY : LEDGER_STRIKES,
		.prefix = banned_prefix(host, group),
		.seconds = (uint32_t)seconds,
		.times = b->times,
	};
}

static void refuse(struct ledger_verdict *ret, unsigned host, bool group, bool session)
{
	ret->list[ret->n++] = (struct ledger_decision){
		.what = LEDGER_REFUSE,
		.reason = session ? LEDGER_SESSION : LEDGER_ALLOWED,
		.prefix = banned_prefix(host, group),
	};
}

static void plain_group(struct plain *m, unsigned host, int64_t now, struct ledger_verdict *ret)
{
	unsigned g = group_of(host);
	bool allowed = false, session = false;

	m->n_site[g] = 0;
	for (unsigned i = 0; i < HOSTS; i++) {
		allowed |= group_of(i) == g && m->allowed[i];
		session |= group_of(i) == g && m->session[i];
	}
	if (!allowed && !session) {
		begin(m, &m->group[g], now, 300, ret, host, true);
		m->told[g] = false;
	} else if (!m->told[g]) {
		m->told[g] = true;
		refuse(ret, host, true, session);
	}
}

static void plain_judge(struct plain *m, unsigned host, int64_t now, struct ledger_verdict *ret)
{
	if (score(m, host, now) < 6)
		return;
	m->n_strikes[host] = 0;
	if (m->allowed[host] || m->session[host]) {
		refuse(ret, host, false, m->session[host]);
		return;
	}
	begin(m, &m->host[host], now, 1000, ret, host, false);
	if (members(m, group_of(host)) >= (host < 20 ? 3 : 2) && !(host >= 15 && host < 20))
		plain_group(m, host, now, ret);
}

/* All hosts of a /48 together. */
static void plain_site(struct plain *m, unsigned host, unsigned weight, int64_t now,
		       struct ledger_verdict *ret)
{
	unsigned g = group_of(host), sum = 0;

	if (m->n_site[g] == STRIKES_MAX) {
		memmove(m->site[g], m->site[g] + 1, sizeof m->site[g] - sizeof m->site[g][0]);
		m->n_site[g]--;
	}
	m->site[g][m->n_site[g]].time = now;
	m->site[g][m->n_site[g]++].weight = MIN(weight, 6U);
	for (unsigned i = 0; i < m->n_site[g]; i++)
		if (now / SLOT - m->site[g][i].time / SLOT < SLOTS)
			sum += m->site[g][i].weight;
	if (sum >= 12)
		plain_group(m, host, now, ret);
}

static void plain_strike(struct plain *m, unsigned host, unsigned weight, int64_t now,
			 struct ledger_verdict *ret)
{
	unsigned g = group_of(host);

	*ret = (struct ledger_verdict){};
	plain_expire(m, now);
	if (m->n_strikes[host] == STRIKES_MAX) {
		memmove(m->strikes[host], m->strikes[host] + 1,
			sizeof m->strikes[host] - sizeof m->strikes[host][0]);
		m->n_strikes[host]--;
	}
	m->strikes[host][m->n_strikes[host]].time = now;
	m->strikes[host][m->n_strikes[host]++].weight = weight;
	if (m->host[host].on || m->group[g].on)
		return;
	plain_judge(m, host, now, ret);
	if (host >= 20 && !m->group[g].on)
		plain_site(m, host, weight, now, ret);
}

static bool same(const struct ledger_decision *x, const struct ledger_decision *y)
{
	return x->what == y->what && x->reason == y->reason && x->seconds == y->seconds &&
	       x->times == y->times && prefix_eq(&x->prefix, &y->prefix);
}

static void print(const char *who, const struct ledger_verdict *v)
{
	for (unsigned i = 0; i < v->n; i++) {
		char text[PREFIX_TEXT];

		(void)prefix_format(&v->list[i].prefix, text);
		printf("# %s: %u %s %us because of %u, %u\n", who, v->list[i].what, text,
		       v->list[i].seconds, v->list[i].reason, v->list[i].times);
	}
}

struct counter {
	unsigned n;
	bool bad;
	const struct plain *m;
	int64_t now;
};

/* Each ban that the ledger lists is one of the plain one, with the same end. */
static int on_ban(void *user, const struct ledger_decision *d)
{
	struct counter *c = user;

	for (unsigned i = 0; i < HOSTS; i++) {
		for (unsigned group = 0; group < 2; group++) {
			const struct plain_ban *b =
				group ? &c->m->group[group_of(i)] : &c->m->host[i];
			struct prefix p = banned_prefix(i, group);

			if (!prefix_eq(&p, &d->prefix))
				continue;
			c->n++;
			c->bad |= !b->on || b->until - c->now != d->seconds;
			return 0;
		}
	}
	c->bad = true;
	return 0;
}

static unsigned plain_bans(const struct plain *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < HOSTS; i++)
		n += m->host[i].on + m->group[i].on;
	return n;
}

static int ignore(void *user, const struct ledger_decision *d)
{
	(void)d;
	++*(unsigned *)user;
	return 0;
}

static void plain_unban(struct plain *m, unsigned host, int64_t now)
{
	struct plain_ban *h = &m->host[host], *g = &m->group[group_of(host)];

	m->n_strikes[host] = 0;
	h->times = 0;
	if (g->on)
		g->times = 0;
	if (h->on)
		plain_end(m, h, now);
	if (g->on)
		plain_end(m, g, now);
}

/* The hosts of `flags`, as a list; what is banned on it ends. */
static void plain_spare(struct plain *m, const bool *flags, struct prefix *list, size_t *n,
			bool any_of_group, int64_t now)
{
	*n = 0;
	for (unsigned i = 0; i < HOSTS; i++) {
		if (!flags[i])
			continue;
		list[(*n)++] = host_prefix(i, any_of_group);
		if (m->host[i].on)
			plain_end(m, &m->host[i], now);
		if (m->group[group_of(i)].on)
			plain_end(m, &m->group[group_of(i)], now);
	}
}

static int save_to(void *user, struct str bytes) { return buf_add(user, bytes.ptr, bytes.len); }

static struct ledger *reborn(struct ledger *l, int64_t now)
{
	own(buf_release) struct buf file = BUF(1 << 20);
	struct ledger *copy = NULL;

	if (ledger_save(l, now, save_to, &file) < 0 || ledger_new(&config, &copy, NULL) < 0 ||
	    ledger_restore(copy, buf_view(&file), now, NULL) < 0)
		abort();
	ledger_free(&l);
	return copy;
}

static struct ledger *spare(struct ledger *l, struct plain *m, int64_t now)
{
	struct prefix list[HOSTS];
	bool sessions = draw(2);
	bool *flags = sessions ? m->session : m->allowed;
	unsigned ended = 0;
	size_t n;

	for (unsigned i = 0; i < HOSTS; i++)
		flags[i] = !draw(25);
	plain_spare(m, flags, list, &n, true, now);
	if ((sessions ? ledger_sessions(l, list, n, ignore, &ended)
		      : ledger_allow(l, list, n, ignore, &ended)) < 0)
		abort();
	return l;
}

static bool compare(struct ledger *l, const struct plain *m, int64_t now)
{
	struct counter c = { .m = m, .now = now };

	if (ledger_bans(l, now, on_ban, &c) < 0)
		return false;
	return !c.bad && c.n == plain_bans(m);
}

static bool one_strike(struct ledger *l, struct plain *m, int64_t now)
{
	unsigned host = draw(HOSTS), weight = draw(50) ? 1 + draw(4) : 255;
	struct prefix p = host_prefix(host, true);
	struct ledger_verdict want, got = {};
	bool good;

	plain_strike(m, host, weight, now, &want);
	if (ledger_strike(l, &p, 0, weight, now, &got) < 0)
		return false;
	good = got.n == want.n;
	for (unsigned i = 0; good && i < got.n; i++)
		good = same(&got.list[i], &want.list[i]);
	if (!good) {
		print("got", &got);
		print("want", &want);
	}
	return good;
}

static void run(uint64_t seed)
{
	static struct plain m;
	struct ledger *l = NULL;
	int64_t now = 1'700'000'000;
	uint16_t rule;
	int step = 0;

	m = (struct plain){};
	state = seed;
	if (ledger_new(&config, &l, NULL) < 0 || ledger_rule(l, STR("rule"), &rule) < 0)
		abort();
	for (; step < STEPS; step++) {
		unsigned what = draw(1000), ended = 0;

		now += draw(6) ? draw(4) : draw(what < 20 ? 900 : 60);
		if (what < 10) {
			struct prefix p;
			unsigned host = draw(HOSTS);

			p = host_prefix(host, true);
			plain_expire(&m, now);
			ledger_expire(l, now);
			plain_unban(&m, host, now);
			(void)!ledger_unban(l, &p, ignore, &ended);
		} else if (what < 14) {
			plain_expire(&m, now);
			ledger_expire(l, now);
			l = spare(l, &m, now);
		} else if (what < 18 && !memchr(m.session, 1, HOSTS) &&
			   !memchr(m.allowed, 1, HOSTS) && !memchr(m.told, 1, HOSTS)) {
			plain_expire(&m, now);
			l = reborn(l, now);
		} else if (!one_strike(l, &m, now)) {
			break;
		}
		if (step % 16 == 0) {
			plain_expire(&m, now);
			ledger_expire(l, now);
			if (!compare(l, &m, now))
				break;
		}
	}
	if (!is_int(step, STEPS, "a random history"))
		printf("# seed %" PRIu64 "\n", seed);
	ledger_free(&l);
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		run(seed * 0x9e37'79b9'7f4a'7c15);
	return done();
}
