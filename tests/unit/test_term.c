/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/term.h"
#include "tap.h"

static void plain_environment(void)
{
	static const char *const names[] = { "NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	setenv("TERM", "xterm", 1);
}

static void test_tty(void)
{
	own(close_fd) int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	own(close_fd) int tty = -1;
	struct winsize window = { .ws_col = 132, .ws_row = 24 };
	struct term t;

	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		tty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0 || ioctl(tty, TIOCSWINSZ, &window) < 0) {
		skip("terminal", "no pseudo terminal");
		return;
	}
	t = term_of(tty);
	ok(t.tty && t.color, "a terminal has colour");
	is_int(t.width, 132, "its width");
	is_str(str_of(term_on(&t, TERM_RED)), STR("\033[31m"), "red");
	is_str(str_of(term_off(&t)), STR("\033[0m"), "and off");
	setenv("NO_COLOR", "1", 1);
	t = term_of(tty);
	ok(!t.color, "NO_COLOR");
	is_str(str_of(term_on(&t, TERM_RED)), STR(""), "no sequence without colour");
	is_str(str_of(term_off(&t)), STR(""), "nor to switch off");
	setenv("NO_COLOR", "", 1);
	ok(term_of(tty).color, "an empty NO_COLOR counts as unset");
	setenv("TERM", "dumb", 1);
	ok(!term_of(tty).color, "TERM=dumb");
	unsetenv("TERM");
	ok(!term_of(tty).color, "no TERM");
	setenv("COLUMNS", "100", 1);
	is_int(term_of(tty).width, 100, "COLUMNS wins over the window");
}

static void test_environment(void)
{
	own(close_fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	plain_environment();
	ok(!term_of(null).tty && !term_of(null).color, "/dev/null is no terminal");
	is_int(term_of(null).width, 80, "unknown width");
	setenv("COLUMNS", "5", 1);
	is_int(term_of(null).width, 40, "a narrow one");
	setenv("COLUMNS", "99999999999999999999", 1);
	is_int(term_of(null).width, 80, "nonsense in COLUMNS");
	setenv("COLUMNS", "4000000000", 1);
	is_int(term_of(null).width, 1000, "a width nobody has");
	ok(!term_of(null).utf8, "no locale: not UTF-8");
	setenv("LANG", "de_DE.UTF-8", 1);
	ok(term_of(null).utf8, "LANG");
	setenv("LC_CTYPE", "C", 1);
	ok(!term_of(null).utf8, "LC_CTYPE wins over LANG");
	setenv("LC_ALL", "C.utf8", 1);
	ok(term_of(null).utf8, "LC_ALL wins over both");
}

int main(void)
{
	plain_environment();
	test_tty();
	test_environment();
	is_int((int64_t)term_columns(STR("abc")), 3, "ASCII");
	is_int((int64_t)term_columns(STR("gr\xc3\xbc\xc3\x9f")), 4, "Latin");
	is_int((int64_t)term_columns(STR("e\xcc\x81")), 1, "a combining mark");
	is_int((int64_t)term_columns(STR("\xe6\xbc\xa2\xe5\xad\x97")), 4, "East Asian wide");
	is_int((int64_t)term_columns(STR("\xf0\x9f\x94\x92")), 2, "emoji");
	is_int((int64_t)term_columns(STR("\xe2\x96\x88\xe2\x80\xa6")), 2, "block and ellipsis");
	is_int((int64_t)term_columns(STR("a\xff")), 2, "a byte that is not UTF-8");
	is_int((int64_t)term_columns(STR("a\033b")), 2, "a control character");
	is_int((int64_t)term_columns((struct str){}), 0, "nothing");
	return done();
}
