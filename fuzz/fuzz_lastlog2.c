/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/lastlog2.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	own(arena_release) struct arena a = {};
	struct lastlog2 log;

	if (lastlog2_parse(text, &a, &log) < 0)
		return 0;
	for (size_t i = 0; i < log.n; i++)
		fuzz_assert(log.entries[i].name.ptr);
	return 0;
}
