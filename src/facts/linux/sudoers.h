/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sudoers: the grammar of sudoers(5), as sudo 1.9's toke.l and gram.y read it.
 *
 * A line that sudo would refuse is left out (sudo 1.9 goes on after it, older ones refuse the whole
 * policy) and says so in sudo_statement.error.
 */
#ifndef HF_FACTS_LINUX_SUDOERS_H
#define HF_FACTS_LINUX_SUDOERS_H

#include "base/map.h"
#include "facts/fact.h"

/* Logical lines: continuations joined, comments removed, never longer than SUDOERS_LINE_MAX. */
#define SUDOERS_LINE_MAX ((size_t)1 << 20)
struct sudoers_reader {
	struct str rest;
	unsigned next; /* number of the first physical line of rest, less one */
	unsigned line; /* of the logical line that was returned */
	bool too_long; /* it was cut and must not be trusted */
};
/* 1 and a line (in the arena), 0 at the end, -ENOMEM. Empty lines are passed over. */
[[nodiscard]] int sudoers_next(struct sudoers_reader *r, struct arena *a, struct str *ret);

enum sudo_alias_kind { SUDO_USERS, SUDO_RUNAS, SUDO_HOSTS, SUDO_COMMANDS };

/* One word of a user, run-as or command list, with its escapes and quotes removed. */
struct sudo_item {
	struct str text;
	struct str digests; /* of a command, as written: "sha256:…, sha512:…" */
	bool negated;
	bool alias; /* may name an alias: upper case, not quoted, not ALL */
};
/*
 * Takes the next item off *list (as text of the grammar). 1, 0 at the end, -EBADMSG where the
 * grammar is left, -ENOMEM. Items are separated by commas.
 */
[[nodiscard]] int sudo_next_item(struct str *list, enum sudo_alias_kind kind, struct arena *a,
				 struct sudo_item *ret);

/* One command of a rule; what is inherited along the list is filled in. */
struct sudo_spec {
	struct str hosts;   /* as written */
	struct str runas;   /* as written, without the parentheses; ptr == NULL: none */
	struct str command; /* text of the grammar, for sudo_next_item(SUDO_COMMANDS) */
	int passwd;         /* 1 PASSWD, 0 NOPASSWD, -1 neither */
	bool noexec;
	int64_t not_before, not_after; /* UNIX time; 0: none */
};

enum sudo_statement_kind {
	SUDO_RULE,
	SUDO_DEFAULTS,
	SUDO_ALIAS,
	SUDO_INCLUDE,
	SUDO_INCLUDEDIR,
};
struct sudo_alias {
	enum sudo_alias_kind kind;
	struct str name, body;
};
struct sudo_default {
	struct str scope; /* as written, with its '@', ':', '!' or '>' */
	struct str name, value;
};
struct sudo_statement {
	enum sudo_statement_kind kind;
	const char *error; /* NULL: all of it was understood; else up to where it was */
	struct str users;  /* of a rule, as written */
	struct str path;   /* of an include, unescaped */
	struct sudo_spec *specs;
	struct sudo_alias *aliases;
	struct sudo_default *defaults;
	size_t n; /* specs, aliases or defaults */
	size_t cap;
};
/* Parses one logical line; 0 or -ENOMEM (text that is wrong is told in ret->error). */
[[nodiscard]] int sudo_parse(struct str line, struct arena *a, struct sudo_statement *ret);

/* All of a machine's sudoers. */
struct sudo_line {
	struct sudo_statement s;
	struct str text;
	struct str file;
	unsigned line;
};
struct sudoers {
	struct sudo_line *lines;
	size_t n, cap;
	struct map aliases; /* "U:NAME", "R:NAME", "C:NAME" -> index in list */
	const struct sudo_alias **list;
	size_t n_list, list_cap;
	size_t files;
};
/* Reads /etc/sudoers and what it includes, reports what is wrong. -ENOMEM. */
[[nodiscard]] int sudoers_load(struct collect *c, struct sudoers *ret);
void sudoers_release(struct sudoers *s);
/* The body of an alias, or NULL. */
const struct sudo_alias *sudoers_alias(const struct sudoers *s, enum sudo_alias_kind kind,
				       struct str name);

/*
 * Why a command that may be run as root gives more than it seems to, or "". `command` is a
 * command with its arguments as sudoers has it.
 */
const char *sudo_danger(const struct root *root, struct str command, bool noexec);
/*
 * Whether the file of a command has one of the digests (hexadecimal or base 64). -EINVAL where that
 * cannot be told: patterns, folders, files that cannot be read.
 */
[[nodiscard]] int sudo_digest_fits(const struct root *root, struct str digests, struct str command,
				   bool *ret);

#endif
