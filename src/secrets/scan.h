/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan: secrets of a file, read in windows of a bounded size. One automaton looks for the words of
 * which one stands beside every secret; only lines that have one are looked at closely.
 */
#ifndef HF_SECRETS_SCAN_H
#define HF_SECRETS_SCAN_H

#include "base/arena.h"
#include "secrets/file.h"
#include "secrets/value.h"

struct secrets; /* the automaton, and the rules of the user */
struct user_rules;

/* rules may be NULL, else it must outlive the result. -ENOMEM. */
[[nodiscard]] int secrets_new(const struct user_rules *rules, struct secrets **ret);
void secrets_release(struct secrets **s);

struct secret_finding {
	const char *kind;
	const char *rule; /* id of a rule of the user's own, or NULL */
	struct secret_mask mask;
	uint64_t line;   /* from 1 */
	uint64_t offset; /* of its first byte in the file */
	uint32_t len;
	int64_t time; /* UNIX time that the history says, 0: nothing */
};
/* 0, or an error that ends the scan. */
typedef int secret_finding_fn(void *user, const struct secret_finding *f);

struct secret_scan {
	const struct secrets *secrets;
	struct secret_file file;
	struct str path; /* for rules of the user that ask for it */
	secret_finding_fn *fn;
	void *user;
	uint64_t bytes; /* how much was read; added to */
	bool key;       /* a private key was found, with a pass phrase or without */
};

/* -errno of read(2), an error of fn, -ENOMEM. What is not text is left alone unless it has a name. */
[[nodiscard]] int secrets_scan(struct secret_scan *s, int fd);
/* The same for a text in memory. */
[[nodiscard]] int secrets_scan_text(struct secret_scan *s, struct str text);

#endif
