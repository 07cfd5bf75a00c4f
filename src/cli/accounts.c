/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accounts: who can log in, by which door, from where, with what, and what that makes of them. */
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "cli/accounts.h"
#include "cli/output.h"
#include "posture/history_logins.h"
#include "report/accounts.h"
#include "report/report.h"

#define TOP 50
#define OUTPUT_MAX ((size_t)512 << 20)

static int select_tables(struct accounts_run *x, bool *wanted)
{
	if (source_schema(&x->source) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < n_accounts_queries; i++)
		source_tables(&x->source, str_of(accounts_queries[i]), wanted);
	source_tables(&x->source, STR("SELECT hostname FROM host_info"), wanted);
	x->source.wanted = wanted;
	return EXIT_OK;
}

static int collect(struct accounts_run *x, struct store *store)
{
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	struct snapshot_result result;
	int r = wanted ? select_tables(x, wanted) : EXIT_FAILED;

	if (r == EXIT_OK)
		r = source_load(&x->source, store, &result);
	x->source.wanted = NULL;
	if (r == EXIT_OK && audit_store(&x->outcome, store) < 0) {
		cli_error("the result of the audit does not fit: %s", store->error);
		r = EXIT_FAILED;
	}
	if (r == EXIT_OK && store_seal(store) < 0) {
		cli_error("%s", store->error);
		r = EXIT_FAILED;
	}
	return r;
}

static void record(struct past *s, struct store *store, struct arena *a)
{
	const struct report report = { .store = store };
	struct report_host h = {};
	struct diag d = {};
	char text[600];

	if (!s->history.db || report_host(&report, a, &h) < 0)
		return;
	if (history_logins(&s->history, report_host_key(&h, a), h.collected_at, store, &d) < 0)
		cli_error("no history is kept: %s", diag_text(&d, text, sizeof text));
	else if (h.live && history_logins_tell(s->dir, store) < 0)
		cli_error("the guard is not told who can log in: %s/%s cannot be written", s->dir,
			  HISTORY_LOGINS_FILE);
}

static int print(const struct accounts_run *x, const struct accounts *a)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	struct term term = term_of(STDOUT_FILENO);
	struct output file;
	int r = accounts_is_json(x) ? accounts_json(a, &out)
				    : accounts_text(a, x->all ? 0 : TOP, &term, &out);

	if (r >= 0 && accounts_is_json(x))
		r = audit_add_json(&x->outcome, &out);
	if (r < 0) {
		cli_error("cannot write the list: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (x->outcome.json && !accounts_is_json(x)) {
		accounts_audit_print(&x->outcome);
		printf("\n");
		fflush(stdout);
	}
	r = output_open(&file, NULL);
	return r == EXIT_OK ? output_finish(&file, buf_view(&out)) : r;
}

static int verdict(const struct accounts_run *x, const struct accounts *a)
{
	int at = x->fail_on ? severity_find(str_of(x->fail_on)) : 0;

	for (size_t i = 0; x->fail_on && i < a->n; i++)
		if ((int)a->list[i].severity >= at)
			return EXIT_FINDINGS;
	return EXIT_OK;
}

static int list(struct accounts_run *x)
{
	own(store_release) struct store store = {};
	own(arena_release) struct arena arena = { .limit = ACCOUNTS_ARENA };
	own(accounts_release) struct accounts accounts = {};
	int r = collect(x, &store);

	if (r != EXIT_OK)
		return r;
	if (!x->source.facts)
		past_open(&x->past, true, "no history is kept");
	r = source_confine(&x->source, (const char *const[]){ x->past.writable }, 1);
	if (r != EXIT_OK)
		return r;
	r = accounts_load(&store, &arena, &accounts);
	if (r < 0) {
		cli_error("cannot list the accounts: %s", strerror(-r));
		return EXIT_FAILED;
	}
	record(&x->past, &store, &arena);
	r = print(x, &accounts);
	return r == EXIT_OK ? verdict(x, &accounts) : r;
}

/* The audit first: the list then says what is weak. */
static int audit_and_list(struct accounts_run *x)
{
	int found = EXIT_OK, r;

	if (x->audit.wanted && x->source.facts) {
		cli_error("--audit-passwords needs the machine, --facts is a file");
		return EXIT_USAGE;
	}
	x->audit.root = x->source.root;
	if (x->audit.wanted)
		found = accounts_audit(&x->audit, &x->outcome);
	if (found != EXIT_OK && found != EXIT_FINDINGS)
		return found;
	r = list(x);
	return r == EXIT_OK ? found : r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct accounts_run x = {};
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &x.format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "all", .flag = &x.all, .help = "every account, not only the first 50" },
		{ .name = "fail-on", .value = "SEVERITY", .text = &x.fail_on,
		  .words = "info low medium high critical",
		  .help = "exit with 1 when an account is at least that bad" },
		PAST_OPTIONS(&x.past, "do not note who can log in now"),
		ACCOUNTS_AUDIT_OPTIONS(&x.audit),
		SOURCE_OPTIONS(&x.source),
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (n > 0) {
		cli_error("accounts takes no arguments (see: holdfast help accounts)");
		return EXIT_USAGE;
	}
	if (!past_options_fit(&x.past))
		return EXIT_USAGE;
	n = audit_and_list(&x);
	audit_outcome_release(&x.outcome);
	past_release(&x.past);
	source_release(&x.source);
	return n;
}

const struct verb verb_accounts = {
	.name = "accounts",
	.args = "",
	.summary = "Show who can log in: by which door, from where, with what",
	.detail = "Every account that can really log in, the worst first: through sshd (Match blocks,\n"
		  "allow lists, authentication methods, PAM and the modes of key files resolved for each\n"
		  "account and address), the console, cockpit, xrdp and FTP servers; with which\n"
		  "password, keys or certificates; whether the internet reaches the door; and how the\n"
		  "account becomes root. Accounts that only tunnel count. Whole domains (SSSD, winbind)\n"
		  "are one entry each.\n\n"
		  "The history notes who can log in: who could not the last time is new.\n\n"
		  "--audit-passwords tries a short list of passwords against every hash first, the\n"
		  "likeliest first, offline and at lowest priority; it tells how long that takes and\n"
		  "asks on a terminal. No password and no hash is shown or kept. Exit code 1: one\n"
		  "fell, or an account has none.",
	.examples = {
		{ "holdfast accounts", "who can log in here; root sees more than others" },
		{ "holdfast accounts --root /mnt --no-state", "the same of a mounted disk" },
		{ "holdfast accounts -f json | jq '.accounts[] | select(.internet) | .name'",
		  "names of the accounts that the internet can use" },
		{ "holdfast accounts --fail-on high", "for a pipeline" },
		{ "holdfast accounts --audit-passwords", "which passwords fall to the first guesses?" },
	},
	.run = run,
};
