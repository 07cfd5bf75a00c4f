/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hashes are read and tried by a process of its own, which can open nothing but the files of the
 * machine for reading; what it found goes through a pipe to the one that may write.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/sandbox.h"
#include "cli/accounts_audit_work.h"
#include "cli/output.h"

#define FOLDER "/var/lib/holdfast"
#define BUDGET_DEFAULT 900
#define WORDS_FILE_MAX ((size_t)1 << 20)
#define OUTCOME_MEMORY ((size_t)512 << 20)

struct work {
	const struct accounts_audit *a;
	struct audit_options o;
	struct breach breach;
	struct arena arena;
	struct str words, passdb;
	struct audit_load load;
	struct audit *audit;
	struct audit_plan plan;
	struct audit_bar bar;
};

static void work_release(struct work *w)
{
	audit_release(&w->audit);
	audit_load_release(&w->load);
	breach_release(&w->breach);
	if (w->passdb.len)
		explicit_bzero((char *)w->passdb.ptr, w->passdb.len);
	arena_release(&w->arena);
}

static volatile sig_atomic_t interrupted;
static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

void audit_outcome_release(struct audit_outcome *o)
{
	json_decref(o->json);
	arena_release(&o->arena);
	*o = (struct audit_outcome){};
}

static int add_row(const struct audit_outcome *o, const struct audit_row *row, sqlite3_stmt *st)
{
	bool bad = store_bind_text(st, 1, row->name) != SQLITE_OK ||
		   store_bind_text(st, 2, str_of(candidate_kind_name(row->kind))) != SQLITE_OK ||
		   sqlite3_bind_int64(st, 3, (sqlite3_int64)row->within) != SQLITE_OK ||
		   store_bind_text(st, 4, row->hash) != SQLITE_OK ||
		   store_bind_text(st, 5, row->store) != SQLITE_OK ||
		   sqlite3_bind_int64(st, 6, o->record.time) != SQLITE_OK ||
		   sqlite3_step(st) != SQLITE_DONE;

	sqlite3_reset(st);
	return bad ? -EIO : 0;
}

int audit_store(const struct audit_outcome *o, struct store *store)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int r = 0;

	if (!o->record.n)
		return 0;
	if (sqlite3_prepare_v2(
		    store->db,
		    "INSERT INTO weak_passwords (username, kind, tries, hash_algorithm, "
		    "store, audited) SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 "
		    "FROM weak_passwords WHERE username = ?1 AND store = ?5)",
		    -1, &st, NULL) != SQLITE_OK)
		return -EIO;
	for (size_t i = 0; r == 0 && i < o->record.n; i++)
		if (o->record.rows[i].state == AUDIT_WEAK)
			r = add_row(o, &o->record.rows[i], st);
	return r;
}

int audit_add_json(const struct audit_outcome *o, struct buf *doc)
{
	json_t *whole;
	char *text;
	int r = 0;

	if (!o->json)
		return 0;
	whole = json_loadb(doc->ptr, doc->len, 0, NULL);
	if (!whole || json_object_set(whole, "audit", o->json) < 0)
		r = -ENOMEM;
	text = r == 0 ? json_dumps(whole, JSON_INDENT(1) | JSON_ENSURE_ASCII) : NULL;
	if (r == 0 && !text)
		r = -ENOMEM;
	if (r == 0) {
		buf_reset(doc);
		(void)!buf_puts(doc, text);
		r = buf_putc(doc, '\n');
	}
	free(text);
	json_decref(whole);
	return r;
}

