/* SPDX-License-Identifier: GPL-3.0-or-later */
/* undo: takes changes back; confirm: says that they may stay. */
#include <stdio.h>

#include "action/watch.h"
#include "cli/fix.h"
#include "cli/jit_record.h"
#include "cli/undo.h"

struct undo {
	const char *root_path, *after, *ready, *format;
	bool all, yes, overdue;
	struct root root;
	struct changelog j;
	struct arena arena;
	struct entry *list, *done;
	size_t n, n_done, done_cap;
};

static void undo_release(struct undo *x)
{
	changelog_release(&x->j);
	root_release(&x->root);
	arena_release(&x->arena);
}

static void say(const struct entry *e, int error, const char *why)
{
	char text[600], name[200];

	text_safe(str_of(e->check), name, sizeof name);
	if (error >= 0)
		printf("Change %u (%s) is taken back.\n", e->id, name);
	else
		cli_error("change %u (%s) stays: %s", e->id, name,
			  text_safe(str_of(why), text, sizeof text));
}

static bool can_be_undone(const struct entry *e)
{
	return !e->broken.reason[0] && e->status.state != ENTRY_UNDONE &&
	       e->status.state != ENTRY_FAILED;
}

/* The change that came later to one of its files. */
static unsigned later(const struct undo *x, const struct entry *e)
{
	for (const struct entry *o = e + 1; o < x->list + x->n; o++) {
		if (!can_be_undone(o))
			continue;
		for (size_t i = 0; i < e->n; i++)
			for (size_t k = 0; k < o->n; k++)
				if (e->list[i].c.path && o->list[k].c.path &&
				    !strcmp(e->list[i].c.path, o->list[k].c.path))
					return o->id;
	}
	return 0;
}

