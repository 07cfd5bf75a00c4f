/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps of PostgreSQL, loaded into a server that lives in the scratch folder, and only there. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/wait.h>

#include "backup/drill.h"

#define SECONDS 3'600U
#define START_SECONDS 60
#define SOCKET_MAX 90U /* sun_path has 108, the server adds ".s.PGSQL.5432" */

struct server {
	struct drill *d;
	char bin[PATH_MAX], dir[PATH_MAX], data[PATH_MAX + 8];
	struct proc proc; /* owned */
};

static void server_release(struct server *s)
{
	int status;

	/* SIGINT: it disconnects everybody and ends; then the folder can go. */
	if (s->proc.pid > 0) {
		kill(s->proc.pid, SIGINT);
		for (int i = 0; i < 100 && kill(s->proc.pid, 0) == 0; i++) {
			siginfo_t info = {};

			if (waitid(P_PID, (id_t)s->proc.pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
				    0 &&
			    info.si_pid == s->proc.pid)
				break;
			usleep(100'000);
		}
		kill(-s->proc.pid, SIGKILL);
		(void)proc_wait(&s->proc, &status);
	}
	proc_release(&s->proc);
}

/* The newest that is installed: it reads what older ones wrote. */
static bool find_bin(char ret[static PATH_MAX])
{
	static const char *const patterns[] = { "/usr/lib/postgresql/*/bin/postgres",
						"/usr/pgsql-*/bin/postgres", "/usr/bin/postgres" };
	bool found = false;

	for (size_t i = 0; i < COUNT(patterns) && !found; i++) {
		glob_t g = {};

		if (glob(patterns[i], 0, NULL, &g) == 0 && g.gl_pathc) {
			const char *last = g.gl_pathv[g.gl_pathc - 1];

			found = snprintf(ret, PATH_MAX, "%.*s", (int)(strrchr(last, '/') - last),
					 last) < PATH_MAX;
		}
		globfree(&g);
	}
	return found;
}

/* 0: it ended with 0; ret: its first line of errors. */
static int call(struct server *s, const char *const args[], char *ret, size_t size)
{
	own(buf_release) struct buf err = BUF(16'384);
	char program[PATH_MAX + 64];
	const char *argv[24] = { program };
	struct proc_spec spec = { .argv = argv,
				  .dir = s->dir,
				  .user = s->d->user,
				  .stop = s->d->w->stop,
				  .timeout = SECONDS };
	struct str text, line = {};
	int status = 0, r;

	snprintf(program, sizeof program, "%s/%s", s->bin, args[0]);
	for (size_t i = 1; i + 1 < COUNT(argv) && args[i]; i++)
		argv[i] = args[i];
	r = proc_run(&spec, NULL, NULL, &err, &status);
	text = buf_view(&err);
	while (!str_contains(line, STR("rror")) && str_line(&text, &line, NULL))
		;
	(void)text_safe(r < 0 ? str_of(strerror(-r)) : str_trim(line), ret, size);
	return r < 0 ? r : proc_ok(status) ? 0 : -EIO;
}

static int start(struct server *s, char *why, size_t size)
{
	const char *const init[] = { "initdb",   "-D", s->data, "-A",         "trust",     "-U",
				     "postgres", "-E", "UTF8",  "--locale=C", "--no-sync", NULL };
	const char *const ready[] = { "pg_isready", "-q", "-h", s->dir, NULL };
	char program[PATH_MAX + 64];
	const char *const argv[] = { program,
				     "-D",
				     s->data,
				     "-k",
				     s->dir,
				     "-c",
				     "listen_addresses=",
				     "-c",
				     "fsync=off",
				     "-c",
				     "unix_socket_permissions=0700",
				     "-c",
				     "logging_collector=off",
				     "-c",
				     "log_destination=stderr",
				     "-c",
				     "max_connections=10",
				     NULL };
	own(close_fd) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct proc_spec spec = { .argv = argv, .dir = s->dir, .user = s->d->user, .out = null };
	int r = call(s, init, why, size);

	if (r < 0)
		return r;
	snprintf(program, sizeof program, "%s/postgres", s->bin);
	r = proc_start(&spec, &s->proc);
	if (r < 0)
		return r;
	/* Nobody reads what it says: it must not wait for that. */
	close_fd(&s->proc.err);
	for (int i = 0; i < START_SECONDS * 5; i++) {
		if (call(s, ready, why, size) == 0)
			return 0;
		if (s->d->w->stop && *s->d->w->stop)
			return -ECANCELED;
		usleep(200'000);
	}
	return -ETIME;
}

static int load_globals(struct server *s, const json_t *dump)
{
	const char *const args[] = { "psql", "-Xqw",     "-h", s->dir,    "-U", "postgres",
				     "-d",   "postgres", "-f", "globals", NULL };
	struct restic_end end;
	char why[300];
	int r = drill_fetch(s->d, dump, s->dir, "globals", &end);

	if (r < 0)
		return r;
	/* The role that is there already is an error; what matters shows in the databases. */
	if (end.trouble == RESTIC_FINE)
		(void)call(s, args, why, sizeof why);
	drill_load_record(s->d, "postgresql", "globals", end.trouble == RESTIC_FINE, end.message);
	return 0;
}

static int load_one(struct server *s, const json_t *dump, unsigned number)
{
	const char *name = json_string_value(json_object_get(dump, "name"));
	char database[32], why[300] = "";
	const char *const create[] = { "createdb", "-w", "-h",        s->dir,   "-U",
				       "postgres", "-T", "template0", database, NULL };
	const char *const load[] = { "pg_restore", "-w", "-h",     s->dir,     "-U", "postgres",
				     "-e",         "-d", database, "restored", NULL };
	struct restic_end end;
	int r = drill_fetch(s->d, dump, s->dir, "restored", &end);

	if (r < 0)
		return r;
	snprintf(database, sizeof database, "drill%u", number);
	if (end.trouble == RESTIC_FINE) {
		r = call(s, create, why, sizeof why);
		if (r == 0)
			r = call(s, load, why, sizeof why);
		drill_load_record(s->d, "postgresql", name ? name : "", r == 0, r == 0 ? "" : why);
	} else {
		drill_load_record(s->d, "postgresql", name ? name : "", false, end.message);
	}
	(void)unlinkat(s->d->scratch.fd, "postgresql/restored", 0);
	return 0;
}

static bool is_ours(const json_t *dump, bool globals)
{
	const char *kind = json_string_value(json_object_get(dump, "kind"));
	const char *path = json_string_value(json_object_get(dump, "path"));

	return kind && path && !strcmp(kind, "postgresql") && backup_result_ok(dump) &&
	       str_ends(str_of(path), STR("/globals.sql")) == globals;
}

static int load_all(struct server *s, const json_t *dumps)
{
	const json_t *dump;
	int r = 0;
	size_t i;

	/* Roles before what belongs to them. */
	json_array_foreach(dumps, i, dump)
	{
		if (r == 0 && is_ours(dump, true))
			r = load_globals(s, dump);
	}
	json_array_foreach(dumps, i, dump)
	{
		if (r == 0 && is_ours(dump, false) && !(s->d->w->stop && *s->d->w->stop))
			r = load_one(s, dump, (unsigned)i);
	}
	return r;
}

int drill_postgresql(struct drill *d, const json_t *dumps)
{
	own(server_release) struct server s = { .d = d };
	const json_t *dump;
	char why[300] = "";
	bool any = false;
	size_t i;
	int r;

	json_array_foreach(dumps, i, dump) any |= is_ours(dump, false) || is_ours(dump, true);
	if (!any)
		return 0;
	if (!find_bin(s.bin)) {
		drill_load_record(d, "postgresql", "all", false,
				  "no server is installed here that could load it");
		return 0;
	}
	r = tempdir_dir(&d->scratch, "postgresql", d->user.set ? d->user.uid : geteuid(),
			d->user.gid, s.dir);
	if (r < 0)
		return r;
	snprintf(s.data, sizeof s.data, "%s/data", s.dir);
	if (strlen(s.dir) > SOCKET_MAX) {
		drill_load_record(d, "postgresql", "all", false,
				  "the name of the scratch folder is too long for a socket");
		return 0;
	}
	r = start(&s, why, sizeof why);
	if (r < 0) {
		drill_load_record(d, "postgresql", "all", false, why[0] ? why : strerror(-r));
		return 0;
	}
	return load_all(&s, dumps);
}
