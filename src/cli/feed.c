/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feed: what is known of vulnerabilities, from its publishers to one index. */
#include "cli/feed.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "cli/output.h"
#include "vuln/index_format.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define OUTCOMES_MAX 1'024u
#define EXPORT_MAX ((size_t)2 << 30)

struct feed_work {
	const char *dir, *config_path, *name, *format;
	bool force, json;
	/* derived */
	struct arena arena; /* owned; of the configuration */
	struct feed_config config;
	bool configured; /* there is a file */
	struct feeds feeds;
	int64_t now;
	struct feed_outcome *outcomes; /* owned */
	size_t n;
	unsigned failed, changed;
	struct feed_bar bar;
};

static void work_release(struct feed_work *w)
{
	feeds_release(&w->feeds);
	arena_release(&w->arena);
	free(w->outcomes);
}

static int complain(const struct diag *d, int error)
{
	char text[600];

	cli_error("feed: %s", d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	return EXIT_FAILED;
}

static int read_config(struct feed_work *w)
{
	const char *path = w->config_path ? w->config_path : FEED_CONFIG_PATH;
	struct str text = str_of(feed_config_default);
	struct diag d = {};
	int r = file_read(path, CONFIG_MAX, &w->arena, &text);

	w->configured = r == 0;
	if (r < 0 && (r != -ENOENT || w->config_path)) {
		cli_error("feed: %s: %s", path, file_error(r));
		return EXIT_FAILED;
	}
	r = feed_config_parse(text, w->configured ? path : "built-in", &w->arena, &w->config, &d);
	if (r < 0) {
		(void)complain(&d, r);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int open_feeds(struct feed_work *w, bool write)
{
	struct diag d = {};
	int r = feeds_open(w->dir, write, &w->feeds, &d);

	return r < 0 ? complain(&d, r) : EXIT_OK;
}

/* Room for one more; NULL: there is none. */
static struct feed_outcome *new_outcome(struct feed_work *w, struct str name)
{
	struct feed_outcome *o;

	if (!w->outcomes)
		w->outcomes = calloc(OUTCOMES_MAX, sizeof *w->outcomes);
	if (!w->outcomes || w->n == OUTCOMES_MAX)
		return NULL;
	o = &w->outcomes[w->n++];
	text_safe(name, o->name, sizeof o->name);
	return o;
}

static void failed(struct feed_work *w, struct feed_outcome *o, const struct diag *d)
{
	diag_text(d, o->error, sizeof o->error);
	w->failed++;
}

static void show(struct feed_work *w, const struct feed_outcome *o)
{
	feed_bar_clear(&w->bar);
	if (!w->json)
		feed_print_outcome(o);
	fflush(stdout);
}

static size_t index_size(const struct feed_work *w)
{
	struct stat st;

	return fstatat(w->feeds.dir, "index", &st, 0) == 0 ? (size_t)st.st_size : 0;
}

/* The index of what is there now; then how it went. */
static int finish(struct feed_work *w)
{
	struct diag d = {};
	int r = w->changed ? feeds_merge(&w->feeds, &d) : 0;
	int code = r < 0 ? complain(&d, r) : w->failed ? EXIT_FAILED : EXIT_OK;

	if (w->json)
		(void)feed_print_outcomes_json(w->outcomes, w->n, index_size(w));
	else if (w->changed && r == 0)
		printf("The index has %zu bytes.\n", index_size(w));
	return code;
}

static void update_one(struct feed_work *w, const struct feed_source *s)
{
	struct feed_outcome *o = new_outcome(w, str_of(s->name));
	const struct feed_update u = {
		.source = s,
		.config = &w->config,
		.force = w->force,
		.now = w->now,
		.fetching = feed_bar_fetch,
		.reading = feed_bar_read,
		.user = &w->bar,
	};
	struct diag d = {};

	if (!o)
		return;
	feed_bar_start(&w->bar, s->name);
	if (feeds_update(&w->feeds, &u, &o->updated, &d) < 0)
		failed(w, o, &d);
	else
		w->changed++;
	show(w, o);
}

static int update(struct feed_work *w, int n, char **names)
{
	int code = read_config(w);

	for (int i = 0; code == EXIT_OK && i < n; i++)
		if (!feed_config_find(&w->config, names[i])) {
			cli_error("feed: there is no feed '%s' in the configuration", names[i]);
			code = EXIT_USAGE;
		}
	if (code == EXIT_OK)
		code = open_feeds(w, true);
	if (code != EXIT_OK)
		return code;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (size_t i = 0; i < w->config.n; i++) {
		const struct feed_source *s = &w->config.feeds[i];
		bool wanted = !n;

		for (int j = 0; j < n; j++)
			wanted |= !strcmp(names[j], s->name);
		if (wanted)
			update_one(w, s);
	}
	return finish(w);
}

static void on_import(void *user, const struct index_source *s)
{
	struct feed_work *w = user;
	struct feed_outcome *o = new_outcome(w, s->name);

	if (!o)
		return;
	o->updated.records = s->records;
	o->updated.left_out = s->left_out;
	w->changed++;
	show(w, o);
}

static void import_one(struct feed_work *w, const char *path)
{
	own(feed_read_release) struct feed_read read = {
		.keep = w->config.keep,
		.n_keep = w->config.n_keep,
		.progress = feed_bar_read,
		.user = &w->bar,
	};
	char full[PATH_MAX];
	const struct feed_import how = {
		.name = w->name,
		.from = realpath(path, full) ? full : path,
		.read = &read,
		.force = w->force,
		.now = w->now,
	};
	struct diag d = {};
	struct feed_outcome *o;

	feed_bar_start(&w->bar, "import");
	if (feeds_import(&w->feeds, &how, path, on_import, w, &d) < 0) {
		o = new_outcome(w, str_of(path));
		if (o)
			failed(w, o, &d);
		feed_bar_clear(&w->bar);
		cli_error("feed: %s", o ? o->error : d.reason);
		return;
	}
	feed_bar_clear(&w->bar);
	if (read.broken)
		cli_error("feed: %llu documents are broken and left out; the first: %s",
			  (unsigned long long)read.broken,
			  diag_text(&read.first_broken, full, sizeof full));
}

static int import(struct feed_work *w, int n, char **paths)
{
	int code;

	if (n < 1) {
		cli_error("feed: import takes files or folders (see: holdfast help feed)");
		return EXIT_USAGE;
	}
	if (w->name && (!feed_name_ok(str_of(w->name)) || n > 1)) {
		cli_error("feed: --name is the name of one feed: lower-case letters, digits, '-', "
			  "'_', '.'");
		return EXIT_USAGE;
	}
	code = read_config(w);
	if (code == EXIT_OK)
		code = open_feeds(w, true);
	for (int i = 0; code == EXIT_OK && i < n; i++)
		import_one(w, paths[i]);
	return code == EXIT_OK ? finish(w) : code;
}

static int export(struct feed_work *w, int n, char **paths)
{
	own(buf_release) struct buf out = BUF(EXPORT_MAX);
	struct output file;
	struct diag d = {};
	int r, code;

	if (n != 1) {
		cli_error("feed: export takes the name of a file to write");
		return EXIT_USAGE;
	}
	code = output_open(&file, paths[0]);
	if (code == EXIT_OK)
		code = open_feeds(w, false);
	if (code != EXIT_OK)
		return code;
	r = feeds_export(&w->feeds, &out, &d);
	return r < 0 ? complain(&d, r) : output_finish(&file, buf_view(&out));
}

static int forget(struct feed_work *w, int n, char **names)
{
	int code;

	if (n < 1) {
		cli_error("feed: forget takes names of feeds");
		return EXIT_USAGE;
	}
	code = open_feeds(w, true);
	for (int i = 0; code == EXIT_OK && i < n; i++) {
		struct diag d = {};
		int r = feeds_forget(&w->feeds, names[i], &d);

		if (r < 0)
			code = complain(&d, r);
		else
			w->changed++;
	}
	return w->changed ? MAX(code, finish(w)) : code;
}

static int count_package(void *user, struct str ecosystem, struct str name, struct index_walk *walk)
{
	struct feed_state *s = user;
	struct index_advisory a;
	int r;

	(void)ecosystem, (void)name;
	s->packages++;
	while ((r = index_next(walk, &a)) > 0)
		s->ranges += a.n;
	return r;
}

/* A row a source of the index, then one for each configured feed that is not in it. */
static size_t fill_rows(const struct feed_work *w, const struct index *x, struct feed_row *rows,
			size_t most, char (*names)[FEED_NAME_MAX])
{
	struct index_source s;
	size_t n = 0, imported;

	for (unsigned i = 0; x && n < most && index_source(x, i, &s) > 0; i++, n++) {
		snprintf(names[n], FEED_NAME_MAX, "%.*s", STR_FMT(s.name));
		rows[n] = (struct feed_row){ .name = names[n], .source = s };
		rows[n].configured = feed_config_find(&w->config, names[n]);
		rows[n].stale = w->now - s.imported > w->config.stale;
	}
	imported = n;
	for (size_t i = 0; i < w->config.n && n < most; i++) {
		const struct feed_source *feed = &w->config.feeds[i];
		size_t j = 0;

		while (j < imported && strcmp(rows[j].name, feed->name) != 0)
			j++;
		if (j == imported)
			rows[n++] = (struct feed_row){ .name = feed->name,
						       .format = feed->format,
						       .from = feed->url,
						       .configured = true };
	}
	return n;
}

/* Texts of the index end with their length, those of rows with NUL. */
static int name_rows(struct arena *a, struct feed_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].source.name.len)
			continue;
		rows[i].format = arena_cstr(a, rows[i].source.format);
		rows[i].from = arena_cstr(a, rows[i].source.from);
		if (!rows[i].format || !rows[i].from)
			return -ENOMEM;
	}
	return 0;
}

