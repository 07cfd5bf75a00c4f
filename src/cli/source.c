/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>

#include "base/sandbox.h"
#include "base/term.h"
#include "cli/source.h"
#include "cli/source_cache.h"
#include "facts/azure/azure.h"
#include "facts/worker.h"
#include "vuln/feeds.h"

#define PROBLEMS_SHOWN 10

struct display {
	struct term term;
	int64_t start, shown;
};

static void show(void *user, unsigned done, unsigned all, uint64_t files)
{
	struct display *d = user;
	int64_t now = monotonic_ms();

	if (!d->term.tty || now - d->start < 1000 || now - d->shown < 100)
		return;
	d->shown = now;
	fprintf(stderr, "\r\033[Kcollecting: %u of %u tables, %llu files", done, all,
		(unsigned long long)files);
}

void source_release(struct source *s)
{
	cli_list_release(&s->azure);
	store_release(&s->schema);
}

int source_azure_args(struct source *s, const struct verb *v, int first, int n, char **argv)
{
	if (n >= first && !s->azure.n) {
		cli_error("%s takes no %sarguments (see: holdfast help %s)", v->name,
			  first > 1 ? "further " : "", v->name);
		return EXIT_USAGE;
	}
	for (int i = first; i <= n; i++)
		if (cli_list_add(&s->azure, argv[i]) < 0) {
			cli_error("out of memory");
			return EXIT_FAILED;
		}
	return EXIT_OK;
}

static int conflicts(const struct source *s)
{
	if (s->facts && (s->root || s->proc || s->quick)) {
		cli_error("--facts cannot be combined with --root, --proc or --quick");
		return EXIT_USAGE;
	}
	if (s->facts && s->azure.n) {
		cli_error("--facts cannot be combined with --azure: collect both together");
		return EXIT_USAGE;
	}
	if (s->proc && !s->root) {
		cli_error("--proc needs --root");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

/* Where nobody asked for them, advisories that cannot be read leave their tables unknown. */
static int open_advisories(const struct source *s, struct index *ret, struct diag *d)
{
	const char *given = s->feeds ? s->feeds : getenv("HOLDFAST_FEEDS");
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof path, "%s/index", given && given[0] ? given : FEEDS_DIR);
	r = index_open(path, ret, d);
	if (r == -ENOENT && s->feeds) {
		*d = (struct diag){};
		return diag_set(d, r, path, 0,
				"there is no index of advisories (see: holdfast feed)");
	}
	return r == -ENOENT && !s->feeds ? 0 : r < 0 ? r : 1;
}

static int collect(const struct source *s, struct store *store, struct snapshot_result *ret,
		   struct diag *d)
{
	struct display display = { .term = term_of(STDERR_FILENO), .start = monotonic_ms() };
	own(azure_inputs_release) struct azure_inputs azure = {};
	struct snapshot_options o = {
		.root = s->root,
		.proc = s->proc,
		.quick = s->quick,
		.wanted = s->wanted,
		.over = s->over,
		.azure = s->azure.n ? &azure : NULL,
		.metadata_url = s->metadata_url ? s->metadata_url : getenv("HOLDFAST_METADATA_URL"),
		.progress = show,
		.progress_user = &display,
	};
	own(index_release) struct index advisories = {};
	own(source_cache_release) struct source_cache cache = SOURCE_CACHE_NONE;
	struct diag ignored = {};
	int r = s->azure.n ? azure_inputs_open(s->azure.items, s->azure.n, &azure, d) : 0;

	if (r >= 0) {
		r = open_advisories(s, &advisories, s->feeds ? d : &ignored);
		o.advisories = r > 0 ? &advisories : NULL;
		o.advisories_error = MIN(r, 0);
		if (!s->feeds)
			r = 0;
	}
	o.inventory = source_cache_open(&cache, s);
	if (r >= 0)
		r = snapshot_collect(&o, store, ret, d);
	if (r >= 0)
		source_cache_store(&cache);
	if (display.shown)
		fprintf(stderr, "\r\033[K");
	return r;
}

/* What is wrong in the files of Azure: it is unknown in the tables. */
static void print_problems(struct store *store)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	unsigned n = 0;
	int rc = sqlite3_prepare_v2(store->db, "SELECT file, line, reason FROM azure_problems", -1,
				    &st, NULL);

	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		struct str file = store_text(st, 0), reason = store_text(st, 2);

		if (n++ < PROBLEMS_SHOWN)
			cli_error("%.*s:%lld: %.*s", STR_FMT(file),
				  (long long)sqlite3_column_int64(st, 1), STR_FMT(reason));
	}
	if (n > PROBLEMS_SHOWN)
		cli_error("and %u more, see the table azure_problems", n - PROBLEMS_SHOWN);
}

