/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/edit.h"
#include "tap.h"

#define NONE ((struct str){})

/* ---- settings ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const struct edit_style *style;
	const char *section, *key, *value, *text, *want;
} sets[] = {
	{"an empty file",				  &edit_blank,  NULL,      "UMASK",          "027",        "",                        "UMASK 027\n"                                                          },
	{ "a value is changed, with its tabs",             &edit_blank,  NULL,      "UMASK",          "027",
         "# a\nUMASK\t\t022\nUID_MIN 1\n",												     "# a\nUMASK\t\t027\nUID_MIN 1\n"                                       },
	{ "the same value stays, with its blanks",         &edit_blank,  NULL,      "UMASK",          "027",
         "UMASK   027  \n",														    "UMASK   027  \n"						      },
	{ "behind the comment that shows it",              &edit_pam,    NULL,      "minlen",         "15",
         "# Minimum length\n# minlen = 8\n#\n# dcredit = 0\n",										 "# Minimum length\n# minlen = 8\nminlen = 15\n#\n# dcredit = 0\n"      },
	{ "prose that begins with the name is no example", &edit_pam,    NULL,      "deny",           "5",
         "# deny is the number of tries\nfail_interval=9\n",										   "# deny is the number of tries\nfail_interval=9\ndeny=5\n"             },
	{ "a comment behind the value stays",              &edit_pam,    NULL,      "minlen",         "15",         "minlen=8 # was 6\n",
         "minlen=15 # was 6\n"																							},
	{ "all lines that set it",                         &edit_sysctl, NULL,      "a.b",            "1",          "a.b=0\nc=1\na.b = 2\n",
         "a.b=1\nc=1\na.b = 1\n"																						      },
	{ "a last line without an end",                    &edit_sysctl, NULL,      "a",              "1",          "b = 2",                   "b = 2\na = 1\n"                                                       },
	{ "\\r\\n stays",				  &edit_sysctl, NULL,      "a",              "1",          "b = 2\r\na = 0\r\n",
         "b = 2\r\na = 1\r\n"																							 },
	{ "\\r\\n is used",				&edit_sysctl, NULL,      "a",              "1",          "b = 2\r\n",               "b = 2\r\na = 1\r\n"                                                   },
	{ "a word that stands alone",                      &edit_pam,    NULL,      "even_deny_root", NULL,         "# even_deny_root\n",
         "# even_deny_root\neven_deny_root\n"																					 },
	{ "it stays",				      &edit_pam,    NULL,      "even_deny_root", NULL,         "even_deny_root\n",
         "even_deny_root\n"																							   },
	{ "a section is made",                             &edit_unit,   "Journal", "Storage",        "persistent", "# x\n",
         "# x\n\n[Journal]\nStorage=persistent\n"																				     },
	{ "a section of an empty file",                    &edit_unit,   "Journal", "Storage",        "persistent", "",
         "[Journal]\nStorage=persistent\n"																					    },
	{ "an empty section",			      &edit_unit,   "Journal", "Storage",        "persistent",
         "[Journal]\n[Other]\nStorage=x\n",												    "[Journal]\nStorage=persistent\n[Other]\nStorage=x\n"                  },
	{ "the end of a section",                          &edit_unit,   "A",       "b",              "1",          "[A]\nc=2\n\n[B]\nb=3\n",
         "[A]\nc=2\nb=1\n\n[B]\nb=3\n"																						},
	{ "the example of another section is none",        &edit_unit,   "A",       "b",              "1",
         "[A]\nc=2\n[B]\n#b=3\n",													      "[A]\nc=2\nb=1\n[B]\n#b=3\n"                                           },
	{ "a value of several lines",                      &edit_unit,   "A",       "b",              "1",          "[A]\nb=x \\\n  y\nc=2\n",
         "[A]\nb=1\nc=2\n"																							    },
	{ "/etc/default",				  &edit_shell,  NULL,      "SELINUX",        "enforcing",
         "# SELINUX= can take one of\nSELINUX=permissive\nSELINUXTYPE=targeted\n",							     "# SELINUX= can take one of\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"},
};

static void check_set(size_t i)
{
	struct buf once own(buf_release) = BUF(EDIT_MAX), twice own(buf_release) = BUF(EDIT_MAX);
	struct str section = str_of(sets[i].section), value = str_of(sets[i].value), got = {};
	struct str key = str_of(sets[i].key);

	if (!sets[i].value)
		value = NONE;
	is_int(edit_set(str_of(sets[i].text), sets[i].style, section, key, value, &once), 0,
	       sets[i].name);
	is_str(buf_view(&once), str_of(sets[i].want), sets[i].name);
	is_int(edit_set(buf_view(&once), sets[i].style, section, key, value, &twice), 0,
	       sets[i].name);
	is_str(buf_view(&twice), str_of(sets[i].want), "a second time changes nothing");
	ok(edit_get(buf_view(&once), sets[i].style, section, key, &got), "it is set");
	is_str(got, value, "to the value");
}

static void check_refusals(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX);
	static char large[EDIT_MAX + 1];

	is_int(edit_set(STR("a\0b"), &edit_blank, NONE, STR("A"), STR("1"), &b), -EINVAL,
	       "a text with NUL");
	is_int(edit_set(STR(""), &edit_blank, NONE, STR("A"), STR("1\nB 2"), &b), -EINVAL,
	       "a value of two lines");
	is_int(edit_set(STR(""), &edit_unit, STR("A"), STR("b"), STR("1\\"), &b), -EINVAL,
	       "a value that would take the next line");
	memset(large, 'a', sizeof large);
	is_int(edit_set((struct str){ large, sizeof large }, &edit_blank, NONE, STR("A"), STR("1"),
			&b),
	       -EFBIG, "a text that is too long");
}

static void check_unset(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);

	is_int(edit_unset(STR("minclass = 3\n# minclass = 0\nminlen=8\n minclass=1"), &edit_pam,
			  NONE, STR("minclass"), &b),
	       0, "unset");
	is_str(buf_view(&b), STR("#minclass = 3\n# minclass = 0\nminlen=8\n# minclass=1"),
	       "lines became comments");
	is_int(edit_unset(buf_view(&b), &edit_pam, NONE, STR("minclass"), &c), 0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
}

/* ---- lines and words ---------------------------------------------------------------------------- */

