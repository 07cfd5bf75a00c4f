/* SPDX-License-Identifier: GPL-3.0-or-later */
/* changes: what fix has changed; and what it shares with undo and confirm. */
#include <stdio.h>
#include <time.h>

#include "cli/fix.h"
#include "cli/jit_record.h"
#include "cli/undo.h"
#include "report/json.h"

int fix_open_root(const char *path, struct root *ret)
{
	int r = root_open(path ? path : "/", !path, ret);

	if (r < 0) {
		cli_error("%s: %s", path ? path : "/", strerror(-r));
		return EXIT_FAILED;
	}
	/* Of this machine it was done before the verb began. */
	if (path)
		undo_overdue_in(ret);
	return EXIT_OK;
}

int fix_journal_folder(const struct root *root, char *ret, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (!geteuid() || !root->live)
		n = snprintf(ret, size, "%s", JOURNAL_FOLDER);
	else if (state && state[0] == '/')
		n = snprintf(ret, size, "%s/holdfast/changes", state);
	else
		n = snprintf(ret, size, "%s/.local/state/holdfast/changes",
			     home && home[0] == '/' ? home : "");
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int fix_open_journal(const struct root *root, bool make, struct changelog *ret)
{
	char folder[4096] = "", shown[4200];
	int r = fix_journal_folder(root, folder, sizeof folder);

	if (r >= 0)
		r = changelog_open(root, folder, make, FIX_LOCK_MS, ret);
	if (r >= 0 && !make)
		r = changelog_lock(ret, FIX_LOCK_MS);
	if (r >= 0)
		return EXIT_OK;
	cli_error("%s: %s", text_safe(str_of(folder), shown, sizeof shown),
		  r == -ENOENT  ? "nothing was ever changed here"
		  : r == -EBUSY ? "somebody else is changing something"
		  : r == -EPERM ? "belongs to somebody else, or others may write to it"
				: strerror(-r));
	return EXIT_FAILED;
}

int fix_confirm(bool yes, const char *verb, const char *question)
{
	char answer[16] = "";

	if (yes)
		return EXIT_OK;
	if (!isatty(STDIN_FILENO)) {
		cli_error("nothing was changed: %s asks at a terminal, or wants --yes", verb);
		return EXIT_USAGE;
	}
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(answer, sizeof answer, stdin) || (answer[0] | 32) != 'y') {
		fprintf(stderr, "Nothing was changed.\n");
		return EXIT_FINDINGS;
	}
	return EXIT_OK;
}

static json_t *change_json(const struct entry_change *e)
{
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_string(change_kind_name(e->c.kind)));
	json_object_set_new(j, "what", json_text(str_of(e->c.what)));
	if (e->c.path)
		json_object_set_new(j, "path", json_text(str_of(e->c.path)));
	return j;
}

json_t *fix_entry_json(const struct entry *e)
{
	json_t *j = json_object(), *list = json_array();

	json_object_set_new(j, "change", json_integer(e->id));
	if (e->broken.reason[0]) {
		json_object_set_new(j, "state", json_string("unreadable"));
		json_object_set_new(j, "error", json_text(str_of(e->broken.reason)));
		json_object_set_new(j, "changes", list);
		return j;
	}
	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(list, change_json(&e->list[i]));
	json_object_set_new(j, "run", json_integer(e->run));
	json_object_set_new(j, "state", json_string(entry_state_name(e->status.state)));
	json_object_set_new(j, "check", json_text(str_of(e->check)));
	json_object_set_new(j, "title", json_text(str_of(e->title)));
	json_object_set_new(j, "made", json_integer(e->made));
	json_object_set_new(j, "at", json_integer(e->status.at));
	json_object_set_new(j, "why", json_text(str_of(e->status.why)));
	json_object_set_new(j, "risky", json_boolean(e->risky));
	json_object_set_new(j, "until",
			    e->status.until ? json_integer(e->status.until) : json_null());
	json_object_set_new(j, "changes", list);
	return j;
}