static void add_folder(const char *path, unsigned access, struct sandbox_path *paths, size_t *n)
{
	int fd = path && path[0] ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0)
		paths[(*n)++] = (struct sandbox_path){ fd, access };
}

static void add_folder_of(const char *file, struct sandbox_path *paths, size_t *n)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s", file);
	add_folder(dirname(path), SANDBOX_READ, paths, n);
}

static int enter(struct source *s, struct sandbox_path *paths, size_t used)
{
	struct sandbox_state state;
	int r = sandbox_enter(SANDBOX_EVALUATE, paths, used, &state);

	while (used)
		close(paths[--used].fd);
	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	s->confined = r >= 0;
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int source_confine(struct source *s, const char *const writable[], size_t n)
{
	own(free_ptr) struct sandbox_path *paths = calloc(n + s->n_more + 1, sizeof *paths);
	size_t used = 0;

	if (s->confined)
		return EXIT_OK;
	if (!paths) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < n; i++)
		add_folder(writable[i], SANDBOX_READ | SANDBOX_WRITE, paths, &used);
	if (s->facts)
		add_folder_of(s->facts, paths, &used);
	for (size_t i = 0; i < s->n_more; i++)
		add_folder_of(s->more[i], paths, &used);
	return enter(s, paths, used);
}

static int take_schema(struct source *s, struct store *ret)
{
	if (!s->schema.db)
		return store_open(ret);
	*ret = take(s->schema);
	return store_errno(sqlite3_set_authorizer(ret->db, NULL, NULL));
}

int source_load(struct source *s, struct store *ret, struct snapshot_result *ret_result)
{
	own(store_release) struct store store = {};
	struct snapshot_result result = {};
	struct diag d = {};
	char text[600];
	int r = conflicts(s);

	/* What reads a file that others wrote does so in the sandbox. */
	if (r == EXIT_OK && s->facts)
		r = source_confine(s, NULL, 0);
	if (r)
		return r;
	r = take_schema(s, &store);
	if (r >= 0)
		r = s->facts ? store_load(&store, s->facts, &d) : collect(s, &store, &result, &d);
	if (r < 0) {
		if (!d.reason[0])
			diag_set(&d, r, NULL, 0, "%s", strerror(-r));
		cli_error("%s", diag_text(&d, text, sizeof text));
		return EXIT_FAILED;
	}
	if (s->azure.n)
		print_problems(&store);
	*ret = take(store);
	*ret_result = result;
	return EXIT_OK;
}

static int note_table(void *user, int op, const char *a, const char *b, const char *c,
		      const char *d)
{
	bool *wanted = user;

	(void)b, (void)c, (void)d;
	for (size_t i = 0; op == SQLITE_READ && i < n_collectors; i++)
		if (!strcmp(collectors[i]->table->name, a))
			wanted[i] = true;
	return SQLITE_OK;
}

int source_schema(struct source *s)
{
	int r = s->schema.db ? 0 : store_open(&s->schema);

	if (r >= 0)
		r = store_errno(sqlite3_set_authorizer(s->schema.db, store_authorize, NULL));
	return r;
}

void source_tables(struct source *s, struct str sql, bool *wanted)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	sqlite3_set_authorizer(s->schema.db, note_table, wanted);
	(void)sqlite3_prepare_v2(s->schema.db, sql.ptr, (int)sql.len, &st, NULL);
	sqlite3_set_authorizer(s->schema.db, store_authorize, NULL);
}
