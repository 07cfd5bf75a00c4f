/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity: what has changed in the files that intruders change. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/cli.h"
#include "cli/integrity_print.h"

#define FOLDER "/var/lib/holdfast"
#define DATABASE FOLDER "/integrity.db"
#define CONFIG "/etc/holdfast/integrity.conf"
#define CONFIG_MAX ((size_t)4 << 20)
#define STORE_MAX ((size_t)2 << 30)

enum job { JOB_BASELINE, JOB_CHECK, JOB_ACCEPT };

struct work {
	enum job job;
	const char *root, *database, *key, *config;
	bool packages, trust, all_paths;
	char **paths;
	int n_paths;
	struct integrity_print print;
	struct arena arena;
	struct fim_config parsed;
	struct fim *fim;
};

static int read_config(struct work *w)
{
	const char *path = w->config ? w->config : CONFIG;
	struct str text;
	struct diag d = {};
	char shown[600];
	int r;

	w->parsed = fim_config_default;
	/* That of this machine says nothing of another one's disk. */
	if (!w->config && w->root)
		return EXIT_OK;
	r = file_read(path, CONFIG_MAX, &w->arena, &text);
	if (r == -ENOENT && !w->config)
		return EXIT_OK;
	if (r < 0) {
		cli_error("%s: %s", path, file_error(r));
		return EXIT_FAILED;
	}
	r = fim_config_parse(text, path, &w->arena, &w->parsed, &d);
	if (r < 0)
		cli_error("%s", r == -EINVAL ? diag_text(&d, shown, sizeof shown) : strerror(-r));
	return r < 0 ? EXIT_USAGE : EXIT_OK;
}

