/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query: SQL over the facts of a machine. */
#include <jansson.h>
#include <libsmartcols.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/term.h"
#include "cli/source.h"
#include "report/json.h"

#define QUERY_TIME_MS 60000

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_LIST };

static int parse_format(const char *s, enum format *ret)
{
	static const char *const names[] = { "table", "json", "csv", "list" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(s, names[i])) {
			*ret = (enum format)i;
			return 0;
		}
	return -EINVAL;
}

static int print_table(sqlite3_stmt *st)
{
	struct libscols_table *table;
	struct term term = term_of(STDOUT_FILENO);
	int n = sqlite3_column_count(st), rc;
	char safe[4096];

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return SQLITE_NOMEM;
	scols_table_set_termwidth(table, term.tty ? term.width : 0);
	for (int i = 0; i < n; i++)
		scols_table_new_column(table, sqlite3_column_name(st, i), 0,
				       term.tty && i == n - 1 ? SCOLS_FL_WRAP : 0);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (int i = 0; line && i < n; i++)
			scols_line_set_data(line, (size_t)i,
					    text_safe(store_text(st, i), safe, sizeof safe));
	}
	if (rc == SQLITE_DONE && !scols_table_is_empty(table))
		scols_print_table(table);
	scols_unref_table(table);
	return rc;
}

static json_t *json_value(sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL: return json_null();
	case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(st, i));
	case SQLITE_FLOAT: return json_number(sqlite3_column_double(st, i));
	default: return json_text(store_text(st, i));
	}
}

static int print_json(sqlite3_stmt *st)
{
	own(buf_release) struct buf line = BUF((size_t)4 * STORE_TEXT_MAX);
	int n = sqlite3_column_count(st), rc, rows = 0;

	printf("[\n");
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		json_t *row = json_object();

		for (int i = 0; i < n; i++)
			json_object_set_new(row, sqlite3_column_name(st, i), json_value(st, i));
		buf_reset(&line);
		if (json_write(row, JSON_COMPACT, &line) < 0)
			return SQLITE_NOMEM;
		if (rows++)
			putchar(',');
		fwrite(line.ptr, 1, line.len, stdout);
	}
	printf("]\n");
	return rc;
}

static void print_csv_text(struct str s)
{
	bool quote = str_find(s, ',') >= 0 || str_find(s, '"') >= 0 || str_find(s, '\n') >= 0 ||
		     str_find(s, '\r') >= 0;

	if (!quote) {
		fwrite(s.ptr ? s.ptr : "", 1, s.len, stdout);
		return;
	}
	putchar('"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			putchar('"');
		putchar(s.ptr[i]);
	}
	putchar('"');
}

/*
 * RFC 4180; a text that a spreadsheet would take for a formula is not touched: it is data. On a
 * terminal what it would obey is escaped.
 */
static void print_csv_field(struct str s, bool tty)
{
	char safe[8192];

	if (tty)
		s = str_of(text_safe(s, safe, sizeof safe));
	print_csv_text(s);
}
static int print_csv(sqlite3_stmt *st)
{
	int n = sqlite3_column_count(st), rc;
	bool tty = term_of(STDOUT_FILENO).tty;

	for (int i = 0; i < n; i++) {
		printf(i ? "," : "");
		print_csv_field(str_of(sqlite3_column_name(st, i)), tty);
	}
	printf("\r\n");
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++) {
			printf(i ? "," : "");
			print_csv_field(store_text(st, i), tty);
		}
		printf("\r\n");
	}
	return rc;
}

/* One line a row, columns separated by |: for scripts and tests. */
static int print_list(sqlite3_stmt *st)
{
	int n = sqlite3_column_count(st), rc;
	char safe[8192];

	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		for (int i = 0; i < n; i++)
			printf("%s%s", text_safe(store_text(st, i), safe, sizeof safe),
			       i == n - 1 ? "\n" : "|");
	return rc;
}

static int print(sqlite3_stmt *st, enum format format)
{
	switch (format) {
	case FORMAT_TABLE: return print_table(st);
	case FORMAT_JSON: return print_json(st);
	case FORMAT_CSV: return print_csv(st);
	default: return print_list(st);
	}
}

