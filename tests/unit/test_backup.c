/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of backup that need no repository. */
#include <fcntl.h>
#include <sys/stat.h>

#include "backup/backup.h"
#include "backup/borg.h"
#include "backup/disk.h"
#include "backup/drill.h"
#include "backup/dump.h"
#include "backup/escrow.h"
#include "backup/idle.h"
#include "backup/moment.h"
#include "backup/schedule.h"
#include "tap.h"

#define DATA "save /etc /home\nrepository a /srv/a\n"

/* Nothing is begun by a clock that was never set: not even restic is looked for. */
static void test_clock(void)
{
	char path[] = "/tmp/holdfast-test-XXXXXX";
	own(backup_config_release) struct backup_config c = {};
	struct backup_dir own(backup_dir_release) dir = BACKUP_DIR_NONE;
	struct backup_work w = { .config = &c, .dir = &dir, .now = 86'400 };
	struct restic restic;
	struct diag d = {};
	json_t *state;

	if (!mkdtemp(path) ||
	    backup_config_parse(STR(DATA "restic /nowhere/restic\n"), "f", &c, &d) ||
	    backup_dir_open(path, false, &dir, &d)) {
		ok(false, "a folder");
		return;
	}
	w.repo = &c.repos[0];
	ok(backup_begin(&w, &restic, &state, &d) == -ERANGE &&
		   strstr(d.reason, "1970-01-02 00:00 UTC, which cannot be"),
	   "a clock that was never set");
	w.ignore_clock = true;
	ok(backup_begin(&w, &restic, &state, &d) == -ENOPKG, "unless it is to be ignored");
	rmdir(path);
}

/* KiB of files that are mapped and in memory; -1: nobody says. */
static long mapped(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "RssFile:", 8))
			kib = strtol(line + 8, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static void test_idle(void)
{
	own(backup_config_release) struct backup_config c = {};
	struct diag d = {};
	long before = mapped(), after;

	idle_memory();
	after = mapped();
	if (before < 0)
		skip("memory is given back", "no /proc");
	else
		ok(after < before, "memory is given back");
	ok(backup_config_parse(STR(DATA), "f", &c, &d) == 0, "and comes again");
}

static void test_config(void)
{
	own(backup_config_release) struct backup_config c = {};
	struct diag d = {};
	uint64_t bytes;

	ok(backup_config_parse(STR(DATA "media tape\nlocation elsewhere\n"
					"repository b sftp:u@h:/x\npassword-file /p\n"
					"postgresql one two port 5433\nsqlite /x.db\n"),
			       "f", &c, &d) == 0,
	   "a configuration");
	is_int((int64_t)c.n_repos, 2, "repositories");
	is_str(str_of(c.repos[0].password_file), STR("/etc/holdfast/backup/a.pass"),
	       "the usual file of a pass phrase");
	is_str(str_of(c.repos[1].password_file), STR("/p"), "lines belong to the last repository");
	is_str(str_of(c.repos[0].media), STR("tape"), "media");
	is_int((int64_t)c.dumps[0].names.n, 2, "databases");
	is_str(str_of(c.dumps[0].port), STR("5433"), "option of databases");
	is_int(backup_offsite_of(&c.repos[0]), 1, "its owner says where a disk is");
	is_int(backup_offsite_of(&c.repos[1]), 1, "another machine");
	ok(backup_config_parse(STR(DATA "repository a /x\n"), "f", &c, &d) == -EINVAL &&
		   d.line == 3,
	   "a name that is taken");
	d = (struct diag){};
	ok(backup_config_parse(STR("save /x\n"), "f", &c, &d) == -EINVAL, "no repository");
	ok(backup_size_parse(STR("2g"), &bytes) == 0 && bytes == UINT64_C(2) << 30, "2g");
	ok(backup_size_parse(STR("99999999999999t"), &bytes) == -EINVAL, "more than there is");
	ok(backup_size_parse(STR("g"), &bytes) == -EINVAL, "no number");
}

static void test_urls(void)
{
	own(arena_release) struct arena a = {};
	static const struct {
		const char *url;
		int offsite;
		const char *public;
	} rows[] = {
		{"/srv/x",                      0, "/srv/x"                },
		{ "local:/srv/x",               0, "local:/srv/x"          },
		{ "sftp:u@host:/x",             1, "sftp:u@host:/x"        },
		{ "sftp:localhost:/x",          0, "sftp:localhost:/x"     },
		{ "sftp://u@127.0.0.1:22//x",   0, "sftp://127.0.0.1:22//x"},
		{ "rest:http://u:p@h.example/", 1, "rest:http://h.example/"},
		{ "rest:http://[::1]:80/",      0, "rest:http://[::1]:80/" },
		{ "s3:s3.example.org/b",        1, "s3:s3.example.org/b"   },
		{ "azure:c:/",                  1, "azure:c:/"             },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct backup_repo r = { .url = rows[i].url, .location = -1 };

		is_int(backup_offsite_of(&r), rows[i].offsite, rows[i].url);
		is_str(backup_url_public(&a, str_of(rows[i].url)), str_of(rows[i].public),
		       "  in public");
	}
}

static void test_restic(void)
{
	struct restic_end end;
	unsigned v = 0;

	ok(restic_version_parse(STR("restic 0.14.0 compiled with go1.19"), &v) == 0 && v == 14'000,
	   "version");
	ok(restic_version_parse(STR("restic 0.16.4-dev (x)"), &v) == 0 && v == 16'004,
	   "version of a build");
	ok(restic_version_parse(STR("rest 1.2.3"), &v) == -EBADMSG, "no version");
	restic_classify(STR("Fatal: wrong password or no key found\n"), 1 << 8, &end);
	is_int(end.trouble, RESTIC_PASSWORD, "a wrong pass phrase");
	restic_classify(STR("unable to create lock in backend: repository is already locked by PID "
			    "77 on host by root (UID 0, GID 0)\nlock was created at 2026-01-02 "
			    "(5m ago)\n"),
			1 << 8, &end);
	ok(end.trouble == RESTIC_LOCKED && strstr(end.message, "PID 77 on host") &&
		   strstr(end.message, "5m ago"),
	   "a lock says whose it is");
	restic_classify(STR("{\"message_type\":\"error\",\"item\":\"/a\\u001b\"}\n"
			    "{\"message_type\":\"error\",\"item\":\"/b\"}\n"),
			3 << 8, &end);
	ok(end.trouble == RESTIC_INCOMPLETE && strstr(end.message, "2 files") &&
		   strstr(end.message, "/a\\x1"),
	   "files that could not be read");
	restic_classify(STR("Fatal: strange\n"), 1 << 8, &end);
	is_str(str_of(end.message), STR("strange"), "anything else, as it says it");
	restic_classify(STR("warning: x\n"), 0, &end);
	is_int(end.trouble, RESTIC_FINE, "0 is 0");
	restic_classify(STR(""), 9, &end);
	ok(strstr(end.message, "signal 9"), "a signal");
}

static void test_names(void)
{
	char text[64];

	ok(dump_file_name(STR("a/b%.c"), text, sizeof text), "a name of a file");
	is_str(str_of(text), STR("a%2Fb%25.c"), "  of any bytes");
	ok(dump_file_name(STR(".."), text, sizeof text), "two dots");
	is_str(str_of(text), STR("%2E."), "  are none");
	ok(!dump_file_name(STR("0123456789012345678901234567890123456789012345678901234567890123"),
			   text, sizeof text),
	   "too long");
	ok(dump_conninfo(STR("o'x\\ host=evil"), text, sizeof text), "a name for libpq");
	is_str(str_of(text), STR("dbname='o\\'x\\\\ host=evil'"), "  is one word");
	ok(drill_pattern("/a*b[c]?\\d", text, sizeof text), "a path as a pattern");
	is_str(str_of(text), STR("/a\\*b\\[c]\\?\\\\d"), "  matches itself");
}

static void test_moments(void)
{
	struct moment m;

	ok(moment_parse(STR("1970-01-02T00:00:01.000000005Z"), &m) && m.seconds == 86'401 &&
		   m.nanoseconds == 5,
	   "a time");
	ok(moment_parse(STR("1970-01-02T00:00:01.5+01:30"), &m) && m.seconds == 86'401 - 5'400 &&
		   m.nanoseconds == 500'000'000,
	   "with a zone");
	ok(moment_parse(STR("1970-01-01T00:00:00-02:00"), &m) && m.seconds == 7'200, "to the west");
	ok(!moment_parse(STR("yesterday"), &m) && !moment_parse(STR(""), &m), "no time");
}

/* Of 1,000 files each is drawn about as often as every other, critical ones always. */
static void test_sample(void)
{
	static const char *const paths[] = { "/c" };
	const struct backup_words critical = { .items = (const char **)paths, .n = 1 };
	unsigned drawn[2] = {}, first = 0, bad = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		own(drill_sample_release) struct drill_sample s = { .wanted = 50,
								    .critical = &critical,
								    .random = seed };
		char line[200];

		if (drill_sample_start(&s) < 0)
			return;
		for (int i = 0; i < 1'000; i++) {
			snprintf(line, sizeof line,
				 "{\"struct_type\":\"node\",\"type\":\"file\",\"path\":\"%s/%d\","
				 "\"size\":%d}",
				 i % 500 == 499 ? "/c" : "/d", i, i == 700 ? 100'000 : 10);
			bad += drill_sample_line(str_of(line), &s) != 0;
		}
		drill_sample_finish(&s, seed == 1 ? 100 : 10'000);
		if (seed == 1) {
			bad += s.n_sample != 10;
			continue;
		}
		bad += s.n_critical != 2 || s.n_sample > 50 || s.n_sample < 45;
		for (size_t i = 0; i < s.n_sample; i++) {
			const char *number = strrchr(s.files[i].path, '/') + 1;

			drawn[strlen(number) < 3 || number[0] < '5']++;
			bad += !strcmp(number, "700");
			first += !strcmp(number, "0");
		}
	}
	is_int(bad, 0, "samples keep what is critical and leave out what is too big");
	ok(drawn[0] > 4'500 && drawn[1] > 4'500, "both halves are drawn alike");
	ok(first > 0 && first < 30, "the first is drawn as seldom as others");
}

static void test_escrow(void)
{
	own(buf_release) struct buf key = BUF(500), public = BUF(500), sealed = BUF(5'000),
				    secret = BUF(2'000);
	const struct escrow_about about = { "a", "sftp:h:/x\nbox x", 0 };
	struct diag d = {};

	ok(escrow_start() == 0 && escrow_keygen(&key, &public) == 0, "a pair of keys");
	ok(escrow_seal(&(struct escrow_to){ .key = buf_view(&public) }, &about, STR("word"),
		       &sealed) == 0,
	   "seal to a key");
	ok(escrow_open(buf_view(&sealed), "f", buf_view(&key), &secret, &d) == 0, "open");
	is_str(buf_view(&secret), STR("word"), "what was sealed");
	ok(escrow_open(buf_view(&sealed), "f", STR("holdfast backup secret key 1\nx\n"), &secret,
		       &d) == -EACCES,
	   "no key");
	sealed.ptr[sealed.len - 10] ^= 1;
	ok(escrow_open(buf_view(&sealed), "f", buf_view(&key), &secret, &d) < 0, "one bit");
	buf_reset(&sealed);
	ok(escrow_seal(&(struct escrow_to){ .phrase = STR("short") }, &about, STR("w"), &sealed) ==
		   -EINVAL,
	   "a short phrase");
	ok(escrow_open(STR("holdfast sealed pass phrase 1\nphrase argon2id 9999 99999999999 AAAA\n"
			   "box AAAA\n"),
		       "f", STR("x"), &secret, &d) == -EBADMSG,
	   "a file that asks for more work than there is");
}

static void test_state(void)
{
	char top[] = "/tmp/holdfast-unit-XXXXXX", path[64], inner[80];
	own(backup_dir_release) struct backup_dir dir = BACKUP_DIR_NONE, second = BACKUP_DIR_NONE;
	const struct backup_repo repo = { .name = "a" };
	own(json_drop) json_t *state = NULL, *again = NULL;
	struct tempdir temp = TEMPDIR_NONE;
	struct diag d = {};
	struct stat st;

	if (!mkdtemp(top))
		return;
	snprintf(path, sizeof path, "%s/x/state", top);
	ok(backup_dir_open(path, true, &dir, &d) == 0, "a folder of records");
	ok(backup_dir_open(path, true, &second, &d) == -EBUSY, "is one's at a time");
	ok(backup_state_load(&dir, &repo, &state, &d) == 0, "nothing is known at first");
	for (int i = 0; i < 100; i++)
		backup_state_add(state, "runs", json_integer(i));
	ok(backup_state_save(&dir, &repo, state, &d) == 0 &&
		   backup_state_load(&dir, &repo, &again, &d) == 0 && json_equal(state, again),
	   "kept");
	ok(json_array_size(json_object_get(again, "runs")) == BACKUP_KEEP &&
		   json_integer_value(json_array_get(json_object_get(again, "runs"), 0)) == 40,
	   "the oldest go");
	ok(fstatat(dir.fd, "a.json", &st, 0) == 0 && (st.st_mode & 0777) == 0600, "for its owner");
	ok(tempdir_make(top, &temp, &d) == 0 && stat(temp.path, &st) == 0 &&
		   (st.st_mode & 0777) == 0711,
	   "a scratch folder");
	snprintf(inner, sizeof inner, "%s/deep", top);
	ok(mkdirat(temp.fd, "a", 0700) == 0 && mkdirat(temp.fd, "a/b", 0) == 0 &&
		   symlinkat(top, temp.fd, "a/link") == 0 && mkdir(inner, 0700) == 0,
	   "with something in it");
	tempdir_release(&temp);
	ok(stat(inner, &st) == 0 && rmdir(inner) == 0, "goes, and nothing that it links to");
	backup_dir_release(&dir);
	ok(tree_remove(AT_FDCWD, top) == 0, "all of it");
}

static void test_rest(void)
{
	own(buf_release) struct buf text = BUF(10'000);
	own(json_drop) json_t *list = NULL;
	const struct backup_config c = { .state = "/a b", .cache = "/c", .scratch = "/s" };

	ok(disk_same("/nothing/here", "/"), "what is not there lies where it would");
	ok(backup_unit_write(&backup_units[0], &c, NULL, &text) == -EINVAL,
	   "a path that is no word of a unit");
	ok(backup_server_unit("/srv/x", ":8000\nExecStart=/x", NULL, &text) == -EINVAL,
	   "an address that is more than one line");
	ok(borg_list_parse(STR("{\"archives\":[{\"name\":\"n\",\"id\":\"0123456789\","
			       "\"time\":\"2026-01-01T00:00:00.000000\"}]}"),
			   &list) == 0 &&
		   json_array_size(list) == 1,
	   "archives of borg");
	ok(borg_list_parse(STR("[]"), &list) == -EBADMSG, "no archives");
}

int main(void)
{
	test_clock();
	test_idle();
	test_config();
	test_urls();
	test_restic();
	test_names();
	test_moments();
	test_sample();
	test_escrow();
	test_state();
	test_rest();
	return done();
}