static int parse_options(struct work *w)
{
	const struct accounts_audit *a = w->a;
	uint64_t tries = CANDIDATES_DEFAULT;

	w->o.budget = BUDGET_DEFAULT;
	if (a->tries &&
	    (str_to_u64(str_of(a->tries), 10, &tries) < 0 || !tries || tries > CANDIDATES_MAX)) {
		cli_error("--tries is a number from 1 to %d", CANDIDATES_MAX);
		return EXIT_USAGE;
	}
	w->o.tries = tries;
	if (a->budget && audit_seconds(str_of(a->budget), &w->o.budget) < 0) {
		cli_error("--budget is a time like 90s, 15m or 2h (0: none), not '%s'", a->budget);
		return EXIT_USAGE;
	}
	if (a->slowest &&
	    (audit_seconds(str_of(a->slowest), &w->o.slowest) < 0 || w->o.slowest <= 0)) {
		cli_error("--slowest is a time like 0.5s or 3s, not '%s'", a->slowest);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static bool is_foreign(const struct accounts_audit *a)
{
	char real[PATH_MAX];

	return a->root && (!realpath(a->root, real) || strcmp(real, "/") != 0);
}

static int may_run(const struct accounts_audit *a)
{
	bool foreign = is_foreign(a);

	if (foreign && !a->own) {
		cli_error("passwords are tried on machines of your own only: "
			  "if the one below %s is yours, add --i-own-this",
			  a->root);
		return EXIT_USAGE;
	}
	if (!foreign && geteuid() != 0) {
		cli_error("--audit-passwords needs root: only root may read the hashes");
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int read_file(const char *path, size_t max, struct arena *a, struct str *ret)
{
	int r = path ? file_read(path, max, a, ret) : 0;

	if (r < 0)
		cli_error("%s: %s", path, file_error(r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

/* Files that the user names; they are not below the root. */
static int read_files(struct work *w)
{
	const struct accounts_audit *a = w->a;
	struct diag d = {};
	char text[600];
	int code;

	w->arena.limit = OUTCOME_MEMORY;
	code = read_file(a->words, WORDS_FILE_MAX, &w->arena, &w->words);
	if (code == EXIT_OK)
		code = read_file(a->passdb, OUTCOME_MEMORY / 2, &w->arena, &w->passdb);
	if (code != EXIT_OK || !a->breaches)
		return code;
	if (breach_open(a->breaches, &w->breach, &d) < 0) {
		cli_error("%s", diag_text(&d, text, sizeof text));
		return EXIT_FAILED;
	}
	w->o.breaches = &w->breach;
	return EXIT_OK;
}

/* Others go before, on the processors as well as on the disks. What is refused does no harm. */
static void step_back(const struct accounts_audit *a)
{
	const struct sched_param none = {};
	const char *word = a->priority ? a->priority : "idle";

	if (!strcmp(word, "normal"))
		return;
	(void)!setpriority(PRIO_PROCESS, 0, 19);
	(void)!syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	if (!strcmp(word, "idle"))
		(void)!sched_setscheduler(0, SCHED_IDLE, &none);
}

static int confine(struct work *w, const char *root)
{
	const struct rlimit none = {};
	own(close_fd) int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct sandbox_path paths[] = {
		{fd,            SANDBOX_READ},
		{ w->breach.fd, SANDBOX_READ},
	};
	struct sandbox_state state;
	int r;

	if (fd < 0) {
		cli_error("%s: %s", root, strerror(errno));
		return -errno;
	}
	(void)!setrlimit(RLIMIT_CORE, &none);
	tzset();
	r = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0;
	if (r == 0)
		r = sandbox_enter(SANDBOX_COLLECT, paths, w->breach.folder ? 2 : 1, &state);
	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	return r;
}

static int progress(void *user, double share, double left, size_t weak)
{
	struct work *w = user;

	audit_draw(&w->bar, share, left, weak);
	return interrupted;
}

/* On a terminal somebody must say yes. */
static bool agreed(const struct work *w)
{
	char answer[16] = "";

	if (w->a->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fprintf(stderr, "Try these passwords on the accounts of this machine? [y/N] ");
	fflush(stderr);
	return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int send_record(struct work *w, const struct audit_result *result, int to, int64_t now)
{
	json_t *record =
		record_make(w->load.accounts, w->load.n, &w->plan, result, w->o.tries, now);
	int r = record ? json_dumpfd(record, to, JSON_COMPACT) : -1;

	json_decref(record);
	if (r < 0)
		cli_error("what was found could not be passed on");
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int load(struct work *w, const struct root *root, int64_t now)
{
	int r = audit_load_words(&w->load, w->words);

	if (r == 0)
		r = audit_load(&w->load, root, now);
	if (r == 0 && w->passdb.len)
		r = audit_load_samba(&w->load, w->a->passdb, w->passdb);
	if (r == -ENOMEM)
		cli_error("the files of accounts are too large");
	return r;
}

/* In the process of its own. */
static int child(struct work *w, int to)
{
	const char *path = w->a->root ? w->a->root : "/";
	own(root_release) struct root root = ROOT_NONE;
	struct audit_result result;
	int64_t now = time(NULL);
	int r = root_open(path, !is_foreign(w->a), &root);

	if (r < 0) {
		cli_error("%s: %s", path, strerror(-r));
		return EXIT_FAILED;
	}
	step_back(w->a);
	w->bar.term = term_of(STDERR_FILENO);
	if (confine(w, path) < 0 || load(w, &root, now) < 0)
		return EXIT_FAILED;
	w->o.host = w->load.host;
	w->o.progress = progress;
	w->o.user = w;
	r = audit_prepare(&w->o, w->load.accounts, w->load.n, &w->audit, &w->plan);
	if (r < 0) {
		cli_error("the audit cannot start: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (w->plan.accounts)
		audit_print_plan(&w->plan, w->o.tries, w->o.budget,
				 w->a->priority ? w->a->priority : "idle");
	if (w->plan.accounts && !agreed(w)) {
		cli_error("nothing was tried");
		return EXIT_FAILED;
	}
	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	r = audit_run(w->audit, &result);
	audit_erase(&w->bar);
	if (r < 0) {
		cli_error("the audit failed: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return send_record(w, &result, to, now);
}

/* Runs child() apart; what it sends. Exit code. */
static int run_apart(struct work *w, struct buf *bytes)
{
	int ends[2], status = 0, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		cli_error("%s", strerror(errno));
		return EXIT_FAILED;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int code;

		close(ends[0]);
		code = child(w, ends[1]);
		work_release(w);
		_exit(code);
	}
	close(ends[1]);
	/* The child decides what an interruption leaves. */
	signal(SIGINT, SIG_IGN);
	r = pid < 0 ? -errno : file_read_rest(ends[0], bytes);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, SIG_DFL);
	if (r < 0)
		cli_error("the audit failed: %s", strerror(-r));
	else if (WIFSIGNALED(status))
		cli_error("the process of the audit ended with signal %d", WTERMSIG(status));
	return r < 0 || !WIFEXITED(status) ? EXIT_FAILED : WEXITSTATUS(status);
}

/* A machine that cannot be written to has been audited all the same. */
static void keep(struct str record)
{
	struct output out;

	if (mkdir(FOLDER, 0700) < 0 && errno != EEXIST) {
		cli_error("%s: %s (the result is not kept)", FOLDER, strerror(errno));
		return;
	}
	if (output_open(&out, RECORD_PATH) == EXIT_OK)
		(void)!output_finish(&out, record);
}

static int understand(struct str text, struct audit_outcome *ret)
{
	struct diag d = {};
	char shown[600];
	int r;

	ret->arena.limit = OUTCOME_MEMORY;
	r = record_parse(text, &ret->arena, &ret->record, &d);
	ret->json = r == 0 ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
	if (r == 0 && ret->json) {
		record_strip(ret->json);
		return EXIT_OK;
	}
	cli_error("the audit sent no result: %s", diag_text(&d, shown, sizeof shown));
	return EXIT_FAILED;
}

int accounts_audit(const struct accounts_audit *a, struct audit_outcome *ret)
{
	own(work_release) struct work w = { .a = a, .breach = BREACH_NONE };
	own(buf_release) struct buf bytes = BUF(RECORD_MAX);
	own(audit_outcome_release) struct audit_outcome outcome = {};
	int code = parse_options(&w);

	if (code == EXIT_OK)
		code = may_run(a);
	if (code == EXIT_OK)
		code = read_files(&w);
	if (code == EXIT_OK)
		code = run_apart(&w, &bytes);
	if (code == EXIT_OK)
		code = understand(buf_view(&bytes), &outcome);
	if (code != EXIT_OK)
		return code;
	if (!is_foreign(a))
		keep(buf_view(&bytes));
	for (size_t i = 0; i < outcome.record.n; i++)
		if (outcome.record.rows[i].state == AUDIT_WEAK ||
		    outcome.record.rows[i].state == AUDIT_EMPTY)
			code = EXIT_FINDINGS;
	*ret = take(outcome);
	return code;
}
