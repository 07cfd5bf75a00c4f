/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accounts: the options of `holdfast accounts`, for the files that do its parts. */
#ifndef HF_CLI_ACCOUNTS_H
#define HF_CLI_ACCOUNTS_H

#include "cli/accounts_audit.h"
#include "cli/past.h"
#include "cli/source.h"

struct accounts_run {
	struct source source;
	const char *format, *fail_on;
	bool all;
	struct past past;
	struct accounts_audit audit; /* --audit-passwords */
	struct audit_outcome outcome;
};

static inline bool accounts_is_json(const struct accounts_run *x)
{
	return x->format && !strcmp(x->format, "json");
}

#endif
