/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of leaked passwords, and Samba's accounts. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "base/subprocess.h"
#include "password/breach.h"
#include "password/nt.h"
#include "password/samba.h"
#include "tap.h"

#define LINES 5000

static char list[LINES * 64], lines[LINES][56];

static int by_text(const void *x, const void *y) { return strcmp(x, y); }

/* The n-th of many passwords and its line. */
static void make_line(unsigned n, char *ret, size_t size)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char password[24];
	size_t at = 0;

	snprintf(password, sizeof password, "password-%u", n);
	EVP_Digest(password, strlen(password), hash, NULL, EVP_sha1(), NULL);
	for (unsigned i = 0; i < 20; i++)
		at += (size_t)snprintf(ret + at, size - at, "%02X", hash[i]);
	snprintf(ret + at, size - at, ":%u", n + 1);
}

static void make_list(void)
{
	size_t at = 0;

	for (unsigned i = 0; i < LINES; i++)
		make_line(i, lines[i], sizeof lines[0]);
	qsort(lines, LINES, sizeof lines[0], by_text);
	for (unsigned i = 0; i < LINES; i++)
		at += (size_t)snprintf(list + at, sizeof list - at, "%s\r\n", lines[i]);
}

static bool write_file(const char *path, struct str text)
{
	own(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len;
}

static void test_memory(void)
{
	uint64_t count = 99;
	unsigned right = 0;

	for (unsigned i = 0; i < LINES; i++) {
		struct str line = str_of(lines[i]), digits = str_cut(&line, ':');
		uint64_t want;

		right += breach_find(str_of(list), digits, &count) == 0 &&
			 str_to_u64(line, 10, &want) == 0 && count == want;
	}
	is_int(right, LINES, "every line is found, with its count");
	ok(breach_find(str_of(list), STR("0000000000000000000000000000000000000000"), &count) ==
			   0 &&
		   !count,
	   "before the first");
	ok(breach_find(str_of(list), STR("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"), &count) ==
			   0 &&
		   !count,
	   "behind the last");
	ok(breach_find(STR("0A:3"), STR("0a"), &count) == 0 && count == 3,
	   "small letters, no line feed");
	ok(breach_find(STR("0A"), STR("0A"), &count) == 0 && count == 1, "no count");
	ok(breach_find(STR(""), STR("0A"), &count) == 0 && !count, "nothing");
	is_int(breach_find(STR("0A:x\n"), STR("0A"), &count), -EBADMSG, "no count either");
	is_int(breach_find(STR("hello\n"), STR("0A"), &count), -EBADMSG, "no hash");
	is_int(breach_find(STR("0AB:1\n"), STR("0A"), &count), -EBADMSG, "another length");
	is_int(breach_find(STR("0A:1\n"), STR("zz"), &count), -EINVAL, "no digits");
	memset(list, 'A', 20'000);
	is_int(breach_find((struct str){ list, 20'000 }, STR("0A"), &count), -EBADMSG,
	       "a line without end");
	memset(list, '\0', 20'000);
	is_int(breach_find((struct str){ list, 20'000 }, STR("0A"), &count), -EBADMSG, "zeros");
	make_list();
}

static void test_file(const char *tmp)
{
	struct breach b = BREACH_NONE;
	struct diag d = {};
	char path[256], text[600];
	uint64_t count = 0;

	snprintf(path, sizeof path, "%s/sha1", tmp);
	ok(write_file(path, str_of(list)) && breach_open(path, &b, &d) == 0, "a file");
	ok(breach_password(&b, STR("password-41"), &count) == 0 && count == 42, "a password");
	ok(breach_password(&b, STR("another"), &count) == 0 && !count, "another");
	is_int(breach_nt(&b, (uint8_t[16]){}, &count), -ENOTSUP, "an NT hash");
	breach_release(&b);
	ok(write_file(path, STR("what is this\n")) && breach_open(path, &b, &d) == -EINVAL &&
		   strstr(diag_text(&d, text, sizeof text), "no list"),
	   "a file of something else");
	ok(write_file(path, STR("")) && breach_open(path, &b, &d) == -EINVAL, "an empty file");
	unlink(path);
	ok(breach_open(path, &b, &d) == -ENOENT, "no file");
	ok(mkfifo(path, 0600) == 0 && breach_open(path, &b, &d) == -EINVAL,
	   "a FIFO is not waited for");
	unlink(path);
}

/* What the range API answers: a file for each first five digits, here one of them. */
static void test_folder(const char *tmp)
{
	struct breach b = BREACH_NONE;
	struct diag d = {};
	char folder[200], path[256], range[200], line[56];
	uint64_t count = 0;

	snprintf(folder, sizeof folder, "%s/ranges", tmp);
	mkdir(folder, 0700);
	ok(breach_open(folder, &b, &d) == -EINVAL, "an empty folder");
	make_line(41, line, sizeof line);
	snprintf(range, sizeof range, "%s\r\nFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:0\r\n", line + 5);
	for (unsigned form = 0; form < 2; form++) {
		snprintf(path, sizeof path, "%s/%.5s%s", folder, line, form ? ".txt" : "");
		ok(write_file(path, str_of(range)) && breach_open(folder, &b, &d) == 0,
		   "a folder of ranges");
		ok(b.hash == BREACH_SHA1, "of SHA-1");
		ok(breach_password(&b, STR("password-41"), &count) == 0 && count == 42,
		   "a password");
		ok(breach_password(&b, STR("password-42"), &count) == 0 && !count,
		   "one of whose range there is no file");
		breach_release(&b);
		unlink(path);
	}
	rmdir(folder);
}

static void test_smbpasswd(void)
{
	static const char text[] =
		"# comment\n"
		"ann:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
		"[U          ]:LCT-5F000000:\n"
		"off:1001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:8846F7EAEE8FB117AD06BDD830B7586C:"
		"[DU         ]:LCT-5F000000:\n"
		"open:1002:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:"
		"[NU         ]:LCT-5F000000:\n"
		"none:1003:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:"
		"[U          ]:LCT-5F000000:\n"
		"broken:1004:XXXX\n"
		"\xff:x:y\n";
	own(arena_release) struct arena a = {};
	struct samba_file f = {};
	struct diag d = {};

	is_int(samba_parse(str_of(text), &a, &f, &d), 0, "smbpasswd");
	if (!ok(f.n == 4, "four accounts"))
		return;
	is_str(f.accounts[0].hash, STR("$3$$8846f7eaee8fb117ad06bdd830b7586c"), "a hash");
	ok(f.accounts[1].disabled && !f.accounts[0].disabled, "disabled");
	ok(f.accounts[2].no_password && !f.accounts[2].hash.len, "without a password");
	ok(!f.accounts[3].hash.len && !f.accounts[3].no_password, "none that fits");
	is_int((int64_t)f.skipped, 2, "malformed lines");
	is_int(f.first_skipped, 6, "the first of them");
	is_int(samba_parse(STR("no such file\n"), &a, &f, &d), -EBADMSG, "something else");
	is_int(samba_parse(STR(""), &a, &f, &d), 0, "an empty file");
}

/* passdb.tdb as Samba's own tool writes it. */
static void test_tdbsam(const char *tmp)
{
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf out = BUF(1 << 20), bytes = BUF(16 << 20);
	char conf[300], path[256], script[1200], chunk[4096];
	own(close_fd) int fd = -1;
	struct samba_file f = {};
	struct diag d = {};
	uint8_t hash[16];
	char want[40] = "$3$$";
	int status = 0;
	ssize_t n;
	bool found = false;

	snprintf(conf, sizeof conf,
		 "[global]\nprivate dir=%s\nlock dir=%s\nstate directory=%s\ncache directory=%s\n"
		 "log file=/dev/null\npassdb backend=tdbsam:%s/p.tdb\n",
		 tmp, tmp, tmp, tmp, tmp);
	snprintf(path, sizeof path, "%s/smb.conf", tmp);
	snprintf(script, sizeof script,
		 "command -v pdbedit >/dev/null || exit 77; "
		 "printf 'Passw0rd\\nPassw0rd\\n' | pdbedit -s %s -t -a -u root",
		 path);
	if (!write_file(path, str_of(conf)) ||
	    subprocess_run((const char *const[]){ "sh", "-c", script, NULL }, 60'000, &out,
			   &status) < 0 ||
	    status) {
		skip("tdbsam of Samba", "pdbedit is not installed or did not run");
		unlink(path);
		return;
	}
	snprintf(path, sizeof path, "%s/p.tdb", tmp);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0)
		(void)!buf_add(&bytes, chunk, (size_t)n);
	nt_hash(STR("Passw0rd"), hash);
	for (unsigned i = 0; i < 16; i++)
		snprintf(want + 4 + 2 * i, 3, "%02x", hash[i]);
	is_int(samba_parse(buf_view(&bytes), &a, &f, &d), 0, "tdbsam of Samba");
	for (size_t i = 0; i < f.n; i++)
		found |= str_eq(f.accounts[i].name, STR("root")) &&
			 str_eq(f.accounts[i].hash, str_of(want));
	ok(found, "the account and its hash");
	for (size_t cut = 0, bad = 0; cut <= bytes.len; cut += 97) {
		struct samba_file part;

		bad += samba_parse((struct str){ bytes.ptr, cut }, &a, &part, &d) < 0;
		if (cut + 97 > bytes.len)
			ok(bad > 0, "cut anywhere it is damaged, or less");
	}
}

int main(void)
{
	char tmp[] = "/tmp/holdfast-lists-XXXXXX", path[256];
	static const char *const left[] = { "smb.conf",     "p.tdb",
					    "secrets.tdb",  "account_policy.tdb",
					    "gencache.tdb", "group_mapping.tdb",
					    "registry.tdb", "names.tdb",
					    "mutex.tdb" };

	make_list();
	test_memory();
	test_smbpasswd();
	if (ok(mkdtemp(tmp) != NULL, "a folder")) {
		test_file(tmp);
		test_folder(tmp);
		test_tdbsam(tmp);
		for (size_t i = 0; i < COUNT(left); i++) {
			snprintf(path, sizeof path, "%s/%s", tmp, left[i]);
			unlink(path);
		}
		ok(rmdir(tmp) == 0, "nothing is left behind");
	}
	return done();
}
