/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "backup/dump.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/stream.h"
#include "backup/tempdir.h"
#include "base/spawn.h"

#define NAMES_MAX 500U
#define LIST_SECONDS 60
#define COPY "copy.db"
static const char backup_command[] = ".backup " COPY;

bool dump_file_name(struct str name, char *ret, size_t size)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t at = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (at + 4 > size)
			return false;
		if (c && strchr(plain, c) && (i || c != '.'))
			ret[at++] = (char)c;
		else
			at += (size_t)snprintf(ret + at, 4, "%%%02X", c);
	}
	if (at + 1 > size)
		return false;
	ret[at] = '\0';
	return at > 0;
}

bool dump_conninfo(struct str name, char *ret, size_t size)
{
	size_t at = (size_t)snprintf(ret, size, "dbname='");

	for (size_t i = 0; i < name.len; i++) {
		if (at + 4 > size)
			return false;
		if (name.ptr[i] == '\'' || name.ptr[i] == '\\')
			ret[at++] = '\\';
		ret[at++] = name.ptr[i];
	}
	if (at + 2 > size)
		return false;
	memcpy(ret + at, "'", 2);
	return true;
}

int dump_user(const char *name, struct proc_user *ret)
{
	const struct passwd *pw;

	*ret = (struct proc_user){};
	if (geteuid() != 0)
		return 0;
	pw = getpwnam(name);
	if (!pw)
		return -ENOENT;
	*ret = (struct proc_user){ pw->pw_uid, pw->pw_gid, pw->pw_uid != 0 };
	return 0;
}

struct dumper {
	const struct backup_work *w;
	struct restic *r;
	const struct backup_dump *dump;
	struct proc_user user;
	json_t *ret;
	const char *argv[24];
	size_t n;
};

static void arg(struct dumper *x, const char *word)
{
	if (x->n + 1 < COUNT(x->argv))
		x->argv[x->n++] = word;
	x->argv[x->n] = NULL;
}

static void option(struct dumper *x, const char *name, const char *value)
{
	if (value) {
		arg(x, name);
		arg(x, value);
	}
}

static void tell(struct dumper *x, const char *name)
{
	struct backup_progress p = { .what = name };

	if (x->w->progress)
		x->w->progress(&p, x->w->user);
}

static int add_record(struct dumper *x, const char *name, const char *path,
		      const struct stream_end *s)
{
	json_t *record =
		json_pack("{s:s, s:o, s:o, s:I, s:s, s:s, s:o}", "kind",
			  backup_dump_name(x->dump->kind), "name", backup_text(str_of(name)),
			  "path", backup_text(str_of(path)), "bytes", (json_int_t)s->bytes,
			  "snapshot", s->snapshot, "result", restic_trouble_name(s->end.trouble),
			  "message", backup_text(str_of(s->end.message)));

	return record && json_array_append_new(x->ret, record) == 0 ? 0 : -ENOMEM;
}

static int fail(struct dumper *x, const char *name, const char *why)
{
	struct stream_end s = { .end = { .trouble = RESTIC_FAILED } };

	snprintf(s.end.message, sizeof s.end.message, "%s", why);
	return add_record(x, name, "", &s);
}

static int save(struct dumper *x, const char *name, const char *suffix)
{
	const struct proc_spec spec = { .argv = x->argv, .user = x->user };
	char file[NAME_MAX], path[PATH_MAX];
	struct stream_end end;
	int r;

	if (!dump_file_name(str_of(name), file, sizeof file - 8))
		return fail(x, name, "its name is too long");
	snprintf(path, sizeof path, DUMP_PREFIX "%s/%s%s", backup_dump_name(x->dump->kind), file,
		 suffix);
	tell(x, name);
	r = stream_save(x->r, &spec, path, &end);
	return r < 0 ? r : add_record(x, name, path, &end);
}

/* --- names of databases --- */

struct names {
	struct arena arena; /* owned */
	struct backup_words words;
};

static int add_name(struct str line, void *user)
{
	static const char *const own_of_mysql[] = { "information_schema", "performance_schema",
						    "sys" };
	struct names *n = user;
	const char *name;

	for (size_t i = 0; i < COUNT(own_of_mysql); i++)
		if (str_eq(line, str_of(own_of_mysql[i])))
			return 0;
	if (!line.len || memchr(line.ptr, 0, line.len))
		return 0;
	name = n->words.n < NAMES_MAX ? arena_cstr(&n->arena, line) : NULL;
	if (!name)
		return -E2BIG;
	return arena_push(&n->arena, n->words.items, n->words.n, n->words.cap, name);
}

