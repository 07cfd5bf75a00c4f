/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/unit_exposure.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct unit_settings s = {};
	const struct unit_setting *e;
	size_t at = 0, n = 0;
	unsigned line = 0;
	int64_t exposure;
	int r = unit_parse(&a, (struct str){ (const char *)data, size }, STR("x.service"), &s,
			   &line);

	if (r == -EBADMSG || r == -E2BIG)
		fuzz_assert(line > 0);
	for (size_t i = 0; i < s.n; i++)
		fuzz_assert(s.list[i].key.len && s.list[i].section.len && s.list[i].line);
	while ((e = unit_next(&s, "Service", "ExecStart", &at)))
		fuzz_assert(e->line && ++n <= s.n);
	exposure = unit_exposure(&s);
	fuzz_assert(exposure >= 0 && exposure <= 100);
	return 0;
}
