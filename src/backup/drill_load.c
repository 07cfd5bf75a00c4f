/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was restored is opened by the programs that it is for. */
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/drill.h"
#include "backup/dump.h"

#define CONFIG_MAX ((size_t)1 << 20)
#define SECONDS 3'600U

void drill_load_record(struct drill *d, const char *kind, const char *name, bool ok,
		       const char *message)
{
	json_array_append_new(d->loads,
			      json_pack("{s:s, s:o, s:s, s:o}", "kind", kind, "name",
					backup_text(str_of(name)), "result", ok ? "ok" : "failed",
					"message", backup_text(str_of(message))));
}

int drill_fetch(struct drill *d, const json_t *dump, const char *dir, const char *name,
		struct restic_end *ret)
{
	const char *snapshot = json_string_value(json_object_get(dump, "snapshot"));
	const char *path = json_string_value(json_object_get(dump, "path"));
	const char *const args[] = { "dump", "--no-lock", snapshot, path, NULL };
	own(close_fd) int folder = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
			  fd = -1;
	struct restic_input io = {};
	struct stat st;
	int r;

	*ret = (struct restic_end){ RESTIC_ABSENT, "the last run names no snapshot of it" };
	if (folder < 0 || !snapshot || !path || !snapshot[0] || snapshot[0] == '-')
		return folder < 0 ? -errno : 0;
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || (d->user.set && fchown(fd, d->user.uid, d->user.gid) < 0))
		return -errno;
	io.out = fd;
	r = restic_run(d->r, args, &io, NULL, NULL, ret);
	if (r == 0 && ret->trouble == RESTIC_FINE && fstat(fd, &st) == 0 &&
	    st.st_size != backup_state_int(dump, "bytes", st.st_size))
		*ret = (struct restic_end){ RESTIC_DAMAGED, "it has not the size that was saved" };
	return r;
}

/* --- SQLite --- */

static int first_line(struct str line, void *user)
{
	struct buf *b = user;

	if (!b->len)
		(void)buf_str(b, line);
	return 0;
}

static void check_sqlite(struct drill *d, const char *name, const char *dir)
{
	static const char *const argv[] = { "sqlite3",
					    "-batch",
					    "-init",
					    "/dev/null",
					    "-readonly",
					    "dump",
					    "PRAGMA integrity_check",
					    NULL };
	own(buf_release) struct buf out = BUF(4'096), err = BUF(4'096);
	const struct proc_spec spec = {
		.argv = argv, .dir = dir, .user = d->user, .stop = d->w->stop, .timeout = SECONDS
	};
	char why[300];
	int status = 0, r = proc_run(&spec, first_line, &out, &err, &status);

	if (r == 0 && proc_ok(status) && str_eq(buf_view(&out), STR("ok")))
		drill_load_record(d, "sqlite", name, true, "");
	else if (r == -ENOENT)
		drill_load_record(d, "sqlite", name, false, "sqlite3 is not installed");
	else
		drill_load_record(d, "sqlite", name, false,
				  text_safe(out.len ? buf_view(&out) : str_trim(buf_view(&err)),
					    why, sizeof why));
}

bool drill_is_dump(const json_t *dump, const char *kind)
{
	const char *of = json_string_value(json_object_get(dump, "kind"));

	return of && !strcmp(of, kind) && backup_result_ok(dump);
}

static int load_sqlite(struct drill *d, const json_t *dump, unsigned number)
{
	const char *name = json_string_value(json_object_get(dump, "name"));
	char leaf[32], dir[PATH_MAX];
	struct restic_end end = {};
	int r;

	snprintf(leaf, sizeof leaf, "load%u", number);
	r = tempdir_dir(&d->scratch, leaf, d->user.set ? d->user.uid : geteuid(), d->user.gid, dir);
	if (r == 0)
		r = drill_fetch(d, dump, dir, "dump", &end);
	if (r < 0)
		return r;
	if (end.trouble != RESTIC_FINE)
		drill_load_record(d, "sqlite", name ? name : "", false, end.message);
	else
		check_sqlite(d, name ? name : "", dir);
	(void)tree_remove(d->scratch.fd, leaf);
	return 0;
}

