/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script: plans as text that does the same elsewhere: a POSIX shell script, an Ansible playbook. Both
 * look first whether files are what they were when the plan was made (sha256), and stop where one is
 * not. Bytes that are no text go in base64.
 */
#ifndef HF_ACTION_SCRIPT_H
#define HF_ACTION_SCRIPT_H

#include "action/change.h"
#include "base/buf.h"

[[nodiscard]] int script_shell(const struct plan *const plans[], size_t n, struct buf *out);
[[nodiscard]] int script_ansible(const struct plan *const plans[], size_t n, struct buf *out);

/* A line behind "# ". */
void script_comment(struct buf *out, const char *text);
/* One for each plan: what it repairs, and what that could break. */
void script_notes(const struct plan *const plans[], size_t n, struct buf *out);

/* The changes of all plans; of those to one file the first, which becomes what the last one makes. */
struct script_step {
	const struct plan *plan;
	struct change change;
};
[[nodiscard]] int script_steps(const struct plan *const plans[], size_t n, struct arena *a,
			       struct script_step **ret, size_t *ret_n);
/* Whether an effect of a plan stands before it already. */
bool script_has_effect(const struct plan *const plans[], size_t plan, size_t effect);

#endif
