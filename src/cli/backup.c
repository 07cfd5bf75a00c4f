/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup: made, checked, restored for practice. */
#include "cli/backup.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/file.h"

#define PHRASE_MAX 1'024U

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* What was begun is ended in order: locks and scratch folders go. */
static void catch_signals(void)
{
	struct sigaction act = { .sa_handler = stop };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void verb_release(struct backup_verb *v)
{
	backup_config_release(&v->config);
	backup_dir_release(&v->state);
	json_decref(v->out);
}

static int complain(const struct diag *d, int error)
{
	char text[600];

	cli_error("backup: %s", d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	return EXIT_FAILED;
}

static int read_config(struct backup_verb *v)
{
	const char *path = v->config_path ? v->config_path : BACKUP_CONFIG_PATH;
	struct diag d = {};
	int r = backup_config_read(path, &v->config, &d);

	if (r == 0)
		return EXIT_OK;
	(void)complain(&d, r);
	if (r == -ENOENT && !v->config_path)
		cli_error("backup: it says what is saved and where to; see docs/backup.md");
	return r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static struct backup_work work_of(struct backup_verb *v, const struct backup_repo *repo)
{
	v->bar.name = repo->name;
	return (struct backup_work){
		.config = &v->config,
		.repo = repo,
		.dir = &v->state,
		.stop = &stopped,
		.now = time(NULL),
		.ignore_clock = v->ignore_clock,
		.progress = v->bar.err.tty && !v->json ? backup_bar_draw : NULL,
		.user = &v->bar,
	};
}

/* How it went: a line for a person, or one more of the JSON array. */
static int tell(struct backup_verb *v, const struct backup_repo *repo, const char *action,
		json_t *record, int r, const struct diag *d)
{
	char text[600];
	int code;

	backup_bar_clear(&v->bar);
	if (r < 0) {
		(void)complain(d, r);
		record = json_pack("{s:s, s:o}", "result", "failed", "message",
				   backup_text(str_of(diag_text(d, text, sizeof text))));
	}
	json_object_set_new(record, "repository", json_string(repo->name));
	code = backup_exit(record);
	if (v->json)
		json_array_append(v->out, record);
	else if (r == 0)
		code = backup_print(v, repo, action, record);
	json_decref(record);
	return code;
}

static void show_phrase(const char *phrase, void *user)
{
	const struct backup_repo *repo = user;

	printf("\nThe pass phrase of %s:\n\n    %s\n\nIt is shown once. Write it down and keep it away "
	       "from this machine: without it nothing\ncan be restored.\n\n",
	       repo->name, phrase);
}

static int do_init(struct backup_verb *v, const struct backup_repo *repo)
{
	own(arena_release) struct arena a = { .limit = (size_t)1 << 16 };
	struct backup_work w = work_of(v, repo);
	struct backup_init how = { .same_disk = v->same_disk,
				   .terminal = isatty(STDOUT_FILENO) && !v->json,
				   .phrase = STR(""),
				   .show = show_phrase,
				   .user = (void *)repo };
	struct diag d = {};
	json_t *record = NULL;
	int r = 0;

	if (v->phrase_file) {
		r = file_read(v->phrase_file, PHRASE_MAX, &a, &how.phrase);
		if (r < 0)
			diag_set(&d, r, v->phrase_file, 0, "%s", file_error(r));
		how.phrase = str_trim(how.phrase);
	}
	if (r == 0)
		r = backup_init(&w, &how, &record, &d);
	return tell(v, repo, "init", record, r, &d);
}

static int do_prove(struct backup_verb *v, const struct backup_repo *repo)
{
	struct backup_work w = work_of(v, repo);
	struct diag d = {};
	json_t *record = NULL;
	int r = backup_prove(&w, &record, &d);

	return tell(v, repo, "prove", record, r, &d);
}

static int do_init_and_prove(struct backup_verb *v, const struct backup_repo *repo)
{
	int code = do_init(v, repo);

	return code == EXIT_OK && repo->append_only ? do_prove(v, repo) : code;
}

static int do_run(struct backup_verb *v, const struct backup_repo *repo)
{
	struct backup_work w = work_of(v, repo);
	struct diag d = {};
	json_t *record = NULL;
	int r = backup_run(&w, &record, &d);

	return tell(v, repo, "run", record, r, &d);
}

static int do_check(struct backup_verb *v, const struct backup_repo *repo)
{
	struct backup_work w = work_of(v, repo);
	struct backup_check how = { .all = v->all };
	struct diag d = {};
	json_t *record = NULL;
	uint64_t part = 0;
	int r;

	if (v->part &&
	    (str_to_u64(str_of(v->part), 10, &part) || !part || part > v->config.check_parts)) {
		cli_error("backup: --part is a number from 1 to %u (check-parts)",
			  v->config.check_parts);
		return EXIT_USAGE;
	}
	how.part = (unsigned)part;
	r = backup_check(&w, &how, &record, &d);
	return tell(v, repo, "check", record, r, &d);
}

static int do_drill(struct backup_verb *v, const struct backup_repo *repo)
{
	struct backup_work w = work_of(v, repo);
	struct backup_drill how = {};
	struct diag d = {};
	json_t *record = NULL;
	int r;

	if (v->seed && (str_to_u64(str_of(v->seed), 10, &how.seed) || how.seed >> 48)) {
		cli_error("backup: --seed is a number below 2^48, as a drill shows it");
		return EXIT_USAGE;
	}
	r = backup_drill(&w, &how, &record, &d);
	return tell(v, repo, "drill", record, r, &d);
}

static int do_list(struct backup_verb *v, const struct backup_repo *repo)
{
	struct backup_work w = work_of(v, repo);
	struct diag d = {};
	json_t *record = NULL;
	int r = backup_list(&w, &record, &d);

	return tell(v, repo, "list", record, r, &d);
}

static int do_status(struct backup_verb *v, const struct backup_repo *repo)
{
	struct diag d = {};
	json_t *state = NULL;
	int r;

	if (v->state.fd < 0)
		state = json_pack("{s:s, s:s}", "name", repo->name, "tool",
				  backup_tool_name(repo->tool));
	else if ((r = backup_state_load(&v->state, repo, &state, &d)) < 0)
		return tell(v, repo, "status", NULL, r, &d);
	if (v->json)
		json_array_append(v->out, state);
	else
		backup_print_status(v, repo, state);
	r = backup_state_int(state, "last_success", 0) ? EXIT_OK : EXIT_FINDINGS;
	json_decref(state);
	return r;
}

static const struct action {
	const char *name;
	backup_action_fn *run;
	bool writes, restic_alone;
} actions[] = {
	{"init",    do_init_and_prove, true,  true },
        { "run",    do_run,            true,  true },
	{ "check",  do_check,          true,  true },
        { "drill",  do_drill,          true,  true },
	{ "prove",  do_prove,          true,  true },
        { "list",   do_list,           true,  false},
	{ "status", do_status,         false, false},
};

static int open_state(struct backup_verb *v, bool write)
{
	struct diag d = {};
	int r = backup_dir_open(v->config.state, write, &v->state, &d);

	/* There is nothing yet: status says so. */
	if (r == -ENOENT && !write)
		return EXIT_OK;
	return r < 0 ? complain(&d, r) : EXIT_OK;
}

/* The worst of the codes counts; a repository that fails does not keep the others from theirs. */
static int for_each(struct backup_verb *v, const struct action *a, int n, char **names)
{
	int code = open_state(v, a->writes);

	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < v->config.n_repos && !stopped; i++) {
		const struct backup_repo *repo = &v->config.repos[i];
		bool wanted = !n && !(a->restic_alone && repo->tool != BACKUP_RESTIC);

		for (int k = 0; k < n; k++)
			wanted |= !strcmp(names[k], repo->name);
		if (wanted) {
			int of_this = a->run(v, repo);

			code = MAX(code, of_this);
		}
	}
	if (stopped) {
		cli_error("backup: interrupted");
		code = EXIT_FAILED;
	}
	if (v->json && backup_print_json(json_incref(v->out)) < 0)
		code = EXIT_FAILED;
	return code;
}

static int act(struct backup_verb *v, const char *name, int n, char **names)
{
	int code = read_config(v);

	for (int i = 0; code == EXIT_OK && i < n; i++)
		if (!backup_config_find(&v->config, names[i])) {
			cli_error("backup: there is no repository '%s' in the configuration",
				  names[i]);
			code = EXIT_USAGE;
		}
	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < COUNT(actions); i++)
		if (!strcmp(actions[i].name, name))
			return for_each(v, &actions[i], n, names);
	cli_error(
		"backup takes: init, run, check, drill, prove, list, status, schedule, server, keygen or "
		"unseal (see: holdfast help backup)");
	return EXIT_USAGE;
}

static int dispatch(struct backup_verb *v, int n, char **words)
{
	const char *name = n ? words[0] : "";
	int code;

	if (v->check_config) {
		code = read_config(v);
		if (code == EXIT_OK)
			printf("%zu repositories, %zu paths, %zu database lines: nothing to complain "
			       "of.\n",
			       v->config.n_repos, v->config.save.n, v->config.n_dumps);
		return code;
	}
	if (!strcmp(name, "keygen") && n == 2)
		return backup_keygen(words[1]);
	if (!strcmp(name, "unseal") && n == 2)
		return backup_unseal(v, words[1]);
	if (!strcmp(name, "server") && n == 2)
		return backup_server(v, words[1]);
	if (!strcmp(name, "schedule") && n == 1) {
		code = read_config(v);
		return code == EXIT_OK ? backup_schedule(v) : code;
	}
	return act(v, name, n - 1, words + 1);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	own(verb_release) struct backup_verb v = { .format = "text",
						   .state = BACKUP_DIR_NONE,
						   .bar = { .err = term_of(STDERR_FILENO) },
						   .now = time(NULL),
						   .out = json_array() };
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "config", .letter = 'c', .value = "FILE", .text = &v.config_path,
		  .help = "what is saved, and where to (default " BACKUP_CONFIG_PATH ")" },
		{ .name = "check-config", .flag = &v.check_config,
		  .help = "look at the configuration alone" },
		{ .name = "part", .value = "N", .text = &v.part,
		  .help = "check: this part of the data (default: the next one)" },
		{ .name = "all", .letter = 'a', .flag = &v.all, .help = "check: all data" },
		{ .name = "seed", .value = "N", .text = &v.seed,
		  .help = "drill: the sample of an earlier one (default: a random one)" },
		{ .name = "same-disk", .flag = &v.same_disk,
		  .help = "init: take a pass phrase that lies on the disk of the data or repository" },
		{ .name = "phrase-file", .value = "FILE", .text = &v.phrase_file,
		  .help = "init, unseal: the phrase that the copy is sealed with" },
		{ .name = "key", .letter = 'k', .value = "FILE", .text = &v.key,
		  .help = "unseal: the secret key that keygen made" },
		{ .name = "dir", .letter = 'd', .value = "DIR", .text = &v.dir,
		  .help = "schedule: where units are written to (default /etc/systemd/system)" },
		{ .name = "enable", .flag = &v.enable, .help = "schedule: start the timers" },
		{ .name = "listen", .value = "ADDRESS", .text = &v.listen,
		  .help = "server: where it listens (default :8000)" },
		{ .name = "htpasswd", .value = "FILE", .text = &v.htpasswd,
		  .help = "server: its users" },
		{ .name = "ignore-clock", .flag = &v.ignore_clock,
		  .help = "go on although the clock stands before the last backup" },
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &v.format,
		  .words = "text json", .help = "text (default) or json" },
	};
	/* clang-format on */
	int n = cli_parse(verb, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	v.json = !strcmp(v.format, "json");
	/* Pass phrases are in memory. */
	(void)!prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	catch_signals();
	return dispatch(&v, n, argv + 1);
}

