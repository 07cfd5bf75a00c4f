/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "action/diff.h"
#include "action/script.h"
#include "base/term.h"
#include "cli/fix.h"
#include "report/json.h"

#define LINES_SHOWN 12
#define DIFF_MAX ((size_t)256 << 20)

static const char *safe(struct str s)
{
	static char room[4][4096];
	static unsigned next;

	next = (next + 1) % COUNT(room);
	return text_safe(s, room[next], sizeof room[next]);
}

/* ---- the plan ----------------------------------------------------------------------------------- */

/* Hashes of passwords belong on no screen. */
static bool is_secret(const struct change *c)
{
	return str_contains(str_basename(str_of(c->path)), STR("shadow"));
}

static void print_lines(const struct change *c)
{
	struct arena own(arena_release) a = { .limit = (size_t)512 << 20 };
	struct diff_line *l = NULL;
	size_t n = 0, shown = 0, all = 0;

	if (is_secret(c) || diff_is_binary(c->old) || diff_is_binary(c->bytes) ||
	    diff_lines(c->old, c->bytes, &a, &l, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (l[i].sign == ' ')
			continue;
		if (++all > LINES_SHOWN)
			continue;
		shown++;
		printf("     %6zu %c %s\n", l[i].sign == '-' ? l[i].old : l[i].new, l[i].sign,
		       safe(str_trim(l[i].text)));
	}
	if (all > shown)
		printf("            … %zu more lines: --dry-run shows them\n", all - shown);
}

static void print_args(const char *before, const char *const *argv)
{
	printf("     %s", before);
	for (size_t i = 0; argv[i]; i++)
		printf(" %s", safe(str_of(argv[i])));
	printf("\n");
}

static void print_change(const struct change *c)
{
	printf("   - %s\n", safe(str_of(c->what)));
	if (c->kind == CHANGE_FILE)
		print_lines(c);
	if (c->argv) {
		print_args("runs  ", c->argv);
		if (c->undo)
			print_args("undo: ", c->undo);
		else
			printf("     nothing takes this back\n");
	}
}

static void print_action(const struct fix_action *f, size_t number, const struct term *t)
{
	printf("%2zu. %s%s%s  %s  +%.1f points, risk +%.1f%s%s%s\n", number, term_on(t, TERM_BOLD),
	       safe(f->check->id), term_off(t), severity_name(f->severity), f->points,
	       f->risk_points, f->plan.risky ? term_on(t, TERM_YELLOW) : "",
	       f->plan.risky ? "  risky" : "", f->plan.risky ? term_off(t) : "");
	printf("   %s\n", safe(f->check->title));
	for (size_t i = 0; i < f->plan.n; i++)
		print_change(&f->plan.list[i]);
	for (size_t i = 0; i < f->plan.n_effects; i++)
		print_args("then  ", f->plan.effects[i]);
	if (f->plan.breaks)
		printf("   could break: %s\n", safe(str_of(f->plan.breaks)));
}

void fix_print_plan(const struct fix *x)
{
	struct term t = term_of(STDOUT_FILENO);
	size_t possible = 0, manual = 0, done = 0;

	for (size_t i = 0; i < x->n; i++)
		if (fix_is_possible(&x->list[i]))
			print_action(&x->list[i], ++possible, &t);
	for (size_t i = 0; i < x->n; i++) {
		const struct fix_action *f = &x->list[i];

		if (f->plan.cannot)
			printf("left alone: %s: %s\n", safe(f->check->id),
			       safe(str_of(f->plan.cannot)));
		manual += f->manual;
		done += !f->manual && !f->plan.cannot && !f->plan.n;
	}
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i].manual && !x->all)
			printf("by hand: %s (see: holdfast explain %s)\n",
			       safe(x->list[i].check->id), safe(x->list[i].check->id));
	printf("%s%zu of %zu findings can be fixed here", possible ? "\n" : "", possible, x->n);
	if (manual)
		printf(", %zu by hand", manual);
	if (done)
		printf(", %zu need more than this changes", done);
	printf(". Score %.0f %%, risk score %.0f.\n", x->percent_before, x->risk_before);
}

