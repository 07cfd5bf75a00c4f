/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_edit: what remedies do to the stacks of PAM of a root. */
#ifndef HF_ACTION_PAM_EDIT_H
#define HF_ACTION_PAM_EDIT_H

#include "action/draft.h"
#include "action/edit_pam.h"

/*
 * Files that hold the lines of the type and module in the stacks that people log in and change
 * passwords by. authselect(8) writes them anew: where it does, -EOPNOTSUPP with p->cannot.
 */
[[nodiscard]] int pam_files(const struct remedy_input *in, struct plan *p, const char *type,
			    const char *module, struct str **ret, size_t *ret_n);
/*
 * A feature of authselect(8), which writes the files of PAM on Fedora and its relatives: planned, or there
 * already, and *ret_done; without authselect nothing. In a tree: -EOPNOTSUPP with p->cannot.
 */
[[nodiscard]] int pam_authselect(const struct remedy_input *in, struct plan *p, const char *feature,
				 bool *ret_done);
/* Whether a folder of modules has it. */
[[nodiscard]] int pam_has_module(const struct remedy_input *in, const char *module, bool *ret);
/* A line more in one file; sets p->risky. */
[[nodiscard]] int pam_add(struct plan *p, const char *file, const char *type, const char *anchor,
			  enum edit_pam_where where, const char *line);
/* An argument more of a module. */
[[nodiscard]] int pam_word(struct plan *p, const char *file, const char *type, const char *module,
			   const char *word);
/* An argument less, as edit_word(). */
[[nodiscard]] int pam_without(struct plan *p, const char *file, const char *module,
			      const char *word);
/*
 * Lines that were added where pam_update() had nothing to do: what that means for a later run of
 * pam-auth-update(8) is said in p->breaks. Nothing on other systems.
 */
[[nodiscard]] int pam_by_hand(const struct remedy_input *in, struct plan *p);

#endif
