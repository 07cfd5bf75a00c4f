/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jit/json_text.h"

void json_text_put(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	while (s.len) {
		struct str at = s;
		int32_t c = str_rune(&s);

		if (c == '"' || c == '\\')
			buf_fmt(b, "\\%c", (char)c);
		else if (c >= 0 && (c < 0x20 || (c >= 0x7f && c < 0xa0)))
			buf_fmt(b, "\\u%04x", (unsigned)c);
		else if (c < 0)
			buf_puts(b, "\\ufffd");
		else
			buf_add(b, at.ptr, at.len - s.len);
	}
	buf_putc(b, '"');
}
