/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Budgets of packets, beside a model that keeps every bucket in a list. */
#include "jit/budget.h"
#include "tap.h"

static const uint64_t seed[2] = { 11, 22 };
static uint64_t state = 1;

static uint32_t number(uint32_t below)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33) % below;
}

/* Tokens in floating point of a prefix, of all. */
struct pot {
	double tokens;
	int64_t at;
};

#define PREFIXES 40U
struct model {
	struct pot own[2][PREFIXES], total, reserve;
	bool known[PREFIXES];
};

static bool has(struct pot *p, struct budget_rate r, int64_t now)
{
	double passed = (double)(now - p->at);

	p->tokens = MIN((double)r.burst, p->tokens + passed * r.rate / 1000);
	p->at = now;
	return p->tokens > 1 - 1e-6;
}

static enum budget_verdict model_take(struct model *m, unsigned i, const struct budget_rates *r,
				      int64_t now)
{
	bool known = m->known[i], own = has(&m->own[known][i], known ? r->known : r->prefix, now);
	bool reserve = known && has(&m->reserve, r->reserve, now);
	bool total = has(&m->total, r->total, now);

	if (!own)
		return BUDGET_PREFIX;
	if (!reserve && !total)
		return BUDGET_TOTAL;
	m->own[known][i].tokens--;
	if (reserve)
		m->reserve.tokens--;
	else
		m->total.tokens--;
	return BUDGET_TAKEN;
}

static net_addr address(unsigned i)
{
	return i % 2 ? net_v4(0x0b000000 + i * 256 + number(256))
		     : ((net_addr)0x20010db800000000 + i) << 64 | number(1000);
}