/* The one statement of sql; prints what is wrong and returns an exit code. */
static int prepare(struct store *store, const char *sql, sqlite3_stmt **ret)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	own(stmt_release) sqlite3_stmt *second = NULL;
	const char *tail = "";
	int rc = sqlite3_prepare_v2(store->db, sql, -1, &st, &tail);

	if (rc != SQLITE_OK) {
		cli_error("query: %s", rc == SQLITE_AUTH ? "only SELECT is possible here"
							 : sqlite3_errmsg(store->db));
		return EXIT_USAGE;
	}
	if (!st || sqlite3_prepare_v2(store->db, tail, -1, &second, NULL) != SQLITE_OK || second) {
		cli_error("query takes one SQL statement");
		return EXIT_USAGE;
	}
	*ret = st;
	st = NULL;
	return EXIT_OK;
}

static int execute(struct store *store, const char *sql, enum format format)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int r = prepare(store, sql, &st), rc;

	if (r != EXIT_OK)
		return r;
	store_limit(store, QUERY_TIME_MS);
	rc = print(st, format);
	if (rc == SQLITE_DONE)
		return EXIT_OK;
	cli_error("query: %s",
		  rc == SQLITE_INTERRUPT ? "took longer than a minute" : sqlite3_errmsg(store->db));
	return rc == SQLITE_INTERRUPT || rc == SQLITE_NOMEM ? EXIT_FAILED : EXIT_USAGE;
}

/* A mistake is found before anything is collected. */
static int find_tables(struct source *source, const char *sql, bool *wanted)
{
	own(stmt_release) sqlite3_stmt *st = NULL;

	if (!wanted || source_schema(source) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	source_tables(source, str_of(sql), wanted);
	return prepare(&source->schema, sql, &st);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(source_release) struct source source = {};
	const char *format_name = "table";
	const struct option_spec options[] = {
		{.name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &format_name,
                 .words = "table json csv list",
                 .help = "table (default), json, csv, or list: columns joined by |"},
		SOURCE_OPTIONS(&source),
		AZURE_OPTION(&source),
	};
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	own(store_release) struct store store = {};
	struct snapshot_result result;
	enum format format;
	int n = cli_parse(v, options, COUNT(options), argc, argv), r;

	if (n < 0)
		return cli_exit(n);
	if (n < 1 || (n > 1 && !source.azure.n) || parse_format(format_name, &format) < 0) {
		cli_error("query takes one SQL statement (see: holdfast help query)");
		return EXIT_USAGE;
	}
	r = source_azure_args(&source, v, 2, n, argv);
	if (r == EXIT_OK)
		r = find_tables(&source, argv[1], wanted);
	if (r != EXIT_OK)
		return r;
	/* collector_status or collector_problems alone: of everything. */
	source.wanted = wanted;
	if (!memchr(wanted, true, n_collectors) && strcasestr(argv[1], "collector_"))
		source.wanted = NULL;
	r = source_load(&source, &store, &result);
	if (r == EXIT_OK && store_seal(&store) < 0) {
		cli_error("%s", store.error);
		r = EXIT_FAILED;
	}
	if (r == EXIT_OK)
		r = source_confine(&source, NULL, 0);
	return r != EXIT_OK ? r : execute(&store, argv[1], format);
}

const struct verb verb_query = {
	.name = "query",
	.args = "SQL",
	.summary = "Ask the facts of a machine in SQL",
	.detail = "Only the tables that the statement names are collected. The tables are described\n"
		  "in docs/tables.md; `holdfast query \"SELECT name FROM sqlite_schema\"` lists them.\n"
		  "collector_status and collector_problems say what could not be read.",
	.examples = {
		{ "holdfast query 'SELECT username, uid, shell FROM users WHERE interactive'",
		  "who has a login shell" },
		{ "holdfast query -f json --root /mnt 'SELECT * FROM sshd_effective'",
		  "what sshd would do on a mounted disk" },
		{ "holdfast query --facts web1.facts 'SELECT * FROM exposed_services'",
		  "what others can reach, from facts that were collected before" },
		{ "holdfast query 'SELECT nsg, name, unknown FROM azure_nsg_rules' --azure nsgs.json",
		  "rules of network security groups" },
	},
	.run = run,
};