static int open_sensor(struct work *w)
{
	const struct fim_options o = {
		.root = w->root,
		.config = &w->parsed,
		.database = w->packages ? NULL : w->database,
		.key = w->key,
		.no_watch = true,
		.packages = w->packages,
		.trust = w->trust,
		.afresh = w->job == JOB_BASELINE,
		.foreign = w->root != NULL,
	};
	struct diag d = {};
	char text[600];
	int r = fim_open(&o, &w->fim, &d);

	if (r < 0)
		cli_error("%s", d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int show_progress(void *user, uint64_t files, uint64_t bytes)
{
	time_t *last = user;
	time_t now = time(NULL);

	if (now == *last)
		return 0;
	*last = now;
	fprintf(stderr, "\r%" PRIu64 " files, %" PRIu64 " MB ", files, bytes >> 20);
	return 0;
}

struct told {
	struct integrity_print *print;
	time_t last;
	bool progress;
};

static int tell(void *user, const struct fim_change *c)
{
	struct told *t = user;

	if (t->progress && t->last) {
		fprintf(stderr, "\r%40s\r", "");
		t->last = 0;
	}
	return integrity_print_change(t->print, c);
}

static int tell_progress(void *user, uint64_t files, uint64_t bytes)
{
	struct told *t = user;

	return t->progress ? show_progress(&t->last, files, bytes) : 0;
}

static int send_baseline(struct work *w, int to)
{
	own(buf_release) struct buf bytes = BUF(STORE_MAX);
	int r = fim_dump(w->fim, &bytes);

	return r < 0 ? r : file_write_all(to, buf_view(&bytes));
}

/* Paths that were named and have no difference are named in turn. */
static int accept_paths(struct work *w)
{
	int code = EXIT_OK;
	size_t n = 0;

	if (w->all_paths)
		n = fim_accept(w->fim, NULL);
	for (int i = 0; i < w->n_paths; i++) {
		size_t found = fim_accept(w->fim, w->paths[i]);

		if (!found)
			cli_error("%s: no difference here to be accepted", w->paths[i]);
		code = found ? code : EXIT_FAILED;
		n += found;
	}
	printf("%zu differences accepted\n", n);
	return code;
}

static bool has_baseline(const struct work *w)
{
	uint64_t number;
	int64_t time;
	char seal[65];

	fim_identity(w->fim, &number, &time, seal);
	return number > 0;
}

/* In the process that can do nothing but read. Exit code. */
static int compare(struct work *w, int to)
{
	struct told told = { .print = &w->print, .progress = isatty(STDERR_FILENO) };
	int code = EXIT_OK, r;

	w->print.list = w->print.json ? json_array() : NULL;
	if (w->job != JOB_ACCEPT)
		r = fim_start(w->fim, tell, tell_progress, &told);
	else
		r = fim_start(w->fim, NULL, NULL, NULL);
	if (told.last)
		fprintf(stderr, "\r%40s\r", "");
	if (r == 0 && w->job == JOB_ACCEPT)
		code = accept_paths(w);
	if (r == 0 && w->job != JOB_CHECK)
		r = send_baseline(w, to);
	if (r == 0 && w->job != JOB_ACCEPT)
		r = integrity_print_end(&w->print, w->fim);
	if (r == -EPIPE)
		return EXIT_FAILED;
	if (r < 0) {
		cli_error("integrity: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return w->job == JOB_CHECK && w->print.any ? EXIT_FINDINGS : code;
}

static int child(struct work *w, int to)
{
	own(close_fd) int fd = open(w->root ? w->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct sandbox_path paths[] = {
		{fd, SANDBOX_READ},
	};
	struct sandbox_state state;
	int r = prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0) < 0 || fd < 0 ? -errno : 0;

	/* Its clock reads /etc/localtime, and stdio asks the system once. */
	tzset();
	if (r == 0)
		r = sandbox_enter(SANDBOX_COLLECT, paths, COUNT(paths), &state);
	if (r < 0) {
		cli_error("cannot enter the sandbox: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return compare(w, to);
}

/* What the child found is stored by the process that may write and has read none of it. */
static int store(const struct work *w, int from, pid_t pid)
{
	own(buf_release) struct buf bytes = BUF(STORE_MAX);
	int r = file_read_rest(from, &bytes), status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status)) {
		cli_error("integrity: the process that compares ended with signal %d",
			  WTERMSIG(status));
		return EXIT_FAILED;
	}
	if (w->job == JOB_CHECK || !bytes.len)
		return WEXITSTATUS(status);
	if (r == 0)
		r = fim_store(w->database, buf_view(&bytes));
	if (r < 0)
		cli_error("%s: cannot write the baseline: %s", w->database, strerror(-r));
	return r < 0 ? EXIT_FAILED : WEXITSTATUS(status);
}

static int run_apart(struct work *w)
{
	int ends[2], code;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		cli_error("integrity: %s", strerror(errno));
		return EXIT_FAILED;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		code = child(w, ends[1]);
		fflush(stdout);
		_exit(ferror(stdout) ? EXIT_FAILED : code);
	}
	close(ends[1]);
	if (pid < 0) {
		cli_error("integrity: %s", strerror(errno));
		close(ends[0]);
		return EXIT_FAILED;
	}
	code = store(w, ends[0], pid);
	close(ends[0]);
	return code;
}

static int parse_job(struct work *w, int n, char **argv)
{
	static const char *const words[] = { "baseline", "check", "accept" };

	for (size_t i = 0; n > 0 && i < COUNT(words); i++)
		if (!strcmp(argv[1], words[i])) {
			w->job = (enum job)i;
			w->paths = argv + 2;
			w->n_paths = n - 1;
			break;
		}
	if (!w->paths) {
		cli_error("integrity: baseline, check or accept? (see: holdfast help integrity)");
		return EXIT_USAGE;
	}
	if (w->job == JOB_BASELINE && w->n_paths) {
		cli_error("integrity baseline takes no path: what is watched stands in %s", CONFIG);
		return EXIT_USAGE;
	}
	if (w->job == JOB_CHECK && w->n_paths > 1) {
		cli_error("integrity check takes one path at most");
		return EXIT_USAGE;
	}
	if (w->packages && w->job != JOB_CHECK) {
		cli_error("--packages goes with integrity check");
		return EXIT_USAGE;
	}
	if (w->job == JOB_ACCEPT && !w->n_paths == !w->all_paths) {
		cli_error("integrity accept takes paths, or --all-paths");
		return EXIT_USAGE;
	}
	for (int i = 0; i < w->n_paths; i++)
		if (w->paths[i][0] != '/') {
			cli_error("%s: a path below the root begins with '/'", w->paths[i]);
			return EXIT_USAGE;
		}
	w->print.under = w->job == JOB_CHECK && w->n_paths ? w->paths[0] : NULL;
	return EXIT_OK;
}

static unsigned severity_of(const char *word)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };
	unsigned i = 0;

	while (i < COUNT(words) - 1 && strcmp(words[i], word) != 0)
		i++;
	return i;
}

/* The folder of the default database is root's alone. */
static int make_folder(const struct work *w)
{
	if (strcmp(w->database, DATABASE) != 0 || w->job != JOB_BASELINE ||
	    mkdir(FOLDER, 0700) == 0 || errno == EEXIST)
		return EXIT_OK;
	cli_error("%s: %s", FOLDER, strerror(errno));
	return EXIT_FAILED;
}

static int work(struct work *w)
{
	int code = read_config(w);

	if (code == EXIT_OK)
		code = make_folder(w);

	if (code == EXIT_OK)
		code = open_sensor(w);
	if (code == EXIT_OK && w->job != JOB_BASELINE && !w->packages && !has_baseline(w)) {
		cli_error("%s: there is no baseline yet (holdfast integrity baseline makes one; "
			  "check --packages does without)",
			  w->database);
		code = EXIT_FAILED;
	}
	if (code == EXIT_OK)
		code = run_apart(w);
	fim_release(&w->fim);
	json_decref(w->print.list);
	arena_release(&w->arena);
	return code;
}

static int run(const struct verb *v, int argc, char **argv)
{
	const char *format = "text", *fail_on = "low";
	struct work w = { .database = DATABASE, .parsed = fim_config_default };
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "root", .letter = 'r', .value = "DIR", .text = &w.root,
		  .help = "look at the machine whose root file system is mounted there" },
		{ .name = "database", .letter = 'd', .value = "FILE", .text = &w.database,
		  .help = "the baseline (default " DATABASE ")" },
		{ .name = "key",
		  .value = "FILE",
		  .text = &w.key,
		  .help = "what seals the baseline: 32 bytes, mode 600 (default: the baseline's "
			  "name with .key behind it)" },
		{ .name = "config",
		  .value = "FILE",
		  .text = &w.config,
		  .help = "what is watched (default " CONFIG ", not with --root)" },
		{ .name = "packages",
		  .flag = &w.packages,
		  .help = "check: compare with the digests of installed packages, without a "
			  "baseline" },
		{ .name = "trust",
		  .flag = &w.trust,
		  .help = "baseline: do not look at the digests of packages" },
		{ .name = "all",
		  .letter = 'a',
		  .flag = &w.print.all,
		  .help = "show what packages have brought, too" },
		{ .name = "all-paths",
		  .flag = &w.all_paths,
		  .help = "accept: every difference" },
		{ .name = "fail-on",
		  .value = "SEVERITY",
		  .words = "info low medium high critical",
		  .text = &fail_on,
		  .help = "check: exit code 1 for differences from this severity on (default "
			  "low)" },
		{ .name = "format",
		  .letter = 'f',
		  .value = "FORMAT",
		  .words = "text json",
		  .text = &format,
		  .help = "text (default) or json" },
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv), code;

	if (n < 0)
		return cli_exit(n);
	w.print.json = format[0] == 'j';
	w.print.least = severity_of(fail_on);
	code = parse_job(&w, n, argv);
	return code == EXIT_OK ? work(&w) : code;
}

