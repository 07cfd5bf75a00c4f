/* SPDX-License-Identifier: GPL-3.0-or-later */
/* paths: the ways in as a tree: internet, port, process, package or account, privilege. */
#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/term.h"
#include "cli/output.h"
#include "cli/source.h"
#include "posture/check.h"
#include "report/json.h"

#define NODES_MAX 100'000
#define DEPTH_MAX 8
#define OUTPUT_MAX ((size_t)256 << 20)
#define QUERY "SELECT parent, id, kind, label, detail, severity, certain FROM path_nodes"

struct node {
	struct str parent, id, kind, label, detail, severity;
	bool certain;
};

struct tree {
	struct arena arena;
	struct node *list; /* sorted by parent, then as bad things come first */
	size_t n, cap;
};

static void tree_release(struct tree *t) { arena_release(&t->arena); }

static int rank(struct str severity)
{
	int s = severity_find(severity);

	return s < 0 ? 0 : s;
}

static int compare(const void *x, const void *y)
{
	const struct node *a = x, *b = y;
	int d = str_cmp(a->parent, b->parent);

	d = d ? d : rank(b->severity) - rank(a->severity);
	d = d ? d : str_cmp(a->kind, b->kind);
	return d ? d : str_cmp(a->id, b->id);
}

static int load(struct store *s, struct tree *t)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, QUERY, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct node n = { .certain = sqlite3_column_int(st, 6) };
		struct str *const texts[] = { &n.parent, &n.id,     &n.kind,
					      &n.label,  &n.detail, &n.severity };

		rc = SQLITE_OK;
		for (int i = 0; i < (int)COUNT(texts); i++) {
			struct str v = store_text(st, i);

			*texts[i] = arena_str(&t->arena, v.ptr ? v : STR(""));
			if (!texts[i]->ptr)
				return -ENOMEM;
		}
		if (t->n >= NODES_MAX)
			return -E2BIG;
		if (arena_push(&t->arena, t->list, t->n, t->cap, n) < 0)
			return -ENOMEM;
	}
	if (rc != SQLITE_DONE)
		return store_errno(rc);
	if (t->n)
		qsort(t->list, t->n, sizeof *t->list, compare);
	return 0;
}

