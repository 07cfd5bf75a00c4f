/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dumps of MySQL and MariaDB. Where MariaDB's server is installed they are loaded into one that
 * lives in the scratch folder, and only there; else their last line says whether they are whole.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backup/drill_server.h"
#include "base/spawn.h"

#define DUMP "restored"

struct mysql {
	struct drill_server server; /* owned */
	char mysqld[PATH_MAX], install[PATH_MAX], client[PATH_MAX];
	bool loads; /* the server runs */
};

static void mysql_release(struct mysql *m) { drill_server_release(&m->server); }

static bool find_programs(struct mysql *m)
{
	return spawn_find("mariadbd", PROC_PATH, m->mysqld, sizeof m->mysqld) == 0 &&
	       spawn_find("mariadb-install-db", PROC_PATH, m->install, sizeof m->install) == 0 &&
	       spawn_find("mariadb", PROC_PATH, m->client, sizeof m->client) == 0;
}

static int start(struct mysql *m, char *why, size_t size)
{
	char data[PATH_MAX + 32], socket[PATH_MAX + 32], temporary[PATH_MAX + 32];
	const char *const install[] = { m->install,
					"--no-defaults",
					"--skip-test-db",
					"--skip-name-resolve",
					"--auth-root-authentication-method=normal",
					data,
					temporary,
					NULL };
	const char *const argv[] = { m->mysqld,
				     "--no-defaults",
				     data,
				     socket,
				     temporary,
				     "--skip-networking",
				     "--skip-log-bin",
				     "--skip-name-resolve",
				     "--innodb-flush-log-at-trx-commit=0",
				     "--innodb-doublewrite=0",
				     "--max-allowed-packet=1G",
				     "--pid-file=pid",
				     NULL };
	const char *const ready[] = { m->client, "--no-defaults", socket, "-u", "root", "-e", "",
				      NULL };
	int r;

	snprintf(data, sizeof data, "--datadir=%s/data", m->server.dir);
	snprintf(socket, sizeof socket, "--socket=%s/s", m->server.dir);
	/* The unit of the timer can write to the scratch folder, not to /tmp. */
	snprintf(temporary, sizeof temporary, "--tmpdir=%s", m->server.dir);
	r = drill_server_call(&m->server, install, 0, why, size);
	return r < 0 ? r : drill_server_start(&m->server, argv, ready, why, size);
}

/* The last line of a dump says that it is whole. */
static bool is_whole(int fd)
{
	char tail[200] = "";
	struct stat st;
	ssize_t n;

	n = fstat(fd, &st) < 0
		    ? -1
		    : pread(fd, tail, sizeof tail - 1, MAX(st.st_size - (off_t)sizeof tail + 1, 0));
	return n > 0 && memmem(tail, (size_t)n, "-- Dump completed", 17);
}

static void load(struct mysql *m, const char *name, int fd)
{
	char socket[PATH_MAX + 32], why[300] = "";
	const char *const argv[] = { m->client, "--no-defaults",           socket, "-u", "root",
				     "--batch", "--max-allowed-packet=1G", NULL };
	int r = 0;

	snprintf(socket, sizeof socket, "--socket=%s/s", m->server.dir);
	if (!is_whole(fd)) {
		drill_load_record(m->server.d, "mysql", name, false,
				  "the dump does not end as one does");
		return;
	}
	if (m->loads)
		r = drill_server_call(&m->server, argv, fd, why, sizeof why);
	drill_load_record(m->server.d, "mysql", name, r == 0,
			  r < 0 ? why
			  : m->loads
				  ? ""
				  : "it is whole; no MariaDB server is installed here to load it");
}

static int load_one(struct mysql *m, const json_t *dump)
{
	const char *name = json_string_value(json_object_get(dump, "name"));
	own(close_fd) int dir = -1, fd = -1;
	struct restic_end end;
	int r = drill_fetch(m->server.d, dump, m->server.dir, DUMP, &end);

	if (r < 0)
		return r;
	dir = open(m->server.dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, DUMP, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (end.trouble != RESTIC_FINE)
		drill_load_record(m->server.d, "mysql", name ? name : "", false, end.message);
	else if (fd < 0)
		return -EIO;
	else
		load(m, name ? name : "", fd);
	(void)unlinkat(dir, DUMP, 0);
	return 0;
}

/* The accounts and settings of the server come last: they are not those that load the rest. */
static bool is_system(const json_t *dump)
{
	const char *name = json_string_value(json_object_get(dump, "name"));

	return name && !strcmp(name, "mysql");
}

int drill_mysql(struct drill *d, const json_t *dumps)
{
	own(mysql_release) struct mysql m = {
		.server = {.d = d, .end = SIGTERM}
	};
	const json_t *dump;
	char why[300] = "";
	bool any = false;
	size_t i;
	int r;

	json_array_foreach(dumps, i, dump) any |= drill_is_dump(dump, "mysql");
	if (!any)
		return 0;
	m.loads = find_programs(&m);
	r = drill_server_place(&m.server, "mysql");
	if (r == 0 && m.loads)
		r = start(&m, why, sizeof why);
	if (r < 0) {
		drill_load_record(d, "mysql", "all", false, why[0] ? why : strerror(-r));
		return 0;
	}
	for (int last = 0; last < 2; last++)
		json_array_foreach(dumps, i, dump)
		{
			if (r == 0 && drill_is_dump(dump, "mysql") && is_system(dump) == last &&
			    !(d->w->stop && *d->w->stop))
				r = load_one(&m, dump);
		}
	return r;
}