/* Runs the query of x->argv; fails as a record of its own. 1: names are there. */
static int list_names(struct dumper *x, struct names *ret)
{
	own(buf_release) struct buf err = BUF(8'192);
	const struct proc_spec spec = {
		.argv = x->argv, .user = x->user, .stop = x->w->stop, .timeout = LIST_SECONDS
	};
	int status = 0, r = proc_run(&spec, add_name, ret, &err, &status);
	struct str text = buf_view(&err), line = {};
	char why[400], safe[300];

	if (r == 0 && proc_ok(status))
		return ret->words.n ? 1 : fail(x, "all", "the account sees no database");
	while (!str_trim(line).len && str_line(&text, &line, NULL))
		;
	snprintf(why, sizeof why, "%s: %s", x->argv[0],
		 r == -ENOENT ? "is not installed"
		 : r < 0      ? strerror(-r)
			      : text_safe(str_trim(line), safe, sizeof safe));
	return fail(x, "all", why);
}

/* --- PostgreSQL --- */

static void postgresql_options(struct dumper *x)
{
	option(x, "-h", x->dump->socket);
	option(x, "-p", x->dump->port);
	if (!x->user.set)
		option(x, "-U", x->dump->user);
}

static int postgresql_one(struct dumper *x, const char *name)
{
	char conninfo[300];

	if (!dump_conninfo(str_of(name), conninfo, sizeof conninfo))
		return fail(x, name, "its name is too long");
	x->n = 0;
	arg(x, "pg_dump");
	/* Not packed: restic packs, and finds what has not changed. */
	option(x, "--format", "custom");
	option(x, "--compress", "0");
	arg(x, "--no-password");
	postgresql_options(x);
	option(x, "--dbname", conninfo);
	return save(x, name, ".dump");
}

static int postgresql(struct dumper *x)
{
	struct names all = { .arena = { .limit = (size_t)1 << 20 } };
	const struct backup_words *names = &x->dump->names;
	int r = dump_user(x->dump->user ? x->dump->user : "postgres", &x->user);

	if (r < 0)
		return fail(x, "all", "there is no account 'postgres' (option user)");
	if (!names->n) {
		x->n = 0;
		arg(x, "psql");
		arg(x, "-XAtqw");
		postgresql_options(x);
		option(x, "-d", "postgres");
		option(x, "-c",
		       "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate "
		       "ORDER BY 1");
		r = list_names(x, &all);
		names = &all.words;
		if (r == 1) {
			x->n = 0;
			arg(x, "pg_dumpall");
			arg(x, "--globals-only");
			arg(x, "--no-password");
			postgresql_options(x);
			r = save(x, "globals", ".sql");
		}
	}
	for (size_t i = 0; r == 0 && i < names->n; i++)
		r = postgresql_one(x, names->items[i]);
	arena_release(&all.arena);
	return r;
}

/* --- MySQL, MariaDB --- */

/* MariaDB's own names; the others go, one day. */
static void mysql_program(struct dumper *x, const char *name, const char *of_mysql,
			  const char *defaults)
{
	char path[PATH_MAX];

	x->n = 0;
	arg(x, spawn_find(name, PROC_PATH, path, sizeof path) == 0 ? name : of_mysql);
	if (x->dump->defaults)
		arg(x, defaults);
	option(x, "--socket", x->dump->socket);
}

static int mysql(struct dumper *x)
{
	struct names all = { .arena = { .limit = (size_t)1 << 20 } };
	const struct backup_words *names = &x->dump->names;
	char defaults[PATH_MAX + 32];
	int r = 0;

	/* It must be the first of the options. */
	snprintf(defaults, sizeof defaults, "--defaults-extra-file=%s",
		 x->dump->defaults ? x->dump->defaults : "");
	if (!names->n) {
		mysql_program(x, "mariadb", "mysql", defaults);
		arg(x, "-NBr");
		option(x, "-e", "SHOW DATABASES");
		r = list_names(x, &all);
		names = &all.words;
		r = r == 1 ? 0 : r;
	}
	for (size_t i = 0; r == 0 && i < names->n; i++) {
		mysql_program(x, "mariadb-dump", "mysqldump", defaults);
		arg(x, "--single-transaction");
		arg(x, "--quick");
		arg(x, "--routines");
		arg(x, "--events");
		arg(x, "--triggers");
		arg(x, "--hex-blob");
		arg(x, "--databases");
		/* Whoever may make databases gives them names like options. */
		option(x, "--", names->items[i]);
		r = save(x, names->items[i], ".sql");
	}
	arena_release(&all.arena);
	return r;
}

/* --- SQLite --- */

/* Whoever owns the file could make it hurt whoever reads it: sqlite3 runs as the owner. */
static int sqlite_copy(struct dumper *x, const struct tempdir *scratch, const char *name,
		       unsigned number, const char **why, int *ret_fd)
{
	const char *const argv[] = { "sqlite3", "-batch",         "-init",        "/dev/null",
				     name,      ".timeout 20000", backup_command, NULL };
	own(buf_release) struct buf err = BUF(4'096);
	own(close_fd) int dir = -1, fd = -1;
	char path[PATH_MAX], leaf[32];
	struct stat st, copy;
	struct proc_spec spec = { .argv = argv, .dir = path, .stop = x->w->stop };
	int status = 0, r;

	if (stat(name, &st) < 0 || !S_ISREG(st.st_mode)) {
		*why = "is no regular file, or not there";
		return -ENOENT;
	}
	if (geteuid() == 0)
		spec.user = (struct proc_user){ st.st_uid, st.st_gid, st.st_uid != 0 };
	snprintf(leaf, sizeof leaf, "sqlite%u", number);
	r = tempdir_dir(scratch, leaf, spec.user.set ? st.st_uid : geteuid(), st.st_gid, path);
	if (r == 0)
		r = proc_run(&spec, NULL, NULL, &err, &status);
	*why = r == -ENOENT ? "sqlite3 is not installed" : r < 0 ? strerror(-r) : NULL;
	if (r < 0)
		return r;
	*why = "sqlite3 could not copy it";
	if (!proc_ok(status))
		return -EIO;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, COPY, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &copy) < 0 || !S_ISREG(copy.st_mode) || copy.st_nlink != 1 ||
	    copy.st_uid != (spec.user.set ? st.st_uid : geteuid()))
		return -EIO;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int sqlite_one(struct dumper *x, const struct tempdir *scratch, const char *name,
		      unsigned number)
{
	own(close_fd) int fd = -1;
	char file[NAME_MAX], path[PATH_MAX];
	const char *why = "";
	struct stream_end end;
	int r;

	tell(x, name);
	if (!dump_file_name(str_of(name), file, sizeof file - 8))
		return fail(x, name, "its name is too long");
	r = sqlite_copy(x, scratch, name, number, &why, &fd);
	if (r < 0)
		return fail(x, name, why);
	snprintf(path, sizeof path, DUMP_PREFIX "sqlite/%s", file);
	r = stream_save_file(x->r, fd, path, &end);
	return r < 0 ? r : add_record(x, name, path, &end);
}

static int sqlite(struct dumper *x)
{
	own(tempdir_release) struct tempdir scratch = TEMPDIR_NONE;
	struct diag d = {};
	char text[600];
	int r = tempdir_make(x->w->config->scratch, &scratch, &d);

	if (r < 0)
		return fail(x, "all", diag_text(&d, text, sizeof text));
	for (size_t i = 0; r == 0 && i < x->dump->names.n; i++) {
		char leaf[32];

		r = sqlite_one(x, &scratch, x->dump->names.items[i], (unsigned)i);
		snprintf(leaf, sizeof leaf, "sqlite%zu", i);
		(void)tree_remove(scratch.fd, leaf);
	}
	return r;
}

int backup_dumps(const struct backup_work *w, struct restic *r, json_t *ret)
{
	static int (*const kinds[])(struct dumper * x) = { postgresql, mysql, sqlite };
	int e = 0;

	for (size_t i = 0; e == 0 && i < w->config->n_dumps; i++) {
		struct dumper x = { .w = w, .r = r, .dump = &w->config->dumps[i], .ret = ret };

		if (w->stop && *w->stop)
			break;
		e = kinds[x.dump->kind](&x);
	}
	return e;
}
