/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_file: files of accounts as sshd opens them: as the account, and with StrictModes. */
#include "facts/linux/ssh_keyring.h"

/* access(2) by the bits; capabilities are root's alone. */
static bool permits(const struct ssh_account *a, const struct stat *st, unsigned bit)
{
	unsigned mode = st->st_mode & 07;

	if (!a->entry->uid)
		return true;
	if (st->st_uid == (uint64_t)a->entry->uid)
		return st->st_mode >> 6 & bit;
	if (st->st_gid == (uint64_t)a->entry->gid)
		return st->st_mode >> 3 & bit;
	for (size_t i = 0; i < a->n_groups; i++)
		if (st->st_gid == (uint64_t)a->gids[i])
			return st->st_mode >> 3 & bit;
	return mode & bit;
}

/* secure_permissions(): Debian lets a group write that has one member, the account. */
static bool secure(const struct ssh_keyring_judge *j, const struct ssh_account *a,
		   const struct stat *st)
{
	if (st->st_uid && st->st_uid != (uint64_t)a->entry->uid)
		return false;
	if (st->st_mode & S_IWOTH)
		return false;
	if (!(st->st_mode & S_IWGRP))
		return true;
	return j->debian && ssh_accounts_alone(j->accounts, st->st_gid, a->entry->uid);
}

static bool is_home(struct ssh_keyring_judge *j, const struct ssh_account *a, const char *path)
{
	const char *home = arena_cstr(j->c->arena, a->entry->home);
	struct str real;

	return home && *home && root_realpath(j->c->root, home, j->c->arena, &real) >= 0 &&
	       str_eq(real, str_of(path));
}

/* The directories above, up to the home directory for StrictModes and to the root for rights. */
static const char *check_folders(struct ssh_keyring_judge *j, char *path,
				 const struct ssh_account *a, bool strict)
{
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		struct stat st;

		slash[slash == path] = 0;
		if (root_stat(j->c->root, path, &st) < 0)
			return "a directory above it cannot be read";
		if (strict && !secure(j, a, &st))
			return "StrictModes: a directory above it is writable by others, or not its "
			       "owner's";
		if (!permits(a, &st, 01))
			return "the account cannot enter a directory above it";
		if (strict && is_home(j, a, path))
			strict = false;
		if (slash == path)
			break;
	}
	return NULL;
}

const char *ssh_file_refused(struct ssh_keyring_judge *j, const char *path,
			     const struct ssh_account *a, bool strict, struct stat *ret)
{
	struct arena_mark mark = arena_mark(j->c->arena);
	const char *why = NULL;
	struct str real;
	char *copy;
	int r = root_realpath(j->c->root, path, j->c->arena, &real);

	if (r >= 0)
		r = root_stat(j->c->root, path, ret);
	if (r < 0)
		why = r == -ENOENT || r == -ENOTDIR ? "missing" : "it cannot be read";
	else if (!S_ISREG(ret->st_mode))
		why = "not a regular file";
	else if (!permits(a, ret, 04))
		why = "the account may not read the file";
	else if (strict && !secure(j, a, ret))
		why = "StrictModes: the file is writable by others, or not its owner's";
	copy = why ? NULL : arena_alloc(j->c->arena, real.len + 2);
	if (copy) {
		memcpy(copy, real.ptr, real.len);
		why = check_folders(j, copy, a, strict);
	}
	arena_rewind(j->c->arena, mark);
	return why;
}
