/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * accounts: who can log in, by which door, from where, with what, and what that makes of them; from
 * the tables of one sealed store.
 */
#ifndef HF_REPORT_ACCOUNTS_H
#define HF_REPORT_ACCOUNTS_H

#include "base/buf.h"
#include "base/map.h"
#include "base/term.h"
#include "facts/store.h"
#include "posture/check.h"

/* Yes, no, or not known: NULL of a column. */
enum account_reach { ACCOUNT_NO, ACCOUNT_PERHAPS, ACCOUNT_YES };

struct account_login {
	struct str door, place, addresses, means, session, deciding, ports, rule;
	struct str sources; /* prefixes that reach the door, separated by blanks */
	enum account_reach internet;
	bool anywhere; /* the door lets in whoever reaches it */
	bool wide;     /* … which is the internet as a whole */
	bool second_factor, tunnel, listen, certain;
};
struct account_key {
	struct str type, fingerprint, comment, options, file, refused;
	int64_t bits, line, changed; /* changed: of the file, UNIX time; 0: not known */
	bool limited, authority;
};
struct account_privilege {
	struct str how, detail, why, evidence;
	bool nopasswd, usable;
};

struct account {
	struct str name, shell, kind; /* kind: local, domain, database */
	int64_t uid;                  /* -1: none */
	struct account_login *logins;
	size_t n_logins, logins_cap;
	struct account_key *keys;
	size_t n_keys, keys_cap;
	struct account_privilege *privileges;
	size_t n_privileges, privileges_cap;
	struct str password; /* locked, unset, empty, the type of the hash, weak, or unknown */
	struct str hash;     /* the type, where password says weak */
	struct str weak;     /* what it was guessed from; "" */
	int64_t tries;       /* … in as many tries */
	int64_t changed;     /* of the password, days since 1970; FACT_UNKNOWN */
	int64_t last_login;  /* UNIX time; FACT_UNKNOWN */
	bool superuser;      /* of a database */
	bool predictable;    /* the name stands on every list */
	bool fresh;          /* could not log in when this was last looked at */
	int64_t first_seen;  /* when it was first seen to be able to; 0: not known */
	/* derived */
	enum account_reach internet;
	bool becomes_root, by_password, open; /* open: nothing is asked for */
	enum severity severity;
	struct str evidence;
};

struct accounts {
	struct account *list; /* the worst first */
	size_t n, cap;
	struct map names;
	struct str sshd_error; /* why sshd refuses its configuration, "" */
	struct str *missing;   /* what could not be read */
	size_t n_missing, missing_cap;
	struct arena *arena;
	size_t internet; /* accounts that the internet may reach */
};
#define ACCOUNTS_ARENA ((size_t)1 << 30)

/* Statements that accounts_load() runs, to know which tables they need. */
extern const char *const accounts_queries[];
extern const size_t n_accounts_queries;

/* What is borrowed lives in a. -ENOMEM, or what SQLite says. */
[[nodiscard]] int accounts_load(struct store *s, struct arena *a, struct accounts *ret);
void accounts_release(struct accounts *x);

/* Shown in full at most `top` accounts; 0: all. */
[[nodiscard]] int accounts_text(const struct accounts *x, size_t top, const struct term *term,
				struct buf *out);
[[nodiscard]] int accounts_json(const struct accounts *x, struct buf *out);

#endif
