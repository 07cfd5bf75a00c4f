/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudo_expand: lists of sudoers with their aliases replaced by what they stand for. */
#ifndef HF_FACTS_LINUX_SUDO_EXPAND_H
#define HF_FACTS_LINUX_SUDO_EXPAND_H

#include "facts/linux/sudoers.h"

struct sudo_expand {
	struct collect *c;
	const struct sudoers *s;
	size_t words;        /* looked at so far */
	const char *problem; /* why a list was not read to its end; reset by the caller */
};
typedef int sudo_item_fn(struct sudo_expand *x, const struct sudo_item *item, void *user);

/*
 * Calls fn for every word; of a negated alias each one is turned around, so that, as in sudo, the
 * last word that fits decides. 0, -ENOMEM, an error of fn.
 */
[[nodiscard]] int sudo_expand(struct sudo_expand *x, struct str list, enum sudo_alias_kind kind,
			      sudo_item_fn *fn, void *user);
/* The words, "!" before those that are negated, separated by commas. */
[[nodiscard]] int sudo_expand_text(struct sudo_expand *x, struct str list,
				   enum sudo_alias_kind kind, struct str *ret);

#endif
