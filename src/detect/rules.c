/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules: from texts to compiled rules. */
#include "detect/resolve.h"

void rules_release(struct rules **r)
{
	if (*r) {
		arena_release(&(*r)->arena);
		free((*r)->image);
		free(*r);
	}
	*r = NULL;
}

const struct rule *rules_get(const struct rules *r, size_t i)
{
	return i < r->n ? r->list + i : NULL;
}

size_t rules_count(const struct rules *r) { return r->n; }

bool rules_wants(const struct rules *r, uint16_t field)
{
	return field < r->n_fields && r->wanted[field];
}

void loader_report(const struct loader *l, const struct sigma_document *doc, unsigned line,
		   unsigned column, const char *reason)
{
	struct diag d = { .line = line, .column = column };

	if (!l->report)
		return;
	snprintf(d.file, sizeof d.file, "%.*s", STR_FMT(doc->from->file));
	snprintf(d.reason, sizeof d.reason, "%s", reason);
	l->report(l->user, doc->from, NULL, &d);
}

/* A document may not take more memory than this, whatever it says. */
#define DOCUMENT_MEMORY ((size_t)32 << 20)
#define PARSED_MEMORY ((size_t)512 << 20)

static int refuse(struct loader *l, const struct rule_text *t, struct diag *d, int r)
{
	if (r == -ENOMEM && l->parsed.used < l->parsed.limit / 2 + l->before / 2)
		return r;
	if (r == -ENOMEM)
		diag_set(d, r, "", 1, "takes too much memory");
	if (l->report) {
		snprintf(d->file, sizeof d->file, "%.*s", STR_FMT(t->file));
		l->report(l->user, t, NULL, d);
	}
	return 0;
}

static void set_limit(struct loader *l)
{
	l->before = l->parsed.used;
	l->parsed.limit = MIN(l->parsed.used + DOCUMENT_MEMORY, PARSED_MEMORY);
}

static int read_document(struct loader *l, const struct rule_text *t, const struct tree *tree)
{
	struct diag d = {};
	struct sigma s = { .arena = &l->parsed,
			   .kept = &l->compiler.rules->arena,
			   .names = l->names,
			   .placeholders = l->placeholders,
			   .diag = &d };
	struct arena_mark mark = arena_mark(&l->parsed);
	struct sigma_document doc = {};
	int r;

	set_limit(l);
	r = sigma_read(&s, tree, &doc);
	if (r < 0) {
		r = refuse(l, t, &d, r);
		arena_rewind(&l->parsed, mark);
		return r;
	}
	doc.from = t;
	doc.rule.file = t->file;
	return arena_push(&l->list_arena, l->documents, l->n, l->cap, doc);
}

static int read_text(struct loader *l, const struct rule_text *t)
{
	struct tree_list trees = {};
	struct diag d = {};
	int r;

	set_limit(l);
	l->nodes.limit = DOCUMENT_MEMORY;
	r = tree_parse_texts(t->text, &l->nodes, &l->parsed, &trees, &d);
	if (r < 0)
		return refuse(l, t, &d, r);
	for (size_t i = 0; r == 0 && i < trees.n; i++)
		r = read_document(l, t, trees.list[i]);
	arena_rewind(&l->nodes, l->no_nodes);
	return r;
}

static void report_rules(const struct loader *l, const struct rules *rules)
{
	for (size_t i = 0, next = 0; l->report && i < l->n; i++)
		if (!l->documents[i].refused && l->documents[i].type != SIGMA_FILTER)
			l->report(l->user, l->documents[i].from, rules->list + next++, NULL);
}

static void loader_release(struct loader *l)
{
	arena_release(&l->parsed);
	arena_release(&l->nodes);
	arena_release(&l->list_arena);
	arena_release(&l->compiler.scratch);
	map_release(&l->compiler.tests);
	map_release(&l->compiler.predicates);
	map_release(&l->ids);
	map_release(&l->sources);
}

int rules_compile(const struct rule_text *texts, size_t n, struct names *names,
		  struct str placeholders, rule_fn *report, void *user, struct rules **ret)
{
	own(loader_release) struct loader l = {
		.names = names, .placeholders = placeholders, .report = report, .user = user
	};
	own(rules_release) struct rules *rules = calloc(1, sizeof *rules);
	int r = rules ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	rules->arena.limit = PARSED_MEMORY;
	l.list_arena.limit = l.compiler.scratch.limit = PARSED_MEMORY;
	l.compiler.rules = rules;
	/* A first block stays when it is rewound. */
	if (!arena_alloc(&l.nodes, 1))
		return -ENOMEM;
	l.no_nodes = arena_mark(&l.nodes);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_text(&l, texts + i);
	if (r == 0)
		r = loader_resolve(&l);
	if (r == 0)
		r = loader_compile(&l, rules);
	if (r < 0)
		return r;
	report_rules(&l, rules);
	*ret = rules;
	rules = NULL;
	return 0;
}
