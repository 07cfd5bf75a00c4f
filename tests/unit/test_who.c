/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What alerts say of an account: noted by one program in place, read by another. */
#include <fcntl.h>
#include <sys/stat.h>

#include "guard/who.h"
#include "posture/history_logins.h"
#include "tap.h"

static char folder[] = "/tmp/holdfast-who-XXXXXX";

static void put(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/" WHO_FILE, folder);
	f = fopen(path, "r+");
	if (!f)
		return;
	fputs(text, f);
	(void)!ftruncate(fileno(f), (off_t)strlen(text));
	fclose(f);
}

static void test_find(void)
{
	int state own(close_fd) = open(folder, O_RDONLY | O_DIRECTORY);
	int fd own(close_fd) = -1;
	own(who_release) struct who w = { .fd = -1 };
	struct str said = STR("untouched");

	ok(!who_find(&w, STR("alice"), &said), "nothing is known without a file");
	is_int(who_open(state, &fd), 0, "the file is created");
	w.fd = fd;
	ok(!who_find(&w, STR("alice"), &said), "an empty file");
	is_str(said, STR("untouched"), "outputs are untouched");
	put("alice\tThis account can log in.\nbob\tB.\nempty\t\nno tab\n\tnobody\n");
	ok(who_find(&w, STR("alice"), &said), "found after the file was written");
	is_str(said, STR("This account can log in."), "what is said");
	ok(who_find(&w, STR("bob"), &said), "another one");
	ok(!who_find(&w, STR("ali"), &said), "not by the beginning of a name");
	ok(!who_find(&w, STR("empty"), &said), "nothing to be said");
	ok(!who_find(&w, STR("no tab"), &said), "no line of this kind");
	ok(!who_find(&w, STR(""), &said), "no account");
	put("carol\tC.\n");
	ok(!who_find(&w, STR("alice"), &said), "gone");
	ok(who_find(&w, STR("carol"), &said), "there now");
}

/* A sealed store with accounts as the collectors would have found them. */
static int make_store(struct store *s)
{
	static const char rows[] =
		"INSERT INTO logins VALUES('alice', 1000, 'sshd', 'internet', '203.0.113.1', 1,"
		" 'password', 0, 'shell', 1, 1, 1, 'sshd_config:1');"
		"INSERT INTO logins VALUES('inner', 1001, 'sshd', '10.0.0.0/8', '10.0.0.1', 0,"
		" 'key', 0, 'shell', 1, 1, 1, 'sshd_config:1');"
		"INSERT INTO logins VALUES('e' || char(10) || 'vil', 1002, 'sshd', 'internet', '', 1,"
		" 'password', 0, 'shell', 1, 1, 1, '');"
		"INSERT INTO logins VALUES('tty', 1003, 'console', '', '', 0, 'password', 0, 'shell',"
		" 0, 0, 1, '');"
		"INSERT INTO account_privileges VALUES('alice', 1000, 'sudo', 'ALL', '', 1, 1, 'e');"
		"INSERT INTO exposure(resource, protocol, port, address, service, process, pid, path,"
		" unit, package, authentication, origin, internet, wide, reachable_from, perhaps_from,"
		" deciding, rule, reason, file, line) VALUES('h', 'tcp', 22, '*', 'sshd', '', 0, '', '',"
		" '', '', 'config', 1, 1, '0.0.0.0/0', '', '', '', '', '', 0);"
		"INSERT INTO collector_status(name, status, rows, reason, error, problems,"
		" micros) "
		"SELECT column1, 'ok', 1, '', 0, 0, 0 FROM (VALUES ('logins'), ('users'), ('shadow'));";
	int r = store_open(s);

	if (r >= 0)
		r = store_meta(s, "collected_at", STR("1700000000"));
	if (r >= 0)
		r = store_exec(s, rows);
	if (r < 0)
		printf("# %s\n", s->error);
	return r < 0 ? r : store_seal(s);
}

static void test_tell(void)
{
	own(store_release) struct store s = {};
	int state own(close_fd) = open(folder, O_RDONLY | O_DIRECTORY);
	int fd own(close_fd) = -1;
	own(who_release) struct who w = { .fd = -1 };
	struct str said = {};

	is_int(make_store(&s), 0, "a store");
	is_int(history_logins_tell(folder, &s), 0, "written");
	is_int(who_open(state, &fd), 0, "opened");
	w.fd = fd;
	ok(who_find(&w, STR("alice"), &said), "who the internet lets in");
	is_str(said, STR("This account can log in from the internet (password) and becomes root."),
	       "what the guard says of it");
	ok(!who_find(&w, STR("inner"), &said), "not who comes from a network alone");
	ok(!who_find(&w, STR("tty"), &said), "not who sits before the machine");
	ok(!who_find(&w, STR("e"), &said) && !who_find(&w, STR("vil"), &said),
	   "a name with a line feed forges nothing");
}

static void test_history(void)
{
	own(store_release) struct store s = {};
	own(history_release) struct history h = {};
	struct diag d = {};
	char path[128];
	sqlite3_stmt *st = NULL;

	snprintf(path, sizeof path, "%s/state.db", folder);
	is_int(make_store(&s), 0, "a store");
	is_int(history_open(path, &h, &d), 0, "a history");
	is_int(history_logins(&h, STR("host"), 100, &s, &d), 0, "noted");
	is_int(history_logins(&h, STR("host"), 200, &s, &d), 0, "and again");
	sqlite3_prepare_v2(h.db,
			   "SELECT count(*), min(first_seen), max(last_seen),"
			   " sum(username = 'tty') FROM login",
			   -1, &st, NULL);
	if (ok(st && sqlite3_step(st) == SQLITE_ROW, "what was noted")) {
		is_int(sqlite3_column_int(st, 0), 3, "  three accounts");
		is_int(sqlite3_column_int(st, 1), 100, "  first seen");
		is_int(sqlite3_column_int(st, 2), 200, "  last seen");
		is_int(sqlite3_column_int(st, 3), 0, "  nobody at the console");
	}
	sqlite3_finalize(st);
	unlink(path);
}

int main(void)
{
	char path[128];

	if (!mkdtemp(folder))
		return 1;
	test_find();
	test_tell();
	test_history();
	snprintf(path, sizeof path, "%s/" WHO_FILE, folder);
	unlink(path);
	rmdir(folder);
	return done();
}
