/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accounts_audit: `holdfast accounts --audit-passwords`.
 *
 * The verb puts ACCOUNTS_AUDIT_OPTIONS() among its options; where .wanted is set it runs the audit
 * first and adds what it found to the table weak_passwords.
 */
#ifndef HF_CLI_ACCOUNTS_AUDIT_H
#define HF_CLI_ACCOUNTS_AUDIT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "facts/store.h"
#include "password/record.h"

struct accounts_audit {
	bool wanted, own, yes;
	const char *root; /* NULL: this machine; borrowed, set by the verb */
	const char *tries, *budget, *slowest, *words, *breaches, *passdb, *priority;
};

/* clang-format off */
#define ACCOUNTS_AUDIT_OPTIONS(a) \
	{ .name = "audit-passwords", .flag = &(a)->wanted, \
	  .help = "try a short list of likely passwords against every hash (root, this machine)" }, \
	{ .name = "i-own-this", .flag = &(a)->own, \
	  .help = "with --audit-passwords: the machine below --root is mine" }, \
	{ .name = "yes", .letter = 'y', .flag = &(a)->yes, \
	  .help = "with --audit-passwords: do not ask before it starts" }, \
	{ .name = "tries", .value = "N", .text = &(a)->tries, \
	  .help = "passwords an account (default 300)" }, \
	{ .name = "budget", .value = "TIME", .text = &(a)->budget, \
	  .help = "end after this time: 90s, 15m, 2h (default 15m)" }, \
	{ .name = "slowest", .value = "TIME", .text = &(a)->slowest, \
	  .help = "leave out hashes of which one try takes longer (default 1s)" }, \
	{ .name = "words", .value = "FILE", .text = &(a)->words, \
	  .help = "words of your organisation, one a line, to try with endings" }, \
	{ .name = "breaches", .value = "PATH", .text = &(a)->breaches, \
	  .help = "list of leaked passwords (Have I Been Pwned): sorted file, folder of ranges" }, \
	{ .name = "passdb", .value = "FILE", .text = &(a)->passdb, \
	  .help = "Samba's accounts (tdbsam or smbpasswd) besides those in the usual places" }, \
	{ .name = "priority", .value = "WORD", .words = "idle low normal", \
	  .text = &(a)->priority, \
	  .help = "of the work: idle (default), low or normal" }
/* clang-format on */

/* The outcome; accepts a zeroed one. */
struct audit_outcome {
	struct arena arena;
	struct audit_record record; /* accounts in the order of their files */
	json_t *json;               /* the whole as JSON, owned */
};
void audit_outcome_release(struct audit_outcome *o);

/*
 * Asks, runs, keeps the record of this machine. Prints what is wrong, the estimate and progress on
 * standard error. Exit code: EXIT_FINDINGS where a password fell.
 */
int accounts_audit(const struct accounts_audit *a, struct audit_outcome *ret);
/* Adds to the table weak_passwords what is not there. -EIO, what the store says. */
[[nodiscard]] int audit_store(const struct audit_outcome *o, struct store *store);
/* Adds the member "audit" to the JSON document in *doc. -ENOMEM, errors of buf. */
[[nodiscard]] int audit_add_json(const struct audit_outcome *o, struct buf *doc);
/* The findings, for people, on standard output. */
void accounts_audit_print(const struct audit_outcome *o);

#endif