/* By the clock that nobody sets; 0 where the machine was started anew since. */
static long long seconds_left(const struct entry *e)
{
	char boot[40];

	session_boot_id(boot);
	if (strcmp(boot, e->status.boot) != 0)
		return 0;
	return (long long)MAX((e->status.until_boot_ms - session_boot_ms()) / 1000, 0);
}

static void print_entry(const struct entry *e)
{
	char when[32] = "", text[4096];
	struct tm tm;
	time_t made = (time_t)e->made;

	if (e->broken.reason[0]) {
		cli_error("%u: %s", e->id, text_safe(str_of(e->broken.reason), text, sizeof text));
		return;
	}
	if (localtime_r(&made, &tm))
		strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
	printf("%4u  %s  %-9s  %s", e->id, when, entry_state_name(e->status.state),
	       text_safe(str_of(e->check), text, sizeof text));
	if (e->status.why[0] && strcmp(e->status.why, entry_state_name(e->status.state)) != 0)
		printf(" (%s)", text_safe(str_of(e->status.why), text, sizeof text));
	printf("\n");
	for (size_t i = 0; i < e->n; i++)
		printf("      - %s\n", text_safe(str_of(e->list[i].c.what), text, sizeof text));
	if (e->status.state == ENTRY_AWAITING)
		printf("      taken back in %lld s unless: holdfast %sconfirm, from a new login\n",
		       seconds_left(e), jit_record_is(e) ? "jit " : "");
	else if (entry_is_open(e))
		printf("      was interrupted: holdfast undo %u, or holdfast fix --finish %u\n",
		       e->id, e->id);
}

static int print_json(const struct entry *list, size_t n)
{
	own(buf_release) struct buf out = BUF((size_t)256 << 20);
	json_t *j = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(j, fix_entry_json(&list[i]));
	if (json_write(j, JSON_INDENT(1), &out) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	printf("%s\n", out.ptr);
	return EXIT_OK;
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct arena own(arena_release) a = { .limit = FIX_ARENA };
	struct root own(root_release) root = ROOT_NONE;
	struct changelog own(changelog_release) j = CHANGELOG_NONE;
	const char *root_path = NULL, *format = "text";
	const struct option_spec options[] = {
		{.name = "root",
                 .value = "DIR",
                 .text = &root_path,
                 .help = "of the tree below DIR" },
		{ .name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &format,
                 .words = "text json",
                 .help = "text (default) or json" },
	};
	int n = cli_parse(v, options, COUNT(options), argc, argv), code, r;
	char folder[4096] = "";
	struct entry *list = NULL;
	size_t entries = 0;

	if (n < 0)
		return cli_exit(n);
	if (n > 0) {
		cli_error("changes takes no arguments");
		return EXIT_USAGE;
	}
	code = fix_open_root(root_path, &root);
	if (code != EXIT_OK)
		return code;
	r = fix_journal_folder(&root, folder, sizeof folder);
	if (r >= 0)
		r = changelog_open(&root, folder, false, 0, &j);
	if (r >= 0)
		r = changelog_list(&j, &a, &list, &entries);
	if (r < 0 && r != -ENOENT) {
		cli_error("%s: %s", JOURNAL_FOLDER, strerror(-r));
		return EXIT_FAILED;
	}
	if (!strcmp(format, "json"))
		return print_json(list, entries);
	for (size_t i = 0; i < entries; i++)
		print_entry(&list[i]);
	if (!entries)
		printf("Nothing was changed.\n");
	return EXIT_OK;
}

const struct verb verb_changes = {
	.name = "changes",
	.args = "",
	.summary = "List what fix has changed, and what waits to be confirmed",
	.detail =
		"Every change has a number, by which `holdfast undo` takes it back. States: planned,\n"
		"applying and undoing (interrupted, where nobody is at it), awaiting (is taken back unless it\n"
		"is confirmed), applied, confirmed, undone, failed (everything is as it was).",
	.examples = {
		{ "holdfast changes", "what was changed on this machine" },
		{ "holdfast changes --root /mnt -f json", "in a mounted disk, as JSON" },
	},
	.run = run,
};