static int diff_change(const struct change *c, struct buf *out)
{
	char old[4200], new[4200], path[4096];

	text_safe(str_of(c->path), path, sizeof path);
	snprintf(old, sizeof old, c->was.exists ? "a%s" : "/dev/null", path);
	snprintf(new, sizeof new, c->kind == CHANGE_REMOVE ? "/dev/null" : "b%s", path);
	if (c->kind == CHANGE_ATTRIBUTES)
		return buf_fmt(out, "# %s\n", safe(str_of(c->what)));
	if (is_secret(c))
		return buf_fmt(out, "Files %s and %s differ (passwords are not shown)\n", old, new);
	if (c->kind == CHANGE_FILE || c->kind == CHANGE_REMOVE)
		return diff_unified(c->old, c->kind == CHANGE_FILE ? c->bytes : STR(""), old, new,
				    out);
	return 0;
}

int fix_print_diffs(const struct fix *x)
{
	own(buf_release) struct buf out = BUF(DIFF_MAX);
	int r = 0;

	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; r >= 0 && k < x->list[i].plan.n; k++) {
			const struct change *c = &x->list[i].plan.list[k];

			if (fix_is_possible(&x->list[i]) && c->path)
				r = diff_change(c, &out);
		}
	if (r < 0) {
		cli_error("the differences cannot be shown: %s", strerror(-r));
		return EXIT_FAILED;
	}
	/* A file's bytes, but nothing that steers a terminal. */
	if (isatty(STDOUT_FILENO)) {
		struct str text = buf_view(&out), line;

		while (str_line(&text, &line, NULL))
			printf("%s\n", safe(line));
	} else {
		fwrite(buf_view(&out).ptr, 1, out.len, stdout);
	}
	return EXIT_OK;
}

/* ---- what came of it ---------------------------------------------------------------------------- */

static const char *result_of(const struct fix *x, const struct fix_action *f)
{
	if (f->error < 0)
		return "failed";
	if (f->waits)
		return "written, but what runs has not read it";
	if (!x->assessed_after)
		return "changed";
	return f->healthy ? "fixed" : "changed, but the check still finds something";
}

void fix_print_result(const struct fix *x)
{
	bool waits = false;
	char why[600];

	for (size_t i = 0; i < x->n; i++) {
		const struct fix_action *f = &x->list[i];

		if (!f->tried)
			continue;
		if (f->entry.id)
			printf("%4u  ", f->entry.id);
		else
			printf("   -  ");
		printf("%s: %s\n", safe(f->check->id), result_of(x, f));
		if (f->error < 0)
			cli_error("%s: %s", f->plan.check,
				  f->why.reason[0] ? diag_text(&f->why, why, sizeof why)
						   : strerror(-f->error));
		else if (f->waits)
			printf("      %s\n", safe(str_of(f->why.reason)));
		waits = waits || f->entry.status.state == ENTRY_AWAITING;
	}
	if (x->assessed_after)
		printf("Score %.0f %% → %.0f %%, risk score %.0f → %.0f.\n", x->percent_before,
		       x->percent_after, x->risk_before, x->risk_after);
	if (waits)
		printf("Taken back in %u s unless: log in anew, and there: holdfast confirm\n",
		       x->within);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static json_t *args_json(const char *const *argv)
{
	json_t *list = argv ? json_array() : json_null();

	for (size_t i = 0; argv && argv[i]; i++)
		json_array_append_new(list, json_text(str_of(argv[i])));
	return list;
}

static json_t *change_json(const struct change *c)
{
	own(buf_release) struct buf diff = BUF(DIFF_MAX);
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_string(change_kind_name(c->kind)));
	json_object_set_new(j, "what", json_text(str_of(c->what)));
	if (c->path)
		json_object_set_new(j, "path", json_text(str_of(c->path)));
	if (c->path && diff_change(c, &diff) >= 0 && diff.len)
		json_object_set_new(j, "diff", json_text(buf_view(&diff)));
	if (c->unit)
		json_object_set_new(j, "unit", json_text(str_of(c->unit)));
	if (c->argv) {
		json_object_set_new(j, "command", args_json(c->argv));
		json_object_set_new(j, "undo", args_json(c->undo));
	}
	return j;
}

