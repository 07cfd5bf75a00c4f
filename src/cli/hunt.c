/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hunt: rules over logs. */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/sandbox.h"
#include "cli/hunt_setup.h"
#include "detect/cache.h"
#include "events/zone.h"
#include "report/hunt.h"

#define OUT_FLUSH ((size_t)256 << 10)
#define OUT_MAX ((size_t)256 << 20)
#define REFUSED_SHOWN 5U
#define TOP_DEFAULT 25U
#define TOP_MAX 1'000'000U

struct hunting {
	const char *format_name, *rules, *level, *fail_on, *since, *until, *top, *root, *zone_name;
	const char *memory, *threads;
	bool no_builtin;
	/* derived */
	const struct hunt_format *format;
	struct hunt_options options;
	int fail_at; /* -1: never */
	int show;    /* level from which on alerts are told; notices are told always */
	struct zone *zone;
	int64_t now;
	/* at work */
	struct rule_files files;
	struct rule_cache cache;
	struct reader *reader;
	struct hunt *hunt;
	struct hunt_report report;
	struct diag refused[REFUSED_SHOWN];
	struct buf out;
	uint64_t alerts;
	bool found, closed;
	struct term err;
	int64_t start, shown;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int64_t microseconds(clockid_t id)
{
	struct timespec t = {};

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1000;
}

static void hunting_release(struct hunting *x)
{
	hunt_report_release(&x->report);
	hunt_release(&x->hunt);
	reader_release(&x->reader);
	rule_files_release(&x->files);
	rule_cache_release(&x->cache);
	zone_release(&x->zone);
	buf_release(&x->out);
}

static int number(const char *name, const char *text, uint64_t most, uint64_t *ret)
{
	if (!text)
		return 0;
	if (str_to_u64(str_of(text), 10, ret) < 0 || !*ret || *ret > most) {
		cli_error("--%s is a number from 1 to %llu", name, (unsigned long long)most);
		return -1;
	}
	return 0;
}

static int parse_times(struct hunting *x)
{
	x->options.since = INT64_MIN;
	x->options.until = INT64_MAX;
	if ((x->since && hunt_parse_time(x->since, x->now, false, &x->options.since) < 0) ||
	    (x->until && hunt_parse_time(x->until, x->now, true, &x->options.until) < 0)) {
		cli_error("--since and --until take 2026-11-22, 2026-11-22T09:00 (UTC) or 24h "
			  "(before now)");
		return -1;
	}
	if (x->options.since > x->options.until) {
		cli_error("--since is later than --until");
		return -1;
	}
	return 0;
}

static int interpret(struct hunting *x, int n)
{
	uint64_t top = TOP_DEFAULT, memory = 0, threads = 0;
	bool all = x->top && !strcmp(x->top, "all");
	int r;

	if (n < 1 && !x->root) {
		cli_error("hunt needs files or folders (see: holdfast help hunt)");
		return -1;
	}
	if ((!all && number("top", x->top, TOP_MAX, &top) < 0) ||
	    number("memory", x->memory, 1 << 20, &memory) < 0 ||
	    number("threads", x->threads, 64, &threads) < 0 || parse_times(x) < 0)
		return -1;
	if (x->no_builtin && !x->rules) {
		cli_error("--no-builtin needs --rules");
		return -1;
	}
	x->options.memory = memory << 20;
	x->options.threads = threads ? (unsigned)threads
				     : (unsigned)MIN(MAX(sysconf(_SC_NPROCESSORS_ONLN), 1), 8);
	x->show = rule_level_find(str_of(x->level));
	x->options.level = LEVEL_INFORMATIONAL;
	x->fail_at = x->fail_on ? rule_level_find(str_of(x->fail_on)) : -1;
	x->format = hunt_format_find(x->format_name);
	x->report.top = all ? 0 : (unsigned)top;
	r = zone_open(x->zone_name, &x->zone);
	if (r < 0 && x->zone_name) {
		cli_error("there is no time zone '%s'", x->zone_name);
		return -1;
	}
	return 0;
}

static int parse_options(struct hunting *x, const struct verb *v, int argc, char **argv)
{
	static const char levels[] = "informational low medium high critical";
	const struct option_spec options[] = {
		{.name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &x->format_name,
                 .words = "text json jsonl csv html",
                 .help = "text (default), json, jsonl (an alert a line), csv or html" },
		{ .name = "rules",
                 .value = "DIR",
                 .text = &x->rules,
                 .help = "Sigma rules of your own, beside the built-in ones"													     },
		{ .name = "no-builtin",
                 .flag = &x->no_builtin,
                 .help = "leave the built-in rules out"                  },
		{ .name = "level",
                 .value = "LEVEL",
                 .text = &x->level,
                 .words = levels,
                 .help = "show alerts of this level or above: informational, low (default), medium, "
			  "high, critical" },
		{ .name = "fail-on",
                 .value = "LEVEL",
                 .text = &x->fail_on,
                 .words = levels,
                 .help = "exit with 1 when there is an alert of this level or above" },
		{ .name = "since",
                 .value = "TIME",
                 .text = &x->since,
                 .help = "events from then on: 2026-11-22, 2026-11-22T09:00 (UTC), or 24h (before now)"													   },
		{ .name = "until",
                 .value = "TIME",
                 .text = &x->until,
                 .help = "events until then, included"                                    },
		{ .name = "top",
                 .value = "N",
                 .text = &x->top,
                 .help = "rows of each table of the text format (default 25), or all"},
		{ .name = "root",
                 .value = "DIR",
                 .text = &x->root,
                 .help = "look below DIR (a mounted disk); without a PATH at the logs of Linux and of Windows there"                                 },
		{ .name = "time-zone",
                 .value = "ZONE",
                 .text = &x->zone_name,
                 .help = "of times that do not name theirs, as Europe/Berlin (default: this machine's)"															      },
		{ .name = "memory",
                 .value = "MIB",
                 .text = &x->memory,
                 .help = "for what correlations remember (default 96)"},
		{ .name = "threads",
                 .value = "N",
                 .text = &x->threads,
                 .help = "how many read logs at a time (default: one a processor, at most 8)"},
	};

	return cli_parse(v, options, COUNT(options), argc, argv);
}

static int load_rules(struct hunting *x)
{
	int code = x->rules ? rule_files_add(&x->files, x->rules) : EXIT_OK;

	/* Those of the user come first: names that correlations refer to mean them. */
	if (code == EXIT_OK && !x->no_builtin)
		code = rule_files_add_builtin(&x->files);
	if (code == EXIT_OK)
		rule_cache_open(&x->cache, x->files.list, x->files.n, STR(""));
	x->options.cache = &x->cache;
	return code;
}

static int open_inputs(struct hunting *x, int n, char **paths)
{
	int code = EXIT_OK;

	if (reader_new(&x->reader) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	if (!n)
		return hunt_add_disk(x->reader, x->root);
	for (int i = 0; code == EXIT_OK && i < n; i++)
		code = hunt_add_input(x->reader, x->root, paths[i]);
	return code;
}

static void note_rule(void *user, const struct rule_text *t, const struct rule *rule,
		      const struct diag *d)
{
	struct hunting *x = user;

	(void)t, (void)rule;
	if (!d)
		return;
	if (x->report.n_refused < REFUSED_SHOWN)
		x->refused[x->report.n_refused++] = *d;
	x->report.all_refused++;
}

static int flush(struct hunting *x)
{
	struct str rest = buf_view(&x->out);

	while (rest.len && !x->closed) {
		ssize_t n = write(STDOUT_FILENO, rest.ptr, rest.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EPIPE) {
			cli_error("cannot write to standard output: %s", strerror(errno));
			return -EIO;
		}
		x->closed = n < 0;
		rest = str_sub(rest, n < 0 ? 0 : (size_t)n, rest.len);
	}
	buf_reset(&x->out);
	/* Nobody reads on: that ends the work, and is no failure. */
	return x->closed ? -EPIPE : 0;
}

static int take_alert(void *user, const struct alert *a)
{
	struct hunting *x = user;
	int r;

	hunt_notice(&x->report, a);
	if (x->fail_at >= 0 && (int)a->rule->level >= x->fail_at)
		x->found = true;
	if ((int)a->rule->level < x->show)
		return 0;
	r = hunt_note(&x->report, x->format, a);
	if (r >= 0 && x->format->alert)
		r = x->format->alert(&x->report, a, x->alerts, &x->out);
	x->alerts++;
	return r < 0 || x->out.len < OUT_FLUSH ? r : flush(x);
}

static int progress(void *user, uint64_t done, uint64_t total)
{
	struct hunting *x = user;
	int64_t now;

	if (interrupted)
		return -EINTR;
	if (!x->err.tty)
		return 0;
	now = microseconds(CLOCK_MONOTONIC);
	if (now - x->start < 1'000'000 || now - x->shown < 100'000)
		return 0;
	x->shown = now;
	fprintf(stderr, "\r\033[Khunting: ");
	if (total)
		fprintf(stderr, "%u %% of ", (unsigned)(done * 100 / total));
	fprintf(stderr, "%llu MB, %llu alerts",
		(unsigned long long)((total ? total : done) / 1'000'000),
		(unsigned long long)x->alerts);
	return 0;
}

static void say_refused(const struct hunting *x)
{
	char text[600];

	for (size_t i = 0; i < x->report.n_refused; i++)
		cli_error("rule left out: %s", diag_text(&x->refused[i], text, sizeof text));
	if (x->report.all_refused > x->report.n_refused)
		cli_error("and %zu more (see: holdfast rules check)",
			  x->report.all_refused - x->report.n_refused);
}

static int prepare(struct hunting *x)
{
	struct reader_options o = { .now = x->now,
				    .zone = x->zone,
				    .progress = progress,
				    .user = x,
				    .parallel = x->options.threads > 1 };
	struct sandbox_state state;
	int r = sandbox_enter(SANDBOX_EVALUATE, NULL, 0, &state);

	if (r < 0) {
		cli_error("cannot enter the sandbox: %s", strerror(-r));
		return r;
	}
	x->report.refused = x->refused;
	r = hunt_new(x->files.list, x->files.n, STR(""), note_rule, x, &x->options, &x->hunt);
	say_refused(x);
	if (r >= 0) {
		o.names = hunt_names(x->hunt);
		o.filters = hunt_filters(x->hunt);
		r = reader_start(x->reader, &o);
	}
	x->report.hunt = x->hunt;
	x->report.reader = x->reader;
	x->report.term = term_of(STDOUT_FILENO);
	if (r < 0 && r != -EINTR)
		cli_error("hunt: %s", strerror(-r));
	return r;
}

/* Formats that are alerts and nothing else have no other place for it. */
static void say_notices(const struct hunting *x)
{
	char title[256], file[512];

	for (size_t i = 0; !x->format->end && i < x->report.n_notices; i++)
		cli_error("note: %s: %s%s",
			  text_safe(x->report.notices[i].rule->title, title, sizeof title),
			  text_safe(x->report.notices[i].first, file, sizeof file),
			  x->report.notices[i].files > 1 ? " and others" : "");
}

/* A file, named or found, that could not be read or not to its end. */
static bool is_incomplete(const struct reader *r)
{
	for (size_t i = 0; i < reader_count(r); i++)
		if (reader_file(r, i)->problem || reader_file(r, i)->error)
			return true;
	return false;
}

static int work(struct hunting *x)
{
	int r = prepare(x);

	if (r >= 0 && x->format->begin)
		r = x->format->begin(&x->report, &x->out);
	if (r >= 0)
		r = hunt_run(x->hunt, x->reader, take_alert, x);
	if (x->shown)
		fprintf(stderr, "\r\033[K");
	if (r == -EINTR) {
		x->report.interrupted = true;
		r = x->hunt ? 0 : r;
	}
	if (r >= 0 && x->format->end)
		r = x->format->end(&x->report, &x->out);
	if (r >= 0)
		r = flush(x);
	say_notices(x);
	if (x->report.interrupted)
		cli_error("interrupted: not everything was read");
	if (r < 0 && r != -EPIPE && r != -EIO && r != -EINTR)
		cli_error("hunt: %s", strerror(-r));
	if ((r < 0 && r != -EPIPE) || x->report.interrupted)
		return x->found && r >= 0 ? EXIT_FINDINGS : EXIT_FAILED;
	if (x->found)
		return EXIT_FINDINGS;
	return is_incomplete(x->reader) ? EXIT_FAILED : EXIT_OK;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(hunting_release) struct hunting x = {
		.format_name = "text",
		.level = "low",
		.out = BUF(OUT_MAX),
		.cache = RULE_CACHE_NONE,
		.err = term_of(STDERR_FILENO),
		.now = microseconds(CLOCK_REALTIME),
		.start = microseconds(CLOCK_MONOTONIC),
	};
	struct sigaction act = { .sa_handler = on_signal };
	int n = parse_options(&x, v, argc, argv), code;

	if (n < 0)
		return cli_exit(n);
	if (interpret(&x, n) < 0)
		return EXIT_USAGE;
	code = load_rules(&x);
	if (code == EXIT_OK)
		code = open_inputs(&x, n, argv + 1);
	if (code != EXIT_OK)
		return code;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	return work(&x);
}

const struct verb verb_hunt = {
	.name = "hunt",
	.args = "PATH...",
	.summary = "Search logs for attacks",
	.detail =
		"PATH is a log file (plain, gzip, xz, zstd, bzip2, a Windows event log), a folder, a glob\n"
		"pattern, or - for standard input. What a file is is told by its first bytes; events of\n"
		"all files are put in the order of their times. Rules are Sigma's, with correlations: guessing, spraying,\n"
		"logins after failures, reconnaissance, and what --rules adds.\n"
		"\n"
		"The text format shows a timeline of the worst alerts, one row for each rule and\n"
		"attacker, and who attacked. The others have every alert. Times are UTC. Ctrl-C ends the\n"
		"reading and prints what was found. The exit code is 3 where something could not be read\n"
		"to its end. docs/hunt.md says more.\n"
		"\n"
		"What many rules compile to is kept in ~/.cache/holdfast ($XDG_CACHE_HOME; root: /var/cache/holdfast)\n"
		"and believed only where nobody else can have written it. HOLDFAST_CACHE=off does without,\n"
		"HOLDFAST_CACHE=DIR keeps it elsewhere.",
	.examples = {
		{ "holdfast hunt /var/log", "everything that this machine has logged" },
		{ "holdfast hunt -f jsonl --level high --since 24h /var/log/auth.log*",
		  "serious alerts of the last day, one a line" },
		{ "holdfast hunt --rules sigma/rules/linux --root /mnt",
		  "a mounted disk, with SigmaHQ's rules, too" },
		{ "holdfast hunt --root /mnt/windows --level high",
		  "the event logs of a mounted Windows disk" },
		{ "zcat old.gz | holdfast hunt --fail-on critical -",
		  "exit with 1 when somebody got in" },
	},
	.run = run,
};
