/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accounts_audit_work: what the files of the password audit share. */
#ifndef HF_CLI_ACCOUNTS_AUDIT_WORK_H
#define HF_CLI_ACCOUNTS_AUDIT_WORK_H

#include "base/root.h"
#include "base/term.h"
#include "cli/accounts_audit.h"

#define LOAD_MEMORY ((size_t)512 << 20)

/* The accounts of a machine and what is known of it. */
struct audit_load {
	struct arena arena;
	struct audit_account *accounts;
	size_t n, cap;
	struct candidate_host host;
	struct str *words, *services;
	size_t n_words, words_cap, n_services, services_cap;
	/* Texts that hold hashes: locked in memory, wiped. */
	struct str secrets[16];
	size_t n_secrets;
};
void audit_load_release(struct audit_load *l);

/* Words of the organisation, one a line; the text must outlive the load. */
[[nodiscard]] int audit_load_words(struct audit_load *l, struct str text);
/* A file of Samba's that was read already; wiped like the others. Prints what is wrong. */
[[nodiscard]] int audit_load_samba(struct audit_load *l, const char *path, struct str bytes);
/* What stands below the root. Prints what is wrong; -ENOMEM and -errno of passwd and shadow. */
[[nodiscard]] int audit_load(struct audit_load *l, const struct root *root, int64_t now);

/* "90s", "15m", "2h", "3d", "90": seconds. -EINVAL. */
[[nodiscard]] int audit_seconds(struct str text, double *ret);
/* "1 min 5 s" */
const char *audit_time(double seconds, char *ret, size_t size);

void audit_print_plan(const struct audit_plan *plan, size_t tries, double budget,
		      const char *priority);
struct audit_bar {
	struct term term;
	bool drawn;
};
void audit_draw(struct audit_bar *b, double share, double left, size_t weak);
void audit_erase(struct audit_bar *b);

#endif
