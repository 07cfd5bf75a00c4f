/* SPDX-License-Identifier: GPL-3.0-or-later */
/* atom: one question about one text, answered without an index. */
#ifndef HF_DETECT_ATOM_H
#define HF_DETECT_ATOM_H

#include "detect/sigma.h"

/* A text and the same without regard to case (fold.h). */
struct folded {
	struct str text, fold;
	bool ascii;
};

/* A pattern cut at its stars; text that is folded unless case counts. */
struct glob {
	struct pattern *pieces;
	size_t n;
	bool open_start, open_end;
};
[[nodiscard]] int glob_compile(struct arena *a, const struct pattern *p, bool cased,
			       struct glob *ret);
bool glob_match(const struct glob *g, struct str s);

/* ATOM_CIDR, ATOM_COMPARE: of a value's text. */
bool atom_cidr(const struct atom *a, struct str s);
bool atom_compare(const struct atom *a, struct str s);
/* ATOM_FIELD */
bool atom_same(const struct atom *a, const struct folded *value, const struct folded *other);

#endif
