/* SPDX-License-Identifier: GPL-3.0-or-later */
/* modifier: the table of value modifiers; used by sigma_item.c alone. */
#ifndef HF_DETECT_MODIFIER_H
#define HF_DETECT_MODIFIER_H

#include "detect/sigma.h"

#define MODIFIERS_MAX 8
#define WORKS_MAX 4096

struct modifier;

/* "Field|modifier|…" */
struct item {
	uint16_t field;
	bool all, negated;
	const struct tree *key;
	const struct modifier *modifiers[MODIFIERS_MAX];
	size_t n;
};

/* A value on its way through the modifiers. */
struct work {
	struct atom atom;
	const struct tree *source;
	bool negated;
	bool padded; /* Base64 that may end with = */
};
struct works {
	struct work *list;
	size_t n, cap;
};
struct exprs {
	struct expr **list;
	size_t n, cap;
};

[[nodiscard]] int modifier_parse(struct sigma *s, const struct tree *key, struct item *ret);
/* The i-th modifier over all values so far. */
[[nodiscard]] int modifier_apply(struct sigma *s, const struct item *item, size_t i,
				 struct works *works);

/* More than one value from one. */
[[nodiscard]] int modifier_base64_offset(struct sigma *s, const struct work *w, struct works *out);
[[nodiscard]] int modifier_windash(struct sigma *s, const struct work *w, struct works *out);
[[nodiscard]] int modifier_expand(struct sigma *s, const struct work *w, struct works *out);
/* An address with "/bits". */
[[nodiscard]] int modifier_cidr(struct sigma *s, struct work *w);

#endif
