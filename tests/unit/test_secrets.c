/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets in lines and files: names, values, words, shapes, windows, keys, rules. */
#include <fcntl.h>
#include <sys/mman.h>
#include <zlib.h>

#include "events/prefilter.h"
#include "secrets/file.h"
#include "secrets/key.h"
#include "secrets/line.h"
#include "secrets/pike.h"
#include "secrets/place.h"
#include "secrets/report.h"
#include "secrets/rules.h"
#include "secrets/words.h"
#include "tap.h"

/* "kind value@offset" of each, joined by blanks. */
static struct buf said = BUF(1 << 20);

static int say(void *user, const struct secret_hit *hit)
{
	(void)user;
	return buf_fmt(&said, "%s%s %.*s@%u+%u", said.len ? " " : "", hit->kind,
		       STR_FMT(hit->value), hit->at, hit->len);
}

static struct str look(const char *text, unsigned grammar)
{
	own(arena_release) struct arena a = {};
	struct secret_line l = { .text = str_of(text), .arena = &a, .fn = say };

	buf_reset(&said);
	if (secret_line(&l, grammar) < 0)
		return STR("error");
	return buf_view(&said);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		enum secret_class class;
	} names[] = {
		{"DB_PASSWORD",                  CLASS_PASSWORD},
		{ "db-pass",                     CLASS_PASSWORD},
		{ "dbPass",                      CLASS_PASSWORD},
		{ "MAIL_PWD",                    CLASS_PASSWORD},
		{ "PASSWORD2",                   CLASS_PASSWORD},
		{ "spring.datasource.password",  CLASS_PASSWORD},
		{ "apiKey",                      CLASS_KEY     },
		{ "AWS_SECRET_ACCESS_KEY",       CLASS_KEY     },
		{ "//registry.npmjs.org/:_auth", CLASS_KEY     },
		{ "PWD",			 CLASS_NONE    },
		{ "OLDPWD",                      CLASS_NONE    },
		{ "bypass",                      CLASS_NONE    },
		{ "PASSWORD_FILE",               CLASS_NONE    },
		{ "token_type",                  CLASS_NONE    },
		{ "secretName",                  CLASS_NONE    },
		{ "max_tokens",                  CLASS_NONE    },
		{ "csrf_token",                  CLASS_NONE    },
		{ "public_key",                  CLASS_NONE    },
		{ "PasswordAuthentication",      CLASS_NONE    },
		{ "password_hash",               CLASS_NONE    },
		{ "use_password",                CLASS_NONE    },
		{ "user_password",               CLASS_PASSWORD},
		{ "x",			   CLASS_NONE    },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		is_int(secret_name(str_of(names[i].name)), names[i].class, names[i].name);
	is_str(str_of(secret_name_kind(STR("AZURE_CLIENT_SECRET"), "x")), STR("azure-key"),
	       "whose");
}

static void test_values(void)
{
	static const char *const none[] = {
		"$PASS",         "${PASS}",    "<password>",
		"YOUR_PASSWORD", "xxxxxxxx",   "{{ x }}",
		"%PASS%",        "changeme",   "ab",
		"$6$a$b",        "{SSHA}abcd", "/run/secrets/x",
		"env:X",         "your-token", "null",
		"********",      "DB_PASS",    "AKIAIOSFODNN7EXAMPLE",
		"a.pem",         "op://a/b",
	};
	static const char *const some[] = { "hunter2", "P@ssw0rd!", "correct-horse-4", "geheim",
					    "a$b!c" };

	for (size_t i = 0; i < COUNT(none); i++)
		ok(!secret_value(str_of(none[i]), CLASS_PASSWORD, SOURCE_TYPED), none[i]);
	for (size_t i = 0; i < COUNT(some); i++)
		ok(secret_value(str_of(some[i]), CLASS_PASSWORD, SOURCE_TYPED), some[i]);
	ok(!secret_value(STR("my-secret-name"), CLASS_KEY, SOURCE_NAMED), "a name is no key");
	ok(!secret_value(STR("getToken()"), CLASS_KEY, SOURCE_NAMED), "nor is an expression");
	ok(!secret_value(STR("password label"), CLASS_PASSWORD, SOURCE_CODE), "nor a label");
	is_str(str_of(secret_mask(STR("p@ssword123!")).text), STR("p@****3!"), "a mask");
	is_str(str_of(secret_mask(STR("short12")).text), STR("****"), "of a short one");
	is_str(str_of(secret_mask(STR("\033[31mabc\n")).text), STR("?[****c?"),
	       "without control characters");
}

