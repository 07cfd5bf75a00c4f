/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * toml: the part of TOML 1.0 that rules are written in: tables, arrays of tables, strings of all
 * four kinds, numbers, booleans, arrays of strings. Inline tables, dates and dotted keys are told
 * as what cannot be read.
 */
#ifndef HF_SECRETS_TOML_H
#define HF_SECRETS_TOML_H

#include "base/arena.h"

enum toml_type {
	TOML_TABLE,
	TOML_TABLES,
	TOML_STRING,
	TOML_NUMBER,
	TOML_BOOL,
	TOML_LIST,
	TOML_OTHER
};

struct toml_event {
	enum toml_type type;
	unsigned line;
	struct str name;  /* of the table ("rules.allowlists") or the key */
	struct str text;  /* TOML_STRING; TOML_OTHER: as it is written */
	double number;    /* TOML_NUMBER, TOML_BOOL */
	struct str *list; /* TOML_LIST: its strings */
	size_t n;
};

#define TOML_LIST_MAX 10'000

/* -EBADMSG: *ret_line and *ret_reason (a constant) say what is wrong; errors of fn; -ENOMEM. */
typedef int toml_fn(void *user, const struct toml_event *e);
[[nodiscard]] int toml_read(struct str text, struct arena *a, toml_fn *fn, void *user,
			    unsigned *ret_line, const char **ret_reason);

#endif
