/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database_mysql: the accounts of MariaDB and MySQL that are for other machines. */
#include <fcntl.h>

#include "base/file.h"
#include "facts/linux/database_logins.h"
#include "facts/linux/mysql_innodb.h"
#include "facts/linux/mysql_users.h"
#include "facts/linux/settings.h"

#define DATA_FOLDER "/var/lib/mysql"

/* What the server makes of a setting: that of its most special group, the last one there. */
static struct str server_setting(const struct settings *s, const char *name)
{
	static const char *const sections[] = { "mariadbd", "mariadb", "mysqld", "server" };
	const struct setting *found = NULL;

	for (size_t i = 0; !found && i < COUNT(sections); i++)
		found = settings_find(s, NULL, sections[i], name);
	return found ? found->value : (struct str){};
}

static bool is_local(struct str host)
{
	return str_ieq(host, STR("localhost")) || str_starts(host, STR("127.")) ||
	       str_eq(host, STR("::1"));
}

static bool is_anywhere(struct str host)
{
	return str_eq(host, STR("%")) || !host.len || str_eq(host, STR("0.0.0.0/0.0.0.0"));
}

static struct str means_text(struct arena *a, unsigned means)
{
	static const char *const names[] = { "password", "nothing", "certificate", "gssapi",
					     "other" };
	struct str s = {};

	for (unsigned i = 0; i < COUNT(names); i++)
		if (means >> i & 1)
			s = s.len ? arena_fmt(a, "%.*s,%s", STR_FMT(s), names[i])
				  : arena_fmt(a, "%s", names[i]);
	return s;
}

static int emit(struct collect *c, const struct mysql_user *u, struct str file)
{
	struct database_login l = {
		.name = u->name.len ? u->name : STR("(anonymous)"),
		.door = "mysql",
		.place = u->host,
		.anywhere = is_anywhere(u->host),
		.means = means_text(c->arena, u->means),
		.password = u->password,
		.superuser = u->superuser,
		.certain = true,
		.deciding = arena_fmt(c->arena, "%.*s host %.*s", STR_FMT(file), STR_FMT(u->host)),
	};

	if (!u->means || is_local(u->host))
		return 0;
	return l.means.ptr && l.deciding.ptr ? database_login(c, &l) : -ENOMEM;
}

/* Older ones keep them in MyISAM, which is not read; an encrypted tablespace cannot be. */
static int emit_unread(struct collect *c, struct str folder)
{
	static const char *const files[] = { "mysql.ibd", "mysql/user.MYD" };

	for (size_t i = 0; i < COUNT(files); i++) {
		struct str path = arena_fmt(c->arena, "%.*s/%s", STR_FMT(folder), files[i]);
		struct database_login l = { .name = STR("any user"),
					    .door = "mysql",
					    .anywhere = true,
					    .means = STR("password"),
					    .password = "unknown",
					    .deciding = path };
		struct stat st;

		if (!path.ptr)
			return -ENOMEM;
		if (root_stat(c->root, path.ptr, &st) >= 0)
			return database_login(c, &l);
	}
	return 0;
}

static int read_some(void *user, uint64_t offset, char *to, size_t size)
{
	const int *fd = user;
	ssize_t n = file_pread_full(*fd, to, size, offset);

	return n < 0 ? (int)n : (size_t)n < size ? -EBADMSG : 0;
}

/* MySQL 8. -ENOENT: there is none. */
static int emit_innodb(struct collect *c, struct str folder)
{
	struct str path = arena_fmt(c->arena, "%.*s/mysql.ibd", STR_FMT(folder));
	own(close_fd) int fd = -1;
	struct mysql_users users = {};
	struct stat st;
	int r;

	if (!path.ptr)
		return -ENOMEM;
	r = root_open_file(c->root, path.ptr, &st, &fd);
	if (r >= 0)
		r = mysql_innodb_parse(read_some, &fd, (uint64_t)st.st_size, c->arena, &users);
	if (r < 0 && r != -ENOMEM && r != -ENOENT && r != -ENOTDIR) {
		collect_problem(c, r, path.ptr, "the accounts of the server are not known: %s",
				collect_error(r));
		return -ENOENT;
	}
	for (size_t i = 0; r >= 0 && i < users.n; i++)
		r = emit(c, &users.list[i], path);
	return r;
}

/* A server that is not MariaDB's. */
static int emit_others(struct collect *c, struct str folder)
{
	int r = emit_innodb(c, folder);

	return r == -ENOENT || r == -ENOTDIR ? emit_unread(c, folder) : r;
}

int database_logins_mysql(struct collect *c)
{
	struct settings settings = {};
	struct mysql_users users = {};
	struct str folder, path, pages;
	int r = settings_load(c, "mysql", &settings);

	if (r < 0)
		return r;
	folder = server_setting(&settings, "datadir");
	if (!folder.len || folder.ptr[0] != '/')
		folder = STR(DATA_FOLDER);
	path = arena_fmt(c->arena, "%.*s/mysql/global_priv.MAD", STR_FMT(folder));
	if (!path.ptr)
		return -ENOMEM;
	r = root_read(c->root, path.ptr, MYSQL_USERS_FILE_MAX, c->arena, &pages, NULL);
	if (r == -ENOENT || r == -ENOTDIR)
		return emit_others(c, folder);
	if (r >= 0)
		r = mysql_users_parse(pages, c->arena, &users);
	if (r < 0 && r != -ENOMEM) {
		collect_problem(c, r, path.ptr, "the accounts of the server are not known: %s",
				collect_error(r));
		return 0;
	}
	for (size_t i = 0; r >= 0 && i < users.n; i++)
		r = emit(c, &users.list[i], path);
	return r;
}
