/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fix: what the checks found is repaired, by a plan, with a way back. */
#include <stdio.h>

#include "base/conf.h"
#include "cli/fix.h"
#include "cli/jit_record.h"

static int interpret(struct fix *x, int n, char **argv, const char *finish)
{
	own(buf_release) struct buf list = BUF(64 << 10);
	bool wide = x->all || x->a.practice || x->up_to;

	if (finish) {
		if (n || wide) {
			cli_error("--finish takes the number of a change and nothing else");
			return EXIT_USAGE;
		}
		return EXIT_OK;
	}
	if ((n > 0) == wide) {
		cli_error("what is to be fixed? IDs of checks, or --all, --practice N, "
			  "--up-to SEVERITY");
		return EXIT_USAGE;
	}
	if (x->dry_run + x->script + x->ansible > 1) {
		cli_error("only one of --dry-run, --script and --ansible");
		return EXIT_USAGE;
	}
	for (int i = 1; i <= n; i++)
		buf_fmt(&list, "%s%s", list.len ? "," : "", argv[i]);
	if (list.len)
		x->a.check = arena_cstr(&x->arena, buf_view(&list));
	x->within = x->a.source.root ? 0 : FIX_WITHIN_DEFAULT;
	if (x->within_text && strcmp(x->within_text, "never") != 0 &&
	    (conf_seconds(str_of(x->within_text), &x->within) < 0 || x->within < FIX_WITHIN_MIN ||
	     x->within > FIX_WITHIN_MAX)) {
		cli_error("--confirm-within takes %us to 1d, or never", FIX_WITHIN_MIN);
		return EXIT_USAGE;
	}
	if (x->within_text && !strcmp(x->within_text, "never"))
		x->within = 0;
	return EXIT_OK;
}

/* Every check counts in the score; those that are wanted are picked later. */
static int assess(struct fix *x)
{
	bool *wanted;
	int code = assessment_checks(&x->a);

	wanted = x->a.wanted_checks;
	x->a.wanted_checks = NULL;
	if (code == EXIT_OK)
		code = assessment_exemptions(&x->a);
	if (code == EXIT_OK)
		code = assessment_collect(&x->a);
	if (code == EXIT_OK)
		code = assessment_judge(&x->a);
	x->a.wanted_checks = wanted;
	x->percent_before = x->a.score.percent;
	x->risk_before = x->a.score.risk;
	return code;
}

/* What can cut off comes last, so that its time to be confirmed is not spent on the rest. */
static int put_risky_last(struct fix *x)
{
	bool order = true;

	for (size_t i = 1; i < x->n; i++)
		order = order && (!x->list[i - 1].plan.risky || x->list[i].plan.risky);
	if (order)
		return EXIT_OK;
	for (size_t done = 0, i = 0; i < x->n; i++) {
		struct fix_action f = x->list[i];

		if (f.plan.risky)
			continue;
		memmove(&x->list[done + 1], &x->list[done], (i - done) * sizeof f);
		x->list[done++] = f;
	}
	root_over_rewind(&x->over, 0);
	for (size_t i = 0; i < x->n; i++)
		if (fix_plan_one(x, &x->list[i]) < 0) {
			cli_error("out of memory");
			return EXIT_FAILED;
		}
	return EXIT_OK;
}

static int make_plan(struct fix *x)
{
	int code = assess(x);

	if (code == EXIT_OK)
		code = fix_open_root(x->a.source.root, &x->root);
	if (code != EXIT_OK)
		return code;
	x->over.arena.limit = FIX_ARENA;
	x->root.over = &x->over;
	session_self(&x->session);
	code = fix_plan(x);
	if (code == EXIT_OK)
		code = put_risky_last(x);
	if (code == EXIT_OK)
		code = fix_check_logins(x);
	if (code == EXIT_OK)
		code = fix_validate(x);
	return code;
}

static bool any_possible(const struct fix *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (fix_is_possible(&x->list[i]))
			return true;
	return false;
}