/* clang-format off */
const struct verb verb_integrity = {
	.name = "integrity",
	.args = "baseline|check|accept [PATH]...",
	.summary = "Tell what has changed in the files that intruders change",
	.detail =
		"baseline reads accounts, keys, sudoers, configuration of sshd and PAM, jobs,\n"
		"units, programs, files that run as root, web roots and more, and keeps their\n"
		"digests; files that differ from their package are named. check tells what differs\n"
		"from it: the file, the account, the key or the line. accept makes what is there now\n"
		"part of the baseline.\n"
		"What a package manager brought is told apart by the digests of the package.\n"
		"The baseline is sealed with a key: who cannot read the key cannot forge it. Note\n"
		"number and seal somewhere else, or keep the key there, against who has become root.\n"
		"Exit code 1: check found differences.",
	.examples = {
		{ "holdfast integrity baseline", "begin" },
		{ "holdfast integrity check", "what has changed since" },
		{ "holdfast integrity accept /etc/cron.d/backup", "that change was mine" },
		{ "holdfast integrity check --packages --root /mnt",
		  "a disk of which there is no baseline" },
		{ "holdfast integrity check --root /mnt --database vm1.db --key /media/usb/vm1.key",
		  "a disk against its baseline, with a key that was never on it" },
	},
	.run = run,
};
/* clang-format on */
