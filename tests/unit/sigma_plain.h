/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sigma_plain: the rules of the corpus as they were written, for sigma_brute. */
#ifndef HF_SIGMA_PLAIN_H
#define HF_SIGMA_PLAIN_H

#include "detect/sigma.h"
#include "sigma_corpus.h"

struct plain {
	struct arena arena, kept;
	struct names *names;
	struct sigma_document *list;
	size_t n, cap;
};

/* The same documents again, before any optimisation. */
static int read_plain(struct plain *p)
{
	struct diag d = {};
	struct sigma s = { &p->arena, &p->kept, p->names, STR(""), &d, 0 };

	p->arena.limit = p->kept.limit = (size_t)512 << 20;
	for (size_t i = 0; i < corpus_n; i++) {
		struct tree_list trees = {};
		int r = tree_parse(corpus[i].text, &p->arena, &trees, &d);

		for (size_t k = 0; r == 0 && k < trees.n; k++) {
			struct sigma_document doc = {};

			if (sigma_read(&s, trees.list[k], &doc) == 0)
				r = arena_push(&p->arena, p->list, p->n, p->cap, doc);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

#endif