static bool any_left(const struct fix *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (!x->list[i].tried || !x->list[i].healthy || x->list[i].waits)
			return true;
	return false;
}

static int show(struct fix *x, bool json)
{
	if (json)
		return fix_print_json(x);
	fix_print_plan(x);
	return x->dry_run ? fix_print_diffs(x) : EXIT_OK;
}

/* An entry that was interrupted comes first. */
static int check_open(const struct fix *x)
{
	struct arena own(arena_release) a = { .limit = FIX_ARENA };
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct entry *list = NULL;
	size_t n = 0;

	if (changelog_open(&x->root, JOURNAL_FOLDER, false, 0, &j) < 0 ||
	    changelog_list(&j, &a, &list, &n) < 0)
		return EXIT_OK;
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = &list[i];

		if (!entry_is_open(e))
			continue;
		/* A program that does not take back what it did keeps nobody from repairing the rest. */
		if (e->status.state == ENTRY_UNDOING) {
			cli_error(
				"change %u is taken back in part: holdfast undo %u goes on with it",
				e->id, e->id);
			continue;
		}
		if (e->status.state == ENTRY_AWAITING)
			cli_error("change %u waits to be confirmed: holdfast %sconfirm (from a new "
				  "login), or holdfast undo %u",
				  e->id, jit_record_is(e) ? "jit " : "", e->id);
		else
			cli_error("change %u was interrupted (%s): holdfast undo %u takes it back, "
				  "holdfast fix --finish %u goes on with it",
				  e->id, entry_state_name(e->status.state), e->id, e->id);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int do_it(struct fix *x, bool json)
{
	int code = check_open(x);

	if (code == EXIT_OK && !any_possible(x)) {
		if (json)
			return fix_print_json(x);
		printf("There is nothing to change.\n");
		return x->n ? EXIT_FINDINGS : EXIT_OK;
	}
	if (code == EXIT_OK)
		code = fix_confirm(x->yes, "fix", "Change this?");
	if (code == EXIT_OK)
		code = fix_carry_out(x);
	if (json)
		(void)!fix_print_json(x);
	else
		fix_print_result(x);
	return code == EXIT_OK && any_left(x) ? EXIT_FINDINGS : code;
}

static int show_and_do(struct fix *x, bool json)
{
	int code = EXIT_OK;

	if (x->dry_run || !json)
		code = show(x, json);
	if (code != EXIT_OK || x->dry_run)
		return code == EXIT_OK && any_possible(x) ? EXIT_FINDINGS : code;
	return do_it(x, json);
}

static int finish(const struct fix *x, const char *number)
{
	struct arena own(arena_release) a = { .limit = FIX_ARENA };
	struct root own(root_release) root = ROOT_NONE;
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	struct diag d = {};
	struct entry e;
	uint64_t id;
	int code, r;

	if (str_to_u64(str_of(number), 10, &id) < 0 || !id || id > INT32_MAX) {
		cli_error("--finish takes the number of a change (see: holdfast changes)");
		return EXIT_USAGE;
	}
	code = fix_open_root(x->a.source.root, &root);
	if (code == EXIT_OK)
		code = fix_open_journal(&root, false, &j);
	if (code != EXIT_OK)
		return code;
	r = changelog_read(&j, (unsigned)id, &a, &e, &d);
	if (r == -ENOENT) {
		cli_error("there is no change %s (see: holdfast changes)", number);
		return EXIT_FAILED;
	}
	if (r >= 0 && e.status.state != ENTRY_PLANNED && e.status.state != ENTRY_APPLYING) {
		cli_error("change %u is %s: there is nothing to finish", e.id,
			  entry_state_name(e.status.state));
		return EXIT_FAILED;
	}
	if (r >= 0)
		r = entry_apply(&j, &e, &a, &d);
	if (r >= 0)
		r = entries_effects(&j, &e, 1, &d);
	if (r < 0) {
		char text[600];

		cli_error("change %s: %s", number, diag_text(&d, text, sizeof text));
		return EXIT_FAILED;
	}
	printf("Change %u is %s.\n", e.id, entry_state_name(e.status.state));
	return EXIT_OK;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(fix_release) struct fix x = { .format = "text",
					  .a.arena.limit = FINDINGS_ARENA,
					  .root = ROOT_NONE,
					  .arena.limit = FIX_ARENA };
	const char *number = NULL;
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "all", .flag = &x.all, .help = "fix every finding that can be" },
		{ .name = "practice", .value = "N", .text = &x.a.practice,
		  .help = "fix the findings of one of the seven practices" },
		{ .name = "up-to", .value = "SEVERITY", .text = &x.up_to,
		  .words = "info low medium high critical",
		  .help = "fix from critical down to SEVERITY" },
		{ .name = "dry-run", .letter = 'n', .flag = &x.dry_run,
		  .help = "change nothing; print the plan and the differences of files" },
		{ .name = "script", .flag = &x.script,
		  .help = "change nothing; print a shell script that does the same" },
		{ .name = "ansible", .flag = &x.ansible,
		  .help = "change nothing; print a playbook that does the same" },
		{ .name = "yes", .letter = 'y', .flag = &x.yes, .help = "do not ask" },
		{ .name = "confirm-within", .value = "TIME", .text = &x.within_text,
		  .help = "take back what could cut off after TIME (5m) unless `holdfast confirm` comes; never; "
			  "with --root only where it is given" },
		{ .name = "keep-ports", .value = "LIST", .text = &x.keep_ports,
		  .help = "ports that a firewall leaves open, as 22,443/tcp; else those that listen" },
		{ .name = "finish", .value = "N", .text = &number,
		  .help = "go on with change N, which was interrupted" },
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &x.format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "exemptions", .value = "FILE", .text = &x.a.exemptions_file,
		  .help = "exemptions, instead of " EXEMPTIONS_FILE },
		{ .name = "checks", .value = "DIR", .text = &x.a.checks_dir,
		  .help = "checks of your own, instead of " CHECKS_DIR },
		MACHINE_OPTIONS(&x.a.source),
		AZURE_OPTION(&x.a.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv), code;
	bool json = !strcmp(x.format, "json");

	if (n < 0)
		return cli_exit(n);
	code = interpret(&x, n, argv, number);
	if (code != EXIT_OK)
		return code;
	if (number)
		return finish(&x, number);
	code = make_plan(&x);
	if (code != EXIT_OK)
		return code;
	return x.script || x.ansible ? fix_print_script(&x) : show_and_do(&x, json);
}