/* --- sshd --- */

static int read_at(int dir, const char *path, struct buf *out)
{
	own(close_fd) int fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char chunk[16'384];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		if (buf_add(out, chunk, (size_t)n) < 0)
			return out->error;
	return n < 0 ? -errno : 0;
}

/* The restored files instead of those that are there now: Include, HostKey, Banner … */
static void point_inside(struct str text, const char *root, struct buf *out)
{
	static const char etc[] = "/etc/ssh/";
	const char *at;

	while ((at = memmem(text.ptr, text.len, etc, strlen(etc)))) {
		(void)buf_add(out, text.ptr, (size_t)(at - text.ptr));
		(void)buf_fmt(out, "%s%s", root, etc);
		text = str_sub(text, (size_t)(at - text.ptr) + strlen(etc), text.len);
	}
	(void)buf_str(out, text);
}

static void check_sshd(struct drill *d)
{
	static const char *const keys[] = { "ed25519", "ecdsa", "rsa" };
	own(buf_release) struct buf text = BUF(CONFIG_MAX), inside = BUF(2 * CONFIG_MAX),
				    err = BUF(8'192);
	char file[PATH_MAX + 16], paths[COUNT(keys)][PATH_MAX + 64], why[300];
	const char *argv[16] = { "sshd", "-t", "-f", file };
	struct proc_spec spec = { .argv = argv, .stop = d->w->stop, .timeout = 60 };
	size_t n = 4;
	int status = 0, r;

	if (d->files < 0 || read_at(d->files, "etc/ssh/sshd_config", &text) < 0)
		return;
	point_inside(buf_view(&text), d->files_path, &inside);
	snprintf(file, sizeof file, "%s/sshd_config", d->scratch.path);
	r = inside.error ? inside.error
			 : backup_write_file(d->scratch.fd, "sshd_config", buf_view(&inside), 0600);
	for (size_t i = 0; i < COUNT(keys); i++) {
		snprintf(paths[i], sizeof paths[i], "%s/etc/ssh/ssh_host_%s_key", d->files_path,
			 keys[i]);
		if (access(paths[i], R_OK) < 0)
			continue;
		argv[n++] = "-h";
		argv[n++] = paths[i];
	}
	argv[n] = NULL;
	if (r == 0)
		r = proc_run(&spec, NULL, NULL, &err, &status);
	/* Where there is none now, nothing can be said of the restored one. */
	if (r == -ENOENT || str_contains(buf_view(&err), STR("privilege separation directory")))
		return;
	drill_load_record(d, "sshd", "/etc/ssh/sshd_config", r == 0 && proc_ok(status),
			  r < 0             ? strerror(-r)
			  : proc_ok(status) ? ""
					    : text_safe(str_trim(buf_view(&err)), why, sizeof why));
}

/* The dumps of the last run that made any. */
static const json_t *last_dumps(const json_t *state)
{
	const json_t *runs = json_object_get(state, "runs");

	for (size_t i = json_array_size(runs); i > 0; i--) {
		const json_t *dumps = json_object_get(json_array_get(runs, i - 1), "dumps");

		if (json_array_size(dumps))
			return dumps;
	}
	return NULL;
}

/* Whom nothing belongs to but what is loaded here. */
static void choose_user(struct drill *d)
{
	static const char *const names[] = { "postgres", "nobody" };

	d->user_name = "postgres";
	for (size_t i = 0; i < COUNT(names) && geteuid() == 0; i++)
		if (dump_user(names[i], &d->user) == 0) {
			d->user_name = names[i];
			return;
		}
}

int drill_load(struct drill *d, const json_t *state)
{
	const json_t *dumps = last_dumps(state), *dump;
	int r = 0;
	size_t i;

	choose_user(d);
	check_sshd(d);
	json_array_foreach(dumps, i, dump)
	{
		if (r == 0 && drill_is_dump(dump, "sqlite") && !(d->w->stop && *d->w->stop))
			r = load_sqlite(d, dump, (unsigned)i);
	}
	if (r == 0)
		r = drill_mysql(d, dumps);
	return r == 0 ? drill_postgresql(d, dumps) : r;
}
