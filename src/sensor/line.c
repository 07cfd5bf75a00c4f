/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line: an event as a line of text, which people are shown as evidence. */
#include "sensor/decode.h"

static void add(struct record_decoder *d, struct str s)
{
	size_t n = MIN(s.len, DECODE_LINE - d->e.raw.len);

	if (n)
		memcpy(d->line + d->e.raw.len, s.ptr, n);
	d->e.raw.len += n;
}

/* In quotes where it would not be one word. */
static void add_value(struct record_decoder *d, struct str s)
{
	bool plain = s.len > 0;

	for (size_t i = 0; i < s.len && plain; i++)
		plain = s.ptr[i] > ' ' && s.ptr[i] != '"' && s.ptr[i] != '\\';
	if (plain) {
		add(d, s);
		return;
	}
	add(d, STR("\""));
	for (size_t i = 0; i < s.len && d->e.raw.len < DECODE_LINE; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\\')
			add(d, STR("\\"));
		add(d, (struct str){ s.ptr + i, 1 });
	}
	add(d, STR("\""));
}

void record_line(struct record_decoder *d)
{
	d->e.raw = (struct str){ d->line, 0 };
	add(d, names_text(d->names, d->e.source.category));
	for (uint32_t i = 0; i < d->e.n; i++) {
		add(d, STR(" "));
		add(d, names_text(d->names, d->values[i].field));
		add(d, STR("="));
		add_value(d, d->values[i].text);
	}
}
