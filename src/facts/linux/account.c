/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account: what the fields of an account mean: password states, shells, home directories. */
#include "facts/linux/passwd_file.h"

bool passwd_is_shadowed(const struct passwd_entry *e)
{
	struct str p = e->password;

	if (str_eq(p, STR("x")) || str_eq(p, STR("*NP*")))
		return true;
	return str_starts(p, STR("##")) && str_eq(str_sub(p, 2, p.len), e->name);
}

/* crypt(5). Longer prefixes stand before those that they begin with. */
static const struct {
	struct str prefix;
	const char *name;
} algorithms[] = {
	{STR("$y$"),    "yescrypt"     },
        { STR("$gy$"),  "gost-yescrypt"},
	{ STR("$7$"),   "scrypt"       },
        { STR("$2a$"),  "bcrypt"       },
	{ STR("$2b$"),  "bcrypt"       },
        { STR("$2x$"),  "bcrypt"       },
	{ STR("$2y$"),  "bcrypt"       },
        { STR("$6$"),   "sha512crypt"  },
	{ STR("$5$"),   "sha256crypt"  },
        { STR("$sha1"), "sha1crypt"    },
	{ STR("$md5"),  "sunmd5"       },
        { STR("$1$"),   "md5crypt"     },
	{ STR("$3$"),   "nthash"       },
};

static bool is_base64(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '.' && c <= '9')))
			return false;
	}
	return true;
}

struct str password_bare(struct str hash)
{
	size_t i = 0;

	while (i < hash.len && (hash.ptr[i] == '!' || hash.ptr[i] == '*'))
		i++;
	return str_sub(hash, i, hash.len);
}

const char *password_algorithm(struct str hash)
{
	hash = password_bare(hash);
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		if (str_starts(hash, algorithms[i].prefix))
			return algorithms[i].name;
	}
	if (hash.len && hash.ptr[0] == '$')
		return "unknown";
	if (hash.len == 20 && hash.ptr[0] == '_' && is_base64(str_sub(hash, 1, 20)))
		return "bsdicrypt";
	if (hash.len >= 13 && is_base64(hash))
		return hash.len == 13 ? "descrypt" : "bigcrypt";
	return hash.len >= 13 ? "unknown" : "";
}

enum password_state password_state(struct str hash)
{
	bool barred = hash.len && (hash.ptr[0] == '!' || hash.ptr[0] == '*');

	if (!hash.len)
		return PASSWORD_EMPTY;
	if (!*password_algorithm(hash))
		return PASSWORD_UNSET;
	return barred ? PASSWORD_LOCKED : PASSWORD_SET;
}

const char *password_state_name(enum password_state s)
{
	static const char *const names[] = {
		[PASSWORD_EMPTY] = "empty",
		[PASSWORD_SET] = "set",
		[PASSWORD_LOCKED] = "locked",
		[PASSWORD_UNSET] = "unset",
	};

	return names[s];
}

bool shell_is_interactive(struct str shell)
{
	static const struct str closed[] = {
		STR("nologin"), STR("false"),    STR("true"),   STR("sync"),
		STR("halt"),    STR("shutdown"), STR("reboot"), STR("poweroff"),
	};
	struct str name = str_basename(shell);

	for (size_t i = 0; i < COUNT(closed); i++) {
		if (str_eq(name, closed[i]))
			return false;
	}
	return true;
}

static bool exists(const struct root *root, struct str path)
{
	char name[4096];
	struct stat st;
	int r;

	if (path.len >= sizeof name || str_find(path, '\0') >= 0)
		return false;
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	r = root_stat(root, name, &st);
	/* What cannot be looked at may well be there. */
	return r >= 0 ? !S_ISDIR(st.st_mode) : r != -ENOENT && r != -ENOTDIR && r != -ELOOP;
}

bool shell_can_login(const struct root *root, struct str shell, struct map *seen)
{
	const uint64_t *known;
	bool yes;

	if (!shell.len)
		shell = STR("/bin/sh");
	if (!shell_is_interactive(shell))
		return false;
	known = map_get(seen, shell);
	if (known)
		return *known;
	yes = exists(root, shell);
	/* Only a cache: without memory it is looked up again. */
	if (seen->n < 256 && map_put(seen, shell, yes) < 0)
		return yes;
	return yes;
}

/* Directories that many service accounts share and that are nobody's home. */
static bool is_home(struct str path)
{
	static const struct str no[] = {
		STR("/"),    STR("/bin"),  STR("/sbin"), STR("/dev"),     STR("/usr/bin"),
		STR("/usr"), STR("/proc"), STR("/tmp"),  STR("/var/tmp"), STR("/usr/sbin"),
		STR("/etc"), STR("/sys"),  STR("/run"),
	};

	if (!path.len || path.ptr[0] != '/' || path.len > 1024 || str_find(path, '\0') >= 0)
		return false;
	for (size_t i = 0; i < COUNT(no); i++) {
		if (str_eq(path, no[i]))
			return false;
	}
	return true;
}

