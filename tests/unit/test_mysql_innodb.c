/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tablespace of pages of 4 KB, made as InnoDB's headers have them; accounts_mysql.py has a server's. */
#include "facts/linux/mysql_innodb.h"
#include "tap.h"

#define PAGE 4096U
#define PAGES 4U

static unsigned char space[PAGES * PAGE];

static void put(size_t at, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		space[at + i] = (unsigned char)(v >> (8 * (bytes - 1 - i)));
}

struct made {
	const char *host, *user, *plugin, *text;
	bool superuser, locked, deleted;
	unsigned ssl;
};

/* A row at `origin` of the page at `page`; where the next one may begin. */
static size_t row(size_t page, size_t origin, const struct made *m)
{
	size_t at = page + origin, back = at - 6, user = strlen(m->user),
	       plugin = strlen(m->plugin);
	size_t text = strlen(m->text);

	space[at - 5] = m->deleted ? 0x20 : 0;
	space[at - 6] = 0x7e; /* all that may be NULL is, but for the text */
	space[--back] = (unsigned char)MAX(user, 32U);
	space[--back] = 0; /* cipher, issuer, subject */
	space[--back] = 0;
	space[--back] = 0;
	space[--back] = (unsigned char)MAX(plugin, 64U);
	if (text > 127)
		space[--back] = (unsigned char)(0x80 | text >> 8);
	space[--back] = (unsigned char)text;
	memset(space + at, ' ', 255 + 32);
	memcpy(space + at, m->host, strlen(m->host));
	memcpy(space + at + 255, m->user, user);
	at += 255 + 32 + 13;
	memset(space + at, 1, 29);
	space[at + 15] = m->superuser ? 2 : 1;
	at += 29;
	space[at++] = (unsigned char)(m->ssl ? m->ssl : 1);
	at += 16;
	memset(space + at, ' ', 64);
	memcpy(space + at, m->plugin, plugin);
	at += 64;
	memcpy(space + at, m->text, text);
	at += text;
	space[at++] = 1; /* expired */
	space[at++] = m->locked ? 2 : 1;
	space[at++] = 1;
	space[at++] = 1;
	return at - page;
}

static void leaf(unsigned n, uint64_t index, const struct made *list, size_t rows)
{
	size_t page = n * PAGE, before = 99, origin = 160;

	put(page + 8, UINT32_MAX, 4);
	put(page + 12, UINT32_MAX, 4);
	put(page + 20, 77, 4);
	put(page + PAGE - 4, 77, 4);
	put(page + 24, 17855, 2);
	put(page + 42, 0x8000, 2);
	put(page + 54, rows, 2);
	put(page + 66, index, 8);
	for (size_t i = 0; i < rows; i++) {
		put(page + before - 2, origin - before, 2);
		before = origin;
		origin = row(page, origin, &list[i]) + 24;
	}
	put(page + before - 2, (112 - before) & 0xffff, 2);
}

static void clear(void)
{
	memset(space, 0, sizeof space);
	put(24, 8, 2);
	put(54, 3U << 6, 4);
}

static int from_memory(void *user, uint64_t offset, char *to, size_t size)
{
	(void)user;
	if (offset + size > sizeof space)
		return -EBADMSG;
	memcpy(to, space + offset, size);
	return 0;
}

static int parse(struct arena *a, struct mysql_users *ret)
{
	return mysql_innodb_parse(from_memory, NULL, sizeof space, a, ret);
}

static const struct made accounts[] = {
	{"%",          "app",   "caching_sha2_password", "$A$005$aaaa", false, false, false, 0},
	{ "10.%",      "boss",  "mysql_native_password", "*AB",         true,  false, false, 0},
	{ "%",         "cert",  "sha256_password",       "$5$x",        false, false, false, 3},
	{ "%",         "gone",  "caching_sha2_password", "x",           false, false, true,  0},
	{ "localhost", "off",   "caching_sha2_password", "x",           false, true,  false, 0},
	{ "%",         "open",  "caching_sha2_password", "",            false, false, false, 0},
	{ "%",         "other", "authentication_ldap",   "x",           false, false, false, 0},
};

static void test_rows(void)
{
	own(arena_release) struct arena a = {};
	struct mysql_users u = {};
	static const unsigned means[] = { MYSQL_PASSWORD, MYSQL_PASSWORD, MYSQL_CERTIFICATE, 0,
					  MYSQL_NOTHING,  MYSQL_OTHER };

	clear();
	leaf(2, 40, accounts, COUNT(accounts));
	is_int(parse(&a, &u), 0, "a page of rows");
	is_int((int)u.n, 6, "a deleted one is left out");
	for (size_t i = 0; i < u.n; i++)
		is_int((int)u.list[i].means, (int)means[i], "the means of a way in");
	is_str(u.list[1].host, STR("10.%"), "the blanks behind a host are none of it");
	ok(u.list[1].superuser && !u.list[0].superuser, "Super_priv");
	ok(!strcmp(u.list[0].password, "caching_sha2_password"), "the kind of a password");
	ok(!strcmp(u.list[4].password, "empty"), "an empty one");
}

static void test_pages(void)
{
	own(arena_release) struct arena a = {};
	struct mysql_users u = {};

	clear();
	leaf(1, 50, accounts, 1);
	leaf(2, 40, accounts, 3);
	is_int(parse(&a, &u), 0, "two tables look alike");
	is_int((int)u.n, 1, "the younger index counts");
	space[150 + 24] |= 1U << 2; /* the second page of the first extent is free */
	is_int(parse(&a, &u), 0, "a page that was given back");
	is_int((int)u.n, 3, "what stands on it does not count");
	put(2 * PAGE + 12, 3, 4);
	leaf(3, 40, accounts + 4, 2);
	put(3 * PAGE + 8, 2, 4);
	is_int(parse(&a, &u), 0, "two leaves");
	is_int((int)u.n, 5, "the rows of both");
	put(3 * PAGE + 12, 2, 4);
	is_int(parse(&a, &u), -EBADMSG, "leaves in a ring");
	put(3 * PAGE + 12, UINT32_MAX, 4);
	put(3 * PAGE + 20, 78, 4);
	is_int(parse(&a, &u), -EBADMSG, "a page of which half was written");
}

static void test_damage(void)
{
	own(arena_release) struct arena a = {};
	struct mysql_users u = {};

	clear();
	is_int(parse(&a, &u), -ENODATA, "no rows of mysql.user");
	leaf(2, 40, accounts, 2);
	space[2 * PAGE + 160 - 5] = 0x80;
	is_int(parse(&a, &u), -ENODATA, "a version of a row that is not known");
	clear();
	leaf(2, 40, accounts, 2);
	put(2 * PAGE + 99 - 2, 0xfff0, 2);
	is_int(parse(&a, &u), -ENODATA, "a row outside of the page");
	put(54, 15U << 6, 4);
	is_int(parse(&a, &u), -EBADMSG, "pages of a size that there is not");
	is_int(mysql_innodb_parse(from_memory, NULL, 100, &a, &u), -EBADMSG, "no whole page");
	clear();
	is_int(mysql_innodb_parse(from_memory, NULL, (uint64_t)1 << 40, &a, &u), -E2BIG,
	       "more than is looked at");
}

int main(void)
{
	test_rows();
	test_pages();
	test_damage();
	return done();
}