static int undo_one(struct undo *x, struct entry *e)
{
	struct diag d = {};
	char text[600];
	unsigned after = later(x, e);
	int r;

	if (after) {
		cli_error("change %u stays: change %u came later to the same file; undo that first",
			  e->id, after);
		return EXIT_FAILED;
	}
	r = entry_undo(&x->j, e, "undo", &x->arena, &d);
	say(e, r, diag_text(&d, text, sizeof text));
	if (r >= 0 && entry_is_final(e))
		cli_error("change %u: what nothing takes back stays (see: holdfast changes)",
			  e->id);
	if (r >= 0)
		r = arena_push(&x->arena, x->done, x->n_done, x->done_cap, *e);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int finish(struct undo *x, int code)
{
	struct diag d = {};
	int r = x->n_done ? entries_effects(&x->j, x->done, x->n_done, &d) : 0;

	if (r == -EAGAIN)
		cli_error("the files are what they were, but what runs has not read them: %s",
			  d.reason);
	else if (r < 0)
		cli_error("the files are what they were, but this failed: %s", d.reason);
	return r < 0 ? EXIT_FAILED : code;
}

static int undo_all(struct undo *x)
{
	int code = EXIT_OK;

	for (size_t i = x->n; i > 0; i--)
		if (can_be_undone(&x->list[i - 1]) && undo_one(x, &x->list[i - 1]) != EXIT_OK)
			code = EXIT_FAILED;
	if (!x->n_done && code == EXIT_OK)
		printf("There is nothing to take back.\n");
	return finish(x, code);
}

static int undo_number(struct undo *x, const char *number)
{
	uint64_t id;

	if (str_to_u64(str_of(number), 10, &id) < 0 || !id) {
		cli_error("undo takes the number of a change (see: holdfast changes)");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < x->n; i++) {
		struct entry *e = &x->list[i];

		if (e->id != id)
			continue;
		if (e->broken.reason[0]) {
			say(&(struct entry){ .id = e->id, .check = "unreadable" }, -EBADMSG,
			    e->broken.reason);
			return EXIT_FAILED;
		}
		if (!can_be_undone(e)) {
			cli_error("change %u is %s already", e->id,
				  entry_state_name(e->status.state));
			return EXIT_FAILED;
		}
		return finish(x, undo_one(x, e));
	}
	cli_error("there is no change %s (see: holdfast changes)", number);
	return EXIT_FAILED;
}

/* The last one that can be. */
static int undo_last(struct undo *x)
{
	for (size_t i = x->n; i > 0; i--)
		if (can_be_undone(&x->list[i - 1]))
			return finish(x, undo_one(x, &x->list[i - 1]));
	printf("There is nothing to take back.\n");
	return EXIT_OK;
}

static void told(void *user, const struct entry *e, int error, const char *why)
{
	(void)user;
	say(e, error, why);
}

static void told_aside(void *user, const struct entry *e, int error, const char *why)
{
	char text[600], name[200];

	(void)user;
	text_safe(str_of(e->check), name, sizeof name);
	if (error >= 0)
		cli_error("change %u (%s) was not confirmed in time: it is taken back", e->id,
			  name);
	else
		cli_error("change %u (%s) was not confirmed in time and stays: %s", e->id, name,
			  text_safe(str_of(why), text, sizeof text));
}

void undo_overdue_in(const struct root *root)
{
	unsigned n = 0;
	struct stat st;

	if (root_lstat(root, JOURNAL_FOLDER "/open", &st) >= 0)
		(void)!watch_recover(root, JOURNAL_FOLDER, told_aside, NULL, &n);
}

void undo_overdue(void)
{
	struct root own(root_release) root = ROOT_NONE;

	if (geteuid() != 0 || access(JOURNAL_FOLDER "/open", F_OK) < 0)
		return;
	if (root_open("/", true, &root) >= 0)
		undo_overdue_in(&root);
}

static int overdue(struct undo *x)
{
	uint64_t after = 0, fd = 0;
	unsigned n = 0;
	int r;

	if ((x->after &&
	     (str_to_u64(str_of(x->after), 10, &after) < 0 || after > FIX_WITHIN_MAX)) ||
	    (x->ready && (str_to_u64(str_of(x->ready), 10, &fd) < 0 || fd < 3 || fd > 1024))) {
		cli_error("--after takes seconds, --ready a descriptor");
		return EXIT_USAGE;
	}
	if (x->after)
		r = watch_run(&x->root, JOURNAL_FOLDER, (unsigned)after, x->ready ? (int)fd : -1);
	else
		r = watch_recover(&x->root, JOURNAL_FOLDER, told, NULL, &n);
	if (r < 0)
		cli_error("%s: %s", JOURNAL_FOLDER, strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int load(struct undo *x)
{
	int code = fix_open_journal(&x->root, false, &x->j), r;

	if (code != EXIT_OK)
		return code;
	r = changelog_list(&x->j, &x->arena, &x->list, &x->n);
	if (r < 0)
		cli_error("%s: %s", JOURNAL_FOLDER, strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int run_undo(const struct verb *v, int argc, char **argv)
{
	struct undo own(undo_release)
		x = { .root = ROOT_NONE, .j = CHANGELOG_NONE, .arena.limit = FIX_ARENA };
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "all", .flag = &x.all, .help = "every change, the last one first" },
		{ .name = "root", .value = "DIR", .text = &x.root_path,
		  .help = "of the tree below DIR" },
		{ .name = "overdue", .flag = &x.overdue,
		  .help = "what waited to be confirmed for too long; a unit runs it when the machine starts" },
		{ .name = "after", .value = "SECONDS", .text = &x.after,
		  .help = "with --overdue: stay until nothing waits any more, or that long" },
		{ .name = "ready", .value = "FD", .text = &x.ready,
		  .help = "with --after: the descriptor to which it says that it watches" },
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv), code;

	if (n < 0)
		return cli_exit(n);
	if (n > 1 || n + x.all + x.overdue > 1) {
		cli_error("undo takes one number, or --all, or nothing: the last change");
		return EXIT_USAGE;
	}
	code = fix_open_root(x.root_path, &x.root);
	if (code == EXIT_OK && x.overdue)
		return overdue(&x);
	if (code == EXIT_OK)
		code = load(&x);
	if (code != EXIT_OK)
		return code;
	return x.all ? undo_all(&x) : n ? undo_number(&x, argv[1]) : undo_last(&x);
}

const struct verb verb_undo = {
	.name = "undo",
	.args = "[N]",
	.summary = "Take back what fix has changed",
	.detail =
		"Files get the bytes, mode, owner, attributes and times that they had; units and packages are\n"
		"what they were. A file that somebody has changed since stays, and that is said.\n"
		"Without a number the last change is taken back.",
	.examples = {
		{ "holdfast undo 3", "as it was before change 3" },
		{ "holdfast undo --all", "as it was before the first one" },
		{ "holdfast undo --all --root /mnt", "in a mounted disk" },
	},
	.run = run_undo,
};

/* ---- confirm ------------------------------------------------------------------------------------ */

/* The daemon wants to know which connection confirms: it is asked by its own verb. */
static bool waits_here(const struct entry *e)
{
	return !e->broken.reason[0] && e->status.state == ENTRY_AWAITING && !jit_record_is(e);
}

static int confirm(struct undo *x)
{
	struct session now;
	unsigned n = 0;
	int r = 0;

	session_self(&now);
	for (size_t i = 0; i < x->n; i++) {
		const struct entry *e = &x->list[i];
		int64_t since = e->status.until_boot_ms - (int64_t)e->within * 1000;
		struct diag d = {};

		if (jit_record_is(e) && e->status.state == ENTRY_AWAITING)
			cli_error("change %u is confirmed by: holdfast jit confirm", e->id);
		if (!waits_here(e))
			continue;
		if (session_is_new(&now, &e->session, since, &d) < 0) {
			cli_error("not confirmed: %s", d.reason);
			return EXIT_FAILED;
		}
	}
	for (size_t i = 0; r >= 0 && i < x->n; i++)
		if (waits_here(&x->list[i])) {
			r = changelog_mark(&x->j, &x->list[i], ENTRY_CONFIRMED,
					   x->list[i].status.step, NULL);
			n++;
		}
	if (r >= 0)
		r = changelog_tidy(&x->j, &x->arena);
	if (r < 0) {
		cli_error("the journal: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (!n) {
		cli_error("nothing waits to be confirmed");
		return EXIT_FAILED;
	}
	printf("Confirmed: %u change%s stay%s.\n", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	return EXIT_OK;
}

static int run_confirm(const struct verb *v, int argc, char **argv)
{
	struct undo own(undo_release)
		x = { .root = ROOT_NONE, .j = CHANGELOG_NONE, .arena.limit = FIX_ARENA };
	const struct option_spec options[] = {
		{.name = "root",
                 .value = "DIR",
                 .text = &x.root_path,
                 .help = "of the tree below DIR"},
	};
	int n = cli_parse(v, options, COUNT(options), argc, argv), code;

	if (n < 0)
		return cli_exit(n);
	if (n > 0) {
		cli_error("confirm takes no arguments");
		return EXIT_USAGE;
	}
	code = fix_open_root(x.root_path, &x.root);
	if (code == EXIT_OK)
		code = load(&x);
	return code == EXIT_OK ? confirm(&x) : code;
}

const struct verb verb_confirm = {
	.name = "confirm",
	.args = "",
	.summary = "From a new login: what fix changed may stay",
	.detail =
		"What could have cut you off is taken back unless this comes in time, and from a login that\n"
		"began after the change: that there is a way in is what it proves. Another window of the login\n"
		"that made the change is refused, and so is a login from before.",
	.examples = { { "ssh host sudo holdfast confirm", "log in anew, and confirm" } },
	.run = run_confirm,
};