static void test_lines(void)
{
	static const struct {
		const char *line, *want;
		unsigned grammar;
	} lines[] = {
		{"mysql -u root -p'S3cret Pass' x",                    "password-argument S3cret Pass@17+11",
                 GRAMMAR_SHELL											       },
		{ "mysql -p shop; ssh -p 2222 h; mkdir -p a",          "",                                    GRAMMAR_SHELL  },
		{ "docker run -p3306:3306 mysql",                      "",                                    GRAMMAR_SHELL  },
		{ "bash -c \"sshpass -p \\\"ab c\\\\\\\\d1\\\" ssh\"",
                 "password-argument ab c\\d1@22+10",							  GRAMMAR_SHELL  },
		{ "echo 'bob:Geheim123' | sudo chpasswd",              "password-argument Geheim123@10+9",
                 GRAMMAR_SHELL											       },
		{ "kinit bob <<< Geheim123",                           "password-argument Geheim123@14+9",    GRAMMAR_SHELL  },
		{ "echo hello | base64",                               "",                                    GRAMMAR_SHELL  },
		{ "curl -u \"adm:$PW\" https://h",                     "",                                    GRAMMAR_SHELL  },
		{ "sudo -u bob env A=b redis-cli -a abc123def",        "password-argument abc123def@33+9",
                 GRAMMAR_SHELL											       },
		{ "grep 'password=hunter22' x",                        "",                                    GRAMMAR_SHELL  },
		{ "git commit -m 'password=hunter22'",                 "",                                    GRAMMAR_SHELL  },
		{ "net use z: '\\\\a\\b' Geheim123 /user:x",           "password-argument Geheim123@19+9",
                 GRAMMAR_SHELL											       },
		{ "don't run mysql -pGeheim123",                       "password-argument Geheim123@18+9",
                 GRAMMAR_SHELL											       },
		{ "DB_PASSWORD=\"a b#c1\" # why",                      "export a b#c1@13+6",                  GRAMMAR_SETTING},
		{ "db_password = abc12345 ; x",                        "export abc12345@14+8",                GRAMMAR_SETTING},
		{ "  password: abc12345",                              "export abc12345@12+8",                GRAMMAR_SETTING},
		{ "password: the one you know",                        "",                                    GRAMMAR_SETTING},
		{ "{\"a\":{\"password\":\"abc\\\"12345\"}}",           "export abc\\\"12345@18+10",
                 GRAMMAR_CODE												},
		{ "<add key=\"SmtpPassword\" value=\"abc12345\"/>",    "export abc12345@31+8",
                 GRAMMAR_SETTING											     },
		{ "define('DB_PASSWORD', 'abc12345');",                "export abc12345@23+8",                GRAMMAR_CODE   },
		{ "x = scrypt('password', 'salt5555')",                "",                                    GRAMMAR_CODE   },
		{ "password = getpass('Password: ')",                  "",                                    GRAMMAR_CODE   },
		{ "a://u:p4ss@w0rd@h/x",                               "basic-auth-url p4ss@w0rd@6+9",        GRAMMAR_SETTING},
		{ "redis://[[user:]password@]host",                    "",                                    GRAMMAR_SETTING},
		{ "ALTER USER x PASSWORD 'abc12345';",                 "sql-password abc12345@23+8",          GRAMMAR_CODE   },
		{ "select password from users",                        "",                                    GRAMMAR_CODE   },
		{ "Authorization: Basic dTpUcjB1YjRkb3I=",             "token dTpUcjB1YjRkb3I=@21+16",
                 GRAMMAR_SETTING											     },
		{ "Authorization: Basic dTpwYXNzd29yZA==",             "",                                    GRAMMAR_SETTING},
	};

	for (size_t i = 0; i < COUNT(lines); i++)
		is_str(look(lines[i].line, lines[i].grammar), str_of(lines[i].want), lines[i].line);
}

/* Made here: a token that stood in this file would be one. */
static const char *token(char *out, size_t size, const char *prefix, size_t n, bool sum)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t at = (size_t)snprintf(out, size, "%s", prefix), from = at;
	uint64_t crc;

	for (size_t i = 0; i < n; i++)
		out[at++] = digits[(i * 37 + i * i * 11 + 5) % 62];
	crc = crc32(0, (unsigned char *)out + from, (unsigned)(at - from));
	for (size_t i = 0; sum && i < 6; i++, crc /= 62)
		out[at + 5 - i] = digits[crc % 62];
	out[at + (sum ? 6 : 0)] = '\0';
	return out;
}

