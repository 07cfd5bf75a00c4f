/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mysql_users: the accounts of MariaDB 10.4 and later, read from the pages of mysql.global_priv
 * ("Aria storage formats", ma_blockrec.c: row format PAGE) and the JSON of its column Priv. What a
 * running server has not yet written is not seen.
 */
#ifndef HF_FACTS_LINUX_MYSQL_USERS_H
#define HF_FACTS_LINUX_MYSQL_USERS_H

#include "base/arena.h"
#include "base/str.h"

#define MYSQL_USERS_MAX 10'000
#define MYSQL_USERS_FILE_MAX ((size_t)16 << 20)

enum mysql_means {
	MYSQL_PASSWORD = 1 << 0,
	MYSQL_NOTHING = 1 << 1, /* the password is the empty one */
	MYSQL_CERTIFICATE = 1 << 2,
	MYSQL_GSSAPI = 1 << 3,
	MYSQL_OTHER = 1 << 4, /* PAM and plugins that are not known here */
};
struct mysql_user {
	struct str name, host; /* host: a name, an address or a pattern of LIKE */
	unsigned means;        /* from other machines; 0: none, or the account is locked */
	const char *password;  /* the plugin that checks it, "empty", "unset" or "unknown" */
	bool superuser;        /* SUPER: sets what the server does */
};
struct mysql_users {
	struct mysql_user *list;
	size_t n, cap;
};

/* Live rows of global_priv.MAD, roles left out. -EBADMSG where a page is damaged, -E2BIG, -ENOMEM. */
[[nodiscard]] int mysql_users_parse(struct str pages, struct arena *a, struct mysql_users *ret);

/* Notes a way in: the plugin, and what it compares a password with ("": the empty one). */
void mysql_user_way(struct mysql_user *u, const char *plugin, const char *text);

#endif
