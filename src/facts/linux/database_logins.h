/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database_logins: what the readers of each kind of database say of its accounts. */
#ifndef HF_FACTS_LINUX_DATABASE_LOGINS_H
#define HF_FACTS_LINUX_DATABASE_LOGINS_H

#include "facts/fact.h"

/* The columns of the table; see database_logins.c. */
struct database_login {
	struct str name, place, means, deciding;
	const char *door, *password;
	bool anywhere, superuser, certain;
};
[[nodiscard]] int database_login(struct collect *c, const struct database_login *l);

[[nodiscard]] int database_logins_mysql(struct collect *c);

#endif
