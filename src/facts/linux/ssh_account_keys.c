/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_accounts.h"

#define FILES_MAX 64
#define KEY_FILE_MAX ((size_t)4 << 20)
#define KEY_LINE_MAX ((size_t)64 << 10)

/* TOKENS of sshd_config(5): %% %h %U %u. ptr == NULL: out of memory. */
static struct str expand(struct str pattern, const struct passwd_entry *e, struct arena *a)
{
	struct str out = STR("");
	size_t start = 0;

	for (size_t i = 0; i + 1 < pattern.len && out.ptr; i++) {
		struct str value;

		if (pattern.ptr[i] != '%')
			continue;
		switch (pattern.ptr[i + 1]) {
		case 'h': value = e->home; break;
		case 'u': value = e->name; break;
		case 'U': value = arena_fmt(a, "%lld", (long long)e->uid); break;
		default: value = STR("%"); break;
		}
		out = arena_cat(a, out, str_sub(pattern, start, i), value);
		start = i + 2;
		i++;
	}
	return out.ptr ? arena_cat(a, out, str_sub(pattern, start, pattern.len), STR("")) : out;
}

bool ssh_account_tokens(struct str pattern)
{
	for (size_t i = 0; i + 1 < pattern.len; i++)
		if (pattern.ptr[i] == '%' && str_find(STR("hUu%"), pattern.ptr[++i]) < 0)
			return false;
	return true;
}

struct str ssh_account_path(struct str pattern, const struct passwd_entry *e, struct arena *a)
{
	struct str path = expand(pattern, e, a);

	if (path.ptr && (!path.len || path.ptr[0] != '/'))
		path = arena_cat(a, e->home, STR("/"), path);
	return path;
}

struct paths {
	const char **list;
	size_t n, cap;
};

static int push_path(struct collect *c, struct str path, struct paths *p)
{
	const char *text = arena_cstr(c->arena, path);

	for (size_t i = 0; text && i < p->n; i++)
		if (!strcmp(p->list[i], text))
			return 0;
	if (p->n == FILES_MAX)
		return 0;
	return text ? arena_push(c->arena, p->list, p->n, p->cap, text) : -ENOMEM;
}

static int push_pattern(struct collect *c, const struct sshd_result *r, struct str path,
			struct paths *p)
{
	struct str *found;
	size_t n_found = 0;
	int e;

	if (sshd_version(&r->cfg->build) < 1000 ||
	    (str_find(path, '*') < 0 && str_find(path, '?') < 0 && str_find(path, '[') < 0))
		return push_path(c, path, p);
	e = collect_glob(c, path.ptr, &found, &n_found);
	for (size_t i = 0; e == 1 && i < n_found; i++)
		if (push_path(c, found[i], p) < 0)
			return -ENOMEM;
	return MIN(e, 0);
}

int ssh_account_key_files(struct collect *c, const struct passwd_entry *e,
			  const struct sshd_result *r, const char ***ret, size_t *ret_n)
{
	const struct sshd_line *l = r->slots[SSHD_KW_AUTHORIZEDKEYSFILE].line;
	struct str rest = str_of(sshd_default(&r->cfg->build, SSHD_KW_AUTHORIZEDKEYSFILE));
	struct paths paths = {};

	for (unsigned i = 0;; i++) {
		struct str pattern =
			l ? (i < l->n ? l->values[i] : (struct str){}) : str_word(&rest);
		struct str path;

		if (!pattern.ptr)
			break;
		if (str_ieq(pattern, STR("none")))
			continue;
		path = ssh_account_path(pattern, e, c->arena);
		if (!path.ptr || push_pattern(c, r, path, &paths) < 0)
			return -ENOMEM;
	}
	*ret = paths.list;
	*ret_n = paths.n;
	return 0;
}

static void report(struct collect *c, int error, const char *path)
{
	const char *why = error == -EFBIG    ? "larger than a list of keys can be"
			  : error == -EINVAL ? "not a regular file"
			  : error == -EACCES || error == -EPERM ? "permission denied"
								: strerror(-error);

	collect_problem(c, error, path, "%s", why);
}

int ssh_key_file_each(struct collect *c, const char *path, bool problem, ssh_account_key_fn *fn,
		      void *user)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text, line;
	unsigned number = 0;
	struct stat st;
	int r = root_read(c->root, path, KEY_FILE_MAX, c->arena, &text, &st);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ENOMEM && problem)
		report(c, r, path);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (problem && text.len && memchr(text.ptr, 0, text.len))
		collect_problem(c, EILSEQ, path, "contains NUL bytes: this is no text");
	while (r >= 0 && str_line(&text, &line, &number)) {
		struct arena_mark inner = arena_mark(c->arena);
		struct ssh_key key;

		if (line.len > KEY_LINE_MAX) {
			if (problem)
				collect_problem(c, EFBIG, path, "line %u is too long", number);
			continue;
		}
		r = ssh_authorized_key(line, c->arena, &key);
		if (r == 0)
			r = fn(c, &key, path, number, &st, user);
		else if (r != -ENOMEM)
			r = 0;
		arena_rewind(c->arena, inner);
	}
	arena_rewind(c->arena, mark);
	return r;
}

struct found {
	bool any, unforced;
};

static int note_key(struct collect *c, const struct ssh_key *key, const char *file, unsigned line,
		    const struct stat *st, void *user)
{
	struct found *f = user;

	(void)c, (void)file, (void)line, (void)st;
	f->any = true;
	f->unforced |= !key->command;
	return 0;
}

int ssh_account_has_keys(struct collect *c, const struct passwd_entry *e,
			 const struct sshd_result *r, bool *ret, bool *ret_forced)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct found f = {};
	const char **files;
	size_t n;
	int error = ssh_account_key_files(c, e, r, &files, &n);

	for (size_t i = 0; error >= 0 && i < n; i++)
		error = ssh_key_file_each(c, files[i], false, note_key, &f);
	arena_rewind(c->arena, mark);
	if (error < 0)
		return error;
	*ret = f.any;
	*ret_forced = f.any && !f.unforced;
	return 0;
}
