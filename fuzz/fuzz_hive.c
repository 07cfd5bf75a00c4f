/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hive of Windows' registry, and the version in a program. */
#include "facts/windows/flaws.h"
#include "facts/windows/hive.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "Microsoft\\Windows NT\\CurrentVersion", "Select",
					     "ControlSet001\\Control\\Terminal Server" };
	struct str text = { (const char *)data, size };
	struct stretch s = stretch_of_memory(text);
	own(arena_release) struct arena a = {};
	uint32_t key, number, version[4];
	struct hive h;
	int r = hive_open(&s, &h);

	(void)windows_file_version(text, version);
	fuzz_assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	for (size_t i = 0; r == 0 && i < COUNT(paths); i++) {
		struct str value;
		int k = hive_key(&h, h.root, paths[i], &key);

		fuzz_assert(k == 0 || k == -ENOENT || k == -EBADMSG);
		if (k < 0)
			continue;
		k = hive_text(&h, key, "ProductName", &a, &value);
		fuzz_assert(k == 0 || k == -ENOENT || k == -EBADMSG || k == -ENOMEM);
		fuzz_assert(k < 0 || value.len <= (size_t)2 * HIVE_VALUE_MAX);
		k = hive_number(&h, key, "UBR", &number);
		fuzz_assert(k == 0 || k == -ENOENT || k == -EBADMSG);
	}
	return 0;
}
