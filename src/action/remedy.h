/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remedy: how a kind of weakness is repaired. A check names its remedy and the arguments of it in
 * its front matter ("-- action: KIND ARGUMENT …", words as in a shell: quotes join); KIND is a row
 * of remedies.def, and remedy_KIND.c has its one function. It looks and plans (change.h), and
 * changes nothing.
 *
 * What a remedy reads it reads through in->root (root_read() and the like): there it sees what
 * earlier remedies of the same run have planned.
 */
#ifndef HF_ACTION_REMEDY_H
#define HF_ACTION_REMEDY_H

#include <sqlite3.h>

#include "action/change.h"

#define REMEDY_ARGS_MAX 32u
#define REMEDY_RESOURCES_MAX 4096u

/* One row of the check that is not healthy. */
struct remedy_resource {
	struct str resource, evidence, fix;
};

struct remedy_options {
	bool live;              /* the running machine: units, commands and effects are possible */
	const char *keep_ports; /* "22,443/tcp": of --keep-ports; NULL: those that listen */
	const char *login;      /* account that is logged in and runs this; NULL: not known */
};

struct remedy_input {
	const struct root *root;
	sqlite3 *facts; /* sealed: SELECT over every table and view of `holdfast query` */
	struct str check;
	const struct str *args; /* behind KIND */
	size_t n_args;
	const struct remedy_resource *resources;
	size_t n_resources;
	const struct remedy_options *options;
	struct arena *arena;
};

struct remedy {
	const char *kind;
	const char *args; /* of the synopsis: "KEYWORD VALUE" */
	const char *what; /* one line, for the documentation */
	/*
	 * Adds changes to p. -EOPNOTSUPP: it cannot be done, p->cannot says why; other errors are
	 * those of the system. A remedy that finds nothing to do adds nothing.
	 */
	int (*plan)(const struct remedy_input *in, struct plan *p);
};
extern const struct remedy *const remedies[];
extern const size_t n_remedies;
/* kind->plan(), and what it could break where that says nothing of it. */
[[nodiscard]] int remedy_plan(const struct remedy *kind, const struct remedy_input *in,
			      struct plan *p);
const struct remedy *remedy_find(struct str kind);

/*
 * Splits an action line: *ret_kind and up to REMEDY_ARGS_MAX arguments. -EINVAL: empty, no such kind,
 * too many.
 */
[[nodiscard]] int remedy_parse(struct str action, struct arena *a, const struct remedy **ret_kind,
			       struct str **ret_args, size_t *ret_n);

/* Rows of a statement with one text column (NULL is ""), at most REMEDY_RESOURCES_MAX. */
[[nodiscard]] int remedy_query(const struct remedy_input *in, const char *sql, struct str **ret,
			       size_t *ret_n);

/*
 * Numbers of a user and a group by the root's /etc/passwd and /etc/group, by name or as written
 * ("0"). -ENOENT: there is none.
 */
[[nodiscard]] int remedy_uid(const struct remedy_input *in, struct str name, uint32_t *ret);
[[nodiscard]] int remedy_gid(const struct remedy_input *in, struct str name, uint32_t *ret);

#endif
