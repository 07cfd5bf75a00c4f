/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"
#include "tap.h"

static void test_safe(void)
{
	/* No literals, for the compiler warns of what is tested here. */
	static const char right_to_left[] = { '\342', '\200', '\256', 't', '\0' };
	static const char isolate[] = { '\342', '\201', '\246', '\0' };
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"plain text",          "plain text"        },
		{ "gr\303\274\303\237", "gr\303\274\303\237"},
		{ "a\nb\tc",            "a\\x0Ab\\x09c"     },
		{ "\033[2J",            "\\x1B[2J"          },
		{ "\177",               "\\x7F"             },
		{ "\302\23331m",        "\\u{009B}31m"      }, /* CSI of the C1 set */
		{ "\377\376",           "\\xFF\\xFE"        },
		{ "a\342\200\213b",     "a\\u{200B}b"       },
		{ "\357\273\277",       "\\u{FEFF}"         },
		{ "\363\240\201\201",   "\\u{E0041}"        },
		{ "\342\200\250",       "\\u{2028}"         },
		{ right_to_left,        "\\u{202E}t"        },
		{ isolate,              "\\u{2066}"         },
	};
	char text[64];

	for (size_t i = 0; i < COUNT(rows); i++)
		is_str(str_of(text_safe(str_of(rows[i].in), text, sizeof text)),
		       str_of(rows[i].out), "text_safe");
	is_str(str_of(text_safe((struct str){ "a\0b", 3 }, text, sizeof text)), STR("a\\x00b"),
	       "text_safe: NUL");
	is_str(str_of(text_safe(STR("ab\n"), text, 6)), STR("ab"), "an escape is not cut");
	is_str(str_of(text_safe(STR("ab\n"), text, 7)), STR("ab\\x0A"), "an escape that fits");
	is_str(str_of(text_safe(STR("a\xc3\xbc"), text, 3)), STR("a"), "a letter is not cut");
	is_str(str_of(text_safe(STR("abc"), text, 1)), STR(""), "room for the NUL alone");
	text[0] = 'x';
	text_safe(STR("abc"), text, 0);
	is_int(text[0], 'x', "no room at all");
}

int main(void)
{
	struct diag d = {};
	char text[300], tiny[8];

	is_int(diag_set(NULL, -EINVAL, "f", 1, "x"), -EINVAL, "nowhere to put it");
	is_int(diag_set(&d, -EBADMSG, "/etc/x", 12, "bad %s", "word\n"), -EBADMSG, "the error");
	is_str(str_of(diag_text(&d, text, sizeof text)), STR("/etc/x:12: bad word\\x0A"),
	       "file, line and reason");
	is_int(diag_set(&d, -EIO, "/etc/y", 1, "later"), -EIO, "a second error");
	is_str(str_of(d.file), STR("/etc/x"), "the first is kept");
	d.column = 3;
	is_str(str_of(diag_text(&d, text, sizeof text)), STR("/etc/x:12:3: bad word\\x0A"),
	       "with a column");
	is_str(str_of(diag_text(&d, tiny, sizeof tiny)), STR("/etc/x:"), "cut to fit");
	d = (struct diag){};
	(void)diag_set(&d, -EIO, "/etc/x", 0, "cannot read");
	is_str(str_of(diag_text(&d, text, sizeof text)), STR("/etc/x: cannot read"), "no line");
	d = (struct diag){};
	(void)diag_set(&d, -EIO, NULL, 0, "reason");
	is_str(str_of(diag_text(&d, text, sizeof text)), STR("reason"), "no file");
	d = (struct diag){};
	(void)diag_set(&d, -EIO, "f\033[31m", 1, "%0999d", 1);
	is_str(str_of(d.file), STR("f\\x1B[31m"), "the name of a file is made safe, too");
	is_int((int64_t)strlen(d.reason), sizeof d.reason - 1, "a long reason is cut");
	test_safe();
	return done();
}
