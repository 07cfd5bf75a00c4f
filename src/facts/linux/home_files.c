/* SPDX-License-Identifier: GPL-3.0-or-later */
/* home_files: Home directories and the files in them that decide about access. */
#include "facts/linux/passwd_file.h"

#define FACT_ROW home_files_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(TEXT, path, "file") \
	X(TEXT, kind, "home, ssh_dir, rhosts, shosts, netrc, forward, profile, history, other_dotfile") \
	X(INT, mode, "permission bits") \
	X(INT, uid, "owner") \
	X(INT, gid, "group") \
	X(TEXT, type, "regular, directory, symlink, other") \
	X(TEXT, target, "what a symbolic link points to") \
	X(INT, size, "bytes") \
	X(INT, expected_uid, "uid of the account")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "home_files",
	.doc = "Home directories and the files in them that decide about access.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define NAMES_MAX 500 /* dot files of one home */

static const struct {
	const char *name, *kind;
} kinds[] = {
	{".ssh",              "ssh_dir"},
	{ ".rhosts",          "rhosts" },
	{ ".shosts",          "shosts" },
	{ ".netrc",           "netrc"  },
	{ ".forward",         "forward"},
	{ ".profile",         "profile"},
	{ ".bash_profile",    "profile"},
	{ ".bash_login",      "profile"},
	{ ".bashrc",          "profile"},
	{ ".bash_logout",     "profile"},
	{ ".bash_aliases",    "profile"},
	{ ".zshrc",           "profile"},
	{ ".zshenv",          "profile"},
	{ ".zprofile",        "profile"},
	{ ".zlogin",          "profile"},
	{ ".zlogout",         "profile"},
	{ ".kshrc",           "profile"},
	{ ".mkshrc",          "profile"},
	{ ".cshrc",           "profile"},
	{ ".tcshrc",          "profile"},
	{ ".login",           "profile"},
	{ ".logout",          "profile"},
	{ ".xprofile",        "profile"},
	{ ".xsessionrc",      "profile"},
	{ ".pam_environment", "profile"},
};

static const char *kind_of(struct str name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(name, str_of(kinds[i].name)))
			return kinds[i].kind;
	if (str_ends(name, STR("_history")) || str_ends(name, STR(".history")) ||
	    str_eq(name, STR(".histfile")) || str_eq(name, STR(".zhistory")))
		return "history";
	return "other_dotfile";
}

static const char *type_of(mode_t mode)
{
	return S_ISREG(mode)   ? "regular"
	       : S_ISDIR(mode) ? "directory"
	       : S_ISLNK(mode) ? "symlink"
			       : "other";
}

static int emit(struct collect *c, struct str user, int64_t uid, const char *path, const char *kind)
{
	struct FACT_ROW row = {
		.username = user, .path = str_of(path), .kind = str_of(kind), .expected_uid = uid
	};
	struct stat st;
	int r = root_lstat(c->root, path, &st);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		collect_problem(c, r, path, "%s", strerror(-r));
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	row.mode = st.st_mode & 07777;
	row.uid = st.st_uid;
	row.gid = st.st_gid;
	row.type = str_of(type_of(st.st_mode));
	row.size = st.st_size;
	if (S_ISLNK(st.st_mode) && root_readlink(c->root, path, c->arena, &row.target) < 0)
		row.target = STR("");
	return collect_row(c, &row);
}

/* Homes of system accounts are directories of the system: their other files are none of theirs. */
static bool is_private(const char *path)
{
	static const char *const system[] = { "/",         "/bin",     "/sbin",    "/usr",
					      "/dev",      "/proc",    "/sys",     "/etc",
					      "/var",      "/run",     "/tmp",     "/lib",
					      "/usr/sbin", "/usr/bin", "/var/run", "/var/tmp",
					      "/boot",     "/opt",     "/srv",     "/home" };

	for (size_t i = 0; i < COUNT(system); i++)
		if (!strcmp(path, system[i]))
			return false;
	return true;
}

static int emit_files(struct collect *c, const struct home *h)
{
	const char *prefix = strcmp(h->path, "/") ? h->path : "";
	bool private = is_private(h->path);
	struct dir_list list;
	size_t seen = 0;
	int r = collect_list(c, h->path, &list);

	if (r <= 0)
		return r;
	r = 0;
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name), path;
		const char *kind = kind_of(name);
		bool other = !strcmp(kind, "other_dotfile");

		if (name.ptr[0] != '.' || (other && !private))
			continue;
		if (other && seen++ == NAMES_MAX) {
			collect_problem(c, E2BIG, h->path, "more than %d dot files", NAMES_MAX);
			break;
		}
		path = arena_fmt(c->arena, "%s/%s", prefix, name.ptr);
		r = path.ptr ? emit(c, h->username, h->uid, path.ptr, kind) : -ENOMEM;
	}
	return r;
}

static int emit_homes(struct collect *c, const struct passwd_file *passwd, const struct home *homes,
		      size_t n)
{
	own(map_release) struct map by_path = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = map_put(&by_path, str_of(homes[i].path), i);
	/* The directory counts for every account that calls it home. */
	for (size_t i = 0; r >= 0 && i < passwd->n; i++) {
		const struct passwd_entry *e = &passwd->entries[i];
		const uint64_t *h = map_get(&by_path, e->home);

		if (h)
			r = emit(c, e->name, e->uid, homes[*h].path, "home");
	}
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		if (!homes[i].username.len)
			r = emit(c, STR(""), homes[i].uid, homes[i].path, "home");
		if (r >= 0)
			r = emit_files(c, &homes[i]);
		arena_rewind(c->arena, mark);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct passwd_file passwd = {};
	struct home *homes;
	size_t n = 0;
	int r = passwd_read(c, &passwd);

	if (r >= 0)
		r = homes_read(c, &passwd, &homes, &n);
	if (r >= 0)
		r = emit_homes(c, &passwd, homes, n);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_home_files = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
