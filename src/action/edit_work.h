/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit_work: lines, for the files of edit.h alone. */
#ifndef HF_ACTION_EDIT_WORK_H
#define HF_ACTION_EDIT_WORK_H

#include "action/edit.h"

/* The next line with its end. */
bool edit_line(struct str *rest, struct str *ret);
/* Without "\n" or "\r\n". */
struct str edit_body(struct str line);
/* Or empty. */
bool edit_is_comment(struct str body, const char *starts);
/* Nothing in it ends a line, or hides on a terminal. */
bool edit_one_line(struct str s);
[[nodiscard]] int edit_check(struct str text);
int edit_done(const struct buf *out);
/* What ends the lines of the text. */
const char *edit_newline(struct str text);
/* Ends the last line of *out, if it has one without an end. */
void edit_end_line(struct buf *out, const char *newline);

#endif
