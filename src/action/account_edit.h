/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_edit: the files of accounts: passwd(5), shadow(5), group(5), gshadow(5). */
#ifndef HF_ACTION_ACCOUNT_EDIT_H
#define HF_ACTION_ACCOUNT_EDIT_H

#include "action/draft.h"

#define PASSWD "/etc/passwd"
#define SHADOW "/etc/shadow"
#define GROUP "/etc/group"
#define GSHADOW "/etc/gshadow"

/*
 * Pure, with the rules of edit.h: field `index` (from 0) of the line of the name becomes `value`;
 * fields that are missing in front of it are made, empty. -ENOENT: no such line. Of several lines
 * the first counts, and is changed.
 */
[[nodiscard]] int edit_field(struct str text, struct str name, unsigned index, struct str value,
			     struct buf *out);
/* The field; false where there is no such line or field. */
bool edit_field_get(struct str text, struct str name, unsigned index, struct str *ret);

/* One field of one line of a file. */
[[nodiscard]] int account_field_set(struct plan *p, const char *file, struct str name,
				    unsigned index, struct str value);
/* What is in the file of the root now; ptr == NULL where there is no such line. */
[[nodiscard]] int account_field_get(const struct remedy_input *in, const char *file,
				    struct str name, unsigned index, struct str *ret);
/* A group of the system without members. */
[[nodiscard]] int account_add_group(const struct remedy_input *in, struct plan *p, struct str name);

#endif