static void modelled(void)
{
	const struct budget_rates rates = {
		{2,   3 },
                { 30, 40},
                { 7,  9 },
                { 20, 25}
	};
	struct budget *b = NULL;
	struct model m = { .total.tokens = 40, .reserve.tokens = 25 };
	unsigned wrong = 0, seen[3] = {};
	int64_t now = 5'000;

	for (unsigned i = 0; i < PREFIXES; i++)
		m.own[0][i].tokens = 3;
	if (!is_int(budget_new(&rates, seed, &b), 0, "a budget"))
		return;
	for (unsigned n = 0; n < 200'000; n++) {
		unsigned i = number(number(4) ? PREFIXES : 3);
		net_addr from = address(i);
		enum budget_verdict got;

		now += number(50) ? number(12) : number(600);
		if (!number(2'000) && !m.known[i]) {
			budget_good(b, from, now);
			m.known[i] = true;
			m.own[1][i] = (struct pot){ 9, now };
		}
		got = budget_take(b, from, now);
		seen[got]++;
		wrong += got != model_take(&m, i, &rates, now);
	}
	is_int(wrong, 0, "as the model says");
	printf("# %u taken, %u, %u left out\n", seen[0], seen[1], seen[2]);
	ok(seen[0] > 2'000 && seen[1] > 2'000 && seen[2] > 2'000, "every verdict was met");
	ok(budget_counts(b).taken == seen[0] && budget_counts(b).prefix == seen[1] &&
		   budget_counts(b).total == seen[2],
	   "counted");
	budget_free(&b);
}

/* Who has knocked before gets in while 20,000 packets a second come from a thousand addresses. */
static void flooded(void)
{
	struct budget *b = NULL;
	unsigned taken = 0, owner = 0;
	const net_addr home = net_v4(0xc6336407);

	if (!is_int(budget_new(&budget_defaults, seed, &b), 0, "a budget"))
		return;
	budget_good(b, home, 0);
	ok(budget_is_known(b, home + 5) && !budget_is_known(b, home + 256), "its /24 is known");
	for (unsigned n = 0; n < 200'000; n++) {
		int64_t now = n / 20;

		taken += budget_take(b, net_v4(0x0b000000 + number(1'000) * 256), now) ==
			 BUDGET_TAKEN;
		if (n % 10'000 == 5'000)
			owner += budget_take(b, home, now) == BUDGET_TAKEN;
	}
	is_int(owner, 20, "the owner always gets in");
	ok(taken >= 4'300 && taken <= 4'410, "strangers get 400 a second and the burst");
	budget_free(&b);
}

/* Where each look-up takes 20 ms, strangers have a quarter of the time and no more. */
static void slow(void)
{
	struct budget *b = NULL;
	int64_t now = 1'000, spent = 0;
	unsigned owner = 0, asked = 0;
	const net_addr home = net_v4(0xc6336407);

	if (!is_int(budget_new(&budget_defaults, seed, &b), 0, "a budget"))
		return;
	budget_good(b, home, 0);
	for (unsigned n = 0; now < 61'000; n++) {
		if (n % 5'000 == 0) {
			asked++;
			owner += budget_take(b, home, now) == BUDGET_TAKEN;
			budget_charge(b, home, now, now + 20);
			now += 20;
		}
		if (budget_take(b, net_v4(0x0b000000 + number(1'000) * 256), now) == BUDGET_TAKEN) {
			budget_charge(b, net_v4(0x0b000000), now, now + 20);
			now += 20;
			spent += 20;
		}
		now += n % 20 == 0;
	}
	is_int(owner, asked, "the owner always gets in");
	ok(spent >= 60'000 / 5 && spent <= 60'000 / 4 + 20, "strangers have a quarter of the time");
	budget_charge(b, net_v4(1), now, now + 1'000'000);
	is_int(budget_take(b, net_v4(0x0c000000), now + 1'000'000 + BUDGET_PAUSE_MS - 1),
	       BUDGET_TOTAL, "after the longest they wait");
	is_int(budget_take(b, net_v4(0x0c000000), now + 1'000'000 + BUDGET_PAUSE_MS), BUDGET_TAKEN,
	       "no longer than ten seconds");
	budget_charge(b, net_v4(1), now, now + 1'000'000);
	is_int(budget_take(b, net_v4(0x0d000000), 0), BUDGET_TAKEN, "nor when a clock jumps back");
	budget_free(&b);
}

/* More prefixes than there is room for: the bounds for all still hold. */
static void crowded(void)
{
	struct budget *b = NULL;
	unsigned taken = 0, heavy = 0;

	if (!is_int(budget_new(&budget_defaults, seed, &b), 0, "a budget"))
		return;
	for (unsigned n = 0; n < 1'000'000; n++) {
		int64_t now = n / 100;

		taken += budget_take(b, net_v4(number(1U << 31)), now) == BUDGET_TAKEN;
		if (n % 50 == 0)
			heavy += budget_take(b, net_v4(0xc0000201), now) == BUDGET_TAKEN;
	}
	ok(taken + heavy <= 400 + 400 * 10 + 1, "not more than all may have");
	ok(heavy <= 8 + 4 * 10 + 1, "who comes often is not forgotten for those who come once");
	for (unsigned n = 0; n < 100'000; n++)
		budget_good(b, net_v4(n << 8), 20'000 + n);
	ok(budget_is_known(b, net_v4(99'999U << 8)) && !budget_is_known(b, net_v4(5U << 8)),
	   "the latest that knocked are known");
	budget_free(&b);
}

static void clocks(void)
{
	struct budget *b = NULL;
	struct budget_rates bad = budget_defaults;
	unsigned taken = 0;

	if (!is_int(budget_new(&budget_defaults, seed, &b), 0, "a budget"))
		return;
	for (unsigned n = 0; n < 100; n++)
		taken += budget_take(b, 1, n % 2 ? INT64_MIN : 1'000) == BUDGET_TAKEN;
	is_int(taken, 8, "a clock that jumps back gives nothing");
	is_int(budget_take(b, 1, INT64_MAX), BUDGET_TAKEN, "nor does one at its end overflow");
	is_int(budget_take(b, 1, INT64_MAX), BUDGET_TAKEN, "twice");
	budget_free(&b);
	bad.total.rate = 0;
	is_int(budget_new(&bad, seed, &b), -EINVAL, "a rate of nothing");
	bad.total.rate = BUDGET_RATE_MAX + 1;
	is_int(budget_new(&bad, seed, &b), -EINVAL, "too high a rate");
	ok(!b, "nothing to free");
}

int main(void)
{
	modelled();
	flooded();
	slow();
	crowded();
	clocks();
	return done();
}