const struct verb verb_fix = {
	.name = "fix",
	.args = "ID …",
	.summary = "Repair what the checks found, with a way back",
	.detail =
		"Shows what would be changed, file by file and line by line, what it is worth and what it\n"
		"could break; asks; writes down how everything was; changes it; and looks at the checks\n"
		"again. `holdfast undo` takes a change back.\n\n"
		"What could cut the owner off (sshd, PAM, firewall, accounts, network) is taken back after\n"
		"five minutes unless `holdfast confirm` comes from a new login. An action after which nobody\n"
		"could log in any more is left out. Programs look at the new files first: sshd -t, visudo -c,\n"
		"nft -c, systemd-analyze verify.\n\n"
		"With --root the tree below DIR is repaired: a mounted disk, an image. Its journal lies in it.\n\n"
		"Exit code 1: something is left to be fixed (with --dry-run: there is something to change).",
	.examples = {
		{ "holdfast fix --all --dry-run", "what would be changed" },
		{ "holdfast fix ssh-password-auth", "one finding; asks first" },
		{ "holdfast fix --up-to high --yes", "what is critical or high" },
		{ "holdfast fix --all --script", "the same as a shell script, to be read and run elsewhere" },
		{ "holdfast fix --all --yes --root /mnt", "an image that is being built" },
		{ "holdfast confirm", "from a new login: it works" },
		{ "holdfast undo 3", "as it was before change 3" },
	},
	.run = run,
};
