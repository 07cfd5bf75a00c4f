/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posture/score.h"
#include "base/map.h"
#include "posture/exempt.h"

double control_current(double max, uint64_t healthy, uint64_t unhealthy)
{
	uint64_t all = healthy + unhealthy;

	return all ? max / (double)all * (double)healthy : 0;
}

double score_combine(const double *percent, const uint64_t *weight, size_t n)
{
	double sum = 0, weights = 0;

	for (size_t i = 0; i < n; i++) {
		sum += percent[i] * (double)weight[i];
		weights += (double)weight[i];
	}
	return weights > 0 ? sum / weights : 0;
}

/* One resource in one control. */
struct cell {
	unsigned control;
	unsigned healthy, unhealthy, unknown;
};

struct table {
	struct map index; /* "control\0resource" -> cells[] */
	struct cell *cells;
	size_t n, cap;
	struct arena *a;
	unsigned *blind; /* one a control: whole checks that are unknown there */
};

static void table_release(struct table *t) { map_release(&t->index); }

static struct cell *find_cell(struct table *t, const struct finding *x)
{
	char control = (char)('A' + x->check->control);
	struct str key = arena_cat(t->a, (struct str){ &control, 1 }, x->resource, STR(""));
	uint64_t *at;

	if (!key.ptr)
		return NULL;
	at = map_get(&t->index, key);
	if (at)
		return &t->cells[*at];
	if (map_put(&t->index, key, t->n) < 0 ||
	    arena_push(t->a, t->cells, t->n, t->cap,
		       ((struct cell){ x->check->control, 0, 0, 0 })) < 0)
		return NULL;
	return &t->cells[t->n - 1];
}

static bool waived(const struct finding *x)
{
	return x->status == FINDING_EXEMPT && x->exemption &&
	       x->exemption->kind == EXEMPTION_WAIVER;
}

/* It speaks of a whole check, so of no resource in particular. */
static bool is_blind(const struct finding *x)
{
	return x->status == FINDING_UNKNOWN && str_eq(x->resource, STR("*"));
}

static int fill(struct table *t, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];
		struct cell *cell;

		if (x->status == FINDING_NOT_APPLICABLE || waived(x))
			continue;
		if (is_blind(x)) {
			t->blind[x->check->control]++;
			continue;
		}
		cell = find_cell(t, x);
		if (!cell)
			return -ENOMEM;
		cell->unhealthy += x->status == FINDING_UNHEALTHY;
		cell->unknown += x->status == FINDING_UNKNOWN;
		cell->healthy += x->status == FINDING_HEALTHY || x->status == FINDING_EXEMPT;
	}
	return 0;
}

static void count_cells(const struct table *t, struct control_score *c)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *cell = &t->cells[i];

		if (cell->unhealthy)
			c[cell->control].unhealthy++;
		else if (cell->unknown)
			c[cell->control].unknown++;
		else
			c[cell->control].healthy++;
	}
}

static void total(const struct table *t, bool classic, struct score *s)
{
	double best = 0;

	for (size_t i = 0; i < n_controls; i++) {
		struct control_score *c = &s->controls[i];

		c->unknown += t->blind[i];
		c->applies =
			(c->healthy || c->unhealthy || c->unknown) && !(classic && controls[i].own);
		if (!c->applies)
			continue;
		c->max = controls[i].points;
		c->current = t->blind[i] ? 0
					 : control_current(c->max, c->healthy,
							   c->unhealthy + c->unknown);
		c->potential = c->max - c->current;
		s->max += c->max;
		s->current += c->current;
		best += c->healthy + c->unknown || c->unhealthy
				? control_current(c->max, c->healthy + c->unknown, c->unhealthy)
				: 0;
	}
	s->percent = s->max > 0 ? s->current / s->max * 100 : 0;
	s->best_percent = s->max > 0 ? best / s->max * 100 : 0;
}

/*
 * The share of each finding in its control's potential increase: a resource's share is the same
 * for all resources, and is split evenly over what keeps that resource from being healthy. An
 * unknown check counts as a resource of its own, and holds back the healthy ones as well.
 */
static void share(struct table *t, struct findings *f, const struct score *s)
{
	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &f->list[i];
		const struct control_score *c = &s->controls[x->check->control];
		unsigned all = c->healthy + c->unhealthy + c->unknown;
		unsigned blind = t->blind[x->check->control];
		struct cell *cell;

		x->points = 0;
		if (!c->applies || !all ||
		    (x->status != FINDING_UNHEALTHY && x->status != FINDING_UNKNOWN))
			continue;
		x->points = c->max / all;
		if (is_blind(x)) {
			x->points *= (double)(c->healthy + blind) / blind;
			continue;
		}
		cell = find_cell(t, x);
		if (cell)
			x->points /= cell->unhealthy + cell->unknown;
	}
}

int score_compute(struct findings *f, bool classic, struct arena *a, struct score *ret)
{
	own(table_release) struct table t = { .a = a };
	struct score s = {};
	int r;

	t.blind = arena_array(a, n_controls, sizeof *t.blind);
	s.controls = arena_array(a, n_controls, sizeof *s.controls);
	if (!t.blind || !s.controls)
		return -ENOMEM;
	r = fill(&t, f);
	if (r < 0)
		return r;
	count_cells(&t, s.controls);
	total(&t, classic, &s);
	share(&t, f, &s);
	r = risk_compute(f, &s.risk, &s.best_risk);
	if (r >= 0)
		*ret = s;
	return r;
}
