/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve: documents that speak of each other; between rules.c and resolve.c alone. */
#ifndef HF_DETECT_RESOLVE_H
#define HF_DETECT_RESOLVE_H

#include <stdio.h>

#include "detect/compiled.h"

struct loader {
	struct arena nodes; /* of the text at hand */
	struct arena_mark no_nodes;
	struct arena parsed, list_arena;
	size_t before; /* bytes of parsed when the document began */
	struct names *names;
	struct str placeholders;
	rule_fn *report;
	void *user;
	struct sigma_document *documents;
	size_t n, cap;
	struct map ids; /* id or name -> document */
	struct map sources;
	struct compiler compiler;
};

/* Tells the caller why a document was left out. */
void loader_report(const struct loader *l, const struct sigma_document *doc, unsigned line,
		   unsigned column, const char *reason);

/* Applies filters, makes programs, finds what correlations refer to; refuses what cannot be. */
[[nodiscard]] int loader_resolve(struct loader *l);
/* Rules of everything that was not refused, in the order of the texts. */
[[nodiscard]] int loader_compile(struct loader *l, struct rules *rules);

#endif
