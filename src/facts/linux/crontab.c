/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crontab: Jobs of cron, anacron and at. */
#include <stdio.h>

#include "facts/fact.h"
#include "facts/linux/command_risk.h"
#include "facts/linux/crontab_parse.h"
#include "facts/linux/passwd_file.h"

#define FACT_ROW crontab_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, kind, "system, cron.d, user, periodic, anacron or at") \
	X(TEXT, schedule, "five fields or @word; hourly … for periodic scripts, days for anacron, @UNIX-time for at") \
	X(TEXT, username, "account that runs it") \
	X(TEXT, command, "command line, or the content of a periodic script cut at 4,096 bytes") \
	X(TEXT, file, "file") \
	X(INT, line, "line") \
	X(INT, file_mode, "permission bits") \
	X(INT, file_uid, "owner") \
	X(TEXT, risk, "why the command is suspicious (pipes a download to a shell, runs a file of a temporary directory …), ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "crontab",
	.doc = "Jobs of cron, anacron and at.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define SCRIPT_MAX 4096

struct work {
	struct collect *c;
	bool debian; /* cron and run-parts of Debian pass over names with dots */
	struct passwd_file users;
};

static bool strict_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '_' || c == '-'))
			return false;
	}
	return s.len;
}

/* cronie's database.c and Fedora's run-parts. */
static bool loose_name(struct str s)
{
	static const struct str ends[] = {
		STR("~"),    STR(".rpmsave"), STR(".rpmorig"), STR(".rpmnew"),
		STR(".bak"), STR(".swp"),     STR(",v"),       STR(".cfsaved"),
	};

	for (size_t i = 0; i < COUNT(ends); i++) {
		if (str_ends(s, ends[i]))
			return false;
	}
	return s.len && s.ptr[0] != '.' && s.ptr[0] != '#';
}

static bool runs_name(const struct work *w, struct str name)
{
	return w->debian ? strict_name(name) : loose_name(name);
}