/* First child of a node; t->n: none. Children stand together. */
static size_t first_child(const struct tree *t, struct str parent)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (str_cmp(t->list[middle].parent, parent) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_child(const struct tree *t, size_t i, struct str parent)
{
	return i < t->n && str_eq(t->list[i].parent, parent);
}

static void put(struct buf *out, struct str s)
{
	char safe[2048];

	buf_puts(out, text_safe(s, safe, sizeof safe));
}

static enum term_style style_of(const struct node *n)
{
	int s = rank(n->severity);

	return s >= SEVERITY_HIGH ? TERM_RED : s >= SEVERITY_MEDIUM ? TERM_YELLOW : TERM_PLAIN;
}

static void text_children(const struct tree *t, struct str parent, const char *indent,
			  const struct term *term, unsigned depth, struct buf *out)
{
	for (size_t i = first_child(t, parent); is_child(t, i, parent); i++) {
		const struct node *n = &t->list[i];
		bool last = !is_child(t, i + 1, parent);
		char deeper[64];

		buf_fmt(out, "%s%s%s%s%s ", indent,
			term->utf8 ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- "),
			term_on(term, style_of(n)), n->kind.ptr, term_off(term));
		put(out, n->label);
		if (!n->certain)
			buf_puts(out, "?");
		if (n->detail.len) {
			buf_fmt(out, "  %s", term_on(term, TERM_DIM));
			put(out, n->detail);
			buf_puts(out, term_off(term));
		}
		buf_putc(out, '\n');
		snprintf(deeper, sizeof deeper, "%s%s", indent,
			 last         ? "   "
			 : term->utf8 ? "│  "
				      : "|  ");
		if (depth < DEPTH_MAX)
			text_children(t, n->id, deeper, term, depth + 1, out);
	}
}

static json_t *json_children(const struct tree *t, struct str parent, unsigned depth)
{
	json_t *list = json_array();

	for (size_t i = first_child(t, parent); is_child(t, i, parent); i++) {
		const struct node *n = &t->list[i];
		json_t *o = json_object();

		json_object_set_new(o, "kind", json_text(n->kind));
		json_object_set_new(o, "label", json_text(n->label));
		json_object_set_new(o, "detail", json_text(n->detail));
		json_object_set_new(o, "severity", json_text(n->severity));
		json_object_set_new(o, "certain", json_boolean(n->certain));
		json_object_set_new(o, "children",
				    depth < DEPTH_MAX ? json_children(t, n->id, depth + 1)
						      : json_array());
		json_array_append_new(list, o);
	}
	return list;
}

static int write_json(const struct tree *t, struct buf *out)
{
	json_t *o = json_object();
	int r;

	json_object_set_new(o, "kind", json_string("internet"));
	json_object_set_new(o, "label", json_string("internet"));
	json_object_set_new(o, "children", json_children(t, STR(""), 0));
	r = json_write(o, JSON_INDENT(1), out);
	return r < 0 ? r : buf_putc(out, '\n');
}

/* A quoted string of DOT: only the quote and the backslash mean anything in it. */
static void dot_text(struct buf *out, struct str s)
{
	char safe[2048];

	text_safe(s, safe, sizeof safe);
	buf_putc(out, '"');
	for (const char *p = safe; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static int write_dot(const struct tree *t, struct buf *out)
{
	buf_puts(out,
		 "digraph paths {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n"
		 "\t\"\" [label=\"internet\", shape=ellipse];\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct node *n = &t->list[i];

		buf_puts(out, "\t");
		dot_text(out, n->id);
		buf_puts(out, " [label=");
		dot_text(out, n->label);
		buf_puts(out, ", tooltip=");
		dot_text(out, n->detail);
		if (rank(n->severity) >= SEVERITY_HIGH)
			buf_puts(out, ", color=red");
		buf_puts(out, "];\n\t");
		dot_text(out, n->parent);
		buf_puts(out, " -> ");
		dot_text(out, n->id);
		buf_puts(out, n->certain ? ";\n" : " [style=dashed];\n");
	}
	return buf_puts(out, "}\n");
}

static int write_text(const struct tree *t, struct buf *out)
{
	struct term term = term_of(STDOUT_FILENO);

	buf_puts(out, t->n ? "internet\n" : "the internet reaches nothing\n");
	text_children(t, STR(""), "", &term, 0, out);
	return out->error;
}

static int print(const struct tree *t, const char *format)
{
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	struct output file;
	int r = !strcmp(format, "json")  ? write_json(t, &out)
		: !strcmp(format, "dot") ? write_dot(t, &out)
					 : write_text(t, &out);

	if (r < 0) {
		cli_error("cannot write the paths: %s", strerror(-r));
		return EXIT_FAILED;
	}
	r = output_open(&file, NULL);
	return r == EXIT_OK ? output_finish(&file, buf_view(&out)) : r;
}

static int collect(struct source *source, struct store *store)
{
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	struct snapshot_result result;
	int r;

	if (!wanted || source_schema(source) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	source_tables(source, STR(QUERY), wanted);
	source->wanted = wanted;
	r = source_load(source, store, &result);
	source->wanted = NULL;
	if (r == EXIT_OK && store_seal(store) < 0) {
		cli_error("%s", store->error);
		r = EXIT_FAILED;
	}
	return r == EXIT_OK ? source_confine(source, NULL, 0) : r;
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(source_release) struct source source = {};
	const char *format = "text";
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "format", .letter = 'f', .value = "FORMAT", .text = &format,
		  .words = "text json dot", .help = "text (default), json, or dot for Graphviz" },
		AZURE_OPTION(&source),
		SOURCE_OPTIONS(&source),
	};
	/* clang-format on */
	own(tree_release) struct tree tree = {};
	own(store_release) struct store store = {};
	int n = cli_parse(v, options, COUNT(options), argc, argv), r;

	if (n < 0)
		return cli_exit(n);
	r = source_azure_args(&source, v, 1, n, argv);
	if (r == EXIT_OK)
		r = collect(&source, &store);
	if (r != EXIT_OK)
		return r;
	r = load(&store, &tree);
	if (r < 0) {
		cli_error("cannot find the paths: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return print(&tree, format);
}

const struct verb verb_paths = {
	.name = "paths",
	.args = "",
	.summary = "Show the ways in: internet, port, process, account or package",
	.detail = "A port stands in the tree when some address of the internet reaches it, with a ? when\n"
		  "that cannot be told. Below it: what listens, the package that it comes from, the\n"
		  "accounts that may log in through it, and those that are or become root.",
	.examples = {
		{ "holdfast paths", "the ways into this machine" },
		{ "holdfast paths --format dot | dot -Tsvg >paths.svg", "as a drawing" },
	},
	.run = run,
};