static bool tells(const char *text, const char *kind)
{
	return str_starts(look(text, GRAMMAR_CODE), str_of(kind));
}

static void test_shapes(void)
{
	char text[200];

	ok(tells(token(text, sizeof text, "ghp_", 30, true), "github-token"), "GitHub's checksum");
	text[10] = text[10] == 'a' ? 'b' : 'a';
	is_str(look(text, GRAMMAR_CODE), STR(""), "and without it");
	ok(tells(token(text, sizeof text, "glpat-", 20, false), "gitlab-token"), "GitLab");
	ok(tells(token(text, sizeof text, "x=npm_", 36, false), "npm-token"), "npm, behind a mark");
	is_str(look(token(text, sizeof text, "anpm_", 36, false), GRAMMAR_CODE), STR(""),
	       "not within a word");
	is_str(look(token(text, sizeof text, "npm_", 30, false), GRAMMAR_CODE), STR(""),
	       "nor too short");
	ok(tells(token(text, sizeof text, "12345678:AAH", 32, false), "telegram-token"),
	   "Telegram, from its digits on");
	is_str(look("eyJhbGciOiJIUzI1NiJ9.eyJub25lIn0", GRAMMAR_CODE), STR(""), "half a JWT");
	is_str(look("AKIAIOSFODNN7EXAMPLE", GRAMMAR_CODE), STR(""), "the manual's key");
}

struct tally {
	uint64_t n, line, offset, len;
	int64_t time;
	char kind[40];
};

static int count(void *user, const struct secret_finding *f)
{
	struct tally *t = user;

	t->n++;
	t->line = f->line;
	t->offset = f->offset;
	t->len = f->len;
	t->time = f->time;
	snprintf(t->kind, sizeof t->kind, "%s", f->kind);
	return 0;
}

static struct tally scan(const char *name, struct str text)
{
	struct secrets *own(secrets_release) s = NULL;
	own(close_fd) int fd = memfd_create("secrets", MFD_CLOEXEC);
	struct tally from_file = {}, from_text = {};
	struct secret_scan a = { .file = secret_file_of(str_of(name)),
				 .fn = count,
				 .user = &from_file };
	struct secret_scan b = a;

	b.user = &from_text;
	if (secrets_new(NULL, &s) < 0 || write(fd, text.ptr, text.len) != (ssize_t)text.len)
		return (struct tally){};
	a.secrets = b.secrets = s;
	is_int(secrets_scan(&a, fd), 0, name);
	is_int(secrets_scan_text(&b, text), 0, "the same in memory");
	ok(!memcmp(&from_file, &from_text, sizeof from_file), "finds the same");
	return from_file;
}

static void test_files(void)
{
	static const char key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA";
	own(buf_release) struct buf text = BUF((size_t)8 << 20);
	struct tally t;

	t = scan(".bash_history", STR("#1700000000\nsshpass -p abc12345 x\n"));
	ok(t.n == 1 && t.line == 2 && t.time == 1700000000 && t.offset == 23 && t.len == 8, "bash");
	t = scan(".zsh_history", STR("ls\n: 1700000001:0;sshpass -p abc12345 x\n"));
	ok(t.n == 1 && t.line == 2 && t.time == 1700000001 && t.offset == 29, "zsh");
	t = scan("fish_history", STR("- cmd: sshpass -p abc12345 x\n  when: 1700000002\n"));
	ok(t.n == 1 && t.line == 1 && t.time == 1700000002, "fish");
	t = scan(
		".mysql_history",
		STR("_HiStOrY_V2_\nCREATE\\040USER\\040x\\040IDENTIFIED\\040BY\\040'abc12345';\n"));
	ok(t.n == 1 && t.line == 2 && t.len == 8, "libedit");
	t = scan(".netrc", STR("machine a\nlogin b\npassword abc12345\n"));
	ok(t.n == 1 && t.line == 3, ".netrc");
	t = scan(".pgpass", STR("a\\:b:1:c:d:abc12345\n#x:1:c:d:no12345\n"));
	ok(t.n == 1 && t.line == 1, ".pgpass");
	t = scan("user-data", STR("chpasswd:\n  list: |\n    a:abc12345\n    b:R\nx: y\n"));
	ok(t.n == 1 && t.line == 3, "cloud-init");
	buf_puts(&text, key);
	buf_puts(&text, "BG5vbmUAAAAEbm9uZQ\n");
	t = scan("id_x", buf_view(&text));
	ok(t.n == 1 && !strcmp(t.kind, "private-key"), "a key");
	text.len = sizeof key - 1;
	buf_puts(&text, "CmFlczI1Ni1jdHIAAAA\n");
	t = scan("id_x", buf_view(&text));
	is_int(t.n, 0, "a key with a pass phrase");
	is_int(scan("x.c", STR("if (x == \"-----BEGIN PRIVATE KEY-----\")\n")).n, 0,
	       "a program that looks for one");
	is_int(scan("x", STR("a\0b\nsshpass -p abc12345 x\n")).n, 0, "what is no text");
	is_int(scan(".sh_history", STR("a\0b\nsshpass -p abc12345 x\n")).n, 1, "but in a history");

	/* At every place around the edge of a window. */
	for (size_t shift = 0; shift < 40; shift += 13) {
		buf_reset(&text);
		while (text.len < ((size_t)1 << 20) - 30 + shift)
			buf_putc(&text, text.len % 70 ? 'a' : '\n');
		buf_puts(&text, "\nsshpass -p abc12345 x\n");
		while (text.len < (size_t)3 << 20)
			buf_putc(&text, text.len % 70 ? 'a' : '\n');
		t = scan("x", buf_view(&text));
		is_int(t.n, 1, "across two windows");
		is_int(t.line, 1 + count_lines(str_sub(buf_view(&text), 0, t.offset)), "its line");
	}
	buf_reset(&text);
	while (text.len < (size_t)2 << 20)
		buf_puts(&text, "{\"password\":\"abc12345\"},");
	t = scan("x.json", buf_view(&text));
	is_int(t.n, text.len / 24, "each of a long line once");
}

