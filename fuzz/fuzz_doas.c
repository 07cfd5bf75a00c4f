/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/doas.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	own(arena_release) struct arena a = {};
	struct doas_rule rule;
	unsigned line = 0;
	int r;

	while ((r = doas_next(&text, &line, &a, &rule))) {
		if (r == -ENOMEM)
			break;
		if (r > 0)
			fuzz_assert(rule.identity.ptr && rule.line <= line);
	}
	return 0;
}
