/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * passwd_file: passwd(5), shadow(5), group(5) and gshadow(5), read as glibc's nss_files reads them.
 *
 * glibc is more tolerant than the manual: leading blanks are skipped, "toor::0:0" without the
 * remaining fields is an account, " 0", "+0" and "00" are uid 0. What it refuses is left out and
 * counted in skipped.
 */
#ifndef HF_FACTS_LINUX_PASSWD_FILE_H
#define HF_FACTS_LINUX_PASSWD_FILE_H

#include "base/map.h"
#include "facts/fact.h"

#define PASSWD_ENTRIES_MAX ((size_t)1 << 18)
#define PASSWD_LINE_MAX ((size_t)64 << 10)
#define GROUP_LINE_MAX ((size_t)4 << 20) /* a hundred thousand members */

/* What a parser left out. */
struct passwd_skipped {
	size_t n;
	unsigned line; /* of the first one */
	const char *why;
	bool cut; /* PASSWD_ENTRIES_MAX was reached */
};

struct passwd_entry {
	struct str name, password, gecos, home, shell; /* shell as written, may be empty */
	int64_t uid, gid; /* -1 in "+" and "-" entries (NIS), which take them from elsewhere */
	unsigned line;
};
struct passwd_file {
	struct passwd_entry *entries;
	size_t n;
	bool present;
	struct passwd_skipped skipped;
};

/* hash never leaves the process. Numbers are FACT_UNKNOWN where the field is empty. */
struct shadow_entry {
	struct str name, hash;
	int64_t last_change, min_age, max_age, warn, inactive, expires;
	unsigned line;
};
struct shadow_file {
	struct shadow_entry *entries;
	size_t n;
	bool present;
	struct passwd_skipped skipped;
};

struct group_entry {
	struct str name, password, members; /* members: separated by commas, as written */
	int64_t gid;                        /* -1 in "+" and "-" entries */
	unsigned line;
};
struct group_file {
	struct group_entry *entries;
	size_t n;
	bool present;
	struct passwd_skipped skipped;
};

struct gshadow_entry {
	struct str name, password, admins, members;
	unsigned line;
};
struct gshadow_file {
	struct gshadow_entry *entries;
	size_t n;
	bool present;
	struct passwd_skipped skipped;
};

/* Pure parsers; texts point into `text`. -ENOMEM. */
[[nodiscard]] int passwd_parse(struct str text, struct arena *a, struct passwd_file *ret);
[[nodiscard]] int shadow_parse(struct str text, struct arena *a, struct shadow_file *ret);
[[nodiscard]] int group_parse(struct str text, struct arena *a, struct group_file *ret);
[[nodiscard]] int gshadow_parse(struct str text, struct arena *a, struct gshadow_file *ret);

/*
 * Read /etc/passwd … below c->root into c->arena and say with collect_problem() what is missing.
 * A missing passwd or group is a problem too (every Linux has them); shadow and gshadow may be
 * absent, see `present`. -ENOMEM is the only error.
 */
[[nodiscard]] int passwd_read(struct collect *c, struct passwd_file *ret);
[[nodiscard]] int shadow_read(struct collect *c, struct shadow_file *ret);
[[nodiscard]] int group_read(struct collect *c, struct group_file *ret);
[[nodiscard]] int gshadow_read(struct collect *c, struct gshadow_file *ret);

/* A problem where passwd says that passwords stand in shadow and there is none. */
void shadow_require(struct collect *c, const struct passwd_file *users,
		    const struct shadow_file *shadow);

/* Name -> index of the first entry (the one that getpwnam(3) and getspnam(3) find). */
[[nodiscard]] int passwd_by_name(const struct passwd_file *f, struct map *ret);
[[nodiscard]] int shadow_by_name(const struct shadow_file *f, struct map *ret);

/* "+", "-", "+name": an entry of nss_compat. */
bool passwd_is_compat(struct str name);
/* The password stands in shadow: "x", "##name" and "*NP*" (pam_unix's is_pwd_shadowed()). */
bool passwd_is_shadowed(const struct passwd_entry *e);

enum password_state {
	PASSWORD_EMPTY,  /* none is asked for */
	PASSWORD_SET,    /* a hash, or what may be one */
	PASSWORD_LOCKED, /* a hash behind '!' or '*' */
	PASSWORD_UNSET,  /* nothing that any password matches */
};
enum password_state password_state(struct str hash);
const char *password_state_name(enum password_state s);
/* Of a hash with or without '!' before it: "yescrypt" …, "unknown", or "" where there is none. */
const char *password_algorithm(struct str hash);
/* The hash without leading '!' and '*'. */
struct str password_bare(struct str hash);

/* A shell that gives a session by its name alone: not nologin, false, sync … ("" is /bin/sh). */
bool shell_is_interactive(struct str shell);
/* The same, and it exists below root. Remembers what it has seen in *seen (zeroed at first). */
bool shell_can_login(const struct root *root, struct str shell, struct map *seen);

/*
 * Which of very many directories exist: after DIRECTORIES_FEW questions their parents are listed
 * once, so that 100,000 homes that are not there cost no system call each.
 */
#define DIRECTORIES_FEW 1'000
struct directories {
	struct map parents, names;
	size_t asked;
	bool broken; /* out of memory: ask the file system */
};
void directories_release(struct directories *d);
bool directory_exists(struct collect *c, struct directories *d, struct str path,
		      struct stat *ret_st);

/* Home directories that exist, each once: those of passwd, then /root and what is in /home. */
struct home {
	const char *path;
	struct str username; /* of the first account that has it; "" for a directory nobody has */
	int64_t uid;         /* of that account; else the owner of the directory */
};
#define HOMES_MAX 10'000
[[nodiscard]] int homes_read(struct collect *c, const struct passwd_file *f, struct home **ret,
			     size_t *ret_n);

#endif
