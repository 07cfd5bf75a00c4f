/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secrets: what the parts of the verb share. */
#ifndef HF_CLI_SECRETS_H
#define HF_CLI_SECRETS_H

#include "cli/cli.h"
#include "secrets/report.h"

struct secrets_list {
	struct report_item *items; /* sorted by path, offset */
	size_t n, cap;
	struct report_item *problems;
	size_t n_problems, problems_cap;
	struct report_record end;
	struct arena arena;
	int64_t now;
	const char *root; /* as it was named, or NULL */
};

/* Exit code of what was found, or of what could not be printed. */
int secrets_print(const struct secrets_list *l, bool json);
struct secrets_fix {
	const char *root;
	bool yes, json;
};
/* Shows what would be done, asks, does it, and writes it down as `fix` does. Exit code. */
int secrets_fix_all(const struct secrets_fix *f, const struct secrets_list *l);
/* Whether a finding's file may be rewritten, its mode be narrowed; the mode that it would have. */
bool secrets_can_rewrite(const struct report_item *i);
bool secrets_can_close(const struct report_item *i, uint32_t *ret_mode);

#endif
