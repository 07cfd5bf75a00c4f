/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private_keys: Private keys in home directories and well-known places. */
#include "facts/linux/passwd_file.h"
#include "facts/linux/ssh_key.h"

#define FACT_ROW private_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, username, "account in whose home it lies, or ''") \
	X(TEXT, key_type, "openssh, rsa, dsa, ec, pkcs8 or putty") \
	X(INT, encrypted, "1 when a pass phrase protects it") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, host_key, "1 for a host key of sshd")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "private_keys",
	.doc = "Private keys in home directories and well-known places.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define HEAD_MAX ((size_t)16 << 10) /* a key shows what it is at its start */
#define NAMES_MAX 1'000             /* of one directory */

static int read_head(struct collect *c, const char *path, struct str *ret, struct stat *ret_st)
{
	own(close_fd) int fd = -1;
	char *text;
	ssize_t n;
	int r = root_open_file(c->root, path, ret_st, &fd);

	if (r < 0)
		return r;
	text = arena_alloc(c->arena, HEAD_MAX);
	if (!text)
		return -ENOMEM;
	do
		n = pread(fd, text, HEAD_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*ret = (struct str){ text, (size_t)n };
	return 0;
}

/* Names alone say little, so every file is looked into. */
static int look(struct collect *c, const char *path, struct str username, bool host_key)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str head = {};
	struct stat st;
	int r = read_head(c, path, &head, &st);

	/* What is no regular file is no key. */
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -EINVAL && r != -ENOMEM)
		collect_problem(c, r, path, "whether it is a private key is not known: %s",
				strerror(-r));
	if (r == 0) {
		struct FACT_ROW row = { .path = str_of(path),
					.username = username,
					.mode = st.st_mode & 07777,
					.uid = st.st_uid,
					.host_key = host_key };
		bool encrypted;
		const char *type = ssh_private_key(head, &encrypted);

		row.encrypted = encrypted;
		row.key_type = str_of(type);
		if (type)
			r = collect_row(c, &row);
	}
	arena_rewind(c->arena, mark);
	return r == -ENOMEM || r == -ENOSPC || r == -EPIPE ? r : 0;
}

static bool plausible(const struct dir_entry *e, bool any)
{
	struct str name = str_of(e->name);

	return any ? !str_ends(name, STR(".pub")) && !str_starts(name, STR("known_hosts")) &&
			       !str_starts(name, STR("authorized_keys"))
		   : str_ends(name, STR(".pem")) || str_ends(name, STR(".key")) ||
			       str_ends(name, STR(".ppk"));
}

/* any: every file; else those with the suffix of a key. */
static int look_into(struct collect *c, const char *dir, struct str username, bool any)
{
	struct dir_list list;
	int r = collect_list(c, dir, &list);
	size_t looked = 0;

	if (r <= 0)
		return r;
	r = 0;
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str path;

		if (!plausible(&list.entries[i], any))
			continue;
		if (looked++ == NAMES_MAX) {
			collect_problem(c, E2BIG, dir, "more than %d files", NAMES_MAX);
			break;
		}
		path = arena_fmt(c->arena, "%s/%s", dir, list.entries[i].name);
		r = path.ptr ? look(c, path.ptr, username, false) : -ENOMEM;
	}
	return r;
}

static int look_home(struct collect *c, const struct home *h)
{
	struct str ssh = arena_fmt(c->arena, "%s/.ssh", strcmp(h->path, "/") ? h->path : "");
	int r = ssh.ptr ? look_into(c, ssh.ptr, h->username, true) : -ENOMEM;

	/* Homes of system accounts are directories of the system. */
	if (r >= 0 && (str_starts(str_of(h->path), STR("/home/")) || !strcmp(h->path, "/root")))
		r = look_into(c, h->path, h->username, false);
	return r;
}

static int look_host_keys(struct collect *c)
{
	struct str *paths;
	size_t n;
	int r = collect_glob(c, "/etc/ssh/*_key", &paths, &n);

	if (r <= 0)
		return r;
	r = 0;
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = look(c, paths[i].ptr, STR(""), true);
	return r;
}

static int collect(struct collect *c)
{
	struct passwd_file passwd = {};
	struct home *homes;
	size_t n = 0;
	int r = look_host_keys(c);

	if (r >= 0)
		r = passwd_read(c, &passwd);
	if (r >= 0)
		r = homes_read(c, &passwd, &homes, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = look_home(c, &homes[i]);
		arena_rewind(c->arena, mark);
	}
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_private_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
