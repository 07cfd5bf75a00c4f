/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/apply.h"

#include <signal.h>
#include <stdio.h>

#include "action/reload.h"
#include "action/step.h"

static bool is_file(const struct change *c) { return c->path != NULL; }

/* An end in the middle of an entry could be gone on with, but nobody need do so. */
struct quiet {
	sigset_t before;
};

static struct quiet quiet_begin(void)
{
	struct quiet q;
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigaddset(&block, SIGQUIT);
	sigaddset(&block, SIGTSTP);
	sigprocmask(SIG_BLOCK, &block, &q.before);
	return q;
}

static void quiet_end(const struct quiet *q) { sigprocmask(SIG_SETMASK, &q->before, NULL); }

static void clean(const struct changelog *j, const struct entry *e)
{
	for (size_t i = 0; i < e->n; i++)
		step_clean(j, e, i);
}

/* Every file is what it was before; or, where something was begun, after or between as well. */
static int check_files(const struct changelog *j, const struct entry *e, bool fresh, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		enum step_at at = STEP_OTHER;

		if (!is_file(&e->list[i].c))
			continue;
		r = step_look(j, e, i, &at, d);
		if (r >= 0 && (at == STEP_OTHER || (fresh && at != STEP_BEFORE)))
			r = diag_set(d, -ESTALE, e->list[i].c.path, 0, "has changed since");
	}
	return r;
}

static int prepare(const struct changelog *j, const struct entry *e, bool undo, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		enum step_at at = STEP_OTHER;

		if (!is_file(&e->list[i].c))
			continue;
		r = step_look(j, e, i, &at, d);
		if (r >= 0 && at != (undo ? STEP_BEFORE : STEP_AFTER))
			r = step_prepare(j, e, i, undo, d);
	}
	return r;
}

/*
 * From the last change that may have been begun on, back to the first. A program that fails keeps the
 * files from nothing; the entry stays open then, unless it is number `excused` (from 1): what failed when
 * it was done may have nothing to take back.
 */
static int revert(struct changelog *j, struct entry *e, size_t excused, struct diag *d)
{
	uint32_t step = e->status.step;
	int r = prepare(j, e, true, d), failed = 0;

	for (size_t i = e->n; r >= 0 && i > 0; i--) {
		const struct change *c = &e->list[i - 1].c;
		int one;

		if (is_file(c)) {
			r = step_commit(j, e, i - 1, true, d);
			continue;
		}
		if (i > step)
			continue;
		one = step_run(j, e, i - 1, true, d);
		if (one < 0 && i != excused)
			failed = one;
		else if (!failed)
			r = changelog_mark(j, e, e->status.state, (uint32_t)i - 1, e->status.why);
	}
	if (r >= 0)
		clean(j, e);
	return r < 0 ? r : failed;
}

/* *ret_failed: number of the program that failed, from 1. */
static int go(struct changelog *j, struct entry *e, size_t *ret_failed, struct diag *d)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < e->n; i++) {
		if (is_file(&e->list[i].c)) {
			r = step_commit(j, e, i, false, d);
			continue;
		}
		/* One that was begun may be done: programs can be run again. */
		r = changelog_mark(j, e, ENTRY_APPLYING, (uint32_t)i + 1, NULL);
		if (r < 0)
			return r;
		r = step_run(j, e, i, false, d);
		if (r < 0)
			*ret_failed = i + 1;
	}
	return r;
}

static int fail(struct changelog *j, struct entry *e, size_t failed, int error, struct arena *a)
{
	struct diag d = {};
	int r = revert(j, e, failed, &d);

	if (r >= 0)
		r = changelog_mark(j, e, ENTRY_FAILED, 0, "failed");
	if (r >= 0)
		r = changelog_tidy(j, a);
	return r < 0 ? -EUCLEAN : error;
}

static int apply(struct changelog *j, struct entry *e, struct arena *a, struct diag *d)
{
	size_t failed = 0;
	int r = check_files(j, e, e->status.state == ENTRY_PLANNED, d);

	if (r >= 0)
		r = changelog_mark(j, e, ENTRY_APPLYING, e->status.step, NULL);
	if (r < 0) {
		if (e->status.state == ENTRY_PLANNED &&
		    changelog_mark(j, e, ENTRY_FAILED, 0, "changed") >= 0)
			(void)!changelog_tidy(j, a);
		return diag_set(d, r, NULL, 0, "%s", strerror(-r));
	}
	r = prepare(j, e, false, d);
	if (r >= 0)
		r = go(j, e, &failed, d);
	if (r >= 0)
		clean(j, e);
	if (r >= 0)
		r = changelog_mark(j, e, e->status.until ? ENTRY_AWAITING : ENTRY_APPLIED,
				   (uint32_t)e->n, NULL);
	if (r >= 0)
		return changelog_tidy(j, a);
	return fail(j, e, failed, diag_set(d, r, NULL, 0, "%s", strerror(-r)), a);
}

