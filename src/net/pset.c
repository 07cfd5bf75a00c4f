/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pset_node.h"

enum { OP_AND = 1, OP_EXISTS = 256 };

/* How many bits from the first on are the same in both runs. */
static unsigned common(const struct pset_node *x, const struct pset_node *y)
{
	unsigned most = MIN(x->length, y->length);
	uint64_t differ = x->pattern >> (x->length - most) ^ y->pattern >> (y->length - most);

	return differ ? most - (64 - (unsigned)__builtin_clzll(differ)) : most;
}

/* Recurses at most once a position. */
static pset and_runs(struct psets *p, pset x, pset y)
{
	struct pset_node vx = pset_view(p, x), vy = pset_view(p, y);
	unsigned m;
	pset match, other;

	pset_step(p);
	if (vx.var > vy.var) {
		struct pset_node swap = vx;

		vx = vy;
		vy = swap;
		y = x;
	}
	if (vx.var < vy.var) {
		m = MIN((unsigned)vx.length, (unsigned)vy.var - vx.var);
		match = pset_and(p, pset_suffix(p, &vx, m), y);
		other = pset_and(p, vx.other, y);
	} else {
		m = common(&vx, &vy);
		match = pset_and(p, pset_suffix(p, &vx, m ? m : 1),
				 m ? pset_suffix(p, &vy, m) : vy.other);
		other = pset_and(p, vx.other, m ? vy.other : pset_suffix(p, &vy, 1));
		m = m ? m : 1;
	}
	return pset_run(p, vx.var, m, vx.pattern >> (vx.length - m), match, other);
}

pset pset_and(struct psets *p, pset x, pset y)
{
	struct pset_cached *c;
	pset result;

	if (p->error || x == PSET_NONE || y == PSET_NONE || x == (y ^ 1))
		return PSET_NONE;
	if (x == y || y == PSET_ALL)
		return x;
	if (x == PSET_ALL)
		return y;
	if (x > y) {
		pset swap = x;

		x = y;
		y = swap;
	}
	c = pset_cached(p, OP_AND, x, y);
	if (c->operation == OP_AND && c->x == x && c->y == y)
		return c->result;
	result = and_runs(p, x, y);
	if (p->error)
		return PSET_NONE;
	*pset_cached(p, OP_AND, x, y) = (struct pset_cached){ x, y, result, OP_AND };
	return result;
}

pset pset_not(struct psets *p, pset x) { return p->error ? PSET_NONE : x ^ 1; }
pset pset_minus(struct psets *p, pset x, pset y) { return pset_and(p, x, y ^ 1); }
pset pset_or(struct psets *p, pset x, pset y) { return pset_not(p, pset_and(p, x ^ 1, y ^ 1)); }

struct projection {
	struct psets *sets;
	unsigned fields;
	unsigned end; /* position after the last bit of the fields */
	bool out[PSET_BITS];
};

static pset exists(const struct projection *e, pset x)
{
	struct psets *p = e->sets;
	struct pset_node v = pset_view(p, x);
	uint32_t operation = OP_EXISTS | e->fields;
	struct pset_cached *c;
	unsigned m = 1;
	pset match, other;

	if (p->error || v.var >= e->end)
		return x;
	c = pset_cached(p, operation, x, 0);
	if (c->operation == operation && c->x == x && c->y == 0)
		return c->result;
	pset_step(p);
	while (m < v.length && e->out[v.var + m] == e->out[v.var])
		m++;
	match = exists(e, pset_suffix(p, &v, m));
	other = exists(e, v.other);
	if (e->out[v.var])
		match = pset_or(p, match, other);
	else
		match = pset_run(p, v.var, m, v.pattern >> (v.length - m), match, other);
	if (p->error)
		return PSET_NONE;
	*pset_cached(p, operation, x, 0) = (struct pset_cached){ x, 0, match, operation };
	return match;
}

pset pset_exists(struct psets *p, pset s, unsigned fields)
{
	struct projection e = { .sets = p, .fields = fields & ((1U << PF_N) - 1) };

	for (unsigned f = 0; f < PF_N; f++)
		for (unsigned i = 0; fields >> f & 1 && i < pset_width(f); i++) {
			unsigned var = pset_var(f, i);

			e.out[var] = true;
			e.end = MAX(e.end, var + 1);
		}
	return exists(&e, s);
}
