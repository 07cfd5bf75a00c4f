/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/mysql_innodb.h"
#include "facts/linux/postgres_roles.h"
#include "facts/linux/samba_names.h"
#include "fuzz.h"

static int note(const struct samba_name *n, void *user)
{
	unsigned *count = user;

	fuzz_assert(n->name.len && n->name.ptr);
	++*count;
	return 0;
}

static int read_some(void *user, uint64_t offset, char *to, size_t size)
{
	const struct str *text = user;

	if (offset > text->len || size > text->len - offset)
		return -EBADMSG;
	memcpy(to, text->ptr + offset, size);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	own(arena_release) struct arena a = { .limit = (size_t)4 << 20 };
	struct postgres_roles roles = {};
	struct mysql_users users = {};
	uint32_t node = 0;
	unsigned count = 0;

	(void)!samba_names_tdb(text, note, &count);
	(void)!samba_names_smbpasswd(text, note, &count);
	(void)!postgres_filenode(text, &node);
	if (postgres_roles_parse(text, &a, &roles) == 0)
		for (size_t i = 0; i < roles.n; i++)
			fuzz_assert(roles.list[i].name.len && roles.list[i].password);
	if (mysql_users_parse(text, &a, &users) == 0)
		for (size_t i = 0; i < users.n; i++)
			fuzz_assert(users.list[i].name.ptr && users.list[i].password);
	users = (struct mysql_users){};
	if (mysql_innodb_parse(read_some, &text, text.len, &a, &users) == 0)
		for (size_t i = 0; i < users.n; i++)
			fuzz_assert(users.list[i].name.ptr && users.list[i].host.ptr);
	return 0;
}
