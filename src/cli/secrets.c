/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets: passwords and keys that lie about in histories, settings and environments. */
#include "cli/secrets.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "secrets/rules.h"

#define ITEMS_MAX 1'000'000
#define LIST_BYTES ((size_t)1 << 30)

struct work {
	const char *root, *rules;
	bool fix;
	struct secrets_fix change;
	char **paths;
	int n_paths;
	bool json;
	struct secrets_list list;
};

struct child {
	const struct work *w;
	int to;
	struct root root, proc;
	struct secrets *secrets;
	struct user_rules *rules;
	struct arena arena;
	time_t shown;
	bool progress;
};

static int send_found(void *user, const struct place_finding *f)
{
	const struct child *c = user;

	return report_secret(c->to, f);
}

static void send_problem(void *user, const char *path, int error, const char *what)
{
	const struct child *c = user;

	(void)report_problem(c->to, path, error, what);
}

static void show_progress(void *user, const struct place *p)
{
	struct child *c = user;
	time_t now = time(NULL);

	if (now == c->shown)
		return;
	if (c->shown)
		fprintf(stderr, "\r%" PRIu64 " files, %" PRIu64 " MB ", p->files, p->bytes >> 20);
	c->shown = now;
}

static void note_rule(void *user, unsigned line, const char *reason)
{
	const struct child *c = user;
	char shown[600];

	cli_error("%s:%u: %s", c->w->rules, line, text_safe(str_of(reason), shown, sizeof shown));
}

static int read_rules(struct child *c)
{
	struct diag d = {};
	struct str text;
	int r;

	if (!c->w->rules)
		return 0;
	r = file_read(c->w->rules, USER_RULES_BYTES, &c->arena, &text);
	if (r < 0) {
		cli_error("%s: %s", c->w->rules, file_error(r));
		return r;
	}
	r = user_rules_parse(text, &c->arena, note_rule, c, &c->rules, &d);
	if (r < 0 && d.reason[0])
		note_rule(c, d.line, d.reason);
	else if (r < 0)
		cli_error("%s: %s", c->w->rules, strerror(-r));
	return r;
}

static int enter(struct child *c)
{
	const struct sandbox_path paths[] = {
		{c->root.fd, SANDBOX_READ},
	};
	struct sandbox_state state;
	/* Landlock hides other processes' environments. */
	bool live = !c->w->root && !c->w->n_paths;
	int r = prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0) < 0 ? -errno : 0;

	tzset();
	if (r >= 0)
		r = sandbox_enter(live ? SANDBOX_PROCESS : SANDBOX_COLLECT, paths, COUNT(paths),
				  &state);
	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	return r;
}

/* As the user names it, from the folder that it was started in. */
static int look_path(struct place *p, const struct work *w, const char *path)
{
	struct str full = str_of(path);
	char *here;

	if (!w->root && path[0] != '/') {
		here = getcwd(NULL, 0);
		full = here ? arena_fmt(&p->arena, "%s/%s", here, path) : (struct str){};
		free(here);
	}
	return full.ptr ? place_path(p, full.ptr) : -ENOMEM;
}

static int look(struct child *c)
{
	struct place p = { .root = &c->root,
			   .secrets = c->secrets,
			   .found = send_found,
			   .problem = send_problem,
			   .progress = c->progress ? show_progress : NULL,
			   .user = c };
	int r = 0;

	for (int i = 0; r >= 0 && i < c->w->n_paths; i++)
		r = look_path(&p, c->w, c->w->paths[i]);
	if (!c->w->n_paths)
		r = place_machine(&p);
	if (r >= 0 && !c->w->n_paths && c->proc.path)
		r = place_processes(&p, &c->proc);
	if (c->progress && c->shown)
		fprintf(stderr, "\r%40s\r", "");
	if (r >= 0)
		r = report_end(c->to, &p);
	place_release(&p);
	return r;
}

