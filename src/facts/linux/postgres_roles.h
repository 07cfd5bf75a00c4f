/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * postgres_roles: the roles of a PostgreSQL cluster, read from the pages of pg_authid ("Database Page
 * Layout", "pg_authid" and relmapper.c of PostgreSQL 12 to 17). What a running server has not yet
 * written is not seen.
 */
#ifndef HF_FACTS_LINUX_POSTGRES_ROLES_H
#define HF_FACTS_LINUX_POSTGRES_ROLES_H

#include "base/arena.h"
#include "base/str.h"

#define POSTGRES_ROLES_MAX 10'000

struct postgres_role {
	struct str name;
	bool superuser, can_login;
	const char *password; /* "scram-sha-256", "md5", "" (none) or "unknown" */
};
struct postgres_roles {
	struct postgres_role *list;
	size_t n, cap;
};

/* The file of pg_authid (1260) by global/pg_filenode.map; -EBADMSG: it is none. */
[[nodiscard]] int postgres_filenode(struct str map, uint32_t *ret);
/* Live rows of its pages; names are copied. -EBADMSG where a page is damaged, -E2BIG, -ENOMEM. */
[[nodiscard]] int postgres_roles_parse(struct str pages, struct arena *a,
				       struct postgres_roles *ret);

#endif
