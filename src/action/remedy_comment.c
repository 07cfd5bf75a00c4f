/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comment: the lines that the evidence names become comments; with `drop` they go, in files that know
 * no comments (passwd). The line has to hold the word, where one is given.
 */
#include <stdlib.h>

#include "action/draft.h"

struct spot {
	const char *file;
	unsigned line;
};

/* The last line of a file first, so that the numbers of the others stay. */
static int by_line(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	return order ? order : (y->line > x->line) - (y->line < x->line);
}

static bool line_of(struct str text, unsigned number, struct str *ret)
{
	unsigned line = 0;

	while (str_line(&text, ret, &line))
		if (line == number)
			return true;
	return false;
}

static int change_one(struct plan *p, const struct spot *s, bool drop)
{
	own(draft_release) struct draft d = {};
	struct buf out = BUF(EDIT_MAX);
	struct str line;
	int r;

	draft_open(&d, p, s->file);
	if (d.error < 0 || !line_of(buf_view(&d.text), s->line, &line))
		return plan_cannot(p, "%s has no line %u", s->file, s->line);
	r = drop ? edit_remove(buf_view(&d.text), s->line, &out)
		 : edit_comment(buf_view(&d.text), s->line, &out);
	draft_take(&d, r, &out);
	return draft_save(&d, 0644, NULL);
}

static int plan_comment(const struct remedy_input *in, struct plan *p)
{
	bool drop = in->n_args && str_eq(in->args[0], STR("drop"));
	struct spot *spots = arena_array(in->arena, in->n_resources + 1, sizeof *spots);
	size_t n = 0;
	int r = spots ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < in->n_resources; i++)
		if (remedy_place(in, in->resources[i].evidence, &spots[n].file, &spots[n].line))
			n++;
	if (r >= 0 && !n)
		return plan_cannot(p, "the finding names no line of a file");
	if (r >= 0)
		qsort(spots, n, sizeof *spots, by_line);
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (!i || by_line(&spots[i - 1], &spots[i]))
			r = change_one(p, &spots[i], drop);
	if (r >= 0)
		p->risky = true;
	return r;
}

const struct remedy remedy_comment = {
	.kind = "comment",
	.args = "[drop]",
	.what = "the lines that the evidence of the check names become comments; drop: they go",
	.plan = plan_comment,
};
