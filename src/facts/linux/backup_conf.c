/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration files of backup tools: where to, and what. */
#include "facts/linux/backup.h"
#include "facts/linux/ini.h"

static int add_path(struct collect *c, struct backup *b, struct str path)
{
	b->paths = backup_join(c->arena, b->paths, path);
	return b->paths.ptr ? 0 : -ENOMEM;
}

/* rsnapshot.conf: keyword, tabs, values. */
int backup_conf_rsnapshot(struct collect *c, struct backup *b)
{
	struct str text, line;
	int r = collect_read(c, "/etc/rsnapshot.conf", &text, NULL);

	while (r == 1 && str_line(&text, &line, NULL)) {
		struct str key = str_word(&line);

		if (str_eq(key, STR("snapshot_root")))
			b->repository = str_trim(line);
		else if (str_eq(key, STR("backup")) && add_path(c, b, str_word(&line)) < 0)
			return -ENOMEM;
	}
	return MIN(r, 0);
}

static struct str yaml_scalar(struct str s)
{
	ssize_t comment;

	s = str_trim(s);
	if (s.len && s.ptr[0] != '"' && s.ptr[0] != '\'') {
		const char *hash = memmem(s.ptr, s.len, " #", 2);

		comment = hash ? hash - s.ptr : -1;
		s = str_trim(str_sub(s, 0, comment < 0 ? s.len : (size_t)comment));
	}
	return str_unquote(s);
}

/* Lists "repositories:" and "source_directories:", as far as block style goes. */
static int borgmatic_file(struct collect *c, const char *path, struct str text, void *user)
{
	struct backup *b = user;
	struct str line, list = STR("");

	(void)path;
	while (str_line(&text, &line, NULL)) {
		struct str item = str_trim(line), key;

		if (!item.len || item.ptr[0] == '#')
			continue;
		if (item.ptr[0] != '-') {
			key = str_trim(str_cut(&item, ':'));
			if (item.ptr && !str_trim(item).len)
				list = key;
			else if (str_eq(key, STR("encryption_passphrase")) ||
				 str_eq(key, STR("encryption_passcommand")))
				b->encrypted = 1;
			continue;
		}
		item = str_trim(str_sub(item, 1, item.len));
		if (str_starts(item, STR("path:")))
			item = str_sub(item, 5, item.len);
		if (str_eq(list, STR("repositories")) && !b->repository.len)
			b->repository = yaml_scalar(item);
		else if (str_eq(list, STR("source_directories")) &&
			 add_path(c, b, yaml_scalar(item)) < 0)
			return -ENOMEM;
	}
	return 0;
}

int backup_conf_borgmatic(struct collect *c, struct backup *b)
{
	static const char path[] = "/etc/borgmatic/config.yaml";
	struct str text;
	struct stat st;
	int r = collect_read(c, path, &text, &st);

	if (r == 1) {
		b->credentials_mode = st.st_mode & 07777;
		r = borgmatic_file(c, path, text, b);
	}
	return r < 0 ? r : collect_dropins(c, "/etc/borgmatic.d", ".yaml", borgmatic_file, b);
}

/* duply: a shell file of assignments, /etc/duply/PROFILE/conf or that of root. */
int backup_conf_duply(struct collect *c, struct str profile, struct backup *b)
{
	static const char *const dirs[] = { "/etc/duply/", "/root/.duply/" };
	int r = 0;

	b->encrypted = 1;
	for (size_t i = 0; r == 0 && i < COUNT(dirs); i++) {
		struct str path = arena_cat(c->arena, str_of(dirs[i]), profile, STR("/conf"));
		struct str text, line, name, value;
		struct stat st;

		if (!path.ptr)
			return -ENOMEM;
		r = collect_read(c, path.ptr, &text, &st);
		if (r == 1)
			b->credentials_mode = st.st_mode & 07777;
		while (r == 1 && str_line(&text, &line, NULL)) {
			if (!shell_assignment(str_trim(line), &name, &value))
				continue;
			value = str_unquote(str_trim(value));
			if (str_eq(name, STR("TARGET")))
				b->repository = value;
			else if (str_eq(name, STR("SOURCE")) && add_path(c, b, value) < 0)
				return -ENOMEM;
			else if (str_eq(name, STR("GPG_KEY")) && str_eq(value, STR("disabled")))
				b->encrypted = 0;
		}
	}
	return MIN(r, 0);
}

int backup_conf_pgbackrest(struct collect *c, struct backup *b)
{
	static const char *const files[] = { "/etc/pgbackrest/pgbackrest.conf",
					     "/etc/pgbackrest.conf" };
	struct str host = STR(""), path = STR(""), type = STR(""), key, value;
	int r = 0;

	b->encrypted = 0;
	for (size_t i = 0; r == 0 && i < COUNT(files); i++) {
		struct ini ini = {};
		struct stat st;

		r = collect_read(c, files[i], &ini.text, &st);
		if (r != 1)
			continue;
		b->credentials_mode = st.st_mode & 07777;
		while (ini_next(&ini, &key, &value) == 1) {
			if (str_eq(key, STR("repo1-host")))
				host = value;
			else if (str_eq(key, STR("repo1-path")))
				path = value;
			else if (str_eq(key, STR("repo1-type")))
				type = value;
			else if (str_eq(key, STR("repo1-cipher-type")))
				b->encrypted = !str_eq(value, STR("none"));
			else if (str_eq(key, STR("pg1-path")) && add_path(c, b, value) < 0)
				return -ENOMEM;
		}
	}
	if (r < 0)
		return r;
	if (!host.len && type.len && !str_eq(type, STR("posix")) && !str_eq(type, STR("cifs")))
		host = type;
	b->repository = host.len ? arena_cat(c->arena, host, STR(":"), path) : path;
	return b->repository.ptr ? 0 : -ENOMEM;
}