static int child(const struct work *w, int to)
{
	struct child c = { .w = w,
			   .to = to,
			   .root = ROOT_NONE,
			   .proc = ROOT_NONE,
			   .progress = isatty(STDERR_FILENO) };
	int r = root_open(w->root ? w->root : "/", !w->root, &c.root);

	if (r < 0) {
		cli_error("%s: %s", w->root ? w->root : "/", strerror(-r));
		return EXIT_FAILED;
	}
	if (!w->root && !w->n_paths && root_open("/proc", true, &c.proc) < 0)
		c.proc = ROOT_NONE;
	r = read_rules(&c);
	if (r < 0)
		return EXIT_USAGE;
	r = secrets_new(c.rules, &c.secrets);
	if (r >= 0 && enter(&c) < 0)
		return EXIT_FAILED;
	if (r >= 0)
		r = look(&c);
	if (r < 0)
		cli_error("secrets: %s", strerror(-r));
	secrets_release(&c.secrets);
	arena_release(&c.arena);
	root_release(&c.proc);
	root_release(&c.root);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int keep(struct secrets_list *l, const struct report_item *got)
{
	struct report_item item = *got;

	if (item.r.type == REPORT_END) {
		l->end = item.r;
		return 0;
	}
	if (l->n + l->n_problems >= ITEMS_MAX)
		return -E2BIG;
	if (l->n && str_eq(l->items[l->n - 1].path, item.path))
		item.path = l->items[l->n - 1].path;
	else
		item.path = arena_str(&l->arena, item.path);
	if (!item.path.ptr)
		return -ENOMEM;
	return item.r.type == REPORT_SECRET
		       ? arena_push(&l->arena, l->items, l->n, l->cap, item)
		       : arena_push(&l->arena, l->problems, l->n_problems, l->problems_cap, item);
}

static int receive(struct secrets_list *l, int from)
{
	static char room[256 << 10];
	size_t have = 0;

	for (;;) {
		ssize_t n = read(from, room + have, sizeof room - have);
		struct report_item item;
		struct str rest;
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : have ? -EBADMSG : 0;
		rest = (struct str){ room, have + (size_t)n };
		while ((r = report_next(&rest, &item)) > 0) {
			r = keep(l, &item);
			if (r < 0)
				return r;
		}
		if (r < 0)
			return r;
		have = rest.len;
		memmove(room, rest.ptr, have);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct report_item *x = a, *y = b;
	int order = str_cmp(x->path, y->path);

	if (order)
		return order;
	return x->r.offset < y->r.offset ? -1 : x->r.offset > y->r.offset;
}

/* What is read by a process that can do nothing else; this one sees masks only. Exit code. */
static int collect(struct work *w)
{
	int ends[2], r, status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return cli_error("secrets: %s", strerror(errno)), EXIT_FAILED;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(child(w, ends[1]));
	}
	close(ends[1]);
	if (pid < 0) {
		cli_error("secrets: %s", strerror(errno));
		close(ends[0]);
		return EXIT_FAILED;
	}
	r = receive(&w->list, ends[0]);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status)) {
		cli_error("secrets: the process that reads ended with signal %d", WTERMSIG(status));
		return EXIT_FAILED;
	}
	if (r < 0) {
		cli_error("secrets: %s",
			  r == -E2BIG ? "more than a million findings" : strerror(-r));
		return EXIT_FAILED;
	}
	if (w->list.n)
		qsort(w->list.items, w->list.n, sizeof *w->list.items, by_place);
	return WEXITSTATUS(status);
}

static int work(struct work *w)
{
	const struct rlimit none = {};
	int code, fixed;

	/* What is read here must not lie about in a core file. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	w->change.root = w->list.root = w->root;
	w->change.json = w->json;
	w->list.now = time(NULL);
	w->list.arena.limit = LIST_BYTES;
	code = collect(w);
	if (code == EXIT_OK) {
		code = secrets_print(&w->list, w->json);
		if (w->fix && code != EXIT_FAILED) {
			fixed = secrets_fix_all(&w->change, &w->list);
			code = fixed == EXIT_OK ? code : fixed;
		}
	}
	arena_release(&w->list.arena);
	return code;
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct work w = {};
	const char *format = "text";
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "root", .letter = 'r', .value = "DIR", .text = &w.root,
		  .help = "look at the machine whose root file system is mounted there; PATH is below it" },
		{ .name = "rules", .value = "FILE", .text = &w.rules,
		  .help = "rules of your own as well: TOML as gitleaks has it" },
		{ .name = "fix", .flag = &w.fix,
		  .help = "take secrets out of histories, close private files to others; shows what it "
			  "would do and asks" },
		{ .name = "yes", .letter = 'y', .flag = &w.change.yes, .help = "--fix: do not ask" },
		{ .name = "format", .letter = 'f', .value = "FORMAT", .words = "text json",
		  .text = &format, .help = "text (default) or json" },
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	w.json = format[0] == 'j';
	w.paths = argv + 1;
	w.n_paths = n;
	if (w.change.yes && !w.fix) {
		cli_error("--yes goes with --fix");
		return EXIT_USAGE;
	}
	return work(&w);
}

/* clang-format off */
const struct verb verb_secrets = {
	.name = "secrets",
	.args = "[PATH]...",
	.summary = "Find passwords and keys that lie about in files",
	.detail =
		"Without PATH it looks where secrets lie about on a machine: histories of shells and\n"
		"databases, credentials of clouds and tools, keys without a pass phrase, .env files,\n"
		"configuration of web sites, jobs, units, user-data of the cloud, environments of\n"
		"processes. With PATH it looks at every file below. Commands are read as their programs\n"
		"read them, tokens by their form and checksum; variables, placeholders, hashes and the\n"
		"examples of manuals are none. Only the first and last two characters are ever shown.\n"
		"--fix replaces secrets in histories by ******** and closes private files to others. It\n"
		"keeps what was there in the journal of `holdfast changes`, readable by its owner alone;\n"
		"`holdfast undo` brings it back.\n"
		"Exit code 1: there are secrets.",
	.examples = {
		{ "sudo holdfast secrets", "what lies about on this machine" },
		{ "holdfast secrets ~/projects", "every file below" },
		{ "sudo holdfast secrets --fix", "take secrets out of histories, after asking" },
		{ "sudo holdfast undo", "that was one too many" },
		{ "sudo holdfast secrets --root /mnt --format json", "a mounted disk" },
	},
	.run = run,
};
/* clang-format on */
