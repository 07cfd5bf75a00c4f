/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The format of a check: what is read, and where a mistake is said to be. */
#include <stdio.h>
#include <sys/stat.h>

#include "fault.h"
#include "posture/check.h"

#define HEAD                                \
	"-- id: a-1\n"                      \
	"-- title: A title\n"               \
	"-- practice: 2-management-ports\n" \
	"-- control: enable-mfa\n"          \
	"-- severity: high\n"
#define TAIL                \
	"-- fix: do this\n" \
	"-- why: because\n"

static void refused(const char *text, unsigned line, const char *reason)
{
	struct check c = {};
	struct diag d = {};
	char name[128];

	snprintf(name, sizeof name, "line %u: %s", line, reason);
	if (!ok(check_parse(str_of(text), "f", &c, &d) == -EBADMSG && d.line == line &&
			strstr(d.reason, reason),
		name))
		printf("# line %u: %s\n", d.line, d.reason);
	ok(!c.id.ptr, "  nothing is returned");
}

static void test_fields(void)
{
	struct check c = {};
	struct diag d = {};

	if (!is_int(check_parse(STR("-- SPDX-License-Identifier: MIT\n" HEAD
				    "-- maps: attack=T1,T2 cis-v8=5.1\n"
				    "-- live: yes\n-- pass: base\n-- fail: a-1\n" TAIL "\n"
				    "-- a remark on the SQL\nSELECT 1\n  FROM users;\n"),
				"f", &c, &d),
		    0, "a whole check"))
		printf("# %s\n", d.reason);
	is_str(c.id, STR("a-1"), "id");
	is_str(c.title, STR("A title"), "title");
	is_int(c.practice, 1, "practice");
	is_int(c.control, control_find(STR("enable-mfa")), "control");
	is_int(c.severity, SEVERITY_HIGH, "severity");
	ok(c.live, "live");
	is_str(check_map(&c, STR("attack")), STR("T1,T2"), "maps: attack");
	is_str(check_map(&c, STR("cis-v8")), STR("5.1"), "maps: cis-v8");
	ok(!check_map(&c, STR("mcsb")).ptr, "maps: none");
	is_str(c.pass, STR("base"), "pass");
	is_str(c.fail, STR("a-1"), "fail");
}

static void test_sql(void)
{
	struct check c = {};
	struct diag d = {};

	is_int(check_parse(STR(HEAD TAIL "\n\n  SELECT 1\n-- more\n  FROM users;\n\n"), "f", &c,
			   &d),
	       0, "SQL behind blank lines");
	is_str(c.sql, STR("SELECT 1\n-- more\n  FROM users;"), "it is trimmed, its remarks stay");
	is_int(check_parse(
		       STR("-- id: a\r\n-- title: b\r\n-- practice: 7\r\n-- control: enable-mfa\r\n"
			   "-- severity: LOW\r\n-- fix: c\r\n-- why: d\r\nSELECT 1\r\n"),
		       "f", &c, &d),
	       0, "lines of Windows");
	is_str(c.title, STR("b"), "title");
	is_int(c.severity, SEVERITY_LOW, "severity in capitals");
}

