/* SPDX-License-Identifier: GPL-3.0-or-later */
/* os-release(5), and the files of yum. */
#include "facts/linux/ini.h"
#include "facts/linux/os_release.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, size }, rest = text, key, value;
	struct ini ini = { .text = text };
	unsigned line = 0;
	size_t n = 0;

	while (os_release_next(&rest, &a, &key, &value, &line) == 1)
		fuzz_assert(value.len <= size && ++n <= size);
	fuzz_assert(os_release_number(text).len <= size);
	for (n = 0; ini_next(&ini, &key, &value) == 1;)
		fuzz_assert(++n <= size);
	return 0;
}
