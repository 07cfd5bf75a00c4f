/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways in, as a graph from left to right, and the same as a table. */
#include <stdio.h>

#include "report/markup.h"

#define NODES_MAX 120U
#define DEPTH_MAX 8U
#define STEP_X 210.0
#define STEP_Y 30.0
#define BOX_X 185.0
#define BOX_Y 22.0
#define LETTERS 25U /* of a label in its box */

struct node {
	struct str parent, id, kind, label, detail, severity;
	unsigned depth;
	double y;
	size_t above; /* its parent's place; itself: the internet */
	bool drawn;
};

struct graph {
	struct arena arena;
	struct node *list;
	size_t n, cap;
	size_t order[NODES_MAX], n_order; /* as they are drawn, from the top */
	unsigned depth;
	double y;
};

static void graph_release(struct graph *g) { arena_release(&g->arena); }

static int load(const struct report *r, struct graph *g)
{
	static const char sql[] =
		"SELECT parent, id, kind, label, detail, severity FROM path_nodes ORDER BY"
		" CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1"
		" WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, kind, id";
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && g->n < (size_t)4 * NODES_MAX &&
	       (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct node n = {};
		struct str *const texts[] = { &n.parent, &n.id,     &n.kind,
					      &n.label,  &n.detail, &n.severity };

		rc = SQLITE_OK;
		for (int i = 0; i < (int)COUNT(texts); i++) {
			*texts[i] = arena_str(&g->arena, store_text(st, i));
			if (!texts[i]->ptr)
				return -ENOMEM;
		}
		if (arena_push(&g->arena, g->list, g->n, g->cap, n) < 0)
			return -ENOMEM;
	}
	return rc == SQLITE_OK || rc == SQLITE_DONE ? 0 : store_errno(rc);
}

/* Leaves from the top down; others stand beside their first child. */
static void place(struct graph *g, struct str parent, size_t above, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; i < g->n && g->n_order < NODES_MAX; i++) {
		struct node *n = &g->list[i];

		if (n->drawn || !str_eq(n->parent, parent))
			continue;
		n->drawn = true;
		n->depth = depth;
		n->above = above == SIZE_MAX ? i : above;
		n->y = g->y;
		g->order[g->n_order++] = i;
		g->depth = MAX(g->depth, depth);
		place(g, n->id, i, depth + 1);
		if (g->y - n->y < STEP_Y)
			g->y = n->y + STEP_Y;
	}
}

static void label(struct buf *out, double x, double y, struct str s)
{
	struct str rest = s;
	unsigned letters = 0;

	while (rest.len && letters < LETTERS) {
		(void)str_rune(&rest);
		letters++;
	}
	buf_fmt(out, "<text x=\"%.0f\" y=\"%.0f\">", x + 6, y + 15);
	markup_text(out, str_sub(s, 0, s.len - rest.len));
	buf_puts(out, rest.len ? "…</text>" : "</text>");
}

static void box(const struct graph *g, const struct node *n, struct buf *out)
{
	const struct node *above = &g->list[n->above];
	double x = n->depth * STEP_X, from = (n->depth - 1) * STEP_X + BOX_X;
	double y = above == n ? 0 : above->y;
	int severity = severity_find(n->severity);

	buf_fmt(out,
		"<path fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.4\" d=\"M%.0f %.0f "
		"C%.0f %.0f %.0f %.0f %.0f %.0f\"/>",
		from, y + BOX_Y / 2, from + 12, y + BOX_Y / 2, x - 12, n->y + BOX_Y / 2, x,
		n->y + BOX_Y / 2);
	buf_fmt(out, "<g class=\"%s\"><title>",
		severity >= 0 ? severity_name((enum severity)severity) : "");
	markup_text(out, n->kind);
	buf_puts(out, " ");
	markup_text(out, n->label);
	buf_puts(out, ": ");
	markup_text(out, n->detail);
	buf_fmt(out,
		"</title><rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" rx=\"4\" "
		"fill=\"none\" stroke=\"currentColor\"/>",
		x, n->y, BOX_X, BOX_Y);
	label(out, x, n->y, n->label);
	buf_puts(out, "</g>\n");
}

static void table(const struct graph *g, struct buf *out)
{
	static const char *const names[] = { "Step", "What", "Detail", "Severity", NULL };

	page_table(out,
		   "The same as a table; each step hangs at the one above it that is less far in",
		   names);
	for (size_t i = 0; i < g->n_order; i++) {
		const struct node *n = &g->list[g->order[i]];
		int severity = severity_find(n->severity);

		buf_fmt(out, "<tr><td>%u ", n->depth);
		markup_text(out, n->kind);
		buf_puts(out, "</td>");
		page_cell(out, n->label);
		page_cell(out, n->detail);
		buf_fmt(out, "<td class=\"%s\">",
			severity >= 0 ? severity_name((enum severity)severity) : "");
		markup_text(out, n->severity);
		buf_puts(out, "</td></tr>\n");
	}
	buf_puts(out, "</tbody></table></div>\n");
}

int html_paths(const struct report *r, struct buf *out)
{
	own(graph_release) struct graph g = { .arena.limit = (size_t)64 << 20 };
	int e = load(r, &g);

	if (e < 0 || !g.n)
		return e;
	place(&g, STR(""), SIZE_MAX, 1);
	if (!g.n_order)
		return 0;
	buf_puts(out, "<h2>Ways in</h2>\n");
	page_chart(out, "Ways in from the internet", g.depth * STEP_X + BOX_X + 2,
		   MAX(g.y, STEP_Y));
	buf_fmt(out,
		"<rect x=\"1\" y=\"1\" width=\"%.0f\" height=\"%.0f\" rx=\"4\" fill=\"none\" "
		"stroke=\"currentColor\"/>",
		BOX_X - 1, BOX_Y - 1);
	label(out, 0, 0, STR("internet"));
	for (size_t i = 0; i < g.n_order; i++)
		box(&g, &g.list[g.order[i]], out);
	page_chart_end(out);
	if (g.n_order < g.n)
		buf_fmt(out, "<p>%zu steps of more are shown.</p>\n", g.n_order);
	table(&g, out);
	return out->error;
}
