/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random batches of bans and unbans in a real kernel, beside a list of what must be banned. */
#include "ban_net.h"

#define NETWORKS 3000u
#define STEPS 600
#define BATCH 200u

static uint64_t state = 0x9e37'79b9'7f4a'7c15;

static unsigned draw(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

struct model {
	struct ban *b;
	bool on[NETWORKS];
	size_t n_on;
	struct ban_item items[BATCH];
	unsigned ids[BATCH], n;
};

/* Addresses, networks of 256, and IPv6 networks; all different. */
static struct prefix network(unsigned id)
{
	uint8_t v4[] = { 9, (uint8_t)(id >> 8), (uint8_t)id, 1 };
	struct prefix p = prefix_v4(v4, id % 3 ? 32 : 24);

	if (id % 4)
		return p;
	p = (struct prefix){
		.addr = {0x20, 1, 0xd, 0xb8, v4[1], v4[2]},
                  .bits = 48
	};
	return p;
}

static bool twice(const struct model *m, unsigned i)
{
	for (unsigned k = 0; k < m->n; k++)
		if (k != i && m->ids[k] == m->ids[i])
			return true;
	return false;
}

/* Whether each item was answered as it must be. */
static bool check(struct model *m, bool adding)
{
	bool good = true;

	for (unsigned i = 0; i < m->n; i++) {
		int want = adding || m->on[m->ids[i]] ? 0 : -ENOENT;

		good &= m->items[i].error == want || (!adding && twice(m, i));
	}
	for (unsigned i = 0; i < m->n; i++) {
		bool *on = &m->on[m->ids[i]];

		m->n_on += adding - *on;
		*on = adding;
	}
	return good;
}

static bool step(struct model *m)
{
	bool adding = draw(2);
	size_t failed;

	m->n = 1 + draw(draw(10) ? 5 : BATCH - 1);
	for (unsigned i = 0; i < m->n; i++) {
		m->ids[i] = draw(NETWORKS);
		m->items[i] = (struct ban_item){ network(m->ids[i]), 1000 + draw(1000), 0 };
	}
	if ((adding ? ban_add : ban_remove)(m->b, m->items, m->n, &failed, NULL) < 0)
		return false;
	return check(m, adding);
}

int main(void)
{
	static struct model m;
	unsigned found;
	int steps = 0;

	if (!enter_namespace("random bans"))
		return done();
	if (ban_open(&(struct ban_config){ .kind = BAN_NFT }, &m.b, NULL) < 0 ||
	    ban_ensure(m.b, &found, NULL) < 0) {
		ok(false, "nftables");
		return done();
	}
	while (steps < STEPS && step(&m) && (steps % 20 || count_bans(m.b) == m.n_on))
		steps++;
	is_int(steps, STEPS, "random batches");
	is_int((int64_t)count_bans(m.b), (int64_t)m.n_on, "leave what must be banned");
	ok(m.n_on > 100, "which is something");
	is_int(ban_ensure(m.b, &found, NULL), 0, "looked at");
	is_int(found, 0, "nobody else did anything");
	ban_close(&m.b);
	return done();
}
