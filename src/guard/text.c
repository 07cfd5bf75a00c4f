/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "guard/text.h"

static void put_rune(struct buf *b, uint32_t rune)
{
	if (rune == '"' || rune == '\\')
		buf_fmt(b, "\\%c", (char)rune);
	else if (rune >= 0x20 && rune < 0x7f)
		buf_putc(b, (char)rune);
	else if (rune < 0x10000)
		buf_fmt(b, "\\u%04x", rune);
	else
		buf_fmt(b, "\\u%04x\\u%04x", 0xd800 + ((rune - 0x10000) >> 10),
			0xdc00 + ((rune - 0x10000) & 0x3ff));
}

void text_json(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	while (s.len) {
		unsigned char byte = (unsigned char)*s.ptr;
		int32_t rune = str_rune(&s);

		if (rune < 0)
			buf_fmt(b, "\\\\x%02x", byte);
		else
			put_rune(b, (uint32_t)rune);
	}
	buf_putc(b, '"');
}

const char *text_time(int64_t us, char ret[static 32])
{
	time_t t = (time_t)(us / 1'000'000);
	struct tm tm;

	ret[0] = '\0';
	if (us != INT64_MIN && us > 0 && gmtime_r(&t, &tm))
		strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return ret;
}