const struct verb verb_backup = {
	.name = "backup",
	.args = "init|run|check|drill|prove|list|status [REPOSITORY]... | schedule | server DIR | keygen FILE | unseal FILE",
	.summary = "Backups by restic: made, proved, checked, restored for practice",
	.detail =
		"Drives restic as " BACKUP_CONFIG_PATH " says: what is saved, which databases,\n"
		"and the repositories (a disk, sftp, rest, Azure, S3). init makes a repository and its\n"
		"pass phrase, shows it once and seals a copy for its owner; run dumps databases straight\n"
		"into the repository and saves the files; check reads one part of the data after the\n"
		"other, so that all were read after check-parts runs; drill restores a random sample and what is\n"
		"critical into a scratch folder, compares it, loads databases into a server that lives\n"
		"only there, and measures how long it takes; prove tries to delete a\n"
		"snapshot from here, as an intruder would. schedule writes timers of systemd. status says\n"
		"what is known, list asks the repository. Results are facts of assess.\n"
		"Exit code 1 when something could not be read or was not proved; 3 when it failed.",
	.examples = {
		{ "holdfast backup keygen owner.key", "on another machine: for sealed pass phrases" },
		{ "holdfast backup init", "make the repositories of the configuration" },
		{ "holdfast backup run", "databases and files into all of them" },
		{ "holdfast backup check offsite", "the next part of the data of one of them" },
		{ "holdfast backup status", "when what succeeded" },
		{ "holdfast backup schedule --enable", "every day, week and month from now on" },
	},
	.run = run,
};
