/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"

int diag_set(struct diag *d, int error, const char *file, unsigned line, const char *fmt, ...)
{
	char reason[sizeof d->reason];
	va_list ap;

	if (!d || d->reason[0])
		return error;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof reason, fmt, ap);
	va_end(ap);
	text_safe(str_of(reason), d->reason, sizeof d->reason);
	text_safe(str_of(file), d->file, sizeof d->file);
	d->line = line;
	return error;
}

const char *diag_text(const struct diag *d, char *ret, size_t size)
{
	char line[16] = "", column[16] = "";

	if (!size)
		return ret;
	if (d->line)
		snprintf(line, sizeof line, "%u:", d->line);
	if (d->line && d->column)
		snprintf(column, sizeof column, "%u:", d->column);
	snprintf(ret, size, "%s%s%s%s%s%s", d->file, d->file[0] ? ":" : "", line, column,
		 d->file[0] || d->line ? " " : "", d->reason);
	return ret;
}

/*
 * Code points that a terminal obeys or that hide what a reader sees: controls (C0, DEL, C1),
 * zero-width and directional marks (UAX #9), line separators, invisible operators, tags.
 */
static bool is_unsafe(int32_t rune)
{
	static const struct {
		int32_t from, to;
	} ranges[] = {
		{0x0000,   0x001f },
                { 0x007f,  0x009f },
                { 0x00ad,  0x00ad },
                { 0x061c,  0x061c },
		{ 0x180e,  0x180e },
                { 0x200b,  0x200f },
                { 0x2028,  0x202e },
                { 0x2060,  0x206f },
		{ 0xfeff,  0xfeff },
                { 0xfff9,  0xfffb },
                { 0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < COUNT(ranges); i++)
		if (rune >= ranges[i].from && rune <= ranges[i].to)
			return true;
	return false;
}

const char *text_safe(struct str s, char *ret, size_t size)
{
	size_t at = 0;

	if (!size)
		return ret;
	while (s.len) {
		struct str all = s;
		int32_t rune = str_rune(&s);
		struct str piece = { all.ptr, all.len - s.len };
		char escape[16];

		if (rune < 0 || (rune < 0x80 && is_unsafe(rune))) {
			piece.len = (size_t)snprintf(escape, sizeof escape, "\\x%02X",
						     (unsigned)(unsigned char)piece.ptr[0]);
			piece.ptr = escape;
		} else if (is_unsafe(rune)) {
			piece.len = (size_t)snprintf(escape, sizeof escape, "\\u{%04X}",
						     (unsigned)rune);
			piece.ptr = escape;
		}
		if (piece.len >= size - at)
			break;
		memcpy(ret + at, piece.ptr, piece.len);
		at += piece.len;
	}
	ret[at] = '\0';
	return ret;
}