static void test_keys(void)
{
	struct str rsa = STR("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nabc");
	struct str putty =
		STR("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n");
	size_t at, end;

	ok(secret_key_head(rsa, &at, &end) && !at && end == 31, "the head of a key");
	is_int(key_state(rsa, end), KEY_ENCRYPTED, "with a pass phrase");
	ok(secret_key_head(putty, &at, &end), "PuTTY's");
	is_int(key_state(putty, end), KEY_OPEN, "without");
	ok(!secret_key_head(STR("-----BEGIN PUBLIC KEY-----"), &at, &end), "a public one");
	ok(!secret_key_head(STR("grep '-----BEGIN RSA PRIVATE KEY-----' x"), &at, &end),
	   "a search");
}

/* Groups 0 and 1 of the first match: "0-3 1-2", "-", or what is wrong with the expression. */
static const char *find(const char *expression, const char *text)
{
	static char out[200];
	own(arena_release) struct arena a = {};
	struct pike_budget budget = { 1'000'000 };
	struct pike_match m;
	const struct pike *p;
	const char *why;
	int r = pike_compile(&a, str_of(expression), &p, &why);

	if (r < 0)
		return r == -EINVAL ? why : "error";
	r = pike_find(p, str_of(text), 0, &a, &budget, &m);
	if (r <= 0)
		return r ? "error" : "-";
	snprintf(out, sizeof out, "%u-%u %d-%d", m.group[0].from, m.group[0].to,
		 (int)m.group[1].from, (int)m.group[1].to);
	return out;
}