static void check_lines(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);
	struct str lines[] = { STR("-w /etc/passwd -p wa"), STR("-e 2") };

	is_int(edit_lines(STR("## x\n-w  /etc/passwd   -p wa"), lines, 2, &b), 0, "lines");
	is_str(buf_view(&b), STR("## x\n-w  /etc/passwd   -p wa\n-e 2\n"), "one was there");
	is_int(edit_lines(buf_view(&b), lines, 2, &c), 0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
	lines[0] = STR("a\nb");
	buf_reset(&c);
	is_int(edit_lines(STR(""), lines, 1, &c), -EINVAL, "two lines in one");
}

static void one_line(const char *name, int (*f)(struct str, unsigned, struct buf *),
		     const char *text, unsigned number, int r, const char *want)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX);

	is_int(f(str_of(text), number, &b), r, name);
	if (r >= 0)
		is_str(buf_view(&b), str_of(want), name);
}

static void check_numbers(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);

	one_line("a line becomes a comment", edit_comment, "a\nb\nc", 2, 0, "a\n#b\nc");
	one_line("a comment stays one", edit_comment, "a\n# b\n", 2, 0, "a\n# b\n");
	one_line("no such line", edit_comment, "a\n", 2, -ENOENT, NULL);
	one_line("no line 0", edit_comment, "a\n", 0, -ENOENT, NULL);
	one_line("a line goes", edit_remove, "a\nb\nc\n", 2, 0, "a\nc\n");
	is_int(edit_insert(STR("a\nb\n"), 2, STR("x y"), &b), 0, "insert");
	is_str(buf_view(&b), STR("a\nx y\nb\n"), "in front of the second line");
	is_int(edit_insert(buf_view(&b), 1, STR("x  y"), &c), 0, "insert again");
	is_str(buf_view(&c), buf_view(&b), "it is there");
	buf_reset(&b);
	is_int(edit_insert(STR("a"), 9, STR("x"), &b), 0, "insert behind");
	is_str(buf_view(&b), STR("a\nx\n"), "at the end");
}