static int find_family(struct work *w)
{
	static const char *const files[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct str text, line;
	struct stat st;

	w->debian = root_stat(w->c->root, "/etc/debian_version", &st) >= 0;
	for (size_t i = 0; !w->debian && i < COUNT(files); i++) {
		int r = root_read(w->c->root, files[i], 65536, w->c->arena, &text, NULL);

		if (r == -ENOMEM)
			return r;
		while (r >= 0 && str_line(&text, &line, NULL)) {
			if (str_starts(line, STR("ID=")) || str_starts(line, STR("ID_LIKE=")))
				w->debian |= str_contains(line, STR("debian")) ||
					     str_contains(line, STR("ubuntu"));
		}
	}
	return 0;
}

static int emit(struct collect *c, struct crontab_row *row)
{
	row->risk = str_of(command_risk(row->command));
	return collect_row(c, row);
}

static struct crontab_row new_row(const char *kind, const char *path, const struct stat *st)
{
	return (struct crontab_row){
		.kind = str_of(kind),
		.file = str_of(path),
		.file_mode = st->st_mode & 07777,
		.file_uid = st->st_uid,
	};
}

/* username.ptr == NULL: every line names the account. */
static int read_crontab(struct work *w, const char *path, const char *kind, struct str username)
{
	struct collect *c = w->c;
	struct crontab_entry e;
	struct str text;
	struct stat st;
	unsigned line = 0;
	int r = collect_read(c, path, &text, &st);

	if (r <= 0)
		return r;
	if (str_find(text, '\0') >= 0)
		collect_problem(c, 0, path, "binary data in a crontab");
	while (r >= 0 && crontab_next(&text, &line, !username.ptr, &e)) {
		struct crontab_row row = new_row(kind, path, &st);

		row.schedule = crontab_schedule(e.schedule, c->arena);
		row.username = username.ptr ? username : e.username;
		row.command = crontab_command(e.command, c->arena);
		row.line = e.line;
		if (!row.command.ptr || !row.schedule.ptr)
			return -ENOMEM;
		r = emit(c, &row);
	}
	return r < 0 ? r : 0;
}

/* Calls fn for every file of a directory that is neither a directory nor hidden. */
typedef int entry_fn(struct work *w, const char *path, struct str name, const struct stat *st,
		     const void *user);

static int each_file(struct work *w, const char *dir, entry_fn *fn, const void *user)
{
	struct collect *c = w->c;
	struct dir_list list;
	int r = collect_list(c, dir, &list);

	for (size_t i = 0; r > 0 && i < list.n; i++) {
		struct str path = arena_fmt(c->arena, "%s/%s", dir, list.entries[i].name);
		struct stat st;
		int got;

		if (!path.ptr)
			return -ENOMEM;
		if (list.entries[i].name[0] == '.')
			continue;
		got = root_stat(c->root, path.ptr, &st);
		if (got < 0 && got != -ENOENT)
			collect_problem(c, got, path.ptr, "%s", strerror(-got));
		if (got < 0 || S_ISDIR(st.st_mode))
			continue;
		got = fn(w, path.ptr, str_of(list.entries[i].name), &st, user);
		if (got < 0)
			return got;
	}
	return MIN(r, 0);
}

static int dropin(struct work *w, const char *path, struct str name, const struct stat *st,
		  const void *user)
{
	(void)st;
	(void)user;
	return runs_name(w, name) ? read_crontab(w, path, "cron.d", (struct str){}) : 0;
}

static int user_crontab(struct work *w, const char *path, struct str name, const struct stat *st,
			const void *user)
{
	(void)st;
	(void)user;
	if (str_starts(name, STR("tmp.")) || str_eq(name, STR("cron.update")))
		return 0;
	return read_crontab(w, path, "user", name);
}

/* The first bytes of a script; what is not text is said to be so. */
static int read_head(struct collect *c, const char *path, struct str *ret)
{
	own(close_fd) int fd = -1;
	char *buf = arena_alloc(c->arena, SCRIPT_MAX);
	struct stat st;
	ssize_t n = 0;
	int r = buf ? root_open_file(c->root, path, &st, &fd) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (r >= 0) {
		do
			n = read(fd, buf, SCRIPT_MAX);
		while (n < 0 && errno == EINTR);
		r = n < 0 ? -errno : 0;
	}
	if (r < 0) {
		collect_problem(c, r, path, "%s", strerror(-r));
		return 0;
	}
	*ret = (struct str){ buf, (size_t)n };
	if (str_find(*ret, '\0') >= 0)
		*ret = STR("(binary)");
	return 1;
}

static int script(struct work *w, const char *path, struct str name, const struct stat *st,
		  const void *user)
{
	struct crontab_row row = new_row("periodic", path, st);
	/* BusyBox runs what is in /etc/periodic, and is as strict as Debian. */
	bool runs = str_starts(str_of(path), STR("/etc/periodic/")) ? strict_name(name)
								    : runs_name(w, name);
	int r;

	if (!(st->st_mode & 0111) || !runs)
		return 0;
	r = read_head(w->c, path, &row.command);
	if (r <= 0)
		return r;
	row.schedule = str_of(user);
	row.username = STR("root");
	row.line = 1;
	return emit(w->c, &row);
}

static struct str owner(const struct work *w, uid_t uid)
{
	for (size_t i = 0; i < w->users.n; i++) {
		if (w->users.entries[i].uid == (int64_t)uid)
			return w->users.entries[i].name;
	}
	return STR("");
}

static int at_job(struct work *w, const char *path, struct str name, const struct stat *st,
		  const void *user)
{
	struct crontab_row row = new_row("at", path, st);
	struct str text;
	int64_t due;
	int r;

	(void)user;
	if (!at_name(name, &due))
		return 0;
	r = collect_read(w->c, path, &text, NULL);
	if (r <= 0)
		return r;
	row.schedule = arena_fmt(w->c->arena, "@%lld", (long long)due);
	row.username = at_user(text);
	if (!row.username.len)
		row.username = owner(w, st->st_uid);
	row.command = str_sub(at_command(text), 0, SCRIPT_MAX);
	row.line = 1;
	return row.schedule.ptr ? emit(w->c, &row) : -ENOMEM;
}

static int anacrontab(struct work *w)
{
	static const char path[] = "/etc/anacrontab";
	struct crontab_entry e;
	struct str text;
	struct stat st;
	unsigned line = 0;
	int r = collect_read(w->c, path, &text, &st);

	if (r <= 0)
		return r;
	while (r >= 0 && anacrontab_next(&text, &line, &e)) {
		struct crontab_row row = new_row("anacron", path, &st);

		row.schedule = e.schedule;
		row.username = STR("root");
		row.command = e.command;
		row.line = e.line;
		r = emit(w->c, &row);
	}
	return r < 0 ? r : 0;
}

/* Debian, SUSE, Alpine and Red Hat; one may be a link to another. */
static int spools(struct work *w)
{
	static const char *const dirs[] = { "/var/spool/cron/crontabs", "/var/spool/cron/tabs",
					    "/etc/crontabs", "/var/spool/cron" };
	struct stat seen[COUNT(dirs)] = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(dirs); i++) {
		bool again = false;

		if (root_stat(w->c->root, dirs[i], &seen[i]) < 0)
			continue;
		for (size_t j = 0; j < i; j++)
			again |= seen[j].st_ino == seen[i].st_ino &&
				 seen[j].st_dev == seen[i].st_dev;
		if (!again)
			r = each_file(w, dirs[i], user_crontab, NULL);
	}
	return r;
}

static int periodic(struct work *w)
{
	static const char *const words[] = { "15min",  "hourly",  "daily",
					     "weekly", "monthly", "yearly" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(words); i++) {
		char cron[32], alpine[32];

		snprintf(cron, sizeof cron, "/etc/cron.%s", words[i]);
		snprintf(alpine, sizeof alpine, "/etc/periodic/%s", words[i]);
		r = each_file(w, cron, script, words[i]);
		if (r >= 0)
			r = each_file(w, alpine, script, words[i]);
	}
	return r;
}

static int collect(struct collect *c)
{
	static const char *const at[] = { "/var/spool/cron/atjobs", "/var/spool/at",
					  "/var/spool/atjobs" };
	struct work w = { .c = c };
	int r = find_family(&w);

	if (r >= 0)
		r = passwd_read(c, &w.users);
	if (r >= 0)
		r = read_crontab(&w, "/etc/crontab", "system", (struct str){});
	if (r >= 0)
		r = each_file(&w, "/etc/cron.d", dropin, NULL);
	if (r >= 0)
		r = spools(&w);
	if (r >= 0)
		r = periodic(&w);
	if (r >= 0)
		r = anacrontab(&w);
	for (size_t i = 0; r >= 0 && i < COUNT(at); i++)
		r = each_file(&w, at[i], at_job, NULL);
	return r < 0 ? r : 0;
}

const struct collector collector_crontab = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
