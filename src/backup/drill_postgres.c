/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps of PostgreSQL, loaded into a server that lives in the scratch folder, and only there. */
#include <glob.h>
#include <stdio.h>

#include "backup/drill_server.h"

struct postgres {
	struct drill_server server; /* owned */
	char bin[PATH_MAX], data[PATH_MAX + 8];
};

static void postgres_release(struct postgres *p) { drill_server_release(&p->server); }

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

static int call(const struct postgres *p, const char *const args[], char *why, size_t size)
{
	char program[PATH_MAX + 64];
	const char *argv[24] = { program };

	snprintf(program, sizeof program, "%s/%s", p->bin, args[0]);
	for (size_t i = 1; i + 1 < COUNT(argv) && args[i]; i++)
		argv[i] = args[i];
	return drill_server_call(&p->server, argv, 0, why, size);
}

static int start(struct postgres *p, char *why, size_t size)
{
	const char *const init[] = { "initdb",   "-D", p->data, "-A",         "trust",     "-U",
				     "postgres", "-E", "UTF8",  "--locale=C", "--no-sync", NULL };
	char program[PATH_MAX + 64], is_ready[PATH_MAX + 64];
	const char *const ready[] = { is_ready, "-q", "-h", p->server.dir, NULL };
	const char *const argv[] = { program,
				     "-D",
				     p->data,
				     "-k",
				     p->server.dir,
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
	int r = call(p, init, why, size);

	if (r < 0)
		return r;
	snprintf(program, sizeof program, "%s/postgres", p->bin);
	snprintf(is_ready, sizeof is_ready, "%s/pg_isready", p->bin);
	return drill_server_start(&p->server, argv, ready, why, size);
}

static int load_globals(struct postgres *p, const json_t *dump)
{
	const char *const args[] = { "psql", "-Xqw",     "-h", p->server.dir, "-U", "postgres",
				     "-d",   "postgres", "-f", "globals",     NULL };
	struct restic_end end;
	char why[300];
	int r = drill_fetch(p->server.d, dump, p->server.dir, "globals", &end);

	if (r < 0)
		return r;
	/* The role that is there already is an error; what matters shows in the databases. */
	if (end.trouble == RESTIC_FINE)
		(void)call(p, args, why, sizeof why);
	drill_load_record(p->server.d, "postgresql", "globals", end.trouble == RESTIC_FINE,
			  end.message);
	return 0;
}

static int load_one(struct postgres *p, const json_t *dump, unsigned number)
{
	const char *name = json_string_value(json_object_get(dump, "name"));
	const char *dir = p->server.dir;
	char database[32], why[300] = "";
	const char *const create[] = { "createdb", "-w", "-h",        dir,      "-U",
				       "postgres", "-T", "template0", database, NULL };
	const char *const load[] = { "pg_restore", "-w", "-h",     dir,        "-U", "postgres",
				     "-e",         "-d", database, "restored", NULL };
	struct restic_end end;
	int r = drill_fetch(p->server.d, dump, dir, "restored", &end);

	if (r < 0)
		return r;
	snprintf(database, sizeof database, "drill%u", number);
	if (end.trouble == RESTIC_FINE) {
		r = call(p, create, why, sizeof why);
		if (r == 0)
			r = call(p, load, why, sizeof why);
		drill_load_record(p->server.d, "postgresql", name ? name : "", r == 0,
				  r == 0 ? "" : why);
	} else {
		drill_load_record(p->server.d, "postgresql", name ? name : "", false, end.message);
	}
	(void)unlinkat(p->server.d->scratch.fd, "postgresql/restored", 0);
	return 0;
}

static bool is_ours(const json_t *dump, bool globals)
{
	const char *path = json_string_value(json_object_get(dump, "path"));

	return drill_is_dump(dump, "postgresql") && path &&
	       str_ends(str_of(path), STR("/globals.sql")) == globals;
}

static int load_all(struct postgres *p, const json_t *dumps)
{
	const struct drill *d = p->server.d;
	const json_t *dump;
	int r = 0;
	size_t i;

	/* Roles before what belongs to them. */
	json_array_foreach(dumps, i, dump)
	{
		if (r == 0 && is_ours(dump, true))
			r = load_globals(p, dump);
	}
	json_array_foreach(dumps, i, dump)
	{
		if (r == 0 && is_ours(dump, false) && !(d->w->stop && *d->w->stop))
			r = load_one(p, dump, (unsigned)i);
	}
	return r;
}

int drill_postgresql(struct drill *d, const json_t *dumps)
{
	own(postgres_release) struct postgres p = {
		.server = {.d = d, .end = SIGINT}
	};
	const json_t *dump;
	char why[300] = "";
	bool any = false;
	size_t i;
	int r;

	json_array_foreach(dumps, i, dump) any |= drill_is_dump(dump, "postgresql");
	if (!any)
		return 0;
	if (!find_bin(p.bin)) {
		drill_load_record(d, "postgresql", "all", false,
				  "no server is installed here that could load it");
		return 0;
	}
	r = drill_server_place(&p.server, "postgresql");
	if (r == 0) {
		snprintf(p.data, sizeof p.data, "%s/data", p.server.dir);
		r = start(&p, why, sizeof why);
	}
	if (r < 0) {
		drill_load_record(d, "postgresql", "all", false, why[0] ? why : strerror(-r));
		return 0;
	}
	return load_all(&p, dumps);
}
