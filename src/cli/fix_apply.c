/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "action/validate.h"
#include "action/watch.h"
#include "cli/fix.h"

static bool any_risky(const struct fix *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (fix_is_possible(&x->list[i]) && x->list[i].plan.risky)
			return true;
	return false;
}

/* Where this program is, for a timer that starts it. */
static const char *program_path(char room[static PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", room, PATH_MAX - 1);

	if (n <= 0)
		return "holdfast";
	room[n] = '\0';
	return room;
}

static int arm(const struct fix *x)
{
	char path[PATH_MAX];
	struct diag d = {};

	if (!x->within || !any_risky(x) ||
	    watch_arm(program_path(path), x->a.source.root, x->within, &d) >= 0)
		return EXIT_OK;
	cli_error("nothing was changed: %s", d.reason);
	return EXIT_FAILED;
}

static bool share_file(const struct plan *a, const struct plan *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (a->list[i].path && b->list[k].path &&
			    !strcmp(a->list[i].path, b->list[k].path))
				return true;
	return false;
}

/* What touches a file of one that waits is taken back with it. */
static bool follows_waiting(const struct fix *x, const struct fix_action *f)
{
	for (const struct fix_action *e = x->list; e < f; e++)
		if (e->tried && e->error >= 0 && e->entry.status.until &&
		    share_file(&e->plan, &f->plan))
			return true;
	return false;
}

static void carry_out(struct fix *x, struct changelog *j, struct fix_action *f, unsigned *run)
{
	struct entry *e = &f->entry;
	struct diag d = {};

	e->run = *run;
	e->made = time(NULL);
	e->session = x->session;
	e->risky = f->plan.risky || follows_waiting(x, f);
	if (e->risky && x->within) {
		e->within = x->within;
		entry_deadline(e, x->within);
	}
	f->tried = true;
	f->error = changelog_add(j, &f->plan, &x->arena, e, &d);
	if (f->error >= 0) {
		if (!*run)
			*run = e->id;
		f->error = entry_apply(j, e, &x->arena, &d);
	}
	f->why = d;
}

/* Where a risky change cannot be made to count, it is taken back; of others that is said. */
static void judge_effect(struct fix *x, struct changelog *j, struct fix_action *f,
			 const struct diag *d)
{
	struct diag why = {};

	if (!f->plan.risky) {
		cli_error("%s: changed, but it may count only after the next start: %s",
			  f->plan.check, d->reason);
		return;
	}
	if (entry_undo(j, &f->entry, "effect-failed", &x->arena, &why) >= 0) {
		f->error = -EPROTO;
		f->why = *d;
	}
}

static int run_effects(struct fix *x, struct changelog *j)
{
	struct entry *done = arena_array(&x->arena, x->n + 1, sizeof *done);
	struct fix_action **of = arena_array(&x->arena, x->n + 1, sizeof *of);
	struct diag d = {}, again = {};
	size_t n = 0;
	bool back = false;

	if (!done || !of)
		return -ENOMEM;
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i].tried && x->list[i].error >= 0) {
			of[n] = &x->list[i];
			done[n++] = x->list[i].entry;
		}
	if (entries_effects(j, done, n, &d) >= 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (done[i].effect_waits) {
			of[i]->waits = true;
			of[i]->why = d;
		}
	for (size_t i = n; i > 0; i--)
		if (done[i - 1].effect_failed) {
			judge_effect(x, j, of[i - 1], &d);
			back = back || of[i - 1]->plan.risky;
		}
	if (back)
		(void)!entries_effects(j, done, n, &again);
	return 0;
}

/* The time to confirm begins when all is done. */
static int start_waiting(struct fix *x, struct changelog *j)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < x->n; i++) {
		struct entry *e = &x->list[i].entry;

		if (!x->list[i].tried || e->status.state != ENTRY_AWAITING)
			continue;
		entry_deadline(e, x->within);
		r = changelog_mark(j, e, ENTRY_AWAITING, e->status.step, NULL);
	}
	return r;
}

/* It was planned on what another one was to make, which failed: from what is there, then. */
static void plan_again(struct fix *x, struct fix_action *f)
{
	bool follows = false;
	struct diag d = {};
	char text[600];
	int r;

	for (const struct fix_action *e = x->list; e < f; e++)
		follows = follows || (e->tried && e->error < 0 && share_file(&e->plan, &f->plan));
	if (!follows)
		return;
	root_over_rewind(&x->over, 0);
	r = fix_plan_one(x, f);
	if (r >= 0 && fix_is_possible(f) && f->plan.validate)
		r = validate_plan(&x->root, &f->plan, &d);
	root_over_rewind(&x->over, 0);
	if (r < 0)
		f->plan.cannot =
			arena_cstr(&x->arena, str_of(d.reason[0] ? diag_text(&d, text, sizeof text)
								 : strerror(-r)));
}

static int carry_out_all(struct fix *x)
{
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	int code = fix_open_journal(&x->root, true, &j), r;
	unsigned run = 0;

	if (code == EXIT_OK)
		code = arm(x);
	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < x->n; i++) {
		if (fix_is_possible(&x->list[i]))
			plan_again(x, &x->list[i]);
		if (fix_is_possible(&x->list[i]))
			carry_out(x, &j, &x->list[i], &run);
	}
	r = run_effects(x, &j);
	if (r >= 0)
		r = start_waiting(x, &j);
	if (r < 0)
		cli_error("the journal: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

/* ---- what the checks say now -------------------------------------------------------------------- */

static bool is_healthy(const struct assessment *a, const struct check *c)
{
	bool any = false;

	for (size_t i = 0; i < a->findings.n; i++) {
		const struct finding *f = &a->findings.list[i];

		if (!str_eq(f->check->id, c->id))
			continue;
		if (f->status == FINDING_UNHEALTHY || f->status == FINDING_UNKNOWN)
			return false;
		any = true;
	}
	return any;
}

static int look_again(struct fix *x)
{
	own(assessment_release) struct assessment a = {
		.arena.limit = FINDINGS_ARENA,
		.source = {.root = x->a.source.root,
                           .proc = x->a.source.proc,
                           .quick = x->a.source.quick,
                           .feeds = x->a.source.feeds,
                           .metadata_url = x->a.source.metadata_url},
		.checks_dir = x->a.checks_dir,
		.exemptions_file = x->a.exemptions_file,
		.classic = x->a.classic,
	};
	int code = assessment_checks(&a);

	/* Azure's files tell what was, not what is now. */
	if (x->a.source.azure.n)
		return EXIT_OK;
	if (code == EXIT_OK)
		code = assessment_exemptions(&a);
	if (code == EXIT_OK)
		code = assessment_collect(&a);
	if (code == EXIT_OK)
		code = assessment_judge(&a);
	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < x->n; i++)
		x->list[i].healthy = is_healthy(&a, x->list[i].check);
	x->percent_after = a.score.percent;
	x->risk_after = a.score.risk;
	x->assessed_after = true;
	return EXIT_OK;
}

int fix_carry_out(struct fix *x)
{
	int code = carry_out_all(x);

	if (code == EXIT_OK)
		code = look_again(x);
	for (size_t i = 0; code == EXIT_OK && i < x->n; i++)
		if (x->list[i].tried && x->list[i].error < 0)
			code = EXIT_FAILED;
	return code;
}
