/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hive of Windows' registry, and the version in a program. */
#include "facts/windows/flaws.h"
#include "facts/windows/hive.h"
#include "fuzz.h"

static void look_at_key(const struct hive *h, const char *path)
{
	own(arena_release) struct arena a = {};
	uint32_t key, number;
	struct str value;
	int r = hive_key(h, h->root, path, &key);

	fuzz_assert(r == 0 || r == -ENOENT || r == -EBADMSG);
	if (r < 0)
		return;
	r = hive_text(h, key, "ProductName", &a, &value);
	fuzz_assert(r <= 0);
	fuzz_assert(r < 0 || value.len <= (size_t)2 * HIVE_VALUE_MAX);
	fuzz_assert(hive_number(h, key, "UBR", &number) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "Microsoft\\Windows NT\\CurrentVersion", "Select",
					     "ControlSet001\\Control\\Terminal Server" };
	struct str text = { (const char *)data, size };
	struct stretch s = stretch_of_memory(text);
	uint32_t version[4];
	struct hive h;
	int r = hive_open(&s, &h);

	(void)windows_file_version(text, version);
	fuzz_assert(r == 0 || r == -ENOEXEC || r == -EBADMSG);
	for (size_t i = 0; r == 0 && i < COUNT(paths); i++)
		look_at_key(&h, paths[i]);
	return 0;
}
