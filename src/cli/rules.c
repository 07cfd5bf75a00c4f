/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules: what Holdfast makes of Sigma rules. */
#include <stdio.h>

#include "base/sandbox.h"
#include "cli/hunt_setup.h"
#include "report/json.h"

#define JSON_MAX ((size_t)256 << 20)

struct check {
	bool json, all;
	const struct rule_text *known; /* built-in ones behind those that are checked */
	size_t compiled, refused, noted, correlations;
	json_t *list; /* of rules; NULL: no memory */
};

static void say(const char *file, unsigned line, unsigned column, struct str what)
{
	struct diag d = { .line = line, .column = column };
	char text[600];

	snprintf(d.file, sizeof d.file, "%s", file);
	text_safe(what, d.reason, sizeof d.reason);
	printf("%s\n", diag_text(&d, text, sizeof text));
}

static void add_json(struct check *c, const struct rule *rule, const char *file,
		     const struct diag *d)
{
	json_t *o = json_object();

	json_object_set_new(o, "file", json_text(str_of(file)));
	json_object_set_new(o, "line", json_integer(rule ? rule->line : d->line));
	json_object_set_new(o, "column", json_integer(rule ? 1 : d->column));
	json_object_set_new(o, "compiled", json_boolean(rule));
	if (!rule) {
		json_object_set_new(o, "reason", json_text(str_of(d->reason)));
	} else {
		json_object_set_new(o, "id", json_text(rule->id));
		json_object_set_new(o, "title", json_text(rule->title));
		json_object_set_new(o, "level", json_text(str_of(rule_level_name(rule->level))));
		json_object_set_new(o, "correlation", json_boolean(rule->type != CORRELATION_NONE));
	}
	if (rule && rule->note.len)
		json_object_set_new(o, "note", json_text(rule->note));
	json_array_append_new(c->list, o);
}

static void report(void *user, const struct rule_text *t, const struct rule *rule,
		   const struct diag *d)
{
	struct check *c = user;
	char file[256];

	if (t >= c->known)
		return;
	text_safe(t->file, file, sizeof file);
	c->compiled += rule != NULL;
	c->refused += !rule;
	c->correlations += rule && rule->type != CORRELATION_NONE;
	c->noted += rule && rule->note.len;
	if (c->json) {
		add_json(c, rule, file, d);
		return;
	}
	if (!rule)
		say(file, d->line, d->column, str_of(d->reason));
	else if (rule->note.len)
		say(file, rule->line, 1, rule->note);
	else if (c->all)
		say(file, rule->line, 1, rule->title);
}

static int print_json(struct check *c)
{
	own(buf_release) struct buf out = BUF(JSON_MAX);
	json_t *o = json_object();

	json_object_set_new(o, "compiled", json_integer((json_int_t)c->compiled));
	json_object_set_new(o, "refused", json_integer((json_int_t)c->refused));
	json_object_set_new(o, "correlations", json_integer((json_int_t)c->correlations));
	json_object_set_new(o, "rules", c->list);
	c->list = NULL;
	if (json_write(o, JSON_INDENT(1), &out) < 0)
		return -ENOMEM;
	fwrite(out.ptr, 1, out.len, stdout);
	return 0;
}

static void print_text(const struct check *c)
{
	printf("%zu rules compiled, %zu of them correlations", c->compiled, c->correlations);
	if (c->noted)
		printf(", %zu with a note", c->noted);
	printf("; %zu not compiled\n", c->refused);
}

/* What others wrote is read where nothing else can be done. */
static int confine(void)
{
	struct sandbox_state state;
	int r = sandbox_enter(SANDBOX_EVALUATE, NULL, 0, &state);

	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int check_rules(const struct rule_files *files, struct str placeholders, struct check *c)
{
	own(names_release) struct names *names = NULL;
	own(rules_release) struct rules *rules = NULL;
	int r = names_new(&names);

	c->list = json_array();
	if (r == 0)
		r = rules_compile(files->list, files->n, names, placeholders, report, c, &rules);
	if (r == 0 && c->json)
		r = print_json(c);
	json_decref(c->list);
	if (r < 0) {
		cli_error("rules: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (!c->json)
		print_text(c);
	return c->refused ? EXIT_FINDINGS : EXIT_OK;
}

static int read_all(struct rule_files *files, int n, char **paths)
{
	int code = n ? EXIT_OK : rule_files_add_builtin(files);

	for (int i = 0; i < n; i++) {
		int one = rule_files_add(files, paths[i]);

		code = MAX(code, one);
	}
	return code;
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct check check = {};
	const char *format = "text", *placeholders = NULL;
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &format,
		  .words = "text json", .help = "text (default) or json" },
		{ .name = "all", .letter = 'a', .flag = &check.all,
		  .help = "name the rules that were compiled, too" },
		{ .name = "placeholders", .value = "FILE", .text = &placeholders,
		  .help = "what %names% in rules stand for: lines NAME=VALUE" },
	};
	/* clang-format on */
	own(rule_files_release) struct rule_files files = {};
	struct str values = STR("");
	int n = cli_parse(v, options, COUNT(options), argc, argv), code, read;
	size_t checked;

	if (n < 0)
		return cli_exit(n);
	if (n < 1 || strcmp(argv[1], "check") != 0) {
		cli_error("rules takes: check [DIR]... (see: holdfast help rules)");
		return EXIT_USAGE;
	}
	check.json = !strcmp(format, "json");
	read = read_all(&files, n - 1, argv + 2);
	if (read == EXIT_USAGE || !files.n)
		return read;
	/* hunt has them, too: filters and correlations may refer to them. */
	checked = files.n;
	if (n > 1 && rule_files_add_builtin(&files) != EXIT_OK)
		return EXIT_FAILED;
	check.known = files.list + checked;
	if (placeholders && hunt_read_file(&files, placeholders, &values) != EXIT_OK)
		return EXIT_FAILED;
	code = confine();
	if (code == EXIT_OK)
		code = check_rules(&files, values, &check);
	return MAX(code, read);
}

const struct verb verb_rules = {
	.name = "rules",
	.args = "check [DIR]...",
	.summary = "Check Sigma rules: which are compiled, and why others are not",
	.detail =
		"Reads all *.yml and *.yaml below the folders (or files), as hunt --rules does; without\n"
		"a folder the built-in rules, to which others may refer. Sigma 2.1 is understood as a\n"
		"whole: rules, filters and correlations. Each rule that is not compiled is named with\n"
		"file, line, column and reason. Exit code 1 when there is one.",
	.examples = {
		{ "holdfast rules check /etc/holdfast/rules", "which of the rules can be used" },
		{ "holdfast rules check --format json sigma/rules", "the same for a program" },
	},
	.run = run,
};
