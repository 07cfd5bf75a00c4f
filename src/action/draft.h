/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * draft: the new text of one file of a plan, made by several edits (edit.h). The first error ends
 * it; draft_save() returns it.
 */
#ifndef HF_ACTION_DRAFT_H
#define HF_ACTION_DRAFT_H

#include "action/edit.h"
#include "action/remedy.h"

/* First line of files that are Holdfast's own. */
#define DRAFT_HEAD "# Written by holdfast fix; holdfast undo takes it back."

struct draft {
	struct plan *plan;
	const char *path;
	struct buf text;
	bool exists;
	int error;
};

/* The file as it is, or is planned to be. Errors wait for draft_save(). */
void draft_open(struct draft *ret, struct plan *p, const char *path);
/* DRAFT_HEAD, where there is no text yet. */
void draft_head(struct draft *d);
void draft_set(struct draft *d, const struct edit_style *style, struct str section, struct str name,
	       struct str value);
void draft_unset(struct draft *d, const struct edit_style *style, struct str section,
		 struct str name);
void draft_lines(struct draft *d, const struct str *lines, size_t n);
void draft_insert(struct draft *d, unsigned number, struct str line);
void draft_comment(struct draft *d, unsigned number);
void draft_word(struct draft *d, struct str with, struct str word);
/* Plans it, if it is another one; mode as plan_file(). */
[[nodiscard]] int draft_save(struct draft *d, uint32_t mode, const char *what);
void draft_release(struct draft *d);

/* Another text of the same file, made by the caller; takes what is in *out. */
void draft_take(struct draft *d, int error, struct buf *out);

/* "…:12 …" or "/a b:12: …" at the start of an evidence: the file and the line. */
bool remedy_place(const struct remedy_input *in, struct str evidence, const char **ret_file,
		  unsigned *ret_line);
/* What follows the first blank of a resource such as "account ben"; the whole where there is none. */
struct str remedy_named(struct str resource, const char *kind);
/* Whether a resource of the check is exactly that. */
bool remedy_fails(const struct remedy_input *in, struct str resource);
/* Path of the first of the files that the root has; NULL: none. */
const char *remedy_first_file(const struct remedy_input *in, const char *const *paths, size_t n);
bool remedy_has_file(const struct remedy_input *in, const char *path);
/* One value of the facts; "" where there is no row. */
[[nodiscard]] int remedy_value(const struct remedy_input *in, const char *sql, struct str *ret);
/* A statement with one text that is bound to ?1. Rows as remedy_query(). */
[[nodiscard]] int remedy_query_text(const struct remedy_input *in, const char *sql, struct str text,
				    struct str **ret, size_t *ret_n);

#endif