static int print_status(struct feed_work *w, const struct index *x)
{
	static struct feed_row rows[OUTCOMES_MAX];
	static char names[OUTCOMES_MAX][FEED_NAME_MAX];
	struct feed_state s = { .rows = rows, .now = w->now, .stale_after = w->config.stale };
	bool finding = !x;

	s.n = fill_rows(w, x, rows, OUTCOMES_MAX, names);
	if (name_rows(&w->arena, rows, s.n) < 0)
		return EXIT_FAILED;
	if (x) {
		s.there = true;
		s.size = x->bytes.len;
		s.vulns = x->t.vulns.n;
		s.made = x->made;
		if (index_all(x, count_package, &s) < 0) {
			cli_error("feed: the index is broken: import its feeds again");
			return EXIT_FAILED;
		}
	}
	for (size_t i = 0; i < s.n; i++)
		finding |= rows[i].stale || (w->configured && !rows[i].source.name.len);
	if (w->json) {
		if (feed_print_status_json(&s) < 0)
			return EXIT_FAILED;
	} else {
		feed_print_status(&s);
	}
	return finding ? EXIT_FINDINGS : EXIT_OK;
}

static int status(struct feed_work *w, int n)
{
	own(index_release) struct index x = {};
	char path[PATH_MAX];
	struct diag d = {};
	int r, code;

	if (n) {
		cli_error("feed: status takes no more words");
		return EXIT_USAGE;
	}
	code = read_config(w);
	if (code != EXIT_OK)
		return code;
	snprintf(path, sizeof path, "%s/index", w->dir);
	r = index_open(path, &x, &d);
	if (r == -ENOENT)
		return print_status(w, NULL);
	if (r == 0)
		r = index_check(&x, &d);
	if (r < 0) {
		if (!d.file[0])
			snprintf(d.file, sizeof d.file, "%.250s", path);
		return complain(&d, r);
	}
	return print_status(w, &x);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(work_release) struct feed_work w = { .dir = FEEDS_DIR,
						 .format = "text",
						 .feeds = FEEDS_NONE,
						 .now = time(NULL),
						 .arena = { .limit = (size_t)8 << 20 } };
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "config", .letter = 'c', .value = "FILE", .text = &w.config_path,
		  .help = "feeds and where they come from (default " FEED_CONFIG_PATH
			  ", or a built-in list)" },
		{ .name = "dir", .letter = 'd', .value = "DIR", .text = &w.dir,
		  .help = "where everything is kept (default " FEEDS_DIR ")" },
		{ .name = "name", .letter = 'n', .value = "NAME", .text = &w.name,
		  .help = "of what import reads (default: made of format and file)" },
		{ .name = "force", .flag = &w.force,
		  .help = "get what is had already, and take a feed that has shrunk by half" },
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &w.format,
		  .words = "text json", .help = "text (default) or json" },
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	w.json = !strcmp(w.format, "json");
	if (n > 0 && !strcmp(argv[1], "update"))
		return update(&w, n - 1, argv + 2);
	if (n > 0 && !strcmp(argv[1], "import"))
		return import(&w, n - 1, argv + 2);
	if (n > 0 && !strcmp(argv[1], "export"))
		return export(&w, n - 1, argv + 2);
	if (n > 0 && !strcmp(argv[1], "forget"))
		return forget(&w, n - 1, argv + 2);
	if (n > 0 && !strcmp(argv[1], "status"))
		return status(&w, n - 1);
	cli_error("feed takes: update, import, export, status or forget (see: holdfast help feed)");
	return EXIT_USAGE;
}

const struct verb verb_feed = {
	.name = "feed",
	.args = "update [NAME]... | import FILE|DIR... | export FILE | status | forget NAME...",
	.summary = "What is known of vulnerabilities: get it, take it along, see how old it is",
	.detail =
		"Advisories of distributions, languages, WordPress and Windows, exploited and probably\n"
		"exploited vulnerabilities and ends of support are read as their publishers ship them and\n"
		"put into one small index, which the other verbs use. update asks the servers of\n"
		FEED_CONFIG_PATH " for what is new; import reads files and folders that\n"
		"are here already, packed or not; export writes one file that import takes on a machine\n"
		"without a network. Whatever goes wrong, what was there stays. Exit code 1 when status\n"
		"finds a feed that is stale, or none at all; 3 when a feed could not be had.",
	.examples = {
		{ "holdfast feed update", "get what is new" },
		{ "holdfast feed status", "what is there, and how old it is" },
		{ "holdfast feed import PyPI/all.zip", "a file that somebody else downloaded" },
		{ "holdfast feed export feeds.tar", "everything, for a machine without a network" },
		{ "holdfast feed import feeds.tar", "and there" },
	},
	.run = run,
};