int entry_apply(struct changelog *j, struct entry *e, struct arena *a, struct diag *d)
{
	const struct quiet q = quiet_begin();
	int r = apply(j, e, a, d);

	quiet_end(&q);
	return r;
}

static int undo(struct changelog *j, struct entry *e, const char *why, struct arena *a,
		struct diag *d)
{
	bool whole = e->status.state == ENTRY_APPLIED || e->status.state == ENTRY_AWAITING ||
		     e->status.state == ENTRY_CONFIRMED;
	int r;

	if (e->status.state == ENTRY_UNDONE || e->status.state == ENTRY_FAILED)
		return diag_set(d, -EALREADY, NULL, 0, "it is undone");
	r = check_files(j, e, false, d);
	if (r >= 0)
		r = changelog_mark(j, e, ENTRY_UNDOING, whole ? (uint32_t)e->n : e->status.step,
				   why);
	if (r >= 0)
		r = revert(j, e, 0, d);
	if (r >= 0)
		r = changelog_mark(j, e, ENTRY_UNDONE, 0, why);
	if (r >= 0)
		r = changelog_tidy(j, a);
	return r < 0 ? diag_set(d, r, NULL, 0, "%s", strerror(-r)) : 0;
}

int entry_undo(struct changelog *j, struct entry *e, const char *why, struct arena *a,
	       struct diag *d)
{
	const struct quiet q = quiet_begin();
	int r = undo(j, e, why, a, d);

	quiet_end(&q);
	return r;
}

bool entry_is_final(const struct entry *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->list[i].c.argv && !e->list[i].c.undo)
			return true;
	return false;
}

/* ---- effects ------------------------------------------------------------------------------------ */

static bool same_args(const char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return !a[i] && !b[i];
}

static bool ran_before(const struct entry *list, size_t entry, size_t effect)
{
	const char *const *argv = list[entry].effects[effect];

	for (size_t i = 0; i <= entry; i++)
		for (size_t k = 0; k < list[i].n_effects && (i < entry || k < effect); k++)
			if (same_args(list[i].effects[k], argv))
				return true;
	return false;
}

static void mark(struct entry *list, size_t n, const char *const *argv, int error)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n_effects; k++) {
			if (!same_args(list[i].effects[k], argv))
				continue;
			if (error == -EAGAIN)
				list[i].effect_waits = true;
			else
				list[i].effect_failed = true;
		}
}

int entries_effects(const struct changelog *j, struct entry *list, size_t n, struct diag *d)
{
	int r = 0;

	if (!j->root->live)
		return 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n_effects; k++) {
			const char *const *argv = list[i].effects[k];
			struct diag why = {};
			int one;

			if (ran_before(list, i, k))
				continue;
			one = reload_is_by_hand(argv) ? reload_by_hand(argv, &why)
						      : step_program(argv, &why);
			/* A program that is not there has nothing to make count. */
			if (one >= 0 || one == -ENOENT)
				continue;
			mark(list, n, argv, one);
			if (r >= 0 || r == -EAGAIN)
				r = diag_set(d, one, NULL, 0, "%s", why.reason);
		}
	return r;
}

/* ---- what is overdue ---------------------------------------------------------------------------- */

int changelog_take_back(struct changelog *j, bool all_open, const char *why, entry_told *fn,
			void *user)
{
	struct arena own(arena_release) a = { .limit = (size_t)256 << 20 };
	struct entry *list = NULL, *done = NULL;
	size_t n = 0, n_done = 0, cap = 0;
	int r = changelog_list(j, &a, &list, &n);

	for (size_t i = n; r >= 0 && i > 0; i--) {
		struct entry *e = &list[i - 1];
		struct diag d = {};
		int one;

		if (!entry_is_open(e) || (!all_open && !entry_is_overdue(e)))
			continue;
		one = entry_undo(j, e, why, &a, &d);
		if (one == -ESTALE)
			(void)!changelog_mark(j, e, ENTRY_APPLIED, (uint32_t)e->n, "changed-since");
		else if (one >= 0)
			r = arena_push(&a, done, n_done, cap, *e);
		if (fn)
			fn(user, e, one, d.reason);
	}
	if (r >= 0 && n_done) {
		struct diag d = {};

		(void)!entries_effects(j, done, n_done, &d);
	}
	return r < 0 ? r : changelog_tidy(j, &a);
}
