/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_scan: secrets in a line of text, found by the grammar of the program that it calls, by
 * the name that it is given, or by its own shape. Placeholders and variables are none.
 */
#ifndef HF_FACTS_LINUX_SECRET_SCAN_H
#define HF_FACTS_LINUX_SECRET_SCAN_H

#include "base/arena.h"

typedef int secret_fn(void *user, const char *kind, struct str value);

struct secret_scan {
	struct arena *arena; /* scratch, rewound by the caller */
	secret_fn *fn;
	void *user;
	struct str seen[16]; /* what this line has given already */
	size_t n_seen;
};

/* False for most lines, at the price of one pass. */
bool secret_likely(struct str line);

/* Each looks at one line; 0 or an error of fn, or -ENOMEM. */
[[nodiscard]] int secret_shell(struct secret_scan *s, struct str line);
/* Any text: tokens, private keys, URLs with passwords, connection strings, SQL, headers. */
[[nodiscard]] int secret_text(struct secret_scan *s, struct str line);
/* "NAME=value" or "name: value" whose name tells; kind NULL: by name. */
[[nodiscard]] int secret_setting(struct secret_scan *s, struct str line, const char *kind);
/* Every "name": "value" of a line of JSON; kind as above. */
[[nodiscard]] int secret_json(struct secret_scan *s, struct str line, const char *kind);

/* Reports a value once a line unless it is a placeholder; expands: it holds shell variables. */
[[nodiscard]] int secret_found(struct secret_scan *s, const char *kind, struct str value,
			       bool expands);
/* "DB_PASSWORD", "client-secret", "api_key" …; not "PASSWORD_FILE". */
bool secret_name(struct str name);
/* The kind for a name: aws-key, azure-key, github-token or `fallback`. */
const char *secret_kind(struct str name, const char *fallback);

bool secret_is_number(struct str s);
/* Offset of needle (lower case) from `from` on, in any case; -1 where there is none. */
ssize_t secret_ifind(struct str s, size_t from, struct str needle);

/* "p@****3!", "****" for what is shorter than eight characters. */
struct secret_mask {
	char text[24];
};
struct secret_mask secret_mask(struct str value);

#endif
