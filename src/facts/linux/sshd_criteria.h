/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_criteria: the criteria of one Match line. */
#ifndef HF_FACTS_LINUX_SSHD_CRITERIA_H
#define HF_FACTS_LINUX_SSHD_CRITERIA_H

#include "facts/linux/sshd_value.h"

struct sshd_criterion;
struct sshd_reason {
	char text[160];
};
/*
 * raw is the line behind "Match", words the same as words. -EINVAL: sshd refuses it, why tells;
 * -ENOMEM.
 */
[[nodiscard]] int sshd_criteria_parse(const struct sshd_build *b, struct str raw,
				      const struct str *words, size_t n_words, struct arena *a,
				      struct sshd_criterion **ret, size_t *ret_n,
				      struct sshd_reason *why);
/* "user alice address 10.0.0.0/8" behind the text of the block around it. */
struct str sshd_criteria_text(struct str outer, const struct sshd_criterion *list, size_t n,
			      struct arena *a);

#endif