static void check_words(void)
{
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);

	is_int(edit_word(STR("auth\t[success=1]\tpam_unix.so nullok  try_first_pass # nullok\n"
			     "auth x /lib/security/pam_unix.so try nullok\n"
			     "# pam_unix.so nullok\nauth pam_ldap.so nullok\n"),
			 STR("pam_unix.so"), STR("nullok"), &b),
	       0, "a word");
	is_str(buf_view(&b),
	       STR("auth\t[success=1]\tpam_unix.so  try_first_pass # nullok\n"
		   "auth x /lib/security/pam_unix.so try\n"
		   "# pam_unix.so nullok\nauth pam_ldap.so nullok\n"),
	       "of the lines of the module alone");
	is_int(edit_word(buf_view(&b), STR("pam_unix.so"), STR("nullok"), &c), 0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
	buf_reset(&c);
	is_int(edit_word(STR("a pam_unix.so rounds=5 x\n"), STR("pam_unix.so"), STR("rounds="), &c),
	       0, "a word with a value");
	is_str(buf_view(&c), STR("a pam_unix.so x\n"), "goes with it");
}

/* ---- fstab, sshd_config ------------------------------------------------------------------------- */

static void check_fstab(void)
{
	static const struct str options[] = { STR("nodev"), STR("nosuid"), STR("noexec") };
	struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);
	struct str text = STR("# /tmp\nUUID=1 / ext4 defaults 0 1\n"
			      "tmpfs\t/tmp  tmpfs\tdefaults,exec,nodev  0 0\n");

	is_int(edit_fstab(text, STR("/tmp"), options, 3, NONE, &b), 0, "fstab");
	is_str(buf_view(&b),
	       STR("# /tmp\nUUID=1 / ext4 defaults 0 1\n"
		   "tmpfs\t/tmp  tmpfs\tdefaults,nodev,nosuid,noexec  0 0\n"),
	       "options of one mount");
	is_int(edit_fstab(buf_view(&b), STR("/tmp"), options, 3, NONE, &c), 0, "again");
	is_str(buf_view(&c), buf_view(&b), "nothing changes");
	buf_reset(&c);
	is_int(edit_fstab(text, STR("/dev/shm"), options, 3, NONE, &c), -ENOENT, "no such mount");
	buf_reset(&c);
	is_int(edit_fstab(STR("/ / x y 0 0"), STR("/t"), options, 3, STR("tmpfs /t tmpfs a 0 0"),
			  &c),
	       0, "an entry");
	is_str(buf_view(&c), STR("/ / x y 0 0\ntmpfs /t tmpfs a 0 0\n"), "is appended");
}

static const struct {
	const char *name, *text, *want;
} sshds[] = {
	{"an empty file",               "",					       "PermitRootLogin no\n"     },
	{ "comments alone",             "# a\n",					  "# a\nPermitRootLogin no\n"},
	{ "in front of what is set",    "# a\nInclude x\nUsePAM yes\n",
         "# a\nPermitRootLogin no\nInclude x\nUsePAM yes\n"                                                          },
	{ "the first line that counts", "permitrootlogin=\"yes\"\nPermitRootLogin yes\n",
         "PermitRootLogin no\nPermitRootLogin yes\n"								 },
	{ "the same value",             "UsePAM yes\n PermitRootLogin  no\n",
         "UsePAM yes\n PermitRootLogin  no\n"									},
	{ "blocks are not touched",     "Match User a\n\tPermitRootLogin yes\n",
         "PermitRootLogin no\nMatch User a\n\tPermitRootLogin yes\n"                                                 },
};

static void check_sshd(void)
{
	for (size_t i = 0; i < COUNT(sshds); i++) {
		struct buf b own(buf_release) = BUF(EDIT_MAX), c own(buf_release) = BUF(EDIT_MAX);

		is_int(edit_sshd(str_of(sshds[i].text), STR("PermitRootLogin"), STR("no"), &b), 0,
		       sshds[i].name);
		is_str(buf_view(&b), str_of(sshds[i].want), sshds[i].name);
		is_int(edit_sshd(buf_view(&b), STR("PermitRootLogin"), STR("no"), &c), 0,
		       sshds[i].name);
		is_str(buf_view(&c), buf_view(&b), "a second time changes nothing");
	}
}

int main(void)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		check_set(i);
	check_refusals();
	check_unset();
	check_lines();
	check_numbers();
	check_words();
	check_fstab();
	check_sshd();
	return done();
}
