/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flaws of components as what is to be got from their makers: one version each; what those have given up. */
#include "cli/vulns_work.h"
#include "vuln/version.h"

static unsigned order(enum internet r)
{
	return r == INTERNET_YES ? 0 : r == INTERNET_UNKNOWN ? 1 : 2;
}

static int find(struct loader *l, struct map *seen, const struct vuln_flaw *f,
		struct vuln_component **ret)
{
	struct vulns *v = l->v;
	struct vuln_component c = { .name = f->source,
				    .version = f->version,
				    .ecosystem = f->ecosystem,
				    .internet = INTERNET_NO };
	/* Names and versions have no blanks. */
	struct str key = arena_fmt(l->a, "%.*s %.*s %.*s", STR_FMT(f->ecosystem),
				   STR_FMT(f->source), STR_FMT(f->version));
	const uint64_t *at = key.ptr ? map_get(seen, key) : NULL;
	int r = key.ptr ? 0 : -ENOMEM;

	if (r >= 0 && !at) {
		r = map_put(seen, key, v->n_components);
		if (r >= 0)
			r = arena_push(l->a, v->components, v->n_components, l->cap, c);
	}
	if (r >= 0)
		*ret = &v->components[at ? *at : v->n_components - 1];
	return r;
}

static void add(struct vuln_component *c, const struct vuln_flaw *f)
{
	const struct version_order *by = version_order_find(c->ecosystem);

	c->n_flaws++;
	c->n_open += !f->fixed.len;
	c->kev |= f->kev;
	c->used |= f->use != NULL;
	c->malicious |= str_eq(f->status, STR("malicious"));
	c->risk = MAX(c->risk, f->risk);
	c->risks += f->risk;
	c->mends += f->fixed.len ? f->risk : 0;
	if (order(f->internet) < order(c->internet))
		c->internet = f->internet;
	/* Programs have no ecosystem, and one version that mends what is built in. */
	if (f->fixed.len && (!c->fixed.len || (by && by->compare(c->fixed, f->fixed) < 0)))
		c->fixed = f->fixed;
	/* A flaw is in every copy of a version, but where somebody mended one by hand. */
	if (f->n_packages > c->n_places) {
		c->places = f->places;
		c->n_places = f->n_packages;
	}
}

static int by_risk(const void *x, const void *y)
{
	const struct vuln_component *a = x, *b = y;
	int d = (a->risk < b->risk) - (a->risk > b->risk);

	d = d ? d : (int)order(a->internet) - (int)order(b->internet);
	d = d ? d : str_cmp(a->name, b->name);
	d = d ? d : str_cmp(a->version, b->version);
	return d ? d : str_cmp(a->ecosystem, b->ecosystem);
}

int load_components(struct loader *l)
{
	own(map_release) struct map seen = {};
	struct vulns *v = l->v;
	int r = 0;

	l->cap = 0;
	for (size_t i = 0; r >= 0 && i < v->n_flaws; i++) {
		struct vuln_component *c;

		if (!v->flaws[i].component || vuln_flaw_is_minor(&v->flaws[i]))
			continue;
		r = find(l, &seen, &v->flaws[i], &c);
		if (r >= 0)
			add(c, &v->flaws[i]);
	}
	if (r >= 0 && v->n_components)
		qsort(v->components, v->n_components, sizeof *v->components, by_risk);
	return r;
}

int load_ended(struct loader *l)
{
	struct vuln_ended x = { .n_places = 1 }, *last;
	struct str *const to[] = { &x.name, &x.version, &x.ended, &x.path, &x.package };
	int r = load_texts(l, to, COUNT(to));

	x.built_in = load_number(l, 5);
	x.internet = load_number(l, 6) ? INTERNET_YES : INTERNET_NO;
	last = l->v->n_ended ? &l->v->ended[l->v->n_ended - 1] : NULL;
	if (r < 0 || !last || !str_eq(last->name, x.name) || !str_eq(last->version, x.version) ||
	    last->built_in != x.built_in)
		return r < 0 ? r : arena_push(l->a, l->v->ended, l->v->n_ended, l->cap, x);
	last->n_places++;
	return 0;
}

static int by_support(const void *x, const void *y)
{
	const struct vuln_ended *a = x, *b = y;
	int d = a->built_in - b->built_in;

	d = d ? d : (int)order(a->internet) - (int)order(b->internet);
	d = d ? d : str_cmp(a->name, b->name);
	return d ? d : str_cmp(a->version, b->version);
}

void load_sort_ended(struct vulns *v)
{
	if (v->n_ended)
		qsort(v->ended, v->n_ended, sizeof *v->ended, by_support);
}
