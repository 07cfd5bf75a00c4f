/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flag, a regular expression and, on the next line, a text: as a plain walk says. */
#include "../tests/unit/regex_plain.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data + 1, size ? MIN(size - 1, 512) : 0 }, pattern;
	unsigned flags = size ? data[0] & 7U : 0;
	struct regex_error error = {};
	struct regex_node *node = NULL;
	const struct regex *re = NULL;
	bool found;

	if (!size)
		return 0;
	pattern = str_cut(&text, '\n');
	if (regex_compile(&a, pattern, flags, &re, &error) < 0) {
		fuzz_assert(error.reason && error.at <= pattern.len);
		return 0;
	}
	text = text.ptr ? text : STR("");
	found = regex_match(re, text);
	if (text.len < 62 && regex_parse(&a, pattern, flags, &node, &error) == 0)
		fuzz_assert(found == plain_match(node, text));
	return 0;
}
