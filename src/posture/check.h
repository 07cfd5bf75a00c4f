/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check: one recommendation, one SQL file: front matter in comments, then one SELECT.
 * docs/writing-checks.md describes the format for users.
 *
 * The SELECT returns one row a resource: `resource` (text), `healthy` (1, 0, NULL: does not apply)
 * and `evidence` (text); it may return `severity` (no higher than the check's own), `reachable`
 * (1: from the internet, 0: not, NULL: not known; 0 when the column is absent) and `fix` (text).
 */
#ifndef HF_POSTURE_CHECK_H
#define HF_POSTURE_CHECK_H

#include "base/arena.h"
#include "base/diag.h"
#include "posture/control.h"

struct check {
	struct str id, title, why, fix, action, maps, pass, fail, sql;
	const char *file;  /* path as shown to the user */
	unsigned sql_line; /* line of the file on which the SELECT starts */
	unsigned practice; /* 0-6 */
	unsigned control;  /* index into controls[] */
	enum severity severity;
	bool azure;    /* of what Azure's files describe; else of a machine */
	bool live;     /* says nothing about a machine that does not run */
	bool own;      /* from /etc/holdfast/checks.d */
	bool replaces; /* a built-in check */
};

struct checks {
	struct check *list;
	size_t n, cap;
	struct diag *errors; /* one a file that could not be used */
	size_t n_errors, errors_cap;
};

/* Parses one file; texts are borrowed from it. */
[[nodiscard]] int check_parse(struct str text, const char *file, struct check *ret, struct diag *d);

/* The checks that are built in. Errors in them are bugs, found by the tests. */
[[nodiscard]] int checks_builtin(struct checks *c, struct arena *a);
/*
 * Adds every *.sql below dir; a file that is no check becomes an entry of errors; an id that
 * exists already replaces the built-in check. -ENOENT if there is no such directory.
 */
[[nodiscard]] int checks_load(struct checks *c, const char *dir, struct arena *a);
const struct check *checks_find(const struct checks *c, struct str id);

/* Value of one key of maps ("attack=T1110 cis-v8=5.2"); ptr == NULL when absent. */
struct str check_map(const struct check *c, struct str key);

#endif