void directories_release(struct directories *d)
{
	map_release(&d->names);
	map_release(&d->parents);
}

/* Remembers every name in a directory; a directory that cannot be listed is not remembered. */
static int learn(struct collect *c, struct directories *d, struct str parent)
{
	const char *path = parent.len ? arena_cstr(c->arena, parent) : "/";
	struct dir_list list = {};
	int r = path ? root_list(c->root, path, c->arena, &list) : -ENOMEM;
	bool known = r >= 0 || r == -ENOENT || r == -ENOTDIR;

	r = path ? map_put(&d->parents, (struct str){ path, parent.len }, known) : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str name =
			arena_cat(c->arena, parent, STR("/"), str_of(list.entries[i].name));

		r = name.ptr ? map_put(&d->names, name, 1) : -ENOMEM;
	}
	return r;
}

/* False only where it certainly does not exist. */
static bool may_exist(struct collect *c, struct directories *d, struct str path)
{
	ssize_t slash = str_rfind(path, '/');
	struct str parent = str_sub(path, 0, (size_t)MAX(slash, 0));
	const uint64_t *listed;

	if (slash < 0 || d->broken || ++d->asked < DIRECTORIES_FEW)
		return true;
	listed = map_get(&d->parents, parent);
	if (!listed && d->parents.n < 64) {
		d->broken = learn(c, d, parent) < 0;
		listed = d->broken ? NULL : map_get(&d->parents, parent);
	}
	return !listed || !*listed || map_get(&d->names, path);
}

bool directory_exists(struct collect *c, struct directories *d, struct str path,
		      struct stat *ret_st)
{
	char name[4096];

	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (!path.len || path.len >= sizeof name || str_find(path, '\0') >= 0 ||
	    !may_exist(c, d, path))
		return false;
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	return root_stat(c->root, name, ret_st) >= 0 && S_ISDIR(ret_st->st_mode);
}

struct homes {
	struct home *list;
	size_t n, cap;
	struct map seen;
	struct directories directories;
};

static void homes_release(struct homes *h)
{
	map_release(&h->seen);
	directories_release(&h->directories);
}

static int add_home(struct collect *c, struct homes *h, struct str path, struct str username,
		    int64_t uid)
{
	struct home home = { .username = username, .uid = uid };
	struct stat st;
	int r;

	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (!is_home(path) || map_get(&h->seen, path) || h->n == HOMES_MAX)
		return 0;
	if (!directory_exists(c, &h->directories, path, &st))
		return 0;
	home.path = arena_cstr(c->arena, path);
	if (!home.path)
		return -ENOMEM;
	r = map_put(&h->seen, (struct str){ home.path, path.len }, 1);
	if (r < 0)
		return r;
	if (uid < 0)
		home.uid = st.st_uid;
	r = arena_push(c->arena, h->list, h->n, h->cap, home);
	if (r >= 0 && h->n == HOMES_MAX)
		collect_problem(c, E2BIG, NULL, "more than %d home directories", HOMES_MAX);
	return r < 0 ? r : 0;
}

/* Left behind by deleted accounts, or of accounts that a directory service knows. */
static int add_unowned(struct collect *c, struct homes *h)
{
	struct dir_list dir;
	int r = add_home(c, h, STR("/root"), STR(""), -1);

	if (r < 0)
		return r;
	r = collect_list(c, "/home", &dir);
	if (r <= 0)
		return r;
	for (size_t i = 0; i < dir.n && h->n < HOMES_MAX; i++) {
		struct str path =
			arena_cat(c->arena, STR("/home/"), str_of(dir.entries[i].name), STR(""));

		if (!path.ptr)
			return -ENOMEM;
		r = add_home(c, h, path, STR(""), -1);
		if (r < 0)
			return r;
	}
	return 0;
}

int homes_read(struct collect *c, const struct passwd_file *f, struct home **ret, size_t *ret_n)
{
	own(homes_release) struct homes h = {};
	int r;

	for (size_t i = 0; i < f->n; i++) {
		const struct passwd_entry *e = &f->entries[i];

		r = add_home(c, &h, e->home, e->name, e->uid);
		if (r < 0)
			return r;
	}
	r = add_unowned(c, &h);
	if (r < 0)
		return r;
	*ret = h.list;
	*ret_n = h.n;
	return 0;
}
