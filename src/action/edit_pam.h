/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edit_pam: stacks of PAM with a line more, or a word. Controls such as [success=1 default=ignore]
 * jump over lines by number (pam.conf(5)); those that jump over the new line jump one further.
 * Rules of the text, of errors and of a second time are those of edit.h.
 */
#ifndef HF_ACTION_EDIT_PAM_H
#define HF_ACTION_EDIT_PAM_H

#include "action/edit.h"

enum edit_pam_where {
	EDIT_PAM_BEFORE, /* the anchor */
	EDIT_PAM_BEHIND, /* it */
	EDIT_PAM_END,    /* of the lines of the type */
};

/*
 * A line of the type ("auth"), where the first line of the type with the module `anchor`
 * ("pam_unix.so") is. `line` is what stands behind the type: "required pam_faillock.so preauth".
 * Nothing changes where the type has a line with that module and that first argument already.
 * -ENOENT: the type has no such anchor; -ENOTSUP: a jump leads over a line that includes others.
 */
[[nodiscard]] int edit_pam_add(struct str text, struct str type, struct str anchor,
			       enum edit_pam_where where, struct str line, struct buf *out);

/* Adds an argument to the lines of the type and module that do not have it ("minlen=" a prefix:
 * whatever its value is). */
[[nodiscard]] int edit_pam_word(struct str text, struct str type, struct str module,
				struct str word, struct buf *out);
/* What stands between type and module of the first such line: "[success=1 default=ignore]". */
bool edit_pam_control(struct str text, struct str type, struct str module, struct str *ret);

#endif
