/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/ioctl.h>

#include "base/term.h"
#include "base/term_width.h"

#define WIDTH_UNKNOWN 80
#define WIDTH_LEAST 40
#define WIDTH_MOST 1000

static struct str env(const char *name) { return str_of(getenv(name)); }

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct str value = env(names[i]);
		struct str charset = value;

		if (!value.len)
			continue;
		str_cut(&charset, '.');
		return str_istarts(charset, STR("UTF-8")) || str_istarts(charset, STR("UTF8"));
	}
	return false;
}

static unsigned width_of(int fd)
{
	struct winsize window = {};
	uint64_t columns;

	if (str_to_u64(env("COLUMNS"), 10, &columns) < 0 || !columns)
		columns = ioctl(fd, TIOCGWINSZ, &window) < 0 ? 0 : window.ws_col;
	if (!columns)
		columns = WIDTH_UNKNOWN;
	return (unsigned)MIN(MAX(columns, WIDTH_LEAST), WIDTH_MOST);
}

struct term term_of(int fd)
{
	struct str type = env("TERM");
	struct term t = {
		.tty = isatty(fd) == 1,
		.utf8 = locale_is_utf8(),
		.width = width_of(fd),
	};

	t.color = t.tty && !env("NO_COLOR").len && type.len && !str_eq(type, STR("dumb"));
	return t;
}

const char *term_on(const struct term *t, enum term_style style)
{
	/* ECMA-48, 8.3.117 SGR */
	static const char *const on[] = {
		[TERM_PLAIN] = "",        [TERM_BOLD] = "\033[1m",    [TERM_DIM] = "\033[2m",
		[TERM_RED] = "\033[31m",  [TERM_YELLOW] = "\033[33m", [TERM_GREEN] = "\033[32m",
		[TERM_CYAN] = "\033[36m",
	};

	return t->color && style < COUNT(on) ? on[style] : "";
}

const char *term_off(const struct term *t) { return t->color ? "\033[0m" : ""; }

static bool is_in(int32_t rune, const struct range *ranges, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rune > ranges[mid].to)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && rune >= ranges[lo].from;
}

static unsigned rune_columns(int32_t rune)
{
	if (rune < 0)
		return 1;
	if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0))
		return 0;
	if (rune < 0x300)
		return 1;
	if (is_in(rune, width_zero, COUNT(width_zero)))
		return 0;
	return is_in(rune, width_two, COUNT(width_two)) ? 2 : 1;
}

size_t term_columns(struct str s)
{
	size_t n = 0;

	while (s.len)
		n += rune_columns(str_rune(&s));
	return n;
}
