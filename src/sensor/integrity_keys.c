/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where sshd looks for keys: AuthorizedKeysFile for every account, under any Match block. */
#include "facts/linux/ssh_accounts.h"
#include "facts/linux/ssh_places.h"
#include "facts/sink.h"
#include "sensor/integrity_work.h"

#define KEY_FILES_MAX 20'000
#define ARENA_MAX ((size_t)128 << 20)

static int add_file(struct fim *f, struct str path, struct str account)
{
	struct fim_account one = { path, account };
	int r;

	for (size_t i = 0; i < f->n_key_files; i++)
		if (str_eq(f->key_files[i].path, path))
			return 0;
	if (f->n_key_files >= KEY_FILES_MAX)
		return 0;
	one.path = arena_str(&f->keep, path);
	one.name = arena_str(&f->keep, account);
	if (!one.path.ptr || !one.name.ptr)
		return -ENOMEM;
	r = arena_push(&f->keep, f->key_files, f->n_key_files, f->cap_key_files, one);
	if (r < 0)
		return r;
	/* What a built-in pattern names as well costs nothing more. */
	if (fim_patterns_find(&f->patterns, path) &&
	    fim_patterns_find(&f->patterns, path)->class == FIM_KEYS)
		return 0;
	r = fim_patterns_add(&f->patterns, FIM_KEYS, path);
	return r == -E2BIG ? 0 : r;
}

static int account_files(struct fim *f, struct collect *c, const struct passwd_entry *e,
			 const struct sshd_result *result)
{
	const char **files = NULL;
	size_t n = 0;
	int r = ssh_account_key_files(c, e, result, &files, &n);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_file(f, str_of(files[i]), e->name);
	return r;
}

static int place_files(struct fim *f, struct collect *c, const struct ssh_accounts *accounts,
		       const struct sshd *sshd, const struct ssh_place *place)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < accounts->n && f->n_key_files < KEY_FILES_MAX; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		struct sshd_connection who =
			ssh_account_connection(&accounts->list[i], &place->where);
		struct sshd_result result;

		r = sshd_resolve(&sshd->global, &who, c->arena, &result);
		if (r == 0)
			r = account_files(f, c, accounts->list[i].entry, &result);
		arena_rewind(c->arena, mark);
	}
	return r;
}

int fim_keys_find(struct fim *f)
{
	own(arena_release) struct arena a = { .limit = ARENA_MAX };
	const struct live live = LIVE_NONE;
	struct sink sink = { .fd = -1, .out = BUF(1 << 20) };
	struct collect c = { .root = &f->root, .live = &live, .arena = &a, .sink = &sink };
	struct ssh_accounts accounts;
	struct ssh_places places;
	struct sshd sshd;
	int r = ssh_accounts_read(&c, &accounts);

	if (r == 0)
		r = sshd_load(&c, &sshd);
	if (r == 0)
		r = ssh_places_find(&sshd.global, &a, &places);
	for (size_t i = 0; r == 0 && i < places.n; i++)
		r = place_files(f, &c, &accounts, &sshd, &places.list[i]);
	buf_release(&sink.out);
	/* Too many accounts for what may be spent: the built-in patterns stand. */
	return r == -ENOMEM && a.used > ARENA_MAX / 2 ? 0 : r;
}

/* By the files that were found, else by the name of the home. */
struct str fim_key_account(const struct fim *f, struct str path)
{
	struct str rest = path, first;

	for (size_t i = 0; i < f->n_key_files; i++)
		if (str_eq(f->key_files[i].path, path))
			return f->key_files[i].name;
	str_cut(&rest, '/');
	first = str_cut(&rest, '/');
	if (str_eq(first, STR("root")))
		return first;
	return str_eq(first, STR("home")) ? str_cut(&rest, '/') : STR("");
}