static void test_mistakes(void)
{
	refused("", 1, "key 'id' is missing");
	refused("SELECT 1", 1, "key 'id' is missing");
	refused(HEAD TAIL, 7, "there is no SELECT");
	refused(HEAD TAIL "\n  \n", 8, "there is no SELECT");
	refused(HEAD "-- fix: x\nSELECT 1", 1, "key 'why' is missing");
	refused(HEAD TAIL "-- colour: red\nSELECT 1", 8, "unknown key 'colour'");
	refused(HEAD TAIL "-- why: again\nSELECT 1", 8, "key 'why' stands twice");
	refused(HEAD TAIL "-- nothing\nSELECT 1", 8, "expected '-- key: value'");
	refused("-- id: A\n-- title: b\n-- practice: 1\n-- control: enable-mfa\n-- severity: low\n" TAIL
		"SELECT 1",
		1, "an id is made of");
	refused("-- id: a\n-- title: b\n-- practice: 8\n-- control: enable-mfa\n-- severity: low\n" TAIL
		"SELECT 1",
		3, "unknown practice '8'");
	refused("-- id: a\n-- title: b\n-- practice: 1\n-- control: x\n-- severity: low\n" TAIL
		"SELECT 1",
		4, "unknown control 'x'");
	refused("-- id: a\n-- title: b\n-- practice: 1\n-- control: enable-mfa\n-- severity: x\n" TAIL
		"SELECT 1",
		5, "unknown severity 'x'");
	refused(HEAD TAIL "-- live: maybe\nSELECT 1", 8, "live is yes or no");
	refused(HEAD TAIL "-- applies: windows\nSELECT 1", 8, "applies is linux");
	refused(HEAD TAIL "-- maps: x\nSELECT 1", 8, "maps is a list");
	refused(HEAD TAIL "-- maps: x=\nSELECT 1", 8, "maps is a list");
	refused(HEAD TAIL "-- maps: a=b\n--   c\nSELECT 1", 8, "maps is a list");
	refused(HEAD TAIL "SELECT '\033'", 8, "has a control character");
	refused(HEAD TAIL "SELECT '\xc3'", 8, "is not UTF-8");
	refused(HEAD TAIL "SELECT '\xc2\x9b'", 8, "has a control character");
}

static char folder[] = "/tmp/holdfast-check-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static void drop(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
}

static void test_load(void)
{
	own(arena_release) struct arena a = {};
	struct checks c = {};
	const struct check *x;

	put("a.sql", HEAD "-- fix: first\n--   second\n--     indented\n--\n--   last\n"
			  "-- why:\n--   one\n--   two\nSELECT 1");
	put("b.sql", "nothing");
	put("c.txt", "no check");
	put("d.sql", HEAD TAIL "SELECT 'own'");
	is_int(checks_load(&c, folder, &a), 0, "checks_load");
	is_int((int64_t)c.n, 1, "one id is one check");
	is_int((int64_t)c.n_errors, 1, "one file is none");
	ok(c.n_errors && strstr(c.errors[0].file, "/b.sql") && c.errors[0].line == 1,
	   "it is named");
	x = checks_find(&c, STR("a-1"));
	ok(x && str_eq(x->sql, STR("SELECT 'own'")) && x->own, "the later file wins");
	drop("d.sql");
	c = (struct checks){};
	is_int(checks_load(&c, folder, &a), 0, "checks_load");
	x = checks_find(&c, STR("a-1"));
	if (ok(x != NULL, "the first is there again")) {
		is_str(x->fix, STR("first\nsecond\n  indented\n\nlast"), "lines of fix stay");
		is_str(x->why, STR("one two"), "those of why are joined");
	}
	is_int(checks_load(&c, "/nonexistent", &a), -ENOENT, "no such folder");
}

static void test_builtin(void)
{
	own(arena_release) struct arena a = {};
	struct checks c = {};
	unsigned bad = 0;

	is_int(checks_builtin(&c, &a), 0, "checks_builtin");
	ok(c.n > 0, "there are some");
	for (size_t i = 0; i < c.n_errors; i++)
		printf("# %s:%u: %s\n", c.errors[i].file, c.errors[i].line, c.errors[i].reason);
	is_int((int64_t)c.n_errors, 0, "none is broken");
	for (size_t i = 0; i < c.n; i++) {
		const struct check *x = &c.list[i];
		static const char *const keys[] = { "attack", "cis-v8", "iso27001", "mcsb",
						    "nist-csf" };

		for (size_t k = 0; k < COUNT(keys); k++)
			if (!check_map(x, str_of(keys[k])).len) {
				printf("# %.*s has no %s\n", STR_FMT(x->id), keys[k]);
				bad++;
			}
		bad += !x->pass.len || !x->fail.len || x->own;
	}
	is_int(bad, 0, "each maps to five catalogues and names two fixtures");
}

static int load(void *arg)
{
	own(arena_release) struct arena a = {};
	struct checks c = {};

	(void)arg;
	return checks_load(&c, folder, &a);
}

int main(void)
{
	test_fields();
	test_sql();
	test_mistakes();
	if (!mkdtemp(folder))
		return 99;
	test_load();
	fault_walk(load, NULL, "out of memory");
	drop("a.sql");
	drop("b.sql");
	drop("c.txt");
	rmdir(folder);
	test_builtin();
	return done();
}