static json_t *action_json(const struct fix *x, const struct fix_action *f)
{
	json_t *j = json_object(), *list = json_array(), *effects = json_array();
	char text[600];

	for (size_t i = 0; i < f->plan.n; i++)
		json_array_append_new(list, change_json(&f->plan.list[i]));
	for (size_t i = 0; i < f->plan.n_effects; i++)
		json_array_append_new(effects, args_json(f->plan.effects[i]));
	json_object_set_new(j, "check", json_text(f->check->id));
	json_object_set_new(j, "title", json_text(f->check->title));
	json_object_set_new(j, "severity", json_string(severity_name(f->severity)));
	json_object_set_new(j, "points", json_number(f->points));
	json_object_set_new(j, "risk_points", json_number(f->risk_points));
	json_object_set_new(j, "risky", json_boolean(f->plan.risky));
	json_object_set_new(j, "manual", json_boolean(f->manual));
	json_object_set_new(j, "changes", list);
	json_object_set_new(j, "effects", effects);
	json_object_set_new(j, "could_break",
			    f->plan.breaks ? json_text(str_of(f->plan.breaks)) : json_null());
	json_object_set_new(j, "cannot",
			    f->plan.cannot ? json_text(str_of(f->plan.cannot)) : json_null());
	if (f->tried) {
		json_object_set_new(j, "change", json_integer(f->entry.id));
		json_object_set_new(j, "state",
				    json_string(entry_state_name(f->entry.status.state)));
		json_object_set_new(j, "healthy",
				    x->assessed_after ? json_boolean(f->healthy) : json_null());
		json_object_set_new(j, "in_effect", json_boolean(!f->waits && f->error >= 0));
		if (f->error < 0)
			json_object_set_new(
				j, "error",
				json_text(str_of(diag_text(&f->why, text, sizeof text))));
	}
	return j;
}

int fix_print_json(const struct fix *x)
{
	own(buf_release) struct buf out = BUF(DIFF_MAX);
	json_t *j = json_object(), *list = json_array();

	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(list, action_json(x, &x->list[i]));
	json_object_set_new(j, "version", json_integer(1));
	json_object_set_new(j, "dry_run", json_boolean(x->dry_run));
	json_object_set_new(j, "score_before", json_number(x->percent_before));
	json_object_set_new(j, "risk_before", json_number(x->risk_before));
	json_object_set_new(j, "score_after",
			    x->assessed_after ? json_number(x->percent_after) : json_null());
	json_object_set_new(j, "risk_after",
			    x->assessed_after ? json_number(x->risk_after) : json_null());
	json_object_set_new(j, "confirm_within", x->within ? json_integer(x->within) : json_null());
	json_object_set_new(j, "actions", list);
	if (json_write(j, JSON_INDENT(1), &out) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	printf("%s\n", out.ptr);
	return EXIT_OK;
}

/* ---- the same elsewhere ------------------------------------------------------------------------- */

int fix_print_script(const struct fix *x)
{
	own(buf_release) struct buf out = BUF(DIFF_MAX);
	own(free_ptr) const struct plan **plans = calloc(x->n + 1, sizeof *plans);
	size_t n = 0;
	int r = plans ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < x->n; i++)
		if (fix_is_possible(&x->list[i]))
			plans[n++] = &x->list[i].plan;
	if (r >= 0 && !n) {
		cli_error("there is nothing to change");
		return EXIT_OK;
	}
	if (r >= 0)
		r = x->script ? script_shell(plans, n, &out) : script_ansible(plans, n, &out);
	if (r < 0) {
		cli_error("cannot write it: %s", strerror(-r));
		return EXIT_FAILED;
	}
	printf("%s", out.ptr);
	return EXIT_OK;
}