static void test_expressions(void)
{
	/* clang-format off */
	static const struct {
		const char *expression, *text, *want;
	} cases[] = {
		{ "a(b+)c", "xabbc", "1-5 2-4" },
		{ "(a|ab)(c|bcd)", "abcd", "0-4 0-1" },
		{ "(a+?)a*", "aaa", "0-3 0-1" },
		{ "x{2,3}", "xxxx", "0-3 -1--1" },
		{ "x{0,1}y", "xy", "0-2 -1--1" },
		{ "(?i)AbC", "xaBc", "1-4 -1--1" },
		{ "(?i:a)b", "AB", "-" },
		{ "\\bfoo\\b", "a foo.", "2-5 -1--1" },
		{ "^a|b$", "cb", "1-2 -1--1" },
		{ "[^a-c\\d]+", "a1xyz2", "2-5 -1--1" },
		{ "[[:upper:]-]+", "a-B", "1-3 -1--1" },
		{ "\\x41\\x{42}", "AB", "0-2 -1--1" },
		{ "(?P<n>a)", "a", "0-1 0-1" },
		{ "(?:a)(b)?", "a", "0-1 -1--1" },
		{ "a.c", "a\nc", "-" },
		{ "(?s)a.c", "a\nc", "0-3 -1--1" },
		{ "(?=a)", "a", "has a group that RE2 does not know" },
		{ "a)", "a", "has a ')' without '('" },
		{ "(a", "a", "has a '(' without ')'" },
		{ "[a", "a", "has a '[' without ']'" },
		{ "*a", "a", "repeats nothing" },
		{ "((a{1000}){1000})", "a", "is too long" },
		{ "(x+x+)+y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "-" },
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++)
		is_str(str_of(find(cases[i].expression, cases[i].text)), str_of(cases[i].want),
		       cases[i].expression);
	ok(str_starts(str_of(find("(a*)*", "b")), STR("0-0")), "a loop over nothing ends");
}

static unsigned notes;

static void note(void *user, unsigned line, const char *reason)
{
	(void)user;
	notes += line;
	printf("# line %u: %s\n", line, reason);
}

static struct str by_rules(const char *toml, const char *path, const char *line)
{
	own(arena_release) struct arena a = {};
	struct secret_line l = { .text = str_of(line), .arena = &a, .fn = say };
	struct user_rules *rules;
	struct diag d = {};

	notes = 0;
	buf_reset(&said);
	if (user_rules_parse(str_of(toml), &a, note, NULL, &rules, &d) < 0)
		return d.line ? STR("refused") : STR("error");
	if (user_rules_line(rules, str_of(path), &l) < 0)
		return STR("error");
	return buf_view(&said);
}

static void test_rules(void)
{
	static const char one[] =
		"[[rules]]\nid = 'a'\nregex = '''k=(\\w+)'''\nkeywords = [ \"K=\" ]\n";
	static const char group[] =
		"[[rules]]\nid='a'\nregex='(x)(\\d+)'\nsecretGroup=2\nentropy = 1.5\n";
	static const char allow[] = "[[rules]]\nid='a'\nregex='k=(\\w+)'\npath='\\.env$'\n"
				    "[[rules.allowlists]]\nregexTarget='line'\nregexes=['ok']\n"
				    "[allowlist]\nstopwords=['TEST']\n";
	static const char bad[] = "[[rules]]\nid='a'\n[[rules]]\nid='b'\nregex='k'\nwhat=1\n";

	is_str(by_rules(one, "x", "a K=1 k=abc k=de"), STR("rule abc@8+3 rule de@14+2"),
	       "the first group of each");
	is_str(by_rules(one, "x", "nothing"), STR(""), "no keyword");
	is_str(by_rules(group, "x", "x1111 x1234"), STR("rule 1234@7+4"), "group and entropy");
	is_str(by_rules(allow, "/a/.env", "k=abc"), STR("rule abc@2+3"), "a path that fits");
	is_str(by_rules(allow, "/a/b", "k=abc"), STR(""), "and one that does not");
	is_str(by_rules(allow, "/a/.env", "k=abc ok"), STR(""), "allowed by the line");
	is_str(by_rules(allow, "/a/.env", "k=mytest"), STR(""), "allowed by a word");
	is_str(by_rules(bad, "x", "k"), STR("rule k@0+1"), "the rule that can be read");
	is_int(notes, 1 + 6, "the lines of what cannot");
	is_str(by_rules("[[rules]]\nid='a'\nregex=\"x\n", "x", "x"), STR("refused"),
	       "a text that does not end");
	is_str(by_rules("a = {b=1}\n[[rules]]\nid='a'\nregex='k'", "x", "k"), STR("rule k@0+1"),
	       "an inline table is passed over");
}

static void test_reports(void)
{
	int ends[2];
	char room[8192];
	struct str bytes = { room, 0 };
	struct report_item item;
	ssize_t n;

	if (!ok(pipe(ends) == 0, "a pipe"))
		return;
	is_int(report_problem(ends[1], "/a/b", -EACCES, "cannot be read"), 0, "is sent");
	n = read(ends[0], room, sizeof room);
	close(ends[0]);
	close(ends[1]);
	bytes.len = (size_t)MAX(n, 0);
	for (size_t i = 0; i < bytes.len; i++) {
		struct str part = str_sub(bytes, 0, i);

		if (report_next(&part, &item) != 0)
			ok(false, "a part is no record");
	}
	is_int(report_next(&bytes, &item), 1, "is received");
	ok(str_eq(item.path, STR("/a/b")) && item.r.error == -EACCES && !bytes.len, "as it was");
	memset(room, 0xff, sizeof room);
	bytes = (struct str){ room, sizeof room };
	is_int(report_next(&bytes, &item), -EBADMSG, "garbage");
}

int main(void)
{
	test_names();
	test_values();
	test_lines();
	test_shapes();
	test_files();
	test_keys();
	test_expressions();
	test_rules();
	test_reports();
	buf_release(&said);
	return done();
}
