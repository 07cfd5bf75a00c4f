/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An expression of a template: it has a value or is a symbol, in bounded time. */
#include "base/buf.h"
#include "facts/azure/az.h"
#include "fuzz.h"

/* Puts the bytes into a string of JSON. */
static void add_text(struct buf *b, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] == '"' || data[i] == '\\')
			buf_fmt(b, "\\%c", data[i]);
		else if (data[i] < ' ' || data[i] >= 0x80)
			buf_fmt(b, "\\u00%02x", data[i]);
		else
			buf_putc(b, (char)data[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf text = BUF((size_t)1 << 20);
	struct az_file file = { .name = STR("a.json") };
	struct az_model m = {};
	int r;

	if (len > 4096)
		return 0;
	buf_puts(&text,
		 "{\"$schema\":\"deploymentTemplate.json\",\"parameters\":{\"p\":{\"defaultValue\":"
		 "[\"a\",{\"b\":1}]},\"q\":{}},\"variables\":{\"v\":\"[");
	add_text(&text, data, len);
	buf_puts(
		&text,
		"]\"},\"resources\":[{\"type\":\"Microsoft.Network/networkSecurityGroups\","
		"\"name\":\"[variables('v')]\",\"copy\":{\"name\":\"c\",\"count\":2},\"properties\":{"
		"\"securityRules\":[{\"name\":\"r\",\"properties\":{\"priority\":\"[");
	add_text(&text, data, len);
	buf_puts(&text, "]\"}}]}}]}");
	file.text = buf_view(&text);
	r = az_load(&file, 1, &a, NULL, &m, NULL);
	fuzz_assert(r == 0 || r == -E2BIG || r == -ENOMEM);
	fuzz_assert(r < 0 || (m.n_nsgs >= 1 && m.nsgs[0].rules.n >= 1));
	return 0;
}
