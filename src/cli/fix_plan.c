/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From findings to plans. */
#include <stdio.h>

#include "cli/fix.h"

void fix_release(struct fix *x)
{
	assessment_release(&x->a);
	root_over_release(&x->over);
	root_release(&x->root);
	arena_release(&x->arena);
}

bool fix_is_possible(const struct fix_action *f) { return !f->plan.cannot && f->plan.n > 0; }

static struct fix_action *action_of(struct fix *x, const struct check *c)
{
	struct fix_action fresh = { .check = c };

	for (size_t i = 0; i < x->n; i++)
		if (x->list[i].check == c)
			return &x->list[i];
	if (arena_push(&x->arena, x->list, x->n, x->cap, fresh) < 0)
		return NULL;
	return &x->list[x->n - 1];
}

static bool is_wanted(const struct fix *x, const struct finding *f)
{
	int least = x->up_to ? severity_find(str_of(x->up_to)) : 0;

	if (f->status != FINDING_UNHEALTHY || (int)f->severity < least)
		return false;
	return !x->a.wanted_checks || x->a.wanted_checks[f->check - x->a.checks.list];
}

/* Findings come sorted: the actions are in the order of their worst one. */
static int gather(struct fix *x)
{
	for (size_t i = 0; i < x->a.findings.n; i++) {
		const struct finding *f = &x->a.findings.list[i];
		struct fix_action *a;

		if (!is_wanted(x, f))
			continue;
		a = action_of(x, f->check);
		if (!a)
			return -ENOMEM;
		a->severity = MAX(a->severity, f->severity);
		a->points += f->points;
		a->risk_points += f->risk_points;
		if (a->n_resources < REMEDY_RESOURCES_MAX &&
		    arena_push(&x->arena, a->resources, a->n_resources, a->cap,
			       ((struct remedy_resource){ f->resource, f->evidence, f->fix })) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int refuse(struct fix *x, struct fix_action *f, int error)
{
	if (error == -EOPNOTSUPP && f->plan.cannot)
		return 0;
	f->plan.cannot = arena_fmt(&x->arena, "%s",
				   error == -EINVAL ? "the check's action is not understood"
						    : strerror(-error))
				 .ptr;
	return f->plan.cannot && error != -ENOMEM ? 0 : -ENOMEM;
}

int fix_plan_one(struct fix *x, struct fix_action *f)
{
	const struct remedy_options options = {
		.live = x->root.live,
		.keep_ports = x->keep_ports,
		.login = x->root.live && x->session.login[0] ? x->session.login : NULL,
	};
	struct remedy_input in = {
		.root = &x->root,
		.facts = x->a.store.db,
		.check = f->check->id,
		.resources = f->resources,
		.n_resources = f->n_resources,
		.options = &options,
		.arena = &x->arena,
	};
	const struct remedy *kind = NULL;
	struct str *args = NULL;
	size_t mark = x->over.n;
	int r;

	f->plan = (struct plan){
		.arena = &x->arena,
		.root = &x->root,
		.check = arena_cstr(&x->arena, f->check->id),
		.title = arena_cstr(&x->arena, f->check->title),
	};
	f->manual = !f->check->action.len || str_eq(f->check->action, STR("manual"));
	if (f->manual)
		return 0;
	store_limit(&x->a.store, CHECK_TIME_MS);
	r = remedy_parse(f->check->action, &x->arena, &kind, &args, &in.n_args);
	in.args = args;
	if (r >= 0)
		r = remedy_plan(kind, &in, &f->plan);
	if (r >= 0 && !f->plan.cannot)
		return 0;
	root_over_rewind(&x->over, mark);
	f->plan.n = 0;
	return refuse(x, f, r < 0 ? r : -EOPNOTSUPP);
}

int fix_plan(struct fix *x)
{
	int r = gather(x);

	for (size_t i = 0; r >= 0 && i < x->n; i++)
		r = fix_plan_one(x, &x->list[i]);
	store_limit(&x->a.store, 0);
	if (r < 0)
		cli_error("cannot plan: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
