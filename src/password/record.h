/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: what a password audit found, as JSON. The audit of a machine is kept in RECORD_PATH, so
 * that the facts know of it: an account counts as weak until its hash changes. No password and no
 * hash stands in it; that a hash is still the same is told by 16 bits of a keyed digest.
 */
#ifndef HF_PASSWORD_RECORD_H
#define HF_PASSWORD_RECORD_H

#include <jansson.h>

#include "base/diag.h"
#include "password/audit.h"

#define RECORD_PATH "/var/lib/holdfast/passwords.json"
#define RECORD_MAX ((size_t)128 << 20)

struct audit_row {
	struct str name, store, hash; /* hash: its method */
	enum audit_state state;
	enum candidate_kind kind; /* weak */
	size_t within;            /* weak: of candidates_within(); 0: leaked, not guessed */
	uint64_t leaked;          /* times */
	size_t tried;             /* strong, unfinished */
	size_t same_hash, same_password;
	struct str why; /* skipped */
	uint16_t print;
};
struct audit_record {
	int64_t time; /* UNIX time of the audit */
	size_t tries;
	uint64_t key[2];
	struct audit_row *rows; /* in the arena */
	size_t n;
};

/* The whole as a new reference, NULL without memory. */
json_t *record_make(const struct audit_account *accounts, size_t n, const struct audit_plan *plan,
		    const struct audit_result *result, size_t tries, int64_t now);
/* Takes out what only the file of the record needs. */
void record_strip(json_t *record);
/* Reads it; texts are in the arena. -EBADMSG with *d where it is none. */
[[nodiscard]] int record_parse(struct str text, struct arena *a, struct audit_record *ret,
			       struct diag *d);

uint16_t record_print(const uint64_t key[static 2], struct str hash);

#endif
