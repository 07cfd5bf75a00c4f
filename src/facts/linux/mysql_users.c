/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/mysql_users.h"

#include <jansson.h>

#define PAGE 8'192U /* aria_block_size of every table of mysql */
#define PAGE_HEAD 12U
#define PAGE_END 4U /* checksum */
#define ENTRY 4U
#define PRIV_MAX 60'000U

/* Low bits of the byte that tells the page's type. */
enum { PAGE_UNUSED, PAGE_ROWS, PAGE_TAILS, PAGE_BLOB, PAGE_TYPES = 7 };

/* Flags of a row. */
enum { ROW_TRANSACTION = 1, ROW_VERSION = 2, ROW_DELETER = 4, ROW_NULLS = 8, ROW_EXTENTS = 128 };

#define ACCESS_SUPER (UINT64_C(1) << 15)

static uint32_t get(struct str s, size_t at, size_t bytes)
{
	uint32_t v = 0;

	for (size_t i = 0; i < bytes && at + i < s.len; i++)
		v |= (uint32_t)(unsigned char)s.ptr[at + i] << (8 * i);
	return v;
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

struct plugin {
	const char *name, *password;
	unsigned means;
};
static const struct plugin plugins[] = {
	{"mysql_native_password",  "mysql_native_password", MYSQL_PASSWORD},
	{ "mysql_old_password",    "mysql_old_password",    MYSQL_PASSWORD},
	{ "ed25519",               "ed25519",               MYSQL_PASSWORD},
	{ "parsec",                "parsec",                MYSQL_PASSWORD},
	{ "caching_sha2_password", "caching_sha2_password", MYSQL_PASSWORD},
	{ "sha256_password",       "sha256_password",       MYSQL_PASSWORD},
	{ "gssapi",                "unset",                 MYSQL_GSSAPI  },
	{ "unix_socket",           "unset",                 0             },
	{ "mysql_no_login",        "unset",                 0             },
	{ "auth_socket",           "unset",                 0             },
};

/* One way in: the plugin and what it compares with. */
void mysql_user_way(struct mysql_user *u, const char *name, const char *text)
{
	const struct plugin *p = plugins;

	while (p < plugins + COUNT(plugins) && strcmp(p->name, name) != 0)
		p++;
	if (p == plugins + COUNT(plugins)) {
		u->means |= MYSQL_OTHER;
		return;
	}
	if (p->means != MYSQL_PASSWORD) {
		u->means |= p->means;
		return;
	}
	/* What mariadb-install-db sets so that nothing fits. */
	if (strcmp(text, "invalid") == 0)
		return;
	u->means |= *text ? MYSQL_PASSWORD : MYSQL_NOTHING;
	u->password = *text ? p->password : "empty";
}

static bool is_true(const json_t *o, const char *name)
{
	return json_is_true(json_object_get(o, name));
}

/* "plugin" is what an empty object of "auth_or" stands for. */
static void take_ways(struct mysql_user *u, const json_t *priv)
{
	const json_t *list = json_object_get(priv, "auth_or"), *one;
	const char *name = text_of(priv, "plugin"), *text = text_of(priv, "authentication_string");
	size_t i;

	if (!*name)
		name = "mysql_native_password";
	if (!json_array_size(list))
		mysql_user_way(u, name, text);
	json_array_foreach(list, i, one)
	{
		if (json_object_get(one, "plugin"))
			mysql_user_way(u, text_of(one, "plugin"),
				       text_of(one, "authentication_string"));
		else
			mysql_user_way(u, name, text);
	}
}

static int take_priv(struct str text, struct mysql_user *u, bool *ret_role)
{
	/* ALL PRIVILEGES is more than a signed number holds. */
	json_t *priv = json_loadb(text.ptr, text.len, JSON_DECODE_INT_AS_REAL, NULL);
	double access;

	if (!json_is_object(priv)) {
		json_decref(priv);
		return -EBADMSG;
	}
	*ret_role = is_true(priv, "is_role");
	access = json_number_value(json_object_get(priv, "access"));
	u->superuser = access >= 0x1p63 || (access > 0 && (uint64_t)access & ACCESS_SUPER);
	take_ways(u, priv);
	/* REQUIRE X509, ISSUER, SUBJECT: a certificate beside what else is asked for. */
	if (u->means && json_number_value(json_object_get(priv, "ssl_type")) >= 2)
		u->means = MYSQL_CERTIFICATE;
	if (is_true(priv, "account_locked"))
		u->means = 0;
	json_decref(priv);
	return 0;
}

/*
 * Flags, [transaction], length of the lengths, one byte that tells which columns are empty, lengths
 * of Host, User (two bytes each) and Priv (four), their texts. No column may be NULL.
 */
static int split_row(struct str row, struct str *ret_host, struct str *ret_user,
		     struct str *ret_priv)
{
	unsigned flags = get(row, 0, 1), empty;
	size_t at = 1 + (flags & ROW_TRANSACTION ? 6 : 0) + (flags & ROW_VERSION ? 7 : 0);
	struct str *const columns[] = { ret_host, ret_user, ret_priv };
	size_t lengths, end, have;

	if (flags & (ROW_NULLS | ROW_EXTENTS) || at + 2 > row.len)
		return -EBADMSG;
	lengths = get(row, at, 1);
	empty = get(row, at + 1, 1);
	at += 2;
	end = at + lengths;
	have = end;
	for (unsigned i = 0; i < COUNT(columns); i++) {
		size_t bytes = i == 2 ? 4 : 2, n = 0;

		if (!(empty >> i & 1)) {
			if (at + bytes > end || end > row.len)
				return -EBADMSG;
			n = get(row, at, bytes);
			at += bytes;
		}
		if (n > row.len - MIN(have, row.len))
			return -EBADMSG;
		*columns[i] = str_sub(row, have, have + n);
		have += n;
	}
	return at == end ? 0 : -EBADMSG;
}

static int add_row(struct str row, struct arena *a, struct mysql_users *out)
{
	struct mysql_user u = { .password = "unset" };
	struct str host, name, priv;
	bool role = false;
	int r;

	if (get(row, 0, 1) & ROW_DELETER)
		return 0;
	r = split_row(row, &host, &name, &priv);
	if (r < 0)
		return r;
	if (priv.len > PRIV_MAX)
		return -EBADMSG;
	r = take_priv(priv, &u, &role);
	if (r < 0 || role)
		return r;
	if (out->n == MYSQL_USERS_MAX)
		return -E2BIG;
	u.name = arena_str(a, name);
	u.host = arena_str(a, host);
	if (!u.name.ptr || !u.host.ptr)
		return -ENOMEM;
	return arena_push(a, out->list, out->n, out->cap, u);
}

static int read_page(struct str page, struct arena *a, struct mysql_users *out)
{
	unsigned type = get(page, 7, 1) & PAGE_TYPES, entries = get(page, 8, 1);
	size_t directory = PAGE - PAGE_END - (size_t)entries * ENTRY;
	int r = 0;

	if (type != PAGE_ROWS)
		return type <= PAGE_BLOB ? 0 : -EBADMSG;
	for (unsigned i = 0; r >= 0 && i < entries; i++) {
		size_t entry = PAGE - PAGE_END - (size_t)(i + 1) * ENTRY;
		uint32_t offset = get(page, entry, 2), len = get(page, entry + 2, 2);

		if (!offset) /* free */
			continue;
		if (offset < PAGE_HEAD || offset + len > directory)
			return -EBADMSG;
		r = add_row(str_sub(page, offset, offset + len), a, out);
	}
	return r;
}

int mysql_users_parse(struct str pages, struct arena *a, struct mysql_users *ret)
{
	struct mysql_users out = {};

	if (!pages.len || pages.len % PAGE)
		return -EBADMSG;
	if (pages.len > MYSQL_USERS_FILE_MAX)
		return -E2BIG;
	/* The first page, and only that one in a file of this size, is a bitmap of the others. */
	for (size_t at = PAGE; at < pages.len; at += PAGE) {
		int r = read_page(str_sub(pages, at, at + PAGE), a, &out);

		if (r < 0)
			return r;
	}
	*ret = out;
	return 0;
}
